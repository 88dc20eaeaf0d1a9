"""What a broker would ask to be left in a margin account: estimates, for the broker's own figure rules."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import vector, within
from plimsoll.risk.errors import NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.margin_scan import PortfolioMargin, portfolio_margin, scan_margin, scan_points

__all__ = [
    "PortfolioMargin",
    "RegTMargin",
    "leverage",
    "leverage_margin",
    "margin_cushion",
    "portfolio_margin",
    "price_move_to_call",
    "reg_t_margin",
    "scan_margin",
    "scan_points",
    "tiered_margin",
]


@dataclass(frozen=True, slots=True)
class RegTMargin:
    """Regulation T and maintenance requirement of a margin account, in base currency.

    Attributes
    ----------
    long_value, short_value : float
        Sums of the long and of the short positions, both at or above zero.
    initial : float
        Required to open the book today.
    maintenance : float
        Required to keep it.
    equity : float
        As given.
    excess : float
        ``equity − maintenance``; below zero is a call.
    cushion : float or None
        ``excess / equity``; None where the equity is not above zero.
    """

    long_value: float
    short_value: float
    initial: float
    maintenance: float
    equity: float
    excess: float
    cushion: float | None


def reg_t_margin(
    exposures: ArrayLike,
    *,
    equity: float,
    prices: ArrayLike | None = None,
    initial_fraction: float = 0.50,
    long_fraction: float = 0.25,
    short_fraction: float = 0.30,
    least_per_share: float = 5.0,
) -> RegTMargin:
    """Return Regulation T's initial margin and the maintenance margin of FINRA 4210 for shares.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed market value of each share held.
    equity : float
        Equity of the account, in the same money.
    prices : array_like of shape (n_assets,), optional
        Price per share in dollars, above zero. With them each short is held to `least_per_share`. Without
        them the fractions alone.
    initial_fraction : float
        Of long and of short value, to open.
    long_fraction, short_fraction : float
        Of long and of short value, to keep; houses often ask 0.30 and more.
    least_per_share : float
        Dollars a short asks a share at least; where the price is lower, the whole value or half of this.

    Returns
    -------
    RegTMargin
        An estimate: the broker's figure rules.

    Raises
    ------
    OutOfRange
        If a fraction is outside [0, 10], the least sum below zero or the equity not finite.
    NotPositive
        If a price is not above zero.
    ShapeMismatch, NotFinite
        If there are not as many prices as exposures, or one is NaN or infinite.

    References
    ----------
    .. [1] Regulation T, 12 CFR 220.12.
    .. [2] FINRA Rule 4210(c), maintenance margin.

    Examples
    --------
    >>> margin = reg_t_margin([180e3, -40e3], equity=100e3)
    >>> margin.initial, margin.maintenance, margin.cushion
    (110000.0, 57000.0, 0.43)
    """
    money = vector(exposures, "exposures")
    account = within(equity, "equity", -math.inf, math.inf)
    least = within(least_per_share, "least_per_share", 0.0, math.inf, closed=True)
    opening, long_rate, short_rate = (
        within(rate, name, 0.0, 10.0, closed=True)
        for rate, name in (
            (initial_fraction, "initial_fraction"),
            (long_fraction, "long_fraction"),
            (short_fraction, "short_fraction"),
        )
    )
    long_value, shorts = float(money[money > 0.0].sum()), np.maximum(-money, 0.0)
    short_value = float(shorts.sum())
    short_requirement = short_rate * shorts
    if prices is not None:
        price = vector(prices, "prices")
        if price.shape != money.shape:
            raise ShapeMismatch(
                f"prices had {price.shape[0]} entries and exposures {money.shape[0]}, expected as many"
            )
        if (price <= 0.0).any():
            raise NotPositive(f"a price was {price.min()}, expected above zero")
        shares = shorts / price
        dear = np.maximum(short_requirement, least * shares)
        cheap = np.maximum(shorts, least / 2.0 * shares)
        short_requirement = np.where(price >= least, dear, cheap)
    maintenance = long_rate * long_value + float(short_requirement.sum())
    return RegTMargin(
        long_value=long_value,
        short_value=short_value,
        initial=opening * (long_value + short_value),
        maintenance=maintenance,
        equity=account,
        excess=account - maintenance,
        cushion=margin_cushion(account, maintenance),
    )


def margin_cushion(equity: float, requirement: float) -> float | None:
    """Return the share of the equity that could be lost before the requirement is met.

    Parameters
    ----------
    equity : float
        Of the account.
    requirement : float
        Maintenance requirement, in the same money, at or above zero.

    Returns
    -------
    float or None
        ``(equity − requirement) / equity``, below zero in a call; None where the equity is not above zero,
        for then there is nothing to take a share of.

    Raises
    ------
    OutOfRange
        If a number is not finite, or the requirement below zero.

    Examples
    --------
    >>> margin_cushion(100e3, 57e3)
    0.43
    """
    account = within(equity, "equity", -math.inf, math.inf)
    needed = within(requirement, "requirement", 0.0, math.inf, closed=True)
    return (account - needed) / account if account > 0.0 else None


def price_move_to_call(
    exposures: ArrayLike, *, equity: float, long_fraction: float = 0.25, short_fraction: float = 0.30
) -> float | None:
    """Return the common move of all prices at which the maintenance margin is called.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed market value of each share held.
    equity : float
        Equity of the account, in the same money.
    long_fraction, short_fraction : float
        Of long and of short value, to keep.

    Returns
    -------
    float or None
        A fraction: below zero a fall, above zero a rise, where the book is short enough that the danger is
        up. 0 where the call is already due; None where no move from −100 % on brings it.

    Raises
    ------
    OutOfRange, ShapeMismatch, NotFinite
        As `reg_t_margin`.

    Notes
    -----
    Solves E + x (L − S) = (1 + x)(l L + s S) for x, with the fractions l and s: x = −(E − M) / ((L − S) − M).

    Examples
    --------
    >>> round(price_move_to_call([180e3, -40e3], equity=100e3), 4)
    -0.5181
    """
    margin = reg_t_margin(
        exposures, equity=equity, long_fraction=long_fraction, short_fraction=short_fraction
    )
    if margin.excess < 0.0:
        return 0.0
    bracket = margin.long_value - margin.short_value - margin.maintenance
    if bracket == 0.0:
        return None
    move = -margin.excess / bracket + 0.0
    return move if move >= -1.0 else None


def leverage(exposures: ArrayLike, *, equity: float) -> float:
    """Return gross exposure over equity.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money in base currency.
    equity : float
        Of the account, above zero.

    Returns
    -------
    float
        At or above 0.

    Raises
    ------
    NotPositive
        If the equity is not above zero.
    ShapeMismatch, NotFinite, OutOfRange
        If a value is NaN or infinite.

    Examples
    --------
    >>> leverage([150.0, -50.0], equity=100.0)
    2.0
    """
    gross = float(np.abs(vector(exposures, "exposures")).sum())
    account = within(equity, "equity", -math.inf, math.inf)
    if account <= 0.0:
        raise NotPositive(f"equity was {equity}, expected above zero: leverage on nothing has no figure")
    return gross / account


def leverage_margin(notional: float, *, leverage: float) -> float:
    """Return the margin of a position at a leverage, as for FX and CFDs.

    Parameters
    ----------
    notional : float
        Signed money of the position.
    leverage : float
        How much notional a unit of margin carries, at least 1: 30 for 30:1.

    Returns
    -------
    float
        ``|notional| / leverage``.

    Raises
    ------
    OutOfRange
        If the leverage is below 1, or a number is not finite.

    Examples
    --------
    >>> leverage_margin(-300_000.0, leverage=30)
    10000.0
    """
    size = abs(within(notional, "notional", -math.inf, math.inf))
    times = within(leverage, "leverage", 0.0, math.inf)
    if times < 1.0:
        raise OutOfRange(f"leverage was {leverage}, expected 1 or more: 30 for 30:1")
    return size / times


def tiered_margin(notional: float, *, upper_bounds: ArrayLike, rates: ArrayLike) -> float:
    """Return the maintenance margin of a position under tiers, each rate on its own slice.

    Parameters
    ----------
    notional : float
        Signed money of the position.
    upper_bounds : array_like of shape (n_tiers,)
        Notional up to which each tier reaches, rising; the last may be infinite.
    rates : array_like of shape (n_tiers,)
        Margin fraction of each slice, in [0, 1].

    Returns
    -------
    float
        Margin in money. It is the exchanges' "notional × rate − maintenance amount", which is continuous
        where the tiers meet.

    Raises
    ------
    OutOfRange
        If the position is larger than the last tier allows, the bounds do not rise from above zero, or a rate
        is outside [0, 1].
    ShapeMismatch, NotFinite
        If there are not as many rates as bounds, or one is NaN.

    Examples
    --------
    A perpetual with 0.4 % to 50 000, 0.5 % to 250 000 and 1 % beyond: 1 000 000 × 1 % − 1 300.

    >>> round(tiered_margin(1e6, upper_bounds=[50e3, 250e3, 1e6], rates=[0.004, 0.005, 0.01]), 9)
    8700.0
    """
    size = abs(within(notional, "notional", -math.inf, math.inf))
    bounds, fractions = np.asarray(upper_bounds, dtype=np.float64), vector(rates, "rates")
    if bounds.shape != fractions.shape or bounds.shape[0] == 0:
        raise ShapeMismatch(
            f"upper_bounds had shape {bounds.shape} and rates {fractions.shape}, expected one, not empty"
        )
    edges = np.concatenate(([0.0], bounds))
    if not (edges[1:] > edges[:-1]).all():
        raise OutOfRange("upper_bounds did not rise from above zero, expected each tier above the one before")
    if ((fractions < 0.0) | (fractions > 1.0)).any():
        raise OutOfRange("a rate was outside [0, 1], expected a fraction")
    if size > edges[-1]:
        raise OutOfRange(f"notional was {notional}, expected at most {edges[-1]}, the end of the last tier")
    return float(fractions @ (np.minimum(size, edges[1:]) - np.minimum(size, edges[:-1])))
