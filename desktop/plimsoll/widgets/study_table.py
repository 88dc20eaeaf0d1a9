"""A short table of finished figures: one row chosen, each cell in the colour of what it means."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from plimsoll.bridge.roles import Meaning
from plimsoll.widgets.theme import Theme


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell says, what it means, and what the tooltip adds."""

    text: str
    meaning: Meaning = Meaning.PLAIN
    tip: str = ""
    is_number: bool = True


ROWS_A_TURN = 64


class StudyTable(QTableWidget):
    """Rows that are shown at once and change only as a whole.

    Signals
    -------
    row_chosen(int)
        Another row was chosen, by mouse or keys.

    Attributes
    ----------
    fit : QHeaderView.ResizeMode
        How wide columns are: as their texts, unless told otherwise.
    """

    row_chosen = Signal(int)

    def __init__(self, theme: Theme, name: str, heads: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(0, len(heads), parent)
        self._theme = theme
        self._rows: tuple[tuple[Cell, ...], ...] = ()
        self.fit = QHeaderView.ResizeMode.ResizeToContents
        self.setAccessibleName(name)
        self.setHorizontalHeaderLabels(list(heads))
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.horizontalHeader().setSectionResizeMode(self.fit)
        self.horizontalHeader().setHighlightSections(False)
        self._n_filled = 0
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.setInterval(0)
        self._more.timeout.connect(self._fill)
        self.itemSelectionChanged.connect(self._tell)
        theme.changed.connect(self._paint)

    def show_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Show these rows instead of the ones before; the chosen one stays chosen."""
        chosen = max(self.currentRow(), 0)
        self._rows = tuple(tuple(row) for row in rows)
        self.setRowCount(len(self._rows))
        self._paint()
        if not self._rows:
            return
        row = min(chosen, len(self._rows) - 1)
        if self.selectionModel().isRowSelected(row):
            self.row_chosen.emit(row)  # the same place, with other facts in it
        else:
            self.selectRow(row)

    @Slot()
    def _paint(self) -> None:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        # A header that fits its columns measures all of them again at every cell: 0.4 ms each.
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for column, cell in enumerate(self._rows[0] if self._rows else ()):
            caption = self.horizontalHeaderItem(column)
            if caption is not None:
                caption.setTextAlignment(right if cell.is_number else left)
        self._n_filled = 0
        self._fill()

    @Slot()
    def _fill(self) -> None:
        """Fill some rows, the others in later turns of the event loop: no frame waits for them all."""
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        some = self._rows[self._n_filled : self._n_filled + ROWS_A_TURN]
        for row, cells in enumerate(some, start=self._n_filled):
            for column, cell in enumerate(cells):
                item = QTableWidgetItem(cell.text)
                item.setToolTip(cell.tip)
                item.setTextAlignment(right if cell.is_number else left)
                if cell.meaning is not Meaning.PLAIN:
                    item.setForeground(QColor(self._theme.colours.ink(cell.meaning)))
                self.setItem(row, column, item)
        self._n_filled += len(some)
        if self._n_filled < len(self._rows):
            self._more.start()
        else:
            self._more.stop()
            self.horizontalHeader().setSectionResizeMode(self.fit)

    @Slot()
    def _tell(self) -> None:
        chosen = self.selectionModel().selectedRows()
        if chosen:
            self.row_chosen.emit(chosen[0].row())
