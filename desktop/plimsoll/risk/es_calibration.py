"""Whether an expected shortfall held, by residuals beyond the VaR and by its defining equations."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, confidence_level, finite, whole_number
from plimsoll.risk.backtest_result import (
    BacktestResult,
    chi_squared_tail,
    demand_positive,
    forecast_series,
    loss_record,
    verdict_of,
)
from plimsoll.risk.errors import InsufficientHistory, OutOfRange, SingularMatrix

ResidualLaw = Literal["normal", "bootstrap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualResult(BacktestResult):
    """What `mcneil_frey` answers.

    Attributes
    ----------
    mean_residual : float
        Mean of loss − ES over the exceptions, in units of the volatility where it was given.
    n_exceptions : int
        Days with a loss strictly above the VaR.
    """

    mean_residual: float
    n_exceptions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationResult(BacktestResult):
    """What `conditional_calibration` answers: the general test where a volatility is given, else the simple.

    Attributes
    ----------
    simple_statistic, simple_p_value : float
        Both moments, chi-squared with two degrees of freedom.
    general_statistic, general_p_value : float or None
        The weighted moment, chi-squared with one degree of freedom; None without a volatility.
    """

    simple_statistic: float
    simple_p_value: float
    general_statistic: float | None
    general_p_value: float | None


def mcneil_frey(
    pnl: ArrayLike,
    var: ArrayLike,
    es: ArrayLike,
    *,
    confidence: float,
    volatility: ArrayLike | None = None,
    p_value: ResidualLaw = "normal",
    significance: float = 0.05,
    n_bootstraps: int = 10_000,
    seed: int = 0,
) -> ResidualResult:
    """Test that losses beyond the VaR were no deeper on average than the expected shortfall.

    Parameters
    ----------
    pnl : array_like of shape (n_days,)
        Realised P&L, oldest first, a loss being negative.
    var, es : array_like of shape (n_days,) or float
        Forecasts stored before each day, losses positive.
    confidence : float
        Confidence of both forecasts, in (0.5, 1); it is only checked, the statistic does not use it.
    volatility : array_like of shape (n_days,) or float, optional
        Forecast volatility of the P&L by which each residual is divided.
    p_value : {"normal", "bootstrap"}
        Upper normal tail of the statistic, or the bootstrap of the centred residuals.
    significance : float
        ``p_value < significance`` rejects.
    n_bootstraps, seed : int
        Of the bootstrap.

    Returns
    -------
    ResidualResult
        The t-like statistic of the mean residual; positive where the ES was too small.

    Raises
    ------
    InsufficientHistory
        With fewer than two exceptions, or if their residuals are all equal and have no spread.
    NotPositive
        If a volatility is not above zero.
    ShapeMismatch, NotFinite, OutOfRange
        If the arrays do not belong together, hold a gap, or a parameter lies outside its domain.

    Notes
    -----
    r = (loss − ES)/σ over the k exceptions; statistic mean(r)/(sd(r)/√k) with sd over k − 1, one-sided
    upward [1]_. The bootstrap resamples r − mean(r) and compares t-statistics [2]_; a resample of equal
    residuals counts as infinitely far on the side of its mean.

    References
    ----------
    .. [1] McNeil and Frey, "Estimation of Tail-Related Risk Measures for Heteroscedastic Financial Time
       Series", Journal of Empirical Finance 7, 2000, pp. 271-300, section 4.2.
    .. [2] Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, section 16.4.

    Examples
    --------
    >>> result = mcneil_frey([-3.0, 1.0, -5.0, -4.0], 2.0, 3.0, confidence=0.975)
    >>> round(result.statistic, 4), result.n_exceptions
    (1.7321, 3)
    """
    confidence_level(confidence)
    if p_value not in get_args(ResidualLaw):
        raise OutOfRange(f"p_value was {p_value!r}, expected one of {', '.join(get_args(ResidualLaw))}")
    losses, value, shortfall = loss_record(pnl, var, es)
    beyond = losses > value
    residuals = (losses - shortfall)[beyond]
    if volatility is not None:
        sigma = forecast_series(volatility, "volatility", losses.size)
        demand_positive(sigma, "volatility")
        residuals = _ratio(residuals, sigma[beyond])
    n = residuals.size
    # In units of the largest no square overflows.
    unit = float(np.abs(residuals).max(initial=0.0)) or 1.0
    spread = unit * float((residuals / unit).std(ddof=1)) if n > 1 else 0.0
    if spread <= 1e-14 * unit:
        raise InsufficientHistory(
            f"{n} exceptions left no spread of residuals, expected two at least that differ",
            n_observations=n,
            n_needed=2,
        )
    statistic = float(residuals.mean()) / (spread / math.sqrt(n))
    if p_value == "normal":
        chance = 0.5 * math.erfc(statistic / math.sqrt(2.0))
    else:
        chance = _bootstrap_chance(residuals, statistic, whole_number(n_bootstraps, "n_bootstraps", 1), seed)
    return ResidualResult(
        statistic=statistic,
        p_value=chance,
        degrees_of_freedom=None,
        verdict=verdict_of(chance, significance),
        mean_residual=float(residuals.mean()),
        n_exceptions=n,
    )


@refuses_overflow
def conditional_calibration(
    pnl: ArrayLike,
    var: ArrayLike,
    es: ArrayLike,
    *,
    confidence: float,
    volatility: ArrayLike | None = None,
    significance: float = 0.05,
) -> CalibrationResult:
    """Test that VaR and expected shortfall together satisfy the equations which define them.

    Parameters
    ----------
    pnl : array_like of shape (n_days,)
        Realised P&L, oldest first, a loss being negative.
    var, es : array_like of shape (n_days,) or float
        Forecasts stored before each day, losses positive.
    confidence : float
        Confidence of both forecasts, in (0.5, 1).
    volatility : array_like of shape (n_days,) or float, optional
        Forecast volatility of the P&L; with it the general test is the answer, else the simple one.
    significance : float
        ``p_value < significance`` rejects.

    Returns
    -------
    CalibrationResult
        Wald statistic of the mean moments; both tests stand in fields of their own.

    Raises
    ------
    InsufficientHistory
        With fewer than two days.
    SingularMatrix
        If the moments do not vary independently, as without an exception and with constant forecasts.
    NotPositive
        If a volatility is not above zero.
    ShapeMismatch, NotFinite, OutOfRange
        If the arrays do not belong together, hold a gap, or a parameter lies outside its domain.

    Notes
    -----
    With I = 1{loss ≥ VaR} and α = 1 − c: V = (α − I, VaR − ES + I(loss − VaR)/α), second moments
    uncentred. Simple: n v̄ᵀ (Σ VVᵀ/n)⁻¹ v̄. General: the same for the one series
    V₁ (ES − VaR)/(ασ) + V₂/σ [1]_.

    References
    ----------
    .. [1] Nolde and Ziegel, "Elicitability and Backtesting: Perspectives for Banking Regulation", Annals
       of Applied Statistics 11(4), 2017, pp. 1833-1874, section 2.2.

    Examples
    --------
    >>> result = conditional_calibration([-3.0, 1.0, -5.0, 0.5], 2.0, 4.0, confidence=0.75)
    >>> round(result.statistic, 4), result.degrees_of_freedom
    (0.8, 2)
    """
    tail = 1.0 - confidence_level(confidence)
    losses, value, shortfall = loss_record(pnl, var, es)
    n = losses.size
    if n < 2:
        raise InsufficientHistory(f"there was {n} day, expected two at least", n_observations=n, n_needed=2)
    hit = (losses >= value).astype(np.float64)
    moments = np.column_stack((tail - hit, value - shortfall + hit * (losses - value) / tail))
    simple = _wald(moments)
    simple_p_value = chi_squared_tail(simple, 2)
    general = general_p_value = None
    statistic, p_value, freedom = simple, simple_p_value, 2
    if volatility is not None:
        sigma = forecast_series(volatility, "volatility", n)
        demand_positive(sigma, "volatility")
        weighted = _ratio(moments[:, 0] * (shortfall - value) / tail + moments[:, 1], sigma)
        general = _wald(weighted[:, np.newaxis])
        general_p_value = chi_squared_tail(general, 1)
        statistic, p_value, freedom = general, general_p_value, 1
    return CalibrationResult(
        statistic=statistic,
        p_value=p_value,
        degrees_of_freedom=freedom,
        verdict=verdict_of(p_value, significance),
        simple_statistic=simple,
        simple_p_value=simple_p_value,
        general_statistic=general,
        general_p_value=general_p_value,
    )


def _bootstrap_chance(residuals: FloatArray, statistic: float, n_bootstraps: int, seed: int) -> float:
    random = np.random.default_rng(seed)
    centred = residuals - residuals.mean()
    samples = centred[random.integers(0, centred.size, (n_bootstraps, centred.size))]
    means = samples.mean(axis=1)
    errors = samples.std(axis=1, ddof=1) / math.sqrt(centred.size)
    flat = errors <= 1e-14 * float(np.abs(centred).max())
    extreme = np.where(flat, means > 0.0, means >= statistic * errors)
    return (float(extreme.sum()) + 1.0) / (n_bootstraps + 1.0)


def _wald(moments: FloatArray) -> float:
    # Money beside probabilities: columns of unit mean square leave the statistic alone, and show a true
    # dependence where the raw matrix would only show its units.
    largest = np.abs(moments).max(axis=0)
    if (largest == 0.0).any():
        raise SingularMatrix("a moment was zero on every day, expected days that tell forecasts apart")
    unit = moments / largest
    unit /= np.sqrt((unit**2).mean(axis=0))
    second = unit.T @ unit / unit.shape[0]
    if float(np.linalg.eigh(second)[0][0]) < 1e-12:
        raise SingularMatrix("the moments moved as one, expected an exception or changing forecasts")
    means = unit.mean(axis=0)
    return float(unit.shape[0] * means @ np.linalg.solve(second, means))


def _ratio(numerator: FloatArray, volatility: FloatArray) -> FloatArray:
    with np.errstate(over="ignore"):
        ratio = numerator / volatility
    return finite(ratio, "loss over volatility")
