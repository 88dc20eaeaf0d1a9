"""The composition root: the one file that knows every room; builds bottom up, connects, runs."""

import getpass
import logging
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from plimsoll import assets, cli, logs
from plimsoll.bridge.child_process import ChildProcess
from plimsoll.bridge.feed_worker import FeedWorker
from plimsoll.bridge.history_job import HistoryJob
from plimsoll.bridge.history_worker import HistoryWorker
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.bridge.risk_worker import RiskWorker
from plimsoll.bridge.status_line import StatusLine
from plimsoll.bridge.tick_buffer import TickBuffer
from plimsoll.bridge.unhandled import Unhandled
from plimsoll.bridge.worker_threads import WorkerThreads
from plimsoll.domain.book import Book
from plimsoll.domain.errors import FileRefused
from plimsoll.domain.feed_status import MarketClock
from plimsoll.domain.limit import Limit
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.risk_engine import RiskEngine
from plimsoll.engine.universe import Universe, universe_of
from plimsoll.feed.address import Address, Door, door_of
from plimsoll.feed.alltick_rest import AllTickRest
from plimsoll.feed.alltick_stream import AllTickStream
from plimsoll.feed.gate import Gate
from plimsoll.feed.pacing import PLAN_BY_NAME, Pacing
from plimsoll.storage.credentials import (
    KeyringUnavailable,
    Token,
    TokenRefused,
    open_keyring,
    token_from_line,
)
from plimsoll.storage.folders import FolderRefused, Folders, claim, folders_for
from plimsoll.storage.instance_lock import AlreadyRunning
from plimsoll.storage.journal import SqliteJournal, verify
from plimsoll.storage.limits_file import limits_from_file
from plimsoll.storage.portfolio_file import book_from_files, check, instruments_beside
from plimsoll.storage.settings import Settings, settings_from_file
from plimsoll.storage.tick_archive import TickArchiveWriter
from plimsoll.widgets.main_window import MainWindow

log = logging.getLogger("plimsoll.app")

OK, FAILED, BAD_INPUT = 0, 1, 2
PICTURE_MS = 10_000
SIGNAL_MS = 200
RESTART_MS = 3_000
PICTURE_NAME = "plimsoll-screen.png"


def run(arguments: Sequence[str]) -> int:
    """Do what the command line asks and return the process's exit code: 0 done, 1 failed, 2 wrong input."""
    request = cli.request_from(arguments)
    try:
        match request:
            case cli.CheckPortfolioRequest():
                return check_portfolio(request)
            case cli.VerifyJournalRequest():
                return verify_journal(request)
            case cli.DeskRequest() | cli.DemoRequest():
                return open_desk(request)
            case cli.ServeRequest():
                return serve(request)
            case cli.TokenRequest():
                return change_token(request)
    except (FileRefused, AlreadyRunning, FolderRefused) as refusal:
        return _refuse(str(refusal))


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """What a desk is made of, before anything of it runs."""

    book: Book
    universe: Universe
    rules: DeskRules
    settings: Settings
    folders: Folders
    plan: str
    source: str


