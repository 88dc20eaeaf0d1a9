"""Laws that every plan obeys, whatever the book, the market and the target."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fakes.plan_case import shares_input
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.proposal import Plan
from plimsoll.domain.response_policy import BUILT_IN
from plimsoll.domain.trading_state import TradingState, why_not_sent
from plimsoll.engine.measurement import groups_of
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.planner_cheapest_cut import cheapest_cut, hedges_of
from plimsoll.engine.planner_es_hedge import es_hedge
from plimsoll.engine.planner_flatten import flatten
from plimsoll.engine.planner_hedge import scenario_pnl_after
from plimsoll.engine.planner_legs import PlanTerms, kept_after
from plimsoll.engine.planner_minimum_variance_hedge import minimum_variance_hedge
from plimsoll.engine.planner_orderly_liquidation import orderly_liquidation
from plimsoll.engine.planner_risk_contribution_cut import risk_contribution_cut
from plimsoll.engine.planner_target import Target, members_of, target_of
from plimsoll.engine.planner_uniform_reduction import uniform_reduction, uniform_reduction_to
from plimsoll.engine.response_desk import ResponseDesk
from plimsoll.engine.response_episode import EpisodeBook
from plimsoll.engine.what_if import WhatIfBoard
from plimsoll.risk.expected_shortfall import historical_es

M = Measure
TERMS = PlanTerms()
QUICK = settings(max_examples=25, deadline=None)


@st.composite
def inputs(draw: st.DrawFn) -> PlanInput:
    n = draw(st.integers(1, 5))
    quantity = draw(st.lists(st.integers(-3000, 3000), min_size=n, max_size=n))
    assume(any(quantity))
    return shares_input(
        quantity,
        seed=draw(st.integers(0, 1000)),
        lots=draw(st.lists(st.sampled_from([1, 1, 10, 100]), min_size=n, max_size=n)),
        costs=draw(st.lists(st.sampled_from([0.0002, 0.001, 0.005]), min_size=n, max_size=n)),
        loading=draw(st.lists(st.sampled_from([1.0, 0.3, -0.5]), min_size=n, max_size=n)),
        state=np.array(draw(st.lists(st.sampled_from([0, 0, 0, 1, 2, 3]), min_size=n, max_size=n)), np.uint8),
        daily_volume=np.array(
            draw(st.lists(st.sampled_from([1e9, 5000.0, 300.0, np.nan]), min_size=n, max_size=n))
        ),
        opens_ns=tuple(draw(st.lists(st.sampled_from([0, 2**61]), min_size=n, max_size=n))),
    )


MEASURES = st.sampled_from(
    [M.VAR, M.ES, M.ES_FRACTION, M.GROSS_LEVERAGE, M.NET_EXPOSURE, M.TOP_N_WEIGHT, M.HHI]
)


def target_for(plan_input: PlanInput, measure: Measure, share: float) -> Target:
    """Return a target at a share of what the measure is now."""
    board = WhatIfBoard(plan_input.universe, ())
    probe = Limit("a", "A", measure, 1.0, Severity.HIGH)
    now = board.measure(plan_input, probe, "", ())
    assume(now > 1e-9)
    limit = Limit("a", "A", measure, now * share, Severity.HIGH)
    members = members_of(limit, "", groups_of(plan_input.universe), plan_input.n_held)
    found = target_of(limit, members, plan_input)
    assert found is not None
    return found


def traded(plan: Plan, plan_input: PlanInput) -> list[Decimal]:
    return [plan.traded(code) for code in plan_input.codes]


def assert_reducing(plan: Plan, plan_input: PlanInput) -> None:
    for number, quantity in enumerate(traded(plan, plan_input)):
        held, lot = plan_input.held[number], plan_input.lots[number]
        after = held + quantity
        assert abs(after) <= abs(held), "a reduction adds nothing"
        assert not after or (after > 0) == (held > 0), "a reduction turns nothing"
        assert quantity % lot == 0 or not after, "whole lots, or the whole position"
    for leg in plan.legs:
        assert plan_input.is_tradable[plan_input.codes.index(leg.code)], "only fresh prices in open markets"
        assert not leg.not_before_ns
    assert all(leg.not_before_ns > plan_input.exchange_ns for leg in plan.later)


@QUICK
@given(inputs(), MEASURES, st.floats(0.1, 1.1))
def test_that_a_reduction_never_adds_turns_or_splits_a_lot(
    plan_input: PlanInput, measure: Measure, share: float
) -> None:
    target = target_for(plan_input, measure, share)
    made = [
        cheapest_cut(plan_input, target, TERMS),
        risk_contribution_cut(plan_input, target, TERMS),
        uniform_reduction_to(plan_input, target, TERMS),
        uniform_reduction(plan_input, min(share, 1.0), TERMS),
        orderly_liquidation(plan_input, TERMS, fraction=min(share, 1.0)),
        flatten(plan_input, TERMS),
    ]
    for plan in made:
        if plan is not None:
            assert_reducing(plan, plan_input)


@QUICK
@given(inputs(), st.floats(0.0, 1.0))
def test_that_every_order_of_a_reduction_passes_in_reducing(plan_input: PlanInput, fraction: float) -> None:
    plan = uniform_reduction(plan_input, fraction, TERMS)
    held = dict(zip(plan_input.codes, plan_input.held, strict=True))
    working: dict[str, list[Decimal]] = {code: [] for code in plan_input.codes}
    for leg in plan.all_legs:
        to_come = tuple(working[leg.code])
        assert not why_not_sent(TradingState.REDUCING, held[leg.code], to_come, leg.quantity)
        working[leg.code].append(leg.quantity)


@QUICK
@given(inputs(), st.floats(0.0, 1.0))
def test_that_a_uniform_reduction_keeps_the_weights_to_within_a_lot(
    plan_input: PlanInput, fraction: float
) -> None:
    plan_input = shares_input([int(held) for held in plan_input.held])
    plan = uniform_reduction(plan_input, fraction, TERMS)
    for held, quantity in zip(plan_input.held, traded(plan, plan_input), strict=True):
        exact = abs(held) * Decimal(repr(fraction))
        assert exact - Decimal("1e-6") <= abs(quantity) < exact + 1


@QUICK
@given(inputs(), MEASURES, st.floats(0.2, 0.95))
def test_that_the_cheapest_cut_meets_its_target_where_an_equal_cut_does_and_costs_no_more(
    plan_input: PlanInput, measure: Measure, share: float
) -> None:
    target = target_for(plan_input, measure, share)
    plan = cheapest_cut(plan_input, target, TERMS)
    after = kept_after(plan_input, traded(plan, plan_input))
    equal = uniform_reduction_to(plan_input, target, TERMS)
    if equal is not None and target.is_met_by(kept_after(plan_input, traded(equal, plan_input))):
        assert target.is_met_by(after)
        assert plan.cost_base <= equal.cost_base * (1.0 + 1e-6)
    assert target.value_after(after) <= target.value_after(np.ones(plan_input.n_held)) + 1e-9


@QUICK
@given(inputs(), st.sampled_from([M.VAR, M.ES, M.NET_EXPOSURE]), st.floats(0.2, 0.95))
def test_that_what_holds_a_figure_down_is_cut_only_where_the_plan_says_so(
    plan_input: PlanInput, measure: Measure, share: float
) -> None:
    target = target_for(plan_input, measure, share)
    hedges = hedges_of(plan_input, target)
    plan = cheapest_cut(plan_input, target, TERMS)
    if "hedges spared" in plan.words:
        quantities = traded(plan, plan_input)
        assert not any(quantities[number] for number in np.flatnonzero(hedges))


@QUICK
@given(inputs(), st.integers(0, 4), st.integers(0, 4))
def test_that_a_hedge_never_adds_the_risk_it_is_to_take_off(
    plan_input: PlanInput, first: int, second: int
) -> None:
    codes = [f"S{first}.US", f"S{second}.US"]
    no_trade = [Decimal(0)] * plan_input.n_held
    before = scenario_pnl_after(plan_input, no_trade)
    by_variance = minimum_variance_hedge(plan_input, codes, TERMS)
    if by_variance is not None:
        after = scenario_pnl_after(plan_input, traded(by_variance, plan_input))
        assert after.var() <= before.var() * (1.0 + 1e-9)
    by_shortfall = es_hedge(plan_input, codes, TERMS)
    if by_shortfall is not None:
        after = scenario_pnl_after(plan_input, traded(by_shortfall, plan_input))
        assert historical_es(after, confidence=0.975) <= historical_es(before, confidence=0.975) * (1 + 1e-9)
    for plan in (by_variance, by_shortfall):
        for leg in plan.legs if plan else ():
            number = plan_input.codes.index(leg.code)
            assert leg.code in codes
            assert plan_input.is_tradable[number]
            assert leg.quantity % plan_input.lots[number] == 0


@QUICK
@given(st.lists(st.integers(-5000, 5000), min_size=3, max_size=5), st.integers(0, 1000))
def test_that_the_minimum_variance_hedge_is_the_least_squares_fit(quantity: list[int], seed: int) -> None:
    assume(any(quantity))
    plan_input = shares_input([*quantity, 0], seed=seed, loading=[1.0] * len(quantity) + [0.8])
    code = plan_input.codes[-1]
    plan = minimum_variance_hedge(plan_input, [code], TERMS)
    returns = plan_input.returns[-1] - plan_input.returns[-1].mean()
    pnl = plan_input.pnl - plan_input.pnl.mean()
    wanted = np.linalg.lstsq(returns[:, None], -pnl, rcond=None)[0][0]
    bound = plan_input.measured.gross
    lots = np.trunc(np.clip(wanted, -bound, bound) / 100.0 + np.sign(wanted) * 1e-9)
    assert float(plan.traded(code) if plan else 0) == pytest.approx(
        lots, abs=1.0 if abs(wanted) > bound else 0
    )


@QUICK
@given(inputs())
def test_that_flattening_leaves_nothing_but_what_cannot_be_dealt_in(plan_input: PlanInput) -> None:
    plan = flatten(plan_input, TERMS)
    for number, code in enumerate(plan_input.codes):
        after = plan_input.held[number] + plan.traded(code)
        if after:
            assert code in plan.left_out
            assert any(code in warning for warning in plan.warnings)


@QUICK
@given(inputs(), st.sampled_from([M.DRAWDOWN, M.VAR]), st.integers(2, 6))
def test_that_no_number_of_proposals_of_one_episode_runs_away(
    plan_input: PlanInput, measure: Measure, n: int
) -> None:
    """1 000 → 500 → 250 → 125 … was what the tutorial's loop did (pitfalls, 33)."""
    limit = Limit("dd", "Drawdown", measure, 1e-6, Severity.CRITICAL, response="cut-half")
    breach = Breach("B-1", limit, "", BreachState.RAISED, 1.0, 1.0, 0, 0)
    desk = ResponseDesk(BUILT_IN, groups_of(plan_input.universe), WhatIfBoard(plan_input.universe, (limit,)))
    episodes = EpisodeBook()
    start = dict(zip(plan_input.codes, plan_input.held, strict=True))
    held = dict(start)
    for turn in range(n):
        quantities = [int(held[code]) for code in plan_input.codes]
        if not any(quantities):
            return
        now = shares_input(quantities, lots=[int(lot) for lot in plan_input.lots])
        episode = episodes.begin(breach, held, float("nan"), 0)
        proposal = desk.propose(breach, now, episode, proposal_id=f"P-{turn}")
        assert proposal is not None
        for code in held:
            held[code] += proposal.plan.traded(code)
        episodes.note_executed(episode.episode_id)
        # An override that runs out raises the same loss under another name.
        episodes.follow(Breach(f"B-{turn}", limit, "", BreachState.OVERRIDDEN, 1.0, 1.0, 0, 0))
        episodes.follow(Breach(f"B-{turn}", limit, "", BreachState.CLOSED, 1.0, 1.0, 0, 0))
        breach = Breach(f"B-{turn + 2}", limit, "", BreachState.RAISED, 1.0, 1.0, 0, 0)
    for number, code in enumerate(plan_input.codes):
        assert abs(held[code]) >= abs(start[code]) / 2 - plan_input.lots[number]


