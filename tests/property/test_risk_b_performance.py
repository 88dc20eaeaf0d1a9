import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.concentration import effective_number, herfindahl, normalised_herfindahl
from plimsoll.risk.dispersion import (
    downside_deviation,
    gini_mean_difference,
    mean_absolute_deviation,
    semi_deviation,
    volatility,
)
from plimsoll.risk.drawdown import (
    average_drawdown,
    cdar,
    drawdown_table,
    drawdowns,
    max_drawdown,
    ulcer_index,
)
from plimsoll.risk.entropic_risk import entropic_var
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.exposure import exposure_by_group, total_exposure
from plimsoll.risk.performance import omega_ratio, sharpe_ratio, sortino_ratio

MONEY = st.integers(-1_000_000, 1_000_000).map(float)
RETURNS = arrays(np.float64, st.integers(2, 80), elements=st.floats(-0.9, 0.9, allow_subnormal=False))
PATHS = arrays(np.float64, st.integers(1, 80), elements=st.floats(0.01, 1e6))
CONFIDENCES = st.floats(0.6, 0.95)


@settings(deadline=None)
@given(PATHS, st.floats(1e-3, 1e3))
def test_that_relative_drawdowns_have_no_unit_and_lie_in_zero_to_one(path: FloatArray, factor: float) -> None:
    falls = drawdowns(path)
    assert ((falls >= 0.0) & (falls < 1.0)).all()
    assert falls[0] == 0.0
    assert drawdowns(factor * path) == pytest.approx(falls, abs=1e-9)


@settings(deadline=None)
@given(PATHS)
def test_that_a_start_below_the_path_changes_no_figure_but_its_own_place(path: FloatArray) -> None:
    with_start = drawdowns(path, start=0.005)
    assert with_start.tolist() == drawdowns(path).tolist()
    assert max_drawdown(path, start=1e7) >= max_drawdown(path)


@settings(deadline=None)
@given(PATHS)
def test_that_the_table_tells_each_fall_once_and_its_deepest_is_the_maximum(path: FloatArray) -> None:
    rows = drawdown_table(path)
    falls = drawdowns(path)
    assert max((row.depth for row in rows), default=0.0) == max_drawdown(path)
    under = 0
    for row in rows:
        end = row.recovery if row.recovery is not None else path.shape[0]
        assert (falls[row.peak + 1 : end] > 0.0).all()
        assert falls[row.peak] == 0.0
        assert falls[row.trough] == falls[row.peak : end].max() == row.depth
        assert path[row.peak] == path[:end].max()
        if row.recovery is not None:
            assert path[row.recovery] >= path[row.peak]
            assert row.trough_to_recovery is not None
            assert row.length == row.to_trough + row.trough_to_recovery
        under += end - row.peak - 1
    assert under == (falls > 0.0).sum()
    assert [row.depth for row in rows] == sorted((row.depth for row in rows), reverse=True)


@settings(deadline=None)
@given(PATHS, st.floats(0.0, 0.99), st.floats(0.0, 0.99))
def test_that_cdar_rises_from_the_average_to_the_deepest(path: FloatArray, one: float, other: float) -> None:
    series = drawdowns(path)
    low, high = sorted((one, other))
    slack = 1e-9
    figures = [average_drawdown(series), cdar(series, confidence=low), cdar(series, confidence=high)]
    assert figures[0] <= figures[1] + slack <= figures[2] + 2 * slack <= max_drawdown(path) + 3 * slack
    assert average_drawdown(series) <= ulcer_index(series) + slack


@settings(deadline=None)
@given(RETURNS, st.floats(0.1, 100.0), st.integers(0, 2**32 - 1))
def test_that_deviations_scale_with_the_returns_in_any_order(
    returns: FloatArray, factor: float, seed: int
) -> None:
    shuffled = factor * np.random.default_rng(seed).permutation(returns)
    for measure in (
        volatility,
        semi_deviation,
        downside_deviation,
        mean_absolute_deviation,
        gini_mean_difference,
    ):
        assert measure(shuffled) == pytest.approx(factor * measure(returns), rel=1e-6, abs=1e-9)


