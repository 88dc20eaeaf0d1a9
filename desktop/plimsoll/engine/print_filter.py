"""Holds back prints that jump too far until the next ticks or the book confirm them, none in silence."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.held_print import DiscardedPrint, HeldPrint
from plimsoll.domain.instrument import AssetClass, Instrument
from plimsoll.domain.tick import QUOTE, TRADE, TickCounts
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.mark_board import MarkBoard
from plimsoll.engine.print_outcome import PrintOutcome

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Rows = NDArray[np.void]

MAD_TO_SIGMA = 1.4826
"""Standard deviations of a normal per median absolute deviation: 1/Φ⁻¹(3/4)."""

LEARN_PERIOD_NS = 50_000_000

_FLOOR_BY_CLASS = {
    AssetClass.FX: 0.005,
    AssetClass.INDEX: 0.01,
    AssetClass.COMMODITY: 0.015,
    AssetClass.EQUITY: 0.02,
    AssetClass.ETF: 0.02,
    AssetClass.CRYPTO: 0.03,
}
_NEGATIVE_SIZE = 0.25  # of the first price: what a move is measured against when WTI crosses zero


@dataclass(frozen=True, slots=True)
class PrintRule:
    """When a print is held, and what lets it go.

    Attributes
    ----------
    n_sigmas : float
        A move beyond so many robust standard deviations of the instrument's own tick moves is a jump, if it
        is beyond the floor of its class (FX 0.5 %, index 1 %, commodity 1.5 %, share 2 %, crypto 3 %) and
        `n_spreads` as well; so a quiet instrument does not cry wolf over one tick size.
    n_spreads : float
        Of the newest quote.
    n_confirmations : int
        Further ticks on the same side, away from the last believed price, that settle the matter. One of the
        other kind at the same price is enough: the book confirms a trade, a trade a quote.
    hold_s : float
        Seconds after which the newest held price is believed although nothing came to confirm it: the trade's
        own rule for how late a breach may be told.
    pace_s, gap_floor : float
        The floor is meant for ticks so many seconds of exchange time apart; after more it grows with the root
        of the time, to `gap_floor` times itself: prices that were not heard for long open elsewhere.
    agreement : float
        A later price confirms a held one if it is further out, or differs by at most this share of the jump
        or by less than what would itself be a jump.
    """

    n_sigmas: float = 12.0
    n_spreads: float = 3.0
    n_confirmations: int = 2
    hold_s: float = 5.0
    pace_s: float = 10.0
    gap_floor: float = 5.0
    agreement: float = 0.25


@dataclass(frozen=True, slots=True)
class _Suspicion:
    """The prints of one instrument that are held, oldest first, and since when by the desk's clock."""

    since_ns: int
    rows: tuple[Rows, ...] = ()
    prints: tuple[HeldPrint, ...] = ()

    def and_also(self, row: Rows, held: HeldPrint) -> "_Suspicion":
        # A view of the row would keep its whole batch alive.
        return _Suspicion(self.since_ns, (*self.rows, row.copy()), (*self.prints, held))


@dataclass(frozen=True, slots=True)
class Passed:
    """What became of a batch and of what was held before it.

    Attributes
    ----------
    rows : ndarray of TICK_DTYPE
        To be applied, in this order: as they arrived, a released print just before what confirmed it.
    suspicions : tuple
        Where `held` comes from.
    released : tuple of HeldPrint
        Held for a while and now among `rows`.
    discarded : tuple of DiscardedPrint
        Contradicted; they are applied nowhere and counted as refused.
    """

    rows: Rows
    suspicions: tuple[_Suspicion, ...] = ()
    released: tuple[HeldPrint, ...] = ()
    discarded: tuple[DiscardedPrint, ...] = ()

    @property
    def held(self) -> tuple[HeldPrint, ...]:
        """Those held back since, from this batch or before."""
        return tuple(each for found in self.suspicions for each in found.prints)


