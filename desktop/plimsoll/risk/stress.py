"""What a past crisis, or a shock of one's own making, would do to the book of today."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import BoolArray, FloatArray, matrix, same_length, square, vector, whole_number
from plimsoll.risk.breach_distance import BreachDistance, distance_to_breach
from plimsoll.risk.errors import InsufficientHistory, NotPositive, OutOfRange, ShapeMismatch, SingularMatrix
from plimsoll.risk.reverse_stress import PlausibleScenario, most_plausible_scenario

__all__ = [
    "BreachDistance",
    "FactorShock",
    "PlausibleScenario",
    "Replay",
    "distance_to_breach",
    "factor_shock",
    "historical_replay",
    "most_plausible_scenario",
    "replay_of_path",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What `historical_replay` and `replay_of_path` answer; indices count rows of the prices or the path.

    Attributes
    ----------
    pnl : ndarray of shape (n_window,)
        Profit since the start of the window, base currency, 0 on its first day.
    depth : float
        Largest fall below the high so far, the start counting as one; 0 if it never fell.
    depth_fraction : float or None
        The same as a share of the equity at that high; None where the equity is not known.
    peak, trough : int
        Last row at the high before the deepest fall, and first row at its bottom; both the start for a
        path that never fell.
    recovery : int or None
        First row at or above the high again, searched to the end of the prices, after the window too;
        None if not recovered by then.
    last_day : int
        Last row searched for the recovery, so that "not recovered" can say by when.
    by_change : ndarray of bool of shape (n_assets,)
        Assets replayed by price changes, because their window holds a price ≤ 0; empty for a path.
    """

    pnl: FloatArray
    depth: float
    depth_fraction: float | None
    peak: int
    trough: int
    recovery: int | None
    last_day: int
    by_change: BoolArray


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorShock:
    """What `factor_shock` answers.

    Attributes
    ----------
    isolated_pnl : float
        With every other asset standing still, base currency.
    transitive_pnl : float
        With every other asset at its expected move given the shock.
    returns : ndarray of shape (n_assets,)
        Moves of all assets in the transitive scenario.
    pnl_by_asset : ndarray of shape (n_assets,)
        Its profit asset by asset.
    """

    isolated_pnl: float
    transitive_pnl: float
    returns: FloatArray
    pnl_by_asset: FloatArray


@refuses_overflow
def historical_replay(
    exposures: ArrayLike,
    prices: ArrayLike,
    *,
    start: int,
    end: int,
    money_per_point: ArrayLike | None = None,
    equity: float | None = None,
) -> Replay:
    """Lead the book of today through a past window, its quantities held still.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money today, base currency.
    prices : array_like of shape (n_days, n_assets)
        Closes, oldest first, from before the window to the newest day known.
    start, end : int
        First and last row of the window; the first is the day before the first loss.
    money_per_point : array_like of shape (n_assets,), optional
        Signed base money per unit of price (quantity · multiplier · fx); needed for an asset whose
        prices from the start on hold one ≤ 0, which is replayed by price changes.
    equity : float, optional
        Net asset value today, above zero; gives the depth as a fraction.

    Returns
    -------
    Replay
        Path, depth, trough and recovery.

    Raises
    ------
    OutOfRange
        If the window does not lie within the prices.
    NotPositive
        If an asset has a price ≤ 0 and no money per point, or the equity is not above zero.
    ShapeMismatch, NotFinite
        If the arrays do not belong together or hold a gap: a symbol that did not exist then needs a
        proxy, and is never taken for one that stood still.

    Notes
    -----
    Ratio: V (P_t/P_start − 1). Change: money per point · (P_t − P_start), for the whole replay of that asset.
    The book is not rebalanced; spreads, margins and currencies other than through the prices stay out.

    Examples
    --------
    >>> result = historical_replay([100.0], [[10.0], [11.0], [9.0], [10.5], [11.5]], start=0, end=2)
    >>> result.depth.__round__(9), result.peak, result.trough, result.recovery
    (20.0, 1, 2, 4)
    """
    book, closes = vector(exposures, "exposures"), matrix(prices, "prices")
    n_days, n_assets = closes.shape
    if book.size != n_assets:
        raise ShapeMismatch(
            f"exposures had {book.size} entries and prices {n_assets} columns, expected as many"
        )
    first = whole_number(start, "start", 0, n_days - 1)
    last = whole_number(end, "end", first, n_days - 1)
    seen = closes[first:]
    by_change: BoolArray = np.any(seen <= 0.0, axis=0, keepdims=True)[0]
    points = np.zeros(n_assets) if money_per_point is None else vector(money_per_point, "money_per_point")
    same_length(book, points, ("exposures", "money_per_point"))
    if by_change.any() and money_per_point is None:
        raise NotPositive(
            f"prices of asset {int(by_change.argmax())} went to {seen.min()}, expected above zero: "
            "pass money_per_point to replay by price changes"
        )
    rates = np.where(by_change, points, book / np.where(by_change, 1.0, seen[0]))
    path = (seen - seen[0]) @ rates
    return _replay(path, last - first, first, equity, by_change)


