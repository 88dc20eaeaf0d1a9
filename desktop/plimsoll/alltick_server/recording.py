"""Recorded ticks, replayed at one times their speed up to flat out."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from plimsoll.alltick_server.close_series import CloseSeries, Floats
from plimsoll.alltick_server.daily_bar import daily_bars
from plimsoll.alltick_server.kline import DAY, INTRADAY_S, grouped, long_bars
from plimsoll.alltick_server.listing import Listing, listing
from plimsoll.alltick_server.market import NS_PER_S, Bar, Chunk, Ints
from plimsoll.alltick_server.recorded_tick import RecordedTicks

_CHUNK_ROWS = 4_096
_DAY_S = 86_400
_MOST_DECIMALS = 8


class RecordingMarket:
    """What was once traded and quoted, again.

    Parameters
    ----------
    speed
        Exchange seconds a wall second; 0 sends as fast as each socket takes it, from the beginning, and then
        REST answers as of the end.
    history
        Daily closes from before the recording; a share's are put on the recording's price level by the ratio
        of the two closes of its first day, because adjusted closes and recorded prices differ by a factor.
    """

    def __init__(
        self, ticks: RecordedTicks, *, speed: float, history: Mapping[str, CloseSeries], seed: int
    ) -> None:
        self._ticks, self._history, self._seed = ticks, history, seed
        self.is_flat_out = speed == 0
        self.speed = speed
        self.listings = tuple(_listing(ticks, code) for code in range(len(ticks.codes)))
        self.exchange_start_ns = int(ticks.time_ms[0]) * 1_000_000
        since_ns = (ticks.time_ms - ticks.time_ms[0]) * 1_000_000
        self._due_ns: Ints = (
            np.zeros_like(since_ns) if self.is_flat_out else (since_ns / speed).astype(np.int64)
        )
        whole = np.array([one.whole_seconds for one in self.listings])[ticks.code]
        self._time_ms = np.where(whole, ticks.time_ms // 1000 * 1000, ticks.time_ms)
        self._n_chunks = -(-len(ticks) // _CHUNK_ROWS)
        self.chunk = lru_cache(maxsize=16)(self._make_chunk)
        self._trades = lru_cache(maxsize=None)(self._make_trades)
        self._earlier = lru_cache(maxsize=None)(self._make_earlier)

    def about(self) -> dict[str, object]:
        """Say that these ticks once happened."""
        return {"replay": "recording", "label": "recorded ticks", "n_ticks": len(self._ticks)}

    def chunk_at(self, elapsed_ns: int) -> int:
        """Return the chunk in play; flat out, every connection begins at the beginning."""
        if self.is_flat_out:
            return 0
        row = int(np.searchsorted(self._due_ns, elapsed_ns, side="right"))
        return min(row // _CHUNK_ROWS, self._n_chunks - 1)

    def exchange_time_ns(self, elapsed_ns: int) -> int:
        """Return the recording's time; flat out, its end."""
        end_ns = int(self._ticks.time_ms[-1]) * 1_000_000
        if self.is_flat_out:
            return end_ns
        return min(self.exchange_start_ns + round(elapsed_ns * self.speed), end_ns)

    def bars(self, code: int, kline_type: int, exchange_time_ns: int, end_s: int | None, n: int) -> list[Bar]:
        """Return bars of the recording so far; daily and longer ones go on into the days before it."""
        time_ms, price, size = self._trades(code)
        upto = int(np.searchsorted(time_ms, exchange_time_ns // 1_000_000, side="right"))
        width_s = INTRADAY_S.get(kline_type, _DAY_S)
        found = _bars_of_trades(time_ms[:upto] // 1000, price[:upto], size[:upto], width_s, exchange_time_ns)
        if kline_type not in INTRADAY_S:
            found = self._earlier(code) + found
        if kline_type > DAY:
            found = grouped(found, kline_type)
        return [bar for bar in found if end_s is None or bar.start_s <= end_s][-n:]

    def earlier_close(self, code: int, exchange_time_ns: int) -> tuple[int, float] | None:
        """Return the last close before the recording."""
        earlier = [bar for bar in self._earlier(code) if bar.start_s * NS_PER_S < exchange_time_ns]
        return ((earlier[-1].start_s + _DAY_S) * 1000, earlier[-1].close) if earlier else None

    def _make_chunk(self, index: int) -> Chunk | None:
        if not 0 <= index < self._n_chunks:
            return None
        ticks, part = self._ticks, slice(index * _CHUNK_ROWS, (index + 1) * _CHUNK_ROWS)
        ladder_row = ticks.ladder_row[part]
        ladders = None
        if (ladder_row >= 0).any():
            ladders = ticks.ladders[ladder_row]
            ladders[ladder_row < 0] = np.nan
        return Chunk(
            due_ns=self._due_ns[part],
            code=ticks.code[part],
            is_book=ticks.is_book[part],
            time_ms=self._time_ms[part],
            price=ticks.price[part],
            size=ticks.size[part],
            ask=ticks.ask[part],
            ask_size=ticks.ask_size[part],
            direction=ticks.direction[part].astype(np.int8),
            is_close=np.zeros(len(ladder_row), np.bool_),
            first_seq=index * _CHUNK_ROWS + 1,
            ladders=ladders,
        )

    def _make_trades(self, code: int) -> tuple[Ints, Floats, Floats]:
        rows = (self._ticks.code == code) & ~self._ticks.is_book
        return self._ticks.time_ms[rows], self._ticks.price[rows], self._ticks.size[rows]

    def _make_earlier(self, code: int) -> list[Bar]:
        series = self._history.get(self.listings[code].code)
        time_ms, price, _ = self._trades(code)
        if series is None or not len(price):
            return []
        first_day = int(time_ms[0]) // 1000 // _DAY_S
        bars = daily_bars(series, self._seed)
        row = bars.row_of(first_day)
        scale = 1.0
        if self.listings[code].group == "stock" and row is not None:
            upto = int(np.searchsorted(time_ms, (first_day + 1) * _DAY_S * 1000))
            scale = float(price[upto - 1] / bars.close[row])
        found = long_bars(
            bars, DAY, upto_row=bars.n_before(first_day), forming=None, end_s=None, n=len(bars.day)
        )
        return [bar.scaled(scale) for bar in found]


def _listing(ticks: RecordedTicks, code: int) -> Listing:
    """Return a code's listing with as many decimals as its recorded prices have."""
    usual = listing(ticks.codes[code])
    price = ticks.price[(ticks.code == code) & (ticks.is_book | (ticks.size > 0))]
    price = price[np.isfinite(price)]
    decimals = usual.decimals
    while decimals < _MOST_DECIMALS and not np.allclose(
        np.round(price, decimals), price, rtol=0.0, atol=1e-10
    ):
        decimals += 1
    return replace(usual, decimals=decimals)


def _bars_of_trades(time_s: Ints, price: Floats, size: Floats, width_s: int, now_ns: int) -> list[Bar]:
    if not len(time_s):
        return []
    first = np.flatnonzero(np.diff(time_s // width_s, prepend=-1))
    last = np.append(first[1:], len(time_s)) - 1
    columns = (
        (time_s[first] // width_s * width_s).tolist(),
        price[first].tolist(),
        np.maximum.reduceat(price, first).tolist(),
        np.minimum.reduceat(price, first).tolist(),
        price[last].tolist(),
        np.add.reduceat(size, first).tolist(),
        np.add.reduceat(price * size, first).tolist(),
    )
    now_s = now_ns // NS_PER_S
    return [
        Bar(start_s, opening, high, low, close, volume, turnover, start_s + width_s > now_s)
        for start_s, opening, high, low, close, volume, turnover in zip(*columns, strict=True)
    ]
