"""Enter a trade, cash or another event: seen before and after as one types, and undone from the list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QDialog,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from plimsoll.domain.book import Book
from plimsoll.domain.book_event import BookEvent, EventUndone, counter_of, event_from
from plimsoll.domain.book_preview import BookPreview, PreviewLine, PreviewUnit
from plimsoll.domain.book_record import BookRecord
from plimsoll.domain.errors import EventRefused, FileRefused
from plimsoll.domain.instrument import Instrument
from plimsoll.widgets import formats
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.event_words import event_words
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, SMALL, TITLE, bold, face

PREVIEW_MS = 150
SHORTEST_REASON = 3
FORMS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "Trade": ("trade", ("code", "quantity", "price", "fee")),
    "Deposit": ("cash", ("currency", "amount")),
    "Withdrawal": ("cash", ("currency", "amount")),
    "Dividend": ("dividend", ("code", "currency", "amount")),
    "Fee": ("fee", ("currency", "amount", "code")),
    "Funding": ("funding", ("code", "currency", "amount")),
    "Split": ("split", ("code", "new_shares", "old_shares", "is_price_adjusted")),
    "Currency exchange": ("exchange", ("sold_currency", "sold", "bought_currency", "bought")),
}
CAPTIONS = {
    "code": "Instrument",
    "quantity": "Quantity (sold below zero)",
    "price": "Price",
    "fee": "Fee",
    "currency": "Currency",
    "amount": "Amount",
    "new_shares": "New shares",
    "old_shares": "for old shares",
    "is_price_adjusted": "The feed quotes the new price already",
    "sold_currency": "Currency given",
    "sold": "Amount given",
    "bought_currency": "Currency received",
    "bought": "Amount received",
}
NEEDS_NOTHING = {"fee": "0"}
WHOLE = frozenset({"new_shares", "old_shares"})
CODES = frozenset({"code", "currency", "sold_currency", "bought_currency"})

Preview = Callable[[BookEvent], None]
ReadEvents = Callable[[Path], Sequence[BookEvent]]


class EventForm(QWidget):
    """The fields of one kind of event.

    Signals
    -------
    edited()
        Something was typed or chosen.
    """

    edited = Signal()

    def __init__(self, master: Mapping[str, Instrument], book: Book, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        currencies = dict.fromkeys(
            (
                book.base_currency,
                *(line.currency for line in book.cash),
                *(i.currency for i in master.values()),
            )
        )
        self._known = {"code": list(master), "currency": list(currencies)}
        self.fields: dict[str, QLineEdit | QCheckBox] = {}
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._kind = ""
        self._title = ""

    def show_kind(self, title: str) -> None:
        """Show the fields of a kind; what was typed in fields of the same name stays."""
        kept = {name: field.text() for name, field in self.fields.items() if isinstance(field, QLineEdit)}
        while self._rows.rowCount():
            self._rows.removeRow(0)
        self._title = title
        self._kind, names = FORMS[title]
        self.fields = {}
        for name in names:
            self.fields[name] = self._field(name, kept.get(name, ""))

    def body(self) -> dict[str, object]:
        """Return the event's facts as typed.

        Raises
        ------
        EventRefused
            If a field is empty or no number.
        """
        facts: dict[str, object] = {"event": self._kind}
        for name, field in self.fields.items():
            if isinstance(field, QCheckBox):
                facts[name] = field.isChecked()
                continue
            text = field.text().strip() or NEEDS_NOTHING.get(name, "")
            optional = name == "code" and self._kind == "fee"
            facts[name] = text if name in CODES else _number(name, text)
            if not text and not optional:
                raise EventRefused(f"{CAPTIONS[name]} is not filled in yet")
        if self._title == "Withdrawal":
            facts["amount"] = -Decimal(str(facts["amount"]))
        if self._kind == "cash" and (Decimal(str(facts["amount"])) > 0) != (self._title == "Deposit"):
            raise EventRefused("Amount was below zero, expected above: the kind says which way it goes")
        return facts

    def clear(self) -> None:
        """Empty every field."""
        for field in self.fields.values():
            if isinstance(field, QLineEdit):
                field.clear()

    def _field(self, name: str, text: str) -> QLineEdit | QCheckBox:
        if name == "is_price_adjusted":
            box = QCheckBox(CAPTIONS[name], self)
            box.toggled.connect(self.edited)
            self._rows.addRow("", box)
            return box
        field = QLineEdit(text, self)
        field.setAccessibleName(CAPTIONS[name])
        if name in CODES:
            completer = QCompleter(self._known["code" if name == "code" else "currency"], field)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            field.setCompleter(completer)
        field.textChanged.connect(self.edited)
        self._rows.addRow(CAPTIONS[name], field)
        return field


class BookEventDialog(QDialog):
    """Enter by itself does nothing; the confirming button is clicked, and armed after a second.

    Parameters
    ----------
    theme : Theme
        The look.
    master : Mapping
        The instruments by code.
    book : Book
        As it stands.
    preview : callable
        Asks for the preview of an event; the answer comes to `show_preview`.
    submit : callable
        Enters an event; the answer comes to `show_outcome`.
    person : str
        Who enters it.
    make_id : callable
        Returns an id nobody has used.
    read_events : callable or None
        Reads a CSV file of events; None for no such button.
    """

    def __init__(
        self,
        theme: Theme,
        master: Mapping[str, Instrument],
        book: Book,
        preview: Preview,
        submit: Preview,
        *,
        person: str,
        make_id: Callable[[], str],
        read_events: ReadEvents | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ask, self._submit, self._read = preview, submit, read_events
        self._person, self._make_id = person, make_id
        self._record: BookRecord | None = None
        self._wanted: BookEvent | None = None
        self._is_good = False
        self.setModal(False)
        self.setWindowTitle("Trades, cash and events")
        self.setAccessibleName("Trades, cash and events")
        self.resize(980, 600)
        self.kind = QComboBox(self)
        self.kind.addItems(list(FORMS))
        self.kind.setAccessibleName("Kind")
        self.form = EventForm(master, book, self)
        self.reason = QLineEdit(self)
        self.reason.setAccessibleName("Reason")
        self.reason.setPlaceholderText("Why, in a few words")
        self.preview_box = PreviewTable(self)
        self.words = ToneLabel(face(BODY), self)
        self.words.setWordWrap(True)
        self.enter_button = DeliberateButton("Enter into the book (Ctrl+Enter)", "primary", self)
        self.undo_button = DeliberateButton("Undo", "grave", self)
        self.entries = QListWidget(self)
        self.entries.setAccessibleName("Entered")
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(PREVIEW_MS)
        self._lay_out()
        self._arming = Arming(self, (self.enter_button, self.undo_button))
        self._connect()
        theme.changed.connect(self.update)
        self._show_kind(self.kind.currentText())

    def _lay_out(self) -> None:
        left, right = QVBoxLayout(), QVBoxLayout()
        rows = QFormLayout()
        rows.addRow("Kind", self.kind)
        left.addLayout(rows)
        left.addWidget(self.form)
        why = QFormLayout()
        why.addRow("Reason", self.reason)
        left.addLayout(why)
        title = ToneLabel(bold(TITLE), self)
        title.say("Before and after")
        left.addWidget(title)
        left.addWidget(self.preview_box)
        left.addWidget(self.words)
        left.addStretch(1)
        buttons = QHBoxLayout()
        if self._read is not None:
            load = QPushButton("Import CSV …", self)
            load.setAutoDefault(False)
            load.clicked.connect(self._choose_file)
            buttons.addWidget(load)
        buttons.addStretch(1)
        buttons.addWidget(self.enter_button)
        left.addLayout(buttons)
        heading = ToneLabel(bold(TITLE), self)
        heading.say("Entered")
        right.addWidget(heading)
        right.addWidget(self.entries, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.undo_button)
        right.addLayout(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 14, 16, 14)
        row.setSpacing(24)
        row.addLayout(left, 3)
        row.addLayout(right, 2)

    def _connect(self) -> None:
        self.kind.currentTextChanged.connect(self._show_kind)
        self.form.edited.connect(self._edited)
        self.reason.textChanged.connect(self._edited)
        self._delay.timeout.connect(self._ask_preview)
        self.enter_button.decided.connect(self._enter)
        self.undo_button.decided.connect(self._undo)
        self.entries.currentRowChanged.connect(self._show_undo)
        # A chord of its own, as in the breach dialog: it acts only while the button is armed.
        QShortcut(QKeySequence("Ctrl+Return"), self, self.enter_button.click)
        self._show_undo()

    @Slot(object)
    def show_preview(self, preview: BookPreview) -> None:
        """Show the answer to the newest question; older ones are passed over."""
        if self._wanted is None or preview.event != self._wanted:
            return
        self.preview_box.show_lines(preview.lines)
        self.words.say(preview.refusal or preview.note, "loss" if preview.refusal else "muted")
        self._is_good = not preview.refusal
        self._tell_enter()

    @Slot(object, str)
    def show_outcome(self, event: BookEvent, refusal: str) -> None:
        """Show what became of an event: entered, or why not."""
        if refusal:
            self.words.say(refusal, "loss")
        else:
            self.form.clear()
            self.reason.clear()
            self.words.say(f"Entered: {event_words(event)}.", "gain")
        self._arming.restart()

    @Slot(object)
    def show_record(self, record: BookRecord) -> None:
        """Show everything entered, the newest first; what is undone says so."""
        self._record = record
        undone = record.undone
        self.entries.clear()
        for event in reversed(record.events):
            words = event_words(event) + (" (undone)" if event.event_id in undone else "")
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, event.event_id)
            item.setToolTip(" · ".join(filter(None, (event.person, event.source, event.reason))))
            self.entries.addItem(item)
        self._show_undo()

    def import_from(self, path: Path) -> None:
        """Enter the events of a file one by one; what is in the book already is counted and left out."""
        if self._read is None:
            return
        try:
            events = self._read(path)
        except FileRefused as refusal:
            self.words.say(f"{path.name} was refused: {'; '.join(map(str, refusal.complaints[:3]))}", "loss")
            return
        known = self._record.event_ids if self._record is not None else frozenset()
        new = [event for event in events if event.event_id not in known]
        for event in new:
            self._submit(replace(event, person=self._person))
        there = len(events) - len(new)
        already = f"; {there} are in the book already and were left out" if there else ""
        self.words.say(f"{path.name}: {len(new)} of {len(events)} events handed in{already}.", "muted")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # a stray Enter must not change the book
            return
        super().keyPressEvent(event)

    @Slot(str)
    def _show_kind(self, title: str) -> None:
        self.form.show_kind(title)
        self._edited()

    @Slot()
    def _edited(self) -> None:
        self._is_good = False
        self._wanted = None
        self._tell_enter()
        self._delay.start()

    @Slot()
    def _ask_preview(self) -> None:
        try:
            body = {
                **self.form.body(),
                "event_id": self._make_id(),
                "time_ns": 0,
                "person": self._person,
                "reason": self.reason.text().strip(),
                "source": "entered",
            }
            self._wanted = event_from(body)
        except EventRefused as refusal:
            self.preview_box.show_lines(())
            self.words.say(str(refusal), "muted")
            return
        self._ask(self._wanted)

    def _tell_enter(self) -> None:
        has_reason = len(self.reason.text().strip()) >= SHORTEST_REASON
        self.enter_button.setEnabled(self._is_good and has_reason)
        self.enter_button.setToolTip("" if has_reason else "A reason is needed.")

    @Slot()
    def _enter(self) -> None:
        if self._wanted is not None and self._is_good:
            event, self._wanted = self._wanted, None
            self._is_good = False
            self._tell_enter()
            self._submit(event)

    @Slot()
    def _show_undo(self) -> None:
        chosen = self._chosen()
        undone = self._record.undone if self._record is not None else frozenset()
        self.undo_button.setText("Take up again" if isinstance(chosen, EventUndone) else "Undo")
        self.undo_button.setEnabled(chosen is not None and chosen.event_id not in undone)

    @Slot()
    def _undo(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            why = self.reason.text().strip() or "undone from the list"
            self._submit(counter_of(chosen, person=self._person, reason=why))

    def _chosen(self) -> BookEvent | None:
        item = self.entries.currentItem()
        if item is None or self._record is None:
            return None
        return self._record.event(str(item.data(Qt.ItemDataRole.UserRole)))

    @Slot()
    def _choose_file(self) -> None:
        chooser = QFileDialog(self, "Import trades and cash", "", "CSV files (*.csv)")
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(self._import_named)
        chooser.open()

    @Slot(str)
    def _import_named(self, name: str) -> None:
        self.import_from(Path(name))


class PreviewTable(QWidget):
    """Each figure with what it is now and what it would be."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent if isinstance(parent, QWidget) else None)
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
                label.setAlignment(Qt.AlignmentFlag.AlignRight)
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


def _number(name: str, text: str) -> object:
    if not text:
        return text
    try:
        value = Decimal(text.replace("−", "-"))
    except InvalidOperation:
        raise EventRefused(f"{CAPTIONS[name]} was {text!r}, expected a number like -1234.5") from None
    if name not in WHOLE:
        return value
    if value != value.to_integral_value():
        raise EventRefused(f"{CAPTIONS[name]} was {text!r}, expected a whole number")
    return int(value)
