"""The broker on its thread: its files are born there, its words cross, a kill passes a busy risk thread."""

import os
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QMetaObject, QObject, Qt, QThread, Signal, Slot
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.broker_model import BrokerModel
from plimsoll.bridge.broker_worker import BrokerWorker
from plimsoll.bridge.depth_shelf import DepthShelf
from plimsoll.broker.door import Door
from plimsoll.broker.kill_file import KillFile, kill_rows
from plimsoll.broker.paper import PaperBroker, PaperTerms
from plimsoll.broker.paper_record import PaperRecord
from plimsoll.domain.broker_event import OrderAccepted, OrderRejected
from plimsoll.domain.kill import WHOLE_BOOK, KillRow, KillStep
from plimsoll.domain.order import Order
from plimsoll.domain.tick import DepthBook
from plimsoll.engine.order_event import CancelWanted, OrderWanted, QuestionWanted
from plimsoll.widgets.kill_switch import KillDialog
from plimsoll.widgets.theme import Theme

MS = 1_000_000
START = {"AAPL.US": Decimal(250)}
S = KillStep
PATIENCE_MS = 10_000


def order_of(number: int, quantity: int = 50) -> Order:
    """Return an order that works and never fills."""
    return Order(f"P-{number}", "D-1", "AAPL.US", Decimal(quantity), Decimal(50))


class Rig(QObject):
    """A broker worker on its thread, the model on this one, and a market pushed from this one."""

    order_happened = Signal(object)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.shelf = DepthShelf()
        self.push()
        self.born_on: list[object] = []
        self.worker = BrokerWorker(self.make_door, "paper")
        self.model = BrokerModel("Ada", self.worker.kill_asked)
        self.rows: list[KillRow] = []
        self.said: list[object] = []
        self.faults: list[str] = []
        worker, model = self.worker, self.model
        worker.connection_changed.connect(model.take_connection)
        worker.orders_changed.connect(model.take_orders)
        worker.halts_changed.connect(model.take_halts)
        worker.positions_told.connect(model.take_positions)
        worker.kill_told.connect(model.take_kill)
        model.kill_wanted.connect(worker.kill)
        model.release_wanted.connect(worker.release)
        model.positions_wanted.connect(worker.ask_positions)
        self.order_happened.connect(worker.carry_out)
        model.kill_told.connect(self.take_row)
        worker.broker_said.connect(self.take_said)
        worker.failed.connect(self.take_fault)
        self.thread_ = QThread()
        self.thread_.setObjectName("plimsoll-broker")
        worker.moveToThread(self.thread_)
        self.thread_.started.connect(worker.start)

    def make_door(self) -> Door:
        self.born_on.append(QThread.currentThread())
        record = PaperRecord(self.folder / "paper.sqlite")
        record.begin_with(START)
        return Door(
            PaperBroker(record, self.shelf.book_of, PaperTerms()), KillFile(self.folder / "kill.jsonl")
        )

    def push(self) -> None:
        now_ns = time.time_ns()
        self.shelf.put([DepthBook("AAPL.US", ((99.0, 900.0),), ((100.0, 900.0),), now_ns, now_ns)])

    @Slot(object)
    def take_row(self, row: KillRow) -> None:
        self.rows.append(row)

    @Slot(object)
    def take_said(self, event: object) -> None:
        self.said.append(event)

    @Slot(str)
    def take_fault(self, words: str) -> None:
        self.faults.append(words)

    @property
    def steps(self) -> list[KillStep]:
        return [row.step for row in self.rows]

    def close(self) -> None:
        if self.thread_.isRunning():
            QMetaObject.invokeMethod(self.worker, "close", Qt.ConnectionType.BlockingQueuedConnection)
            self.thread_.quit()
            assert self.thread_.wait(PATIENCE_MS)


