"""Expected shortfall by every method: the mean of the losses that value at risk only counts."""

import math
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, QuantileRule, confidence_level
from plimsoll.risk.bootstrap import percentile_interval, worst_of_resamples
from plimsoll.risk.cornish_fisher import cornish_fisher_es
from plimsoll.risk.cornish_fisher_interval import cornish_fisher_es_interval
from plimsoll.risk.errors import OutOfRange
from plimsoll.risk.extreme_value import extreme_value_es, extreme_value_es_interval
from plimsoll.risk.linear_book import book_moments
from plimsoll.risk.monte_carlo import monte_carlo_es
from plimsoll.risk.normal import tail_mean
from plimsoll.risk.quantile import (
    checked_weights,
    fractional_tail_mean,
    known_rule,
    needed_tail,
    profits,
    weighted_rule,
    worst_first,
)
from plimsoll.risk.risk_interval import RiskInterval, volatility_bounds
from plimsoll.risk.value_at_risk import historical_var

__all__ = [
    "RiskInterval",
    "Tail",
    "cornish_fisher_es",
    "cornish_fisher_es_interval",
    "extreme_value_es",
    "extreme_value_es_interval",
    "historical_es",
    "historical_es_interval",
    "monte_carlo_es",
    "parametric_es",
    "parametric_es_interval",
    "tail_weights",
]

Tail = Literal["fractional", "beyond", "including"]


def historical_es(
    pnl: ArrayLike,
    *,
    confidence: float,
    tail: Tail = "fractional",
    rule: QuantileRule = "rank",
    weights: ArrayLike | None = None,
) -> float:
    """Return the mean loss in the worst scenarios.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Profit or loss of the whole book in each scenario, in base currency, a loss being negative.
    confidence : float
        In (0.5, 1); the tail is the worst ``1 - confidence``.
    tail : {"fractional", "beyond", "including"}
        "fractional" fills the tail to exactly ``1 - confidence`` with part of the next loss, and is coherent.
        "beyond" is the mean of the losses above the value at risk of `rule`, or that value itself.
        "including" is the mean of the losses at or above it.
    rule : {"rank", "ceil_rank", "linear", "interpolated_inverted_cdf"}
        The quantile convention of "beyond" and "including"; "fractional" needs none. Never "linear" with
        `weights`.
    weights : array_like of shape (n_scenarios,), optional
        Probabilities of the scenarios, in the order of `pnl`; then no minimum sample applies.

    Returns
    -------
    float
        Loss in base currency, a loss being positive; never below the value at risk of the same convention.

    Raises
    ------
    InsufficientHistory
        If no whole scenario lies in the tail and no weights are given.
    NotFinite, ShapeMismatch, InvalidWeights, OutOfRange
        As `historical_var`.

    References
    ----------
    .. [1] Acerbi and Tasche, "On the coherence of expected shortfall", Journal of Banking and Finance 26,
       2002, proposition 4.1.

    Examples
    --------
    >>> historical_es([-5.0, -3.0, 1.0, 2.0], confidence=0.6)
    4.25
    >>> round(historical_es([-5.0, -3.0, 1.0, 2.0], confidence=0.75, weights=[0.1, 0.3, 0.3, 0.3]), 9)
    3.8
    """
    if tail not in get_args(Tail):
        raise OutOfRange(f"tail was {tail!r}, expected one of {', '.join(get_args(Tail))}")
    (known_rule if weights is None else weighted_rule)(rule)
    profit = profits(pnl)
    n_scenarios = profit.shape[0]
    if tail != "fractional":
        return _beyond(profit, confidence, tail, rule, weights)
    if weights is not None:
        probability = checked_weights(weights, n_scenarios, confidence)
        losses, masses = worst_first(profit, probability)
        return float(losses @ _filled(masses, 1.0 - confidence)) / (1.0 - confidence)
    return fractional_tail_mean(profit, confidence=confidence)


def _beyond(
    profit: FloatArray, confidence: float, tail: Tail, rule: QuantileRule, weights: ArrayLike | None
) -> float:
    threshold = historical_var(profit, confidence=confidence, rule=rule, weights=weights)
    losses = 0.0 - profit
    chosen = losses > threshold if tail == "beyond" else losses >= threshold
    if weights is None:
        return float(losses[chosen].mean()) if chosen.any() else threshold
    masses = np.asarray(weights, dtype=np.float64)[chosen]
    total = float(masses.sum())
    return float(losses[chosen] @ masses) / total if total > 0.0 else threshold


def _filled(masses: FloatArray, alpha: float) -> FloatArray:
    before = np.cumsum(masses) - masses
    return np.clip(alpha - before, 0.0, masses)


