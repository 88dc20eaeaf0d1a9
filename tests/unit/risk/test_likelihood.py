"""Likelihood ratios at their edges."""

import math

import pytest

from plimsoll.risk.likelihood import failure_ratio, times_log, waiting_ratio


def test_that_nothing_times_an_infinite_logarithm_is_nothing() -> None:
    assert times_log(0, 0.0) == 0.0


def test_that_a_failure_on_the_first_day_costs_twice_the_logarithm_of_its_chance() -> None:
    assert waiting_ratio(1, 0.01) == pytest.approx(-2.0 * math.log(0.01))


def test_that_every_day_failing_costs_twice_the_logarithm_of_all_of_them() -> None:
    assert failure_ratio(3, 3, 0.05) == pytest.approx(-6.0 * math.log(0.05))