class Desk(QObject):
    """The threads, the model and the window of one session."""

    def __init__(self, plan: DeskPlan, view: cli.View, token: Callable[[], str], *, is_demo: bool) -> None:
        super().__init__()
        self._plan = plan
        self._token = token
        self._threads: WorkerThreads | None = None
        self._streams: tuple[AllTickStream, ...] = ()
        self._clock = MarketClock()
        self._market_now_ns: Callable[[], int] = time.time_ns
        self.model = RiskModel(plan.settings.person, is_demo=is_demo)
        self.model.method_words = plan.rules.method.in_words(plan.rules.method.window_days)
        workspace = plan.folders.config / "workspace.json"
        theme = plan.settings.theme if view.theme == "system" else view.theme
        self.window = MainWindow(self.model, workspace_path=workspace, theme=theme)
        self.risk: RiskWorker | None = None

    def begin(self, address: Address) -> None:
        """Start the threads on AllTick at `address`."""
        plan = self._plan
        gate = Gate(Pacing(), PLAN_BY_NAME[plan.plan.lower()])
        codes = plan.universe.codes
        signed = frozenset(item.code for item in plan.universe.instruments if item.may_be_negative)
        buffer = TickBuffer()
        streams, feeds = [], []
        for door in Door:
            wanted = [
                item.code
                for item in plan.universe.instruments
                if item.fixed_price is None and door_of(item.code) is door
            ]
            if wanted:
                stream = AllTickStream(
                    door,
                    codes,
                    wanted,
                    gate,
                    self._token,
                    address=address,
                    may_be_negative=signed,
                    clock=self._clock,
                )
                streams.append(stream)
                feeds.append(FeedWorker(door.value, _always(stream), buffer))
        self._streams = tuple(streams)
        job = HistoryJob(
            plan.universe,
            plan.rules.method,
            plan.folders.history_file,
            plan.source,
            lambda stop: AllTickRest(gate, self._token, stop, address=address, may_be_negative=signed),
            self._market_now_ns,
            plan.rules.day_roll,
        )
        self.risk = RiskWorker(lambda: make_engine(plan), buffer)
        self._threads = WorkerThreads(self.model, self.risk, feeds, HistoryWorker(job.load))
        self._threads.start()

    def follow_clock(self, clock: MarketClock) -> None:
        """Take how the replay's time maps to the desk's."""
        self._clock = clock
        for stream in self._streams:
            stream.clock = clock

    def tell_market_time(self, now_ns: int) -> None:
        """Say where the replay begins, before its clock runs."""
        self._market_now_ns = lambda: now_ns

    def end(self) -> bool:
        """Stop the threads in order and close the window; tell whether all ended in time."""
        ended = self._threads.stop() if self._threads is not None else True
        self._threads = None
        self.window.close()
        return ended


class DemoServer(QObject):
    """The local AllTick of a demo: started, heard, and started again should it die."""

    def __init__(self, desk: Desk, arguments: Sequence[str], token: Callable[[], str]) -> None:
        super().__init__()
        self._desk = desk
        self._arguments = list(arguments)
        self._token = token
        self._port = 0
        self._has_begun = False
        self._child: ChildProcess | None = None

    @Slot()
    def start(self) -> None:
        """Start it on a free port, or again on the port it had."""
        child = ChildProcess([*self._arguments, "--port", str(self._port)], self)
        child.line_read.connect(self._hear)
        child.died.connect(self._mourn)
        self._child = child
        child.start(self._token())

    def stop(self) -> None:
        """End it."""
        if self._child is not None:
            self._child.stop()

    @Slot(object)
    def _hear(self, said: dict[str, object]) -> None:
        start_ns, wall_ns, speed = (said.get(key) for key in ("exchange_start_ns", "wall_start_ns", "speed"))
        if said.get("ready") and not self._has_begun:
            self._has_begun = True
            self._port = int(str(said["url"]).rsplit(":", 1)[1])
            if isinstance(start_ns, int):
                self._desk.tell_market_time(start_ns)
            self._desk.begin(Address("127.0.0.1", self._port, is_secure=False))
        if isinstance(start_ns, int) and isinstance(wall_ns, int) and isinstance(speed, int | float):
            self._desk.follow_clock(MarketClock(start_ns, wall_ns, float(speed)))

    @Slot(str)
    def _mourn(self, words: str) -> None:
        log.error("%s", words)
        self._desk.model.raise_alarm(f"The demo's market ended ({words}); it is started again.")
        QTimer.singleShot(RESTART_MS, self, self.start)


def open_desk(request: cli.DeskRequest | cli.DemoRequest) -> int:
    """Open the desk, live or demo, with a screen or without, and return the exit code."""
    is_demo = isinstance(request, cli.DemoRequest)
    folders = folders_for(is_demo=is_demo, data_dir=request.data_dir)
    with claim(folders):
        redaction = logs.set_up(folders.logs, verbose=request.view.verbose)
        plan = plan_from(request, folders)
        token = Token(secrets.token_urlsafe(24)) if is_demo else live_token(plan.settings)
        if token is None:
            return _refuse(
                "no AllTick token: run `plimsoll set-token`, or give it as the first line of stdin"
            )
        redaction.secrets.add(token.reveal())
        return _run_desk(request, plan, token)


