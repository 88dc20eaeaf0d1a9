"""Daily bars as columns, and which day a bar's stamp means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.units import NS_PER_S

_DAY_S = 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEW_YORK = "America/New_York"
_ZONE_BY_SUFFIX = {"US": _NEW_YORK, "HK": "Asia/Hong_Kong", "SH": "Asia/Shanghai", "SZ": "Asia/Shanghai"}
_ROLL_HOUR = 17
_MONDAY_OF_EPOCH = 3  # 1970-01-01 was a Thursday


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar as AllTick sends it.

    Attributes
    ----------
    start_s : int
        Where it begins, seconds since 1970-01-01 UTC.
    open, high, low, close : float
        Prices; NaN unknown.
    volume : float
        NaN unknown; meaningless for FX and metals.
    """

    start_s: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True)
class DailyBars:
    """The days of one code, oldest first, each once.

    Attributes
    ----------
    code : str
        The instrument.
    day_numbers : ndarray of int64, shape (n_days,)
        Days since 1970-01-01, on the calendar of the instrument's own market.
    open, high, low, close, volume : ndarray of float64, shape (n_days,)
        Every close is a price; of the others NaN is unknown. All arrays are read-only.
    """

    code: str
    day_numbers: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]

    def __len__(self) -> int:
        return int(self.day_numbers.shape[0])

    @property
    def n_weekdays(self) -> int:
        """Days that are no Saturday or Sunday; crypto has both."""
        return int(np.count_nonzero((self.day_numbers + _MONDAY_OF_EPOCH) % 7 < 5))


def in_order(bars: Iterable[Bar]) -> list[Bar]:
    """Return the bars oldest first, each start once: of repeats the one with the most volume."""
    latest: dict[int, Bar] = {}
    for bar in bars:
        known = latest.get(bar.start_s)
        if known is None or not bar.volume < known.volume:
            latest[bar.start_s] = bar
    return [latest[start_s] for start_s in sorted(latest)]


def day_number(code: str, start_s: int) -> int:
    """Return the day a daily bar of `code` belongs to, in days since 1970-01-01.

    AllTick nowhere says in which zone a day begins. A stamp of midnight UTC means its own date. Another
    one means, for a share, the date at its exchange (midnight there, or the opening), and for everything
    else the nearest midnight UTC: FX days begin at 17:00 in New York on the eve, and midnight in China is
    the afternoon of the eve too.
    """
    zone = _ZONE_BY_SUFFIX.get(code.rsplit(".", maxsplit=1)[-1]) if "." in code else None
    if start_s % _DAY_S == 0:
        return start_s // _DAY_S
    if zone is None:
        return (start_s + _DAY_S // 2) // _DAY_S
    local = (_EPOCH + timedelta(seconds=start_s)).astimezone(ZoneInfo(zone))
    return local.date().toordinal() - _EPOCH.toordinal()


def formed_at_ns(code: str, day: int) -> int:
    """Return the exchange time from which the bar of `day` no longer changes.

    That is 17:00 at the exchange for shares, 17:00 in New York for FX, metals and oil, and the next
    midnight UTC for crypto.
    """
    if code.endswith("USDT"):
        return (day + 1) * _DAY_S * NS_PER_S
    zone = _ZONE_BY_SUFFIX.get(code.rsplit(".", maxsplit=1)[-1], _NEW_YORK) if "." in code else _NEW_YORK
    date = (_EPOCH + timedelta(days=day)).date()
    roll = datetime(date.year, date.month, date.day, _ROLL_HOUR, tzinfo=ZoneInfo(zone))
    return int(roll.timestamp()) * NS_PER_S


def daily_bars(code: str, bars: Sequence[Bar], *, formed_before_ns: int | None = None) -> DailyBars:
    """Return bars, in any order and with repeats, as one column a field.

    Parameters
    ----------
    code : str
        The instrument.
    bars : sequence of Bar
        Each with a close that is a price.
    formed_before_ns : int or None
        Exchange time now, to leave out the day that still changes; None keeps it.
    """
    by_day = {day_number(code, bar.start_s): bar for bar in in_order(bars)}
    days = [
        day
        for day in sorted(by_day)
        if formed_before_ns is None or formed_at_ns(code, day) <= formed_before_ns
    ]
    table = np.array(
        [(bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in map(by_day.__getitem__, days)],
        dtype=np.float64,
    ).reshape(len(days), 5)
    numbers = np.array(days, dtype=np.int64)
    columns = [np.ascontiguousarray(column) for column in table.T]
    for column in (numbers, *columns):
        column.flags.writeable = False
    return DailyBars(code, numbers, *columns)
