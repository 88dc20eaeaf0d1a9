from collections.abc import Callable

import numpy as np
import pytest

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.errors import (
    InsufficientHistory,
    InvalidWeights,
    NotFinite,
    OutOfRange,
    OutsideValidity,
    ShapeMismatch,
)
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.simulated_attribution import es_contributions, simulated_incremental_var, var_contributions
from plimsoll.risk.value_at_risk import historical_var


def scenarios(n_scenarios: int = 500, n_assets: int = 5, seed: int = 1) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(seed)
    exposures = rng.normal(size=n_assets) * 1e5
    return exposures, rng.standard_t(4, size=(n_scenarios, n_assets)) * 0.01


@pytest.mark.parametrize("confidence", [0.9, 0.975, 0.99, 0.9873])
def test_that_es_contributions_sum_to_the_shortfall(confidence: float) -> None:
    exposures, returns = scenarios()
    parts = es_contributions(exposures, returns, confidence=confidence)
    assert parts.sum() == pytest.approx(historical_es(returns @ exposures, confidence=confidence), rel=1e-12)


def test_that_es_contributions_are_the_mean_losses_of_the_tail() -> None:
    exposures, returns = scenarios(400)
    worst = np.argsort(returns @ exposures)[:8]
    parts = es_contributions(exposures, returns, confidence=0.98)
    assert parts == pytest.approx(-(returns[worst] * exposures).mean(axis=0))


def test_that_the_boundary_scenario_carries_its_fraction() -> None:
    returns = np.array([[-4.0, 0.0], [0.0, -2.0], [1.0, 1.0], [1.0, 2.0]])
    parts = es_contributions([1.0, 1.0], returns, confidence=0.625)
    assert parts.tolist() == pytest.approx([4.0 / 1.5, 1.0 / 1.5])


def test_that_tied_scenarios_share_the_boundary_equally_in_any_order() -> None:
    returns = np.array([[-2.0, 0.0], [0.0, -2.0], [1.0, 1.0], [1.0, 2.0]])
    assert es_contributions([1.0, 1.0], returns, confidence=0.75).tolist() == [1.0, 1.0]
    assert es_contributions([1.0, 1.0], returns[::-1], confidence=0.75).tolist() == [1.0, 1.0]


def test_that_weights_stand_for_repeated_scenarios() -> None:
    exposures, returns = scenarios(20, 3)
    counts = np.arange(1, 21)
    weighted = es_contributions(exposures, returns, confidence=0.9, weights=counts / counts.sum())
    repeated = es_contributions(exposures, np.repeat(returns, counts, axis=0), confidence=0.9)
    assert weighted == pytest.approx(repeated)
    kernel = var_contributions(
        exposures, returns, confidence=0.9, weights=counts / counts.sum(), bandwidth=1e4
    )
    assert kernel == pytest.approx(
        var_contributions(exposures, np.repeat(returns, counts, axis=0), confidence=0.9, bandwidth=1e4)
    )


@pytest.mark.parametrize("rule", ["rank", "ceil_rank", "linear", "interpolated_inverted_cdf"])
def test_that_var_contributions_sum_to_the_var_of_each_rule(rule: str) -> None:
    exposures, returns = scenarios()
    parts = var_contributions(exposures, returns, confidence=0.95, rule=rule)
    whole = historical_var(returns @ exposures, confidence=0.95, rule=rule)
    assert parts.sum() == pytest.approx(whole, rel=1e-12)


def test_that_a_narrow_kernel_sees_the_var_scenario_alone() -> None:
    exposures, returns = scenarios()
    pnl = returns @ exposures
    place = int(np.argsort(pnl)[25])
    parts = var_contributions(exposures, returns, confidence=0.95, bandwidth=1e-6)
    assert parts == pytest.approx(-returns[place] * exposures)


def test_that_a_normal_book_has_the_contributions_of_its_covariance() -> None:
    covariance = np.array([[1.0, 0.3], [0.3, 2.0]])
    returns = np.random.default_rng(7).multivariate_normal([0.0, 0.0], covariance, size=100_000)
    exposures = np.array([2.0, 1.0])
    shares = exposures * (covariance @ exposures) / (exposures @ covariance @ exposures)
    for parts in (
        var_contributions(exposures, returns, confidence=0.95),
        es_contributions(exposures, returns, confidence=0.95),
    ):
        assert parts / parts.sum() == pytest.approx(shares, abs=0.02)


def test_that_a_flat_book_has_contributions_of_zero() -> None:
    _, returns = scenarios()
    flat = np.zeros(5)
    assert es_contributions(flat, returns, confidence=0.95).tolist() == [0.0] * 5
    assert var_contributions(flat, returns, confidence=0.95).tolist() == [0.0] * 5


def test_that_a_kernel_of_the_other_sign_is_refused_and_not_turned_round() -> None:
    returns = np.array([[-1.0], [0.1], [9.0], [9.0], [9.0]])
    with pytest.raises(OutsideValidity, match="es_contributions"):
        var_contributions([1.0], returns - 0.2, confidence=0.8, bandwidth=100.0)


def test_that_a_bandwidth_without_a_scenario_is_refused() -> None:
    exposures, returns = scenarios()
    with pytest.raises(OutOfRange, match="widen"):
        var_contributions(exposures, returns, confidence=0.95, rule="linear", bandwidth=1e-9)
    with pytest.raises(OutOfRange, match="bandwidth"):
        var_contributions(exposures, returns, confidence=0.95, bandwidth=0.0)


def test_that_incremental_is_the_book_less_the_book_without_the_line() -> None:
    exposures, returns = scenarios()
    figures = simulated_incremental_var(exposures, returns, confidence=0.95)
    for place in range(5):
        rest = exposures.copy()
        rest[place] = 0.0
        removed = historical_var(returns @ rest, confidence=0.95)
        assert figures[place] == pytest.approx(historical_var(returns @ exposures, confidence=0.95) - removed)


@pytest.mark.parametrize("share", [es_contributions, var_contributions, simulated_incremental_var])
def test_that_bad_inputs_are_refused_by_name(share: Callable[..., FloatArray]) -> None:
    exposures, returns = scenarios()
    with pytest.raises(ShapeMismatch, match="one row a scenario"):
        share(exposures[:2], returns, confidence=0.95)
    with pytest.raises(ShapeMismatch):
        share(exposures, returns[0], confidence=0.95)
    returns[3, 2] = np.nan
    with pytest.raises(NotFinite, match=r"\(3, 2\)"):
        share(exposures, returns, confidence=0.95)
    with pytest.raises(InsufficientHistory):
        share(exposures, returns[4:20], confidence=0.95)
    with pytest.raises(InvalidWeights):
        share(exposures, returns[4:6], confidence=0.95, weights=[0.5, 0.6])


def test_that_an_infinite_return_and_a_sum_that_overflows_are_refused() -> None:
    returns = np.zeros((30, 2))
    returns[1] = [np.inf, -np.inf]
    with pytest.raises(NotFinite, match="returns"):
        es_contributions([1.0, 1.0], returns, confidence=0.9)
    returns[1] = [1e308, 1e308]
    with pytest.raises(NotFinite, match="P&L"):
        es_contributions([1.0, 1.0], returns, confidence=0.9)
