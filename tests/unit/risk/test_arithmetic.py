"""What leaves the range of numbers is refused, and what does not passes untouched."""

import inspect
import math

import numpy as np
import pytest

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.errors import NotPositive, OutOfRange, SingularMatrix


@refuses_overflow
def growth(rate: float, *, days: int = 1) -> float:
    """Return e to the rate times the days."""
    return math.exp(rate * days)


@refuses_overflow
def squares(values: np.ndarray) -> np.ndarray:
    return values**2


def test_that_an_answer_passes_untouched_under_its_own_name() -> None:
    assert growth(0.0) == 1.0
    assert growth.__name__ == "growth"
    assert str(inspect.signature(growth)) == "(rate: float, *, days: int = 1) -> float"


def test_that_an_overflow_is_refused_by_the_figures_name() -> None:
    with pytest.raises(OutOfRange, match="growth left the range of numbers"):
        growth(1e3)
    with pytest.raises(OutOfRange, match="squares left the range of numbers"):
        squares(np.array([1e200]))
    with pytest.raises(OutOfRange, match="division"):
        refuses_overflow(lambda: 1.0 / 0.0)()


def test_that_an_underflow_is_a_zero() -> None:
    assert squares(np.array([1e-200])).tolist() == [0.0]


def test_that_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(OutOfRange, match="the answer was NaN"):
        refuses_overflow(lambda: math.inf - math.inf)()


def test_that_a_matrix_beyond_decomposing_is_refused() -> None:
    with pytest.raises(SingularMatrix, match="could not decompose"):
        refuses_overflow(np.linalg.inv)(np.zeros((2, 2)))


def test_that_a_refusal_of_the_figures_own_stays_its_own() -> None:
    def refuse() -> float:
        raise NotPositive("equity was 0")

    with pytest.raises(NotPositive, match="equity was 0"):
        refuses_overflow(refuse)()
