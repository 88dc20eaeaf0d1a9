"""No input whatever makes a figure silently NaN, a warning, or an error without a name."""

import dataclasses
import inspect
import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pytest

from plimsoll import risk
from plimsoll.risk.change_attribution import RiskInputs
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.pnl_explain import OpeningBook
from plimsoll.risk.risk_figure import parametric_risk

DRAWS = np.random.default_rng(12)
RETURNS = DRAWS.normal(size=(60, 3)) * 0.01
COVARIANCE = np.array([[4.0, 1.0, 0.0], [1.0, 9.0, -2.0], [0.0, -2.0, 1.0]]) * 1e-4
BOOK = np.array([3e5, -1e5, 2e5])
PNL = DRAWS.normal(size=60) * 1e3
OTHER = 0.8 * PNL + DRAWS.normal(size=60) * 300.0
EQUITY = 1e5 + np.cumsum(PNL)
PRICES = 100.0 * np.cumprod(1.0 + RETURNS, axis=0)
FLAGS = np.isin(np.arange(60), [3, 4, 20, 41]).astype(float)
FORECAST = 1e3 + 50.0 * np.sin(np.arange(60.0))
CLOSES = pd.DataFrame(
    {"date": np.repeat(pd.bdate_range("2024-01-01", periods=20), 2), "symbol": ["A", "B"] * 20,
     "close": PRICES[:20, :2].ravel()}
)  # fmt: skip
AT_95 = {"confidence": 0.95}
FEW = {"n_simulations": 200, **AT_95}
LINEAR = {"exposures": BOOK, "covariance": COVARIANCE, **AT_95}
SCENARIOS = {"exposures": BOOK, "returns": RETURNS}
SIMULATED = {"exposures": BOOK, "returns": RETURNS, **AT_95}
MOMENTS = {"pnl": 0.0, "volatility": 1.0, "skewness": -0.5, "excess_kurtosis": 2.0, **AT_95}
TAIL = {"pnl": PNL, "confidence": 0.95, "tail_fraction": 0.2}
WAY = {"mean": 10.0, "volatility": 1e3, "days": 10.0}
RATIO = {"returns": RETURNS[:, 0], "periods_per_year": 252.0}
DAY = {"returns": RETURNS[0], "covariance": COVARIANCE}
IMPACT = {"quantity": 1e4, "average_daily_volume": 1e6, "volatility": 0.02}
SHORTFALL = {"pnl": PNL, "var": FORECAST, "es": 1.3 * FORECAST, **AT_95}
GARCH = {"omega": 1e-6, "alpha": 0.1, "beta": 0.8}


def change(cause: Callable[..., Any], **more: float) -> Callable[..., Any]:
    def run(quantities: Any, prices: Any, fx: Any, returns: Any) -> Any:
        before = RiskInputs(quantities, prices, fx, returns, np.arange(60))
        after = RiskInputs(BOOK, PRICES[-1], np.ones(3), RETURNS, np.arange(60))
        return cause(before, after, **more)

    return run


def cut(how: Callable[..., Any]) -> Callable[..., Any]:
    return lambda exposures, covariance, limit: how(
        exposures, parametric_risk(covariance, confidence=0.95), limit=limit
    )


def explained(**book: Any) -> Any:
    return risk.explain_pnl(book.pop("pnl"), OpeningBook(**book))


def closes_of(closes: Any) -> Any:
    table = CLOSES.copy()
    if np.shape(closes) == (40,):
        table["close"] = closes
    else:
        table = table.iloc[: np.size(closes)]
    return risk.aligned_returns(table)


