"""The transport bar of a replay: play and pause, speed, the way with its breaches, and the badge REPLAY."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QWidget,
)

from plimsoll.bridge.replay_worker import ReplayMark, ReplaySpan, ReplayStand
from plimsoll.bridge.roles import Meaning
from plimsoll.domain.limit import Severity
from plimsoll.domain.units import NS_PER_S
from plimsoll.widgets import formats
from plimsoll.widgets.badge import MEANING_OF_SEVERITY
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, bold, face

SPEEDS = (1, 2, 5, 10, 50, 100)
BEFORE_NS = 2 * NS_PER_S
"""A step to a breach ends so long before it: it is to be seen coming."""
STEP_S = 5
REACH_PIXELS = 5
NO_DECISIONS = "Nothing can be decided in a replay; the live window goes on untouched."


class ReplayTrack(QWidget):
    """The way from beginning to end, a line where each breach was raised, a knob where the replay is.

    Signals
    -------
    sought(int)
        Another instant of the desk's clock was chosen.
    """

    sought = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._span = ReplaySpan(0, 1, (), "")
        self._now_ns = 0
        self._dragged_ns: int | None = None
        self.setMinimumSize(160, 30)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Time of the replay")
        theme.changed.connect(self.update)

    def show_span(self, span: ReplaySpan) -> None:
        """Show what there is to be played."""
        self._span = span
        self.update()

    def show_now(self, now_ns: int, words: str) -> None:
        """Show how far it is."""
        self._now_ns = now_ns
        self.setAccessibleDescription(words)
        self.update()

    def x_of(self, at_ns: int) -> float:
        """Return where an instant lies, in pixels."""
        span = self._span
        share = (at_ns - span.begin_ns) / max(span.end_ns - span.begin_ns, 1)
        return 7.0 + min(max(share, 0.0), 1.0) * (self.width() - 14)

    def ns_at(self, x: float) -> int:
        """Return the instant that lies at a pixel."""
        span = self._span
        share = min(max((x - 7.0) / max(self.width() - 14, 1), 0.0), 1.0)
        return span.begin_ns + round(share * (span.end_ns - span.begin_ns))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, middle = self._theme.colours, self.height() / 2
        knob_ns = self._now_ns if self._dragged_ns is None else self._dragged_ns
        groove = QRectF(7, middle - 2, self.width() - 14, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.rule))
        painter.drawRoundedRect(groove, 2, 2)
        painter.setBrush(QColor(colours.muted))
        painter.drawRoundedRect(QRectF(7, middle - 2, max(self.x_of(knob_ns) - 7, 0), 4), 2, 2)
        for mark in self._span.marks:
            meaning = MEANING_OF_SEVERITY.get(Severity(mark.severity), Meaning.NEAR)
            painter.setPen(QPen(QColor(colours.fill(meaning)), 2))
            x = self.x_of(mark.at_ns)
            painter.drawLine(QPoint(round(x), 4), QPoint(round(x), self.height() - 4))
        painter.setPen(QPen(QColor(colours.accent if self.hasFocus() else colours.muted), 2))
        painter.setBrush(QColor(colours.text))
        painter.drawEllipse(QRectF(self.x_of(knob_ns) - 6, middle - 6, 12, 12))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        if self._dragged_ns is not None:
            self.sought.emit(self._dragged_ns)
            self._dragged_ns = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -STEP_S, Qt.Key.Key_Right: STEP_S}.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Home:
            self.sought.emit(self._span.begin_ns)
        elif step is not None:
            self.sought.emit(self._now_ns + step * NS_PER_S)
        else:
            super().keyPressEvent(event)

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            near = [
                f"{mark.severity} · {mark.title} · {formats.market_time(mark.exchange_ns)}"
                for mark in self._span.marks
                if abs(self.x_of(mark.at_ns) - event.pos().x()) <= REACH_PIXELS
            ]
            QToolTip.showText(event.globalPos(), "\n".join(near[:12]), self)
            return True
        return super().event(event)  # type: ignore[arg-type]

    def _drag(self, event: QMouseEvent) -> None:
        self._dragged_ns = self.ns_at(event.position().x())
        self.update()


class ReplayBadge(QLabel):
    """REPLAY on a ground of alarm, so that nobody takes what is past for what is live."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("REPLAY", parent)
        self._theme = theme
        self.setFont(bold())
        self.setToolTip(NO_DECISIONS)
        self.setAccessibleDescription(NO_DECISIONS)
        theme.changed.connect(self.paint_ground)
        self.paint_ground()

    @Slot()
    def paint_ground(self) -> None:
        """Take the theme's colours."""
        colours = self._theme.colours
        self.setStyleSheet(
            f"background: {colours.fill(Meaning.OVER)}; color: {colours.background};"
            " padding: 2px 8px; border-radius: 3px;"
        )


