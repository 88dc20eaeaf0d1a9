"""The composition root: paints the window first, then has the rest of the house built behind it."""

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from plimsoll import assets, cli, logs
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.bridge.status_line import StatusLine
from plimsoll.bridge.unhandled import Unhandled
from plimsoll.desk_files import DeskFiles, files_of, room_of
from plimsoll.domain.errors import FileRefused
from plimsoll.storage.folders import FolderRefused, claim, folders_for
from plimsoll.storage.instance_lock import AlreadyRunning
from plimsoll.storage.settings import Settings
from plimsoll.widgets.main_window import MainWindow

OK, FAILED, BAD_INPUT = 0, 1, 2
PICTURE_MS = 10_000
SIGNAL_MS = 200
NO_PAINT_MS = 1_000  # a window nobody can see is never painted; the desk is built all the same
SETTLED_MS = 30_000
PICTURE_NAME = "plimsoll-screen.png"


_ERRANDS = {
    cli.CheckPortfolioRequest: ("errand", "check_portfolio"),
    cli.VerifyJournalRequest: ("errand", "verify_journal"),
    cli.ExportJournalRequest: ("errand", "export_journal"),
    cli.ReportRequest: ("errand", "write_report"),
    cli.ServeRequest: ("errand", "serve"),
    cli.TokenRequest: ("token_entry", "change_token"),
    cli.PersonRequest: ("errand", "add_person"),
}
"""Which room does what the command line asks, where that opens no desk."""


def run(arguments: Sequence[str]) -> int:
    """Do what the command line asks and return the process's exit code: 0 done, 1 failed, 2 wrong input."""
    request = cli.request_from(arguments)
    try:
        if isinstance(request, cli.DeskRequest | cli.DemoRequest):
            return open_desk(request)
        gc.enable()
        room, errand = _ERRANDS[type(request)]
        return int(getattr(room_of(room), errand)(request))
    except (FileRefused, AlreadyRunning, FolderRefused) as refusal:
        return _refuse(str(refusal))


def open_desk(request: cli.DeskRequest | cli.DemoRequest) -> int:
    """Open the desk, live or demo, with a screen or without, and return the exit code."""
    if isinstance(request, cli.DrillRequest):
        request = room_of("desk_drill").resolved(request)
    folders = folders_for(is_demo=isinstance(request, cli.DemoRequest), data_dir=request.data_dir)
    with claim(folders):
        redaction = logs.set_up(folders.logs, verbose=request.view.verbose)
        files = files_of(request, folders)
        if isinstance(request, cli.DrillRequest) and request.portfolio is None:
            book = room_of("desk_drill").drill_book(files.book, files.master, request.first_day)
            files = replace(files, book=book)
        token = _token(request, files.settings)
        if token is None:
            return _refuse(
                "no AllTick token: run `plimsoll set-token`, or give it as the first line of stdin"
            )
        redaction.secrets.add(token())
        return _run(request, files, token, redaction.secrets.add)


def _token(request: cli.DeskRequest | cli.DemoRequest, settings: Settings) -> Callable[[], str] | None:
    if isinstance(request, cli.DemoRequest):
        secret = os.urandom(24).hex()  # the module secrets costs 5 ms before the first paint
        return lambda: secret
    token = room_of("token_entry").live_token(settings)
    return None if token is None else token.reveal


