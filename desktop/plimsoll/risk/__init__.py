"""The mathematics: arrays in, numbers out; has never heard of a Position.

Losses positive; money in base currency; arrays oldest first. Below stands every public figure, under the
module that makes it. Each can be imported from ``plimsoll.risk`` too: its module is loaded when first needed.
The trade's headings (returns, volatility, covariance, scenario_pnl, value_at_risk, expected_shortfall,
attribution, performance, correlation, liquidity, margin, var_backtest, hedge, stress) also hand on what other
modules make of theirs: ``from plimsoll.risk.value_at_risk import monte_carlo_var``. Two headings bear a
figure's name, and the name is the heading's: ``from plimsoll.risk.performance import volatility`` and
``from plimsoll.risk.scenario_pnl import scenario_pnl``.

What cannot carry a figure is refused by an error of ``plimsoll.risk.errors``, never answered with a NaN or a
warning; so is, as OutOfRange, what leaves the range of numbers on the way (money of 1e200, squared).

* returns
    simple_returns(prices)
    log_returns(prices)
    overlapping_returns(returns, *, days)
* alignment
    align_closes(day_numbers, asset_ids, closes, n_assets, *, calendar=None, max_carry_days=5,
        absolute=None)
    aligned_returns(closes, *, calendar=None, max_carry_days=5, absolute=(), proxies=None, seed=0)
* split
    suspected_splits(prices, *, tolerance=0.05)
* proxy
    fill_by_proxy(returns, asset, proxy, *, residual='bootstrap', seed=0)
    add_proxy_residual(pnl, exposures, residual_volatility, *, seed=0)
* synchronisation
    synchronised_covariance(returns, *, days=3, ddof=1)
* volatility
    ewma_volatility(returns, decay, *, initial_variance=None)
* garch
    garch11(returns, *, mean='constant', presample='mean_square')
    garch11_update(omega, alpha, beta, *, variance, residual)
    garch11_forecast(omega, alpha, beta, *, variance, days)
    garch11_long_run_variance(omega, alpha, beta)
* covariance
    sample_covariance(returns, *, ddof=1, centred=True)
    ewma_covariance(returns, *, decay, initial=None)
    ledoit_wolf(returns, *, target='identity', ddof=1)
* psd_repair
    nearest_psd(matrix, *, keep_diagonal=False)
* scenario_pnl
    scenario_pnl(exposures, returns)
    age_weights(n, *, decay, normalised=True)
* volatility_scaling
    volatility_scaled_returns(returns, *, decay, scale_to='next', initial_variance=None)
    volatility_scaled_pnl(pnl, *, decay, scale_to='next', initial_variance=None)
* filtered_historical
    filtered_historical_returns(returns, volatilities)
    filtered_historical_pnl(exposures, returns, *, decay, days=1, n_paths=10000, seed=0,
        initial_variance=None)
* value_at_risk
    historical_var(pnl, *, confidence, rule='rank', weights=None)
    historical_var_interval(pnl, *, confidence, coverage=0.9)
    parametric_var(exposures, covariance, *, confidence, mean=None, degrees_of_freedom=None)
    parametric_var_interval(exposures, covariance, *, confidence, n_observations, coverage=0.9, mean=None,
        degrees_of_freedom=None)
    horizon_factor(days, *, autocorrelation=0.0)
* cornish_fisher
    sample_moments(pnl, *, ddof=1)
    cornish_fisher_quantile(z, skewness, excess_kurtosis)
    cornish_fisher_var(pnl=None, volatility=None, skewness=None, excess_kurtosis=None, *, confidence,
        mean=None, ddof=1, outside='raise')
    cornish_fisher_es(pnl=None, volatility=None, skewness=None, excess_kurtosis=None, *, confidence,
        mean=None, ddof=1, outside='raise', variant='quantile_mean', floor_at_var=True)
* cornish_fisher_interval
    cornish_fisher_var_interval(pnl, *, confidence, ddof=1, coverage=0.9, n_resamples=1000, seed=0)
    cornish_fisher_es_interval(pnl, *, confidence, ddof=1, variant='quantile_mean', coverage=0.9,
        n_resamples=1000, seed=0)
* monte_carlo
    simulated_pnl(exposures, covariance, *, mean=None, degrees_of_freedom=None, n_simulations=100000,
        seed=0, antithetic=True)
    monte_carlo_var(exposures, covariance, *, confidence, mean=None, degrees_of_freedom=None,
        n_simulations=100000, seed=0, antithetic=True, rule='rank')
    monte_carlo_es(exposures, covariance, *, confidence, mean=None, degrees_of_freedom=None,
        n_simulations=100000, seed=0, antithetic=True)
* extreme_value
    extreme_value_var(pnl, *, confidence, threshold=None, tail_fraction=None)
    extreme_value_var_interval(pnl, *, confidence, threshold=None, tail_fraction=None, coverage=0.9)
    extreme_value_es(pnl, *, confidence, threshold=None, tail_fraction=None)
    extreme_value_es_interval(pnl, *, confidence, threshold=None, tail_fraction=None, coverage=0.9)
* expected_shortfall
    historical_es(pnl, *, confidence, tail='fractional', rule='rank', weights=None)
    tail_weights(pnl, *, confidence, weights=None)
    historical_es_interval(pnl, *, confidence, coverage=0.9, n_resamples=1000, seed=0)
    parametric_es(exposures, covariance, *, confidence, mean=None, degrees_of_freedom=None)
    parametric_es_interval(exposures, covariance, *, confidence, n_observations, coverage=0.9, mean=None,
        degrees_of_freedom=None)
* stressed_period
    stressed_window(pnl, *, confidence, window_days=250, measure='es')
    stressed_var(pnl, *, confidence, window_days=250)
    stressed_es(pnl, *, confidence, window_days=250)
    gap_add_on(exposures, *, fall_fraction, rise_fraction=None, standalone_var=None, n_names=1)
* first_passage
    loss_touch_probability(limit, *, mean, volatility, days)
    drawdown_touch_probability(limit, *, mean, volatility, days, drawdown=0.0)
    touch_probability_by_bootstrap(pnl, *, limit, days, kind='loss', drawdown=0.0, block=1, n_paths=10000,
        seed=0)
* attribution
    marginal_var(exposures, covariance, *, confidence, mean=None, degrees_of_freedom=None)
    component_var(exposures, covariance, *, confidence, mean=None, degrees_of_freedom=None)
    component_es(exposures, covariance, *, confidence, mean=None, degrees_of_freedom=None)
    component_volatility(exposures, covariance, *, mean=None)
    incremental_var(exposures, covariance, *, confidence, mean=None, degrees_of_freedom=None, trade=None)
    undiversified_var(exposures, covariance, *, confidence, degrees_of_freedom=None)
    diversification_ratio(exposures, covariance)
* cornish_fisher_attribution
    cornish_fisher_component_var(exposures, returns, *, confidence, ddof=1, outside='raise')
    cornish_fisher_component_es(exposures, returns, *, confidence, ddof=1, outside='raise',
        variant='quantile_mean', floor_at_var=True)
* simulated_attribution
    es_contributions(exposures, returns, *, confidence, weights=None)
    var_contributions(exposures, returns, *, confidence, rule='rank', bandwidth=None, weights=None)
    simulated_incremental_var(exposures, returns, *, confidence, rule='rank', weights=None)
* change_attribution
    attribute_change(figure, causes, *, method='sequential')
    risk_change(before, after, *, measure, method='sequential', causes=('trades', 'prices', 'fx',
        'volatility', 'correlation', 'window', 'data_repair'))
    var_change(before, after, *, confidence, rule='rank', method='sequential', causes=('trades', 'prices',
        'fx', 'volatility', 'correlation', 'window', 'data_repair'))
* concentration
    gross_weights(values)
    herfindahl(values)
    effective_number(values)
    normalised_herfindahl(values)
    risk_concentration(contributions)
* exposure
    total_exposure(exposures)
    exposure_by_group(exposures, labels)
    beta(returns, reference)
    portfolio_beta(exposures, returns, reference, *, capital)
* dispersion
    volatility(returns, *, ddof=1, periods_per_year=None)
    annualised_volatility(returns, *, periods_per_year, ddof=1)
    downside_deviation(returns, *, threshold=0.0, ddof=0, periods_per_year=None)
    semi_deviation(returns, *, ddof=0, periods_per_year=None)
    mean_absolute_deviation(values)
    gini_mean_difference(values)
* performance
    annualised_return(returns, *, periods_per_year)
    sharpe_ratio(returns, *, risk_free=0.0, ddof=1, periods_per_year=None, geometric=False)
    sortino_ratio(returns, *, threshold=0.0, ddof=0, periods_per_year=None)
    calmar_ratio(returns, *, periods_per_year=None)
    omega_ratio(returns, *, threshold=0.0)
    tail_ratio(returns, *, confidence=0.95)
* entropic_risk
    entropic_var(pnl, *, confidence, weights=None)
* drawdown
    drawdowns(equity, *, start=None, relative=True)
    max_drawdown(equity, *, start=None, relative=True)
    drawdown_table(equity, top=None, *, start=None, relative=True)
    average_drawdown(series)
    ulcer_index(series)
    cdar(series, *, confidence)
* pairwise_correlation
    correlation_matrix(covariance)
    average_pairwise_correlation(covariance)
    effective_observations(decay, n_rows=None)
* correlation_break
    correlation_breaks(returns, *, decay=0.94, tolerance=0.01, false_discovery_rate=0.05)
* correlation_equality
    fisher_z_test(first, second, *, n_first, n_second, significance=0.05)
    jennrich_test(first, second, *, n_first, n_second, significance=0.05)
* false_discovery
    benjamini_hochberg(p_values, *, false_discovery_rate=0.05)
* absorption
    absorption_ratio(returns, n_eigenvectors=None, *, fraction=0.2, half_life=None, matrix='covariance')
    absorption_ratios(returns, *, window=500, n_eigenvectors=None, fraction=0.2, half_life=250.0,
        matrix='covariance')
    absorption_shift(ratios, *, short=15, long=250, ddof=1)
    effective_rank(covariance)
* unusual_day
    turbulence(returns, history=None, *, mean=None, covariance=None, scaled=True, ddof=1)
    magnitude_surprise(returns, history=None, *, mean=None, covariance=None, scaled=True, ddof=1)
    correlation_surprise(returns, history=None, *, mean=None, covariance=None, ddof=1)
* liquidity
    days_to_liquidate(quantity, average_daily_volume, *, participation=0.1)
    time_to_exit(values, days, *, shares=(0.5, 0.9, 0.99))
    spread_cost(quantity, spread, *, multiplier=1.0, fx=1.0)
    depth_walk(quantity, prices, sizes, *, mid, remainder_impact=None, multiplier=1.0, fx=1.0)
    liquidity_cost(exposures, mean_spread, spread_volatility=0.0, *, spread_multiple=3.0)
    liquidity_adjusted_var(var, exposures, mean_spread, spread_volatility=0.0, *, spread_multiple=3.0)
* market_impact
    square_root_impact(quantity, average_daily_volume, volatility, *, coefficient=1.0)
    almgren_impact(quantity, average_daily_volume, shares_outstanding, volatility, *, days,
        permanent=0.314, temporary=0.142)
* execution_schedule
    almgren_chriss_schedule(quantity, *, horizon, n_periods, volatility, risk_aversion, temporary,
        permanent, fixed)
* margin
    reg_t_margin(exposures, *, equity, prices=None, initial_fraction=0.5, long_fraction=0.25,
        short_fraction=0.3, least_per_share=5.0)
    margin_cushion(equity, requirement)
    price_move_to_call(exposures, *, equity, long_fraction=0.25, short_fraction=0.3)
    leverage(exposures, *, equity)
    leverage_margin(notional, *, leverage)
    tiered_margin(notional, *, upper_bounds, rates)
* margin_scan
    scan_points(product)
    portfolio_margin(exposures, products='single', *, minimum=None)
    scan_margin(pnl_by_point, *, minimum=None)
* pnl_explain
    explain_pnl(pnl, book, *, cash=None, trades=None, carry=0.0, fees=0.0)
* exception_count
    kupiec_pof(n_exceptions, n_days, *, confidence, significance=0.05)
    kupiec_region(n_days, *, confidence, significance=0.05)
    kupiec_tuff(first_exception_day, *, confidence, n_days=None, significance=0.05)
    binomial_test(n_exceptions, n_days, *, confidence, significance=0.05)
    traffic_light(n_exceptions, n_days, *, confidence)
* exception_timing
    christoffersen_independence(exceptions=None, *, transitions=None, significance=0.05)
    conditional_coverage(exceptions, *, confidence, significance=0.05)
    haas_tbf(exceptions, *, confidence, significance=0.05)
* exception_forecast
    weibull_duration(exceptions, *, significance=0.05)
    dynamic_quantile(exceptions, var, *, confidence, lags=4, extra=None, significance=0.05)
* es_backtest
    acerbi_szekely_z1(pnl, var, es, *, confidence, significance=0.05, degrees_of_freedom=None,
        n_simulations=10000, seed=0)
    acerbi_szekely_z2(pnl, var, es, *, confidence, significance=0.05, degrees_of_freedom=None,
        n_simulations=10000, seed=0)
    acerbi_szekely_critical(n_days, *, confidence, significance=0.05, degrees_of_freedom=None,
        n_simulations=10000, seed=0, observed=None, statistic='z2')
* es_calibration
    mcneil_frey(pnl, var, es, *, confidence, volatility=None, p_value='normal', significance=0.05,
        n_bootstraps=10000, seed=0)
    conditional_calibration(pnl, var, es, *, confidence, volatility=None, significance=0.05)
* pnl_attribution
    pnl_attribution_test(risk_theoretical, hypothetical)
* forecast_score
    quantile_loss(pnl, var, *, confidence)
    fissler_ziegel(pnl, var, es, *, confidence)
    qlike(realised_variance, variance_forecast)
    diebold_mariano(first_scores, second_scores, *, horizon=1, kernel='rectangular', small_sample=True,
        significance=0.05)
* risk_figure
    parametric_risk(covariance, *, confidence, figure='var', mean=None, degrees_of_freedom=None)
    simulated_shortfall(returns, *, confidence, weights=None)
    simulated_var(returns, *, confidence)
* hedge
    hedge_ratio(asset_changes, hedge_changes)
    beta_hedge_contracts(value_base, *, beta, contract_value_base, target_beta=0.0, hedge_beta=1.0)
    min_variance_hedge(exposures, covariance, *, instruments, bounds=None, lots=None, costs=None,
        risk_aversion=None)
* es_hedge
    es_minimising_hedge(pnl, instrument_returns, *, confidence, bounds=None, lots=None, costs=None,
        weights=None)
* reduction
    uniform_cut(exposures, figure, *, limit, costs=None)
    reduction_by_risk_contribution(exposures, figure, *, limit, costs=None)
    cheapest_cut(exposures, figure, *, limit, costs=None, lots=None, spared=None, spare_hedges=True)
* stress
    historical_replay(exposures, prices, *, start, end, money_per_point=None, equity=None)
    replay_of_path(pnl, *, equity=None, n_window=None)
    factor_shock(exposures, covariance, *, shocked, returns)
* reverse_stress
    most_plausible_scenario(exposures, covariance, *, loss, mean=None)
* breach_distance
    distance_to_breach(level, slopes, covariance, *, line, breach_above=True, prices=None)
"""

