"""A figure's course in bounded memory: full, it thins itself to every other point."""

import numpy as np
from numpy.typing import NDArray


class SeriesRing:
    """Points (time, value), oldest first.

    Attributes
    ----------
    capacity : int
        Most points kept; when it is reached every other one goes and the spacing doubles.
    """

    def __init__(self, capacity: int = 4096) -> None:
        self.capacity = capacity
        self._times_ns = np.empty(capacity, dtype=np.int64)
        self._values = np.empty(capacity, dtype=np.float64)
        self._n = 0
        self._stride = 1
        self._skipped = 0

    def __len__(self) -> int:
        return self._n

    def append(self, time_ns: int, value: float) -> None:
        """Add a point; at wide spacing the newest point is replaced until its turn has come."""
        self._skipped += 1
        if self._n > 1 and self._skipped < self._stride:
            self._times_ns[self._n - 1] = time_ns
            self._values[self._n - 1] = value
            return
        self._skipped = 0
        if self._n == self.capacity:
            half = (self.capacity + 1) // 2
            self._times_ns[:half] = self._times_ns[::2].copy()
            self._values[:half] = self._values[::2].copy()
            self._n = half
            self._stride *= 2
        self._times_ns[self._n] = time_ns
        self._values[self._n] = value
        self._n += 1

    @property
    def times_ns(self) -> NDArray[np.int64]:
        """The times, as a view."""
        return self._times_ns[: self._n]

    @property
    def values(self) -> NDArray[np.float64]:
        """The values, as a view."""
        return self._values[: self._n]
