"""What the returns earned for the risk they took: annual growth and the ratios named after their authors."""

import math

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, confidence_level
from plimsoll.risk.dispersion import (
    annualised_volatility,
    deviation_of,
    downside_deviation,
    excess_over,
    gini_mean_difference,
    mean_absolute_deviation,
    mean_of,
    observations,
    periods,
    root_of_year,
    semi_deviation,
    volatility,
)
from plimsoll.risk.drawdown import max_drawdown
from plimsoll.risk.entropic_risk import entropic_var
from plimsoll.risk.errors import NotPositive, OutOfRange

__all__ = [
    "annualised_return",
    "annualised_volatility",
    "calmar_ratio",
    "downside_deviation",
    "entropic_var",
    "gini_mean_difference",
    "mean_absolute_deviation",
    "omega_ratio",
    "semi_deviation",
    "sharpe_ratio",
    "sortino_ratio",
    "tail_ratio",
    "volatility",
]


def annualised_return(returns: ArrayLike, *, periods_per_year: float) -> float:
    """Return the geometric return per year, ``prod(1 + r) ** (periods_per_year / n) - 1``.

    Parameters
    ----------
    returns : array_like of shape (n_periods,)
        Simple returns as fractions, none below -1.
    periods_per_year : float
        252 for trading days, 12 for months; 1 gives the geometric mean per period.

    Returns
    -------
    float
        A fraction; -1 if everything was lost.

    Raises
    ------
    InsufficientHistory
        If there is no return.
    NotFinite
        If a return is NaN or infinite.
    OutOfRange
        If a return is below -1 (more than all was lost: growth has no root), the growth is beyond all
        numbers, or `periods_per_year` not above zero.

    References
    ----------
    .. [1] Bacon, "Practical Portfolio Performance Measurement and Attribution", 2nd edition, Wiley, 2008,
       chapter 2.

    Examples
    --------
    >>> round(annualised_return([0.10, 0.21], periods_per_year=1), 6)
    0.15369
    """
    values = observations(returns, 0)
    lowest = float(values.min())
    if lowest < -1.0:
        raise OutOfRange(
            f"the lowest return was {lowest}, expected -1 or more: pass simple returns as fractions"
        )
    if lowest == -1.0:
        return -1.0
    years = values.shape[0] / periods(periods_per_year)
    log_growth = float(np.log1p(values).sum()) / years
    if log_growth > 700.0:
        raise OutOfRange(
            f"the annual growth was e**{log_growth:.0f}, expected a number: pass returns as fractions"
        )
    return math.expm1(log_growth)


@refuses_overflow
def sharpe_ratio(
    returns: ArrayLike,
    *,
    risk_free: float | FloatArray = 0.0,
    ddof: int = 1,
    periods_per_year: float | None = None,
    geometric: bool = False,
) -> float:
    """Return the mean excess return over its standard deviation.

    Parameters
    ----------
    returns : array_like of shape (n_periods,)
        Simple returns as fractions.
    risk_free : float or ndarray of shape (n_periods,)
        Risk-free return per period, not per year.
    ddof : {0, 1}
        Divisor of the deviation of the excess returns.
    periods_per_year : float, optional
        If given, the mean is annualised (times it, or geometrically) and the deviation times its root.
    geometric : bool
        Take the geometric instead of the arithmetic mean of the excess returns.

    Returns
    -------
    float
        A pure number, per period or per year.

    Raises
    ------
    NotPositive
        If the excess returns never vary: the ratio has no value.
    InsufficientHistory, NotFinite, OutOfRange, ShapeMismatch
        As `volatility` and `annualised_return`.

    References
    ----------
    .. [1] Sharpe, "The Sharpe Ratio", Journal of Portfolio Management 21(1), 1994.

    Examples
    --------
    >>> round(sharpe_ratio([0.01, 0.03]), 6)
    1.414214
    """
    excess = excess_over(returns, risk_free, ddof)
    deviation = deviation_of(excess, ddof)
    if deviation == 0.0:
        raise NotPositive(
            "the standard deviation was 0, expected above zero: constant returns have no Sharpe ratio"
        )
    root = root_of_year(periods_per_year)
    if geometric:
        mean = annualised_return(excess, periods_per_year=periods_per_year or 1.0)
    else:
        mean = mean_of(excess) * root**2
    return mean / (deviation * root)


