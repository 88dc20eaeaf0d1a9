"""For how long a breach's dialog may be hidden."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

MINUTES = (5, 15, 60)


class SnoozeMenu(QMenu):
    """Offers 5, 15 and 60 minutes, by mouse alone: Enter and Space choose nothing.

    Signals
    -------
    chosen(float)
        Seconds.
    """

    chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Snooze", parent)
        for minutes in MINUTES:
            action = self.addAction(f"{minutes} minutes")
            action.setData(minutes * 60.0)
            action.triggered.connect(self._choose)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            event.accept()
            return
        super().keyPressEvent(event)

    @Slot()
    def _choose(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.chosen.emit(float(action.data()))
