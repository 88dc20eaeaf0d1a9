from dataclasses import replace

import numpy as np
import pytest

from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.limit_course import CAPACITY, PERIOD_NS, LimitCourse
from plimsoll.domain.snapshot import LimitStatus

STATUSES = make_snapshot().limits


def at(value: float) -> tuple[LimitStatus, ...]:
    return tuple(replace(status, value=value) for status in STATUSES)


def test_that_a_figure_is_kept_at_most_once_a_second() -> None:
    course = LimitCourse()
    taken = [course.take(at(k), k * PERIOD_NS // 10) for k in range(21)]
    assert taken == [k % 10 == 0 for k in range(21)]
    assert course.of(STATUSES[0].limit).tolist() == [0.0, 10.0, 20.0]


@pytest.mark.parametrize("hours", [1, 24])
def test_that_memory_is_bounded_and_the_whole_day_stays_in_it(hours: int) -> None:
    course = LimitCourse()
    n = hours * 3600
    for k in range(n):
        course.take(STATUSES[:1], k * PERIOD_NS) if k % 7 else course.take(at(float(k))[:1], k * PERIOD_NS)
    figures = course.of(STATUSES[0].limit)
    assert CAPACITY // 2 <= len(figures) <= CAPACITY
    assert figures[0] == 0.0


def test_that_a_course_goes_on_while_the_limit_measures_the_same() -> None:
    course = LimitCourse()
    course.take(at(1.0), PERIOD_NS)
    first, *rest = at(2.0)
    tighter = replace(first, limit=replace(first.limit, line=1.0))
    course.take((*rest, tighter), 2 * PERIOD_NS)
    assert course.of(tighter.limit).tolist() == [1.0, 2.0]
    other = replace(tighter, limit=replace(tighter.limit, detail="ewma"))
    course.take((other,), 3 * PERIOD_NS)
    assert np.isnan(course.of(other.limit)[:2]).all()
    assert len(course.of(rest[0].limit)) == 0


def test_that_a_new_day_begins_with_an_empty_course() -> None:
    course = LimitCourse()
    course.take(at(1.0), 5 * PERIOD_NS)
    course.clear()
    assert len(course.of(STATUSES[0].limit)) == 0
    assert course.take(at(3.0), 5 * PERIOD_NS)
