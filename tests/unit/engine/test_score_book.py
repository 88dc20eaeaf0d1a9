"""Scores come from the journal's rows alone: what was done, what was proposed, and prices after."""

import math
from decimal import Decimal

import pytest

from fakes.acting_desk import ActingDesk
from fakes.score_case import LIMIT, ScoreCase, plan_of
from fakes.trading_desk import Desk, book_of, random_window
from plimsoll.domain.book_event import FeePaid, event_body, event_from
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.order import Order, OrderState
from plimsoll.domain.proposal_standing import ProposalState
from plimsoll.domain.response_policy import PlanKind, PolicyRule, Response, ResponsePolicy
from plimsoll.domain.score import Horizon, ProposalScore, Scoreboard
from plimsoll.engine.order_record import body_of as order_body
from plimsoll.engine.score import PriceAt
from plimsoll.engine.score_book import ROW_KINDS, scoreboard

S_NS = 1_000_000_000
MONDAY = 1_582_554_600 * S_NS  # 2020-02-24 14:30 UTC
HOUR = 3600 * S_NS
LATE = MONDAY + 30 * 24 * HOUR


def falling(code: str, exchange_ns: int) -> float:
    """Return ten at the decision, and a unit less with every hour."""
    del code
    return max(10.0 - (exchange_ns - MONDAY) / HOUR, 1.0)


def board_of(case: ScoreCase, price_at: PriceAt = falling, now_ns: int = LATE) -> Scoreboard:
    return scoreboard(case.journal.rows(ROW_KINDS), price_at, now_ns, {"A.US": 1.0}, "USD")


def decided(state: str, **facts: object) -> ScoreCase:
    case = ScoreCase()
    case.breach("B-0001", MONDAY - 60 * S_NS, eased_ns=MONDAY + 240 * S_NS)
    case.propose("P-1", MONDAY - 30 * S_NS)
    case.decide("P-1", state, MONDAY, **facts)  # type: ignore[arg-type]  by field name
    return case


def only(board: Scoreboard) -> ProposalScore:
    (score,) = board.scores
    return score


def test_that_an_approved_plan_is_scored_against_nothing_and_against_itself_as_proposed() -> None:
    case = decided("approved", decided=plan_of())
    case.fill("P-1", "F-1", -60, "9.9", MONDAY + S_NS, fee="1")
    case.fill("P-1", "F-2", -40, "9.8", MONDAY + 2 * S_NS, part="/1")
    score = only(board_of(case))
    assert (score.title, score.planner, score.person) == ("VaR of the book", "cheapest cut", "M. Kurz")
    hour = score.at(Horizon.HOUR)
    assert hour.acted_base == pytest.approx(60 * 0.9 + 40 * 0.8 - 1.0)
    assert hour.plan_base == pytest.approx(100.0 - 4.0)
    assert hour.against_plan_base == pytest.approx(85.0 - 96.0)
    assert score.decision_base(Horizon.HOUR) == hour.acted_base
    assert score.slippage_base == pytest.approx(60 * 0.1 + 40 * 0.2)
    assert (score.fees_base, score.n_fills) == (1.0, 2)


def test_that_a_changed_plan_is_set_against_the_one_proposed() -> None:
    case = decided("changed", decided=plan_of(-50))
    case.fill("P-1", "F-1", -50, "10", MONDAY + S_NS)
    hour = only(board_of(case)).at(Horizon.HOUR)
    assert hour.acted_base == pytest.approx(50.0)
    assert hour.against_plan_base == pytest.approx(50.0 - 96.0)


@pytest.mark.parametrize("state", ["rejected", "overridden", "outdated", "interrupted"])
def test_that_what_was_not_done_is_worth_what_the_plan_would_have_lost(state: str) -> None:
    score = only(board_of(decided(state)))
    hour = score.at(Horizon.HOUR)
    assert (hour.acted_base, hour.plan_base) == (0.0, pytest.approx(96.0))
    assert score.decision_base(Horizon.HOUR) == pytest.approx(-96.0)
    assert score.state is ProposalState(state)


