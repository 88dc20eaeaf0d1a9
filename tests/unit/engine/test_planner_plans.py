"""Planners on books small enough to check by hand."""

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from fakes.plan_case import desk_of, plan_input_from, shares_input
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.market_figures import LiquidityFigures, MarketFigures, MethodFigure
from plimsoll.domain.proposal import Plan
from plimsoll.domain.session import SessionTable, Venue, VenueSessions
from plimsoll.domain.snapshot import PositionState
from plimsoll.engine.measurement import StressLoss, groups_of
from plimsoll.engine.plan_input import PlanInput, plan_input_of
from plimsoll.engine.planner_cheapest_cut import cheapest_cut
from plimsoll.engine.planner_edit import edited_plan
from plimsoll.engine.planner_es_hedge import es_hedge
from plimsoll.engine.planner_flatten import flatten
from plimsoll.engine.planner_hedge import HedgeRoom, hedge_in_lots
from plimsoll.engine.planner_legs import PlanTerms, kept_after, lots_of_trade
from plimsoll.engine.planner_minimum_variance_hedge import minimum_variance_hedge
from plimsoll.engine.planner_orderly_liquidation import orderly_liquidation
from plimsoll.engine.planner_risk_contribution_cut import risk_contribution_cut
from plimsoll.engine.planner_target import Target, members_of, target_of
from plimsoll.engine.planner_uniform_reduction import uniform_reduction, uniform_reduction_to
from plimsoll.engine.what_if import WhatIfBoard

M = Measure
TERMS = PlanTerms()
S = 1_000_000_000
STALE, CLOSED, HALTED, UNPRICEABLE = (
    PositionState.STALE,
    PositionState.CLOSED,
    PositionState.HALTED,
    PositionState.UNPRICEABLE,
)


def limit(measure: Measure, line: float, kind: ScopeKind = ScopeKind.BOOK, detail: str = "") -> Limit:
    return Limit("l", "The limit", measure, line, Severity.HIGH, Scope(kind), detail=detail)


def target(plan_input: PlanInput, of: Limit, member: str = "") -> Target | None:
    members = members_of(of, member, groups_of(plan_input.universe), plan_input.n_held)
    return target_of(of, members, plan_input)


def quantities(plan: Plan | None) -> dict[str, int]:
    assert plan is not None
    return {leg.code: int(leg.quantity) for leg in plan.legs}


def states(*each: PositionState) -> np.ndarray:
    return np.array(each, dtype=np.uint8)


class TestUniformReduction:
    def test_that_half_of_everything_goes_rounded_up_to_a_lot(self) -> None:
        plan = uniform_reduction(shares_input([1000, -301, 0], lots=[1, 10, 1]), 0.5, TERMS)
        assert quantities(plan) == {"S0.US": -500, "S1.US": 160}

    def test_that_a_share_is_of_what_was_held_at_the_breach(self) -> None:
        then = {"S0.US": Decimal(1000), "S1.US": Decimal(-400), "S2.US": Decimal(100)}
        # Half done; done; grown since; and S3 was not there.
        case = shares_input([700, -200, 160, 50])
        assert quantities(uniform_reduction(case, 0.5, TERMS, at_breach=then)) == {
            "S0.US": -200,
            "S2.US": -110,
        }

    def test_that_what_has_turned_since_is_left_alone(self) -> None:
        then = {"S0.US": Decimal(1000)}
        assert uniform_reduction(shares_input([-300]), 0.5, TERMS, at_breach=then).is_empty

    def test_that_only_named_codes_are_cut(self) -> None:
        assert quantities(uniform_reduction(shares_input([100, 100]), 0.5, TERMS, codes=["S1.US"])) == {
            "S1.US": -50
        }

    @pytest.mark.parametrize("fraction", [-0.1, 1.1, math.nan])
    def test_that_a_share_outside_the_whole_is_refused(self, fraction: float) -> None:
        with pytest.raises(ValueError, match="expected a share from 0 to 1"):
            uniform_reduction(shares_input([100]), fraction, TERMS)
        with pytest.raises(ValueError, match="expected a share from 0 to 1"):
            orderly_liquidation(shares_input([100]), TERMS, fraction=fraction)

    def test_that_orders_already_working_are_counted(self) -> None:
        case = shares_input([1000], free=(Decimal(300),))
        assert quantities(uniform_reduction(case, 0.5, TERMS)) == {"S0.US": -300}


