"""A positions file changed on disk: what it says otherwise, to be accepted or ignored."""

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from plimsoll.domain.book_difference import LineDifference
from plimsoll.widgets import formats
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, TITLE, bold, face

HEADS = ("Line", "What", "Held now", "In the file", "Average now", "Average in the file")
WIDTHS = (130, 90, 120, 120, 110, 140)
MEANING = (
    "Accept: the book becomes what the file says, as an entry in the journal that can be undone; what came "
    "or went is a flow, no profit. Ignore: the book stays, and the file is offered again when it changes."
)


class PortfolioChangeDialog(QDialog):
    """Enter by itself does nothing; the confirming button is clicked, and armed after a second.

    Signals
    -------
    accepted_file(), ignored_file()
        What the person decided.
    """

    accepted_file = Signal()
    ignored_file = Signal()

    def __init__(
        self, name: str, lines: Sequence[LineDifference], refusal: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setModal(False)
        self.setWindowTitle(f"{name} changed on disk")
        self.setAccessibleName("Positions file changed")
        self.resize(780, 420)
        count = {word: sum(line.word == word for line in lines) for word in ("added", "removed", "changed")}
        told = (
            ", ".join(f"{n} {word}" for word, n in count.items() if n) or "the same book, written otherwise"
        )
        title = ToneLabel(bold(TITLE), self)
        title.say(f"{name} says: {told}")
        meaning = ToneLabel(face(BODY), self, tone="muted")
        meaning.setWordWrap(True)
        meaning.say(MEANING)
        self.words = ToneLabel(face(BODY), self, tone="loss")
        self.words.setWordWrap(True)
        self.words.say(refusal)
        self.words.setVisible(bool(refusal))
        self.table = _table(lines, self)
        self.accept_button = DeliberateButton("Accept the file", "primary", self)
        self.accept_button.setEnabled(not refusal and bool(lines))
        self.accept_button.decided.connect(self._accept)
        ignore = QPushButton("Ignore", self)
        ignore.setAutoDefault(False)
        ignore.clicked.connect(self.reject)
        self._arming = Arming(self, (self.accept_button,))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        for widget in (title, self.table, self.words, meaning):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(ignore)
        row.addWidget(self.accept_button)
        column.addLayout(row)

    def show_refusal(self, words: str) -> None:
        """Say why the file could not become the book; it is offered still."""
        self.words.say(words)
        self.words.setVisible(bool(words))

    def reject(self) -> None:
        self.ignored_file.emit()
        super().reject()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # a stray Enter must not change the book
            return
        super().keyPressEvent(event)

    @Slot()
    def _accept(self) -> None:
        self.accepted_file.emit()


def _table(lines: Sequence[LineDifference], parent: QWidget) -> QTableWidget:
    table = QTableWidget(len(lines), len(HEADS), parent)
    table.setAccessibleName("Differences")
    for column, head in enumerate(HEADS):
        caption = QTableWidgetItem(head)
        caption.setTextAlignment(_side(column))
        table.setHorizontalHeaderItem(column, caption)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(26)
    table.horizontalHeader().setStretchLastSection(True)
    for column, width in enumerate(WIDTHS):
        table.setColumnWidth(column, width)
    for row, line in enumerate(lines):
        texts = (
            line.what,
            line.word,
            formats.quantity(float(line.before)),
            formats.quantity(float(line.after)),
            _price(line.average_before),
            _price(line.average_after),
        )
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setTextAlignment(_side(column))
            table.setItem(row, column, item)
    return table


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column > 1 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _price(value: Decimal | None) -> str:
    return "" if value is None else formats.number(float(value), 4)
