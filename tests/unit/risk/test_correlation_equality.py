import numpy as np
import pytest

from plimsoll.risk.correlation_equality import fisher_z_test, jennrich_test
from plimsoll.risk.errors import InsufficientHistory, OutOfRange, ShapeMismatch, SingularMatrix

FIRST = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, 1.0]])
SECOND = np.array([[1.0, 0.1, 0.6], [0.1, 1.0, 0.3], [0.6, 0.3, 1.0]])


def test_that_equal_correlations_are_not_rejected() -> None:
    test = fisher_z_test(0.4, 0.4, n_first=30, n_second=250)
    assert (test.statistic, test.p_value, test.is_rejected, test.degrees_of_freedom) == (
        0.0,
        1.0,
        False,
        None,
    )
    matrices = jennrich_test(FIRST, FIRST, n_first=60, n_second=90)
    assert (matrices.statistic, matrices.p_value, matrices.is_rejected) == (0.0, 1.0, False)


def test_that_the_sign_says_which_correlation_is_higher() -> None:
    up = fisher_z_test(0.6, 0.1, n_first=30, n_second=250)
    down = fisher_z_test(0.1, 0.6, n_first=250, n_second=30)
    assert up.statistic == -down.statistic > 0.0
    assert up.p_value == down.p_value
    assert up.is_rejected
    assert not fisher_z_test(0.6, 0.1, n_first=30, n_second=250, significance=0.001).is_rejected


def test_that_jennrichs_statistic_for_one_pair_is_the_squared_difference_over_its_variance() -> None:
    # For two assets the formula reduces to c (r1 - r2)^2 / (1 - rbar^2)^2.
    test = jennrich_test([[1, 0.6], [0.6, 1]], [[1, 0.1], [0.1, 1]], n_first=50, n_second=150)
    pooled = (50 * 0.6 + 150 * 0.1) / 200
    assert test.statistic == pytest.approx(50 * 150 / 200 * 0.25 / (1 - pooled**2) ** 2)
    assert test.is_rejected


def test_that_jennrichs_statistic_has_its_distribution_under_equality() -> None:
    rng = np.random.default_rng(11)
    factor = np.linalg.cholesky(FIRST)
    rejected = 0
    for _ in range(400):
        left, right = (np.corrcoef(rng.normal(size=(200, 3)) @ factor.T, rowvar=False) for _ in range(2))
        rejected += jennrich_test(left, right, n_first=200, n_second=200).is_rejected
    assert 8 <= rejected <= 36  # 20 expected at 5 %, four standard deviations about it


def test_that_the_two_samples_may_change_places() -> None:
    one = jennrich_test(FIRST, SECOND, n_first=60, n_second=90)
    other = jennrich_test(SECOND, FIRST, n_first=90, n_second=60)
    assert one.statistic == pytest.approx(other.statistic)
    assert one.degrees_of_freedom == 3


def test_that_too_few_observations_are_refused() -> None:
    with pytest.raises(InsufficientHistory, match="effective") as refusal:
        fisher_z_test(0.1, 0.2, n_first=3, n_second=100)
    assert (refusal.value.n_observations, refusal.value.n_needed) == (3, 4)
    with pytest.raises(InsufficientHistory):
        jennrich_test(FIRST, SECOND, n_first=60, n_second=1)


def test_that_bad_inputs_are_refused_by_name() -> None:
    with pytest.raises(OutOfRange, match="first"):
        fisher_z_test(1.0, 0.2, n_first=30, n_second=100)
    with pytest.raises(OutOfRange, match="significance"):
        fisher_z_test(0.1, 0.2, n_first=30, n_second=100, significance=0.0)
    with pytest.raises(OutOfRange, match="diagonal"):
        jennrich_test(2.0 * FIRST, SECOND, n_first=60, n_second=90)
    with pytest.raises(ShapeMismatch, match="one shape"):
        jennrich_test(FIRST, SECOND[:2, :2], n_first=60, n_second=90)
    with pytest.raises(ShapeMismatch, match="at least two"):
        jennrich_test([[1.0]], [[1.0]], n_first=60, n_second=90)
    with pytest.raises(SingularMatrix):
        jennrich_test(np.ones((2, 2)), np.ones((2, 2)), n_first=60, n_second=90)
