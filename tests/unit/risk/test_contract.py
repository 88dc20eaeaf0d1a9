"""The names, arguments, defaults and fields that the contract of the room promises, word for word."""

import dataclasses
import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from plimsoll.risk.attribution import component_es, component_var, component_volatility
from plimsoll.risk.concentration import risk_concentration
from plimsoll.risk.correlation import absorption_ratio, turbulence
from plimsoll.risk.covariance import ewma_covariance, ledoit_wolf, nearest_psd, sample_covariance
from plimsoll.risk.drawdown import drawdown_table, drawdowns
from plimsoll.risk.errors import InvalidWeights, OutOfRange, OutsideValidity
from plimsoll.risk.expected_shortfall import cornish_fisher_es, historical_es
from plimsoll.risk.liquidity import almgren_chriss_schedule
from plimsoll.risk.scenario_pnl import age_weights, volatility_scaled_pnl, volatility_scaled_returns
from plimsoll.risk.value_at_risk import (
    cornish_fisher_var,
    extreme_value_var,
    historical_var,
    monte_carlo_var,
)
from plimsoll.risk.var_backtest import (
    acerbi_szekely_critical,
    acerbi_szekely_z1,
    acerbi_szekely_z2,
    binomial_test,
    christoffersen_independence,
    conditional_calibration,
    conditional_coverage,
    dynamic_quantile,
    haas_tbf,
    kupiec_pof,
    kupiec_region,
    kupiec_tuff,
    mcneil_frey,
    pnl_attribution_test,
    traffic_light,
    weibull_duration,
)
from plimsoll.risk.volatility import ewma_volatility, garch11

# Each line reads as the contract does; ... stands for whatever more a function takes, by keyword.
SIGNATURES = """
returns: simple_returns(prices)
returns: log_returns(prices)
returns: aligned_returns(closes, ...)
volatility: ewma_volatility(returns, decay, *, initial_variance=None)
volatility: garch11(returns, *, mean='constant', presample='mean_square')
volatility: garch11_forecast(omega, alpha, beta, *, variance, days)
covariance: sample_covariance(returns, *, ddof=1, centred=True)
covariance: ewma_covariance(returns, *, decay, initial=None)
covariance: ledoit_wolf(returns, *, target='identity', ddof=1)
covariance: nearest_psd(matrix, ...)
scenario_pnl: age_weights(n, *, decay, normalised=True)
scenario_pnl: volatility_scaled_returns(returns, *, decay, scale_to='next', initial_variance=None)
scenario_pnl: volatility_scaled_pnl(pnl, *, decay, scale_to='next', initial_variance=None)
value_at_risk: historical_var(pnl, *, confidence, rule='rank', weights=None)
value_at_risk: parametric_var(exposures, covariance, *, confidence, mean=None, degrees_of_freedom=None)
value_at_risk: cornish_fisher_var(pnl, volatility, skewness, excess_kurtosis, *, confidence, ddof=1, outside='raise', ...)
value_at_risk: monte_carlo_var(exposures, covariance, *, confidence, mean=None, degrees_of_freedom=None, seed=0, ...)
value_at_risk: extreme_value_var(pnl, *, confidence, threshold=None, tail_fraction=None)
value_at_risk: horizon_factor(days, *, autocorrelation=0.0)
expected_shortfall: historical_es(pnl, *, confidence, tail='fractional', rule='rank', weights=None)
expected_shortfall: parametric_es(exposures, covariance, *, confidence, mean=None, degrees_of_freedom=None)
expected_shortfall: cornish_fisher_es(pnl, volatility, skewness, excess_kurtosis, *, confidence, ddof=1, outside='raise', variant='quantile_mean', floor_at_var=True, ...)
attribution: marginal_var(exposures, covariance, *, confidence, mean=None, ...)
attribution: component_var(exposures, covariance, *, confidence, mean=None, ...)
attribution: component_es(exposures, covariance, *, confidence, mean=None, ...)
attribution: component_volatility(exposures, covariance, *, mean=None, ...)
attribution: incremental_var(exposures, covariance, *, confidence, mean=None, ...)
attribution: cornish_fisher_component_var(exposures, returns, *, confidence, ddof=1, outside='raise', ...)
attribution: es_contributions(exposures, returns, *, confidence, weights=None, ...)
concentration: herfindahl(values)
concentration: effective_number(values)
performance: downside_deviation(returns, *, threshold=0.0, ddof=0, ...)
performance: semi_deviation(returns, *, ddof=0, ...)
performance: volatility(returns, *, ddof=1, periods_per_year=None, ...)
performance: sharpe_ratio(returns, *, ddof=1, periods_per_year=None, geometric=False, ...)
performance: sortino_ratio(returns, *, threshold=0.0, ...)
performance: entropic_var(pnl, *, confidence, ...)
drawdown: drawdowns(equity, *, start=None, relative=True)
drawdown: max_drawdown(equity, *, start=None, relative=True)
drawdown: drawdown_table(equity, top, *, start=None, relative=True)
drawdown: cdar(series, *, confidence)
correlation: absorption_ratio(returns, n_eigenvectors=None, *, fraction=0.2, half_life=None, matrix='covariance')
correlation: turbulence(returns, *, scaled=True, ...)
liquidity: almgren_chriss_schedule(quantity, *, horizon, n_periods, volatility, risk_aversion, temporary, permanent, fixed)
var_backtest: kupiec_pof(n_exceptions, n_days, *, confidence, significance=0.05)
var_backtest: kupiec_region(n_days, *, confidence, significance=0.05)
var_backtest: kupiec_tuff(first_exception_day, *, confidence, ...)
var_backtest: binomial_test(n_exceptions, n_days, *, confidence, ...)
var_backtest: christoffersen_independence(exceptions=None, *, transitions=None, ...)
var_backtest: conditional_coverage(exceptions, *, confidence, ...)
var_backtest: weibull_duration(exceptions, ...)
var_backtest: dynamic_quantile(exceptions, var, *, confidence, lags=4, extra=None, ...)
var_backtest: acerbi_szekely_z1(pnl, var, es, *, confidence, ...)
var_backtest: acerbi_szekely_z2(pnl, var, es, *, confidence, ...)
var_backtest: acerbi_szekely_critical(n_days, *, confidence, significance=0.05, degrees_of_freedom=None, n_simulations=10000, seed=0, ...)
var_backtest: mcneil_frey(pnl, var, es, *, confidence, volatility=None, p_value='normal', ...)
var_backtest: conditional_calibration(pnl, var, es, *, confidence, volatility=None, ...)
var_backtest: traffic_light(n_exceptions, n_days, *, confidence, ...)
""".strip().splitlines()  # noqa: E501  one function a line, as in the contract

