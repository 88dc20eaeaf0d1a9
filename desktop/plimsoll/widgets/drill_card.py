"""The score card of a drill on the screen: each figure with how it is worked out."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from plimsoll.bridge.drill_lines import drill_lines
from plimsoll.domain.drill_card import DrillCard
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, TITLE, bold, face

MEANING_WIDTH = 420
NOTE = "Written into the journal when the desk is closed. Nothing of it was real money."


class DrillCardDialog(QDialog):
    """Shows one card; it takes nothing."""

    def __init__(self, card: DrillCard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Drill {card.crisis}: how it went")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(18)
        self._grid.setVerticalSpacing(8)
        for row, line in enumerate(drill_lines(card)):
            self._add(row, 0, line.caption, tone="muted")
            value = self._add(row, 1, line.value, is_bold=True)
            value.setAccessibleName(f"{line.caption}: {line.value}")
            value.setAccessibleDescription(line.meaning)
            meaning = self._add(row, 2, line.meaning, tone="muted", is_small=True)
            meaning.setWordWrap(True)
            meaning.setFixedWidth(MEANING_WIDTH)
        title = ToneLabel(bold(TITLE), self)
        title.say(f"Drill {card.crisis}")
        note = ToneLabel(face(SMALL), self, tone="muted")
        note.say(NOTE)
        rule = QFrame(self)
        rule.setFrameShape(QFrame.Shape.HLine)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(22, 18, 22, 16)
        column.setSpacing(12)
        column.addWidget(title)
        column.addWidget(rule)
        column.addLayout(self._grid)
        column.addWidget(note)
        column.addWidget(buttons)

    @property
    def n_lines(self) -> int:
        """How many figures are shown."""
        return self._grid.rowCount()

    def _add(
        self,
        row: int,
        column: int,
        words: str,
        *,
        tone: str = "",
        is_bold: bool = False,
        is_small: bool = False,
    ) -> QLabel:
        font = bold() if is_bold else face(SMALL) if is_small else face()
        label = ToneLabel(font, self, tone=tone)
        label.say(words)
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._grid.addWidget(label, row, column)
        return label
