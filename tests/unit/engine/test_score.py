"""What trading was worth is what a pencil says, and splits into market, slippage and fees."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.proposal import Plan, PlanLeg
from plimsoll.domain.score import Horizon
from plimsoll.engine.score import Filled, acted_base, due_at, fees_base, plan_base, slippage_base, worth_of

HOUR_NS = 3_600_000_000_000
NAN = float("nan")


def leg(
    code: str, quantity: str, mark: float, *, fx: float = 1.0, cost: float = 0.0, later: int = 0
) -> PlanLeg:
    size = Decimal(quantity)
    value = abs(float(size)) * mark * fx
    return PlanLeg(code, size, None, mark, Decimal(0), value, cost_base=cost, not_before_ns=later)


def filled(code: str, quantity: str, price: str, fee: str = "0", at_ns: int = 0) -> Filled:
    return Filled(code, Decimal(quantity), Decimal(price), Decimal(fee), at_ns)


def at(year: int, month: int, day: int, hour: int = 15) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp()) * 1_000_000_000


def test_that_what_was_sold_before_a_fall_saved_money_net_of_cost() -> None:
    plan = Plan("cut", (leg("A", "-100", 10.0, cost=4.0),))
    worth = worth_of([plan], {"A": 1.0})
    fills = [filled("A", "-100", "9.95", "5")]
    prices = {("A", 0): 10.0, ("A", HOUR_NS): 9.0}
    price_at = lambda code, ns: prices[(code, ns)]  # noqa: E731  one line says it
    assert acted_base(fills, worth, price_at, HOUR_NS) == pytest.approx(90.0)
    assert plan_base(plan, worth, price_at, 0, HOUR_NS) == pytest.approx(96.0)
    assert slippage_base(fills, plan, worth, price_at, 0) == pytest.approx(5.0)
    assert fees_base(fills, worth) == 5.0


def test_that_money_counts_at_the_rate_and_the_multiplier_of_the_decision() -> None:
    plan = Plan("cut", (PlanLeg("F", Decimal(-2), None, 50.0, Decimal(2), 2 * 50 * 10 * 1.1),))
    worth = worth_of([plan], {"F": 10.0})
    assert worth["F"].per_point == pytest.approx(11.0)
    assert worth["F"].rate == pytest.approx(1.1)
    blind = Plan("other", (PlanLeg("F", Decimal(-2), None, NAN, Decimal(2), NAN),))
    assert worth_of([plan, blind], {"F": 10.0}) == worth
    fills = [filled("F", "-2", "50", "3")]
    assert acted_base(fills, worth, lambda *_: 49.0, 0) == pytest.approx(2 * 11.0 - 3 * 1.1)


@given(
    quantity=st.integers(-1000, 1000).filter(bool),
    mark=st.floats(1.0, 1e4),
    price=st.floats(1.0, 1e4),
    later=st.floats(1.0, 1e4),
    fee=st.integers(0, 100),
    parts=st.integers(1, 4),
)
def test_that_acting_is_the_market_s_move_less_slippage_less_fees_however_it_was_filled(
    quantity: int, mark: float, price: float, later: float, fee: int, parts: int
) -> None:
    plan = Plan("p", (leg("A", str(quantity * parts), mark),))
    worth = worth_of([plan], {"A": 1.0})
    fills = [filled("A", str(quantity), repr(price), str(fee)) for _ in range(parts)]

    def price_at(_: str, ns: int) -> float:
        return later if ns else mark

    acted = acted_base(fills, worth, price_at, 1)
    market = plan_base(plan, worth, price_at, 0, 1)
    lost = slippage_base(fills, plan, worth, price_at, 0) + fees_base(fills, worth)
    scale = abs(quantity * parts) * max(mark, price, later) + 1.0
    assert acted == pytest.approx(market - lost, abs=1e-9 * scale)


def test_that_fills_after_the_horizon_do_not_count_for_it() -> None:
    plan = Plan("p", (leg("A", "-10", 10.0),))
    worth = worth_of([plan], {"A": 1.0})
    fills = [filled("A", "-5", "10", at_ns=5), filled("A", "-5", "10", at_ns=15)]
    assert acted_base(fills, worth, lambda *_: 9.0, 10) == 5.0
    assert acted_base(fills, worth, lambda *_: 9.0, 20) == 10.0
    assert acted_base([], worth, lambda *_: 9.0, 20) == 0.0


def test_that_an_unknown_price_makes_the_worth_unknown_and_never_zero() -> None:
    plan = Plan("p", (leg("A", "-10", 10.0), leg("B", "-10", 10.0)))
    worth = worth_of([plan], {"A": 1.0, "B": 1.0})

    def price_at(code: str, _: int) -> float:
        return NAN if code == "B" else 9.0

    assert acted_base([filled("B", "-10", "10")], worth, price_at, 1) != 0.0
    assert str(acted_base([filled("B", "-10", "10")], worth, price_at, 1)) == "nan"
    assert str(plan_base(plan, worth, price_at, 0, 1)) == "nan"
    assert str(acted_base([filled("C", "-1", "1")], worth, price_at, 1)) == "nan"


def test_that_a_leg_of_later_is_measured_from_its_own_time_and_not_before() -> None:
    plan = Plan("p", (), later=(leg("A", "-10", 10.0, later=100),))
    worth = worth_of([plan], {"A": 1.0})
    prices = {50: 9.0, 100: 8.0, 200: 7.0}

    def price_at(_: str, ns: int) -> float:
        return prices.get(ns, NAN)

    assert plan_base(plan, worth, price_at, 0, 50) == 0.0
    assert plan_base(plan, worth, price_at, 0, 200) == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("horizon", "decided", "due"),
    [
        (Horizon.HOUR, at(2026, 11, 20), at(2026, 11, 20, 16)),  # a Friday
        (Horizon.DAY, at(2026, 11, 20), at(2026, 11, 23)),
        (Horizon.WEEK, at(2026, 11, 20), at(2026, 11, 27)),
        (Horizon.DAY, at(2026, 11, 21), at(2026, 11, 23)),  # a Saturday
        (Horizon.WEEK, at(2026, 11, 18), at(2026, 11, 25)),
    ],
)
def test_that_a_day_is_the_same_time_of_the_next_weekday(horizon: Horizon, decided: int, due: int) -> None:
    assert due_at(horizon, decided) == due