EMPTY = inspect.Parameter.empty
FLAGS = np.isin(np.arange(250), [9, 10, 11, 99, 199])
PNL = np.random.default_rng(3).normal(size=250)


@pytest.mark.parametrize("line", SIGNATURES)
def test_that_a_function_takes_what_the_contract_says(line: str) -> None:
    heading, _, promised = line.partition(": ")
    name, _, arguments = promised.rstrip(")").partition("(")
    taken = inspect.signature(getattr(import_module(f"plimsoll.risk.{heading}"), name)).parameters
    is_open = "..." in arguments
    by_keyword = False
    named = []
    for position, argument in enumerate(arguments.removesuffix("...").rstrip(", ").split(", ")):
        if argument == "*":
            by_keyword = True
            continue
        word, _, default = argument.partition("=")
        named.append(word)
        if by_keyword:
            assert taken[word].kind is inspect.Parameter.KEYWORD_ONLY, word
        else:
            assert list(taken)[position] == word
        if default:
            assert repr(taken[word].default) == default, word
    for word in set(taken) - set(named):
        # More is welcome only where nobody has to know it.
        assert taken[word].default is not EMPTY, word
        assert is_open or taken[word].kind is inspect.Parameter.KEYWORD_ONLY, word


RESULTS: list[tuple[Callable[[], Any], str]] = [
    (lambda: kupiec_pof(5, 250, confidence=0.99), ""),
    (lambda: kupiec_tuff(6, confidence=0.99), ""),
    (lambda: christoffersen_independence(FLAGS), ""),
    (lambda: christoffersen_independence(transitions=(241, 3, 3, 2)), ""),
    (lambda: conditional_coverage(FLAGS, confidence=0.99), ""),
    (lambda: haas_tbf(FLAGS, confidence=0.99), ""),
    (lambda: weibull_duration(FLAGS), "shape"),
    (lambda: dynamic_quantile(FLAGS, 2.0 + PNL**2, confidence=0.99), ""),
    (lambda: binomial_test(5, 250, confidence=0.99), "probability_at_most probability_at_least"),
    (
        lambda: traffic_light(5, 250, confidence=0.99),
        "zone cumulative_probability plus_factor multiplier",
    ),
    (lambda: acerbi_szekely_z1(PNL, 1.96, 2.34, confidence=0.975), ""),
    (lambda: acerbi_szekely_z2(PNL, 1.96, 2.34, confidence=0.975), ""),
    (lambda: mcneil_frey(PNL, 1.5, 2.0, confidence=0.95), ""),
    (lambda: conditional_calibration(PNL, 1.5, 2.0, confidence=0.95), ""),
    (lambda: pnl_attribution_test(PNL, PNL + 0.1), "spearman kolmogorov_smirnov"),
]


