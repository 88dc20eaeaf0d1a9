"""How widely returns scatter, about their mean or below a threshold."""

import math

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, same_length, vector, within
from plimsoll.risk.errors import InsufficientHistory, OutOfRange


def volatility(returns: ArrayLike, *, ddof: int = 1, periods_per_year: float | None = None) -> float:
    """Return the standard deviation of returns.

    Parameters
    ----------
    returns : array_like of shape (n_periods,)
        Simple returns as fractions; the order does not matter.
    ddof : {0, 1}
        What is taken off n in the divisor.
    periods_per_year : float, optional
        If given, the figure is multiplied by its root: 252 days, 12 months.

    Returns
    -------
    float
        Per period, or per year where asked; a fraction.

    Raises
    ------
    InsufficientHistory
        If there are not more returns than `ddof`.
    NotFinite
        If a return is NaN or infinite.
    OutOfRange
        If `ddof` is neither 0 nor 1, or `periods_per_year` is not above zero.

    Examples
    --------
    >>> round(volatility([0.01, 0.03]), 6)
    0.014142
    """
    values = observations(returns, ddof)
    return deviation_of(values, ddof) * root_of_year(periods_per_year)


def annualised_volatility(returns: ArrayLike, *, periods_per_year: float, ddof: int = 1) -> float:
    """Return the standard deviation of returns per year, ``sd * sqrt(periods_per_year)``.

    Parameters
    ----------
    returns : array_like of shape (n_periods,)
        Simple returns as fractions.
    periods_per_year : float
        252 for trading days, 12 for months.
    ddof : {0, 1}
        What is taken off n in the divisor.

    Returns
    -------
    float
        A fraction per root year. The root holds for uncorrelated returns only.

    Raises
    ------
    InsufficientHistory, NotFinite, OutOfRange
        As `volatility`.

    Examples
    --------
    >>> round(annualised_volatility([0.01, 0.03], periods_per_year=12), 6)
    0.04899
    """
    return volatility(returns, ddof=ddof, periods_per_year=periods_per_year)


def downside_deviation(
    returns: ArrayLike,
    *,
    threshold: float | FloatArray = 0.0,
    ddof: int = 0,
    periods_per_year: float | None = None,
) -> float:
    """Return the root mean square of the shortfalls below a threshold, over all periods.

    Parameters
    ----------
    returns : array_like of shape (n_periods,)
        Simple returns as fractions.
    threshold : float or ndarray of shape (n_periods,)
        Least acceptable return per period.
    ddof : {0, 1}
        What is taken off n in the divisor; n counts all periods, not only those below.
    periods_per_year : float, optional
        If given, the figure is multiplied by its root.

    Returns
    -------
    float
        A fraction, 0 when nothing fell short.

    Raises
    ------
    InsufficientHistory, NotFinite, OutOfRange
        As `volatility`.
    ShapeMismatch
        If an array of thresholds is not as long as the returns.

    References
    ----------
    .. [1] Sortino and Price, "Performance Measurement in a Downside Risk Framework", Journal of Investing
       3(3), 1994.

    Examples
    --------
    >>> round(downside_deviation([0.02, -0.01, -0.03, 0.04]), 6)
    0.015811
    """
    shortfalls = np.minimum(excess_over(returns, threshold, ddof), 0.0)
    return _root_mean_square(shortfalls, ddof) * root_of_year(periods_per_year)


def semi_deviation(returns: ArrayLike, *, ddof: int = 0, periods_per_year: float | None = None) -> float:
    """Return the downside deviation below the mean of the returns themselves.

    Parameters
    ----------
    returns : array_like of shape (n_periods,)
        Simple returns as fractions.
    ddof : {0, 1}
        What is taken off n, the count of all periods, in the divisor.
    periods_per_year : float, optional
        If given, the figure is multiplied by its root.

    Returns
    -------
    float
        A fraction.

    Raises
    ------
    InsufficientHistory, NotFinite, OutOfRange
        As `volatility`.

    Examples
    --------
    >>> round(semi_deviation([0.02, -0.01, -0.03, 0.04]), 6)
    0.019039
    """
    values = observations(returns, ddof)
    shortfalls = np.minimum(values - mean_of(values), 0.0)
    return _root_mean_square(shortfalls, ddof) * root_of_year(periods_per_year)