@settings(deadline=None)
@given(RETURNS, st.floats(-0.5, 0.5))
def test_that_deviations_about_the_mean_do_not_see_a_shift(returns: FloatArray, shift: float) -> None:
    for measure in (volatility, semi_deviation, mean_absolute_deviation, gini_mean_difference):
        assert measure(returns + shift) == pytest.approx(measure(returns), abs=1e-9)


@settings(deadline=None)
@given(RETURNS)
def test_that_the_ratios_agree_about_the_sign_of_the_mean(returns: FloatArray) -> None:
    assume((returns < -1e-6).any() and np.ptp(returns) > 1e-6 and abs(returns.mean()) > 1e-9)
    is_gain = returns.mean() > 0.0
    assert (sharpe_ratio(returns) > 0.0) == is_gain
    assert (sortino_ratio(returns) > 0.0) == is_gain
    assert (omega_ratio(returns) > 1.0) == is_gain


@settings(deadline=None)
@given(arrays(np.float64, st.integers(20, 60), elements=MONEY), CONFIDENCES, CONFIDENCES, MONEY)
def test_that_the_entropic_var_is_coherent_and_bounds_the_shortfall(
    pnl: FloatArray, one: float, other: float, cash: float
) -> None:
    low, high = sorted((one, other))
    figure = entropic_var(pnl, confidence=low)
    slack = 1e-6 * (float(np.abs(pnl).max()) + abs(cash) + 1.0)
    assert historical_es(pnl, confidence=low) - slack <= figure <= -float(pnl.min()) + slack
    assert entropic_var(pnl, confidence=high) >= figure - slack
    assert entropic_var(pnl + cash, confidence=low) == pytest.approx(figure - cash, abs=slack)
    assert entropic_var(3.0 * pnl, confidence=low) == pytest.approx(3.0 * figure, abs=3.0 * slack)


@settings(deadline=None)
@given(arrays(np.float64, st.integers(20, 40), elements=MONEY), CONFIDENCES, st.integers(0, 2**32 - 1))
def test_that_two_books_together_have_no_more_entropic_var_than_apart(
    pnl: FloatArray, confidence: float, seed: int
) -> None:
    other = np.random.default_rng(seed).normal(size=pnl.shape[0]) * 1e5
    together = entropic_var(pnl + other, confidence=confidence)
    apart = entropic_var(pnl, confidence=confidence) + entropic_var(other, confidence=confidence)
    assert together <= apart + 1e-6 * (abs(apart) + 1e6)


@settings(deadline=None)
@given(arrays(np.float64, st.integers(1, 50), elements=MONEY), st.floats(0.01, 1e6))
def test_that_concentration_has_bounds_and_no_unit(values: FloatArray, factor: float) -> None:
    assume(values.any())
    index = herfindahl(values)
    assert 1.0 / values.shape[0] - 1e-12 <= index <= 1.0 + 1e-12
    assert effective_number(values) == pytest.approx(1.0 / index)
    assert 0.0 <= normalised_herfindahl(values) <= 1.0 + 1e-12
    assert herfindahl(-factor * values) == pytest.approx(index)


@settings(deadline=None)
@given(
    st.lists(st.tuples(MONEY, st.sampled_from(["tech", "energy", "banks", None, ""])), max_size=40),
    st.floats(0.0, 1.0),
)
def test_that_groups_add_up_and_splitting_a_line_changes_none(
    lines: list[tuple[float, str | None]], share: float
) -> None:
    money, labels = [size for size, _ in lines], [label for _, label in lines]
    grouped = exposure_by_group(money, labels)
    total = total_exposure(money)
    assert grouped.total == total
    assert sum(
        group.gross for group in grouped.groups.values()
    ) + grouped.unclassified_gross == pytest.approx(total.gross)
    assert total.gross == pytest.approx(total.long + total.short)
    assert math.isclose(total.net, sum(money), abs_tol=1e-6)
    if lines:
        split = exposure_by_group(
            [*money[1:], share * money[0], (1.0 - share) * money[0]], [*labels[1:], labels[0], labels[0]]
        )
        assert {name: group.gross for name, group in split.groups.items()} == pytest.approx(
            {name: group.gross for name, group in grouped.groups.items()}
        )