class TestSessionsAndPrices:
    def test_that_stale_halted_and_unpriced_positions_are_not_traded_and_said_so(self) -> None:
        case = shares_input([100, 100, 100, 100], state=states(0, STALE, HALTED, UNPRICEABLE))
        plan = flatten(case, TERMS)
        assert quantities(plan) == {"S0.US": -100}
        assert plan.left_out == ("S1.US", "S2.US", "S3.US")
        assert plan.warnings == (
            "S1.US is not traded: its price is stale",
            "S2.US is not traded: it is halted",
            "S3.US is not traded: it has no price",
        )

    def test_that_a_closed_market_waits_for_its_open_or_is_left_out(self) -> None:
        opens = 2**61
        case = shares_input([100, 100, 100], is_open=np.array([True, False, False]), opens_ns=(0, opens, 0))
        plan = flatten(case, TERMS)
        assert quantities(plan) == {"S0.US": -100}
        assert [(leg.code, leg.not_before_ns) for leg in plan.later] == [("S1.US", opens)]
        assert plan.left_out == ("S2.US",)
        assert "nobody knows when it opens" in plan.warnings[-1]

    def test_that_a_nan_value_counts_as_without_a_price(self) -> None:
        case = shares_input([100], value=np.array([np.nan]))
        assert case.why_not_traded(0) == "it has no price"
        assert case.why_not_traded(0) == shares_input([1], state=states(UNPRICEABLE)).why_not_traded(0)

    def test_that_a_silent_closed_market_is_called_closed(self) -> None:
        case = shares_input([100], state=states(CLOSED))
        assert case.why_not_traded(0) == "its market is closed"

    def test_that_the_worst_price_lies_a_band_away_on_the_losing_side(self) -> None:
        sell, buy = flatten(shares_input([100, -100], prices=[154.213, 50.0]), TERMS).legs
        assert (sell.limit_price, buy.limit_price) == (Decimal("152.671"), Decimal("50.5"))

    def test_that_the_worst_price_below_zero_lies_on_the_losing_side_too(self) -> None:
        (sell,) = flatten(shares_input([100], prices=[-36.98]), TERMS).legs
        assert sell.limit_price == Decimal("-37.3498")


class TestSlices:
    def test_that_what_is_too_large_goes_out_in_parts_at_the_pace_of_the_market(self) -> None:
        case = shares_input([1000], daily_volume=np.array([2000.0]))
        plan = flatten(case, PlanTerms(volume_share=0.1))
        assert quantities(plan) == {"S0.US": -200}
        assert [int(leg.quantity) for leg in plan.later] == [-200] * 4
        # A fifth of the volume a day: 200 pieces take half a session of 6.5 hours.
        waits = [(leg.not_before_ns - case.exchange_ns) / S for leg in plan.later]
        assert waits == [11_700.0, 86_400.0, 86_400.0 + 11_700.0, 2 * 86_400.0]
        assert plan.legs[0].volume_share == pytest.approx(0.1)

    def test_that_parts_of_whole_lots_keep_the_pace(self) -> None:
        plan = orderly_liquidation(shares_input([23], daily_volume=np.array([100.0])), TERMS)
        assert [int(leg.quantity) for leg in plan.all_legs] == [-1] + [-2] * 11
        first, second = plan.later[:2]
        # Two of a hundred a day at a fifth of the volume: a tenth of a session.
        assert second.not_before_ns - first.not_before_ns == 2_340 * S

    def test_that_no_plan_has_more_than_twenty_parts_and_all_of_it_goes(self) -> None:
        case = shares_input([10_007], lots=[10], daily_volume=np.array([300.0]))
        plan = orderly_liquidation(case, TERMS)
        assert len(plan.later) <= 20
        assert plan.traded("S0.US") == -10_007

    def test_that_an_orderly_liquidation_begins_with_a_hundredth_of_the_volume(self) -> None:
        case = shares_input([1000], daily_volume=np.array([20_000.0]))
        assert quantities(orderly_liquidation(case, TERMS)) == {"S0.US": -200}
        assert quantities(orderly_liquidation(case, TERMS, fraction=0.1)) == {"S0.US": -100}
        assert orderly_liquidation(case, TERMS, codes=[]).is_empty

    def test_that_an_unknown_volume_is_told(self) -> None:
        plan = flatten(shares_input([10**6], daily_volume=np.array([np.nan])), TERMS)
        assert quantities(plan) == {"S0.US": -1_000_000}
        assert plan.warnings == ("S0.US: its volume is not known, so its size is not checked",)
        assert math.isnan(plan.legs[0].volume_share)


