"""Value at risk by every method, with the sampling error of each."""

import math

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import QuantileRule, confidence_level, within
from plimsoll.risk.cornish_fisher import cornish_fisher_var
from plimsoll.risk.cornish_fisher_interval import cornish_fisher_var_interval
from plimsoll.risk.errors import OutOfRange
from plimsoll.risk.extreme_value import ExtremeValueFit, extreme_value_var, extreme_value_var_interval
from plimsoll.risk.linear_book import book_moments
from plimsoll.risk.monte_carlo import SimulatedFigure, monte_carlo_var, simulated_pnl
from plimsoll.risk.normal import tail_quantile
from plimsoll.risk.quantile import (
    checked_weights,
    loss_quantile,
    needed_tail,
    profits,
    weighted_loss_quantile,
)
from plimsoll.risk.risk_interval import RiskInterval, volatility_bounds
from plimsoll.risk.student import binomial_cdf

__all__ = [
    "ExtremeValueFit",
    "RiskInterval",
    "SimulatedFigure",
    "cornish_fisher_var",
    "cornish_fisher_var_interval",
    "extreme_value_var",
    "extreme_value_var_interval",
    "historical_var",
    "historical_var_interval",
    "horizon_factor",
    "monte_carlo_var",
    "parametric_var",
    "parametric_var_interval",
    "simulated_pnl",
]


def historical_var(
    pnl: ArrayLike, *, confidence: float, rule: QuantileRule = "rank", weights: ArrayLike | None = None
) -> float:
    """Return the value at risk of simulated profits and losses.

    The figure is the smallest loss exceeded in at most ``1 - confidence`` of the scenarios.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Profit or loss of the whole book in each scenario, in base currency, a loss being negative. The order
        does not matter, except that `weights` follow it.
    confidence : float
        Share of scenarios in which the loss stays within the figure, in (0.5, 1).
    rule : {"rank", "ceil_rank", "linear", "interpolated_inverted_cdf"}
        Which of the rival quantile conventions to use; see Notes.
    weights : array_like of shape (n_scenarios,), optional
        Probabilities of the scenarios, oldest first like `pnl`; see `age_weights`. Without them all are
        equally likely. With them no minimum sample applies: a discrete distribution is legal.

    Returns
    -------
    float
        Loss in base currency over the scenarios' horizon, a loss being positive. Below zero when even the bad
        scenarios made money.

    Raises
    ------
    InsufficientHistory
        If no whole scenario lies in the tail: ``n_scenarios * (1 - confidence) < 1``, rounded to nine
        decimals (``10 * (1 - 0.9)`` is 0.9999999999999998). Not with `weights`.
    NotFinite
        If any scenario is NaN or infinite; a gap is never taken for a zero.
    InvalidWeights
        If the weights are negative or do not sum to one within 1e-9.
    OutOfRange
        If the confidence or the rule is unknown, or the rule is "linear" with weights.

    See Also
    --------
    historical_es : Mean of the losses beyond this one.
    historical_var_interval : Its sampling error.

    Notes
    -----
    "rank" is the generalised inverse of [1]_: with ``k = floor(n_scenarios * (1 - confidence))`` scenarios
    allowed beyond it, the figure is the loss of rank ``k + 1``, so it is always a loss that happened.
    "ceil_rank" takes rank ``ceil(n_scenarios * (1 - confidence))``; "linear" is numpy's default, type 7
    of [2]_; "interpolated_inverted_cdf" is type 4 of the losses at `confidence`. With weights, losses
    worst first, "rank" is the first at which the cumulated weight exceeds ``1 - confidence``, "ceil_rank" the
    first at which it reaches it, as in [3]_.

    References
    ----------
    .. [1] McNeil, Frey and Embrechts, "Quantitative Risk Management", revised edition, Princeton University
       Press, 2015, section 2.3.2.
    .. [2] Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50, 1996.
    .. [3] Boudoukh, Richardson and Whitelaw, "The best of both worlds", Risk 11, 1998.

    Examples
    --------
    >>> historical_var(np.array([-5.0, -3.0, 1.0, 2.0]), confidence=0.75)
    3.0
    >>> historical_var([-5.0, -3.0, 1.0, 2.0], confidence=0.75, weights=[0.1, 0.3, 0.3, 0.3])
    3.0
    """
    profit = profits(pnl)
    if weights is None:
        return loss_quantile(profit, confidence=confidence, rule=rule)
    probability = checked_weights(weights, profit.shape[0], confidence)
    return weighted_loss_quantile(profit, probability, confidence=confidence, rule=rule)


def historical_var_interval(pnl: ArrayLike, *, confidence: float, coverage: float = 0.90) -> RiskInterval:
    """Return two losses of the sample between which the true value at risk lies.

    Nothing is assumed of the distribution but that scenarios are independent: the number of scenarios within
    the true figure is binomial, so order statistics bound it.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Profits in base currency; equally likely.
    confidence : float
        Of the value at risk, in (0.5, 1).
    coverage : float
        Probability asked of the interval, in (0, 1), split evenly between the two sides.

    Returns
    -------
    RiskInterval
        With the coverage achieved, which is at least the one asked for wherever `high` is finite. `high` is
        infinite when even the worst scenario does not bound the figure with that probability.

    Raises
    ------
    InsufficientHistory, NotFinite, OutOfRange
        As `historical_var`; also if `coverage` is not in (0, 1).

    References
    ----------
    Dowd, "Measuring Market Risk", 2nd edition, Wiley, 2005, chapter 4, on order statistics.

    Examples
    --------
    >>> historical_var_interval(-np.arange(1.0, 501.0), confidence=0.95)
    RiskInterval(low=467.0, high=484.0, coverage=0.920...)
    """
    profit = profits(pnl)
    n_scenarios = profit.shape[0]
    needed_tail(n_scenarios, confidence)
    one_side = 0.5 * (1.0 - within(coverage, "coverage", 0.0, 1.0))
    losses = np.sort(0.0 - profit)
    # below[r] is the probability that at most r scenarios stay within the true figure.
    below = binomial_cdf(n_scenarios, confidence)
    low_rank = int(np.searchsorted(below, one_side, side="right"))
    high_rank = int(np.searchsorted(below, 1.0 - one_side, side="left"))
    low_miss = float(below[low_rank - 1]) if low_rank > 0 else 0.0
    low = float(losses[low_rank - 1]) if low_rank > 0 else -math.inf
    if high_rank >= n_scenarios:
        return RiskInterval(low, math.inf, 1.0 - low_miss)
    return RiskInterval(low, float(losses[high_rank]), float(below[high_rank]) - low_miss)


