"""Who carries the risk of a linear book under a covariance: marginal, component and incremental figures.

Our words: *marginal* is the derivative, *component* is exposure times marginal and adds up to the whole
(Euler), *incremental* is the figure with less the figure without. Some sources call our incremental
"marginal".
"""

from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, confidence_level, square, vector
from plimsoll.risk.change_attribution import (
    ChangeAttribution,
    RiskInputs,
    attribute_change,
    risk_change,
    var_change,
)
from plimsoll.risk.cornish_fisher_attribution import cornish_fisher_component_es, cornish_fisher_component_var
from plimsoll.risk.errors import NotPositive, ShapeMismatch, SingularMatrix
from plimsoll.risk.linear_book import book_moments
from plimsoll.risk.normal import tail_mean, tail_quantile
from plimsoll.risk.simulated_attribution import es_contributions, simulated_incremental_var, var_contributions
from plimsoll.risk.value_at_risk import parametric_var

__all__ = [
    "ChangeAttribution",
    "RiskInputs",
    "attribute_change",
    "component_es",
    "component_var",
    "component_volatility",
    "cornish_fisher_component_es",
    "cornish_fisher_component_var",
    "diversification_ratio",
    "es_contributions",
    "incremental_var",
    "marginal_var",
    "risk_change",
    "simulated_incremental_var",
    "undiversified_var",
    "var_change",
    "var_contributions",
]


@refuses_overflow
def marginal_var(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
) -> FloatArray:
    """Return the change of parametric VaR per unit of money added to each asset.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money in base currency.
    covariance : array_like of shape (n_assets, n_assets)
        Covariance of simple returns as fractions, per horizon.
    confidence : float
        In (0.5, 1).
    mean : array_like of shape (n_assets,), optional
        Expected profit per unit of exposure; it lowers the loss.
    degrees_of_freedom : float, optional
        ν > 2 of a multivariate Student t with this covariance; the normal if None.

    Returns
    -------
    ndarray of shape (n_assets,)
        ``z (ΣV)_i / σ_p − μ_i``, a pure number; below zero where more of the asset would lower the VaR.

    Raises
    ------
    NotPositive
        If the book has no volatility: the figure has a kink there and no derivative.
    ShapeMismatch, NotFinite, OutOfRange, SingularMatrix
        As `plimsoll.risk.value_at_risk.parametric_var`.

    References
    ----------
    .. [1] Jorion, "Value at Risk", 3rd edition, McGraw-Hill, 2007, chapter 7.

    Examples
    --------
    >>> volatility = np.array([0.015, 0.02, 0.009])
    >>> correlation = np.array([[1, 0.5, 0.2], [0.5, 1, -0.1], [0.2, -0.1, 1]])
    >>> covariance = correlation * np.outer(volatility, volatility)
    >>> [round(m, 6) for m in marginal_var([600e3, -250e3, 400e3], covariance, confidence=0.99).tolist()]
    [0.026481, -0.004206, 0.012984]
    """
    multiple = tail_quantile(confidence_level(confidence), degrees_of_freedom)
    gradient = _volatility_gradient(exposures, covariance)
    if gradient is None:
        raise NotPositive(
            "the book's volatility was 0, expected above zero: a flat book has no marginal figure"
        )
    _, drift = _money_and_drift(exposures, covariance, mean)
    return multiple * gradient - drift


@refuses_overflow
def component_var(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
) -> FloatArray:
    """Return each asset's part of the parametric VaR; the parts sum to it.

    Parameters
    ----------
    exposures, covariance, confidence, mean, degrees_of_freedom
        As `marginal_var`.

    Returns
    -------
    ndarray of shape (n_assets,)
        ``V_i (z (ΣV)_i / σ_p − μ_i)`` in base currency; negative for a line that hedges the rest at the
        margin. A book without volatility has only the parts of its mean.

    Raises
    ------
    ShapeMismatch, NotFinite, OutOfRange, SingularMatrix
        As `plimsoll.risk.value_at_risk.parametric_var`.

    References
    ----------
    .. [1] Hallerbach, "Decomposing Portfolio Value-at-Risk: A General Analysis", Journal of Risk 5(2), 2003.

    Examples
    --------
    >>> volatility = np.array([0.015, 0.02, 0.009])
    >>> correlation = np.array([[1, 0.5, 0.2], [0.5, 1, -0.1], [0.2, -0.1, 1]])
    >>> covariance = correlation * np.outer(volatility, volatility)
    >>> component_var([600e3, -250e3, 400e3], covariance, confidence=0.99).round(2).tolist()
    [15888.47, 1051.41, 5193.46]
    """
    multiple = tail_quantile(confidence_level(confidence), degrees_of_freedom)
    return _components(exposures, covariance, mean, multiple)


