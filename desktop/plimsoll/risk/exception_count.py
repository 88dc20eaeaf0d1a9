"""Whether a VaR was exceeded as often as it promised, the order of the days aside."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from plimsoll.risk.arrays import confidence_level, whole_number, within
from plimsoll.risk.backtest_result import (
    BacktestResult,
    Verdict,
    chi_squared_tail,
    verdict_of,
)
from plimsoll.risk.errors import OutOfRange
from plimsoll.risk.likelihood import failure_ratio, waiting_ratio

# BCBS January 1996, table 2, and MAR32.9 table 1: by number of exceptions in 250 days at 99 %.
_PLUS_FACTOR_1996 = (0.0, 0.0, 0.0, 0.0, 0.0, 0.40, 0.50, 0.65, 0.75, 0.85, 1.00)
_MULTIPLIER_MAR32 = (1.50, 1.50, 1.50, 1.50, 1.50, 1.70, 1.76, 1.83, 1.88, 1.92, 2.00)
_YELLOW_FROM, _RED_FROM = 0.95, 0.9999


class AcceptanceRegion(NamedTuple):
    """The fewest and the most exceptions that a count test still accepts, both included."""

    lowest: int
    highest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeUntilFirstFailure:
    """What `kupiec_tuff` answers: no statistic and no verdict before the first exception.

    Attributes
    ----------
    statistic, p_value : float or None
        Likelihood ratio and its chi-squared tail; None while no exception has come.
    degrees_of_freedom : int
        One.
    verdict : str
        "accept", "reject" or "unknown".
    no_exception_probability : float or None
        Chance of so many quiet days: (1 − p)^(day − 1), or (1 − p)^T while none has come;
        None where neither day nor T is known.
    """

    statistic: float | None
    p_value: float | None
    degrees_of_freedom: int
    verdict: Verdict
    no_exception_probability: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BinomialResult(BacktestResult):
    """What `binomial_test` answers.

    Attributes
    ----------
    probability_at_most : float
        P(X ≤ x), exact.
    probability_at_least : float
        P(X ≥ x), exact.
    normal_p_value : float
        Two-sided p-value of the statistic under the normal approximation.
    """

    probability_at_most: float
    probability_at_least: float
    normal_p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficLight(BacktestResult):
    """What `traffic_light` answers; the statistic is the count, the p-value P(X ≥ x).

    Attributes
    ----------
    zone : str
        "green", "yellow" or "red"; also the verdict.
    cumulative_probability : float
        P(X ≤ x) if the VaR is right.
    plus_factor, multiplier : float or None
        Basel's addition to the factor 3 of 1996 and MAR32's multiplier; None other than at 250 days and 99 %.
    """

    zone: Verdict
    cumulative_probability: float
    plus_factor: float | None
    multiplier: float | None


def kupiec_pof(
    n_exceptions: int, n_days: int, *, confidence: float, significance: float = 0.05
) -> BacktestResult:
    """Test the proportion of failures: were there as many exceptions as the confidence promised.

    Parameters
    ----------
    n_exceptions : int
        Days on which the loss was strictly above the VaR stored before the day.
    n_days : int
        Days observed.
    confidence : float
        Confidence of the VaR, in (0.5, 1).
    significance : float
        ``p_value < significance`` rejects.

    Returns
    -------
    BacktestResult
        Likelihood ratio, chi-squared with one degree of freedom. Too few exceptions reject as well.

    Raises
    ------
    OutOfRange
        If a count is not whole, the exceptions exceed the days, or a level lies outside its interval.

    See Also
    --------
    kupiec_region : The counts this test accepts.
    binomial_test : The exact tail probabilities of the same count.

    Notes
    -----
    With p = 1 − c: LR = −2 ln[(1−p)^(T−x) p^x / ((1−x/T)^(T−x) (x/T)^x)], where 0·ln 0 = 0 [1]_.

    References
    ----------
    .. [1] Kupiec, "Techniques for Verifying the Accuracy of Risk Measurement Models",
       Journal of Derivatives 3(2), 1995, pp. 73-84.

    Examples
    --------
    >>> result = kupiec_pof(5, 250, confidence=0.99)
    >>> round(result.statistic, 4), round(result.p_value, 4), result.verdict
    (1.9568, 0.1619, 'accept')
    >>> kupiec_pof(0, 250, confidence=0.99).verdict
    'reject'
    """
    days = whole_number(n_days, "n_days", 1)
    count = whole_number(n_exceptions, "n_exceptions", 0, days)
    statistic = failure_ratio(count, days, 1.0 - confidence_level(confidence))
    p_value = chi_squared_tail(statistic, 1)
    return BacktestResult(
        statistic=statistic,
        p_value=p_value,
        degrees_of_freedom=1,
        verdict=verdict_of(p_value, significance),
    )


def kupiec_region(n_days: int, *, confidence: float, significance: float = 0.05) -> AcceptanceRegion:
    """Return the numbers of exceptions that `kupiec_pof` accepts.

    Parameters
    ----------
    n_days : int
        Days observed.
    confidence : float
        Confidence of the VaR, in (0.5, 1).
    significance : float
        Level of the test, in (0, 1).

    Returns
    -------
    AcceptanceRegion
        A pair (lowest, highest), both accepted.

    Raises
    ------
    OutOfRange
        If a parameter lies outside its domain, or the level is so loose that no count passes.

    Notes
    -----
    The likelihood ratio is convex in the count, so the accepted counts have no hole [1]_.

    References
    ----------
    .. [1] Kupiec 1995, table 3; Jorion, "Value at Risk", 3rd edition, 2007, table 6-2.

    Examples
    --------
    >>> kupiec_region(250, confidence=0.99)
    AcceptanceRegion(lowest=1, highest=6)
    >>> kupiec_region(500, confidence=0.95)
    AcceptanceRegion(lowest=17, highest=35)
    """
    days = whole_number(n_days, "n_days", 1)
    p = 1.0 - confidence_level(confidence)
    level = within(significance, "significance", 0.0, 1.0)

    def ratio(count: int) -> float:
        return failure_ratio(count, days, p)

    def accepts(count: int) -> bool:
        return chi_squared_tail(ratio(count), 1) >= level

    lowest = highest = min((math.floor(days * p), math.ceil(days * p)), key=ratio)
    if not accepts(lowest):
        raise OutOfRange(f"significance was {significance}, at which no count in {days} days is accepted")
    while lowest > 0 and accepts(lowest - 1):
        lowest -= 1
    while highest < days and accepts(highest + 1):
        highest += 1
    return AcceptanceRegion(lowest, highest)


def kupiec_tuff(
    first_exception_day: int | None,
    *,
    confidence: float,
    n_days: int | None = None,
    significance: float = 0.05,
) -> TimeUntilFirstFailure:
    """Test the time until the first failure: did the first exception come too soon or too late.

    Parameters
    ----------
    first_exception_day : int or None
        Day of the first exception, counted from 1; None while there has been none.
    confidence : float
        Confidence of the VaR, in (0.5, 1).
    n_days : int or None
        Days observed so far; used, and only needed, while there has been no exception.
    significance : float
        ``p_value < significance`` rejects.

    Returns
    -------
    TimeUntilFirstFailure
        Likelihood ratio, chi-squared with one degree of freedom; "unknown" without an exception.

    Raises
    ------
    OutOfRange
        If a day or a count is not whole and at least 1, or a level lies outside its interval.

    Notes
    -----
    LR = −2 ln[p(1−p)^(n−1)] + 2 ln[(1/n)(1−1/n)^(n−1)] [1]_. At 99 % it accepts n from 7 to 438.

    References
    ----------
    .. [1] Kupiec 1995, section "time until first failure".

    Examples
    --------
    >>> kupiec_tuff(6, confidence=0.99).verdict, kupiec_tuff(7, confidence=0.99).verdict
    ('reject', 'accept')
    """
    p = 1.0 - confidence_level(confidence)
    within(significance, "significance", 0.0, 1.0)
    if first_exception_day is None:
        quiet = None if n_days is None else (1.0 - p) ** whole_number(n_days, "n_days", 1)
        return TimeUntilFirstFailure(
            statistic=None,
            p_value=None,
            degrees_of_freedom=1,
            verdict="unknown",
            no_exception_probability=quiet,
        )
    day = whole_number(first_exception_day, "first_exception_day", 1)
    statistic = waiting_ratio(day, p)
    p_value = chi_squared_tail(statistic, 1)
    return TimeUntilFirstFailure(
        statistic=statistic,
        p_value=p_value,
        degrees_of_freedom=1,
        verdict=verdict_of(p_value, significance),
        no_exception_probability=(1.0 - p) ** (day - 1),
    )


def binomial_test(
    n_exceptions: int, n_days: int, *, confidence: float, significance: float = 0.05
) -> BinomialResult:
    """Return how rare so few, and so many, exceptions are if the VaR is right.

    Parameters
    ----------
    n_exceptions : int
        Days on which the loss was strictly above the VaR.
    n_days : int
        Days observed.
    confidence : float
        Confidence of the VaR, in (0.5, 1).
    significance : float
        ``p_value < significance`` rejects.

    Returns
    -------
    BinomialResult
        Exact tails P(X ≤ x) and P(X ≥ x); the p-value is twice the smaller, at most 1. The statistic
        is (x − Tp)/√(Tp(1−p)), whose normal two-sided p-value stands beside it.

    Raises
    ------
    OutOfRange
        If a count is not whole, the exceptions exceed the days, or a level lies outside its interval.

    References
    ----------
    .. [1] Jorion, "Value at Risk", 3rd edition, McGraw-Hill, 2007, section 6.2.

    Examples
    --------
    >>> result = binomial_test(4, 250, confidence=0.99)
    >>> round(result.probability_at_most, 4), round(result.probability_at_least, 4)
    (0.8922, 0.2419)
    """
    days = whole_number(n_days, "n_days", 1)
    count = whole_number(n_exceptions, "n_exceptions", 0, days)
    p = 1.0 - confidence_level(confidence)
    at_most, at_least = _binomial_tails(count, days, p)
    statistic = (count - days * p) / math.sqrt(days * p * (1.0 - p))
    p_value = min(1.0, 2.0 * min(at_most, at_least))
    return BinomialResult(
        statistic=statistic,
        p_value=p_value,
        degrees_of_freedom=None,
        verdict=verdict_of(p_value, significance),
        probability_at_most=at_most,
        probability_at_least=at_least,
        normal_p_value=math.erfc(abs(statistic) / math.sqrt(2.0)),
    )


def traffic_light(n_exceptions: int, n_days: int, *, confidence: float) -> TrafficLight:
    """Return Basel's zone for a number of exceptions, for any number of days and any confidence.

    Parameters
    ----------
    n_exceptions : int
        Days on which the loss was strictly above the VaR.
    n_days : int
        Days observed.
    confidence : float
        Confidence of the VaR, in (0.5, 1).

    Returns
    -------
    TrafficLight
        Zone, P(X ≤ x) and, at 250 days and 99 % only, the plus factor and the multiplier.

    Raises
    ------
    OutOfRange
        If a count is not whole, the exceptions exceed the days, or the confidence lies outside (0.5, 1).

    Notes
    -----
    Yellow where P(X ≤ x) reaches 95 %, red where it reaches 99.99 % [1]_. The factors are Basel's own
    tables for 250 days at 99 % [1]_ [2]_; for any other test there are none, and none are invented.

    References
    ----------
    .. [1] Basel Committee, "Supervisory framework for the use of backtesting in conjunction with the
       internal models approach to market risk capital requirements", January 1996, table 2.
    .. [2] Basel Framework, MAR32.9, table 1.

    Examples
    --------
    >>> light = traffic_light(5, 250, confidence=0.99)
    >>> light.zone, round(light.cumulative_probability, 4), light.plus_factor, light.multiplier
    ('yellow', 0.9588, 0.4, 1.7)
    """
    days = whole_number(n_days, "n_days", 1)
    count = whole_number(n_exceptions, "n_exceptions", 0, days)
    p = 1.0 - confidence_level(confidence)
    at_most, at_least = _binomial_tails(count, days, p)
    zone: Verdict = "green" if at_most < _YELLOW_FROM else "yellow" if at_most < _RED_FROM else "red"
    is_basel = days == 250 and math.isclose(confidence, 0.99, abs_tol=1e-9)
    row = min(count, 10)
    return TrafficLight(
        statistic=float(count),
        p_value=at_least,
        degrees_of_freedom=None,
        verdict=zone,
        zone=zone,
        cumulative_probability=at_most,
        plus_factor=_PLUS_FACTOR_1996[row] if is_basel else None,
        multiplier=_MULTIPLIER_MAR32[row] if is_basel else None,
    )


def _binomial_tails(count: int, days: int, p: float) -> tuple[float, float]:
    """Return P(X ≤ count) and P(X ≥ count) of a binomial variable, by the incomplete beta function."""
    from scipy.special import betainc

    at_most = 1.0 if count == days else float(betainc(days - count, count + 1, 1.0 - p))
    at_least = 1.0 if count == 0 else float(betainc(count, days - count + 1, p))
    return at_most, at_least
