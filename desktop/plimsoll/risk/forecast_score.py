"""Scores by which rival forecasts of VaR, expected shortfall and variance are compared."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, confidence_level, same_length, vector, whole_number
from plimsoll.risk.backtest_result import (
    BacktestResult,
    demand_positive,
    forecast_series,
    verdict_of,
)
from plimsoll.risk.errors import InsufficientHistory, NotConverged, OutOfRange


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreComparison(BacktestResult):
    """What `diebold_mariano` answers.

    Attributes
    ----------
    mean_difference : float
        Mean of first score − second score; negative where the first forecast is better.
    """

    mean_difference: float


def quantile_loss(pnl: ArrayLike, var: ArrayLike, *, confidence: float) -> FloatArray:
    """Return the quantile ("tick", "pinball") score of each VaR forecast; lower is better.

    Parameters
    ----------
    pnl : array_like of shape (n_days,)
        Realised P&L, oldest first, a loss being negative.
    var : array_like of shape (n_days,) or float
        Forecasts stored before each day, a loss being positive.
    confidence : float
        Confidence of the VaR, in (0.5, 1).

    Returns
    -------
    ndarray of shape (n_days,)
        One score a day, in the money of the P&L, never negative; compare models by the mean.

    Raises
    ------
    ShapeMismatch, NotFinite, OutOfRange, InsufficientHistory
        If the arrays do not belong together, hold a gap or nothing, or the confidence is outside (0.5, 1).

    Notes
    -----
    (α − 1{x < −VaR})(x + VaR) with x the P&L and α = 1 − c [1]_; strictly consistent for the quantile.

    References
    ----------
    .. [1] Koenker and Bassett, "Regression Quantiles", Econometrica 46(1), 1978, pp. 33-50.

    Examples
    --------
    >>> quantile_loss([-3.0, 1.0], 2.0, confidence=0.75)
    array([0.75, 0.75])
    """
    tail = 1.0 - confidence_level(confidence)
    days, value = _days_and(pnl, var, "var")
    return np.asarray((tail - (days < -value)) * (days + value))


def fissler_ziegel(pnl: ArrayLike, var: ArrayLike, es: ArrayLike, *, confidence: float) -> FloatArray:
    """Return the joint score of each pair of VaR and expected shortfall; lower is better.

    Parameters
    ----------
    pnl : array_like of shape (n_days,)
        Realised P&L, oldest first, a loss being negative.
    var, es : array_like of shape (n_days,) or float
        Forecasts stored before each day, losses positive; the ES above zero.
    confidence : float
        Confidence of both, in (0.5, 1).

    Returns
    -------
    ndarray of shape (n_days,)
        One score a day; differences between models do not depend on the unit of money.

    Raises
    ------
    NotPositive
        If an expected shortfall is not above zero.
    ShapeMismatch, NotFinite, OutOfRange, InsufficientHistory
        If the arrays do not belong together, hold a gap or nothing, or the confidence is outside (0.5, 1).

    Notes
    -----
    The member FZ0 of the class of [1]_, as in [2]_, equation 6: with L = −x the loss,
    1{L ≥ VaR}(L − VaR)/(α ES) + VaR/ES + ln ES − 1. VaR or ES alone has no such score for the ES.

    References
    ----------
    .. [1] Fissler and Ziegel, "Higher Order Elicitability and Osband's Principle", Annals of Statistics
       44(4), 2016, pp. 1680-1707, corollary 5.5.
    .. [2] Patton, Ziegel and Chen, "Dynamic Semiparametric Models for Expected Shortfall (and
       Value-at-Risk)", Journal of Econometrics 211(2), 2019, pp. 388-413.

    Examples
    --------
    >>> fissler_ziegel([-4.0, 1.0], 2.0, 4.0, confidence=0.75).round(4)
    array([2.8863, 0.8863])
    """
    tail = 1.0 - confidence_level(confidence)
    days, value = _days_and(pnl, var, "var")
    shortfall = forecast_series(es, "es", days.size)
    demand_positive(shortfall, "es")
    beyond = np.maximum(-days - value, 0.0)
    return np.asarray(beyond / (tail * shortfall) + value / shortfall + np.log(shortfall) - 1.0)


def qlike(realised_variance: ArrayLike, variance_forecast: ArrayLike) -> FloatArray:
    """Return the quasi-likelihood score of each variance forecast; lower is better.

    Parameters
    ----------
    realised_variance : array_like of shape (n_days,)
        What came, such as the squared return; zero is allowed.
    variance_forecast : array_like of shape (n_days,) or float
        Forecasts stored before each day, above zero.

    Returns
    -------
    ndarray of shape (n_days,)
        One score a day; robust to noise in the realised variance.

    Raises
    ------
    NotPositive
        If a forecast is not above zero.
    OutOfRange
        If a realised variance is below zero.
    ShapeMismatch, NotFinite, InsufficientHistory
        If the arrays do not belong together, hold a gap or nothing.

    Notes
    -----
    ln h + s²/h [1]_, table 1; it differs from s²/h − ln(s²/h) − 1 by what no forecast can change.

    References
    ----------
    .. [1] Patton, "Volatility Forecast Comparison Using Imperfect Volatility Proxies", Journal of
       Econometrics 160(1), 2011, pp. 246-256.

    Examples
    --------
    >>> qlike([4.0, 0.0], [1.0, 1.0])
    array([4., 0.])
    """
    realised, forecast = _days_and(realised_variance, variance_forecast, "variance_forecast")
    if (realised < 0.0).any():
        raise OutOfRange(f"realised_variance held {realised.min()}, expected none below zero")
    demand_positive(forecast, "variance_forecast")
    return np.asarray(np.log(forecast) + realised / forecast)


@refuses_overflow
def diebold_mariano(
    first_scores: ArrayLike,
    second_scores: ArrayLike,
    *,
    horizon: int = 1,
    kernel: Literal["rectangular", "bartlett"] = "rectangular",
    small_sample: bool = True,
    significance: float = 0.05,
) -> ScoreComparison:
    """Test whether two forecasts have the same expected score.

    Parameters
    ----------
    first_scores, second_scores : array_like of shape (n_days,)
        Scores of the two forecasts on the same days, oldest first, lower is better.
    horizon : int
        Periods ahead the forecasts looked; ``horizon - 1`` autocovariances enter the variance.
    kernel : {"rectangular", "bartlett"}
        Weights of the autocovariances; "bartlett" never gives a negative variance.
    small_sample : bool
        Apply the correction of Harvey, Leybourne and Newbold and read a Student t with n − 1 degrees.
    significance : float
        ``p_value < significance`` rejects, two-sided.

    Returns
    -------
    ScoreComparison
        Negative statistic: the first forecast is better.

    Raises
    ------
    InsufficientHistory
        With no more than `horizon` days, or fewer than two.
    NotConverged
        If the estimated variance is not above zero: equal scores, or "rectangular" on short series.
    ShapeMismatch, NotFinite, OutOfRange
        If the arrays do not belong together, hold a gap, or a parameter lies outside its domain.

    Notes
    -----
    mean(d)/√((γ₀ + 2Σγ_k)/n) with autocovariances over n [1]_, times
    √((n + 1 − 2h + h(h−1)/n)/n) where corrected [2]_.

    References
    ----------
    .. [1] Diebold and Mariano, "Comparing Predictive Accuracy", Journal of Business & Economic
       Statistics 13(3), 1995, pp. 253-263.
    .. [2] Harvey, Leybourne and Newbold, "Testing the Equality of Prediction Mean Squared Errors",
       International Journal of Forecasting 13(2), 1997, pp. 281-291, equation 9.

    Examples
    --------
    >>> result = diebold_mariano([1.0, 2.0, 3.0, 2.0], [2.0, 2.0, 5.0, 3.0])
    >>> round(result.statistic, 4), result.mean_difference
    (-2.4495, -1.0)
    """
    from scipy.special import stdtr

    first, second = vector(first_scores, "first_scores"), vector(second_scores, "second_scores")
    same_length(first, second, ("first_scores", "second_scores"))
    h = whole_number(horizon, "horizon", 1)
    n = first.size
    if n < max(2, h + 1):
        raise InsufficientHistory(
            f"there were {n} days, expected more than the horizon {h} and two at least",
            n_observations=n,
            n_needed=max(2, h + 1),
        )
    difference = first - second
    centred = difference - difference.mean()
    variance = float(centred @ centred) / n
    floor = 1e-24 * float(difference @ difference) / n
    for lag in range(1, h):
        weight = 1.0 - lag / h if kernel == "bartlett" else 1.0
        variance += 2.0 * weight * float(centred[lag:] @ centred[:-lag]) / n
    if variance <= floor:
        raise NotConverged(
            f"the variance of the difference was {variance}, expected above zero: use bartlett or more days"
        )
    statistic = float(difference.mean()) / math.sqrt(variance / n)
    if small_sample:
        statistic *= math.sqrt((n + 1.0 - 2.0 * h + h * (h - 1.0) / n) / n)
        p_value = 2.0 * float(stdtr(n - 1, -abs(statistic)))
    else:
        p_value = math.erfc(abs(statistic) / math.sqrt(2.0))
    return ScoreComparison(
        statistic=statistic,
        p_value=p_value,
        degrees_of_freedom=n - 1 if small_sample else None,
        verdict=verdict_of(p_value, significance),
        mean_difference=float(difference.mean()),
    )


def _days_and(observed: ArrayLike, forecast: ArrayLike, name: str) -> tuple[FloatArray, FloatArray]:
    days = vector(observed, "pnl" if name == "var" else "realised_variance")
    if days.size == 0:
        raise InsufficientHistory("there was no day, expected one at least", n_observations=0, n_needed=1)
    return days, forecast_series(forecast, name, days.size)
