"""Runs the stress replays and the backtest of one book on any standard Executor, with progress and Cancel."""

from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from plimsoll.domain.backtest_result import BacktestResult
from plimsoll.domain.crisis_window import CrisisWindow
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.stress_result import StressResult
from plimsoll.engine.crisis_replay import CrisisReplay
from plimsoll.engine.study_book import StudyBook
from plimsoll.engine.study_history import CloseColumns, StudyHistory, study_history
from plimsoll.engine.study_pnl import BookSeries, book_series
from plimsoll.engine.var_backtest import DEFAULT_DAYS, judged, window_for
from plimsoll.engine.var_forecast import FORECAST_METHODS, Forecast, Levels, forecast_by
from plimsoll.storage.bundled_history import bundled_history
from plimsoll.storage.close_files import closes_from_file
from plimsoll.storage.price_history import PriceHistory

POLL_MS = 40
WINDOWS_A_TASK = 6
"""So few that Cancel is heard soon."""
CACHE_ADJUSTMENT = "as AllTick gives them"


@dataclass(frozen=True, slots=True)
class StudyRecipe:
    """Everything a study needs, in a form that any process can be sent.

    Attributes
    ----------
    book : StudyBook
        Today's.
    method : RiskMethod
        Confidences and window.
    windows : tuple of CrisisWindow
        The crises to lead it through.
    codes : tuple of str
        Those of the universe: positions, and pairs that convert.
    master : Mapping
        The instrument master; its other codes may stand in.
    own_files : tuple of Path
        CSV and Parquet files of the trader's own; they outrank every other source, the first one most.
    cache_path : Path or None
        The cache of fetched bars; it outranks what is bundled.
    cache_source : str
        Which of its bars count.
    bundled_path : Path or None
        The history that comes with the program.
    until_day : int or None
        The market's last finished day: the backtest ends with it, as a demo lives in the past. None: no end.
    run_id : str
        Of one run: who works on it reads the history once.
    """

    book: StudyBook
    method: RiskMethod
    windows: tuple[CrisisWindow, ...]
    codes: tuple[str, ...]
    master: Mapping[str, Instrument]
    own_files: tuple[Path, ...] = ()
    cache_path: Path | None = None
    cache_source: str = "alltick"
    bundled_path: Path | None = None
    until_day: int | None = None
    run_id: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class StudyResults:
    """What one run found, kept until the next.

    Attributes
    ----------
    stress : tuple of StressResult
        In the order of the windows.
    backtest : BacktestResult
        The model jury.
    sources : tuple of str
        What stretch of which code's history came from where, in words.
    """

    stress: tuple[StressResult, ...]
    backtest: BacktestResult
    sources: tuple[str, ...]


def load_history(recipe: StudyRecipe) -> StudyHistory:
    """Return the merged history of a recipe's sources.

    Raises
    ------
    FileRefused
        If a file of the trader's own has a fault.
    HistoryUnavailable
        If the cache cannot be read.
    """
    sources = [closes_from_file(path, recipe.master) for path in recipe.own_files]
    if recipe.cache_path is not None and recipe.cache_path.exists():
        sources.append(_cached(recipe.cache_path, recipe))
    if recipe.bundled_path is not None:
        sources.append(bundled_history(recipe.bundled_path))
    return study_history(sources, recipe.codes, recipe.master)


@dataclass(frozen=True, slots=True, eq=False)
class _Workshop:
    """What every task of one run works from, made once by each process that works on it.

    Sent with each task it would be some 25 MB, and pickling them holds up the window.
    """

    run_id: str
    history: StudyHistory
    replay: CrisisReplay
    series: BookSeries
    n_window: int


_kept: list[_Workshop] = []


def _workshop(recipe: StudyRecipe) -> _Workshop:
    for kept in tuple(_kept):
        if kept.run_id == recipe.run_id:
            return kept
    history = load_history(recipe)
    known = history if recipe.until_day is None else history.until(recipe.until_day)
    series = book_series(recipe.book, known, DEFAULT_DAYS + recipe.method.window_days)
    made = _Workshop(
        recipe.run_id,
        history,
        CrisisReplay(recipe.book, history, recipe.method),
        series,
        window_for(series, recipe.method),
    )
    _kept[:] = [made]
    return made


def prepare(recipe: StudyRecipe) -> tuple[tuple[str, ...], int]:
    """Read the histories; return their sources in words, and the window of the forecasts, 0 for none."""
    workshop = _workshop(recipe)
    return tuple(part.words for part in workshop.history.parts), workshop.n_window


def lead_through(recipe: StudyRecipe, windows: Sequence[CrisisWindow]) -> tuple[StressResult, ...]:
    """Return the book led through some of the windows."""
    replay = _workshop(recipe).replay
    return tuple(replay.over(window) for window in windows)