@QUICK
@given(inputs(), MEASURES, st.floats(0.3, 0.9), st.data())
def test_that_what_a_plan_newly_breaks_is_always_named(
    plan_input: PlanInput, measure: Measure, share: float, data: st.DataObject
) -> None:
    board = WhatIfBoard(plan_input.universe, ())
    others = tuple(
        Limit(f"l{number}", f"L{number}", kind, line, Severity.HIGH, Scope(scope))
        for number, (kind, scope) in enumerate(
            [
                (M.HHI, ScopeKind.BOOK),
                (M.NET_LEVERAGE, ScopeKind.BOOK),
                (M.VAR, ScopeKind.BOOK),
                (M.RISK_SHARE, ScopeKind.INSTRUMENT),
            ]
        )
        for line in [data.draw(st.floats(0.01, 3.0))]
    )
    plan = cheapest_cut(plan_input, target_for(plan_input, measure, share), TERMS)
    answer = WhatIfBoard(plan_input.universe, others).of(plan, plan_input)
    members = {
        limit.limit_id: [""] if limit.scope.kind is ScopeKind.BOOK else plan_input.codes for limit in others
    }
    for limit in others:
        for member in members[limit.limit_id]:
            before = board.measure(plan_input, limit, member, ())
            after = board.measure(plan_input, limit, member, plan.all_legs)
            title = f"{limit.name} · {member}" if member else limit.name
            if limit.is_crossed_by(after) and not limit.is_crossed_by(before):
                assert title in answer.newly_broken
