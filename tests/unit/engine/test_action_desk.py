"""From the breach to the fill: proposed, bound to its evidence, decided once, sent once, verified."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from fakes.acting_desk import ActingDesk
from fakes.trading_desk import Desk, book_of, random_window, rows_of
from plimsoll.domain.book_event import TradeEntered
from plimsoll.domain.desk_request import BookEventAsked, TradingStateAsked
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.order import OrderState
from plimsoll.domain.person import People, Person, Right
from plimsoll.domain.policy_change import PolicyChangeAsked
from plimsoll.domain.proposal_request import ProposalAsked, ProposalRejected, WhatIfAsked
from plimsoll.domain.proposal_standing import ProposalState
from plimsoll.domain.response_policy import Autonomy, PlanKind, PolicyRule, Response, ResponsePolicy
from plimsoll.domain.tick import TickBatch
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.events import OrderSaid, PolicyChanged, ProposalChanged, RequestTaken
from plimsoll.engine.order_event import OrderChanged

M, A, K, S = Measure, Autonomy, PlanKind, ProposalState
GROSS = Limit("gross", "Gross exposure", M.GROSS_EXPOSURE, 400_000.0, Severity.HIGH)
HELD = {"AAPL.US": (1000, 280.0), "XOM.US": (2000, 55.0)}
"""Worth 420 000 at the prices of the fakes: 20 000 over the line."""
CUT = Response("cut", K.CHEAPEST_CUT)
HALF = Response("half", K.UNIFORM_REDUCTION)
TWO = People((Person("Ada"), Person("Bob"), Person("Cy", frozenset({Right.ACKNOWLEDGE}))))


def desk_with(
    response: Response = CUT, limit: Limit = GROSS, people: People = TWO, **more: object
) -> ActingDesk:
    policy = ResponsePolicy((response,), (PolicyRule(response.name),))
    desk = Desk(book_of(HELD), (limit,), people=people, policy=policy)
    acting = ActingDesk(desk, **more)
    window = random_window(len(desk.universe.codes), 300, 7, {0: 300.0, 1: 60.0})
    desk.engine.use_window(window)
    acting.hear(desk.open())
    acting.pass_time(2.0)
    return acting


def newest(acting: ActingDesk) -> str:
    return acting.open_proposals[-1].proposal.proposal_id


def test_that_a_breach_leads_to_a_proposal_and_an_approval_to_fills_that_bring_it_under_its_line() -> None:
    acting = desk_with()
    assert len(acting.open_proposals) == 1
    assert acting.n_sent == 0
    assert acting.approve(newest(acting)) == ""
    acting.pass_time(10.0)
    (standing,) = [each for each in acting.standings.values() if each.state is S.APPROVED]
    assert standing.person == "Ada"
    assert acting.n_sent == len(standing.proposal.plan.legs) > 0
    for leg in standing.proposal.plan.legs:
        assert acting.held[leg.code] == Decimal(HELD[leg.code][0]) + leg.quantity
    assert acting.desk.snapshot.gross < 400_000.0


def test_that_an_approval_is_carried_out_once_however_often_it_comes() -> None:
    acting = desk_with()
    proposal_id = newest(acting)
    assert acting.approve(proposal_id) == ""
    n_sent = acting.n_sent
    assert "already" in acting.approve(proposal_id)
    assert "already" in acting.approve(proposal_id, decision_id="another")
    acting.pass_time(10.0)
    assert acting.n_sent == n_sent


def test_that_an_approval_of_a_book_that_has_changed_is_refused_and_worked_out_again() -> None:
    acting = desk_with()
    first = newest(acting)
    trade = TradeEntered(event_id="T-1", code="AAPL.US", quantity=Decimal(10), price=Decimal(300))
    assert acting.ask(BookEventAsked(trade)) == ""
    assert "the book was version" in acting.approve(first)
    acting.pass_time(1.0)
    assert acting.standings[first].state is S.OUTDATED
    assert newest(acting) != first
    assert acting.n_sent == 0
    assert acting.approve(newest(acting)) == ""


def test_that_a_price_out_of_its_band_a_stale_price_and_age_each_refuse_an_approval() -> None:
    acting = desk_with()
    proposal_id = newest(acting)
    acting.hear(acting.desk.trade({"AAPL.US": 303.5, "XOM.US": 61.0}))
    assert "outside" in acting.approve(proposal_id)
    acting = desk_with()
    proposal_id = newest(acting)
    acting.pass_time(100.0)
    assert "without a price" in acting.approve(proposal_id)
    acting = desk_with(replace(CUT, expires_s=1.0))
    acting.pass_time(31.0)
    assert acting.standings["P-0001"].state is S.OUTDATED
    assert len(acting.standings) > 1


def test_that_two_persons_are_needed_where_the_response_says_so_and_that_they_are_two() -> None:
    acting = desk_with(replace(CUT, two_persons=True))
    proposal_id = newest(acting)
    assert acting.approve(proposal_id) == ""
    assert acting.standings[proposal_id].state is S.AWAITS_SECOND
    assert acting.n_sent == 0
    assert "a second person" in acting.confirm(proposal_id, "ada ") or acting.n_sent == 0
    assert "no right" in acting.confirm(proposal_id, "Cy")
    assert acting.n_sent == 0
    assert acting.confirm(proposal_id, "Bob") == ""
    assert acting.standings[proposal_id].second == "Bob"
    assert acting.n_sent > 0


def test_that_without_a_people_file_what_needs_two_is_refused_with_that_reason() -> None:
    alone = People((Person("Ada"),), is_from_file=False)
    acting = desk_with(replace(CUT, two_persons=True), people=alone)
    assert "people.toml" in acting.approve(newest(acting))
    assert acting.n_sent == 0


def test_that_only_who_has_the_right_approves() -> None:
    acting = desk_with()
    assert "no right to approve" in acting.approve(newest(acting), "Cy")
    assert "no right to approve" in acting.approve(newest(acting), "a stranger")
    assert acting.n_sent == 0


def test_that_a_changed_plan_needs_a_reason_and_sends_what_was_typed() -> None:
    acting = desk_with()
    (standing,) = acting.open_proposals
    leg = standing.proposal.plan.legs[0]
    other = ((leg.code, Decimal(int(leg.quantity) // 2)),)
    assert "reason" in acting.approve(newest(acting), quantities=other)
    assert "turn it around" in acting.approve(newest(acting), quantities=((leg.code, -leg.quantity),))
    assert "whole lots" in acting.approve(newest(acting), quantities=((leg.code, leg.quantity / 3),))
    assert acting.n_sent == 0
    acting.approve(newest(acting), quantities=other, reason="half is enough for now")
    (changed,) = [each for each in acting.standings.values() if each.state is S.CHANGED]
    assert changed.decided.legs[0].quantity == other[0][1]


def test_that_a_what_if_of_a_changed_plan_is_answered_at_live_prices() -> None:
    acting = desk_with()
    (standing,) = acting.open_proposals
    proposal = standing.proposal
    acting.hear(acting.desk.engine.what_if(WhatIfAsked("W", proposal.proposal_id), acting.desk.now_ns))
    (answer,) = acting.answers
    assert answer.answer.what_if.gross_after == pytest.approx(proposal.what_if.gross_after)


def test_that_a_rejection_needs_a_reason_and_leaves_the_breach_open() -> None:
    acting = desk_with()
    proposal_id = newest(acting)
    assert "reason" in acting.ask(ProposalRejected("R", proposal_id, "Ada", "no"))
    assert acting.ask(ProposalRejected("R", proposal_id, "Ada", "the market is thin now")) == ""
    assert acting.standings[proposal_id].state is S.REJECTED
    assert acting.desk.snapshot.n_open_breaches == 1
    assert acting.ask(ProposalAsked("B-0001", "Ada")) == ""
    assert newest(acting) != proposal_id


def test_that_a_countdown_executes_once_and_an_episode_is_never_acted_on_alone_twice() -> None:
    """The tutorial's runaway halves 1000 to 500 to 250 and on; here one episode acts alone once."""
    limit = Limit("loss", "Daily loss", M.DAILY_LOSS, 1_000.0, Severity.CRITICAL)
    alone = replace(HALF, autonomy=A.EXECUTE_AT_ONCE, loss_budget_fraction=0.01)
    acting = desk_with(alone, limit)
    for price in (300.0, 300.0, *[290.0] * 8):  # quoted a while before the fall: else no cost is known
        desk = acting.desk
        depths = tuple(acting.depth_of(code) for code in HELD)
        rows = rows_of([desk.row("AAPL.US", price), desk.row("XOM.US", 60.0)])
        acting.hear(desk.engine.apply(TickBatch(rows, depths=depths), desk.now_ns))
        acting.pass_time(10.0)
    executed = [each for each in acting.standings.values() if each.state is S.EXECUTED_ALONE]
    assert len(executed) == 1
    assert acting.held == {"AAPL.US": 500, "XOM.US": 1000}


