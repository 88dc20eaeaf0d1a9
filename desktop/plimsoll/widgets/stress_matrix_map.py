"""The stress matrix as a heat map: parts of the book down, scenarios across, the figure in every cell."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from plimsoll.domain.stress_matrix import NodeKind, StressMatrix
from plimsoll.widgets import formats
from plimsoll.widgets.colours import contrast
from plimsoll.widgets.correlation_case import class_caption
from plimsoll.widgets.correlation_shades import image_of, levels_of, shades
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, bold, face

ROW, HEAD, DIVISION = 21, 66, 24  # pixels: a row, the names above, a division's caption
NAMES, TOTAL, CELL = 160, 94, 82
TOTALS = ("Worst", "Sum")
STILL = NAMES + len(TOTALS) * TOTAL  # pixels that do not scroll across
CELL_PIXELS, HEAD_PIXELS = 11, 11
FAINTEST = 0.06  # of the scale: below, a figure is as good as nought and has no shade
CAPTIONS = {
    NodeKind.BOOK: "",
    NodeKind.ASSET_CLASS: "By asset class",
    NodeKind.SECTOR: "By sector",
    NodeKind.CURRENCY: "By currency",
    NodeKind.POSITION: "By position",
}
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
WRAPPED = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom | Qt.TextFlag.TextWordWrap)

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the map: a row of the matrix, or the caption of a division (row −1)."""

    row: int
    caption: str
    top: int


