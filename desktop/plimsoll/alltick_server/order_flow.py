"""Trades and books around a middle price: spreads, sizes and sides of each asset class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plimsoll.alltick_server.close_series import Floats
from plimsoll.alltick_server.listing import Listing
from plimsoll.alltick_server.market import Chunk, Codes, Flags, Ints


@dataclass(frozen=True, slots=True)
class Moments:
    """When which code does what, in order; one row each.

    `low` and `high` bound what a trade may cost, so that ticks and bars never contradict each other.
    """

    due_ns: Ints
    time_ms: Ints
    code: Codes
    is_book: Flags
    is_close: Flags
    middle: Floats
    low: Floats
    high: Floats


class OrderFlow:
    """Turns middle prices of many codes into what is sent, all rows of a chunk at once."""

    def __init__(self, listings: Sequence[Listing]) -> None:
        habits = [listing.habit for listing in listings]
        self._finest = np.array([10.0**-listing.decimals for listing in listings])
        self._is_graded = np.array([listing.is_graded for listing in listings])
        self._spread = np.array([habit.spread_fraction for habit in habits])
        self._size = np.array([habit.typical_size for habit in habits])
        self._lot = 10.0 ** np.array([habit.volume_decimals for habit in habits])
        self._is_one_way = np.array([listing.is_one_way for listing in listings])
        self._whole_seconds = np.array([listing.whole_seconds for listing in listings])

    def tick_size(self, code: Codes, price: Floats) -> Floats:
        """Return the step prices move in; adjusted closes of long ago are fractions of a cent."""
        size = np.abs(price)
        graded = np.select([size >= 5.0, size >= 0.5, size >= 0.05], [0.01, 0.001, 0.0001], 1e-6)
        step: Floats = np.where(
            self._is_graded[code], np.maximum(graded, self._finest[code]), self._finest[code]
        )
        return step

    def chunk(self, moments: Moments, random: np.random.Generator, first_seq: int) -> Chunk:
        """Return the moments as sendable rows."""
        code, middle = moments.code, moments.middle
        n = len(code)
        tick = self.tick_size(code, middle)
        half = np.maximum(np.abs(middle) * self._spread[code] / 2.0 * random.exponential(1.0, n), tick / 2.0)
        direction = np.where(self._is_one_way[code], 1, random.choice(3, n, p=(0.2, 0.4, 0.4))).astype(
            np.int8
        )
        side = np.where(self._is_one_way[code], 0, np.array([0, 1, -1])[direction])
        bid = np.round((middle - half) / tick) * tick
        ask = np.maximum(np.round((middle + half) / tick) * tick, bid + tick)
        trade = np.clip(np.round((middle + side * half) / tick) * tick, moments.low, moments.high)
        trade = np.where(moments.is_close, middle, trade)
        sizes = self._size[code] * np.exp(0.8 * random.standard_normal((2, n)))
        sizes = np.maximum(np.round(sizes * self._lot[code]), 1.0) / self._lot[code]
        time_ms = np.where(self._whole_seconds[code], moments.time_ms // 1000 * 1000, moments.time_ms)
        return Chunk(
            due_ns=moments.due_ns,
            code=code,
            is_book=moments.is_book,
            time_ms=time_ms,
            price=np.where(moments.is_book, bid, trade),
            size=sizes[0],
            ask=ask,
            ask_size=sizes[1],
            direction=direction,
            is_close=moments.is_close,
            first_seq=first_seq,
        )