def test_that_halted_sends_nothing_and_going_back_needs_a_right_and_a_reason() -> None:
    acting = desk_with()
    state = TradingState
    assert acting.ask(TradingStateAsked(state.HALTED, "Cy", "the broker behaves oddly")) == ""
    assert "HALTED" in acting.approve(newest(acting))
    assert "no right" in acting.ask(TradingStateAsked(state.ACTIVE, "Cy", "it is over, I think"))
    assert "reason" in acting.ask(TradingStateAsked(state.ACTIVE, "Ada", "ok"))
    assert acting.ask(TradingStateAsked(state.ACTIVE, "Ada", "the broker is well again")) == ""
    assert acting.approve(newest(acting)) == ""


def test_that_broker_and_book_are_compared_and_a_trade_by_hand_is_known_to_the_paper_broker() -> None:
    acting = desk_with()
    trade = TradeEntered(event_id="T-1", code="AAPL.US", quantity=Decimal(10), price=Decimal(300))
    acting.ask(BookEventAsked(trade))
    acting.pass_time(70.0)
    assert acting.desk.engine._actions.mismatch_count(acting.desk.now_ns) == 0.0
    acting.broker.transfer("stray", (("XOM.US", Decimal(-3000)),), acting.desk.now_ns)
    acting.pass_time(70.0)
    assert acting.desk.engine._actions.mismatch_count(acting.desk.now_ns) == 1.0
    assert any("XOM.US" in text and "other side" in text for text in acting.told)