class StressMatrixMap(QAbstractScrollArea):
    """Only cells in sight are painted; names, worst and sum stand still while the scenarios scroll.

    Signals
    -------
    cell_chosen(int, int)
        Row and column of the matrix, by mouse or arrow keys.
    """

    cell_chosen = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._matrix = StressMatrix((), (), np.zeros((0, 0)))
        self._figures: FloatArray = np.zeros((0, 0))
        self._levels: NDArray[np.intp] = np.zeros((0, 0), dtype=np.intp)
        self._image = QImage()
        self._lines: tuple[_Line, ...] = ()
        self._inks: tuple[QColor, ...] = ()
        self._currency = "USD"
        self.cell: tuple[int, int] | None = None
        self.setAccessibleName("Stress matrix")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalScrollBar().setSingleStep(ROW)
        self.horizontalScrollBar().setSingleStep(CELL)
        theme.changed.connect(self._repaint_all)

    @property
    def matrix(self) -> StressMatrix:
        """What is drawn."""
        return self._matrix

    def show_matrix(self, matrix: StressMatrix, currency: str) -> None:
        """Show a matrix; the chosen cell stays where its row and scenario stay."""
        had_rows = matrix.nodes == self._matrix.nodes
        chosen = self._chosen_again(matrix)
        self._matrix, self._currency = matrix, currency
        self._figures = np.column_stack([matrix.row_worst, matrix.row_totals, matrix.values])
        scaled = -_scaled(matrix)  # a loss in the colour of losses, as everywhere
        self._levels = levels_of(np.where(np.isfinite(scaled), scaled, 0.0))
        self._scaled = scaled
        self._image = image_of(scaled, self._theme.colours)
        self.cell = chosen
        if not had_rows or not self._lines:
            self._lines = _lines_of(matrix)
        self._measure()
        self.setAccessibleDescription(self.reading() or self._summary())
        self.viewport().update()

    def reading(self) -> str:
        """Return what is said of the chosen cell; empty without one."""
        if self.cell is None:
            return ""
        row, column = self.cell
        node, scenario = self._matrix.nodes[row], self._matrix.columns[column]
        value = float(self._matrix.values[row, column])
        said = "unknown" if math.isnan(value) else formats.money(value, self._currency, plus=True)
        return f"{node.name}, {scenario.name}: {said}"

    def choose(self, row: int, column: int) -> None:
        """Read one cell, and bring it into sight."""
        cell = (row, column)
        if cell == self.cell:
            return
        self.cell = cell
        self._bring_into_sight()
        self.setAccessibleDescription(self.reading())
        self.viewport().update()
        self.cell_chosen.emit(row, column)

    def cell_box(self, row: int, column: int) -> QRectF:
        """Return where a cell stands in the viewport."""
        line = next(line for line in self._lines if line.row == row)
        return QRectF(self._left(column), HEAD + line.top - self.verticalScrollBar().value(), CELL, ROW)

    def sizeHint(self) -> QSize:
        return QSize(900, 420)

    def minimumSizeHint(self) -> QSize:
        return QSize(NAMES + 4 * CELL, HEAD + 4 * ROW)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._measure()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._cell_at(event.position())
        if cell is not None:
            self.choose(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
        }
        step = steps.get(Qt.Key(event.key()))
        n_rows, n_columns = self._matrix.values.shape
        if step is None or not n_rows or not n_columns:
            super().keyPressEvent(event)
            return
        row, column = self.cell or (0, 0)
        self.choose(min(max(row + step[0], 0), n_rows - 1), min(max(column + step[1], 0), n_columns - 1))

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._tip(QPointF(event.pos())), self)
            return True
        return super().viewportEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        lines = self._lines_in_sight()
        area = QRectF(self.viewport().rect())
        body = area.adjusted(STILL, HEAD, 0, 0)
        first, last = self._columns_in_sight()
        painter.setClipRect(body)
        self._paint_cells(painter, lines, first, last)
        painter.setClipRect(area.adjusted(0, HEAD, 0, 0))
        self._paint_names(painter, lines)
        painter.setClipRect(QRectF(body.left(), 0, body.width(), HEAD))
        self._paint_heads(painter, first, last)
        painter.setClipping(False)
        self._paint_totals_head(painter)
        self._paint_chosen(painter, body)
        painter.end()

    def _paint_cells(self, painter: QPainter, lines: list[_Line], first: int, last: int) -> None:
        offset = self.verticalScrollBar().value()
        painter.setFont(face(CELL_PIXELS))
        ground = QColor(self._theme.colours.panel)
        for line in lines:
            if line.row < 0:
                continue
            top = HEAD + line.top - offset
            strip = QRectF(self._left(first), top, (last - first) * CELL, ROW)
            painter.drawImage(strip, self._image, QRectF(first, line.row, last - first, 1))
            values, levels = self._matrix.values[line.row], self._levels[line.row]
            for column in range(first, last):
                left = self._left(column)
                painter.setPen(self._inks[levels[column]])
                box = QRectF(left, top, CELL - 8, ROW - 1)
                painter.drawText(box, RIGHT, self._written(float(values[column])))
            painter.setPen(QPen(ground, 1))
            painter.drawLine(QPointF(strip.left(), top + ROW - 0.5), QPointF(strip.right(), top + ROW - 0.5))
        for column in range(first, last + 1):
            x = self._left(column) - 0.5
            painter.drawLine(QPointF(x, HEAD), QPointF(x, self.viewport().height()))

    def _paint_names(self, painter: QPainter, lines: list[_Line]) -> None:
        colours, offset = self._theme.colours, self.verticalScrollBar().value()
        for line in lines:
            top = HEAD + line.top - offset
            if line.row < 0:
                painter.setFont(face(SMALL))
                painter.setPen(QColor(colours.muted))
                painter.drawText(QRectF(10, top, NAMES, DIVISION), LEFT, line.caption)
                continue
            node = self._matrix.nodes[line.row]
            is_book, is_class = node.kind is NodeKind.BOOK, node.kind is NodeKind.ASSET_CLASS
            painter.setFont(bold(SMALL) if is_book else face(SMALL))
            painter.setPen(QColor(colours.text))
            name = class_caption(node.name) if is_class else node.name
            shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, NAMES - 26)
            painter.drawText(QRectF(10 if is_book else 18, top, NAMES - 18, ROW), LEFT, shown)
            painter.setFont(bold(CELL_PIXELS) if is_book else face(CELL_PIXELS))
            for place in range(len(TOTALS)):
                value = float(self._figures[line.row, place])
                box = QRectF(NAMES + place * TOTAL, top, TOTAL - 10, ROW)
                painter.drawText(box, RIGHT, self._written(value))

    def _paint_heads(self, painter: QPainter, first: int, last: int) -> None:
        colours = self._theme.colours
        painter.setFont(face(HEAD_PIXELS))
        for column in range(first, last):
            scenario = self._matrix.columns[column]
            left = self._left(column)
            painter.setPen(QColor(colours.muted if scenario.kind == "historical" else colours.text))
            painter.drawText(QRectF(left + 2, 2, CELL - 10, HEAD - 8), WRAPPED, _short(scenario.name))
        painter.setPen(QPen(QColor(colours.rule), 1))
        painter.drawLine(0, HEAD - 1, self.viewport().width(), HEAD - 1)

    def _paint_totals_head(self, painter: QPainter) -> None:
        colours = self._theme.colours
        painter.setFont(bold(HEAD_PIXELS))
        painter.setPen(QColor(colours.muted))
        for place, caption in enumerate(TOTALS):
            painter.drawText(QRectF(NAMES + place * TOTAL, 2, TOTAL - 10, HEAD - 8), WRAPPED, caption)
        painter.setFont(face(HEAD_PIXELS))
        painter.drawText(QRectF(10, 2, NAMES - 14, HEAD - 8), int(LEFT), f"P&L, {self._currency}")
        painter.setPen(QPen(QColor(colours.rule), 1))
        painter.drawLine(0, HEAD - 1, STILL, HEAD - 1)

    def _paint_chosen(self, painter: QPainter, body: QRectF) -> None:
        if self.cell is None:
            return
        painter.setClipRect(body)
        painter.setPen(QPen(QColor(self._theme.colours.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.cell_box(*self.cell).adjusted(0, 0, -1, -1))

    def _repaint_all(self) -> None:
        self._inks = ()
        if self._matrix.columns:
            self._image = image_of(self._scaled, self._theme.colours)
        self._measure()
        self.viewport().update()

    def _measure(self) -> None:
        """Fit the scroll bars, and choose the ink that reads on each shade."""
        if not self._inks:
            colours = self._theme.colours
            inks = (colours.text, colours.background)
            grounds = [f"#{int(shade) & 0xFFFFFF:06x}" for shade in shades(colours)]
            self._inks = tuple(
                QColor(max((contrast(ink, ground), ink) for ink in inks)[1]) for ground in grounds
            )
        height = self._lines[-1].top + ROW if self._lines else 0
        room = self.viewport().height() - HEAD
        self.verticalScrollBar().setPageStep(max(room, 1))
        self.verticalScrollBar().setRange(0, max(height - room, 0))
        width = len(self._matrix.columns) * CELL
        across = self.viewport().width() - NAMES - len(TOTALS) * CELL
        self.horizontalScrollBar().setPageStep(max(across, 1))
        self.horizontalScrollBar().setRange(0, max(width - across, 0))

    def _left(self, column: int) -> float:
        return STILL + column * CELL - self.horizontalScrollBar().value()

    def _columns_in_sight(self) -> tuple[int, int]:
        offset = self.horizontalScrollBar().value()
        across = max(self.viewport().width() - NAMES - len(TOTALS) * CELL, 0)
        return offset // CELL, min(-(-(offset + across) // CELL), len(self._matrix.columns))

    def _lines_in_sight(self) -> list[_Line]:
        low = self.verticalScrollBar().value() - DIVISION
        high = low + DIVISION + self.viewport().height() - HEAD
        return [line for line in self._lines if low < line.top < high]

    def _cell_at(self, point: QPointF) -> tuple[int, int] | None:
        across = point.x() - NAMES - len(TOTALS) * CELL
        if across < 0 or point.y() < HEAD:
            return None
        column = int(across + self.horizontalScrollBar().value()) // CELL
        height = point.y() - HEAD + self.verticalScrollBar().value()
        rows = [line.row for line in self._lines if line.row >= 0 and line.top <= height < line.top + ROW]
        return (rows[0], column) if rows and column < len(self._matrix.columns) else None

    def _tip(self, point: QPointF) -> str:
        across = point.x() - NAMES - len(TOTALS) * CELL
        column = int(across + self.horizontalScrollBar().value()) // CELL if across >= 0 else -1
        if not 0 <= column < len(self._matrix.columns):
            return ""
        scenario = self._matrix.columns[column]
        return f"{scenario.name} ({scenario.kind})\n{scenario.note}".strip()

    def _written(self, value: float) -> str:
        return formats.UNKNOWN if math.isnan(value) else formats.number(value)

    def _bring_into_sight(self) -> None:
        if self.cell is None:
            return
        box = self.cell_box(*self.cell)
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        if box.top() < HEAD:
            down.setValue(down.value() - int(HEAD - box.top()))
        elif box.bottom() > self.viewport().height():
            down.setValue(down.value() + int(box.bottom() - self.viewport().height()) + 1)
        begins = STILL
        if box.left() < begins:
            across.setValue(across.value() - int(begins - box.left()))
        elif box.right() > self.viewport().width():
            across.setValue(across.value() + int(box.right() - self.viewport().width()) + 1)

    def _chosen_again(self, matrix: StressMatrix) -> tuple[int, int] | None:
        if self.cell is None:
            return None
        node = self._matrix.nodes[self.cell[0]]
        name = self._matrix.columns[self.cell[1]].name
        columns = [number for number, one in enumerate(matrix.columns) if one.name == name]
        return (matrix.nodes.index(node), columns[0]) if columns and node in matrix.nodes else None

    def _summary(self) -> str:
        n_rows, n_columns = self._matrix.values.shape
        return f"{n_rows} parts of the book under {n_columns} scenarios, arrow keys read a cell"


def _lines_of(matrix: StressMatrix) -> tuple[_Line, ...]:
    lines: list[_Line] = []
    top, kind = 0, NodeKind.BOOK
    for row, node in enumerate(matrix.nodes):
        if node.kind is not kind:
            kind = node.kind
            lines.append(_Line(-1, CAPTIONS[kind], top))
            top += DIVISION
        lines.append(_Line(row, "", top))
        top += ROW
    return tuple(lines)


def _scaled(matrix: StressMatrix) -> FloatArray:
    """Return the figures between −1 and 1, each division by its own largest; small ones stay visible."""
    scaled = np.full(matrix.values.shape, np.nan)
    for kind in NodeKind:
        rows = matrix.rows_of(kind)
        part = matrix.values[rows]
        known = np.abs(part[np.isfinite(part)])
        largest = float(known.max()) if known.size else 0.0
        share = part / largest if largest else part
        size = np.abs(share)
        scaled[rows] = np.where(size < FAINTEST**2, 0.0 * share, np.sign(share) * np.sqrt(size))
    return scaled


def _short(name: str) -> str:
    """Return a scenario's name without its dates, which the tooltip has."""
    return name.split(",", maxsplit=1)[0]
