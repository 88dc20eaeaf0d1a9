"""Whether each position's price can be trusted now: priced, stale, closed, halted or unpriceable."""

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.feed_status import MarketClock
from plimsoll.domain.session import SessionTable, Venue, venue_of
from plimsoll.domain.snapshot import PositionState
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.universe import Universe

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class SessionState:
    """Tells silence in a closed market from silence in an open one; one owner, the risk thread.

    Without a table every market counts as open, so that silence is stale. The demo has none: its codes all
    tick through one replayed day, and its night is no silence.

    Attributes
    ----------
    venues : tuple of Venue
        Whose sessions are wanted.
    """

    def __init__(self, universe: Universe) -> None:
        kept = [venue_of(item) for item in universe.instruments]
        self.venues: tuple[Venue, ...] = tuple(dict.fromkeys(kept))
        self._venue: IntArray = np.array([self.venues.index(venue) for venue in kept], dtype=np.int64)
        self._n_held = universe.n_held
        self._stale_ns = np.array([item.stale_after_s for item in universe.instruments]) * NS_PER_S
        # (position numbers, the instruments whose prices convert them), one pair a currency with a rate.
        currency = np.array(universe.currency_of[: universe.n_held], dtype=np.int64)
        self._converted = [
            (np.flatnonzero(currency == number), [leg for leg, _ in route])
            for number, route in enumerate(universe.routes)
            if route
        ]
        self._table = SessionTable()
        self._clock = MarketClock()
        self._is_open: BoolArray = np.ones(len(kept), dtype=np.bool_)
        self._from_ns = self._until_ns = 0

    def use(self, table: SessionTable) -> None:
        """Take the sessions, when the history thread has made them."""
        self._table = table
        self._from_ns = self._until_ns = 0

    def follow_clock(self, clock: MarketClock) -> None:
        """Take how exchange time maps to the desk's clock; live they are the same."""
        self._clock = clock

    def exchange_ns(self, now_ns: int) -> int:
        """Return exchange time by the clock; it goes on while everything is silent."""
        clock = self._clock
        return clock.exchange_start_ns + int((now_ns - clock.wall_start_ns) * clock.speed)

    def is_open(self, now_ns: int) -> BoolArray:
        """Return whether each market is open, shape (n,); worked out anew at session boundaries only."""
        exchange_ns = self.exchange_ns(now_ns)
        if not self._from_ns <= exchange_ns < self._until_ns:
            is_open = np.array([self._table.is_open(venue, exchange_ns) for venue in self.venues], np.bool_)
            self._is_open = is_open[self._venue]
            self._from_ns, self._until_ns = exchange_ns, self._table.next_change_ns(exchange_ns)
        return self._is_open

    def states(
        self,
        *,
        value: FloatArray,
        heard_ns: IntArray,
        is_fixed: BoolArray,
        halt: NDArray[np.uint8],
        now_ns: int,
    ) -> NDArray[np.uint8]:
        """Return the PositionState of each position.

        Parameters
        ----------
        value : ndarray, shape (n_held,)
            Exposure in base currency; NaN where it cannot be priced.
        heard_ns : ndarray of int64, shape (n,)
            When each instrument was last heard; 0 never.
        is_fixed : ndarray of bool, shape (n,)
            Priced by decree: never stale.
        halt : ndarray of uint8, shape (n,)
            Of `HaltWatch`; 0 none.
        now_ns : int
            The desk's clock.

        Returns
        -------
        ndarray of uint8, shape (n_held,)
            Unpriceable before stale before halted before closed. An instrument is halted rather than stale
            only while another of its venue is heard: silence of them all is the feed's. A rate that is stale
            makes what it converts stale; one whose market is closed is Friday's rate, and no doubt.
        """
        n = self._n_held
        is_old = (now_ns - heard_ns > self._stale_ns) & ~is_fixed
        state = np.full(n, PositionState.PRICED, dtype=np.uint8)
        if is_old.any() or halt.any():
            is_open = self.is_open(now_ns)
            is_halted = (halt != 0) & is_open
            if is_halted.any():
                is_halted &= ~is_old | self._is_venue_heard(is_old)
            is_stale = is_old & is_open & ~is_halted
            state[is_old[:n] & ~is_open[:n]] = PositionState.CLOSED
            state[is_halted[:n]] = PositionState.HALTED
            state[is_stale[:n]] = PositionState.STALE
            for positions, legs in self._converted:
                if is_stale[legs].any():
                    state[positions] = PositionState.STALE
        state[~np.isfinite(value)] = PositionState.UNPRICEABLE
        return state

    def _is_venue_heard(self, is_old: BoolArray) -> BoolArray:
        """Return for each instrument whether any of its venue was heard of late, shape (n,)."""
        found: BoolArray = (np.bincount(self._venue[~is_old], minlength=len(self.venues)) > 0)[self._venue]
        return found
