"""A crisis window counts its days as the histories do."""

from datetime import date

import numpy as np

from plimsoll.domain.crisis_window import CrisisWindow, date_of, day_number


def test_that_days_count_as_numpy_counts_them() -> None:
    day = date(2020, 4, 20)
    assert day_number(day) == int(np.datetime64("2020-04-20", "D").astype(int))
    assert date_of(day_number(day)) == day


def test_that_a_window_gives_both_ends_as_days() -> None:
    window = CrisisWindow("w", "A window", date(1970, 1, 2), date(1970, 1, 11), "a source")
    assert (window.start_day, window.end_day) == (1, 10)
