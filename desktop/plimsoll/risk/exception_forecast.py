"""Whether the waiting time, the VaR or anything known beforehand foretells an exception."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, confidence_level, matrix, same_length, vector, whole_number
from plimsoll.risk.backtest_result import (
    BacktestResult,
    chi_squared_tail,
    exception_flags,
    verdict_of,
)
from plimsoll.risk.errors import InsufficientHistory, NotConverged


@dataclass(frozen=True, slots=True, kw_only=True)
class DurationResult(BacktestResult):
    """What `weibull_duration` answers.

    Attributes
    ----------
    shape : float
        b of the Weibull law; 1 is no memory, below 1 the exceptions cluster.
    log_likelihood, null_log_likelihood : float
        At b and at 1.
    """

    shape: float
    log_likelihood: float
    null_log_likelihood: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicQuantile(BacktestResult):
    """What `dynamic_quantile` answers.

    Attributes
    ----------
    n_days_used : int
        Days left after the lags.
    rank : int
        Independent columns among the regressors.
    is_rank_deficient : bool
        True as a warning: some regressor said nothing new (a constant VaR beside the constant, lags
        without an exception); the p-value, read at all columns, is then too large.
    """

    n_days_used: int
    rank: int
    is_rank_deficient: bool


def weibull_duration(exceptions: ArrayLike, *, significance: float = 0.05) -> DurationResult:
    """Test whether the time since the last exception says when the next one comes.

    Parameters
    ----------
    exceptions : array_like of shape (n_days,)
        One flag a day, oldest first, true where the loss was strictly above the VaR.
    significance : float
        ``p_value < significance`` rejects.

    Returns
    -------
    DurationResult
        Likelihood ratio of b = 1, chi-squared with one degree of freedom, and the fitted shape b.

    Raises
    ------
    InsufficientHistory
        With fewer than two exceptions.
    NotConverged
        If every gap is the longest stretch of all: the likelihood then grows without end in b.
    OutOfRange
        If a flag is neither 0 nor 1 or the significance lies outside (0, 1).

    Notes
    -----
    Durations between exceptions follow f(d) = a^b b d^(b−1) exp(−(ad)^b); the stretches before the first
    and after the last exception are censored, unless an exception falls on that very day [1]_. Given b
    the best a is known, and what remains is concave in b, so the root of its slope is the maximum.

    References
    ----------
    .. [1] Christoffersen and Pelletier, "Backtesting Value-at-Risk: A Duration-Based Approach", Journal of
       Financial Econometrics 2(1), 2004, pp. 84-108, section 3.

    Examples
    --------
    >>> days = np.zeros(250)
    >>> days[[9, 10, 11, 99, 199]] = 1
    >>> result = weibull_duration(days)
    >>> round(result.shape, 4), round(result.statistic, 4), round(result.p_value, 3)
    (0.5796, 2.0306, 0.154)
    """
    from scipy.optimize import brentq

    flags = exception_flags(exceptions)
    days = np.flatnonzero(flags)
    if days.size < 2:
        raise InsufficientHistory(
            f"there were {days.size} exceptions, expected two at least to have a duration between them",
            n_observations=int(days.size),
            n_needed=2,
        )
    between = np.diff(days).astype(np.float64)
    ends = np.array([days[0] + 1 if days[0] else 0, flags.size - 1 - days[-1]], dtype=np.float64)
    stretches = np.concatenate((between, ends[ends > 0.0]))
    longest = stretches.max()
    if between.min() == longest:
        raise NotConverged("every gap was the longest stretch: a Weibull shape has no finite estimate here")
    # Shape and ratio do not depend on the unit of time; in units of the longest stretch no power overflows.
    logs, between_logs = np.log(stretches / longest), np.log(between / longest)
    n_between = between.size

    def slope(shape: float) -> float:
        powers = np.exp(shape * logs)
        return float(n_between / shape + between_logs.sum() - n_between * (powers @ logs) / powers.sum())

    def log_likelihood(shape: float) -> float:
        rate = np.log(n_between / np.exp(shape * logs).sum())
        fit = n_between * (rate + np.log(shape) - 1.0) + (shape - 1.0) * between_logs.sum()
        return float(fit - n_between * np.log(longest))

    high = 2.0
    while slope(high) > 0.0:
        high *= 2.0
    shape = float(brentq(slope, 1e-9, high, xtol=1e-13, rtol=1e-13))
    best, null = log_likelihood(shape), log_likelihood(1.0)
    statistic = max(0.0, 2.0 * (best - null))
    p_value = chi_squared_tail(statistic, 1)
    return DurationResult(
        statistic=statistic,
        p_value=p_value,
        degrees_of_freedom=1,
        verdict=verdict_of(p_value, significance),
        shape=shape,
        log_likelihood=best,
        null_log_likelihood=null,
    )


@refuses_overflow
def dynamic_quantile(
    exceptions: ArrayLike,
    var: ArrayLike,
    *,
    confidence: float,
    lags: int = 4,
    extra: ArrayLike | None = None,
    significance: float = 0.05,
) -> DynamicQuantile:
    """Test whether yesterday's exceptions or the VaR itself foretell an exception.

    Parameters
    ----------
    exceptions : array_like of shape (n_days,)
        One flag a day, oldest first, true where the loss was strictly above the VaR.
    var : array_like of shape (n_days,)
        The VaR forecast for each of these days, a loss being positive.
    confidence : float
        Confidence of the VaR, in (0.5, 1).
    lags : int
        How many previous days' hits to use; as many first days are dropped.
    extra : array_like of shape (n_days, k), optional
        More regressors; row t holds what was known before day t.
    significance : float
        ``p_value < significance`` rejects.

    Returns
    -------
    DynamicQuantile
        Chi-squared with as many degrees of freedom as columns: 2 + lags + k.

    Raises
    ------
    ShapeMismatch
        If the arrays have different lengths.
    InsufficientHistory
        If fewer days than columns remain after the lags.
    OutOfRange
        If a flag is neither 0 nor 1, or `lags` is negative.

    Notes
    -----
    With Hit = I − p on X = (1, VaR, lagged hits, extra): DQ = Hitᵀ X (XᵀX)⁻¹ Xᵀ Hit / (p(1−p)) [1]_,
    computed as the length of the projection, so that a deficient X gets the pseudo-inverse.

    References
    ----------
    .. [1] Engle and Manganelli, "CAViaR: Conditional Autoregressive Value at Risk by Regression Quantiles",
       Journal of Business & Economic Statistics 22(4), 2004, pp. 367-381, section 6 (out of sample).

    Examples
    --------
    >>> days = np.zeros(250)
    >>> days[[9, 10, 11, 99, 199]] = 1
    >>> result = dynamic_quantile(days, 1.0 + np.arange(250) % 7, confidence=0.99)
    >>> result.degrees_of_freedom, result.n_days_used, result.verdict
    (6, 246, 'reject')
    """
    p = 1.0 - confidence_level(confidence)
    n_lags = whole_number(lags, "lags", 0)
    flags = exception_flags(exceptions)
    forecasts = vector(var, "var")
    hits: FloatArray = flags.astype(np.float64) - p
    same_length(hits, forecasts, ("exceptions", "var"))
    more = np.empty((hits.size, 0)) if extra is None else matrix(extra, "extra")
    same_length(hits, more, ("exceptions", "extra"))
    n_used = hits.size - n_lags
    n_columns = 2 + n_lags + more.shape[1]
    if n_used < n_columns:
        raise InsufficientHistory(
            f"{hits.size} days leave {n_used} after {n_lags} lags, expected {n_columns} at least",
            n_observations=hits.size,
            n_needed=n_columns + n_lags,
        )
    lagged = [hits[n_lags - lag : hits.size - lag] for lag in range(1, n_lags + 1)]
    columns = np.column_stack((np.ones(n_used), forecasts[n_lags:], *lagged, more[n_lags:]))
    # Money beside ones would decide the numerical rank; columns of unit length leave the projection alone.
    lengths = np.linalg.norm(columns, axis=0)
    columns /= np.where(lengths > 0.0, lengths, 1.0)
    coefficients, _, rank, _ = np.linalg.lstsq(columns, hits[n_lags:], rcond=1e-10)
    statistic = float(hits[n_lags:] @ (columns @ coefficients)) / (p * (1.0 - p))
    p_value = chi_squared_tail(statistic, n_columns)
    return DynamicQuantile(
        statistic=statistic,
        p_value=p_value,
        degrees_of_freedom=n_columns,
        verdict=verdict_of(p_value, significance),
        n_days_used=n_used,
        rank=int(rank),
        is_rank_deficient=int(rank) < n_columns,
    )
