"""Scenario profits of today's book, with the past weighted or rescaled to today's volatility."""

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray, finite, within
from plimsoll.risk.errors import InsufficientHistory, NotFinite, ShapeMismatch
from plimsoll.risk.filtered_historical import filtered_historical_pnl, filtered_historical_returns
from plimsoll.risk.volatility_scaling import volatility_scaled_pnl, volatility_scaled_returns

__all__ = [
    "age_weights",
    "filtered_historical_pnl",
    "filtered_historical_returns",
    "scenario_pnl",
    "volatility_scaled_pnl",
    "volatility_scaled_returns",
]


def scenario_pnl(exposures: ArrayLike, returns: ArrayLike) -> FloatArray:
    """Return what a linear book held now would have made on each past day.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money per asset in base currency, today's.
    returns : array_like of shape (n_days, n_assets)
        Simple returns as fractions over the same interval for every asset, oldest first.

    Returns
    -------
    ndarray of shape (n_days,)
        Profits in base currency, oldest first.

    Raises
    ------
    InsufficientHistory
        Without a day.
    NotFinite
        If a profit comes out NaN or infinite; the message names the first bad return or exposure.
    ShapeMismatch
        If there is not one exposure a column.

    Notes
    -----
    The matrix is read once: only the profits are checked, since a gap in any held asset reaches them.

    Examples
    --------
    >>> scenario_pnl([1_000.0, -500.0], [[0.01, 0.04], [-0.03, 0.01]]).round(9)
    array([-10., -35.])
    """
    value = np.asarray(exposures, dtype=np.float64)
    table = np.asarray(returns, dtype=np.float64)
    if value.ndim != 1 or table.ndim != 2 or table.shape[1] != value.shape[0]:
        raise ShapeMismatch(
            f"exposures had shape {value.shape} and returns {table.shape}, expected (n_assets,) and "
            "(n_days, n_assets)"
        )
    if table.shape[0] == 0:
        raise InsufficientHistory("returns had no days, expected at least one", n_observations=0, n_needed=1)
    with np.errstate(all="ignore"):
        pnl: FloatArray = table @ value
    if np.count_nonzero(np.isfinite(pnl)) != pnl.shape[0]:
        finite(value, "exposures")
        finite(table, "returns")
        raise NotFinite("pnl was infinite, expected exposures whose profits can be represented")
    return pnl


def age_weights(n: int, *, decay: float, normalised: bool = True) -> FloatArray:
    """Return probabilities that fade with the age of a scenario.

    Parameters
    ----------
    n : int
        How many scenarios, at least one.
    decay : float
        η in (0, 1]; 1 makes all equally likely.
    normalised : bool
        Whether they sum to one; otherwise the oldest days' weight is missing from the sum, as in the infinite
        series.

    Returns
    -------
    ndarray of shape (n,)
        Oldest first: η^{i−1}(1 − η)/(1 − ηⁿ) with i = 1 the newest.

    Raises
    ------
    InsufficientHistory
        If `n` is below one.
    OutOfRange
        If the decay is not in (0, 1], or 1 without normalising.

    References
    ----------
    .. [1] Boudoukh, Richardson and Whitelaw, "The best of both worlds", Risk 11, 1998.

    Examples
    --------
    >>> age_weights(3, decay=0.5)
    array([0.14285714, 0.28571429, 0.57142857])
    """
    if n < 1:
        raise InsufficientHistory(f"n was {n}, expected at least one", n_observations=n, n_needed=1)
    if decay == 1.0 and normalised:
        return np.full(n, 1.0 / n)
    eta = within(decay, "decay", 0.0, 1.0)
    weights: FloatArray = (1.0 - eta) * eta ** np.arange(n - 1, -1, -1, dtype=np.float64)
    return weights / weights.sum() if normalised else weights
