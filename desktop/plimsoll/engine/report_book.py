"""The book of a report: positions, days, the VaR models' lamps, and what every figure rests on."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from plimsoll.domain.backtest_result import Lamp
from plimsoll.domain.desk_figures import DeskFigures, LampFigures
from plimsoll.domain.report import Cell, CellKind, Column, ReportPart, Tone, signed_cell, text_cell
from plimsoll.engine.report_past import DayEnd

K = CellKind
NAN = float("nan")
_LAMP_TONE = {Lamp.GREEN: Tone.WITHIN, Lamp.AMBER: Tone.NEAR, Lamp.RED: Tone.OVER, Lamp.UNKNOWN: Tone.MUTED}

POSITIONS, DAYS = "Book and P&L", "Day by day"
LAMPS, QUALITY = "VaR models", "What the figures rest on"
NO_FIGURES = "The journal holds no figures of this day: a running desk keeps them at the day roll."


def position_part(figures: DeskFigures | None) -> ReportPart:
    """Return the book, the largest exposure first."""
    columns = (
        Column("Instrument", weight=2.6),
        Column("Quantity", K.QUANTITY, 1.3),
        Column("Price", K.PRICE, 1.2),
        Column("Exposure", K.MONEY, 1.5),
        Column("Of NAV", K.FRACTION, 1.0),
        Column("Day P&L", K.MONEY, 1.3),
        Column("Unrealised", K.MONEY, 1.3),
        Column("Of ES", K.MONEY, 1.2),
        Column("State", weight=1.0),
    )
    if figures is None or not figures.positions:
        return ReportPart(POSITIONS, NO_FIGURES, columns)
    rows = sorted(
        figures.positions,
        key=lambda line: 0.0 if math.isnan(line.value_base) else -abs(line.value_base),
    )
    return ReportPart(
        POSITIONS,
        f"{len(rows)} positions, the largest exposure first. {_coverage_words(figures)}",
        columns,
        tuple(
            (
                text_cell(f"{line.code}  {line.name}" if line.name != line.code else line.code),
                Cell(line.quantity, K.QUANTITY),
                Cell(line.mark, K.PRICE),
                Cell(line.value_base, K.MONEY),
                Cell(line.weight_fraction, K.FRACTION),
                signed_cell(line.day_pnl_base),
                signed_cell(line.unrealised_base),
                Cell(line.es_contribution_base, K.MONEY),
                text_cell(line.state, Tone.PLAIN if line.state == "priced" else Tone.NEAR),
            )
            for line in rows
        ),
    )


def day_part(days: Sequence[DayEnd], figures: Sequence[DeskFigures], breaches: Iterable[int]) -> ReportPart:
    """Return a line a day, the newest first.

    Parameters
    ----------
    days : sequence of DayEnd
        Oldest first; the first of them only gives the second its P&L where it lies before the period.
    figures : sequence of DeskFigures
        As kept at the days' ends, by day in the same order; NaN figures where none were kept.
    breaches : iterable of int
        The day of each breach.
    """
    count = Counter(breaches)
    rows = []
    pnl = day_pnls(days)
    for end, moved, kept in zip(days, pnl, figures, strict=True):
        # Of the journal's first day the roll before is not known, but the desk knew its closes.
        made = kept.day_pnl if math.isnan(moved) else moved
        drawdown = drawdown_of(end.nav, end.high_water_mark)
        rows.append(
            (
                Cell(end.day, K.DATE),
                Cell(end.nav, K.MONEY),
                signed_cell(made),
                Cell(end.flows_base, K.MONEY),
                Cell(drawdown, K.FRACTION),
                Cell(kept.var, K.MONEY),
                Cell(kept.es, K.MONEY),
                Cell(kept.leverage, K.RATIO),
                Cell(count[end.day], K.COUNT, Tone.OVER if count[end.day] else Tone.PLAIN),
            )
        )
    words = "At each day's roll, the newest first; P&L leaves out what came or went from outside."
    return ReportPart(
        DAYS,
        words if rows else "No day ended in this period: the journal holds no day roll of it.",
        (
            Column("Day", K.DATE, 1.2),
            Column("NAV", K.MONEY, 1.5),
            Column("P&L", K.MONEY, 1.4),
            Column("Flows", K.MONEY, 1.1),
            Column("Drawdown", K.FRACTION),
            Column("VaR", K.MONEY, 1.2),
            Column("ES", K.MONEY, 1.2),
            Column("Leverage", K.RATIO),
            Column("Breaches", K.COUNT, 0.9),
        ),
        tuple(reversed(rows)),
    )


def lamp_part(lamps: Sequence[LampFigures], words: str) -> ReportPart:
    """Return each VaR model's lamp and what it rests on."""
    return ReportPart(
        LAMPS,
        words or "No backtest was run before this report: open Backtest in the desk, then make it anew.",
        (
            Column("Model", weight=2.2),
            Column("Lamp", weight=0.8),
            Column("Exceptions", K.COUNT, 0.9),
            Column("Expected", K.QUANTITY, 0.9),
            Column("Zone", weight=0.8),
            Column("Score", K.INDEX, 0.8),
            Column("Why", weight=3.6),
        ),
        tuple(
            (
                text_cell(line.model),
                text_cell(line.lamp, _LAMP_TONE[Lamp(line.lamp)]),
                Cell(line.n_exceptions, K.COUNT),
                Cell(line.n_expected, K.QUANTITY),
                text_cell(line.zone),
                Cell(line.mean_score, K.INDEX),
                text_cell(line.reason),
            )
            for line in lamps
        ),
    )


def quality_part(figures: DeskFigures | None) -> ReportPart:
    """Return the grade of each figure with its reasons."""
    columns = (
        Column("Figure", weight=2.2),
        Column("Value", K.MONEY, 1.2),
        Column("Grade", weight=0.7),
        Column("Why", weight=5.0),
    )
    if figures is None:
        return ReportPart(QUALITY, NO_FIGURES, columns)
    return ReportPart(
        QUALITY,
        f"{_coverage_words(figures)} {figures.n_scenarios} daily scenarios. {figures.var_words}".strip(),
        columns,
        tuple(
            (
                text_cell(line.title),
                Cell(line.value, CellKind(line.unit)),
                text_cell(line.letter or "none", Tone.WITHIN if line.letter in {"A", "B"} else Tone.NEAR),
                text_cell(line.words),
            )
            for line in figures.graded
        ),
    )


def drawdown_of(nav: float, high_water_mark: float) -> float:
    """Return the loss from the high-water mark as a fraction, positive; NaN where either is unknown."""
    if not high_water_mark > 0.0 or math.isnan(nav):
        return NAN
    return max(1.0 - nav / high_water_mark, 0.0)


def day_pnls(days: Sequence[DayEnd]) -> list[float]:
    """Return each day's P&L without flows; of the first day it is unknown."""
    found = [NAN] * min(len(days), 1)
    for before, end in pairwise(days):
        found.append(end.nav - before.nav - end.flows_base)
    return found


def _coverage_words(figures: DeskFigures) -> str:
    if math.isnan(figures.priced_fraction):
        return ""
    return (
        f"Of gross exposure {figures.priced_fraction:.0%} priced, {figures.fresh_fraction:.0%} fresh, "
        f"{figures.history_fraction:.0%} with history, {figures.proxy_fraction:.0%} by proxy."
    )
