"""17:00 New York, Monday to Friday, in winter and in summer."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.engine.day_roll import DayRoll

S = 1_000_000_000
NEW_YORK = ZoneInfo("America/New_York")


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * S


@pytest.mark.parametrize(
    ("instant", "roll"),
    [
        ("2020-02-24T14:30", "2020-02-24T22:00"),  # winter: 17:00 is 22:00 UTC
        ("2020-02-24T22:00", "2020-02-25T22:00"),  # at the roll the next day has begun
        ("2020-03-06T22:00", "2020-03-09T21:00"),  # Friday's roll to Monday's, the clocks changed between
        ("2020-03-07T12:00", "2020-03-09T21:00"),
        ("2020-03-08T23:00", "2020-03-09T21:00"),
        ("2020-10-30T21:00", "2020-11-02T22:00"),
        ("2020-07-01T20:59", "2020-07-01T21:00"),
    ],
)
def test_that_the_next_roll_is_17_new_york_on_a_weekday(instant: str, roll: str) -> None:
    assert DayRoll().next_after(ns(instant)) == ns(roll)


@given(st.integers(0, 20_000), st.integers(0, 86_399), st.integers(0, S - 1))
def test_that_no_roll_lies_between_an_instant_and_its_next(day: int, second: int, rest_ns: int) -> None:
    instant = (day * 86_400 + second) * S + rest_ns
    roll = DayRoll().next_after(instant)
    assert roll > instant
    local = datetime.fromtimestamp(roll // S, UTC).astimezone(NEW_YORK)
    assert (local.hour, local.minute, local.second) == (17, 0, 0)
    assert local.weekday() < 5
    assert DayRoll().next_after(roll - 1) == roll
    earlier = datetime.fromtimestamp(instant // S, UTC).astimezone(NEW_YORK)
    passed = [
        earlier.date() + timedelta(days=n)
        for n in range((local.date() - earlier.date()).days)
        if (earlier.date() + timedelta(days=n)).weekday() < 5
    ]
    assert len(passed) <= 1  # today's own roll, if it is past 17:00
    assert not passed or earlier.hour >= 17


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2020-02-24T14:30", "2020-02-24"),
        ("2020-02-24T23:00", "2020-02-25"),
        ("2020-03-07T12:00", "2020-03-09"),
    ],
)
def test_that_an_instant_belongs_to_the_day_of_its_next_roll(instant: str, day: str) -> None:
    assert DayRoll().trading_day(ns(instant)) == ns(day) // (86_400 * S)


def test_that_another_desk_may_roll_elsewhere() -> None:
    london = DayRoll(16, 30, "Europe/London")
    assert london.next_after(ns("2020-07-01T12:00")) == ns("2020-07-01T15:30")