@refuses_overflow
def component_es(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
) -> FloatArray:
    """Return each asset's part of the parametric expected shortfall; the parts sum to it.

    Parameters
    ----------
    exposures, covariance, confidence, mean, degrees_of_freedom
        As `marginal_var`.

    Returns
    -------
    ndarray of shape (n_assets,)
        As `component_var` with the tail mean, φ(z)/α for the normal, in place of z.

    Raises
    ------
    ShapeMismatch, NotFinite, OutOfRange, SingularMatrix
        As `plimsoll.risk.value_at_risk.parametric_var`.

    Examples
    --------
    >>> volatility = np.array([0.015, 0.02, 0.009])
    >>> correlation = np.array([[1, 0.5, 0.2], [0.5, 1, -0.1], [0.2, -0.1, 1]])
    >>> covariance = correlation * np.outer(volatility, volatility)
    >>> round(float(component_es([600e3, -250e3, 400e3], covariance, confidence=0.975).sum()), 2)
    22242.32
    """
    multiple = tail_mean(confidence_level(confidence), degrees_of_freedom)
    return _components(exposures, covariance, mean, multiple)


@refuses_overflow
def component_volatility(
    exposures: ArrayLike, covariance: ArrayLike, *, mean: ArrayLike | None = None
) -> FloatArray:
    """Return each asset's part of the book's standard deviation; the parts sum to it.

    Parameters
    ----------
    exposures, covariance
        As `marginal_var`.
    mean : array_like of shape (n_assets,), optional
        If given, part i takes ``−V_i μ_i`` as in `component_var`, and the sum is the loss at one standard
        deviation.

    Returns
    -------
    ndarray of shape (n_assets,)
        ``V_i (ΣV)_i / σ_p`` in base currency; zeros for a book without volatility.

    Raises
    ------
    ShapeMismatch, NotFinite, SingularMatrix
        As `plimsoll.risk.value_at_risk.parametric_var`.

    Examples
    --------
    >>> component_volatility([3.0, 4.0], np.eye(2)).round(9).tolist()
    [1.8, 3.2]
    """
    return _components(exposures, covariance, mean, 1.0)


@overload
def incremental_var(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
    trade: None = None,
) -> FloatArray: ...


@overload
def incremental_var(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
    trade: ArrayLike,
) -> float: ...


@refuses_overflow
def incremental_var(
    exposures: ArrayLike,
    covariance: ArrayLike,
    *,
    confidence: float,
    mean: ArrayLike | None = None,
    degrees_of_freedom: float | None = None,
    trade: ArrayLike | None = None,
) -> FloatArray | float:
    """Return what each line, or a trade, adds to the parametric VaR.

    Parameters
    ----------
    exposures, covariance, confidence, mean, degrees_of_freedom
        As `marginal_var`.
    trade : array_like of shape (n_assets,), optional
        Change of the exposures. Without it, the question is asked of each line already held.

    Returns
    -------
    ndarray of shape (n_assets,) or float
        VaR(book) − VaR(book without line i), one a line; with `trade`, VaR after − VaR before. Below zero
        where the line or the trade lowers the VaR. The lines do not sum to the VaR.

    Raises
    ------
    ShapeMismatch, NotFinite, OutOfRange, SingularMatrix
        As `plimsoll.risk.value_at_risk.parametric_var`.

    Examples
    --------
    >>> volatility = np.array([0.015, 0.02, 0.009])
    >>> correlation = np.array([[1, 0.5, 0.2], [0.5, 1, -0.1], [0.2, -0.1, 1]])
    >>> covariance = correlation * np.outer(volatility, volatility)
    >>> incremental_var([600e3, -250e3, 400e3], covariance, confidence=0.99).round(2).tolist()
    [7136.06, -1921.59, 3963.98]
    """
    multiple = tail_quantile(confidence_level(confidence), degrees_of_freedom)
    drift_of_book, volatility = book_moments(exposures, covariance, mean)
    figure = multiple * volatility - drift_of_book
    money, drift = _money_and_drift(exposures, covariance, mean)
    if trade is not None:
        change = vector(trade, "trade")
        if change.shape != money.shape:
            raise ShapeMismatch(
                f"trade had {change.shape[0]} entries and exposures {money.shape[0]}, expected as many"
            )
        after = parametric_var(
            money + change,
            covariance,
            confidence=confidence,
            mean=mean,
            degrees_of_freedom=degrees_of_freedom,
        )
        return after - figure
    sigma = np.asarray(covariance, dtype=np.float64)
    # Without line i the variance is σ² − 2 V_i (ΣV)_i + V_i² Σ_ii; rounding may take it a hair below zero.
    without = volatility**2 - 2.0 * money * (sigma @ money) + money**2 * np.diag(sigma)
    figures = multiple * np.sqrt(np.maximum(without, 0.0)) - (drift_of_book - money * drift)
    return figure - figures


