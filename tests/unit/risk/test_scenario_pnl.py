"""Scenario profits: today's exposures on past days, weighted by age or rescaled to today's volatility."""

import doctest
import math

import numpy as np
import pytest

from plimsoll.risk import scenario_pnl as module
from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.scenario_pnl import (
    age_weights,
    first_variance,
    scenario_pnl,
    volatility_scaled_pnl,
    volatility_scaled_returns,
)
from plimsoll.risk.volatility import ewma_volatility

RETURNS = np.random.default_rng(8).normal(size=(40, 3)) * 0.01


def test_that_the_examples_in_the_docstrings_hold() -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted >= 3
    assert outcome.failed == 0


def test_that_a_long_short_book_is_reckoned_in_money() -> None:
    # pitfalls.md item 15: weights by net value explode where the net is zero.
    assert scenario_pnl([1e6, -1e6], [[0.01, 0.01], [0.02, -0.01]]) == pytest.approx([0.0, 30_000.0])


def test_that_a_gap_is_named_by_day_and_asset() -> None:
    broken = RETURNS.copy()
    broken[3, 1] = math.nan
    with pytest.raises(NotFinite, match=r"returns\[\(3, 1\)\]"):
        scenario_pnl([1.0, 2.0, 3.0], broken)


def test_that_an_unpriceable_exposure_is_named() -> None:
    with pytest.raises(NotFinite, match=r"exposures\[1\]"):
        scenario_pnl([1.0, math.inf, 3.0], RETURNS)


def test_that_a_profit_beyond_all_numbers_is_refused() -> None:
    with pytest.raises(NotFinite, match="pnl was infinite"):
        scenario_pnl([1e308], [[10.0]])


@pytest.mark.parametrize(
    ("exposures", "returns"), [([1.0, 2.0], RETURNS), ([[1.0]], RETURNS), ([1.0], [0.1])]
)
def test_that_one_exposure_a_column_is_needed(exposures: object, returns: object) -> None:
    with pytest.raises(ShapeMismatch, match=r"\(n_assets,\)"):
        scenario_pnl(exposures, returns)


def test_that_no_days_make_no_scenarios() -> None:
    with pytest.raises(InsufficientHistory):
        scenario_pnl([1.0], np.zeros((0, 1)))


def test_that_age_weights_are_the_published_formula() -> None:
    # Boudoukh, Richardson and Whitelaw 1998, i = 1 the newest.
    weights = age_weights(250, decay=0.98)
    for i in (1, 2, 100, 250):
        assert weights[250 - i] == pytest.approx(0.98 ** (i - 1) * 0.02 / (1 - 0.98**250), rel=1e-12)
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)


def test_that_unnormalised_weights_are_those_of_the_infinite_series() -> None:
    assert age_weights(3, decay=0.5, normalised=False).tolist() == [0.125, 0.25, 0.5]


def test_that_no_decay_is_equal_weights() -> None:
    assert age_weights(4, decay=1.0).tolist() == [0.25] * 4
    with pytest.raises(OutOfRange, match="decay"):
        age_weights(4, decay=1.0, normalised=False)


def test_that_no_scenario_has_no_weight() -> None:
    with pytest.raises(InsufficientHistory):
        age_weights(0, decay=0.98)


@pytest.mark.parametrize(("scale_to", "now"), [("next", -1), ("last", -2)])
def test_that_each_asset_is_scaled_from_its_own_volatility(scale_to: str, now: int) -> None:
    scaled = volatility_scaled_returns(RETURNS, decay=0.94, scale_to=scale_to, initial_variance=1e-4)
    for column in range(3):
        forecast = ewma_volatility(RETURNS[:, column], 0.94, initial_variance=1e-4)
        expected = RETURNS[:, column] * forecast[now] / forecast[:-1]
        assert scaled[:, column] == pytest.approx(expected)


def test_that_the_book_is_scaled_as_one_asset() -> None:
    pnl = RETURNS[:, 0] * 1e6
    assert volatility_scaled_pnl(pnl, decay=0.9, initial_variance=1e8) == pytest.approx(
        volatility_scaled_returns(pnl, decay=0.9, initial_variance=1e8)
    )


def test_that_scaling_leaves_the_unit_alone() -> None:
    assert volatility_scaled_returns(RETURNS * 100, decay=0.94) == pytest.approx(
        volatility_scaled_returns(RETURNS, decay=0.94) * 100
    )


def test_that_a_carried_first_price_makes_no_move_infinite() -> None:
    carried = RETURNS.copy()
    carried[0, 1] = 0.0
    assert first_variance(carried)[1] == pytest.approx((carried[:, 1] ** 2).mean())
    scaled = volatility_scaled_returns(carried, decay=0.94)
    assert np.isfinite(scaled).all()
    assert scaled[0, 1] == 0.0


def test_that_an_asset_that_never_moved_stays_still() -> None:
    still = RETURNS.copy()
    still[:, 2] = 0.0
    assert not volatility_scaled_returns(still, decay=0.94)[:, 2].any()


def test_that_a_move_without_any_volatility_is_refused() -> None:
    with pytest.raises(NotPositive, match="day 0"):
        volatility_scaled_returns([0.01, 0.02], decay=0.94, initial_variance=0)


def test_that_what_no_volatility_can_be_taken_of_is_refused() -> None:
    with pytest.raises(InsufficientHistory):
        volatility_scaled_returns([], decay=0.94)
    with pytest.raises(NotFinite):
        volatility_scaled_returns([0.1, math.nan], decay=0.94)
    with pytest.raises(ShapeMismatch):
        volatility_scaled_returns(np.ones((1, 1, 1)), decay=0.94)
    with pytest.raises(ShapeMismatch):
        volatility_scaled_pnl(RETURNS, decay=0.94)
    with pytest.raises(OutOfRange, match="scale_to was 'now'"):
        volatility_scaled_returns(RETURNS, decay=0.94, scale_to="now")
