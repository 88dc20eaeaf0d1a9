"""Drives the live engine through a rehearsal: plans are made at once, orders filled, people asked."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.broker_event import BrokerEvent, ConnectionChanged, OrderFilled, OrderReported
from plimsoll.domain.decision import Decision
from plimsoll.domain.desk_request import DeskRequest
from plimsoll.domain.kill import KillRow
from plimsoll.domain.order import Order
from plimsoll.domain.proposal import Proposal
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.domain.tick import TickBatch
from plimsoll.domain.units import NS_PER_MS, NS_PER_S
from plimsoll.engine.events import (
    BreachChanged,
    BreachRaised,
    DecisionRejected,
    Event,
    OrderSaid,
    PlanWanted,
    PositionsWanted,
    ProposalChanged,
    RequestRejected,
)
from plimsoll.engine.human_desk import HumanDesk
from plimsoll.engine.order_event import CancelWanted, OrderChanged, OrderEvent, OrderWanted, QuestionWanted
from plimsoll.engine.plan_job import PlanMade
from plimsoll.engine.protocol_log import ProtocolLog
from plimsoll.engine.rehearsal_memory import UntouchedBook

BROKER_DUE_NS = 50 * NS_PER_MS
"""So long after a word to the broker its answer is listened for; a paper broker takes 40 ms."""
LISTEN_AGAIN_NS = 2 * NS_PER_S
"""While an order works the broker is listened to so often."""
EASE_NS = NS_PER_S


class DrivenEngine(Protocol):
    """What is driven: `plimsoll.engine.risk_engine.RiskEngine`, as live."""

    def apply(self, batch: TickBatch, now_ns: int) -> list[Event]:
        """Take ticks."""

    def beat(self, now_ns: int) -> list[Event]:
        """Let time pass."""

    def decide(self, decision: Decision, now_ns: int) -> list[Event]:
        """Carry out a decision about a breach."""

    def ask(self, request: DeskRequest, now_ns: int) -> list[Event]:
        """Carry out a decision about a proposal."""

    def take_plan(self, made: PlanMade, now_ns: int) -> list[Event]:
        """Take a plan that was worked out."""

    def take_broker(self, said: BrokerEvent | KillRow, now_ns: int) -> list[Event]:
        """Take a word of the broker."""


class RehearsalBroker(Protocol):
    """What carries orders out: any broker that keeps `plimsoll.broker.port.Broker`'s contract."""

    def send(self, order: Order, now_ns: int) -> None:
        """Send an order, once."""

    def cancel(self, client_id: str, now_ns: int) -> None:
        """Ask for an order to be cancelled."""

    def ask(self, client_id: str, now_ns: int) -> None:
        """Ask what became of an order."""

    def ask_positions(self, now_ns: int) -> None:
        """Ask what is held."""

    def advance(self, now_ns: int) -> list[BrokerEvent]:
        """Return what the broker has said."""


