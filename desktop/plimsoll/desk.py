"""The second half of the composition: engine, feeds, journal and threads, loaded after the first paint."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from plimsoll import cli
from plimsoll.bridge.alert_entry import HISTORY_KINDS, entries_of_rows
from plimsoll.bridge.broker_model import BrokerModel
from plimsoll.bridge.broker_worker import BrokerWorker
from plimsoll.bridge.depth_shelf import DepthShelf
from plimsoll.bridge.feed_worker import FeedWorker
from plimsoll.bridge.history_job import HistoryJob
from plimsoll.bridge.history_worker import HistoryWorker
from plimsoll.bridge.limit_past import CHANGE_KINDS, changes_of_rows
from plimsoll.bridge.plan_worker import PlanWorker
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.bridge.risk_worker import RiskWorker
from plimsoll.bridge.tick_buffer import TickBuffer
from plimsoll.bridge.worker_threads import ActionWorkers, WorkerThreads
from plimsoll.broker.door import Door as BrokerDoor
from plimsoll.broker.kill_file import KillFile, kill_rows
from plimsoll.broker.paper import PaperBroker, PaperTerms
from plimsoll.broker.paper_record import PaperRecord
from plimsoll.domain.book import Book
from plimsoll.domain.feed_status import MarketClock
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.limit import Limit
from plimsoll.domain.margin_rates import MarginRates
from plimsoll.domain.person import People
from plimsoll.domain.response_policy import ResponsePolicy
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.risk_engine import RiskEngine
from plimsoll.engine.universe import Universe, universe_of
from plimsoll.feed.address import Address, Door, door_of
from plimsoll.feed.alltick_rest import AllTickRest
from plimsoll.feed.alltick_stream import AllTickStream
from plimsoll.feed.gate import Gate
from plimsoll.feed.pacing import PLAN_BY_NAME, Pacing
from plimsoll.storage.folders import Folders
from plimsoll.storage.journal import SqliteJournal, codes_entered
from plimsoll.storage.session_calendar import sessions_around
from plimsoll.storage.settings import Settings
from plimsoll.storage.tick_archive import TickArchiveWriter

ENGINE_DEADLINE_S = 60.0
"""The broker thread waits so long for the journal to be read."""
CODES_A_CONNECTION = 3_000  # AllTick leaves out what is asked for beyond them, and does not say so


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """What a desk is made of, before anything of it runs."""

    book: Book
    master: Mapping[str, Instrument]
    universe: Universe
    rules: DeskRules
    settings: Settings
    folders: Folders
    plan: str
    source: str
    is_demo: bool

    @classmethod
    def of(
        cls,
        request: cli.DeskRequest | cli.DemoRequest,
        folders: Folders,
        settings: Settings,
        book: Book,
        master: Mapping[str, Instrument],
        rules: DeskRules,
    ) -> "DeskPlan":
        """Return the plan of a session from what its files say."""
        if isinstance(request, cli.DemoRequest):
            plan, source = "Professional", f"demo {request.first_day}"
        else:
            plan, source = request.plan or settings.plan, f"live {settings.host}"
        is_demo = isinstance(request, cli.DemoRequest)
        # What was traded in earlier sessions is followed, whatever the file of positions began with.
        traded = [code for code in codes_entered(folders.journal_file) if code in master]
        universe = universe_of(book, master, traded)
        return cls(book, master, universe, rules, settings, folders, plan, source, is_demo)

    def following(self, codes: Sequence[str]) -> "DeskPlan":
        """Return the plan of the same desk with more codes.

        Raises
        ------
        UnknownInstrument
            If one is not in the master.
        """
        held = self.universe.codes[: self.universe.n_held]
        return replace(self, universe=universe_of(self.book, self.master, (*held, *codes)))


def rules_of(
    settings: Settings,
    limits: tuple[Limit, ...],
    scenarios: tuple[StressScenario, ...],
    people: People,
    policy: ResponsePolicy,
    margin: MarginRates,
) -> DeskRules:
    """Return the rules that the files of a desk make together."""
    hour, minute = (int(part) for part in settings.roll_time.split(":"))
    return DeskRules(
        limits,
        settings.method,
        DayRoll(hour, minute),
        scenarios=scenarios,
        people=people,
        policy=policy,
        margin=margin,
    )


class Desk(QObject):
    """The worker threads of one session, joined to the model on the main thread.

    Signals
    -------
    history_read(tuple of AlertEntry)
        What earlier sessions left in the journal; told by the risk thread as it starts.
    changes_read(tuple of LimitChange)
        The changes of limits among it.
    beaten()
        The risk thread has beaten.

    Attributes
    ----------
    broker_model : BrokerModel
        The way to the broker, for the main thread.
    """

    beaten = Signal()
    history_read = Signal(object)
    changes_read = Signal(object)

    def __init__(self, plan: DeskPlan, model: RiskModel, token: Callable[[], str]) -> None:
        super().__init__()
        self._plan = plan
        self._model = model
        self._token = token
        self._threads: WorkerThreads | None = None
        self._address: Address | None = None
        self._kill_asked = threading.Event()
        self.broker_model = BrokerModel(model.person, self._kill_asked, self)
        model.scenarios_told.connect(self._keep_scenarios)
        self._streams: tuple[AllTickStream, ...] = ()
        self._clock = MarketClock()
        self._market_now_ns: Callable[[], int] = time.time_ns
        self._make_rest: Callable[[threading.Event], AllTickRest] | None = None

    @Slot()
    def begin_live(self) -> None:
        """Start the threads on the AllTick of the settings; one on this machine is spoken to without TLS."""
        host, _, port = self._plan.settings.host.partition(":")
        is_local = host == "localhost" or host.startswith("127.")
        self._begin(Address(host, int(port) if port else None, is_secure=not is_local))

    @Slot(int, object)
    def begin_demo(self, port: int, market_start_ns: int | None) -> None:
        """Start the threads on the demo's own server; say where the replay begins, before its clock runs."""
        if market_start_ns is not None:
            self._market_now_ns = lambda: market_start_ns
        self._begin(Address("127.0.0.1", port, is_secure=False))

    @Slot(object)
    def follow_clock(self, clock: MarketClock) -> None:
        """Take how the replay's time maps to the desk's."""
        self._clock = clock
        for stream in self._streams:
            stream.clock = clock
        self._model.clock_told.emit(clock)

    def fetch_facts(self, codes: Sequence[str]) -> Sequence[object]:
        """Return what AllTick knows of shares; it blocks, and is asked on a thread of its own."""
        if self._make_rest is None:
            return ()
        return self._make_rest(threading.Event()).static_info(list(codes))

    @property
    def followed(self) -> frozenset[str]:
        """Codes that may be held."""
        universe = self._plan.universe
        return frozenset(universe.codes[: universe.n_held])

    def follow(self, codes: Sequence[str]) -> None:
        """Follow more codes: the threads begin anew, on what the journal says.

        Raises
        ------
        UnknownInstrument
            If one is not in the master.
        """
        plan = self._plan.following(codes)
        if not self.end():
            self._model.raise_alarm("The threads did not end in time: start again to follow more.")
            return
        self._plan = plan
        if self._address is not None:
            self._begin(self._address)
        self._model.notice_raised.emit(f"{', '.join(codes)} is followed from now on.", False)

    def end(self) -> bool:
        """Stop the threads in order; tell whether all ended in time."""
        ended = self._threads.stop() if self._threads is not None else True
        if ended:  # one that still runs must not be let go of: Qt would abort the program
            self._threads = None
        return ended

    @Slot(object)
    def _keep_scenarios(self, scenarios: tuple[StressScenario, ...]) -> None:
        """Keep them for threads that begin anew."""
        self._plan = replace(self._plan, rules=replace(self._plan.rules, scenarios=scenarios))

    def _tell_history(self, journal: SqliteJournal) -> None:
        """Tell what the journal holds; called on the risk thread."""
        currency = self._plan.book.base_currency
        self.history_read.emit(tuple(entries_of_rows(journal.rows(HISTORY_KINDS), currency)))
        self.changes_read.emit(tuple(changes_of_rows(journal.rows(CHANGE_KINDS))))

    def _begin(self, address: Address) -> None:
        plan = self._plan
        tells_history, self._address = self._address is None, address
        has_stocks = any(door_of(code) is Door.STOCKS for code in plan.universe.codes)
        first = Door.STOCKS.value if has_stocks else ""
        gate = Gate(Pacing(), PLAN_BY_NAME[plan.plan.lower()], first=first)
        codes = plan.universe.codes
        signed = frozenset(item.code for item in plan.universe.instruments if item.may_be_negative)
        buffer, shelf = TickBuffer(), DepthShelf()
        streams, feeds = [], []
        for name, door, wanted in connections_of(plan.universe):
            stream = AllTickStream(
                door,
                codes,
                wanted,
                gate,
                self._token,
                address=address,
                may_be_negative=signed,
                clock=self._clock,
                name=name,
            )
            streams.append(stream)
            feeds.append(FeedWorker(name, _always(stream), buffer, shelf))
        self._streams = tuple(streams)

        def make_rest(stop: threading.Event) -> AllTickRest:
            return AllTickRest(gate, self._token, stop, address=address, may_be_negative=signed)

        self._make_rest = make_rest
        job = HistoryJob(
            plan.universe,
            plan.rules.method,
            plan.folders.history_file,
            plan.source,
            make_rest,
            self._market_now_ns,
            plan.rules.day_roll,
        )
        # A replayed day has no sessions: its codes all tick through it, and its night is no silence.
        instruments = plan.universe.instruments
        make_sessions = None if plan.is_demo else lambda: sessions_around(instruments, self._market_now_ns())
        account: Future[PaperAccount] = Future()
        risk = RiskWorker(
            lambda: make_engine(plan, self._tell_history if tells_history else None, account), buffer
        )
        broker = BrokerWorker(lambda: make_door(plan, account, shelf), "paper", kill_asked=self._kill_asked)
        self._threads = WorkerThreads(
            self._model,
            risk,
            feeds,
            HistoryWorker(job.load, make_sessions),
            ActionWorkers(PlanWorker(), broker, self.broker_model),
        )
        risk.beaten.connect(self.beaten)
        self._threads.start()
        if not plan.is_demo or self._clock != MarketClock():
            self._model.clock_told.emit(self._clock)


