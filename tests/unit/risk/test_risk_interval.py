"""How far off an estimated volatility can be."""

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, OutOfRange
from plimsoll.risk.risk_interval import volatility_bounds


def test_that_the_true_volatility_lies_within_the_bounds_as_often_as_they_promise() -> None:
    low, high = volatility_bounds(60, 0.9)
    sampled = np.random.default_rng(3).normal(size=(4_000, 60)).std(axis=1, ddof=1)
    inside = (low * sampled <= 1.0) & (high * sampled >= 1.0)
    assert inside.mean() == pytest.approx(0.9, abs=0.015)


def test_that_what_bounds_nothing_is_refused() -> None:
    with pytest.raises(InsufficientHistory, match="n_observations was 1"):
        volatility_bounds(1, 0.9)
    with pytest.raises(OutOfRange, match="coverage"):
        volatility_bounds(60, 1.0)
