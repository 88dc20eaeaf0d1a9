"""The mathematics: arrays in, numbers out; has never heard of a Position.

Losses positive; money in base currency; arrays oldest first. Below stands every public figure, under the
module that holds it. Each can be imported from ``plimsoll.risk`` too: its module is loaded when first needed.
A figure named like a module is imported from its own: ``from plimsoll.risk.turbulence import turbulence``.

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
    ledoit_wolf(returns, *, target='identity', ddof=0)
* psd_repair
    nearest_psd(matrix, *, keep_diagonal=False)
* scenario_pnl
    scenario_pnl(exposures, returns)
    age_weights(n_scenarios, *, decay, normalised=True)
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
    cornish_fisher_var_interval(pnl, *, confidence, ddof=1, coverage=0.9, n_resamples=1000, seed=0)
    cornish_fisher_es(pnl=None, volatility=None, skewness=None, excess_kurtosis=None, *, confidence,
        mean=None, ddof=1, outside='raise', variant='quantile_mean', floor_at_var=True)
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
* expected_shortfall
    historical_es(pnl, *, confidence, tail='fractional', rule='rank', weights=None)
    tail_weights(pnl, *, confidence, weights=None)
    historical_es_interval(pnl, *, confidence, coverage=0.9, n_resamples=1000, seed=0)
    parametric_es(exposures, covariance, *, confidence, mean=None, degrees_of_freedom=None)
    parametric_es_interval(exposures, covariance, *, confidence, n_observations, coverage=0.9, mean=None,
        degrees_of_freedom=None)
* stressed_window
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
    es_contributions(exposures, scenario_returns, *, confidence, weights=None)
    var_contributions(exposures, scenario_returns, *, confidence, rule='rank', bandwidth=None,
        weights=None)
    simulated_incremental_var(exposures, scenario_returns, *, confidence, rule='rank', weights=None)
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
* entropic_var
    entropic_var(pnl, *, confidence, weights=None)
* drawdown
    drawdowns(equity, *, start=None, relative=True)
    max_drawdown(equity, *, start=None, relative=True)
    drawdown_table(equity, top=None, *, start=None, relative=True)
    average_drawdown(series)
    ulcer_index(series)
    cdar(series, *, confidence)
* correlation
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
* turbulence
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
* margin
    reg_t_margin(exposures, *, equity, prices=None, initial_fraction=0.5, long_fraction=0.25,
        short_fraction=0.3)
    margin_cushion(equity, requirement)
    price_move_to_call(exposures, *, equity, long_fraction=0.25, short_fraction=0.3)
    leverage(exposures, *, equity)
    leverage_margin(notional, *, leverage)
    tiered_margin(notional, *, upper_bounds, rates)
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
* execution_schedule
    almgren_chriss_schedule(quantity, *, horizon, n_periods, volatility, risk_aversion, temporary,
        permanent, fixed)
* portfolio_margin
    scan_points(product)
    portfolio_margin(exposures, products='single', *, minimum=None)
    scan_margin(pnl_by_point, *, minimum=None)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from plimsoll.risk.absorption import (
        absorption_ratio as absorption_ratio,
    )
    from plimsoll.risk.absorption import (
        absorption_ratios as absorption_ratios,
    )
    from plimsoll.risk.absorption import (
        absorption_shift as absorption_shift,
    )
    from plimsoll.risk.absorption import (
        effective_rank as effective_rank,
    )
    from plimsoll.risk.alignment import (
        align_closes as align_closes,
    )
    from plimsoll.risk.alignment import (
        aligned_returns as aligned_returns,
    )
    from plimsoll.risk.attribution import (
        component_es as component_es,
    )
    from plimsoll.risk.attribution import (
        component_var as component_var,
    )
    from plimsoll.risk.attribution import (
        component_volatility as component_volatility,
    )
    from plimsoll.risk.attribution import (
        diversification_ratio as diversification_ratio,
    )
    from plimsoll.risk.attribution import (
        incremental_var as incremental_var,
    )
    from plimsoll.risk.attribution import (
        marginal_var as marginal_var,
    )
    from plimsoll.risk.attribution import (
        undiversified_var as undiversified_var,
    )
    from plimsoll.risk.breach_distance import (
        distance_to_breach as distance_to_breach,
    )
    from plimsoll.risk.concentration import (
        effective_number as effective_number,
    )
    from plimsoll.risk.concentration import (
        gross_weights as gross_weights,
    )
    from plimsoll.risk.concentration import (
        herfindahl as herfindahl,
    )
    from plimsoll.risk.concentration import (
        normalised_herfindahl as normalised_herfindahl,
    )
    from plimsoll.risk.concentration import (
        risk_concentration as risk_concentration,
    )
    from plimsoll.risk.cornish_fisher import (
        cornish_fisher_es as cornish_fisher_es,
    )
    from plimsoll.risk.cornish_fisher import (
        cornish_fisher_quantile as cornish_fisher_quantile,
    )
    from plimsoll.risk.cornish_fisher import (
        cornish_fisher_var as cornish_fisher_var,
    )
    from plimsoll.risk.cornish_fisher import (
        cornish_fisher_var_interval as cornish_fisher_var_interval,
    )
    from plimsoll.risk.cornish_fisher import (
        sample_moments as sample_moments,
    )
    from plimsoll.risk.cornish_fisher_attribution import (
        cornish_fisher_component_es as cornish_fisher_component_es,
    )
    from plimsoll.risk.cornish_fisher_attribution import (
        cornish_fisher_component_var as cornish_fisher_component_var,
    )
    from plimsoll.risk.correlation import (
        average_pairwise_correlation as average_pairwise_correlation,
    )
    from plimsoll.risk.correlation import (
        correlation_matrix as correlation_matrix,
    )
    from plimsoll.risk.correlation import (
        effective_observations as effective_observations,
    )
    from plimsoll.risk.correlation_break import (
        correlation_breaks as correlation_breaks,
    )
    from plimsoll.risk.correlation_equality import (
        fisher_z_test as fisher_z_test,
    )
    from plimsoll.risk.correlation_equality import (
        jennrich_test as jennrich_test,
    )
    from plimsoll.risk.covariance import (
        ewma_covariance as ewma_covariance,
    )
    from plimsoll.risk.covariance import (
        ledoit_wolf as ledoit_wolf,
    )
    from plimsoll.risk.covariance import (
        sample_covariance as sample_covariance,
    )
    from plimsoll.risk.dispersion import (
        annualised_volatility as annualised_volatility,
    )
    from plimsoll.risk.dispersion import (
        downside_deviation as downside_deviation,
    )
    from plimsoll.risk.dispersion import (
        gini_mean_difference as gini_mean_difference,
    )
    from plimsoll.risk.dispersion import (
        mean_absolute_deviation as mean_absolute_deviation,
    )
    from plimsoll.risk.dispersion import (
        semi_deviation as semi_deviation,
    )
    from plimsoll.risk.drawdown import (
        average_drawdown as average_drawdown,
    )
    from plimsoll.risk.drawdown import (
        cdar as cdar,
    )
    from plimsoll.risk.drawdown import (
        drawdown_table as drawdown_table,
    )
    from plimsoll.risk.drawdown import (
        drawdowns as drawdowns,
    )
    from plimsoll.risk.drawdown import (
        max_drawdown as max_drawdown,
    )
    from plimsoll.risk.drawdown import (
        ulcer_index as ulcer_index,
    )
    from plimsoll.risk.es_backtest import (
        acerbi_szekely_critical as acerbi_szekely_critical,
    )
    from plimsoll.risk.es_backtest import (
        acerbi_szekely_z1 as acerbi_szekely_z1,
    )
    from plimsoll.risk.es_backtest import (
        acerbi_szekely_z2 as acerbi_szekely_z2,
    )
    from plimsoll.risk.es_calibration import (
        conditional_calibration as conditional_calibration,
    )
    from plimsoll.risk.es_calibration import (
        mcneil_frey as mcneil_frey,
    )
    from plimsoll.risk.es_hedge import (
        es_minimising_hedge as es_minimising_hedge,
    )
    from plimsoll.risk.exception_count import (
        binomial_test as binomial_test,
    )
    from plimsoll.risk.exception_count import (
        kupiec_pof as kupiec_pof,
    )
    from plimsoll.risk.exception_count import (
        kupiec_region as kupiec_region,
    )
    from plimsoll.risk.exception_count import (
        kupiec_tuff as kupiec_tuff,
    )
    from plimsoll.risk.exception_count import (
        traffic_light as traffic_light,
    )
    from plimsoll.risk.exception_forecast import (
        dynamic_quantile as dynamic_quantile,
    )
    from plimsoll.risk.exception_forecast import (
        weibull_duration as weibull_duration,
    )
    from plimsoll.risk.exception_timing import (
        christoffersen_independence as christoffersen_independence,
    )
    from plimsoll.risk.exception_timing import (
        conditional_coverage as conditional_coverage,
    )
    from plimsoll.risk.exception_timing import (
        haas_tbf as haas_tbf,
    )
    from plimsoll.risk.execution_schedule import (
        almgren_chriss_schedule as almgren_chriss_schedule,
    )
    from plimsoll.risk.expected_shortfall import (
        historical_es as historical_es,
    )
    from plimsoll.risk.expected_shortfall import (
        historical_es_interval as historical_es_interval,
    )
    from plimsoll.risk.expected_shortfall import (
        parametric_es as parametric_es,
    )
    from plimsoll.risk.expected_shortfall import (
        parametric_es_interval as parametric_es_interval,
    )
    from plimsoll.risk.expected_shortfall import (
        tail_weights as tail_weights,
    )
    from plimsoll.risk.exposure import (
        beta as beta,
    )
    from plimsoll.risk.exposure import (
        exposure_by_group as exposure_by_group,
    )
    from plimsoll.risk.exposure import (
        portfolio_beta as portfolio_beta,
    )
    from plimsoll.risk.exposure import (
        total_exposure as total_exposure,
    )
    from plimsoll.risk.extreme_value import (
        extreme_value_es as extreme_value_es,
    )
    from plimsoll.risk.extreme_value import (
        extreme_value_var as extreme_value_var,
    )
    from plimsoll.risk.extreme_value import (
        extreme_value_var_interval as extreme_value_var_interval,
    )
    from plimsoll.risk.false_discovery import (
        benjamini_hochberg as benjamini_hochberg,
    )
    from plimsoll.risk.filtered_historical import (
        filtered_historical_pnl as filtered_historical_pnl,
    )
    from plimsoll.risk.filtered_historical import (
        filtered_historical_returns as filtered_historical_returns,
    )
    from plimsoll.risk.first_passage import (
        drawdown_touch_probability as drawdown_touch_probability,
    )
    from plimsoll.risk.first_passage import (
        loss_touch_probability as loss_touch_probability,
    )
    from plimsoll.risk.first_passage import (
        touch_probability_by_bootstrap as touch_probability_by_bootstrap,
    )
    from plimsoll.risk.forecast_score import (
        diebold_mariano as diebold_mariano,
    )
    from plimsoll.risk.forecast_score import (
        fissler_ziegel as fissler_ziegel,
    )
    from plimsoll.risk.forecast_score import (
        qlike as qlike,
    )
    from plimsoll.risk.forecast_score import (
        quantile_loss as quantile_loss,
    )
    from plimsoll.risk.garch import (
        garch11 as garch11,
    )
    from plimsoll.risk.garch import (
        garch11_forecast as garch11_forecast,
    )
    from plimsoll.risk.garch import (
        garch11_long_run_variance as garch11_long_run_variance,
    )
    from plimsoll.risk.garch import (
        garch11_update as garch11_update,
    )
    from plimsoll.risk.hedge import (
        beta_hedge_contracts as beta_hedge_contracts,
    )
    from plimsoll.risk.hedge import (
        hedge_ratio as hedge_ratio,
    )
    from plimsoll.risk.hedge import (
        min_variance_hedge as min_variance_hedge,
    )
    from plimsoll.risk.liquidity import (
        days_to_liquidate as days_to_liquidate,
    )
    from plimsoll.risk.liquidity import (
        depth_walk as depth_walk,
    )
    from plimsoll.risk.liquidity import (
        liquidity_adjusted_var as liquidity_adjusted_var,
    )
    from plimsoll.risk.liquidity import (
        liquidity_cost as liquidity_cost,
    )
    from plimsoll.risk.liquidity import (
        spread_cost as spread_cost,
    )
    from plimsoll.risk.liquidity import (
        time_to_exit as time_to_exit,
    )
    from plimsoll.risk.margin import (
        leverage as leverage,
    )
    from plimsoll.risk.margin import (
        leverage_margin as leverage_margin,
    )
    from plimsoll.risk.margin import (
        margin_cushion as margin_cushion,
    )
    from plimsoll.risk.margin import (
        price_move_to_call as price_move_to_call,
    )
    from plimsoll.risk.margin import (
        reg_t_margin as reg_t_margin,
    )
    from plimsoll.risk.margin import (
        tiered_margin as tiered_margin,
    )
    from plimsoll.risk.market_impact import (
        almgren_impact as almgren_impact,
    )
    from plimsoll.risk.market_impact import (
        square_root_impact as square_root_impact,
    )
    from plimsoll.risk.monte_carlo import (
        monte_carlo_es as monte_carlo_es,
    )
    from plimsoll.risk.monte_carlo import (
        monte_carlo_var as monte_carlo_var,
    )
    from plimsoll.risk.monte_carlo import (
        simulated_pnl as simulated_pnl,
    )
    from plimsoll.risk.performance import (
        annualised_return as annualised_return,
    )
    from plimsoll.risk.performance import (
        calmar_ratio as calmar_ratio,
    )
    from plimsoll.risk.performance import (
        omega_ratio as omega_ratio,
    )
    from plimsoll.risk.performance import (
        sharpe_ratio as sharpe_ratio,
    )
    from plimsoll.risk.performance import (
        sortino_ratio as sortino_ratio,
    )
    from plimsoll.risk.performance import (
        tail_ratio as tail_ratio,
    )
    from plimsoll.risk.pnl_attribution import (
        pnl_attribution_test as pnl_attribution_test,
    )
    from plimsoll.risk.portfolio_margin import (
        scan_margin as scan_margin,
    )
    from plimsoll.risk.portfolio_margin import (
        scan_points as scan_points,
    )
    from plimsoll.risk.proxy import (
        add_proxy_residual as add_proxy_residual,
    )
    from plimsoll.risk.proxy import (
        fill_by_proxy as fill_by_proxy,
    )
    from plimsoll.risk.psd_repair import (
        nearest_psd as nearest_psd,
    )
    from plimsoll.risk.reduction import (
        cheapest_cut as cheapest_cut,
    )
    from plimsoll.risk.reduction import (
        reduction_by_risk_contribution as reduction_by_risk_contribution,
    )
    from plimsoll.risk.reduction import (
        uniform_cut as uniform_cut,
    )
    from plimsoll.risk.returns import (
        log_returns as log_returns,
    )
    from plimsoll.risk.returns import (
        overlapping_returns as overlapping_returns,
    )
    from plimsoll.risk.returns import (
        simple_returns as simple_returns,
    )
    from plimsoll.risk.reverse_stress import (
        most_plausible_scenario as most_plausible_scenario,
    )
    from plimsoll.risk.risk_figure import (
        parametric_risk as parametric_risk,
    )
    from plimsoll.risk.risk_figure import (
        simulated_shortfall as simulated_shortfall,
    )
    from plimsoll.risk.risk_figure import (
        simulated_var as simulated_var,
    )
    from plimsoll.risk.scenario_pnl import (
        age_weights as age_weights,
    )
    from plimsoll.risk.scenario_pnl import (
        volatility_scaled_pnl as volatility_scaled_pnl,
    )
    from plimsoll.risk.scenario_pnl import (
        volatility_scaled_returns as volatility_scaled_returns,
    )
    from plimsoll.risk.simulated_attribution import (
        es_contributions as es_contributions,
    )
    from plimsoll.risk.simulated_attribution import (
        simulated_incremental_var as simulated_incremental_var,
    )
    from plimsoll.risk.simulated_attribution import (
        var_contributions as var_contributions,
    )
    from plimsoll.risk.split import (
        suspected_splits as suspected_splits,
    )
    from plimsoll.risk.stress import (
        factor_shock as factor_shock,
    )
    from plimsoll.risk.stress import (
        historical_replay as historical_replay,
    )
    from plimsoll.risk.stress import (
        replay_of_path as replay_of_path,
    )
    from plimsoll.risk.stressed_window import (
        gap_add_on as gap_add_on,
    )
    from plimsoll.risk.stressed_window import (
        stressed_es as stressed_es,
    )
    from plimsoll.risk.stressed_window import (
        stressed_var as stressed_var,
    )
    from plimsoll.risk.synchronisation import (
        synchronised_covariance as synchronised_covariance,
    )
    from plimsoll.risk.turbulence import (
        correlation_surprise as correlation_surprise,
    )
    from plimsoll.risk.turbulence import (
        magnitude_surprise as magnitude_surprise,
    )
    from plimsoll.risk.value_at_risk import (
        historical_var as historical_var,
    )
    from plimsoll.risk.value_at_risk import (
        historical_var_interval as historical_var_interval,
    )
    from plimsoll.risk.value_at_risk import (
        horizon_factor as horizon_factor,
    )
    from plimsoll.risk.value_at_risk import (
        parametric_var as parametric_var,
    )
    from plimsoll.risk.value_at_risk import (
        parametric_var_interval as parametric_var_interval,
    )
    from plimsoll.risk.volatility import (
        ewma_volatility as ewma_volatility,
    )

FIGURES_BY_MODULE: Final[dict[str, tuple[str, ...]]] = {
    "returns": (
        "simple_returns",
        "log_returns",
        "overlapping_returns",
    ),
    "alignment": (
        "align_closes",
        "aligned_returns",
    ),
    "split": ("suspected_splits",),
    "proxy": (
        "fill_by_proxy",
        "add_proxy_residual",
    ),
    "synchronisation": ("synchronised_covariance",),
    "volatility": ("ewma_volatility",),
    "garch": (
        "garch11",
        "garch11_update",
        "garch11_forecast",
        "garch11_long_run_variance",
    ),
    "covariance": (
        "sample_covariance",
        "ewma_covariance",
        "ledoit_wolf",
    ),
    "psd_repair": ("nearest_psd",),
    "scenario_pnl": (
        "scenario_pnl",
        "age_weights",
        "volatility_scaled_returns",
        "volatility_scaled_pnl",
    ),
    "filtered_historical": (
        "filtered_historical_returns",
        "filtered_historical_pnl",
    ),
    "value_at_risk": (
        "historical_var",
        "historical_var_interval",
        "parametric_var",
        "parametric_var_interval",
        "horizon_factor",
    ),
    "cornish_fisher": (
        "sample_moments",
        "cornish_fisher_quantile",
        "cornish_fisher_var",
        "cornish_fisher_var_interval",
        "cornish_fisher_es",
    ),
    "monte_carlo": (
        "simulated_pnl",
        "monte_carlo_var",
        "monte_carlo_es",
    ),
    "extreme_value": (
        "extreme_value_var",
        "extreme_value_var_interval",
        "extreme_value_es",
    ),
    "expected_shortfall": (
        "historical_es",
        "tail_weights",
        "historical_es_interval",
        "parametric_es",
        "parametric_es_interval",
    ),
    "stressed_window": (
        "stressed_window",
        "stressed_var",
        "stressed_es",
        "gap_add_on",
    ),
    "first_passage": (
        "loss_touch_probability",
        "drawdown_touch_probability",
        "touch_probability_by_bootstrap",
    ),
    "attribution": (
        "marginal_var",
        "component_var",
        "component_es",
        "component_volatility",
        "incremental_var",
        "undiversified_var",
        "diversification_ratio",
    ),
    "cornish_fisher_attribution": (
        "cornish_fisher_component_var",
        "cornish_fisher_component_es",
    ),
    "simulated_attribution": (
        "es_contributions",
        "var_contributions",
        "simulated_incremental_var",
    ),
    "concentration": (
        "gross_weights",
        "herfindahl",
        "effective_number",
        "normalised_herfindahl",
        "risk_concentration",
    ),
    "exposure": (
        "total_exposure",
        "exposure_by_group",
        "beta",
        "portfolio_beta",
    ),
    "dispersion": (
        "volatility",
        "annualised_volatility",
        "downside_deviation",
        "semi_deviation",
        "mean_absolute_deviation",
        "gini_mean_difference",
    ),
    "performance": (
        "annualised_return",
        "sharpe_ratio",
        "sortino_ratio",
        "calmar_ratio",
        "omega_ratio",
        "tail_ratio",
    ),
    "entropic_var": ("entropic_var",),
    "drawdown": (
        "drawdowns",
        "max_drawdown",
        "drawdown_table",
        "average_drawdown",
        "ulcer_index",
        "cdar",
    ),
    "correlation": (
        "correlation_matrix",
        "average_pairwise_correlation",
        "effective_observations",
    ),
    "correlation_break": ("correlation_breaks",),
    "correlation_equality": (
        "fisher_z_test",
        "jennrich_test",
    ),
    "false_discovery": ("benjamini_hochberg",),
    "absorption": (
        "absorption_ratio",
        "absorption_ratios",
        "absorption_shift",
        "effective_rank",
    ),
    "turbulence": (
        "turbulence",
        "magnitude_surprise",
        "correlation_surprise",
    ),
    "liquidity": (
        "days_to_liquidate",
        "time_to_exit",
        "spread_cost",
        "depth_walk",
        "liquidity_cost",
        "liquidity_adjusted_var",
    ),
    "market_impact": (
        "square_root_impact",
        "almgren_impact",
    ),
    "margin": (
        "reg_t_margin",
        "margin_cushion",
        "price_move_to_call",
        "leverage",
        "leverage_margin",
        "tiered_margin",
    ),
    "exception_count": (
        "kupiec_pof",
        "kupiec_region",
        "kupiec_tuff",
        "binomial_test",
        "traffic_light",
    ),
    "exception_timing": (
        "christoffersen_independence",
        "conditional_coverage",
        "haas_tbf",
    ),
    "exception_forecast": (
        "weibull_duration",
        "dynamic_quantile",
    ),
    "es_backtest": (
        "acerbi_szekely_z1",
        "acerbi_szekely_z2",
        "acerbi_szekely_critical",
    ),
    "es_calibration": (
        "mcneil_frey",
        "conditional_calibration",
    ),
    "pnl_attribution": ("pnl_attribution_test",),
    "forecast_score": (
        "quantile_loss",
        "fissler_ziegel",
        "qlike",
        "diebold_mariano",
    ),
    "risk_figure": (
        "parametric_risk",
        "simulated_shortfall",
        "simulated_var",
    ),
    "hedge": (
        "hedge_ratio",
        "beta_hedge_contracts",
        "min_variance_hedge",
    ),
    "es_hedge": ("es_minimising_hedge",),
    "reduction": (
        "uniform_cut",
        "reduction_by_risk_contribution",
        "cheapest_cut",
    ),
    "stress": (
        "historical_replay",
        "replay_of_path",
        "factor_shock",
    ),
    "reverse_stress": ("most_plausible_scenario",),
    "breach_distance": ("distance_to_breach",),
    "execution_schedule": ("almgren_chriss_schedule",),
    "portfolio_margin": (
        "scan_points",
        "portfolio_margin",
        "scan_margin",
    ),
}
_MODULE_BY_FIGURE: Final = {
    name: module
    for module, names in FIGURES_BY_MODULE.items()
    for name in names
    if name not in FIGURES_BY_MODULE  # Python itself gives this name to the module
}

__all__ = list(_MODULE_BY_FIGURE)

if not TYPE_CHECKING:  # or mypy would take every misspelt name for a figure

    def __getattr__(name: str) -> Any:
        """Load a figure's module when it is first asked for (PEP 562)."""
        if name not in _MODULE_BY_FIGURE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        figure = getattr(import_module(f"{__name__}.{_MODULE_BY_FIGURE[name]}"), name)
        globals()[name] = figure
        return figure

    def __dir__() -> list[str]:
        """List the figures beside what is loaded already."""
        return sorted({*globals(), *_MODULE_BY_FIGURE})