class TestFlatten:
    def test_that_odd_lots_go_with_the_rest(self) -> None:
        plan = flatten(shares_input([1007, -13], lots=[100, 100]), TERMS)
        assert quantities(plan) == {"S0.US": -1007, "S1.US": 13}

    def test_that_only_named_codes_go_and_working_orders_are_told(self) -> None:
        plan = flatten(shares_input([100, 100], free=(Decimal(40), Decimal(100))), TERMS, codes=["S0.US"])
        assert quantities(plan) == {"S0.US": -40}
        assert plan.warnings == ("S0.US: working orders already close a part of it",)
        assert plan.words == "S0.US to cash"


class TestCheapestCut:
    def test_that_the_cheap_half_of_two_like_positions_is_sold(self) -> None:
        case = shares_input([1000, 1000], costs=[0.001, 0.005])
        plan = cheapest_cut(case, target(case, limit(M.GROSS_EXPOSURE, 150_000.0)), TERMS)
        assert quantities(plan) == {"S0.US": -577}  # to 95 % of 99.9 % of the line, 142 357.50
        assert plan.cost_base == pytest.approx(57.7)

    def test_that_a_hedge_is_spared(self) -> None:
        case = shares_input([1000, -300])
        now = target(case, limit(M.ES, 1e9))
        wanted = limit(M.ES, now.value_after(np.ones(2)) * 0.9)
        plan = cheapest_cut(case, target(case, wanted), TERMS)
        assert set(quantities(plan)) == {"S0.US"}
        assert "hedges spared" in plan.words

    def test_that_what_cannot_be_traded_is_left_alone_and_said_so(self) -> None:
        case = shares_input([1000, 1000], costs=[0.001, 0.005], state=states(STALE, 0))
        plan = cheapest_cut(case, target(case, limit(M.GROSS_EXPOSURE, 150_000.0)), TERMS)
        assert quantities(plan) == {"S1.US": -577}
        assert plan.left_out == ("S0.US",)
        assert plan.warnings == ("S0.US is left alone: its price is stale",)

    def test_that_an_unreachable_target_is_come_near_to_and_said_so(self) -> None:
        case = shares_input([1000, 1000], state=states(STALE, 0))
        plan = cheapest_cut(case, target(case, limit(M.GROSS_EXPOSURE, 50_000.0)), TERMS)
        assert quantities(plan) == {"S1.US": -1000}
        assert "comes nearest" in plan.warnings[-1]

    def test_that_a_book_under_its_level_needs_nothing(self) -> None:
        case = shares_input([1000])
        plan = cheapest_cut(case, target(case, limit(M.GROSS_EXPOSURE, 1e6)), TERMS)
        assert plan.is_empty
        assert plan.words.startswith("nothing to do")

    def test_that_hedges_go_as_well_where_the_target_is_out_of_reach_without_them(self) -> None:
        case = shares_input([1000, -800])
        now = target(case, limit(M.ES, 1e9)).value_after(np.ones(2))
        plan = cheapest_cut(case, target(case, limit(M.ES, now * 0.05)), TERMS)
        assert set(quantities(plan)) == {"S0.US", "S1.US"}
        assert "also cutting what holds the figure down" in plan.words

    def test_that_an_unknown_cost_is_counted_and_not_taken_for_nothing(self) -> None:
        case = shares_input([1000, 1000], costs=[math.nan, 0.001])
        plan = cheapest_cut(case, target(case, limit(M.GROSS_EXPOSURE, 150_000.0)), TERMS)
        assert set(quantities(plan)) == {"S1.US"}
        assert flatten(case, TERMS).n_cost_unknown == 1


