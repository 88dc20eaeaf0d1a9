"""Which days VaR rests on, and what is left out."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from fakes.trading_desk import MASTER, book_of
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.scenario_window import PriceWindow, scenario_matrix, window_from_bars
from plimsoll.engine.universe import Universe, universe_of

MONDAY = 18_316  # 2020-02-24
TWO = universe_of(book_of({"AAPL.US": (10, 300.0), "USOIL": (1, 50.0)}), MASTER)


def weekdays_before(day: int, n: int) -> list[int]:
    """Return the last n weekdays before a day, oldest first."""
    days: list[int] = []
    while len(days) < n:
        day -= 1
        if (day + 3) % 7 < 5:  # 1970-01-01 was a Thursday
            days.append(day)
    return days[::-1]


def window(
    bars: dict[int, list[tuple[int, float]]], universe: Universe = TWO, before_day: int = MONDAY
) -> PriceWindow:
    rows = [(day, number, close) for number, own in bars.items() for day, close in own]
    days, numbers, closes = (np.array(column) for column in zip(*rows, strict=True))
    return window_from_bars(
        days.astype(np.int64),
        numbers.astype(np.int64),
        closes.astype(np.float64),
        universe,
        before_day=before_day,
        method=RiskMethod(),
    )


def flat(n: int, price: float = 100.0, before: int = MONDAY) -> list[tuple[int, float]]:
    return [(day, price + number) for number, day in enumerate(weekdays_before(before, n))]


def test_that_the_unfinished_day_is_left_out() -> None:
    made = window({0: [*flat(300), (MONDAY, 999.0)], 1: [*flat(300), (MONDAY, 999.0)]})
    assert made.days[-1] == MONDAY - 3
    assert (made.closes < 999.0).all()


def test_that_at_most_500_returns_are_used_the_newest() -> None:
    made = window({0: flat(700), 1: flat(700)})
    assert made.n_scenarios == 500
    assert made.days[-1] == MONDAY - 3


def test_that_the_shortest_history_good_enough_sets_the_length_for_all() -> None:
    made = window({0: flat(500), 1: flat(260)})
    assert made.n_scenarios == 259
    assert np.isfinite(made.closes).all()


def test_that_an_instrument_with_too_little_history_does_not_shorten_the_window() -> None:
    made = window({0: flat(500), 1: flat(120)})
    assert made.n_scenarios == 499
    assert np.isnan(made.closes[0, 1])
    assert scenario_matrix(made, TWO).has_history[:2].tolist() == [True, False]


def test_that_where_none_is_good_a_low_quality_window_is_better_than_none() -> None:
    assert window({0: flat(120), 1: flat(150)}).n_scenarios == 119


def test_that_less_than_a_hundred_returns_make_no_window() -> None:
    made = window({0: flat(100), 1: flat(90)})
    assert made.n_scenarios == 0
    assert made.closes.shape == (0, 2)


@pytest.mark.parametrize("bars", [{0: [(MONDAY, 1.0)]}, {0: [(MONDAY - 3, 1.0)]}])
def test_that_no_finished_pair_of_days_makes_no_window(bars: dict[int, list[tuple[int, float]]]) -> None:
    assert window(bars).n_scenarios == 0


def test_that_a_fixed_price_has_history_but_sets_no_length() -> None:
    universe = universe_of(book_of({"BTCUSDT": (1, 9000.0)}), MASTER)
    btc, usdt = universe.codes.index("BTCUSDT"), universe.codes.index("USDTUSD")
    made = window({btc: flat(120)}, universe)
    assert made.n_scenarios == 119
    assert (made.closes[:, usdt] == 1.0).all()
    assert scenario_matrix(made, universe).has_history.all()


def test_that_a_weekend_of_crypto_falls_into_the_monday_interval() -> None:
    universe = universe_of(book_of({"AAPL.US": (1, 1.0), "BTCUSDT": (1, 1.0)}), MASTER)
    crypto = [(day, 100.0 + day - MONDAY) for day in range(MONDAY - 500, MONDAY)]
    made = window({0: flat(340), 1: crypto}, universe)
    assert ((made.days + 3) % 7 < 5).all()
    assert len(made.days) == 340


def test_that_a_zero_close_is_a_missing_close_and_is_carried_over() -> None:
    bars = flat(300)
    bars[-5] = (bars[-5][0], 0.0)
    made = window({0: bars, 1: flat(300)})
    assert made.closes[-5, 0] == bars[-6][1]


def test_that_a_close_below_zero_counts_only_where_the_instrument_may_be_negative() -> None:
    share, oil = flat(300), flat(300)
    share[-5], oil[-5] = (share[-5][0], -3.0), (oil[-5][0], -3.0)
    made = window({0: share, 1: oil})
    assert made.closes[-5].tolist() == [share[-6][1], -3.0]
    assert scenario_matrix(made, TWO).is_absolute.tolist() == [False, True]


def test_that_an_instrument_that_never_dips_has_returns_though_it_may_be_negative() -> None:
    matrix = scenario_matrix(window({0: flat(300), 1: flat(300)}), TWO)
    assert not matrix.is_absolute.any()
    assert matrix.rows[1, 0] == pytest.approx(0.01)


def test_that_a_day_joins_once_and_in_order() -> None:
    made = window({0: flat(300), 1: flat(300)})
    closes = np.array([500.0, 60.0])
    grown = made.after_day(MONDAY, closes, 500)
    assert grown.n_scenarios == made.n_scenarios + 1
    assert grown.closes[-1].tolist() == [500.0, 60.0]
    assert grown.after_day(MONDAY, closes * 2, 500) is grown
    assert made.after_day(MONDAY, closes, 100).n_scenarios == 100


def test_that_without_a_rate_s_history_what_it_converts_has_none_either() -> None:
    universe = universe_of(book_of({"GER40": (1, 1.0), "AAPL.US": (1, 1.0)}), MASTER)
    bars = {universe.codes.index(code): flat(300) for code in ("GER40", "AAPL.US")}
    matrix = scenario_matrix(window(bars, universe), universe)
    held = dict(zip(universe.codes, matrix.has_history, strict=False))
    assert held == {"GER40": False, "AAPL.US": True, "EURUSD": False}


def test_that_a_currency_without_a_route_has_no_history() -> None:
    item = replace(MASTER["AAPL.US"], code="VOD.L", currency="GBP")
    universe = universe_of(book_of({"VOD.L": (1, 1.0)}), {"VOD.L": item})
    matrix = scenario_matrix(window({0: flat(300)}, universe), universe)
    assert matrix.has_history.tolist() == [False, True, False]


def test_that_a_rate_that_dipped_below_zero_converts_nothing() -> None:
    odd = replace(MASTER["EURUSD"], may_be_negative=True)
    universe = universe_of(book_of({"EURUSD": (1, 1.0)}, {"EUR": 1.0}), {"EURUSD": odd})
    days: NDArray[np.int64] = np.arange(200, dtype=np.int64)
    closes = np.full((200, 1), 1.1)
    closes[7] = -1.0
    matrix = scenario_matrix(PriceWindow(days, closes), universe)
    assert matrix.has_history[1:].tolist() == [True, False]
