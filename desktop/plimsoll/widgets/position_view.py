"""The view of the positions: Qt keeps rows, columns and selection, our painter fills them in by patches."""

from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect
from PySide6.QtGui import QAccessible, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QTableView, QWidget

from plimsoll.bridge.position_table_model import PositionColumn
from plimsoll.widgets.position_painter import ROW_HEIGHT, CellPlace, ColumnPlace, PositionPainter, RowPlace

Index = QModelIndex | QPersistentModelIndex


class PositionView(QTableView):
    """Paints cells that look different and no others, many in one call.

    A delegate's call a cell costs more than the cell (performance-facts, 5), and of a row that ticked most
    cells write what they wrote before.
    """

    def __init__(self, cells: PositionPainter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells = cells
        self._changed_rows: list[int] = []

    def dataChanged(self, first: Index, last: Index, roles: Sequence[int] = ()) -> None:
        """Note the rows; `show_changes` has those of their cells painted that look different."""
        if QAccessible.isActive():  # Qt tells assistive technology, and paints whole rows
            super().dataChanged(first, last, roles)
        self._changed_rows.extend(range(first.row(), last.row() + 1))

    def show_changes(self) -> None:
        """Ask for the cells to be painted that look different since the model announced their rows."""
        rows, self._changed_rows = self._changed_rows, []
        if rows:
            shown = [place.column for place in self._columns_up_to(self.viewport().width())]
            self.update_cells(self._cells.refresh(rows, shown))

    def update_cells(self, cells: Iterable[CellPlace]) -> None:
        """Ask for cells to be painted again."""
        places = {place.column: place for place in self._columns_up_to(self.viewport().width())}
        top = self.rowViewportPosition(0)
        region = QRegion()
        for row, column in cells:
            place = places.get(column)
            if place is not None:
                region += QRect(place.left, top + row * ROW_HEIGHT, place.width, ROW_HEIGHT)
        self.viewport().update(region)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        width = self.viewport().width()
        for rows, columns in self._patches_in(event.region()):
            self._cells.paint(painter, rows, columns, width)
        painter.end()

    def _patches_in(self, region: QRegion) -> Iterator[tuple[list[RowPlace], list[ColumnPlace]]]:
        """Yield the cells a region touches, rows with the same columns together."""
        columns = self._columns_up_to(self.viewport().width())
        n_rows, top = self.model().rowCount(), self.rowViewportPosition(0)
        touched: dict[int, set[int]] = {}
        for box in region:  # type: ignore[attr-defined]  # it is iterable, its stub forgot
            left, right = box.left(), box.right()
            hit = [k for k, one in enumerate(columns) if one.left <= right and left < one.left + one.width]
            first = max((box.top() - top) // ROW_HEIGHT, 0)
            for row in range(first, min((box.bottom() - top) // ROW_HEIGHT + 1, n_rows)):
                touched.setdefault(row, set()).update(hit)
        rows_by_columns: dict[frozenset[int], list[int]] = {}
        for row in sorted(touched):
            rows_by_columns.setdefault(frozenset(touched[row]), []).append(row)
        chosen = self.selectionModel()
        has_chosen = chosen.hasSelection()
        for hit_columns, rows in rows_by_columns.items():
            yield (
                [
                    RowPlace(row, top + row * ROW_HEIGHT, has_chosen and chosen.isRowSelected(row))
                    for row in rows
                ],
                [columns[k] for k in sorted(hit_columns)],
            )

    def _columns_up_to(self, width: int) -> list[ColumnPlace]:
        places = (
            ColumnPlace(column, self.columnViewportPosition(column), self.columnWidth(column))
            for column in PositionColumn
            if not self.isColumnHidden(column)
        )
        return [place for place in places if place.left < width and place.left + place.width > 0]
