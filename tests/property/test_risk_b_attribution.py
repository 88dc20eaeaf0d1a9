from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.attribution import (
    component_es,
    component_var,
    component_volatility,
    diversification_ratio,
    incremental_var,
    undiversified_var,
)
from plimsoll.risk.change_attribution import RiskInputs, var_change
from plimsoll.risk.cornish_fisher import cornish_fisher_var
from plimsoll.risk.cornish_fisher_attribution import cornish_fisher_component_es, cornish_fisher_component_var
from plimsoll.risk.errors import OutsideValidity
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.simulated_attribution import es_contributions, simulated_incremental_var, var_contributions
from plimsoll.risk.value_at_risk import historical_var, parametric_var

CONFIDENCES = st.floats(0.6, 0.99)
MONEY = st.integers(-1_000_000, 1_000_000).map(float)
RETURN = st.integers(-2_000, 2_000).map(lambda bp: bp / 1e4)


@st.composite
def linear_books(draw: st.DrawFn) -> tuple[FloatArray, FloatArray]:
    n_assets = draw(st.integers(1, 6))
    roots = draw(arrays(np.float64, (n_assets, n_assets), elements=RETURN))
    return draw(arrays(np.float64, n_assets, elements=MONEY)), roots @ roots.T


@st.composite
def simulated_books(draw: st.DrawFn) -> tuple[FloatArray, FloatArray]:
    n_assets, n_scenarios = draw(st.integers(1, 5)), draw(st.integers(100, 130))
    returns = draw(arrays(np.float64, (n_scenarios, n_assets), elements=RETURN))
    return draw(arrays(np.float64, n_assets, elements=MONEY)), returns


@settings(deadline=None)
@given(linear_books(), CONFIDENCES)
def test_that_parametric_components_sum_to_the_whole(
    book: tuple[FloatArray, FloatArray], confidence: float
) -> None:
    exposures, covariance = book
    size = float(np.abs(exposures).sum())
    whole = parametric_var(exposures, covariance, confidence=confidence)
    assert component_var(exposures, covariance, confidence=confidence).sum() == pytest.approx(
        whole, abs=1e-9 * size + 1e-12
    )
    assert component_es(exposures, covariance, confidence=confidence).sum() >= whole - 1e-9 * size


@settings(deadline=None)
@given(linear_books(), CONFIDENCES, st.integers(1, 1000))
def test_that_components_scale_with_the_book(
    book: tuple[FloatArray, FloatArray], confidence: float, factor: int
) -> None:
    exposures, covariance = book
    volatility = component_volatility(exposures, covariance)
    # A book hedged to within rounding has no direction to compare.
    assume(volatility.sum() > 1e-6 * np.abs(exposures).sum() or not exposures.any())
    small = component_var(exposures, covariance, confidence=confidence)
    large = component_var(factor * exposures, covariance, confidence=confidence)
    assert large == pytest.approx(factor * small, rel=1e-6, abs=1e-6 * factor * np.abs(small).max())


@settings(deadline=None)
@given(linear_books(), CONFIDENCES, st.randoms(use_true_random=False))
def test_that_the_order_of_assets_does_not_matter(
    book: tuple[FloatArray, FloatArray], confidence: float, random: Random
) -> None:
    exposures, covariance = book
    assume(component_volatility(exposures, covariance).sum() > 1e-6 * np.abs(exposures).sum() > 0.0)
    order = list(range(exposures.shape[0]))
    random.shuffle(order)
    shuffled = component_var(exposures[order], covariance[np.ix_(order, order)], confidence=confidence)
    plain = component_var(exposures, covariance, confidence=confidence)
    assert shuffled == pytest.approx(plain[order], rel=1e-6, abs=1e-6 * np.abs(plain).max())


@settings(deadline=None)
@given(linear_books(), CONFIDENCES, st.floats(0.0, 1.0))
def test_that_a_position_split_in_two_lines_changes_nothing(
    book: tuple[FloatArray, FloatArray], confidence: float, share: float
) -> None:
    exposures, covariance = book
    assume(component_volatility(exposures, covariance).sum() > 1e-6 * np.abs(exposures).sum() > 0.0)
    lines = np.concatenate((exposures[1:], [share * exposures[0], (1.0 - share) * exposures[0]]))
    places = [*range(1, exposures.shape[0]), 0, 0]
    split = component_var(lines, covariance[np.ix_(places, places)], confidence=confidence)
    whole = component_var(exposures, covariance, confidence=confidence)
    assert split[-2] + split[-1] == pytest.approx(whole[0], rel=1e-6, abs=1e-6 * np.abs(whole).max())


@settings(deadline=None)
@given(linear_books(), CONFIDENCES)
def test_that_no_book_has_more_var_than_its_lines_alone(
    book: tuple[FloatArray, FloatArray], confidence: float
) -> None:
    exposures, covariance = book
    size = float(np.abs(exposures).sum())
    alone = undiversified_var(exposures, covariance, confidence=confidence)
    assert parametric_var(exposures, covariance, confidence=confidence) <= alone + 1e-9 * size
    if component_volatility(exposures, covariance).sum() > 1e-9 * size:
        assert diversification_ratio(exposures, covariance) >= 1.0 - 1e-6


