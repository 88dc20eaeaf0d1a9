"""What an instrument was worth at an instant of the past: from the tick archive, else from daily closes."""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE
from plimsoll.domain.units import NS_PER_S
from plimsoll.storage.tick_archive import segments_of

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
UNKNOWN = float("nan")

FRESH_NS = 15 * 60 * NS_PER_S
"""A tick counts for an instant at most so far from it."""
LATE_NS = 60 * NS_PER_S
"""Ticks are kept in the order applied: one may stand so far behind a younger one of another instrument."""
_ROWS_AT_ONCE, _ROWS_PROBED = 1 << 13, 64
_NEW_YORK, _OPENS, _CLOSES = ZoneInfo("America/New_York"), time(9, 30), time(16, 0)
_EPOCH, _SATURDAY = date(1970, 1, 1), 5


class PastPrices:
    """Prices by code and exchange time.

    Of an instant in the session: the mid of the newest uncrossed quote, else the newest trade, at most a
    quarter of an hour old. Of one outside 09:30 to 16:00 New York: the same of the session's end before it.
    Else of the quarter of an hour after it: an accelerated demo has few ticks in one. Where no tick was kept:
    the close of that day, or of the next weekday for a weekend.

    Parameters
    ----------
    directory : Path
        Of the tick archive; it may be missing.
    closes : Mapping
        By code, days since 1970-01-01 in ascending order, and closes.

    Raises
    ------
    ArchiveUnreadable
        If a segment's header cannot be understood.
    """

    def __init__(self, directory: Path, closes: Mapping[str, tuple[IntArray, FloatArray]]) -> None:
        found = segments_of(directory) if directory.is_dir() else []
        self._segments = [segment for segment in found if segment.n_rows]
        self._closes = closes
        self.price_at = cache(self._price_at)

    def _price_at(self, code: str, exchange_ns: int) -> float:
        price = self._by_tick(code, exchange_ns)
        session_end_ns = session_end_before(exchange_ns)
        if np.isnan(price) and session_end_ns < exchange_ns:
            price = self._by_tick(code, session_end_ns)
        if np.isnan(price):
            price = self._by_tick(code, exchange_ns + FRESH_NS)
        return self._by_close(code, exchange_ns) if np.isnan(price) else price

    def _by_tick(self, code: str, exchange_ns: int) -> float:
        for segment in reversed(self._segments):
            if code not in segment.codes:
                continue
            rows = np.memmap(segment.path, TICK_DTYPE, "r", segment.offset, (segment.n_rows,))
            if _time_of(rows, 0) > exchange_ns:
                continue
            price = _newest_price(rows, segment.codes.index(code), exchange_ns)
            if not np.isnan(price):
                return price
        return UNKNOWN

    def _by_close(self, code: str, exchange_ns: int) -> float:
        if code not in self._closes:
            return UNKNOWN
        days, closes = self._closes[code]
        day = _weekday_on_or_after(exchange_ns)
        place = int(np.searchsorted(days, day))
        return float(closes[place]) if place < len(days) and int(days[place]) == day else UNKNOWN


def session_end_before(exchange_ns: int) -> int:
    """Return an instant of New York's session as it is, any other as the session's end before it."""
    moment = datetime.fromtimestamp(exchange_ns // NS_PER_S, UTC).astimezone(_NEW_YORK)
    day = moment.date()
    if day.weekday() < _SATURDAY and _OPENS <= moment.time() <= _CLOSES:
        return exchange_ns
    if moment.time() < _OPENS:
        day -= timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    return int(datetime.combine(day, _CLOSES, _NEW_YORK).timestamp()) * NS_PER_S


def _weekday_on_or_after(exchange_ns: int) -> int:
    day = datetime.fromtimestamp(exchange_ns // NS_PER_S, UTC).astimezone(_NEW_YORK).date()
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return (day - _EPOCH).days


def _time_of(rows: NDArray[np.void], place: int) -> int:
    """Return about when the ticks around a place happened: one that lags does not mislead."""
    return int(np.median(rows["exchange_time_ns"][place : place + _ROWS_PROBED]))


def _newest_price(rows: NDArray[np.void], instrument: int, exchange_ns: int) -> float:
    """Return the price of an instrument by its ticks at or before an instant; NaN without a fresh one."""
    places = range(0, len(rows), _ROWS_PROBED)
    probe = bisect_left(places, exchange_ns + LATE_NS, key=lambda place: _time_of(rows, place))
    # Accelerated, a second's difference on the way is half an hour of the market: so many rows more.
    end = min(places[probe] + _ROWS_AT_ONCE, len(rows)) if probe < len(places) else len(rows)
    last_trade = UNKNOWN
    while end > 0:
        start = max(end - _ROWS_AT_ONCE, 0)
        part = rows[start:end]
        times = part["exchange_time_ns"]
        is_mine = (part["instrument"] == instrument) & (times <= exchange_ns)
        mine = np.array(part[is_mine & (times >= exchange_ns - FRESH_NS)])
        mid = _mid(mine)
        if not np.isnan(mid):
            return mid
        trades = mine["price"][mine["kind"] == TRADE]
        if np.isnan(last_trade) and len(trades):
            last_trade = float(trades[-1])
        if int(times.max()) < exchange_ns - FRESH_NS:
            break
        end = start
    return last_trade


def _mid(ticks: NDArray[np.void]) -> float:
    """Return the mid of the newest quote with both sides that are not crossed; NaN for none."""
    bid, ask = ticks["price"], ticks["ask"]
    places = np.flatnonzero((ticks["kind"] == QUOTE) & (bid <= ask))
    return float((bid[places[-1]] + ask[places[-1]]) / 2.0) if len(places) else UNKNOWN
