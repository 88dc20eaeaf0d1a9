"""Joins the Protocol tab to the job that fills it: asks for today's book, runs, and fetches what was kept."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from plimsoll.bridge.protocol_job import ProtocolJob, ProtocolRecipe
from plimsoll.domain.protocol_result import ProtocolResult
from plimsoll.widgets.protocol_panel import ProtocolPanel


class ProtocolStation(QObject):
    """One backtest at a time.

    Signals
    -------
    book_asked()
        Today's book is wanted, by `take_book`.

    Parameters
    ----------
    job : ProtocolJob
        Runs them.
    panel : ProtocolPanel
        Shows them.
    make_recipe : callable
        Returns the recipe of a backtest of a StudyBook, by the panel's form.
    shelf : Path
        Where the newest result is kept.
    """

    book_asked = Signal()

    def __init__(
        self,
        job: ProtocolJob,
        panel: ProtocolPanel,
        make_recipe: Callable[..., ProtocolRecipe],
        shelf: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job, self._panel, self._make_recipe, self._shelf = job, panel, make_recipe, shelf
        self._is_book_wanted = self._has_recalled = False
        panel.bar.asked.connect(self._want_run)
        panel.bar.cancel_asked.connect(job.cancel)
        panel.wanted.connect(self._recall)
        job.progressed.connect(panel.bar.show_progress)
        job.finished.connect(self._show)
        job.refused.connect(panel.bar.show_end)
        job.cancelled.connect(self._show_cancelled)

    @Slot(object)
    def take_book(self, book: object) -> None:
        """Take today's book if it was asked for here."""
        if self._is_book_wanted:
            self._is_book_wanted = False
            self._job.start(self._make_recipe(book))

    @Slot()
    def end(self) -> None:
        """Give up what is under way."""
        self._job.cancel()

    @Slot()
    def _want_run(self) -> None:
        self._has_recalled = True
        self._is_book_wanted = True
        self.book_asked.emit()

    @Slot()
    def _recall(self) -> None:
        if not self._has_recalled and self._shelf.exists():
            self._has_recalled = True
            self._job.recall(self._shelf)

    @Slot(object)
    def _show(self, result: ProtocolResult) -> None:
        self._panel.show_result(result)

    @Slot()
    def _show_cancelled(self) -> None:
        had = self._panel.result.is_known
        self._panel.bar.show_end("Cancelled; what is shown is of the run before." if had else "Cancelled.")
