"""The crises of the past over today's book: a table, the path through the chosen one, and who caused it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from plimsoll.bridge.roles import Meaning, meaning_of_sign
from plimsoll.domain.crisis_window import date_of
from plimsoll.domain.stress_result import StressResult
from plimsoll.widgets import formats
from plimsoll.widgets.plot import axis, plot_widget, restyle
from plimsoll.widgets.study_bar import StudyBar
from plimsoll.widgets.study_table import Cell, StudyTable
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

HEADS = (
    "Crisis",
    "Drawdown",
    "of NAV",
    "Peak",
    "Trough",
    "Recovered",
    "Worst day",
    "on",
    "At the end",
    "1-day VaR",
    "1-day ES",
    "By proxy",
    "Held still",
)
PART_HEADS = ("Part", "Sector", "Lost to the trough", "At the end", "By")
HEADLINE_METHOD = "historical"
CHART_AND_TABLE = [700, 520]  # pixels at first; the splitter is the trader's own
INVITATION = "Leads today's book through the library of crises: press Run."


class StressPanel(QWidget):
    """Shows finished results; what runs them listens to `bar`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._results: tuple[StressResult, ...] = ()
        self._currency = "USD"
        self._plot: Any = None
        self.setAccessibleName("Stress by past crises")
        self.bar = StudyBar(INVITATION, self)
        self.table = StudyTable(theme, "Crises", HEADS, self)
        self.parts = StudyTable(theme, "Parts of the drawdown", PART_HEADS, self)
        self.table.row_chosen.connect(self._choose)
        self.words = QLabel("", self)
        self.words.setFont(face(SMALL))
        self.words.setProperty("tone", "muted")
        self.words.setWordWrap(True)
        self.words.setContentsMargins(8, 2, 8, 4)
        self._chart = QWidget(self)
        self._chart.setMinimumWidth(240)
        self._chart_column = QVBoxLayout(self._chart)
        self._chart_column.setContentsMargins(4, 0, 8, 0)
        below = QSplitter(Qt.Orientation.Horizontal, self)
        below.addWidget(self._chart)
        below.addWidget(self.parts)
        below.setSizes(CHART_AND_TABLE)
        halves = QSplitter(Qt.Orientation.Vertical, self)
        halves.addWidget(self.table)
        halves.addWidget(below)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(halves, 1)
        column.addWidget(self.words)
        theme.changed.connect(self._restyle)

    def load(self) -> None:
        """Build the plot; pyqtgraph is imported here, when the panel is first seen."""
        if self._plot is not None:
            return
        import pyqtgraph as pg

        self._plot = plot_widget(left=axis("left", self._money, 62), bottom=axis("bottom", self._date, 18))
        self._path = self._plot.plot([], [])
        self._after = self._plot.plot([], [])
        self._zero = self._plot.addLine(y=0.0)
        self._marks = pg.ScatterPlotItem(size=8)
        self._plot.addItem(self._marks)
        self._chart_column.addWidget(self._plot)
        self._restyle()
        self._choose(max(self.table.currentRow(), 0))

    def show_results(self, results: Sequence[StressResult], currency: str) -> None:
        """Show a study's results, money in the base currency."""
        self._results, self._currency = tuple(results), currency
        n_known = sum(result.is_known for result in self._results)
        self.bar.show_end(f"{n_known} of {len(self._results)} crises replayed with today's book, held still")
        self.table.show_rows([self._row(result) for result in self._results])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.load()

    def _row(self, result: StressResult) -> list[Cell]:
        tip = f"{result.window.source}. {result.window.note}".strip()
        name = Cell(result.window.name, tip=tip, is_number=False)
        if not result.is_known:
            return [name, Cell(result.refusal, Meaning.UNKNOWN, is_number=False)]
        back = result.recovery_day
        figure = result.method(HEADLINE_METHOD)
        methods = "\n".join(
            f"{one.name}: VaR {self._full(one.var)}, ES {self._full(one.es)} ({one.words})"
            for one in result.methods
        )
        residual = f"± {self._full(result.residual_base)} at the trough, one deviation"
        recovered = _day(back) if back is not None else f"not by {_day(result.searched_until_day)}"
        return [
            name,
            Cell(self._full(-result.drawdown_base), meaning_of_sign(-result.drawdown_base)),
            Cell(formats.fraction(result.drawdown_fraction, 1)),
            Cell(_day(result.peak_day)),
            Cell(_day(result.trough_day)),
            Cell(recovered, Meaning.PLAIN if back is not None else Meaning.NEAR),
            Cell(self._full(result.worst_day_pnl_base), meaning_of_sign(result.worst_day_pnl_base)),
            Cell(_day(result.worst_day)),
            Cell(self._full(result.pnl_end_base), meaning_of_sign(result.pnl_end_base)),
            Cell(self._full(figure.var), tip=methods),
            Cell(self._full(figure.es), tip=methods),
            Cell(formats.fraction(result.proxy_fraction, 0), tip=residual),
            Cell(
                formats.fraction(result.still_fraction, 0),
                Meaning.NEAR if result.still_fraction > 0.0 else Meaning.PLAIN,
            ),
        ]

    @Slot(int)
    def _choose(self, row: int) -> None:
        if not 0 <= row < len(self._results):
            return
        result = self._results[row]
        self.parts.show_rows(self._part_rows(result))
        said = result.words
        shown = "; ".join(said[:3]) + (f"; and {len(said) - 3} more" if len(said) > 3 else "")
        self.words.setText(f"{result.window.note} {shown}".strip())
        self.words.setToolTip("\n".join(said))
        if self._plot is not None:
            self._draw(result)

    def _part_rows(self, result: StressResult) -> list[list[Cell]]:
        rows = [
            self._part(f"Sector: {part.name}", "", part.drawdown_part_base, part.pnl_base, Cell(""))
            for part in result.sectors
        ]
        rows += [
            self._part(f"Cash {part.name}", "", part.drawdown_part_base, part.pnl_base, Cell(""))
            for part in result.cash
        ]
        for part in sorted(result.positions, key=lambda one: -one.drawdown_part_base):
            tip = part.stand_in.words if part.stand_in is not None else ""
            road = Cell(str(part.road), tip=tip, is_number=False)
            rows.append(self._part(part.code, part.sector, part.drawdown_part_base, part.pnl_base, road))
        return rows

    def _part(self, name: str, sector: str, lost: float, at_end: float, road: Cell) -> list[Cell]:
        return [
            Cell(name, is_number=False),
            Cell(sector, is_number=False),
            Cell(self._full(-lost), meaning_of_sign(-lost)),
            Cell(self._full(at_end), meaning_of_sign(at_end)),
            road,
        ]

    def _draw(self, result: StressResult) -> None:
        days, pnl, inside = result.days.astype(np.float64), result.pnl_base, result.n_window
        self._plot.setVisible(result.is_known)
        if not result.is_known:
            return
        self._path.setData(days[:inside], pnl[:inside])
        self._after.setData(days[max(inside - 1, 0) :], pnl[max(inside - 1, 0) :])
        marked = np.isin(result.days, [result.peak_day, result.trough_day, result.recovery_day or -1])
        self._marks.setData(days[marked], pnl[marked])
        self._plot.setXRange(float(days[0]), float(days[-1]), padding=0.02)
        low, high = float(pnl.min()), float(pnl.max())
        self._plot.setYRange(low, max(high, low + 1.0), padding=0.08)
        fall = formats.short_money(-result.drawdown_base, self._currency)
        self._plot.setAccessibleDescription(f"{result.window.name}: {fall} from the high to the trough")

    @Slot()
    def _restyle(self) -> None:
        if self._plot is None:
            return
        import pyqtgraph as pg

        colours = self._theme.colours
        restyle((self._plot,), colours)
        self._path.setPen(pg.mkPen(colours.accent, width=2))
        self._after.setPen(pg.mkPen(colours.muted, width=1))
        self._zero.setPen(pg.mkPen(colours.rule, width=1))
        self._marks.setBrush(pg.mkBrush(colours.over))
        self._marks.setPen(pg.mkPen(None))

    def _full(self, value: float) -> str:
        return formats.money(value, self._currency)

    def _money(self, value: float) -> str:
        return formats.short_money(value, self._currency)

    @staticmethod
    def _date(value: float) -> str:
        return _day(int(value))


def _day(number: int) -> str:
    return date_of(number).isoformat()
