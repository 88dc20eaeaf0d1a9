"""What a limit would have done over the past: the path of its measure, and what another line makes of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class MeasurePath:
    """The daily path of a limit's measure, under today's book; it does not depend on the line.

    Attributes
    ----------
    limit : Limit
        As it stood when the path was made: its measure, scope and detail are the path's.
    members : tuple of str
        The members of its scope; one empty name for the book.
    days : ndarray of int64, shape (n_days,)
        Days from 1970-01-01, oldest first.
    values : ndarray, shape (n_days, n_members)
        In the limit's unit, at each close; NaN unknown.
    pnl : ndarray, shape (n_days, n_members)
        What each member earned on each day, base money.
    exit_cost_base : ndarray, shape (n_members,)
        Half the spread of everything each member holds; NaN unknown.
    words : tuple of str
        What it rests on.
    refusal : str
        Why there is none; empty where there is one.
    """

    limit: Limit
    members: tuple[str, ...]
    days: IntArray
    values: FloatArray
    pnl: FloatArray
    exit_cost_base: FloatArray
    words: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is a path at all."""
        return not self.refusal

    def fits(self, limit: Limit) -> bool:
        """Tell whether the path is that of another limit's measure as well."""
        mine = self.limit
        return (mine.measure, mine.scope, mine.detail) == (limit.measure, limit.scope, limit.detail)

    def worst(self) -> FloatArray:
        """Return the worst member's value of each day, shape (n_days,); NaN where none is known."""
        pick = np.fmin if self.limit.measure.is_floor else np.fmax
        return np.asarray(pick.reduce(self.values, axis=1, initial=np.nan))

    def last(self, n_days: int) -> "MeasurePath":
        """Return its newest days."""
        begin = max(len(self.days) - n_days, 0)
        return MeasurePath(
            self.limit,
            self.members,
            self.days[begin:],
            self.values[begin:],
            self.pnl[begin:],
            self.exit_cost_base,
            self.words,
            self.refusal,
        )


def refused_path(limit: Limit, refusal: str) -> MeasurePath:
    """Return the path of a measure without one."""
    none = np.empty((0, 0))
    return MeasurePath(limit, (), np.empty(0, dtype=np.int64), none, none, np.empty(0), refusal=refusal)


@dataclass(frozen=True, slots=True, eq=False)
class PastCrossings:
    """The breaches that would have been raised, as columns of shape (n_breaches,), by member and day.

    Attributes
    ----------
    member : ndarray of int64
        Places among the path's members.
    raised_day, over_day : ndarray of int64
        Days from 1970-01-01: when it was raised, and the first close at which it was over; the newest day
        where it still is not.
    is_over : ndarray of bool
        Whether it had ended by the newest day.
    cut_fraction : ndarray
        What would have been sold of each position of the member.
    cost_base, saved_base : ndarray
        Estimates: the trades at half the spread, and the loss that the part sold did not make; NaN unknown.
    """

    member: IntArray
    raised_day: IntArray
    over_day: IntArray
    is_over: NDArray[np.bool_]
    cut_fraction: FloatArray
    cost_base: FloatArray
    saved_base: FloatArray

    def __len__(self) -> int:
        return len(self.member)


@dataclass(frozen=True, slots=True, eq=False)
class Tuning:
    """What a limit would have done.

    Attributes
    ----------
    n_days : int
        Closes looked at.
    n_warnings, n_warning_days : int
        Times a member came near its line from within, and closes at which any was near or beyond.
    n_over_days : int
        Closes at which any member was beyond its line, confirmed or not.
    crossings : PastCrossings
        The breaches; each would have been acted on once.
    """

    n_days: int
    n_warnings: int
    n_warning_days: int
    n_over_days: int
    crossings: PastCrossings

    @property
    def n_breaches(self) -> int:
        """Breaches that would have been raised, and so actions."""
        return len(self.crossings)

    @property
    def cost_base(self) -> float:
        """What acting on all of them would have cost; NaN where any is unknown."""
        return float(self.crossings.cost_base.sum())

    @property
    def saved_base(self) -> float:
        """What acting on all of them would have saved before cost; NaN where any is unknown."""
        return float(self.crossings.saved_base.sum())

    @property
    def net_base(self) -> float:
        """Saved less cost."""
        return self.saved_base - self.cost_base

    @property
    def longest_days(self) -> int:
        """Calendar days of the longest breach."""
        return int((self.crossings.over_day - self.crossings.raised_day).max(initial=0))
