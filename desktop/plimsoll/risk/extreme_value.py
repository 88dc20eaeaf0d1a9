"""Value at risk and expected shortfall from a generalised Pareto tail."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, confidence_level, whole_tail_count, within
from plimsoll.risk.errors import InsufficientHistory, NotConverged, OutOfRange, OutsideValidity
from plimsoll.risk.normal import normal_quantile
from plimsoll.risk.quantile import profits
from plimsoll.risk.risk_interval import RiskInterval

N_EXCEEDANCES_NEEDED: Final = 5
DEFAULT_TAIL_FRACTION: Final = 0.10
_NEARLY_EXPONENTIAL: Final = 1e-6


@dataclass(frozen=True, slots=True)
class ExtremeValueFit:
    """A generalised Pareto tail and the figures read from it.

    Attributes
    ----------
    threshold : float
        Loss in money above which the tail begins.
    n_exceedances, n_scenarios : int
        Losses strictly above it, and all.
    shape, scale : float
        ξ without a unit, β in money.
    log_likelihood : float
        Of the excesses, in the unit of the losses.
    confidence : float
        Of `var` and `es`.
    """

    threshold: float
    n_exceedances: int
    n_scenarios: int
    shape: float
    scale: float
    log_likelihood: float
    confidence: float

    @property
    def var(self) -> float:
        """Value at risk u + β/ξ · [((n/N_u)(1 − c))^{−ξ} − 1], in money."""
        return self.loss_at(1.0 - self.confidence)

    @property
    @refuses_overflow
    def es(self) -> float:
        """Expected shortfall (VaR + β − ξu)/(1 − ξ), in money.

        Raises
        ------
        OutsideValidity
            If ξ ≥ 1: the tail is so heavy that the mean does not exist.
        """
        if self.shape >= 1.0:
            raise OutsideValidity(f"shape was {self.shape:.6g}, expected below one: no mean loss exists")
        return (self.var + self.scale - self.shape * self.threshold) / (1.0 - self.shape)

    @refuses_overflow
    def loss_at(self, probability: float) -> float:
        """Return the loss exceeded with a probability, the inverse of `tail_probability`.

        Raises
        ------
        OutOfRange
            If the probability is not above zero, or above the share of exceedances, where the tail begins.
        """
        share = self.n_exceedances / self.n_scenarios
        ratio = probability / share
        if not 0.0 < ratio <= 1.0 + 1e-9:
            raise OutOfRange(
                f"probability was {probability}, expected above zero, at most {share}, where the tail begins"
            )
        if abs(self.shape) < _NEARLY_EXPONENTIAL:
            return self.threshold - self.scale * math.log(ratio)
        return self.threshold + self.scale * math.expm1(-self.shape * math.log(ratio)) / self.shape

    @refuses_overflow
    def tail_probability(self, loss: float) -> float:
        """Return the probability of a greater loss, (N_u/n)(1 + ξ(x − u)/β)^{−1/ξ}.

        Raises
        ------
        OutOfRange
            If the loss is below the threshold, where the tail says nothing.
        """
        if not loss >= self.threshold:
            raise OutOfRange(f"loss was {loss}, expected at least the threshold {self.threshold}")
        share = self.n_exceedances / self.n_scenarios
        excess = (loss - self.threshold) / self.scale
        if abs(self.shape) < _NEARLY_EXPONENTIAL:
            return share * math.exp(-excess)
        inside = 1.0 + self.shape * excess
        return share * inside ** (-1.0 / self.shape) if inside > 0.0 else 0.0

    @property
    @refuses_overflow
    def standard_error(self) -> float:
        """Standard error of `var` by the delta method, the share of exceedances binomial.

        Raises
        ------
        OutsideValidity
            If ξ ≤ −½, where maximum likelihood is not asymptotically normal.
        """
        return self._error_along(*self._slopes_of_var())

    @property
    @refuses_overflow
    def es_standard_error(self) -> float:
        """Standard error of `es`, as `standard_error`.

        Raises
        ------
        OutsideValidity
            If ξ ≤ −½, or ξ ≥ 1, where there is no shortfall.
        """
        shortfall, room = self.es, 1.0 - self.shape
        by_shape, by_scale, by_share = self._slopes_of_var()
        # ES = (VaR + β − ξu)/(1 − ξ), by each parameter.
        return self._error_along(
            (by_shape - self.threshold + shortfall) / room, (by_scale + 1.0) / room, by_share / room
        )

    def _slopes_of_var(self) -> tuple[float, float, float]:
        share = self.n_exceedances / self.n_scenarios
        log_ratio = math.log((1.0 - self.confidence) / share)
        power = math.exp(-self.shape * log_ratio)
        if abs(self.shape) < _NEARLY_EXPONENTIAL:
            by_shape = 0.5 * self.scale * log_ratio**2
        else:
            lift = self.scale / self.shape
            by_shape = -lift * ((power - 1.0) / self.shape + power * log_ratio)
        return by_shape, (self.var - self.threshold) / self.scale, self.scale * power / share

    def _error_along(self, by_shape: float, by_scale: float, by_share: float) -> float:
        if self.shape <= -0.5:
            raise OutsideValidity(f"shape was {self.shape:.6g}, expected above -0.5 for a standard error")
        share = self.n_exceedances / self.n_scenarios
        spread = 1.0 + self.shape
        variance = (
            by_shape**2 * spread**2
            + 2.0 * by_scale**2 * self.scale**2 * spread
            - 2.0 * by_shape * by_scale * self.scale * spread
        ) / self.n_exceedances
        variance += by_share**2 * share * (1.0 - share) / self.n_scenarios
        return math.sqrt(variance)


def extreme_value_var(
    pnl: ArrayLike,
    *,
    confidence: float,
    threshold: float | None = None,
    tail_fraction: float | None = None,
) -> ExtremeValueFit:
    """Return the value at risk, expected shortfall and tail probabilities of a generalised Pareto tail.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Profits in base currency; losses strictly over the threshold are the tail.
    confidence : float
        In (0.5, 1), and beyond the threshold: 1 − c not above the share of exceedances.
    threshold : float, optional
        Loss in money.
    tail_fraction : float, optional
        Instead of a threshold, the share of scenarios in the tail, in (0, 0.5]: the threshold is then the
        loss of rank floor(n · fraction) + 1. Neither means 0.10.

    Returns
    -------
    ExtremeValueFit
        Maximum likelihood; four digits do not depend on the unit, and there is no starting value.

    Raises
    ------
    InsufficientHistory
        With fewer than five exceedances.
    OutOfRange
        If both threshold and fraction are given, one is outside its range, or the confidence lies below the
        threshold.
    NotConverged
        If the likelihood has no maximum with ξ > −1 (short, bounded tails).
    NotFinite, ShapeMismatch
        If `pnl` is no finite vector.

    Notes
    -----
    With θ = ξ/β, ξ(θ) is the mean of ln(1 + θy) and the likelihood has one unknown [2]_: every stationary
    point is bracketed on a grid and solved, and the highest taken.

    References
    ----------
    .. [1] McNeil, Frey and Embrechts, "Quantitative Risk Management", 2015, section 5.2.
    .. [2] Grimshaw, "Computing maximum likelihood estimates for the generalized Pareto distribution",
       Technometrics 35, 1993.
    """
    profit = profits(pnl)
    level = confidence_level(confidence)
    losses = 0.0 - profit
    border = _threshold(losses, threshold, tail_fraction)
    excesses = losses[losses > border] - border
    n_exceedances, n_scenarios = excesses.shape[0], losses.shape[0]
    if n_exceedances < N_EXCEEDANCES_NEEDED:
        raise InsufficientHistory(
            f"{n_exceedances} losses exceeded {border}, expected at least {N_EXCEEDANCES_NEEDED}: lower the "
            "threshold or lengthen the window",
            n_observations=n_exceedances,
            n_needed=N_EXCEEDANCES_NEEDED,
        )
    share = n_exceedances / n_scenarios
    if 1.0 - level > share * (1.0 + 1e-9):
        raise OutOfRange(
            f"confidence was {confidence}, expected at least {1.0 - share}: the tail begins there"
        )
    unit = float(excesses.mean())
    shape, relative_scale = _most_likely(excesses / unit)
    scale = relative_scale * unit
    return ExtremeValueFit(
        threshold=border,
        n_exceedances=n_exceedances,
        n_scenarios=n_scenarios,
        shape=shape,
        scale=scale,
        log_likelihood=-n_exceedances * (math.log(scale) + 1.0 + shape),
        confidence=level,
    )


def extreme_value_var_interval(
    pnl: ArrayLike,
    *,
    confidence: float,
    threshold: float | None = None,
    tail_fraction: float | None = None,
    coverage: float = 0.90,
) -> RiskInterval:
    """Return the sampling error of `extreme_value_var` by its standard error.

    Parameters
    ----------
    pnl, confidence, threshold, tail_fraction
        As `extreme_value_var`.
    coverage : float
        In (0, 1), split evenly.

    Returns
    -------
    RiskInterval
        VaR ± z · standard error; the coverage is nominal.

    Raises
    ------
    OutsideValidity
        If ξ ≤ −½.
    InsufficientHistory, OutOfRange, NotConverged, NotFinite, ShapeMismatch
        As `extreme_value_var`.
    """
    half = 0.5 + 0.5 * within(coverage, "coverage", 0.0, 1.0)
    fit = extreme_value_var(pnl, confidence=confidence, threshold=threshold, tail_fraction=tail_fraction)
    reach = normal_quantile(half) * fit.standard_error
    return RiskInterval(fit.var - reach, fit.var + reach, coverage)


def extreme_value_es(
    pnl: ArrayLike,
    *,
    confidence: float,
    threshold: float | None = None,
    tail_fraction: float | None = None,
) -> float:
    """Return the expected shortfall of a generalised Pareto tail.

    Parameters
    ----------
    pnl, confidence, threshold, tail_fraction
        As `extreme_value_var`.

    Returns
    -------
    float
        Loss in base currency.

    Raises
    ------
    OutsideValidity
        If ξ ≥ 1.
    InsufficientHistory, OutOfRange, NotConverged, NotFinite, ShapeMismatch
        As `extreme_value_var`.
    """
    fit = extreme_value_var(pnl, confidence=confidence, threshold=threshold, tail_fraction=tail_fraction)
    return fit.es


def extreme_value_es_interval(
    pnl: ArrayLike,
    *,
    confidence: float,
    threshold: float | None = None,
    tail_fraction: float | None = None,
    coverage: float = 0.90,
) -> RiskInterval:
    """Return the sampling error of `extreme_value_es` by its standard error.

    Parameters
    ----------
    pnl, confidence, threshold, tail_fraction
        As `extreme_value_var`.
    coverage : float
        In (0, 1), split evenly.

    Returns
    -------
    RiskInterval
        ES ± z · standard error; the coverage is nominal.

    Raises
    ------
    OutsideValidity
        If ξ ≤ −½ or ξ ≥ 1.
    InsufficientHistory, OutOfRange, NotConverged, NotFinite, ShapeMismatch
        As `extreme_value_var`.
    """
    half = 0.5 + 0.5 * within(coverage, "coverage", 0.0, 1.0)
    fit = extreme_value_var(pnl, confidence=confidence, threshold=threshold, tail_fraction=tail_fraction)
    reach = normal_quantile(half) * fit.es_standard_error
    return RiskInterval(fit.es - reach, fit.es + reach, coverage)


def _threshold(losses: FloatArray, threshold: float | None, tail_fraction: float | None) -> float:
    if threshold is not None:
        if tail_fraction is not None:
            raise OutOfRange("threshold and tail_fraction were both given, expected one of them")
        return within(threshold, "threshold", -math.inf, math.inf)
    fraction = within(
        DEFAULT_TAIL_FRACTION if tail_fraction is None else tail_fraction, "tail_fraction", 0.0, 0.5 + 1e-12
    )
    n_beyond = whole_tail_count(losses.shape[0], 1.0 - fraction)
    if n_beyond < N_EXCEEDANCES_NEEDED:
        raise InsufficientHistory(
            f"{n_beyond} of {losses.shape[0]} scenarios lie in the tail, expected at least "
            f"{N_EXCEEDANCES_NEEDED}: lengthen the window",
            n_observations=n_beyond,
            n_needed=N_EXCEEDANCES_NEEDED,
        )
    rank = losses.shape[0] - 1 - n_beyond
    return float(np.partition(losses, rank)[rank])


def _most_likely(excesses: FloatArray) -> tuple[float, float]:
    # ξ and β of excesses of mean one. Candidates for θ = ξ/β run from the pole at −1/max to far past any
    # tail.
    from scipy.optimize import brentq

    pole = 1.0 / float(excesses.max())
    near_pole = -pole * (1.0 - np.geomspace(1e-9, 0.5, 120))
    inner = -np.geomspace(0.5 * pole, 1e-4 * pole, 60)
    grid = np.unique(np.concatenate([near_pole, inner, np.geomspace(1e-4 * pole, 1e6, 300)]))
    slopes = np.array([_slope(float(theta), excesses) for theta in grid])
    # The cost log β + ξ falls before a minimum and rises after it.
    places = np.flatnonzero((slopes[:-1] < 0.0) & (slopes[1:] >= 0.0))
    fits = []
    for place in places:
        theta = float(brentq(_slope, grid[place], grid[place + 1], args=(excesses,), xtol=1e-15, rtol=1e-14))
        fits.append(_shape_and_scale(theta, excesses))
    legal = [(math.log(scale) + shape, shape, scale) for shape, scale in fits if shape > -1.0]
    if not legal:
        raise NotConverged(
            "the tail had no likelihood maximum with a shape above -1, expected one: choose another threshold"
        )
    _, shape, scale = min(legal)
    return shape, scale


def _shape_and_scale(theta: float, excesses: FloatArray) -> tuple[float, float]:
    if abs(theta) < _NEARLY_EXPONENTIAL:
        mean, square = float(excesses.mean()), float((excesses**2).mean())
        return theta * mean, mean - 0.5 * theta * square
    shape = float(np.log1p(theta * excesses).mean())
    return shape, shape / theta


def _slope(theta: float, excesses: FloatArray) -> float:
    # d/dθ of log β(θ) + ξ(θ); at θ → 0 it tends to mean − (mean square)/(2 mean).
    if abs(theta) < _NEARLY_EXPONENTIAL:
        mean, square = float(excesses.mean()), float((excesses**2).mean())
        return mean - 0.5 * square / mean
    rise = float((excesses / (1.0 + theta * excesses)).mean())
    shape = float(np.log1p(theta * excesses).mean())
    return rise + rise / shape - 1.0 / theta
