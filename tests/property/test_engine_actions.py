"""The whole loop at random: approvals, bad days, a failing journal, restarts; and what must always hold."""

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fakes.acting_desk import ActingDesk
from fakes.trading_desk import Desk, book_of, random_window, rows_of
from plimsoll.broker.mischief import Mischief
from plimsoll.domain.book_event import TradeEntered
from plimsoll.domain.broker_event import ConnectionChanged
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.desk_request import BookEventAsked, CancelAsked, TradingStateAsked
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.person import People, Person
from plimsoll.domain.proposal_request import ProposalAsked, ProposalRejected
from plimsoll.domain.proposal_standing import ProposalState
from plimsoll.domain.response_policy import Autonomy, PlanKind, PolicyRule, Response, ResponsePolicy
from plimsoll.domain.tick import TickBatch
from plimsoll.domain.trading_state import TradingState

HELD = {"AAPL.US": (1000, 280.0), "XOM.US": (-2000, 55.0)}
LIMITS = (
    Limit("gross", "Gross exposure", Measure.GROSS_EXPOSURE, 380_000.0, Severity.HIGH),
    Limit("loss", "Daily loss", Measure.DAILY_LOSS, 15_000.0, Severity.CRITICAL),
)
POLICY = ResponsePolicy(
    (
        Response("cut", PlanKind.CHEAPEST_CUT, two_persons=True),
        Response("half", PlanKind.UNIFORM_REDUCTION, Autonomy.PROPOSE_AND_EXECUTE_AFTER, countdown_s=3.0),
    ),
    (PolicyRule("cut", severity=Severity.HIGH), PolicyRule("half")),
)
SHARE = st.sampled_from([0.0, 0.0, 0.3])
WHICH = st.integers(0, 5)
WHY = "because the dice say so"