@settings(deadline=None)
@given(linear_books(), CONFIDENCES)
def test_that_incremental_var_is_a_difference_of_two_books(
    book: tuple[FloatArray, FloatArray], confidence: float
) -> None:
    exposures, covariance = book
    figures = incremental_var(exposures, covariance, confidence=confidence)
    without_first = exposures.copy()
    without_first[0] = 0.0
    closing = without_first - exposures
    traded = incremental_var(exposures, covariance, confidence=confidence, trade=closing)
    assert figures[0] == pytest.approx(-traded, abs=1e-6 * np.abs(exposures).sum() + 1e-9)


@settings(deadline=None)
@given(simulated_books(), CONFIDENCES)
def test_that_es_contributions_sum_to_a_shortfall_that_is_no_less_than_the_var(
    book: tuple[FloatArray, FloatArray], confidence: float
) -> None:
    exposures, returns = book
    whole = float(es_contributions(exposures, returns, confidence=confidence).sum())
    slack = 1e-9 * float(np.abs(exposures).sum()) + 1e-12
    assert whole == pytest.approx(historical_es(returns @ exposures, confidence=confidence), abs=slack)
    assert whole >= historical_var(returns @ exposures, confidence=confidence) - slack


@settings(deadline=None)
@given(simulated_books(), CONFIDENCES, st.integers(0, 2**32 - 1))
def test_that_the_order_of_scenarios_does_not_matter(
    book: tuple[FloatArray, FloatArray], confidence: float, seed: int
) -> None:
    exposures, returns = book
    # Whole numbers of basis points times whole money: sums are exact enough for ties to stay ties.
    returns = np.round(returns * 1e4)
    shuffled = np.random.default_rng(seed).permutation(returns, axis=0)
    slack = 1e-9 * float(np.abs(exposures).sum()) * 1e4 + 1e-12
    plain = es_contributions(exposures, returns, confidence=confidence)
    assert es_contributions(exposures, shuffled, confidence=confidence) == pytest.approx(plain, abs=slack)
    lines = simulated_incremental_var(exposures, returns, confidence=confidence)
    assert simulated_incremental_var(exposures, shuffled, confidence=confidence) == pytest.approx(
        lines, abs=slack
    )


@settings(deadline=None)
@given(simulated_books(), CONFIDENCES)
def test_that_kernel_contributions_sum_to_the_var_or_are_refused(
    book: tuple[FloatArray, FloatArray], confidence: float
) -> None:
    exposures, returns = book
    try:
        parts = var_contributions(exposures, returns, confidence=confidence)
    except OutsideValidity:
        return
    whole = historical_var(returns @ exposures, confidence=confidence)
    assert parts.sum() == pytest.approx(whole, rel=1e-6, abs=1e-9 * np.abs(parts).sum() + 1e-9)


@settings(deadline=None)
@given(simulated_books(), CONFIDENCES)
def test_that_cornish_fisher_components_sum_to_the_whole(
    book: tuple[FloatArray, FloatArray], confidence: float
) -> None:
    exposures, returns = book
    pnl = returns @ exposures
    assume(pnl.std() > 1e-6 * np.abs(exposures).sum() > 0.0)
    whole = cornish_fisher_var(pnl, confidence=confidence, outside="formula")
    parts = cornish_fisher_component_var(exposures, returns, confidence=confidence, outside="formula")
    scale = float(np.abs(parts).max()) + abs(whole)
    assert parts.sum() == pytest.approx(whole, abs=1e-9 * scale)
    shortfall = cornish_fisher_component_es(exposures, returns, confidence=confidence, outside="formula")
    assert np.isfinite(shortfall).all()


@settings(deadline=None)
@given(simulated_books(), simulated_books(), st.sampled_from(["sequential", "shapley"]), st.integers(0, 200))
def test_that_the_parts_of_a_change_sum_to_it_whatever_changed(
    before: tuple[FloatArray, FloatArray], after: tuple[FloatArray, FloatArray], method: str, shift: int
) -> None:
    n_assets = min(before[0].shape[0], after[0].shape[0])
    instants = []
    for (exposures, returns), first_day in ((before, 0), (after, shift)):
        days = np.arange(returns.shape[0]) + first_day
        ones = np.ones(n_assets)
        instants.append(RiskInputs(exposures[:n_assets], ones, ones, returns[:, :n_assets], days))
    change = var_change(*instants, confidence=0.9, method=method)
    assert sum(change.parts.values()) == pytest.approx(change.after - change.before, rel=1e-9, abs=1e-4)
    assert change.before == pytest.approx(
        historical_var(before[1][:, :n_assets] @ before[0][:n_assets], confidence=0.9), abs=1e-6
    )
