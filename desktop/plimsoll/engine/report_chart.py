"""The charts of a report, from the same figures as its tables."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from plimsoll.domain.desk_figures import DeskFigures
from plimsoll.domain.limit import Limit, LimitState, Severity
from plimsoll.domain.report import CellKind, Chart, ChartShape, Series, Tone
from plimsoll.engine.report_book import drawdown_of
from plimsoll.engine.report_past import DayEnd

NAN = float("nan")
MOST_BARS = 16
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


def exposure_charts(figures: DeskFigures | None, groupings: Sequence[tuple[str, str]]) -> tuple[Chart, ...]:
    """Return net exposure by each grouping with the tightest line on each bar.

    Parameters
    ----------
    figures : DeskFigures or None
        None gives no chart.
    groupings : sequence of (str, str)
        Name of a grouping, and what the chart calls it.
    """
    if figures is None:
        return ()
    charts = []
    for name, caption in groupings:
        found = sorted(
            (group for group in figures.groups if group.grouping == name), key=lambda group: -group.gross_base
        )[:MOST_BARS]
        if not found:
            continue
        charts.append(
            Chart(
                f"Net exposure by {caption}, of NAV",
                ChartShape.BARS,
                tuple(group.label for group in found),
                (Series("Net", tuple(group.net_weight_fraction for group in found)),),
                CellKind.FRACTION,
                marks=tuple(group.line_fraction for group in found),
                bar_tones=tuple(
                    Tone.OVER if abs(group.net_weight_fraction) > group.line_fraction else Tone.PLAIN
                    for group in found
                ),
            )
        )
    return tuple(charts)


def _day(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()
