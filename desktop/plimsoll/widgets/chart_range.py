"""A chart's range that stands still until the course leaves it."""

import numpy as np
from numpy.typing import NDArray

ROOM = 0.15
SHRINK_BELOW = 0.4


class ChartRange:
    """Remembers the range in force, and tells a new one only when the old one fits no longer."""

    def __init__(self, floor: float | None = None) -> None:
        self._floor = floor
        self._low = 0.0
        self._high = 0.0

    def covering(self, *courses: NDArray[np.float64]) -> tuple[float, float] | None:
        """Return a new range if one is needed for `courses`, else None; unknown values are left out."""
        known = np.concatenate([course[np.isfinite(course)] for course in courses])
        if not len(known):
            return None
        low, high = float(known.min()), float(known.max())
        span = (high - low) or abs(high) * 1e-3 or 1.0
        fits = self._low <= low and high <= self._high
        if fits and span >= SHRINK_BELOW * (self._high - self._low):
            return None
        self._low, self._high = low - ROOM * span, high + ROOM * span
        if self._floor is not None:
            self._low = self._floor
        return self._low, self._high
