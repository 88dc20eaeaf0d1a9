"""At today's pace: the drift of each limit's measure over the last minutes, robustly, and when it arrives."""

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.units import NS_PER_S

FloatArray = NDArray[np.float64]

SAMPLE_PERIOD_NS = 5 * NS_PER_S
N_SAMPLES = 25
"""Two minutes: long enough to outlast a burst of ticks, short enough to be of the present."""
FEWEST_SAMPLES = 8
MOST_SECONDS = 8.0 * 3600.0
"""Beyond a session nothing goes on at the pace of two minutes."""
TREND_SIGMAS = 1.96
"""Mann's test at 5 %: weaker drifts are taken for noise."""


class Pace:
    """A course of every limit's worst value, and its Theil-Sen slope.

    The slope is the median of the slopes of all pairs of points (Theil 1950, Sen 1968), which a quarter of
    wild points cannot turn; it counts only where Mann's test (1945) tells a trend from noise.
    """

    def __init__(self, n_limits: int) -> None:
        self._values: FloatArray = np.full((n_limits, N_SAMPLES), np.nan)
        self._times: FloatArray = np.zeros(N_SAMPLES)
        self._n = 0
        self._sampled_ns = 0
        self._slope: FloatArray = np.full(n_limits, np.nan)

    @property
    def slope_per_s(self) -> FloatArray:
        """Drift of each measure in its own unit a second, shape (n_limits,); 0 where it may be noise."""
        return self._slope

    def note(self, worst: FloatArray, now_ns: int) -> None:
        """Take each limit's worst value, shape (n_limits,), when the last sample is old enough."""
        if self._n and now_ns - self._sampled_ns < SAMPLE_PERIOD_NS:
            return
        if self._n == N_SAMPLES:
            self._values[:, :-1] = self._values[:, 1:]
            self._times[:-1] = self._times[1:]
            self._n -= 1
        self._values[:, self._n] = worst
        self._times[self._n] = now_ns / NS_PER_S
        self._n += 1
        self._sampled_ns = now_ns
        if self._n >= FEWEST_SAMPLES:
            self._slope = self._drift()

    def seconds_to(self, line: FloatArray, now: FloatArray) -> FloatArray:
        """Return the seconds until each line at this pace, shape (n_limits,); NaN where none is near."""
        gap = line - now
        approaches = (gap * self._slope) > 0.0
        seconds = np.divide(gap, self._slope, out=np.full(len(gap), np.nan), where=approaches)
        return np.where(seconds <= MOST_SECONDS, seconds, np.nan)

    def _drift(self) -> FloatArray:
        values, times = self._values[:, : self._n], self._times[: self._n]
        known = np.isfinite(values).all(axis=1)
        slope = np.full(len(values), np.nan)
        if not known.any():
            return slope
        first, second = np.triu_indices(self._n, 1)
        climbs = (values[known][:, second] - values[known][:, first]) / (times[second] - times[first])
        n = self._n
        spread = (n * (n - 1) * (2 * n + 5) / 18.0) ** 0.5
        is_trend = np.abs(np.sign(climbs).sum(axis=1)) > TREND_SIGMAS * spread
        slope[known] = np.where(is_trend, np.median(climbs, axis=1), 0.0)
        return slope
