"""A stretch of an instrument's history that came from one source."""

from dataclasses import dataclass

from plimsoll.domain.crisis_window import date_of


@dataclass(frozen=True, slots=True)
class SeriesPart:
    """A stretch of one code's history that came from one source.

    Attributes
    ----------
    code, source, adjustment : str
        Which, from where, and what had been done to it there.
    first_day, last_day : int
        Days from 1970-01-01.
    scale : float
        What its closes were multiplied by to meet the neighbouring part; 1 for none.
    """

    code: str
    source: str
    adjustment: str
    first_day: int
    last_day: int
    scale: float = 1.0

    @property
    def words(self) -> str:
        """What the list of sources says."""
        scaled = "" if self.scale == 1.0 else f", times {self.scale:.6g} to meet its neighbour"
        span = f"{date_of(self.first_day)} to {date_of(self.last_day)}"
        return f"{self.code}: {span} from {self.source} ({self.adjustment}){scaled}"
