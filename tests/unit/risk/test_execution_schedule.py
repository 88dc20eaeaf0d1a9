import math

import numpy as np
import pytest

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.errors import NotPositive, OutOfRange
from plimsoll.risk.execution_schedule import ExecutionSchedule, almgren_chriss_schedule


def schedule(quantity: float = 1e6, **changes: float) -> ExecutionSchedule:
    # Almgren and Chriss 2000, table 1: a million shares in five days at 50 dollars.
    case: dict[str, float] = {
        "horizon": 5.0,
        "n_periods": 5,
        "volatility": 0.95,
        "risk_aversion": 1e-6,
        "temporary": 2.5e-6,
        "permanent": 2.5e-7,
        "fixed": 0.0625,
    }
    return almgren_chriss_schedule(quantity, **(case | changes))


def utility_of(trades: FloatArray, risk_aversion: float = 1e-6) -> float:
    # The cost term by term: the permanent drop before each later trade, the temporary one for its own.
    holdings = trades.sum() - np.cumsum(trades)
    permanent = 2.5e-7 * float(trades @ holdings)
    temporary = float(np.abs(trades) @ (0.0625 + 2.5e-6 * np.abs(trades)))
    return permanent + temporary + risk_aversion * 0.95**2 * float(holdings @ holdings)


def test_that_the_urgency_of_the_papers_example_is_the_printed_one() -> None:
    found = schedule()
    assert round(found.kappa, 2) == 0.61
    assert round(found.kappa * 5.0) == 3
    assert round(found.half_life, 1) == 1.6
    assert found.kappa_tilde == pytest.approx(math.sqrt(1e-6 * 0.95**2 / 2.375e-6))


def test_that_the_straight_line_of_the_paper_has_its_printed_cost() -> None:
    # E = εX + (η - γτ/2) X²/T + γX²/2, equation 10; V = σ² X² T/3 (1 - 1/N)(1 - 1/2N), equation 11.
    found = schedule(risk_aversion=0.0)
    assert found.holdings.tolist() == pytest.approx([1e6, 8e5, 6e5, 4e5, 2e5, 0.0])
    assert found.expected_cost == pytest.approx(0.0625e6 + 2.375e-6 * 1e12 / 5 + 0.5 * 2.5e-7 * 1e12)
    assert found.variance == pytest.approx(0.95**2 * 1e12 * 5 / 3 * (1 - 1 / 5) * (1 - 1 / 10))
    assert (found.kappa, found.half_life) == (0.0, math.inf)


def test_that_the_reference_cost_of_the_straight_line_is_met() -> None:
    found = almgren_chriss_schedule(
        1e5,
        horizon=4,
        n_periods=4,
        volatility=1.2,
        risk_aversion=0.0,
        temporary=2e-5,
        permanent=2e-6,
        fixed=0.02,
    )
    assert round(found.expected_cost, 2) == 59_500.0


def test_that_cost_and_variance_agree_with_the_sum_over_trades() -> None:
    found = schedule()
    assert found.utility == pytest.approx(utility_of(found.trades))
    assert found.utility == pytest.approx(found.expected_cost + 1e-6 * found.variance)


def test_that_no_other_schedule_is_better() -> None:
    found = schedule()
    rng = np.random.default_rng(3)
    for _ in range(200):
        change = rng.normal(size=5) * 1e4
        change -= change.mean()
        assert utility_of(found.trades + change) > found.utility


def test_that_the_holdings_obey_the_difference_equation() -> None:
    found = schedule()
    second = found.holdings[:-2] - 2.0 * found.holdings[1:-1] + found.holdings[2:]
    assert second == pytest.approx(found.kappa_tilde**2 * found.holdings[1:-1])


def test_that_buying_back_a_short_mirrors_the_sale() -> None:
    sale, purchase = schedule(), schedule(-1e6)
    assert purchase.holdings == pytest.approx(-sale.holdings)
    assert (purchase.expected_cost, purchase.variance) == pytest.approx((sale.expected_cost, sale.variance))


def test_that_all_is_sold_at_the_end_exactly_and_the_trades_add_up() -> None:
    for risk_aversion in (0.0, 1e-30, 1e-9, 1e-6, 1.0, 1e12):
        found = schedule(risk_aversion=risk_aversion)
        assert found.holdings[0] == 1e6
        assert found.holdings[-1] == 0.0
        assert found.trades.sum() == pytest.approx(1e6)
        assert (np.diff(found.holdings) <= 0.0).all()


def test_that_a_vanishing_risk_aversion_tends_to_the_straight_line() -> None:
    assert schedule(risk_aversion=1e-14).holdings == pytest.approx(
        schedule(risk_aversion=0.0).holdings, rel=1e-6
    )


def test_that_one_period_sells_all_at_once() -> None:
    assert schedule(n_periods=1).trades.tolist() == [1e6]


def test_that_nothing_to_sell_costs_nothing() -> None:
    found = schedule(0.0)
    assert (found.expected_cost, found.variance, found.utility) == (0.0, 0.0, 0.0)


def test_that_a_permanent_impact_too_large_for_the_period_is_refused() -> None:
    with pytest.raises(NotPositive, match="more periods"):
        schedule(permanent=6e-6)
    with pytest.raises(NotPositive):
        schedule(temporary=0.0, permanent=0.0)


@pytest.mark.parametrize("name", ["volatility", "risk_aversion", "temporary", "permanent", "fixed"])
def test_that_parameters_below_zero_are_refused_by_name(name: str) -> None:
    with pytest.raises(OutOfRange, match=name):
        schedule(**{name: -1.0})


def test_that_a_time_without_length_or_periods_is_refused() -> None:
    with pytest.raises(OutOfRange, match="horizon"):
        schedule(horizon=0.0)
    for n_periods in (0, 2.5):
        with pytest.raises(OutOfRange, match="n_periods"):
            schedule(n_periods=n_periods)
    with pytest.raises(OutOfRange, match="quantity"):
        schedule(math.nan)
