"""The model jury: every VaR model with its lamp, tests and score, and the exceptions of the chosen one."""

import math
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.roles import Meaning
from plimsoll.domain.backtest_result import BacktestResult, Lamp, MethodBacktest, TestFigure
from plimsoll.widgets import formats
from plimsoll.widgets.colours import Colours
from plimsoll.widgets.study_page import StudyPage, day_text
from plimsoll.widgets.study_table import Cell, StudyTable
from plimsoll.widgets.theme import Theme

HEADS = (
    "Model",
    "Lamp",
    "Exceptions",
    "Expected",
    "Basel 250 days",
    "Joint score",
    "As good as the best",
    "VaR score",
    "VaR now",
    "ES now",
)
TEST_HEADS = ("Test", "Statistic", "p-value", "Verdict", "Words")
INVITATION = "Tries every VaR model on the days that followed: press Run."
_MEANINGS = {
    Lamp.GREEN: Meaning.WITHIN,
    Lamp.AMBER: Meaning.NEAR,
    Lamp.RED: Meaning.OVER,
    Lamp.UNKNOWN: Meaning.UNKNOWN,
}
_VERDICTS = {"accept": Meaning.WITHIN, "reject": Meaning.NEAR, "unknown": Meaning.UNKNOWN}


class BacktestPanel(StudyPage):
    """Shows a finished result; what runs it listens to `bar`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._result = BacktestResult("not run yet")
        super().__init__(
            theme,
            name="Backtest of the VaR models",
            invitation=INVITATION,
            table=StudyTable(theme, "Models", HEADS),
            details=StudyTable(theme, "Tests of the chosen model", TEST_HEADS),
            parent=parent,
        )

    @property
    def tests(self) -> StudyTable:
        """The tests of the model chosen."""
        return self.details

    def show_result(self, result: BacktestResult, currency: str) -> None:
        """Show the jury's record, money in the base currency."""
        self._result, self._currency = result, currency
        self._reveal()
        if not result.is_known:
            self.bar.show_end(f"Not known: {result.refusal}")
            self.table.show_rows([])
            self.tests.show_rows([])
            self.words.setText("; ".join(result.words))
            return
        span = f"{day_text(int(result.days[0]))} to {day_text(int(result.days[-1]))}"
        self.bar.show_end(
            f"{len(result.days)} days out of sample, {span}, each from the {result.n_window} before it; "
            f"today's book; VaR {result.var_confidence:.0%}, ES {result.es_confidence:.1%}"
        )
        self.table.show_rows([self._row(record) for record in result.methods])
        self.words.setText("; ".join((self._disagreement(), *result.words[:2])))
        self.words.setToolTip("\n".join(result.words))

    def _disagreement(self) -> str:
        result = self._result
        apart = formats.fraction(result.disagreement_now, 0)
        line = formats.fraction(result.disagreement_line, 0)
        verdict = "beyond" if result.is_disagreement_alert else "within"
        return (
            f"The models lie {apart} of the median VaR apart on the newest day, {verdict} the line of {line}"
        )

    def _row(self, record: MethodBacktest) -> list[Cell]:
        replaced = f"; {record.n_replaced} days by another figure" if record.n_replaced else ""
        basel = (
            f"{record.basel_zone}, × {record.basel_multiplier:.2f}" if record.basel_zone else formats.UNKNOWN
        )
        is_best = math.isnan(record.worse_than_best_p) and not math.isnan(record.mean_score)
        p_value = "the best" if is_best else _p(record.worse_than_best_p)
        meaning = Meaning.PLAIN if is_best or record.worse_than_best_p >= 0.05 else Meaning.NEAR
        return [
            Cell(record.name, tip=record.words + replaced, is_number=False),
            Cell(str(record.lamp), _MEANINGS[record.lamp], record.reason, is_number=False),
            Cell(formats.number(record.n_exceptions)),
            Cell(formats.number(record.n_expected, 1)),
            Cell(basel, is_number=False),
            Cell(formats.number(record.mean_score, 4), tip="Fissler-Ziegel, lower is better"),
            Cell(p_value, meaning, "Diebold-Mariano"),
            Cell(formats.money(record.mean_pinball, self._currency), tip="pinball, lower is better"),
            Cell(formats.money(float(record.var[-1]), self._currency)),
            Cell(formats.money(float(record.es[-1]), self._currency)),
        ]

    def _show_row(self, row: int) -> None:
        if not 0 <= row < len(self._result.methods):
            return
        record = self._result.methods[row]
        self.tests.show_rows([_test_row(figure) for figure in record.tests])
        if self._plot is not None:
            self._draw(record)

    def _add_curves(self, pg: Any) -> None:
        self._days = pg.ScatterPlotItem(size=3)
        self._exceptions = pg.ScatterPlotItem(size=7)
        self._var = self._plot.plot([], [])
        self._es = self._plot.plot([], [])
        self._plot.addItem(self._days)
        self._plot.addItem(self._exceptions)

    def _draw(self, record: MethodBacktest) -> None:
        days, pnl = self._result.days.astype(np.float64), self._result.pnl_base
        hit = record.is_exception
        self._days.setData(days[~hit], pnl[~hit])
        self._exceptions.setData(days[hit], pnl[hit])
        self._var.setData(days, -record.var)
        self._es.setData(days, -record.es)
        self._plot.setXRange(float(days[0]), float(days[-1]), padding=0.02)
        reach = float(np.abs(pnl).max()) or 1.0
        self._plot.setYRange(-reach, reach, padding=0.04)
        self._plot.setAccessibleDescription(
            f"{record.name}: {record.n_exceptions} exceptions in {len(days)} days, "
            f"{record.n_expected:.1f} expected"
        )

    def _paint_curves(self, pg: Any, colours: Colours) -> None:
        for dots, colour in ((self._days, colours.muted), (self._exceptions, colours.over)):
            dots.setBrush(pg.mkBrush(colour))
            dots.setPen(pg.mkPen(None))
        self._var.setPen(pg.mkPen(colours.near, width=1))
        self._es.setPen(pg.mkPen(colours.over, width=1, style=Qt.PenStyle.DashLine))


def _test_row(figure: TestFigure) -> list[Cell]:
    return [
        Cell(figure.name, is_number=False),
        Cell(formats.number(figure.statistic, 3)),
        Cell(_p(figure.p_value)),
        Cell(figure.verdict, _VERDICTS.get(figure.verdict, Meaning.UNKNOWN), is_number=False),
        Cell(figure.words, tip=figure.words, is_number=False),
    ]


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else formats.number(value, 3)
