"""The slow figures together: when each is worked out, how much at a time, and that all arrive."""

import numpy as np
import pytest

from fakes.market_case import MixedCase, shares_now
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.tick import DepthBook
from plimsoll.engine.book_now import BookNow
from plimsoll.engine.liquidity_watch import WALKS_A_STEP
from plimsoll.engine.market_watch import FIRST_ROUND_AFTER_NS, ROUND_EVERY_NS, STEP_EVERY_NS, MarketWatch
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.universe import Universe

S = 1_000_000_000
NOW = 1_000 * S
NO_HISTORY = PriceWindow(np.empty(0, dtype=np.int64), np.empty((0, 0)))


def run(
    watch: MarketWatch, book: BookNow, seconds: float, start_ns: int = NOW, every_ns: int = S // 20
) -> int:
    """Measure again and again; return when it ended."""
    now_ns = start_ns
    while now_ns < start_ns + int(seconds * S):
        watch.measure(now_ns, book)
        now_ns += every_ns
    return now_ns


def window_with(volumes: list[float]) -> PriceWindow:
    return PriceWindow(NO_HISTORY.days, NO_HISTORY.closes, average_volume=np.array(volumes))


def shares(n: int = 4, n_days: int = 400) -> tuple[Universe, BookNow]:
    returns = 0.01 * np.random.default_rng(8).standard_t(5, (n_days, n))
    return shares_now(returns, [100.0] * n, [0.01] * n)


def test_that_the_first_call_has_what_is_quick_and_later_calls_all_the_rest() -> None:
    universe, book = shares()
    watch = MarketWatch(universe, RiskMethod())
    watch.use_window(window_with([1e6] * 4))
    watch.take_depth([DepthBook(code, ((99.0, 1e6),), ((101.0, 1e6),), NOW, NOW) for code in universe.codes])
    first = watch.measure(NOW, book)
    assert first.as_of_ns == NOW
    assert first.margin.total_base == pytest.approx(0.25 * book.value.sum())
    assert first.liquidity.spread_fraction.tolist() == [0.02] * 4
    assert first.liquidity.days_to_exit.tolist() == [100.0 / 2e5] * 4
    assert np.isnan(first.method("ewma").var)
    run(watch, book, 20.0)
    figures = watch.figures
    assert all(np.isfinite([figure.var, figure.es]).all() for figure in figures.var_methods)
    correlation = figures.correlation
    assert np.isfinite([correlation.turbulence, correlation.absorption_ratio, correlation.shift]).all()
    assert correlation.n_broken_pairs >= 0


def test_that_hedged_pairs_are_followed_by_name() -> None:
    universe, book = shares()
    watch = MarketWatch(universe, RiskMethod(), hedges=["S0.US/S1.US", "S0.US/NOBODY"])
    assert watch.hedge_effectiveness == {}
    watch.measure(NOW, book)
    assert 0.0 <= watch.hedge_effectiveness["S0.US/S1.US"] <= 1.0
    assert np.isnan(watch.hedge_effectiveness["S0.US/NOBODY"])


def test_that_within_a_second_the_figures_are_the_same_object() -> None:
    universe, book = shares()
    watch = MarketWatch(universe, RiskMethod())
    first = watch.measure(NOW, book)
    assert watch.measure(NOW + S - 1, book) is first
    assert watch.measure(NOW + S, book) is not first
    assert watch.figures.as_of_ns == NOW + S