class TestByContribution:
    def test_that_the_largest_contributor_is_cut_most_and_a_hedge_not_at_all(self) -> None:
        case = shares_input([3000, 1000, -500])
        now = target(case, limit(M.ES, 1e9)).value_after(np.ones(3))
        plan = risk_contribution_cut(case, target(case, limit(M.ES, now * 0.8)), TERMS)
        cut = quantities(plan)
        assert "S2.US" not in cut
        assert abs(cut["S0.US"]) / 3000 > abs(cut.get("S1.US", 0)) / 1000

    def test_that_what_working_orders_hold_is_out_of_reach(self) -> None:
        case = shares_input([1000], free=(Decimal(100),))
        half = target(case, limit(M.GROSS_EXPOSURE, 50_000.0))
        assert risk_contribution_cut(case, half, TERMS) is None
        assert uniform_reduction_to(case, half, TERMS) is None
        plan = cheapest_cut(case, half, TERMS)
        assert quantities(plan) == {"S0.US": -100}
        assert "comes nearest" in plan.warnings[-1]

    def test_that_a_target_met_already_cuts_nothing(self) -> None:
        case = shares_input([1000])
        met = target(case, limit(M.GROSS_EXPOSURE, 1e9))
        assert uniform_reduction_to(case, met, TERMS).is_empty

    def test_that_nothing_is_planned_where_nobody_contributes_or_it_is_out_of_reach(self) -> None:
        case = shares_input([1000, 1000], state=states(STALE, STALE))
        assert risk_contribution_cut(case, target(case, limit(M.ES, 1.0)), TERMS) is None
        assert uniform_reduction_to(case, target(case, limit(M.ES, 1.0)), TERMS) is None
        half = shares_input([1000, 1000], state=states(STALE, 0))
        assert risk_contribution_cut(half, target(half, limit(M.ES, 1.0)), TERMS) is None


class TestHedges:
    def test_that_a_like_instrument_takes_the_variance_off(self) -> None:
        case = shares_input([1000, 0], loading=[1.0, 1.0])
        plan = minimum_variance_hedge(case, ["S1.US"], TERMS)
        ratio = np.cov(case.returns)[0, 1] / np.var(case.returns[1], ddof=1)
        assert quantities(plan) == {"S1.US": -math.floor(1000 * ratio)}

    def test_that_what_may_not_hedge_is_told(self) -> None:
        case = shares_input([1000, 0, 0], state=states(0, 0, STALE))
        plan = es_hedge(case, ["S1.US", "S2.US", "VIX"], TERMS)
        assert plan.warnings == (
            "S2.US cannot hedge: its price is stale",
            "VIX is no line of the book: add it with quantity 0 to have it priced",
        )
        assert es_hedge(case, ["S2.US"], TERMS) is None
        assert minimum_variance_hedge(case, [], TERMS) is None

    def test_that_a_hedge_without_history_is_none(self) -> None:
        case = shares_input([1000, 0], has_history=np.array([True, False]))
        assert es_hedge(case, ["S1.US"], TERMS) is None

    def test_that_a_hedge_takes_no_more_than_its_share_of_the_volume(self) -> None:
        case = shares_input([1000, 0], daily_volume=np.array([1e9, 1000.0]))
        for plan in (minimum_variance_hedge(case, ["S1.US"], TERMS), es_hedge(case, ["S1.US"], TERMS)):
            assert quantities(plan) == {"S1.US": -100}

    def test_that_what_is_smaller_than_a_lot_is_no_hedge(self) -> None:
        case = shares_input([10, 0], lots=[1, 1000])
        assert minimum_variance_hedge(case, ["S1.US"], TERMS) is None
        assert es_hedge(case, ["S1.US"], TERMS) is None

    def test_that_too_few_scenarios_make_no_hedge(self) -> None:
        case = shares_input([1000, 0], n_scenarios=20)
        assert es_hedge(case, ["S1.US"], TERMS) is None
        still = shares_input([1000, 0], returns=np.zeros((2, 200)))
        assert minimum_variance_hedge(still, ["S1.US"], TERMS) is None

    def test_that_no_more_is_hedged_than_the_target_asks_for(self) -> None:
        case = shares_input([1000, 0])
        now = target(case, limit(M.VAR, 1e9)).value_after(np.ones(2))
        aim = target(case, limit(M.VAR, now * 0.9))
        for make in (minimum_variance_hedge, es_hedge):
            whole, enough = make(case, ["S1.US"], TERMS), make(case, ["S1.US"], TERMS, aim)
            assert 0 > enough.traded("S1.US") > whole.traded("S1.US")
            after = aim.figure.value(
                aim.exposures + np.array([0.0, float(enough.traded("S1.US")) * 100.0, 0.0])
            )
            assert 0.8 * aim.level < after <= aim.level
            # Out of reach: then all of it.
            far = target(case, limit(M.VAR, now * 0.01))
            assert make(case, ["S1.US"], TERMS, far).legs == whole.legs

    def test_that_rounding_that_harms_gives_way_to_the_best_single_leg(self) -> None:
        case = shares_input([1000, 0, 0], lots=[1, 1, 600])
        room = HedgeRoom((1, 2), np.array([[-1e9, 1e9]] * 2), ())
        # Both would be far too much: what is left is the better leg of the two.
        found = hedge_in_lots(case, room, np.array([-80_000.0, -120_000.0]), lambda pnl: float(pnl.std()))
        assert [int(each) for each in found] == [0, -800, 0]
        worse = hedge_in_lots(case, room, np.array([900_000.0, 120_000.0]), lambda pnl: float(pnl.std()))
        assert not any(worse)

    def test_that_a_trade_is_rounded_towards_none(self) -> None:
        case = shares_input([0], lots=[10])
        assert lots_of_trade(case, 0, 19.9) == 10
        assert lots_of_trade(case, 0, -19.9) == -10
        assert lots_of_trade(case, 0, -19.9999999999) == -20  # a float's last digits are no lot
        assert lots_of_trade(case, 0, math.nan) == 0