class Opening(QObject):
    """Builds the desk behind the window once that stands, and takes it down again."""

    def __init__(
        self,
        request: cli.DeskRequest | cli.DemoRequest,
        files: DeskFiles,
        token: Callable[[], str],
        window: MainWindow,
        model: RiskModel,
        hide: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._request = request
        self._files = files
        self._token = token
        self._window = window
        self._model = model
        self._hide = hide
        self._has_begun = False
        self._desk: Any = None
        self._server: Any = None
        self._recorder: Any = None
        self._windows: Any = None
        self._studies: Any = None
        self._actions: Any = None
        self._garbage: Any = None
        self._replay: Any = None
        self._drill: Any = None
        window.painted_first.connect(self.build)
        QTimer.singleShot(NO_PAINT_MS, self, self.build)

    @Slot()
    def build(self) -> None:
        """Build and begin; the demo's server first, since it starts while this process imports."""
        if self._has_begun:
            return
        self._has_begun = True
        self.settle()
        request, files = self._request, self._files
        if isinstance(request, cli.DemoRequest):
            self._server = room_of("demo_server").DemoServer(request, self._token())
            self._server.start()
        house = room_of("desk")
        plan = house.DeskPlan.of(
            request,
            files.folders,
            files.settings,
            files.book,
            files.master,
            house.rules_of(
                files.settings, files.limits, files.scenarios, files.people, files.policy, files.margin
            ),
        )
        self._desk = house.Desk(plan, self._model, self._token)
        self._join_windows(plan)
        if self._server is None:
            self._desk.begin_live()
        else:
            self._server.market_ready.connect(self._desk.begin_demo)
            self._server.clock_told.connect(self._desk.follow_clock)
            self._server.server_died.connect(self._model.raise_alarm)
        # Behind the charts, which the window builds after this.
        QTimer.singleShot(0, self, self.freeze)

    def _join_windows(self, plan: Any) -> None:
        """Join dialogs and channels; a demo sends no message to anybody."""
        files, is_demo = self._files, self._server is not None
        room = room_of("desk_windows")
        alerts = room_of("notify.alert_settings")
        books = room.DeskBooks(
            book=files.book,
            master=files.master,
            positions=files.positions,
            instruments=files.instruments,
            people=files.folders.config / "people.toml",
            file_limits=files.limits,
            limits=None if assets.is_ours(files.limits_path) else files.limits_path,
            policy=files.policy,
            responses=None if is_demo else files.settings.responses,
            editable_master=files.folders.config / "instruments.csv" if is_demo else files.instruments,
        )
        self._windows = room.DeskWindows(
            self._window,
            self._model,
            books,
            alerts.AlertSettings() if is_demo or files.alerts is None else files.alerts,
            source=plan.source,
            hide=self._hide,
            desk=self._desk,
            reports=room_of("bridge.report_station").ReportTerms(
                files.folders, plan.rules.day_roll, files.settings.reports
            ),
        )
        self._actions = room_of("desk_actions").DeskActions(
            self._window, self._model, self._desk, self._windows.sign, files.folders
        )
        self._desk.history_read.connect(self._take_history)
        self._desk.changes_read.connect(self._windows.limits.take_changes)
        studies = room_of("desk_studies")
        self._studies = studies.DeskStudies(
            self._window,
            self._model,
            studies.StudySources(
                method=files.settings.method,
                codes=plan.universe.codes,
                master=files.master,
                base_currency=files.book.base_currency,
                history_file=files.folders.history_file,
                journal_file=files.folders.journal_file,
                tick_directory=files.folders.tick_directory,
                own_history=files.settings.history,
                rules=plan.rules,
                cluster=files.settings.cluster,
                protocol_file=files.folders.data / "protocol.json",
                scenarios=files.scenarios,
                scenarios_file=files.settings.scenarios or files.folders.config / "scenarios.toml",
                settings_file=None if files.settings.scenarios else files.folders.settings_file,
                source=plan.source,
                finished_day_of=lambda exchange_ns: plan.rules.day_roll.trading_day(exchange_ns) - 1,
            ),
        )
        self._join_review(plan)
        self._studies.scenarios_saved.connect(self._model.scenarios_told)
        self._studies.backtest_made.connect(self._windows.reports.take_backtest)
        for part in (self._windows, self._studies, self._replay):
            if self._window.late is None:
                self._window.late_views_built.connect(part.begin)
            else:
                part.begin()

    def _join_review(self, plan: Any) -> None:
        """Join the replay of breaches, and the score of a drill."""
        files, request = self._files, self._request
        room = room_of("desk_replay")
        sources = room.ReplaySources(
            files.book, plan.universe, plan.rules, files.folders, plan.source, plan.is_demo
        )
        self._replay = room.DeskReplay(self._window, self._model, sources)
        if isinstance(request, cli.DrillRequest):
            self._drill = room_of("desk_drill").DeskDrill(
                self._window, self._model, request, files.folders, files.master, plan.source
            )

    @Slot(object)
    def _take_history(self, entries: Any) -> None:
        """Hand over what earlier sessions left, once the alert centre stands."""
        self._window.load_charts()
        if self._window.late is not None:
            self._window.late.alerts.book.take_history(entries)

    @Slot()
    def freeze(self) -> None:
        """Keep what stands now out of all collections: a full one costs two frames (performance-facts, 7)."""
        gc.freeze()
        self._garbage = room_of("bridge.garbage_round").GarbageRound(self)
        self.settle()
        QTimer.singleShot(SETTLED_MS, self, self.settle)  # by then price history has come as well
        if self._request.view.profile is not None:
            self._record(self._request.view.profile)

    @Slot()
    def settle(self) -> None:
        """Give back the memory that only the start needed."""
        room_of("bridge.heap").settle()

    def _record(self, path: Path) -> None:
        """Record the desk from now on; one that cannot be recorded runs all the same."""
        room = room_of("bridge.profile_recorder")
        self._recorder = room.ProfileRecorder(path)
        try:
            self._recorder.start()
        except room.ProfilerMissing as why:
            self._recorder = None
            sys.stderr.write(f"plimsoll: {why}\n")

    def end(self) -> bool:
        """Stop the threads and the server, and tell whether all threads ended in time."""
        if self._recorder is not None and not self._recorder.stop():
            sys.stderr.write(f"plimsoll: nothing was recorded into {self._recorder.path}\n")
        if self._studies is not None:
            self._studies.end()  # it may read the journal, which the risk thread is about to close
        ended = self._desk.end() if self._desk is not None else True
        if self._drill is not None:
            self._drill.end()
        if self._windows is not None:
            ended = self._replay.end() and ended
            self._actions.end()
            ended = self._windows.end() and ended
        if self._server is not None:
            self._server.stop()
        return bool(ended)


def _run(
    request: cli.DeskRequest | cli.DemoRequest,
    files: DeskFiles,
    token: Callable[[], str],
    hide: Callable[[str], None],
) -> int:
    view = _seen(request.view)
    application = QApplication.instance() or QApplication([sys.argv[0]])
    application.setApplicationName("Plimsoll")
    unhandled = Unhandled()
    unhandled.install()
    settings = files.settings
    model = RiskModel(settings.person, is_demo=isinstance(request, cli.DemoRequest))
    model.method_words = settings.method.in_words(settings.method.window_days)
    unhandled.fault_happened.connect(model.raise_alarm)
    window = MainWindow(
        model,
        workspace_path=files.folders.config / "workspace.json",
        theme=settings.theme if view.theme == "system" else view.theme,
    )
    opening = Opening(request, files, token, window, model, hide)
    window.show()
    company = _company(model, window, view, request.data_dir)
    application.aboutToQuit.connect(company.clear)
    code = application.exec()
    ended = opening.end()
    window.close()
    if not ended:  # a thread still runs: Qt would abort as its object goes, and the files are shut by now
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(FAILED)
    return code


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


def _company(model: RiskModel, window: MainWindow, view: cli.View, data_dir: Path | None) -> list[QObject]:
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
        company.append(StatusLine(model, json_lines=view.json_lines))
        picture = QTimer()
        path = (data_dir or Path.cwd()) / PICTURE_NAME
        picture.timeout.connect(lambda: window.picture().save(str(path)))
        picture.start(PICTURE_MS)
        company.append(picture)
    return company


def _refuse(reason: str) -> int:
    sys.stderr.write(f"plimsoll: {reason}\n")
    return BAD_INPUT