def test_that_a_horizon_not_reached_is_unknown_and_says_not_yet() -> None:
    board = board_of(decided("rejected"), now_ns=MONDAY + HOUR)
    score = only(board)
    assert not math.isnan(score.at(Horizon.HOUR).acted_base)
    for horizon in (Horizon.DAY, Horizon.WEEK):
        assert math.isnan(score.at(horizon).acted_base)
        assert score.at(horizon).why_unknown == "not yet"
    assert board.by_rule(Horizon.DAY)[0].n_known == 0
    assert math.isnan(board.by_rule(Horizon.DAY)[0].mean_base)


def test_that_a_price_nobody_kept_is_named_and_nothing_is_made_of_it() -> None:
    case = decided("approved", decided=plan_of())
    case.fill("P-1", "F-1", -100, "10", MONDAY)
    hour = only(board_of(case, lambda *_: math.nan)).at(Horizon.HOUR)
    assert math.isnan(hour.acted_base)
    assert math.isnan(hour.plan_base)
    assert hour.why_unknown == "no price of A.US was kept for then"


def test_that_a_plan_replaced_by_a_newer_one_of_its_episode_has_no_score_of_its_own() -> None:
    case = ScoreCase()
    case.breach("B-0001", MONDAY)
    case.propose("P-1", MONDAY)
    case.decide("P-1", "outdated", MONDAY, person="")
    case.propose("P-2", MONDAY + S_NS)
    case.decide("P-2", "outdated", MONDAY + 2 * S_NS, person="")
    case.propose("P-3", MONDAY + 3 * S_NS)
    board = board_of(case)
    assert (board.scores, board.n_replaced, board.n_open) == ((), 2, 1)
    case.decide("P-3", "rejected", MONDAY + 4 * S_NS)
    assert [score.proposal_id for score in board_of(case).scores] == ["P-3"]


def test_that_a_plan_nobody_answered_until_the_limit_held_again_has_a_score_though_another_follows() -> None:
    case = ScoreCase()
    case.breach("B-0001", MONDAY - 60 * S_NS)
    case.propose("P-1", MONDAY - 30 * S_NS)
    case.breach("B-0001", MONDAY - 60 * S_NS, eased_ns=MONDAY)
    case.decide("P-1", "outdated", MONDAY, person="", words="the limit holds again")
    case.propose("P-2", MONDAY + HOUR)
    board = board_of(case)
    assert ([score.proposal_id for score in board.scores], board.n_replaced) == (["P-1"], 0)


def test_that_a_fill_taken_back_does_not_count_until_it_is_taken_up_again() -> None:
    case = decided("approved", decided=plan_of())
    case.fill("P-1", "F-1", -100, "10", MONDAY)
    case.undo("F-1", MONDAY + S_NS)
    assert only(board_of(case)).at(Horizon.HOUR).acted_base == 0.0
    case.undo("undo-F-1", MONDAY + 2 * S_NS)
    assert only(board_of(case)).at(Horizon.HOUR).acted_base == pytest.approx(100.0)


def test_that_waiting_for_a_second_person_is_no_end() -> None:
    case = decided("awaits_second")
    assert (board_of(case).scores, board_of(case).n_open) == ((), 1)


def test_that_rows_of_others_and_unknown_proposals_are_passed_over() -> None:
    case = ScoreCase()
    case.decide("P-9", "approved", MONDAY)
    case.write("notice", {"text": "hello"}, MONDAY)
    order = Order("P-1", "D-9", "A.US", Decimal(-1), None, OrderState.SENT)
    case.write("order", order_body(order), MONDAY)
    fee = FeePaid(event_id="X-1", currency="USD", amount=Decimal(1))
    case.write("book_event", event_body(fee), MONDAY)
    board = scoreboard(case.journal.rows(), falling, LATE, {}, "EUR")
    assert (board.scores, board.currency) == ((), "EUR")


def test_that_a_breach_that_worsened_again_has_not_eased() -> None:
    case = ScoreCase()
    case.breach("B-0001", MONDAY, eased_ns=MONDAY + S_NS)
    (past,) = board_of(case).breaches
    assert (past.limit_id, past.eased_ns - past.raised_ns, past.caption) == (LIMIT.limit_id, S_NS, "VaR")
    case.breach("B-0001", MONDAY)
    assert board_of(case).breaches[0].eased_ns == 0


