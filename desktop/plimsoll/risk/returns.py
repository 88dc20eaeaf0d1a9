"""Returns from prices, on one calendar, with the splits in them."""

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.alignment import AlignedCloses, AlignedReturns, Gap, align_closes, aligned_returns
from plimsoll.risk.arrays import FloatArray, finite, whole_number
from plimsoll.risk.errors import InsufficientHistory, NotPositive, ShapeMismatch
from plimsoll.risk.split import SuspectedSplit, suspected_splits

__all__ = [
    "AlignedCloses",
    "AlignedReturns",
    "Gap",
    "SuspectedSplit",
    "align_closes",
    "aligned_returns",
    "log_returns",
    "overlapping_returns",
    "simple_returns",
    "suspected_splits",
]


def simple_returns(prices: ArrayLike) -> FloatArray:
    """Return p_t / p_{t−1} − 1.

    Parameters
    ----------
    prices : array_like of shape (n_days,) or (n_days, n_assets)
        Oldest first, adjusted for splits and dividends, in the instrument's own currency.

    Returns
    -------
    ndarray of shape (n_days - 1,) or (n_days - 1, n_assets)
        Fractions: 0.01 is one percent.

    Raises
    ------
    NotPositive
        If a previous price is zero or below: a return over it means nothing (WTI from −36.98 to 8.91 would
        read −124 % for a rise). Use absolute changes for instruments that may be negative. The last price
        may be.
    InsufficientHistory
        With fewer than two prices.
    NotFinite
        If any price is NaN or infinite; a gap is never taken for a zero return.

    See Also
    --------
    plimsoll.risk.alignment.aligned_returns : For series with different calendars.

    Examples
    --------
    >>> simple_returns([100.0, 110.0, 99.0]).round(9)
    array([ 0.1, -0.1])
    """
    price = _prices(prices)
    if (price[:-1] <= 0.0).any():
        raise NotPositive(
            f"prices held {price[:-1].min()}, expected every previous one above zero: use price changes"
        )
    return price[1:] / price[:-1] - 1.0


def log_returns(prices: ArrayLike) -> FloatArray:
    """Return ln(p_t / p_{t−1}).

    Parameters
    ----------
    prices : array_like of shape (n_days,) or (n_days, n_assets)
        Oldest first, adjusted.

    Returns
    -------
    ndarray of shape (n_days - 1,) or (n_days - 1, n_assets)
        Continuously compounded, as fractions.

    Raises
    ------
    NotPositive
        If any price is zero or below.
    InsufficientHistory, NotFinite, ShapeMismatch
        As `simple_returns`.

    Examples
    --------
    >>> log_returns([1.0, np.e, 1.0]).round(9)
    array([ 1., -1.])
    """
    price = _prices(prices)
    if (price <= 0.0).any():
        raise NotPositive(
            f"prices held {price.min()}, expected every price above zero: use price changes instead"
        )
    return np.diff(np.log(price), axis=0)


def overlapping_returns(returns: ArrayLike, *, days: int) -> FloatArray:
    """Return the compounded returns of every run of `days` consecutive days.

    Parameters
    ----------
    returns : array_like of shape (n_days,) or (n_days, n_assets)
        Simple returns as fractions, oldest first.
    days : int
        Length of a run, at least one.

    Returns
    -------
    ndarray of shape (n_days - days + 1,) or (n_days - days + 1, n_assets)
        Simple returns over each run; neighbours share days and are not independent.

    Raises
    ------
    InsufficientHistory
        If there are fewer returns than `days`.
    NotFinite, ShapeMismatch, OutOfRange
        If the returns are no finite vector or matrix, or `days` is below one.

    Examples
    --------
    >>> overlapping_returns([0.1, -0.1, 0.1], days=2).round(9)
    array([-0.01, -0.01])
    """
    length = whole_number(days, "days", 1)
    growth = 1.0 + _series(returns, "returns", n_needed=length)
    windows = np.lib.stride_tricks.sliding_window_view(growth, length, axis=0)
    result: FloatArray = windows.prod(axis=-1) - 1.0
    return result


def _prices(prices: ArrayLike) -> FloatArray:
    return _series(prices, "prices", n_needed=2)


def _series(values: ArrayLike, name: str, *, n_needed: int) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim not in (1, 2):
        raise ShapeMismatch(f"{name} had {array.ndim} dimensions, expected one or two: pass days as rows")
    n_days = array.shape[0]
    if n_days < n_needed:
        raise InsufficientHistory(
            f"{name} had {n_days} rows, expected at least {n_needed}: lengthen the window",
            n_observations=n_days,
            n_needed=n_needed,
        )
    return finite(array, name)