def test_that_ten_thousand_calls_in_a_second_take_no_more_steps_than_twenty() -> None:
    universe, book = shares()
    watch = MarketWatch(universe, RiskMethod())
    run(watch, book, 4.0)
    before = watch.n_steps
    run(watch, book, 1.0, NOW + 4 * S, every_ns=S // 10_000)
    assert before < watch.n_steps <= before + S // STEP_EVERY_NS


def test_that_rounds_wait_for_the_headline_figures_and_for_each_other() -> None:
    universe, book = shares()
    watch = MarketWatch(universe, RiskMethod())
    end = run(watch, book, FIRST_ROUND_AFTER_NS / S)
    assert watch.n_steps == 0
    end = run(watch, book, 5.0, end)
    begun = watch.figures.var_methods[0].as_of_ns
    assert begun >= NOW + FIRST_ROUND_AFTER_NS
    end = run(watch, book, 5.0, end)
    assert watch.figures.var_methods[0].as_of_ns == begun
    run(watch, book, 5.0, end)
    assert watch.figures.var_methods[0].as_of_ns >= begun + ROUND_EVERY_NS


def test_that_a_clock_set_back_stops_no_figure() -> None:
    universe, book = shares()
    watch = MarketWatch(universe, RiskMethod())
    run(watch, book, 12.0, NOW + 3600 * S)
    earlier = watch.figures.var_methods[0].as_of_ns
    run(watch, book, 4.0)
    assert watch.figures.as_of_ns < NOW + 4 * S
    assert watch.figures.var_methods[0].as_of_ns < earlier


def test_that_a_quiet_feed_of_four_calls_a_second_is_enough() -> None:
    universe, book = shares(n_days=300)
    watch = MarketWatch(universe, RiskMethod())
    run(watch, book, 15.0, every_ns=S // 4)
    assert all(np.isfinite(figure.var) for figure in watch.figures.var_methods)
    assert len(watch.figures.correlation.codes) == 4


def test_that_walks_rounds_and_methods_take_turns_in_a_book_with_many_walks() -> None:
    n = 4 * WALKS_A_STEP
    universe, book = shares(n, n_days=150)
    watch = MarketWatch(universe, RiskMethod())
    watch.use_window(window_with([1e6] * n))
    for second in range(12):
        now = NOW + second * S
        watch.take_depth(
            [
                DepthBook(code, ((99.0, 10.0), (98.0, 95.0)), ((101.0, 10.0),), now, now)
                for code in universe.codes
            ]
        )
        run(watch, book, 1.0, now)
    assert np.isfinite(watch.figures.liquidity.exit_cost_base).all()
    assert np.isfinite(watch.figures.method("filtered historical").var)
    assert watch.figures.correlation.codes


def test_that_a_new_history_begins_every_round_anew() -> None:
    universe, book = shares()
    watch = MarketWatch(universe, RiskMethod())
    end = run(watch, book, 3.0)
    watch.use_window(window_with([2e6] * 4))
    n_steps = watch.n_steps
    end = run(watch, book, FIRST_ROUND_AFTER_NS / S, end)
    assert watch.n_steps == n_steps
    run(watch, book, 20.0, end)
    assert watch.figures.liquidity.days_to_exit.tolist() == [100.0 / 4e5] * 4
    assert np.isfinite(watch.figures.correlation.shift)


def test_that_a_mixed_book_without_any_quote_or_history_is_unknown_and_never_fails() -> None:
    case = MixedCase()
    watch = MarketWatch(case.universe, RiskMethod())
    watch.take_depth([DepthBook("NOBODY.US", ((1.0, 1.0),), ((2.0, 1.0),), NOW, NOW)])
    book = case.with_marks(AAPL_US=np.nan)
    book.value[case.number("AAPL.US")] = np.nan
    run(watch, book, 20.0)
    figures = watch.figures
    assert np.isnan(figures.liquidity.exit_cost_base).all()
    assert np.isnan([figures.liquidity.exit_share_1d, figures.margin.total_base]).all()
    assert "AAPL.US" not in figures.correlation.codes


def test_that_an_empty_book_has_empty_figures() -> None:
    universe = Universe((), 0, ("USD",), (), ((),))
    _, some = shares_now(np.zeros((0, 0)), [])
    watch = MarketWatch(universe, RiskMethod())
    run(watch, some, 20.0)
    assert watch.figures.liquidity.days_to_exit.shape == (0,)
    assert watch.figures.margin.total_base == 0.0
    assert {figure.words for figure in watch.figures.var_methods} == {"too little price history"}
