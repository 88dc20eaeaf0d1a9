"""A lamp: a dot of colour with its word beside it."""

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from plimsoll.bridge.roles import Meaning
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import BODY, bold, face

DOT = 8
GAP = 7


class Lamp(QAbstractButton):
    """A dot, a name, a state word and a detail; a press opens what is behind it.

    Signals
    -------
    looked_into()
        The lamp was pressed.
    """

    looked_into = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._meaning = Meaning.UNKNOWN
        self._name = self._word = self._detail = ""
        self._width = 0
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self.looked_into)
        theme.changed.connect(self.update)

    def say(self, meaning: Meaning, name: str, word: str, detail: str = "") -> None:
        """Show a state; the lamp grows with its text and never shrinks."""
        if (meaning, name, word, detail) == (self._meaning, self._name, self._word, self._detail):
            return
        self._meaning, self._name, self._word, self._detail = meaning, name, word, detail
        self.setAccessibleName(" ".join(part for part in (name, word, detail) if part))
        width = self._text_width()
        if width > self._width:
            self._width = width
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._width + 4, 26)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._theme.colours
        if self.hasFocus():
            painter.setPen(QColor(colours.accent))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.fill(self._meaning)))
        painter.drawEllipse(QPointF(2 + DOT / 2, self.height() / 2), DOT / 2, DOT / 2)
        left = 2 + DOT + GAP
        for text, font, colour in self._parts():
            painter.setFont(font)
            painter.setPen(QColor(colour))
            painter.drawText(left, 0, self.width(), self.height(), Qt.AlignmentFlag.AlignVCenter, text)
            left += painter.fontMetrics().horizontalAdvance(text) + 5
        painter.end()

    def _parts(self) -> tuple[tuple[str, QFont, str], ...]:
        colours = self._theme.colours
        return tuple(
            (text, font, colour)
            for text, font, colour in (
                (self._name, face(BODY), colours.muted),
                (self._word, bold(BODY), colours.text),
                (self._detail, face(BODY), colours.muted),
            )
            if text
        )

    def _text_width(self) -> int:
        return (
            2
            + DOT
            + GAP
            + sum(QFontMetrics(font).horizontalAdvance(text) + 5 for text, font, _ in self._parts())
        )
