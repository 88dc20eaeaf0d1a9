"""The charts of a report as SVG, drawn for paper: light ground, dark ink, every line named."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from plimsoll.domain.report import Cell, CellKind, Chart, ChartShape, Series, Tone
from plimsoll.widgets import formats
from plimsoll.widgets.colours import DAY
from plimsoll.widgets.report_words import FILL, cell_words

WIDTH = 520
_COURSE_HEIGHT = 164
_BAR_STEP = 19
_TOP, _BOTTOM, _LEFT, _RIGHT = 34, 24, 62, 14
_LABEL_WIDTH, _VALUE_WIDTH = 168, 70
_TEXT, _TITLE = 11, 12.5
_MOST_LABELS = 7
_LONGEST_LABEL = 23


@dataclass(frozen=True, slots=True)
class Drawing:
    """One chart as SVG, WIDTH wide and `height` high in its own units."""

    svg: str
    height: int


def drawing_of(chart: Chart, currency: str) -> Drawing:
    """Return a chart as SVG."""
    match chart.shape:
        case ChartShape.BARS:
            height = _TOP + _BAR_STEP * len(chart.labels) + 8
            marks = _bars(chart, currency)
        case ChartShape.COLUMNS:
            height, marks = _COURSE_HEIGHT, _columns(chart, currency)
        case _:
            height, marks = _COURSE_HEIGHT, _course(chart, currency)
    body = "\n".join((*_heading(chart), *marks))
    said = escape(f"{chart.title}. {_said(chart, currency)}")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" aria-label="{said}" font-family="Inter" '
        f'font-size="{_TEXT}" fill="{DAY.text}">\n{body}\n</svg>'
    )
    return Drawing(svg, height)


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Return round figures that span [low, high], at most `most` + 2 of them."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if size * factor >= rough * 0.999)
    first = math.floor(low / step)
    return [step * place for place in range(first, math.ceil(high / step) + 1)]


def _heading(chart: Chart) -> Iterable[str]:
    yield _text(0, 13, chart.title, size=_TITLE, weight=600)
    if len(chart.series) < 2:
        return
    x = float(WIDTH - _RIGHT)
    for series in reversed(chart.series):
        x -= 6.2 * len(series.name)
        yield _text(x, 13, series.name, colour=DAY.muted)
        x -= 15
        yield f'<rect x="{x:.1f}" y="5" width="10" height="8" fill="{_colour(series, chart)}"/>'
        x -= 12


def _course(chart: Chart, currency: str) -> Iterable[str]:
    is_depth = chart.shape is ChartShape.DEPTH
    known = [value for series in chart.series for value in series.values if math.isfinite(value)]
    if not known:
        yield _text(WIDTH / 2, _COURSE_HEIGHT / 2, "unknown", colour=DAY.muted, anchor="middle")
        return
    low, high = (0.0, max(known)) if is_depth else (min(known), max(known))
    if high - low < 1e-9 * max(abs(high), 1.0):
        high = low + max(abs(low) * 0.01, 1e-4)
    levels = ticks(low, high)
    low, high = levels[0], levels[-1]
    bottom = _COURSE_HEIGHT - _BOTTOM

    def y_of(value: float) -> float:
        share = (value - low) / (high - low)
        return _TOP + share * (bottom - _TOP) if is_depth else bottom - share * (bottom - _TOP)

    n = len(chart.labels)
    wide = WIDTH - _LEFT - _RIGHT
    x_of = [_LEFT + wide * (place / (n - 1) if n > 1 else 0.5) for place in range(n)]
    yield from _grid(levels, y_of_levels=[y_of(level) for level in levels], chart=chart, currency=currency)
    yield from _dates(chart.labels, x_of)
    for series in chart.series:
        colour = _colour(series, chart)
        for run in _runs(series.values):
            points = " ".join(f"{x_of[p]:.1f},{y_of(series.values[p]):.1f}" for p in run)
            if is_depth:
                around = f"{x_of[run[0]]:.1f},{_TOP} {points} {x_of[run[-1]]:.1f},{_TOP}"
                yield f'<polygon points="{around}" fill="{colour}" fill-opacity="0.25"/>'
            width, dash = (1.2, ' stroke-dasharray="4 3"') if series.tone is Tone.MUTED else (1.8, "")
            yield (
                f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"{dash} '
                'stroke-linejoin="round"/>'
            )


def _columns(chart: Chart, currency: str) -> Iterable[str]:
    totals = [
        math.fsum(value for value in values if value > 0.0)
        for values in zip(*(series.values for series in chart.series), strict=True)
    ]
    levels = ticks(0.0, max([*totals, 1.0]))
    if chart.kind is CellKind.COUNT:
        levels = sorted({float(math.ceil(level)) for level in levels})
    bottom, high = _COURSE_HEIGHT - _BOTTOM, levels[-1]
    unit = (bottom - _TOP) / high
    wide = WIDTH - _LEFT - _RIGHT
    step = wide / max(len(chart.labels), 1)
    x_of = [_LEFT + step * (place + 0.5) for place in range(len(chart.labels))]
    yield from _grid(levels, [bottom - level * unit for level in levels], chart, currency)
    yield from _dates(chart.labels, x_of)
    base = [float(bottom)] * len(chart.labels)
    bar = min(step * 0.7, 26.0)
    for series in chart.series:
        for place, value in enumerate(series.values):
            if value > 0.0:
                base[place] -= value * unit
                yield (
                    f'<rect x="{x_of[place] - bar / 2:.1f}" y="{base[place]:.1f}" width="{bar:.1f}" '
                    f'height="{value * unit:.1f}" fill="{_colour(series, chart)}"/>'
                )


def _bars(chart: Chart, currency: str) -> Iterable[str]:
    """Draw the newest series as bars, one before it pale behind; the figure at the end is the newest's."""
    rows = [
        [value if math.isfinite(value) else 0.0 for value in values]
        for values in zip(*(series.values for series in chart.series), strict=True)
    ]
    marks = [mark if math.isfinite(mark) else 0.0 for mark in chart.marks] or [0.0] * len(rows)
    signed = [math.copysign(mark, values[-1]) for mark, values in zip(marks, rows, strict=True)]
    low, high = min(0.0, *signed, *map(min, rows)), max(0.0, *signed, *map(max, rows))
    unit = (WIDTH - _VALUE_WIDTH - _LABEL_WIDTH) / ((high - low) or 1e-9)
    zero = _LABEL_WIDTH - low * unit
    foot = _TOP + _BAR_STEP * len(rows)
    yield f'<line x1="{zero:.1f}" y1="{_TOP - 3}" x2="{zero:.1f}" y2="{foot}" stroke="{DAY.faint}"/>'
    for place, (label, values) in enumerate(zip(chart.labels, rows, strict=True)):
        y = _TOP + _BAR_STEP * place
        yield _text(_LABEL_WIDTH - 8, y + 11, _cut(label), anchor="end")
        for series, value in zip(chart.series, values, strict=True):
            x, long = (zero, value * unit) if value >= 0.0 else (zero + value * unit, -value * unit)
            colour = FILL[chart.bar_tones[place]] if chart.bar_tones else _colour(series, chart)
            yield f'<rect x="{x:.1f}" y="{y + 2}" width="{max(long, 0.5):.1f}" height="11" fill="{colour}"/>'
        if marks[place] > 0.0:
            mark = zero + signed[place] * unit
            yield (
                f'<line x1="{mark:.1f}" y1="{y - 1}" x2="{mark:.1f}" y2="{y + 16}" stroke="{DAY.text}" '
                'stroke-width="2"/>'
            )
        tone = chart.bar_tones[place] if chart.bar_tones else Tone.PLAIN
        words = cell_words(Cell(chart.series[-1].values[place], chart.kind, tone), currency)
        yield _text(WIDTH - 2, y + 11, words, anchor="end")


