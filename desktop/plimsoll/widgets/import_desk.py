"""Imports files of events, and takes an import back as a whole: shown on trial, then entered by a click."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.import_station import ImportStation
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.book_event import BookEvent, counter_of
from plimsoll.domain.book_import import ImportLine, ImportOutcome, ImportPreview
from plimsoll.domain.errors import FileRefused
from plimsoll.widgets.book_event_dialog import BookEventDialog
from plimsoll.widgets.import_dialog import ImportDialog
from plimsoll.widgets.theme import Theme

MOST_REASONS = 3


class ImportDesk(QObject):
    """One import is open at a time; the next one takes its place unless it is being entered.

    Attributes
    ----------
    dialog : ImportDialog or None
        The newest.
    """

    def __init__(
        self, events: BookEventDialog, model: RiskModel, station: ImportStation, theme: Theme
    ) -> None:
        super().__init__(events)
        self._events, self._station, self._theme = events, station, theme
        self._person = model.person
        self.dialog: ImportDialog | None = None
        events.file_chosen.connect(self.open_file)
        events.import_undo_wanted.connect(self.open_undo)
        model.import_previewed.connect(self._show_preview)
        station.progressed.connect(self._show_progress)
        station.ended.connect(self._show_outcome)
        model.record_changed.connect(self._ask_again)

    @Slot(object)
    def open_file(self, path: Path) -> None:
        """Show what a file of events would do."""
        try:
            file = self._station.read(path)
        except FileRefused as refusal:
            words = "; ".join(map(str, refusal.complaints[:MOST_REASONS]))
            self._events.tell(f"{path.name} was refused: {words}")
            return
        new = frozenset(self._station.new_codes(file.events))
        dialog = ImportDialog(
            self._theme,
            file.name,
            file.lines,
            new_codes=new,
            reason=f"Import of {file.name}",
            parent=self._window(),
        )
        self._open(dialog)

    @Slot(object)
    def open_undo(self, events: tuple[BookEvent, ...]) -> None:
        """Show what taking back events would do, the newest first."""
        counters = [counter_of(event, person=self._person) for event in reversed(events)]
        lines = [ImportLine(0, counter) for counter in counters]
        dialog = ImportDialog(
            self._theme,
            f"Undo the import of {events[0].source.rpartition(' ')[0]}",
            lines,
            subjects={event.event_id: event for event in events},
            parent=self._window(),
        )
        self._open(dialog)

    def _open(self, dialog: ImportDialog) -> None:
        if self._station.is_running:
            self._events.tell("Another import is being entered: wait for its end.")
            dialog.deleteLater()
            return
        if self.dialog is not None:
            self.dialog.close()
            self.dialog.deleteLater()
        self.dialog = dialog
        dialog.preview_wanted.connect(self._station.ask)
        dialog.entering_wanted.connect(self._station.enter)
        dialog.left.connect(self._station.stop)
        dialog.show()
        dialog.raise_()
        dialog.ask()

    def _window(self) -> QWidget:
        parent = self._events.parentWidget()
        return parent if parent is not None else self._events

    @Slot(object)
    def _show_preview(self, preview: ImportPreview) -> None:
        if self.dialog is not None:
            self.dialog.show_preview(preview)

    @Slot(int, int)
    def _show_progress(self, n_entered: int, n_wanted: int) -> None:
        if self.dialog is not None:
            self.dialog.show_progress(n_entered, n_wanted)

    @Slot(object)
    def _show_outcome(self, outcome: ImportOutcome) -> None:
        if self.dialog is not None:
            self.dialog.show_outcome(outcome)

    @Slot()
    def _ask_again(self) -> None:
        """Show what the lines would do to the book as it has become."""
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.ask()