class PrintFilter:
    """Judges every tick before it is archived and applied; one owner, the risk thread.

    The scale of an instrument's moves is a running median of their absolute size, followed by steps up or
    down as each move is above or below it (Robbins and Monro 1951): no move, however wild, shifts it by more
    than one step. It learns from one batch in each 50 ms.

    Parameters
    ----------
    instruments : tuple of Instrument
        By number.
    board : MarkBoard
        Whose policy says what a tick is worth, and whose quotes confirm; only read.
    rule : PrintRule
        When a print is held.

    Attributes
    ----------
    waiting : tuple of HeldPrint
        Held now.
    """

    def __init__(
        self, instruments: tuple[Instrument, ...], board: MarkBoard, rule: PrintRule | None = None
    ) -> None:
        n = len(instruments)
        self._instruments = instruments
        self._board = board
        self._rule = rule or PrintRule()
        self._floor: FloatArray = np.array([_FLOOR_BY_CLASS[item.asset_class] for item in instruments])
        self._may_be_negative = np.array([item.may_be_negative for item in instruments], dtype=np.bool_)
        self._least_size: FloatArray = np.zeros(n)
        self._believed: FloatArray = np.full(n, np.nan)
        self._believed_at_ns: IntArray = np.zeros(n, dtype=np.int64)  # exchange time
        self._least_median: FloatArray = self._floor / (self._rule.n_sigmas * MAD_TO_SIGMA)
        self._median = self._least_median.copy()
        self._n_seen: FloatArray = np.zeros(n)
        self._limit: FloatArray = self._floor.copy()
        self._suspicions: dict[int, _Suspicion] = {}
        self._is_watched: NDArray[np.bool_] = np.zeros(n, dtype=np.bool_)  # has a suspicion
        self._oldest_ns = 0  # no suspicion is older
        self._waiting: tuple[HeldPrint, ...] | None = ()  # None: to be gathered anew
        self._n_waiting = [0, 0]  # by kind, as `_waiting` was gathered
        self._n_discarded = [0, 0]
        self._learned_at_ns = -LEARN_PERIOD_NS

    @property
    def waiting(self) -> tuple[HeldPrint, ...]:
        """Prints that are held now, oldest first within each instrument."""
        if self._waiting is None:
            self._waiting = tuple(each for found in self._suspicions.values() for each in found.prints)
            n_quotes = sum([each.is_quote for each in self._waiting])
            self._n_waiting = [len(self._waiting) - n_quotes, n_quotes]
        return self._waiting

    def believe(self, price_by_instrument: Mapping[int, float]) -> None:
        """Take closes as the last believed prices of instruments that have none."""
        for number, price in price_by_instrument.items():
            if np.isnan(self._believed[number]):
                self._believe(number, price, 0)

    def split(self, number: int, price_factor: float) -> None:
        """Take a split: the next price is held against the last one on its scale."""
        self._believed[number] *= price_factor

    def counted(self, counts: TickCounts, kind: int) -> TickCounts:
        """Return a batch's counts with held prints as waiting and discarded ones as refused."""
        n_waiting = self._n_waiting[kind] if self.waiting else 0
        n_discarded = self._n_discarded[kind]
        return replace(
            counts,
            applied=counts.applied - n_waiting - n_discarded,
            waiting=counts.waiting + n_waiting,
            refused=counts.refused + n_discarded,
        )

    def pass_through(self, rows: Rows, now_ns: int) -> Passed:
        """Return which ticks may be applied now, what is held, and what was found to be wrong.

        Parameters
        ----------
        rows : ndarray of TICK_DTYPE, shape (n_ticks,)
            In the order they arrived; may be empty, to let time pass.
        now_ns : int
            The desk's clock.
        """
        price = self._board.prices_of(rows)
        # A tick that says nothing of a price (a crossed or one-sided quote) is not to be judged.
        places = np.flatnonzero(np.isfinite(price))
        numbers = rows["instrument"][places]
        order = np.argsort(numbers, kind="stable")
        ids, prices, places = numbers[order], price[places][order], places[order]
        if not len(ids):
            return self._judged(rows, price, ids, now_ns) if self._suspicions else Passed(rows)
        is_first = np.empty(len(ids), dtype=np.bool_)
        is_first[0] = True
        np.not_equal(ids[1:], ids[:-1], out=is_first[1:])
        before = np.empty_like(prices)
        before[1:] = prices[:-1]
        before[is_first] = self._believed[ids[is_first]]
        size = np.maximum(np.abs(before), self._least_size[ids])
        move = np.abs(prices - before)
        suspects = ids[move > self._limit[ids] * size]
        is_new = np.isnan(before)
        if is_new.any():
            for number, first in zip(ids[is_new].tolist(), prices[is_new].tolist(), strict=True):
                self._believe(number, first, 0)
        if len(suspects) or self._suspicions:
            passed = self._judged(rows, price, suspects, now_ns)
        else:
            self._believed[ids] = prices  # of several the last stands
            self._believed_at_ns[ids] = rows["exchange_time_ns"][places]
            passed = Passed(rows)
        if now_ns - self._learned_at_ns >= LEARN_PERIOD_NS:  # last, lest a jump widen its own limit
            self._learned_at_ns = now_ns
            self._learn(ids, move, size)
        return passed

    def _learn(self, ids: NDArray[np.uint16], move: FloatArray, size: FloatArray) -> None:
        """Step each median towards its moves: fast at first, then by 5 % a tick, by half at most a batch."""
        n = len(self._median)
        vote = np.sign(move / size - self._median[ids])
        known = np.isfinite(vote)
        votes = np.bincount(ids, weights=np.where(known, vote, 0.0), minlength=n)
        self._n_seen += np.bincount(ids, weights=known, minlength=n)
        gain = np.maximum(0.05, 0.5 / (1.0 + self._n_seen / 8.0))
        self._median *= np.exp(np.clip(gain * votes, -0.5, 0.5))
        # Below the floor a median decides nothing, and would only take long to come back.
        np.maximum(self._median, self._least_median, out=self._median)
        np.multiply(self._median, self._rule.n_sigmas * MAD_TO_SIGMA, out=self._limit)

    def _believe(self, number: int, price: float, exchange_ns: int) -> None:
        if np.isnan(self._believed[number]) and self._may_be_negative[number]:
            self._least_size[number] = _NEGATIVE_SIZE * abs(price)
        self._believed[number] = price
        self._believed_at_ns[number] = exchange_ns

    def _judged(self, rows: Rows, price: FloatArray, suspects: NDArray[np.uint16], now_ns: int) -> Passed:
        """Judge tick by tick what concerns an instrument under suspicion; let everything else pass."""
        outcome = PrintOutcome(rows)
        numbers = rows["instrument"]
        is_known = np.isfinite(price)
        is_held = self._is_watched.copy() if len(suspects) else self._is_watched
        is_held[suspects] = True
        is_watched = is_held[numbers] & is_known
        passes = is_known & ~is_watched
        self._believed[numbers[passes]] = price[passes]
        self._believed_at_ns[numbers[passes]] = rows["exchange_time_ns"][passes]
        for place in np.flatnonzero(is_watched).tolist():
            outcome.place = place
            self._judge(int(numbers[place]), rows[place : place + 1], float(price[place]), now_ns, outcome)
        outcome.place = len(rows)
        # Only after the batch: what it says may contradict what is overdue.
        self._settle_overdue(now_ns, outcome)
        for each in outcome.discarded:
            self._n_discarded[QUOTE if each.held.is_quote else TRADE] += 1
        suspicions = tuple(self._suspicions.values())
        return Passed(outcome.kept(), suspicions, tuple(outcome.released), tuple(outcome.discarded))

    def _suspect(self, number: int, suspicion: _Suspicion) -> None:
        if not self._suspicions or suspicion.since_ns < self._oldest_ns:
            self._oldest_ns = suspicion.since_ns
        self._suspicions[number] = suspicion
        self._is_watched[number] = True
        self._waiting = None

    def _acquit(self, number: int) -> _Suspicion | None:
        """End the suspicion against an instrument and return it."""
        self._is_watched[number] = False
        self._waiting = None
        return self._suspicions.pop(number, None)

    def _settle_overdue(self, now_ns: int, outcome: PrintOutcome) -> None:
        hold_ns = int(self._rule.hold_s * NS_PER_S)
        if not self._suspicions or now_ns - self._oldest_ns < hold_ns:
            return
        for number, suspicion in list(self._suspicions.items()):
            if now_ns - suspicion.since_ns >= hold_ns:
                self._settle(number, outcome)
        self._oldest_ns = min((each.since_ns for each in self._suspicions.values()), default=now_ns)

    def _judge(self, number: int, row: Rows, price: float, now_ns: int, outcome: PrintOutcome) -> None:
        before = float(self._believed[number])
        exchange_ns = int(row["exchange_time_ns"][0])
        if not self._is_jump(number, price, before, row):
            self._answer(number, price, outcome)
            self._believe(number, price, exchange_ns)
            return
        outcome.keep_back()
        held = HeldPrint(
            number,
            self._instruments[number].code,
            bool(row["kind"][0] == QUOTE),
            price,
            before,
            exchange_ns,
            int(row["received_time_ns"][0]),
        )
        suspicion = self._suspicions.get(number) or _Suspicion(now_ns)
        up = price > before
        if any((other.price > before) is not up for other in suspicion.prints):
            self._answer(number, price, outcome)
            suspicion = _Suspicion(suspicion.since_ns)
        earlier = suspicion.prints
        suspicion = suspicion.and_also(row, held)
        self._suspect(number, suspicion)
        by_other_kind = any(
            other.is_quote is not held.is_quote and self._agrees(other, held.price) for other in earlier
        )
        if by_other_kind or len(earlier) >= self._rule.n_confirmations:
            self._confirm(number, suspicion, outcome)

    def _is_jump(self, number: int, price: float, before: float, row: Rows) -> bool:
        """Tell whether a price is too far from the last believed one, book and pace considered."""
        rule, board = self._rule, self._board
        size = max(abs(before), float(self._least_size[number]))
        limit = float(self._limit[number])
        apart_s = (int(row["exchange_time_ns"][0]) - int(self._believed_at_ns[number])) / NS_PER_S
        stretch = min(math.sqrt(max(apart_s / rule.pace_s, 1.0)), rule.gap_floor)
        limit = max(limit, stretch * float(self._floor[number]))
        bid, ask = float(board.bid[number]), float(board.ask[number])
        spread = ask - bid if ask >= bid else 0.0
        if abs(price - before) <= max(limit * size, rule.n_spreads * spread):
            return False
        return not (row["kind"][0] == TRADE and bid <= price <= ask)

    def _agrees(self, earlier: HeldPrint, price: float) -> bool:
        """Tell whether another price confirms a held one: further out, or an ordinary move away."""
        jump = earlier.price - earlier.before
        beyond = (price - earlier.price) * (1.0 if jump > 0.0 else -1.0)
        number = earlier.instrument
        ordinary = float(self._limit[number]) * max(abs(price), float(self._least_size[number]))
        return beyond >= -max(self._rule.agreement * abs(jump), ordinary)

    def _confirm(self, number: int, suspicion: _Suspicion, outcome: PrintOutcome) -> None:
        """Release what later prints confirm; the newest waits on if it runs far ahead of them all."""
        newest_row, newest = suspicion.rows[-1], suspicion.prints[-1]
        earlier = suspicion.prints[:-1]
        self._acquit(number)
        believed = newest.before
        for place, (row, held) in enumerate(zip(suspicion.rows, earlier, strict=False)):
            if any(self._agrees(held, later.price) for later in suspicion.prints[place + 1 :]):
                believed = held.price
                self._release(number, row, held, outcome)
            else:
                outcome.discarded.append(DiscardedPrint(held, newest.price))
        if self._is_jump(number, newest.price, believed, newest_row) and not any(
            self._agrees(newest, held.price) for held in earlier
        ):
            again = replace(newest, before=believed)
            self._suspect(number, _Suspicion(suspicion.since_ns, (newest_row,), (again,)))
            return
        self._release(number, newest_row, newest, outcome)

    def _settle(self, number: int, outcome: PrintOutcome) -> None:
        """Believe the newest held price: nothing contradicted it in time, and a loss must not stay hidden."""
        suspicion = self._acquit(number)
        if suspicion is None:
            return
        newest = suspicion.prints[-1]
        for place, (row, held) in enumerate(zip(suspicion.rows, suspicion.prints, strict=True)):
            later = suspicion.prints[place + 1 :]
            if held is newest or any(self._agrees(held, other.price) for other in later):
                self._release(number, row, held, outcome)
            else:
                outcome.discarded.append(DiscardedPrint(held, newest.price))

    def _release(self, number: int, row: Rows, held: HeldPrint, outcome: PrintOutcome) -> None:
        self._believe(number, held.price, held.exchange_time_ns)
        outcome.join(row, held)

    def _answer(self, number: int, price: float, outcome: PrintOutcome) -> None:
        """End a suspicion by the next price: what that confirms is released, the rest discarded."""
        suspicion = self._acquit(number)
        if suspicion is None:
            return
        for row, held in zip(suspicion.rows, suspicion.prints, strict=True):
            if self._agrees(held, price):
                self._release(number, row, held, outcome)
            else:
                outcome.discarded.append(DiscardedPrint(held, price))