CHANGE = {"quantities": BOOK, "prices": PRICES[0], "fx": np.ones(3), "returns": RETURNS[:, :3]}
INSTEAD: dict[str, Callable[..., Any]] = {
    "aligned_returns": closes_of,
    "explain_pnl": explained,
    "risk_change": change(risk.risk_change, measure=lambda pnl: float(np.abs(pnl).max())),
    "var_change": change(risk.var_change, **AT_95),
    "attribute_change": lambda level: risk.attribute_change(lambda s: level * len(s), ["a", "b"]),
    "uniform_cut": cut(risk.uniform_cut),
    "reduction_by_risk_contribution": cut(risk.reduction_by_risk_contribution),
    "cheapest_cut": cut(risk.cheapest_cut),
}
CUT = {"exposures": BOOK, "covariance": COVARIANCE, "limit": 5e3}
# A call that every figure answers; each of its numbers and arrays is then spoilt in turn.
CALLS: dict[str, Mapping[str, Any]] = {
    "simple_returns": {"prices": PRICES},
    "log_returns": {"prices": PRICES},
    "overlapping_returns": {"returns": RETURNS, "days": 3},
    "align_closes": {
        "day_numbers": np.repeat(np.arange(19_000, 19_020), 2),
        "asset_ids": np.tile([0, 1], 20),
        "closes": PRICES[:20, :2].ravel(),
        "n_assets": 2,
    },
    "aligned_returns": {"closes": PRICES[:20, :2].ravel()},
    "suspected_splits": {"prices": PRICES[:, 0]},
    "fill_by_proxy": {"returns": RETURNS, "asset": 0, "proxy": 1},
    "add_proxy_residual": {"pnl": PNL, "exposures": BOOK, "residual_volatility": np.full(3, 0.01)},
    "synchronised_covariance": {"returns": RETURNS},
    "ewma_volatility": {"returns": RETURNS, "decay": 0.94},
    "garch11": {"returns": RETURNS[:, 0]},
    "garch11_update": {**GARCH, "variance": 1e-4, "residual": 0.01},
    "garch11_forecast": {**GARCH, "variance": 1e-4, "days": 10},
    "garch11_long_run_variance": GARCH,
    "sample_covariance": {"returns": RETURNS},
    "ewma_covariance": {"returns": RETURNS, "decay": 0.94},
    "ledoit_wolf": {"returns": RETURNS, "target": "constant_correlation"},
    "nearest_psd": {"matrix": np.array([[1.0, 0.9, 0.1], [0.9, 1.0, 0.9], [0.1, 0.9, 1.0]])},
    "scenario_pnl": SCENARIOS,
    "age_weights": {"n": 10, "decay": 0.98},
    "volatility_scaled_returns": {"returns": RETURNS, "decay": 0.94},
    "volatility_scaled_pnl": {"pnl": PNL, "decay": 0.94},
    "filtered_historical_returns": {"returns": RETURNS, "volatilities": np.full((61, 3), 0.01)},
    "filtered_historical_pnl": {**SCENARIOS, "decay": 0.94, "days": 3, "n_paths": 50},
    "historical_var": {"pnl": PNL, **AT_95},
    "historical_var_interval": {"pnl": PNL, **AT_95},
    "parametric_var": LINEAR,
    "parametric_var_interval": {**LINEAR, "n_observations": 250},
    "horizon_factor": {"days": 10, "autocorrelation": 0.1},
    "sample_moments": {"pnl": PNL},
    "cornish_fisher_quantile": {"z": -2.3, "skewness": -0.5, "excess_kurtosis": 2.0},
    "cornish_fisher_var": MOMENTS,
    "cornish_fisher_var_interval": {"pnl": PNL, "n_resamples": 100, **AT_95},
    "cornish_fisher_es": MOMENTS,
    "cornish_fisher_es_interval": {"pnl": PNL, "n_resamples": 100, **AT_95},
    "simulated_pnl": {"exposures": BOOK, "covariance": COVARIANCE, "n_simulations": 200},
    "monte_carlo_var": {**LINEAR, **FEW},
    "monte_carlo_es": {**LINEAR, **FEW},
    "extreme_value_var": TAIL,
    "extreme_value_var_interval": TAIL,
    "extreme_value_es": TAIL,
    "extreme_value_es_interval": TAIL,
    "historical_es": {"pnl": PNL, **AT_95},
    "tail_weights": {"pnl": PNL, **AT_95},
    "historical_es_interval": {"pnl": PNL, "n_resamples": 100, **AT_95},
    "parametric_es": LINEAR,
    "parametric_es_interval": {**LINEAR, "n_observations": 250},
    "stressed_window": {"pnl": PNL, "window_days": 40, **AT_95},
    "stressed_var": {"pnl": PNL, "window_days": 40, **AT_95},
    "stressed_es": {"pnl": PNL, "window_days": 40, **AT_95},
    "gap_add_on": {"exposures": BOOK, "fall_fraction": np.full(3, 0.2)},
    "loss_touch_probability": {"limit": 5e3, **WAY},
    "drawdown_touch_probability": {"limit": 5e3, **WAY},
    "touch_probability_by_bootstrap": {"pnl": PNL, "limit": 3e3, "days": 5, "n_paths": 100},
    "marginal_var": LINEAR,
    "component_var": LINEAR,
    "component_es": LINEAR,
    "component_volatility": {"exposures": BOOK, "covariance": COVARIANCE, "mean": np.full(3, 1e-4)},
    "incremental_var": LINEAR,
    "undiversified_var": LINEAR,
    "diversification_ratio": {"exposures": BOOK, "covariance": COVARIANCE},
    "cornish_fisher_component_var": {**SCENARIOS, **AT_95, "outside": "formula"},
    "cornish_fisher_component_es": {**SCENARIOS, **AT_95, "outside": "formula"},
    "es_contributions": SIMULATED,
    "var_contributions": SIMULATED,
    "simulated_incremental_var": SIMULATED,
    "attribute_change": {"level": 1.0},
    "risk_change": CHANGE,
    "var_change": CHANGE,
    "gross_weights": {"values": BOOK},
    "herfindahl": {"values": BOOK},
    "effective_number": {"values": BOOK},
    "normalised_herfindahl": {"values": BOOK},
    "risk_concentration": {"contributions": BOOK},
    "total_exposure": {"exposures": BOOK},
    "exposure_by_group": {"exposures": BOOK, "labels": ["a", "b", None]},
    "beta": {"returns": RETURNS[:, 0], "reference": RETURNS[:, 1]},
    "portfolio_beta": {**SCENARIOS, "reference": RETURNS[:, 1], "capital": 1e6},
    "volatility": RATIO,
    "annualised_volatility": RATIO,
    "downside_deviation": {**RATIO, "threshold": 0.001},
    "semi_deviation": RATIO,
    "mean_absolute_deviation": {"values": PNL},
    "gini_mean_difference": {"values": PNL},
    "annualised_return": RATIO,
    "sharpe_ratio": {**RATIO, "risk_free": 0.0001},
    "sortino_ratio": {**RATIO, "threshold": 0.001},
    "calmar_ratio": RATIO,
    "omega_ratio": {"returns": RETURNS[:, 0], "threshold": 0.001},
    "tail_ratio": {"returns": RETURNS[:, 0], **AT_95},
    "entropic_var": {"pnl": PNL, **AT_95},
    "drawdowns": {"equity": EQUITY, "start": 1e5},
    "max_drawdown": {"equity": EQUITY, "start": 1e5},
    "drawdown_table": {"equity": EQUITY, "start": 1e5},
    "average_drawdown": {"series": FLAGS},
    "ulcer_index": {"series": FLAGS},
    "cdar": {"series": FLAGS, **AT_95},
    "correlation_matrix": {"covariance": COVARIANCE},
    "average_pairwise_correlation": {"covariance": COVARIANCE},
    "effective_observations": {"decay": 0.94, "n_rows": 60},
    "correlation_breaks": {"returns": DRAWS.normal(size=(300, 3)) * 0.01},
    "fisher_z_test": {"first": 0.6, "second": 0.1, "n_first": 30.0, "n_second": 250.0},
    "jennrich_test": {
        "first": np.array([[1.0, 0.5], [0.5, 1.0]]),
        "second": np.array([[1.0, 0.1], [0.1, 1.0]]),
        "n_first": 50,
        "n_second": 60,
    },
    "benjamini_hochberg": {"p_values": np.linspace(0.0, 1.0, 9)},
    "absorption_ratio": {"returns": RETURNS, "half_life": 30.0},
    "absorption_ratios": {"returns": RETURNS, "window": 50, "half_life": 30.0},
    "absorption_shift": {"ratios": np.linspace(0.5, 0.7, 60), "short": 5, "long": 50},
    "effective_rank": {"covariance": COVARIANCE},
    "turbulence": DAY,
    "magnitude_surprise": DAY,
    "correlation_surprise": {"returns": RETURNS},
    "days_to_liquidate": {"quantity": BOOK, "average_daily_volume": np.full(3, 1e4)},
    "time_to_exit": {"values": BOOK, "days": np.array([1.0, 2.0, 3.0])},
    "spread_cost": {"quantity": BOOK, "spread": np.full(3, 0.01)},
    "depth_walk": {
        "quantity": 300.0,
        "prices": np.array([100.1, 100.2]),
        "sizes": np.array([100.0, 100.0]),
        "mid": 100.0,
        "remainder_impact": 0.01,
    },
    "liquidity_cost": {"exposures": BOOK, "mean_spread": np.full(3, 1e-3), "spread_volatility": 1e-4},
    "liquidity_adjusted_var": {"var": 1e4, "exposures": BOOK, "mean_spread": np.full(3, 1e-3)},
    "square_root_impact": IMPACT,
    "almgren_impact": {**IMPACT, "shares_outstanding": 1e8, "days": 0.5},
    "almgren_chriss_schedule": {
        "quantity": 1e5,
        "horizon": 4.0,
        "n_periods": 4,
        "volatility": 1.2,
        "risk_aversion": 1e-5,
        "temporary": 2e-5,
        "permanent": 2e-6,
        "fixed": 0.02,
    },
    "reg_t_margin": {"exposures": BOOK, "equity": 5e5, "prices": np.array([10.0, 20.0, 4.0])},
    "margin_cushion": {"equity": 1e5, "requirement": 6e4},
    "price_move_to_call": {"exposures": BOOK, "equity": 5e5},
    "leverage": {"exposures": BOOK, "equity": 5e5},
    "leverage_margin": {"notional": -3e5, "leverage": 20.0},
    "tiered_margin": {
        "notional": -3e5,
        "upper_bounds": np.array([1e5, math.inf]),
        "rates": np.array([0.01, 0.02]),
    },
    "scan_points": {"product": "single"},
    "portfolio_margin": {"exposures": BOOK},
    "scan_margin": {"pnl_by_point": RETURNS},
    "explain_pnl": {
        "pnl": 1e3,
        "quantities": np.array([100.0, -50.0]),
        "opening_prices": np.array([10.0, 20.0]),
        "closing_prices": np.array([11.0, 19.0]),
        "opening_fx": np.array([1.0, 1.1]),
        "closing_fx": np.array([1.0, 1.2]),
    },
    "kupiec_pof": {"n_exceptions": 5, "n_days": 250, **AT_95},
    "kupiec_region": {"n_days": 250, **AT_95},
    "kupiec_tuff": {"first_exception_day": 6, **AT_95},
    "binomial_test": {"n_exceptions": 5, "n_days": 250, **AT_95},
    "traffic_light": {"n_exceptions": 5, "n_days": 250, **AT_95},
    "christoffersen_independence": {"exceptions": FLAGS},
    "conditional_coverage": {"exceptions": FLAGS, **AT_95},
    "haas_tbf": {"exceptions": FLAGS, **AT_95},
    "weibull_duration": {"exceptions": FLAGS},
    "dynamic_quantile": {"exceptions": FLAGS, "var": FORECAST, **AT_95},
    "acerbi_szekely_z1": {**SHORTFALL, "n_simulations": 200},
    "acerbi_szekely_z2": {**SHORTFALL, "n_simulations": 200},
    "acerbi_szekely_critical": {"n_days": 250, **FEW, "degrees_of_freedom": 5.0, "observed": -0.5},
    "mcneil_frey": {**SHORTFALL, "volatility": FORECAST},
    "conditional_calibration": {**SHORTFALL, "volatility": FORECAST},
    "pnl_attribution_test": {"risk_theoretical": PNL, "hypothetical": OTHER},
    "quantile_loss": {"pnl": PNL, "var": FORECAST, **AT_95},
    "fissler_ziegel": SHORTFALL,
    "qlike": {"realised_variance": PNL**2, "variance_forecast": FORECAST**2},
    "diebold_mariano": {"first_scores": PNL, "second_scores": OTHER},
    "parametric_risk": {"covariance": COVARIANCE, "mean": np.full(3, 1e-4), **AT_95},
    "simulated_shortfall": {"returns": RETURNS, **AT_95},
    "simulated_var": {"returns": RETURNS, **AT_95},
    "hedge_ratio": {"asset_changes": PNL, "hedge_changes": OTHER},
    "beta_hedge_contracts": {
        "value_base": 5e6,
        "beta": 1.5,
        "contract_value_base": 2.5e5,
        "target_beta": 0.1,
        "hedge_beta": 1.0,
    },
    "min_variance_hedge": {"exposures": BOOK, "covariance": COVARIANCE, "instruments": [0, 2]},
    "es_minimising_hedge": {"pnl": PNL, "instrument_returns": RETURNS, **AT_95},
    "uniform_cut": CUT,
    "reduction_by_risk_contribution": CUT,
    "cheapest_cut": CUT,
    "historical_replay": {"exposures": BOOK, "prices": PRICES, "start": 3, "end": 40, "equity": 1e6},
    "replay_of_path": {"pnl": PNL, "equity": 1e6},
    "factor_shock": {
        "exposures": BOOK,
        "covariance": COVARIANCE,
        "shocked": [0, 2],
        "returns": np.array([-0.1, 0.1]),
    },
    "most_plausible_scenario": {"exposures": BOOK, "covariance": COVARIANCE, "loss": 1e4},
    "distance_to_breach": {
        "level": 0.0,
        "slopes": BOOK,
        "covariance": COVARIANCE,
        "line": -1e4,
        "breach_above": False,
        "prices": np.array([10.0, 20.0, 4.0]),
    },
}


