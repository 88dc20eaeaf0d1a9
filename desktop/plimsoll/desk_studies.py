"""The studies of a desk: stress, backtest and scoreboard in their tabs, made in a process of their own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from plimsoll import assets
from plimsoll.bridge.hypothetical_desk import HypotheticalDesk
from plimsoll.bridge.lone_job import LoneJob
from plimsoll.bridge.market_study import MarketRecipe, market_study
from plimsoll.bridge.protocol_job import ProtocolJob, ProtocolRecipe
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.bridge.scenario_shelf import ScenarioShelf
from plimsoll.bridge.score_job import ScoreRecipe, work_out
from plimsoll.bridge.study_executor import rehearsal_executor, study_executor
from plimsoll.bridge.study_job import StudyJob, StudyRecipe, StudyResults
from plimsoll.bridge.tuner_job import path_of
from plimsoll.domain.breach import Breach
from plimsoll.domain.crisis_window import day_number
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.response_policy import ResponsePolicy
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.study_book import StudyBook
from plimsoll.storage.close_files import own_history_files
from plimsoll.storage.crisis_file import crisis_windows_from_folder
from plimsoll.storage.scenarios_file import scenarios_from_file, write_scenarios
from plimsoll.storage.settings import write_setting
from plimsoll.widgets.backtest_panel import BacktestPanel
from plimsoll.widgets.history_sources import HistorySources
from plimsoll.widgets.hypothetical_page import HypotheticalPage
from plimsoll.widgets.hypothetical_panel import HypotheticalPanel
from plimsoll.widgets.hypothetical_station import HypotheticalStation
from plimsoll.widgets.main_window import MainWindow
from plimsoll.widgets.pnl_attribution_panel import PnlAttributionPanel
from plimsoll.widgets.protocol_panel import ProtocolPanel
from plimsoll.widgets.protocol_station import ProtocolStation
from plimsoll.widgets.reverse_stress_panel import ReverseStressPanel
from plimsoll.widgets.rule_history import recorded_words, rule_history
from plimsoll.widgets.score_station import ScoreStation
from plimsoll.widgets.scoreboard_panel import ScoreboardPanel
from plimsoll.widgets.stress_matrix_panel import StressMatrixPanel
from plimsoll.widgets.stress_panel import StressPanel
from plimsoll.widgets.study_station import StudyStation
from plimsoll.widgets.tabbed_page import TabbedPage
from plimsoll.widgets.tuner_station import TunerStation


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
    journal_file, tick_directory : Path or None
        What the desk wrote: the scoreboard is made from it; None for no scoreboard.
    own_history : tuple of Path
        The trader's own files and folders of closes; they outrank the cache.
    scenarios : tuple of StressScenario
        Those the desk began with.
    scenarios_file : Path or None
        Where edited ones are written; None where they cannot be.
    settings_file : Path or None
        Told the name of a scenarios file that is new; None where it names one already.
    rules : DeskRules or None
        Those the desk began with; None for no protocol backtest.
    policy_of : callable or None
        Returns the response policy in force; None for that of the rules.
    protocol_file : Path or None
        Where the newest protocol backtest is kept; None beside the cache.
    cluster : str
        Address of a dask.distributed scheduler for protocol backtests; empty for this machine.
    """

    method: RiskMethod
    codes: tuple[str, ...]
    master: Mapping[str, Instrument]
    base_currency: str
    history_file: Path
    source: str
    finished_day_of: Callable[[int], int]
    journal_file: Path | None = None
    tick_directory: Path | None = None
    own_history: tuple[Path, ...] = ()
    scenarios: tuple[StressScenario, ...] = ()
    scenarios_file: Path | None = None
    settings_file: Path | None = None
    rules: DeskRules | None = None
    policy_of: Callable[[], ResponsePolicy] | None = None
    protocol_file: Path | None = None
    cluster: str = ""


