"""Laws of hedges, cuts, stresses and distances, for every book."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plimsoll.risk.breach_distance import distance_to_breach
from plimsoll.risk.es_hedge import es_minimising_hedge
from plimsoll.risk.hedge import min_variance_hedge
from plimsoll.risk.reduction import cheapest_cut, reduction_by_risk_contribution, uniform_cut
from plimsoll.risk.reverse_stress import most_plausible_scenario
from plimsoll.risk.risk_figure import parametric_risk, simulated_shortfall, simulated_var
from plimsoll.risk.stress import factor_shock, replay_of_path

# The first call loads scipy, and two cores are shared: a law knows no deadline.
NO_DEADLINE = settings(deadline=None)


@st.composite
def books(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return exposures, a covariance and returns that have it, about: 2 to 5 assets."""
    n = draw(st.integers(2, 5))
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    returns = 0.01 * random.standard_normal((120, n)) @ random.uniform(-1, 1, (n, n))
    covariance = np.cov(returns, rowvar=False) + 1e-6 * np.eye(n)
    exposures = np.round(random.normal(0, 1e6, n), 2)
    exposures[random.random(n) < 0.1] = 0.0
    assume(np.abs(exposures).max() > 0.0)
    return exposures, covariance, returns


@NO_DEADLINE
@given(book=books(), share=st.floats(0.05, 0.99), which=st.integers(0, 2))
def test_that_cuts_only_reduce_reach_the_line_and_cost_in_order(
    book: tuple[np.ndarray, np.ndarray, np.ndarray], share: float, which: int
) -> None:
    exposures, covariance, returns = book
    figure = (
        parametric_risk(covariance, confidence=0.99),
        simulated_shortfall(returns, confidence=0.95),
        simulated_var(returns, confidence=0.95),
    )[which]
    before = figure.value(exposures)
    assume(before > 1.0)
    limit = share * before
    uniform = uniform_cut(exposures, figure, limit=limit)
    cheapest = cheapest_cut(exposures, figure, limit=limit, spare_hedges=False)
    for cut in (uniform, cheapest):
        assert cut.risk_after <= limit * (1 + 1e-9)
        assert (np.abs(cut.exposures) <= np.abs(exposures)).all()
        assert (cut.exposures * exposures >= 0.0).all()
        np.testing.assert_allclose(cut.exposures, exposures + cut.trades)
    if which < 2:
        assert cheapest.cost <= uniform.cost * (1 + 1e-5)


@NO_DEADLINE
@given(book=books(), share=st.floats(0.5, 0.99))
def test_that_a_reduction_by_contribution_touches_no_hedge(
    book: tuple[np.ndarray, np.ndarray, np.ndarray], share: float
) -> None:
    exposures, covariance, _ = book
    figure = parametric_risk(covariance, confidence=0.99)
    try:
        cut = reduction_by_risk_contribution(exposures, figure, limit=share * figure.value(exposures))
    except ValueError:
        return
    hedges = exposures * figure.slope(exposures) < 0.0
    assert not cut.trades[hedges].any()
    assert cut.risk_after <= share * figure.value(exposures) * (1 + 1e-9)


@NO_DEADLINE
@given(book=books(), lot=st.sampled_from([5e4, 2e5]))
def test_that_a_hedge_in_lots_is_no_worse_than_its_neighbours(
    book: tuple[np.ndarray, np.ndarray, np.ndarray], lot: float
) -> None:
    exposures, covariance, _ = book
    result = min_variance_hedge(exposures, covariance, instruments=[0, 1], lots=[lot, lot])
    assert result.volatility_after <= result.volatility_before * (1 + 1e-9)
    for step in itertools.product((-lot, 0.0, lot), repeat=2):
        other = result.exposures.copy()
        other[:2] += step
        assert np.sqrt(other @ covariance @ other) >= result.volatility_after * (1 - 1e-9)


