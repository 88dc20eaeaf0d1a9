"""Which days a report looks back on: laws over every day of two years, weekends and clock changes too."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.report_period import last_roll, period_of, roll_of

ROLL = DayRoll()
DAY_NS = 86_400_000_000_000
EPOCH = date(1970, 1, 1)
instants = st.integers(18_000 * DAY_NS, 18_730 * DAY_NS)


def day_of(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH).days


@given(instants)
def test_that_an_instant_lies_between_the_rolls_around_it(now_ns: int) -> None:
    before, after = last_roll(ROLL, now_ns), ROLL.next_after(now_ns)
    assert before <= now_ns < after
    assert ROLL.next_after(before) == after
    assert roll_of(ROLL, ROLL.trading_day(now_ns)) == after


@given(instants, st.integers(1, 400))
def test_that_a_period_holds_its_last_row_and_begins_at_a_roll(now_ns: int, n_days: int) -> None:
    period = period_of(np.array([0, now_ns]), ROLL, 0, day=None, n_days=n_days)
    assert period.holds(now_ns)
    assert last_roll(ROLL, period.from_ns) == period.from_ns
    assert period.first_day <= period.last_day
    assert period.last_day - period.first_day < n_days


@pytest.mark.parametrize(
    ("rows", "now", "day", "is_over"),
    [
        (["2020-03-05T20:00", "2020-03-06T20:00"], "2020-03-06T22:05", "2020-03-06", True),
        (["2020-03-06T20:00", "2020-03-06T22:30"], "2020-03-06T23:00", "2020-03-06", True),
        (["2020-03-06T20:00"], "2020-03-06T20:01", "2020-03-06", False),
        (["2020-03-05T20:00", "2020-03-06T20:00"], "2020-03-06T20:01", "2020-03-05", True),
        (["2020-03-06T20:00"], "2020-03-09T20:00", "2020-03-06", True),
    ],
)
def test_that_the_newest_day_that_ended_is_meant_unless_none_has(
    rows: list[str], now: str, day: str, is_over: bool
) -> None:
    times = np.array(rows, dtype="datetime64[ns]").astype(np.int64)
    now_ns = int(np.datetime64(now, "ns").astype(np.int64))
    period = period_of(times, ROLL, now_ns, day=None, n_days=1)
    assert (period.last_day, period.is_over) == (day_of(day), is_over)


def test_that_a_journal_without_a_row_is_of_today() -> None:
    now_ns = day_of("2020-03-06") * DAY_NS
    assert period_of(np.array([0]), ROLL, now_ns, day=None, n_days=1).last_day == day_of("2020-03-06")