def _run_desk(request: cli.DeskRequest | cli.DemoRequest, plan: DeskPlan, token: Token) -> int:
    view = _seen(request.view)
    application = QApplication.instance() or QApplication([sys.argv[0]])
    application.setApplicationName("Plimsoll")
    unhandled = Unhandled()
    unhandled.install()
    is_demo = isinstance(request, cli.DemoRequest)
    desk = Desk(plan, view, token.reveal, is_demo=is_demo)
    unhandled.fault_happened.connect(desk.model.raise_alarm)
    desk.window.show()
    server: DemoServer | None = None
    if isinstance(request, cli.DemoRequest):
        server = DemoServer(desk, _serve_arguments(request), token.reveal)
        # After the first paint: the window stands before anything else costs time.
        QTimer.singleShot(0, server, server.start)
    else:
        address = _address(plan.settings)
        QTimer.singleShot(0, desk, lambda: desk.begin(address))
    company = _company(desk, view, request.data_dir)
    application.aboutToQuit.connect(company.clear)
    code = application.exec()
    ended = desk.end()
    if server is not None:
        server.stop()
    return code if ended else FAILED


def _seen(view: cli.View) -> cli.View:
    """Return the view that is possible: without a display the same program runs headless, and says so."""
    if sys.platform.startswith("linux") and not view.headless:
        has_screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        if not has_screen and os.environ.get("QT_QPA_PLATFORM") is None:
            sys.stderr.write(
                f"plimsoll: no display here, so it runs headless; the window is in {PICTURE_NAME}\n"
            )
            view = replace(view, headless=True)
    if view.headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return view


