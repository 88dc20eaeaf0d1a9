"""A small desk in a process of its own, made to be killed at any instant: the engine, its journal, a broker.

    crashing_desk.py FOLDER SEED [settle]

It restores itself from the journal in FOLDER; prices move, limits break, plans are made, approved, turned
down and overridden at random, the broker on paper has a bad day, and it never ends by itself. With `settle`
it decides nothing new and ends once no order is open. Each order handed over leaves a line in `sent.txt`
first, by which its killer knows what was sent.
"""

import os
import random
import sys
import time
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fakes.acting_desk import ActingDesk
from fakes.memory_archive import MemoryArchive
from fakes.trading_desk import Desk, book_of, rows_of
from plimsoll.broker.door import Door
from plimsoll.broker.kill_file import KillFile
from plimsoll.broker.mischief import Mischief
from plimsoll.broker.paper import PaperBroker, PaperTerms
from plimsoll.broker.paper_record import PaperRecord
from plimsoll.domain.book_event import TradeEntered
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.desk_request import BookEventAsked, CancelAsked, TradingStateAsked
from plimsoll.domain.kill import WHOLE_BOOK, HaltRelease, KillRequest
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.person import People, Person
from plimsoll.domain.proposal_request import ProposalAsked, ProposalRejected
from plimsoll.domain.response_policy import Autonomy, PlanKind, PolicyRule, Response, ResponsePolicy
from plimsoll.domain.tick import DepthBook, TickBatch
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.events import Event, OrderSaid
from plimsoll.engine.order_event import OrderWanted
from plimsoll.storage.journal import SqliteJournal

HELD = {"AAPL.US": (1000, 300.0), "XOM.US": (-500, 60.0), "EURUSD": (200_000, 1.1)}
LIMITS = (
    Limit("gross", "Gross exposure", Measure.GROSS_EXPOSURE, 540_000.0, Severity.HIGH),
    Limit("loss", "Daily loss", Measure.DAILY_LOSS, 6_000.0, Severity.CRITICAL),
)
POLICY = ResponsePolicy(
    (
        Response("half", PlanKind.UNIFORM_REDUCTION, price_band_fraction=0.05),
        Response("flat", PlanKind.FLATTEN, Autonomy.PROPOSE_AND_EXECUTE_AFTER, 2.0, two_persons=False),
    ),
    (PolicyRule("half", severity=Severity.HIGH), PolicyRule("flat")),
)
STEP_S = 0.2
N_SETTLING = 6_000
WHY = "the dice of a crash test"
BAD_DAY = {
    "lost_answer": 0.15,
    "lost_request": 0.15,
    "duplicate": 0.15,
    "reject": 0.1,
    "late_fill": 0.3,
    "silence": 0.15,
}


