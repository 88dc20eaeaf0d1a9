"""Instruments by number, and how each currency becomes base money."""

from dataclasses import replace

import pytest

from fakes.trading_desk import MASTER, book_of
from plimsoll.domain.errors import UnknownInstrument
from plimsoll.domain.instrument import Instrument
from plimsoll.engine.universe import Universe, universe_of


def way(universe: Universe, currency: str) -> list[tuple[str, int]] | None:
    route = universe.routes[universe.currencies.index(currency)]
    return None if route is None else [(universe.codes[leg], power) for leg, power in route]


def pair(code: str) -> Instrument:
    return replace(MASTER["EURUSD"], code=code, currency=code[3:])


def test_that_positions_come_first_in_the_book_s_order_then_what_converts() -> None:
    universe = universe_of(book_of({"0700.HK": (1, 1.0), "AAPL.US": (1, 1.0)}, {"EUR": 1.0}), MASTER)
    assert universe.codes[:2] == ("0700.HK", "AAPL.US")
    assert universe.n_held == 2
    assert set(universe.codes[2:]) == {"EURUSD", "USDHKD"}
    assert universe.currencies[0] == "USD"


def test_that_routes_are_direct_inverse_or_by_way_of_the_dollar() -> None:
    dollars = universe_of(book_of({}, {"USD": 1.0, "EUR": 1.0, "JPY": 1.0}), MASTER)
    assert way(dollars, "USD") == []
    assert way(dollars, "EUR") == [("EURUSD", 1)]
    assert way(dollars, "JPY") == [("USDJPY", -1)]
    euros = universe_of(book_of({}, {"USD": 1.0, "JPY": 1.0}, base="EUR"), MASTER)
    assert way(euros, "USD") == [("EURUSD", -1)]
    assert way(euros, "JPY") == [("USDJPY", -1), ("EURUSD", -1)]


def test_that_a_direct_pair_outranks_its_inverse() -> None:
    master = {code: pair(code) for code in ("USDEUR", "EURUSD")}
    assert way(universe_of(book_of({}, {"EUR": 1.0}), master), "EUR") == [("EURUSD", 1)]


def test_that_any_third_currency_serves_where_the_dollar_does_not() -> None:
    master = {code: pair(code) for code in ("GBPCHF", "CHFUSD", "GBPSEK")}
    assert way(universe_of(book_of({}, {"GBP": 1.0}), master), "GBP") == [("GBPCHF", 1), ("CHFUSD", 1)]


def test_that_where_there_is_no_way_the_route_is_none() -> None:
    assert way(universe_of(book_of({}, {"GBP": 1.0}), MASTER), "GBP") is None


def test_that_a_held_pair_is_the_one_that_converts() -> None:
    universe = universe_of(book_of({"USDJPY": (1, 110.0)}), MASTER)
    assert universe.codes == ("USDJPY",)
    assert way(universe, "JPY") == [("USDJPY", -1)]


def test_that_a_pair_on_the_way_brings_its_own_currency() -> None:
    universe = universe_of(book_of({}, {"JPY": 1.0}, base="EUR"), MASTER)
    assert set(universe.codes) == {"USDJPY", "EURUSD"}
    assert way(universe, "USD") == [("EURUSD", -1)]
    assert len(universe.routes) == len(universe.currencies)


def test_that_tether_counts_as_a_dollar_only_by_its_line() -> None:
    book = book_of({"BTCUSDT": (1, 9000.0)})
    assert way(universe_of(book, MASTER), "USDT") == [("USDTUSD", 1)]
    without = {code: item for code, item in MASTER.items() if code != "USDTUSD"}
    assert way(universe_of(book, without), "USDT") is None


def test_that_a_code_nobody_described_is_refused() -> None:
    with pytest.raises(UnknownInstrument, match=r"'VOD\.L' is not in the instrument master"):
        universe_of(book_of({"VOD.L": (1, 1.0)}), MASTER)


def test_that_codes_to_be_held_later_follow_the_positions_once_and_only_if_described() -> None:
    book = book_of({"AAPL.US": (1, 1.0)})
    universe = universe_of(book, MASTER, ("GOLD", "AAPL.US", "GOLD"))
    assert universe.codes[: universe.n_held] == ("AAPL.US", "GOLD")
    with pytest.raises(UnknownInstrument):
        universe_of(book, MASTER, ("NOBODY.US",))