def connections_of(universe: Universe) -> list[tuple[str, Door, list[str]]]:
    """Return name, door and codes of each connection: a door too small for its codes gets several."""
    connections = []
    for door in Door:
        wanted = [
            item.code
            for item in universe.instruments
            if item.fixed_price is None and door_of(item.code) is door
        ]
        for number, begin in enumerate(range(0, len(wanted), CODES_A_CONNECTION), start=1):
            name = door.value if number == 1 else f"{door.value} {number}"
            connections.append((name, door, wanted[begin : begin + CODES_A_CONNECTION]))
    return connections


@dataclass(frozen=True, slots=True)
class PaperAccount:
    """Which account of the paper broker belongs to the book of the journal, and what it began with."""

    number: int
    opening: dict[str, Decimal]


def make_engine(
    plan: DeskPlan, tell_history: Callable[[SqliteJournal], None] | None, account: Future[PaperAccount]
) -> tuple[RiskEngine, Callable[[], None]]:
    """Build the engine and open its files, on the thread that calls: the risk thread."""
    try:
        journal = SqliteJournal(plan.folders.journal_file, source=plan.source)
        archive = TickArchiveWriter(plan.folders.tick_directory, plan.universe.codes, source=plan.source)
        engine = RiskEngine(plan.book, plan.universe, plan.rules, journal, archive)
        now_ns = time.time_ns()
        engine.restore(now_ns)
        engine.resume_actions(kill_rows(kill_file(plan.folders)), now_ns)
    except BaseException as fault:
        account.set_exception(fault)
        raise
    opening = {line.code: line.quantity for line in plan.book.positions}
    account.set_result(PaperAccount(engine.book_row, opening))
    if tell_history is not None:
        tell_history(journal)

    def close() -> None:
        archive.close()
        journal.close()

    return engine, close


def make_door(plan: DeskPlan, account: Future[PaperAccount], shelf: DepthShelf) -> BrokerDoor:
    """Build the way to the paper broker, on the broker thread, once the journal says whose account it is."""
    mine = account.result(ENGINE_DEADLINE_S)
    record = PaperRecord(plan.folders.data / f"paper-{mine.number}.sqlite")
    record.begin_with(mine.opening)
    terms = PaperTerms(multipliers={item.code: item.multiplier for item in plan.universe.instruments})
    return BrokerDoor(PaperBroker(record, shelf.book_of, terms), KillFile(kill_file(plan.folders)))


def kill_file(folders: Folders) -> Path:
    """Return where kills are written down before they are carried out."""
    return folders.data / "kill.jsonl"


def _always(stream: AllTickStream) -> Callable[[], AllTickStream]:
    return lambda: stream
