"""A limited measure as a ship's hull: water rising, the load line and its circle across it."""

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from plimsoll.bridge.roles import Meaning, meaning_of_use
from plimsoll.bridge.series_ring import SeriesRing
from plimsoll.domain.limit import LimitState
from plimsoll.domain.quality import Quality
from plimsoll.domain.snapshot import GaugeReading
from plimsoll.widgets import formats
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import FIGURE, SMALL, bold, face

STEPS = 1000  # of the progress bar, for assistive technology: thousandths of the limit
LINE_HEIGHT_FRACTION = 0.78  # of the hull: what lies above it is over the line
HULL_WIDTH = 18
HEIGHT = 106
MARGIN = 14
WIDE = 250  # pixels from which the course has half the card to itself
WORDS_WIDTH = 128  # what the words under the figure need
NARROWEST_COURSE = 20  # pixels: below it a course is a stroke that says nothing
QUALITY_WORDS = {Quality.LOW: "low quality", Quality.UNKNOWN: "unknown"}


class LoadLineGauge(QProgressBar):
    """Shows one GaugeReading; to assistive technology a progress bar with the whole reading as its text."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._reading: GaugeReading | None = None
        self._currency = ""
        self._is_silent = False
        self._course: QPolygonF = QPolygonF()
        self._shown: tuple[object, ...] = ()  # all that paintEvent draws by, as it was last shown
        self.setRange(0, STEPS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Gauge without a reading")
        theme.changed.connect(self.update)

    @property
    def meaning(self) -> Meaning:
        """What the gauge says: within, near, close, over or unknown."""
        if self._reading is None or self._reading.state is LimitState.UNKNOWN:
            return Meaning.UNKNOWN
        return meaning_of_use(self._reading.use_fraction)

    def show_reading(self, reading: GaugeReading, currency: str) -> None:
        """Show a reading."""
        self._reading = reading
        self._currency = currency
        shown = (self.text(), reading.title, reading.quality, self._level())
        if shown == self._shown:
            return
        self._shown = shown
        use = reading.use_fraction
        # setValue paints there and then, were it not held back: once a frame, with all others, is enough.
        self.setUpdatesEnabled(False)
        self.setValue(0 if math.isnan(use) else round(min(use, 1.0) * STEPS))
        self.setUpdatesEnabled(True)
        self.setAccessibleName(reading.title)
        self.setAccessibleDescription(self.text())
        self.setToolTip(f"{reading.title}: {self.text()}")
        self.update()

    def show_course(self, course: SeriesRing) -> None:
        """Show today's course of the measure; points in the unit square, the value axis pointing up."""
        self._course = sparkline(course.values, n_points=120)
        self.update()

    def grey_out(self, silent: bool) -> None:  # noqa: FBT001  a slot of engine_silent_changed(bool)
        """Show that the figures stand still because the engine is silent."""
        self._is_silent = silent
        self.update()

    def text(self) -> str:
        reading = self._reading
        if reading is None:
            return "no reading yet"
        parts = [self._written(reading.value), f"limit {self._written(reading.line)}"]
        if reading.state is LimitState.UNKNOWN:
            parts.append("unknown")
        else:
            parts.append(f"{formats.use(reading.use_fraction)} of limit, {self.meaning.value}")
        if self._is_silent:
            parts.append("frozen, the engine is silent")
        if reading.note:
            parts.append(reading.note)
        return ", ".join(parts)

    def sizeHint(self) -> QSize:
        return QSize(260, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(162, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._theme.colours
        painter.setPen(QPen(QColor(colours.rule), 1))
        painter.setBrush(QColor(colours.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        hull = QRectF(MARGIN, 13, HULL_WIDTH, self.height() - 26)
        self._paint_hull(painter, hull)
        self._paint_words(painter, hull.right() + 18)
        painter.end()

    def _level(self) -> int:
        """Return how high the water stands, in quarters of a pixel; −1 for none."""
        use = self._reading.use_fraction if self._reading is not None else math.nan
        return -1 if math.isnan(use) else round(4 * HEIGHT * min(use * LINE_HEIGHT_FRACTION, 1.0))

    def _written(self, value: float) -> str:
        if self._reading is None:
            return formats.UNKNOWN
        return formats.in_unit(value, self._reading.unit, self._currency)

    def _fill(self) -> QColor:
        return QColor(
            self._theme.colours.muted if self._is_silent else self._theme.colours.fill(self.meaning)
        )

    def _paint_hull(self, painter: QPainter, hull: QRectF) -> None:
        colours = self._theme.colours
        shape = QPainterPath()
        shape.addRoundedRect(hull, 4, 4)
        painter.fillPath(shape, QColor(colours.background))
        painter.setPen(QPen(QColor(colours.rule), 1))
        for step in (0.25, 0.5, 0.75):
            y = hull.bottom() - hull.height() * LINE_HEIGHT_FRACTION * step
            painter.drawLine(QPointF(hull.right() + 3, y), QPointF(hull.right() + 8, y))
        use = self._reading.use_fraction if self._reading is not None else math.nan
        if self.meaning is Meaning.UNKNOWN or math.isnan(use):
            painter.fillPath(shape, QBrush(QColor(colours.faint), Qt.BrushStyle.BDiagPattern))
        else:
            level = hull.height() * min(use * LINE_HEIGHT_FRACTION, 1.0)
            painter.save()
            painter.setClipRect(QRectF(hull.left(), hull.bottom() - level, hull.width(), level))
            painter.fillPath(shape, self._fill())
            painter.restore()
        if self._reading is not None and not math.isnan(self._reading.line):
            paint_load_line(
                painter,
                QPointF(hull.center().x(), hull.bottom() - hull.height() * LINE_HEIGHT_FRACTION),
                hull.width() / 2 + 6,
                QColor(colours.text),
                QColor(colours.panel),
            )

    def _paint_words(self, painter: QPainter, left: float) -> None:
        colours, reading = self._theme.colours, self._reading
        width = self.width() - left - 12
        if reading is None:
            return
        badge = QUALITY_WORDS.get(reading.quality, "")
        badge_width = self._paint_badge(painter, badge) if badge else 0.0
        self._line(painter, left, 9, width - badge_width, reading.title, colours.muted)
        ink = colours.muted if self._is_silent else colours.text
        painter.setFont(bold(FIGURE))
        painter.setPen(QColor(ink))
        painter.drawText(
            QRectF(left, 25, width, 30), Qt.AlignmentFlag.AlignVCenter, self._written(reading.value)
        )
        is_wide = width >= WIDE
        course_width = width * 0.5 if is_wide else width - WORDS_WIDTH
        if course_width < NARROWEST_COURSE:
            course_width = 0.0
        words = width - course_width - 8
        self._line(painter, left, 56, words, f"limit {self._written(reading.line)}", colours.muted)
        if self.meaning is Meaning.UNKNOWN:
            self._line(painter, left, 76, width, reading.note or "unknown", colours.text)
            return
        word = self.meaning.value if self.meaning is not Meaning.WITHIN else ""
        of_limit = " of limit" if words >= WORDS_WIDTH - 8 or not word else ""
        share = f"{formats.use(reading.use_fraction)}{of_limit}" + (f" · {word}" if word else "")
        self._line(painter, left, 76, words, share, colours.ink(self.meaning) if word else colours.muted)
        box = QRectF(left + width - course_width, 36 if is_wide else 60, course_width, 52 if is_wide else 30)
        if course_width:
            self._paint_course(painter, box)

    def _line(self, painter: QPainter, left: float, top: float, width: float, text: str, colour: str) -> None:
        painter.setFont(face(SMALL))
        painter.setPen(QColor(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(width))
        painter.drawText(QRectF(left, top, width, 18), Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_badge(self, painter: QPainter, word: str) -> float:
        colours = self._theme.colours
        painter.setFont(face(SMALL))
        width = painter.fontMetrics().horizontalAdvance(word) + 12.0
        box = QRectF(self.width() - width - 10, 9, width, 18)
        painter.setPen(QPen(QColor(colours.fill(Meaning.STALE)), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setPen(QColor(colours.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
        return width + 8.0

    def _paint_course(self, painter: QPainter, box: QRectF) -> None:
        if self._course.size() < 2:
            return
        painter.save()
        painter.translate(box.left(), box.bottom())
        painter.scale(box.width(), -box.height())
        pen = QPen(self._fill(), 1.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawPolyline(self._course)
        painter.restore()


def paint_load_line(painter: QPainter, centre: QPointF, reach: float, ink: QColor, ground: QColor) -> None:
    """Paint the Plimsoll mark: a circle with a bar through it."""
    painter.setPen(QPen(ink, 2))
    painter.drawLine(QPointF(centre.x() - reach, centre.y()), QPointF(centre.x() + reach, centre.y()))
    painter.setBrush(ground)
    painter.drawEllipse(centre, 5.0, 5.0)
    painter.drawLine(QPointF(centre.x() - 5, centre.y()), QPointF(centre.x() + 5, centre.y()))


def sparkline(
    values: "Sequence[float] | np.ndarray[tuple[int], np.dtype[np.float64]]", *, n_points: int
) -> QPolygonF:
    """Return at most `n_points` of a course scaled to the unit square; unknown values are left out."""
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if len(known) < 2:
        return QPolygonF()
    if len(known) > n_points:
        known = known[np.linspace(0, len(known) - 1, n_points).astype(np.intp)]
    low, high = float(known.min()), float(known.max())
    scaled = (known - low) / (high - low) if high > low else np.full(len(known), 0.5)
    places = np.linspace(0.0, 1.0, len(known))
    return QPolygonF([QPointF(x, y) for x, y in zip(places.tolist(), scaled.tolist(), strict=True)])
