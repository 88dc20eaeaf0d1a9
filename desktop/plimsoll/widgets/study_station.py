"""Joins the panels of the studies to the job that runs them: one run fills both."""

from PySide6.QtCore import QObject, Signal, Slot

from plimsoll.bridge.study_job import StudyJob, StudyRecipe, StudyResults
from plimsoll.widgets.backtest_panel import BacktestPanel
from plimsoll.widgets.stress_panel import StressPanel


class StudyStation(QObject):
    """Either panel's button runs or cancels; both show how far it is and what came of it.

    Signals
    -------
    recipe_wanted()
        Somebody pressed Run: hand today's book over by `run`.
    """

    recipe_wanted = Signal()

    def __init__(
        self,
        job: StudyJob,
        stress: StressPanel,
        backtest: BacktestPanel,
        currency: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._job = job
        self._stress, self._backtest = stress, backtest
        self._currency = currency
        for bar in (stress.bar, backtest.bar):
            bar.asked.connect(self.recipe_wanted)
            bar.cancel_asked.connect(job.cancel)
            job.progressed.connect(bar.show_progress)
            job.refused.connect(bar.show_end)
        job.finished.connect(self._show)
        job.cancelled.connect(self._show_cancelled)

    @Slot(object)
    def run(self, recipe: StudyRecipe) -> None:
        """Begin a study of the book as it is now."""
        self._job.start(recipe)

    @Slot(object)
    def _show(self, results: StudyResults) -> None:
        self._stress.show_results(results.stress, self._currency)
        self._backtest.show_result(results.backtest, self._currency)

    @Slot()
    def _show_cancelled(self) -> None:
        words = "Cancelled; what is shown is of the run before." if self._job.results else "Cancelled."
        for bar in (self._stress.bar, self._backtest.bar):
            bar.show_end(words)