def replay_of_path(pnl: ArrayLike, *, equity: float | None = None, n_window: int | None = None) -> Replay:
    """Return depth, trough and recovery of a path of profits.

    Parameters
    ----------
    pnl : array_like of shape (n_days,)
        Profit since the start, oldest first, base currency; the first entry is the start itself.
    equity : float, optional
        Net asset value at the start, above zero.
    n_window : int, optional
        Length of the crisis window; later entries serve the recovery only. Default: all.

    Returns
    -------
    Replay
        As for prices.

    Raises
    ------
    InsufficientHistory
        If the path is empty.
    NotPositive
        If the equity is not above zero, or the path had used it up by its high.
    OutOfRange
        If the window is longer than the path.
    ShapeMismatch, NotFinite
        If the path is not a vector of finite numbers.

    Notes
    -----
    max_t (H_t − E_t) with H the high so far, the start counting [1]_: never the lowest value.

    References
    ----------
    .. [1] Magdon-Ismail and Atiya, "Maximum Drawdown", Risk 17(10), 2004.

    Examples
    --------
    >>> result = replay_of_path([0.0, 10.0, 30.0, 12.0, 5.0, -2.0, 8.0, 31.0], equity=100.0)
    >>> result.depth, round(result.depth_fraction, 3), result.peak, result.trough, result.recovery
    (32.0, 0.246, 2, 5, 7)
    """
    path = vector(pnl, "pnl")
    if path.size == 0:
        raise InsufficientHistory("pnl was empty, expected one day at least", n_observations=0, n_needed=1)
    days = path.size if n_window is None else whole_number(n_window, "n_window", 1, path.size)
    return _replay(path, days - 1, 0, equity, np.zeros(0, dtype=np.bool_))


@refuses_overflow
def factor_shock(
    exposures: ArrayLike, covariance: ArrayLike, *, shocked: Sequence[int], returns: ArrayLike
) -> FactorShock:
    """Return what a shock to some assets costs, the rest standing still and the rest following.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money, base currency.
    covariance : array_like of shape (n_assets, n_assets)
        Of returns; a stressed one where correlations are thought to rise.
    shocked : sequence of int
        Indices of the assets shocked.
    returns : array_like of shape (n_shocked,)
        Their simple returns as fractions.

    Returns
    -------
    FactorShock
        Isolated and transitive profit side by side.

    Raises
    ------
    OutOfRange
        If an index is no asset or named twice.
    SingularMatrix
        If the shocked assets' covariance cannot be inverted: two of them are one.
    ShapeMismatch, NotFinite
        If the arrays do not belong together or hold a gap.

    Notes
    -----
    E[x_B | x_A] = Σ_BA Σ_AA⁻¹ x_A, means at zero [1]_.

    References
    ----------
    .. [1] Kupiec, "Stress Testing in a Value at Risk Framework", Journal of Derivatives 6(1), 1998, pp. 7-24.

    Examples
    --------
    >>> sigma = np.array([0.015, 0.02, 0.009])
    >>> rho = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, 1.0]])
    >>> covariance = rho * np.outer(sigma, sigma)
    >>> result = factor_shock([600e3, -250e3, 400e3], covariance, shocked=[0], returns=[-0.10])
    >>> result.returns.round(5), round(result.isolated_pnl, 2), round(result.transitive_pnl, 2)
    (array([-0.1    , -0.06667, -0.012  ]), -60000.0, -48133.33)
    """
    book = vector(exposures, "exposures")
    sigma = square(covariance, "covariance", size=book.size)
    moves = vector(returns, "returns")
    if len(set(shocked)) < len(shocked) or not all(0 <= index < book.size for index in shocked):
        raise OutOfRange(f"shocked were {list(shocked)}, expected distinct indices below {book.size}")
    if moves.size != len(shocked) or moves.size == 0:
        raise ShapeMismatch(
            f"returns had {moves.size} entries for {len(shocked)} shocked assets, expected one each"
        )
    chosen = np.asarray(shocked, dtype=np.int64)
    own = sigma[np.ix_(chosen, chosen)]
    deviations = np.sqrt(np.maximum(np.diag(own), 0.0))
    if (deviations == 0.0).any():
        raise SingularMatrix("a shocked asset had no variance, expected one that moves")
    correlation = own / np.outer(deviations, deviations)
    if float(np.linalg.eigh(correlation)[0][0]) < 1e-10:
        raise SingularMatrix(
            "the shocked assets moved as one, expected shocks to assets that differ: drop one"
        )
    followed = sigma[:, chosen] @ (np.linalg.solve(correlation, moves / deviations) / deviations)
    followed[chosen] = moves
    return FactorShock(
        isolated_pnl=float(book[chosen] @ moves),
        transitive_pnl=float(book @ followed),
        returns=followed,
        pnl_by_asset=book * followed,
    )


def _replay(path: FloatArray, last: int, first: int, equity: float | None, by_change: BoolArray) -> Replay:
    window = path[: last + 1]
    highs = np.maximum.accumulate(window)
    trough = int((highs - window).argmax())
    high = float(highs[trough])
    depth = high - float(window[trough])
    peak = int(np.flatnonzero(window[: trough + 1] == high)[-1])
    back = np.flatnonzero(path[trough:] >= high)
    return Replay(
        pnl=window,
        depth=depth,
        depth_fraction=_fraction(depth, high, equity),
        peak=first + peak,
        trough=first + trough,
        recovery=first + trough + int(back[0]) if back.size else None,
        last_day=first + path.size - 1,
        by_change=by_change,
    )


def _fraction(depth: float, high: float, equity: float | None) -> float | None:
    if equity is None:
        return None
    # Not the deepest fraction but the fraction of the deepest fall: one fall, told twice.
    if not 0.0 < float(equity) < np.inf or equity + high <= 0.0:
        raise NotPositive(f"equity was {equity}, expected above zero")
    return depth / (equity + high)
