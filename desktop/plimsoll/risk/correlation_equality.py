"""Whether two correlations, or two whole correlation matrices, are equal."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray, square, within
from plimsoll.risk.errors import InsufficientHistory, OutOfRange, ShapeMismatch
from plimsoll.risk.pairwise_correlation import inverse_of_correlation


@dataclass(frozen=True, slots=True)
class CorrelationTest:
    """A test of equal correlation.

    Attributes
    ----------
    statistic : float
        z of the normal, or χ² where `degrees_of_freedom` is given.
    p_value : float
        Probability of a statistic at least as extreme under equality, two-sided for z.
    is_rejected : bool
        Whether the p-value is below the significance asked for.
    degrees_of_freedom : int or None
        Of the χ²; None for z.
    """

    statistic: float
    p_value: float
    is_rejected: bool
    degrees_of_freedom: int | None = None


def fisher_z_test(
    first: float, second: float, *, n_first: float, n_second: float, significance: float = 0.05
) -> CorrelationTest:
    """Test whether two correlations from independent samples differ.

    Parameters
    ----------
    first, second : float
        Correlations inside (−1, 1), from windows that do not overlap.
    n_first, n_second : float
        Numbers of observations, *effective* ones for a weighted estimate; above 3.
    significance : float
        Level of the verdict, in (0, 1).

    Returns
    -------
    CorrelationTest
        ``z = (atanh r1 − atanh r2) / sqrt(1/(n1 − 3) + 1/(n2 − 3))``, two-sided.

    Raises
    ------
    OutOfRange
        If a correlation is not inside (−1, 1) or the significance not inside (0, 1).
    InsufficientHistory
        If a sample has not more than 3 observations.

    References
    ----------
    .. [1] Fisher, "On the 'Probable Error' of a Coefficient of Correlation Deduced from a Small Sample",
       Metron 1, 1921.

    Examples
    --------
    >>> test = fisher_z_test(0.6, 0.1, n_first=30, n_second=250)
    >>> round(test.statistic, 3), round(test.p_value, 4)
    (2.925, 0.0034)
    """
    level = within(significance, "significance", 0.0, 1.0)
    apart = math.atanh(within(first, "first", -1.0, 1.0)) - math.atanh(within(second, "second", -1.0, 1.0))
    statistic = apart / fisher_deviation(n_first, n_second)
    p_value = math.erfc(abs(statistic) / math.sqrt(2.0))
    return CorrelationTest(statistic, p_value, p_value < level)


def jennrich_test(
    first: ArrayLike, second: ArrayLike, *, n_first: int, n_second: int, significance: float = 0.05
) -> CorrelationTest:
    """Test whether two correlation matrices from independent samples are equal.

    Parameters
    ----------
    first, second : array_like of shape (n_assets, n_assets)
        Correlation matrices (unit diagonal), of at least two assets.
    n_first, n_second : int
        Numbers of observations.
    significance : float
        Level of the verdict, in (0, 1).

    Returns
    -------
    CorrelationTest
        χ² with n_assets (n_assets − 1) / 2 degrees of freedom.

    Raises
    ------
    SingularMatrix
        If the pooled correlation cannot be inverted: more assets than observations, or two that move as one.
    OutOfRange
        If a diagonal is not one, or the significance not inside (0, 1).
    InsufficientHistory
        If a sample has fewer than 2 observations.
    ShapeMismatch, NotFinite
        If the matrices are not square, symmetric, finite and of one size.

    Notes
    -----
    With R̄ the mean weighted by observations, c = n1 n2 / (n1 + n2), Z = √c R̄⁻¹ (R1 − R2) and S = I + R̄ ∘
    R̄⁻¹: χ² = ½ tr Z² − dg(Z)ᵀ S⁻¹ dg(Z).

    References
    ----------
    .. [1] Jennrich, "An Asymptotic χ² Test for the Equality of Two Correlation Matrices", Journal of the
       American Statistical Association 65(330), 1970.

    Examples
    --------
    >>> test = jennrich_test([[1, 0.6], [0.6, 1]], [[1, 0.1], [0.1, 1]], n_first=100, n_second=100)
    >>> round(test.statistic, 4), test.degrees_of_freedom
    (16.2336, 1)
    """
    from scipy.special import chdtrc

    level = within(significance, "significance", 0.0, 1.0)
    left, right = _unit_diagonal(first, "first"), _unit_diagonal(second, "second")
    if left.shape != right.shape:
        raise ShapeMismatch(f"first had shape {left.shape} and second {right.shape}, expected one shape")
    for n_observations in (n_first, n_second):
        if n_observations < 2:
            raise InsufficientHistory(
                f"a sample had {n_observations} observations, expected at least 2",
                n_observations=int(n_observations),
                n_needed=2,
            )
    pooled = (n_first * left + n_second * right) / (n_first + n_second)
    inverse = inverse_of_correlation(pooled)
    z = math.sqrt(n_first * n_second / (n_first + n_second)) * inverse @ (left - right)
    diagonal = np.diag(z)
    scale = np.eye(pooled.shape[0]) + pooled * inverse
    statistic = max(0.0, float(0.5 * np.trace(z @ z) - diagonal @ np.linalg.solve(scale, diagonal)))
    freedom = pooled.shape[0] * (pooled.shape[0] - 1) // 2
    p_value = float(chdtrc(freedom, statistic))
    return CorrelationTest(statistic, p_value, p_value < level, freedom)


def fisher_deviation(n_first: float, n_second: float) -> float:
    """Return the standard deviation of a difference of two Fisher z, or raise InsufficientHistory."""
    for n_observations in (n_first, n_second):
        if not n_observations > 3.0:
            raise InsufficientHistory(
                f"a sample had {n_observations} effective observations, expected more than 3: lengthen the "
                f"window",
                n_observations=math.floor(n_observations),
                n_needed=4,
            )
    return math.sqrt(1.0 / (n_first - 3.0) + 1.0 / (n_second - 3.0))


def _unit_diagonal(correlation: ArrayLike, name: str) -> FloatArray:
    array = square(correlation, name)
    if array.shape[0] < 2:
        raise ShapeMismatch(f"{name} had {array.shape[0]} assets, expected at least two")
    if not np.allclose(np.diag(array), 1.0, rtol=0.0, atol=1e-9):
        raise OutOfRange(
            f"{name} had no unit diagonal, expected a correlation matrix: see correlation_matrix"
        )
    return array
