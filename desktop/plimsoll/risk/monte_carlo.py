"""Value at risk and expected shortfall by simulation, each with its standard error."""

import math
from typing import Final, Self

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import BoolArray, FloatArray, QuantileRule, square, tail_count
from plimsoll.risk.errors import OutOfRange, SingularMatrix
from plimsoll.risk.linear_book import book_moments
from plimsoll.risk.normal import student_scale
from plimsoll.risk.quantile import fractional_tail_mean, loss_quantile

# Numbers drawn at a time: 8 MB, so that 500 assets and 100,000 paths fit any machine.
_CHUNK: Final = 1 << 20


class SimulatedFigure(float):
    """A simulated figure with its standard error; a float in every other way.

    Attributes
    ----------
    standard_error : float
        Of the simulation alone, in the unit of the figure: how far another seed would land.
    n_simulations : int
        Paths behind the figure.
    """

    __slots__ = ("n_simulations", "standard_error")

    standard_error: float
    n_simulations: int

    def __new__(cls, value: float, *, standard_error: float = 0.0, n_simulations: int = 0) -> Self:
        """Make one; without a standard error it counts as exact."""
        figure = super().__new__(cls, value)
        figure.standard_error = standard_error
        figure.n_simulations = n_simulations
        return figure


@refuses_overflow
def simulated_pnl(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
    n_simulations: int = 100_000,
    seed: int = 0,
    antithetic: bool = True,
) -> FloatArray:
    """Return simulated profits of a linear book.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money per asset in base currency.
    covariance : array_like of shape (n_assets, n_assets)
        Covariance of simple returns as fractions, per horizon; singular is welcome.
    mean : array_like of shape (n_assets,), optional
        Expected profit per unit of exposure.
    degrees_of_freedom : float, optional
        ν > 2 of a multivariate Student t scaled by √((ν − 2)/χ²_ν), so that the covariance stays as given.
    n_simulations : int
        At least 100, and even with `antithetic`.
    seed : int
        The same seed gives the same profits.
    antithetic : bool
        Whether every draw is used with both signs; path i + n/2 mirrors path i about the mean.

    Returns
    -------
    ndarray of shape (n_simulations,)
        Profits in base currency.

    Raises
    ------
    SingularMatrix
        If the covariance has an eigenvalue below zero beyond rounding.
    ShapeMismatch, NotFinite, OutOfRange
        As `parametric_var`; also if `n_simulations` is below 100, or odd with `antithetic`.
    """
    drift, _ = book_moments(exposures, covariance, mean)
    if n_simulations < 100 or (antithetic and n_simulations % 2):
        raise OutOfRange(f"n_simulations was {n_simulations}, expected an even number of at least 100")
    value = np.asarray(exposures, dtype=np.float64)
    loadings = _loadings(square(covariance, "covariance"), value)
    n_drawn = n_simulations // 2 if antithetic else n_simulations
    draws = np.random.default_rng(seed)
    rows = max(1, _CHUNK // loadings.shape[0])
    drawn = np.concatenate(
        [
            draws.standard_normal((min(rows, n_drawn - first), loadings.shape[0])) @ loadings
            for first in range(0, n_drawn, rows)
        ]
    )
    if degrees_of_freedom is not None:
        student_scale(degrees_of_freedom)
        drawn *= np.sqrt((degrees_of_freedom - 2.0) / draws.chisquare(degrees_of_freedom, n_drawn))
    return drift + (np.concatenate([drawn, -drawn]) if antithetic else drawn)


def _loadings(covariance: FloatArray, value: FloatArray) -> FloatArray:
    # Q√Λ instead of Cholesky: a covariance of more assets than days has no Cholesky factor.
    eigenvalues, vectors = np.linalg.eigh(covariance)
    top = float(eigenvalues[-1])
    if float(eigenvalues[0]) < -1e-10 * abs(top):
        raise SingularMatrix(
            f"covariance had the eigenvalue {eigenvalues[0]:.6g}, expected none below zero: see nearest_psd"
        )
    result: FloatArray = np.sqrt(np.maximum(eigenvalues, 0.0)) * (vectors.T @ value)
    return result


def monte_carlo_var(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
    n_simulations: int = 100_000,
    seed: int = 0,
    antithetic: bool = True,
    rule: QuantileRule = "rank",
) -> SimulatedFigure:
    """Return the value at risk of a linear book by simulation.

    Parameters
    ----------
    exposures, covariance, mean, degrees_of_freedom, n_simulations, seed, antithetic
        As `simulated_pnl`.
    confidence : float
        In (0.5, 1).
    rule : {"rank", "ceil_rank", "linear", "interpolated_inverted_cdf"}
        As `historical_var`.

    Returns
    -------
    SimulatedFigure
        A float in base currency with `standard_error`: half the distance between the order statistics one
        standard error of the tail count apart, pairs of antithetic paths counted as one observation.

    Raises
    ------
    InsufficientHistory
        If no whole path lies in the tail.
    SingularMatrix, ShapeMismatch, NotFinite, OutOfRange
        As `simulated_pnl`.

    References
    ----------
    Glasserman, "Monte Carlo Methods in Financial Engineering", Springer, 2004, sections 4.2 and 9.1.

    Examples
    --------
    >>> figure = monte_carlo_var([1.0], [[1.0]], confidence=0.99)
    >>> abs(figure - 2.32635) < 3 * figure.standard_error
    True
    """
    pnl = simulated_pnl(
        exposures,
        covariance,
        mean=mean,
        degrees_of_freedom=degrees_of_freedom,
        n_simulations=n_simulations,
        seed=seed,
        antithetic=antithetic,
    )
    figure = loss_quantile(pnl, confidence=confidence, rule=rule)
    error = n_simulations * _error_of_mean(pnl <= -figure, antithetic=antithetic)
    losses = np.sort(-pnl)[::-1]
    tail = tail_count(n_simulations, confidence)
    fewer = max(int(tail - error), 0)
    more = min(math.ceil(tail + error), n_simulations - 1)
    half = 0.5 * float(losses[fewer] - losses[more])
    return SimulatedFigure(figure, standard_error=half, n_simulations=n_simulations)


def monte_carlo_es(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
    n_simulations: int = 100_000,
    seed: int = 0,
    antithetic: bool = True,
) -> SimulatedFigure:
    """Return the expected shortfall of a linear book by simulation.

    Parameters
    ----------
    exposures, covariance, mean, degrees_of_freedom, n_simulations, seed, antithetic
        As `simulated_pnl`.
    confidence : float
        In (0.5, 1).

    Returns
    -------
    SimulatedFigure
        Fractional tail; the standard error is that of the mean of VaR + (loss − VaR)⁺/(1 − c).

    Raises
    ------
    InsufficientHistory, SingularMatrix, ShapeMismatch, NotFinite, OutOfRange
        As `monte_carlo_var`.

    Examples
    --------
    >>> figure = monte_carlo_es([1.0], [[1.0]], confidence=0.975)
    >>> abs(figure - 2.33780) < 3 * figure.standard_error
    True
    """
    pnl = simulated_pnl(
        exposures,
        covariance,
        mean=mean,
        degrees_of_freedom=degrees_of_freedom,
        n_simulations=n_simulations,
        seed=seed,
        antithetic=antithetic,
    )
    figure = fractional_tail_mean(pnl, confidence=confidence)
    threshold = loss_quantile(pnl, confidence=confidence, rule="rank")
    beyond = np.maximum(-pnl - threshold, 0.0) / (1.0 - confidence)
    error = _error_of_mean(beyond, antithetic=antithetic)
    return SimulatedFigure(figure, standard_error=error, n_simulations=n_simulations)


def _error_of_mean(values: FloatArray | BoolArray, *, antithetic: bool) -> float:
    half = values.shape[0] // 2
    observed = 0.5 * (values[:half].astype(np.float64) + values[half:]) if antithetic else values
    return float(observed.std(ddof=1)) / math.sqrt(observed.shape[0])
