"""Where every member of every limit stands against its line, as arrays: the fine ones cost nothing."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit, LimitState
from plimsoll.domain.snapshot import LimitStatus
from plimsoll.engine.limit_reading import BoardReading

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]

Key = tuple[str, str]
"""A limit's id and the member of its scope."""

NAN = float("nan")


class LineBoard:
    """The newest readings of all limits, end to end; a place is one member of one limit.

    Attributes
    ----------
    limits : tuple of Limit
        In the file's order.
    limit_of : ndarray of int, shape (n_places,)
        The limit's number at each place.
    value, worst : ndarray, shape (n_places,)
        In each limit's unit; NaN unknown.
    """

    def __init__(self, limits: tuple[Limit, ...]) -> None:
        self.limits = limits
        self.value: FloatArray = np.empty(0)
        self.worst: FloatArray = np.empty(0)
        self._trusted: BoolArray = np.empty(0, dtype=np.bool_)
        self._reading: BoardReading | None = None
        self._places: dict[Key, int] = {}
        self._lay_out(tuple(() for _ in limits))

    @property
    def places(self) -> Mapping[Key, int]:
        """The place of each member of each limit."""
        return self._places

    def key_at(self, place: int) -> Key:
        """Return the limit's id and the member at a place."""
        number = int(self.limit_of[place])
        return self.limits[number].limit_id, self._members[number][place - int(self._start[number])]

    def take(self, reading: BoardReading) -> bool:
        """Take the newest reading of these limits; tell whether the places are other ones now."""
        has_moved = self._reading is None or reading.layout is not self._reading.layout
        if has_moved:
            self._lay_out(reading.layout.members)
        self._reading = reading
        self.value, self.worst, self._trusted = reading.value, reading.worst, reading.is_trusted
        return has_moved

    def beyond(self, value: FloatArray) -> BoolArray:
        """Tell for each place whether a value lies beyond the line, shape (n_places,); NaN does not."""
        found: BoolArray = value * self._sign > self._signed_line
        return found

    def below(self) -> BoolArray:
        """Tell for each place whether fresh prices show it below its reset level, shape (n_places,)."""
        return ~np.isnan(self.value) & self._trusted & (self._use() < self._reset)

    def is_known(self) -> BoolArray:
        """Tell for each limit whether any of its members could be measured, shape (n_limits,)."""
        is_unknown = np.isnan(self.value)
        if not is_unknown.any():
            return np.asarray(self._count > 0)
        known = np.zeros(len(self.limits), dtype=np.bool_)
        known[self.limit_of[~is_unknown]] = True
        return known

    def statuses(self) -> tuple[LimitStatus, ...]:
        """Return where the worst member of each limit stands; unknown members outrank fine ones."""
        found = [
            LimitStatus(limit, "", NAN, NAN, LimitState.UNKNOWN, "nothing is held there")
            for limit in self.limits
        ]
        if self._reading is None or not len(self.value):
            return tuple(found)
        filled, start = np.flatnonzero(self._count), self._start[self._count > 0]
        sure = ~np.isnan(self.value)
        signed = np.where(sure, self.value * self._sign, -np.inf)
        top = np.maximum.reduceat(signed, start)
        is_top = signed == np.repeat(top, self._count[filled])
        own = np.where(is_top, np.arange(len(signed)), len(signed))
        worst = np.minimum.reduceat(own, start)
        all_sure = np.logical_and.reduceat(sure & self._trusted, start)
        is_over = self.beyond(self.value)[worst]
        use_of_worst = self._use(worst)
        is_near = use_of_worst >= self._warning[worst]
        columns = (filled, worst, self.value[worst], use_of_worst, is_over, is_near, all_sure)
        for number, place, value, use, over, near, certain in zip(
            *(c.tolist() for c in columns), strict=True
        ):
            limit, member = self.limits[number], self._members[number][place - int(self._start[number])]
            if not over and not certain:
                reason = self._reading.reason(number) or "prices are stale"
                found[number] = LimitStatus(limit, member, value, NAN, LimitState.UNKNOWN, reason)
                continue
            state = LimitState.OVER if over else LimitState.NEAR if near else LimitState.FINE
            found[number] = LimitStatus(limit, member, value, use, state)
        return tuple(found)

    def _use(self, places: IntArray | slice = slice(None)) -> FloatArray:
        """Return what `Limit.use_of` does, for these places."""
        value, line = self.value[places], self._line[places]
        with np.errstate(all="ignore"):
            floor = np.where(value <= 0.0, np.inf, line / value)
            return np.where(self._is_floor[places], floor, np.maximum(value, 0.0) / line)

    def _lay_out(self, members: tuple[tuple[str, ...], ...]) -> None:
        self._members = members
        self._count: IntArray = np.array([len(names) for names in members], dtype=np.intp)
        self._start: IntArray = np.concatenate([[0], np.cumsum(self._count)[:-1]]).astype(np.intp)
        self.limit_of: IntArray = np.repeat(np.arange(len(members)), self._count).astype(np.intp)
        self.value = self.worst = np.full(len(self.limit_of), NAN)
        self._trusted = np.zeros(len(self.limit_of), dtype=np.bool_)

        def spread(values: list[float]) -> FloatArray:
            return np.array(values, dtype=np.float64)[self.limit_of]

        self._line = spread([limit.line for limit in self.limits])
        self._reset = spread([limit.reset_fraction for limit in self.limits])
        self._warning = spread([limit.warning_fraction for limit in self.limits])
        self._is_floor = spread([float(limit.measure.is_floor) for limit in self.limits]) > 0.0
        self._sign = np.where(self._is_floor, -1.0, 1.0)
        self._signed_line = self._sign * self._line
        keys = [
            (limit.limit_id, member)
            for limit, names in zip(self.limits, members, strict=True)
            for member in names
        ]
        self._places = {key: place for place, key in enumerate(keys)}
