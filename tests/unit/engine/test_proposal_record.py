"""A journalled proposal gives back the plan that was written, through JSON and to the last digit."""

import json
from decimal import Decimal

from fakes.plan_case import shares_input
from plimsoll.domain.proposal import Plan, PriceBand, Proposal, WhatIf
from plimsoll.domain.response_policy import Autonomy
from plimsoll.engine.planner_flatten import flatten
from plimsoll.engine.planner_legs import PlanTerms
from plimsoll.engine.proposal_record import body_of, plan_from
from plimsoll.engine.response_desk import releases_of


def proposal(plan: Plan) -> Proposal:
    return Proposal(
        "P-1",
        "B-1",
        "B-1",
        "to-cash",
        plan,
        WhatIf(newly_broken=("Leverage",)),
        WhatIf(),
        (),
        book_version=3,
        price_bands={"S0.US": PriceBand(99.0, 101.0)},
        made_ns=5,
        expires_ns=9,
        autonomy=Autonomy.PROPOSE_AND_EXECUTE_AFTER,
        executes_ns=7,
        why_not_automatic=("trading is HALTED",),
        needs_two_persons=True,
    )


def test_that_a_row_gives_back_what_is_released() -> None:
    case = shares_input([1000, -7, 50], costs=[0.001, float("nan"), 0.001], opens_ns=(0, 0, 2**61))
    plan = flatten(case, PlanTerms(volume_share=1e-7))
    assert plan.later
    body = json.loads(json.dumps(body_of(proposal(plan)), allow_nan=False))
    back = plan_from(body)
    assert releases_of(back, "D-1") == releases_of(plan, "D-1")
    assert (back.planner, back.words, back.warnings, back.left_out) == (
        plan.planner,
        plan.words,
        plan.warnings,
        plan.left_out,
    )
    assert (back.cost_base, back.n_cost_unknown) == (plan.cost_base, plan.n_cost_unknown)
    assert body["price_bands"] == {"S0.US": [99.0, 101.0]}
    assert (body["autonomy"], body["executes_ns"]) == ("propose_and_execute_after", 7)
    assert body["newly_broken"] == ["Leverage"]


def test_that_a_market_order_stays_one() -> None:
    leg = flatten(shares_input([1000]), PlanTerms()).legs[0]
    market = Plan("x", (type(leg)(leg.code, Decimal("-0.30"), None, leg.mark, leg.held, 1.0),))
    (back,) = plan_from(json.loads(json.dumps(body_of(proposal(market))))).legs
    assert (back.limit_price, str(back.quantity)) == (None, "-0.30")


def test_that_a_damaged_row_releases_nothing() -> None:
    body = {**body_of(proposal(Plan("x"))), "legs": None, "later": None, "warnings": None}
    assert plan_from(body).is_empty
