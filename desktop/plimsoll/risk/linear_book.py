"""Expected profit and standard deviation of a book whose profit is linear in the returns."""

import math

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import square, vector
from plimsoll.risk.errors import ShapeMismatch, SingularMatrix


def book_moments(exposures: ArrayLike, covariance: ArrayLike, mean: ArrayLike | None) -> tuple[float, float]:
    """Return a linear book's expected profit Vᵀμ and standard deviation √(VᵀΣV), in money.

    Raises
    ------
    ShapeMismatch, NotFinite
        If the three do not belong together, or hold a NaN.
    SingularMatrix
        If the variance comes out negative beyond rounding: the matrix is no covariance.
    """
    value = vector(exposures, "exposures")
    if value.shape[0] == 0:
        raise ShapeMismatch("exposures were empty, expected at least one asset")
    sigma = square(covariance, "covariance", size=value.shape[0])
    variance = float(value @ sigma @ value)
    rounding = 1e-12 * float(np.abs(value) @ np.abs(sigma) @ np.abs(value))
    if variance < -rounding:
        raise SingularMatrix(
            f"covariance gave the book a variance of {variance}, expected none below zero: see nearest_psd"
        )
    drift = 0.0
    if mean is not None:
        mu = vector(mean, "mean")
        if mu.shape != value.shape:
            raise ShapeMismatch(
                f"mean had {mu.shape[0]} entries and exposures {value.shape[0]}, expected as many"
            )
        drift = float(value @ mu)
    return drift, math.sqrt(max(variance, 0.0))