def test_that_rules_and_persons_are_added_up_with_hits_means_and_how_few() -> None:
    case = decided("approved", decided=plan_of())
    case.fill("P-1", "F-1", -100, "10", MONDAY)
    case.breach("B-0002", MONDAY + S_NS)
    case.propose("P-2", MONDAY + S_NS, breach_id="B-0002")
    case.decide("P-2", "rejected", MONDAY, breach_id="B-0002")
    board = board_of(case)
    (rule,) = board.by_rule(Horizon.HOUR)
    assert (rule.name, rule.n, rule.n_known, rule.n_hits, rule.is_few) == ("VaR of the book", 2, 2, 1, True)
    assert rule.total_base == pytest.approx(100.0 - 96.0)
    assert rule.mean_base == pytest.approx(2.0)
    assert rule.hit_fraction == 0.5
    (person,) = board.by_person(Horizon.HOUR)
    assert person.name == "M. Kurz"
    assert person.mean_against_base == pytest.approx(((100.0 - 96.0) + (0.0 - 96.0)) / 2)


def test_that_the_same_rows_make_the_same_scores_again() -> None:
    case = decided("approved", decided=plan_of())
    case.fill("P-1", "F-1", -100, "9.5", MONDAY)
    assert repr(board_of(case)) == repr(board_of(case))


def test_that_a_plan_cut_short_by_the_desk_s_end_is_scored_for_what_was_sent() -> None:
    case = decided("approved", decided=plan_of())
    case.fill("P-1", "F-1", -40, "10", MONDAY)
    case.decide("P-1", "interrupted", MONDAY + 2 * HOUR)
    score = only(board_of(case))
    assert (score.state, score.decided_ns) == (ProposalState.APPROVED, MONDAY)
    assert score.at(Horizon.HOUR).acted_base == pytest.approx(40.0)
    assert score.note == "the desk ended before all of it was sent"


def test_that_what_the_real_desk_writes_is_scored_to_the_cent() -> None:
    gross = Limit("gross", "Gross exposure", Measure.GROSS_EXPOSURE, 400_000.0, Severity.HIGH)
    policy = ResponsePolicy((Response("cut", PlanKind.CHEAPEST_CUT),), (PolicyRule("cut"),))
    book = book_of({"AAPL.US": (1000, 280.0), "XOM.US": (2000, 55.0)})
    acting = ActingDesk(Desk(book, (gross,), policy=policy))
    acting.desk.engine.use_window(random_window(len(acting.desk.universe.codes), 300, 7, {0: 300.0, 1: 60.0}))
    acting.hear(acting.desk.open())
    acting.pass_time(2.0)
    proposal = acting.open_proposals[-1].proposal
    assert acting.approve(proposal.proposal_id) == ""
    acting.pass_time(10.0)
    rows = acting.desk.journal.rows(ROW_KINDS)
    later = {"AAPL.US": 250.0, "XOM.US": 50.0}
    marks = {leg.code: leg.mark for leg in proposal.plan.all_legs}
    decided_ns = acting.desk.exchange_ns

    def price_at(code: str, exchange_ns: int) -> float:
        return later[code] if exchange_ns > decided_ns else marks[code]

    master = {"AAPL.US": 1.0, "XOM.US": 1.0}
    (score,) = scoreboard(rows, price_at, decided_ns + 2 * HOUR, master, "USD").scores
    assert (score.title, score.person, score.state) == ("Gross exposure", "Ada", ProposalState.APPROVED)
    trades = [event_from(row.body) for row in acting.desk.journal.rows(("book_event",))]
    by_hand = sum(
        float(trade.quantity * (Decimal(later[trade.code]) - trade.price) - trade.fee) for trade in trades
    )
    assert score.n_fills == len(trades) > 0
    assert score.at(Horizon.HOUR).acted_base == pytest.approx(by_hand, abs=0.005)
    assert by_hand > 0.0
    plan = sum(float(leg.quantity) * (later[leg.code] - leg.mark) for leg in proposal.plan.all_legs)
    assert score.at(Horizon.HOUR).plan_base == pytest.approx(plan)
    assert score.note == "the cost of 1 legs of the plan is not known and left out"
