"""What the book is worth, by SEMANTICS' sum over cash, funded and unfunded."""

import math
from dataclasses import replace

import numpy as np
import pytest

from fakes.trading_desk import MASTER, MIXED, PRICES, Desk, book_of
from plimsoll.domain.book import Book
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.universe import universe_of

NAN = math.nan


def ledger_of(book: Book, prices: dict[str, float] = PRICES) -> tuple[Ledger, np.ndarray]:
    universe = universe_of(book, MASTER)
    mark = np.array([prices.get(item.code, item.fixed_price or NAN) for item in universe.instruments])
    ledger = Ledger(universe, book)
    ledger.revalue(mark)
    return ledger, mark


def test_that_nav_is_cash_funded_worth_and_unfunded_gains() -> None:
    ledger, _ = ledger_of(book_of(MIXED, {"USD": 900_000.0, "EUR": 120_000.0, "JPY": -5_000_000.0}))
    jpy, hkd, eur = 1 / 111.0, 1 / 7.79, 1.085
    nav = 900_000 + 120_000 * eur - 5_000_000 * jpy  # cash
    nav += 1000 * 300 - 2000 * 60 + 3000 * 410 * hkd + 12 * 9_500  # funded
    nav += 500_000 * (1.085 - 1.08) - 2_000_000 * (111.0 - 110.0) * jpy  # unfunded: FX
    nav += 20 * 100 * (1650 - 1600) - 15 * 1000 * (51 - 50) + 4 * 25 * 100 * eur
    assert ledger.nav() == pytest.approx(nav, rel=1e-12)


def test_that_exposure_of_either_kind_is_quantity_times_multiplier_times_price_times_rate() -> None:
    ledger, mark = ledger_of(book_of({"GER40": (4, 13_000.0), "0700.HK": (-3000, 400.0)}))
    assert ledger.exposure(mark)[:2] == pytest.approx([4 * 25 * 13_100 * 1.085, -3000 * 410 / 7.79])


def test_that_unrealised_is_gain_since_entry_for_long_and_short() -> None:
    ledger, mark = ledger_of(book_of({"AAPL.US": (1000, 280.0), "XOM.US": (-2000, 55.0)}))
    assert ledger.unrealised(mark) == pytest.approx([20_000.0, -10_000.0])


def test_that_a_currency_without_a_rate_adds_nothing_and_is_never_one() -> None:
    ledger, mark = ledger_of(
        book_of({"0700.HK": (3000, 400.0)}, {"USD": 5.0, "HKD": 9.0}), {"0700.HK": 410.0}
    )
    assert math.isnan(ledger.fx[1])
    assert ledger.nav() == 5.0
    assert math.isnan(ledger.net_worth(mark)[0])


def test_that_a_currency_nobody_can_convert_stays_without_a_rate() -> None:
    ledger, _ = ledger_of(book_of({}, {"USD": 5.0, "XAU": 9.0}))
    assert ledger.nav() == 5.0


def test_that_nothing_held_is_worth_zero_at_any_price() -> None:
    ledger, mark = ledger_of(book_of({"GOLD": (0, 0.0)}), {})
    assert ledger.net_worth(mark).tolist() == [0.0]
    assert ledger.local_at(mark).tolist() == [1_000_000.0]


def test_that_a_rate_of_zero_is_no_rate() -> None:
    ledger, _ = ledger_of(book_of({}, {"USD": 5.0, "EUR": 9.0}), {"EURUSD": 0.0})
    assert math.isnan(ledger.fx[1])


def test_that_a_book_reordered_by_a_fill_is_held_by_code() -> None:
    book = book_of({"AAPL.US": (1000, 280.0), "XOM.US": (-2000, 55.0)})
    ledger, _ = ledger_of(book)
    ledger.hold(universe_of(book, MASTER), replace(book, positions=book.positions[::-1]))
    assert ledger.quantity.tolist() == [1000.0, -2000.0]


def test_that_one_leg_of_a_route_moving_alone_moves_the_rate() -> None:
    desk = Desk(book_of({}, {"EUR": 1.0, "JPY": 1_000_000.0}, base="EUR"))
    desk.trade(EURUSD=1.25, USDJPY=100.0)
    assert desk.snapshot.nav == pytest.approx(1 + 8_000)
    desk.trade(USDJPY=125.0)
    assert desk.snapshot.nav == pytest.approx(1 + 6_400)
    desk.trade(EURUSD=1.0)
    assert desk.snapshot.nav == pytest.approx(1 + 8_000)
    assert desk.snapshot.max_drawdown == pytest.approx(1 - 6_401 / 8_001)
