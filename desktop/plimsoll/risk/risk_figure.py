"""A risk figure as a function of the exposures, with the slope by which cuts are chosen."""

import math
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray, confidence_level, matrix, probabilities, square, vector, within
from plimsoll.risk.errors import OutOfRange, ShapeMismatch
from plimsoll.risk.expected_shortfall import tail_weights
from plimsoll.risk.normal import tail_mean, tail_quantile
from plimsoll.risk.quantile import needed_tail


class RiskFigure(Protocol):
    """A loss figure that doubles when the book doubles.

    Euler's theorem then gives ``exposures @ slope(exposures) == value(exposures)``.
    """

    @property
    def n_assets(self) -> int:
        """How many exposures the figure reads."""

    def value(self, exposures: FloatArray) -> float:
        """Return the figure in base currency, a loss being positive."""

    def slope(self, exposures: FloatArray) -> FloatArray:
        """Return its (sub)gradient, shape (n_assets,): loss per unit of exposure."""

    def ceiling_at(self, exposures: FloatArray) -> "RiskFigure":
        """Return a convex figure nowhere below this one and equal to it at `exposures`."""


@dataclass(frozen=True, slots=True)
class ParametricRisk:
    """Multiplier times volatility less mean: parametric VaR or ES; `parametric_risk` makes one.

    Attributes
    ----------
    covariance : ndarray of shape (n_assets, n_assets)
        Of returns over the figure's horizon.
    multiplier : float
        Of the volatility, such as 2.32635.
    mean : ndarray of shape (n_assets,)
        Expected P&L per unit of exposure.
    """

    covariance: FloatArray
    multiplier: float
    mean: FloatArray

    @property
    def n_assets(self) -> int:
        """How many exposures the figure reads."""
        return len(self.covariance)

    def value(self, exposures: FloatArray) -> float:
        """Return multiplier · √(VᵀΣV) − Vᵀμ."""
        return self.multiplier * self._volatility(exposures) - float(exposures @ self.mean)

    def slope(self, exposures: FloatArray) -> FloatArray:
        """Return multiplier · ΣV/σ − μ, and −μ for a book without volatility."""
        volatility = self._volatility(exposures)
        if volatility == 0.0:
            return -self.mean
        return self.multiplier * (self.covariance @ exposures) / volatility - self.mean

    def ceiling_at(self, exposures: FloatArray) -> RiskFigure:
        """Return itself: the figure is convex."""
        del exposures
        return self

    def _volatility(self, exposures: FloatArray) -> float:
        return math.sqrt(max(0.0, float(exposures @ self.covariance @ exposures)))


@dataclass(frozen=True, slots=True)
class SimulatedShortfall:
    """Expected shortfall over scenarios, tail filled to exactly 1 − c; `simulated_shortfall` makes one.

    Attributes
    ----------
    returns : ndarray of shape (n_scenarios, n_assets)
        Simple returns as fractions, oldest first.
    confidence : float
        In (0.5, 1).
    weights : ndarray of shape (n_scenarios,) or None
        Probabilities of the scenarios; None is equal.
    """

    returns: FloatArray
    confidence: float
    weights: FloatArray | None

    @property
    def n_assets(self) -> int:
        """How many exposures the figure reads."""
        return int(self.returns.shape[1])

    def value(self, exposures: FloatArray) -> float:
        """Return the mean loss of the tail."""
        return float(exposures @ self.slope(exposures))

    def slope(self, exposures: FloatArray) -> FloatArray:
        """Return the mean loss per unit of each exposure in the book's tail scenarios."""
        tail = tail_weights(self.returns @ exposures, confidence=self.confidence, weights=self.weights)
        return np.asarray(-(tail @ self.returns))

    def ceiling_at(self, exposures: FloatArray) -> RiskFigure:
        """Return itself: the figure is convex."""
        del exposures
        return self


@dataclass(frozen=True, slots=True)
class WorstLoss:
    """Largest loss among the scenarios given: the convex ceiling of a simulated VaR.

    Attributes
    ----------
    returns : ndarray of shape (n_scenarios, n_assets)
        Simple returns as fractions.
    """

    returns: FloatArray

    @property
    def n_assets(self) -> int:
        """How many exposures the figure reads."""
        return int(self.returns.shape[1])

    def value(self, exposures: FloatArray) -> float:
        """Return the largest loss."""
        return float(exposures @ self.slope(exposures))

    def slope(self, exposures: FloatArray) -> FloatArray:
        """Return the losses per unit of exposure in the worst scenario."""
        worst = int((self.returns @ exposures).argmin())
        return np.asarray(-self.returns[worst], dtype=np.float64)

    def ceiling_at(self, exposures: FloatArray) -> RiskFigure:
        """Return itself: the figure is convex."""
        del exposures
        return self


