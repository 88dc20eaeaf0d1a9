"""The frozen half of the breach dialog: the course to the line, the drivers, the data behind it."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from plimsoll.bridge.roles import Meaning
from plimsoll.domain.breach import Breach
from plimsoll.widgets import formats
from plimsoll.widgets.load_line_gauge import paint_load_line
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, SMALL, bold, face

WIDTH = 330
NO_ACTION = "No action on this rule yet."


class BreachEvidence(QFrame):
    """What the desk knew when the limit was crossed; nothing here moves any more."""

    def __init__(self, theme: Theme, breach: Breach, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "evidence")
        self.setFixedWidth(WIDTH)
        evidence = breach.evidence
        inner = QWidget(self)
        column = QVBoxLayout(inner)
        column.setContentsMargins(18, 12, 18, 12)
        column.setSpacing(7)
        column.addWidget(section("What happened", self))
        column.addWidget(BreachCourse(theme, breach, currency, self))
        if evidence.drivers:
            column.addSpacing(5)
            column.addWidget(section("Drivers", self))
            column.addLayout(self._drivers(breach, currency))
        self._history = QLabel(NO_ACTION, self)
        self._history.setWordWrap(True)
        for title, words in (
            ("History of this rule", self._history),
            ("Data quality", self._quality(breach)),
        ):
            column.addSpacing(5)
            column.addWidget(section(title, self))
            column.addWidget(words)
        column.addStretch(1)
        frozen = ToneLabel(face(SMALL), self, tone="muted")
        frozen.say(f"Frozen at {formats.instant_utc(breach.raised_received_ns)}")
        column.addWidget(frozen)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)

    def show_history(self, text_lines: Sequence[str]) -> None:
        """Tell what became of earlier actions on this rule."""
        self._history.setText("\n".join(text_lines) or NO_ACTION)

    def _drivers(self, breach: Breach, currency: str) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(2, 1)
        for row, driver in enumerate(breach.evidence.drivers):
            code = ToneLabel(bold(BODY), self)
            code.say(driver.code)
            change = ToneLabel(face(BODY), self, tone="loss" if driver.change_base > 0 else "gain")
            change.say(formats.money(driver.change_base, currency, plus=True))
            why = ToneLabel(face(BODY), self, tone="muted")
            why.say(driver.why)
            grid.addWidget(code, row, 0)
            grid.addWidget(change, row, 1, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(why, row, 2, Qt.AlignmentFlag.AlignRight)
        return grid

    def _quality(self, breach: Breach) -> QLabel:
        evidence = breach.evidence
        words = f"{evidence.n_fresh} of {evidence.n_instruments} instruments had fresh prices."
        if not evidence.n_instruments:
            words = "Nothing was noted about the prices behind this figure."
        if evidence.quality:
            words += f" {evidence.quality[0].upper()}{evidence.quality[1:].rstrip('.')}."
        label = QLabel(words, self)
        label.setWordWrap(True)
        return label


class BreachCourse(QWidget):
    """The measure's course before the breach, with its load line and the mark where it crossed."""

    def __init__(self, theme: Theme, breach: Breach, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._breach = breach
        unit = breach.limit.measure.unit
        self._line_words = f"limit {formats.in_unit(breach.limit.line, unit, currency)}"
        self._value_words = formats.in_unit(breach.value, unit, currency)
        self.setFixedHeight(160)
        self.setAccessibleName("Course of the measure before the breach")
        self.setAccessibleDescription(f"{self._value_words} against {self._line_words}")
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        colours = self._theme.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.rule), 1))
        painter.setBrush(QColor(colours.background))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        box = QRectF(self.rect()).adjusted(10, 30, -10, -24)
        values = np.array(self._breach.evidence.values, dtype=np.float64)
        values = values[np.isfinite(values)]
        line = self._breach.limit.line
        low: float = min([*values.tolist(), line])
        high: float = max([*values.tolist(), line, self._breach.value])
        span = (high - low) or abs(high) or 1.0

        def height(value: float) -> float:
            return box.bottom() - (value - low) / span * box.height()

        if len(values) < 2:
            painter.setFont(face(SMALL))
            painter.setPen(QColor(colours.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "No course was known before it.")
        else:
            places = np.linspace(box.left(), box.right(), len(values)).tolist()
            points = [QPointF(x, height(v)) for x, v in zip(places, values.tolist(), strict=True)]
            painter.setPen(QPen(QColor(colours.fill(Meaning.OVER)), 1.3))
            painter.drawPolyline(points)
        y = height(line)
        painter.setPen(QPen(QColor(colours.text), 1))
        painter.drawLine(QPointF(1, y), QPointF(self.width() - 1, y))
        crossing = self._crossing(values, line)
        x = box.left() + crossing * box.width()
        paint_load_line(painter, QPointF(x, y), 10, QColor(colours.text), QColor(colours.background))
        painter.setFont(face(SMALL))
        painter.setPen(QColor(colours.text))
        painter.drawText(QRectF(10, 6, 200, 18), Qt.AlignmentFlag.AlignVCenter, self._line_words)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(self.width() - 160, 6, 150, 18), right, self._value_words)
        self._paint_times(painter, colours.muted)
        painter.end()

    def _paint_times(self, painter: QPainter, colour: str) -> None:
        times = self._breach.evidence.times_ns
        if not times:
            return
        painter.setPen(QColor(colour))
        bottom = self.height() - 21
        painter.drawText(
            QRectF(10, bottom, 120, 18), Qt.AlignmentFlag.AlignVCenter, formats.market_time(times[0])
        )
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        last = f"{formats.market_time(times[-1])} New York"
        painter.drawText(QRectF(self.width() - 160, bottom, 150, 18), right, last)

    @staticmethod
    def _crossing(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", line: float) -> float:
        over = np.flatnonzero(values > line)
        if not len(over) or len(values) < 2:
            return 1.0
        below = np.flatnonzero(values <= line)
        last_below = int(below[-1]) if len(below) else 0
        n_steps = len(values) - 1
        return float(min(last_below + 1, n_steps)) / float(n_steps)


def section(title: str, parent: QWidget) -> QLabel:
    """Return the heading of a section."""
    label = ToneLabel(bold(11), parent, tone="muted")
    label.say(title.upper())
    return label
