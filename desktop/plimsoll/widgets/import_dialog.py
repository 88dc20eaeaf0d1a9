"""A file of events before it is entered: what each line would do, and the book before and after it all."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.roles import Meaning
from plimsoll.domain.book_event import BookEvent, EventUndone
from plimsoll.domain.book_import import Effect, EventEffect, ImportLine, ImportOutcome, ImportPreview
from plimsoll.widgets.book_event_dialog import SHORTEST_REASON
from plimsoll.widgets.deliberate_button import Arming, DeliberateButton
from plimsoll.widgets.event_cells import EventCells, cells_of
from plimsoll.widgets.preview_table import PreviewTable
from plimsoll.widgets.study_table import Cell, StudyTable
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, TITLE, bold, face

HEADS = ("Line", "Date (UTC)", "What", "Of", "Quantity", "Price", "Fee", "What it would do")
NUMBERS = frozenset({0, 4, 5, 6})
REFRESH_MS = 2000
MOST_REFRESHED = 50
"""More events than this are shown on trial once: the risk thread has ticks to follow."""
MOST_REASONS = 3
MEANINGS = {Effect.REFUSED: Meaning.OVER, Effect.KNOWN: Meaning.UNKNOWN, Effect.FLIPS: Meaning.NEAR}


class ImportDialog(QDialog):
    """Enter by itself does nothing; the confirming button is clicked, and armed after a second.

    Signals
    -------
    preview_wanted(tuple of BookEvent)
        What they would do together; the answer comes to `show_preview`.
    entering_wanted(tuple of BookEvent)
        They are to be entered, in this order.
    left()
        The person has closed it.

    Parameters
    ----------
    theme : Theme
        The look.
    title : str
        What is to be entered: "trades.csv".
    lines : sequence of ImportLine
        The file's, or the counter-entries of an import.
    new_codes : frozenset of str
        What would be followed from now on.
    subjects : Mapping
        What counter-entries take back, by event id.
    reason : str
        What stands in the field at first: a line's own reason goes before it.
    """

    preview_wanted = Signal(object)
    entering_wanted = Signal(object)
    left = Signal()

    def __init__(
        self,
        theme: Theme,
        title: str,
        lines: Sequence[ImportLine],
        *,
        new_codes: frozenset[str] = frozenset(),
        subjects: Mapping[str, BookEvent] | None = None,
        reason: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._lines = tuple(lines)
        self._new_codes = new_codes
        self._subjects = subjects or {}
        self._events = tuple(line.event for line in lines if line.event is not None)
        self._effects: tuple[EventEffect, ...] = ()
        self._is_over = self._is_entering = False
        self.setModal(False)
        self.setWindowTitle(title)
        self.setAccessibleName("Import")
        self.resize(1240, 660)
        self.heading = ToneLabel(bold(TITLE), self)
        self.table = StudyTable(theme, "Lines", HEADS, self)
        self.totals = PreviewTable(self)
        self.notes, self.words = ToneLabel(face(BODY), self, tone="muted"), ToneLabel(face(BODY), self)
        for label in (self.notes, self.words):
            label.setWordWrap(True)
        self.reason = QLineEdit(reason, self)
        self.reason.setAccessibleName("Reason")
        self.reason.setPlaceholderText("Why, in a few words")
        self.leave_out = QCheckBox(self)
        self.enter_button = DeliberateButton("Enter", "primary", self)
        self.close_button = QPushButton("Cancel", self)
        self._lay_out()
        self._arming = Arming(self, (self.enter_button,))
        self._refresh = QTimer(self)
        self._refresh.setInterval(REFRESH_MS)
        self._connect()
        self._show_lines()

    def _lay_out(self) -> None:
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        sums = QVBoxLayout()
        title = ToneLabel(bold(TITLE), self)
        title.say("The book before and after all of it")
        area = QScrollArea(self)
        holder = QWidget(area)
        rows = QVBoxLayout(holder)
        rows.setContentsMargins(0, 6, 10, 6)
        rows.addWidget(self.totals)
        rows.addStretch(1)
        area.setWidget(holder)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        sums.addWidget(title)
        sums.addWidget(area, 1)
        halves = QHBoxLayout()
        halves.setSpacing(20)
        halves.addWidget(self.table, 5)
        halves.addLayout(sums, 3)
        why = QFormLayout()
        why.addRow("Reason", self.reason)
        buttons = QHBoxLayout()
        buttons.addWidget(self.leave_out)
        buttons.addStretch(1)
        self.close_button.setAutoDefault(False)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.enter_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(self.heading)
        column.addLayout(halves, 1)
        column.addWidget(self.notes)
        column.addWidget(self.words)
        column.addLayout(why)
        column.addLayout(buttons)

    def _connect(self) -> None:
        self.reason.textChanged.connect(self._tell_enter)
        self.leave_out.toggled.connect(self._tell_enter)
        self.enter_button.decided.connect(self._enter)
        self.close_button.clicked.connect(self.close)
        self._refresh.timeout.connect(self.ask)

    @Slot()
    def ask(self) -> None:
        """Ask what the lines would do together, now and again while prices move."""
        if self._is_over or self._is_entering or not self._events:
            return
        self.preview_wanted.emit(self._events)
        if len(self._events) <= MOST_REFRESHED:
            self._refresh.start()

    @Slot(object)
    def show_preview(self, preview: ImportPreview) -> None:
        """Show the answer; of other events it is passed over."""
        if preview.events != self._events or self._is_over or self._is_entering:
            return
        self.totals.show_lines(preview.totals)
        said = []
        if self._new_codes:
            said.append(f"New to this session, followed once entered: {', '.join(sorted(self._new_codes))}.")
        if preview.assumed:
            said.append(f"Reckoned at its last price here until it is quoted: {', '.join(preview.assumed)}.")
        if preview.unpriced:
            said.append(f"Without a price, left out of NAV and gross: {', '.join(preview.unpriced)}.")
        self.notes.say("\n".join(said))
        if preview.effects != self._effects:
            self._effects = preview.effects
            self._show_lines()

    @Slot(int, int)
    def show_progress(self, n_entered: int, n_wanted: int) -> None:
        """Show how far the entering has come."""
        self.words.say(f"{n_entered} of {n_wanted} entered …", "muted")

    @Slot(object)
    def show_outcome(self, outcome: ImportOutcome) -> None:
        """Show that all were entered, or where and why it stopped."""
        self._is_entering, self._is_over = False, True
        self._refresh.stop()
        self.close_button.setText("Close")
        self._tell_enter()
        if outcome.at is None:
            done = "taken back" if self._subjects else "entered into the book"
            self.words.say(f"All {outcome.n_entered} were {done}.", "gain")
            return
        at = outcome.at.event_id
        number = next((each.number for each in self._lines if each.event and each.event.event_id == at), 0)
        where = f"line {number}" if number else "the next"
        self.words.say(
            f"{outcome.n_entered} of {outcome.n_wanted} were entered; {where} was not, and nothing after it: "
            f"{outcome.refusal}. What was entered stays, and is not taken twice if this is imported again.",
            "loss",
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()  # a stray Enter must not change the book
            return
        super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._refresh.stop()
        self.left.emit()
        super().closeEvent(event)

    def reject(self) -> None:
        self.close()

    @property
    def _wanted(self) -> tuple[BookEvent, ...]:
        return tuple(each.event for each in self._effects if each.is_new)

    def _show_lines(self) -> None:
        effects = {each.event.event_id: each for each in self._effects}
        rows, refused = [], []
        for line in self._lines:
            found = effects.get(line.event.event_id) if line.event is not None else None
            if line.event is None:
                effect, words = Effect.REFUSED.value, line.refusal
                meaning = Meaning.OVER
            elif found is None:
                effect, words, meaning = "…", "", Meaning.UNKNOWN
            else:
                effect, words = found.effect.value, found.words
                meaning = MEANINGS.get(found.effect, Meaning.PLAIN)
            if meaning is Meaning.OVER:
                refused.append(f"Line {line.number}: {words}")
            rows.append(self._row(line, effect, words, meaning))
        self.table.show_rows(rows)
        self._tell_counts(refused)

    def _row(self, line: ImportLine, effect: str, words: str, meaning: Meaning) -> tuple[Cell, ...]:
        event = line.event
        subject = self._subjects.get(event.undoes, event) if isinstance(event, EventUndone) else event
        cells = cells_of(subject) if subject is not None else EventCells()
        what = f"{effect}: {words}" if words else effect
        if cells.code in self._new_codes:
            what += " · new to this session"
        number = str(line.number) if line.number else ""
        rest = meaning if meaning is Meaning.UNKNOWN else Meaning.PLAIN
        facts = (number, cells.date, cells.what, cells.code, cells.quantity, cells.price, cells.fee)
        left = [Cell(text, rest, what, place in NUMBERS) for place, text in enumerate(facts)]
        return (*left, Cell(what, meaning, what, is_number=False))

    def _tell_counts(self, refused: Sequence[str]) -> None:
        known = sum(each.effect is Effect.KNOWN for each in self._effects)
        one, many, verb = ("entry", "entries", "take back") if self._subjects else ("line", "lines", "enter")
        n_lines, n_wanted = len(self._lines), len(self._wanted)
        counts = [
            f"{n_lines} {one if n_lines == 1 else many}",
            *([f"{n_wanted} to {verb}"] if self._effects else []),
            *([f"{known} in the book already"] if known else []),
            *([f"{len(refused)} refused"] if refused else []),
        ]
        self.heading.say(f"{self.windowTitle()}: {', '.join(counts)}")
        more = [f"… and {len(refused) - MOST_REASONS} more"] if len(refused) > MOST_REASONS else []
        self.words.say("\n".join([*refused[:MOST_REASONS], *more]), "over" if refused else "")
        left_out = one if len(refused) == 1 else f"{len(refused)} {many}"
        self.leave_out.setText(f"Leave out the refused {left_out}")
        self.leave_out.setVisible(bool(refused))
        self.enter_button.setText(
            f"Take {n_wanted} back" if self._subjects else f"Enter {n_wanted} into the book"
        )
        self._tell_enter()

    @Slot()
    def _tell_enter(self) -> None:
        is_whole = self.leave_out.isHidden() or self.leave_out.isChecked()
        has_reason = len(self.reason.text().strip()) >= SHORTEST_REASON
        is_idle = not (self._is_over or self._is_entering)
        self.enter_button.setEnabled(bool(self._wanted) and is_whole and has_reason and is_idle)
        wants = "" if is_whole else "Some lines are refused: mend the file, or leave them out."
        self.enter_button.setToolTip(wants or ("" if has_reason else "A reason is needed."))

    @Slot()
    def _enter(self) -> None:
        self._refresh.stop()
        why = self.reason.text().strip()
        wanted = tuple(each if each.reason else replace(each, reason=why) for each in self._wanted)
        self._is_entering = True
        self._tell_enter()
        self.entering_wanted.emit(wanted)