def _company(desk: Desk, view: cli.View, data_dir: Path | None) -> list[QObject]:
    """Return the timers that keep a desk company: Ctrl-C, the end, lines and pictures."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        QCoreApplication.exit(OK)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    heartbeat = QTimer()  # gives Python a turn to notice a signal
    heartbeat.start(SIGNAL_MS)
    heartbeat.timeout.connect(lambda: None)
    company: list[QObject] = [heartbeat]
    if view.exit_after_s is not None:
        end = QTimer()
        end.setSingleShot(True)
        end.timeout.connect(lambda: QCoreApplication.exit(OK))
        end.start(int(view.exit_after_s * 1000))
        company.append(end)
    if view.headless:
        company.append(StatusLine(desk.model, json_lines=view.json_lines))
        picture = QTimer()
        path = (data_dir or Path.cwd()) / PICTURE_NAME
        picture.timeout.connect(lambda: desk.window.grab().save(str(path)))
        picture.start(PICTURE_MS)
        company.append(picture)
    return company


def plan_from(request: cli.DeskRequest | cli.DemoRequest, folders: Folders) -> DeskPlan:
    """Read the files a desk is made of.

    Raises
    ------
    FileRefused
        With every complaint about the first file that has any.
    """
    settings = settings_from_file(folders.settings_file)
    is_demo = isinstance(request, cli.DemoRequest)
    positions = request.portfolio or settings.positions
    limits_path = request.limits or settings.limits
    if is_demo:
        positions = positions or assets.path("samples/positions.csv")
        limits_path = limits_path or assets.path("samples/limits.toml")
    if positions is None or limits_path is None:
        raise FolderRefused(
            f"no book yet: name one with --portfolio and --limits, or in {folders.settings_file} "
            "(positions = …, limits = …); `plimsoll demo` needs none"
        )
    instruments = settings.instruments or instruments_beside(positions)
    book, master = book_from_files(instruments, positions, settings.base_currency)
    limits = limits_from_file(limits_path)
    plan = "Professional" if isinstance(request, cli.DemoRequest) else request.plan or settings.plan
    source = f"demo {request.first_day}" if isinstance(request, cli.DemoRequest) else f"live {settings.host}"
    return DeskPlan(
        book, universe_of(book, master), _rules(settings, limits), settings, folders, plan, source
    )


def _rules(settings: Settings, limits: tuple[Limit, ...]) -> DeskRules:
    hour, minute = (int(part) for part in settings.roll_time.split(":"))
    return DeskRules(limits, settings.method, DayRoll(hour, minute))


def make_engine(plan: DeskPlan) -> tuple[RiskEngine, Callable[[], None]]:
    """Build the engine and open its files, on the thread that calls: the risk thread."""
    journal = SqliteJournal(plan.folders.journal_file, source=plan.source)
    archive = TickArchiveWriter(plan.folders.tick_directory, plan.universe.codes, source=plan.source)
    engine = RiskEngine(plan.book, plan.universe, plan.rules, journal, archive)
    engine.restore(time.time_ns())

    def close() -> None:
        archive.close()
        journal.close()

    return engine, close


def live_token(settings: Settings) -> Token | None:
    """Return the token: from the keyring, else the first line of standard input, else asked for; None without.

    Where no real keyring keeps it, it stays in memory for this session only.
    """
    try:
        stored = open_keyring().token(settings.account)
    except KeyringUnavailable as why:
        log.warning("no keyring to trust: %s; the token is asked for and kept in memory", why)
        stored = None
    if stored is not None:
        return stored
    try:
        if sys.stdin is not None and sys.stdin.isatty():
            return Token(getpass.getpass("AllTick token (not shown, kept in memory only): ").strip())
        return token_from_line(sys.stdin)
    except (TokenRefused, EOFError):
        return None


def _address(settings: Settings) -> Address:
    """Return where AllTick is; a server on this machine is spoken to without TLS."""
    host, _, port = settings.host.partition(":")
    is_local = host == "localhost" or host.startswith("127.")
    return Address(host, int(port) if port else None, is_secure=not is_local)


def _serve_arguments(request: cli.DemoRequest) -> list[str]:
    arguments = [
        "serve", "--plan", "Professional",
        "--day-seconds", str(request.day_seconds),
        "--rate", str(request.rate), "--seed", str(request.seed), "--speed", str(request.speed),
    ]  # fmt: skip
    if request.closes is not None:
        arguments += ["--closes", str(request.closes)]
    for path in request.ticks:
        arguments += ["--ticks", str(path)]
    if not request.ticks:
        arguments += ["--from", str(request.first_day), "--to", str(request.last_day)]
    return arguments


def serve(request: cli.ServeRequest) -> int:
    """Run the local AllTick server until its standard input closes."""
    # The server alone needs aiohttp; the desk starts without it.
    from plimsoll.alltick_server.running_server import ServeOptions  # noqa: PLC0415
    from plimsoll.alltick_server.serve import main  # noqa: PLC0415

    return main(
        ServeOptions(
            plan=request.plan, port=request.port, first_day=request.first_day, last_day=request.last_day,
            day_seconds=request.day_seconds, closes=request.closes, ticks=request.ticks, speed=request.speed,
            rate=request.rate, seed=request.seed, load=request.load,
            start="now" if request.start_now else "subscription", loops=request.loops,
        )
    )  # fmt: skip


def check_portfolio(request: cli.CheckPortfolioRequest) -> int:
    """Read a positions file and say what is wrong with it: 0 good, 2 refused."""
    result = check(request.positions, request.instruments, request.base_currency)
    for complaint in (*result.complaints, *result.warnings):
        sys.stderr.write(f"{result.path}: {complaint}\n")
    if result.book is None:
        return BAD_INPUT
    n_cash = len(result.book.cash)
    sys.stdout.write(
        f"{request.positions}: {len(result.book.positions)} positions, {n_cash} cash lines, good\n"
    )
    return OK


def verify_journal(request: cli.VerifyJournalRequest) -> int:
    """Check a journal's chain: 0 intact, 1 changed, 2 no journal."""
    if not request.journal.is_file():
        return _refuse(f"{request.journal} was not found, expected a journal file")
    report = verify(request.journal)
    for fault in report.faults:
        sys.stderr.write(f"{request.journal}: {fault}\n")
    state = "the chain is whole" if report.is_intact else "THE CHAIN IS BROKEN"
    sys.stdout.write(f"{request.journal}: {report.n_rows} rows, {state}\n")
    return OK if report.is_intact else FAILED


def change_token(request: cli.TokenRequest) -> int:
    """Store the token of standard input in the keyring, or forget it: 0 done, 1 no keyring, 2 no token."""
    settings = settings_from_file(folders_for(is_demo=False, data_dir=request.data_dir).settings_file)
    try:
        keyring = open_keyring()
        if request.forget:
            had_one = keyring.forget(settings.account)
            sys.stdout.write("the token was forgotten\n" if had_one else "there was no token\n")
            return OK
        if sys.stdin.isatty():
            token = Token(getpass.getpass("AllTick token (not shown): ").strip())
        else:
            token = token_from_line(sys.stdin)
        keyring.store(token, settings.account)
    except KeyringUnavailable as why:
        sys.stderr.write(
            f"plimsoll: no keyring to trust ({why}); the desk asks for the token at each start\n"
        )
        return FAILED
    except (TokenRefused, EOFError) as why:
        return _refuse(str(why))
    sys.stdout.write("the token is in the keyring\n")
    return OK


def _always(stream: AllTickStream) -> Callable[[], AllTickStream]:
    return lambda: stream


def _refuse(reason: str) -> int:
    sys.stderr.write(f"plimsoll: {reason}\n")
    return BAD_INPUT
