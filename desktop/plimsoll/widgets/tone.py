"""A label that says its meaning by colour, and does not jump as its figure changes."""

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QWidget

from plimsoll.bridge.roles import Meaning

TONES = {Meaning.GAIN: "gain", Meaning.LOSS: "loss", Meaning.OVER: "over", Meaning.UNKNOWN: "muted"}


class ToneLabel(QLabel):
    """A label in the tone of a meaning; with `steady` it never grows narrower."""

    def __init__(
        self, font: QFont, parent: QWidget | None = None, *, tone: str = "", steady: bool = False
    ) -> None:
        super().__init__("", parent)
        self._tone = tone
        self._is_steady = steady
        self.setFont(font)
        self.setProperty("tone", tone)

    def say(self, text: str, tone: str | None = None) -> None:
        """Show a text; nothing is done where nothing has changed."""
        if text != self.text():
            self.setText(text)
            if self._is_steady:
                self._grow()
        if tone is not None and tone != self._tone:
            self._tone = tone
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)

    def _grow(self) -> None:
        """Keep the widest size so far; of fixed size, a new text has nothing laid out anew."""
        wanted = self.sizeHint()
        if wanted.width() > self.minimumWidth() or wanted.height() > self.minimumHeight():
            self.setFixedSize(wanted.expandedTo(self.minimumSize()))
