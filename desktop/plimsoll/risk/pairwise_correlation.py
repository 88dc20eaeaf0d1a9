"""Correlation matrices: scaled from a covariance, averaged, inverted."""

import math

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray, square, within
from plimsoll.risk.errors import NotPositive, ShapeMismatch, SingularMatrix


def correlation_matrix(covariance: ArrayLike) -> FloatArray:
    """Return a covariance scaled to a unit diagonal.

    Parameters
    ----------
    covariance : array_like of shape (n_assets, n_assets)
        Symmetric, with variances above zero.

    Returns
    -------
    ndarray of shape (n_assets, n_assets)
        Entries in [−1, 1], ones on the diagonal.

    Raises
    ------
    NotPositive
        If an asset has no variance: it correlates with nothing.
    ShapeMismatch, NotFinite
        If the matrix is not square, symmetric and finite.

    Examples
    --------
    >>> correlation_matrix([[4.0, 3.0], [3.0, 9.0]]).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    sigma = square(covariance, "covariance")
    variances = np.diag(sigma)
    flat = np.flatnonzero(variances <= 0.0)
    if flat.shape[0]:
        raise NotPositive(
            f"asset {flat[0]} had variance {variances[flat[0]]}, expected above zero: leave it out"
        )
    deviations = np.sqrt(variances)
    scaled: FloatArray = np.clip(sigma / deviations[:, None] / deviations[None, :], -1.0, 1.0)
    np.fill_diagonal(scaled, 1.0)
    return scaled


def average_pairwise_correlation(covariance: ArrayLike) -> float:
    """Return the mean correlation over all pairs of assets.

    Parameters
    ----------
    covariance : array_like of shape (n_assets, n_assets)
        Covariance or correlation matrix of at least two assets.

    Returns
    -------
    float
        In [−1/(n_assets − 1), 1] for a true covariance.

    Raises
    ------
    ShapeMismatch
        If there is no pair, or the matrix is not square and symmetric.
    NotPositive, NotFinite
        As `correlation_matrix`.

    Examples
    --------
    >>> round(average_pairwise_correlation([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, 1.0]]), 6)
    0.2
    """
    correlation = correlation_matrix(covariance)
    n_assets = correlation.shape[0]
    if n_assets < 2:
        raise ShapeMismatch(
            f"covariance had {n_assets} assets, expected at least two: one asset makes no pair"
        )
    pairs = correlation[np.triu_indices(n_assets, 1)]
    return float(pairs.mean())


def effective_observations(decay: float, n_rows: int | None = None) -> float:
    """Return how many equal observations an exponential weighting is worth, ``(Σw)² / Σw²``.

    Parameters
    ----------
    decay : float
        λ in (0, 1).
    n_rows : int, optional
        Rows in use, at least 1; endless if None, where the figure is (1 + λ)/(1 − λ).

    Returns
    -------
    float
        At most `n_rows`.

    Raises
    ------
    OutOfRange
        If the decay is outside (0, 1) or there is no row.

    References
    ----------
    .. [1] Kish, "Survey Sampling", Wiley, 1965, on effective sample size.

    Examples
    --------
    >>> [round(effective_observations(decay)) for decay in (0.94, 0.97, 0.99)]
    [32, 66, 199]
    """
    lam = within(decay, "decay", 0.0, 1.0)
    endless = (1.0 + lam) / (1.0 - lam)
    if n_rows is None:
        return endless
    rest: float = lam ** within(n_rows, "n_rows", 1, math.inf, closed=True)
    return endless * (1.0 - rest) / (1.0 + rest)


def inverse_of_correlation(correlation: FloatArray) -> FloatArray:
    """Return the inverse of a correlation matrix.

    Raises
    ------
    SingularMatrix
        If its smallest eigenvalue is not above rounding of the largest.
    """
    values, vectors = np.linalg.eigh(correlation)
    if values[0] <= 1e-12 * values[-1]:
        raise SingularMatrix(
            f"the smallest eigenvalue was {values[0]:.3g}, expected above zero: drop assets that move as "
            f"one, "
            "lengthen the window, or shrink with ledoit_wolf"
        )
    inverse: FloatArray = vectors / values @ vectors.T
    return inverse
