import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.liquidity import (
    DepthWalk,
    days_to_liquidate,
    depth_walk,
    liquidity_adjusted_var,
    liquidity_cost,
    spread_cost,
    time_to_exit,
)


def test_that_what_nobody_trades_is_never_sold() -> None:
    assert days_to_liquidate([100.0, 0.0, -50.0], [0.0, 0.0, 1000.0]).tolist() == [np.inf, 0.0, 0.5]
    assert days_to_liquidate(5.0, 0.0) == np.inf
    assert days_to_liquidate(5.0, 1e-320) == np.inf


def test_that_all_of_the_volume_may_be_taken_but_not_more() -> None:
    assert days_to_liquidate(1000, 1000, participation=1.0) == 1.0
    for participation in (0.0, 1.1, np.nan):
        with pytest.raises(OutOfRange, match="participation"):
            days_to_liquidate(1000, 1000, participation=participation)
    with pytest.raises(OutOfRange, match="average_daily_volume"):
        days_to_liquidate(1000, -1)


def test_that_one_volume_may_serve_all_positions() -> None:
    assert days_to_liquidate([100.0, 200.0], 1000.0).tolist() == [1.0, 2.0]
    with pytest.raises(ShapeMismatch):
        days_to_liquidate([100.0, 200.0], [1000.0, 1000.0, 1000.0])
    with pytest.raises(ShapeMismatch):
        days_to_liquidate([[100.0]], 1000.0)
    with pytest.raises(NotFinite, match="quantity"):
        days_to_liquidate(np.nan, 1000.0)


def test_that_time_to_exit_is_when_the_share_is_sold() -> None:
    values, days = np.array([50.0, -30.0, 20.0]), np.array([2.0, 5.0, 0.5])
    for share, when in zip(
        (0.25, 0.5, 0.9, 1.0), time_to_exit(values, days, shares=(0.25, 0.5, 0.9, 1.0)), strict=True
    ):
        sold = (np.abs(values) / 100.0) @ np.minimum(1.0, when / days)
        assert sold == pytest.approx(share)


def test_that_a_lump_that_sells_at_once_is_out_at_once() -> None:
    assert time_to_exit([60.0, 40.0], [0.0, 2.0], shares=(0.5, 0.6, 0.8)).tolist() == pytest.approx(
        [0.0, 0.0, 1.0]
    )
    assert time_to_exit([60.0], [0.0]).tolist() == [0.0, 0.0, 0.0]


def test_that_what_cannot_be_sold_holds_only_the_shares_that_need_it() -> None:
    assert time_to_exit([95.0, 5.0], [1.0, np.inf]).tolist()[2] == np.inf
    assert time_to_exit([95.0, 5.0], [1.0, np.inf]).tolist()[:2] == pytest.approx([0.5 / 0.95, 0.9 / 0.95])
    assert time_to_exit([5.0], [np.inf], shares=(0.5,)).tolist() == [np.inf]


def test_that_a_line_without_money_does_not_count() -> None:
    assert time_to_exit([60.0, 0.0], [1.0, 99.0], shares=(1.0,)).tolist() == [1.0]


def test_that_senseless_exits_are_refused_by_name() -> None:
    with pytest.raises(OutOfRange, match="share"):
        time_to_exit([1.0], [1.0], shares=(1.5,))
    with pytest.raises(OutOfRange, match="share"):
        time_to_exit([1.0], [1.0], shares=(0.0,))
    with pytest.raises(OutOfRange, match="days"):
        time_to_exit([1.0], [-1.0])
    with pytest.raises(OutOfRange, match="days"):
        time_to_exit([1.0], [np.nan])
    with pytest.raises(ShapeMismatch):
        time_to_exit([1.0], [1.0, 2.0])
    with pytest.raises(NotPositive):
        time_to_exit([0.0], [1.0])
    with pytest.raises(InsufficientHistory):
        time_to_exit([], [])


def test_that_half_the_spread_is_paid_on_either_side() -> None:
    assert spread_cost([10.0, -10.0], 0.2, multiplier=[1.0, 50.0]).tolist() == [1.0, 50.0]
    with pytest.raises(OutOfRange, match="crossed"):
        spread_cost(10.0, -0.1)


