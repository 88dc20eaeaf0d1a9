"""Both clocks, and what was heard first."""

from plimsoll.engine.instant import Instant


def test_that_nothing_judged_was_heard_before_the_oldest_tick_of_its_batch() -> None:
    assert Instant(1, 20, 15).first_heard_ns == 15


def test_that_without_a_tick_the_desk_s_clock_answers() -> None:
    assert Instant(1, 20).first_heard_ns == 20
