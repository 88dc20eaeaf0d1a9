"""The nearest positive semidefinite matrix, with a report of what was clipped."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, square
from plimsoll.risk.errors import NotConverged, NotPositive

_ROUNDING: Final = 1e-12
_MOST_ROUNDS: Final = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class PsdRepair:
    """A repaired matrix and what the repair cost.

    Attributes
    ----------
    matrix : ndarray of shape (n, n)
        Symmetric, without negative eigenvalues beyond rounding.
    clipped : ndarray of shape (n_clipped,)
        The negative eigenvalues of the input, smallest first; empty when it needed no repair.
    distance : float
        Frobenius norm of what was changed.
    """

    matrix: FloatArray
    clipped: FloatArray
    distance: float

    @property
    def n_clipped(self) -> int:
        """How many eigenvalues were negative."""
        return int(self.clipped.shape[0])

    @property
    def is_changed(self) -> bool:
        """Whether anything was repaired."""
        return self.n_clipped > 0


@refuses_overflow
def nearest_psd(matrix: ArrayLike, *, keep_diagonal: bool = False) -> PsdRepair:
    """Return the nearest positive semidefinite matrix, in the Frobenius norm.

    Parameters
    ----------
    matrix : array_like of shape (n, n)
        Symmetric: a covariance or correlation with gaps, overrides or more assets than days.
    keep_diagonal : bool
        Whether variances are kept: then the correlation matrix is replaced by the nearest correlation matrix,
        by Higham's alternating projections. Otherwise negative eigenvalues are set to zero, which raises the
        diagonal a little.

    Returns
    -------
    PsdRepair
        The input itself, unchanged to the last bit, where it needs no repair.

    Raises
    ------
    NotPositive
        With `keep_diagonal`, if an entry of the diagonal is zero or below.
    NotConverged
        If the projections do not settle in 10,000 rounds.
    NotFinite, ShapeMismatch
        If it is no finite symmetric matrix.

    References
    ----------
    .. [1] Higham, "Computing the nearest correlation matrix - a problem from finance", IMA Journal of
       Numerical Analysis 22, 2002: the example is its first, distance 0.5278.

    Examples
    --------
    >>> repair = nearest_psd([[1, 1, 0], [1, 1, 1], [0, 1, 1]], keep_diagonal=True)
    >>> repair.matrix.round(4)
    array([[1.    , 0.7607, 0.1573],
           [0.7607, 1.    , 0.7607],
           [0.1573, 0.7607, 1.    ]])
    >>> round(repair.distance, 4)
    0.5278
    """
    given = square(matrix, "matrix")
    even = 0.5 * (given + given.T)
    # eigh, not eigvalsh: LAPACK's root-free variant squares off-diagonals, and one of 1e-162 among ordinary
    # entries moved an eigenvalue by 1e-4.
    eigenvalues, vectors = np.linalg.eigh(even)
    rounding = _ROUNDING * float(np.abs(eigenvalues).max(initial=0.0))
    clipped: FloatArray = eigenvalues[eigenvalues < -rounding].astype(np.float64)
    if clipped.shape[0] == 0:
        return PsdRepair(given, clipped, 0.0)
    repaired = _nearest_correlation(even) if keep_diagonal else _without_negative(eigenvalues, vectors)
    return PsdRepair(repaired, clipped, float(np.linalg.norm(repaired - even)))


def _clip(even: FloatArray) -> FloatArray:
    return _without_negative(*np.linalg.eigh(even))


def _without_negative(eigenvalues: FloatArray, vectors: FloatArray) -> FloatArray:
    kept: FloatArray = (vectors * np.maximum(eigenvalues, 0.0)) @ vectors.T
    return 0.5 * (kept + kept.T)


def _nearest_correlation(even: FloatArray) -> FloatArray:
    variance = np.diag(even)
    if (variance <= 0.0).any():
        raise NotPositive(f"matrix had {variance.min()} on its diagonal, expected variances above zero")
    scale = np.sqrt(np.outer(variance, variance))
    candidate = even / scale
    correction = np.zeros_like(candidate)
    for _ in range(_MOST_ROUNDS):
        shifted = candidate - correction
        projected = _clip(shifted)
        correction = projected - shifted
        candidate = projected.copy()
        np.fill_diagonal(candidate, 1.0)
        if np.linalg.norm(candidate - projected) <= 1e-10 * np.linalg.norm(candidate):
            break
    else:
        raise NotConverged("the nearest correlation matrix did not settle: clip instead, or mend the entries")
    # The last projection restored the diagonal and may have left −1e-11 behind; clipping and rescaling ends
    # on a correlation matrix that is both.
    clipped = _clip(candidate)
    deviation = np.sqrt(np.diag(clipped))
    final: FloatArray = clipped / np.outer(deviation, deviation)
    np.fill_diagonal(final, 1.0)
    return final * scale
