"""The course of every limit's figure today, in bounded memory: what a sparkline draws."""

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit, Measure, Scope
from plimsoll.domain.snapshot import LimitStatus
from plimsoll.domain.units import NS_PER_S

CAPACITY = 240
"""Points kept of each; full, every other one goes and the rest come half as often."""
PERIOD_NS = NS_PER_S

FloatArray = NDArray[np.float64]
_Key = tuple[str, Measure, Scope, str]


class LimitCourse:
    """One row of figures for each limit, all at the same instants.

    A limit that is changed keeps its course while it measures the same.
    """

    def __init__(self) -> None:
        self._row: dict[_Key, int] = {}
        self._limits: tuple[Limit, ...] = ()
        self._figures: FloatArray = np.empty((0, CAPACITY))
        self._n = 0
        self._period_ns = PERIOD_NS
        self._last_ns = 0

    def __len__(self) -> int:
        return self._n

    def clear(self) -> None:
        """Begin anew: a day has begun."""
        self._n = 0
        self._period_ns = PERIOD_NS
        self._last_ns = 0

    def take(self, limits: tuple[LimitStatus, ...], time_ns: int) -> bool:
        """Add the figures of an instant if it is time; return whether it was."""
        if self._n and 0 <= time_ns - self._last_ns < self._period_ns:
            return False
        self._follow(limits)
        if self._n == CAPACITY:
            self._n = CAPACITY // 2
            self._figures[:, : self._n] = self._figures[:, ::2].copy()
            self._period_ns *= 2
        self._figures[:, self._n] = [status.value for status in limits]
        self._n += 1
        self._last_ns = time_ns
        return True

    def of(self, limit: Limit) -> FloatArray:
        """Return a limit's figures, the oldest first; NaN where unknown."""
        row = self._row.get(_key(limit))
        return self._figures[row, : self._n] if row is not None else np.empty(0)

    def _follow(self, limits: tuple[LimitStatus, ...]) -> None:
        """Keep a row for each of these limits, and no other."""
        now = tuple(status.limit for status in limits)
        if len(now) == len(self._limits) and all(map(_is_same, now, self._limits)):
            return
        self._limits = now
        rows = {_key(limit): number for number, limit in enumerate(now)}
        if rows == self._row:
            return
        figures = np.full((len(now), CAPACITY), np.nan)
        for key, number in rows.items():
            if key in self._row:
                figures[number] = self._figures[self._row[key]]
        self._row, self._figures = rows, figures


def _key(limit: Limit) -> _Key:
    return limit.limit_id, limit.measure, limit.scope, limit.detail


def _is_same(one: Limit, other: Limit) -> bool:
    return one is other
