"""What a panel says while it has nothing to show: one sentence, one button that helps."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget


class EmptyState(QWidget):
    """A sentence in the middle of a panel, and a button where one helps.

    Signals
    -------
    button_pressed()
        The button was pressed.
    """

    button_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = QLabel("", self)
        self._words.setProperty("tone", "muted")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        self._button = QPushButton("", self)
        self._button.setAutoDefault(False)
        self._button.clicked.connect(self.button_pressed)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(self._words)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)

    def show_words(self, words: str, button: str) -> None:
        """Show a sentence, and a button unless its text is empty."""
        if (words, button) == (self._words.text(), self._button.text()):
            return
        self._words.setText(words)
        self._button.setText(button)
        self._button.setVisible(bool(button))
