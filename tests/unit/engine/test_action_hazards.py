"""Ways in which an order could go out twice, too late, too large or unseen; each of them is closed."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from fakes.acting_desk import ActingDesk
from fakes.trading_desk import Desk, book_of, random_window, rows_of
from plimsoll.domain.breach import BreachState
from plimsoll.domain.broker_event import ConnectionChanged
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.desk_request import CancelAsked, TradingStateAsked
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.order import OrderState
from plimsoll.domain.person import People, Person
from plimsoll.domain.proposal import Plan, PlanLeg
from plimsoll.domain.proposal_request import ProposalAsked, ProposalRejected
from plimsoll.domain.proposal_standing import ProposalState
from plimsoll.domain.response_policy import Autonomy, PlanKind, PolicyRule, Response, ResponsePolicy
from plimsoll.domain.tick import TickBatch
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.instant import Instant
from plimsoll.engine.order_desk import Leg, OrderDesk
from plimsoll.engine.plan_change import chosen_plan
from plimsoll.engine.response_desk import Release

M, A, K, S = Measure, Autonomy, PlanKind, ProposalState
GROSS = Limit("gross", "Gross exposure", M.GROSS_EXPOSURE, 400_000.0, Severity.HIGH)
NET = Limit("net", "Net exposure", M.NET_EXPOSURE, 300_000.0, Severity.HIGH)
HELD = {"AAPL.US": (1000, 280.0), "XOM.US": (2000, 55.0)}
CUT = Response("cut", K.CHEAPEST_CUT)
FLAT = Response("flat", K.FLATTEN)
COUNTED = Response("half", K.UNIFORM_REDUCTION, A.PROPOSE_AND_EXECUTE_AFTER, countdown_s=10.0)
TWO = People((Person("Ada"), Person("Bob")))
WHY = "because the test says so"


def desk_with(response: Response = CUT, *limits: Limit, **more: object) -> ActingDesk:
    policy = ResponsePolicy((response,), (PolicyRule(response.name),))
    desk = Desk(book_of(HELD), limits or (GROSS,), people=TWO, policy=policy)
    acting = ActingDesk(desk, **more)
    desk.engine.use_window(random_window(len(desk.universe.codes), 300, 7, {0: 300.0, 1: 60.0}))
    tick(acting)
    for _ in range(4):
        acting.pass_time(0.5)
        tick(acting)
    return acting


def tick(acting: ActingDesk) -> None:
    """Let both trade, with their books: without these no cost is known."""
    desk = acting.desk
    rows = rows_of([desk.row("AAPL.US", 300.0), desk.row("XOM.US", 60.0)])
    depths = tuple(acting.depth_of(code) for code in HELD)
    acting.hear(desk.engine.apply(TickBatch(rows, depths=depths), desk.now_ns))


def wait(acting: ActingDesk, seconds: float) -> None:
    for _ in range(int(seconds * 2)):
        acting.pass_time(0.5)
        tick(acting)


def newest(acting: ActingDesk) -> str:
    return acting.open_proposals[-1].proposal.proposal_id


def fail_at(kind: str, nth: int = 1) -> Callable[[str], bool]:
    """Return a journal's bad day: the nth row of a kind and all after it are not written."""
    seen = [0]

    def fails(each: str) -> bool:
        seen[0] += each == kind
        return each == kind and seen[0] >= nth

    return fails


def healthy(_kind: str) -> bool:
    return False


def test_that_a_second_approval_before_the_first_has_filled_never_turns_the_book_around() -> None:
    acting = desk_with(FLAT, GROSS, NET)
    first, second = (each.proposal.proposal_id for each in acting.open_proposals)
    assert acting.approve(first) == ""
    assert "went out since" in acting.approve(second)
    wait(acting, 5.0)
    assert acting.held == {}
    assert acting.n_sent == 2


def test_that_an_order_planned_to_close_is_not_sent_once_it_would_open_whatever_the_state() -> None:
    acting = desk_with()
    desk = OrderDesk(acting.desk.journal)
    instant = Instant(acting.desk.exchange_ns, acting.desk.now_ns)
    closing = (Leg("AAPL.US", Decimal(-600), only_closes=True),)
    sent = desk.release("D-1", closing, lambda _: Decimal(1000), instant)
    denied = desk.release("D-2", closing, lambda _: Decimal(1000), instant)
    gone = desk.release("D-3", closing, lambda _: Decimal(0), instant)
    assert [order.state for order in desk.orders] == [OrderState.SENT, *[OrderState.REJECTED] * 2]
    assert (len(sent), len(denied), len(gone)) == (1, 1, 1)


