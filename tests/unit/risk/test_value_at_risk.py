"""Value at risk against published figures, and its sampling errors against their definitions."""

import math

import numpy as np
import pytest

from plimsoll.risk.errors import (
    InsufficientHistory,
    InvalidWeights,
    OutOfRange,
)
from plimsoll.risk.value_at_risk import (
    RiskInterval,
    historical_var,
    historical_var_interval,
    horizon_factor,
    parametric_var,
    parametric_var_interval,
)

# reference/risk-definitions.md §4, the golden book.
EXPOSURES = np.array([600_000.0, -250_000.0, 400_000.0])
VOLATILITY = np.array([0.015, 0.02, 0.009])
COVARIANCE = np.array([[1, 0.5, 0.2], [0.5, 1, -0.1], [0.2, -0.1, 1]]) * np.outer(VOLATILITY, VOLATILITY)


def test_that_the_golden_book_has_its_var() -> None:
    assert parametric_var(EXPOSURES, COVARIANCE, confidence=0.99) == pytest.approx(22_133.34, abs=0.005)


@pytest.mark.parametrize(("confidence", "z"), [(0.95, 1.64485), (0.975, 1.95996), (0.99, 2.32635)])
def test_that_one_unit_of_risk_gives_the_normal_quantile(confidence: float, z: float) -> None:
    assert parametric_var([1.0], [[1.0]], confidence=confidence) == pytest.approx(z, abs=5e-6)


def test_that_student_t_is_scaled_to_the_covariance() -> None:
    assert parametric_var([1.0], [[1.0]], confidence=0.99, degrees_of_freedom=5) == pytest.approx(
        2.60646, abs=5e-6
    )


def test_that_jorions_daily_var_of_two_currencies_holds() -> None:
    # Jorion, Value at Risk, 3rd edition, chapter 7: $2m CAD at 5 %, $1m EUR at 12 %, uncorrelated, gives
    # $257,738 with z rounded to 1.65.
    sigma = np.diag([0.05**2, 0.12**2])
    in_his_z = parametric_var([2e6, 1e6], sigma, confidence=0.95) * 1.65 / 1.6448536
    assert in_his_z == pytest.approx(257_738, abs=0.5)


@pytest.mark.parametrize(
    ("degrees_of_freedom", "figures"),
    [(None, (162.1, 208.1, 247.9, 294.3, 325.8)), (4, (137.1, 190.7, 248.3, 335.1, 411.8))],
)
def test_that_the_textbook_stock_position_has_its_var(
    degrees_of_freedom: float | None, figures: tuple[float, ...]
) -> None:
    # McNeil, Frey and Embrechts, section 2.3.4: 10,000 in a stock of 20 % a year, 250 days. The Student t
    # has the same variance, so below 97.5 % it says less than the normal and above it more.
    covariance = [[0.2**2 / 250]]
    levels = (0.90, 0.95, 0.975, 0.99, 0.995)
    options = {"degrees_of_freedom": degrees_of_freedom}
    found = [round(parametric_var([10_000], covariance, confidence=c, **options), 1) for c in levels]
    assert tuple(found) == figures


def test_that_a_mean_lowers_the_loss_by_the_expected_profit() -> None:
    plain = parametric_var(EXPOSURES, COVARIANCE, confidence=0.99)
    mean = np.array([0.001, 0.002, -0.001])
    with_mean = parametric_var(EXPOSURES, COVARIANCE, confidence=0.99, mean=mean)
    assert plain - with_mean == pytest.approx(600 - 500 - 400)


def test_that_a_quantile_that_is_a_gain_is_a_negative_var() -> None:
    assert historical_var(np.full(100, 1_000.0), confidence=0.95) == -1_000.0


def test_that_a_flat_book_has_a_zero_without_a_sign() -> None:
    assert math.copysign(1.0, historical_var(np.zeros(100), confidence=0.95)) == 1.0


def test_that_age_weights_move_the_figure() -> None:
    pnl = [-9.0, 1.0, 1.0, -2.0]
    assert historical_var(pnl, confidence=0.75, weights=[0.1, 0.2, 0.3, 0.4]) == 2.0
    assert historical_var(pnl, confidence=0.75, weights=[0.4, 0.2, 0.3, 0.1]) == 9.0


def test_that_weights_need_no_minimum_sample() -> None:
    assert historical_var([-7.0], confidence=0.99, weights=[1.0]) == 7.0
    with pytest.raises(InsufficientHistory):
        historical_var([-7.0], confidence=0.99)


@pytest.mark.parametrize("weights", [[0.5, 0.4], [1.1, -0.1]])
def test_that_weights_that_are_no_probabilities_are_refused(weights: list[float]) -> None:
    with pytest.raises(InvalidWeights):
        historical_var([1.0, 2.0], confidence=0.9, weights=weights)


def test_that_the_order_statistics_cover_what_they_promise() -> None:
    draws = np.random.default_rng(7)
    true = 1.6448536
    hits = 0
    for _ in range(400):
        interval = historical_var_interval(draws.normal(size=500), confidence=0.95, coverage=0.9)
        hits += interval.low <= true <= interval.high
    assert 0.88 <= hits / 400 <= 0.97


def test_that_a_tail_too_short_to_bound_the_figure_leaves_the_interval_open() -> None:
    interval = historical_var_interval(-np.arange(1.0, 101.0), confidence=0.99)
    assert interval.high == math.inf
    assert interval.low == 97.0
    assert interval.coverage == pytest.approx(1 - 0.01837, abs=1e-4)


def test_that_a_sample_hardly_longer_than_its_tail_is_open_below_too() -> None:
    interval = historical_var_interval([-1.0, -2.0, -3.0], confidence=0.6, coverage=0.99)
    assert interval == RiskInterval(-math.inf, math.inf, 1.0)


def test_that_more_days_narrow_the_parametric_interval() -> None:
    short = parametric_var_interval(EXPOSURES, COVARIANCE, confidence=0.99, n_observations=60)
    long = parametric_var_interval(EXPOSURES, COVARIANCE, confidence=0.99, n_observations=600)
    assert short.low < long.low < 22_133.34 < long.high < short.high


def test_that_one_observation_estimates_no_variance() -> None:
    with pytest.raises(InsufficientHistory, match="n_observations was 1"):
        parametric_var_interval([1.0], [[1.0]], confidence=0.95, n_observations=1)


@pytest.mark.parametrize("degrees_of_freedom", [2.0, 1.0, -3.0, math.inf, math.nan])
def test_that_degrees_of_freedom_without_a_variance_are_refused(degrees_of_freedom: float) -> None:
    with pytest.raises(OutOfRange, match="degrees_of_freedom"):
        parametric_var([1.0], [[1.0]], confidence=0.95, degrees_of_freedom=degrees_of_freedom)


@pytest.mark.parametrize(
    ("days", "autocorrelation", "factor"),
    [(1, 0.9, 1.0), (10, 0.0, math.sqrt(10)), (5, 1.0, 5.0), (2, -1.0, 0.0), (3, 0.1, math.sqrt(3 + 0.42))],
)
def test_that_the_horizon_factor_is_its_sum(days: int, autocorrelation: float, factor: float) -> None:
    assert horizon_factor(days, autocorrelation=autocorrelation) == pytest.approx(factor, abs=1e-12)


@pytest.mark.parametrize("days", [0, -1, 0.5, 1.5, math.nan, math.inf])
def test_that_an_intraday_figure_is_never_scaled_over_the_close(days: float) -> None:
    with pytest.raises(OutOfRange, match="whole number"):
        horizon_factor(days)
