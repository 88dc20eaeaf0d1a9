"""One bad print does not fire; what lasts, or comes back often enough, does."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.engine.confirmation import Confirmation

S = 1_000_000_000
NAN = float("nan")
LIMIT = Limit("l", "Size", Measure.POSITION_SIZE, 100.0, Severity.HIGH)


class Seen:
    """A confirmation of one place, shown values one after another."""

    def __init__(self, limit: Limit) -> None:
        self.confirmation = Confirmation((limit,), np.zeros(1, dtype=np.intp))
        self.now_ns = 1_000 * S

    def see(self, value: float, worst: float | None = None, *, after_s: float = 0.1) -> bool:
        self.now_ns += int(after_s * S)
        now, peak = np.array([value]), np.array([value if worst is None else worst])
        return bool(self.confirmation.confirmed(now, peak, now > 100.0, peak > 100.0, self.now_ns)[0])

    def see_all(self, values: Sequence[float], *, after_s: float = 0.1) -> list[bool]:
        return [self.see(value, after_s=after_s) for value in values]


def limit(n: int = 1, of: int = 1, seconds: float = 0.0) -> Limit:
    return replace(LIMIT, confirm_updates=n, confirm_of=of, confirm_s=seconds)


def test_that_a_limit_that_asks_for_no_confirmation_is_believed_at_once() -> None:
    seen = Seen(limit())
    assert seen.see_all([99.0, 101.0, 99.0, 102.0]) == [False, True, False, True]
    flags = np.array([True])
    answer = seen.confirmation.confirmed(np.ones(1), np.ones(1), flags, flags, 1)
    assert answer is flags  # five hundred such limits cost nothing


def test_that_one_bad_print_among_good_ones_does_not_fire() -> None:
    seen = Seen(limit(2, 3))
    assert not any(seen.see_all([90.0, 500.0, 91.0, 90.0, 92.0, 501.0, 90.0, 91.0, 90.0]))


def test_that_n_of_the_last_m_updates_fire_on_the_nth() -> None:
    assert Seen(limit(3, 5)).see_all([101.0, 99.0, 102.0, 98.0, 103.0]) == [False] * 4 + [True]
    assert Seen(limit(3, 4)).see_all([101.0, 99.0, 98.0, 103.0, 104.0, 105.0]) == [False] * 5 + [True]


def test_that_an_update_below_the_line_never_fires_however_many_went_before() -> None:
    assert Seen(limit(2, 3)).see_all([101.0, 102.0, 99.0]) == [False, True, False]


def test_that_a_worst_tick_inside_a_batch_makes_its_update_one_beyond() -> None:
    seen = Seen(limit(2, 3))
    assert not seen.see(99.0, 101.0)
    assert seen.see(98.0, 102.0)


def test_that_ticks_of_others_do_not_confirm_a_print_that_merely_stands() -> None:
    seen = Seen(limit(2, 3))
    assert not any(seen.see_all([500.0] * 9))  # 0.8 s of batches in which it did not move
    assert not seen.see(90.0)


def test_that_a_price_that_gapped_and_stands_is_believed_within_as_many_seconds_as_updates() -> None:
    seen = Seen(limit(3, 3))
    fired = seen.see_all([500.0] * 30)
    assert fired.index(True) == 20  # 0.1 s each: the first update, and two seconds
    assert all(fired[20:])


def test_that_a_duration_starts_anew_when_the_measure_comes_back() -> None:
    seen = Seen(limit(seconds=1.0))
    assert not any(seen.see_all([101.0] * 9))
    assert not seen.see(99.0)
    assert seen.see_all([101.0] * 12) == [False] * 10 + [True] * 2


def test_that_a_duration_is_not_served_by_worst_ticks_of_batches_that_ended_below() -> None:
    seen = Seen(limit(seconds=0.5))
    assert not any(seen.see(99.0, 101.0) for _ in range(20))


def test_that_both_are_asked_where_both_are_set() -> None:
    seen = Seen(limit(2, 2, seconds=1.0))
    fired = seen.see_all([101.0 + place for place in range(12)])
    assert fired == [False] * 10 + [True] * 2


def test_that_the_unknown_neither_confirms_nor_counts_as_coming_back() -> None:
    seen = Seen(limit(2, 2))
    assert seen.see_all([101.0, NAN, NAN, 102.0]) == [False, False, False, True]
    timed = Seen(limit(seconds=1.0))
    assert timed.see_all([101.0, NAN, 101.0], after_s=0.6) == [False, False, True]


@pytest.mark.parametrize("n_of", [(1, 1), (2, 3), (3, 5)])
def test_that_each_member_is_confirmed_for_itself(n_of: tuple[int, int]) -> None:
    asked = limit(*n_of)
    confirmation = Confirmation((asked, limit()), np.array([0, 0, 1], dtype=np.intp))
    fired = np.zeros(3, dtype=np.int64)
    for step in range(10):
        value = np.array([101.0 + step, 50.0 + step, 101.0 + step])
        beyond = value > 100.0
        fired += confirmation.confirmed(value, value, beyond, beyond, step * S)
    assert fired.tolist() == [10 - n_of[0] + 1, 0, 10]