class TestTargets:
    """Each measure is cut until the engine's own reading of it is under its line."""

    LINES = (
        (M.VAR, 90_000.0, ScopeKind.BOOK, "", ""),
        (M.VAR, 50_000.0, ScopeKind.SECTOR, "Metals", ""),
        (M.ES, 20_000.0, ScopeKind.CURRENCY, "JPY", ""),
        (M.ES_FRACTION, 0.05, ScopeKind.BOOK, "", ""),
        (M.GROSS_LEVERAGE, 2.0, ScopeKind.BOOK, "", ""),
        (M.GROSS_EXPOSURE, 1e6, ScopeKind.CURRENCY, "EUR", ""),
        (M.GROSS_WEIGHT, 0.3, ScopeKind.INSTRUMENT, "GOLD", ""),
        (M.NET_EXPOSURE, 1e5, ScopeKind.CURRENCY, "JPY", ""),
        (M.NET_LEVERAGE, 0.5, ScopeKind.BOOK, "", ""),
        (M.POSITION_SIZE, 1e6, ScopeKind.INSTRUMENT, "USDJPY", ""),
        (M.HHI, 0.15, ScopeKind.BOOK, "", ""),
        (M.TOP_N_WEIGHT, 1.0, ScopeKind.BOOK, "", "2"),
        (M.MARGIN_USE, 0.2, ScopeKind.BOOK, "", ""),
        (M.MARGIN_CUSHION, 0.9, ScopeKind.BOOK, "", ""),
        (M.DAYS_TO_EXIT, 0.05, ScopeKind.BOOK, "", ""),
        (M.EXIT_COST_FRACTION, 0.0005, ScopeKind.BOOK, "", ""),
        (M.RISK_SHARE, 0.4, ScopeKind.INSTRUMENT, "GOLD", ""),
    )

    @pytest.mark.parametrize(("measure", "line", "kind", "member", "detail"), LINES)
    def test_that_the_cut_brings_the_engine_s_own_figure_under_its_reset_level(
        self, measure: Measure, line: float, kind: ScopeKind, member: str, detail: str
    ) -> None:
        case = plan_input_from(desk_of())
        wanted = limit(measure, line, kind, detail)
        board = WhatIfBoard(case.universe, ())
        assert wanted.is_crossed_by(board.measure(case, wanted, member, ()))
        plan = cheapest_cut(case, target(case, wanted, member), TERMS)
        after = board.measure(case, wanted, member, plan.all_legs)
        assert wanted.use_of(after) < wanted.reset_fraction

    def test_that_a_stress_loss_is_cut_by_what_each_position_loses(self) -> None:
        case = shares_input([1000, 1000], costs=[0.001, 0.005])
        stress = {"crash": StressLoss(25_000.0, np.array([20_000.0, 5_000.0]))}
        case = replace(case, measured=replace(case.measured, stress=stress))
        plan = cheapest_cut(case, target(case, limit(M.STRESS_LOSS, 15_000.0, detail="crash")), TERMS)
        assert quantities(plan) == {"S0.US": -539}  # 20 a share, from 25 000 to 14 235.75 or just under
        assert target(case, limit(M.STRESS_LOSS, 1.0, detail="no such")) is None

    def test_that_a_wide_spread_is_cured_by_selling_the_wide(self) -> None:
        case = shares_input([1000, 1000], costs=[0.0005, 0.005])
        plan = cheapest_cut(case, target(case, limit(M.SPREAD_FRACTION, 0.004)), TERMS)
        kept = kept_after(case, [plan.traded(code) for code in case.codes]) * 100_000.0
        assert set(quantities(plan)) == {"S1.US"}
        assert float(kept @ case.spread_fraction / kept.sum()) < 0.95 * 0.004

    def test_that_what_leaves_too_slowly_is_sold(self) -> None:
        case = shares_input([1000, 1000], daily_volume=np.array([1e6, 500.0]))
        plan = cheapest_cut(case, target(case, limit(M.EXIT_SHARE_1D, 0.8)), TERMS)
        assert {leg.code for leg in plan.all_legs} == {"S1.US"}
        left = 1000 + int(plan.traded("S1.US"))
        assert (1000 + 100) / (1000 + left) > 0.8 / 0.95  # a fifth of 500 is out after a day

    def test_that_a_rival_method_is_cut_in_proportion(self) -> None:
        case = shares_input([1000])
        head = target(case, limit(M.VAR, 1.0)).value_after(np.ones(1))
        market = MarketFigures(
            liquidity=LiquidityFigures(), var_methods=(MethodFigure("ewma", 1000.0, 1500.0),)
        )
        case = replace(case, measured=replace(case.measured, market=market))
        aim = target(case, limit(M.VAR, 800.0, detail="ewma"))
        assert aim.level == pytest.approx(800.0 * 0.95 * 0.999 * head / 1000.0)
        assert target(case, limit(M.VAR, 800.0, detail="cornish-fisher")) is None
        assert target(case, limit(M.DAYS_TO_EXIT, 0.1)) is None
        assert target(shares_input([1000]), limit(M.VAR, 800.0, detail="ewma")) is None

    def test_that_what_no_trade_can_be_aimed_at_has_no_target(self) -> None:
        case = shares_input([1000], n_scenarios=10)
        assert target(case, limit(M.FEED_LAG_S, 5.0)) is None
        assert target(case, limit(M.VAR, 5.0)) is None  # ten days are no tail
        assert target(case, limit(M.DRAWDOWN, 0.05)) is None  # without a budget
        assert target(case, limit(M.RISK_SHARE, 0.5)) is None
        assert target(case, limit(M.VAR, 1.0, detail="ewma")) is None
        ruined = replace(case, measured=replace(case.measured, nav=-1.0))
        assert target(ruined, limit(M.GROSS_LEVERAGE, 2.0)) is None

    def test_that_a_past_loss_brings_the_remaining_risk_within_what_may_still_be_lost(self) -> None:
        case = shares_input([1000])
        members = members_of(limit(M.DRAWDOWN, 0.1), "", {}, 1)
        aim = target_of(limit(M.DRAWDOWN, 0.1), members, case, loss_budget_base=500.0)
        plan = cheapest_cut(case, aim, TERMS)
        after = aim.value_after(kept_after(case, [plan.traded("S0.US")]))
        assert 490.0 < after <= 500.0
        short = shares_input([1000], n_scenarios=10)
        assert target_of(limit(M.DRAWDOWN, 0.1), members, short, loss_budget_base=500.0) is None

    def test_that_a_member_nobody_holds_is_nobody(self) -> None:
        case = shares_input([1000])
        groups = groups_of(case.universe)
        assert not members_of(limit(M.VAR, 1.0, ScopeKind.INSTRUMENT), "no such", groups, 1).mask.any()