class CrashingDesk(ActingDesk):
    """What the risk, the plan and the broker thread do, in one; it writes down what it hands over."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.sent_file = os.open(folder / "sent.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.price = {code: price for code, (_, price) in HELD.items()}
        self.thickness = 500.0
        now_ns = time.time_ns()
        desk = Desk(
            book_of(HELD),
            LIMITS,
            journal=SqliteJournal(folder / "journal.sqlite", source="crash test"),
            archive=MemoryArchive(),
            exchange_ns=now_ns,
            now_ns=now_ns,
            people=People((Person("Ada"), Person("Bo"))),
            policy=POLICY,
        )
        record = PaperRecord(folder / "paper.sqlite")
        record.begin_with({code: Decimal(quantity) for code, (quantity, _) in HELD.items()})
        file = KillFile(folder / "kill.jsonl")
        broker = PaperBroker(record, self.depth_of, PaperTerms(), Mischief(**BAD_DAY, seed=seed))
        self.door = Door(broker, file)
        super().__init__(desk, broker=self.door, kill_rows=tuple(file.rows))
        self.door.resume(now_ns)

    @property
    def orders(self):
        return self.desk.engine._actions._orders

    def depth_of(self, code: str) -> DepthBook:
        """A book one part in a thousand wide and so thin that orders fill in pieces."""
        bid, ask = round(self.price[code] * 0.9995, 5), round(self.price[code] * 1.0005, 5)
        size = self.thickness * (200.0 if code == "EURUSD" else 1.0)
        times = (self.desk.exchange_ns, self.desk.now_ns)
        return DepthBook(code, ((bid, size),), ((ask, size),), *times)

    def _carry_out(self, event: Event) -> list[Event]:
        if isinstance(event, OrderSaid) and isinstance(event.said, OrderWanted):
            os.write(self.sent_file, f"{event.said.order.client_id}\n".encode())
        return super()._carry_out(event)

    def let_time_pass(self) -> None:
        self.thickness = self.dice.uniform(20.0, 500.0)
        for code in self.price:
            self.price[code] *= 1.0 + self.dice.gauss(0.0, 0.003)
        rows = rows_of([self.desk.row(code, price) for code, price in self.price.items()])
        depths = tuple(self.depth_of(code) for code in self.price)
        self.hear(self.desk.engine.apply(TickBatch(rows, depths=depths), self.desk.now_ns))
        self.step(STEP_S)
        for row in self.door.told():
            self.hear(self.desk.engine.take_broker(row, self.desk.now_ns))

    def decide(self) -> None:
        """Do one random thing a person may do."""
        choice = self.dice.random()
        breaches = self.desk.snapshot.breaches
        proposals = self.open_proposals
        if choice < 0.55 and breaches and not proposals:
            self.ask(ProposalAsked(self.dice.choice(breaches).breach_id, "Ada"))
        elif choice < 0.02 and breaches:
            kind = self.dice.choice((DecisionKind.ACKNOWLEDGE, DecisionKind.OVERRIDE))
            breach_id = self.dice.choice(breaches).breach_id
            decision = Decision(f"{time.time_ns()}", kind, breach_id, "Ada", WHY)
            self.hear(self.desk.engine.decide(decision, self.desk.now_ns))
        elif choice < 0.55 and proposals:
            proposal_id = proposals[-1].proposal.proposal_id
            for _ in range(2):  # approved twice: by a second press, or a resent message
                self.approve(proposal_id, decision_id=f"D-{proposal_id}-{self.desk.journal.n_rows // 50}")
        elif choice < 0.58 and proposals:
            self.ask(ProposalRejected(f"R-{time.time_ns()}", proposals[-1].proposal.proposal_id, "Ada", WHY))
        elif choice < 0.61:
            self.trade_by_hand()
        elif choice < 0.65:
            self.ask(CancelAsked(tuple(order.client_id for order in self.orders.desk.live), "Ada"))
        else:
            self.stop_or_go(choice)

    def trade_by_hand(self) -> None:
        code = self.dice.choice(sorted(self.price))
        held = self.held.get(code, Decimal(0))
        home = Decimal(HELD[code][0])
        lot = abs(home) / 5  # away from home and back, so that limits break again and again
        quantity = lot if held <= home else -lot
        price = Decimal(str(round(self.price[code], 4)))
        event_id = f"T-{time.time_ns()}"
        self.ask(BookEventAsked(TradeEntered(event_id=event_id, code=code, quantity=quantity, price=price)))

    def stop_or_go(self, choice: float) -> None:
        state = self.orders.desk.trading_state
        if choice < 0.67 and state is not TradingState.HALTED:
            self.ask(TradingStateAsked(TradingState.REDUCING, "Ada", WHY))
        elif choice < 0.675:
            self.press()
        elif choice < 0.85:
            for row in self.door.halts:
                self.door.release(HaltRelease(row.request.kill_id, "Bo", WHY), self.desk.now_ns)
        elif state is not TradingState.ACTIVE and not self.door.halts:
            self.ask(TradingStateAsked(TradingState.ACTIVE, "Ada", WHY))

    def press(self) -> None:
        kill_id = f"K-{time.time_ns()}"
        flattens = self.dice.random() < 0.5
        self.door.kill(
            KillRequest(kill_id, WHOLE_BOOK, "Ada", "", flattens, False, self.desk.now_ns), self.desk.now_ns
        )

    def settle(self) -> bool:
        """Let time pass until no order is open; tell whether it came to that."""
        orders = self.orders
        if orders.desk.trading_state is not TradingState.HALTED:  # nothing new goes out while it settles
            self.ask(TradingStateAsked(TradingState.HALTED, "Ada", WHY))
        for _ in range(N_SETTLING):
            if not (orders.desk.live or self.door.is_busy or orders._sweep.owes(orders.desk.orders)):
                self.let_time_pass()
                return True
            if self.dice.random() < 0.02:
                self.ask(CancelAsked(tuple(order.client_id for order in orders.desk.live), "Ada"))
            self.let_time_pass()
        live = [(order.client_id, str(order.state)) for order in orders.desk.live]
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
        os.write(1, b".")


if __name__ == "__main__":
    sys.exit(main())
