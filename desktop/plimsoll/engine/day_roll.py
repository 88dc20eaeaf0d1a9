"""The day roll: 17:00 New York by exchange time, Monday to Friday, when day P&L starts anew."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plimsoll.domain.units import NS_PER_S

_EPOCH = date(1970, 1, 1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DayRoll:
    """When a trading day ends.

    A weekend's crypto ticks belong to Monday, as they do on the scenarios' weekday calendar.

    Attributes
    ----------
    hour, minute : int
        Wall clock of the roll in `zone`.
    zone : str
        IANA name of the zone.
    """

    hour: int = 17
    minute: int = 0
    zone: str = "America/New_York"

    def next_after(self, exchange_time_ns: int) -> int:
        """Return the first roll later than an instant, in nanoseconds."""
        zone = ZoneInfo(self.zone)
        day = datetime.fromtimestamp(exchange_time_ns // NS_PER_S, UTC).astimezone(zone).date()
        while True:
            roll = datetime.combine(day, time(self.hour, self.minute), zone)
            roll_ns = int(roll.timestamp()) * NS_PER_S
            if roll_ns > exchange_time_ns and day.weekday() < _SATURDAY:
                return roll_ns
            day += timedelta(days=1)

    def trading_day(self, exchange_time_ns: int) -> int:
        """Return the day an instant belongs to, as days since 1970-01-01: the date of its next roll."""
        roll_ns = self.next_after(exchange_time_ns)
        roll = datetime.fromtimestamp(roll_ns // NS_PER_S, UTC).astimezone(ZoneInfo(self.zone))
        return (roll.date() - _EPOCH).days
