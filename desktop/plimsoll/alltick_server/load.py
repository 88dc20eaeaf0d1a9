"""Any number of synthetic shares at any rate, for measuring clients."""

from datetime import date
from functools import lru_cache
from zlib import crc32

import numpy as np

from plimsoll.alltick_server.close_series import CloseSeries, Floats
from plimsoll.alltick_server.daily_bar import DailyBars, daily_bars
from plimsoll.alltick_server.kline import INTRADAY_S, long_bars
from plimsoll.alltick_server.listing import Listing
from plimsoll.alltick_server.market import NS_PER_S, Bar, Chunk, Codes, Ints
from plimsoll.alltick_server.order_flow import Moments, OrderFlow

_EPOCH = date(1970, 1, 1)
#: A Tuesday at 09:30 New York; fixed, so that a load repeats to the tick.
_START_NS = 1_704_205_800 * NS_PER_S
_START_DAY = (date(2024, 1, 2) - _EPOCH).days
_N_DAYS = 520
_CHUNK_S = 0.05
_FLAT_OUT_ROWS = 20_000
_SEQ_PER_CHUNK = 10_000_000


class LoadMarket:
    """Codes L00001.US … that tick in turn, evenly spaced, and never end.

    Their `tick_time` counts true milliseconds, unlike a share's at AllTick, so that a delay can be measured;
    with a rate of 0 rows leave as fast as the socket takes them and `tick_time` means nothing.
    """

    speed = 1.0
    exchange_start_ns = _START_NS

    def __init__(self, n_codes: int, rate: float, *, book_share: float, seed: int) -> None:
        self._n, self._rate, self._book_share, self._seed = n_codes, rate, book_share, seed
        self.is_flat_out = rate == 0
        self.listings = tuple(
            Listing(f"L{i:05d}.US", "share", "USD", f"Synthetic share {i}", "NYSE", "nothing real", 6)
            for i in range(1, n_codes + 1)
        )
        self._chunk_rows = _FLAT_OUT_ROWS if self.is_flat_out else max(1, round(rate * _CHUNK_S))
        self._chunk_ns = self._chunk_rows / (rate or 100_000.0) * NS_PER_S
        self._level = np.random.default_rng([seed, 5]).uniform(20.0, 400.0, n_codes)
        self._flow = OrderFlow(self.listings)
        self.chunk = lru_cache(maxsize=16)(self._make_chunk)
        self._bars = lru_cache(maxsize=None)(self._make_bars)

    def about(self) -> dict[str, object]:
        """Say that nothing of this is real."""
        return {"replay": "load", "label": "synthetic codes", "rate": self._rate}

    def chunk_at(self, elapsed_ns: int) -> int:
        """Return the chunk in play; flat out, every connection begins at the beginning."""
        return 0 if self.is_flat_out else int(max(elapsed_ns, 0) / self._chunk_ns)

    def exchange_time_ns(self, elapsed_ns: int) -> int:
        """Return the start plus the wall time since."""
        return _START_NS + elapsed_ns

    def bars(self, code: int, kline_type: int, exchange_time_ns: int, end_s: int | None, n: int) -> list[Bar]:
        """Return synthetic daily, weekly or monthly bars up to the day before; there are no shorter ones."""
        del exchange_time_ns  # a load lasts minutes, the last finished day stays the same
        if kline_type in INTRADAY_S:
            return []
        bars = self._bars(code)
        return long_bars(bars, kline_type, upto_row=len(bars.day), forming=None, end_s=end_s, n=n)

    def earlier_close(self, code: int, exchange_time_ns: int) -> tuple[int, float] | None:
        """Return the level the code's price moves around."""
        del exchange_time_ns
        return (_START_NS - 86_400 * NS_PER_S) // 1_000_000, round(float(self._level[code]), 2)

    def _make_bars(self, code: int) -> DailyBars:
        """Return a history that ends at the code's level; half of its variance is the whole market's."""
        day = np.arange(_START_DAY - 2 * _N_DAYS, _START_DAY, dtype=np.int32)
        day = day[np.is_busday(day.astype("datetime64[D]"))][-_N_DAYS:]
        listing = self.listings[code]
        own = np.random.default_rng([self._seed, crc32(listing.code.encode()), 6]).standard_normal(_N_DAYS)
        market = np.random.default_rng([self._seed, 7]).standard_normal(_N_DAYS)
        log_return = 0.015 * np.sqrt(0.5) * (own + market)
        log_price = np.cumsum(log_return)
        close = np.round(self._level[code] * np.exp(log_price - log_price[-1]), 2)
        return daily_bars(CloseSeries(listing, day, np.maximum(close, 0.01)), self._seed)

    def _make_chunk(self, index: int) -> Chunk | None:
        if index < 0:
            return None
        n = self._chunk_rows
        row = np.arange(index * n, (index + 1) * n, dtype=np.int64)
        random = np.random.default_rng([self._seed, index, 8])
        code = (row % self._n).astype(np.int32)
        due_ns = (row * (self._chunk_ns / n)).astype(np.int64)
        middle = self._middle(code, due_ns)
        moments = Moments(
            due_ns=due_ns,
            time_ms=(_START_NS + due_ns) // 1_000_000,
            code=code,
            is_book=random.random(n) < self._book_share,
            is_close=np.zeros(n, np.bool_),
            middle=middle,
            low=middle * 0.9,
            high=middle * 1.1,
        )
        return self._flow.chunk(moments, random, index * _SEQ_PER_CHUNK + 1)

    def _middle(self, code: Codes, due_ns: Ints) -> Floats:
        """Return prices that swing by one percent with periods of 20 to 120 seconds, no two codes alike."""
        period_s = 20.0 + code % 101
        phase = 2.0 * np.pi * (due_ns / NS_PER_S / period_s + code * 0.618)
        middle: Floats = self._level[code] * (1.0 + 0.01 * np.sin(phase))
        return middle
