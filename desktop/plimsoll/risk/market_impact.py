"""How far an order moves the price against itself."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray, finite, within
from plimsoll.risk.errors import NotPositive, ShapeMismatch


@dataclass(frozen=True, slots=True)
class AlmgrenImpact:
    """Impact of a metaorder sold evenly over a time, as fractions of the price.

    Attributes
    ----------
    permanent : float
        What stays when the order is done, I; signed like the order.
    temporary : float
        What each fill pays beyond the permanent part, K; signed like the order.
    cost : float
        Mean fill against the price before the order, J = I/2 + K; signed like the order, so that cost times
        signed money is the money lost.
    """

    permanent: float
    temporary: float
    cost: float


def square_root_impact(
    quantity: ArrayLike, average_daily_volume: ArrayLike, volatility: ArrayLike, *, coefficient: float = 1.0
) -> float | FloatArray:
    """Return the impact of an order by the square-root law.

    Parameters
    ----------
    quantity : float or array_like of shape (n,)
        Signed size Q in the instrument's units.
    average_daily_volume : float or array_like of shape (n,)
        Units traded a day, above zero.
    volatility : float or array_like of shape (n,)
        Daily volatility σ as a fraction, at or above zero.
    coefficient : float
        Y, about 0.5 to 1; above zero.

    Returns
    -------
    float or ndarray of shape (n,)
        ``Y σ sqrt(|Q| / ADV)`` as a fraction of the price, without sign.

    Raises
    ------
    NotPositive
        If a volume is not above zero, or a volatility below it: what nobody trades has no impact law.
    OutOfRange
        If the coefficient is not above zero.
    NotFinite, ShapeMismatch
        If a value is NaN or infinite, or the shapes do not belong together.

    References
    ----------
    .. [1] Sato and Kanazawa, "Does the square-root price impact law belong to the strict universal
       scalings?", arXiv 2411.13965, 2024.

    Examples
    --------
    >>> round(1e4 * square_root_impact(50_000, 1_000_000, 0.018), 2)
    40.25
    """
    size, volume, sigma = (
        finite(np.asarray(values, dtype=np.float64), name)
        for values, name in (
            (quantity, "quantity"),
            (average_daily_volume, "average_daily_volume"),
            (volatility, "volatility"),
        )
    )
    shapes = {array.shape for array in (size, volume, sigma) if array.ndim}
    if len(shapes) > 1 or any(len(shape) > 1 for shape in shapes):
        raise ShapeMismatch(f"the inputs had shapes {sorted(shapes)}, expected numbers or vectors alike")
    if (volume <= 0.0).any():
        raise NotPositive(f"average_daily_volume was {volume.min()}, expected above zero")
    if (sigma < 0.0).any():
        raise NotPositive(f"volatility was {sigma.min()}, expected zero or more")
    scale = within(coefficient, "coefficient", 0.0, math.inf)
    impact = scale * sigma * np.sqrt(np.abs(size) / volume)
    return float(impact) if impact.ndim == 0 else impact


def almgren_impact(
    quantity: float,
    average_daily_volume: float,
    shares_outstanding: float,
    volatility: float,
    *,
    days: float,
    permanent: float = 0.314,
    temporary: float = 0.142,
) -> AlmgrenImpact:
    """Return permanent and temporary impact as estimated from Citigroup's US equity orders.

    Parameters
    ----------
    quantity : float
        Signed size X in shares.
    average_daily_volume, shares_outstanding : float
        V in shares a day and Θ in shares, above zero.
    volatility : float
        Daily volatility σ as a fraction, at or above zero.
    days : float
        Duration T of the order in days of trading, above zero.
    permanent, temporary : float
        γ and η, universal over US large caps in the paper; at or above zero.

    Returns
    -------
    AlmgrenImpact
        I = γ σ (X/V) (Θ/V)^¼ and K = η σ sgn(X) |X/(V T)|^0.6.

    Raises
    ------
    OutOfRange
        If a parameter is outside its range, or NaN.

    References
    ----------
    .. [1] Almgren, Thum, Hauptmann and Li, "Direct Estimation of Equity Market Impact", Risk 18(7), 2005,
       section 4.

    Examples
    --------
    IBM in the paper's table 3: a tenth of the daily volume in half a day.

    >>> impact = almgren_impact(656_100, 6.561e6, 1728e6, 0.0157, days=0.5)
    >>> round(1e4 * impact.permanent), round(1e4 * impact.temporary), round(1e4 * impact.cost)
    (20, 8, 18)
    """
    size = within(quantity, "quantity", -math.inf, math.inf)
    volume = within(average_daily_volume, "average_daily_volume", 0.0, math.inf)
    outstanding = within(shares_outstanding, "shares_outstanding", 0.0, math.inf)
    sigma = within(volatility, "volatility", 0.0, math.inf, closed=True)
    duration = within(days, "days", 0.0, math.inf)
    gamma = within(permanent, "permanent", 0.0, math.inf, closed=True)
    eta = within(temporary, "temporary", 0.0, math.inf, closed=True)
    lasting = gamma * sigma * (size / volume) * (outstanding / volume) ** 0.25
    passing = eta * sigma * math.copysign(abs(size / (volume * duration)) ** 0.6, size)
    return AlmgrenImpact(lasting, passing, 0.5 * lasting + passing)
