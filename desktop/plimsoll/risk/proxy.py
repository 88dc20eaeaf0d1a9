"""A stand-in for returns that are missing, with the risk of its being only a stand-in."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, vector, whole_number
from plimsoll.risk.errors import InsufficientHistory, NotPositive, OutOfRange, ShapeMismatch

ResidualKind = Literal["bootstrap", "normal"]

N_OVERLAP_NEEDED: Final = 20


@dataclass(frozen=True, slots=True)
class ProxyFill:
    """How one asset's missing returns were made from another's.

    Attributes
    ----------
    asset, proxy : int
        Columns.
    beta : float
        Sensitivity of the asset to its proxy over the days both have.
    residual_volatility : float
        Standard deviation per day of what the proxy does not explain.
    n_overlap, n_filled : int
        Days both have, and days filled.
    """

    asset: int
    proxy: int
    beta: float
    residual_volatility: float
    n_overlap: int
    n_filled: int


@refuses_overflow
def fill_by_proxy(
    returns: ArrayLike,
    asset: int,
    proxy: int,
    *,
    residual: ResidualKind = "bootstrap",
    seed: int = 0,
) -> tuple[FloatArray, ProxyFill]:
    """Return the table with an asset's missing returns filled by beta times its proxy plus a residual.

    The residual is drawn, not left out: a proxied position would otherwise look as safe as its proxy, and the
    part of it that no proxy explains would be missing from the value at risk.

    Parameters
    ----------
    returns : array_like of shape (n_days, n_assets)
        As fractions, NaN where missing.
    asset, proxy : int
        Columns of the asset to fill and of its stand-in.
    residual : {"bootstrap", "normal"}
        Drawn from the regression's own residuals, or from a normal of their standard deviation.
    seed : int
        The same seed draws the same residuals.

    Returns
    -------
    table : ndarray of shape (n_days, n_assets)
        A copy; NaN stays where the proxy is missing too.
    report : ProxyFill
        What was done.

    Raises
    ------
    InsufficientHistory
        With fewer than 20 days on which both have a return.
    NotPositive
        If the proxy does not vary on those days.
    ShapeMismatch, OutOfRange
        If `returns` is no table, the columns are the same or out of range, or the residual is unknown.

    Notes
    -----
    Ordinary least squares with a constant; the constant enters the regression and is left out of the filled
    returns, since a mean of a short overlap is noise.
    """
    table = np.array(returns, dtype=np.float64)
    if table.ndim != 2:
        raise ShapeMismatch(f"returns had {table.ndim} dimensions, expected two: pass (n_days, n_assets)")
    if residual not in get_args(ResidualKind):
        raise OutOfRange(f"residual was {residual!r}, expected one of {', '.join(get_args(ResidualKind))}")
    asset, proxy = whole_number(asset, "asset", 0), whole_number(proxy, "proxy", 0)
    if asset == proxy or max(asset, proxy) >= table.shape[1]:
        raise OutOfRange(f"asset was {asset} and proxy {proxy}, expected two columns of {table.shape[1]}")
    target, stand_in = table[:, asset], table[:, proxy]
    both = ~np.isnan(target) & ~np.isnan(stand_in)
    n_overlap = int(np.count_nonzero(both))
    if n_overlap < N_OVERLAP_NEEDED:
        raise InsufficientHistory(
            f"asset {asset} and proxy {proxy} shared {n_overlap} days, expected at least {N_OVERLAP_NEEDED}",
            n_observations=n_overlap,
            n_needed=N_OVERLAP_NEEDED,
        )
    apart = stand_in[both] - stand_in[both].mean()
    variance = float(apart @ apart)
    if variance <= 0.0:
        raise NotPositive(f"proxy {proxy} did not vary, expected returns that do: choose another")
    beta = float(apart @ target[both]) / variance
    unexplained = target[both] - target[both].mean() - beta * apart
    freedom = n_overlap - 2
    volatility = float(np.sqrt(unexplained @ unexplained / freedom))
    missing = np.isnan(target) & ~np.isnan(stand_in)
    n_filled = int(np.count_nonzero(missing))
    noise = _residuals(unexplained * np.sqrt(n_overlap / freedom), volatility, n_filled, residual, seed)
    target[missing] = beta * stand_in[missing] + noise
    return table, ProxyFill(asset, proxy, beta, volatility, n_overlap, n_filled)


def _residuals(
    sample: FloatArray, volatility: float, n_draws: int, residual: ResidualKind, seed: int
) -> FloatArray:
    draws = np.random.default_rng(seed)
    if residual == "bootstrap":
        return draws.choice(sample, n_draws)
    return draws.normal(0.0, volatility, n_draws)


@refuses_overflow
def add_proxy_residual(
    pnl: ArrayLike, exposures: ArrayLike, residual_volatility: ArrayLike, *, seed: int = 0
) -> FloatArray:
    """Return scenario profits with the unexplained part of proxied positions drawn into them.

    For books whose proxied assets carry their proxy's return alone.

    Parameters
    ----------
    pnl : array_like of shape (n_scenarios,)
        Profits of the book with proxies in place, in base currency.
    exposures : array_like of shape (n_proxied,)
        Signed money in each proxied asset.
    residual_volatility : array_like of shape (n_proxied,)
        Per scenario, as fractions, not below zero; residuals are normal, independent of each other and of the
        book.
    seed : int
        The same seed draws the same residuals.

    Returns
    -------
    ndarray of shape (n_scenarios,)
        Profits in base currency.

    Raises
    ------
    NotFinite, ShapeMismatch
        If an input holds a NaN, or exposures and volatilities differ in length.
    OutOfRange
        If a volatility is below zero.

    Examples
    --------
    >>> add_proxy_residual([1.0, -2.0], [1_000.0], [0.0])
    array([ 1., -2.])
    """
    profit, value = vector(pnl, "pnl"), vector(exposures, "exposures")
    spread = vector(residual_volatility, "residual_volatility")
    if spread.shape != value.shape:
        raise ShapeMismatch(
            f"residual_volatility had {spread.shape[0]} entries, expected {value.shape[0]} as exposures"
        )
    if (spread < 0.0).any():
        raise OutOfRange(f"residual_volatility held {spread.min()}, expected none below zero")
    noise = np.random.default_rng(seed).standard_normal((profit.shape[0], value.shape[0]))
    result: FloatArray = profit + noise @ (value * spread)
    return result
