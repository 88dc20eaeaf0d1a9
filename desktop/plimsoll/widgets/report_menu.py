"""The menu of reports: what to write, and where to."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from plimsoll.domain.report import ReportKind
from plimsoll.widgets.action_registry import ActionRegistry

SECTION = "Report"
REPORT_FILES = "PDF (*.pdf);;Web page (*.html);;Workbook (*.xlsx)"
JOURNAL_FILES = "CSV (*.csv);;JSON, can be verified (*.json)"


class ReportMenu(QObject):
    """Asks for a file name and hands it on.

    Parameters
    ----------
    registry : ActionRegistry
        Where the entries go.
    write : callable
        Writes a report of a kind to a path.
    export : callable
        Writes the journal to a path.
    window : QWidget
        Whose dialogs they are.
    """

    def __init__(
        self,
        registry: ActionRegistry,
        write: Callable[[ReportKind, Path], None],
        export: Callable[[Path], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._write, self._export, self._window = write, export, window
        self.dialog: QFileDialog | None = None
        registry.add(SECTION, "Write the report of the day", "Ctrl+Shift+R", self.ask_for_day)
        registry.add(SECTION, "Write a review", "", self.ask_for_review)
        registry.add(SECTION, "Export the journal", "", self.ask_for_export)

    @Slot()
    def ask_for_day(self) -> None:
        self._ask("Write the report of the day", "end-of-day.pdf", REPORT_FILES, self.write_day)

    @Slot()
    def ask_for_review(self) -> None:
        self._ask("Write a review", "review.pdf", REPORT_FILES, self.write_review)

    @Slot()
    def ask_for_export(self) -> None:
        self._ask("Export the journal", "journal.csv", JOURNAL_FILES, self.export)

    @Slot(str)
    def write_day(self, name: str) -> None:
        self._write(ReportKind.END_OF_DAY, Path(name))

    @Slot(str)
    def write_review(self, name: str) -> None:
        self._write(ReportKind.REVIEW, Path(name))

    @Slot(str)
    def export(self, name: str) -> None:
        self._export(Path(name))

    def _ask(self, title: str, name: str, files: str, take: Callable[[str], None]) -> None:
        dialog = QFileDialog(self._window, title, name, files)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        dialog.fileSelected.connect(take)
        self.dialog = dialog
        dialog.open()
