"""The nearest move that breaks a limit, against brute force."""

import math

import numpy as np
import pytest

from plimsoll.risk.breach_distance import distance_to_breach
from plimsoll.risk.errors import NotFinite, NotPositive, ShapeMismatch
from plimsoll.risk.reverse_stress import most_plausible_scenario

VOLATILITY = np.array([0.015, 0.02, 0.009])
CORRELATION = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, 1.0]])
COVARIANCE = CORRELATION * np.outer(VOLATILITY, VOLATILITY)
BOOK = np.array([600e3, -250e3, 400e3])


def test_that_a_loss_limit_is_reached_by_the_reverse_stress() -> None:
    result = distance_to_breach(0.0, BOOK, COVARIANCE, line=-50e3, breach_above=False)
    reverse = most_plausible_scenario(BOOK, COVARIANCE, loss=50e3)
    assert result.sigmas == pytest.approx(5.2553, abs=5e-5)
    np.testing.assert_allclose(result.returns, reverse.returns)
    assert result.shares.sum() == pytest.approx(1.0)
    assert result.prices is None


@pytest.mark.parametrize(("line", "breach_above"), [(1.2e6, True), (0.9e6, False)])
def test_that_no_nearer_move_of_a_brute_search_breaks_the_limit(line: float, breach_above: bool) -> None:
    slopes, level = np.abs(BOOK), 1e6
    result = distance_to_breach(level, slopes, COVARIANCE, line=line, breach_above=breach_above)
    assert level + slopes @ result.returns == pytest.approx(line)
    inverse = np.linalg.inv(COVARIANCE)
    random = np.random.default_rng(1)
    directions = random.standard_normal((20_000, 3))
    directions /= np.sqrt(np.einsum("ij,jk,ik->i", directions, inverse, directions))[:, None]
    towards = directions @ slopes / (line - level)
    nearest = 1.0 / towards.max()
    assert result.sigmas <= nearest * (1 + 1e-9)
    assert result.sigmas == pytest.approx(nearest, rel=1e-3)


def test_that_each_instrument_alone_brings_the_figure_to_its_line() -> None:
    prices = np.array([100.0, 50.0, 200.0])
    result = distance_to_breach(0.0, BOOK, COVARIANCE, line=-50e3, breach_above=False, prices=prices)
    assert [single.instrument for single in result.single_moves] == [0, 1, 2]
    for single in result.single_moves:
        assert BOOK[single.instrument] * single.move_fraction == pytest.approx(-50e3)
        assert single.sigmas == pytest.approx(abs(single.move_fraction) / VOLATILITY[single.instrument])
        assert single.price == pytest.approx(prices[single.instrument] * (1 + single.move_fraction))
    assert result.prices is not None
    np.testing.assert_allclose(result.prices, prices * (1 + result.returns))


def test_that_the_instruments_are_told_nearest_first() -> None:
    result = distance_to_breach(0.0, [1e5, 9e5], np.diag([1e-4, 1e-4]), line=-1e5, breach_above=False)
    assert [single.instrument for single in result.single_moves] == [1, 0]
    assert [single.price for single in result.single_moves] == [None, None]


def test_that_a_price_above_zero_cannot_fall_through_it_but_one_below_zero_may() -> None:
    def alone(prices: list[float] | None) -> int:
        result = distance_to_breach(0.0, [1e3], [[1e-4]], line=-2e3, breach_above=False, prices=prices)
        return len(result.single_moves)

    assert (alone(None), alone([50.0]), alone([-50.0])) == (0, 0, 1)


@pytest.mark.parametrize(("level", "line", "above"), [(5.0, 5.0, True), (6.0, 5.0, True), (5.0, 5.0, False)])
def test_that_a_broken_limit_is_no_distance_away(level: float, line: float, above: bool) -> None:
    result = distance_to_breach(level, BOOK, COVARIANCE, line=line, breach_above=above, prices=np.ones(3))
    assert (result.is_breached, result.sigmas, result.single_moves) == (True, 0.0, ())
    np.testing.assert_array_equal(result.returns, np.zeros(3))
    np.testing.assert_array_equal(result.prices, np.ones(3))


def test_that_a_figure_no_move_touches_is_infinitely_far() -> None:
    for slopes, covariance in (([0.0, 0.0], np.eye(2)), ([1.0, -1.0], np.ones((2, 2))), ([], np.eye(0))):
        result = distance_to_breach(0.0, slopes, covariance, line=1.0)
        assert (result.is_breached, result.sigmas) == (False, math.inf)
        assert not result.shares.any()


def test_that_an_instrument_without_variance_is_infinitely_many_sigmas_away() -> None:
    result = distance_to_breach(0.0, [1.0, 1.0], np.diag([0.0, 1e-4]), line=0.1)
    assert [single.sigmas for single in result.single_moves] == [pytest.approx(10.0), math.inf]


def test_that_misfit_inputs_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        distance_to_breach(0.0, BOOK, COVARIANCE, line=1.0, prices=[1.0])
    with pytest.raises(NotFinite):
        distance_to_breach(np.nan, BOOK, COVARIANCE, line=1.0)
    with pytest.raises(NotPositive):
        distance_to_breach(0.0, [1.0], [[-1.0]], line=1.0)
