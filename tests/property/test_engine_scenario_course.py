"""Day after day the scenarios are those of all closes, though most closes are no longer kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.trading_desk import MASTER, MIXED, PRICES, book_of
from plimsoll.engine.scenario_course import ScenarioCourse
from plimsoll.engine.scenario_window import PriceWindow, scenario_matrix
from plimsoll.engine.universe import universe_of

FIRST_DAY = 18_000
N_JOINING = 30


def random_closes(codes: tuple[str, ...], n_days: int, seed: int) -> np.ndarray:
    """Return courses with holes, runs of holes, and prices below zero, where they may be and where not."""
    random = np.random.default_rng(seed)
    start = np.array([PRICES.get(code, 1.0) for code in codes])
    closes = start * np.exp(np.cumsum(0.02 * random.standard_normal((n_days, len(codes))), axis=0))
    for _ in range(int(random.integers(0, 6))):
        day, number = int(random.integers(n_days)), int(random.integers(len(codes)))
        closes[day : day + int(random.integers(1, 4)), number] = random.choice([np.nan, -3.0, 0.0, np.inf])
    return closes


@pytest.mark.parametrize("base", ["USD", "EUR"])
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), n_first=st.integers(0, 12), window_days=st.sampled_from((1, 5, 9, 400)))
def test_that_scenarios_kept_from_day_to_day_are_those_made_anew_to_the_last_bit(
    base: str, seed: int, n_first: int, window_days: int
) -> None:
    universe = universe_of(book_of(MIXED, base=base), MASTER)
    closes = random_closes(universe.codes, n_first + N_JOINING, seed)
    days = np.arange(FIRST_DAY, FIRST_DAY + len(closes))
    whole = PriceWindow(days[:n_first], closes[:n_first])
    course = ScenarioCourse(whole, universe)
    for day, row in zip(days[n_first:].tolist(), closes[n_first:], strict=True):
        course.finish_day(day, row, window_days)
        if whole.n_scenarios:
            whole = whole.after_day(day, row, window_days)
        expected = scenario_matrix(whole, universe)
        np.testing.assert_array_equal(course.matrix.rows, expected.rows)
        np.testing.assert_array_equal(course.matrix.has_history, expected.has_history)
        np.testing.assert_array_equal(course.matrix.is_absolute, expected.is_absolute)
        np.testing.assert_array_equal(course.window.days, whole.days)


def test_that_a_day_already_in_the_window_changes_nothing() -> None:
    universe = universe_of(book_of(MIXED), MASTER)
    closes = random_closes(universe.codes, 10, 1)
    course = ScenarioCourse(PriceWindow(np.arange(10), closes), universe)
    before = course.matrix
    course.finish_day(9, closes[0], 5)
    assert course.matrix is before