class Actions(RuleBasedStateMachine):
    """Random hands on a desk whose broker has a bad day."""

    @initialize(lost_answer=SHARE, lost_request=SHARE, duplicate=SHARE, late_fill=SHARE, silence=SHARE)
    def begin(self, **shares: float) -> None:
        desk = Desk(book_of(HELD), LIMITS, people=People((Person("Ada"), Person("Bob"))), policy=POLICY)
        self.acting = ActingDesk(desk, mischief=Mischief(**shares, reject=0.1, seed=7))
        self.sent = list(self.acting.sent)
        self.n_trades = 0
        self.price = 300.0
        self.open()
        self.wait(2.0)

    def open(self) -> None:
        desk = self.acting.desk
        desk.engine.use_window(random_window(len(desk.universe.codes), 60, 7, {0: 300.0, 1: 60.0}))
        self.acting.hear(desk.open())
        self.tick()

    @property
    def shown(self) -> list[str]:
        return list(self.acting.standings)

    def pick(self, which: int) -> str:
        return self.shown[-1 - which % len(self.shown)] if self.shown else "P-none"

    @rule(change=st.sampled_from([-0.12, -0.06, -0.02, 0.0, 0.05, 0.12]))
    def move(self, change: float) -> None:
        self.price = min(max(self.price * (1.0 + change), 150.0), 450.0)
        self.tick()

    def tick(self) -> None:
        """Let both instruments trade, with their books: without these no cost is known."""
        desk = self.acting.desk
        rows = rows_of([desk.row("AAPL.US", self.price), desk.row("XOM.US", self.price / 5.0)])
        depths = tuple(self.acting.depth_of(code) for code in HELD)
        self.acting.hear(desk.engine.apply(TickBatch(rows, depths=depths), desk.now_ns))

    @rule(seconds=st.sampled_from([0.5, 2.0, 8.0]))
    def wait(self, seconds: float) -> None:
        for _ in range(int(seconds * 2)):
            self.acting.pass_time(0.5)
            self.tick()

    @rule()
    def approve_the_newest(self) -> None:
        self.acting.approve(self.pick(0), "Ada")
        self.acting.confirm(self.pick(0), "Bob")

    @rule(which=WHICH, person=st.sampled_from(["Ada", "Bob", "nobody"]))
    def approve(self, which: int, person: str) -> None:
        self.acting.approve(self.pick(which), person)

    @rule(which=WHICH, person=st.sampled_from(["Ada", "Bob"]))
    def confirm(self, which: int, person: str) -> None:
        self.acting.confirm(self.pick(which), person)

    @rule(which=WHICH)
    def reject(self, which: int) -> None:
        self.acting.ask(ProposalRejected(f"R-{self.pick(which)}", self.pick(which), "Bob", WHY))

    @rule(kind=st.sampled_from([DecisionKind.ACKNOWLEDGE, DecisionKind.OVERRIDE]), which=WHICH)
    def decide(self, kind: DecisionKind, which: int) -> None:
        breaches = self.acting.desk.snapshot.breaches
        if breaches:
            breach = breaches[which % len(breaches)]
            number = len(self.acting.events)
            decision = Decision(f"d{number}", kind, breach.breach_id, "Ada", WHY)
            self.acting.hear(self.acting.desk.engine.decide(decision, self.acting.desk.now_ns))

    @rule(which=WHICH)
    def ask_for_plan(self, which: int) -> None:
        breaches = self.acting.desk.snapshot.breaches
        if breaches:
            self.acting.ask(ProposalAsked(breaches[which % len(breaches)].breach_id, "Ada"))

    @rule(state=st.sampled_from([*TradingState, TradingState.ACTIVE, TradingState.ACTIVE]))
    def turn(self, state: TradingState) -> None:
        self.acting.ask(TradingStateAsked(state, "Ada", WHY))

    @rule()
    def cancel_all(self) -> None:
        live = self.acting.desk.engine._actions._orders.desk.live
        self.acting.ask(CancelAsked(tuple(order.client_id for order in live), "Ada"))

    @rule(quantity=st.sampled_from([-50, 25]))
    def trade_by_hand(self, quantity: int) -> None:
        self.n_trades += 1
        trade = TradeEntered(
            event_id=f"T-{self.n_trades}",
            code="AAPL.US",
            quantity=Decimal(quantity),
            price=Decimal(str(round(self.price, 2))),
        )
        self.acting.ask(BookEventAsked(trade))

    @rule(kind=st.sampled_from(["order", "episode", "proposal", "proposal_decision", "book_event", ""]))
    def let_the_journal_fail(self, kind: str) -> None:
        """No row of a kind, or none at all, can be written until somebody mends it."""
        self.acting.desk.journal.fails = lambda each: kind in {"", each}

    @rule()
    def mend_the_journal(self) -> None:
        self.acting.desk.journal.fails = lambda _kind: False

    @rule(is_open=st.booleans())
    def turn_the_line(self, *, is_open: bool) -> None:
        said = ConnectionChanged(is_open=is_open, words="the dice")
        self.acting.hear(self.acting.desk.engine.take_broker(said, self.acting.desk.now_ns))

    @rule()
    def restart(self) -> None:
        self.mend_the_journal()
        old = self.acting
        self.acting = ActingDesk(old.desk.restarted(), broker=old.broker)
        self.acting.broker._depth_of = self.acting.depth_of
        self.acting.sent = old.sent
        self.open()

    @invariant()
    def no_order_goes_without_a_journalled_decision_and_none_twice(self) -> None:
        new = self.acting.sent[len(self.sent) :]
        rows = list(self.acting.desk.journal.rows(("proposal_decision",)))
        executed = {
            row.body["decision_id"]
            for row in rows
            if ProposalState(str(row.body["state"])).was_executed and row.body["decision_id"]
        }
        for order in new:
            assert order.decision_id.split("/")[0] in executed
        ids = [order.client_id for order in self.acting.sent]
        assert len(ids) == len(set(ids))
        self.sent = list(self.acting.sent)

    @invariant()
    def each_order_obeyed_the_trading_state_in_force_and_none_turns_a_position_around(self) -> None:
        state = TradingState.ACTIVE
        held = {code: Decimal(quantity) for code, (quantity, _) in HELD.items()}
        handed = {order.client_id for order in self.acting.sent}
        for row in self.acting.desk.journal.rows(("trading_state", "order", "book_event")):
            if row.kind == "trading_state":
                state = TradingState(str(row.body["state"]))
            elif row.kind == "book_event":
                event = row.body
                code = str(event.get("code", ""))
                if code in held and event.get("event") == "trade":
                    held[code] += Decimal(str(event["quantity"]))
            elif row.body["client_id"] in handed and row.body["state"] == "sent":
                assert state is not TradingState.HALTED
                if not row.body.get("fill_id"):
                    code, quantity = str(row.body["code"]), Decimal(str(row.body["quantity"]))
                    assert held[code] * quantity < 0
                    assert abs(quantity) <= abs(held[code])

    def teardown(self) -> None:
        """After the storm broker and book agree: the start, what was entered, and every fill."""
        if not hasattr(self, "acting"):
            return
        broker = self.acting.broker
        broker._mischief = Mischief()
        self.mend_the_journal()
        self.turn_the_line(is_open=True)
        orders = self.acting.desk.engine._actions._orders
        for _ in range(90):
            if not orders.desk.live and not orders._sweep.owes(orders.desk.orders):
                break
            self.acting.ask(CancelAsked(tuple(o.client_id for o in orders.desk.live), "Ada"))
            self.acting.pass_time(8.0)
        assert not orders.desk.live
        assert self.acting.held == broker._record.positions()


TestActions = Actions.TestCase
TestActions.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
