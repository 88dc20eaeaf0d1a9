"""Which proposal a breach leads to, how far it goes alone, and what an episode remembers."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from fakes.plan_case import desk_of, plan_input_from, shares_input
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.grade import FigureGrade, GradeLetter
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.proposal import Plan, Proposal, why_stale
from plimsoll.domain.response_policy import BUILT_IN, Autonomy, PlanKind, PolicyRule, Response, ResponsePolicy
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.measurement import groups_of
from plimsoll.engine.order_desk import Leg
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.planner_legs import PlanTerms
from plimsoll.engine.planner_orderly_liquidation import orderly_liquidation
from plimsoll.engine.response_desk import ResponseDesk, loss_budget_of, releases_of
from plimsoll.engine.response_episode import Episode, EpisodeBook, episode_from
from plimsoll.engine.what_if import WhatIfBoard

M, A, K = Measure, Autonomy, PlanKind
S = 1_000_000_000
HELD_THEN = {"A": Decimal(1000)}
GOOD = FigureGrade(GradeLetter.A, 1.0, 1.0, 1.0, 0.0, 500, 0.05)
GROSS = Limit("gross", "Gross exposure", M.GROSS_EXPOSURE, 150_000.0, Severity.HIGH)
CUT = Response("cut", K.CHEAPEST_CUT, A.PROPOSE_AND_EXECUTE_AFTER, 90.0)


def breach_of(limit: Limit, member: str = "", state: BreachState = BreachState.RAISED) -> Breach:
    return Breach("B-1", limit, member, state, 0.2, 0.2, 0, 0)


def episode_for(plan_input: PlanInput, budget: float = math.nan) -> Episode:
    held = dict(zip(plan_input.codes, plan_input.held, strict=True))
    return Episode("B-1", "x", "", 0, held, budget)


def proposed(
    plan_input: PlanInput,
    response: Response = CUT,
    limit: Limit = GROSS,
    *,
    others: tuple[Limit, ...] = (),
    grade: FigureGrade | None = GOOD,
    state: TradingState = TradingState.ACTIVE,
    episode: Episode | None = None,
    member: str = "",
) -> Proposal | None:
    policy = ResponsePolicy((response,), (PolicyRule(response.name),))
    board = WhatIfBoard(plan_input.universe, (limit, *others))
    desk = ResponseDesk(policy, groups_of(plan_input.universe), board)
    return desk.propose(
        breach_of(limit, member),
        plan_input,
        episode or episode_for(plan_input),
        proposal_id="P-1",
        grade=grade,
        trading_state=state,
    )


class TestProposal:
    def test_that_it_is_bound_to_its_evidence(self) -> None:
        case = shares_input([1000, 1000], costs=[0.001, 0.005])
        made = proposed(case)
        assert (made.proposal_id, made.breach_id, made.response) == ("P-1", "B-1", "cut")
        assert (made.book_version, made.made_ns) == (case.book.version, case.now_ns)
        assert made.price_bands["S0.US"].holds(100.9)
        assert not made.price_bands["S0.US"].holds(101.1)
        assert why_stale(made, case.book.version, {"S0.US": 100.0}, case.now_ns) == ""
        assert made.what_if.effect("gross").after < 150_000.0 * 0.95

    def test_that_alternatives_stand_beside_it_each_with_what_it_would_do(self) -> None:
        case = plan_input_from(desk_of())
        var = Limit("var", "VaR", M.VAR, 90_000.0, Severity.CRITICAL)
        hedge = Response("hedge", K.MINIMUM_VARIANCE_HEDGE, hedge_instruments=("GOLD", "EURUSD"))
        made = proposed(case, hedge, var)
        assert made.plan.planner == "minimum variance hedge"
        names = [option.plan.planner for option in made.alternatives]
        assert names == ["cheapest cut", "reduction by risk contribution", "uniform reduction"]
        assert all(option.what_if.effect("var").after < 90_000.0 for option in made.alternatives)

    def test_that_a_hedge_that_cannot_be_made_gives_way_to_a_cut(self) -> None:
        case = shares_input([1000, 1000])
        hedge = Response("hedge", K.ES_HEDGE, hedge_instruments=("VIX",))
        assert proposed(case, hedge, replace(GROSS, measure=M.ES, line=100.0)).plan.planner == "cheapest cut"

    @pytest.mark.parametrize(
        ("kind", "planner"),
        [
            (K.UNIFORM_REDUCTION, "uniform reduction"),
            (K.CHEAPEST_CUT, "cheapest cut"),
            (K.RISK_CONTRIBUTION_CUT, "reduction by risk contribution"),
            (K.ORDERLY_LIQUIDATION, "orderly liquidation"),
            (K.FLATTEN, "flatten"),
        ],
    )
    def test_that_every_kind_of_plan_can_be_asked_for(self, kind: PlanKind, planner: str) -> None:
        assert proposed(shares_input([1000, 1000]), Response("x", kind)).plan.planner == planner

    def test_that_an_alert_proposes_nothing(self) -> None:
        case = shares_input([1000])
        assert proposed(case, Response("x", K.ALERT)) is None
        assert proposed(case, replace(CUT, autonomy=A.ALERT_ONLY)) is None

    def test_that_what_no_trade_answers_is_said_and_not_left_in_silence(self) -> None:
        case = shares_input([1000])
        made = proposed(case, CUT, Limit("lag", "Lag of the feed", M.FEED_LAG_S, 5.0, Severity.HIGH))
        assert made.plan.is_empty
        assert made.plan.words == "no trade can be planned that answers Lag of the feed: decide by hand"
        assert made.autonomy is A.PROPOSE_AND_WAIT

    def test_that_a_member_s_breach_closes_that_member_only(self) -> None:
        case = shares_input([1000, 1000])
        name = Limit("n", "Name", M.POSITION_SIZE, 5e4, Severity.CRITICAL, Scope(ScopeKind.INSTRUMENT))
        for kind in (K.UNIFORM_REDUCTION, K.CHEAPEST_CUT, K.ORDERLY_LIQUIDATION, K.FLATTEN):
            made = proposed(case, Response("x", kind), name, member="S1.US")
            assert {leg.code for leg in made.plan.all_legs} == {"S1.US"}, kind

    def test_that_legs_of_later_show_what_now_alone_does(self) -> None:
        case = shares_input([1000, 1000], daily_volume=np.array([1000.0, 1e9]))
        made = proposed(case, Response("x", K.FLATTEN))
        assert made.what_if.gross_after < made.what_if_now.gross_after < made.what_if.gross_before


class TestHowFarItGoes:
    CASE = shares_input([1000, 1000], costs=[0.001, 0.005])

    def test_that_it_waits_unless_it_is_told_otherwise(self) -> None:
        made = proposed(self.CASE, Response("x", K.CHEAPEST_CUT))
        assert (made.autonomy, made.executes_ns, made.why_not_automatic) == (A.PROPOSE_AND_WAIT, 0, ())
        assert made.expires_ns == made.made_ns + 120 * S
        assert made.what_happens_at_zero.startswith("Nothing is sent by itself. After 120 s")

    def test_that_a_countdown_ends_in_orders_and_says_so(self) -> None:
        made = proposed(self.CASE)
        assert made.executes_ns == made.made_ns + 90 * S
        assert made.expires_ns > made.executes_ns
        assert made.what_happens_at_zero == (
            "After 90 s the 1 order above goes out, once, unless somebody overrides, changes or rejects it "
            "before."
        )

    def test_that_an_approval_outlives_a_long_countdown(self) -> None:
        made = proposed(self.CASE, replace(CUT, countdown_s=600.0))
        marks = {"S0.US": 100.0}
        assert why_stale(made, self.CASE.book.version, marks, made.executes_ns) == ""

    def test_that_at_once_is_now(self) -> None:
        made = proposed(self.CASE, replace(CUT, autonomy=A.EXECUTE_AT_ONCE))
        assert made.executes_ns == made.made_ns
        assert "nobody approved" in made.what_happens_at_zero

    @pytest.mark.parametrize(
        ("grade", "why"),
        [
            (None, "the grade of the figure is not known"),
            (replace(GOOD, letter=GradeLetter.C), "the figure is graded C, acting alone needs B or better"),
            (replace(GOOD, letter=GradeLetter.UNKNOWN), "the figure is graded unknown"),
        ],
    )
    def test_that_a_poor_figure_keeps_it_from_acting(self, grade: FigureGrade | None, why: str) -> None:
        made = proposed(self.CASE, grade=grade)
        assert made.why_not_automatic[0].startswith(why)
        assert (made.autonomy, made.executes_ns) == (A.PROPOSE_AND_WAIT, 0)

    def test_that_a_stale_price_keeps_it_from_acting_and_it_still_proposes(self) -> None:
        case = shares_input([1000, 1000], state=np.array([1, 0], dtype=np.uint8))
        made = proposed(case)
        assert made.why_not_automatic == ("S0.US cannot be traded now: no fresh price, or no session",)
        assert not made.plan.is_empty

    def test_that_a_closed_market_keeps_it_from_acting(self) -> None:
        case = shares_input([1000, 1000], is_open=np.array([False, True]))
        assert "S0.US cannot be traded now" in proposed(case).why_not_automatic[0]

    def test_that_an_unknown_cost_keeps_it_from_acting(self) -> None:
        case = shares_input([1000, 1000], costs=[math.nan, math.nan])
        assert any("is not known" in why for why in proposed(case).why_not_automatic)

    def test_that_breaking_another_limit_keeps_it_from_acting(self) -> None:
        hhi = Limit("hhi", "Concentration", M.HHI, 0.55, Severity.HIGH)
        made = proposed(self.CASE, others=(hhi,))
        assert made.what_if.newly_broken == ("Concentration",)
        assert made.why_not_automatic == ("it would newly break Concentration",)

    def test_that_leaving_a_limit_unknown_keeps_it_from_acting(self) -> None:
        hhi = Limit("hhi", "Concentration", M.HHI, 0.9, Severity.HIGH)
        made = proposed(self.CASE, replace(CUT, kind=K.FLATTEN), others=(hhi,))
        assert made.why_not_automatic == ("it would leave Concentration unknown",)

    def test_that_the_trading_state_keeps_it_from_acting(self) -> None:
        assert proposed(self.CASE, state=TradingState.HALTED).why_not_automatic == ("trading is HALTED",)
        assert proposed(self.CASE, state=TradingState.REDUCING).why_not_automatic == ()
        hedge = replace(CUT, kind=K.ES_HEDGE, hedge_instruments=("S1.US",))
        made = proposed(self.CASE, hedge, replace(GROSS, measure=M.ES, line=1.0), state=TradingState.REDUCING)
        assert "trading is REDUCING and a hedge may add" in made.why_not_automatic

    def test_that_missing_its_own_limit_keeps_it_from_acting(self) -> None:
        half = replace(CUT, kind=K.UNIFORM_REDUCTION)
        assert proposed(self.CASE, half, replace(GROSS, line=9e4)).why_not_automatic == (
            "it would not bring Gross exposure under its line",
        )

    def test_that_a_part_s_figure_is_answered_by_a_cut_and_not_by_a_hedge(self) -> None:
        part = Limit("es", "ES of a name", M.ES, 1_000.0, Severity.CRITICAL, Scope(ScopeKind.INSTRUMENT))
        hedge = Response("x", K.ES_HEDGE, hedge_instruments=("S1.US",))
        made = proposed(shares_input([1000, 1000]), hedge, part, member="S0.US")
        assert made.plan.planner == "cheapest cut"
        assert {leg.code for leg in made.plan.all_legs} == {"S0.US"}

    def test_that_it_acts_once_in_an_episode(self) -> None:
        again = replace(episode_for(self.CASE), n_executed=1)
        assert proposed(self.CASE, episode=again).why_not_automatic == (
            "this breach has been acted on once already",
        )

    def test_that_two_persons_keep_it_from_acting(self) -> None:
        made = proposed(self.CASE, replace(CUT, two_persons=True))
        assert made.needs_two_persons
        assert made.why_not_automatic == ("two persons have to confirm",)

    def test_that_nothing_to_send_now_keeps_it_from_acting(self) -> None:
        made = proposed(shares_input([1000, 500]), limit=replace(GROSS, line=1e9))
        assert made.why_not_automatic == ("there is nothing that can be sent now",)


class TestLossBudget:
    CASE = shares_input([1000]).measured

    def budget(self, limit: Limit, value: float, *others: Limit, fraction: float = 0.25) -> float:
        measured = replace(
            self.CASE, drawdown=0.2, day_nav=1.1e6, anchor_nav={"month": 1.2e6, "high_20d": 1.3e6}
        )
        response = Response("x", K.CHEAPEST_CUT, loss_budget_fraction=fraction)
        return loss_budget_of(limit, value, measured, (limit, *others), response)

    def test_that_it_reaches_to_the_next_harder_line(self) -> None:
        line = Limit("dd", "Drawdown", M.DRAWDOWN, 0.075, Severity.HIGH)
        hard, harder = replace(line, limit_id="d2", line=0.10), replace(line, limit_id="d3", line=0.2)
        other = replace(line, limit_id="d4", line=0.08, detail="month")
        # The high is 1 250 000 at NAV 1 000 000 and a drawdown of a fifth.
        assert self.budget(line, 0.08, harder, hard, other) == pytest.approx(0.02 * 1.25e6)

    def test_that_without_a_harder_line_it_is_a_share_of_the_line(self) -> None:
        line = Limit("dl", "Daily loss", M.DAILY_LOSS, 20_000.0, Severity.HIGH)
        assert self.budget(line, 21_000.0) == pytest.approx(4_000.0)
        assert self.budget(line, 26_000.0) == 0.0  # nothing is left: everything goes
        assert self.budget(line, 21_000.0, fraction=0.0) == 0.0

    @pytest.mark.parametrize(
        ("measure", "detail", "per_unit"),
        [
            (M.DRAWDOWN, "", 1.25e6),
            (M.DRAWDOWN, "month", 1.2e6),
            (M.DAILY_LOSS_FRACTION, "", 1.1e6),
            (M.TRAILING_LOSS_FRACTION, "20", 1.3e6),
        ],
    )
    def test_that_a_share_of_nav_becomes_money_by_its_own_anchor(
        self, measure: Measure, detail: str, per_unit: float
    ) -> None:
        line = Limit("l", "Loss", measure, 0.04, Severity.HIGH, detail=detail)
        assert self.budget(line, 0.04) == pytest.approx(0.01 * per_unit)

    def test_that_what_is_no_loss_has_none(self) -> None:
        assert math.isnan(self.budget(GROSS, 1.0))
        ruined = replace(self.CASE, drawdown=1.0)
        line = Limit("dd", "Drawdown", M.DRAWDOWN, 0.075, Severity.HIGH)
        assert math.isnan(loss_budget_of(line, 0.075, ruined, (), CUT))

    def test_that_a_loss_is_answered_by_the_remaining_risk(self) -> None:
        case = shares_input([1000, 1000])
        line = Limit("dl", "Daily loss", M.DAILY_LOSS, 20_000.0, Severity.HIGH)
        made = proposed(case, CUT, line, episode=episode_for(case, budget=2_000.0))
        assert made.what_if.es_after == pytest.approx(2_000.0, rel=0.05)
        assert made.what_if.es_after <= 2_000.0
        # Once more in the same episode there is nothing left to do, however the loss has grown.
        after = shares_input(
            [int(h + made.plan.traded(c)) for c, h in zip(case.codes, case.held, strict=True)]
        )
        assert proposed(after, CUT, line, episode=episode_for(case, budget=2_000.0)).plan.is_empty


class TestEpisode:
    LIMIT = Limit("dd", "Drawdown", M.DRAWDOWN, 0.05, Severity.CRITICAL)

    def begun(self) -> EpisodeBook:
        book = EpisodeBook()
        book.begin(breach_of(self.LIMIT), HELD_THEN, 100.0, 5)
        book.follow(breach_of(self.LIMIT))
        return book

    def test_that_it_begins_once_and_remembers_what_was_held(self) -> None:
        book = self.begun()
        again = book.begin(replace(breach_of(self.LIMIT), breach_id="B-2"), {"A": Decimal(500)}, 50.0, 9)
        assert (again.episode_id, again.held, again.loss_budget_base) == ("B-1", HELD_THEN, 100.0)

    def test_that_it_outlives_an_override_that_runs_out(self) -> None:
        book = self.begun()
        book.follow(breach_of(self.LIMIT, state=BreachState.OVERRIDDEN))
        book.follow(breach_of(self.LIMIT, state=BreachState.CLOSED))
        assert book.of(breach_of(self.LIMIT)) is not None

    def test_that_it_ends_once_its_breach_has_eased_and_closed(self) -> None:
        book = self.begun()
        book.follow(breach_of(self.LIMIT, state=BreachState.EASED))
        assert book.of(breach_of(self.LIMIT)) is not None
        book.follow(breach_of(self.LIMIT, state=BreachState.CLOSED))
        assert book.of(breach_of(self.LIMIT)) is None

    def test_that_a_filed_incident_changes_nothing(self) -> None:
        book = self.begun()
        book.follow(breach_of(self.LIMIT, state=BreachState.CLOSED))
        book.begin(replace(breach_of(self.LIMIT), breach_id="B-2"), HELD_THEN, 1.0, 9)
        book.follow(breach_of(self.LIMIT, state=BreachState.CLOSED))  # B-1 once more, with its cause
        assert book.of(breach_of(self.LIMIT)).episode_id == "B-2"

    def test_that_what_was_executed_is_counted(self) -> None:
        book = self.begun()
        assert book.note_executed("B-1").n_executed == 1
        assert book.of(breach_of(self.LIMIT)).n_executed == 1
        assert book.note_executed("no such") is None

    def test_that_a_restart_remembers(self) -> None:
        book = self.begun()
        other = EpisodeBook()
        other.restore(book.note_executed("B-1").row())
        assert other.of(breach_of(self.LIMIT)) == book.of(breach_of(self.LIMIT))
        without = Episode("B-9", "var", "x", 3)
        back = episode_from(without.row())
        assert math.isnan(back.loss_budget_base)
        assert replace(back, loss_budget_base=1.0) == replace(without, loss_budget_base=1.0)


class TestReleases:
    def test_that_each_time_of_a_plan_has_a_decision_of_its_own(self) -> None:
        case = shares_input([1000, 300], daily_volume=np.array([2000.0, 1e9]))
        plan = orderly_liquidation(case, PlanTerms())
        now, *later = releases_of(plan, "D-1")
        assert (now.decision_id, now.not_before_ns) == ("D-1", 0)
        assert now.legs == (
            Leg("S0.US", Decimal(-20), Decimal(99), only_closes=True),
            Leg("S1.US", Decimal(-300), Decimal(99), only_closes=True),
        )
        assert [each.decision_id for each in later] == [f"D-1/{n}" for n in range(1, len(later) + 1)]
        assert [each.not_before_ns for each in later] == sorted(each.not_before_ns for each in later)
        assert sum(leg.quantity for each in later for leg in each.legs) == -980

    def test_that_a_plan_of_nothing_releases_nothing(self) -> None:
        assert releases_of(Plan("x"), "D-1") == ()


def test_that_the_built_in_policy_halves_a_book_in_drawdown() -> None:
    case = shares_input([1000, -400])
    limit = Limit("dd", "Drawdown", M.DRAWDOWN, 0.05, Severity.CRITICAL)
    desk = ResponseDesk(BUILT_IN, groups_of(case.universe), WhatIfBoard(case.universe, (limit,)))
    made = desk.propose(breach_of(limit), case, episode_for(case), proposal_id="P-1")
    assert {leg.code: int(leg.quantity) for leg in made.plan.legs} == {"S0.US": -500, "S1.US": 200}
    assert made.needs_two_persons
