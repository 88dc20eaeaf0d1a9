"""Makes the table of sessions: shares by their exchange's calendar, the rest by AllTick's stated hours."""

import warnings
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plimsoll.domain.instrument import Instrument
from plimsoll.domain.session import SessionTable, Venue, VenueSessions, venue_of
from plimsoll.domain.units import NS_PER_DAY, NS_PER_S

_NEW_YORK = ZoneInfo("America/New_York")
_WEEKDAYS = 5

_CALENDAR = {Venue.US_STOCK: "XNYS", Venue.HONG_KONG_STOCK: "XHKG", Venue.CHINA_STOCK: "XSHG"}

# Opens the evening before, closes on the day, both New York. AllTick's list (alltick-protocol.md, 5.3) gives
# them in GMT for summer, "winter one hour later"; on the clock of New York they are the same all year.
_HOURS = {
    Venue.FX: (time(17, 0), time(17, 0)),
    Venue.COMMODITY: (time(18, 0), time(17, 0)),
    Venue.BRENT: (time(20, 0), time(17, 0)),
    Venue.BASE_METAL: (time(20, 0), time(14, 0)),
    Venue.INDEX_CFD: (time(18, 0), time(17, 0)),
    Venue.AUSTRALIA_CFD: (time(17, 50), time(17, 0)),
}

# AllTick tells holidays of these markets nowhere. On both days no dealer quotes them anywhere.
_CLOSED_DAYS = frozenset({(1, 1), (12, 25)})


def sessions_around(instruments: Iterable[Instrument], exchange_ns: int) -> SessionTable:
    """Return the sessions that a desk needs from a week before an instant to a year after it.

    Parameters
    ----------
    instruments : iterable of Instrument
        Whose venues are wanted.
    exchange_ns : int
        The market's time at the start.
    """
    today = datetime.fromtimestamp(exchange_ns // NS_PER_S, UTC).date()
    venues = {venue_of(item) for item in instruments if item.fixed_price is None}
    return session_table(venues, today - timedelta(days=7), today + timedelta(days=366))


def session_table(venues: Collection[Venue], first: date, last: date) -> SessionTable:
    """Return the sessions of venues from one day to another, both included.

    It loads pandas and exchange-calendars, half a second of work: call it on the history thread.

    Parameters
    ----------
    venues : collection of Venue
        Those that are wanted.
    first, last : date
        In the market's own days. An exchange's calendar that ends earlier is known until its end only.

    Returns
    -------
    SessionTable
    """
    by_venue = {}
    for venue in venues:
        if venue in _CALENDAR:
            by_venue[venue] = _exchange_sessions(_CALENDAR[venue], first, last)
        elif venue in _HOURS:
            by_venue[venue] = _stated_sessions(venue, first, last)
    return SessionTable(by_venue)


def _exchange_sessions(name: str, first: date, last: date) -> VenueSessions:
    # exchange-calendars 4.13 rests on names pandas 3 deprecates; what it says of itself is no news of ours.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import exchange_calendars
        import pandas as pd

        bound = exchange_calendars.get_calendar(name).bound_max()
        end = last if bound is None else min(last, bound.date())
        calendar = exchange_calendars.get_calendar(name, start=pd.Timestamp(first), end=pd.Timestamp(end))
        schedule = calendar.schedule
    spans: list[tuple[int, int]] = []
    for row in schedule.itertuples():
        opened, closed = row.open.value, row.close.value
        if pd.isna(row.break_start):
            spans.append((opened, closed))
        else:
            spans += [(opened, row.break_start.value), (row.break_end.value, closed)]
    zone = ZoneInfo(str(calendar.tz))
    known = (_instant_ns(first, time(), zone), _instant_ns(end + timedelta(days=1), time(), zone))
    return VenueSessions(tuple(o for o, _ in spans), tuple(c for _, c in spans), *known)


def _stated_sessions(venue: Venue, first: date, last: date) -> VenueSessions:
    opens_at, closes_at = _HOURS[venue]
    opens: list[int] = []
    closes: list[int] = []
    for day in _trading_days(first, last):
        opened = _instant_ns(day - timedelta(days=1), opens_at, _NEW_YORK)
        closed = _instant_ns(day, closes_at, _NEW_YORK)
        if closes and closes[-1] == opened:  # no daily break
            closes[-1] = closed
        else:
            opens.append(opened)
            closes.append(closed)
    midnight = int(datetime.combine(first, time(), UTC).timestamp()) * NS_PER_S
    n_days = (last - first).days + 1
    return VenueSessions(tuple(opens), tuple(closes), midnight, midnight + n_days * NS_PER_DAY)


def _trading_days(first: date, last: date) -> Iterator[date]:
    """Yield the weekdays whose sessions touch the range; Monday's begins on Sunday."""
    day = first
    while day <= last + timedelta(days=1):
        if day.weekday() < _WEEKDAYS and (day.month, day.day) not in _CLOSED_DAYS:
            yield day
        day += timedelta(days=1)


def _instant_ns(day: date, at: time, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, at, zone).timestamp()) * NS_PER_S
