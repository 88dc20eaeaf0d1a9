"""Past returns rescaled, each asset by itself or the book as one, to the volatility of now."""

import math

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.volatility import ewma_volatility
from plimsoll.risk.volatility_scaling import (
    first_variance,
    volatility_scaled_pnl,
    volatility_scaled_returns,
)

RETURNS = np.random.default_rng(8).normal(size=(40, 3)) * 0.01


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
