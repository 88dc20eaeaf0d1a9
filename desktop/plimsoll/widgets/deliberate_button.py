"""A button no stray key can press: it acts on a click or its own key chord, and only once it is armed."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QPushButton, QWidget

ARMING_MS = 1000


class DeliberateButton(QPushButton):
    """Enter, Space and every other plain key do nothing to it, focused or not.

    Signals
    -------
    decided()
        A person meant it.
    """

    decided = Signal()

    def __init__(self, text: str, tone: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._is_armed = False
        self._pressed_armed = False
        self.setProperty("tone", tone)
        self.setProperty("armed", "false")
        self.setAutoDefault(False)
        self.setDefault(False)
        self.clicked.connect(self._decide)

    @property
    def is_armed(self) -> bool:
        """Whether it would act now."""
        return self._is_armed

    def arm(self, armed: bool) -> None:  # noqa: FBT001  a state, told by Arming
        """Make it act, or dead."""
        if armed == self._is_armed:
            return
        self._is_armed = armed
        self.setProperty("armed", "true" if armed else "false")
        self.style().unpolish(self)
        self.style().polish(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            super().keyPressEvent(event)
        else:
            event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # A press that began before arming must not turn into a decision when it ends after it.
        if self._is_armed:
            super().mousePressEvent(event)

    @Slot()
    def _decide(self) -> None:
        if self._is_armed:
            self.decided.emit()


class Arming(QObject):
    """Arms the buttons of a window one second after it became visible or got the focus back."""

    def __init__(self, window: QWidget, buttons: tuple[DeliberateButton, ...]) -> None:
        super().__init__(window)
        self._window = window
        self._buttons = buttons
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(ARMING_MS)
        self._timer.timeout.connect(self._arm)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window:
            if event.type() in (QEvent.Type.Show, QEvent.Type.WindowActivate):
                self.restart()
            elif event.type() == QEvent.Type.Hide:
                self._disarm()
        return False

    @Slot()
    def restart(self) -> None:
        """Disarm, and arm again after the full delay: what the buttons would do has changed."""
        self._disarm()
        self._timer.start()

    def _disarm(self) -> None:
        self._timer.stop()
        for button in self._buttons:
            button.arm(False)

    @Slot()
    def _arm(self) -> None:
        if self._window.isVisible():
            for button in self._buttons:
                button.arm(True)
