"""Hands at the desk: real workers on their threads, a real window, a real server, a real journal."""

import gc
import itertools
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from plimsoll.alltick_server.pacing import Pacing as ServerPacing
from plimsoll.alltick_server.serve import ServeOptions, ServerThread
from plimsoll.bridge.feed_worker import Deliver, FeedWorker, Report
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.bridge.risk_worker import RiskWorker
from plimsoll.bridge.tick_buffer import TickBuffer
from plimsoll.bridge.worker_threads import WorkerThreads
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.feed_status import FeedState, FeedStatus
from plimsoll.domain.person import only_person
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.risk_engine import RiskEngine
from plimsoll.engine.universe import universe_of
from plimsoll.feed.address import Address, Door, door_of
from plimsoll.feed.alltick_stream import AllTickStream
from plimsoll.feed.gate import Gate
from plimsoll.feed.pacing import PROFESSIONAL, Pacing
from plimsoll.storage.journal import SqliteJournal, verify
from plimsoll.storage.limits_file import limits_from_file
from plimsoll.storage.portfolio_file import book_from_files
from plimsoll.storage.settings import Settings
from plimsoll.storage.tick_archive import TickArchiveWriter, read_archive
from plimsoll.widgets.breach_dialog import BreachDialog
from plimsoll.widgets.deliberate_button import DeliberateButton
from plimsoll.widgets.main_window import MainWindow

SWIFT = 1 / 20
PATIENCE_MS = 20_000
PAIR = ("AAPL.US", "MSFT.US")
REASON = "Agreed with Ada until the close"


class Hands:
    """A whole desk but for app.py, in this process."""

    def __init__(self, folder: Path, port: int, quantities: dict[str, int], stack: ExitStack) -> None:
        self.folder = folder
        self.journal_file = folder / "journal.sqlite"
        book, master = _book(folder, quantities)
        universe = universe_of(book, master)
        rules = DeskRules(
            limits_from_file(folder / "limits.toml"), Settings().method, DayRoll(), people=only_person("Ada")
        )
        gate = Gate(Pacing().scaled(SWIFT), PROFESSIONAL.paced(SWIFT))
        address = Address("127.0.0.1", port, is_secure=False)

        def make_engine() -> tuple[RiskEngine, Callable[[], None]]:
            journal = SqliteJournal(self.journal_file, source="test")
            archive = TickArchiveWriter(folder / "ticks", universe.codes, source="test")
            engine = RiskEngine(book, universe, rules, journal, archive)
            engine.restore(time.time_ns())
            return engine, lambda: (archive.close(), journal.close())

        def stream(door: Door, codes: list[str]) -> AllTickStream:
            return AllTickStream(door, universe.codes, codes, gate, lambda: "test-token", address=address)

        buffer = TickBuffer()
        self.feeds = []
        for door in Door:
            codes = [code for code in universe.codes if door_of(code) is door]
            if codes:
                self.feeds.append(
                    FeedWorker(door.value, lambda d=door, c=codes: stream(d, c), buffer)  # type: ignore[misc]
                )
        self.model = RiskModel("Ada", is_demo=True)
        self.window = MainWindow(self.model, workspace_path=folder / "workspace.json", theme="night")
        self.threads = WorkerThreads(self.model, RiskWorker(make_engine, buffer), self.feeds, None)
        stack.callback(self.go)

    def open(self) -> None:
        self.window.show()
        self.threads.start()

    def end(self) -> bool:
        ended = self.threads.stop()
        self.window.close()
        return ended

    def go(self) -> None:
        """End for good: what Qt owns must never be collected on a later test's worker thread."""
        assert self.end()
        shiboken6.delete(self.window)

    @property
    def dialog(self) -> BreachDialog:
        dialog = self.window.queue.dialog
        assert dialog is not None
        return dialog

    def button(self, word: str) -> DeliberateButton:
        return next(b for b in self.dialog.findChildren(DeliberateButton) if word in b.text())

    def breach(self) -> Breach | None:
        snapshot = self.model.snapshot
        return snapshot.breaches[0] if snapshot is not None and snapshot.breaches else None

    def rows(self, kind: str) -> list[str]:
        with closing(sqlite3.connect(self.journal_file)) as connection:
            found = connection.execute("SELECT body FROM entry WHERE kind = ? ORDER BY number", (kind,))
            return [body for (body,) in found]


