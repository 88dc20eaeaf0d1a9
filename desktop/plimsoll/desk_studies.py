"""The studies of a desk: stress and backtest in their tabs, worked out in a process of their own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from plimsoll import assets
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.bridge.study_executor import study_executor
from plimsoll.bridge.study_job import StudyJob, StudyRecipe, StudyResults
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.study_book import StudyBook
from plimsoll.storage.crisis_file import crisis_windows_from_folder
from plimsoll.widgets.backtest_panel import BacktestPanel
from plimsoll.widgets.main_window import MainWindow
from plimsoll.widgets.stress_panel import StressPanel
from plimsoll.widgets.study_station import StudyStation


@dataclass(frozen=True, slots=True)
class StudySources:
    """What studies are made from, beside the book.

    Attributes
    ----------
    method : RiskMethod
        Confidences and window.
    codes : tuple of str
        Those of the universe.
    master : Mapping
        The instrument master by code.
    base_currency : str
        Whose money the results are in.
    history_file : Path
        The cache of fetched bars.
    source : str
        Which of its bars count.
    finished_day_of : callable
        Returns the market's last finished day at an exchange time.
    """

    method: RiskMethod
    codes: tuple[str, ...]
    master: Mapping[str, Instrument]
    base_currency: str
    history_file: Path
    source: str
    finished_day_of: Callable[[int], int]


class DeskStudies(QObject):
    """Joins the two tabs to the job that fills them."""

    def __init__(self, window: MainWindow, model: RiskModel, sources: StudySources) -> None:
        super().__init__(window)
        self._window = window
        self._model = model
        self._sources = sources
        self._pool = study_executor()
        self._job = StudyJob(self._pool, parent=self)
        self._stress, self._backtest = StressPanel(window.theme), BacktestPanel(window.theme)
        self._station = StudyStation(
            self._job, self._stress, self._backtest, sources.base_currency, parent=self
        )
        self._station.recipe_wanted.connect(model.study_book_asked)
        model.study_book_made.connect(self._run)
        self._job.finished.connect(self._warn)

    @Slot()
    def begin(self) -> None:
        """Put the tabs behind those that are there already."""
        self._window.centre.add_page("Stress", self._stress)
        self._window.centre.add_page("Backtest", self._backtest)

    def end(self) -> None:
        """Give up what runs; the process ends by itself."""
        self._job.cancel()
        self._pool.shutdown(wait=False, cancel_futures=True)

    @Slot(object)
    def _run(self, book: StudyBook) -> None:
        sources, snapshot = self._sources, self._model.snapshot
        exchange_ns = snapshot.exchange_time_ns if snapshot is not None else 0
        self._station.run(
            StudyRecipe(
                book,
                sources.method,
                crisis_windows_from_folder(assets.path("stress")),
                sources.codes,
                dict(sources.master),
                cache_path=sources.history_file,
                cache_source=sources.source,
                bundled_path=assets.path("market/closes.npz"),
                until_day=sources.finished_day_of(exchange_ns) if exchange_ns else None,
            )
        )

    @Slot(object)
    def _warn(self, results: StudyResults) -> None:
        """Alert when the models of VaR disagree beyond their line."""
        if results.backtest is not None and results.backtest.is_disagreement_alert:
            self._model.raise_alarm(
                "The models of VaR disagree by more than their median: see Backtest before you trust one."
            )
