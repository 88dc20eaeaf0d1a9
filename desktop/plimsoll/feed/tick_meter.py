"""How many ticks a second arrive, and how long it pays to gather them."""

import math

_SMOOTHED_OVER_S = 1.0
_SHORTEST_S = 0.05
# 1 ms at 20 000 ticks/s, 4 ms from 80 000 on; at a few ticks a second none waits for another.
_PERIOD_PER_RATE = 0.001 / 20_000
_LONGEST_PERIOD_S = 0.004


class TickMeter:
    """A smoothed rate.

    Attributes
    ----------
    per_s : float
        Ticks a second, over about the last second.
    """

    def __init__(self) -> None:
        self.per_s = 0.0
        self._at_s = float("-inf")
        self._n_ticks = 0

    def observe(self, n_ticks: int, now_s: float) -> None:
        """Take the total of ticks so far."""
        elapsed_s = now_s - self._at_s
        if elapsed_s < _SHORTEST_S:
            return
        if math.isfinite(elapsed_s):
            weight = -math.expm1(-elapsed_s / _SMOOTHED_OVER_S)
            self.per_s += weight * ((n_ticks - self._n_ticks) / elapsed_s - self.per_s)
        self._at_s = now_s
        self._n_ticks = n_ticks

    @property
    def batch_s(self) -> float:
        """How long to gather ticks before handing them on."""
        return min(self.per_s * _PERIOD_PER_RATE, _LONGEST_PERIOD_S)
