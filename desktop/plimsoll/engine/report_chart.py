"""The charts of a report, from the same figures as its tables."""

import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from plimsoll.domain.desk_figures import DeskFigures
from plimsoll.domain.limit import Limit, LimitState, Severity
from plimsoll.domain.report import CellKind, Chart, ChartShape, Series, Tone
from plimsoll.engine.report_book import drawdown_of
from plimsoll.engine.report_past import DayEnd

NAN = float("nan")
MOST_BARS = 12
_EPOCH = date(1970, 1, 1)
_SEVERITY_TONE = {Severity.MEDIUM: Tone.PLAIN, Severity.HIGH: Tone.NEAR, Severity.CRITICAL: Tone.OVER}
_USE_TONE = {
    LimitState.FINE.value: Tone.WITHIN,
    LimitState.NEAR.value: Tone.NEAR,
    LimitState.OVER.value: Tone.OVER,
}


def equity_charts(days: Sequence[DayEnd], currency: str) -> tuple[Chart, ...]:
    """Return NAV with its high-water mark, and the drawdown below; nothing for fewer than two days."""
    if len(days) < 2:
        return ()
    labels = tuple(_day(end.day) for end in days)
    return (
        Chart(
            f"NAV at each day's end, {currency}",
            ChartShape.COURSE,
            labels,
            (
                Series("High-water mark", tuple(end.high_water_mark for end in days), Tone.MUTED),
                Series("NAV", tuple(end.nav for end in days), Tone.PLAIN),
            ),
            CellKind.MONEY,
        ),
        Chart(
            "Drawdown from the high-water mark",
            ChartShape.DEPTH,
            labels,
            (
                Series(
                    "Drawdown", tuple(drawdown_of(end.nav, end.high_water_mark) for end in days), Tone.LOSS
                ),
            ),
            CellKind.FRACTION,
        ),
    )


def limit_chart(limits: Sequence[Limit], figures: DeskFigures | None) -> tuple[Chart, ...]:
    """Return the use of each known limit, the highest first, against its line at 100 %."""
    if figures is None:
        return ()
    name_of = {limit.limit_id: limit.name for limit in limits}
    known = [line for line in figures.limits if 0.0 <= line.use_fraction < float("inf")]
    worst = sorted(known, key=lambda line: -line.use_fraction)[:MOST_BARS]
    if not worst:
        return ()
    return (
        Chart(
            "Use of each limit, the line at 100 %",
            ChartShape.BARS,
            tuple(name_of.get(line.limit_id, line.limit_id) for line in worst),
            (Series("Use", tuple(line.use_fraction for line in worst)),),
            CellKind.USE,
            marks=(1.0,) * len(worst),
            bar_tones=tuple(_USE_TONE.get(line.state, Tone.MUTED) for line in worst),
        ),
    )


def breach_chart(first_day: int, last_day: int, raised: Sequence[tuple[int, Severity]]) -> tuple[Chart, ...]:
    """Return the breaches of each weekday by severity; nothing for a single day.

    Parameters
    ----------
    first_day, last_day : int
        Trading days since 1970, both in it.
    raised : sequence of (int, Severity)
        The day and the severity of each breach.
    """
    days = [day for day in range(first_day, last_day + 1) if (_EPOCH + timedelta(days=day)).weekday() < 5]
    if len(days) < 2:
        return ()
    count = Counter(raised)
    return (
        Chart(
            "Breaches raised each day",
            ChartShape.COLUMNS,
            tuple(_day(day) for day in days),
            tuple(
                Series(severity.value.capitalize(), tuple(float(count[day, severity]) for day in days), tone)
                for severity, tone in _SEVERITY_TONE.items()
            ),
            CellKind.COUNT,
        ),
    )


def pnl_chart(figures: DeskFigures | None) -> tuple[Chart, ...]:
    """Return the positions that made and lost most today, the worst first."""
    known = [
        line
        for line in (figures.positions if figures is not None else ())
        if math.isfinite(line.day_pnl_base) and line.day_pnl_base != 0.0
    ]
    largest = sorted(known, key=lambda line: -abs(line.day_pnl_base))[:MOST_BARS]
    if figures is None or not largest:
        return ()
    shown = sorted(largest, key=lambda line: line.day_pnl_base)
    return (
        Chart(
            f"Day P&L of the positions that moved most, {figures.base_currency}",
            ChartShape.BARS,
            tuple(line.code for line in shown),
            (Series("Day P&L", tuple(line.day_pnl_base for line in shown)),),
            CellKind.MONEY,
            bar_tones=tuple(Tone.GAIN if line.day_pnl_base > 0.0 else Tone.LOSS for line in shown),
        ),
    )


def exposure_chart(figures: DeskFigures | None, grouping: str, caption: str) -> tuple[Chart, ...]:
    """Return gross and net exposure by a grouping, with the tightest line on each bar."""
    found = [group for group in (figures.groups if figures is not None else ()) if group.grouping == grouping]
    if figures is None or not found or not figures.nav > 0.0:
        return ()
    found = sorted(found, key=lambda group: -group.gross_base)[:MOST_BARS]
    return (
        Chart(
            f"Exposure by {caption}, of NAV",
            ChartShape.BARS,
            tuple(group.label for group in found),
            (
                Series("Gross", tuple(group.gross_base / figures.nav for group in found), Tone.MUTED),
                Series("Net", tuple(group.net_weight_fraction for group in found), Tone.PLAIN),
            ),
            CellKind.FRACTION,
            marks=tuple(group.line_fraction for group in found),
        ),
    )


def _day(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()
