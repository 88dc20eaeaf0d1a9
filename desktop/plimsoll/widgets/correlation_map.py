"""Correlations as a heat map: one image a matrix, drawn once and scaled."""

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from plimsoll.widgets import formats
from plimsoll.widgets.colours import contrast
from plimsoll.widgets.correlation_case import (
    CorrelationCase,
    class_caption,
    has_the_looks_of,
    pair_words,
    short_code,
)
from plimsoll.widgets.correlation_shades import STEPS, image_of, shades
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import face

LABEL_PIXELS = 10
LEGEND_PIXELS = 11
NAMED_FROM = 10.0  # pixels a cell: below, its own label would cover its neighbour's
GRID_FROM = 7.0  # pixels a cell from which a gap stands between two
MOST_CELL = 48.0
WRITTEN_FROM = 30.0  # pixels a cell from which the figure stands in it
TILTED_FROM = 14.0  # pixels a cell: below, names aslant above the columns would run into each other
NAME_ROOM, CLASS_ROOM, TILT_ROOM, TILT_OVERHANG = 54.0, 62.0, 42.0, 28.0
LEGEND = 25.0
RAMP = 60.0
SIDE, RIGHT_SIDE, TOP = 10.0, 4.0, 6.0
TILT = -45.0
ORDER_WORDS = "by class, then exposure"


