"""Whether an expected shortfall held, by the statistics of Acerbi and Székely."""

import math
from dataclasses import dataclass
from typing import Literal, Self, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, IntArray, confidence_level, vector, whole_number, within
from plimsoll.risk.backtest_result import (
    BacktestResult,
    Verdict,
    demand_positive,
    loss_record,
    verdict_of,
)
from plimsoll.risk.errors import InsufficientHistory, OutOfRange

ShortfallStatistic = Literal["z1", "z2"]

# Acerbi and Székely 2014: at 250 days and 97.5 % these two lines hardly depend on the tail of the P&L.
_YELLOW_BELOW, _RED_BELOW = -0.70, -1.8
# 8 MB an array, however many histories are simulated.
_DRAWS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallResult(BacktestResult):
    """What `acerbi_szekely_z1` and `acerbi_szekely_z2` answer; no degrees of freedom, simulated law.

    Attributes
    ----------
    critical_value : float
        Simulated; a statistic strictly below it rejects.
    n_exceptions : int
        Days with a loss strictly above the VaR.
    zone : str or None
        For Z2 at 250 days and 97.5 %: "green", "yellow" below −0.70, "red" below −1.8; else None.
    """

    critical_value: float
    n_exceptions: int
    zone: Verdict | None


class CriticalValue(float):
    """What `acerbi_szekely_critical` answers: the critical value, a float, and what stands behind it.

    Attributes
    ----------
    p_value : float or None
        Share of simulated statistics at or below the observed one; None without one.
    n_simulations : int
        Histories in which the statistic was defined.
    """

    __slots__ = ("n_simulations", "p_value")

    p_value: float | None
    n_simulations: int

    def __new__(cls, value: float, *, p_value: float | None, n_simulations: int) -> Self:
        """Make one from the quantile and the count behind it."""
        critical = super().__new__(cls, value)
        critical.p_value = p_value
        critical.n_simulations = n_simulations
        return critical

    @property
    def critical_value(self) -> float:
        """The value itself, for those who spell it out."""
        return float(self)


def acerbi_szekely_z1(
    pnl: ArrayLike,
    var: ArrayLike,
    es: ArrayLike,
    *,
    confidence: float,
    significance: float = 0.05,
    degrees_of_freedom: float | None = None,
    n_simulations: int = 10_000,
    seed: int = 0,
) -> ShortfallResult:
    """Test, given the exceptions that came, that they were no deeper than the expected shortfall.

    Parameters
    ----------
    pnl : array_like of shape (n_days,)
        Realised P&L, oldest first, a loss being negative.
    var, es : array_like of shape (n_days,) or float
        Forecasts stored before each day, losses positive.
    confidence : float
        Confidence of both forecasts, in (0.5, 1).
    significance : float
        ``p_value < significance`` rejects.
    degrees_of_freedom : float, optional
        Of the Student t under which the p-value is simulated; None is the normal. It matters here.
    n_simulations, seed : int
        Of the simulation.

    Returns
    -------
    ShortfallResult
        Z1 is 0 in expectation under a right model, negative where losses were deeper than forecast.

    Raises
    ------
    InsufficientHistory
        Without an exception Z1 is undefined.
    NotPositive
        If a forecast of the expected shortfall is not above zero.
    ShapeMismatch, NotFinite, OutOfRange
        If the arrays do not belong together, hold a gap, or a parameter lies outside its domain.

    Notes
    -----
    Z1 = mean over exceptions of X/ES, plus 1 [1]_, X being the P&L. One-sided: only low values reject.

    References
    ----------
    .. [1] Acerbi and Székely, "Backtesting Expected Shortfall", Risk, December 2014, test 1.

    Examples
    --------
    >>> acerbi_szekely_z1([-3.0, 1.0, -5.0, 0.5], 2.0, 4.0, confidence=0.975).statistic
    0.0
    """
    losses, value, shortfall = loss_record(pnl, var, es)
    demand_positive(shortfall, "es")
    beyond = losses > value
    if not beyond.any():
        raise InsufficientHistory(
            "there was no exception, expected one at least: Z1 is undefined without",
            n_observations=0,
            n_needed=1,
        )
    statistic = 1.0 - float((losses[beyond] / shortfall[beyond]).mean())
    simulated = acerbi_szekely_critical(
        losses.size,
        confidence=confidence,
        significance=significance,
        degrees_of_freedom=degrees_of_freedom,
        n_simulations=n_simulations,
        seed=seed,
        observed=statistic,
        statistic="z1",
    )
    return _shortfall_result(statistic, simulated, significance, int(beyond.sum()), None)


