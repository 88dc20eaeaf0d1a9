"""Equity against its high-water mark, at every tick: the drawdown between two frames is seen.

Flows, and positions that enter or leave the priced part of the book, scale the mark with NAV (unit NAV):
neither is a gain or a loss. The starting value counts as a peak.
"""

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.nav_anchor import NavAnchors

FloatArray = NDArray[np.float64]


class EquityPath:
    """High-water mark and drawdown.

    Attributes
    ----------
    high_water_mark : float
        NaN until the path has begun.
    drawdown, max_drawdown : float
        As fractions of the mark, positive; NaN until the path has begun.
    batch_drawdown : float
        The deepest since the last `settle`.
    batch_low : float
        The lowest NAV since the last `settle`.
    anchors : NavAnchors
        Other NAVs from which a fall may be measured.
    """

    def __init__(self) -> None:
        self.high_water_mark = float("nan")
        self.drawdown = float("nan")
        self.max_drawdown = float("nan")
        self.batch_drawdown = float("nan")
        self.batch_low = float("nan")
        self._lowest = float("nan")
        self.anchors = NavAnchors()

    @property
    def has_begun(self) -> bool:
        """Whether there is a mark to fall from."""
        return self.high_water_mark == self.high_water_mark

    def begin(self, nav: float, high_water_mark: float | None = None) -> None:
        """Start from a NAV above zero, under the mark of an earlier session if there was one."""
        if not nav > 0.0:
            return
        self.high_water_mark = max(nav, high_water_mark or nav)
        self.drawdown = 1.0 - nav / self.high_water_mark
        self.max_drawdown = self.batch_drawdown = self.drawdown
        self.batch_low = self._lowest = nav
        self.anchors.follow(nav, nav)

    def count_start(self, start: float, nav: float) -> None:
        """Take the NAV from which the path set out, heard of only now; `nav` is the worth of this instant.

        It lies before every point seen so far, so each of them has fallen from it, if it is the highest.
        """
        if self.has_begun:
            self.anchors.count_start(start)
        if not self.has_begun or not start > self.high_water_mark:
            return
        self.high_water_mark = start
        self.drawdown = 1.0 - nav / start
        self.batch_drawdown = 1.0 - self.batch_low / start
        self.max_drawdown = 1.0 - self._lowest / start

    def follow(self, nav: FloatArray) -> None:
        """Take NAV after each tick, shape (n_ticks,), oldest first."""
        if not self.has_begun or not len(nav):
            return
        peak = np.maximum.accumulate(np.maximum(nav, self.high_water_mark))
        fall = 1.0 - nav / peak
        self.high_water_mark = float(peak[-1])
        self.drawdown = float(fall[-1])
        self.batch_drawdown = max(self.batch_drawdown, float(fall.max()))
        self.batch_low = min(self.batch_low, float(nav.min()))
        self._lowest = min(self._lowest, self.batch_low)
        self.anchors.follow(float(nav[-1]), float(nav.max()))
        self.max_drawdown = max(self.max_drawdown, self.batch_drawdown)

    def flow(self, nav_before: float, nav_after: float) -> None:
        """Take money or positions that came or went: the mark scales with NAV, drawdown stays."""
        if self.has_begun and nav_before > 0.0 and nav_after > 0.0:
            scale = nav_after / nav_before
            self.high_water_mark *= scale
            self.batch_low *= scale
            self._lowest *= scale
            self.anchors.flow(scale)

    def settle(self, nav: float) -> None:
        """Forget the extremes so far: they have been judged, and what rests on them is written."""
        self.batch_drawdown = self.drawdown
        self.batch_low = nav