def test_that_a_hand_cannot_make_more_of_a_closing_order_than_there_is_to_close() -> None:
    acting = desk_with()
    (standing,) = acting.open_proposals
    leg = standing.proposal.plan.legs[0]
    much = ((leg.code, -2 * leg.held),)
    assert "expected at most" in acting.approve(newest(acting), quantities=much, reason=WHY)
    assert acting.n_sent == 0


def test_that_a_whole_odd_lot_may_be_closed_by_hand_and_a_leg_taken_out_is_out_for_good() -> None:
    acting = desk_with()
    proposal = acting.open_proposals[0].proposal
    leg = PlanLeg("AAPL.US", Decimal(-100), None, 300.0, Decimal(1050), 30_000.0)
    later = replace(leg, not_before_ns=1)
    plan = Plan("test", (leg, replace(leg, code="XOM.US")), (later,))
    lots = {"AAPL.US": Decimal(100), "XOM.US": Decimal(100)}
    of = replace(proposal, plan=plan)
    whole = chosen_plan(of, 0, (("AAPL.US", Decimal(-1050)),), lots)
    assert whole.legs[0].quantity == -1050
    out = chosen_plan(of, 0, (("AAPL.US", Decimal(0)),), lots)
    assert [each.code for each in out.all_legs] == ["XOM.US"]


def test_that_nothing_is_decided_while_the_broker_cannot_be_reached() -> None:
    acting = desk_with()
    away = ConnectionChanged(is_open=False, words="the door would not open")
    acting.hear(acting.desk.engine.take_broker(away, acting.desk.now_ns))
    assert "the door would not open" in acting.approve(newest(acting))
    assert acting.n_sent == 0


@pytest.mark.parametrize(("kind", "nth"), [("episode", 1), ("order", 1), ("order", 2)])
def test_that_an_approval_the_journal_cuts_short_sends_nothing_and_says_so(kind: str, nth: int) -> None:
    acting = desk_with(FLAT)
    proposal_id = newest(acting)
    acting.desk.journal.fails = fail_at(kind, nth)
    acting.approve(proposal_id)
    acting.desk.journal.fails = healthy
    assert acting.n_sent == 0
    assert acting.standings[proposal_id].state is S.INTERRUPTED
    assert any("cut short" in text for text in acting.told)
    wait(acting, 10.0)
    assert acting.n_sent == 0
    assert acting.held == {code: Decimal(quantity) for code, (quantity, _) in HELD.items()}


def test_that_a_plan_the_journal_could_not_take_is_made_again() -> None:
    policy_desk = desk_with(replace(CUT, expires_s=1.0))
    policy_desk.desk.journal.fails = fail_at("proposal")
    wait(policy_desk, 35.0)
    policy_desk.desk.journal.fails = healthy
    wait(policy_desk, 35.0)
    assert policy_desk.open_proposals


def test_that_a_breach_whose_episode_could_not_be_written_is_planned_for_later() -> None:
    policy = ResponsePolicy((CUT,), (PolicyRule("cut"),))
    acting = ActingDesk(Desk(book_of(HELD), (GROSS,), people=TWO, policy=policy))
    acting.desk.journal.fails = fail_at("episode")
    acting.desk.engine.use_window(random_window(len(acting.desk.universe.codes), 300, 7, {0: 300.0, 1: 60.0}))
    tick(acting)
    wait(acting, 2.0)
    assert not acting.open_proposals
    acting.desk.journal.fails = healthy
    wait(acting, 35.0)
    assert acting.open_proposals


def test_that_a_breach_that_eases_while_the_journal_is_down_ends_its_proposal_all_the_same() -> None:
    acting = desk_with(replace(CUT, expires_s=1000.0))
    proposal_id = newest(acting)
    acting.desk.journal.fails = fail_at("proposal_decision")
    for _ in range(4):
        acting.hear(acting.desk.open(**{"AAPL.US": 200.0}))
        acting.pass_time(4.0)
    acting.desk.journal.fails = healthy
    acting.pass_time(1.0)
    assert acting.standings[proposal_id].state is S.OUTDATED
    assert acting.n_sent == 0


