"""A small desk in a process of its own, made to be killed at any instant: journal, orders, paper broker.

    crashing_desk.py FOLDER SEED [settle]

It restores itself from the journal in FOLDER, trades at random against a market that moves and a broker on a
bad day, and never ends by itself. With `settle` it decides nothing new and ends once no order is open.
Each order handed over leaves a line in `sent.txt` first, by which its killer knows what was sent.
"""

import os
import random
import sys
import time
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from plimsoll.broker.door import Door
from plimsoll.broker.kill_file import KillFile
from plimsoll.broker.mischief import Mischief
from plimsoll.broker.paper import PaperBroker, PaperTerms
from plimsoll.broker.paper_record import PaperRecord
from plimsoll.domain.kill import WHOLE_BOOK, HaltRelease, KillRequest
from plimsoll.domain.order import Order
from plimsoll.domain.position import Fill
from plimsoll.domain.tick import DepthBook
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.fill_sweep import FillSweep
from plimsoll.engine.instant import Instant
from plimsoll.engine.kill_fold import KillFold
from plimsoll.engine.order_desk import Leg, OrderDesk
from plimsoll.engine.order_event import CancelWanted, OrderEvent, OrderWanted, QuestionWanted
from plimsoll.storage.journal import SqliteJournal

START = {"AAPL.US": Decimal(1000), "XOM.US": Decimal(-500), "EURUSD": Decimal(200_000)}
STEP_NS = 20_000_000
N_SETTLING = 15_000
BAD_DAY = {
    "lost_answer": 0.15,
    "lost_request": 0.15,
    "duplicate": 0.15,
    "reject": 0.1,
    "late_fill": 0.3,
    "silence": 0.15,
}


class CrashingDesk:
    """What the risk thread and the broker thread do, in one."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.now_ns = time.time_ns()
        self.journal = SqliteJournal(folder / "journal.sqlite", source="crash test")
        self.sent = os.open(folder / "sent.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.books: dict[str, DepthBook] = {}
        self.price = dict.fromkeys(START, 100.0)
        self.push()
        record = PaperRecord(folder / "paper.sqlite")
        record.begin_with(START)
        broker = PaperBroker(record, self.books.get, PaperTerms(), Mischief(**BAD_DAY, seed=seed))
        file = KillFile(folder / "kill.jsonl")
        self.door = Door(broker, file)
        self.held = dict(START)
        self.fill_ids: set[str] = set()
        self.orders = OrderDesk(self.journal)
        self.fold = KillFold(self.journal, self.orders)
        self.sweep = FillSweep()
        self.restore()
        self.fold.take_all(file.rows, self.instant)
        self.door.resume(self.now_ns)
        self.carry_out(self.orders.resume(self.instant))

    @property
    def instant(self) -> Instant:
        return Instant(self.now_ns, self.now_ns)

    def restore(self) -> None:
        for row in self.journal.rows():
            if row.kind == "fill":
                self.hold(row.body)
            elif row.kind == "kill":
                self.fold.restore(row.body)
            elif row.kind in {"order", "trading_state"}:
                self.orders.restore(row.kind, row.body)

    def write(self, kind: str, body: Mapping[str, object]) -> None:
        self.journal.append(kind, body, exchange_time_ns=self.now_ns, received_time_ns=self.now_ns)

    def hold(self, body: Mapping[str, object]) -> None:
        self.fill_ids.add(str(body["fill_id"]))
        self.held[str(body["code"])] += Decimal(str(body["quantity"]))

    def take_fill(self, order: Order, fill: Fill) -> None:
        if fill.fill_id not in self.fill_ids:
            body = {"fill_id": fill.fill_id, "code": order.code, "quantity": str(fill.quantity)}
            body |= {"client_id": order.client_id}
            self.write("fill", body)
            self.hold(body)

    def push(self) -> None:
        for code in START:
            self.price[code] *= 1.0 + self.dice.gauss(0.0, 0.0005)
            bid, ask = round(self.price[code] * 0.9995, 4), round(self.price[code] * 1.0005, 4)
            size = self.dice.uniform(20.0, 200.0)
            self.books[code] = DepthBook(code, ((bid, size),), ((ask, size),), self.now_ns, self.now_ns)

    def carry_out(self, events: list[OrderEvent]) -> None:
        for event in events:
            match event:
                case OrderWanted(order=order):
                    os.write(self.sent, f"{order.client_id}\n".encode())
                    self.door.send(order, self.now_ns)
                case CancelWanted(client_id=client_id):
                    self.door.cancel(client_id, self.now_ns)
                case QuestionWanted(client_id=client_id):
                    self.door.ask(client_id, self.now_ns)

    def let_time_pass(self) -> None:
        self.now_ns += STEP_NS
        self.push()
        for event in self.door.advance(self.now_ns):
            self.sweep.take(event)
            self.carry_out(self.orders.take(event, self.take_fill, self.instant))
        self.fold.take_all(self.door.told(), self.instant)
        self.carry_out(self.orders.beat(self.instant))
        self.carry_out(list(self.sweep.beat(self.orders.orders, self.now_ns)))

    def decide(self) -> None:
        """Do one random thing a person may do."""
        choice = self.dice.random()
        if choice < 0.25:
            decision_id = f"D-{time.time_ns()}-{self.dice.randrange(10**9)}"
            codes = self.dice.sample(sorted(START), self.dice.randint(1, 3))
            legs = [Leg(code, Decimal(self.dice.randint(-300, 300) or 1)) for code in codes]
            self.write("decision", {"decision_id": decision_id})
            for _ in range(2):  # approved twice: by a second press, or a resent message
                released = self.orders.release(decision_id, legs, self.held.__getitem__, self.instant)
                self.carry_out(released)
        elif choice < 0.30:
            self.carry_out(self.orders.cancel([order.client_id for order in self.orders.live], self.instant))
        elif choice < 0.32 and self.orders.trading_state is not TradingState.HALTED:
            state = self.dice.choice((TradingState.ACTIVE, TradingState.REDUCING))
            self.orders.turn(state, "Ada", "a drill of the desk", self.instant)
        elif choice < 0.33:
            self.press()
        elif choice < 0.38:
            for row in self.door.halts:
                self.door.release(HaltRelease(row.request.kill_id, "Bo", "the drill is over"), self.now_ns)

    def press(self) -> None:
        kill_id = f"K-{time.time_ns()}"
        request = KillRequest(kill_id, WHOLE_BOOK, "Ada", "", self.dice.random() < 0.5, False, self.now_ns)
        self.door.kill(request, self.now_ns)
        self.fold.take_all(self.door.told(), self.instant)

    def settle(self) -> bool:
        """Let time pass until no order is open; tell whether it came to that."""
        for _ in range(N_SETTLING):
            if not (self.orders.live or self.door.is_busy or self.sweep.owes(self.orders.orders)):
                return True
            if self.dice.random() < 0.02:
                ids = [order.client_id for order in self.orders.live]
                self.carry_out(self.orders.cancel(ids, self.instant))
            self.let_time_pass()
        live = [(order.client_id, str(order.state)) for order in self.orders.live]
        sys.stderr.write(f"open: {live}; at the door: {self.door.working.orders}\n")
        return False


def main() -> int:
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    desk = CrashingDesk(folder, seed)
    if sys.argv[3:] == ["settle"]:
        return 0 if desk.settle() else 1
    os.write(1, b"up\n")
    while True:
        desk.decide()
        desk.let_time_pass()


if __name__ == "__main__":
    sys.exit(main())
