"""The table of sessions against published calendars: holidays, half days, lunch, summer time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.session import SessionTable, Venue
from plimsoll.domain.units import NS_PER_S
from plimsoll.storage.session_calendar import session_table, sessions_around

NEW_YORK, HONG_KONG = ZoneInfo("America/New_York"), ZoneInfo("Asia/Hong_Kong")
FIRST, LAST = date(2026, 1, 1), date(2027, 1, 31)


@pytest.fixture(scope="module")
def table() -> SessionTable:
    return session_table(list(Venue), FIRST, LAST)


def at(text: str, zone: ZoneInfo) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * NS_PER_S


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("2026-11-25T15:59:59", True),
        ("2026-11-25T16:00:00", False),
        ("2026-11-26T11:00:00", False),  # Thanksgiving
        ("2026-11-27T12:59:59", True),  # the day after closes at 13:00
        ("2026-11-27T13:00:00", False),
        ("2026-11-28T11:00:00", False),  # a Saturday
        ("2026-12-24T12:59:59", True),
        ("2026-12-24T13:00:00", False),
        ("2026-12-25T11:00:00", False),
        ("2026-07-03T11:00:00", False),  # Independence Day falls on a Saturday
        ("2026-03-09T09:29:59", False),  # the first day of summer time
        ("2026-03-09T09:30:00", True),
    ],
)
def test_that_new_york_keeps_its_holidays_and_early_closes(
    table: SessionTable, text: str, *, is_open: bool
) -> None:
    assert table.is_open(Venue.US_STOCK, at(text, NEW_YORK)) is is_open


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("2026-11-23T09:29:59", False),
        ("2026-11-23T11:59:59", True),
        ("2026-11-23T12:00:00", False),  # lunch
        ("2026-11-23T12:59:59", False),
        ("2026-11-23T13:00:00", True),
        ("2026-11-23T16:00:00", False),
        ("2026-12-24T11:59:59", True),  # half day
        ("2026-12-24T14:00:00", False),
        ("2026-12-25T10:00:00", False),
        ("2026-02-17T10:00:00", False),  # Lunar New Year
    ],
)
def test_that_hong_kong_keeps_its_lunch_and_half_days(
    table: SessionTable, text: str, *, is_open: bool
) -> None:
    assert table.is_open(Venue.HONG_KONG_STOCK, at(text, HONG_KONG)) is is_open


def test_that_shanghai_rests_in_the_national_week_and_is_unknown_where_its_calendar_ends(
    table: SessionTable,
) -> None:
    assert not table.is_open(Venue.CHINA_STOCK, at("2026-10-05T10:00:00", HONG_KONG))
    assert table.is_open(Venue.CHINA_STOCK, at("2026-11-23T10:00:00", HONG_KONG))
    assert not table.is_open(Venue.CHINA_STOCK, at("2026-11-22T10:00:00", HONG_KONG))
    # Recorded to the end of 2026 in this release; beyond it nothing is claimed, not even of a Sunday.
    sessions = table.by_venue[Venue.CHINA_STOCK]
    assert table.is_open(Venue.CHINA_STOCK, sessions.known_until_ns)


@pytest.mark.parametrize(
    ("venue", "opens", "closes"),
    [
        # AllTick's list in GMT for summer; in winter one hour later.
        (Venue.FX, "2026-07-05T21:00", "2026-07-10T21:00"),
        (Venue.FX, "2026-11-22T22:00", "2026-11-27T22:00"),
        (Venue.COMMODITY, "2026-07-05T22:00", "2026-07-06T21:00"),
        (Venue.COMMODITY, "2026-11-22T23:00", "2026-11-23T22:00"),
        (Venue.BRENT, "2026-07-06T00:00", "2026-07-06T21:00"),
        (Venue.BASE_METAL, "2026-07-06T00:00", "2026-07-06T18:00"),
        (Venue.INDEX_CFD, "2026-07-05T22:00", "2026-07-06T21:00"),
        (Venue.AUSTRALIA_CFD, "2026-07-05T21:50", "2026-07-06T21:00"),
    ],
)
def test_that_the_other_markets_keep_alltick_s_hours(
    table: SessionTable, venue: Venue, opens: str, closes: str
) -> None:
    sessions = table.by_venue[venue]
    opened, closed = (
        int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS_PER_S
        for text in (opens, closes)
    )
    assert opened in sessions.opens_ns
    assert sessions.closes_ns[sessions.opens_ns.index(opened)] == closed


def test_that_fx_sleeps_from_friday_to_sunday_and_on_christmas_and_crypto_never(table: SessionTable) -> None:
    assert not table.is_open(Venue.FX, at("2026-11-21T12:00:00", NEW_YORK))
    assert not table.is_open(Venue.FX, at("2026-12-25T12:00:00", NEW_YORK))
    assert table.is_open(Venue.FX, at("2026-11-26T12:00:00", NEW_YORK))  # Thanksgiving is no currency's day
    start = datetime(2026, 1, 1, tzinfo=UTC)
    hours = [int((start + timedelta(hours=n)).timestamp()) * NS_PER_S for n in range(0, 9000, 7)]
    assert all(table.is_open(Venue.ALWAYS, hour) for hour in hours)


def test_that_a_table_holds_only_what_was_asked_for() -> None:
    table = session_table({Venue.FX, Venue.ALWAYS}, FIRST, FIRST + timedelta(days=7))
    assert set(table.by_venue) == {Venue.FX}


def test_that_a_desk_gets_the_sessions_of_what_it_follows_for_a_week_back_and_a_year_on() -> None:
    share = Instrument("AAPL.US", "Apple", AssetClass.EQUITY, "USD", Settlement.FUNDED)
    peg = Instrument("USDTUSD", "Tether", AssetClass.FX, "USD", Settlement.FUNDED, fixed_price=1.0)
    now_ns = at("2026-11-22T12:00:00", NEW_YORK)
    table = sessions_around((share, peg), now_ns)
    assert set(table.by_venue) == {Venue.US_STOCK}
    sessions = table.by_venue[Venue.US_STOCK]
    assert sessions.known_from_ns == at("2026-11-15T00:00:00", NEW_YORK)
    assert sessions.known_until_ns == at("2027-11-24T00:00:00", NEW_YORK)
