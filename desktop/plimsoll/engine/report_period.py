"""Which trading days a report looks back on, by exchange time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.day_roll import DayRoll

_DAY_NS = 86_400 * NS_PER_S
_LONGEST_GAP_NS = 5 * _DAY_NS
"""More than a weekend lies between no two rolls."""


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """The days from `first_day` to `last_day`, both in it.

    Attributes
    ----------
    first_day, last_day : int
        Trading days since 1970-01-01.
    from_ns, until_ns : int
        From the roll before the first day to the roll that ends the last, that one left out.
    is_over : bool
        Whether the last day has ended.
    """

    first_day: int
    last_day: int
    from_ns: int
    until_ns: int
    is_over: bool

    def holds(self, exchange_ns: int) -> bool:
        """Tell whether an instant lies in it."""
        return self.from_ns <= exchange_ns < self.until_ns


def period_of(
    times_ns: NDArray[np.int64], day_roll: DayRoll, now_ns: int, *, day: int | None, n_days: int
) -> ReportPeriod:
    """Return what a report looks back on.

    Parameters
    ----------
    times_ns : ndarray, shape (n_rows,)
        Exchange times of the journal's rows, 0 for none, in any order.
    day_roll : DayRoll
        When trading days end.
    now_ns : int
        The market's now; 0 where nobody knows it: then the newest row's.
    day : int or None
        The last trading day; None for the newest that has ended and left a row, else the one under way.
    n_days : int
        Calendar days from the first to the last, 1 for one trading day.
    """
    known = times_ns[times_ns > 0]
    newest_ns = int(known.max()) if len(known) else now_ns
    now_ns = now_ns or newest_ns
    if day is None:
        ended = known[known < last_roll(day_roll, now_ns)]
        day = day_roll.trading_day(int(ended.max()) if len(ended) else newest_ns)
    until_ns = roll_of(day_roll, day)
    first_day = day_roll.trading_day(roll_of(day_roll, day - n_days + 1) - 1)
    from_ns = last_roll(day_roll, roll_of(day_roll, first_day) - 1)
    return ReportPeriod(first_day, day, from_ns, until_ns, until_ns <= now_ns)


def roll_of(day_roll: DayRoll, day: int) -> int:
    """Return when a trading day ends; of a weekend's day, when the Monday after does."""
    roll_ns = day_roll.next_after(day * _DAY_NS)
    while day_roll.trading_day(roll_ns - 1) < day:
        roll_ns = day_roll.next_after(roll_ns)
    return roll_ns


def last_roll(day_roll: DayRoll, exchange_ns: int) -> int:
    """Return the newest roll at or before an instant."""
    found_ns = 0
    roll_ns = day_roll.next_after(exchange_ns - _LONGEST_GAP_NS)
    while roll_ns <= exchange_ns:
        found_ns, roll_ns = roll_ns, day_roll.next_after(roll_ns)
    return found_ns
