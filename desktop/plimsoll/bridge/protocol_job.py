"""Runs protocol backtests on any standard Executor: every policy, every draw of human and history."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject

from plimsoll.bridge.recorded_ticks import first_exchange_ns, recorded_batches
from plimsoll.bridge.run_mark import PERCENT, RunMark, new_marks, sweep
from plimsoll.bridge.staged_job import Course, Stage, StagedJob
from plimsoll.bridge.study_job import StudyRecipe, load_history
from plimsoll.broker.paper_rehearsal import rehearsal_broker
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.limit import Measure
from plimsoll.domain.named_policy import NamedPolicy
from plimsoll.domain.protocol_result import PolicyTrials, ProtocolCourse, ProtocolFigures, ProtocolResult
from plimsoll.domain.protocol_terms import ProtocolTerms
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.human_desk import rehearsal_people
from plimsoll.engine.protocol_course import daily_course, tick_course
from plimsoll.engine.protocol_market import FEWEST_DAYS, ProtocolCase, protocol_case
from plimsoll.storage.protocol_shelf import keep_result, kept_result

HISTORY_SEED, HUMAN_SEED = 1_000_003, 7_919
"""Draws of one terms' seed are this far apart."""
QUOTED = (
    "each day's closes are quoted for the last hour before the day roll: what is decided in it is done at "
    "them, and what takes longer at the next day's"
)
HEARD = (
    "the ticks that this desk kept, in their order and pace; what is decided between two is done at the "
    "newest price with the stated spread, and no market is known to be closed"
)
_BY_ROUNDS = frozenset(
    {Measure.CORRELATION_SHIFT, Measure.ABSORPTION_RATIO, Measure.TURBULENCE, Measure.HEDGE_EFFECTIVENESS}
)


@dataclass(frozen=True, slots=True)
class ProtocolRecipe:
    """Everything a protocol backtest needs, in a form that any process can be sent.

    Attributes
    ----------
    study : StudyRecipe
        Today's book, and where its history comes from; its crises are not used.
    rules : DeskRules
        Limits, method, day roll and scenarios, as live; people and policy are set for each run.
    policies : tuple of NamedPolicy
        To be compared.
    terms : ProtocolTerms
        Period, human, costs, draws and seed.
    currency : str
        Base currency.
    shelf : Path or None
        Where the result is kept.
    ticks : Path or None
        A tick archive that is heard instead of the closes of the period; the people are drawn anew, the
        history is not.
    """

    study: StudyRecipe
    rules: DeskRules
    policies: tuple[NamedPolicy, ...]
    terms: ProtocolTerms
    currency: str
    shelf: Path | None = None
    ticks: Path | None = None


@dataclass(frozen=True, slots=True)
class ProtocolTask:
    """One run.

    Attributes
    ----------
    policy : NamedPolicy
        Which.
    human_draw, history_draw : int
        Which draws; history 0 is the real one.
    is_shown : bool
        Whether its course and episodes are wanted, and not its figures alone.
    """

    policy: NamedPolicy
    human_draw: int = 0
    history_draw: int = 0
    is_shown: bool = False


def tasks_of(recipe: ProtocolRecipe) -> tuple[ProtocolTask, ...]:
    """Return every run of a backtest, those that are shown first."""
    policies, terms = recipe.policies, recipe.terms
    shown = [ProtocolTask(policy, is_shown=True) for policy in policies]
    humans = [ProtocolTask(policy, draw) for policy in policies for draw in range(1, terms.n_humans)]
    n_histories = terms.n_histories if recipe.ticks is None else 0
    histories = [
        ProtocolTask(policy, draw, draw) for policy in policies for draw in range(1, n_histories + 1)
    ]
    return (*shown, *humans, *histories)


def prepare_case(recipe: ProtocolRecipe) -> ProtocolCase:
    """Read the histories; return the book as it begins, and its market.

    Raises
    ------
    InsufficientHistory, NoTicksKept
        If the period holds no history, or the archive no tick.
    FileRefused, HistoryUnavailable, ArchiveUnreadable
        If a source cannot be read.
    """
    study, terms = recipe.study, recipe.terms
    history = load_history(study)
    first_day = terms.first_day
    last_day = terms.last_day if study.until_day is None else min(terms.last_day, study.until_day)
    if recipe.ticks is not None:
        first_day = recipe.rules.day_roll.trading_day(first_exchange_ns(recipe.ticks))
        last_day = first_day - 1
    return protocol_case(
        study.book,
        history,
        study.master,
        first_day=first_day,
        last_day=last_day,
        window_days=study.method.window_days,
        base_currency=recipe.currency,
        fewest_days=FEWEST_DAYS if recipe.ticks is None else 0,
    )


def run_task(
    case: ProtocolCase,
    rules: DeskRules,
    terms: ProtocolTerms,
    task: ProtocolTask,
    mark: RunMark,
    ticks: Path | None = None,
) -> ProtocolCourse | ProtocolFigures:
    """Return one run: its course, or its figures alone.

    Parameters
    ----------
    case : ProtocolCase
        Book and market as they were.
    rules : DeskRules
        As live.
    terms : ProtocolTerms
        Human, costs and seed.
    task : ProtocolTask
        Which policy and draws.
    mark : RunMark
        Where it tells how far it is.
    ticks : Path or None
        The archive that is heard instead of the closes.
    """
    if task.history_draw:
        seed = terms.seed + HISTORY_SEED * task.history_draw
        drawn = case.market.resampled(mean_block_days=terms.mean_block_days, seed=seed)
        case = replace(case, market=drawn)
    rules = replace(rules, policy=task.policy.policy, people=rehearsal_people())
    name, seed = task.policy.name, terms.seed + HUMAN_SEED * task.human_draw
    multipliers = {item.code: item.multiplier for item in case.universe.instruments}
    broker = rehearsal_broker(terms.costs, multipliers)
    if ticks is None:
        course = daily_course(case, rules, terms, broker, policy=name, seed=seed, told=mark.tell)
    else:
        batches = recorded_batches(ticks, case.universe.codes, mark.tell)
        course = tick_course(case, rules, terms, broker, batches, policy=name, seed=seed)
    return course if task.is_shown else course.figures