def spoilt(values: np.ndarray) -> Iterator[tuple[str, Any]]:
    """Yield the same array empty, short, still, broken, singular, misaligned, huge and tiny."""
    yield "empty", values[:0]
    yield "one row", values[:1]
    yield "two rows", values[:2]
    yield "one more row", np.concatenate((values, values[:1]))
    yield "another dimension", values[np.newaxis]
    yield "a number", 1.0
    for name, number in (("zeros", 0.0), ("ones", 1.0), ("tenths", 0.1), ("minus ones", -1.0)):
        yield name, np.full(values.shape, number)
    for name, number in (("NaN", math.nan), ("infinity", math.inf), ("1e150", 1e150), ("1e308", 1e308)):
        broken = values.astype(float)
        broken.flat[-1] = number
        yield f"one {name}", broken
    for factor in (-1.0, 1e150, 1e300, 1e-150, 1e-300):
        with np.errstate(over="ignore"):
            yield f"times {factor}", values * factor
    if values.ndim == 2:
        yield "one column", values[:, :1]
        yield "no column", values[:, :0]
        yield "columns alike", np.repeat(values[:, :1], values.shape[1], axis=1)


NUMBERS = (math.nan, math.inf, -math.inf, 0.0, 1.0, -1.0, 0.5, 1e-300, 1e150, 1e308, -1e308)


