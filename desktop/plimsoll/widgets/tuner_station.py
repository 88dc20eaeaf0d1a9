"""Opens the limit tuner from the Limits tab, has its path made, and hands what was tried to the editor."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot

from plimsoll.bridge.lone_job import LoneJob
from plimsoll.bridge.study_job import StudyRecipe
from plimsoll.bridge.tuner_job import TunerRecipe
from plimsoll.domain.limit import Limit
from plimsoll.domain.tuning import MeasurePath
from plimsoll.widgets.limit_tuner import LimitTuner
from plimsoll.widgets.limits_panel import TUNE, LimitsPanel
from plimsoll.widgets.theme import Theme


class TunerStation(QObject):
    """One tuner at a time; the book it tries is the one of the moment it was opened.

    Signals
    -------
    book_asked()
        Today's book is wanted, by `take_book`.

    Parameters
    ----------
    panel : LimitsPanel
        Whose button opens it, and which is told what shall be asked for.
    theme : Theme
        The look.
    job : LoneJob
        Works paths out.
    make_recipe : callable
        Returns the recipe of a study of a StudyBook.
    recorded : callable
        Returns what the journal has of a limit, by its id, in words.
    """

    book_asked = Signal()

    def __init__(
        self,
        panel: LimitsPanel,
        theme: Theme,
        job: LoneJob,
        make_recipe: Callable[..., StudyRecipe],
        recorded: Callable[[str], str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._panel, self._theme = panel, theme
        self._job, self._make_recipe, self._recorded = job, make_recipe, recorded
        self._is_book_wanted = False
        self.tuner: LimitTuner | None = None
        panel.wanted.connect(self._open)
        job.finished.connect(self._show_path)
        job.refused.connect(self._show_end)
        job.cancelled.connect(self._show_cancelled)

    @Slot()
    def tune(self) -> None:
        """Open the tuner for the chosen limit, or the first."""
        snapshot = self._panel.snapshot
        limit = self._panel.chosen
        if limit is None and snapshot is not None and snapshot.limits:
            limit = snapshot.limits[0].limit
        if limit is not None and snapshot is not None:
            self._show(limit, snapshot.base_currency)

    @Slot(object)
    def take_book(self, book: object) -> None:
        """Take today's book if it was asked for here."""
        if not self._is_book_wanted or self.tuner is None:
            return
        self._is_book_wanted = False
        snapshot = self._panel.snapshot
        spread = snapshot.market.liquidity.spread_fraction.tolist() if snapshot is not None else []
        self._job.start(TunerRecipe(self._make_recipe(book), self.tuner.limit, tuple(spread)))

    @Slot()
    def end(self) -> None:
        """Give up what is under way."""
        self._job.cancel()

    @Slot(str)
    def _open(self, wanted: str) -> None:
        if wanted == TUNE:
            self.tune()

    def _show(self, limit: Limit, currency: str) -> None:
        if self.tuner is not None:
            if self.tuner.limit == limit:
                self.tuner.raise_()
                self.tuner.activateWindow()
                return
            self.tuner.close()
        self.tuner = LimitTuner(self._theme, limit, currency, self._panel)
        self.tuner.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.tuner.bar.asked.connect(self._want_path)
        self.tuner.bar.cancel_asked.connect(self._job.cancel)
        self.tuner.limit_wanted.connect(self._panel.change_drafted)
        self.tuner.finished.connect(self._forget)
        self.tuner.show_recorded(self._recorded(limit.limit_id))
        self.tuner.show()
        self._want_path()

    @Slot()
    def _want_path(self) -> None:
        if self.tuner is None:
            return
        self.tuner.bar.show_progress(0, 1, "leading today's book through its history")
        self._is_book_wanted = True
        self.book_asked.emit()

    @Slot(object)
    def _show_path(self, path: MeasurePath) -> None:
        if self.tuner is not None:
            self.tuner.show_path(path)

    @Slot(str)
    def _show_end(self, words: str) -> None:
        if self.tuner is not None:
            self.tuner.bar.show_end(f"Not known: {words}")

    @Slot()
    def _show_cancelled(self) -> None:
        self._show_end("cancelled")

    @Slot()
    def _forget(self) -> None:
        self.tuner = None
        self._is_book_wanted = False
        self._job.cancel()
