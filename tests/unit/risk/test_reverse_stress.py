"""The likeliest way to lose a sum."""

import numpy as np
import pytest
from scipy.stats import norm

from plimsoll.risk.errors import NotFinite, ShapeMismatch, SingularMatrix
from plimsoll.risk.reverse_stress import most_plausible_scenario

VOLATILITY = np.array([0.015, 0.02, 0.009])
CORRELATION = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, 1.0]])
COVARIANCE = CORRELATION * np.outer(VOLATILITY, VOLATILITY)
BOOK = np.array([600e3, -250e3, 400e3])
MEAN = np.array([0.001, -0.0005, 0.0002])


@pytest.mark.parametrize("mean", [None, MEAN])
def test_that_the_scenario_loses_the_sum_and_nothing_nearer_does(mean: np.ndarray | None) -> None:
    centre = np.zeros(3) if mean is None else mean
    result = most_plausible_scenario(BOOK, COVARIANCE, loss=50e3, mean=mean)
    assert BOOK @ result.returns == pytest.approx(-50e3)
    inverse = np.linalg.inv(COVARIANCE)
    off = result.returns - centre
    assert np.sqrt(off @ inverse @ off) == pytest.approx(result.distance)
    assert result.distance == pytest.approx((50e3 + BOOK @ centre) / np.sqrt(BOOK @ COVARIANCE @ BOOK))
    assert result.normal_probability == pytest.approx(norm.sf(result.distance))
    np.testing.assert_allclose(result.pnl_by_asset, BOOK * result.returns)
    random = np.random.default_rng(0)
    moves = centre + random.multivariate_normal(np.zeros(3), 25 * COVARIANCE, 20_000)
    losing = moves[moves @ BOOK <= -50e3] - centre
    assert (np.einsum("ij,jk,ik->i", losing, inverse, losing) >= result.distance**2).all()


def test_that_a_loss_expected_on_average_is_no_distance_away() -> None:
    result = most_plausible_scenario(BOOK, COVARIANCE, loss=100.0, mean=-MEAN)
    assert result.distance == 0.0
    np.testing.assert_array_equal(result.returns, -MEAN)
    assert result.normal_probability > 0.5


def test_that_a_book_no_move_can_hurt_is_refused() -> None:
    with pytest.raises(SingularMatrix):
        most_plausible_scenario([0.0, 0.0], np.eye(2), loss=1.0)
    with pytest.raises(SingularMatrix):
        most_plausible_scenario([1.0, -1.0], np.ones((2, 2)), loss=1.0)


def test_that_misfit_inputs_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        most_plausible_scenario(BOOK, COVARIANCE, loss=1.0, mean=[0.0])
    with pytest.raises(NotFinite):
        most_plausible_scenario(BOOK, COVARIANCE, loss=np.nan)
