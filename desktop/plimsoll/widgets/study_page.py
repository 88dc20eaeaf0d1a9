"""What the panels of the studies share: a bar, a table, and a plot beside the details of the row chosen."""

from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from plimsoll.domain.crisis_window import date_of
from plimsoll.widgets import formats
from plimsoll.widgets.colours import Colours
from plimsoll.widgets.empty_state import EmptyState
from plimsoll.widgets.plot import axis, plot_widget, restyle
from plimsoll.widgets.study_bar import StudyBar
from plimsoll.widgets.study_table import StudyTable
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

CHART_AND_TABLE = [700, 520]  # pixels at first; the splitter is the trader's own


class StudyPage(QWidget):
    """A panel that shows finished results; what runs them listens to `bar`.

    Each study fills `table`, draws the row chosen, and shows its parts in `details`. The plot's library is
    imported when the panel is first seen.

    Parameters
    ----------
    theme : Theme
        Whose colours.
    name : str
        What the page is called.
    invitation : str
        What the bar says before the first run.
    table, details : StudyTable
        The results, and the parts of the one chosen.
    """

    def __init__(
        self,
        theme: Theme,
        *,
        name: str,
        invitation: str,
        table: StudyTable,
        details: StudyTable,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._currency = "USD"
        self._plot: Any = None
        self.setAccessibleName(name)
        self.bar = StudyBar(invitation, self)
        self.table, self.details = table, details
        self.words = QLabel("", self)
        self.words.setFont(face(SMALL))
        self.words.setProperty("tone", "muted")
        self.words.setWordWrap(True)
        self.words.setContentsMargins(8, 2, 8, 4)
        self._chart = QWidget(self)
        self._chart.setMinimumWidth(240)
        self._chart_column = QVBoxLayout(self._chart)
        self._chart_column.setContentsMargins(4, 0, 8, 0)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self._empty = EmptyState(self)
        self._empty.show_words(invitation, "")
        self._halved = self._halves()
        self._halved.hide()
        self.column.addWidget(self.bar)
        self.column.addWidget(self._empty, 1)
        self.column.addWidget(self._halved, 1)
        self.column.addWidget(self.words)
        table.row_chosen.connect(self._choose)
        self.bar.asked.connect(self._reveal)  # at the press, so that the results need not wait for it
        theme.changed.connect(self._restyle)

    def load(self) -> None:
        """Build the plot, once."""
        if self._plot is not None:
            return
        import pyqtgraph as pg

        self._plot = plot_widget(left=axis("left", self._money, 62), bottom=axis("bottom", self._date, 18))
        self._add_curves(pg)
        self._chart_column.addWidget(self._plot)
        self._restyle()
        self._choose(max(self.table.currentRow(), 0))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.load()

    @Slot()
    def _reveal(self) -> None:
        """Show the results in the place of the invitation: empty axes say nothing."""
        self._empty.hide()
        self._halved.show()

    def _halves(self) -> QSplitter:
        below = QSplitter(Qt.Orientation.Horizontal, self)
        below.addWidget(self._chart)
        below.addWidget(self.details)
        below.setSizes(CHART_AND_TABLE)
        halves = QSplitter(Qt.Orientation.Vertical, self)
        halves.addWidget(self.table)
        halves.addWidget(below)
        return halves

    def _add_curves(self, pg: Any) -> None:
        """Put what is drawn into the new plot."""
        raise NotImplementedError

    def _paint_curves(self, pg: Any, colours: Colours) -> None:
        """Give the curves the colours of the moment."""
        raise NotImplementedError

    def _show_row(self, row: int) -> None:
        """Show a row of the table in the plot and in the details; there may be no such row."""
        raise NotImplementedError

    @Slot(int)
    def _choose(self, row: int) -> None:
        self._show_row(row)

    @Slot()
    def _restyle(self) -> None:
        if self._plot is None:
            return
        import pyqtgraph as pg

        colours = self._theme.colours
        restyle((self._plot,), colours)
        self._paint_curves(pg, colours)

    def _full(self, value: float) -> str:
        return formats.money(value, self._currency)

    def _money(self, value: float) -> str:
        return formats.short_money(value, self._currency)

    @staticmethod
    def _date(value: float) -> str:
        return day_text(int(value))


def day_text(number: int) -> str:
    """Return a day, counted from 1970-01-01, as it is written."""
    return date_of(number).isoformat()
