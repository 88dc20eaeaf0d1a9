"""The view of the positions: Qt keeps rows, columns and selection, our painter fills them in one pass."""

from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QTableView, QWidget

from plimsoll.bridge.position_table_model import PositionColumn
from plimsoll.widgets.position_painter import ROW_HEIGHT, ColumnPlace, PositionPainter, RowPlace


class PositionView(QTableView):
    """Paints by rows: a delegate's call a cell costs more than the cell (performance-facts, 5)."""

    def __init__(self, cells: PositionPainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells = cells

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        width = self.viewport().width()
        self._cells.paint(painter, self._rows_in(event.region()), self._columns_up_to(width), width)
        painter.end()

    def update_rows(self, rows: set[int]) -> None:
        """Ask for these rows of the model to be painted again."""
        viewport = self.viewport()
        for row in rows:
            viewport.update(0, self.rowViewportPosition(row), viewport.width(), ROW_HEIGHT)

    def _rows_in(self, region: QRegion) -> list[RowPlace]:
        last = self.model().rowCount() - 1
        wanted: set[int] = set()
        for box in region:  # type: ignore[attr-defined]  # it is iterable, its stub forgot
            first, end = self.rowAt(box.top()), self.rowAt(box.bottom())
            if first >= 0:
                wanted.update(range(first, (end if end >= 0 else last) + 1))
        chosen = self.selectionModel()
        has_chosen = chosen.hasSelection()
        return [
            RowPlace(row, self.rowViewportPosition(row), has_chosen and chosen.isRowSelected(row))
            for row in sorted(wanted)
        ]

    def _columns_up_to(self, width: int) -> list[ColumnPlace]:
        places = (
            ColumnPlace(column, self.columnViewportPosition(column), self.columnWidth(column))
            for column in PositionColumn
            if not self.isColumnHidden(column)
        )
        return [place for place in places if place.left < width and place.left + place.width > 0]
