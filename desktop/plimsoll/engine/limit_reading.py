"""What limits measure at one instant, kept as arrays over all of them and told one by one when asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import overload

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit, ScopeKind
from plimsoll.engine.measurement import Measurement
from plimsoll.engine.unknown_reason import why_partial, why_unknown

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


class Doubt(IntEnum):
    """What keeps a row from being known, the stronger reason the higher."""

    NONE = 0
    PARTIAL = 1
    UNKNOWN = 2
    UNPRICED = 3
    NOT_HELD = 4


# Plain numbers: looking a member of an enum up costs more than the comparison, 500 times a frame.
_UNKNOWN, _UNPRICED, _NOT_HELD = int(Doubt.UNKNOWN), int(Doubt.UNPRICED), int(Doubt.NOT_HELD)


@dataclass(frozen=True, slots=True)
class LimitReading:
    """One limit's measure, for each member of its scope.

    Attributes
    ----------
    members : tuple of str
        One empty name for the book; none where nothing is held in the grouping.
    value, worst : ndarray, shape (n_members,)
        Now, and at the worst tick since the last reading, in the limit's unit; NaN unknown, infinite known.
    is_trusted : ndarray of bool, shape (n_members,)
        Whether the figures behind the value can vouch that the limit is kept.
    reason : str
        Why values are unknown or not to be trusted, if they are; empty where only prices are stale.
    """

    members: tuple[str, ...]
    value: FloatArray
    worst: FloatArray
    is_trusted: BoolArray
    reason: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each limit's members stand among the rows of a reading.

    Attributes
    ----------
    limits : tuple of Limit
        In the file's order.
    members : tuple of tuple of str
        Of each limit.
    starts : tuple of int
        First row of each limit, and the number of rows.
    """

    limits: tuple[Limit, ...]
    members: tuple[tuple[str, ...], ...]
    starts: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BoardReading(Sequence[LimitReading]):
    """All limits at one instant; each one's reading is made when it is asked for.

    Attributes
    ----------
    layout : Layout
        The same object from reading to reading of one board.
    measured : Measurement
        What was read.
    value, worst : ndarray, shape (n_rows,)
        A row for each member of each limit, in the limits' order, as `LimitReading` has them.
    is_trusted : ndarray of bool, shape (n_rows,)
        As `LimitReading` has it.
    doubt : ndarray of uint8, shape (n_rows,)
        Doubt of each row.
    """

    layout: Layout
    measured: Measurement
    value: FloatArray
    worst: FloatArray
    is_trusted: BoolArray
    doubt: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.layout.limits)

    @overload
    def __getitem__(self, number: int) -> LimitReading: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[LimitReading, ...]: ...

    def __getitem__(self, number: int | slice) -> LimitReading | tuple[LimitReading, ...]:
        if isinstance(number, slice):
            return tuple(self[one] for one in range(*number.indices(len(self))))
        number = range(len(self))[number]
        rows = self._rows(number)
        return LimitReading(
            self.layout.members[number],
            self.value[rows],
            self.worst[rows],
            self.is_trusted[rows],
            self.reason(number),
        )

    def __iter__(self) -> Iterator[LimitReading]:
        return (self[number] for number in range(len(self)))

    def values(self, kind: ScopeKind) -> Iterator[tuple[Limit, FloatArray]]:
        """Yield each limit on one kind of scope with its values now, shape (n_members,)."""
        for number, limit in enumerate(self.layout.limits):
            if limit.scope.kind is kind:
                yield limit, self.value[self._rows(number)]

    def reason(self, number: int) -> str:
        """Return why a limit's members are unknown, in words; empty where they are known."""
        doubts = self.doubt[self._rows(number)]
        doubt = int(doubts.max()) if len(doubts) else _NOT_HELD
        if not doubt:
            return ""
        if doubt == _NOT_HELD:
            return "nothing is held there"
        if doubt == _UNPRICED:
            return "a price is missing"
        limit = self.layout.limits[number]
        if doubt == _UNKNOWN:
            return why_unknown(limit.measure, limit.detail, limit.scope.kind, self.measured)
        return why_partial(limit.measure)

    def _rows(self, number: int) -> slice:
        return slice(self.layout.starts[number], self.layout.starts[number + 1])
