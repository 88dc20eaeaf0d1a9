"""An approval is bound to the book, the prices and the time it was asked for."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest

from plimsoll.domain.limit import Limit, LimitState, Measure, Severity
from plimsoll.domain.proposal import LimitEffect, Plan, PlanLeg, PriceBand, Proposal, WhatIf, why_stale

NAN = float("nan")
S = 1_000_000_000
SELL = PlanLeg("AAPL.US", Decimal(-500), Decimal(297), 300.0, Decimal(1000), 150_000.0, 75.0, 0.01)
REST = replace(SELL, quantity=Decimal(-200), value_base=60_000.0, cost_base=NAN, not_before_ns=9)
PLAN = Plan("cheapest cut", (SELL,), (REST,))
PROPOSAL = Proposal(
    "P-1",
    "B-1",
    "B-1",
    "cheapest-cut",
    PLAN,
    WhatIf(),
    WhatIf(),
    (),
    book_version=7,
    price_bands={"AAPL.US": PriceBand(297.0, 303.0)},
    made_ns=100 * S,
    expires_ns=220 * S,
)
MARKS = {"AAPL.US": 300.0}


def test_that_a_plan_adds_up_what_is_known_and_counts_what_is_not() -> None:
    assert (PLAN.cost_base, PLAN.n_cost_unknown, PLAN.turnover_base) == (75.0, 1, 210_000.0)
    assert PLAN.traded("AAPL.US") == Decimal(-700)
    assert PLAN.traded("XOM.US") == 0
    assert not PLAN.is_empty
    assert Plan("nothing").is_empty


def test_that_an_untouched_proposal_may_be_approved_once() -> None:
    assert why_stale(PROPOSAL, 7, MARKS, 100 * S) == ""
    assert why_stale(PROPOSAL, 7, {"AAPL.US": 303.0}, 220 * S - 1) == ""
    assert PROPOSAL.is_single_use


@pytest.mark.parametrize(
    ("version", "marks", "now_s", "why"),
    [
        (8, MARKS, 110, "the book was version 7 and is 8"),
        (7, MARKS, 220, "it was good for 120 s and has expired"),
        (7, MARKS, 99, "it was good for 120 s and has expired"),  # a clock set back proves nothing
        (7, {"AAPL.US": 303.01}, 110, "AAPL.US is at 303.01, outside the 297 to 303"),
        (7, {"AAPL.US": 296.99}, 110, "AAPL.US is at 296.99, outside the 297 to 303"),
        (7, {"AAPL.US": NAN}, 110, "AAPL.US is without a price"),
        (7, {}, 110, "AAPL.US is without a price"),
    ],
)
def test_that_another_book_another_time_or_another_price_asks_again(
    version: int, marks: dict[str, float], now_s: int, why: str
) -> None:
    told = why_stale(PROPOSAL, version, marks, now_s * S)
    assert told.startswith(why)
    assert "worked out again" in told


def test_that_an_unknown_effect_is_neither_fine_nor_of_any_use() -> None:
    limit = Limit("var", "VaR", Measure.VAR, 100.0, Severity.HIGH)
    effect = LimitEffect(limit, NAN, 120.0)
    assert (effect.state_before, effect.state_after) == (LimitState.UNKNOWN, LimitState.OVER)
    assert math.isnan(effect.use_before)
    assert effect.use_after == pytest.approx(1.2)
    assert math.isnan(LimitEffect(limit, 1.0, NAN).use_after)
    assert WhatIf((effect,)).effect("var") is effect
    assert WhatIf().effect("var") is None
