"""How many ticks a second arrive, and how long it pays to gather them."""

import math

_SMOOTHED_OVER_S = 1.0
_SHORTEST_S = 0.05
_CALM_S, _CALM_PER_S = 0.001, 10_000
_BUSY_S, _BUSY_PER_S = 0.004, 80_000


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
        """How long to gather ticks before handing them on.

        At a few ticks a second none waits for another; from 10 000 on they gather for 1 ms, from 20 000 on
        for longer, up to 4 ms at 80 000.
        """
        calm_s = min(_CALM_S * self.per_s / _CALM_PER_S, _CALM_S)
        busy_s = min(_BUSY_S * self.per_s / _BUSY_PER_S, _BUSY_S)
        return max(calm_s, busy_s)