class CorrelationMap(QWidget):
    """The map; the value of a cell is read under the mouse, or by the arrow keys."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._case = CorrelationCase()
        self._sheet: QPixmap | None = None
        self._sheet_of: tuple[object, ...] = ()
        self._cell: tuple[int, int] | None = None
        self._is_dim = False
        self.n_sheets = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Correlation heat map")
        theme.changed.connect(self.update)

    @property
    def case(self) -> CorrelationCase:
        """What is drawn."""
        return self._case

    @property
    def cell(self) -> tuple[int, int] | None:
        """The (row, column) that is read, or None."""
        return self._cell

    def show_case(self, case: CorrelationCase) -> None:
        """Show another matrix; where no shade is another, only what is read changes."""
        old, self._case = self._case, case
        if not has_the_looks_of(old, case):
            self._sheet = None
        if self._cell is not None and max(self._cell) >= len(case.codes):
            self._cell = None
        told = self.reading() or f"{len(case.codes)} instruments, arrow keys read a pair"
        if self._sheet is None or told != self.accessibleDescription():
            self.setAccessibleDescription(told)
            self.update()

    def dim(self, is_dim: bool) -> None:  # noqa: FBT001  says what it is by its name
        """Grey the map: it is old."""
        if is_dim != self._is_dim:
            self._is_dim = is_dim
            self.update()

    def reading(self) -> str:
        """Return what is said of the cell that is read; empty without one."""
        if self._cell is None:
            return ""
        return pair_words(self._case, *self._cell)

    def cell_box(self, row: int, column: int) -> QRectF:
        """Return where a cell stands."""
        origin, size = self._grid()
        return QRectF(origin.x() + column * size, origin.y() + row * size, size, size)

    def minimumSizeHint(self) -> QSize:
        return QSize(170, 170)

    def sizeHint(self) -> QSize:
        return QSize(280, 280)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._read(self._cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._read(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
        }
        step = steps.get(Qt.Key(event.key()))
        last = len(self._case.codes) - 1
        if step is None or last < 0:
            super().keyPressEvent(event)
            return
        row, column = self._cell or (0, 0)
        self._read((min(max(row + step[0], 0), last), min(max(column + step[1], 0), last)))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.reading(), self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._case.matrix is None or not self._case.codes:
            return
        ratio = self.devicePixelRatioF()
        wanted = (self.size(), ratio, self._theme.colours)
        if self._sheet is None or wanted != self._sheet_of:
            self._sheet, self._sheet_of = self._drawn(ratio), wanted
            self.n_sheets += 1
        painter = QPainter(self)
        painter.setOpacity(0.45 if self._is_dim else 1.0)
        painter.drawPixmap(0, 0, self._sheet)
        painter.setOpacity(1.0)
        self._paint_reading(painter)
        painter.end()

    def _read(self, cell: tuple[int, int] | None) -> None:
        if cell == self._cell:
            return
        self._cell = cell
        self.setAccessibleDescription(self.reading())
        self.update()

    def _cell_at(self, point: QPointF) -> tuple[int, int] | None:
        n = len(self._case.codes)
        origin, size = self._grid()
        if not n or point.x() < origin.x() or point.y() < origin.y():
            return None
        row, column = int((point.y() - origin.y()) / size), int((point.x() - origin.x()) / size)
        return (row, column) if row < n and column < n else None

    def _grid(self) -> tuple[QPointF, float]:
        """Return the upper left corner of the cells and the size of one, in whole pixels of the screen."""
        n, ratio = max(len(self._case.codes), 1), self.devicePixelRatioF()

        def size_with(left: float, top: float, right: float = RIGHT_SIDE) -> float:
            room = min(self.width() - left - right, self.height() - top - LEGEND)
            return max(math.floor(min(room / n, MOST_CELL) * ratio) / ratio, 1.0 / ratio)

        left = NAME_ROOM + SIDE
        size = size_with(left, TILT_ROOM, TILT_OVERHANG)
        if size >= TILTED_FROM:
            return QPointF(left, TILT_ROOM), size
        # One pixel less, lest without the names above the cells grow past where these would be shown.
        size = min(size_with(left, TOP), TILTED_FROM - 1.0)
        if size >= NAMED_FROM:
            return QPointF(left, TOP), size
        return QPointF(CLASS_ROOM + SIDE, TOP), min(size_with(CLASS_ROOM + SIDE, TOP), NAMED_FROM - 1.0)

    def _drawn(self, ratio: float) -> QPixmap:
        """Draw all that stands still while the matrix does."""
        colours = self._theme.colours
        sheet = QPixmap(self.size() * ratio)
        sheet.setDevicePixelRatio(ratio)
        sheet.fill(Qt.GlobalColor.transparent)
        painter = QPainter(sheet)
        origin, size = self._grid()
        n = len(self._case.codes)
        area = QRectF(origin.x(), origin.y(), n * size, n * size)
        if self._case.matrix is not None:
            painter.drawImage(area, image_of(self._case.matrix, colours))
        self._draw_gaps(painter, area, size)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if size >= WRITTEN_FROM:
            self._draw_values(painter)
        self._draw_broken(painter)
        painter.setFont(face(LABEL_PIXELS))
        painter.setPen(QColor(colours.muted))
        if size >= NAMED_FROM:
            self._draw_names(painter, area, size)
        self._draw_classes(painter, area, size)
        painter.end()
        return sheet

    def _draw_gaps(self, painter: QPainter, area: QRectF, size: float) -> None:
        colours, groups = self._theme.colours, self._case.groups
        for place in range(1, len(groups)):
            is_border = groups[place] != groups[place - 1]
            if not is_border and size < GRID_FROM:
                continue
            painter.setPen(QPen(QColor(colours.panel), 2 if is_border else 1))
            x, y = area.left() + place * size, area.top() + place * size
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def _draw_values(self, painter: QPainter) -> None:
        matrix = self._case.matrix
        if matrix is None:
            return
        painter.setFont(face(LABEL_PIXELS))
        colours = self._theme.colours
        ground = image_of(matrix, colours)
        for (row, column), value in np.ndenumerate(matrix):
            shade = ground.pixelColor(column, row).name()
            inks = (colours.text, colours.background)
            painter.setPen(QColor(max(inks, key=lambda ink: contrast(ink, shade))))
            text = formats.number(float(value), 2)
            painter.drawText(self.cell_box(row, column), Qt.AlignmentFlag.AlignCenter, text)

    def _draw_broken(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.colours.text), 1.2))
        for row, column in self._case.broken or ():
            box = self.cell_box(row, column)
            painter.drawRect(box.adjusted(0.6, 0.6, -1.0, -1.0))

    def _draw_names(self, painter: QPainter, area: QRectF, size: float) -> None:
        metrics = QFontMetricsF(painter.font())
        middle = Qt.AlignmentFlag.AlignVCenter
        for place, code in enumerate(self._case.codes):
            shown = metrics.elidedText(short_code(code), Qt.TextElideMode.ElideRight, NAME_ROOM - 5)
            y = area.top() + place * size
            box = QRectF(SIDE, y, NAME_ROOM - 5, size)
            painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, shown)
            if size < TILTED_FROM:
                continue
            painter.save()
            painter.translate(area.left() + (place + 0.35) * size, area.top() - 3)
            painter.rotate(TILT)
            painter.drawText(QRectF(0, -size / 2, NAME_ROOM - 5, size), middle, shown)
            painter.restore()

    def _draw_classes(self, painter: QPainter, area: QRectF, size: float) -> None:
        """Draw a bracket along each class, and its name where the instruments have none."""
        groups, colours = self._case.groups, self._theme.colours
        is_named = size >= NAMED_FROM
        starts = [place for place, group in enumerate(groups) if place == 0 or group != groups[place - 1]]
        for start, end in zip(starts, [*starts[1:], len(groups)], strict=True):
            top, bottom = area.top() + start * size + 1, area.top() + end * size - 1
            painter.setPen(QPen(QColor(colours.faint), 2))
            painter.drawLine(QPointF(area.left() - 3, top), QPointF(area.left() - 3, bottom))
            if not is_named and bottom - top >= LABEL_PIXELS:
                painter.setPen(QColor(colours.muted))
                box = QRectF(SIDE, top, CLASS_ROOM - 8, bottom - top)
                right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
                painter.drawText(box, right, class_caption(groups[start]))

    def _paint_reading(self, painter: QPainter) -> None:
        """Paint the frame around the cell that is read and what it says, or else the legend."""
        colours = self._theme.colours
        origin, size = self._grid()
        line = QRectF(SIDE, origin.y() + len(self._case.codes) * size + 6, self.width() - 2 * SIDE, 16)
        painter.setFont(face(LEGEND_PIXELS))
        if self._cell is None:
            self._paint_legend(painter, line)
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.accent), 2))
        painter.drawRect(self.cell_box(*self._cell))
        painter.setPen(QColor(colours.text))
        self._write(painter, line, self.reading())

    def _paint_legend(self, painter: QPainter, line: QRectF) -> None:
        colours = self._theme.colours
        left = line.left() + 15
        ramp = QLinearGradient(left, 0, left + RAMP, 0)
        for stop in range(11):
            shade = shades(colours)[round(stop / 10 * (STEPS - 1))]
            ramp.setColorAt(stop / 10, QColor.fromRgb(int(shade)))
        painter.fillRect(QRectF(left, line.center().y() - 3.5, RAMP, 7), ramp)
        painter.setPen(QColor(colours.muted))
        self._write(painter, line, f"{formats.MINUS}1")
        self._write(painter, line.adjusted(15 + RAMP + 4, 0, 0, 0), "+1")
        self._write(painter, line.adjusted(15 + RAMP + 26, 0, 0, 0), ORDER_WORDS)

    @staticmethod
    def _write(painter: QPainter, box: QRectF, text: str) -> None:
        metrics = QFontMetricsF(painter.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)