@dataclass(frozen=True, slots=True)
class SimulatedVar:
    """Historical VaR by the rank rule over equally likely scenarios; `simulated_var` makes one.

    Attributes
    ----------
    returns : ndarray of shape (n_scenarios, n_assets)
        Simple returns as fractions.
    n_beyond : int
        How many losses may exceed the figure: floor(n(1 − c)).
    """

    returns: FloatArray
    n_beyond: int

    @property
    def n_assets(self) -> int:
        """How many exposures the figure reads."""
        return int(self.returns.shape[1])

    def value(self, exposures: FloatArray) -> float:
        """Return the loss of rank floor(n(1 − c)) + 1."""
        return float(exposures @ self.slope(exposures))

    def slope(self, exposures: FloatArray) -> FloatArray:
        """Return the losses per unit of exposure in the scenario that is the VaR."""
        scenario = int(self._order(exposures)[self.n_beyond])
        return np.asarray(-self.returns[scenario], dtype=np.float64)

    def ceiling_at(self, exposures: FloatArray) -> RiskFigure:
        """Return the worst loss of all scenarios but those now beyond the VaR."""
        return WorstLoss(self.returns[np.sort(self._order(exposures)[self.n_beyond :])])

    def _order(self, exposures: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
        return np.argsort(self.returns @ exposures, kind="stable")


def parametric_risk(
    covariance: ArrayLike,
    *,
    confidence: float,
    figure: Literal["var", "es"] = "var",
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
) -> ParametricRisk:
    """Return parametric VaR or ES as a function of the exposures.

    Parameters
    ----------
    covariance : array_like of shape (n_assets, n_assets)
        Of returns over the figure's horizon.
    confidence : float
        In (0.5, 1).
    figure : {"var", "es"}
        Quantile, or mean beyond it.
    mean : array_like of shape (n_assets,), optional
        Expected P&L per unit of exposure; it lowers the loss.
    degrees_of_freedom : float, optional
        Of a Student t of the same covariance, above 2; None is the normal.

    Returns
    -------
    ParametricRisk
        Agrees with `parametric_var` and `parametric_es`.

    Raises
    ------
    ShapeMismatch, NotFinite, OutOfRange
        If the arrays do not belong together, hold a gap, or a parameter lies outside its domain.

    Examples
    --------
    >>> risk = parametric_risk([[0.0004]], confidence=0.99)
    >>> round(risk.value(np.array([1e6])), 1)
    46527.0
    """
    sigma = square(covariance, "covariance")
    drift = np.zeros(sigma.shape[0]) if mean is None else vector(mean, "mean")
    if drift.shape[0] != sigma.shape[0]:
        raise ShapeMismatch(f"mean had {drift.shape[0]} entries, expected {sigma.shape[0]}, one an asset")
    multiplier = tail_quantile if figure == "var" else tail_mean
    return ParametricRisk(sigma, multiplier(confidence_level(confidence), degrees_of_freedom), drift)


def simulated_shortfall(
    returns: ArrayLike, *, confidence: float, weights: ArrayLike | None = None
) -> SimulatedShortfall:
    """Return the expected shortfall over scenarios as a function of the exposures.

    Parameters
    ----------
    returns : array_like of shape (n_scenarios, n_assets)
        Simple returns as fractions.
    confidence : float
        In (0.5, 1).
    weights : array_like of shape (n_scenarios,), optional
        Probabilities; then no minimum sample applies.

    Returns
    -------
    SimulatedShortfall
        Agrees with ``historical_es(returns @ exposures, tail="fractional")``.

    Raises
    ------
    InsufficientHistory
        If no whole scenario lies in the tail of an unweighted sample.
    ShapeMismatch, NotFinite, OutOfRange, InvalidWeights
        If the arrays do not belong together, hold a gap, or a parameter lies outside its domain.

    Examples
    --------
    >>> risk = simulated_shortfall([[-0.05], [-0.03], [0.01], [0.02]], confidence=0.75)
    >>> risk.value(np.array([100.0]))
    5.0
    """
    scenarios = matrix(returns, "returns")
    if weights is None:
        needed_tail(scenarios.shape[0], confidence)
        return SimulatedShortfall(scenarios, confidence, None)
    return SimulatedShortfall(
        scenarios, confidence_level(confidence), probabilities(weights, scenarios.shape[0])
    )


def simulated_var(returns: ArrayLike, *, confidence: float) -> SimulatedVar:
    """Return the historical VaR over scenarios, rank rule, as a function of the exposures.

    Parameters
    ----------
    returns : array_like of shape (n_scenarios, n_assets)
        Simple returns as fractions.
    confidence : float
        In (0.5, 1).

    Returns
    -------
    SimulatedVar
        Agrees with ``historical_var(returns @ exposures, rule="rank")``.

    Raises
    ------
    InsufficientHistory
        If no whole scenario lies in the tail.
    ShapeMismatch, NotFinite, OutOfRange
        If the matrix has another shape, holds a gap, or the confidence lies outside (0.5, 1).

    Examples
    --------
    >>> risk = simulated_var([[-0.05], [-0.03], [0.01], [0.02]], confidence=0.75)
    >>> risk.value(np.array([100.0]))
    3.0
    """
    scenarios = matrix(returns, "returns")
    return SimulatedVar(scenarios, int(needed_tail(scenarios.shape[0], confidence)))


def exposures_for(figure: RiskFigure, exposures: ArrayLike, limit: float) -> tuple[FloatArray, float]:
    """Return exposures and limit checked against the figure they are for.

    Raises
    ------
    ShapeMismatch
        If there is not one exposure for each asset of the figure.
    NotFinite
        If an exposure is NaN or infinite.
    OutOfRange
        If the limit is below zero or not finite.
    """
    book = vector(exposures, "exposures")
    if book.shape[0] != figure.n_assets:
        raise ShapeMismatch(f"exposures had {book.shape[0]} entries, expected {figure.n_assets}")
    line = within(limit, "limit", 0.0, np.finfo(np.float64).max, closed=True)
    return book, line


def money_per_unit(values: ArrayLike | None, name: str, n_assets: int, default: float) -> FloatArray:
    """Return one number an asset, none below zero: costs as fractions, or lots as money.

    Raises
    ------
    ShapeMismatch
        If there is not one for each asset.
    OutOfRange
        If one is below zero.
    """
    numbers = np.full(n_assets, default) if values is None else vector(values, name)
    if numbers.shape[0] != n_assets:
        raise ShapeMismatch(f"{name} had {numbers.shape[0]} entries, expected {n_assets}, one an asset")
    if (numbers < 0.0).any():
        raise OutOfRange(f"{name} held {numbers.min()}, expected none below zero")
    return numbers
