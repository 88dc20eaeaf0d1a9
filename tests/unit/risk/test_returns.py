"""Returns from prices, and the prices they are refused for."""

import math

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.returns import log_returns, overlapping_returns, simple_returns


def test_that_a_table_keeps_its_columns() -> None:
    prices = np.array([[100.0, 50.0], [101.0, 49.0], [99.0, 49.0]])
    assert simple_returns(prices) == pytest.approx(np.array([[0.01, -0.02], [-2 / 101, 0.0]]))
    assert log_returns(prices) == pytest.approx(np.log1p(simple_returns(prices)))


def test_that_oil_below_zero_has_no_return() -> None:
    # pitfalls.md item 51: WTI 2020-04-20 at −36.98, next day 8.91.
    with pytest.raises(NotPositive, match=r"-36\.98"):
        simple_returns([18.27, -36.98, 8.91])
    assert simple_returns([18.27, -36.98]) == pytest.approx([-36.98 / 18.27 - 1])


def test_that_a_logarithm_refuses_the_last_price_too() -> None:
    with pytest.raises(NotPositive, match="expected every price above zero"):
        log_returns([1.0, 0.0])


@pytest.mark.parametrize("function", [simple_returns, log_returns])
def test_that_one_price_makes_no_return(function: object) -> None:
    with pytest.raises(InsufficientHistory, match="prices had 1 rows, expected at least 2"):
        function([1.0])


@pytest.mark.parametrize("function", [simple_returns, log_returns])
def test_that_a_gap_is_never_a_zero_return(function: object) -> None:
    with pytest.raises(NotFinite):
        function([1.0, math.nan, 2.0])


def test_that_a_cube_of_prices_is_refused() -> None:
    with pytest.raises(ShapeMismatch, match="3 dimensions"):
        simple_returns(np.ones((2, 2, 2)))


def test_that_overlapping_returns_are_those_of_every_h_th_price() -> None:
    prices = np.exp(np.random.default_rng(0).normal(size=(30, 2)).cumsum(axis=0) * 0.01)
    assert overlapping_returns(simple_returns(prices), days=5) == pytest.approx(prices[5:] / prices[:-5] - 1)


def test_that_a_run_longer_than_the_series_is_refused() -> None:
    with pytest.raises(InsufficientHistory):
        overlapping_returns([0.1, 0.2], days=3)
    with pytest.raises(OutOfRange, match="days was 0"):
        overlapping_returns([0.1, 0.2], days=0)
