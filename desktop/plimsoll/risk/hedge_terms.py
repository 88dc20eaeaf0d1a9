"""What each hedging instrument allows: how much, in which lots, at what cost."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.errors import NotFinite, OutOfRange, ShapeMismatch
from plimsoll.risk.risk_figure import money_per_unit


class HedgeTerms(NamedTuple):
    """Bounds, lots and costs of the hedging instruments, each of shape (n_instruments,)."""

    low: FloatArray
    high: FloatArray
    lots: FloatArray
    costs: FloatArray


def checked_terms(
    n_instruments: int, bounds: ArrayLike | None, lots: ArrayLike | None, costs: ArrayLike | None
) -> HedgeTerms:
    """Return the terms, checked; missing ones are free: no bounds, any amount, no cost.

    Bounds are drawn in to whole lots, so that a bound met is a bound that can be traded.

    Raises
    ------
    ShapeMismatch
        If an array has not one row for each instrument.
    NotFinite
        If a bound is NaN.
    OutOfRange
        If a bound excludes 0, or a lot or cost is below zero.
    """
    units = money_per_unit(lots, "lots", n_instruments, 0.0)
    prices = money_per_unit(costs, "costs", n_instruments, 0.0)
    edges = np.tile([-np.inf, np.inf], (n_instruments, 1))
    if bounds is not None:
        edges = np.array(bounds, dtype=np.float64)
        if edges.shape != (n_instruments, 2):
            raise ShapeMismatch(f"bounds had shape {edges.shape}, expected ({n_instruments}, 2)")
        if np.isnan(edges).any():
            raise NotFinite("bounds held NaN, expected a number or an infinity")
        if (edges[:, 0] > 0.0).any() or (edges[:, 1] < 0.0).any():
            raise OutOfRange("bounds excluded 0, expected a least trade ≤ 0 and a most trade ≥ 0")
    in_lots = units > 0.0
    size = np.where(in_lots, units, 1.0)
    low = np.where(in_lots, np.ceil(edges[:, 0] / size - 1e-9) * size, edges[:, 0])
    high = np.where(in_lots, np.floor(edges[:, 1] / size + 1e-9) * size, edges[:, 1])
    return HedgeTerms(low, high, units, prices)