def forecast(recipe: StudyRecipe, name: str) -> Forecast:
    """Return one model's forecasts."""
    workshop = _workshop(recipe)
    levels = Levels(recipe.method.var_confidence, recipe.method.es_confidence)
    return forecast_by(name, workshop.series, levels, workshop.n_window)


def judge(recipe: StudyRecipe, forecasts: Mapping[str, Forecast]) -> BacktestResult:
    """Return the jury's record, and let go of what the run was made from."""
    workshop = _workshop(recipe)
    _kept.clear()
    return judged(workshop.series, forecasts, recipe.method, workshop.n_window)


def _cached(path: Path, recipe: StudyRecipe) -> CloseColumns:
    cache = PriceHistory(path)
    try:
        codes = tuple(dict.fromkeys([*recipe.codes, *recipe.master]))
        found = cache.closes(codes, source=recipe.cache_source)
    finally:
        cache.close()
    return CloseColumns(
        recipe.cache_source, CACHE_ADJUSTMENT, codes, found.day_numbers, found.code_index, found.closes
    )


_Tasks = tuple[str, list["Future[Any]"]]
_Course = Generator[_Tasks, list[Any], StudyResults]


class StudyJob(QObject):
    """One study at a time, asked for its results from its own thread: none crosses threads by itself.

    Signals
    -------
    progressed(int, int, str)
        Tasks done, tasks in all, and what is being done.
    finished(object)
        StudyResults.
    refused(str)
        Why there are none.
    cancelled()
        As asked.

    Attributes
    ----------
    results : StudyResults or None
        Of the last run that finished.
    """

    progressed = Signal(int, int, str)
    finished = Signal(object)
    refused = Signal(str)
    cancelled = Signal()

    def __init__(self, executor: Executor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executor = executor
        self._course: _Course | None = None
        self._tasks: list[Future[Any]] = []
        self._words = ""
        self._done_before = 0
        self._total = 0
        self._told = (-1, "")
        self.results: StudyResults | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_running(self) -> bool:
        """Whether a study is under way."""
        return self._course is not None

    def start(self, recipe: StudyRecipe) -> None:
        """Begin a study; one that is under way is cancelled first."""
        self.cancel()
        n_groups = -(-len(recipe.windows) // WINDOWS_A_TASK)
        self._total = 1 + n_groups + len(FORECAST_METHODS) + 1
        self._done_before, self._told = 0, (-1, "")
        self._course = self._study(replace(recipe, run_id=uuid4().hex))
        self._words, self._tasks = next(self._course)
        self._timer.start()
        self._tell(0)

    @Slot()
    def cancel(self) -> None:
        """Stop: tasks not begun are dropped, the one under way ends unheard."""
        if self._course is None:
            return
        self._end()
        self.cancelled.emit()

    @Slot()
    def _look(self) -> None:
        if self._course is None:
            return
        n_done = sum(task.done() for task in self._tasks)
        self._tell(n_done)
        if n_done < len(self._tasks):
            return
        try:
            found = [task.result() for task in self._tasks]
            self._done_before += len(self._tasks)
            self._words, self._tasks = self._course.send(found)
        except StopIteration as end:
            self._end()
            self.results = end.value
            self.progressed.emit(self._total, self._total, "done")
            self.finished.emit(end.value)
        except Exception as error:  # noqa: BLE001  a task may fail by anything, a lost process among them
            self._end()
            self.refused.emit(str(error) or type(error).__name__)

    def _study(self, recipe: StudyRecipe) -> _Course:
        """Hand over one stage of tasks after another; their results come back when all are done."""
        ((sources, n_window),) = yield "reading the histories", [self._submit(prepare, recipe)]
        groups = [
            recipe.windows[at : at + WINDOWS_A_TASK] for at in range(0, len(recipe.windows), WINDOWS_A_TASK)
        ]
        replayed = yield (
            "replaying the crises",
            [self._submit(lead_through, recipe, group) for group in groups],
        )
        names = FORECAST_METHODS if n_window else ()
        made = yield (
            "forecasting each day by each model",
            [self._submit(forecast, recipe, name) for name in names],
        )
        forecasts = dict(zip(names, made, strict=True))
        (backtest,) = yield "judging the models", [self._submit(judge, recipe, forecasts)]
        return StudyResults(tuple(one for group in replayed for one in group), backtest, sources)

    def _submit(self, work: Callable[..., Any], *given: object) -> "Future[Any]":
        return self._executor.submit(work, *given)

    def _tell(self, n_done: int) -> None:
        told = (self._done_before + n_done, self._words)
        if told != self._told:
            self._told = told
            self.progressed.emit(told[0], self._total, self._words)

    def _end(self) -> None:
        self._timer.stop()
        for task in self._tasks:
            task.cancel()
        self._course, self._tasks = None, []