def sortino_ratio(
    returns: ArrayLike,
    *,
    threshold: float | FloatArray = 0.0,
    ddof: int = 0,
    periods_per_year: float | None = None,
) -> float:
    """Return the mean excess over a threshold, divided by the downside deviation below it.

    Parameters
    ----------
    returns : array_like of shape (n_periods,)
        Simple returns as fractions.
    threshold : float or ndarray of shape (n_periods,)
        Least acceptable return per period.
    ddof : {0, 1}
        Divisor of the downside deviation.
    periods_per_year : float, optional
        If given, the ratio is multiplied by its root.

    Returns
    -------
    float
        A pure number.

    Raises
    ------
    NotPositive
        If nothing fell below the threshold: the ratio has no value.
    InsufficientHistory, NotFinite, OutOfRange, ShapeMismatch
        As `downside_deviation`.

    References
    ----------
    .. [1] Sortino and Price, "Performance Measurement in a Downside Risk Framework", Journal of Investing
       3(3), 1994.

    Examples
    --------
    >>> round(sortino_ratio([0.02, -0.01, -0.03, 0.04]), 6)
    0.316228
    """
    downside = downside_deviation(returns, threshold=threshold, ddof=ddof)
    if downside == 0.0:
        raise NotPositive("no return was below the threshold, expected one: the Sortino ratio has no value")
    return mean_of(excess_over(returns, threshold, ddof)) / downside * root_of_year(periods_per_year)


def calmar_ratio(returns: ArrayLike, *, periods_per_year: float | None = None) -> float:
    """Return the geometric return divided by the maximum drawdown.

    Parameters
    ----------
    returns : array_like of shape (n_periods,)
        Simple returns as fractions, oldest first; wealth starts at 1, which counts as a peak.
    periods_per_year : float, optional
        If given, the geometric return is per year, else per period. The drawdown is never annualised.

    Returns
    -------
    float
        A pure number.

    Raises
    ------
    NotPositive
        If there was no drawdown: the ratio has no value.
    InsufficientHistory, NotFinite, OutOfRange
        As `annualised_return`.

    References
    ----------
    .. [1] Young, "Calmar Ratio: A Smoother Tool", Futures 20(1), 1991.

    Examples
    --------
    >>> round(calmar_ratio([0.10, -0.10, 0.21]), 6)
    0.620383
    """
    values = observations(returns, 0)
    earned = annualised_return(values, periods_per_year=1.0 if periods_per_year is None else periods_per_year)
    with np.errstate(over="ignore", invalid="ignore"):
        wealth = np.cumprod(1.0 + values)
    deepest = max_drawdown(wealth, start=1.0)
    if deepest == 0.0:
        raise NotPositive("the maximum drawdown was 0, expected above zero: the Calmar ratio has no value")
    return earned / deepest


@refuses_overflow
def omega_ratio(returns: ArrayLike, *, threshold: float | FloatArray = 0.0) -> float:
    """Return the gains above a threshold divided by the losses below it.

    Parameters
    ----------
    returns : array_like of shape (n_periods,)
        Simple returns as fractions.
    threshold : float or ndarray of shape (n_periods,)
        Return per period that parts gains from losses.

    Returns
    -------
    float
        ``sum max(r - L, 0) / sum max(L - r, 0)``, at or above 0.

    Raises
    ------
    NotPositive
        If nothing fell below the threshold: the ratio has no value.
    InsufficientHistory, NotFinite, ShapeMismatch
        If there is no return, one is NaN or infinite, or thresholds do not match.

    References
    ----------
    .. [1] Keating and Shadwick, "A Universal Performance Measure", Journal of Performance Measurement 6(3),
       2002.

    Examples
    --------
    >>> round(omega_ratio([0.02, -0.01, -0.03, 0.04]), 6)
    1.5
    """
    excess = excess_over(returns, threshold, 0)
    losses = -float(excess[excess < 0.0].sum())
    if losses == 0.0:
        raise NotPositive("no return was below the threshold, expected one: the Omega ratio has no value")
    return float(excess[excess > 0.0].sum()) / losses


def tail_ratio(returns: ArrayLike, *, confidence: float = 0.95) -> float:
    """Return the size of the upper quantile over that of the lower one.

    Parameters
    ----------
    returns : array_like of shape (n_periods,)
        Returns or P&L.
    confidence : float
        Level of the upper quantile, in (0.5, 1); the lower is its complement. Both by numpy's linear rule.

    Returns
    -------
    float
        ``|q(c)| / |q(1 - c)|``; above 1 the good tail is the longer.

    Raises
    ------
    NotPositive
        If the lower quantile is 0.
    InsufficientHistory, NotFinite, OutOfRange
        If there is no return, one is NaN or infinite, or the level is outside (0.5, 1).

    Examples
    --------
    >>> round(tail_ratio([-0.02, -0.01, 0.0, 0.03, 0.06], confidence=0.75), 6)
    3.0
    """
    level = confidence_level(confidence)
    low, high = np.quantile(observations(returns, 0), [1.0 - level, level])
    if low == 0.0:
        raise NotPositive("the lower quantile was 0, expected another value: the tail ratio has no value")
    return abs(float(high)) / abs(float(low))
