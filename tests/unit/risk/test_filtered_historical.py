"""Filtered historical simulation: one day is rescaling, several days are drawn and updated."""

import math

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.filtered_historical import filtered_historical_pnl, filtered_historical_returns
from plimsoll.risk.garch import garch11
from plimsoll.risk.scenario_pnl import volatility_scaled_returns
from plimsoll.risk.volatility import ewma_volatility

RETURNS = np.random.default_rng(8).normal(size=(300, 3)) * 0.01
EXPOSURES = np.array([1e6, -5e5, 2e5])


def test_that_with_ewma_volatility_it_is_hull_and_white() -> None:
    forecast = ewma_volatility(RETURNS, 0.94, initial_variance=1e-4)
    assert filtered_historical_returns(RETURNS, forecast) == pytest.approx(
        volatility_scaled_returns(RETURNS, decay=0.94, initial_variance=1e-4)
    )


def test_that_a_garch_fit_can_be_the_filter() -> None:
    fit = garch11(RETURNS[:, 0])
    forecast = np.sqrt(np.append(fit.variances, fit.forecast))
    scenarios = filtered_historical_returns(fit.residuals, forecast)
    assert scenarios.std() == pytest.approx(fit.volatility, rel=0.05)


def test_that_one_day_is_one_scenario_a_past_day() -> None:
    expected = volatility_scaled_returns(RETURNS, decay=0.94) @ EXPOSURES
    assert filtered_historical_pnl(EXPOSURES, RETURNS, decay=0.94) == pytest.approx(expected)


def test_that_ten_days_spread_by_about_the_root_of_ten() -> None:
    one = filtered_historical_pnl(EXPOSURES, RETURNS, decay=0.97).std()
    ten = filtered_historical_pnl(EXPOSURES, RETURNS, decay=0.97, days=10, n_paths=20_000, seed=1).std()
    assert ten / one == pytest.approx(math.sqrt(10), rel=0.06)


def test_that_two_days_compound_and_update_the_volatility() -> None:
    # One past day only: both steps draw it, and the second is larger by what the first taught.
    shock, level, lam = 0.02, 1e-4, 0.9
    next_variance = lam * level + (1 - lam) * shock**2
    moved = shock / 0.01
    first = moved * math.sqrt(next_variance)
    second = moved * math.sqrt(next_variance * (lam + (1 - lam) * moved**2))
    pnl = filtered_historical_pnl([100.0], [[shock]], decay=lam, days=2, n_paths=1, initial_variance=level)
    assert pnl == pytest.approx([100 * ((1 + first) * (1 + second) - 1)])


def test_that_the_same_seed_draws_the_same_paths() -> None:
    first, again, other = (
        filtered_historical_pnl(EXPOSURES, RETURNS, decay=0.94, days=3, n_paths=50, seed=seed)
        for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()


def test_that_an_asset_that_never_moved_adds_nothing_over_days() -> None:
    still = RETURNS.copy()
    still[:, 2] = 0.0
    with_it = filtered_historical_pnl(EXPOSURES, still, decay=0.94, days=3, n_paths=50)
    without = filtered_historical_pnl(EXPOSURES[:2], still[:, :2], decay=0.94, days=3, n_paths=50)
    assert with_it == pytest.approx(without)


def test_that_a_first_day_without_a_move_still_has_a_volatility() -> None:
    carried = RETURNS.copy()
    carried[0, 0] = 0.0
    assert np.isfinite(filtered_historical_pnl(EXPOSURES, carried, decay=0.94, days=2)).all()


def test_that_forecasts_of_nothing_are_refused() -> None:
    with pytest.raises(NotPositive, match="above zero"):
        filtered_historical_returns([0.01], [0.0, 0.01])


@pytest.mark.parametrize(
    ("returns", "volatilities", "error"),
    [
        ([0.01], [0.01], ShapeMismatch),
        ([[0.01]], [0.01, 0.01], ShapeMismatch),
        ([], [0.01], InsufficientHistory),
        ([math.nan], [0.1, 0.1], NotFinite),
        ([0.1], [0.1, math.inf], NotFinite),
    ],
)
def test_that_what_does_not_belong_together_is_refused(
    returns: object, volatilities: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        filtered_historical_returns(returns, volatilities)


def test_that_exposures_and_columns_agree_and_horizons_exist() -> None:
    with pytest.raises(ShapeMismatch, match="3 columns, expected 2"):
        filtered_historical_pnl(EXPOSURES[:2], RETURNS, decay=0.94)
    with pytest.raises(OutOfRange, match="days was 0"):
        filtered_historical_pnl(EXPOSURES, RETURNS, decay=0.94, days=0)
