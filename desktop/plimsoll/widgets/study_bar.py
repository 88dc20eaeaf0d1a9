"""The line above a study: run it, see how far it is, stop it."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.typeface import SMALL, face


class StudyBar(QWidget):
    """A button that runs or cancels, a bar of tasks done, and words.

    Signals
    -------
    asked()
        Run it.
    cancel_asked()
        Stop it.
    """

    asked = Signal()
    cancel_asked = Signal()

    def __init__(self, words: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_running = False
        self.button = QPushButton("Run", self)
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._press)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(140)
        self.bar.hide()
        self._words = ElidedLabel(face(SMALL), self)
        self._words.setProperty("tone", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self.button)
        row.addWidget(self.bar)
        row.addWidget(self._words, 1)
        self._say(words)

    @Slot(int, int, str)
    def show_progress(self, n_done: int, n_tasks: int, words: str) -> None:
        """Show how far a study is."""
        self._is_running = True
        self.button.setText("Cancel")
        self.bar.setRange(0, n_tasks)
        self.bar.setValue(n_done)
        self.bar.show()
        self._say(f"{words}, {n_done} of {n_tasks}")

    @Slot(str)
    def show_end(self, words: str) -> None:
        """Show that no study is under way, and why or what came of it."""
        self._is_running = False
        self.button.setText("Run")
        self.bar.hide()
        self._say(words)

    def _say(self, words: str) -> None:
        self._words.say(words)
        self.setAccessibleDescription(words)

    @Slot()
    def _press(self) -> None:
        (self.cancel_asked if self._is_running else self.asked).emit()