def protocol_backtest(recipe: ProtocolRecipe) -> ProtocolResult:
    """Return a whole protocol backtest, run here and now: what the command line calls.

    Raises
    ------
    InsufficientHistory, FileRefused, HistoryUnavailable
        As `prepare_case`.
    """
    case = prepare_case(recipe)
    tasks = tasks_of(recipe)
    given = (case, recipe.rules, recipe.terms)
    found = [run_task(*given, task, RunMark(), recipe.ticks) for task in tasks]
    return put_together(recipe, case.words, tasks, found)


def put_together(
    recipe: ProtocolRecipe,
    words: tuple[str, ...],
    tasks: Sequence[ProtocolTask],
    found: Sequence[ProtocolCourse | ProtocolFigures],
) -> ProtocolResult:
    """Return what all runs found, and keep it where the recipe says."""
    courses = tuple(each for each in found if isinstance(each, ProtocolCourse))
    figures: Mapping[ProtocolTask, ProtocolFigures] = {
        task: each.figures if isinstance(each, ProtocolCourse) else each
        for task, each in zip(tasks, found, strict=True)
    }
    trials = tuple(
        PolicyTrials(
            named.name,
            tuple(each for task, each in figures.items() if task.policy == named and not task.history_draw),
            tuple(each for task, each in figures.items() if task.policy == named and task.history_draw),
        )
        for named in recipe.policies
    )
    result = ProtocolResult(courses, trials, (*_assumed(recipe), *words), currency=recipe.currency)
    if recipe.shelf is not None:
        keep_result(recipe.shelf, result)
    return result


def _assumed(recipe: ProtocolRecipe) -> tuple[str, ...]:
    terms = recipe.terms
    said = [f"{terms.human.words}; {terms.costs.words}; seed {terms.seed}"]
    if recipe.ticks is not None:
        return (*said, HEARD)
    said.append(QUOTED)
    if terms.n_histories:
        said.append(
            f"{terms.n_histories} made-up histories by the stationary block bootstrap, blocks of "
            f"{terms.mean_block_days:.0f} days on average"
        )
    slow = sorted({limit.name for limit in recipe.rules.limits if limit.measure in _BY_ROUNDS})
    if slow:
        said.append(f"worked out over minutes of ticks, and so unknown or days old here: {', '.join(slow)}")
    return tuple(said)


def recall(path: Path) -> ProtocolResult:
    """Return the result that was kept, or why there is none to show."""
    try:
        return kept_result(path) or ProtocolResult(refusal="not run yet")
    except FileRefused as refused:
        return ProtocolResult(refusal=f"what was kept cannot be read: {refused}")


class ProtocolJob(StagedJob):
    """One protocol backtest at a time; its progress counts the percents of its runs.

    Parameters
    ----------
    executor : Executor
        Where the runs go: processes of this machine, or a cluster.
    reader : Executor
        On this machine, where the histories and what was kept lie.
    """

    results: ProtocolResult | None

    def __init__(self, executor: Executor, reader: Executor, parent: QObject | None = None) -> None:
        super().__init__(executor, parent)
        self._reader = reader
        self._marks: list[RunMark] = []

    def start(self, recipe: ProtocolRecipe) -> None:
        """Begin a backtest; one that is under way is cancelled first."""
        tasks = tasks_of(recipe)
        self._begin(self._backtest(recipe, tasks), 2 + PERCENT * len(tasks))

    def recall(self, path: Path) -> None:
        """Fetch the result that was kept, unless there is work under way."""
        if not self.is_running:
            self._begin(self._remember(path), 1)

    def _backtest(self, recipe: ProtocolRecipe, tasks: tuple[ProtocolTask, ...]) -> Course:
        self._marks = new_marks(len(tasks))
        (case,) = yield Stage("reading the histories", [self._reader.submit(prepare_case, recipe)])
        work = self._executor if recipe.ticks is None else self._reader  # the archive lies on this machine
        found = yield Stage(
            f"{len(tasks)} runs through history, in percents of one",
            [
                work.submit(run_task, case, recipe.rules, recipe.terms, task, mark, recipe.ticks)
                for task, mark in zip(tasks, self._marks, strict=True)
            ],
            PERCENT,
        )
        (result,) = yield Stage(
            "putting it together",
            [self._reader.submit(put_together, recipe, case.words, tasks, found)],
        )
        return result

    def _remember(self, path: Path) -> Course:
        (result,) = yield Stage("reading what was kept", [self._reader.submit(recall, path)])
        return result

    def _units_done(self, stage: Stage) -> int:
        if stage.units == 1:
            return super()._units_done(stage)
        return sum(
            PERCENT if task.done() else mark.percent
            for task, mark in zip(stage.tasks, self._marks, strict=True)
        )

    def _clear(self) -> None:
        sweep(self._marks)
        self._marks = []