# ruff: noqa: F403  the starred imports are for type checkers only; at run time the list above is the table

import re
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from plimsoll.risk.absorption import *
    from plimsoll.risk.alignment import *
    from plimsoll.risk.attribution import *
    from plimsoll.risk.breach_distance import *
    from plimsoll.risk.change_attribution import *
    from plimsoll.risk.concentration import *
    from plimsoll.risk.cornish_fisher import *
    from plimsoll.risk.cornish_fisher_attribution import *
    from plimsoll.risk.cornish_fisher_interval import *
    from plimsoll.risk.correlation_break import *
    from plimsoll.risk.correlation_equality import *
    from plimsoll.risk.covariance import *
    from plimsoll.risk.dispersion import *
    from plimsoll.risk.drawdown import *
    from plimsoll.risk.entropic_risk import *
    from plimsoll.risk.es_backtest import *
    from plimsoll.risk.es_calibration import *
    from plimsoll.risk.es_hedge import *
    from plimsoll.risk.exception_count import *
    from plimsoll.risk.exception_forecast import *
    from plimsoll.risk.exception_timing import *
    from plimsoll.risk.execution_schedule import *
    from plimsoll.risk.expected_shortfall import *
    from plimsoll.risk.exposure import *
    from plimsoll.risk.extreme_value import *
    from plimsoll.risk.false_discovery import *
    from plimsoll.risk.filtered_historical import *
    from plimsoll.risk.first_passage import *
    from plimsoll.risk.forecast_score import *
    from plimsoll.risk.garch import *
    from plimsoll.risk.hedge import *
    from plimsoll.risk.liquidity import *
    from plimsoll.risk.margin import *
    from plimsoll.risk.margin_scan import *
    from plimsoll.risk.market_impact import *
    from plimsoll.risk.monte_carlo import *
    from plimsoll.risk.pairwise_correlation import *
    from plimsoll.risk.performance import *
    from plimsoll.risk.pnl_attribution import *
    from plimsoll.risk.pnl_explain import *
    from plimsoll.risk.proxy import *
    from plimsoll.risk.psd_repair import *
    from plimsoll.risk.reduction import *
    from plimsoll.risk.returns import *
    from plimsoll.risk.reverse_stress import *
    from plimsoll.risk.risk_figure import *
    from plimsoll.risk.scenario_pnl import *
    from plimsoll.risk.simulated_attribution import *
    from plimsoll.risk.split import *
    from plimsoll.risk.stress import *
    from plimsoll.risk.stressed_period import *
    from plimsoll.risk.synchronisation import *
    from plimsoll.risk.unusual_day import *
    from plimsoll.risk.value_at_risk import *
    from plimsoll.risk.volatility import *
    from plimsoll.risk.volatility_scaling import *


