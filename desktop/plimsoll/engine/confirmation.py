"""Which crossings are believed: n of the last m updates beyond the line, or beyond it for so long."""

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit
from plimsoll.domain.units import NS_PER_S

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

LONGEST_UPDATE_NS = NS_PER_S
"""A measure that stands still counts as updated after this long: a price may gap and stay there."""


class Confirmation:
    """Remembers for each member of each limit that asks for it which of its last updates were beyond.

    An update of a member is a judgement in which its measure moved, so that ticks of other instruments do not
    vouch for a bad print that still stands; or a second in which it did not. The unknown is no update.
    """

    def __init__(self, limits: tuple[Limit, ...], limit_of: NDArray[np.intp]) -> None:
        def spread(values: list[float]) -> FloatArray:
            return np.array(values, dtype=np.float64)[limit_of]

        wanted = spread([limit.confirm_updates for limit in limits])
        size = spread([max(limit.confirm_of, limit.confirm_updates) for limit in limits])
        lasting = spread([limit.confirm_s for limit in limits])
        rows = np.flatnonzero((wanted > 1) | (size > 1) | (lasting > 0.0))
        n_rows, longest = len(rows), int(size[rows].max()) if len(rows) else 1
        self._rows = rows
        self._wanted = wanted[rows].astype(np.int64)
        self._size = size[rows].astype(np.int64)
        self._lasting_ns = (lasting[rows] * NS_PER_S).astype(np.int64)
        self._was_beyond = np.zeros((n_rows, longest), dtype=np.bool_)
        self._next = np.zeros(n_rows, dtype=np.int64)
        self._value = np.full(n_rows, np.nan)
        self._worst = np.full(n_rows, np.nan)
        self._updated_ns = np.zeros(n_rows, dtype=np.int64)
        self._since_ns = np.zeros(n_rows, dtype=np.int64)

    def confirmed(
        self,
        value: FloatArray,
        worst: FloatArray,
        is_beyond: BoolArray,
        was_beyond: BoolArray,
        now_ns: int,
    ) -> BoolArray:
        """Return which places are beyond their line and believed to be.

        Parameters
        ----------
        value, worst : ndarray, shape (n_places,)
            Now, and at the worst tick since the last judgement; NaN unknown.
        is_beyond, was_beyond : ndarray of bool, shape (n_places,)
            Whether `value` and `worst` lie beyond the line; one worst tick makes its update one beyond.
        now_ns : int
            The desk's clock.

        Returns
        -------
        ndarray of bool, shape (n_places,)
            `was_beyond` itself where a limit asks for no confirmation.
        """
        rows = self._rows
        if not len(rows):
            return was_beyond
        mine, worst_mine, beyond = value[rows], worst[rows], was_beyond[rows]
        is_known = ~(np.isnan(mine) & np.isnan(worst_mine))
        moved = (mine != self._value) | (worst_mine != self._worst)
        is_update = is_known & (moved | (now_ns - self._updated_ns >= LONGEST_UPDATE_NS))
        self._note(np.flatnonzero(is_update), mine, worst_mine, beyond, now_ns)
        self._time(is_beyond[rows], is_known, now_ns)
        is_often = self._was_beyond.sum(axis=1) >= self._wanted
        lasted = (self._since_ns > 0) & (now_ns - self._since_ns >= self._lasting_ns)
        found = was_beyond.copy()
        found[rows] = beyond & is_often & ((self._lasting_ns == 0) | lasted)
        return found

    def _note(
        self, updated: NDArray[np.intp], value: FloatArray, worst: FloatArray, beyond: BoolArray, now_ns: int
    ) -> None:
        self._was_beyond[updated, self._next[updated]] = beyond[updated]
        self._next[updated] = (self._next[updated] + 1) % self._size[updated]
        self._value[updated], self._worst[updated] = value[updated], worst[updated]
        self._updated_ns[updated] = now_ns

    def _time(self, is_beyond: BoolArray, is_known: BoolArray, now_ns: int) -> None:
        # A measure that turned unknown has not come back: only a known value stops the clock.
        self._since_ns[is_known & ~is_beyond] = 0
        begins = is_beyond & (self._since_ns == 0)
        self._since_ns[begins] = now_ns
