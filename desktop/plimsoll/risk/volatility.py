"""Volatility that follows the market: by exponential weighting, or by GARCH(1,1)."""

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, finite, within
from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange, ShapeMismatch
from plimsoll.risk.garch import (
    GarchFit,
    garch11,
    garch11_forecast,
    garch11_long_run_variance,
    garch11_update,
)

__all__ = [
    "GarchFit",
    "ewma_volatility",
    "garch11",
    "garch11_forecast",
    "garch11_long_run_variance",
    "garch11_update",
    "initial_level",
]


@refuses_overflow
def ewma_volatility(
    returns: ArrayLike, decay: float, *, initial_variance: ArrayLike | None = None
) -> FloatArray:
    """Return the volatility forecast of every day, and of the day after the last.

    Parameters
    ----------
    returns : array_like of shape (n_days,) or (n_days, n_assets)
        Per-period returns as fractions, or profits, oldest first; their mean is taken as zero.
    decay : float
        λ in (0, 1); RiskMetrics uses 0.94 for days, 0.97 for months.
    initial_variance : float or array_like of shape (n_assets,), optional
        Variance forecast of the first day; 0 is legal. None takes the first squared return, and then entries
        0 and 1 are both the size of the first return.

    Returns
    -------
    ndarray of shape (n_days + 1,) or (n_days + 1, n_assets)
        Per period, in the unit of `returns`. Entry i uses returns before i; the last is the forecast for the
        next day.

    Raises
    ------
    InsufficientHistory
        Without a return.
    NotFinite, ShapeMismatch
        If a return or the initial variance is NaN or infinite, or their shapes do not belong together.
    OutOfRange
        If the decay is not in (0, 1), or the initial variance below zero.

    Notes
    -----
    σ²_{t+1} = λσ²_t + (1 − λ)r²_t.

    References
    ----------
    .. [1] J.P. Morgan, "RiskMetrics - Technical Document", 4th edition, 1996, section 5.2.
    .. [2] Hull, "Options, Futures, and Other Derivatives", section on the EWMA model: λ = 0.90, a volatility
       of 1 % for the day before and a return of 2 % make 1.14 %.

    Examples
    --------
    >>> ewma_volatility([0.02], 0.90, initial_variance=0.01**2).round(4)
    array([0.01  , 0.0114])
    """
    array = _returns(returns)
    lam = within(decay, "decay", 0.0, 1.0)
    variance = np.empty((array.shape[0] + 1, *array.shape[1:]))
    variance[0] = initial_level(array, initial_variance)
    for day, squared in enumerate(array * array):
        variance[day + 1] = lam * variance[day] + (1.0 - lam) * squared
    result: FloatArray = np.sqrt(variance)
    return result


def initial_level(returns: FloatArray, initial_variance: ArrayLike | None) -> FloatArray:
    """Return the variance forecast of the first day, one per asset.

    Raises
    ------
    NotFinite, OutOfRange, ShapeMismatch
        If it is NaN, below zero, or has another shape than one row of `returns`.
    """
    if initial_variance is None:
        first: FloatArray = np.square(returns[0])
        return first
    level = np.asarray(initial_variance, dtype=np.float64)
    if level.shape not in ((), returns.shape[1:]):
        raise ShapeMismatch(
            f"initial_variance had shape {level.shape}, expected a number or {returns.shape[1:]}"
        )
    if not np.isfinite(level).all():
        raise NotFinite(f"initial_variance was {initial_variance}, expected finite numbers")
    if (level < 0.0).any():
        raise OutOfRange(f"initial_variance was {level.min()}, expected none below zero")
    return level


def _returns(returns: ArrayLike) -> FloatArray:
    array = np.asarray(returns, dtype=np.float64)
    if array.ndim not in (1, 2):
        raise ShapeMismatch(f"returns had {array.ndim} dimensions, expected one or two: pass days as rows")
    if array.shape[0] == 0:
        raise InsufficientHistory(
            "returns were empty, expected at least one day", n_observations=0, n_needed=1
        )
    return finite(array, "returns")