def _figures_by_module() -> dict[str, tuple[str, ...]]:
    """Read the list above, so that there is no second one to disagree with it."""
    _, *parts = re.split(r"^\* (\w+)$", __doc__ or "", flags=re.MULTILINE)
    return {
        module: tuple(re.findall(r"^ {4}(\w+)\(", figures, flags=re.MULTILINE))
        for module, figures in zip(parts[::2], parts[1::2], strict=True)
    }


FIGURES_BY_MODULE: Final = _figures_by_module()
_MODULE_BY_FIGURE: Final = {
    name: module
    for module, names in FIGURES_BY_MODULE.items()
    for name in names
    if name not in FIGURES_BY_MODULE  # Python itself gives this name to the module
}

if not TYPE_CHECKING:  # pragma: no branch  or mypy would take every misspelt name for a figure
    __all__ = list(_MODULE_BY_FIGURE)

    def __getattr__(name: str) -> object:
        """Load a figure's module when the figure is first asked for (PEP 562)."""
        if name not in _MODULE_BY_FIGURE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        figure = getattr(import_module(f"{__name__}.{_MODULE_BY_FIGURE[name]}"), name)
        globals()[name] = figure
        return figure

    def __dir__() -> list[str]:
        """List the figures beside what is loaded already."""
        return sorted({*globals(), *_MODULE_BY_FIGURE})
