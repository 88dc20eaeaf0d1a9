"""Portfolio margin: the worst of a scan of price moves, an estimate for the broker's own figure rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray, IntArray, matrix, vector
from plimsoll.risk.errors import OutOfRange, ShapeMismatch

ProductClass = Literal["single", "narrow_index", "broad_index", "high_cap_broad_index"]

# Fall and rise that OCC's TIMS scans, as FINRA 4210(g) sets them by class.
_SCAN_RANGE: Final = {
    "single": (-0.15, 0.15),
    "narrow_index": (-0.15, 0.15),
    "broad_index": (-0.10, 0.10),
    "high_cap_broad_index": (-0.08, 0.06),
}


@dataclass(frozen=True, slots=True, eq=False)
class PortfolioMargin:
    """Worst loss of each underlying over a scan of price moves.

    Attributes
    ----------
    requirement : float
        Sum over underlyings, in base currency.
    by_underlying : ndarray of shape (n_underlyings,)
        Worst loss of each, at least its minimum and never below zero.
    worst_point : ndarray of int, shape (n_underlyings,)
        Place of the worst move among the points scanned.
    """

    requirement: float
    by_underlying: FloatArray
    worst_point: IntArray


def scan_points(product: ProductClass) -> FloatArray:
    """Return the ten price moves that a portfolio margin scans for a class of product.

    Parameters
    ----------
    product : {"single", "narrow_index", "broad_index", "high_cap_broad_index"}
        A share and what is margined like one; a narrow index; another broad index; a high-capitalisation
        broad index.

    Returns
    -------
    ndarray of shape (10,)
        Fractions from the deepest fall to the highest rise, five steps either way, 0 left out.

    Raises
    ------
    OutOfRange
        If the class is unknown.

    References
    ----------
    .. [1] FINRA Rule 4210(g), portfolio margin; OCC, "TIMS" (theoretical intermarket margining system).

    Examples
    --------
    >>> scan_points("single").round(2).tolist()
    [-0.15, -0.12, -0.09, -0.06, -0.03, 0.03, 0.06, 0.09, 0.12, 0.15]
    """
    if product not in get_args(ProductClass):
        raise OutOfRange(f"product was {product!r}, expected one of {', '.join(get_args(ProductClass))}")
    fall, rise = _SCAN_RANGE[product]
    steps = np.arange(1, 6) / 5.0
    return np.concatenate((fall * steps[::-1], rise * steps))


def portfolio_margin(
    exposures: ArrayLike,
    products: ProductClass | Sequence[ProductClass] = "single",
    *,
    minimum: ArrayLike | None = None,
) -> PortfolioMargin:
    """Return the portfolio margin of a linear book: each underlying's worst loss over its scan.

    Parameters
    ----------
    exposures : array_like of shape (n_underlyings,)
        Signed money per underlying, netted within each and not between them.
    products : str or sequence of str
        Class of each underlying, or one for all; see `scan_points`.
    minimum : array_like of shape (n_underlyings,), optional
        Least requirement of each in money: 0.375 times the multiplier for every option contract.

    Returns
    -------
    PortfolioMargin
        An estimate: the broker's figure rules.

    Raises
    ------
    OutOfRange, ShapeMismatch, NotFinite
        If a class is unknown, the shapes do not belong together, or a value is NaN or infinite.

    Examples
    --------
    >>> round(portfolio_margin([100e3, -50e3], ["single", "high_cap_broad_index"]).requirement, 2)
    18000.0
    """
    money = vector(exposures, "exposures")
    # A str is a sequence of str too, so the single class has to be told apart first.
    classes = [products] * money.shape[0] if isinstance(products, str) else list(products)
    if len(classes) != money.shape[0]:
        raise ShapeMismatch(
            f"products had {len(classes)} entries and exposures {money.shape[0]}, expected as many"
        )
    points = np.array([scan_points(product) for product in classes]).reshape(money.shape[0], 10)
    return scan_margin(money[:, None] * points, minimum=minimum)


def scan_margin(pnl_by_point: ArrayLike, *, minimum: ArrayLike | None = None) -> PortfolioMargin:
    """Return the worst loss of each underlying over points already repriced.

    Parameters
    ----------
    pnl_by_point : array_like of shape (n_underlyings, n_points)
        Profit or loss of each underlying's whole position at each point.
    minimum : array_like of shape (n_underlyings,), optional
        Least requirement of each in money, at or above zero.

    Returns
    -------
    PortfolioMargin
        Losses positive.

    Raises
    ------
    OutOfRange
        If a minimum is below zero.
    ShapeMismatch, NotFinite
        If there is no point, the shapes do not belong together, or a value is NaN or infinite.

    Examples
    --------
    >>> scan_margin([[-5.0, 3.0], [1.0, 2.0]], minimum=[0.0, 0.5]).by_underlying.tolist()
    [5.0, 0.5]
    """
    pnl = matrix(pnl_by_point, "pnl_by_point")
    if pnl.shape[1] == 0:
        raise ShapeMismatch("pnl_by_point had no column, expected one a point")
    least = np.zeros(pnl.shape[0]) if minimum is None else vector(minimum, "minimum")
    if least.shape[0] != pnl.shape[0]:
        raise ShapeMismatch(
            f"minimum had {least.shape[0]} entries, expected {pnl.shape[0]}, one an underlying"
        )
    if (least < 0.0).any():
        raise OutOfRange(f"minimum held {least.min()}, expected zero or more")
    worst = np.argmin(pnl, axis=1).astype(np.int64)
    losses = np.maximum(-pnl.min(axis=1), least)
    return PortfolioMargin(float(losses.sum()), losses, worst)