def acerbi_szekely_z2(
    pnl: ArrayLike,
    var: ArrayLike,
    es: ArrayLike,
    *,
    confidence: float,
    significance: float = 0.05,
    degrees_of_freedom: float | None = None,
    n_simulations: int = 10_000,
    seed: int = 0,
) -> ShortfallResult:
    """Test at once that exceptions were no more frequent and no deeper than forecast.

    Parameters
    ----------
    pnl : array_like of shape (n_days,)
        Realised P&L, oldest first, a loss being negative.
    var, es : array_like of shape (n_days,) or float
        Forecasts stored before each day, losses positive.
    confidence : float
        Confidence of both forecasts, in (0.5, 1).
    significance : float
        ``p_value < significance`` rejects.
    degrees_of_freedom : float, optional
        Of the Student t under which the p-value is simulated; None is the normal.
    n_simulations, seed : int
        Of the simulation.

    Returns
    -------
    ShortfallResult
        Z2 is 0 in expectation under a right model, negative where risk was understated, 1 without
        an exception.

    Raises
    ------
    InsufficientHistory
        Without a day.
    NotPositive
        If a forecast of the expected shortfall is not above zero.
    ShapeMismatch, NotFinite, OutOfRange
        If the arrays do not belong together, hold a gap, or a parameter lies outside its domain.

    Notes
    -----
    Z2 = Σ X_t I_t / (T α ES_t) + 1 [1]_, X being the P&L and α = 1 − c. One-sided: only low values reject.
    The zones −0.70 and −1.8 hold for T = 250 at 97.5 % only; elsewhere read the simulated p-value.

    References
    ----------
    .. [1] Acerbi and Székely, "Backtesting Expected Shortfall", Risk, December 2014, test 2.

    Examples
    --------
    >>> round(acerbi_szekely_z2([-3.0, 1.0, -5.0, 0.5], 2.0, 4.0, confidence=0.75).statistic, 12)
    -1.0
    """
    losses, value, shortfall = loss_record(pnl, var, es)
    demand_positive(shortfall, "es")
    beyond = losses > value
    tail = 1.0 - confidence_level(confidence)
    statistic = 1.0 - float((losses[beyond] / shortfall[beyond]).sum()) / (losses.size * tail)
    simulated = acerbi_szekely_critical(
        losses.size,
        confidence=confidence,
        significance=significance,
        degrees_of_freedom=degrees_of_freedom,
        n_simulations=n_simulations,
        seed=seed,
        observed=statistic,
    )
    zone: Verdict | None = None
    if losses.size == 250 and math.isclose(confidence, 0.975, abs_tol=1e-9):
        zone = "red" if statistic < _RED_BELOW else "yellow" if statistic < _YELLOW_BELOW else "green"
    return _shortfall_result(statistic, simulated, significance, int(beyond.sum()), zone)


