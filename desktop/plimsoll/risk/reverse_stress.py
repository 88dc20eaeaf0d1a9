"""Which move of the market is the likeliest to lose a given sum."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, finite, square, vector
from plimsoll.risk.errors import ShapeMismatch, SingularMatrix
from plimsoll.risk.normal import normal_cdf


@dataclass(frozen=True, slots=True, kw_only=True)
class PlausibleScenario:
    """What `most_plausible_scenario` answers.

    Attributes
    ----------
    returns : ndarray of shape (n_assets,)
        Simple returns as fractions.
    pnl_by_asset : ndarray of shape (n_assets,)
        Profit of each position in it, base currency.
    distance : float
        Mahalanobis distance from the mean, in standard deviations; 0 where the mean loses as much.
    normal_probability : float
        Chance of losing at least the sum if returns are normal: an order of magnitude, no more.
    """

    returns: FloatArray
    pnl_by_asset: FloatArray
    distance: float
    normal_probability: float


@refuses_overflow
def most_plausible_scenario(
    exposures: ArrayLike, covariance: ArrayLike, *, loss: float, mean: ArrayLike | None = None
) -> PlausibleScenario:
    """Return the likeliest market move in which a linear book loses a given sum or more.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money, base currency.
    covariance : array_like of shape (n_assets, n_assets)
        Of returns over the horizon in question.
    loss : float
        Sum to lose, base currency, a loss being positive.
    mean : array_like of shape (n_assets,), optional
        Mean returns; default zero.

    Returns
    -------
    PlausibleScenario
        The point of least Mahalanobis distance on the far side of the loss; the mean itself, at distance
        0, where the book loses that much on average.

    Raises
    ------
    SingularMatrix
        If the book has no variance: no move of these assets loses the sum.
    ShapeMismatch, NotFinite
        If the arrays do not belong together or hold a gap.

    Notes
    -----
    x* = μ − (ℓ + Vᵀμ) ΣV/(VᵀΣV), distance (ℓ + Vᵀμ)/σ_p [1]_; the same for every elliptical law.

    References
    ----------
    .. [1] Breuer, Jandačka, Rheinberger and Summer, "How to Find Plausible, Severe, and Useful Stress
       Scenarios", International Journal of Central Banking 5(3), 2009, pp. 205-224.

    Examples
    --------
    >>> sigma = np.array([0.015, 0.02, 0.009])
    >>> rho = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, 1.0]])
    >>> covariance = rho * np.outer(sigma, sigma)
    >>> result = most_plausible_scenario([600e3, -250e3, 400e3], covariance, loss=50_000.0)
    >>> result.returns.round(4), round(result.distance, 4)
    (array([-0.0598,  0.0095, -0.0293]), 5.2553)
    """
    book = vector(exposures, "exposures")
    sigma = square(covariance, "covariance", size=book.size)
    centre = np.zeros(book.size) if mean is None else vector(mean, "mean")
    if centre.size != book.size:
        raise ShapeMismatch(f"mean had {centre.size} entries, expected {book.size}, one an asset")
    sum_to_lose = float(finite(np.array([loss], dtype=np.float64), "loss")[0])
    direction = sigma @ book
    variance = float(book @ direction)
    if variance <= 1e-14 * float(np.abs(book) @ np.abs(sigma) @ np.abs(book)):
        raise SingularMatrix("the book had no variance, expected one that some move can hurt")
    gap = sum_to_lose + float(book @ centre)
    returns = centre - max(0.0, gap) * direction / variance
    distance = gap / math.sqrt(variance)
    return PlausibleScenario(
        returns=returns,
        pnl_by_asset=book * returns,
        distance=max(0.0, distance),
        normal_probability=normal_cdf(-distance),
    )