def test_that_after_a_restart_nothing_is_sent_again_and_what_was_cut_short_is_told(tmp_path: Path) -> None:
    acting = desk_with(book_file=tmp_path / "paper.sqlite")
    assert acting.approve(newest(acting)) == ""
    n_orders = acting.n_sent
    again = ActingDesk(acting.desk.restarted(), tmp_path / "paper.sqlite")
    again.hear(again.desk.open())
    again.pass_time(5.0)
    orders = {
        each.said.order.client_id: each.said.order
        for each in again.events
        if isinstance(each, OrderSaid) and isinstance(each.said, OrderChanged)
    }
    assert again.n_sent == 0
    assert len(orders) == n_orders
    assert all(order.state in {OrderState.FILLED, OrderState.LOST} for order in orders.values())


def test_that_a_limit_that_holds_again_ends_its_proposal() -> None:
    acting = desk_with()
    proposal_id = newest(acting)
    for _ in range(4):
        acting.hear(acting.desk.open(**{"AAPL.US": 200.0}))
        acting.pass_time(4.0)
    assert acting.standings[proposal_id].state is S.OUTDATED
    assert "already" in acting.approve(proposal_id)
    assert [e for e in acting.events if isinstance(e, ProposalChanged)]


def test_that_a_changed_policy_answers_the_next_breach_and_outlives_a_restart() -> None:
    desk = Desk(book_of(HELD), (GROSS,), people=TWO)  # without a policy every breach is told and nothing more
    acting = ActingDesk(desk)
    desk.engine.use_window(random_window(len(desk.universe.codes), 300, 7, {0: 300.0, 1: 60.0}))
    acting.hear(desk.open())
    acting.pass_time(2.0)
    assert not acting.open_proposals
    after = ResponsePolicy((CUT,), (PolicyRule("cut"),))
    wish = PolicyChangeAsked("P-1", after, "Bob", "agreed in the risk meeting")
    taken, changed = desk.engine.ask(wish, desk.now_ns)
    assert isinstance(taken, RequestTaken)
    assert changed == PolicyChanged(after, None)
    acting.hear(desk.engine.ask(ProposalAsked("B-0001", "Ada"), desk.now_ns))
    acting.pass_time(2.0)
    assert len(acting.open_proposals) == 1
    alone = replace(after, responses=(replace(CUT, autonomy=A.EXECUTE_AT_ONCE),))
    _, changed = desk.engine.ask(replace(wish, change_id="P-2", after=alone), desk.now_ns)
    assert isinstance(changed, PolicyChanged)
    assert changed.policy == after
    assert changed.pending is not None
    again = desk.restarted()
    again.engine.resume_actions((), again.now_ns)
    told = [event for event in again.beat() if isinstance(event, PolicyChanged)]
    assert [(event.policy, event.pending) for event in told] == [(after, changed.pending)]
    again.pass_time(86_401.0)
    assert PolicyChanged(alone, None) in again.beat()


def test_that_a_limit_with_an_open_breach_is_not_called_newly_broken_by_its_own_plan() -> None:
    """Back within its line by half a dollar, which the cost of any plan takes: but broken it is already."""
    limit = Limit("loss", "Daily loss", M.DAILY_LOSS, 1_000.0, Severity.HIGH)
    acting = desk_with(CUT, limit)
    for price in (300.0, 300.0, 298.0, 299.0005):
        rows = rows_of([acting.desk.row("AAPL.US", price), acting.desk.row("XOM.US", 60.0)])
        depths = tuple(acting.depth_of(code) for code in HELD)
        acting.hear(acting.desk.engine.apply(TickBatch(rows, depths=depths), acting.desk.now_ns))
        acting.pass_time(0.0 if price == 298.0 else 3.0)
    assert acting.desk.snapshot.n_open_breaches == 1
    assert acting.ask(ProposalAsked("B-0001", "Ada")) == ""
    proposal = acting.open_proposals[-1].proposal
    effect = proposal.what_if.effect("loss")
    assert effect.before < 1_000.0 < effect.before + proposal.what_if.cost_base
    assert proposal.what_if.newly_broken == ()