class TestEdit:
    CASE = shares_input([1000, -500, 0], lots=[10, 10, 10])
    PLAN = uniform_reduction(CASE, 0.5, TERMS)

    def test_that_a_smaller_quantity_is_taken_and_the_others_stay(self) -> None:
        plan = edited_plan(self.PLAN, {"S0.US": Decimal(-100)}, self.CASE, TERMS)
        assert quantities(plan) == {"S0.US": -100, "S1.US": 250}
        assert quantities(edited_plan(self.PLAN, {"S0.US": Decimal(0)}, self.CASE, TERMS)) == {"S1.US": 250}
        whole = edited_plan(self.PLAN, {"S0.US": Decimal(-1000)}, self.CASE, TERMS)
        assert quantities(whole) == {"S0.US": -1000, "S1.US": 250}

    @pytest.mark.parametrize(
        ("code", "quantity", "why"),
        [
            ("S2.US", "-10", "expected an instrument of the plan"),
            ("VIX", "-10", "expected an instrument of the plan"),
            ("S0.US", "10", "expected zero or some of what is sold"),
            ("S1.US", "-10", "expected zero or some of what is bought"),
            ("S0.US", "-1010", "expected at most the 1000 held"),
            ("S0.US", "-15", "expected a multiple of 10"),
            ("S0.US", "NaN", "expected zero or some of what is sold"),
        ],
    )
    def test_that_what_the_plan_was_not_for_is_refused(self, code: str, quantity: str, why: str) -> None:
        with pytest.raises(DecisionRefused, match=why):
            edited_plan(self.PLAN, {code: Decimal(quantity)}, self.CASE, TERMS)


