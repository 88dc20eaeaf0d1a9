"""A button that acts only after it was held for a whole second, by the mouse or by a key."""

import time

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from plimsoll.widgets.deliberate_button import DeliberateButton
from plimsoll.widgets.theme import Theme

HOLD_MS = 1000
FRAME_MS = 16
MOST_STEP_MS = 50.0
"""A busy event loop counts no more than this a turn: a release waiting in its queue must be heard first."""
HOLDING_KEYS = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter})
REPEAT_MS = 10.0
"""A key released and pressed again within so little, by the events' own clock, was never let go by a hand."""
GRACE_MS = 60
"""How long a released key may take to turn out as repeating; meanwhile the hold neither goes on nor ends."""
FILL_ALPHA = 110


class HoldButton(DeliberateButton):
    """Fills while it is held; let go, left, covered or disarmed it empties, and nothing has happened.

    `decided` says that it was held to the end. A click, a key chord or assistive technology's "press" is no
    hold and does nothing. Keys that repeat by themselves neither begin a hold nor prolong one.
    """

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(text, "primary", parent)
        self._theme = theme
        self._key: int | None = None
        self._by_mouse = False
        self._held_ms = 0.0
        self._last_s = 0.0
        self._turns = QTimer(self)
        self._turns.setInterval(FRAME_MS)
        self._turns.timeout.connect(self._count)
        self._released: tuple[int, float] = (0, float("-inf"))
        self._release_waits = QTimer(self)
        self._release_waits.setSingleShot(True)
        self._release_waits.setInterval(GRACE_MS)
        self._release_waits.timeout.connect(self.let_go)
        self.setAccessibleDescription("Hold the mouse button, or Space or Enter, for one second")

    @property
    def progress(self) -> float:
        """How much of the second is held, from 0 to 1."""
        return min(self._held_ms / HOLD_MS, 1.0)

    @property
    def is_held(self) -> bool:
        """Whether a hold is under way."""
        return self._turns.isActive()

    def arm(self, armed: bool) -> None:  # noqa: FBT001  a state, told by Arming
        if not armed:
            self.let_go()
        super().arm(armed)

    @Slot()
    def let_go(self) -> None:
        """End a hold without any effect."""
        self._turns.stop()
        self._release_waits.stop()
        self._key, self._by_mouse = None, False
        self._held_ms = 0.0
        self.setDown(False)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() not in HOLDING_KEYS or not is_plain:
            self.let_go()
            super().keyPressEvent(event)
            return
        event.accept()
        if self._is_repeat(event):
            if event.key() == self._key:
                self._release_waits.stop()
        elif self.is_held:
            self.let_go()  # two things pressed at once is nobody's intent
        else:
            self._key = event.key()
            self._begin()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.accept()
        if event.isAutoRepeat():
            return
        self._released = (event.key(), _moment_ms(event))
        if event.key() == self._key:
            self._release_waits.start()

    def _is_repeat(self, event: QKeyEvent) -> bool:
        """Tell whether a key only repeats itself: an X server lets go of it and presses it in one moment."""
        key, released_ms = self._released
        return event.isAutoRepeat() or (
            event.key() == key and 0.0 <= _moment_ms(event) - released_ms <= REPEAT_MS
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if event.button() is not Qt.MouseButton.LeftButton or self.is_held:
            self.let_go()
            return
        self._by_mouse = True
        self._begin()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._by_mouse and not self.rect().contains(event.position().toPoint()):
            self.let_go()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()
        if self._by_mouse:
            self.let_go()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.let_go()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self.let_go()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange or (
            event.type() == QEvent.Type.EnabledChange and not self.isEnabled()
        ):
            self.let_go()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._held_ms:
            return
        colour = QColor(self._theme.colours.accent)
        colour.setAlpha(FILL_ALPHA)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.setClipRect(QRectF(0, 0, self.width() * self.progress, self.height()))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    @Slot()
    def _decide(self) -> None:
        """Do nothing: a click is no hold."""

    def _begin(self) -> None:
        if not self.is_armed or not self.isEnabled():
            self.let_go()
            return
        self._held_ms = 0.0
        self._last_s = time.monotonic()
        self.setDown(True)
        self._turns.start()

    @Slot()
    def _count(self) -> None:
        if self._release_waits.isActive():
            return  # let go, unless the key turns out to repeat: nothing is decided until that is known
        now_s = time.monotonic()
        self._held_ms += min((now_s - self._last_s) * 1000.0, MOST_STEP_MS)
        self._last_s = now_s
        self.update()
        if self._held_ms >= HOLD_MS:
            self.let_go()
            self.decided.emit()


def _moment_ms(event: QKeyEvent) -> float:
    """Return when a key event happened; by our own clock where the platform does not say."""
    return float(event.timestamp()) or time.monotonic() * 1000.0
