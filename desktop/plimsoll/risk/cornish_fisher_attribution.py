"""Who carries the Cornish-Fisher VaR and ES of a book: the exact derivative of the formula."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, matrix, vector
from plimsoll.risk.cornish_fisher import (
    EsVariant,
    Moments,
    Outside,
    cornish_fisher_es,
    cornish_fisher_gradient,
    cornish_fisher_quantile,
    cornish_fisher_var,
)
from plimsoll.risk.errors import ShapeMismatch
from plimsoll.risk.normal import normal_density, normal_quantile


class _Slopes(NamedTuple):
    mean: FloatArray
    volatility: FloatArray
    skewness: FloatArray
    excess_kurtosis: FloatArray


@refuses_overflow
def cornish_fisher_component_var(
    exposures: ArrayLike,
    returns: ArrayLike,
    *,
    confidence: float,
    ddof: int = 1,
    outside: Outside = "raise",
) -> FloatArray:
    """Return each asset's part of the Cornish-Fisher VaR; the parts sum to it.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money in base currency.
    returns : array_like of shape (n_days, n_assets)
        Simple returns as fractions.
    confidence : float
        In (0.5, 1).
    ddof : {0, 1}
        Of the variance only; third and fourth moments are means over n.
    outside : {"raise", "formula"}
        Outside the region of validity an error, or the derivative of the plain formula;
        `plimsoll.risk.cornish_fisher.cornish_fisher_var` of the same P&L carries the flag.

    Returns
    -------
    ndarray of shape (n_assets,)
        ``V_i ∂VaR/∂V_i`` in base currency. A book whose P&L never varies has only the parts of its mean.

    Raises
    ------
    OutsideValidity, InsufficientHistory, NotFinite, ShapeMismatch, OutOfRange
        As `plimsoll.risk.cornish_fisher.cornish_fisher_var`, or if returns have not one column an exposure.

    References
    ----------
    .. [1] Boudt, Peterson and Croux, "Estimation and decomposition of downside risk for portfolios with
       non-normal returns", Journal of Risk 11(2), 2008.

    Examples
    --------
    >>> returns = np.array([[0.01, 0.02], [-0.03, 0.01], [0.02, -0.04], [0.0, 0.01], [-0.01, 0.02]])
    >>> parts = cornish_fisher_component_var([60.0, 40.0], returns, confidence=0.95, outside="formula")
    >>> whole = cornish_fisher_var(returns @ [60.0, 40.0], confidence=0.95, outside="formula")
    >>> bool(abs(parts.sum() - whole) < 1e-12)
    True
    """
    money, table = _inputs(exposures, returns)
    figure = cornish_fisher_var(table @ money, confidence=confidence, ddof=ddof, outside=outside)
    slopes = _moment_slopes(money, table, figure.moments, ddof)
    return money * _var_slope(slopes, figure.moments, -normal_quantile(confidence))


@refuses_overflow
def cornish_fisher_component_es(
    exposures: ArrayLike,
    returns: ArrayLike,
    *,
    confidence: float,
    ddof: int = 1,
    outside: Outside = "raise",
    variant: EsVariant = "quantile_mean",
    floor_at_var: bool = True,
) -> FloatArray:
    """Return each asset's part of the Cornish-Fisher expected shortfall; the parts sum to it.

    Parameters
    ----------
    exposures, returns, confidence, ddof, outside
        As `cornish_fisher_component_var`.
    variant : {"quantile_mean", "boudt"}
        Which of the two shortfalls; see `plimsoll.risk.cornish_fisher.cornish_fisher_es`.
    floor_at_var : bool
        Where "boudt" stands on its floor, the parts are those of the VaR.

    Returns
    -------
    ndarray of shape (n_assets,)
        ``V_i ∂ES/∂V_i`` in base currency.

    Raises
    ------
    OutsideValidity, InsufficientHistory, NotFinite, ShapeMismatch, OutOfRange
        As `cornish_fisher_component_var`.

    References
    ----------
    .. [1] Boudt, Peterson and Croux, "Estimation and decomposition of downside risk for portfolios with
       non-normal returns", Journal of Risk 11(2), 2008.

    Examples
    --------
    >>> returns = np.array([[0.01, 0.02], [-0.03, 0.01], [0.02, -0.04], [0.0, 0.01], [-0.01, 0.02]])
    >>> parts = cornish_fisher_component_es([60.0, 40.0], returns, confidence=0.95, outside="formula")
    >>> whole = cornish_fisher_es(returns @ [60.0, 40.0], confidence=0.95, outside="formula")
    >>> bool(abs(parts.sum() - whole) < 1e-12)
    True
    """
    money, table = _inputs(exposures, returns)
    pnl = table @ money
    figure = cornish_fisher_es(
        pnl, confidence=confidence, ddof=ddof, outside=outside, variant=variant, floor_at_var=floor_at_var
    )
    moments = figure.moments
    slopes = _moment_slopes(money, table, moments, ddof)
    z = -normal_quantile(confidence)
    if variant == "boudt" and floor_at_var:
        on_the_floor = figure == cornish_fisher_var(pnl, confidence=confidence, ddof=ddof, outside="formula")
        if on_the_floor:
            return money * _var_slope(slopes, moments, z)
    by_skewness, by_kurtosis = (
        _boudt_gradient(z, moments) if variant == "boudt" else _quantile_mean_gradient(z, moments)
    )
    multiple = (float(figure) + moments.mean) / moments.volatility if moments.volatility > 0.0 else 0.0
    spread = multiple * slopes.volatility + moments.volatility * (
        by_skewness / (1.0 - confidence) * slopes.skewness
        + by_kurtosis / (1.0 - confidence) * slopes.excess_kurtosis
    )
    return money * (spread - slopes.mean)


def _inputs(exposures: ArrayLike, returns: ArrayLike) -> tuple[FloatArray, FloatArray]:
    money = vector(exposures, "exposures")
    table = matrix(returns, "returns")
    if table.shape[1] != money.shape[0]:
        raise ShapeMismatch(
            f"returns had {table.shape[1]} columns and exposures {money.shape[0]} entries, expected as many"
        )
    return money, table


def _moment_slopes(money: FloatArray, table: FloatArray, moments: Moments, ddof: int) -> _Slopes:
    mean = table.mean(axis=0)
    if moments.volatility == 0.0:
        still = np.zeros_like(money)
        return _Slopes(mean, still, still, still)
    n_days = table.shape[0]
    apart = (table - mean) / moments.volatility
    scaled = apart @ money
    volatility = scaled @ apart * moments.volatility / (n_days - ddof)
    per_volatility = volatility / moments.volatility
    third = 3.0 * (scaled**2 @ apart) / n_days
    fourth = 4.0 * (scaled**3 @ apart) / n_days
    return _Slopes(
        mean,
        volatility,
        third - 3.0 * moments.skewness * per_volatility,
        fourth - 4.0 * (moments.excess_kurtosis + 3.0) * per_volatility,
    )


def _var_slope(slopes: _Slopes, moments: Moments, z: float) -> FloatArray:
    expanded = cornish_fisher_quantile(z, moments.skewness, moments.excess_kurtosis)
    by_skewness, by_kurtosis = cornish_fisher_gradient(z, moments.skewness)
    shape = by_skewness * slopes.skewness + by_kurtosis * slopes.excess_kurtosis
    return -(slopes.mean + expanded * slopes.volatility + moments.volatility * shape)


# Both gradients are of α times the multiple of σ, by skewness and by excess kurtosis.
def _quantile_mean_gradient(z: float, moments: Moments) -> tuple[float, float]:
    square = z * z
    density = normal_density(z)
    return (
        density * (z / 6.0 - (2.0 * square - 1.0) * moments.skewness / 18.0),
        density * (square - 1.0) / 24.0,
    )


def _boudt_gradient(z: float, moments: Moments) -> tuple[float, float]:
    skewness, kurtosis = moments.skewness, moments.excess_kurtosis
    g = cornish_fisher_quantile(z, skewness, kurtosis)
    square, density = g * g, normal_density(g)
    third = g * square - 3.0 * g
    fourth = square * square - 6.0 * square + 3.0
    sixth = square**3 - 15.0 * square**2 + 45.0 * square - 15.0
    # The multiple is −∫ x f(x) dx up to g, so that moving its end costs −g f(g).
    edge = (
        -g * density * (1.0 + skewness * third / 6.0 + kurtosis * fourth / 24.0 + skewness**2 * sixth / 72.0)
    )
    end_by_skewness, end_by_kurtosis = cornish_fisher_gradient(z, skewness)
    polynomial = square**3 - 9.0 * square**2 + 9.0 * square + 3.0
    return (
        density * (g * square / 6.0 + polynomial * skewness / 36.0) + edge * end_by_skewness,
        density * (square * square - 2.0 * square - 1.0) / 24.0 + edge * end_by_kurtosis,
    )