def _book(folder: Path, quantities: dict[str, int]) -> tuple[Any, Any]:
    master = ["code,name,asset_class,currency,settlement"]
    master += [f"{code},{code},equity,USD,funded" for code in quantities]
    positions = ["code,quantity,average_price,currency"]
    positions += [f"{code},{quantity},100," for code, quantity in quantities.items()]
    positions.append("CASH,1000000,,USD")
    (folder / "instruments.csv").write_text("\n".join(master) + "\n", encoding="utf-8")
    (folder / "positions.csv").write_text("\n".join(positions) + "\n", encoding="utf-8")
    (folder / "limits.toml").write_text(
        '[[limit]]\nid = "size"\nname = "Gross leverage"\nmeasure = "gross_leverage"\nline = 0.001\n'
        'severity = "HIGH"\npurpose = "Broken on purpose."\nowner = "test"\n',
        encoding="utf-8",
    )
    return book_from_files(folder / "instruments.csv", folder / "positions.csv", "USD")


@pytest.fixture(autouse=True)
def collected_here() -> Iterator[None]:
    """Collect garbage on this thread only: a widget of an earlier test, freed on a worker's, is a crash."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def market(stack: ExitStack) -> ServerThread:
    options = ServeOptions(
        plan="Professional", first_day=date(2020, 3, 9), last_day=date(2020, 3, 9), day_seconds=600.0,
        rate=20.0, pacing=ServerPacing().scaled(SWIFT),
    )  # fmt: skip
    return stack.enter_context(ServerThread(options))


def port_of(server: ServerThread) -> int:
    return int(server.url.rsplit(":", 1)[1])


@pytest.fixture
def hands(qapp: QApplication, tmp_path: Path, market: ServerThread, stack: ExitStack) -> Hands:
    """A desk on two shares whose only limit breaks with the first prices."""
    hands = Hands(tmp_path, port_of(market), dict.fromkeys(PAIR, 100), stack)
    hands.open()
    return hands


@pytest.fixture
def broken(hands: Hands, qtbot: QtBot) -> Hands:
    """The same, with the breach on the screen and its buttons armed."""
    qtbot.waitUntil(lambda: hands.window.queue.dialog is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: hands.button("cknowledge").is_armed, timeout=PATIENCE_MS)
    return hands


def click(button: DeliberateButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def wait_for(qtbot: QtBot, hands: Hands, state: BreachState) -> None:
    qtbot.waitUntil(
        lambda: (breach := hands.breach()) is not None and breach.state is state, timeout=PATIENCE_MS
    )


def test_that_a_short_reason_presses_no_override(broken: Hands, qtbot: QtBot) -> None:
    QTest.keyClicks(broken.dialog.reason_field, "too short")
    click(broken.button("verride"))
    assert not broken.button("verride").isEnabled()
    breach = broken.breach()
    assert breach is not None
    assert breach.state is BreachState.RAISED
    assert broken.rows("decision") == []


def test_that_the_engine_refuses_a_short_reason_and_the_dialog_says_why(broken: Hands, qtbot: QtBot) -> None:
    breach = broken.breach()
    assert breach is not None
    with qtbot.waitSignal(broken.model.decision_rejected, timeout=PATIENCE_MS) as rejected:
        broken.model.override(breach.breach_id, "too short")
    assert "9 characters, expected at least 10" in rejected.args[1]
    assert "9 characters" in broken.dialog.foot.rejection.text()
    assert broken.rows("decision") == []


def test_that_a_good_override_stands_in_the_book_and_in_the_journal(broken: Hands, qtbot: QtBot) -> None:
    QTest.keyClicks(broken.dialog.reason_field, REASON)
    click(broken.button("verride"))
    wait_for(qtbot, broken, BreachState.OVERRIDDEN)
    assert broken.window.queue.dialog is None
    breach = broken.breach()
    assert breach is not None
    assert (breach.person, breach.reason) == ("Ada", REASON)
    snapshot = broken.model.snapshot
    assert snapshot is not None
    assert snapshot.n_open_breaches == 1, "an override stays visible and counted"
    assert broken.end()
    assert len(broken.rows("breach_raised")) == 1
    assert REASON in broken.rows("decision")[0]
    assert '"overridden"' in broken.rows("breach_changed")[-1]
    assert verify(broken.journal_file).is_intact


def test_that_an_acknowledgement_closes_the_dialog_and_is_journalled(broken: Hands, qtbot: QtBot) -> None:
    click(broken.button("cknowledge"))
    wait_for(qtbot, broken, BreachState.ACKNOWLEDGED)
    assert broken.window.queue.dialog is None
    assert '"acknowledge"' in broken.rows("decision")[0]


def test_that_a_snooze_hides_the_dialog_and_wakes_it_again(broken: Hands, qtbot: QtBot) -> None:
    breach = broken.breach()
    assert breach is not None
    broken.model.snooze(breach.breach_id, 1.0)
    wait_for(qtbot, broken, BreachState.SNOOZED)
    assert broken.window.queue.dialog is None
    wait_for(qtbot, broken, BreachState.RAISED)
    qtbot.waitUntil(lambda: broken.window.queue.dialog is not None, timeout=PATIENCE_MS)
    assert broken.dialog.breach.breach_id == breach.breach_id, "it is the same breach, not a new one"


def test_that_a_restart_finds_the_override_where_it_was(
    broken: Hands, qtbot: QtBot, market: ServerThread, stack: ExitStack
) -> None:
    QTest.keyClicks(broken.dialog.reason_field, REASON)
    click(broken.button("verride"))
    wait_for(qtbot, broken, BreachState.OVERRIDDEN)
    assert broken.end()
    again = Hands(broken.folder, port_of(market), dict.fromkeys(PAIR, 100), stack)
    again.open()
    wait_for(qtbot, again, BreachState.OVERRIDDEN)
    assert again.window.queue.dialog is None
    assert len(again.rows("breach_raised")) == 1


def test_that_closing_with_the_feed_at_full_speed_loses_no_row_and_leaves_no_thread(
    qapp: QApplication, tmp_path: Path, stack: ExitStack, qtbot: QtBot
) -> None:
    options = ServeOptions(plan="Professional", load=(200, 20_000.0), pacing=ServerPacing().scaled(SWIFT))
    server = stack.enter_context(ServerThread(options))
    quantities = {f"L{number:05d}.US": 10 for number in range(1, 201)}
    hands = Hands(tmp_path, port_of(server), quantities, stack)
    hands.open()
    qtbot.waitUntil(
        lambda: (s := hands.model.snapshot) is not None and s.trades.applied > 20_000, timeout=30_000
    )
    began_s = time.monotonic()
    assert hands.end()
    assert time.monotonic() - began_s < 5.0
    assert verify(hands.journal_file).is_intact
    parts = list(read_archive(tmp_path / "ticks"))
    numbers = [(part.first_number, part.first_number + len(part.rows)) for part in parts]
    assert all(end == begin for (_, end), (begin, _) in itertools.pairwise(numbers))
    archived = sum(len(part.rows) for part in parts)
    snapshot = hands.model.snapshot
    assert snapshot is not None
    assert archived >= snapshot.trades.applied
    for path in (tmp_path / "ticks").glob("*.plt"):
        header = path.read_bytes().split(b"\n", 2)
        assert len(header[2]) % parts[0].rows.dtype.itemsize == 0, "no half-written record"


def test_that_no_living_qt_object_is_left_to_the_garbage_collector(broken: Hands, qtbot: QtBot) -> None:
    breach = broken.breach()
    assert breach is not None
    gc.collect()
    for _ in range(2):
        broken.model.snooze(breach.breach_id, 0.2)
        wait_for(qtbot, broken, BreachState.SNOOZED)
        wait_for(qtbot, broken, BreachState.RAISED)
    broken.window.resize(1100, 700)
    QApplication.processEvents()
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    found = [item for item in gc.garbage if isinstance(item, shiboken6.Object)]
    gc.garbage.clear()
    assert found, "the dialogs that went are among it"
    living = [type(item).__name__ for item in found if shiboken6.isValid(item)]
    assert living == [], "a worker's thread that collected these would destroy a widget, and crash"


class IdleSource:
    """A source that hears nothing and ends when it is told to."""

    def run(self, stop: threading.Event, deliver: Deliver, report: Report) -> None:
        report(FeedStatus("idle", FeedState.LIVE))
        stop.wait(20.0)


class BrokenSource:
    """A source with a fault of ours."""

    def run(self, stop: threading.Event, deliver: Deliver, report: Report) -> None:
        raise ZeroDivisionError


def worker_threads() -> list[str]:
    """Return the names of the desk's threads, as the kernel knows them."""
    names = []
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # it ended meanwhile
            names.append((task / "comm").read_text(encoding="utf-8").strip())
    return [name for name in names if name.startswith("plimsoll-")]


