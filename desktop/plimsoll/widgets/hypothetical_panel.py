"""Scenarios of one's own: their list, the form of the chosen one, and what it does to today's book."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.hypothetical_desk import HypotheticalDesk
from plimsoll.bridge.scenario_shelf import ScenarioShelf
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.hypothetical_stress import HypotheticalStress
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.hypothetical_form import HypotheticalForm
from plimsoll.widgets.hypothetical_outcome import FORMULA, HypotheticalOutcome
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

THREE_PARTS = [210, 400, 560]  # pixels at first; the splitter is the trader's own
UNSAVED = "●"
TOML_FILES = "TOML files (*.toml)"
Read = Callable[[Path], tuple[StressScenario, ...]]
Write = Callable[[Path, tuple[StressScenario, ...]], None]


class HypotheticalPanel(QWidget):
    """The editor of scenarios; nothing typed is lost before it is saved or reverted.

    Parameters
    ----------
    theme : Theme
        The look.
    shelf : ScenarioShelf
        What is edited.
    desk : HypotheticalDesk
        Reprices it.
    read, write : callable
        A scenarios file in and out; both raise FileRefused.

    Signals
    -------
    save_wanted(tuple of StressScenario)
        All of them, as they shall stand in the file and in the running desk.
    scenarios_edited()
        Some scenario is another now, saved or not.
    """

    save_wanted = Signal(object)
    scenarios_edited = Signal()

    def __init__(
        self,
        theme: Theme,
        shelf: ScenarioShelf,
        desk: HypotheticalDesk,
        *,
        read: Read,
        write: Write,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.shelf = shelf
        self._desk = desk
        self._read, self._write = read, write
        self._currency = "USD"
        self._offered: tuple[str, ...] = ()
        self.setAccessibleName("Hypothetical stress")
        self.list = QListWidget(self)
        self.list.setAccessibleName("Scenarios")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.form = HypotheticalForm(self)
        self.outcome = HypotheticalOutcome(theme, self)
        self.words = ElidedLabel(face(SMALL), self)
        self.buttons = {
            name: self._button(name, act)
            for name, act in (
                ("Add", self.add),
                ("Copy", self.copy),
                ("Delete", self.delete),
                ("Import…", self._import),
                ("Export…", self._export),
                ("Revert", self.revert),
                ("Save", self.save),
            )
        }
        self.buttons["Save"].setProperty("tone", "primary")
        self._lay_out()
        self.form.offer(desk.master.values(), ())
        self.form.edited.connect(self._take_edit)
        self.list.currentRowChanged.connect(self._choose)
        self._refill(0)

    @property
    def place(self) -> int:
        """The chosen scenario's place; −1 without any."""
        return self.list.currentRow()

    def show_outcome(self, currency: str = "") -> None:
        """Show what the chosen scenario does to the newest book."""
        book = self._desk.book
        self._currency = currency or self._currency
        if book is None or not self.isVisible():
            return
        if book.currencies[1:] != self._offered:
            self._offered = book.currencies[1:]
            self.form.offer(self._desk.master.values(), self._offered)
        draft = self.shelf.draft(self.place) if self.place >= 0 else None
        scenario = None if draft is None else draft.scenario
        stress = None if scenario is None else self._desk.stress_of(scenario)
        self.outcome.show_stress(stress, book, self._currency, self._convention(stress))

    def show_saved(self, words: str) -> None:
        """Say that the file holds them now."""
        self.shelf.take_saved(self.shelf.scenarios())
        self._refill(self.place)
        self._say(words)

    def show_refusal(self, words: str) -> None:
        """Say why nothing was saved; everything typed stays."""
        self._say(words)

    @Slot()
    def add(self) -> None:
        """Put a new scenario behind the others."""
        self._refill(self.shelf.add())
        self.form.fields["name"].setFocus()
        self.form.fields["name"].selectAll()

    @Slot()
    def copy(self) -> None:
        """Put a copy of the chosen one behind the others."""
        if self.place >= 0:
            self._refill(self.shelf.copy(self.place))

    @Slot()
    def delete(self) -> None:
        """Take the chosen one off the shelf; the file keeps it until the shelf is saved."""
        if self.place < 0:
            return
        why = self.shelf.why_not_removable(self.place)
        if why:
            self._say(why)
            return
        place = self.place
        self.shelf.remove(place)
        self._refill(min(place, len(self.shelf) - 1))

    @Slot()
    def revert(self) -> None:
        """Forget everything typed since it was saved."""
        self.shelf.revert()
        self._refill(max(min(self.place, len(self.shelf) - 1), 0))

    @Slot()
    def save(self) -> None:
        """Ask that the shelf be written and taken up by the desk."""
        if self.shelf.refusal:
            self._say(self.shelf.refusal)
        else:
            self.save_wanted.emit(self.shelf.scenarios())

    def import_from(self, path: Path) -> None:
        """Put the scenarios of a file behind those that are there; an id that is taken gets a number."""
        from_file = self._read(path)
        for scenario in from_file:
            self.shelf.add_scenario(scenario)
        self._refill(len(self.shelf) - len(from_file))
        self._say(f"{len(from_file)} scenarios of {path.name} stand here now, not saved yet")

    def export_to(self, path: Path) -> None:
        """Write every scenario that is right into a file of its own."""
        self._write(path, self.shelf.scenarios())
        self._say(f"{len(self.shelf.scenarios())} scenarios written to {path}")

    @Slot()
    def _import(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Scenarios from a file", "", TOML_FILES)
        if name:
            self._try(self.import_from, Path(name))

    @Slot()
    def _export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Scenarios into a file", "scenarios.toml", TOML_FILES)
        if name:
            self._try(self.export_to, Path(name))

    def _try(self, act: Callable[[Path], None], path: Path) -> None:
        try:
            act(path)
        except (FileRefused, OSError) as why:
            self._say(str(why))

    @Slot()
    def _take_edit(self) -> None:
        if self.place < 0:
            return
        self.shelf.type(self.place, self.form.texts())
        self._mark_all()
        self.form.show_complaints(self.shelf.draft(self.place).complaints)
        self.show_outcome()
        self.scenarios_edited.emit()

    @Slot(int)
    def _choose(self, place: int) -> None:
        self.form.setEnabled(place >= 0)
        if place < 0:
            return
        self.form.show_texts(self.shelf.texts(place))
        self.form.show_complaints(self.shelf.draft(place).complaints)
        self.show_outcome()

    def _refill(self, chosen: int) -> None:
        """Show the list anew, and the chosen one."""
        blocked = self.list.blockSignals(True)
        self.list.clear()
        for _ in range(len(self.shelf)):
            self.list.addItem(QListWidgetItem(""))
        self._mark_all()
        self.list.setCurrentRow(min(chosen, len(self.shelf) - 1))
        self.list.blockSignals(blocked)
        self._choose(self.place)
        self.scenarios_edited.emit()

    def _mark_all(self) -> None:
        for place in range(len(self.shelf)):
            mark = f"{UNSAVED} " if self.shelf.is_changed(place) else ""
            item = self.list.item(place)
            item.setText(f"{mark}{self.shelf.name(place)}")
            item.setToolTip(f"{self.shelf.name(place)}{', not saved' if mark else ''}")
        has_changes = self.shelf.has_changes
        self.buttons["Revert"].setEnabled(has_changes)
        self.buttons["Save"].setEnabled(has_changes and not self.shelf.refusal)
        self._say((self.shelf.refusal or "not saved yet") if has_changes else "")

    def _convention(self, stress: HypotheticalStress | None) -> str:
        if stress is None:
            return "mend what is marked: nothing is repriced from half a scenario"
        past = self._desk.past
        if past is None:
            return "transitive: working out how things moved together…"
        if not past.is_known:
            return f"transitive: unknown, {len(past.days)} days of history are too few"
        span = f"{len(past.days)} days, shrinkage {past.shrinkage:.2f}"
        unheard = f"; nothing follows {', '.join(stress.unheard)}: no history" if stress.unheard else ""
        return f"{FORMULA}, {span}{unheard}"

    def _say(self, words: str) -> None:
        self.words.say(words)
        self.words.setVisible(bool(words))

    def _button(self, name: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(name, self)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    def _lay_out(self) -> None:
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(6, 6, 0, 6)
        column.setSpacing(4)
        column.addWidget(self.list, 1)
        column.addWidget(self.words)
        for names in (("Add", "Copy", "Delete"), ("Import…", "Export…"), ("Revert", "Save")):
            row = QHBoxLayout()
            row.setSpacing(4)
            for name in names:
                row.addWidget(self.buttons[name])
            column.addLayout(row)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        for part in (left, self.form, self.outcome):
            split.addWidget(part)
        split.setSizes(THREE_PARTS)
        split.setStretchFactor(2, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(split)
