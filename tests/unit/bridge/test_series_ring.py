"""A course in bounded memory: from its first point to its newest, thinned evenly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.bridge.series_ring import SeriesRing


def filled(n: int, capacity: int) -> SeriesRing:
    ring = SeriesRing(capacity)
    for number in range(n):
        ring.append(number, number / 2)
    return ring


def test_that_until_it_is_full_every_point_is_kept() -> None:
    ring = filled(8, 8)
    assert ring.times_ns.tolist() == list(range(8))
    assert ring.values.tolist() == [number / 2 for number in range(8)]
    assert len(ring) == 8


@given(n=st.integers(0, 3000), capacity=st.integers(4, 60))
def test_that_it_stays_bounded_ascending_and_ends_at_the_newest_point(n: int, capacity: int) -> None:
    ring = filled(n, capacity)
    assert len(ring) == len(ring.times_ns) == len(ring.values) <= capacity
    assert (np.diff(ring.times_ns) > 0).all()
    assert (ring.values == ring.times_ns / 2).all()
    if n:
        assert ring.times_ns[0] == 0
        assert ring.times_ns[-1] == n - 1


@given(n=st.integers(1, 5000), capacity=st.integers(4, 60))
def test_that_no_stretch_of_the_course_is_left_out(n: int, capacity: int) -> None:
    ring = filled(n, capacity)
    if len(ring) > 1:
        assert np.diff(ring.times_ns).max() <= max(1, 4 * n / capacity)


@pytest.mark.parametrize("value", [float("nan"), -1.5])
def test_that_the_newest_value_replaces_the_one_before_until_its_turn_has_come(value: float) -> None:
    ring = filled(100, 8)
    n = len(ring)
    ring.append(100, value)
    assert ring.times_ns[-1] == 100
    assert ring.values[-1] == pytest.approx(value, nan_ok=True)
    assert n <= len(ring) <= 8
