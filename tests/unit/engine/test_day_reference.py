"""The day's anchors, apart from the engine that sets them."""

import math

import numpy as np
import pytest

from fakes.trading_desk import MASTER, book_of
from plimsoll.engine.day_reference import CashMove, DayReference
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.universe import universe_of

BOOK = book_of({"AAPL.US": (1000, 280.0), "GER40": (4, 12_000.0)}, {"USD": 100_000.0})
UNIVERSE = universe_of(BOOK, MASTER)  # AAPL.US, GER40, EURUSD
AAPL, GER, EURUSD = range(3)
USD, EUR = 0, 1


def marked(*prices: float) -> Ledger:
    ledger = Ledger(UNIVERSE, BOOK)
    ledger.revalue(np.array(prices))
    return ledger


def known(*prices: float) -> DayReference:
    day = DayReference(UNIVERSE, BOOK)
    day.begin(np.array(prices), BOOK)
    return day


def test_that_nothing_is_known_before_the_last_anchor_has_come() -> None:
    day, ledger = DayReference(UNIVERSE, BOOK), marked(300.0, 13_000.0, 1.1)
    for closes in ({}, {AAPL: 299.0}, {GER: 13_000.0}):
        day.learn(closes)
        assert all(math.isnan(figure) for figure in (*day.pnl(ledger), day.nav(ledger)))
    day.learn({EURUSD: 1.1})
    assert day.pnl(ledger) == pytest.approx((1_000.0, 0.0))


def test_that_a_close_never_replaces_an_anchor_but_the_journal_does() -> None:
    day = known(300.0, 13_000.0, 1.1)
    day.learn({AAPL: 1.0})
    assert day.mark[AAPL] == 300.0
    day.recall({AAPL: 290.0})
    assert (day.mark[AAPL], day.low[AAPL], day.high[AAPL]) == (290.0, 290.0, 300.0)


def test_that_prices_and_currencies_sum_to_what_nav_gained() -> None:
    day, before, after = (
        known(300.0, 13_000.0, 1.1),
        marked(300.0, 13_000.0, 1.1),
        marked(290.0, 13_100.0, 1.2),
    )
    total, fx = day.pnl(after)
    assert total == pytest.approx(after.nav() - before.nav())
    assert fx == pytest.approx(100 * 1_000 * 0.1)
    assert day.position_pnl(after, np.array([290.0, 13_100.0, 1.2])) == pytest.approx(
        [-10_000.0, 110_000 * 1.2 - 100_000 * 1.1, 0.0]
    )


def test_that_extremes_are_taken_since_the_roll() -> None:
    day = known(300.0, 13_000.0, 1.1)
    day.see(np.array([AAPL]), np.array([290.0]), np.array([310.0]))
    day.see(np.array([AAPL]), np.array([295.0]), np.array([305.0]))
    assert (day.low[AAPL], day.high[AAPL]) == (290.0, 310.0)
    day.begin(np.array([301.0, 13_000.0, 1.1]), BOOK)
    assert (day.low[AAPL], day.high[AAPL]) == (301.0, 301.0)


def test_that_money_from_outside_is_no_gain_and_earns_by_its_own_rate_from_then_on() -> None:
    day = known(300.0, 13_000.0, 1.1)
    ledger = marked(300.0, 13_000.0, 1.2)
    total, fx = day.pnl(ledger)
    day.note(CashMove(None, EUR, 50_000.0, 1.2))
    ledger.hold(UNIVERSE, BOOK.after_flow("EUR", 50_000))  # type: ignore[arg-type]  an int will do
    ledger.revalue(np.array([300.0, 13_000.0, 1.2]))
    assert day.pnl(ledger) == pytest.approx((total, fx))
    ledger.revalue(np.array([300.0, 13_000.0, 1.3]))
    assert day.pnl(ledger)[1] == pytest.approx(150_000 * 1.3 - 100_000 * 1.1 - 50_000 * 1.2)


def test_that_a_fill_at_an_unknown_rate_leaves_its_position_s_day_unknown() -> None:
    day = known(300.0, 13_000.0, 1.1)
    day.note(CashMove(GER, EUR, -5.0, math.nan))
    pnl = day.position_pnl(marked(300.0, 13_000.0, 1.1), np.array([300.0, 13_000.0, 1.1]))
    assert np.isnan(pnl).tolist() == [False, True, False]


def test_that_a_currency_without_a_rate_now_is_left_out_at_both_ends() -> None:
    day, ledger = known(300.0, 13_000.0, math.nan), marked(310.0, 13_000.0, math.nan)
    assert day.pnl(ledger) == pytest.approx((10_000.0, 0.0))
    assert day.nav(ledger) == pytest.approx(400_000.0)


def test_that_the_day_opens_with_what_was_held_at_the_roll() -> None:
    day = known(300.0, 13_000.0, 1.1)
    day.note(CashMove(None, USD, 5.0, 1.0))
    day.open_with(book_of({"AAPL.US": (500, 280.0), "GER40": (4, 12_000.0)}, {"USD": 250_000.0}))
    assert day.nav(marked(300.0, 13_000.0, 1.1)) == pytest.approx(250_000 + 150_000 + 100_000 * 1.1)
    assert day.pnl(marked(300.0, 13_000.0, 1.1))[0] == pytest.approx(0.0)
