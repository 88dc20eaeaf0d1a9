"""A stretch of real daily closes, replayed as ticks on a market clock of its own."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from plimsoll.alltick_server.close_series import BadMarketFile, CloseSeries, Floats
from plimsoll.alltick_server.daily_bar import DailyBars, daily_bars
from plimsoll.alltick_server.day_path import N_NODES, NODE_S, SESSION_S, day_path, market_noise
from plimsoll.alltick_server.kline import INTRADAY_S, bar_of, long_bars, short_bars
from plimsoll.alltick_server.listing import Listing
from plimsoll.alltick_server.market import NS_PER_S, Bar, Chunk, Codes, Flags, Ints
from plimsoll.alltick_server.order_flow import Moments, OrderFlow

EPOCH = date(1970, 1, 1)
_NEW_YORK = ZoneInfo("America/New_York")
#: A chunk is about this much wall time, so that no glance at the market builds more than a blink of ticks.
_CHUNK_S = 0.25
#: Enough for REST to find the newest tick of a quiet code, and never more than some 20 MB.
_CACHED_ROWS = 200_000
#: `seq` has room for this many ticks a chunk.
_SEQ_PER_CHUNK = 10_000_000


class _DayPaths(NamedTuple):
    """All codes' ways through one day.

    `price` is (n_codes, N_NODES), NaN where a code has no close that day; `alive` are those that have one.
    """

    price: Floats
    low: Floats
    high: Floats
    alive: Codes


class CrisisMarket:
    """Real closes from one day to another, each trading day lasting `day_seconds` of wall time.

    A day trades when at least half of the codes whose series covers it have a close; a code without a
    close that day is silent. Every code's first trade is at 09:30 New York, its last at 16:00 is the real
    close. The night is a jump of exchange time.
    """

    is_flat_out: Final = False

    def __init__(
        self,
        series: Sequence[CloseSeries],
        first: date,
        last: date,
        *,
        day_seconds: float = 60.0,
        rate: float = 5.0,
        book_share: float = 0.5,
        seed: int = 0,
        loops: bool = False,
    ) -> None:
        self.days = trading_days(series, (first - EPOCH).days, (last - EPOCH).days)
        if not self.days:
            raise BadMarketFile(
                f"from {first} to {last} no day traded, expected a stretch with closes: choose other dates"
            )
        self._series = sorted(series, key=lambda one: one.listing.code)
        self.listings: tuple[Listing, ...] = tuple(one.listing for one in self._series)
        self._rate, self._book_share, self._seed, self._loops = rate, book_share, seed, loops
        self._flow = OrderFlow(self.listings)
        self._day_ns = round(day_seconds * NS_PER_S)
        self._chunks_a_day = max(1, round(day_seconds / _CHUNK_S))
        self._opens_ns = np.array([session_open_ns(day) for day in self.days], np.int64)
        self.speed = SESSION_S / day_seconds
        self._bars = lru_cache(maxsize=None)(self._make_bars)
        self._paths = lru_cache(maxsize=2)(self._make_paths)
        rows_a_chunk = max(1.0, rate * _CHUNK_S * len(self.listings))
        self.chunk = lru_cache(maxsize=int(np.clip(_CACHED_ROWS / rows_a_chunk, 4, 256)))(self._make_chunk)

    @property
    def exchange_start_ns(self) -> int:
        """Return the first day's opening."""
        return int(self._opens_ns[0])

    def about(self) -> dict[str, object]:
        """Return the calendar, from which a client can map any day's ticks to wall time."""
        days = [(EPOCH + timedelta(days=day)).isoformat() for day in self.days]
        return {
            "replay": "crisis",
            "label": "simulated between real closes",
            "day_seconds": self._day_ns / NS_PER_S,
            "days": days,
        }

    def chunk_at(self, elapsed_ns: int) -> int:
        """Return the chunk in play; past the end, the last one."""
        day, into = divmod(max(elapsed_ns, 0), self._day_ns)
        index = day * self._chunks_a_day + into * self._chunks_a_day // self._day_ns
        return int(index) if self._loops else int(min(index, len(self.days) * self._chunks_a_day - 1))

    def exchange_time_ns(self, elapsed_ns: int) -> int:
        """Return the time of the day being replayed; past the end, the last close."""
        day, into = divmod(max(elapsed_ns, 0), self._day_ns)
        if day >= len(self.days) and not self._loops:
            day, into = len(self.days) - 1, self._day_ns
        return int(self._opens_ns[day % len(self.days)]) + round(into * self.speed)

    def bars(self, code: int, kline_type: int, exchange_time_ns: int, end_s: int | None, n: int) -> list[Bar]:
        """Return the newest bars that began before an exchange time."""
        bars = self._bars(code)
        now_s = exchange_time_ns // NS_PER_S
        if kline_type in INTRADAY_S:
            return short_bars(
                bars,
                kline_type,
                now_s=now_s,
                end_s=end_s,
                n=n,
                open_s=lambda day: session_open_ns(day) // NS_PER_S,
                path=lambda day: self._path(code, day, market_noise(self._seed, day)),
            )
        upto_row, forming = self._finished(code, now_s)
        return long_bars(bars, kline_type, upto_row=upto_row, forming=forming, end_s=end_s, n=n)

    def earlier_close(self, code: int, exchange_time_ns: int) -> tuple[int, float] | None:
        """Return the last real close before the day of a moment, stamped 16:00 of its own day."""
        bars = self._bars(code)
        row = bars.n_before(_new_york_day(exchange_time_ns // NS_PER_S)) - 1
        if row < 0:
            return None
        closed_ns = session_open_ns(int(bars.day[row])) + SESSION_S * NS_PER_S
        return closed_ns // 1_000_000, float(bars.close[row])

    def _make_bars(self, code: int) -> DailyBars:
        return daily_bars(self._series[code], self._seed)

    def _path(self, code: int, day: int, common: Floats) -> Floats:
        bars = self._bars(code)
        row = bars.row_of(day)
        if row is None:
            return np.full(N_NODES, np.nan)
        bar = (float(bars.open[row]), float(bars.high[row]), float(bars.low[row]), float(bars.close[row]))
        listing = self.listings[code]
        return day_path(
            bar,
            code=listing.code,
            day=day,
            seed=self._seed,
            loading=listing.habit.market_loading,
            common=common,
        )

    def _make_paths(self, day_index: int) -> _DayPaths:
        day = self.days[day_index]
        common = market_noise(self._seed, day)
        price = np.stack([self._path(code, day, common) for code in range(len(self.listings))])
        alive = np.flatnonzero(~np.isnan(price[:, 0])).astype(np.int32)
        return _DayPaths(price, price.min(axis=1), price.max(axis=1), alive)

    def _finished(self, code: int, now_s: int) -> tuple[int, Bar | None]:
        """Return how many days are over at a moment, and the bar of the one that is not."""
        bars = self._bars(code)
        today = _new_york_day(now_s)
        row, upto_row = bars.row_of(today), bars.n_before(today)
        into_s = now_s - session_open_ns(today) // NS_PER_S
        if row is None or into_s < 0:
            return upto_row, None
        if into_s >= SESSION_S:
            return upto_row + 1, None
        path = self._path(code, today, market_noise(self._seed, today))[: into_s // NODE_S + 1]
        volume = round(float(bars.volume[row]) * into_s / SESSION_S)
        return upto_row, bar_of(today * 86_400, path, volume, is_forming=True)

    def _make_chunk(self, index: int) -> Chunk | None:
        lap, j = divmod(index, self._chunks_a_day)
        if index < 0 or (lap >= len(self.days) and not self._loops):
            return None
        paths = self._paths(lap % len(self.days))
        begin, end = (self._day_ns * k // self._chunks_a_day for k in (j, j + 1))
        random = np.random.default_rng([self._seed, index, 3])
        alive = paths.alive
        drawn = _drawn(alive, self._lam(j, end - begin), (begin, end), random)
        if j == 0:
            drawn.insert(0, (alive, np.ones(len(alive), np.bool_), np.zeros(len(alive), np.int64)))
            drawn.insert(1, (alive, np.zeros(len(alive), np.bool_), np.zeros(len(alive), np.int64)))
        is_last = j == self._chunks_a_day - 1
        if is_last:
            drawn.append((alive, np.zeros(len(alive), np.bool_), np.full(len(alive), self._day_ns)))
        code, is_book, into = (np.concatenate(column) for column in zip(*drawn, strict=True))
        order = np.argsort(into, kind="stable")
        code, is_book, into = code[order], is_book[order], into[order]
        is_close = (into == self._day_ns) if is_last else np.zeros(len(code), np.bool_)
        moments = self._moments(lap, paths, code, into, is_book, is_close)
        return self._flow.chunk(moments, random, index * _SEQ_PER_CHUNK + 1)

    def _lam(self, j: int, length_ns: int) -> tuple[float, float]:
        """Return the expected trades and books a code: busy at the open and the close, calm at noon."""
        middle = (j + 0.5) / self._chunks_a_day
        busy = 0.75 + 3.0 * (middle - 0.5) ** 2  # its mean over the day is one
        lam = self._rate * length_ns / NS_PER_S * busy
        return lam * (1.0 - self._book_share), lam * self._book_share

    def _moments(
        self, lap: int, paths: _DayPaths, code: Codes, into: Ints, is_book: Flags, is_close: Flags
    ) -> Moments:
        position = into * ((N_NODES - 1) / self._day_ns)
        node = np.minimum(position.astype(np.int64), N_NODES - 2)
        here, there = paths.price[code, node], paths.price[code, node + 1]
        middle = np.where(is_close, there, here + (position - node) * (there - here))
        session_ms = (into * (SESSION_S * 1000 / self._day_ns)).astype(np.int64)
        return Moments(
            due_ns=lap * self._day_ns + into,
            time_ms=self._opens_ns[lap % len(self.days)] // 1_000_000 + session_ms,
            code=code,
            is_book=is_book,
            is_close=is_close,
            middle=middle,
            low=paths.low[code],
            high=paths.high[code],
        )


def _drawn(
    alive: Codes, lam: tuple[float, float], span_ns: tuple[int, int], random: np.random.Generator
) -> list[tuple[Codes, Flags, Ints]]:
    """Return the trades, then the books of a chunk: who, what, when; each a Poisson stream."""
    begin, end = span_ns
    drawn = []
    for is_book in (False, True):
        code = np.repeat(alive, random.poisson(lam[is_book], len(alive)))
        into = begin + (random.random(len(code)) * (end - begin)).astype(np.int64)
        drawn.append((code, np.full(len(code), is_book), into))
    return drawn


def trading_days(series: Sequence[CloseSeries], first: int, last: int) -> list[int]:
    """Return the days on which at least half of the codes whose series covers the day have a close."""
    day, n_with = np.unique(np.concatenate([one.day for one in series]), return_counts=True)
    begun = np.searchsorted(np.sort([one.day[0] for one in series]), day, side="right")
    ended = np.searchsorted(np.sort([one.day[-1] for one in series]), day, side="left")
    trades = (day >= first) & (day <= last) & (2 * n_with >= begun - ended)
    return [int(one) for one in day[trades]]


def session_open_ns(day: int) -> int:
    """Return 09:30 New York of a day, in ns since 1970."""
    opened = datetime.combine(EPOCH + timedelta(days=day), time(9, 30), tzinfo=_NEW_YORK)
    return int(opened.timestamp()) * NS_PER_S


def _new_york_day(now_s: int) -> int:
    return (datetime.fromtimestamp(now_s, _NEW_YORK).date() - EPOCH).days
