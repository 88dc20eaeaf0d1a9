import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.execution_schedule import almgren_chriss_schedule
from plimsoll.risk.liquidity import depth_walk, time_to_exit
from plimsoll.risk.margin import price_move_to_call, reg_t_margin, tiered_margin
from plimsoll.risk.margin_scan import portfolio_margin
from plimsoll.risk.pnl_explain import DayTrades, OpeningBook, explain_pnl

MONEY = st.integers(-1_000_000, 1_000_000).map(float)
SIZES = st.integers(0, 1_000).map(float)


@settings(deadline=None)
@given(
    quantity=st.integers(-1_000_000, 1_000_000).map(float),
    n_periods=st.integers(1, 40),
    risk_aversion=st.one_of(st.just(0.0), st.floats(1e-12, 1.0)),
    volatility=st.floats(0.0, 10.0),
)
def test_that_a_schedule_sells_everything_one_way_and_never_costs_more_utility_than_a_straight_line(
    quantity: float, n_periods: int, risk_aversion: float, volatility: float
) -> None:
    found, straight = (
        almgren_chriss_schedule(
            quantity,
            horizon=5.0,
            n_periods=n_periods,
            volatility=volatility,
            risk_aversion=aversion,
            temporary=2.5e-6,
            permanent=2.5e-7,
            fixed=0.01,
        )
        for aversion in (risk_aversion, 0.0)
    )
    assert found.holdings[0] == quantity
    assert found.holdings[-1] == 0.0
    assert (found.trades * np.sign(quantity) >= -1e-9).all()
    line = straight.expected_cost + risk_aversion * straight.variance
    assert found.utility <= line * (1.0 + 1e-9) + 1e-9
    assert found.variance <= straight.variance * (1.0 + 1e-9) + 1e-9
    assert found.expected_cost >= straight.expected_cost * (1.0 - 1e-9) - 1e-9


@settings(deadline=None)
@given(st.integers(-5_000, 5_000).map(float), st.lists(st.tuples(st.integers(0, 50), SIZES), max_size=10))
def test_that_a_walk_fills_what_the_book_holds_and_no_more(
    quantity: float, levels: list[tuple[int, float]]
) -> None:
    side = 1.0 if quantity >= 0.0 else -1.0
    steps = sorted(step for step, _ in levels)
    prices, sizes = [100.0 + side * (0.1 + step / 10.0) for step in steps], [size for _, size in levels]
    walk = depth_walk(quantity, prices, sizes, mid=100.0, remainder_impact=0.01)
    assert walk.filled == min(abs(quantity), sum(sizes))
    assert walk.filled + walk.remainder == abs(quantity)
    assert 0.0 <= walk.coverage <= 1.0
    assert walk.cost is not None
    assert walk.cost >= 0.0
    smaller = depth_walk(quantity / 2.0, prices, sizes, mid=100.0, remainder_impact=0.01)
    assert smaller.cost is not None
    assert walk.cost >= 2.0 * smaller.cost - 1e-6


@settings(deadline=None)
@given(
    arrays(np.float64, st.integers(1, 20), elements=st.integers(1, 1_000).map(float)),
    st.integers(0, 2**32 - 1),
)
def test_that_more_of_the_book_takes_no_less_time(values: FloatArray, seed: int) -> None:
    days = np.random.default_rng(seed).exponential(3.0, size=values.shape[0])
    exits = time_to_exit(values, days, shares=(0.1, 0.5, 0.9, 0.99, 1.0))
    assert (np.diff(exits) >= 0.0).all()
    assert exits[-1] == pytest.approx(days.max())


@settings(deadline=None)
@given(arrays(np.float64, st.integers(1, 10), elements=MONEY), st.integers(1, 2_000_000).map(float))
def test_that_the_move_to_call_brings_the_excess_to_nothing(exposures: FloatArray, equity: float) -> None:
    move = price_move_to_call(exposures, equity=equity)
    excess = reg_t_margin(exposures, equity=equity).excess
    if move is None:
        # Nowhere from a total fall up to ten times the prices is there a call.
        for tried in (-1.0, -0.5, 1.0, 9.0):
            after = reg_t_margin(exposures * (1.0 + tried), equity=equity + tried * float(exposures.sum()))
            assert after.excess >= -1e-6 * (abs(after.equity) + 1.0)
    elif move == 0.0:
        assert excess <= 0.0
    else:
        after = reg_t_margin(exposures * (1.0 + move), equity=equity + move * float(exposures.sum()))
        assert after.excess == pytest.approx(
            0.0, abs=1e-6 * (np.abs(exposures).sum() * (1.0 + abs(move)) + 1.0)
        )


@settings(deadline=None)
@given(MONEY, MONEY)
def test_that_tiers_ask_more_of_more_and_at_a_higher_rate(one: float, other: float) -> None:
    tiers = {"upper_bounds": [1e4, 1e5, 1e6], "rates": [0.004, 0.01, 0.05]}
    small, large = sorted((abs(one), abs(other)))
    assert tiered_margin(small, **tiers) <= tiered_margin(large, **tiers)
    assert tiered_margin(small, **tiers) * large <= tiered_margin(large, **tiers) * small + 1e-6 * large


@settings(deadline=None)
@given(arrays(np.float64, st.integers(0, 10), elements=MONEY))
def test_that_the_portfolio_margin_of_shares_is_fifteen_percent_of_the_gross(exposures: FloatArray) -> None:
    assert portfolio_margin(exposures).requirement == pytest.approx(0.15 * np.abs(exposures).sum())


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-100, 100), st.integers(1, 500)), min_size=1, max_size=8),
    st.floats(0.0, 1.0),
    st.floats(0.5, 2.0),
)
def test_that_splitting_a_fill_changes_nothing(
    fills: list[tuple[int, int]], share: float, rate: float
) -> None:
    book = OpeningBook([10.0], [100.0], [103.0], [1.0], [rate])
    sizes, prices = [float(size) for size, _ in fills], [float(price) for _, price in fills]
    whole = explain_pnl(0.0, book, trades=DayTrades([0] * len(fills), sizes, prices))
    split = explain_pnl(
        0.0,
        book,
        trades=DayTrades(
            [0] * (len(fills) + 1),
            [*sizes[1:], share * sizes[0], (1.0 - share) * sizes[0]],
            [*prices[1:], prices[0], prices[0]],
        ),
    )
    assert split.trades == pytest.approx(whole.trades, abs=1e-6)


@settings(deadline=None)
@given(st.integers(-1_000, 1_000), st.integers(1, 500), st.integers(1, 500), st.integers(1, 500))
def test_that_buying_then_selling_leaves_the_cash_flows_whatever_the_close(
    size: int, bought_at: int, sold_at: int, close: int
) -> None:
    book = OpeningBook([0.0], [100.0], [float(close)], [1.0], [1.0])
    flows = float(size * (sold_at - bought_at))
    day = explain_pnl(
        flows, book, trades=DayTrades([0, 0], [float(size), -float(size)], [float(bought_at), float(sold_at)])
    )
    assert day.trades == pytest.approx(flows)
    assert day.unexplained == pytest.approx(0.0, abs=1e-6)
