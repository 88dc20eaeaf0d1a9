"""The live half of the breach dialog: every limit when the breach was raised and now."""

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from plimsoll.bridge.roles import Meaning, meaning_of_use
from plimsoll.domain.breach import Breach
from plimsoll.domain.snapshot import LimitStatus, RiskSnapshot
from plimsoll.widgets import formats
from plimsoll.widgets.breach_evidence import section
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, SMALL, bold, face
from plimsoll.widgets.use_track import paint_use_track

ROW = 29
HEAD = 26
CHOICES = (
    "Acknowledge: you have seen it; it stays open and counted. Snooze: this window comes back later. "
    "Override: the limit may stay broken until the next day roll; it stays visible and counted, and is "
    "raised anew if it is still over then."
)


class LimitsNow(QFrame):
    """A table of all limits, the broken one first."""

    def __init__(
        self,
        theme: Theme,
        breach: Breach,
        when_raised: tuple[LimitStatus, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("surface", "live")
        self._table = _LimitRows(theme, breach, when_raised, self)
        self._words = ToneLabel(face(), self, tone="muted")
        self._words.setWordWrap(True)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(self._table)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 12)
        column.setSpacing(8)
        column.addWidget(section("Every limit, when it broke and now", self))
        column.addWidget(scroll, 1)
        column.addWidget(self._words)
        choices = ToneLabel(face(SMALL), self, tone="muted")
        choices.setWordWrap(True)
        choices.say(CHOICES)
        column.addWidget(choices)

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        self._table.show_limits(snapshot.limits, snapshot.base_currency)
        over = sum(meaning_of_use(status.use_fraction) is Meaning.OVER for status in snapshot.limits)
        unknown = snapshot.n_unknown_limits
        words = f"{over} of {len(snapshot.limits)} limits over their line now"
        if unknown:
            words += f", {unknown} unknown"
        self._words.say(f"{words}. NAV {formats.money(snapshot.nav, snapshot.base_currency)}.")


class _LimitRows(QWidget):
    """The rows, painted."""

    def __init__(
        self, theme: Theme, breach: Breach, when_raised: tuple[LimitStatus, ...], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._breach = breach
        self._then = {status.limit.limit_id: status for status in when_raised}
        self._now: tuple[LimitStatus, ...] = ()
        self._currency = ""
        self.setAccessibleName("Limits when the breach was raised and now")
        theme.changed.connect(self.update)

    def show_limits(self, limits: tuple[LimitStatus, ...], currency: str) -> None:
        broken = self._breach.limit.limit_id
        shown = tuple(sorted(limits, key=lambda status: status.limit.limit_id != broken))
        if shown == self._now:
            return
        self._now, self._currency = shown, currency
        self.setMinimumHeight(HEAD + ROW * len(shown))
        self.setAccessibleDescription(
            "; ".join(
                f"{status.limit.name} {self._written(status, status.value)} of "
                f"{self._written(status, status.limit.line)}"
                for status in shown
            )
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, HEAD + ROW * max(len(self._now), 1))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._theme.colours
        edges = self._edges()
        painter.setFont(face(SMALL))
        painter.setPen(QColor(colours.muted))
        for title, left, width, flag in (
            ("Limit", 8.0, edges[0], Qt.AlignmentFlag.AlignLeft),
            ("When raised", edges[0], edges[1] - edges[0], Qt.AlignmentFlag.AlignRight),
            ("Now", edges[1], edges[2] - edges[1], Qt.AlignmentFlag.AlignRight),
            ("Line", edges[2], edges[3] - edges[2], Qt.AlignmentFlag.AlignRight),
            ("Use of limit", edges[3] + 24, self.width() - edges[3], Qt.AlignmentFlag.AlignLeft),
        ):
            painter.drawText(QRectF(left, 0, width, HEAD), flag | Qt.AlignmentFlag.AlignVCenter, title)
        for row, status in enumerate(self._now):
            top = HEAD + row * ROW
            painter.setPen(QPen(QColor(colours.rule), 1))
            painter.drawLine(QPointF(0, top), QPointF(self.width(), top))
            self._paint_row(painter, top, edges, status)
        painter.end()

    def _edges(self) -> tuple[float, float, float, float]:
        width = self.width()
        return width * 0.32, width * 0.455, width * 0.59, width * 0.725

    def _paint_row(
        self, painter: QPainter, top: float, edges: tuple[float, float, float, float], status: LimitStatus
    ) -> None:
        colours = self._theme.colours
        is_broken = status.limit.limit_id == self._breach.limit.limit_id
        meaning = meaning_of_use(status.use_fraction)
        then_value, then_use = self._when_raised(status)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        name = f"{status.limit.name} · {status.member}" if status.member else status.limit.name
        painter.setFont(bold(BODY) if is_broken else face(BODY))
        painter.setPen(QColor(colours.text))
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(edges[0]) - 14)
        painter.drawText(QRectF(8, top, edges[0], ROW), Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setFont(face(BODY))
        painter.setPen(QColor(colours.muted))
        written = self._written(status, then_value)
        painter.drawText(QRectF(edges[0], top, edges[1] - edges[0], ROW), right, written)
        line = self._written(status, status.limit.line)
        painter.drawText(QRectF(edges[2], top, edges[3] - edges[2], ROW), right, line)
        painter.setFont(bold(BODY) if meaning is Meaning.OVER else face(BODY))
        painter.setPen(QColor(colours.ink(meaning)))
        now = self._written(status, status.value)
        painter.drawText(QRectF(edges[1], top, edges[2] - edges[1], ROW), right, now)
        track = QRectF(edges[3] + 24, top + ROW / 2 - 3, self.width() - edges[3] - 84, 6)
        paint_use_track(painter, track, colours, then_use, status.use_fraction)
        painter.setFont(face(SMALL))
        painter.setPen(QColor(colours.ink(meaning)))
        words = formats.use(status.use_fraction) if meaning is not Meaning.UNKNOWN else "unknown"
        painter.drawText(QRectF(self.width() - 62, top, 58, ROW), right, words)

    def _when_raised(self, status: LimitStatus) -> tuple[float, float]:
        if status.limit.limit_id == self._breach.limit.limit_id:
            return self._breach.value, self._breach.limit.use_of(self._breach.value)
        then = self._then.get(status.limit.limit_id)
        return (then.value, then.use_fraction) if then is not None else (math.nan, math.nan)

    def _written(self, status: LimitStatus, value: float) -> str:
        return formats.in_unit(value, status.limit.measure.unit, self._currency)