def test_that_workers_start_and_stop_a_hundred_times_without_leaving_a_thread(
    qapp: QApplication, tmp_path: Path, qtbot: QtBot
) -> None:
    book, master = _book(tmp_path, dict.fromkeys(PAIR, 100))
    universe = universe_of(book, master)
    rules = DeskRules((), Settings().method, DayRoll())

    def make_engine() -> tuple[RiskEngine, Callable[[], None]]:
        journal = SqliteJournal(tmp_path / "journal.sqlite", source="test")
        archive = TickArchiveWriter(tmp_path / "ticks", universe.codes, source="test")
        return RiskEngine(book, universe, rules, journal, archive), lambda: (archive.close(), journal.close())

    for _ in range(100):
        buffer, model = TickBuffer(), RiskModel("Ada", is_demo=True)
        feeds = [FeedWorker(name, IdleSource, buffer) for name in ("stocks", "others")]
        threads = WorkerThreads(model, RiskWorker(make_engine, buffer), feeds, None)
        threads.start()
        assert threads.stop()
    # The kernel takes a moment to forget a thread that has been waited for.
    qtbot.waitUntil(lambda: worker_threads() == [], timeout=PATIENCE_MS)
    assert verify(tmp_path / "journal.sqlite").is_intact


def test_that_stopping_twice_or_before_the_start_is_no_fault(qapp: QApplication) -> None:
    buffer = TickBuffer()
    feed = FeedWorker("stocks", IdleSource, buffer)
    threads = WorkerThreads(
        RiskModel("Ada", is_demo=True),
        RiskWorker(lambda: (_ for _ in ()).throw(OSError), buffer),
        [feed],
        None,
    )
    assert threads.stop()
    assert threads.stop()


