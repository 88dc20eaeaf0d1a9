"""Runs the stress replays and the backtest of one book on any standard Executor, with progress and Cancel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from plimsoll.bridge.staged_job import Course, Stage, StagedJob
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


class StudyJob(StagedJob):
    """One study at a time; its result is `StudyResults`, its progress counts tasks."""

    results: StudyResults | None

    def start(self, recipe: StudyRecipe) -> None:
        """Begin a study; one that is under way is cancelled first."""
        n_groups = -(-len(recipe.windows) // WINDOWS_A_TASK)
        total = 1 + n_groups + len(FORECAST_METHODS) + 1
        self._begin(self._study(replace(recipe, run_id=uuid4().hex)), total)

    def _study(self, recipe: StudyRecipe) -> Course:
        """Hand over one stage of tasks after another; their results come back when all are done."""
        ((sources, n_window),) = yield Stage("reading the histories", [self._submit(prepare, recipe)])
        groups = [
            recipe.windows[at : at + WINDOWS_A_TASK] for at in range(0, len(recipe.windows), WINDOWS_A_TASK)
        ]
        replayed = yield Stage(
            "replaying the crises",
            [self._submit(lead_through, recipe, group) for group in groups],
        )
        names = FORECAST_METHODS if n_window else ()
        made = yield Stage(
            "forecasting each day by each model",
            [self._submit(forecast, recipe, name) for name in names],
        )
        forecasts = dict(zip(names, made, strict=True))
        (backtest,) = yield Stage("judging the models", [self._submit(judge, recipe, forecasts)])
        return StudyResults(tuple(one for group in replayed for one in group), backtest, sources)