def trials(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    call = CALLS[name]
    for argument, value in call.items():
        if isinstance(value, np.ndarray):
            for what, worse in spoilt(value):
                yield f"{argument} {what}", {**call, argument: worse}
        elif isinstance(value, int | float) and not isinstance(value, bool):
            for number in NUMBERS:
                # A count of draws or days as large as that is an order for memory, not a mistake.
                if not (argument.startswith("n_") or argument in {"days", "n"}) or abs(number) <= 1.0:
                    yield f"{argument} {number}", {**call, argument: number}


def nans(value: Any) -> Iterator[Any]:
    """Yield what is NaN anywhere within an answer."""
    if dataclasses.is_dataclass(value):
        members = [name for name, held in inspect.getmembers(type(value)) if isinstance(held, property)]
        for name in [field.name for field in dataclasses.fields(value)] + members:
            try:
                yield from nans(getattr(value, name))
            except RiskInputError:
                continue
    elif isinstance(value, Mapping):
        yield from (found for each in value.values() for found in nans(each))
    elif isinstance(value, tuple | list):
        yield from (found for each in value for found in nans(each))
    elif isinstance(value, float | np.ndarray) and np.asarray(value).dtype.kind == "f":
        yield from np.asarray(value)[np.isnan(value)].tolist()


def figure(name: str) -> Callable[..., Any]:
    module = next(module for module, names in risk.FIGURES_BY_MODULE.items() if name in names)
    return INSTEAD.get(name) or getattr(import_module(f"plimsoll.risk.{module}"), name)


@pytest.mark.parametrize("name", CALLS)
def test_that_the_sound_call_is_answered(name: str) -> None:
    assert list(nans(figure(name)(**CALLS[name]))) == [] or name in GAPS


# Where NaN is the documented answer: a gap stays a gap, it is never filled with a zero.
GAPS = {"align_closes", "aligned_returns", "fill_by_proxy"}


@pytest.mark.parametrize("name", CALLS)
def test_that_a_spoilt_input_is_refused_by_name_or_answered(name: str) -> None:
    failures = []
    for what, call in trials(name):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                answer = figure(name)(**call)
            except RiskInputError as refusal:
                if not re.search(r"[a-z]", str(refusal)):
                    failures.append(f"{what}: refused without a word")
            except Exception as error:  # noqa: BLE001  every other error is the failure sought
                failures.append(f"{what}: {type(error).__name__}: {error}")
            else:
                if name not in GAPS and any(True for _ in nans(answer)):
                    failures.append(f"{what}: NaN in {answer!r}"[:300])
    assert failures == []


def test_that_no_figure_is_left_out() -> None:
    assert set(CALLS) == {name for names in risk.FIGURES_BY_MODULE.values() for name in names}