def test_that_a_countdown_nobody_could_stop_for_want_of_the_journal_sends_nothing() -> None:
    acting = desk_with(COUNTED)
    proposal_id = newest(acting)
    assert acting.standings[proposal_id].proposal.executes_ns
    acting.desk.journal.fails = lambda _kind: True
    assert "journal" in acting.ask(ProposalRejected("R", proposal_id, "Ada", WHY))
    wait(acting, 11.0)
    acting.desk.journal.fails = healthy
    wait(acting, 2.0)
    assert acting.n_sent == 0
    assert acting.standings[proposal_id].state is S.OUTDATED


def test_that_an_override_the_journal_refused_lets_the_countdown_begin_anew() -> None:
    acting = desk_with(COUNTED)
    acting.desk.journal.fails = lambda _kind: True
    override = Decision("O-1", DecisionKind.OVERRIDE, "B-0001", "Ada", WHY)
    acting.hear(acting.desk.engine.decide(override, acting.desk.now_ns))
    acting.desk.journal.fails = healthy
    wait(acting, 9.0)
    assert acting.n_sent == 0
    assert acting.standings["P-0001"].state is S.OUTDATED


def test_that_a_countdown_during_which_the_desk_slept_begins_anew() -> None:
    acting = desk_with(COUNTED)
    acting.desk.pass_time(12.0)  # a lid was closed: no beat in between
    acting.desk.engine.note_gap()
    tick(acting)
    wait(acting, 1.0)
    assert acting.n_sent == 0
    wait(acting, 15.0)
    assert acting.n_sent > 0


def test_that_a_market_that_has_closed_since_refuses_an_approval() -> None:
    acting = desk_with()
    sessions = acting.desk.engine._gate.sessions
    is_open = sessions.is_open(acting.desk.now_ns)
    sessions.is_open = lambda _now_ns: is_open & False  # type: ignore[method-assign]
    assert "has closed" in acting.approve(newest(acting))
    assert acting.n_sent == 0


def test_that_a_policy_made_stricter_holds_for_what_is_already_shown() -> None:
    acting = desk_with()
    desk = acting.desk.engine._actions
    stricter = ResponsePolicy((replace(CUT, two_persons=True),), (PolicyRule("cut"),))
    desk._asker.take_policy(stricter)
    assert acting.approve(newest(acting)) == ""
    assert acting.n_sent == 0
    desk._asker.take_policy(ResponsePolicy((FLAT,), (PolicyRule("flat"),)))
    assert "policy" in acting.confirm("P-0001", "Bob")
    assert acting.n_sent == 0


def test_that_a_halt_ends_what_was_still_to_be_sent_later() -> None:
    acting = desk_with()
    orders = acting.desk.engine._actions._orders
    instant = Instant(acting.desk.exchange_ns, acting.desk.now_ns)
    later = Release("D-1/1", acting.desk.exchange_ns + 5_000_000_000, (Leg("AAPL.US", Decimal(-10)),))
    orders.release("B-0001", (later,), {}, instant)
    acting.ask(TradingStateAsked(TradingState.HALTED, "Ada", WHY))
    acting.ask(TradingStateAsked(TradingState.ACTIVE, "Ada", WHY))
    wait(acting, 8.0)
    assert acting.n_sent == 0
    assert any("not sent" in text and "HALTED" in text for text in acting.told)


def test_that_an_approval_acknowledges_its_breach_by_the_approvers_name() -> None:
    acting = desk_with()
    assert acting.approve(newest(acting)) == ""
    rows = list(acting.desk.journal.rows(("decision",)))
    assert [(row.person, row.body["breach_id"]) for row in rows] == [("Ada", "B-0001")]
    (breach,) = acting.desk.snapshot.breaches
    assert breach.state is BreachState.ACKNOWLEDGED


def test_that_what_goes_out_alone_acknowledges_nothing() -> None:
    acting = desk_with(COUNTED)
    wait(acting, 11.0)
    assert acting.n_sent > 0
    assert not list(acting.desk.journal.rows(("decision",)))