class TestPlanInput:
    def test_that_the_next_session_of_a_closed_market_is_known(self) -> None:
        desk = desk_of({"AAPL.US": (100, 280.0), "BTCUSDT": (1, 9_000.0)})
        engine, opens = desk.engine, desk.exchange_ns + 3600 * S
        table = SessionTable({Venue.US_STOCK: VenueSessions((opens,), (opens + S,), 0, 2**62)})
        made = plan_input_of(
            measured=engine._measurer.measure(desk.now_ns),
            book=engine.book,
            universe=engine.universe,
            ledger=engine._ledger,
            mark=engine._board.mark,
            risk=engine._risk,
            method=engine.rules.method,
            is_open=np.zeros(len(engine.universe.codes), dtype=np.bool_),
            exchange_ns=desk.exchange_ns,
            now_ns=desk.now_ns,
            sessions=table,
        )
        assert made.opens_ns == (opens, 0)
        over = SessionTable({Venue.US_STOCK: VenueSessions((1,), (2,), 0, 2**62)})
        assert plan_input_of(
            measured=made.measured,
            book=made.book,
            universe=made.universe,
            ledger=engine._ledger,
            mark=engine._board.mark,
            risk=engine._risk,
            method=made.method,
            is_open=made.is_open,
            exchange_ns=desk.exchange_ns,
            now_ns=desk.now_ns,
            sessions=over,
        ).opens_ns == (0, 0)

    @pytest.mark.parametrize(
        ("working", "free"),
        [((), 1000), ((-300,), 700), ((-300, -800), 0), ((200,), 1000), ((200, -300), 700), ((-1000,), 0)],
    )
    def test_that_what_working_orders_close_is_not_free(self, working: tuple[int, ...], free: int) -> None:
        desk = desk_of({"AAPL.US": (1000, 280.0)})
        to_come = {"AAPL.US": tuple(map(Decimal, working))}
        assert plan_input_from(desk, to_come).free == (Decimal(free),)

    def test_that_its_scenarios_are_those_of_the_engine(self) -> None:
        desk = desk_of()
        made = plan_input_from(desk)
        np.testing.assert_allclose(made.pnl, desk.engine._risk.pnl, rtol=1e-9)
        assert not made.pnl.flags.writeable

    def test_that_a_price_change_is_turned_into_a_return(self) -> None:
        """A window through −37 dollars holds changes, and a plan still says what a unit of exposure earns."""
        desk = desk_of({"USOIL": (-10, 50.0)})
        matrix = replace(desk.engine._risk.matrix, is_absolute=np.array([True]))
        desk.engine._risk._vector.matrix = matrix
        made = plan_input_from(desk)
        np.testing.assert_allclose(made.returns[0] * 51.0, matrix.rows[0])
