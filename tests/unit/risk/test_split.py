"""Unadjusted splits: found by their ratio, not mistaken for a bad day."""

import math

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange
from plimsoll.risk.split import suspected_splits


@pytest.mark.parametrize("move", [-0.03, 0.0, 0.03])
@pytest.mark.parametrize(("new", "old"), [(2, 1), (3, 1), (3, 2), (10, 1), (20, 1), (1, 10), (1, 2)])
def test_that_a_split_is_found_under_the_days_own_move(new: int, old: int, move: float) -> None:
    prices = np.concatenate([[100.0, 101.0], np.array([1.0, 1.01]) * 101 * old / new * (1 + move)])
    (found,) = suspected_splits(prices)
    assert (found.day, found.new_shares, found.old_shares) == (2, new, old)
    assert found.ratio == new / old
    assert found.factor == pytest.approx(new / old / (1 + move))


def test_that_a_crash_of_a_fifth_is_not_taken_for_a_split() -> None:
    assert suspected_splits([100.0, 79.5, 100.0]) == ()


def test_that_ordinary_days_raise_no_suspicion() -> None:
    prices = np.exp(np.cumsum(np.random.default_rng(1).normal(size=2_000) * 0.03))
    assert suspected_splits(prices) == ()


def test_that_every_split_of_a_history_is_listed_in_order() -> None:
    prices = np.array([100.0, 50.0, 50.0, 500.0, 250.0])
    assert [(s.day, s.new_shares, s.old_shares) for s in suspected_splits(prices)] == [
        (1, 2, 1),
        (3, 1, 10),
        (4, 2, 1),
    ]


def test_that_prices_that_cannot_be_divided_are_refused() -> None:
    with pytest.raises(InsufficientHistory):
        suspected_splits([1.0])
    with pytest.raises(NotPositive):
        suspected_splits([1.0, 0.0])
    with pytest.raises(NotFinite):
        suspected_splits([1.0, math.nan])
    with pytest.raises(OutOfRange, match="tolerance"):
        suspected_splits([1.0, 2.0], tolerance=0.2)
