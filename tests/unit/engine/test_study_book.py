"""A study's book earns what SEMANTICS says a position earns."""

from decimal import Decimal

import numpy as np
import pytest

from plimsoll.domain.book import Book, Cash
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.position import Position
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.study_book import StudyBook, study_book
from plimsoll.engine.universe import universe_of

NAN = float("nan")
MASTER = {
    item.code: item
    for item in (
        Instrument("USDJPY", "Yen", AssetClass.FX, "JPY", Settlement.UNFUNDED),
        Instrument("T.JP", "T", AssetClass.EQUITY, "JPY", Settlement.FUNDED, sector="Autos", multiplier=2.0),
        Instrument("Z.XX", "Z", AssetClass.EQUITY, "XXX", Settlement.FUNDED),
    )
}


def made(positions: dict[str, tuple[str, str]], marks: dict[str, float], cash: str = "0") -> StudyBook:
    lines = tuple(
        Position(code, Decimal(size), Decimal(size) * Decimal(price))
        for code, (size, price) in positions.items()
    )
    book = Book("b", "USD", lines, (Cash("JPY", Decimal(cash)),))
    universe = universe_of(book, MASTER)
    mark = np.array([marks.get(code, NAN) for code in universe.codes])
    ledger = Ledger(universe, book)
    ledger.revalue(mark)
    return study_book(universe, ledger, mark)


def test_that_two_million_dollars_against_yen_cost_what_semantics_says() -> None:
    book = made({"USDJPY": ("-2000000", "154.21")}, {"USDJPY": 154.21})
    growth = np.ones((1, 2))
    growth[0, book.currencies.index("JPY")] = 1.0 / 1.01
    pnl = book.pnl(np.array([[0.01]]), book.exposure, growth)
    assert pnl[0] == pytest.approx(-19801.98, abs=0.005)
    assert book.position_pnl(np.array([[0.01]]), book.exposure, growth)[0, 0] == pytest.approx(pnl[0])


def test_that_a_funded_share_earns_by_price_and_currency_together() -> None:
    book = made({"T.JP": ("3", "900")}, {"T.JP": 1000.0, "USDJPY": 100.0}, cash="500")
    assert book.exposure.tolist() == [60.0]
    assert book.money_per_point.tolist() == pytest.approx([0.06])
    growth = np.ones((1, 2))
    growth[0, book.currencies.index("JPY")] = 1.1
    pnl = book.pnl(np.array([[0.2]]), book.exposure, growth)
    assert pnl[0] == pytest.approx(60.0 * (1.2 * 1.1 - 1.0) + 5.0 * 0.1)
    assert (book.sectors, book.gross) == (("Autos",), 60.0)
    assert book.nav == pytest.approx(65.0)


def test_that_what_has_no_price_or_no_rate_counts_for_nothing_and_says_so() -> None:
    book = made({"T.JP": ("3", "900"), "Z.XX": ("1", "1")}, {"T.JP": 1000.0, "Z.XX": 5.0})
    assert book.is_priced.tolist() == [False, False]
    assert book.gross == 0.0
    assert book.routes[book.currencies.index("XXX")] is None
    assert book.routes[book.currencies.index("JPY")] == (("USDJPY", -1),)


def test_that_a_line_at_nought_needs_no_price() -> None:
    book = made({"T.JP": ("0", "0")}, {})
    assert book.is_priced.tolist() == [True]
