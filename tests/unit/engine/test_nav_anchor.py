"""Anchors of a fall: where each begins, what scales them, and that a restart finds them again."""

import pytest

from plimsoll.domain.limit_detail import high_of
from plimsoll.engine.nav_anchor import NavAnchors

WANTED = frozenset({"day", "month", "start", high_of(1), high_of(2), high_of(3)})


def three_days(anchors: NavAnchors) -> list[dict[str, object]]:
    rows = []
    for nav, high, end, is_new_month in [(100.0, 120.0, 110.0, False), (105.0, 112.0, 90.0, True)]:
        anchors.follow(nav, high)
        rows.append({"nav": end, **anchors.row(), "is_new_month": is_new_month})
        anchors.end_day(end, is_new_month=is_new_month)
    anchors.follow(95.0, 97.0)
    return rows


def test_that_nothing_is_known_before_the_first_worth() -> None:
    anchors = NavAnchors()
    anchors.follow(float("nan"), float("nan"))
    anchors.follow(-1.0, 5.0)
    assert anchors.known(WANTED) == {}


def test_that_each_anchor_is_where_its_name_says() -> None:
    anchors = NavAnchors()
    three_days(anchors)
    assert anchors.known(WANTED) == {
        "start": 100.0,
        "day": 90.0,
        "month": 90.0,
        high_of(1): 97.0,
        high_of(2): 112.0,
        high_of(3): 120.0,
    }
    assert anchors.known(frozenset({"day"})) == {"day": 90.0}


def test_that_a_flow_scales_every_anchor() -> None:
    anchors = NavAnchors()
    three_days(anchors)
    before = anchors.known(WANTED)
    anchors.flow(2.0)
    assert anchors.known(WANTED) == pytest.approx({name: 2.0 * nav for name, nav in before.items()})


def test_that_the_closes_before_the_first_day_begin_everything() -> None:
    anchors = NavAnchors()
    anchors.follow(95.0, 96.0)
    anchors.count_start(100.0)
    assert anchors.known(WANTED) == dict.fromkeys(WANTED, 100.0)


def test_that_a_restart_finds_them_in_the_day_rolls() -> None:
    live = NavAnchors()
    rows = three_days(live)
    again = NavAnchors()
    again.restore({"nav": 3.0, "day": 1})  # a row of before they were kept
    for row in rows:
        again.restore(row)
    again.restore({"nav": 95.0, **live.row()})  # written with a high-water mark in the midst of the day
    again.follow(95.0, 97.0)
    assert again.known(WANTED) == live.known(WANTED)
