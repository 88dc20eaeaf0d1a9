"""How far the market must move before a limit breaks, and which instruments would have to move."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, finite, square, vector
from plimsoll.risk.errors import NotPositive, ShapeMismatch


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleMove:
    """One instrument's move that alone breaks the limit, all others standing still.

    Attributes
    ----------
    instrument : int
        Its index.
    move_fraction : float
        Simple return; never below −1 for a price that cannot fall below zero.
    sigmas : float
        The move's size in the instrument's own standard deviations; infinite for one without any.
    price : float or None
        Where it would stand; None where no price was given.
    """

    instrument: int
    move_fraction: float
    sigmas: float
    price: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachDistance:
    """What `distance_to_breach` answers.

    Attributes
    ----------
    is_breached : bool
        Whether the limit is broken already; every distance is then 0.
    sigmas : float
        Mahalanobis distance of the likeliest joint move that breaks it; infinite where none does.
    returns : ndarray of shape (n_assets,)
        That joint move as fractions; zeros where there is none.
    prices : ndarray of shape (n_assets,) or None
        Where each instrument would stand; None where no prices were given.
    shares : ndarray of shape (n_assets,)
        Part of the way to the line that each instrument goes in it; sums to 1, or zeros.
    single_moves : tuple of SingleMove
        Instruments able to break the limit alone, least sigmas first.
    """

    is_breached: bool
    sigmas: float
    returns: FloatArray
    prices: FloatArray | None
    shares: FloatArray
    single_moves: tuple[SingleMove, ...]


@refuses_overflow
def distance_to_breach(
    level: float,
    slopes: ArrayLike,
    covariance: ArrayLike,
    *,
    line: float,
    breach_above: bool = True,
    prices: ArrayLike | None = None,
) -> BreachDistance:
    """Return the smallest plausible move of the market that brings a linearised figure to its line.

    Parameters
    ----------
    level : float
        The figure now.
    slopes : array_like of shape (n_assets,)
        Change of the figure per unit simple return of each instrument: for the day's P&L the exposures, for
        gross exposure sign(V)·V, for a share of NAV its derivative.
    covariance : array_like of shape (n_assets, n_assets)
        Of returns over the horizon in whose sigmas the distance is wanted.
    line : float
        Where the limit breaks; reaching it is breaking it.
    breach_above : bool
        True where more is worse, such as gross exposure; False for a floor, such as the day's P&L.
    prices : array_like of shape (n_assets,), optional
        Prices now. One above zero cannot fall below zero: a single move of more than −100 % is none.

    Returns
    -------
    BreachDistance
        In sigmas, percent and price, jointly and one instrument at a time.

    Raises
    ------
    NotPositive
        If an instrument's variance is below zero.
    ShapeMismatch, NotFinite
        If the arrays do not belong together or hold a gap.

    See Also
    --------
    most_plausible_scenario : The same solve for a loss of the whole book.

    Notes
    -----
    With gap d = line − level and slopes g: x* = d Σg/(gᵀΣg), distance |d|/√(gᵀΣg), the nearest point of a
    half-space under an ellipsoid [1]_; alone, instrument i moves d/g_i. Linear: for large moves of figures
    that are not, the answer is a first step, and the caller re-prices it.

    References
    ----------
    .. [1] Boyd and Vandenberghe, "Convex Optimization", Cambridge University Press, 2004, section 8.1.

    Examples
    --------
    >>> result = distance_to_breach(
    ...     -20_000.0, [1e6], [[0.0004]], line=-50_000.0, breach_above=False, prices=[80.0]
    ... )
    >>> round(result.sigmas, 9), result.single_moves[0].price
    (1.5, 77.6)
    """
    gradient = vector(slopes, "slopes")
    n = gradient.size
    sigma = square(covariance, "covariance", size=n)
    now, edge = (float(x) for x in finite(np.array([level, line], dtype=np.float64), "level and line"))
    quotes = None if prices is None else vector(prices, "prices")
    if quotes is not None and quotes.size != n:
        raise ShapeMismatch(f"prices had {quotes.size} entries, expected {n}, one an instrument")
    if n and float(np.diag(sigma).min()) < 0.0:
        raise NotPositive(f"covariance had a variance of {np.diag(sigma).min()}, expected none below zero")
    gap = edge - now
    if (gap <= 0.0) if breach_above else (gap >= 0.0):
        return _answer(np.zeros(n), quotes, np.zeros(n), (), is_breached=True, sigmas=0.0)
    singles = _single_moves(gap, gradient, np.sqrt(np.diag(sigma)), quotes)
    direction = sigma @ gradient
    variance = float(gradient @ direction)
    if variance <= 1e-14 * float(np.abs(gradient) @ np.abs(sigma) @ np.abs(gradient)):
        return _answer(np.zeros(n), quotes, np.zeros(n), singles, is_breached=False, sigmas=math.inf)
    returns = gap * direction / variance
    return _answer(
        returns,
        quotes,
        gradient * returns / gap,
        singles,
        is_breached=False,
        sigmas=abs(gap) / math.sqrt(variance),
    )


def _answer(
    returns: FloatArray,
    quotes: FloatArray | None,
    shares: FloatArray,
    singles: tuple[SingleMove, ...],
    *,
    is_breached: bool,
    sigmas: float,
) -> BreachDistance:
    return BreachDistance(
        is_breached=is_breached,
        sigmas=sigmas,
        returns=returns,
        prices=None if quotes is None else _moved(quotes, returns),
        shares=shares,
        single_moves=singles,
    )


def _single_moves(
    gap: float, gradient: FloatArray, deviations: FloatArray, quotes: FloatArray | None
) -> tuple[SingleMove, ...]:
    found = []
    for index in np.flatnonzero(gradient):
        move = gap / float(gradient[index])
        if move < -1.0 and (quotes is None or quotes[index] > 0.0):
            continue
        own = float(deviations[index])
        found.append(
            SingleMove(
                instrument=int(index),
                move_fraction=move,
                sigmas=abs(move) / own if own > 0.0 else math.inf,
                price=None
                if quotes is None
                else float(_moved(quotes[index : index + 1], np.array([move]))[0]),
            )
        )
    return tuple(sorted(found, key=lambda single: single.sigmas))


def _moved(quotes: FloatArray, returns: FloatArray) -> FloatArray:
    # Below zero too: an exposure carries the price's sign, so that a return always multiplies the price.
    return np.asarray(quotes * (1.0 + returns))
