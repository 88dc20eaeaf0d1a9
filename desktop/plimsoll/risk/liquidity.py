"""What it takes to get out: days, half-spreads, the levels of a book, and a VaR with that cost in it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, finite, same_length, vector, within
from plimsoll.risk.concentration import gross_weights
from plimsoll.risk.errors import OutOfRange, ShapeMismatch
from plimsoll.risk.execution_schedule import ExecutionSchedule, almgren_chriss_schedule
from plimsoll.risk.market_impact import AlmgrenImpact, almgren_impact, square_root_impact

__all__ = [
    "AlmgrenImpact",
    "DepthWalk",
    "ExecutionSchedule",
    "almgren_chriss_schedule",
    "almgren_impact",
    "days_to_liquidate",
    "depth_walk",
    "liquidity_adjusted_var",
    "liquidity_cost",
    "spread_cost",
    "square_root_impact",
    "time_to_exit",
]


@dataclass(frozen=True, slots=True)
class DepthWalk:
    """What one side of an order book does to an order, level by level.

    Attributes
    ----------
    filled : float
        Size the book covers, without sign.
    remainder : float
        Size it does not, without sign.
    coverage : float
        ``filled / |quantity|``, in [0, 1]; 1 for an order of nothing.
    average_price : float or None
        Mean price of the part filled by the book; None if there is none.
    worst_price : float or None
        Price of the last level touched; None if there is none.
    cost : float or None
        Money against the mid in base currency, remainder included; None while a remainder has no impact
        model, for then the cost is not known.
    """

    filled: float
    remainder: float
    coverage: float
    average_price: float | None
    worst_price: float | None
    cost: float | None


def days_to_liquidate(
    quantity: ArrayLike, average_daily_volume: ArrayLike, *, participation: float = 0.10
) -> float | FloatArray:
    """Return how many days a position takes to sell at a share of the market's volume.

    Parameters
    ----------
    quantity : float or array_like of shape (n,)
        Signed size in the instrument's units.
    average_daily_volume : float or array_like of shape (n,)
        Units traded a day, the median of 20 days rather than the mean; at or above zero.
    participation : float
        Share of the volume one takes, in (0, 1]; 0.1 to 0.2 is usual.

    Returns
    -------
    float or ndarray of shape (n,)
        ``|q| / (participation · ADV)``. Infinite for a position in what nobody trades; 0 for no position.

    Raises
    ------
    OutOfRange
        If the participation is outside (0, 1] or a volume below zero.
    NotFinite, ShapeMismatch
        If a value is NaN or infinite, or the shapes do not belong together.

    Examples
    --------
    >>> days_to_liquidate(-50_000, 1_000_000, participation=0.2)
    0.25
    """
    share = within(participation, "participation", 0.0, math.inf)
    if share > 1.0:
        raise OutOfRange(f"participation was {participation}, expected within (0, 1]: a share of the volume")
    size, volume = _alike(quantity, average_daily_volume, ("quantity", "average_daily_volume"))
    if (volume < 0.0).any():
        raise OutOfRange(f"average_daily_volume was {volume.min()}, expected zero or more")
    size = np.abs(size)
    never = np.where(size > 0.0, np.inf, 0.0)
    with np.errstate(over="ignore"):
        return _as_given(np.divide(size, share * volume, out=never, where=share * volume > 0.0))


def time_to_exit(
    values: ArrayLike, days: ArrayLike, *, shares: Sequence[float] = (0.5, 0.9, 0.99)
) -> FloatArray:
    """Return after how many days given shares of a book's gross value are out.

    Parameters
    ----------
    values : array_like of shape (n,)
        Signed money of each position.
    days : array_like of shape (n,)
        What `days_to_liquidate` gives for each: all are sold side by side, each evenly over its own days. May
        be infinite.
    shares : sequence of float
        Parts of the gross value, each in (0, 1].

    Returns
    -------
    ndarray of shape (n_shares,)
        Days; infinite where a share cannot be reached because what cannot be sold is too much.

    Raises
    ------
    OutOfRange
        If a share is outside (0, 1], or a number of days is NaN or below zero.
    InsufficientHistory, NotPositive, NotFinite
        As `plimsoll.risk.concentration.gross_weights`: an empty or flat book has nothing to exit.
    ShapeMismatch
        If there are not as many days as values.

    Examples
    --------
    >>> time_to_exit([60.0, -40.0], [1.0, 10.0]).round(6).tolist()
    [0.78125, 7.5, 9.75]
    """
    weights = gross_weights(values)
    own_days = np.asarray(days, dtype=np.float64)
    if own_days.shape != weights.shape:
        raise ShapeMismatch(f"days had shape {own_days.shape} and values {weights.shape}, expected one shape")
    if not (own_days >= 0.0).all():
        raise OutOfRange(
            f"days held {own_days.min()}, expected zero or more, infinity for what cannot be sold"
        )
    held, own_days = weights[weights > 0.0], own_days[weights > 0.0]
    # Sold so far is a broken line that bends where a position is out; it is exact at the bends and straight
    # between.
    bends = np.unique(np.concatenate(([0.0], own_days[np.isfinite(own_days)])))
    pace = np.divide(
        bends[:, None], own_days, out=np.ones((bends.shape[0], held.shape[0])), where=own_days > 0.0
    )
    sold = np.minimum(pace, 1.0) @ held
    exits = []
    for share in shares:
        wanted = within(share, "share", 0.0, math.inf)
        if wanted > 1.0:
            raise OutOfRange(f"share was {share}, expected within (0, 1]")
        is_reached = wanted <= sold[-1] + 1e-12
        exits.append(float(np.interp(wanted, sold, bends)) if is_reached else math.inf)
    return np.array(exits)


@refuses_overflow
def spread_cost(
    quantity: ArrayLike, spread: ArrayLike, *, multiplier: ArrayLike = 1.0, fx: ArrayLike = 1.0
) -> float | FloatArray:
    """Return half the spread on a position: what crossing to the other side costs.

    Parameters
    ----------
    quantity : float or array_like of shape (n,)
        Signed size in the instrument's units.
    spread : float or array_like of shape (n,)
        Ask less bid in the instrument's currency, at or above zero.
    multiplier, fx : float or array_like of shape (n,)
        Money per price point and unit; base money per unit of the currency.

    Returns
    -------
    float or ndarray of shape (n,)
        ``½ · spread · |q| · m · fx`` in base currency.

    Raises
    ------
    OutOfRange
        If a spread is below zero: a crossed book has no cost to speak of.
    NotFinite, ShapeMismatch
        If a value is NaN or infinite, or the shapes do not belong together.

    Examples
    --------
    >>> spread_cost(-1000, 0.04, fx=1.25)
    25.0
    """
    size, width = _alike(quantity, spread, ("quantity", "spread"))
    if (width < 0.0).any():
        raise OutOfRange(f"spread was {width.min()}, expected zero or more: a crossed book is no quote")
    _, money = _alike(size, np.multiply(multiplier, fx), ("quantity", "multiplier and fx"))
    return _as_given(0.5 * width * np.abs(size) * money)


@refuses_overflow
def depth_walk(
    quantity: float,
    prices: ArrayLike,
    sizes: ArrayLike,
    *,
    mid: float,
    remainder_impact: float | None = None,
    multiplier: float = 1.0,
    fx: float = 1.0,
) -> DepthWalk:
    """Return what a book's levels make of an order, and what the rest costs by an impact model.

    Parameters
    ----------
    quantity : float
        Above zero buys from the asks, below zero sells to the bids.
    prices, sizes : array_like of shape (n_levels,)
        The side the order meets, best level first; sizes in the instrument's units, at or above zero. May be
        empty.
    mid : float
        Price the cost is measured from, in the instrument's currency.
    remainder_impact : float, optional
        Fraction of |mid| that the size beyond the book costs, for instance from
        `plimsoll.risk.market_impact.square_root_impact`; it never counts for less than the worst level does.
    multiplier, fx : float
        Money per price point and unit; base money per unit of the currency.

    Returns
    -------
    DepthWalk
        Filled and remaining size, coverage, prices and cost.

    Raises
    ------
    OutOfRange
        If a size is below zero, the prices are not best first, or the impact is below zero.
    NotFinite, ShapeMismatch
        If a value is NaN or infinite, or there are not as many sizes as prices.

    Examples
    --------
    >>> walk = depth_walk(300, [100.1, 100.2], [100, 100], mid=100.0, remainder_impact=0.004)
    >>> walk.filled, walk.remainder, round(walk.coverage, 4), round(walk.cost, 6)
    (200.0, 100.0, 0.6667, 70.0)
    """
    order = within(quantity, "quantity", -math.inf, math.inf)
    centre = within(mid, "mid", -math.inf, math.inf)
    levels, offered = vector(prices, "prices"), vector(sizes, "sizes")
    same_length(levels, offered, ("prices", "sizes"))
    side = 1.0 if order >= 0.0 else -1.0
    if (side * np.diff(levels) < 0.0).any():
        raise OutOfRange(
            "prices were not best first, expected asks rising for a buy and bids falling for a sale"
        )
    if (offered < 0.0).any():
        raise OutOfRange(f"sizes held {offered.min()}, expected zero or more")
    wanted = abs(order)
    taken = np.clip(wanted - (np.cumsum(offered) - offered), 0.0, offered)
    touched = levels[taken > 0.0]
    filled = min(float(taken.sum()), wanted)
    remainder = wanted - filled
    worst = float(touched[-1]) if touched.shape[0] else None
    money = side * float(taken @ (levels - centre))
    if remainder > 0.0:
        rest = _remainder_cost(remainder, centre, side, worst, remainder_impact)
        cost = None if rest is None else money + rest
    else:
        cost = money
    return DepthWalk(
        filled=filled,
        remainder=remainder,
        coverage=filled / wanted if wanted > 0.0 else 1.0,
        average_price=float(taken @ levels) / filled if filled > 0.0 else None,
        worst_price=worst,
        cost=None if cost is None else cost * multiplier * fx,
    )


@refuses_overflow
def liquidity_cost(
    exposures: ArrayLike,
    mean_spread: ArrayLike,
    spread_volatility: ArrayLike = 0.0,
    *,
    spread_multiple: float = 3.0,
) -> float:
    """Return the cost of leaving a book through spreads that have widened with the crisis.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money in base currency.
    mean_spread, spread_volatility : float or array_like of shape (n_assets,)
        Mean and standard deviation of the relative spread (ask − bid) / mid, as fractions, at or above zero.
    spread_multiple : float
        How many deviations the spread widens to, a ≈ 2 to 4.5 from its own tail; at or above zero.

    Returns
    -------
    float
        ``Σ ½ |V_i| (s̄_i + a σ_i)`` in base currency.

    Raises
    ------
    OutOfRange
        If a spread, its deviation or the multiple is below zero.
    NotFinite, ShapeMismatch
        If a value is NaN or infinite, or the shapes do not belong together.

    References
    ----------
    .. [1] Bangia, Diebold, Schuermann and Stroughair, "Modeling Liquidity Risk, With Implications for
       Traditional Market Risk Measurement and Management", Wharton Financial Institutions Center 99-06, 1999.

    Examples
    --------
    >>> round(liquidity_cost([250_000], 0.0008, 0.0004, spread_multiple=3.0), 9)
    250.0
    >>> round(liquidity_cost([250_000], 0.0008), 9)
    100.0
    """
    money = vector(exposures, "exposures")
    _, mean = _alike(money, mean_spread, ("exposures", "mean_spread"))
    _, deviation = _alike(money, spread_volatility, ("exposures", "spread_volatility"))
    widening = within(spread_multiple, "spread_multiple", 0.0, math.inf, closed=True)
    if (mean < 0.0).any() or (deviation < 0.0).any():
        raise OutOfRange("a spread or its deviation was below zero, expected zero or more")
    return float(0.5 * np.abs(money) @ (mean + widening * deviation))


def liquidity_adjusted_var(
    var: float,
    exposures: ArrayLike,
    mean_spread: ArrayLike,
    spread_volatility: ArrayLike = 0.0,
    *,
    spread_multiple: float = 3.0,
) -> float:
    """Return a VaR plus the cost of leaving the book through widened spreads.

    Parameters
    ----------
    var : float
        Value at risk at the mid, in base currency.
    exposures, mean_spread, spread_volatility, spread_multiple
        As `liquidity_cost`.

    Returns
    -------
    float
        ``var + Σ ½ |V_i| (s̄_i + a σ_i)``: the worst price move and the worst spread taken to come together.

    Raises
    ------
    OutOfRange, NotFinite, ShapeMismatch
        As `liquidity_cost`.

    References
    ----------
    .. [1] Bangia, Diebold, Schuermann and Stroughair, 1999, as `liquidity_cost`.

    Examples
    --------
    >>> round(liquidity_adjusted_var(1_000.0, [250_000], 0.0008, 0.0004), 9)
    1250.0
    """
    figure = within(var, "var", -math.inf, math.inf)
    return figure + liquidity_cost(exposures, mean_spread, spread_volatility, spread_multiple=spread_multiple)


def _remainder_cost(
    remainder: float, mid: float, side: float, worst: float | None, impact: float | None
) -> float | None:
    if impact is None:
        return None
    distance = abs(mid) * within(impact, "remainder_impact", 0.0, math.inf, closed=True)
    return remainder * max(distance, 0.0 if worst is None else side * (worst - mid))


def _alike(first: ArrayLike, second: ArrayLike, names: tuple[str, str]) -> tuple[FloatArray, FloatArray]:
    left = finite(np.asarray(first, dtype=np.float64), names[0])
    right = finite(np.asarray(second, dtype=np.float64), names[1])
    if left.ndim > 1 or right.ndim > 1 or (left.ndim and right.ndim and left.shape != right.shape):
        raise ShapeMismatch(
            f"{names[0]} had shape {left.shape} and {names[1]} {right.shape}, expected numbers or vectors "
            f"alike"
        )
    whole, rest = np.broadcast_arrays(left, right)
    return whole, rest


def _as_given(values: FloatArray) -> float | FloatArray:
    return float(values) if values.ndim == 0 else values
