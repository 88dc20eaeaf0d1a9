"""Paints the cells of the position grid straight from the table's arrays."""

import math
import time
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from plimsoll.bridge.position_table_model import (
    FIELD_BY_COLUMN,
    SIGNED_COLUMNS,
    PositionColumn,
    PositionTableModel,
)
from plimsoll.bridge.roles import Meaning, meaning_of_sign, meaning_of_use
from plimsoll.domain.snapshot import PositionState
from plimsoll.domain.units import NS_PER_MS
from plimsoll.widgets.colours import mixed
from plimsoll.widgets.position_cells import FADING, LEFT_ALIGNED, write_cell
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import BODY, bold, face

ROW_HEIGHT = 26
PADDING = 8
BAR_WIDTH, BAR_HEIGHT = 56, 6
FADE_NS = 400 * NS_PER_MS
FADE_STRENGTH = 0.26
MOST_CELLS_KEPT = 20_000
COLUMNS = tuple(PositionColumn)
ALIGNMENT = {
    column: Qt.AlignmentFlag.AlignVCenter
    | (Qt.AlignmentFlag.AlignLeft if column in LEFT_ALIGNED else Qt.AlignmentFlag.AlignRight)
    for column in COLUMNS
}
QUIET_COLUMNS = frozenset(
    {PositionColumn.NAME, PositionColumn.ASSET_CLASS, PositionColumn.SECTOR, PositionColumn.CURRENCY}
)
DOUBTED = frozenset({PositionState.STALE, PositionState.HALTED, PositionState.CLOSED})


@dataclass(slots=True)
class _Cell:
    """A figure as it was last written, and when its text last changed."""

    value: float
    state: int
    text: str
    meaning: Meaning
    changed_ns: int = 0
    rose: bool = False


class PositionDelegate(QStyledItemDelegate):
    """One delegate for all columns; texts are written once a change, not once a paint."""

    def __init__(self, model: PositionTableModel, theme: Theme) -> None:
        super().__init__(model)
        self._model = model
        self._theme = theme
        self._cells: dict[int, _Cell] = {}
        self._columns: dict[int, np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
        self._inks: dict[Meaning, QColor] = {}
        self._fills: dict[Meaning, QColor] = {}
        self.fading_rows: set[int] = set()
        self.is_silent = False
        self._mix_colours()
        theme.changed.connect(self._mix_colours)

    def forget(self) -> None:
        """Forget what stood where, so that rows that come into sight do not flash."""
        self._cells.clear()
        self.fading_rows.clear()

    def learn_table(self) -> None:
        """Look at the model's newest arrays."""
        table = self._model.table
        if table is None:
            return
        self._columns = {int(column): getattr(table, field) for column, field in FIELD_BY_COLUMN.items()}
        if len(self._cells) > MOST_CELLS_KEPT:
            self.forget()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        table = self._model.table
        if table is None:
            return
        shown_row, column = index.row(), COLUMNS[index.column()]
        row = int(self._model.rows[shown_row])
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, self._selection)
        painter.setPen(self._rule_pen)
        painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom())
        cell = self._cell(column, row, int(table.state[row]))
        if cell.changed_ns:
            self._paint_fade(painter, rect, cell, shown_row)
        if column is PositionColumn.LIMIT_USE and cell.text:
            self._paint_use(painter, rect, cell)
            return
        painter.setFont(self._symbol_font if column is PositionColumn.SYMBOL else self._font)
        painter.setPen(self._ink(column, cell))
        inner = rect.adjusted(PADDING, 0, -PADDING, -1)
        text = cell.text
        if column in LEFT_ALIGNED:
            text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, ALIGNMENT[column], text)

    def _cell(self, column: PositionColumn, row: int, state: int) -> _Cell:
        key = row * len(COLUMNS) + column
        cell = self._cells.get(key)
        array = self._columns.get(column)
        if array is None:
            if cell is None or cell.state != state:
                text = self._model.text(column, row)
                cell = self._cells[key] = _Cell(math.nan, state, text, Meaning.PLAIN)
            return cell
        value = float(array[row])
        if cell is not None and cell.value == value and cell.state == state:
            return cell
        table = self._model.table
        text = write_cell(column, value, table, row) if table is not None else ""
        meaning = self._meaning(column, value, state)
        if cell is None:
            cell = self._cells[key] = _Cell(value, state, text, meaning)
            return cell
        if text != cell.text and column in FADING and cell.value == cell.value:
            cell.changed_ns = time.monotonic_ns()
            cell.rose = value > cell.value
        cell.value, cell.state, cell.text, cell.meaning = value, state, text, meaning
        return cell

    @staticmethod
    def _meaning(column: PositionColumn, value: float, state: int) -> Meaning:
        if state == PositionState.UNPRICEABLE and column >= PositionColumn.MARK:
            return Meaning.UNKNOWN
        if column is PositionColumn.LIMIT_USE:
            return meaning_of_use(value)
        if column in SIGNED_COLUMNS:
            return meaning_of_sign(value)
        if state in DOUBTED and column in (PositionColumn.MARK, PositionColumn.AGE):
            return Meaning.STALE if state != PositionState.CLOSED else Meaning.PLAIN
        return Meaning.PLAIN

    def _ink(self, column: PositionColumn, cell: _Cell) -> QColor:
        if self.is_silent or column in QUIET_COLUMNS:
            return self._quiet
        if column is PositionColumn.AGE:
            doubted = cell.state not in (PositionState.PRICED, PositionState.CLOSED)
            return self._inks[Meaning.STALE] if doubted else self._quiet
        return self._inks[cell.meaning]

    def _paint_fade(self, painter: QPainter, rect: QRect, cell: _Cell, shown_row: int) -> None:
        share = 1.0 - (time.monotonic_ns() - cell.changed_ns) / FADE_NS
        if share <= 0.0:
            cell.changed_ns = 0
            return
        tint = QColor(self._fills[Meaning.GAIN if cell.rose else Meaning.LOSS])
        tint.setAlphaF(FADE_STRENGTH * share)
        painter.fillRect(rect.adjusted(2, 2, -2, -3), tint)
        self.fading_rows.add(shown_row)

    def _paint_use(self, painter: QPainter, rect: QRect, cell: _Cell) -> None:
        left = rect.left() + PADDING
        top = rect.center().y() - BAR_HEIGHT / 2 + 0.5
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._trough)
        painter.drawRoundedRect(QRectF(left, top, BAR_WIDTH, BAR_HEIGHT), 3, 3)
        painter.setBrush(self._quiet if self.is_silent else self._fills[cell.meaning])
        painter.drawRoundedRect(
            QRectF(left, top, max(BAR_WIDTH * min(cell.value, 1.0), 3.0), BAR_HEIGHT), 3, 3
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(self._font)
        painter.setPen(self._quiet if self.is_silent else self._inks[cell.meaning])
        painter.drawText(rect.adjusted(0, 0, -PADDING, -1), ALIGNMENT[PositionColumn.LIMIT_USE], cell.text)

    def _mix_colours(self) -> None:
        colours = self._theme.colours
        self._inks = {meaning: QColor(colours.ink(meaning)) for meaning in Meaning}
        self._fills = {meaning: QColor(colours.fill(meaning)) for meaning in Meaning}
        self._quiet = QColor(colours.muted)
        self._trough = QColor(colours.rule)
        self._selection = QColor(mixed(colours.accent, colours.panel, 0.16))
        self._rule_pen = QPen(QColor(mixed(colours.rule, colours.panel, 0.7)), 1)
        self._font = face(BODY)
        self._symbol_font = bold(BODY)