def test_that_a_buy_walks_up_and_a_sale_walks_down() -> None:
    buy = depth_walk(150, [100.1, 100.2, 100.3], [100, 100, 100], mid=100.0)
    sale = depth_walk(-150, [99.9, 99.8, 99.7], [100, 100, 100], mid=100.0)
    for walk in (buy, sale):
        assert (walk.filled, walk.remainder, walk.coverage) == (150.0, 0.0, 1.0)
        assert walk.cost == pytest.approx(100 * 0.1 + 50 * 0.2)
    assert buy.average_price == pytest.approx((100 * 100.1 + 50 * 100.2) / 150)
    assert (buy.worst_price, sale.worst_price) == (100.2, 99.8)


def test_that_a_book_too_thin_says_so_and_names_no_cost_without_a_model() -> None:
    walk = depth_walk(-300, [99.9], [100], mid=100.0)
    assert (walk.filled, walk.remainder, walk.cost) == (100.0, 200.0, None)
    assert walk.coverage == pytest.approx(1 / 3)


def test_that_the_rest_never_costs_less_than_the_last_level() -> None:
    walk = depth_walk(-300, [99.0], [100], mid=100.0, remainder_impact=0.001, multiplier=10.0, fx=0.5)
    assert walk.cost == pytest.approx((100 * 1.0 + 200 * 1.0) * 5.0)


def test_that_an_empty_book_leaves_all_to_the_model() -> None:
    walk = depth_walk(10, [], [], mid=50.0, remainder_impact=0.02)
    assert walk == DepthWalk(0.0, 10.0, 0.0, None, None, 10.0)


def test_that_an_order_of_nothing_costs_nothing() -> None:
    assert depth_walk(0, [100.1], [5], mid=100.0) == DepthWalk(0.0, 0.0, 1.0, None, None, 0.0)


def test_that_a_level_of_nothing_is_not_touched() -> None:
    assert depth_walk(5, [100.1, 100.2], [0, 5], mid=100.0).worst_price == 100.2


def test_that_a_disordered_book_is_refused() -> None:
    with pytest.raises(OutOfRange, match="best first"):
        depth_walk(5, [100.2, 100.1], [5, 5], mid=100.0)
    with pytest.raises(OutOfRange, match="best first"):
        depth_walk(-5, [99.8, 99.9], [5, 5], mid=100.0)
    with pytest.raises(OutOfRange, match="sizes"):
        depth_walk(5, [100.1], [-5], mid=100.0)
    with pytest.raises(ShapeMismatch):
        depth_walk(5, [100.1], [5, 5], mid=100.0)
    with pytest.raises(OutOfRange, match="mid"):
        depth_walk(5, [100.1], [5], mid=np.nan)
    with pytest.raises(OutOfRange, match="remainder_impact"):
        depth_walk(9, [100.1], [5], mid=100.0, remainder_impact=-0.1)


def test_that_the_liquidity_cost_sums_over_positions_whatever_their_sign() -> None:
    cost = liquidity_cost([100e3, -50e3], [0.001, 0.002], [0.0005, 0.001], spread_multiple=2.0)
    assert cost == pytest.approx(0.5 * (100e3 * 0.002 + 50e3 * 0.004))
    assert liquidity_adjusted_var(
        5e3, [100e3, -50e3], [0.001, 0.002], [0.0005, 0.001], spread_multiple=2.0
    ) == pytest.approx(5e3 + cost)
    assert liquidity_cost([], 0.001) == 0.0


def test_that_spreads_below_zero_are_refused() -> None:
    with pytest.raises(OutOfRange, match="spread"):
        liquidity_cost([1.0], -0.1)
    with pytest.raises(OutOfRange, match="spread"):
        liquidity_cost([1.0], 0.1, -0.1)
    with pytest.raises(OutOfRange, match="spread_multiple"):
        liquidity_cost([1.0], 0.1, spread_multiple=-1.0)
    with pytest.raises(OutOfRange, match="var"):
        liquidity_adjusted_var(np.nan, [1.0], 0.1)
