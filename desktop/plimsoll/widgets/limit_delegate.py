"""Paints a limit's row: figures in their unit, the use as a bar, today's course as a line."""

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from plimsoll.bridge.limit_cells import READERS, LimitRow, meaning_of_row
from plimsoll.bridge.limit_table_model import NUMBERS, LimitColumn, LimitTableModel
from plimsoll.bridge.roles import Meaning
from plimsoll.widgets import formats
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import BODY, bold, face

ROW_HEIGHT = 28
USE_WIDTH = 46  # pixels the figure beside the bar needs: "1,234 %"
PADDING = 8
MOST_TEXTS_KEPT = 20_000
# An enum's operators cost more than the drawing they steer.
LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
SELECTED = QStyle.StateFlag.State_Selected
BY_STATE = frozenset({LimitColumn.VALUE, LimitColumn.USE, LimitColumn.STATE})


class LimitDelegate(QStyledItemDelegate):
    """Elides a text once for a width, and draws a course once for a second.

    Attributes
    ----------
    currency : str
        The base currency.
    """

    def __init__(self, model: LimitTableModel, theme: Theme) -> None:
        super().__init__(model)
        self._model = model
        self._theme = theme
        self._elided: dict[tuple[str, int, bool], str] = {}
        self.currency = ""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(80, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = self._theme.colours
        row = self._model.row(index.row())
        column = LimitColumn(index.column())
        meaning = meaning_of_row(row)
        rect = option.rect
        if option.state & SELECTED:
            painter.fillRect(rect, option.palette.highlight())
        painter.setPen(QPen(QColor(colours.rule), 1))
        painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom())
        inner = QRectF(rect).adjusted(PADDING, 0, -PADDING, -1)
        if column is LimitColumn.COURSE:
            self._paint_course(painter, inner, row, meaning)
            return
        if column is LimitColumn.USE and not row.rest and meaning is not Meaning.UNKNOWN:
            self._paint_bar(painter, inner, row.status.use_fraction, meaning)
        is_bold = column is LimitColumn.NAME
        painter.setFont(bold(BODY) if is_bold else face(BODY))
        painter.setPen(QColor(self._ink(row, column, meaning)))
        text = self.written(row, column)
        shown = self._shortened(painter, text, int(inner.width()), is_bold=is_bold)
        painter.drawText(inner, RIGHT if column in NUMBERS else LEFT, shown)

    def written(self, row: LimitRow, column: LimitColumn) -> str:
        """Return a cell as it stands on the screen."""
        status, limit = row.status, row.status.limit
        match column:
            case LimitColumn.VALUE:
                return formats.in_unit(status.value, limit.measure.unit, self.currency)
            case LimitColumn.LINE:
                return formats.in_unit(limit.line, limit.measure.unit, self.currency)
            case LimitColumn.USE:
                return formats.use(status.use_fraction)
            case LimitColumn.WARNING:
                return formats.use(limit.warning_fraction)
            case LimitColumn.RESET:
                return formats.use(limit.reset_fraction)
            case _:
                return str(READERS[column](row))

    def _shortened(self, painter: QPainter, text: str, width: int, *, is_bold: bool) -> str:
        key = (text, width, is_bold)
        shown = self._elided.get(key)
        if shown is None:
            if len(self._elided) >= MOST_TEXTS_KEPT:
                self._elided.clear()
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, width)
            self._elided[key] = shown
        return shown

    def _ink(self, row: LimitRow, column: LimitColumn, meaning: Meaning) -> str:
        colours = self._theme.colours
        if row.rest:
            return colours.muted
        if column in BY_STATE:
            return colours.ink(meaning)
        if column is LimitColumn.REVIEW and row.is_overdue:
            return colours.ink(Meaning.OVER)
        if column is LimitColumn.CHANGE:
            return colours.ink(Meaning.NEAR)
        return colours.text if column is LimitColumn.NAME else colours.muted

    def _paint_bar(self, painter: QPainter, box: QRectF, use: float, meaning: Meaning) -> None:
        colours = self._theme.colours
        room = max(box.width() - USE_WIDTH, 20.0)
        top = box.center().y() - 3
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.rule))
        painter.drawRoundedRect(QRectF(box.left(), top, room, 6), 3, 3)
        painter.setBrush(QColor(colours.fill(meaning)))
        painter.drawRoundedRect(QRectF(box.left(), top, max(room * min(use, 1.0), 3.0), 6), 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_course(self, painter: QPainter, box: QRectF, row: LimitRow, meaning: Meaning) -> None:
        figures = self._model.course.of(row.status.limit)
        room = box.adjusted(0, 6, 0, -6)
        path = course_path(figures.tolist(), room, row.status.limit.line)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.colours.ink(meaning)), 1.3))
        painter.drawPath(path)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def course_path(figures: Iterable[float], room: QRectF, line: float) -> QPainterPath:
    """Return a course as a path: gaps where it is unknown, and a steady figure as a level line.

    The scale is the figures' own, but never finer than a twentieth of the line: noise stays flat.
    """
    values = np.fromiter(figures, dtype=np.float64)
    path = QPainterPath()
    known = np.isfinite(values)
    if known.sum() < 2:
        return path
    low, high = float(values[known].min()), float(values[known].max())
    span = max(high - low, abs(line) / 20.0)
    middle = (low + high) / 2
    step = room.width() / max(len(values) - 1, 1)
    places = room.center().y() - (values - middle) / span * room.height()
    is_drawing = False
    for number, (is_known, y) in enumerate(zip(known.tolist(), places.tolist(), strict=True)):
        point = QPointF(room.left() + number * step, y)
        if is_known and is_drawing:
            path.lineTo(point)
        elif is_known:
            path.moveTo(point)
        is_drawing = is_known
    return path
