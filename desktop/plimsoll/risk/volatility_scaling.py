"""Past returns rescaled from the volatility of their day to the volatility of now."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, vector
from plimsoll.risk.errors import NotPositive, OutOfRange
from plimsoll.risk.volatility import ewma_volatility

ScaleTo = Literal["next", "last"]


@refuses_overflow
def volatility_scaled_returns(
    returns: ArrayLike,
    *,
    decay: float,
    scale_to: ScaleTo = "next",
    initial_variance: ArrayLike | None = None,
) -> FloatArray:
    """Return past returns rescaled, each asset from its volatility then to its volatility now.

    Parameters
    ----------
    returns : array_like of shape (n_days,) or (n_days, n_assets)
        Simple returns as fractions, oldest first.
    decay : float
        λ in (0, 1) of the exponentially weighted volatility.
    scale_to : {"next", "last"}
        To the forecast for the day after the last, σ_{n+1}, or for the last day itself, σ_n.
    initial_variance : float or array_like of shape (n_assets,), optional
        Variance forecast of the first day. None takes the first squared return, or the mean squared return
        where the first is zero: a carried price must not make the next move infinite.

    Returns
    -------
    ndarray of the same shape
        r_s · σ_now / σ_s, oldest first; a zero return stays zero. The same day s keeps its joint move.

    Raises
    ------
    NotPositive
        If an asset moved on a day for which its volatility was zero, as with ``initial_variance=0``.
    InsufficientHistory, NotFinite, ShapeMismatch, OutOfRange
        As `ewma_volatility`; also if `scale_to` is unknown.

    References
    ----------
    .. [1] Hull and White, "Incorporating volatility updating into the historical simulation method for value
       at risk", Journal of Risk 1, 1998.

    Examples
    --------
    >>> volatility_scaled_returns([0.01, 0.02], decay=0.9, initial_variance=0.01**2).round(6)
    array([0.011402, 0.022804])
    """
    if scale_to not in get_args(ScaleTo):
        raise OutOfRange(f"scale_to was {scale_to!r}, expected one of {', '.join(get_args(ScaleTo))}")
    array = np.asarray(returns, dtype=np.float64)
    level = first_variance(array) if initial_variance is None else initial_variance
    forecast = ewma_volatility(array, decay, initial_variance=level)
    now = forecast[-1] if scale_to == "next" else forecast[-2]
    then = forecast[:-1]
    still = then == 0.0
    if (still & (array != 0.0)).any():
        day = int(np.argwhere(still & (array != 0.0))[0][0])
        raise NotPositive(
            f"volatility was zero for day {day} on which the return was not, expected an initial variance "
            "above zero"
        )
    ratio = np.divide(now, then, out=np.zeros_like(then), where=~still)
    scaled: FloatArray = array * ratio
    return scaled


def volatility_scaled_pnl(
    pnl: ArrayLike, *, decay: float, scale_to: ScaleTo = "next", initial_variance: float | None = None
) -> FloatArray:
    """Return the book's past profits rescaled from its volatility then to its volatility now.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Profits of today's book in base currency, oldest first.
    decay, scale_to, initial_variance
        As `volatility_scaled_returns`, for the book as one asset; the variance in squared money.

    Returns
    -------
    ndarray of shape (n_scenarios,)
        Oldest first.

    Raises
    ------
    NotPositive, InsufficientHistory, NotFinite, ShapeMismatch, OutOfRange
        As `volatility_scaled_returns`.

    References
    ----------
    .. [1] Hull and White, Journal of Risk 1, 1998, section on scaling the portfolio's own changes.
    """
    return volatility_scaled_returns(
        vector(pnl, "pnl"), decay=decay, scale_to=scale_to, initial_variance=initial_variance
    )


def first_variance(returns: FloatArray) -> FloatArray | None:
    """Return the first squared return of each asset, or its mean squared return where the first is zero.

    None where `returns` is nothing that `ewma_volatility` would accept; it says why.
    """
    if returns.ndim not in (1, 2) or returns.shape[0] == 0 or not np.isfinite(returns).all():
        return None
    squared = np.square(returns)
    level: FloatArray = np.where(squared[0] > 0.0, squared[0], squared.mean(axis=0))
    return level