def tail_weights(pnl: ArrayLike, *, confidence: float, weights: ArrayLike | None = None) -> FloatArray:
    """Return the share of each scenario in the fractional expected shortfall.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Profits of the whole book, in base currency.
    confidence : float
        In (0.5, 1).
    weights : array_like of shape (n_scenarios,), optional
        Probabilities of the scenarios; equal without them.

    Returns
    -------
    ndarray of shape (n_scenarios,)
        Non-negative, summing to one, in the order of `pnl`: ``historical_es == -(tail_weights @ pnl)``. The
        boundary scenario carries its fraction, and scenarios of equal profit share theirs in proportion to
        their probabilities, so that nothing depends on their order.

    Raises
    ------
    InsufficientHistory, NotFinite, ShapeMismatch, InvalidWeights, OutOfRange
        As `historical_es`.

    Examples
    --------
    >>> tail_weights([2.0, -5.0, 1.0, -3.0], confidence=0.6)
    array([0.   , 0.625, 0.   , 0.375])
    """
    profit = profits(pnl)
    n_scenarios = profit.shape[0]
    if weights is None:
        needed_tail(n_scenarios, confidence)
        masses = np.full(n_scenarios, 1.0 / n_scenarios)
    else:
        masses = checked_weights(weights, n_scenarios, confidence)
    alpha = round(1.0 - confidence, 12)
    _, group = np.unique(profit, return_inverse=True)
    mass_of_group: FloatArray = np.bincount(group, weights=masses).astype(np.float64)
    taken = _filled(mass_of_group, alpha)
    share = np.divide(taken, mass_of_group, out=np.zeros_like(taken), where=mass_of_group > 0.0)
    result: FloatArray = masses * share[group] / alpha
    return result


def historical_es_interval(
    pnl: ArrayLike,
    *,
    confidence: float,
    coverage: float = 0.90,
    n_resamples: int = 1_000,
    seed: int = 0,
) -> RiskInterval:
    """Return the sampling error of the fractional expected shortfall by the bootstrap.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Profits in base currency, taken as independent.
    confidence, coverage : float
        Of the shortfall in (0.5, 1), and of the interval in (0, 1).
    n_resamples : int
        Samples drawn with replacement, at least 100.
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    RiskInterval
        Percentile interval.

    Raises
    ------
    InsufficientHistory, NotFinite, OutOfRange
        As `historical_es`, `worst_of_resamples` and `percentile_interval`.
    """
    profit = profits(pnl)
    count = needed_tail(profit.shape[0], confidence)
    whole = math.floor(count)
    worst = worst_of_resamples(profit, whole + 1, n_resamples=n_resamples, seed=seed)
    # As `fractional_tail_mean` has it, a sample a row.
    figures = (0.0 - worst[:, :whole].sum(axis=1) - (count - whole) * worst[:, whole]) / count
    return percentile_interval(figures, coverage)


@refuses_overflow
def parametric_es(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
) -> float:
    """Return the expected shortfall of a linear book under normal or Student-t returns.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money per asset in base currency.
    covariance : array_like of shape (n_assets, n_assets)
        Covariance of simple returns as fractions, per horizon.
    confidence : float
        In (0.5, 1).
    mean : array_like of shape (n_assets,), optional
        Expected profit per unit of exposure; it lowers the loss.
    degrees_of_freedom : float, optional
        ν > 2 of a Student t whose covariance is `covariance`; None is the normal.

    Returns
    -------
    float
        σ φ(z)/(1 − c) − Vᵀμ for the normal; σ √((ν−2)/ν) · g(t)/(1 − c) · (ν + t²)/(ν − 1) − Vᵀμ for Student
        t.

    Raises
    ------
    ShapeMismatch, NotFinite, OutOfRange, SingularMatrix
        As `parametric_var`.

    References
    ----------
    .. [1] McNeil, Frey and Embrechts, "Quantitative Risk Management", 2015, section 2.3.4.

    Examples
    --------
    >>> volatility = np.array([0.015, 0.02, 0.009])
    >>> correlation = np.array([[1, 0.5, 0.2], [0.5, 1, -0.1], [0.2, -0.1, 1]])
    >>> covariance = correlation * np.outer(volatility, volatility)
    >>> round(parametric_es([600_000, -250_000, 400_000], covariance, confidence=0.975), 2)
    22242.32
    """
    drift, volatility = book_moments(exposures, covariance, mean)
    return tail_mean(confidence_level(confidence), degrees_of_freedom) * volatility - drift


@refuses_overflow
def parametric_es_interval(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    n_observations: int,
    coverage: float = 0.90,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
) -> RiskInterval:
    """Return the sampling error of `parametric_es` that comes from estimating the variance.

    Parameters
    ----------
    exposures, covariance, confidence, n_observations, coverage, mean, degrees_of_freedom
        As `parametric_var_interval`.

    Returns
    -------
    RiskInterval
        From (n − 1)s²/σ² ~ χ² with n − 1 degrees of freedom, exact for normal returns.

    Raises
    ------
    InsufficientHistory, ShapeMismatch, NotFinite, OutOfRange, SingularMatrix
        As `parametric_var_interval`.
    """
    low, high = volatility_bounds(n_observations, coverage)
    drift, volatility = book_moments(exposures, covariance, mean)
    spread = tail_mean(confidence_level(confidence), degrees_of_freedom) * volatility
    return RiskInterval(low * spread - drift, high * spread - drift, coverage)
