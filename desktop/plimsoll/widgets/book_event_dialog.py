"""Enter a trade, cash or another event: seen before and after as one types, and undone from the list."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
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
from plimsoll.domain.book_import import import_with
from plimsoll.domain.book_preview import BookPreview
from plimsoll.domain.book_record import BookRecord
from plimsoll.domain.errors import EventRefused
from plimsoll.domain.instrument import Instrument
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.event_form import FORMS, EventForm, line_up
from plimsoll.widgets.event_words import event_words
from plimsoll.widgets.preview_table import PreviewTable
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, TITLE, bold, face

PREVIEW_MS = 150
SHORTEST_REASON = 3
NOTHING = "Nothing was entered yet. What is entered stands here, the newest first, and is undone from here."
Preview = Callable[[BookEvent], None]


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

    Signals
    -------
    file_chosen(Path)
        A CSV file of events is to be shown.
    import_undo_wanted(tuple of BookEvent)
        What was imported together is to be shown for undoing.
    """

    file_chosen = Signal(object)
    import_undo_wanted = Signal(object)

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
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ask, self._submit = preview, submit
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
        self.undo_import_button = QPushButton("Undo the whole import …", self)
        self.undo_import_button.setAutoDefault(False)
        self.undo_import_button.clicked.connect(self._undo_import)
        self.entries = QListWidget(self)
        self.entries.setAccessibleName("Entered")
        self.entries.hide()
        self.nothing = ToneLabel(face(BODY), self, tone="muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.nothing.setWordWrap(True)
        self.nothing.say(NOTHING)
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
        line_up(rows, self.kind)
        left.addLayout(rows)
        left.addWidget(self.form)
        why = QFormLayout()
        why.addRow("Reason", self.reason)
        line_up(why, self.reason)
        left.addLayout(why)
        title = ToneLabel(bold(TITLE), self)
        title.say("Before and after")
        left.addWidget(title)
        left.addWidget(self.preview_box)
        left.addWidget(self.words)
        left.addStretch(1)
        buttons = QHBoxLayout()
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
        right.addWidget(self.nothing, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.undo_import_button)
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
        by_id = {event.event_id: event for event in record.events}
        for event in reversed(record.events):
            words = _entry_words(event, by_id) + (" (undone)" if event.event_id in undone else "")
            item = QListWidgetItem(words)
            item.setData(Qt.ItemDataRole.UserRole, event.event_id)
            item.setToolTip(" · ".join(filter(None, (event.person, event.source, event.reason))))
            self.entries.addItem(item)
        self.entries.setVisible(bool(record.events))
        self.nothing.setVisible(not record.events)
        self._show_undo()

    def tell(self, words: str) -> None:
        """Say why a file could not be read."""
        self.words.say(words, "loss")

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
        self.undo_import_button.setVisible(len(self._chosen_import()) > 1)

    @Slot()
    def _undo(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            why = self.reason.text().strip() or "undone from the list"
            self._submit(counter_of(chosen, person=self._person, reason=why))

    @Slot()
    def _undo_import(self) -> None:
        self.import_undo_wanted.emit(self._chosen_import())

    def _chosen_import(self) -> tuple[BookEvent, ...]:
        chosen = self._chosen()
        return import_with(chosen, self._record) if chosen is not None and self._record is not None else ()

    def _chosen(self) -> BookEvent | None:
        item = self.entries.currentItem()
        if item is None or self._record is None:
            return None
        return self._record.event(str(item.data(Qt.ItemDataRole.UserRole)))

    @Slot()
    def _choose_file(self) -> None:
        chooser = QFileDialog(self, "Import trades and cash", "", "CSV files (*.csv)")
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chooser.fileSelected.connect(self._tell_file)
        chooser.open()

    @Slot(str)
    def _tell_file(self, name: str) -> None:
        self.file_chosen.emit(Path(name))


def _entry_words(event: BookEvent, by_id: Mapping[str, BookEvent]) -> str:
    """Return an entry in words; a counter-entry by what it takes back, never by an id."""
    if isinstance(event, EventUndone) and event.undoes in by_id:
        return f"Undid: {_entry_words(by_id[event.undoes], by_id)}"
    return event_words(event)