@refuses_overflow
def mean_absolute_deviation(values: ArrayLike) -> float:
    """Return the mean distance from the mean, divisor n.

    Parameters
    ----------
    values : array_like of shape (n,)
        Returns or P&L.

    Returns
    -------
    float
        In the unit of the values.

    Raises
    ------
    InsufficientHistory, NotFinite
        If there is no value, or one is NaN or infinite.

    References
    ----------
    .. [1] Konno and Yamazaki, "Mean-Absolute Deviation Portfolio Optimization Model", Management Science
       37(5), 1991.

    Examples
    --------
    >>> mean_absolute_deviation([1.0, 2.0, 6.0])
    2.0
    """
    array = observations(values, 0)
    return float(np.abs(array - mean_of(array)).mean())


@refuses_overflow
def gini_mean_difference(values: ArrayLike) -> float:
    """Return the mean distance between two different observations.

    Parameters
    ----------
    values : array_like of shape (n,)
        Returns or P&L, at least two.

    Returns
    -------
    float
        ``sum_{i != j} |x_i - x_j| / (n (n - 1))``, in the unit of the values.

    Raises
    ------
    InsufficientHistory, NotFinite
        If there are fewer than two values, or one is NaN or infinite.

    References
    ----------
    .. [1] Yitzhaki, "Gini's Mean Difference: a superior measure of variability for non-normal distributions",
       Metron 61(2), 2003.

    Examples
    --------
    >>> round(gini_mean_difference([1.0, 2.0, 6.0]), 6)
    3.333333
    """
    ordered = np.sort(observations(values, 1))
    n_values = ordered.shape[0]
    # Sorted, x_(i) exceeds i entries and is exceeded by n - 1 - i: the double sum becomes one.
    signs = 2.0 * np.arange(n_values) - (n_values - 1)
    return float(2.0 * (signs @ ordered) / (n_values * (n_values - 1)))


def observations(values: ArrayLike, ddof: int) -> FloatArray:
    """Return a finite vector of more than `ddof` entries, or raise as `volatility` does."""
    if ddof not in {0, 1}:
        raise OutOfRange(f"ddof was {ddof}, expected 0 or 1")
    array = vector(values, "returns")
    if array.shape[0] <= ddof:
        raise InsufficientHistory(
            f"there were {array.shape[0]} observations, expected at least {ddof + 1}: lengthen the window",
            n_observations=array.shape[0],
            n_needed=ddof + 1,
        )
    return array


def excess_over(returns: ArrayLike, threshold: float | FloatArray, ddof: int) -> FloatArray:
    """Return returns less a threshold, one number or one a period."""
    values = observations(returns, ddof)
    if np.ndim(threshold) == 0:
        return values - within(float(threshold), "threshold", -math.inf, math.inf)
    levels = vector(threshold, "threshold")
    same_length(values, levels, ("returns", "threshold"))
    return values - levels


def mean_of(values: FloatArray) -> float:
    """Return the mean, exactly the common value where all are equal."""
    # The mean of n equal numbers is that number; a rounded sum would invent a deviation of 1e-18.
    return float(values[0]) if float(np.ptp(values)) == 0.0 else float(values.mean())


def deviation_of(values: FloatArray, ddof: int) -> float:
    """Return the standard deviation about `mean_of`."""
    return _root_mean_square(values - mean_of(values), ddof)


def _root_mean_square(values: FloatArray, ddof: int) -> float:
    largest = float(np.abs(values).max())
    if largest == 0.0:
        return 0.0
    # In units of the largest, so that no square leaves the range of numbers.
    scaled = values / largest
    return largest * math.sqrt(float(scaled @ scaled) / (values.shape[0] - ddof))


def periods(periods_per_year: float) -> float:
    """Return the periods per year, or raise OutOfRange unless above zero."""
    return within(periods_per_year, "periods_per_year", 0.0, math.inf)


def root_of_year(periods_per_year: float | None) -> float:
    """Return what turns a deviation per period into one per year; 1 where none was asked."""
    return 1.0 if periods_per_year is None else math.sqrt(periods(periods_per_year))