class DeskStudies(QObject):
    """Joins the tabs to the jobs that fill them.

    Signals
    -------
    scenarios_saved(tuple of StressScenario)
        The scenarios file says otherwise now: whoever reprices the book under them takes these.
    backtest_made(BacktestResult)
        The newest: its lamps stand in the reports.

    Attributes
    ----------
    scores : ScoreStation
        The newest scores, and who to tell that something happened.
    what_if : HypotheticalStation
        Hypothetical and reverse stress, and the stress matrix.
    """

    scenarios_saved = Signal(object)
    backtest_made = Signal(object)

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
        self._is_run_wanted = False
        self._station.recipe_wanted.connect(self._want_run)
        model.study_book_made.connect(self._run)
        self._job.finished.connect(self._warn)
        self._scoreboard = ScoreboardPanel(window.theme)
        self.scores = ScoreStation(
            LoneJob(self._pool, work_out, self), self._scoreboard, self._score_recipe, parent=self
        )
        for happened in (model.breach_raised, model.proposal_changed, model.day_rolled):
            happened.connect(self.scores.expect)
        window.queue.tell_history(self.history_of)
        self.scores.board_made.connect(window.queue.refresh_history)
        self._tuner = TunerStation(
            window.centre.limits,
            window.theme,
            LoneJob(self._pool, path_of, self),
            self._recipe,
            lambda limit_id: recorded_words(self.scores.board, limit_id),
            parent=self,
        )
        self._tuner.book_asked.connect(model.study_book_asked)
        model.study_book_made.connect(self._tuner.take_book)
        window.registry.add("Limits", "Tune a limit", "Ctrl+Shift+L", self._tuner.tune)
        self._attribution = PnlAttributionPanel(window.theme)
        self.backtest_made.connect(self._attribution.show_backtest)
        self.what_if = self._what_if()
        self._rehearsals = rehearsal_executor(sources.cluster)
        self._protocol_panel = ProtocolPanel(window.theme)
        self._protocol = self._join_protocol()

    @Slot()
    def begin(self) -> None:
        """Put the tabs behind those that are there already."""
        self._window.centre.add_page("Stress", self._stress)
        pages = [("Models", self._backtest), ("P&L attribution", self._attribution)]
        pages += [("Protocol", self._protocol_panel)] if self._sources.rules is not None else []
        self._window.centre.add_page("Backtest", TabbedPage("Backtest", pages))
        self._window.centre.add_page("What-if", self.what_if.page)
        if self._sources.journal_file is not None:
            self._window.centre.add_page("Scoreboard", self._scoreboard)

    def end(self) -> None:
        """Give up what runs; the process ends by itself."""
        self._job.cancel()
        self.scores.end()
        self._tuner.end()
        self.what_if.end()
        self._protocol.end()
        for executor in (self._pool, self._rehearsals):
            executor.shutdown(wait=False, cancel_futures=True)

    def history_of(self, breach: Breach) -> tuple[str, ...]:
        """Return the history of a breach's rule in sentences; none before the journal was read."""
        board = self.scores.board
        limit_id = breach.limit.limit_id
        return rule_history(board, limit_id, besides=breach.breach_id) if board.exchange_ns else ()

    def _score_recipe(self) -> ScoreRecipe | None:
        """Return where the facts lie now; None before the market has a time."""
        sources, snapshot = self._sources, self._model.snapshot
        if sources.journal_file is None or sources.tick_directory is None or snapshot is None:
            return None
        return ScoreRecipe(
            sources.journal_file,
            sources.tick_directory,
            sources.history_file,
            sources.source,
            {code: item.multiplier for code, item in sources.master.items()},
            snapshot.exchange_time_ns,
            sources.base_currency,
        )

    def _what_if(self) -> HypotheticalStation:
        theme, sources, model = self._window.theme, self._sources, self._model
        shelf = ScenarioShelf(sources.scenarios)
        desk = HypotheticalDesk(sources.master)
        page = HypotheticalPage(
            desk,
            HypotheticalPanel(theme, shelf, desk, read=scenarios_from_file, write=write_scenarios),
            ReverseStressPanel(theme, desk),
            StressMatrixPanel(theme, desk),
            HistorySources(theme),
        )
        job = LoneJob(self._pool, market_study, self)
        station = HypotheticalStation(
            page,
            self._attribution,
            job,
            lambda book: MarketRecipe(self._recipe(book), sources.journal_file),
            sources.base_currency,
            parent=self,
        )
        station.book_asked.connect(model.study_book_asked)
        station.save_wanted.connect(self._save_scenarios)
        model.study_book_made.connect(station.take_book)
        model.snapshot_taken.connect(station.take_snapshot)
        model.record_changed.connect(station.expect)
        model.day_rolled.connect(station.expect)
        return station

    def _join_protocol(self) -> ProtocolStation:
        model = self._model
        station = ProtocolStation(
            ProtocolJob(self._rehearsals, self._pool, parent=self),
            self._protocol_panel,
            self._protocol_recipe,
            self._protocol_file,
            parent=self,
        )
        station.book_asked.connect(model.study_book_asked)
        model.study_book_made.connect(station.take_book)
        return station

    @property
    def _protocol_file(self) -> Path:
        return self._sources.protocol_file or self._sources.history_file.with_name("protocol.json")

    def _protocol_recipe(self, book: StudyBook) -> ProtocolRecipe:
        """Return the backtest that the form asks for, by the limits and the policy in force."""
        sources, snapshot, form = self._sources, self._model.snapshot, self._protocol_panel.form
        rules = sources.rules or DeskRules((), sources.method)
        if snapshot is not None:
            rules = replace(rules, limits=tuple(status.limit for status in snapshot.limits))
        study = self._recipe(book)
        policy = sources.policy_of() if sources.policy_of is not None else rules.policy
        last_day = study.until_day if study.until_day is not None else day_number(datetime.now(UTC).date())
        return ProtocolRecipe(
            replace(study, windows=()),
            rules,
            form.policies_of(policy),
            form.terms(last_day),
            sources.base_currency,
            self._protocol_file,
            ticks=sources.tick_directory if form.wants_ticks else None,
        )

    @Slot(object)
    def _save_scenarios(self, scenarios: tuple[StressScenario, ...]) -> None:
        """Let the scenarios file say what was edited, and the settings where it lies."""
        sources, editor = self._sources, self.what_if.page.editor
        if sources.scenarios_file is None:
            editor.show_refusal("not saved: this desk has no place for a scenarios file")
            return
        try:
            write_scenarios(sources.scenarios_file, scenarios)
            if sources.settings_file is not None:
                write_setting(sources.settings_file, "files.scenarios", str(sources.scenarios_file))
        except (FileRefused, OSError) as why:
            editor.show_refusal(f"not saved: {why}")
            return
        editor.show_saved(f"saved to {sources.scenarios_file.name}")
        self.scenarios_saved.emit(scenarios)

    @Slot()
    def _want_run(self) -> None:
        self._is_run_wanted = True
        self._model.study_book_asked.emit()

    @Slot(object)
    def _run(self, book: StudyBook) -> None:
        if self._is_run_wanted:  # others ask for the book too
            self._is_run_wanted = False
            self._station.run(self._recipe(book))

    def _recipe(self, book: StudyBook) -> StudyRecipe:
        sources, snapshot = self._sources, self._model.snapshot
        exchange_ns = snapshot.exchange_time_ns if snapshot is not None else 0
        return StudyRecipe(
            book,
            sources.method,
            crisis_windows_from_folder(assets.path("stress")),
            sources.codes,
            dict(sources.master),
            own_files=own_history_files(sources.own_history),
            cache_path=sources.history_file,
            cache_source=sources.source,
            bundled_path=assets.path("market/closes.npz"),
            until_day=sources.finished_day_of(exchange_ns) if exchange_ns else None,
        )

    @Slot(object)
    def _warn(self, results: StudyResults) -> None:
        """Tell the backtest on, and alert when the models of VaR disagree beyond their line."""
        self.backtest_made.emit(results.backtest)
        if results.backtest is not None and results.backtest.is_disagreement_alert:
            self._model.raise_alarm(
                "The models of VaR disagree by more than their median: see Backtest before you trust one."
            )
