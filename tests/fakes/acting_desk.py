"""A small desk that acts: plans are worked out at once, orders go to the real paper broker and come back."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from fakes.trading_desk import Desk
from plimsoll.broker.door import Door
from plimsoll.broker.mischief import Mischief
from plimsoll.broker.paper import PaperBroker
from plimsoll.broker.paper_record import PaperRecord
from plimsoll.domain.broker_event import ConnectionChanged
from plimsoll.domain.desk_request import DeskRequest
from plimsoll.domain.kill import KillRow
from plimsoll.domain.order import Order
from plimsoll.domain.proposal_request import ProposalApproved, ProposalConfirmed, Quantities, WhatIfAnswer
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.domain.tick import DepthBook
from plimsoll.engine.events import (
    Event,
    HoldingsMoved,
    NoticeRaised,
    OrderSaid,
    PlanWanted,
    PositionsWanted,
    ProposalChanged,
    RequestRejected,
)
from plimsoll.engine.order_event import CancelWanted, OrderWanted, QuestionWanted
from plimsoll.engine.plan_job import PlanJob

DEEP = 1e9


@dataclass
class ActingDesk:
    """Carries out what the engine wants, as the threads of the program do.

    Attributes
    ----------
    desk : Desk
    book_file : Path or str
        Where the paper broker keeps its account.
    mischief : Mischief or None
        Bad days of the broker.
    plans_itself : bool
        Whether plans are worked out as soon as they are wanted; else they wait in `jobs`.
    broker : PaperBroker or Door
        One that outlived an earlier desk, or a new one.
    kill_rows : tuple of KillRow
        What the kill's own file says at the start.
    sent : list of Order
        Every order handed to the broker, oldest first.
    """

    desk: Desk
    book_file: Path | str = ":memory:"
    mischief: Mischief | None = None
    plans_itself: bool = True
    broker: PaperBroker | Door | None = None
    kill_rows: tuple[KillRow, ...] = ()
    sent: list[Order] = field(default_factory=list)
    jobs: list[PlanJob] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    answers: list[WhatIfAnswer] = field(default_factory=list)
    standings: dict[str, ProposalStanding] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.broker is None:
            record = PaperRecord(self.book_file)
            record.begin_with({line.code: line.quantity for line in self.desk.book.positions})
            self.broker = PaperBroker(record, self.depth_of, mischief=self.mischief)
        self.desk.engine.resume_actions(self.kill_rows, self.desk.now_ns)
        self.hear([*self.desk.engine.take_broker(ConnectionChanged(True, "paper"), self.desk.now_ns)])

    def depth_of(self, code: str) -> DepthBook | None:
        """Return a book one part in ten thousand wide and as deep as the sea."""
        number = self.desk.universe.codes.index(code)
        mark = float(self.desk.engine._path.board.mark[number])
        half = abs(mark) * 5e-5
        times = (self.desk.exchange_ns, self.desk.now_ns)
        return DepthBook(code, ((mark - half, DEEP),), ((mark + half, DEEP),), *times)

    def hear(self, events: Iterable[Event]) -> list[Event]:
        """Carry out what events want, and what follows from that."""
        heard = list(events)
        for event in heard:
            self.events.append(event)
            heard += self._carry_out(event)
        return heard

    def _carry_out(self, event: Event) -> list[Event]:
        now_ns, engine = self.desk.now_ns, self.desk.engine
        match event:
            case PlanWanted(job=PlanJob() as job):
                if self.plans_itself:
                    return engine.take_plan(job.make(), now_ns)
                self.jobs.append(job)
            case PlanWanted(job=job):
                self.answers.append(job.make())
            case ProposalChanged(standing=standing):
                self.standings[standing.proposal.proposal_id] = standing
            case OrderSaid(said=OrderWanted(order=order)):
                self.sent.append(order)
                self.broker.send(order, now_ns)
            case OrderSaid(said=CancelWanted(client_id=client_id)):
                self.broker.cancel(client_id, now_ns)
            case OrderSaid(said=QuestionWanted(client_id=client_id)):
                self.broker.ask(client_id, now_ns)
            case PositionsWanted():
                self.broker.ask_positions(now_ns)
            case HoldingsMoved(event_id=event_id, moved=moved):
                self.broker.transfer(event_id, moved, now_ns)
        return []

    def pass_time(self, seconds: float) -> list[Event]:
        """Move on in quarters of a second: the engine beats, the broker speaks."""
        heard: list[Event] = []
        for _ in range(max(int(seconds * 4), 1)):
            heard += self.step(0.25)
        return heard

    def step(self, seconds: float) -> list[Event]:
        """Move on once: the engine beats, the broker speaks."""
        self.desk.pass_time(seconds)
        heard = self.hear(self.desk.beat())
        for said in self.broker.advance(self.desk.now_ns):
            heard += self.hear(self.desk.engine.take_broker(said, self.desk.now_ns))
        return heard

    def ask(self, request: DeskRequest) -> str:
        """Ask the engine; return why it refused, empty where it did not."""
        heard = self.hear(self.desk.engine.ask(request, self.desk.now_ns))
        return next((each.reason for each in heard if isinstance(each, RequestRejected)), "")

    def approve(
        self,
        proposal_id: str,
        person: str = "Ada",
        *,
        decision_id: str = "",
        option: int = 0,
        quantities: Quantities = (),
        reason: str = "",
    ) -> str:
        """Approve; return why it was refused."""
        return self.ask(
            ProposalApproved(
                decision_id or f"D-{proposal_id}", proposal_id, person, option, quantities, reason
            )
        )

    def confirm(self, proposal_id: str, person: str) -> str:
        """Confirm as the second person; return why it was refused."""
        return self.ask(ProposalConfirmed(f"C-{proposal_id}", proposal_id, person))

    @property
    def n_sent(self) -> int:
        """How many orders were handed over."""
        return len(self.sent)

    @property
    def open_proposals(self) -> list[ProposalStanding]:
        """Those that may be decided about."""
        return [each for each in self.standings.values() if each.state is ProposalState.OPEN]

    @property
    def held(self) -> dict[str, Decimal]:
        """What the book holds."""
        return {line.code: line.quantity for line in self.desk.engine.book.positions if line.quantity}

    @property
    def told(self) -> list[str]:
        """Every sentence of the engine."""
        return [each.text for each in self.events if isinstance(each, NoticeRaised)]
