"""GARCH(1,1): maximum likelihood checked by an independent search, and Hull's worked forecasts."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize

from plimsoll.risk import garch
from plimsoll.risk.errors import InsufficientHistory, NotConverged, NotFinite, NotPositive, OutOfRange
from plimsoll.risk.garch import (
    GarchFit,
    garch11,
    garch11_forecast,
    garch11_long_run_variance,
    garch11_update,
)


def simulated(n_days: int, seed: int) -> np.ndarray:
    draws, variance, returns = np.random.default_rng(seed), 0.25, []
    for shock in draws.standard_normal(n_days):
        residual = shock * math.sqrt(variance)
        returns.append(0.02 + residual)
        variance = 0.0125 + 0.12 * residual**2 + 0.83 * variance
    return np.array(returns)


RETURNS = simulated(1_200, seed=5)


def plain_log_likelihood(parameters: np.ndarray, returns: np.ndarray, presample: str) -> float:
    """The definition, day by day, with nothing borrowed from the module under test."""
    mu, omega, alpha, beta = parameters
    residuals = returns - mu
    if presample == "mean_square":
        before = float(np.mean(residuals**2))
    else:
        early = (returns - returns.mean())[:75]
        weights = 0.94 ** np.arange(75)
        before = float(np.sum(weights * early**2) / weights.sum())
    total, variance, squared = 0.0, before, before
    for residual in residuals:
        variance = omega + alpha * squared + beta * variance
        squared = residual**2
        total -= 0.5 * (math.log(2 * math.pi) + math.log(variance) + squared / variance)
    return total


def test_that_the_published_benchmark_is_met_to_its_six_digits() -> None:
    # Fiorentini, Calzolari and Panattoni 1996; see tests/reference/SOURCES.md, also on omega's last digit.
    file = Path(__file__).parents[2] / "reference" / "bollerslev_ghysels_1996.csv"
    fit = garch11(np.loadtxt(file, skiprows=1))
    assert f"{fit.mean:.8f} {fit.alpha:.6f} {fit.beta:.6f}" == "-0.00619041 0.153134 0.805974"
    assert math.floor(fit.omega * 1e7) == 107_613
    assert fit.log_likelihood == pytest.approx(-1_106.608, abs=5e-4)


@pytest.mark.parametrize("presample", ["mean_square", "backcast"])
def test_that_the_likelihood_is_the_definition(presample: str) -> None:
    fit = garch11(RETURNS, presample=presample)
    parameters = np.array([fit.mean, fit.omega, fit.alpha, fit.beta])
    assert fit.log_likelihood == pytest.approx(plain_log_likelihood(parameters, RETURNS, presample), abs=1e-8)


@pytest.mark.parametrize("presample", ["mean_square", "backcast"])
def test_that_no_neighbour_is_more_likely_in_the_sixth_digit(presample: str) -> None:
    fit = garch11(RETURNS, presample=presample)
    best = np.array([fit.mean, fit.omega, fit.alpha, fit.beta])
    for place in range(4):
        for step in (-1e-5, 1e-5):
            near = best.copy()
            near[place] *= 1 + step
            assert plain_log_likelihood(near, RETURNS, presample) < fit.log_likelihood


def test_that_a_search_without_derivatives_finds_the_same_maximum() -> None:
    fit = garch11(RETURNS)
    outcome = minimize(
        lambda p: -plain_log_likelihood(p, RETURNS, "mean_square"),
        [0.0, 0.02, 0.1, 0.8],
        method="Nelder-Mead",
        options={"xatol": 1e-8, "fatol": 1e-10, "maxiter": 1_500},
    )
    assert outcome.x == pytest.approx([fit.mean, fit.omega, fit.alpha, fit.beta], rel=1e-4)


@pytest.mark.parametrize("unit", [0.01, 1e-6, 1e5])
@pytest.mark.parametrize("mean", ["constant", "zero"])
def test_that_the_unit_changes_no_digit(unit: float, mean: str) -> None:
    plain, scaled = garch11(RETURNS, mean=mean), garch11(RETURNS * unit, mean=mean)
    assert scaled.alpha == pytest.approx(plain.alpha, rel=1e-9)
    assert scaled.beta == pytest.approx(plain.beta, rel=1e-9)
    assert scaled.omega == pytest.approx(plain.omega * unit**2, rel=1e-9)
    assert scaled.mean == pytest.approx(plain.mean * unit, rel=1e-9, abs=0)
    assert scaled.forecast == pytest.approx(plain.forecast * unit**2, rel=1e-9)
    assert scaled.log_likelihood == pytest.approx(plain.log_likelihood - 1_200 * math.log(unit), abs=1e-6)


def test_that_the_variances_follow_the_recursion_into_the_forecast() -> None:
    fit = garch11(RETURNS)
    for day in range(1_199):
        tomorrow = garch11_update(
            fit.omega, fit.alpha, fit.beta, variance=fit.variances[day], residual=fit.residuals[day]
        )
        assert fit.variances[day + 1] == pytest.approx(tomorrow, rel=1e-10)
    last = garch11_update(
        fit.omega, fit.alpha, fit.beta, variance=fit.variances[-1], residual=fit.residuals[-1]
    )
    assert fit.forecast == pytest.approx(last, rel=1e-12)
    assert fit.volatility == pytest.approx(math.sqrt(last))
    assert fit.long_run_variance == pytest.approx(fit.omega / (1 - fit.alpha - fit.beta))


def test_that_the_first_variance_stands_on_the_mean_squared_residual() -> None:
    fit = garch11(RETURNS)
    before = float((fit.residuals**2).mean())
    assert fit.variances[0] == pytest.approx(fit.omega + (fit.alpha + fit.beta) * before)


def test_that_the_truth_is_near() -> None:
    fit = garch11(simulated(8_000, seed=1))
    assert (fit.mean, fit.omega) == pytest.approx((0.02, 0.0125), abs=0.012)
    assert (fit.alpha, fit.beta) == pytest.approx((0.12, 0.83), abs=0.04)


def test_that_a_zero_mean_is_left_alone() -> None:
    fit = garch11(RETURNS, mean="zero", presample="backcast")
    assert fit.mean == 0.0
    assert fit.residuals.tolist() == RETURNS.tolist()
    assert fit.log_likelihood < garch11(RETURNS, presample="backcast").log_likelihood


def test_that_returns_without_clusters_still_have_a_fit() -> None:
    for seed in range(6):
        fit = garch11(np.random.default_rng(seed).normal(size=250))
        assert fit.alpha >= 0.0
        assert fit.beta >= 0.0
        assert fit.alpha + fit.beta < 1.0
        assert fit.forecast > 0.0


def test_that_a_random_walk_stays_below_the_unit_root() -> None:
    fit = garch11(np.random.default_rng(3).normal(size=300).cumsum())
    assert 0.9 < fit.alpha + fit.beta < 1.0


def test_that_the_arrays_of_a_fit_cannot_be_written() -> None:
    fit = garch11(RETURNS)
    for array in (fit.variances, fit.residuals):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0


def test_that_a_fit_without_any_converged_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garch._Likelihood, "_climb", lambda *_: None)
    with pytest.raises(NotConverged, match="no GARCH"):
        garch11(RETURNS)


def test_that_an_illegal_end_of_a_climb_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garch, "_is_legal", lambda _: False)
    with pytest.raises(NotConverged):
        garch11(RETURNS)


def test_that_nineteen_returns_are_too_few() -> None:
    with pytest.raises(InsufficientHistory, match="had 19 days, expected at least 20"):
        garch11(RETURNS[:19])


@pytest.mark.parametrize("level", [0.0, 0.1])
def test_that_constant_returns_are_refused(level: float) -> None:
    with pytest.raises(NotPositive, match="no variance"):
        garch11(np.full(50, level))


@pytest.mark.parametrize("unit", [1e-150, 1e150])
def test_that_a_unit_whose_squares_are_no_numbers_is_refused(unit: float) -> None:
    with pytest.raises(OutOfRange, match="squares"):
        garch11(RETURNS * unit)


def test_that_a_gap_is_refused() -> None:
    with pytest.raises(NotFinite):
        garch11(np.append(RETURNS, math.nan))


@pytest.mark.parametrize("option", [{"mean": "median"}, {"presample": "nothing"}])
def test_that_an_unknown_option_is_refused(option: dict[str, str]) -> None:
    with pytest.raises(OutOfRange, match=f"{next(iter(option))} was"):
        garch11(RETURNS, **option)


def test_that_the_forecast_is_the_update_repeated_at_the_expected_shock() -> None:
    variance = 0.0003
    for days in range(6):
        assert garch11_forecast(2e-6, 0.1, 0.85, variance=0.0003, days=days) == pytest.approx(variance)
        variance = garch11_update(2e-6, 0.1, 0.85, variance=variance, residual=math.sqrt(variance))


def test_that_an_integrated_forecast_grows_by_omega_a_day() -> None:
    assert garch11_forecast(1e-6, 0.25, 0.75, variance=1e-4, days=10) == pytest.approx(1.1e-4)


def test_that_the_far_future_is_the_long_run() -> None:
    far = garch11_forecast(2e-6, 0.13, 0.86, variance=0.001, days=5_000)
    assert far == pytest.approx(garch11_long_run_variance(2e-6, 0.13, 0.86))


@pytest.mark.parametrize("days", [-1, 0.5, math.nan, math.inf])
def test_that_days_are_whole_and_ahead(days: float) -> None:
    with pytest.raises(OutOfRange, match="days"):
        garch11_forecast(2e-6, 0.13, 0.86, variance=0.001, days=days)


@pytest.mark.parametrize("wrong", [-1.0, math.nan, math.inf])
def test_that_parameters_are_finite_and_no_debts(wrong: float) -> None:
    with pytest.raises(OutOfRange, match="omega"):
        garch11_long_run_variance(wrong, 0.1, 0.8)
    with pytest.raises(OutOfRange, match="variance"):
        garch11_update(1e-6, 0.1, 0.8, variance=wrong, residual=0.0)


def test_that_without_reversion_there_is_no_long_run() -> None:
    with pytest.raises(OutOfRange, match="does not revert"):
        garch11_long_run_variance(1e-6, 0.25, 0.75)
    assert GarchFit(0, 1e-6, 0.1, 0.8, 0, np.ones(1), np.ones(1), 4.0).volatility == 2.0
