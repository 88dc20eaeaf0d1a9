"""Every figure can be had from the heading under which the contract names it, and from the room itself."""

import subprocess
import sys
from importlib import import_module

import pytest

from plimsoll import risk

FIGURES_BY_HEADING = {
    "returns": "simple_returns log_returns aligned_returns suspected_splits overlapping_returns",
    "volatility": "ewma_volatility garch11 garch11_forecast garch11_update garch11_long_run_variance",
    "covariance": "sample_covariance ewma_covariance ledoit_wolf nearest_psd",
    "scenario_pnl": "scenario_pnl age_weights volatility_scaled_returns volatility_scaled_pnl"
    " filtered_historical_returns filtered_historical_pnl",
    "value_at_risk": "historical_var historical_var_interval parametric_var parametric_var_interval"
    " cornish_fisher_var cornish_fisher_var_interval monte_carlo_var extreme_value_var"
    " extreme_value_var_interval horizon_factor",
    "expected_shortfall": "historical_es historical_es_interval parametric_es parametric_es_interval"
    " cornish_fisher_es cornish_fisher_es_interval monte_carlo_es extreme_value_es extreme_value_es_interval"
    " tail_weights",
    "attribution": "marginal_var component_var component_es component_volatility incremental_var"
    " es_contributions var_contributions simulated_incremental_var cornish_fisher_component_var"
    " cornish_fisher_component_es diversification_ratio undiversified_var attribute_change risk_change"
    " var_change",
    "concentration": "herfindahl effective_number normalised_herfindahl risk_concentration",
    "exposure": "total_exposure exposure_by_group beta portfolio_beta",
    "performance": "volatility annualised_volatility downside_deviation semi_deviation sharpe_ratio"
    " sortino_ratio calmar_ratio omega_ratio tail_ratio entropic_var annualised_return"
    " mean_absolute_deviation gini_mean_difference",
    "drawdown": "drawdowns max_drawdown drawdown_table average_drawdown ulcer_index cdar",
    "correlation": "correlation_breaks fisher_z_test jennrich_test benjamini_hochberg absorption_ratio"
    " absorption_ratios absorption_shift turbulence magnitude_surprise correlation_surprise effective_rank"
    " correlation_matrix average_pairwise_correlation effective_observations",
    "liquidity": "days_to_liquidate time_to_exit spread_cost depth_walk square_root_impact almgren_impact"
    " liquidity_cost liquidity_adjusted_var almgren_chriss_schedule",
    "margin": "reg_t_margin portfolio_margin scan_points scan_margin leverage leverage_margin tiered_margin"
    " margin_cushion price_move_to_call",
    "var_backtest": "kupiec_pof kupiec_region kupiec_tuff christoffersen_independence conditional_coverage"
    " haas_tbf weibull_duration dynamic_quantile binomial_test traffic_light acerbi_szekely_z1"
    " acerbi_szekely_z2 acerbi_szekely_critical mcneil_frey conditional_calibration pnl_attribution_test",
    "hedge": "min_variance_hedge hedge_ratio beta_hedge_contracts es_minimising_hedge",
    "reduction": "uniform_cut cheapest_cut reduction_by_risk_contribution",
    "stress": "historical_replay factor_shock most_plausible_scenario distance_to_breach replay_of_path",
}
DOORS = [(heading, name) for heading, names in FIGURES_BY_HEADING.items() for name in names.split()]
# A heading's own name is the heading's; see the room's docstring.
HEADINGS_TOO = {"scenario_pnl", "volatility"}


@pytest.mark.parametrize(("heading", "name"), DOORS)
def test_that_a_figure_can_be_had_from_its_heading(heading: str, name: str) -> None:
    module = import_module(f"plimsoll.risk.{heading}")
    assert callable(getattr(module, name))
    assert name in getattr(module, "__all__", [name])
    if name not in HEADINGS_TOO:
        assert getattr(risk, name) is getattr(module, name)


def test_that_the_rooms_door_gives_the_figure_whatever_was_loaded_before() -> None:
    for name in HEADINGS_TOO:
        assert name not in risk.__all__
    every = ", ".join(risk.__all__)
    code = (
        "import importlib, pkgutil, plimsoll.risk as risk\n"
        f"from plimsoll.risk import {every}\n"
        "for each in pkgutil.iter_modules(risk.__path__):\n"
        "    importlib.import_module('plimsoll.risk.' + each.name)\n"
        "print([name for name in risk.__all__ if not callable(getattr(risk, name))])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
