"""The book's marks, worth and equity followed tick by tick; a first price enters it and is no gain."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.snapshot import Coverage
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.day_reference import DayReference
from plimsoll.engine.equity_path import EquityPath
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.mark_board import MarkBoard
from plimsoll.engine.nav_anchor import NavAnchors
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]

PRICING_GRACE_NS = 30 * NS_PER_S
"""How long the equity path waits for the last first price before it begins without it."""


class BookPath:
    """What ticks do to the book; one owner, the risk thread.

    Attributes
    ----------
    board : MarkBoard
        The marks.
    ledger : Ledger
        What is held, and its worth.
    equity : EquityPath
        NAV against its high-water mark.
    day : DayReference
        Where the day began.
    worst_mark : ndarray, shape (n,)
        The mark that was worst for each position since the last `settle`.
    exchange_ns : int
        The newest exchange time heard; 0 before the first.
    """

    def __init__(self, universe: Universe, book: Book, method: RiskMethod) -> None:
        self._universe = universe
        self.ledger = Ledger(universe, book)
        self.board = MarkBoard(
            universe.instruments, self.ledger.quantity, method.mark_policy, method.quote_fresh_s
        )
        self.ledger.revalue(self.board.mark)
        self.equity = EquityPath()
        self.day = DayReference(universe, book)
        fixed = np.flatnonzero(self.board.is_fixed).tolist()
        self.day.learn({number: float(self.board.mark[number]) for number in fixed})
        self.worst_mark: FloatArray = self.board.mark.copy()
        self.exchange_ns = 0
        self._first_heard_ns = 0
        self._earlier_mark: float | None = None
        self._unpriced_then: frozenset[str] = frozenset()
        self._counts_start = True

    def take_up(
        self, high_water_mark: float | None, unpriced: frozenset[str], anchors: NavAnchors | None = None
    ) -> None:
        """Take what an earlier session left, and the codes without a price when its mark was written."""
        self._earlier_mark, self._unpriced_then = high_water_mark, unpriced
        self._counts_start = high_water_mark is None
        if anchors is not None:
            self.equity.anchors = anchors

    def hold(self, book: Book) -> None:
        """Take another state of the same book."""
        self.ledger.hold(self._universe, book)
        self.board.hold(self.ledger.quantity)
        self.ledger.revalue(self.board.mark)

    def split(self, number: int, anchor: float, mark: float) -> None:
        """Take a split: what the day's references and the mark of an instrument are multiplied by."""
        self.board.split(number, mark)
        self.worst_mark[number] *= mark
        self.day.split(number, anchor)

    def begin_day(self, book: Book) -> None:
        """Anchor a new day at the marks as they stand; what was before the first is asked for no longer."""
        self._counts_start = False
        self.day.begin(self.board.mark, book)

    def enter(self, close_by_instrument: Mapping[int, float]) -> None:
        """Give instruments without any price their last close."""
        unpriced = {
            number: close
            for number, close in close_by_instrument.items()
            if not np.isfinite(self.board.mark[number])
        }
        if unpriced:
            self._enter(unpriced)
        self._count_start()

    def lapse(self, now_ns: int) -> None:
        """Let time pass: quotes that are fresh no longer give way to the last trade."""
        changed = self.board.lapse(now_ns)
        if len(changed):
            marks = self.board.mark[changed]
            self.worst_mark[changed] = marks
            self.day.see(changed, marks, marks)
            self.ledger.revalue(self.board.mark)
            self.equity.follow(np.array([self.ledger.nav()]))
        if self._first_heard_ns:
            self._begin(now_ns)

    def settle(self, nav: float) -> None:
        """Forget the extremes so far: they have been judged, and what rests on them is written."""
        self.worst_mark[:] = self.board.mark
        self.equity.settle(nav)

    def follow(self, rows: NDArray[np.void], now_ns: int) -> None:
        """Take ticks of one trading day, cut where an instrument's first price enters the book."""
        self._first_heard_ns = self._first_heard_ns or int(rows["received_time_ns"][0])
        self._begin(now_ns)  # a book priced by its closes starts from them, however ticks are batched
        firsts = self._first_prices(rows)
        start = 0
        for place, number, price in firsts:
            # Before the path begins only the price that completes the book needs its exact place.
            if self.equity.has_begun or place == firsts[-1][0]:
                self._follow_priced(rows[start:place])
                start = place
            self._enter({number: price})
            self._begin(now_ns)
        self._follow_priced(rows[start:])
        self._begin(now_ns)

    def _follow_priced(self, rows: NDArray[np.void]) -> None:
        if not len(rows):
            return
        path = self.board.follow(rows)
        nav = self.ledger.follow(path, self.board.mark)
        self.exchange_ns = max(self.exchange_ns, int(rows["exchange_time_ns"].max()))
        self.day.see(path.touched, path.low, path.high)
        worst = self.worst_mark[path.touched]
        is_long = self.ledger.quantity[path.touched] >= 0
        self.worst_mark[path.touched] = np.where(is_long, np.fmin(worst, path.low), np.fmax(worst, path.high))
        self.equity.follow(nav)

    def _begin(self, now_ns: int) -> None:
        """Begin the equity path once every position has a price, or after the grace without the missing.

        A mark of an earlier session speaks of the positions priced then: it waits until they are priced.
        """
        if self.equity.has_begun:
            self._count_start()
            return
        nav = self.ledger.nav()
        worth = self.ledger.net_worth(self.board.mark)[: self._universe.n_held]
        is_priced = np.isfinite(worth)
        if self._earlier_mark is None:
            if is_priced.all() or now_ns - self._first_heard_ns > PRICING_GRACE_NS:
                self.equity.begin(nav)
                self._count_start()
            return
        was_priced = np.array(
            [code not in self._unpriced_then for code in self._universe.codes[: self._universe.n_held]],
            dtype=np.bool_,
        )
        if is_priced[was_priced].all():
            joined = float(worth[is_priced & ~was_priced].sum())
            scale = nav / (nav - joined) if nav > joined else 1.0
            self.equity.begin(nav, self._earlier_mark * scale)

    def _count_start(self) -> None:
        """Count the book's worth at the closes before its first day as its first peak, however late told.

        Price history may arrive before the first tick or minutes after it; the drawdown is the same.
        """
        if not (self._counts_start and self.equity.has_begun):
            return
        worth = self.ledger.net_worth(self.board.mark)[: self._universe.n_held]
        day_pnl, _ = self.day.pnl(self.ledger)
        if np.isfinite(day_pnl) and np.isfinite(worth).all():
            nav = self.ledger.nav()
            self.equity.count_start(nav - day_pnl, nav)
            self._counts_start = False

    def _first_prices(self, rows: NDArray[np.void]) -> list[tuple[int, int, float]]:
        """Return (place, instrument, price) of each first usable price in a batch, in their order."""
        numbers = rows["instrument"]
        new = np.flatnonzero(~np.isfinite(self.board.mark[numbers]))
        if not len(new):
            return []
        prices = self.board.prices_of(rows[new])
        new, prices = new[np.isfinite(prices)], prices[np.isfinite(prices)]
        _, first = np.unique(numbers[new], return_index=True)
        return [(int(new[k]), int(numbers[new[k]]), float(prices[k])) for k in np.sort(first).tolist()]

    def _enter(self, price_by_instrument: Mapping[int, float]) -> None:
        """Give instruments their first price as an entry into the priced book, not as a profit."""
        before = self.ledger.nav()
        for number, price in price_by_instrument.items():
            self.board.assume(number, price)
            self.worst_mark[number] = self.board.mark[number]
        self.ledger.revalue(self.board.mark)
        self.equity.flow(before, self.ledger.nav())

    def has_settled(self, coverage: Coverage, now_ns: int) -> bool:
        """Tell whether NAV may be spoken of: before, half a book would look like losses and leverage."""
        waited = bool(self._first_heard_ns) and now_ns - self._first_heard_ns > PRICING_GRACE_NS
        return waited or self.equity.has_begun or coverage.n_unpriceable == 0
