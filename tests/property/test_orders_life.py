"""Orders through bad days, kills and restarts: nothing sent twice, nothing doubled, nothing lost."""

from collections.abc import Mapping
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fakes.memory_journal import MemoryJournal
from plimsoll.broker.mischief import Mischief
from plimsoll.broker.paper import PaperBroker, PaperTerms
from plimsoll.broker.paper_record import PaperRecord
from plimsoll.domain.broker_event import BrokerEvent
from plimsoll.domain.order import Order, OrderState
from plimsoll.domain.position import Fill
from plimsoll.domain.tick import DepthBook
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.instant import Instant
from plimsoll.engine.order_desk import Leg, OrderDesk
from plimsoll.engine.order_event import CancelWanted, OrderEvent, OrderWanted, QuestionWanted

CODES = ("AAPL.US", "XOM.US")
START = {"AAPL.US": Decimal(1000), "XOM.US": Decimal(-500)}
SHARE = st.sampled_from([0.0, 0.0, 0.3, 1.0])
S = 1_000_000_000


class World:
    """What outlives the desk: the journal, and the paper broker with its record."""

    def __init__(self, mischief: Mischief) -> None:
        self.now_ns = 0
        self.journal = MemoryJournal()
        self.record = PaperRecord(":memory:")
        self.record.begin_with(START)
        self.books: dict[str, DepthBook] = {}
        self.push()
        self.broker = PaperBroker(self.record, self.books.get, PaperTerms(), mischief)
        self.sent: list[str] = []

    def push(self) -> None:
        for code in CODES:
            self.books[code] = DepthBook(code, ((99.0, 150.0),), ((100.0, 150.0),), self.now_ns, self.now_ns)


class Desk:
    """The desk's side: orders and the book, rebuilt from the journal alone."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.orders = OrderDesk(world.journal)
        self.held = dict(START)
        self.fill_ids: set[str] = set()
        for row in world.journal.rows():
            if row.kind == "fill":
                self._hold(row.body)
            else:
                self.orders.restore(row.kind, row.body)
        self.carry_out(self.orders.resume(self.instant))

    @property
    def instant(self) -> Instant:
        return Instant(self.world.now_ns, self.world.now_ns)

    def take_fill(self, order: Order, fill: Fill) -> None:
        if fill.fill_id in self.fill_ids:
            return
        body: dict[str, object] = {
            "fill_id": fill.fill_id,
            "code": order.code,
            "quantity": str(fill.quantity),
        }
        self.world.journal.append("fill", body, exchange_time_ns=0, received_time_ns=0)
        self._hold(body)

    def _hold(self, body: Mapping[str, object]) -> None:
        self.fill_ids.add(str(body["fill_id"]))
        self.held[str(body["code"])] += Decimal(str(body["quantity"]))

    def carry_out(self, events: list[OrderEvent]) -> None:
        world = self.world
        for event in events:
            match event:
                case OrderWanted(order=order):
                    world.sent.append(order.client_id)
                    world.broker.send(order, world.now_ns)
                case CancelWanted(client_id=client_id):
                    world.broker.cancel(client_id, world.now_ns)
                case QuestionWanted(client_id=client_id):
                    world.broker.ask(client_id, world.now_ns)

    def hear(self, said: list[BrokerEvent]) -> None:
        for event in said:
            self.carry_out(self.orders.take(event, self.take_fill, self.instant))


class OrdersLife(RuleBasedStateMachine):
    """A trader, a market, a broker on a bad day, and a desk that is killed now and then."""

    @initialize(lost_answer=SHARE, lost_request=SHARE, duplicate=SHARE, late_fill=SHARE, silence=SHARE)
    def begin(
        self, lost_answer: float, lost_request: float, duplicate: float, late_fill: float, silence: float
    ) -> None:
        silence = min(silence, 0.3)  # a broker that never answers is another test
        self.world = World(
            Mischief(
                lost_answer=lost_answer,
                lost_request=lost_request,
                duplicate=duplicate,
                late_fill=late_fill,
                silence=silence,
                seed=7,
            )
        )
        self.desk = Desk(self.world)
        self.n_decisions = 0

    @rule(code=st.sampled_from(CODES), quantity=st.integers(-400, 400).filter(bool))
    def decide(self, code: str, quantity: int) -> None:
        self.n_decisions += 1
        legs = (Leg(code, Decimal(quantity)),)
        desk = self.desk
        events = desk.orders.release(f"D-{self.n_decisions}", legs, desk.held.__getitem__, desk.instant)
        desk.carry_out(events)
        again = desk.orders.release(f"D-{self.n_decisions}", legs, desk.held.__getitem__, desk.instant)
        assert again == []

    @rule(millis=st.sampled_from([10, 50, 500, 3000]), pushed=st.booleans())
    def wait(self, millis: int, pushed: bool) -> None:
        self.world.now_ns += millis * 1_000_000
        if pushed:
            self.world.push()
        self.desk.hear(self.world.broker.advance(self.world.now_ns))
        self.desk.carry_out(self.desk.orders.beat(self.desk.instant))

    @rule()
    def cancel_all(self) -> None:
        ids = [order.client_id for order in self.desk.orders.live]
        self.desk.carry_out(self.desk.orders.cancel(ids, self.desk.instant))

    @rule(state=st.sampled_from(TradingState))
    def turn(self, state: TradingState) -> None:
        self.desk.orders.turn(state, "Ada", "a drill of the desk", self.desk.instant)

    @rule(loses_what_was_said=st.booleans())
    def kill(self, loses_what_was_said: bool) -> None:
        if loses_what_was_said:
            self.world.broker.advance(self.world.now_ns)
        self.desk = Desk(self.world)

    @precondition(lambda self: self.desk.orders.live)
    @rule()
    def settle(self) -> None:
        for _ in range(40):
            self.world.now_ns += 4 * S
            self.world.push()
            self.desk.carry_out(self.desk.orders.beat(self.desk.instant))
            self.world.now_ns += S // 10
            self.desk.hear(self.world.broker.advance(self.world.now_ns))
        self.check_books_agree()

    def check_books_agree(self) -> None:
        if any(order.is_live for order in self.desk.orders.orders):
            return  # a question is still open
        held = {code: quantity for code, quantity in self.desk.held.items() if quantity}
        assert held == self.world.record.positions()
        filled = {kept.client_id: kept.filled for kept in self.world.record.orders()}
        for order in self.desk.orders.orders:
            assert order.filled == filled.get(order.client_id, 0)

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        if hasattr(self, "world"):
            assert len(self.world.sent) == len(set(self.world.sent))

    @invariant()
    def every_sent_order_was_journalled_with_its_decision(self) -> None:
        if hasattr(self, "world"):
            rows = {str(row.body["client_id"]) for row in self.world.journal.rows(("order",))}
            assert set(self.world.sent) <= rows

    @invariant()
    def the_book_never_holds_more_than_the_broker_did(self) -> None:
        if hasattr(self, "world"):
            known = {
                fill.fill_id
                for o in self.world.record.orders()
                for fill in self.world.record.fills_of(o.client_id, o.code)
            }
            assert self.desk.fill_ids <= known

    @invariant()
    def a_restart_sees_what_the_desk_sees(self) -> None:
        if hasattr(self, "world"):
            again = OrderDesk(self.world.journal)
            for row in self.world.journal.rows(("order", "trading_state")):
                again.restore(row.kind, row.body)
            assert again.orders == self.desk.orders.orders
            assert again.trading_state is self.desk.orders.trading_state
            assert all(order.state is not OrderState.PLANNED for order in again.orders)


TestOrdersLife = OrdersLife.TestCase
TestOrdersLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
