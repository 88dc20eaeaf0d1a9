"""A crisis window: two dates between which the market once did its worst, and who says so."""

from dataclasses import dataclass
from datetime import date

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class CrisisWindow:
    """A stretch of history that today's book is led through.

    Attributes
    ----------
    window_id : str
        Short and stable; results and reports name it.
    name : str
        What the trader calls it.
    start, end : date
        The close before the first loss, and the last close of the window. The recovery is searched after it.
    source : str
        Where the dates come from.
    note : str
        What the daily closes of it do not show, or what else to know; empty for nothing.
    """

    window_id: str
    name: str
    start: date
    end: date
    source: str
    note: str = ""

    @property
    def start_day(self) -> int:
        """Days from 1970-01-01 to the start."""
        return day_number(self.start)

    @property
    def end_day(self) -> int:
        """Days from 1970-01-01 to the end."""
        return day_number(self.end)


def day_number(day: date) -> int:
    """Return the days from 1970-01-01 to a date.

    Examples
    --------
    >>> day_number(date(1970, 1, 2))
    1
    """
    return (day - EPOCH).days


def date_of(number: int) -> date:
    """Return the date so many days after 1970-01-01.

    Examples
    --------
    >>> date_of(18372).isoformat()
    '2020-04-20'
    """
    return date.fromordinal(EPOCH.toordinal() + number)
