"""EWMA volatility: the recursion, its first day, and what it refuses."""

import math

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange, ShapeMismatch
from plimsoll.risk.volatility import ewma_volatility, initial_level


def test_that_each_entry_uses_only_returns_before_it() -> None:
    returns = np.array([0.01, -0.02, 0.03, 0.0])
    forecast = ewma_volatility(returns, 0.94, initial_variance=1e-4)
    variance = 1e-4
    for day in range(5):
        assert forecast[day] == pytest.approx(math.sqrt(variance), rel=1e-12)
        if day < 4:
            variance = 0.94 * variance + 0.06 * returns[day] ** 2


def test_that_without_an_initial_variance_the_first_return_stands_in() -> None:
    forecast = ewma_volatility([-0.03, 0.01], 0.94)
    assert forecast[:2] == pytest.approx([0.03, 0.03])
    assert forecast[2] == pytest.approx(math.sqrt(0.94 * 0.0009 + 0.06 * 0.0001))


def test_that_zero_is_a_legal_start() -> None:
    assert ewma_volatility([0.02], 0.75, initial_variance=0) == pytest.approx([0.0, 0.01])


def test_that_columns_are_taken_one_by_one() -> None:
    returns = np.random.default_rng(0).normal(size=(30, 3))
    together = ewma_volatility(returns, 0.97, initial_variance=[1.0, 2.0, 3.0])
    assert together.shape == (31, 3)
    for column in range(3):
        alone = ewma_volatility(returns[:, column], 0.97, initial_variance=column + 1.0)
        assert together[:, column] == pytest.approx(alone)


def test_that_a_constant_series_of_nothing_has_no_volatility() -> None:
    assert ewma_volatility(np.zeros(5), 0.94).tolist() == [0.0] * 6


def test_that_one_number_serves_every_column() -> None:
    assert initial_level(np.ones((2, 3)), 4.0) == 4.0


@pytest.mark.parametrize(
    ("initial", "error"),
    [([1.0, 2.0], ShapeMismatch), (math.nan, NotFinite), (-1.0, OutOfRange)],
)
def test_that_an_impossible_start_is_refused(initial: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="initial_variance"):
        ewma_volatility([0.01, 0.02, 0.03], 0.94, initial_variance=initial)


@pytest.mark.parametrize("decay", [0.0, 1.0, 1.5, -0.1, math.nan])
def test_that_a_decay_outside_zero_to_one_is_refused(decay: float) -> None:
    with pytest.raises(OutOfRange, match="decay"):
        ewma_volatility([0.01], decay)


def test_that_nothing_a_gap_and_a_cube_are_refused() -> None:
    with pytest.raises(InsufficientHistory):
        ewma_volatility([], 0.94)
    with pytest.raises(NotFinite):
        ewma_volatility([0.01, math.nan], 0.94)
    with pytest.raises(ShapeMismatch):
        ewma_volatility(np.ones((2, 2, 2)), 0.94)
