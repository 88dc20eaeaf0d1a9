"""The Protocol tab: what acting on the limits would have brought, by policy, and each breach on the way."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.roles import Meaning, meaning_of_sign
from plimsoll.domain.protocol_result import (
    FALSE_ALARM_DAYS,
    PolicyTrials,
    ProtocolCourse,
    ProtocolEpisode,
    ProtocolFigures,
    ProtocolResult,
)
from plimsoll.domain.units import NS_PER_DAY
from plimsoll.widgets import formats
from plimsoll.widgets.colours import Colours
from plimsoll.widgets.protocol_form import ProtocolForm
from plimsoll.widgets.study_page import StudyPage, day_text
from plimsoll.widgets.study_table import Cell, StudyTable
from plimsoll.widgets.theme import Theme

HEADS = (
    "Policy",
    "Against untouched",
    "Other people",
    "Other histories",
    "Drawdown",
    "Avoided",
    "Avoided, other histories",
    "Cost",
    "Turnover",
    "Breaches",
    "Acted on",
    "False alarms",
    "Back under",
    "Never",
)
EPISODE_HEADS = (
    "Breach",
    "Day",
    "Value",
    "Line",
    "Became",
    "Plan",
    "After",
    "Traded",
    "Cost",
    "Under",
    "False",
)
INVITATION = "Leads today's book through its past with your limits, your policy and people: press Run."
MEANING = (
    "Against untouched: worth at the end less that of the same book held still, costs paid. Other people, "
    "other histories: median and 5 to 95 % of the draws. Avoided: how much less deep the deepest fall was. "
    f"A false alarm: the untouched book stood no lower {FALSE_ALARM_DAYS} days later."
)
STATE_WORDS = {"open": "unanswered", "awaits_second": "unconfirmed"}


class ProtocolPanel(StudyPage):
    """Shows a finished protocol backtest.

    Signals
    -------
    wanted()
        It came to be seen: what was kept is welcome.
    """

    wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.result = ProtocolResult(refusal="not run yet")
        super().__init__(
            theme,
            name="Protocol backtest",
            invitation=INVITATION,
            table=StudyTable(theme, "Policies", HEADS),
            details=StudyTable(theme, "Breaches of the chosen policy", EPISODE_HEADS),
            parent=parent,
        )
        self.form = ProtocolForm(self)
        self.column.insertWidget(1, self.form)
        self.words.setText(MEANING)

    def show_result(self, result: ProtocolResult) -> None:
        """Show a result; one without courses says why there is none."""
        self.result, self._currency = result, result.currency
        if not result.is_known or not result.courses:
            self.bar.show_end(INVITATION if result.refusal == "not run yet" else result.refusal)
            self.table.show_rows([])
            self.details.show_rows([])
            return
        days = result.courses[0].days
        tried = result.trials[0] if result.trials else PolicyTrials("")
        span = f"{len(days)} days, {day_text(int(days[0]))} to {day_text(int(days[-1]))}"
        draws = f"{len(tried.by_human)} draws of the people, {len(tried.by_history)} made-up histories"
        self.bar.show_end("; ".join((span, draws, *result.words[:1])))
        self.words.setToolTip("\n".join(result.words))
        trials = {each.policy: each for each in result.trials}
        self.table.show_rows(
            [self._row(course, trials.get(course.policy, PolicyTrials(""))) for course in result.courses]
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.wanted.emit()

    def _row(self, course: ProtocolCourse, trials: PolicyTrials) -> list[Cell]:
        figures = course.figures
        gain = figures.gain_base
        share = figures.n_false_alarms / figures.n_judged if figures.n_judged else math.nan
        false = f"{figures.n_false_alarms} of {figures.n_judged}"
        return [
            Cell(course.policy, is_number=False),
            Cell(self._signed(gain), meaning_of_sign(gain)),
            self._spread(trials.by_human, _gain, self._signed),
            self._spread(trials.by_history, _gain, self._signed),
            Cell(
                formats.fraction(figures.drawdown_fraction, 1),
                tip=f"untouched {formats.fraction(figures.untouched_drawdown_fraction, 1)}",
            ),
            Cell(
                formats.fraction(figures.drawdown_avoided_fraction, 1),
                meaning_of_sign(figures.drawdown_avoided_fraction),
            ),
            self._spread(trials.by_history, _avoided, lambda value: formats.fraction(value, 1)),
            Cell(self._full(figures.cost_base)),
            Cell(self._full(figures.turnover_base)),
            Cell(formats.count(figures.n_breaches)),
            Cell(formats.count(figures.n_acted)),
            Cell(false, Meaning.NEAR if share > 0.5 else Meaning.PLAIN),
            Cell(_span(figures.under_after_s)),
            Cell(formats.count(figures.never_under), Meaning.NEAR if figures.never_under else Meaning.PLAIN),
        ]

    def _spread(
        self,
        trials: Sequence[ProtocolFigures],
        figure: Callable[[ProtocolFigures], float],
        write: Callable[[float], str],
    ) -> Cell:
        if not trials:
            return Cell(formats.UNKNOWN, Meaning.UNKNOWN)
        values = np.array([figure(each) for each in trials])
        low, middle, high = (float(each) for each in np.quantile(values, [0.05, 0.5, 0.95]))
        better = float((values > 0.0).mean())
        tip = f"{write(low)} to {write(high)} in 5 to 95 % of {len(values)} draws; above zero in {better:.0%}"
        return Cell(f"{write(middle)}  ({write(low)} to {write(high)})", meaning_of_sign(middle), tip)

    def _show_row(self, row: int) -> None:
        if not 0 <= row < len(self.result.courses):
            return
        course = self.result.courses[row]
        self.details.show_rows([self._episode(each) for each in course.episodes])
        if self._plot is not None:
            self._draw(course)

    def _episode(self, episode: ProtocolEpisode) -> list[Cell]:
        title = f"{episode.limit_name} · {episode.member}" if episode.member else episode.limit_name
        after_s = (episode.decided_ns - episode.raised_ns) / 1e9 if episode.decided_ns else math.nan
        has_traded = episode.n_fills > 0
        false = {None: formats.UNKNOWN, True: "yes", False: "no"}[episode.is_false_alarm]
        return [
            Cell(title, tip=f"{episode.breach_id}, {episode.severity}", is_number=False),
            Cell(day_text(episode.raised_ns // NS_PER_DAY)),
            Cell(f"{episode.value:.4g}"),
            Cell(f"{episode.line:.4g}"),
            Cell(STATE_WORDS.get(episode.state, episode.state.replace("_", " ")), is_number=False),
            Cell(episode.planner, is_number=False),
            Cell(_span(after_s)),
            Cell(self._full(episode.turnover_base) if has_traded else "", tip=f"{episode.n_fills} fills"),
            Cell(self._full(episode.cost_base) if has_traded else ""),
            Cell(_span(episode.under_after_s), Meaning.PLAIN if episode.under_ns else Meaning.NEAR),
            Cell(false, Meaning.NEAR if episode.is_false_alarm else Meaning.PLAIN),
        ]

    def _add_curves(self, pg: Any) -> None:
        self._untouched = self._plot.plot([], [])
        self._equity = self._plot.plot([], [])
        self._acts = pg.ScatterPlotItem(size=8)
        self._plot.addItem(self._acts)

    def _draw(self, course: ProtocolCourse) -> None:
        days = course.days.astype(np.float64)
        self._untouched.setData(days, course.untouched)
        self._equity.setData(days, course.equity)
        acted = [each.decided_ns // NS_PER_DAY for each in course.episodes if each.decided_ns]
        places = np.unique(np.searchsorted(course.days, acted).clip(max=len(days) - 1)).astype(np.int64)
        self._acts.setData(days[places], course.equity[places])
        self._plot.setXRange(float(days[0]), float(days[-1]), padding=0.02)
        both = np.concatenate([course.equity, course.untouched])
        low, high = float(both.min()), float(both.max())
        self._plot.setYRange(low, max(high, low + 1.0), padding=0.06)
        self._plot.setAccessibleDescription(
            f"{course.policy}: {self._money(course.figures.final_base)} at the end, untouched "
            f"{self._money(course.figures.untouched_base)}; dots are days on which something was done"
        )

    def _paint_curves(self, pg: Any, colours: Colours) -> None:
        self._untouched.setPen(pg.mkPen(colours.muted, width=1))
        self._equity.setPen(pg.mkPen(colours.accent, width=2))
        self._acts.setBrush(pg.mkBrush(colours.near))
        self._acts.setPen(pg.mkPen(None))

    def _signed(self, value: float) -> str:
        return formats.short_money(value, self._currency)


def _gain(figures: ProtocolFigures) -> float:
    return figures.gain_base


def _avoided(figures: ProtocolFigures) -> float:
    return figures.drawdown_avoided_fraction


def _span(seconds: float) -> str:
    """Return how long something took: seconds, minutes, hours or days."""
    if math.isnan(seconds):
        return formats.UNKNOWN
    for unit, size in (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
