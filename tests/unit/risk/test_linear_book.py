"""A linear book's two moments, and the matrices and means that give it none."""

import numpy as np
import pytest

from plimsoll.risk.errors import ShapeMismatch, SingularMatrix
from plimsoll.risk.linear_book import book_moments


def test_that_the_moments_are_the_quadratic_form_and_the_product() -> None:
    drift, deviation = book_moments([2.0, -1.0], [[0.04, 0.01], [0.01, 0.09]], [0.1, 0.3])
    assert drift == pytest.approx(-0.1)
    assert deviation == pytest.approx((4 * 0.04 - 4 * 0.01 + 0.09) ** 0.5)


def test_that_a_matrix_with_negative_variance_is_no_covariance() -> None:
    with pytest.raises(SingularMatrix, match="nearest_psd"):
        book_moments([1.0, -1.0], [[1.0, 2.0], [2.0, 1.0]], None)


def test_that_an_empty_book_is_refused() -> None:
    with pytest.raises(ShapeMismatch, match="empty"):
        book_moments([], np.zeros((0, 0)), None)


def test_that_a_mean_of_another_length_is_refused() -> None:
    with pytest.raises(ShapeMismatch, match="mean had 1 entries and exposures 2"):
        book_moments([1.0, 2.0], np.eye(2), [0.1])


def test_that_a_perfect_hedge_has_no_risk() -> None:
    assert book_moments([1.0, -1.0], [[0.04, 0.04], [0.04, 0.04]], None) == (0.0, 0.0)
