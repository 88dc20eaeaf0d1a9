"""The plan tables of protocol sections 3.4 and 3.5, figure by figure."""

import pytest

from plimsoll.alltick_server.pacing import Pacing
from plimsoll.alltick_server.plan import PLANS
from plimsoll.alltick_server.rest_allowance import RestAllowance


@pytest.mark.parametrize(
    ("name", "n_connections", "n_codes", "n_a_day", "n_groups", "years"),
    [
        ("Free", 1, 5, 1_000, 5, 1),
        ("Basic", 1, 100, 86_400, 100, 1),
        ("Premium", 3, 200, 864_000, 200, 3),
        ("Professional", 10, 3000, 1_728_000, 500, 5),
    ],
)
def test_that_a_plan_is_as_documented(
    name: str, n_connections: int, n_codes: int, n_a_day: int, n_groups: int, years: int
) -> None:
    plan = PLANS[name]
    assert (plan.n_connections, plan.n_ws_codes) == (n_connections, n_codes)
    assert (plan.n_calls_per_day, plan.n_batch_groups, plan.history_years) == (n_a_day, n_groups, years)


def test_that_the_market_plans_cover_their_market_only() -> None:
    assert PLANS["All US"].allows("AAPL.US")
    assert not PLANS["All US"].allows("EURUSD")
    assert PLANS["All CN"].allows("600519.SH")
    assert PLANS["Basic"].allows("EURUSD")


def granted(plan: str, calls: list[tuple[float, str]]) -> list[bool]:
    allowance = RestAllowance(PLANS[plan], Pacing())
    return [allowance.grants(endpoint, when) for when, endpoint in calls]


def test_that_free_may_call_one_interface_in_ten_seconds() -> None:
    calls = [(0.0, "kline"), (5.0, "trade-tick"), (10.1, "kline"), (15.0, "kline"), (20.2, "batch-kline")]
    assert granted("Free", calls) == [True, False, True, False, True]


def test_that_basic_may_call_each_endpoint_once_a_second_batch_once_in_three_and_sixty_a_minute() -> None:
    assert granted("Basic", [(0.0, "kline"), (0.1, "kline"), (0.2, "trade-tick"), (1.1, "kline")]) == [
        True,
        False,
        True,
        True,
    ]
    assert granted("Basic", [(0.0, "batch-kline"), (2.0, "batch-kline"), (3.1, "batch-kline")]) == [
        True,
        False,
        True,
    ]
    half_seconds = [(k * 0.5, ("kline", "trade-tick")[k % 2]) for k in range(100)]
    assert sum(granted("Basic", half_seconds)) == 60


def test_that_a_refused_call_does_not_count() -> None:
    assert granted("Basic", [(0.0, "kline"), (0.9, "kline"), (1.05, "kline")]) == [True, False, True]


def test_that_scaling_shrinks_every_rule_but_not_the_pump() -> None:
    pacing = Pacing().scaled(1 / 20)
    assert (pacing.gate_s, pacing.heartbeat_cut_s, pacing.cross_connection_s) == (
        0.05,
        1.5,
        pytest.approx(0.15),
    )
    assert (pacing.rest_minute_s, pacing.pump_s) == (3.0, Pacing().pump_s)
