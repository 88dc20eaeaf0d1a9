"""A tick archive in memory."""

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.tick import TICK_DTYPE


class MemoryArchive:
    """Every accepted tick, in the order applied."""

    def __init__(self) -> None:
        self._parts: list[NDArray[np.void]] = [np.empty(0, dtype=TICK_DTYPE)]

    def append(self, rows: NDArray[np.void]) -> None:
        if rows.dtype != TICK_DTYPE:
            raise TypeError(f"rows were of {rows.dtype}, expected domain.tick.TICK_DTYPE")
        self._parts.append(rows.copy())

    def flush(self) -> None:
        """Nothing waits in memory."""

    @property
    def rows(self) -> NDArray[np.void]:
        """All that was appended, oldest first."""
        return np.concatenate(self._parts)
