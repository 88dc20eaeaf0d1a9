import numpy as np
import pytest

from plimsoll.risk.errors import NotPositive, OutOfRange, ShapeMismatch, SingularMatrix
from plimsoll.risk.pairwise_correlation import (
    average_pairwise_correlation,
    correlation_matrix,
    effective_observations,
    inverse_of_correlation,
)


def test_that_a_correlation_never_leaves_its_bounds_by_rounding() -> None:
    column = np.random.default_rng(1).normal(size=(1000, 1))
    scaled = correlation_matrix(np.cov(np.hstack([column, 3.0 * column, -column]), rowvar=False))
    assert np.abs(scaled).max() == 1.0
    assert np.diag(scaled).tolist() == [1.0, 1.0, 1.0]


def test_that_an_asset_without_variance_is_named() -> None:
    with pytest.raises(NotPositive, match="asset 1"):
        correlation_matrix([[1.0, 0.0], [0.0, 0.0]])


def test_that_the_average_is_over_pairs_and_not_over_the_diagonal() -> None:
    assert average_pairwise_correlation([[4.0, 1.0], [1.0, 1.0]]) == 0.5
    with pytest.raises(ShapeMismatch, match="pair"):
        average_pairwise_correlation([[1.0]])


def test_that_effective_observations_count_the_rows_in_use() -> None:
    weights = 0.94 ** np.arange(75)
    assert effective_observations(0.94, 75) == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert effective_observations(0.94, 1) == pytest.approx(1.0)
    with pytest.raises(OutOfRange, match="n_rows"):
        effective_observations(0.94, 0)
    with pytest.raises(OutOfRange, match="decay"):
        effective_observations(1.0)


def test_that_an_inverse_is_refused_where_assets_move_as_one() -> None:
    assert inverse_of_correlation(np.eye(2)) == pytest.approx(np.eye(2))
    with pytest.raises(SingularMatrix, match="eigenvalue"):
        inverse_of_correlation(np.ones((2, 2)))
