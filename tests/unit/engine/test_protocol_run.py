"""The driver carries out what an engine asks: plans at once, orders to the broker, answers back."""

from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll.domain.broker_event import OrderAccepted, OrderFilled, OrderReported
from plimsoll.domain.desk_request import BookEventAsked
from plimsoll.domain.order import Order, OrderState
from plimsoll.domain.position import Fill
from plimsoll.domain.proposal_request import WhatIfAsked
from plimsoll.domain.tick import TickBatch
from plimsoll.engine.events import Event, OrderSaid, PlanWanted, PositionsWanted, RequestRejected
from plimsoll.engine.order_event import CancelWanted, OrderChanged, OrderGivenUp, OrderWanted, QuestionWanted
from plimsoll.engine.plan_job import WhatIfJob
from plimsoll.engine.protocol_run import BROKER_DUE_NS, LISTEN_AGAIN_NS, ProtocolRun

ORDER = Order("P-1", "D-1", "A.US", Decimal(-1))


@dataclass
class Scripted:
    """An engine that says what it is told to, and remembers what it was given."""

    says: list[Event] = field(default_factory=list)
    given: list[tuple[str, object]] = field(default_factory=list)

    def __getattr__(self, name: str):
        def take(given: object, now_ns: int = 0) -> list[Event]:
            self.given.append((name, given))
            said, self.says = self.says, []
            return said

        return take


@dataclass
class Noted:
    """A broker that remembers, and says what it is told to."""

    asked: list[tuple[str, object]] = field(default_factory=list)
    says: list[object] = field(default_factory=list)

    def send(self, order: Order, now_ns: int) -> None:
        self.asked.append(("send", order.client_id))

    def cancel(self, client_id: str, now_ns: int) -> None:
        self.asked.append(("cancel", client_id))

    def ask(self, client_id: str, now_ns: int) -> None:
        self.asked.append(("ask", client_id))

    def ask_positions(self, now_ns: int) -> None:
        self.asked.append(("positions", now_ns))

    def advance(self, now_ns: int) -> list[object]:
        said, self.says = self.says, []
        return said


@dataclass
class NoPeople:
    refused: list[object] = field(default_factory=list)
    next_ns: int = 0

    def act(self, now_ns: int) -> list[object]:
        return []

    def refuse(self, request: object, now_ns: int) -> None:
        self.refused.append(request)


@dataclass
class Still:
    lapsed: list[int] = field(default_factory=list)

    def lapse(self, now_ns: int) -> None:
        self.lapsed.append(now_ns)


def joined() -> tuple[ProtocolRun, Scripted, Noted, NoPeople]:
    engine, broker, people = Scripted(), Noted(), NoPeople()
    run = ProtocolRun(engine, Still(), broker, people)
    run.begin(1_000)
    assert engine.given[0][0] == "take_broker"
    return run, engine, broker, people


def batch() -> TickBatch:
    return TickBatch(rows=[])


def test_that_orders_cancels_and_questions_reach_the_broker_and_its_words_the_engine() -> None:
    run, engine, broker, _ = joined()
    engine.says = [
        OrderSaid(OrderWanted(ORDER)),
        OrderSaid(CancelWanted("P-1")),
        OrderSaid(QuestionWanted("P-1")),
        OrderSaid(OrderGivenUp(ORDER, 6)),
        PositionsWanted(),
    ]
    run.hear(batch(), 2_000)
    assert [each[0] for each in broker.asked] == ["send", "cancel", "ask", "positions"]
    broker.says = [OrderAccepted("P-1")]
    run.pass_until(2_000 + BROKER_DUE_NS)
    assert engine.given[-1] == ("take_broker", OrderAccepted("P-1"))
    # While the order works the broker is listened to again; once it has ended nobody is.
    fill = Fill("F-1", "A.US", Decimal(-1), Decimal(5))
    broker.says = [OrderReported("P-1", is_working=False, filled=Decimal(-1), fills=(fill,))]
    filled = Order("P-1", "D-1", "A.US", Decimal(-1), state=OrderState.FILLED, filled=Decimal(-1))
    engine.says = [OrderSaid(OrderChanged(filled))]
    run.pass_until(run.now_ns + LISTEN_AGAIN_NS)
    assert isinstance(engine.given[-1][1], OrderReported)
    assert not run.is_unsettled


def test_that_a_fill_of_an_order_nobody_knows_is_no_breach_s_cost() -> None:
    run, engine, broker, _ = joined()
    engine.says = [OrderSaid(OrderWanted(ORDER))]
    run.hear(batch(), 2_000)
    broker.says = [OrderFilled("P-1", Fill("F-1", "A.US", Decimal(-1), Decimal(5)))]
    run.beat(3_000)
    assert run.log.episodes == ()


def test_that_what_is_refused_is_told_to_the_people_and_a_question_to_nobody() -> None:
    run, engine, _, people = joined()
    request = BookEventAsked(None)
    asked = WhatIfAsked("W-1", "P-1")
    job = WhatIfJob(asked, None, None, None, {})
    engine.says = [RequestRejected(request, "no"), PlanWanted(job)]
    run.beat(5_000)
    assert people.refused == [request]
    assert [name for name, _ in engine.given].count("take_plan") == 0
