"""Concentration and the way out as figures that double with the book, for the planners of `plimsoll.risk`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.risk.risk_figure import RiskFigure

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Concentration:
    """‖x‖₂ − √h·‖x‖₁ over some positions: at or under 0 their Herfindahl index is at most h."""

    mask: BoolArray
    root: float

    @property
    def n_assets(self) -> int:
        """How many exposures the figure reads."""
        return len(self.mask)

    def value(self, exposures: FloatArray) -> float:
        """Return the figure."""
        mine = exposures[self.mask]
        return float(np.linalg.norm(mine) - self.root * np.abs(mine).sum())

    def slope(self, exposures: FloatArray) -> FloatArray:
        """Return its (sub)gradient."""
        mine = np.where(self.mask, exposures, 0.0)
        length = float(np.linalg.norm(mine))
        return np.asarray((mine / length if length > 0.0 else mine) - self.root * np.sign(mine))

    def ceiling_at(self, exposures: FloatArray) -> RiskFigure:
        """Return itself: the figure is convex."""
        del exposures
        return self


@dataclass(frozen=True, slots=True, eq=False)
class LargestPositions:
    """The sum of the n largest sizes among some positions."""

    mask: BoolArray
    n: int

    @property
    def n_assets(self) -> int:
        """How many exposures the figure reads."""
        return len(self.mask)

    def value(self, exposures: FloatArray) -> float:
        """Return the figure."""
        return float(exposures @ self.slope(exposures))

    def slope(self, exposures: FloatArray) -> FloatArray:
        """Return its (sub)gradient."""
        size = np.where(self.mask, np.abs(exposures), 0.0)
        largest = np.argsort(-size, kind="stable")[: self.n]
        found = np.zeros(len(size))
        found[largest] = np.where(self.mask, np.sign(exposures), 0.0)[largest]
        return found

    def ceiling_at(self, exposures: FloatArray) -> RiskFigure:
        """Return itself: the figure is convex."""
        del exposures
        return self


@dataclass(frozen=True, slots=True, eq=False)
class ExitShare:
    """What of some positions stays after a day beyond the share that may: at or under 0 enough is out.

    `sold` is what a day can sell of each, in base money.
    """

    mask: BoolArray
    sold: FloatArray
    share: float

    @property
    def n_assets(self) -> int:
        """How many exposures the figure reads."""
        return len(self.mask) + 1

    def value(self, exposures: FloatArray) -> float:
        """Return the figure."""
        return float(exposures @ self.slope(exposures))

    def slope(self, exposures: FloatArray) -> FloatArray:
        """Return its (sub)gradient."""
        mine = np.where(self.mask, exposures[:-1], 0.0)
        is_out = np.abs(mine) < self.sold * exposures[-1]
        by_size = np.sign(mine) * (self.share - is_out)
        return np.append(by_size, -float(self.sold[self.mask & ~is_out].sum()))

    def ceiling_at(self, exposures: FloatArray) -> RiskFigure:
        """Return itself: the figure is convex."""
        del exposures
        return self
