import numpy as np
import pytest

from plimsoll.risk.errors import NotFinite, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.margin import (
    leverage,
    leverage_margin,
    margin_cushion,
    price_move_to_call,
    reg_t_margin,
    tiered_margin,
)


def test_that_excess_is_measured_from_maintenance_and_not_from_initial() -> None:
    found = reg_t_margin([180e3, -40e3], equity=100e3)
    assert (found.long_value, found.short_value) == (180e3, 40e3)
    assert found.excess == 43e3
    assert found.equity == 100e3


@pytest.mark.parametrize(
    ("price", "requirement"),
    [(100.0, 300.0), (10.0, 500.0), (5.0, 1000.0), (4.0, 1000.0), (2.0, 1250.0), (2.5, 1000.0)],
)
def test_that_a_short_is_held_to_the_least_sum_per_share(price: float, requirement: float) -> None:
    assert reg_t_margin([-1000.0], equity=5e3, prices=[price]).maintenance == pytest.approx(requirement)


def test_that_prices_change_nothing_for_longs() -> None:
    assert reg_t_margin([1000.0], equity=5e3, prices=[2.0]).maintenance == 250.0


def test_that_a_house_may_ask_more() -> None:
    found = reg_t_margin(
        [100.0, -100.0], equity=100.0, long_fraction=0.4, short_fraction=0.5, initial_fraction=0.6
    )
    assert (found.maintenance, found.initial) == (90.0, 120.0)


def test_that_an_account_without_equity_has_no_cushion() -> None:
    assert reg_t_margin([100.0], equity=0.0).cushion is None
    assert reg_t_margin([100.0], equity=-5.0).excess == -30.0
    assert margin_cushion(100.0, 150.0) == -0.5


@pytest.mark.parametrize("book", [[180e3, -40e3], [50e3, -150e3], [0.0, -100e3]])
def test_that_at_the_move_to_call_equity_is_the_requirement(book: list[float]) -> None:
    move = price_move_to_call(book, equity=100e3)
    assert move is not None
    after = reg_t_margin(np.array(book) * (1.0 + move), equity=100e3 + move * sum(book))
    assert after.excess == pytest.approx(0.0, abs=1e-6)


def test_that_a_short_book_is_called_by_a_rise() -> None:
    move = price_move_to_call([50e3, -150e3], equity=100e3)
    assert move is not None
    assert move > 0.0


def test_that_a_call_already_due_needs_no_move() -> None:
    assert price_move_to_call([180e3], equity=40e3) == 0.0


def test_that_some_books_cannot_be_called() -> None:
    assert price_move_to_call([100.0], equity=200.0) is None
    assert price_move_to_call([], equity=200.0) is None
    # Longs and shorts whose move and requirement cancel.
    assert price_move_to_call([130.0, -75.0], equity=200.0) is None


def test_that_leverage_counts_both_sides() -> None:
    assert leverage([], equity=1.0) == 0.0
    with pytest.raises(NotPositive, match="equity"):
        leverage([1.0], equity=0.0)


def test_that_leverage_below_one_is_refused() -> None:
    with pytest.raises(OutOfRange, match="leverage"):
        leverage_margin(100.0, leverage=0.5)


def test_that_tiers_are_continuous_and_of_either_sign() -> None:
    tiers = {"upper_bounds": [50e3, 250e3, np.inf], "rates": [0.004, 0.005, 0.01]}
    assert tiered_margin(50e3, **tiers) == pytest.approx(200.0)
    assert tiered_margin(-250e3, **tiers) == pytest.approx(1200.0)
    assert tiered_margin(0.0, **tiers) == 0.0
    assert tiered_margin(5e6, **tiers) == pytest.approx(5e6 * 0.01 - 1300.0)


def test_that_broken_tiers_are_refused() -> None:
    with pytest.raises(OutOfRange, match="last tier"):
        tiered_margin(101.0, upper_bounds=[100.0], rates=[0.1])
    with pytest.raises(OutOfRange, match="rise"):
        tiered_margin(1.0, upper_bounds=[100.0, 50.0], rates=[0.1, 0.2])
    with pytest.raises(OutOfRange, match="rate"):
        tiered_margin(1.0, upper_bounds=[100.0], rates=[1.5])
    with pytest.raises(OutOfRange, match="rate"):
        tiered_margin(1.0, upper_bounds=[100.0], rates=[-0.5])
    with pytest.raises(ShapeMismatch):
        tiered_margin(1.0, upper_bounds=[100.0], rates=[0.1, 0.2])
    with pytest.raises(ShapeMismatch):
        tiered_margin(1.0, upper_bounds=[], rates=[])


def test_that_bad_accounts_are_refused_by_name() -> None:
    with pytest.raises(OutOfRange, match="equity"):
        reg_t_margin([1.0], equity=np.nan)
    with pytest.raises(OutOfRange, match="long_fraction"):
        reg_t_margin([1.0], equity=1.0, long_fraction=-0.1)
    with pytest.raises(ShapeMismatch, match="prices"):
        reg_t_margin([1.0], equity=1.0, prices=[1.0, 2.0])
    with pytest.raises(NotPositive, match="price"):
        reg_t_margin([1.0], equity=1.0, prices=[0.0])
    with pytest.raises(NotFinite):
        reg_t_margin([np.nan], equity=1.0)
