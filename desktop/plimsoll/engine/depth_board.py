"""The newest order book of every instrument held; one owner, the risk thread."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.tick import DepthBook
from plimsoll.engine.universe import numbers_of

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
NAN = float("nan")


class DepthBoard:
    """Whole books by instrument number, and their best levels as columns.

    Parameters
    ----------
    codes : tuple of str
        The instruments by number; books of others are left aside.
    fresh_ns : int
        How long a quote speaks for the market.
    """

    def __init__(self, codes: tuple[str, ...], fresh_ns: int) -> None:
        self._number_by_code = numbers_of(codes)
        self._fresh_ns = fresh_ns
        n = len(codes)
        self._books: list[DepthBook | None] = [None] * n
        # Lists: a number is put into one in a third of the time numpy takes, thousands of times a second.
        self._bid, self._ask = [NAN] * n, [NAN] * n
        self._bid_size, self._ask_size = [NAN] * n, [NAN] * n
        self._heard_ns = [0] * n

    def take(self, books: Iterable[DepthBook]) -> None:
        """Take whole books, each in the place of the one before it."""
        number_by_code = self._number_by_code
        for book in books:
            number = number_by_code.get(book.code)
            if number is None or book.received_time_ns < self._heard_ns[number]:
                continue
            self._books[number] = book
            self._bid[number], self._bid_size[number] = book.bids[0] if book.bids else (NAN, NAN)
            self._ask[number], self._ask_size[number] = book.asks[0] if book.asks else (NAN, NAN)
            self._heard_ns[number] = book.received_time_ns

    def levels(self, number: int, *, is_bid: bool) -> tuple[tuple[float, float], ...]:
        """Return one side of an instrument's newest book, however old: (price, size) best first."""
        book = self._books[number]
        if book is None:
            return ()
        return book.bids if is_bid else book.asks

    def quotes(self, now_ns: int) -> tuple[FloatArray, FloatArray]:
        """Return (bid, ask) of each instrument, shape (n,); NaN unless fresh, two-sided and uncrossed."""
        bid, ask = np.array(self._bid), np.array(self._ask)
        good = (bid <= ask) & self.is_fresh(now_ns)
        return np.where(good, bid, np.nan), np.where(good, ask, np.nan)

    def quote(self, number: int, now_ns: int) -> tuple[float, float]:
        """Return (bid, ask) of one instrument under the rules of `quotes`."""
        bid, ask = self._bid[number], self._ask[number]
        is_good = bid <= ask and now_ns - self._heard_ns[number] <= self._fresh_ns
        return (bid, ask) if is_good else (NAN, NAN)

    def best_sizes(self) -> tuple[FloatArray, FloatArray]:
        """Return the sizes at (bid, ask) of every instrument, shape (n,) each; NaN unknown."""
        return np.array(self._bid_size), np.array(self._ask_size)

    def is_fresh(self, now_ns: int) -> BoolArray:
        """Tell of every instrument whether its book still speaks for the market, shape (n,)."""
        fresh: BoolArray = now_ns - np.array(self._heard_ns, dtype=np.int64) <= self._fresh_ns
        return fresh