def undiversified_var(
    exposures: ArrayLike, covariance: ArrayLike, *, confidence: float, degrees_of_freedom: float | None = None
) -> float:
    """Return the sum of the VaRs of the single lines, as if all moved against the book at once.

    Parameters
    ----------
    exposures, covariance, confidence, degrees_of_freedom
        As `marginal_var`.

    Returns
    -------
    float
        ``z Σ |V_i| σ_i`` in base currency.

    Raises
    ------
    ShapeMismatch, NotFinite, OutOfRange, SingularMatrix
        As `plimsoll.risk.value_at_risk.parametric_var`; also if a variance is below zero.

    Examples
    --------
    >>> covariance = np.diag([0.015**2, 0.02**2, 0.009**2])
    >>> round(undiversified_var([600e3, -250e3, 400e3], covariance, confidence=0.99), 2)
    40943.72
    """
    multiple = tail_quantile(confidence_level(confidence), degrees_of_freedom)
    return multiple * _volatility_of_lines(exposures, covariance)


@refuses_overflow
def diversification_ratio(exposures: ArrayLike, covariance: ArrayLike) -> float:
    """Return the volatility of the lines taken alone over that of the book.

    Parameters
    ----------
    exposures, covariance
        As `marginal_var`.

    Returns
    -------
    float
        ``Σ |V_i| σ_i / σ_p``, at or above 1.

    Raises
    ------
    NotPositive
        If the book has no volatility.
    ShapeMismatch, NotFinite, SingularMatrix
        As `plimsoll.risk.value_at_risk.parametric_var`.

    References
    ----------
    .. [1] Choueifaty and Coignard, "Toward Maximum Diversification", Journal of Portfolio Management 35(1),
       2008.

    Examples
    --------
    >>> volatility = np.array([0.015, 0.02, 0.009])
    >>> correlation = np.array([[1, 0.5, 0.2], [0.5, 1, -0.1], [0.2, -0.1, 1]])
    >>> covariance = correlation * np.outer(volatility, volatility)
    >>> round(diversification_ratio([600e3, -250e3, 400e3], covariance), 3)
    1.85
    """
    alone = _volatility_of_lines(exposures, covariance)
    _, together = book_moments(exposures, covariance, None)
    if together == 0.0:
        raise NotPositive(
            "the book's volatility was 0, expected above zero: a flat book has no diversification"
        )
    return alone / together


def _volatility_of_lines(exposures: ArrayLike, covariance: ArrayLike) -> float:
    money = vector(exposures, "exposures")
    variances = np.diag(square(covariance, "covariance", size=money.shape[0]))
    if (variances < 0.0).any():
        raise SingularMatrix(f"covariance had a variance of {variances.min()}, expected none below zero")
    return float(np.abs(money) @ np.sqrt(variances))


def _money_and_drift(
    exposures: ArrayLike, covariance: ArrayLike, mean: ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    book_moments(exposures, covariance, mean)
    money = vector(exposures, "exposures")
    return money, np.zeros_like(money) if mean is None else vector(mean, "mean")


# None where the book has no volatility.
def _volatility_gradient(exposures: ArrayLike, covariance: ArrayLike) -> FloatArray | None:
    _, volatility = book_moments(exposures, covariance, None)
    if volatility == 0.0:
        return None
    sigma = np.asarray(covariance, dtype=np.float64)
    gradient: FloatArray = sigma @ vector(exposures, "exposures") / volatility
    return gradient


def _components(
    exposures: ArrayLike, covariance: ArrayLike, mean: ArrayLike | None, multiple: float
) -> FloatArray:
    money, drift = _money_and_drift(exposures, covariance, mean)
    gradient = _volatility_gradient(exposures, covariance)
    spread = np.zeros_like(money) if gradient is None else multiple * gradient
    return money * (spread - drift)
