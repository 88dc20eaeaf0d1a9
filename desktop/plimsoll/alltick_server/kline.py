"""AllTick's ten K-line types, made from daily bars and from the paths between them."""

from collections.abc import Callable

import numpy as np

from plimsoll.alltick_server.close_series import Floats
from plimsoll.alltick_server.daily_bar import DailyBars
from plimsoll.alltick_server.day_path import N_NODES, NODE_S, SESSION_S
from plimsoll.alltick_server.market import Bar

#: kline_type → seconds of the intraday types (protocol 4.1).
INTRADAY_S = {1: 60, 2: 300, 3: 900, 4: 1_800, 5: 3_600, 6: 7_200, 7: 14_400}
DAY, WEEK, MONTH = 8, 9, 10
TYPES = frozenset(INTRADAY_S) | {DAY, WEEK, MONTH}
NOT_FOR_STOCKS = frozenset({6, 7})

_DAY_S = 86_400
#: 1970-01-05 was a Monday.
_FIRST_MONDAY = 4


def long_bars(
    bars: DailyBars, kline_type: int, *, upto_row: int, forming: Bar | None, end_s: int | None, n: int
) -> list[Bar]:
    """Return the newest `n` daily, weekly or monthly bars that begin at or before `end_s`, oldest first.

    A bar is stamped midnight UTC of its (first) day, whatever the market.

    Parameters
    ----------
    upto_row
        Rows of finished days: ``bars.day[:upto_row]``.
    forming
        The day that is still growing, if it is.
    """
    days_a_bar = {DAY: 1, WEEK: 7, MONTH: 31}[kline_type]
    if end_s is not None:
        upto_row = min(upto_row, bars.n_before(end_s // _DAY_S + days_a_bar))
        forming = (
            forming if forming is not None and forming.start_s <= end_s + (days_a_bar - 1) * _DAY_S else None
        )
    first = max(0, upto_row - (n + 2) * days_a_bar)
    daily = [_daily(bars, row) for row in range(first, upto_row)]
    if forming is not None:
        daily.append(forming)
    if kline_type != DAY:
        daily = grouped(daily, kline_type)
    if end_s is not None:
        daily = [bar for bar in daily if bar.start_s <= end_s]
    return daily[-n:]


def short_bars(
    bars: DailyBars,
    kline_type: int,
    *,
    now_s: int,
    end_s: int | None,
    n: int,
    open_s: Callable[[int], int],
    path: Callable[[int], Floats],
) -> list[Bar]:
    """Return the newest `n` intraday bars begun before now and at or before `end_s`, oldest first.

    `open_s` says when a day's session opens, `path` where its price went.
    """
    last_s = now_s if end_s is None else min(now_s, end_s)
    row = bars.n_before(last_s // _DAY_S + 1) - 1
    found: list[Bar] = []
    while row >= 0 and len(found) < n:
        day = int(bars.day[row])
        opened = open_s(day)
        whole = session_bars(path(day), opened, INTRADAY_S[kline_type], now_s, float(bars.volume[row]))
        found = [bar for bar in whole if bar.start_s <= last_s] + found
        row -= 1
    return found[-n:]


def session_bars(path: Floats, open_s: int, width_s: int, now_s: int, volume: float) -> list[Bar]:
    """Cut one session's path into bars; the last one forms while the session lasts."""
    n_nodes = min(max((now_s - open_s) // NODE_S + 1, 0), N_NODES)
    step = width_s // NODE_S
    bars = []
    for first in range(0, min(n_nodes, N_NODES - 1), step):
        last = min(first + step, N_NODES - 1)
        piece = path[first : min(last + 1, n_nodes)]
        share = (len(piece) - 1) * NODE_S / SESSION_S
        bars.append(bar_of(open_s + first * NODE_S, piece, round(volume * share), is_forming=last >= n_nodes))
    return bars


def bar_of(start_s: int, path: Floats, volume: float, *, is_forming: bool) -> Bar:
    """Return the bar of a stretch of prices; simulated ones are rounded, a real last close is not."""
    last = float(path[-1])
    opening, high, low = round(float(path[0]), 5), round(float(path.max()), 5), round(float(path.min()), 5)
    close = round(last, 5) if is_forming else last
    turnover = volume * (opening + high + low + close) / 4.0
    return Bar(start_s, opening, high, low, close, volume, turnover, is_forming)


def _daily(bars: DailyBars, row: int) -> Bar:
    four = (float(bars.open[row]), float(bars.high[row]), float(bars.low[row]), float(bars.close[row]))
    volume = float(bars.volume[row])
    return Bar(int(bars.day[row]) * _DAY_S, *four, volume, volume * sum(four) / 4.0)


def grouped(daily: list[Bar], kline_type: int) -> list[Bar]:
    """Join daily bars into weeks that begin on Mondays, or into months."""
    groups: dict[int, list[Bar]] = {}
    for bar in daily:
        day = bar.start_s // _DAY_S
        if kline_type == WEEK:
            start = (day - _FIRST_MONDAY) // 7 * 7 + _FIRST_MONDAY
        else:
            start = int(
                np.datetime64(day, "D").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
            )
        groups.setdefault(start, []).append(bar)
    return [
        Bar(
            start * _DAY_S,
            group[0].open,
            max(bar.high for bar in group),
            min(bar.low for bar in group),
            group[-1].close,
            sum(bar.volume for bar in group),
            sum(bar.turnover for bar in group),
            group[-1].is_forming,
        )
        for start, group in groups.items()
    ]
