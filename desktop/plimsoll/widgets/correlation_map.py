"""Correlations as a heat map: one image a matrix, drawn once and scaled."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from plimsoll.domain.market_figures import BrokenPair
from plimsoll.widgets import formats
from plimsoll.widgets.colours import DAY, NIGHT, Colours, contrast
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import face

STEPS = 255  # shades from −1 to +1: an odd number, so that 0 has one of its own
LABEL_PIXELS = 10
LEGEND_PIXELS = 11
NAMED_FROM = 10.0  # pixels a cell: below, its own label would cover its neighbour's
GRID_FROM = 7.0  # pixels a cell from which a gap stands between two
MOST_CELL = 48.0
WRITTEN_FROM = 30.0  # pixels a cell from which the figure stands in it
WRITTEN_BELOW = 24  # codes: with fewer a large panel may write the figures, finer than the shades
NAME_ROOM, CLASS_ROOM, TILT_ROOM = 54.0, 62.0, 38.0
LEGEND = 25.0
RAMP = 60.0
SIDE, RIGHT_SIDE = 10.0, 4.0
TILT = -45.0
ORDER_WORDS = "by class, then exposure"

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CorrelationCase:
    """What is drawn.

    Attributes
    ----------
    codes, groups : tuple of str
        Instruments in the order they are drawn, and the asset class of each.
    matrix : ndarray, shape (n_codes, n_codes)
        Their correlations in that order; NaN unknown.
    broken : dict
        The broken pair at (row, column), both ways round.
    """

    codes: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    matrix: FloatArray | None = None
    broken: dict[tuple[int, int], BrokenPair] | None = None


def ordered_case(
    codes: tuple[str, ...],
    class_by_code: dict[str, str],
    matrix: FloatArray,
    broken_pairs: tuple[BrokenPair, ...],
) -> CorrelationCase:
    """Return what is drawn of `codes`, largest exposure first: by class, within it as given.

    The class of the largest instrument comes first.
    """
    groups = [class_by_code.get(code, "") for code in codes]
    rank = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    order = sorted(range(len(codes)), key=lambda place: rank[groups[place]])
    place_of = {codes[source]: place for place, source in enumerate(order)}
    broken = {}
    for pair in broken_pairs:
        if pair.first in place_of and pair.second in place_of:
            one, other = place_of[pair.first], place_of[pair.second]
            broken[one, other] = broken[other, one] = pair
    return CorrelationCase(
        tuple(codes[source] for source in order),
        tuple(groups[source] for source in order),
        matrix[np.ix_(order, order)],
        broken,
    )


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
        if not _looks_like(old, case):
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

        def size_with(left: float, top: float) -> float:
            room = min(self.width() - left - RIGHT_SIDE, self.height() - top - LEGEND)
            return max(math.floor(min(room / n, MOST_CELL) * ratio) / ratio, 1.0 / ratio)

        size = size_with(NAME_ROOM + SIDE, TILT_ROOM)
        if size >= NAMED_FROM:
            return QPointF(NAME_ROOM + SIDE, TILT_ROOM), size
        return QPointF(CLASS_ROOM + SIDE, 6.0), size_with(CLASS_ROOM + SIDE, 6.0)

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


def image_of(matrix: FloatArray, colours: Colours) -> QImage:
    """Return a matrix as an image, a pixel a cell; an unknown correlation has the colour of rules."""
    pixels = shades(colours)[_levels(matrix)]
    pixels[np.isnan(matrix)] = QColor(colours.rule).rgb()
    n_rows, n_columns = matrix.shape
    # Copied: QImage only borrows the bytes, and the array goes with this call.
    return QImage(pixels.tobytes(), n_columns, n_rows, 4 * n_columns, QImage.Format.Format_RGB32).copy()


def shades(colours: Colours) -> NDArray[np.uint32]:
    """Return the shades from −1 to +1, shape (STEPS,), as 0xffRRGGBB.

    Blue below nought, orange above, the panel's own ground between: a pair told apart with any colour
    vision. Whoever swaps gain and loss to green and red keeps it here.
    """
    own = NIGHT if colours.background == NIGHT.background else DAY
    low, ground, high = (_channels(colour) for colour in (own.gain, own.raised, own.loss))
    level = np.linspace(-1.0, 1.0, STEPS)[:, np.newaxis]
    mixed = ground + np.abs(level) * (np.where(level < 0.0, low, high) - ground)
    channels = np.rint(mixed).astype(np.uint32)
    packed: NDArray[np.uint32] = channels @ np.array([1 << 16, 1 << 8, 1], dtype=np.uint32)
    return packed | np.uint32(0xFF000000)


def pair_words(case: CorrelationCase, row: int, column: int) -> str:
    """Return the correlation of a pair in words, and how it broke if it did."""
    value = float("nan") if case.matrix is None else float(case.matrix[row, column])
    figure = "unknown" if np.isnan(value) else formats.number(value, 2)
    said = f"{case.codes[row]} · {case.codes[column]} {figure}"
    pair = (case.broken or {}).get((row, column))
    return f"{said}, was {formats.number(pair.long_run, 2)}" if pair is not None else said


def short_code(code: str) -> str:
    """Return a code without its market: AAPL.US is AAPL."""
    return code.split(".", 1)[0]


def class_caption(name: str) -> str:
    """Return an asset class as a person writes it."""
    return name.upper() if len(name) <= len("etf") else name.capitalize()


def _levels(matrix: FloatArray) -> NDArray[np.intp]:
    """Return the shade of each correlation; that of nought where it is unknown."""
    level = np.clip((np.nan_to_num(matrix) + 1.0) / 2.0, 0.0, 1.0)
    return np.rint(level * (STEPS - 1)).astype(np.intp)


def _looks_like(one: CorrelationCase, other: CorrelationCase) -> bool:
    if one.matrix is None or other.matrix is None or one.codes != other.codes or one.groups != other.groups:
        return False
    if one.matrix.shape[0] < WRITTEN_BELOW or (one.broken or {}).keys() != (other.broken or {}).keys():
        return False
    has_same_gaps = np.array_equal(np.isnan(one.matrix), np.isnan(other.matrix))
    return has_same_gaps and np.array_equal(_levels(one.matrix), _levels(other.matrix))


def _channels(colour: str) -> FloatArray:
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)], dtype=np.float64)
