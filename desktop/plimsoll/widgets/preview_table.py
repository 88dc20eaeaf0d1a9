"""Figures of the book before and after what is about to be entered."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from plimsoll.domain.book_preview import PreviewLine, PreviewUnit
from plimsoll.widgets import formats
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import SMALL, bold, face


class PreviewTable(QWidget):
    """Each figure with what it is now and what it would be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(18)
        self._grid.setColumnStretch(0, 1)
        self._labels: list[ToneLabel] = []

    def show_lines(self, lines: Sequence[PreviewLine]) -> None:
        """Show these lines in the place of the old ones."""
        while len(self._labels) < 4 * len(lines):
            place = len(self._labels)
            label = ToneLabel(face(SMALL) if place % 4 < 2 else bold(SMALL), self)
            if place % 4:
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._labels.append(label)
            self._grid.addWidget(label, place // 4, place % 4)
        for place, label in enumerate(self._labels):
            label.setVisible(place < 4 * len(lines))
        for row, line in enumerate(lines):
            before, after = written(line, line.before), written(line, line.after)
            for label, text in zip(
                self._labels[4 * row : 4 * row + 4], (line.caption, before, "→", after), strict=True
            ):
                label.say(text)
        self.setAccessibleDescription(
            "; ".join(f"{label.text()}" for label in self._labels if label.isVisible())
        )


def written(line: PreviewLine, value: float) -> str:
    """Return a figure of a preview as it stands on the screen."""
    match line.unit:
        case PreviewUnit.QUANTITY:
            return formats.quantity(value)
        case PreviewUnit.PRICE:
            return formats.number(value, 4)
        case PreviewUnit.MONEY:
            return formats.money(value, line.currency, digits=2)
        case PreviewUnit.USE:
            return formats.use(value)
