"""Whether VaR exceptions came one by one, or in clusters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import confidence_level, whole_number
from plimsoll.risk.backtest_result import (
    BacktestResult,
    chi_squared_tail,
    exception_flags,
    verdict_of,
)
from plimsoll.risk.errors import InsufficientHistory, ShapeMismatch
from plimsoll.risk.likelihood import failure_ratio, times_log, waiting_ratio

Transitions = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndependenceResult(BacktestResult):
    """What `christoffersen_independence` answers.

    Attributes
    ----------
    transitions : tuple of int
        (n00, n01, n10, n11), pairs of successive days: first index yesterday, second today.
    after_quiet, after_exception : float
        π01 and π11: share of exceptions after a quiet day and after an exception; 0 where there
        was no such day.
    """

    transitions: Transitions
    after_quiet: float
    after_exception: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalCoverage(BacktestResult):
    """What `conditional_coverage` answers: the sum and its two parts.

    Attributes
    ----------
    proportion_statistic : float
        Kupiec's likelihood ratio over all days.
    independence_statistic : float
        Christoffersen's likelihood ratio over the n − 1 pairs.
    """

    proportion_statistic: float
    independence_statistic: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBetweenFailures(BacktestResult):
    """What `haas_tbf` answers: the mixed statistic (TBF) and its independence part (TBFI).

    Attributes
    ----------
    independence_statistic, independence_p_value : float
        TBFI, chi-squared with as many degrees of freedom as exceptions.
    gaps : tuple of int
        Days between exceptions, the first counted from the start.
    """

    independence_statistic: float
    independence_p_value: float
    gaps: tuple[int, ...]


def christoffersen_independence(
    exceptions: ArrayLike | None = None,
    *,
    transitions: Transitions | None = None,
    significance: float = 0.05,
) -> IndependenceResult:
    """Test whether an exception is likelier on the day after an exception.

    Parameters
    ----------
    exceptions : array_like of shape (n_days,), optional
        One flag a day, oldest first, true where the loss was strictly above the VaR.
    transitions : tuple of int, optional
        The counts (n00, n01, n10, n11) themselves, instead of the days.
    significance : float
        ``p_value < significance`` rejects.

    Returns
    -------
    IndependenceResult
        Likelihood ratio, chi-squared with one degree of freedom.

    Raises
    ------
    ShapeMismatch
        Unless exactly one of `exceptions` and `transitions` is given, the latter with four counts.
    InsufficientHistory
        Without a single pair of days.
    OutOfRange
        If a flag is neither 0 nor 1 or a count is negative or not whole.

    Notes
    -----
    LR = −2 ln[(1−π)^(n00+n10) π^(n01+n11) / ((1−π01)^n00 π01^n01 (1−π11)^n10 π11^n11)] [1]_. Without an
    exception before the last day π11 := 0, the statistic is 0 and the p-value 1.

    References
    ----------
    .. [1] Christoffersen, "Evaluating Interval Forecasts", International Economic Review 39(4), 1998,
       pp. 841-862, section 3.2.

    Examples
    --------
    >>> result = christoffersen_independence(transitions=(241, 3, 3, 2))
    >>> round(result.statistic, 4), round(result.p_value, 5), result.verdict
    (9.8947, 0.00166, 'reject')
    """
    if exceptions is not None and transitions is None:
        counts = _pairs(exceptions)
    elif transitions is not None and exceptions is None:
        counts = _counted(transitions)
    else:
        raise ShapeMismatch("exceptions and transitions were both given or both missing, expected one")
    n00, n01, n10, n11 = counts
    n_pairs = sum(counts)
    if n_pairs == 0:
        raise InsufficientHistory(
            "there was no pair of days, expected at least two days", n_observations=1, n_needed=2
        )
    both = (n01 + n11) / n_pairs
    after_quiet = n01 / (n00 + n01) if n00 + n01 else 0.0
    after_exception = n11 / (n10 + n11) if n10 + n11 else 0.0
    alone = times_log(n00 + n10, 1.0 - both) + times_log(n01 + n11, both)
    apart = times_log(n00, 1.0 - after_quiet) + times_log(n01, after_quiet)
    apart += times_log(n10, 1.0 - after_exception) + times_log(n11, after_exception)
    statistic = max(0.0, 2.0 * (apart - alone))
    p_value = chi_squared_tail(statistic, 1)
    return IndependenceResult(
        statistic=statistic,
        p_value=p_value,
        degrees_of_freedom=1,
        verdict=verdict_of(p_value, significance),
        transitions=counts,
        after_quiet=after_quiet,
        after_exception=after_exception,
    )


def conditional_coverage(
    exceptions: ArrayLike, *, confidence: float, significance: float = 0.05
) -> ConditionalCoverage:
    """Test at once that exceptions were as many as promised and did not cluster.

    Parameters
    ----------
    exceptions : array_like of shape (n_days,)
        One flag a day, oldest first, true where the loss was strictly above the VaR.
    confidence : float
        Confidence of the VaR, in (0.5, 1).
    significance : float
        ``p_value < significance`` rejects.

    Returns
    -------
    ConditionalCoverage
        Sum of the two likelihood ratios, chi-squared with two degrees of freedom.

    Raises
    ------
    InsufficientHistory
        With fewer than two days.
    OutOfRange
        If a flag is neither 0 nor 1 or a level lies outside its interval.

    Notes
    -----
    LR = LR_pof on all n days + LR_ind on the n − 1 pairs [1]_. Some programs drop the first day from
    both; the published tables of this sum do not.

    References
    ----------
    .. [1] Christoffersen 1998, section 3.3.

    Examples
    --------
    >>> days = np.zeros(250)
    >>> days[[9, 10, 11, 99, 199]] = 1
    >>> result = conditional_coverage(days, confidence=0.99)
    >>> round(result.statistic, 4), round(result.p_value, 5)
    (11.8515, 0.00267)
    """
    p = 1.0 - confidence_level(confidence)
    flags = exception_flags(exceptions)
    proportion = failure_ratio(int(flags.sum()), flags.size, p)
    independence = christoffersen_independence(transitions=_pairs(flags)).statistic
    statistic = proportion + independence
    p_value = chi_squared_tail(statistic, 2)
    return ConditionalCoverage(
        statistic=statistic,
        p_value=p_value,
        degrees_of_freedom=2,
        verdict=verdict_of(p_value, significance),
        proportion_statistic=proportion,
        independence_statistic=independence,
    )


def haas_tbf(exceptions: ArrayLike, *, confidence: float, significance: float = 0.05) -> TimeBetweenFailures:
    """Test the times between failures: do all the gaps fit the promised rate.

    Parameters
    ----------
    exceptions : array_like of shape (n_days,)
        One flag a day, oldest first, true where the loss was strictly above the VaR.
    confidence : float
        Confidence of the VaR, in (0.5, 1).
    significance : float
        ``p_value < significance`` rejects.

    Returns
    -------
    TimeBetweenFailures
        Mixed Kupiec statistic TBF, chi-squared with x + 1 degrees of freedom for x exceptions, and its
        independence part TBFI with x. Without an exception TBFI is 0 with p-value 1.

    Raises
    ------
    InsufficientHistory
        Without a day.
    OutOfRange
        If a flag is neither 0 nor 1 or a level lies outside its interval.

    Notes
    -----
    TBFI adds Kupiec's first-failure ratio over the gaps, the first counted from the start [1]_.

    References
    ----------
    .. [1] Haas, "New Methods in Backtesting", Financial Engineering Research Center caesar, Bonn, 2001.

    Examples
    --------
    >>> days = np.zeros(250)
    >>> days[[9, 10, 11, 99, 199]] = 1
    >>> result = haas_tbf(days, confidence=0.99)
    >>> round(result.independence_statistic, 4), round(result.statistic, 4), result.degrees_of_freedom
    (21.3261, 23.2829, 6)
    """
    p = 1.0 - confidence_level(confidence)
    flags = exception_flags(exceptions)
    failure_days = np.flatnonzero(flags) + 1
    gaps = tuple(int(gap) for gap in np.diff(failure_days, prepend=0))
    independence = float(sum(waiting_ratio(gap, p) for gap in gaps))
    statistic = independence + failure_ratio(len(gaps), flags.size, p)
    p_value = chi_squared_tail(statistic, len(gaps) + 1)
    return TimeBetweenFailures(
        statistic=statistic,
        p_value=p_value,
        degrees_of_freedom=len(gaps) + 1,
        verdict=verdict_of(p_value, significance),
        independence_statistic=independence,
        independence_p_value=chi_squared_tail(independence, len(gaps)),
        gaps=gaps,
    )


def _pairs(exceptions: ArrayLike) -> Transitions:
    flags = exception_flags(exceptions)
    before, after = flags[:-1], flags[1:]
    return (
        int((~before & ~after).sum()),
        int((~before & after).sum()),
        int((before & ~after).sum()),
        int((before & after).sum()),
    )


def _counted(transitions: Transitions) -> Transitions:
    if len(transitions) != 4:
        raise ShapeMismatch(f"transitions had {len(transitions)} counts, expected (n00, n01, n10, n11)")
    n00, n01, n10, n11 = (whole_number(count, "transitions", 0) for count in transitions)
    return n00, n01, n10, n11