def test_that_a_feed_that_dies_of_a_fault_is_told_and_never_hidden(
    qapp: QApplication, caplog: pytest.LogCaptureFixture
) -> None:
    worker = FeedWorker("stocks", BrokenSource, TickBuffer())
    told, statuses, endings = [], [], []
    worker.failed.connect(told.append)
    worker.feed_changed.connect(statuses.append)
    worker.finished.connect(lambda: endings.append(1))
    worker.run()
    assert "prices no longer move" in told[0]
    assert statuses[-1].state is FeedState.STOPPED
    assert "ZeroDivisionError" in statuses[-1].note
    assert endings == [1]
    assert "ended by a fault" in caplog.text


def test_that_each_change_of_a_connection_is_logged_once(
    qapp: QApplication, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "plimsoll.feed")
    worker = FeedWorker("stocks", IdleSource, TickBuffer())
    lost = FeedStatus("stocks", FeedState.WAITING, note="the connection was lost; next try in 3 s")
    for status in (
        FeedStatus("stocks", FeedState.CONNECTING),
        FeedStatus("stocks", FeedState.LIVE, messages_per_s=1.0),
        FeedStatus("stocks", FeedState.LIVE, messages_per_s=2.0),
        lost,
        FeedStatus("stocks", FeedState.REFUSED, note="AllTick refused the token (401)"),
    ):
        worker._report(status)
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert told == [
        ("INFO", "stocks: connecting"),
        ("INFO", "stocks: live"),
        ("WARNING", "stocks: waiting the connection was lost; next try in 3 s"),
        ("ERROR", "stocks: refused AllTick refused the token (401)"),
    ]