@pytest.mark.parametrize(("run", "more"), RESULTS)
def test_that_every_backtest_answers_with_a_frozen_result(run: Callable[[], Any], more: str) -> None:
    result = run()
    for field in ("statistic p_value verdict degrees_of_freedom " + more).split():
        getattr(result, field)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.statistic = 0.0
    assert 0.0 <= result.p_value <= 1.0


def test_that_a_critical_value_comes_with_the_p_value_of_what_was_observed() -> None:
    found = acerbi_szekely_critical(
        250, confidence=0.975, significance=0.05, n_simulations=20_000, seed=4, observed=-0.7
    )
    assert float(found) == pytest.approx(-0.70, abs=0.02)
    assert found.p_value == pytest.approx(0.05, abs=0.006)


def test_that_a_region_of_counts_unpacks_as_lowest_and_highest() -> None:
    lowest, highest = kupiec_region(250, confidence=0.99, significance=0.05)
    assert (lowest, highest) == (1, 6)


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        (
            lambda: extreme_value_var(PNL, confidence=0.99, tail_fraction=0.2),
            "n_exceedances shape scale log_likelihood var es tail_probability",
        ),
        (lambda: garch11(PNL), "mean omega alpha beta log_likelihood forecast"),
        (lambda: ledoit_wolf(PNL.reshape(50, 5)), "covariance intensity target"),
        (lambda: nearest_psd([[1.0, 2.0], [2.0, 1.0]]), "matrix clipped n_clipped distance"),
        (lambda: monte_carlo_var([1.0], [[1.0]], confidence=0.99), "standard_error"),
        (lambda: cornish_fisher_var(0, 1, 0, 9, confidence=0.99, outside="formula"), "is_inside"),
        (
            lambda: drawdown_table([1.0, 0.5])[0],
            "peak trough recovery depth length to_trough trough_to_recovery",
        ),
        (lambda: risk_concentration([3.0, 2.0, -1.0]), "herfindahl effective_number normalised diversifiers"),
        (
            lambda: almgren_chriss_schedule(
                1.0,
                horizon=1,
                n_periods=2,
                volatility=1,
                risk_aversion=1,
                temporary=1,
                permanent=0,
                fixed=0,
            ),
            "holdings expected_cost variance utility kappa kappa_tilde half_life",
        ),
    ],
)
def test_that_a_result_has_the_fields_of_the_contract(make: Callable[[], Any], fields: str) -> None:
    found = make()
    for field in fields.split():
        getattr(found, field)


def test_that_weights_are_probabilities_and_make_a_discrete_distribution_legal() -> None:
    pnl, weights = [-5.0, -3.0, 1.0, 2.0], [0.1, 0.3, 0.3, 0.3]
    assert historical_var(pnl, confidence=0.75, weights=weights) == 3.0
    assert historical_var(pnl, confidence=0.75, weights=weights, rule="interpolated_inverted_cdf") == 1.0
    assert historical_es(pnl, confidence=0.75, weights=weights) == pytest.approx(3.8)
    for figure in (historical_var, historical_es):
        with pytest.raises(OutOfRange):
            figure(pnl, confidence=0.75, weights=weights, rule="linear")
        with pytest.raises(InvalidWeights):
            figure(pnl, confidence=0.75, weights=[0.1, 0.3, 0.3, 0.3 + 2e-9])
        figure(pnl, confidence=0.75, weights=[0.1, 0.3, 0.3, 0.3 + 5e-10])


def test_that_the_three_tails_are_what_their_names_say() -> None:
    # Ten scenarios at 75 %: n(1 − c) = 2.5, so the VaR is the third loss.
    pnl = -np.arange(1.0, 11.0)
    assert historical_es(pnl, confidence=0.75) == pytest.approx((10 + 9 + 0.5 * 8) / 2.5)
    assert historical_es(pnl, confidence=0.75, tail="beyond") == 9.5
    assert historical_es(pnl, confidence=0.75, tail="including") == 9.0
    assert historical_es(np.full(10, -4.0), confidence=0.75, tail="beyond") == 4.0


def test_that_n_times_the_tail_is_rounded_before_the_floor() -> None:
    pnl = -np.arange(1.0, 11.0)
    assert historical_var(pnl, confidence=0.9) == 9.0
    assert historical_var(pnl, confidence=0.9, rule="ceil_rank") == 10.0


