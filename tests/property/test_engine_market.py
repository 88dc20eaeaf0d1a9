"""Laws of the slow figures, whatever the book, the quotes and the sizes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.market_case import share_universe, shares_now
from plimsoll.domain.market_figures import LiquidityFigures
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.tick import DepthBook
from plimsoll.engine.book_now import BookNow
from plimsoll.engine.depth_board import DepthBoard
from plimsoll.engine.liquidity_watch import LiquidityWatch
from plimsoll.engine.margin_watch import MarginWatch
from plimsoll.engine.market_watch import STEP_EVERY_NS, MarketWatch

S = 1_000_000_000
NOW = 1_000 * S
UNIVERSE, BOOK = shares_now(0.02 * np.random.default_rng(6).standard_normal((120, 1)), [1.0])
LADDERS = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 500)), min_size=1, max_size=10)
SIZES = st.integers(1, 20_000).map(float)


def holding(quantity: float) -> BookNow:
    return replace(
        BOOK,
        mark=np.array([100.0]),
        quantity=np.array([quantity]),
        value=np.array([100.0 * quantity]),
    )


def leaving(quantity: float, ladder: list[tuple[int, int]]) -> LiquidityFigures:
    board = DepthBoard(UNIVERSE.codes, 10 * S)
    steps = np.cumsum([step for step, _ in ladder]).tolist()
    sizes = [float(size) for _, size in ladder]
    bids = tuple((100.0 - 0.01 * step, size) for step, size in zip(steps, sizes, strict=True))
    asks = tuple((100.0 + 0.01 * step, size) for step, size in zip(steps, sizes, strict=True))
    board.take([DepthBook("S0.US", bids, asks, NOW, NOW)])
    watch = LiquidityWatch(UNIVERSE, board, 0.2)
    watch.use_volumes(np.array([1e6]))
    book = holding(quantity)
    watch.walk(NOW, book)
    return watch.figures(NOW, book)


@settings(deadline=None)
@given(SIZES, LADDERS)
def test_that_leaving_costs_half_the_spread_at_least_and_a_long_as_much_as_a_short(
    quantity: float, ladder: list[tuple[int, int]]
) -> None:
    long, short = leaving(quantity, ladder), leaving(-quantity, ladder)
    half_spread = 0.01 * ladder[0][0]
    assert long.exit_cost_base[0] >= quantity * half_spread * (1 - 1e-9)
    assert short.exit_cost_base[0] == pytest.approx(long.exit_cost_base[0])
    assert long.is_by_depth[0] == (quantity <= sum(size for _, size in ladder))


@settings(deadline=None)
@given(SIZES, SIZES, LADDERS)
def test_that_a_larger_position_never_leaves_cheaper_sooner_or_with_a_larger_share(
    first: float, second: float, ladder: list[tuple[int, int]]
) -> None:
    small, large = (leaving(size, ladder) for size in sorted((first, second)))
    assert large.exit_cost_base[0] >= small.exit_cost_base[0] * (1 - 1e-9)
    assert large.days_to_exit[0] >= small.days_to_exit[0]
    assert large.exit_share_1d <= small.exit_share_1d


@settings(deadline=None)
@given(st.lists(st.integers(-1_000_000, 1_000_000).map(float), min_size=1, max_size=8), st.integers(1, 50))
def test_that_margin_grows_with_the_book_and_a_split_position_asks_the_same(
    values: list[float], factor: int
) -> None:
    def margin(book: list[float]) -> tuple[float, float, float]:
        n = len(book)
        figures = MarginWatch(share_universe(n)).figures(np.array(book), np.full(n, 50.0), np.ones(1), 1e6)
        return figures.total_base, figures.initial_base, figures.scan_base

    once = margin(values)
    assert margin([factor * value for value in values]) == pytest.approx([factor * figure for figure in once])
    halves = [value / 2 for value in values for _ in range(2)]
    assert margin(halves) == pytest.approx(once)
    assert once[1] >= once[0] >= 0.0


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 3 * S), min_size=1, max_size=60))
def test_that_no_pattern_of_calls_takes_two_steps_within_a_twentieth_of_a_second(pauses: list[int]) -> None:
    watch = MarketWatch(UNIVERSE, RiskMethod())
    now_ns, stepped_ns, n_steps = NOW, NOW - S, 0
    for pause in pauses:
        now_ns += pause
        watch.measure(now_ns, BOOK)
        if watch.n_steps > n_steps:
            assert now_ns - stepped_ns >= STEP_EVERY_NS
            stepped_ns = now_ns
        assert watch.n_steps <= n_steps + 1
        n_steps = watch.n_steps
        assert 0 <= now_ns - watch.figures.as_of_ns < S
