"""One buffer between all feeds and the risk thread: every tick is kept, overload folds, one batch in flight.

Feeds `put` under the lock; the risk thread takes the next batch when it is ready. Up to its capacity the
buffer keeps every tick in order of arrival. Past it an instrument's backlog folds into first, high, low and
last, so that no extreme is lost and memory stays bounded; how many were folded is counted. Whole order books
stand in one place a code: the latest wins.
"""

import threading
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE, DepthBook, TickBatch, TickCounts


class TickBuffer:
    """A bounded queue of ticks that loses no extreme; safe for several feeds and one taker.

    Attributes
    ----------
    capacity : int
        Ticks kept before folding.
    """

    def __init__(self, capacity: int = 65_536) -> None:
        self.capacity = capacity
        self._lock = threading.Lock()
        self._rows: NDArray[np.void] = np.empty(capacity, dtype=TICK_DTYPE)
        self._n = 0
        self._in_flight = False
        self._depths: dict[str, DepthBook] = {}
        self._fed: dict[str, tuple[TickCounts, TickCounts]] = {}
        self._folded = [0, 0]
        self._taken = [0, 0]

    def put(
        self,
        feed: str,
        rows: NDArray[np.void],
        trades: TickCounts,
        books: TickCounts,
        depths: tuple[DepthBook, ...] = (),
    ) -> TickBatch | None:
        """Add ticks of one feed, with its totals so far; return a batch to hand over if none is in flight."""
        with self._lock:
            self._fed[feed] = (trades, books)
            if depths:
                self._depths.update((book.code, book) for book in depths)
            if not self._n and not self._in_flight and 0 < len(rows) <= self.capacity:
                return self._handed(rows)  # the common case: nothing waits, so nothing need be copied
            n_piece = max(self.capacity // 2, 1)  # read once: the capacity may grow on the way
            for start in range(0, len(rows), n_piece):
                self._add(rows[start : start + n_piece])
            if self._in_flight:
                return None
            return self._take()

    def next_batch(self) -> TickBatch | None:
        """Return the next batch, or None and note that nothing is in flight any more."""
        with self._lock:
            self._in_flight = False
            return self._take()

    def _take(self) -> TickBatch | None:
        if not self._n:
            return None
        rows = self._rows[: self._n].copy()
        rows.flags.writeable = False
        self._n = 0
        return self._handed(rows)

    def _handed(self, rows: NDArray[np.void]) -> TickBatch:
        """Return rows as the batch in flight; none waits any more."""
        n_books = int(np.count_nonzero(rows["kind"] == QUOTE))
        self._taken[TRADE] += len(rows) - n_books
        self._taken[QUOTE] += n_books
        self._in_flight = True
        trades, books = self._counts(TRADE), self._counts(QUOTE)
        depths, self._depths = tuple(self._depths.values()), {}
        return TickBatch(rows, trades, books, depths)

    def _counts(self, kind: int) -> TickCounts:
        """Return where every tick of a kind went, as if all taken were applied; none waits here now."""
        total = sum((counts[kind] for counts in self._fed.values()), TickCounts())
        return replace(total, applied=self._taken[kind], folded=self._folded[kind])

    def _add(self, rows: NDArray[np.void]) -> None:
        if self._n + len(rows) > self.capacity:
            self._fold()
        if self._n + len(rows) > self.capacity:
            self._grow(len(rows))
        self._rows[self._n : self._n + len(rows)] = rows
        self._n += len(rows)

    def _fold(self) -> None:
        """Keep, of each instrument and kind, the first, highest, lowest and last tick, in their order.

        A quote has three levels, since a mark may rest on its bid, its ask or its mid.
        """
        rows = self._rows[: self._n]
        group = rows["instrument"].astype(np.int64) * 2 + rows["kind"]
        order = np.argsort(group, kind="stable")
        starts = np.flatnonzero(np.r_[True, np.diff(group[order]) != 0])
        ends = np.r_[starts[1:], len(order)] - 1
        # No mark rests on a crossed or one-sided quote: it is no extreme.
        is_level = (rows["kind"] == TRADE) | (rows["price"] <= rows["ask"])
        ask = np.where(rows["kind"] == TRADE, rows["price"], rows["ask"])
        places = [order[starts], order[ends]]
        for level in (rows["price"], ask, (rows["price"] + ask) / 2):
            by_level = np.lexsort((np.where(is_level, level, np.nan), group))
            n_known = np.add.reduceat(is_level[by_level], starts, dtype=np.int64)
            places += [by_level[starts], by_level[starts + np.maximum(n_known, 1) - 1]]
        kept = np.unique(np.concatenate(places))
        gone = np.ones(self._n, dtype=np.bool_)
        gone[kept] = False
        kinds = rows["kind"][gone]
        n_books = int(np.count_nonzero(kinds == QUOTE))
        self._folded[QUOTE] += n_books
        self._folded[TRADE] += len(kinds) - n_books
        folded = rows[kept].copy()
        self._n = len(folded)
        self._rows[: self._n] = folded

    def _grow(self, n_more: int) -> None:
        """Make room when even folded ticks of very many instruments do not fit."""
        self.capacity = max(2 * self.capacity, self._n + n_more)
        rows = np.empty(self.capacity, dtype=TICK_DTYPE)
        rows[: self._n] = self._rows[: self._n]
        self._rows = rows