@refuses_overflow
def parametric_var(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
) -> float:
    """Return the value at risk of a linear book under normal or Student-t returns.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money per asset in base currency: delta · price · multiplier · fx.
    covariance : array_like of shape (n_assets, n_assets)
        Covariance of simple returns as fractions, per horizon.
    confidence : float
        In (0.5, 1).
    mean : array_like of shape (n_assets,), optional
        Expected profit per unit of exposure over the horizon; it lowers the loss. None is zero.
    degrees_of_freedom : float, optional
        ν > 2 of a multivariate Student t scaled so that its covariance *is* `covariance`. None is the normal.

    Returns
    -------
    float
        z_c √(Vᵀ Σ V) − Vᵀ μ in base currency; below zero when the mean outweighs the risk.

    Raises
    ------
    ShapeMismatch, NotFinite, OutOfRange
        If the inputs do not belong together, hold a NaN, or ν ≤ 2.
    SingularMatrix
        If the covariance gives the book a negative variance.

    References
    ----------
    .. [1] Jorion, "Value at Risk", 3rd edition, McGraw-Hill, 2007, chapter 7.
    .. [2] McNeil, Frey and Embrechts, "Quantitative Risk Management", 2015, section 2.3.2.

    Examples
    --------
    >>> volatility = np.array([0.015, 0.02, 0.009])
    >>> correlation = np.array([[1, 0.5, 0.2], [0.5, 1, -0.1], [0.2, -0.1, 1]])
    >>> covariance = correlation * np.outer(volatility, volatility)
    >>> round(parametric_var([600_000, -250_000, 400_000], covariance, confidence=0.99), 2)
    22133.34
    """
    drift, volatility = book_moments(exposures, covariance, mean)
    return tail_quantile(confidence_level(confidence), degrees_of_freedom) * volatility - drift


@refuses_overflow
def parametric_var_interval(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    n_observations: int,
    coverage: float = 0.90,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
) -> RiskInterval:
    """Return the sampling error of `parametric_var` that comes from estimating the variance.

    Parameters
    ----------
    exposures, covariance, confidence, mean, degrees_of_freedom
        As `parametric_var`; the mean is taken as known.
    n_observations : int
        Days behind the covariance, at least two; for an EWMA the effective number (1 + λ)/(1 − λ).
    coverage : float
        In (0, 1), split evenly.

    Returns
    -------
    RiskInterval
        From (n − 1)s²/σ² ~ χ² with n − 1 degrees of freedom, exact for normal returns.

    Raises
    ------
    InsufficientHistory
        If `n_observations` is below two.
    ShapeMismatch, NotFinite, OutOfRange, SingularMatrix
        As `parametric_var`.

    References
    ----------
    Jorion, "Value at Risk", 3rd edition, 2007, chapter 5, on the precision of the figure.

    Examples
    --------
    >>> interval = parametric_var_interval([1.0], [[1.0]], confidence=0.95, n_observations=100)
    >>> round(interval.low, 4), round(interval.high, 4)
    (1.4743, 1.8645)
    """
    low, high = volatility_bounds(n_observations, coverage)
    drift, volatility = book_moments(exposures, covariance, mean)
    spread = tail_quantile(confidence_level(confidence), degrees_of_freedom) * volatility
    return RiskInterval(low * spread - drift, high * spread - drift, coverage)


def horizon_factor(days: int, *, autocorrelation: float = 0.0) -> float:
    """Return by how much the figure of one day grows over `days` days.

    Parameters
    ----------
    days : int
        Whole days, at least one. An intraday figure is never scaled over the close, so fractions are refused.
    autocorrelation : float
        First-order autocorrelation ρ of daily returns, in [−1, 1]; lag k has ρᵏ.

    Returns
    -------
    float
        √(h + 2 Σ_{k<h} (h − k) ρᵏ). At ρ = 0 the root of time, exact for value at risk only where returns are
        independent, normal and without a mean; elsewhere simulate the horizon.

    Raises
    ------
    OutOfRange
        If `days` is not a whole number of at least one, or ρ outside [−1, 1].

    References
    ----------
    Jorion, "Value at Risk", 3rd edition, 2007, chapter 4, on aggregation over time.

    Examples
    --------
    >>> round(horizon_factor(10), 4)
    3.1623
    >>> round(horizon_factor(2, autocorrelation=0.5), 4)
    1.7321
    """
    if not float(days).is_integer() or days < 1:
        raise OutOfRange(f"days was {days}, expected a whole number of at least one")
    rho = within(autocorrelation, "autocorrelation", -1.0, 1.0, closed=True)
    lag = np.arange(1, int(days))
    variance = days + 2.0 * float(((days - lag) * rho**lag).sum())
    return math.sqrt(max(variance, 0.0))