class ProtocolRun:
    """One rehearsal; its clock goes where `hear`, `beat` and `pass_until` lead it.

    Parameters
    ----------
    engine : RiskEngine
        Restored, with its price history; its tick archive is `untouched`.
    untouched : UntouchedBook
        The same book held still.
    broker : RehearsalBroker
        Fills orders by the prices of the rehearsal.
    people : HumanDesk
        Answers proposals.

    Attributes
    ----------
    log : ProtocolLog
        What became of each breach.
    """

    def __init__(
        self, engine: DrivenEngine, untouched: UntouchedBook, broker: RehearsalBroker, people: HumanDesk
    ) -> None:
        self.log = ProtocolLog(untouched)
        self._engine = engine
        self._untouched = untouched
        self._broker = broker
        self._people = people
        self._now_ns = 0
        self._breaches: dict[str, Breach] = {}
        self._working: set[str] = set()
        self._due: set[int] = set()
        self._broker_due_ns = 0

    @property
    def now_ns(self) -> int:
        """How far the desk's clock has come."""
        return self._now_ns

    @property
    def is_unsettled(self) -> bool:
        """Whether anything waits for time to pass: a new breach, a countdown, an order, a person.

        A breach that nobody looks at waits for prices, or for people; its plan is made anew when they come.
        """
        return bool(self._due or self._broker_due_ns or self._people.next_ns)

    def begin(self, now_ns: int) -> None:
        """Join the broker."""
        self._now_ns = now_ns
        joined = ConnectionChanged(is_open=True, words="rehearsal")
        self._take(self._engine.take_broker(joined, now_ns))

    def begin_day(self, day: int, now_ns: int) -> None:
        """Let the people come to work."""
        self._people.begin_day(day, now_ns)

    def hear(self, batch: TickBatch, now_ns: int) -> None:
        """Give ticks to the engine."""
        self._now_ns = now_ns
        self._take(self._engine.apply(batch, now_ns))

    def beat(self, now_ns: int) -> None:
        """Let the engine look at the clock, then the people at the engine, then the engine at the broker."""
        self._now_ns = now_ns
        self._untouched.lapse(now_ns)
        self._due = {due_ns for due_ns in self._due if due_ns > now_ns}
        self._take(self._engine.beat(now_ns))
        for act in self._people.act(now_ns):
            answered = (
                self._engine.decide(act, now_ns)
                if isinstance(act, Decision)
                else self._engine.ask(act, now_ns)
            )
            self._take(answered)
        self._listen(now_ns)

    def pass_until(self, until_ns: int, quotes: Callable[[int], TickBatch] | None = None) -> None:
        """Let everything happen that is due by an instant, each at its time.

        Parameters
        ----------
        until_ns : int
            On the desk's clock.
        quotes : callable, optional
            What the market quotes at a time, asked for before each thing that happens; without it the market
            speaks by `hear` alone.
        """
        while True:
            times = [*self._due, self._people.next_ns, self._broker_due_ns]
            next_ns = min((due_ns for due_ns in times if due_ns), default=0)
            if not next_ns or next_ns > until_ns:
                return
            now_ns = max(next_ns, self._now_ns)
            if next_ns == self._broker_due_ns:
                self._now_ns = now_ns
                self._listen(now_ns)
                continue
            if quotes is not None:
                self.hear(quotes(now_ns), now_ns)
            self.beat(now_ns)

    def _take(self, events: Iterable[Event]) -> None:
        waiting = deque(events)
        while waiting:
            waiting.extend(self._answer(waiting.popleft()))

    def _answer(self, event: Event) -> list[Event]:
        match event:
            case BreachRaised(breach=breach) | BreachChanged(breach=breach):
                self._follow_breach(breach)
            case PlanWanted(job=job):
                made = job.make()
                return self._engine.take_plan(made, self._now_ns) if isinstance(made, PlanMade) else []
            case ProposalChanged(standing=standing):
                self._follow_proposal(standing)
            case OrderSaid(said=said):
                self._carry_out(said)
            case PositionsWanted():
                self._broker.ask_positions(self._now_ns)
                self._await_broker()
            case RequestRejected(request=request):
                self._people.refuse(request, self._now_ns)
            case DecisionRejected(decision=decision):
                self._people.refuse(decision, self._now_ns)
        return []

    def _follow_breach(self, breach: Breach) -> None:
        self.log.note_breach(breach, self._now_ns)
        if breach.state is BreachState.CLOSED:
            self._breaches.pop(breach.breach_id, None)
            self._people.forget(breach)
            return
        self._breaches[breach.breach_id] = breach
        if breach.state is BreachState.RAISED:
            self._due.add(self._now_ns)  # its plan is asked for with the next beat
        elif breach.state is BreachState.EASED:
            self._due.add(self._now_ns + int(breach.limit.cool_down_s * NS_PER_S) + EASE_NS)

    def _follow_proposal(self, standing: ProposalStanding) -> None:
        proposal: Proposal = standing.proposal
        self.log.note_standing(standing, self._now_ns)
        breach = self._breaches.get(proposal.breach_id)
        if breach is not None:
            self._people.hear(standing, breach, self._now_ns)
        if standing.state is ProposalState.OPEN:
            self._due |= {proposal.executes_ns} - {0}
        if standing.state.was_executed:
            self._due |= {leg.not_before_ns for leg in standing.decided.later}

    def _carry_out(self, said: OrderEvent) -> None:
        match said:
            case OrderWanted(order=order):
                self.log.note_order(order)
                self._working.add(order.client_id)
                self._broker.send(order, self._now_ns)
            case CancelWanted(client_id=client_id):
                self._broker.cancel(client_id, self._now_ns)
            case QuestionWanted(client_id=client_id):
                self._broker.ask(client_id, self._now_ns)
            case OrderChanged(order=order) if not order.is_live:
                self._working.discard(order.client_id)
                return
            case _:
                return
        self._await_broker()

    def _await_broker(self) -> None:
        self._broker_due_ns = self._broker_due_ns or self._now_ns + BROKER_DUE_NS

    def _listen(self, now_ns: int) -> None:
        """Hear the broker, and let the engine take it."""
        self._broker_due_ns = 0
        for said in self._broker.advance(now_ns):
            fills = said.fills if isinstance(said, OrderReported) else ()
            if isinstance(said, OrderFilled):
                fills = (said.fill,)
            for fill in fills:
                self.log.note_fill(getattr(said, "client_id", ""), fill)
            self._take(self._engine.take_broker(said, now_ns))
        if self._working and not self._broker_due_ns:
            self._broker_due_ns = now_ns + LISTEN_AGAIN_NS
