"""Works out on another process how the market moved together, and leads the book through the crises."""

from concurrent.futures import Executor, Future
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from plimsoll.bridge.study_job import POLL_MS, StudyRecipe, load_history
from plimsoll.domain.stress_result import StressResult
from plimsoll.engine.crisis_replay import CrisisReplay
from plimsoll.engine.hypothetical_market import MarketPast, market_past
from plimsoll.engine.study_pnl import book_series

PAST_DAYS = 1_000
"""Four years: long enough for two hundred positions' covariance, short enough to be of today's market."""


@dataclass(frozen=True, slots=True, eq=False)
class MarketStudy:
    """What the what-if pages rest on, beside today's book.

    Attributes
    ----------
    past : MarketPast
        How things moved together.
    crises : tuple of StressResult
        The book as it was when this was made, led through each window.
    """

    past: MarketPast
    crises: tuple[StressResult, ...]


def market_study(recipe: StudyRecipe) -> MarketStudy:
    """Return the study of a recipe; any process can be sent here.

    Raises
    ------
    FileRefused
        If a file of the trader's own has a fault.
    HistoryUnavailable
        If the cache cannot be read.
    """
    history = load_history(recipe)
    known = history if recipe.until_day is None else history.until(recipe.until_day)
    past = market_past(recipe.book, known, book_series(recipe.book, known, PAST_DAYS))
    replay = CrisisReplay(recipe.book, history, recipe.method)
    return MarketStudy(past, tuple(replay.over(window) for window in recipe.windows))


class HypotheticalJob(QObject):
    """One study at a time; the newest asked for is the one that counts.

    Signals
    -------
    finished(object)
        MarketStudy.
    refused(str)
        Why there is none.
    """

    finished = Signal(object)
    refused = Signal(str)

    def __init__(self, executor: Executor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = executor
        self._task: Future[MarketStudy] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_running(self) -> bool:
        """Whether a study is under way."""
        return self._task is not None

    def start(self, recipe: StudyRecipe) -> None:
        """Begin a study; one that is under way ends unheard."""
        self.cancel()
        self._task = self._executor.submit(market_study, recipe)
        self._timer.start()

    @Slot()
    def cancel(self) -> None:
        """Hear no more of what is under way."""
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self._timer.stop()

    @Slot()
    def _look(self) -> None:
        task = self._task
        if task is None or not task.done():
            return
        self._task = None
        self._timer.stop()
        try:
            study = task.result()
        except Exception as error:  # noqa: BLE001  a task may fail by anything, a lost process among them
            self.refused.emit(str(error) or type(error).__name__)
            return
        self.finished.emit(study)
