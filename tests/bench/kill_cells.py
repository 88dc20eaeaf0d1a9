"""Measures the kill switch on the whole desk under load: from the key to the verified cancel."""

import argparse
import json
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from frame_meter import percentiles
from load_server import LoadServer
from our_desk import WARM_S, OurDesk, spin, until
from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from synthetic_desk import SyntheticDesk, synthetic_desk

from plimsoll.bridge.broker_model import BrokerModel
from plimsoll.bridge.broker_worker import BrokerWorker
from plimsoll.bridge.depth_shelf import DepthShelf
from plimsoll.bridge.plan_worker import PlanWorker
from plimsoll.bridge.worker_threads import ActionWorkers
from plimsoll.broker.door import Door
from plimsoll.broker.kill_file import KillFile
from plimsoll.broker.paper import PaperBroker
from plimsoll.broker.paper_record import PaperRecord
from plimsoll.domain.kill import KillRow, KillStep
from plimsoll.domain.order import Order
from plimsoll.domain.tick import DepthBook
from plimsoll.engine.order_event import OrderWanted
from plimsoll.widgets.kill_switch import KillDialog

N_ORDERS = 50
"""That work when the key is pressed."""
REASON = "measured under load"


class Told(QObject):
    """When the main thread heard each step of a kill."""

    def __init__(self) -> None:
        super().__init__()
        self.newest: KillRow | None = None
        self.heard_ns = 0

    @Slot(object)
    def take(self, row: KillRow) -> None:
        """Take a step."""
        self.newest, self.heard_ns = row, time.perf_counter_ns()


def actors_of(desk: SyntheticDesk, directory: Path) -> ActionWorkers:
    """Return plan and broker workers; the broker knows a book of each code that fills no order of ours."""
    shelf, now_ns = DepthShelf(), time.time_ns()
    codes = desk.universe.codes[:N_ORDERS]
    shelf.put([DepthBook(code, ((99.0, 9e6),), ((100.0, 9e6),), now_ns, now_ns) for code in codes])

    def door() -> Door:
        record = PaperRecord(directory / "paper.sqlite")
        record.begin_with({line.code: line.quantity for line in desk.book.positions})
        return Door(PaperBroker(record, shelf.book_of), KillFile(directory / "kill.jsonl"))

    worker = BrokerWorker(door, "paper")
    return ActionWorkers(PlanWorker(), worker, BrokerModel("Ada", worker.kill_asked))


def press(ours: OurDesk, face: BrokerModel, told: Told, number: int) -> float:
    """Let orders work, type the word, press the key; return the milliseconds until all was cancelled."""
    for place, line in enumerate(ours.codes[:N_ORDERS]):
        order = Order(f"K{number}-{place}", f"D{number}", line, Decimal(10), Decimal(1))
        ours.risk.order_said.emit(OrderWanted(order))
    until(lambda: len(face.orders) == N_ORDERS, 10.0, "all orders work")
    dialog = KillDialog(face, ours.window)
    if ours.model.snapshot is not None:
        dialog.show_snapshot(ours.model.snapshot)
    dialog.show()
    dialog.activateWindow()
    until(lambda: dialog.kill_button.is_armed, 10.0, "the button is armed")
    QTest.keyClicks(dialog.word_field, "HALT")
    pressed_ns = time.perf_counter_ns()
    QTest.keyClick(dialog, Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier)
    until(lambda: told.newest is not None and told.newest.step is KillStep.CANCELLED, 20.0, "it is verified")
    taken_ms = (told.heard_ns - pressed_ns) / 1e6
    if face.orders:
        raise RuntimeError(f"{len(face.orders)} orders work after the kill, expected none")
    face.release(told.newest.request.kill_id if told.newest else "", REASON)
    until(lambda: not face.is_halted, 10.0, "the halt is released")
    told.newest = None
    dialog.close()
    dialog.deleteLater()
    return taken_ms


def measure(n_positions: int, rate: float, n_kills: int) -> dict[str, float]:
    """Kill under load so many times; return the figures."""
    application = QApplication.instance() or QApplication([sys.argv[0]])
    desk = synthetic_desk(n_positions, 500)
    with tempfile.TemporaryDirectory() as directory, LoadServer(n_positions, rate) as server:
        actors = actors_of(desk, Path(directory))
        ours = OurDesk(desk, server.port, Path(directory), actors)
        told = Told()
        actors.broker_model.kill_told.connect(told.take)
        ours.begin()
        until(lambda: ours.counts.applied >= n_positions, 60.0, "every instrument has ticked")
        until(lambda: actors.broker_model.connection.is_open, 10.0, "the broker is there")
        spin(WARM_S)
        before, began_s = ours.counts, time.perf_counter()
        waits_ms = [press(ours, actors.broker_model, told, number) for number in range(n_kills)]
        elapsed_s, after = time.perf_counter() - began_s, ours.counts
        n_sent = server.silence()
        until(lambda: ours.counts.received >= n_sent and not ours.counts.waiting, 60.0, "all ticks came")
        ours.end()
    del application
    handled = after.applied + after.folded - before.applied - before.folded
    return percentiles("key_to_cancel_ms", waits_ms) | {
        "key_to_cancel_ms_worst": max(waits_ms),
        "ticks_per_s": handled / elapsed_s,
        "n_unaccounted": float(abs(ours.counts.unaccounted)),
    }


def main() -> None:
    """Print the figures as one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--positions", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=1e4)
    parser.add_argument("--kills", type=int, default=20)
    asked = parser.parse_args()
    print(json.dumps(measure(asked.positions, asked.rate, asked.kills)))


if __name__ == "__main__":
    main()