def test_that_no_further_plan_is_made_while_orders_of_the_last_decision_work() -> None:
    acting = desk_with()
    acting.broker._depth_of = lambda code: replace(acting.depth_of(code), received_time_ns=0)  # no fill
    assert acting.approve(newest(acting)) == ""
    wait(acting, 1.0)
    n_made = len(acting.standings)
    assert "still work" in acting.ask(ProposalAsked("B-0001", "Ada"))
    wait(acting, 20.0)
    assert len(acting.standings) == n_made
    again = ActingDesk(acting.desk.restarted(), broker=acting.broker)
    again.desk.engine.use_window(random_window(len(again.desk.universe.codes), 300, 7, {0: 300.0, 1: 60.0}))
    tick(again)
    wait(again, 5.0)
    assert not again.open_proposals


def test_that_a_clock_set_back_stops_no_question() -> None:
    acting = desk_with()
    acting.broker.send = lambda _order, _now_ns: None  # lost on the way
    acting.approve(newest(acting))
    acting.desk.now_ns -= 3_600_000_000_000
    wait(acting, 12.0)
    states = {order.state for order in acting.desk.engine._actions._orders.desk.orders}
    assert states == {OrderState.LOST}


def test_that_what_may_go_at_once_and_cannot_waits_for_a_person_and_is_not_planned_on_and_on() -> None:
    alone = replace(FLAT, autonomy=A.EXECUTE_AT_ONCE)
    policy = ResponsePolicy((alone,), (PolicyRule("flat"),))
    desk = Desk(book_of(HELD), (GROSS,), people=TWO, policy=policy)
    acting = ActingDesk(desk)
    away = ConnectionChanged(is_open=False, words="the line is down")
    acting.hear(desk.engine.take_broker(away, desk.now_ns))
    desk.engine.use_window(random_window(len(desk.universe.codes), 300, 7, {0: 300.0, 1: 60.0}))
    for _ in range(10):
        tick(acting)
        acting.pass_time(0.5)
    (standing,) = acting.standings.values()
    assert standing.state is S.OPEN
    assert any("the line is down" in why for why in standing.proposal.why_not_automatic)
    assert acting.n_sent == 0


def test_that_the_runaway_is_impossible_by_hand_too() -> None:
    """The tutorial's 1000 → 500 → 250: a share is of what was held at the breach, whoever asks again."""
    loss = Limit("loss", "Daily loss", M.DAILY_LOSS, 1_000.0, Severity.CRITICAL)
    half = Response("half", K.UNIFORM_REDUCTION, loss_budget_fraction=0.01)
    acting = desk_with(half, loss)
    desk = acting.desk
    for _ in range(3):
        rows = rows_of([desk.row("AAPL.US", 290.0), desk.row("XOM.US", 60.0)])
        depths = tuple(acting.depth_of(code) for code in HELD)
        acting.hear(desk.engine.apply(TickBatch(rows, depths=depths), desk.now_ns))
        acting.pass_time(2.0)
        acting.ask(ProposalAsked("B-0001", "Ada"))
        acting.pass_time(2.0)
        for standing in acting.open_proposals:
            acting.approve(standing.proposal.proposal_id)
        acting.pass_time(10.0)
    assert acting.held == {"AAPL.US": 500, "XOM.US": 1000}


def test_that_a_cancel_the_journal_cut_short_is_asked_about_and_can_be_asked_for_again() -> None:
    acting = desk_with(FLAT)
    acting.broker._depth_of = lambda code: replace(acting.depth_of(code), received_time_ns=0)  # no fill
    acting.approve(newest(acting))
    wait(acting, 1.0)
    orders = acting.desk.engine._actions._orders.desk
    ids = tuple(order.client_id for order in orders.live)
    acting.desk.journal.fails = fail_at("order", 2)
    assert "journal" in acting.ask(CancelAsked(ids, "Ada"))
    acting.desk.journal.fails = healthy
    wait(acting, 5.0)
    assert {order.state for order in orders.orders} == {OrderState.WORKING}
    assert acting.ask(CancelAsked(ids, "Ada")) == ""
    wait(acting, 2.0)
    assert {order.state for order in orders.orders} == {OrderState.CANCELLED}