def _grid(
    levels: Sequence[float], y_of_levels: Sequence[float], chart: Chart, currency: str
) -> Iterable[str]:
    digits = 0 if chart.kind is CellKind.FRACTION and levels[-1] - levels[0] > 0.04 else 1
    for level, y in zip(levels, y_of_levels, strict=True):
        words = {
            CellKind.MONEY: lambda level=level: formats.short_money(level, currency),
            CellKind.FRACTION: lambda level=level: formats.fraction(level, digits),
        }.get(chart.kind, lambda level=level: formats.number(level))()
        yield (
            f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{WIDTH - _RIGHT}" y2="{y:.1f}" stroke="{DAY.rule}" '
            'stroke-width="0.8"/>'
        )
        yield _text(_LEFT - 7, y + 4, words, colour=DAY.muted, anchor="end")


def _dates(labels: Sequence[str], x_of: Sequence[float]) -> Iterable[str]:
    """Name some of the points, the last among them, the year where it is new."""
    n = len(labels)
    step = max(math.ceil(n / _MOST_LABELS), 1)
    year = ""
    for place in range((n - 1) % step, n, step):
        label = labels[place]
        words = label if label[:4] != year else label[5:]
        year = label[:4]
        anchor = "end" if place == n - 1 and n > 2 else "middle"
        x = min(x_of[place] + 12, WIDTH - 1) if anchor == "end" else x_of[place]
        yield _text(x, _COURSE_HEIGHT - 6, words, colour=DAY.muted, anchor=anchor)


def _runs(values: Sequence[float]) -> Iterable[list[int]]:
    """Yield the stretches of known values."""
    run: list[int] = []
    for place, value in enumerate(values):
        if math.isfinite(value):
            run.append(place)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _text(
    x: float,
    y: float,
    words: str,
    *,
    colour: str = "",
    anchor: str = "start",
    size: float = 0,
    weight: int = 0,
) -> str:
    facts = [f'x="{x:.1f}"', f'y="{y:.1f}"']
    facts += [f'fill="{colour}"'] if colour else []
    facts += [f'text-anchor="{anchor}"'] if anchor != "start" else []
    facts += [f'font-size="{size}"'] if size else []
    facts += [f'font-weight="{weight}"'] if weight else []
    return f"<text {' '.join(facts)}>{escape(words)}</text>"


def _cut(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"


def _colour(series: Series, chart: Chart) -> str:
    """Return a series' colour; what is no more than a measure for the others is quiet."""
    quiet = {ChartShape.COLUMNS: Tone.PLAIN, ChartShape.BARS: Tone.MUTED}
    if quiet.get(chart.shape) is series.tone:
        return DAY.rule if chart.shape is ChartShape.BARS else DAY.faint
    return FILL[series.tone]


def _said(chart: Chart, currency: str) -> str:
    """Return a chart in words, for those who do not see it: its newest values, or its bars."""
    if chart.shape is ChartShape.BARS:
        pairs = zip(chart.labels, chart.series[-1].values, strict=True)
        return ", ".join(f"{label} {cell_words(Cell(value, chart.kind), currency)}" for label, value in pairs)
    newest = (
        f"{series.name} {cell_words(Cell(series.values[-1], chart.kind), currency)}"
        for series in chart.series
    )
    return f"{chart.labels[0]} to {chart.labels[-1]}; at the end {', '.join(newest)}"