@pytest.fixture
def rig(qtbot: QtBot, tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    made.thread_.start()
    qtbot.waitUntil(lambda: made.model.connection.is_open, timeout=PATIENCE_MS)
    yield made
    made.close()


def test_that_the_door_and_its_files_are_born_on_the_brokers_thread(rig: Rig) -> None:
    assert rig.born_on == [rig.thread_]


def test_that_what_the_order_desk_wants_is_done_and_the_answers_come_back(qtbot: QtBot, rig: Rig) -> None:
    rig.order_happened.emit(OrderWanted(order_of(1)))
    rig.order_happened.emit(OrderWanted(order_of(2)))
    qtbot.waitUntil(lambda: len(rig.model.orders) == 2, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: OrderAccepted("P-2") in rig.said, timeout=PATIENCE_MS)
    rig.order_happened.emit(CancelWanted("P-1"))
    rig.order_happened.emit(QuestionWanted("P-2"))
    qtbot.waitUntil(lambda: [o.client_id for o in rig.model.orders] == ["P-2"], timeout=PATIENCE_MS)


def test_that_a_kill_is_verified_and_halts_until_it_is_released(qtbot: QtBot, rig: Rig) -> None:
    rig.order_happened.emit(OrderWanted(order_of(1)))
    qtbot.waitUntil(lambda: len(rig.model.orders) == 1, timeout=PATIENCE_MS)
    kill_id = rig.model.kill(WHOLE_BOOK, "", flattens=False, is_drill=False)
    qtbot.waitUntil(lambda: rig.steps == [S.LATCHED, S.CANCELLED], timeout=PATIENCE_MS)
    assert rig.model.is_halted
    assert rig.model.orders == ()
    rig.order_happened.emit(OrderWanted(order_of(2)))
    qtbot.waitUntil(lambda: any(isinstance(e, OrderRejected) for e in rig.said), timeout=PATIENCE_MS)
    rig.model.release(kill_id, "the runaway was found")
    qtbot.waitUntil(lambda: not rig.model.is_halted, timeout=PATIENCE_MS)
    assert [row.step for row in kill_rows(rig.folder / "kill.jsonl")] == [S.LATCHED, S.CANCELLED, S.RELEASED]


def test_that_from_the_key_to_the_verified_cancel_it_is_less_than_two_seconds(
    qtbot: QtBot, rig: Rig, theme: Theme
) -> None:
    for number in range(20):
        rig.order_happened.emit(OrderWanted(order_of(number)))
    qtbot.waitUntil(lambda: len(rig.model.orders) == 20, timeout=PATIENCE_MS)
    dialog = KillDialog(rig.model)
    qtbot.addWidget(dialog)
    dialog.show_snapshot(make_snapshot())
    dialog.show()
    qtbot.waitUntil(lambda: dialog.kill_button.is_armed, timeout=PATIENCE_MS)
    QTest.keyClicks(dialog.word_field, "HALT")
    pressed_s = time.monotonic()
    QTest.keyClick(dialog, Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: rig.steps == [S.LATCHED, S.CANCELLED], timeout=PATIENCE_MS)
    assert time.monotonic() - pressed_s < 2.0
    assert rig.model.orders == ()


def test_that_orders_queued_before_the_kill_do_not_overtake_it(qtbot: QtBot, rig: Rig) -> None:
    gate, begun = threading.Event(), threading.Event()

    def slow_clock() -> int:
        begun.set()
        assert gate.wait(PATIENCE_MS / 1000)
        return time.time_ns()

    rig.worker._now_ns = slow_clock
    qtbot.waitUntil(begun.is_set, timeout=PATIENCE_MS)  # the broker thread is held in the middle of a look
    for number in range(20):
        rig.order_happened.emit(OrderWanted(order_of(number)))
    rig.model.kill(WHOLE_BOOK, "", flattens=False, is_drill=False)
    gate.set()
    qtbot.waitUntil(lambda: S.CANCELLED in rig.steps, timeout=PATIENCE_MS)
    assert len([event for event in rig.said if isinstance(event, OrderRejected)]) == 20
    assert not any(isinstance(event, OrderAccepted) for event in rig.said)


def test_that_positions_are_told_to_the_preview_with_their_age(qtbot: QtBot, rig: Rig) -> None:
    rig.model.ask_positions()
    qtbot.waitUntil(lambda: rig.model.positions == START, timeout=PATIENCE_MS)
    assert 0.0 <= rig.model.positions_age_s < 10.0


@pytest.mark.logs_warnings
def test_that_a_door_that_cannot_be_built_is_told_and_a_kill_does_not_raise(
    qtbot: QtBot, tmp_path: Path
) -> None:
    rig = Rig(tmp_path / "missing")
    rig.thread_.start()
    qtbot.waitUntil(lambda: bool(rig.faults), timeout=PATIENCE_MS)
    assert "no kill can go out" in rig.faults[0]
    rig.model.kill(WHOLE_BOOK, "", flattens=False, is_drill=False)
    qtbot.waitUntil(lambda: not rig.worker.kill_asked.is_set(), timeout=PATIENCE_MS)
    assert not rig.model.connection.is_open
    rig.close()


@pytest.mark.logs_warnings
def test_that_a_fault_is_told_once_and_the_thread_goes_on(
    qtbot: QtBot, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = rig.worker._door._broker
    whole = broker.advance

    def broken(_now_ns: int) -> list[object]:
        raise ConnectionResetError("the line is down")

    monkeypatch.setattr(broker, "advance", broken)
    qtbot.waitUntil(lambda: not rig.model.connection.is_open, timeout=PATIENCE_MS)
    rig.model.kill(WHOLE_BOOK, "", flattens=False, is_drill=False)
    qtbot.waitUntil(lambda: rig.steps == [S.LATCHED], timeout=PATIENCE_MS)
    monkeypatch.setattr(broker, "advance", whole)
    qtbot.waitUntil(lambda: rig.model.connection.is_open, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: rig.steps == [S.LATCHED, S.CANCELLED], timeout=PATIENCE_MS)
    assert len(rig.faults) == 1


class BusyRisk(QObject):
    """A risk thread that never comes to an end of its arithmetic."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self._stop = stop

    @Slot()
    def run(self) -> None:
        while not self._stop.is_set():
            sum(range(20_000))


def p99(times_ms: list[float]) -> float:
    return sorted(times_ms)[max(int(len(times_ms) * 0.99) - 1, 0)]


@pytest.mark.parametrize("is_busy", [False, True], ids=["no load", "a busy risk thread"])
def test_that_from_the_press_to_the_verified_cancel_two_seconds_are_not_passed(
    qtbot: QtBot, rig: Rig, is_busy: bool
) -> None:
    stop = threading.Event()
    risk, thread = BusyRisk(stop), QThread()
    thread.setObjectName("plimsoll-risk")
    risk.moveToThread(thread)
    thread.started.connect(risk.run)
    if is_busy:
        thread.start()
    times_ms = measure(qtbot, rig, n_runs=int(os.environ.get("PLIMSOLL_KILL_RUNS", "12")))
    stop.set()
    thread.quit()
    assert thread.wait(PATIENCE_MS)
    ordered = sorted(times_ms)
    print(f"busy={is_busy}: p50 {ordered[len(ordered) // 2]:.0f} ms, p99 {p99(times_ms):.0f} ms")
    assert p99(times_ms) < 2_000.0


def measure(qtbot: QtBot, rig: Rig, n_runs: int, n_orders: int = 20) -> list[float]:
    """Return the times from the press to the verified cancel, in ms; each run with fresh working orders."""
    times_ms = []
    for run in range(n_runs):
        rig.push()
        for number in range(n_orders):
            rig.order_happened.emit(OrderWanted(order_of(run * n_orders + number)))
        qtbot.waitUntil(lambda: len(rig.model.orders) == n_orders, timeout=PATIENCE_MS)
        rig.rows.clear()
        begun = time.perf_counter()
        kill_id = rig.model.kill(WHOLE_BOOK, "", flattens=False, is_drill=False)
        qtbot.waitUntil(lambda: S.CANCELLED in rig.steps, timeout=PATIENCE_MS)
        times_ms.append((time.perf_counter() - begun) * 1e3)
        rig.model.release(kill_id, "the next run of the measure")
        qtbot.waitUntil(lambda: not rig.model.is_halted, timeout=PATIENCE_MS)
    return times_ms
