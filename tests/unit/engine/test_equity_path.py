"""High-water mark and drawdown at every tick, by the published path and by a plain loop."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.engine.equity_path import EquityPath


def begun(nav: float = 100.0, mark: float | None = None) -> EquityPath:
    path = EquityPath()
    path.begin(nav, mark)
    return path


def test_that_the_published_path_has_its_published_drawdown() -> None:
    path = begun(100.0)  # risk-definitions.md, section 7
    path.follow(np.array([110.0, 105.0, 120.0, 90.0, 95.0, 125.0]))
    assert path.max_drawdown == pytest.approx(0.25)
    assert (path.high_water_mark, path.drawdown) == (125.0, 0.0)


@given(st.lists(st.lists(st.floats(1.0, 1e6), max_size=20), max_size=8))
def test_that_any_split_gives_what_a_loop_gives(batches: list[list[float]]) -> None:
    path, peak, worst, now = begun(100.0), 100.0, 0.0, 0.0
    for batch in batches:
        path.follow(np.array(batch))
        for nav in batch:
            peak = max(peak, nav)
            now = 1.0 - nav / peak
            worst = max(worst, now)
    assert path.high_water_mark == peak
    assert path.drawdown == pytest.approx(now, abs=1e-15)
    assert path.max_drawdown == pytest.approx(worst, abs=1e-15)


def test_that_before_it_has_begun_nothing_is_known() -> None:
    path = EquityPath()
    path.follow(np.array([1.0, 2.0]))
    path.flow(1.0, 2.0)
    path.begin(0.0)
    path.begin(math.nan)
    assert not path.has_begun
    assert math.isnan(path.drawdown)


def test_that_an_earlier_mark_is_fallen_from_and_a_lower_one_is_not() -> None:
    assert begun(90.0, 120.0).drawdown == pytest.approx(0.25)
    assert begun(130.0, 120.0).high_water_mark == 130.0


@pytest.mark.parametrize(("before", "after"), [(90.0, 180.0), (90.0, 9.0)])
def test_that_a_flow_scales_the_mark_and_leaves_drawdown(before: float, after: float) -> None:
    path = begun(100.0)
    path.follow(np.array([before]))
    path.flow(before, after)
    path.follow(np.array([after]))
    assert path.drawdown == pytest.approx(0.10)


@pytest.mark.parametrize(("before", "after"), [(0.0, 10.0), (10.0, 0.0), (-5.0, 5.0), (5.0, -5.0)])
def test_that_a_flow_from_or_to_nothing_cannot_scale_the_mark(before: float, after: float) -> None:
    path = begun(100.0)
    path.flow(before, after)
    assert path.high_water_mark == 100.0


def test_that_extremes_are_kept_until_they_are_settled() -> None:
    path = begun(100.0)
    path.follow(np.array([80.0, 100.0]))
    path.follow(np.array([90.0, 95.0]))
    path.follow(np.array([]))
    assert (path.batch_low, path.batch_drawdown) == (80.0, pytest.approx(0.2))
    path.settle(95.0)
    assert (path.batch_low, path.batch_drawdown) == (95.0, pytest.approx(0.05))
    assert path.max_drawdown == pytest.approx(0.2)


def test_that_a_start_heard_of_late_lies_before_everything_seen() -> None:
    path = begun(90.0)
    path.follow(np.array([80.0, 96.0, 84.0]))
    path.settle(84.0)
    path.count_start(120.0, 84.0)
    assert path.high_water_mark == 120.0
    assert (path.drawdown, path.batch_drawdown) == (pytest.approx(0.30), pytest.approx(0.30))
    assert path.max_drawdown == pytest.approx(1 - 80 / 120)


def test_that_a_start_below_what_was_seen_changes_nothing() -> None:
    path = begun(100.0)
    path.follow(np.array([110.0, 99.0]))
    path.count_start(105.0, 99.0)
    assert path.high_water_mark == 110.0
    assert path.drawdown == pytest.approx(0.10)