@NO_DEADLINE
@given(book=books(), low=st.floats(-1e6, 0.0), high=st.floats(0.0, 1e6))
def test_that_bounds_only_cost_variance_and_are_kept(
    book: tuple[np.ndarray, np.ndarray, np.ndarray], low: float, high: float
) -> None:
    exposures, covariance, _ = book
    free = min_variance_hedge(exposures, covariance, instruments=[0, 1])
    bound = min_variance_hedge(exposures, covariance, instruments=[0, 1], bounds=[[low, high]] * 2)
    assert (bound.trades >= low).all()
    assert (bound.trades <= high).all()
    assert free.volatility_after <= bound.volatility_after + 1e-6
    assert bound.volatility_after <= bound.volatility_before + 1e-6


@settings(deadline=None, max_examples=25)
@given(book=books(), scale=st.floats(1e-3, 1e3))
def test_that_a_shortfall_hedge_never_harms_and_doubles_with_the_book(
    book: tuple[np.ndarray, np.ndarray, np.ndarray], scale: float
) -> None:
    exposures, _, returns = book
    pnl = returns @ exposures
    bounds = [[-1e7, 1e7]]
    result = es_minimising_hedge(pnl, returns[:, :1], confidence=0.95, bounds=bounds)
    assert result.es_after <= result.es_before + 1e-6 * abs(result.es_before)
    larger = es_minimising_hedge(
        scale * pnl, returns[:, :1], confidence=0.95, bounds=scale * np.array(bounds)
    )
    assert larger.es_after == pytest.approx(
        scale * result.es_after, rel=1e-5, abs=1e-5 * scale * np.abs(pnl).max()
    )


@NO_DEADLINE
@given(book=books(), loss=st.floats(1.0, 1e7))
def test_that_the_reverse_stress_is_the_distance_to_a_loss_limit(
    book: tuple[np.ndarray, np.ndarray, np.ndarray], loss: float
) -> None:
    exposures, covariance, _ = book
    scenario = most_plausible_scenario(exposures, covariance, loss=loss)
    distance = distance_to_breach(0.0, exposures, covariance, line=-loss, breach_above=False)
    np.testing.assert_allclose(scenario.returns, distance.returns)
    assert scenario.distance == pytest.approx(distance.sigmas)
    assert scenario.pnl_by_asset.sum() == pytest.approx(-loss)
    # One alone, the others held still, is never more plausible than the best joint move.
    inverse = np.linalg.inv(covariance)
    for single in distance.single_moves:
        alone = abs(single.move_fraction) * np.sqrt(inverse[single.instrument, single.instrument])
        assert alone >= distance.sigmas * (1 - 1e-6)


@NO_DEADLINE
@given(book=books(), move=st.floats(-0.5, 0.5))
def test_that_a_shock_to_everything_has_nobody_left_to_follow(
    book: tuple[np.ndarray, np.ndarray, np.ndarray], move: float
) -> None:
    exposures, covariance, _ = book
    everyone = list(range(exposures.size))
    result = factor_shock(exposures, covariance, shocked=everyone, returns=[move] * exposures.size)
    assert result.transitive_pnl == pytest.approx(result.isolated_pnl)
    assert result.transitive_pnl == pytest.approx(float(move * exposures.sum()), abs=1e-6)


@NO_DEADLINE
@given(path=st.lists(st.integers(-100, 100), min_size=1, max_size=50))
def test_that_depth_peak_trough_and_recovery_tell_one_story(path: list[int]) -> None:
    result = replay_of_path([float(money) for money in path])
    deepest = max(max(path[: day + 1]) - path[day] for day in range(len(path)))
    assert result.depth == deepest == path[result.peak] - path[result.trough]
    assert result.peak <= result.trough
    if result.recovery is None:
        assert max(path[result.trough :]) < path[result.peak]
    else:
        assert path[result.recovery] >= path[result.peak]
        assert result.recovery >= result.trough
