"""Filtered historical simulation: past shocks at today's volatility, over one day or several."""

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, finite, matrix, vector, whole_number, within
from plimsoll.risk.errors import InsufficientHistory, NotPositive, ShapeMismatch
from plimsoll.risk.volatility import ewma_volatility
from plimsoll.risk.volatility_scaling import first_variance, volatility_scaled_returns


@refuses_overflow
def filtered_historical_returns(returns: ArrayLike, volatilities: ArrayLike) -> FloatArray:
    """Return past shocks at tomorrow's volatility, whatever model the volatility comes from.

    Parameters
    ----------
    returns : array_like of shape (n_days,) or (n_days, n_assets)
        Returns less their conditional mean, oldest first.
    volatilities : array_like of shape (n_days + 1,) or (n_days + 1, n_assets)
        Entry i is the forecast for day i, the last the one for tomorrow: `ewma_volatility`, or the square
        roots of a GARCH fit's variances followed by its forecast.

    Returns
    -------
    ndarray of the shape of `returns`
        r_s / σ_s · σ_{n+1}; the same day s for every asset, so that joint tails are kept.

    Raises
    ------
    NotPositive
        If a forecast for a past day is zero or below.
    InsufficientHistory, NotFinite, ShapeMismatch
        If there is no day, a NaN, or the shapes do not belong together.

    References
    ----------
    .. [1] Barone-Adesi, Giannopoulos and Vosper, "VaR without correlations for portfolios of derivative
       securities", Journal of Futures Markets 19, 1999.

    Examples
    --------
    >>> filtered_historical_returns([0.01, -0.02], [0.01, 0.01, 0.03])
    array([ 0.03, -0.06])
    """
    shocks = finite(np.asarray(returns, dtype=np.float64), "returns")
    forecast = finite(np.asarray(volatilities, dtype=np.float64), "volatilities")
    if shocks.ndim not in (1, 2) or forecast.shape != (shocks.shape[0] + 1, *shocks.shape[1:]):
        raise ShapeMismatch(
            f"returns had shape {shocks.shape} and volatilities {forecast.shape}, expected one row more"
        )
    if shocks.shape[0] == 0:
        raise InsufficientHistory(
            "returns were empty, expected at least one day", n_observations=0, n_needed=1
        )
    if (forecast[:-1] <= 0.0).any():
        raise NotPositive(
            f"volatilities held {forecast[:-1].min()}, expected forecasts above zero for every past day"
        )
    result: FloatArray = shocks / forecast[:-1] * forecast[-1]
    return result


@refuses_overflow
def filtered_historical_pnl(
    exposures: ArrayLike,
    returns: ArrayLike,
    *,
    decay: float,
    days: int = 1,
    n_paths: int = 10_000,
    seed: int = 0,
    initial_variance: ArrayLike | None = None,
) -> FloatArray:
    """Return profits of a linear book over `days` days by filtered historical simulation.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money per asset in base currency, held to the end.
    returns : array_like of shape (n_days, n_assets)
        Simple returns as fractions, oldest first.
    decay : float
        λ in (0, 1) of the exponentially weighted volatility.
    days : int
        Horizon. One day needs no drawing: every past day is one scenario.
    n_paths : int
        Paths drawn for longer horizons. Each step draws a past day, applies its standardised shocks to all
        assets at once, and updates each asset's volatility with what it drew.
    seed : int
        The same seed gives the same paths.
    initial_variance : float or array_like of shape (n_assets,), optional
        As `volatility_scaled_returns`.

    Returns
    -------
    ndarray of shape (n_days,) for one day, else (n_paths,)
        Profits in base currency; over several days the compounded return of each asset times its exposure.

    Raises
    ------
    NotPositive, InsufficientHistory, NotFinite, ShapeMismatch, OutOfRange
        As `volatility_scaled_returns`; also if `days` or `n_paths` is below one.

    References
    ----------
    .. [1] Barone-Adesi, Giannopoulos and Vosper, Journal of Futures Markets 19, 1999.
    .. [2] Gurrola-Perez and Murphy, "Filtered historical simulation Value-at-Risk models and their
       competitors", Bank of England Working Paper 525, 2015.
    """
    value = vector(exposures, "exposures")
    table = matrix(returns, "returns")
    if table.shape[1] != value.shape[0]:
        raise ShapeMismatch(f"returns had {table.shape[1]} columns, expected {value.shape[0]}, one each")
    shape = whole_number(days, "days", 1), whole_number(n_paths, "n_paths", 1)
    lam = within(decay, "decay", 0.0, 1.0)
    level = first_variance(table) if initial_variance is None else initial_variance
    tomorrow = volatility_scaled_returns(table, decay=lam, initial_variance=level)
    if days == 1:
        return tomorrow @ value
    # Shocks in units of tomorrow's volatility: the ratio of a path's volatility to it starts at one.
    forecast = ewma_volatility(table, lam, initial_variance=level)[-1]
    shocks = np.divide(tomorrow, forecast, out=np.zeros_like(tomorrow), where=forecast > 0.0)
    drawn = np.random.default_rng(seed).integers(table.shape[0], size=shape)
    variance_ratio = np.ones((shape[1], value.shape[0]))
    growth = np.ones_like(variance_ratio)
    for step in drawn:
        moved = shocks[step] * np.sqrt(variance_ratio)
        growth *= 1.0 + moved * forecast
        variance_ratio = lam * variance_ratio + (1.0 - lam) * moved * moved
    result: FloatArray = (growth - 1.0) @ value
    return result
