"""How inputs are read: what is let in, what is refused, and by which name."""

import math

import numpy as np
import pytest

from plimsoll.risk import arrays
from plimsoll.risk.errors import (
    InvalidWeights,
    NotFinite,
    OutOfRange,
    ShapeMismatch,
)


def test_that_lists_and_whole_numbers_become_floats() -> None:
    assert arrays.vector([1, 2], "v").dtype == np.float64
    assert arrays.matrix([[1, 2]], "m").shape == (1, 2)


@pytest.mark.parametrize(("read", "wrong"), [(arrays.vector, [[1.0]]), (arrays.matrix, [1.0])])
def test_that_a_wrong_dimension_is_refused(read: object, wrong: object) -> None:
    with pytest.raises(ShapeMismatch, match=r"thing had \d dimensions"):
        read(wrong, "thing")


def test_that_the_first_bad_place_is_named() -> None:
    with pytest.raises(NotFinite, match=r"thing\[2\] was inf"):
        arrays.vector([1.0, 2.0, math.inf, math.nan], "thing")
    with pytest.raises(NotFinite, match=r"thing\[\(1, 0\)\] was nan"):
        arrays.matrix([[1.0], [math.nan]], "thing")


@pytest.mark.parametrize(
    ("wrong", "size", "match"),
    [
        ([[1.0, 2.0]], None, "expected square"),
        (np.eye(2), 3, r"expected \(3, 3\)"),
        ([[1.0, 0.5], [0.4, 1.0]], None, "not symmetric"),
    ],
)
def test_that_what_is_no_square_symmetric_matrix_is_refused(wrong: object, size: object, match: str) -> None:
    with pytest.raises(ShapeMismatch, match=match):
        arrays.square(wrong, "thing", size=size)


def test_that_rounding_does_not_break_symmetry() -> None:
    assert arrays.square([[1.0, 0.5], [0.5 + 1e-12, 1.0]], "thing").shape == (2, 2)


def test_that_lengths_are_compared_by_name() -> None:
    arrays.same_length(np.ones(2), np.zeros(2), ("pnl", "var"))
    with pytest.raises(ShapeMismatch, match="pnl had 2 entries and var had 3"):
        arrays.same_length(np.ones(2), np.zeros(3), ("pnl", "var"))


def test_that_a_border_belongs_only_to_a_closed_range() -> None:
    assert arrays.within(1, "x", 0.0, 1.0, closed=True) == 1.0
    with pytest.raises(OutOfRange, match=r"x was 1, expected within \(0.0, 1.0\)"):
        arrays.within(1, "x", 0.0, 1.0)
    with pytest.raises(OutOfRange, match=r"x was nan, expected within \[0.0, 1.0\]"):
        arrays.within(math.nan, "x", 0.0, 1.0, closed=True)


@pytest.mark.parametrize("confidence", [0.5, 1.0, 95, math.nan])
def test_that_a_confidence_lies_between_a_half_and_one(confidence: float) -> None:
    with pytest.raises(OutOfRange, match="confidence"):
        arrays.confidence_level(confidence)


@pytest.mark.parametrize(("n", "confidence", "count"), [(10, 0.9, 1), (1000, 0.975, 25), (99, 0.99, 0)])
def test_that_the_tail_is_counted_after_rounding(n: int, confidence: float, count: int) -> None:
    assert arrays.whole_tail_count(n, confidence) == count


@pytest.mark.parametrize(
    ("weights", "error"),
    [
        ([0.5, 0.25, 0.25], ShapeMismatch),
        ([1.5, -0.5], InvalidWeights),
        ([0.5, 0.5 + 2e-9], InvalidWeights),
        ([math.nan, 1.0], NotFinite),
    ],
)
def test_that_probabilities_are_probabilities(weights: list[float], error: type[Exception]) -> None:
    with pytest.raises(error):
        arrays.probabilities(weights, 2)
    assert arrays.probabilities([0.5, 0.5 + 5e-10], 2).shape == (2,)
