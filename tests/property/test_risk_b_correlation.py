from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plimsoll.risk.absorption import absorption_ratio, effective_rank
from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.correlation_equality import fisher_z_test
from plimsoll.risk.errors import NotPositive, RiskInputError
from plimsoll.risk.false_discovery import benjamini_hochberg
from plimsoll.risk.pairwise_correlation import (
    average_pairwise_correlation,
    correlation_matrix,
    effective_observations,
)
from plimsoll.risk.unusual_day import correlation_surprise, magnitude_surprise, turbulence

RETURN = st.integers(-2_000, 2_000).map(lambda bp: bp / 1e4)
DAYS = st.tuples(st.integers(2, 40), st.integers(1, 6)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=RETURN)
)


@settings(deadline=None)
@given(DAYS, st.floats(0.1, 1e4), st.sampled_from([None, 5.0, 250.0]))
def test_that_the_absorption_ratio_rises_with_the_count_and_has_no_unit(
    days: FloatArray, factor: float, half_life: float | None
) -> None:
    n_assets = days.shape[1]
    try:
        ratios = [absorption_ratio(days, count, half_life=half_life) for count in range(n_assets + 1)]
    except NotPositive:
        assert (np.ptp(days, axis=0) == 0.0).all()
        return
    assert ratios[0] == 0.0
    assert ratios[-1] == 1.0
    assert all(low <= high + 1e-12 for low, high in pairwise(ratios))
    # Equal shares are the least that the first vectors can explain.
    assert all(ratio >= count / n_assets - 1e-9 for count, ratio in enumerate(ratios))
    assert absorption_ratio(factor * days[:, ::-1], 1, half_life=half_life) == pytest.approx(ratios[1])


@settings(deadline=None)
@given(DAYS)
def test_that_the_effective_rank_counts_between_one_and_all(days: FloatArray) -> None:
    covariance = days.T @ days
    try:
        rank = effective_rank(covariance)
    except NotPositive:
        assert not days.any()
        return
    assert 1.0 - 1e-12 <= rank <= days.shape[1] + 1e-9
    assert effective_rank(7.0 * covariance) == pytest.approx(rank)


@settings(deadline=None)
@given(DAYS)
def test_that_a_correlation_matrix_is_one_or_is_refused(days: FloatArray) -> None:
    covariance = days.T @ days
    try:
        correlation = correlation_matrix(covariance)
    except NotPositive:
        assert (np.diag(covariance) == 0.0).any()
        return
    assert np.abs(correlation).max() <= 1.0
    assert correlation_matrix(correlation) == pytest.approx(correlation)
    if days.shape[1] > 1:
        average = average_pairwise_correlation(covariance)
        assert -1.0 / (days.shape[1] - 1) - 1e-9 <= average <= 1.0


@settings(deadline=None)
@given(DAYS, st.integers(0, 2**32 - 1))
def test_that_turbulence_does_not_depend_on_units_or_order_and_never_is_nan(
    days: FloatArray, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    scale, order = rng.uniform(0.5, 2.0, size=days.shape[1]), rng.permutation(days.shape[1])
    day = rng.normal(size=days.shape[1])
    try:
        plain = turbulence(day, days)
    except RiskInputError:
        return
    assert np.isfinite(plain)
    assert plain >= 0.0
    assert turbulence((day * scale)[order], (days * scale)[:, order]) == pytest.approx(plain, rel=1e-4)
    product = magnitude_surprise(day, days) * correlation_surprise(day, days)
    assert product == pytest.approx(plain, rel=1e-9)


@settings(deadline=None)
@given(st.floats(-0.999, 0.999), st.floats(-0.999, 0.999), st.floats(3.5, 1e4), st.floats(3.5, 1e4))
def test_that_fishers_test_is_antisymmetric(one: float, other: float, n_one: float, n_other: float) -> None:
    there = fisher_z_test(one, other, n_first=n_one, n_second=n_other)
    back = fisher_z_test(other, one, n_first=n_other, n_second=n_one)
    assert there.statistic == -back.statistic
    assert 0.0 <= there.p_value <= 1.0


@settings(deadline=None)
@given(arrays(np.float64, st.integers(0, 60), elements=st.floats(0.0, 1.0)), st.floats(0.01, 0.5))
def test_that_adjusted_p_values_are_no_smaller_and_keep_their_order(
    p_values: FloatArray, rate: float
) -> None:
    judged = benjamini_hochberg(p_values, false_discovery_rate=rate)
    assert (judged.adjusted >= p_values).all()
    assert (judged.adjusted <= 1.0).all()
    order = np.argsort(p_values, kind="stable")
    assert (np.diff(judged.adjusted[order]) >= 0.0).all()
    # The step-up rule itself: reject the k smallest, k the largest with p_(k) <= k q / m.
    ranks = np.arange(1, p_values.shape[0] + 1)
    passing = np.flatnonzero(p_values[order] <= rate * ranks / max(1, p_values.shape[0]) * (1 - 1e-12))
    assert judged.is_rejected.sum() >= (passing[-1] + 1 if passing.shape[0] else 0)


@settings(deadline=None)
@given(st.floats(0.5, 0.999), st.integers(1, 2_000))
def test_that_a_weighting_is_never_worth_more_rows_than_it_has(decay: float, n_rows: int) -> None:
    assert (
        1.0 - 1e-9
        <= effective_observations(decay, n_rows)
        <= min(n_rows * (1.0 + 1e-9), effective_observations(decay))
    )
