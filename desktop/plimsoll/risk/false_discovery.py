"""Many tests judged together, so that few of the alarms are false."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import BoolArray, FloatArray, vector, within
from plimsoll.risk.errors import OutOfRange


@dataclass(frozen=True, slots=True, eq=False)
class FalseDiscovery:
    """Many tests judged together.

    Attributes
    ----------
    is_rejected : ndarray of bool, shape (n_tests,)
        Which are rejected at the rate asked for.
    adjusted : ndarray of shape (n_tests,)
        Smallest false-discovery rate at which each would be rejected.
    """

    is_rejected: BoolArray
    adjusted: FloatArray


def benjamini_hochberg(p_values: ArrayLike, *, false_discovery_rate: float = 0.05) -> FalseDiscovery:
    """Judge many tests so that the expected share of false alarms among the alarms stays under a rate.

    Parameters
    ----------
    p_values : array_like of shape (n_tests,)
        In [0, 1]; the order does not matter. None at all gives an empty answer.
    false_discovery_rate : float
        In (0, 1).

    Returns
    -------
    FalseDiscovery
        Verdicts and adjusted p-values in the order given. The rate holds for independent tests and for those
        with positive dependence.

    Raises
    ------
    OutOfRange
        If a p-value is outside [0, 1] or the rate outside (0, 1).
    NotFinite, ShapeMismatch
        If the p-values are no finite vector.

    References
    ----------
    .. [1] Benjamini and Hochberg, "Controlling the False Discovery Rate: A Practical and Powerful Approach to
       Multiple Testing", Journal of the Royal Statistical Society B 57(1), 1995.

    Examples
    --------
    >>> judged = benjamini_hochberg([0.01, 0.04, 0.03, 0.005])
    >>> judged.adjusted.round(6).tolist(), judged.is_rejected.tolist()
    ([0.02, 0.04, 0.04, 0.02], [True, True, True, True])
    """
    rate = within(false_discovery_rate, "false_discovery_rate", 0.0, 1.0)
    p = vector(p_values, "p_values")
    if ((p < 0.0) | (p > 1.0)).any():
        raise OutOfRange(f"p_values ran from {p.min()} to {p.max()}, expected within [0, 1]")
    n_tests = p.shape[0]
    order = np.argsort(p, kind="stable")
    stepped = p[order] * (n_tests / np.arange(1, n_tests + 1))
    adjusted = np.empty(n_tests)
    adjusted[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return FalseDiscovery(adjusted <= rate, adjusted)