def test_that_initial_levels_may_be_a_number_an_array_or_zero() -> None:
    returns = np.array([[0.01, -0.02], [0.03, 0.01]])
    assert ewma_volatility([0.02, 0.02], 0.94, initial_variance=0).tolist()[0] == 0.0
    assert ewma_volatility([0.02], 0.94).shape == (2,)
    assert ewma_volatility(returns, 0.94, initial_variance=[1e-4, 4e-4])[0] == pytest.approx([0.01, 0.02])
    zero = ewma_covariance(returns, decay=0.94, initial=0)
    assert ewma_covariance(returns, decay=0.94, initial=np.zeros((2, 2))) == pytest.approx(zero)
    assert zero[0, 1] == pytest.approx(0.06 * (0.94 * 0.01 * -0.02 + 0.03 * 0.01))
    assert volatility_scaled_pnl([1.0, 2.0], decay=0.94, initial_variance=1.0).shape == (2,)
    assert volatility_scaled_returns(returns, decay=0.94, initial_variance=[1e-4, 4e-4]).shape == (2, 2)


def test_that_a_covariance_is_centred_and_loses_a_degree_of_freedom_unless_told_otherwise() -> None:
    returns = np.random.default_rng(0).normal(size=(30, 3)) + 0.5
    assert sample_covariance(returns) == pytest.approx(np.cov(returns.T))
    assert sample_covariance(returns, ddof=0, centred=False) == pytest.approx(returns.T @ returns / 30)


def test_that_components_with_a_mean_take_the_expected_profit_off() -> None:
    exposures, sigma, mean = np.array([3.0, 4.0]), np.eye(2), np.array([0.1, 0.2])
    for figure in (
        lambda mu: component_volatility(exposures, sigma, mean=mu),
        lambda mu: component_var(exposures, sigma, confidence=0.99, mean=mu),
        lambda mu: component_es(exposures, sigma, confidence=0.99, mean=mu),
    ):
        assert figure(mean) == pytest.approx(figure(None) - exposures * mean)


def test_that_cornish_fisher_says_when_it_left_its_region() -> None:
    with pytest.raises(OutsideValidity):
        cornish_fisher_var(0.0, 1.0, 0.0, 8.1, confidence=0.99)
    plain = cornish_fisher_var(0.0, 1.0, 0.0, 8.1, confidence=0.99, outside="formula")
    z = -2.3263478740408408
    assert plain == pytest.approx(-(z + (z**3 - 3 * z) * 8.1 / 24))
    assert not plain.is_inside
    assert cornish_fisher_var(0.0, 1.0, -0.5, 2.0, confidence=0.99).is_inside
    with pytest.raises(OutsideValidity):
        cornish_fisher_es(0.0, 1.0, 0.0, 8.1, confidence=0.99)


def test_that_a_drawdown_series_has_one_value_an_entry_and_the_start_is_none() -> None:
    equity = [110.0, 105.0, 120.0, 90.0, 95.0, 125.0]
    assert drawdowns(equity, start=100.0).shape == (6,)
    assert drawdowns([90.0], start=100.0).tolist() == [0.1]
    assert drawdowns([90.0], start=100.0, relative=False).tolist() == [10.0]
    first = drawdown_table([90.0, 80.0, 95.0], 5, start=100.0)[0]
    assert (first.peak, first.trough, first.recovery) == (0, 2, None)


def test_that_the_absorption_ratio_honours_any_count_of_eigenvectors() -> None:
    returns = np.random.default_rng(1).normal(size=(60, 7))
    assert absorption_ratio(returns, 0) == 0.0
    assert absorption_ratio(returns, 7) == 1.0
    # ⌊0.2 · 7 + ½⌋ = 1, ⌊0.4 · 7 + ½⌋ = 3, and never fewer than one.
    assert absorption_ratio(returns) == absorption_ratio(returns, 1)
    assert absorption_ratio(returns, fraction=0.4) == absorption_ratio(returns, 3)
    assert absorption_ratio(returns, fraction=0.0) == absorption_ratio(returns, 1)
    with pytest.raises(OutOfRange):
        absorption_ratio(returns, 8)


def test_that_turbulence_is_divided_by_the_number_of_assets_where_scaled() -> None:
    whole = turbulence([1.0, 2.0], covariance=np.eye(2), scaled=False)
    assert (whole, turbulence([1.0, 2.0], covariance=np.eye(2))) == (5.0, 2.5)


def test_that_age_weights_run_from_the_oldest() -> None:
    assert age_weights(3, decay=0.5) == pytest.approx(np.array([1, 2, 4]) / 7)
    assert age_weights(3, decay=0.5, normalised=False).sum() == pytest.approx(1 - 0.5**3)
