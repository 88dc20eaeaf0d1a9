import math

import pytest

from plimsoll.widgets import frame_time
from plimsoll.widgets.frame_time import FrameTime


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    now = [0]
    monkeypatch.setattr(frame_time.time, "perf_counter_ns", lambda: now[0])
    return now


def test_that_nothing_is_told_before_the_first_frame() -> None:
    assert math.isnan(FrameTime().p99_ms())


def test_that_work_inside_work_counts_once_and_waiting_not_at_all(clock: list[int]) -> None:
    frames = FrameTime()
    frames.began()
    clock[0] += 2_000_000
    frames.began()
    clock[0] += 3_000_000
    frames.ended()
    frames.ended()
    clock[0] += 50_000_000
    frames.cut()
    assert frames.p99_ms() == 5.0


def test_that_one_slow_frame_in_two_hundred_is_not_the_p99(clock: list[int]) -> None:
    frames = FrameTime()
    for number in range(200):
        frames.began()
        clock[0] += 40_000_000 if number == 7 else 4_000_000
        frames.ended()
        frames.cut()
    assert frames.p99_ms() == 4.0