class ReplayBar(QFrame):
    """Everything a replay is steered with.

    Signals
    -------
    play_wanted(), pause_wanted()
        It shall play, or stand still.
    speed_chosen(float)
        Desk seconds a second.
    sought(int)
        An instant of the desk's clock to go to.
    """

    play_wanted = Signal()
    pause_wanted = Signal()
    speed_chosen = Signal(float)
    sought = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "strip")
        self.setAccessibleName("Replay")
        self._marks: Sequence[ReplayMark] = ()
        self._stand: ReplayStand | None = None
        self._base_ns = 0
        self.badge = ReplayBadge(theme, self)
        self.play_button = QPushButton("Play", self)
        self.play_button.setAutoDefault(False)
        self.play_button.setToolTip("Play or pause (Space)")
        self.play_button.setShortcut(Qt.Key.Key_Space)
        self.play_button.setMinimumWidth(70)
        self.play_button.clicked.connect(self._press)
        self.track = ReplayTrack(theme, self)
        self.track.sought.connect(self.sought)
        self.previous_button = self._step_button("◀ breach", "Back to the breach before (B)", Qt.Key.Key_B)
        self.next_button = self._step_button("breach ▶", "On to the next breach (N)", Qt.Key.Key_N)
        self.previous_button.clicked.connect(self.step_back)
        self.next_button.clicked.connect(self.step_on)
        self._time = ToneLabel(bold(), self, steady=True)
        self._words = ToneLabel(face(SMALL), self, tone="muted", steady=True)
        self._lay_out()

    @Slot(object)
    def show_span(self, span: ReplaySpan) -> None:
        """Show what there is to be played."""
        self._marks = span.marks
        self._base_ns = span.begin_ns
        self.track.show_span(span)
        for button in (self.previous_button, self.next_button):
            button.setEnabled(bool(span.marks))

    @Slot(object)
    def show_stand(self, stand: ReplayStand) -> None:
        """Show how far it is and how fast it plays."""
        self._stand = stand
        self.play_button.setText("Pause" if stand.is_playing else "Play")
        self._time.say(formats.market_instant(stand.exchange_ns))
        for speed, button in self._speeds.items():
            button.setChecked(speed == stand.speed)
        passed_s = (stand.now_ns - self._base_ns) / NS_PER_S
        words = f"{passed_s:,.0f} s in"
        if stand.is_playing and stand.reached < 0.8 * stand.speed:
            words += f" · {stand.reached:,.0f}× reached"
        elif stand.seek_s == stand.seek_s and not stand.is_playing:
            words += f" · seek {stand.seek_s:.2f} s"
        self._words.say(words)
        self.track.show_now(stand.now_ns, f"{formats.market_instant(stand.exchange_ns)}, {words}")

    @Slot()
    def step_on(self) -> None:
        """Go to shortly before the next breach."""
        now_ns = self._stand.now_ns if self._stand is not None else 0
        later = [mark.at_ns for mark in self._marks if mark.at_ns - BEFORE_NS > now_ns]
        if later:
            self.sought.emit(later[0] - BEFORE_NS)

    @Slot()
    def step_back(self) -> None:
        """Go to shortly before the breach before."""
        now_ns = self._stand.now_ns if self._stand is not None else 0
        earlier = [mark.at_ns for mark in self._marks if mark.at_ns < now_ns]
        if earlier:
            self.sought.emit(earlier[-1] - BEFORE_NS)

    @Slot()
    def _press(self) -> None:
        is_playing = self._stand is not None and self._stand.is_playing
        (self.pause_wanted if is_playing else self.play_wanted).emit()

    @Slot(int)
    def _choose_speed(self, speed: int) -> None:
        self.speed_chosen.emit(float(speed))

    def _step_button(self, words: str, tip: str, key: Qt.Key) -> QPushButton:
        button = QPushButton(words, self)
        button.setAutoDefault(False)
        button.setToolTip(tip)
        button.setShortcut(key)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 3, 10, 3)
        row.setSpacing(6)
        row.addWidget(self.badge)
        row.addSpacing(6)
        row.addWidget(self.play_button)
        group = QButtonGroup(self)
        self._speeds: dict[float, QToolButton] = {}
        for speed in SPEEDS:
            button = QToolButton(self)
            button.setText(f"{speed}×")
            button.setCheckable(True)
            button.setProperty("flat", "true")
            button.setAccessibleName(f"Speed {speed}")
            group.addButton(button, speed)
            row.addWidget(button)
            self._speeds[float(speed)] = button
        group.setExclusive(False)  # which one is down is what the replay says
        group.idClicked.connect(self._choose_speed)
        row.addWidget(self.previous_button)
        row.addWidget(self.track, 1)
        row.addWidget(self.next_button)
        row.addWidget(self._time)
        row.addWidget(self._words)