@refuses_overflow
def acerbi_szekely_critical(
    n_days: int,
    *,
    confidence: float,
    significance: float = 0.05,
    degrees_of_freedom: float | None = None,
    n_simulations: int = 10_000,
    seed: int = 0,
    observed: float | None = None,
    statistic: ShortfallStatistic = "z2",
) -> CriticalValue:
    """Simulate the law of Z2 (or Z1) under a right model.

    Parameters
    ----------
    n_days : int
        Days of the backtest.
    confidence : float
        Confidence of VaR and ES, in (0.5, 1).
    significance : float
        Level of the critical value, in (0, 1).
    degrees_of_freedom : float, optional
        Of the Student t the P&L follows, above 1; None is the normal.
    n_simulations, seed : int
        How many histories, and the seed of the generator; the same seed gives the same figures.
    observed : float, optional
        A statistic whose p-value is wanted.
    statistic : {"z2", "z1"}
        Which of the two; Z1 uses the histories that have an exception.

    Returns
    -------
    CriticalValue
        The `significance` quantile and the p-value, counted as (k + 1)/(n + 1), which is never zero.

    Raises
    ------
    OutOfRange
        If a count is not whole and positive or a parameter lies outside its domain.
    InsufficientHistory
        If no simulated history had an exception, for Z1.

    Notes
    -----
    Only exceptions enter the statistics, so only they are drawn: their number is binomial (T, α), their
    losses follow the tail. The statistics have no scale, so that the law is that of the unit variable.

    References
    ----------
    .. [1] Acerbi and Székely 2014: about −0.70 at 5 % for T = 250, α = 2.5 %, t3 −0.82.

    Examples
    --------
    >>> result = acerbi_szekely_critical(
    ...     250, confidence=0.975, significance=0.05, n_simulations=40_000, seed=1
    ... )
    >>> round(result, 1)
    -0.7
    """
    if statistic not in get_args(ShortfallStatistic):
        raise OutOfRange(
            f"statistic was {statistic!r}, expected one of {', '.join(get_args(ShortfallStatistic))}"
        )
    n = whole_number(n_days, "n_days", 1)
    runs = whole_number(n_simulations, "n_simulations", 1)
    level = within(significance, "significance", 0.0, 1.0)
    tail = 1.0 - confidence_level(confidence)
    random = np.random.default_rng(seed)
    counts = random.binomial(n, tail, runs)
    blocks = np.array_split(counts, 1 + int(counts.sum()) // _DRAWS_AT_ONCE)
    sums = np.concatenate([_tail_sums(random, block, tail, degrees_of_freedom) for block in blocks])
    if statistic == "z2":
        simulated = 1.0 - sums / (n * tail)
    else:
        simulated = 1.0 - sums[counts > 0] / counts[counts > 0]
        if simulated.size == 0:
            raise InsufficientHistory(
                f"none of {runs} simulated histories had an exception: simulate more or longer ones",
                n_observations=0,
                n_needed=1,
            )
    p_value = None
    if observed is not None:
        p_value = (float((simulated <= vector([observed], "observed")).sum()) + 1.0) / (simulated.size + 1.0)
    return CriticalValue(np.quantile(simulated, level), p_value=p_value, n_simulations=simulated.size)


def _shortfall_result(
    statistic: float,
    simulated: CriticalValue,
    significance: float,
    n_exceptions: int,
    zone: Verdict | None,
) -> ShortfallResult:
    chance = 1.0 if simulated.p_value is None else simulated.p_value
    return ShortfallResult(
        statistic=statistic,
        p_value=chance,
        degrees_of_freedom=None,
        verdict=verdict_of(chance, significance),
        critical_value=simulated.critical_value,
        n_exceptions=n_exceptions,
        zone=zone,
    )


def _tail_sums(
    random: np.random.Generator, counts: IntArray, tail: float, degrees_of_freedom: float | None
) -> FloatArray:
    losses = _tail_losses(random.random(int(counts.sum())), tail, degrees_of_freedom)
    history = np.repeat(np.arange(counts.size), counts)
    return np.bincount(history, weights=losses, minlength=counts.size).astype(np.float64)


def _tail_losses(uniforms: FloatArray, tail: float, degrees_of_freedom: float | None) -> FloatArray:
    """Return losses beyond the VaR as multiples of the ES, for uniform depths within the tail."""
    from scipy.special import ndtri, stdtrit

    # 1 − u lies in (0, 1]: a draw of exactly 0 would be an infinite loss.
    depths = (1.0 - uniforms) * tail
    if degrees_of_freedom is None:
        z = float(ndtri(tail))
        expected = math.exp(-0.5 * z * z) / (math.sqrt(2.0 * math.pi) * tail)
        losses = np.asarray(-ndtri(depths), dtype=np.float64)
    else:
        nu = within(degrees_of_freedom, "degrees_of_freedom", 1.0, math.inf)
        quantile = float(stdtrit(nu, tail))
        log_peak = math.lgamma(0.5 * (nu + 1.0)) - math.lgamma(0.5 * nu) - 0.5 * math.log(nu * math.pi)
        density = math.exp(log_peak - 0.5 * (nu + 1.0) * math.log1p(quantile * quantile / nu))
        expected = density * (nu + quantile * quantile) / ((nu - 1.0) * tail)
        losses = np.asarray(-stdtrit(nu, depths), dtype=np.float64)
    return losses / expected
