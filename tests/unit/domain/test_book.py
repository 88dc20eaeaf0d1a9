from decimal import Decimal

import pytest

from plimsoll.domain.book import Book, Cash
from plimsoll.domain.errors import FillRefused, UnknownInstrument
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.position import Fill, Position

D = Decimal
SHARE = Instrument("AAPL.US", "Apple", AssetClass.EQUITY, "USD", Settlement.FUNDED)
YEN = Instrument("USDJPY", "Dollar in yen", AssetClass.FX, "JPY", Settlement.UNFUNDED)
OIL = Instrument(
    "USOIL", "WTI", AssetClass.COMMODITY, "USD", Settlement.UNFUNDED, multiplier=10.0, may_be_negative=True
)
MASTER = {item.code: item for item in (SHARE, YEN, OIL)}
BOOK = Book("desk", "USD", (Position("AAPL.US", D(100), D(30_000)),), (Cash("USD", D(50_000)),))


def fill(code: str, quantity: str, price: str, fee: str = "0") -> Fill:
    return Fill("F1", code, D(quantity), D(price), D(fee))


def test_that_what_is_held_and_owned_can_be_asked_for() -> None:
    assert BOOK.position("AAPL.US") == BOOK.positions[0]
    assert BOOK.position("MSFT.US") is None
    assert (BOOK.cash_in("USD"), BOOK.cash_in("JPY")) == (D(50_000), D(0))


def test_that_a_share_is_paid_in_full_and_its_fee_with_it() -> None:
    after = BOOK.after_fill(fill("AAPL.US", "10", "320", "1.5"), MASTER)
    assert after.cash_in("USD") == D(50_000) - 3200 - D("1.5")
    held = after.position("AAPL.US")
    assert held is not None
    assert (held.quantity, held.cost, held.fees) == (D(110), D(33_200), D("1.5"))
    assert after.version == BOOK.version + 1


def test_that_opening_an_unfunded_position_moves_only_the_fee() -> None:
    after = BOOK.after_fill(fill("USDJPY", "-2000000", "154.21", "300"), MASTER)
    assert after.cash_in("JPY") == D(-300)
    assert after.cash_in("USD") == D(50_000)
    assert [held.code for held in after.positions] == ["AAPL.US", "USDJPY"]


def test_that_closing_an_unfunded_position_pays_what_it_realised() -> None:
    opened = BOOK.after_fill(fill("USDJPY", "-1000", "150"), MASTER)
    closed = opened.after_fill(fill("USDJPY", "1000", "148"), MASTER)
    assert closed.cash_in("JPY") == D(2000)


def test_that_the_multiplier_counts_in_the_cash() -> None:
    opened = BOOK.after_fill(fill("USOIL", "5", "20"), MASTER)
    closed = opened.after_fill(fill("USOIL", "-5", "-37"), MASTER)
    assert closed.cash_in("USD") == D(50_000) - 57 * 5 * 10


def test_that_a_fill_leaves_the_book_it_came_from_alone() -> None:
    before = repr(BOOK)
    BOOK.after_fill(fill("AAPL.US", "-100", "310"), MASTER)
    assert repr(BOOK) == before


def test_that_a_position_keeps_its_place_in_the_book() -> None:
    book = BOOK.after_fill(fill("USDJPY", "1", "1"), MASTER).after_fill(fill("AAPL.US", "1", "1"), MASTER)
    assert [held.code for held in book.positions] == ["AAPL.US", "USDJPY"]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (fill("AAPL.US", "0", "320"), "quantity was 0"),
        (fill("AAPL.US", "1", "320", "-1"), "fee was -1"),
        (fill("AAPL.US", "1", "0"), "price was 0"),
        (fill("AAPL.US", "1", "-3"), "price was -3"),
        (fill("AAPL.US", "1", "NaN"), "price was NaN"),
        (fill("AAPL.US", "1", "Infinity"), "price was Infinity"),
        (fill("USOIL", "1", "0"), "price was 0"),
        (fill("AAPL.US", "NaN", "320"), "quantity was NaN"),
        (fill("AAPL.US", "Infinity", "320"), "quantity was Infinity"),
        (fill("AAPL.US", "1", "320", "NaN"), "fee was NaN"),
        (fill("AAPL.US", "1", "320", "Infinity"), "fee was Infinity"),
    ],
)
def test_that_a_fill_that_cannot_be_is_refused_in_words(bad: Fill, words: str) -> None:
    with pytest.raises(FillRefused, match=words):
        BOOK.after_fill(bad, MASTER)


def test_that_a_fill_of_an_unknown_code_is_refused() -> None:
    with pytest.raises(UnknownInstrument, match=r"'GHOST.US' is not in the instrument master") as refusal:
        BOOK.after_fill(fill("GHOST.US", "1", "1"), MASTER)
    assert refusal.value.code == "GHOST.US"


def test_that_a_flow_comes_in_and_goes_out_of_its_own_currency() -> None:
    book = BOOK.after_flow("JPY", D(1000)).after_flow("USD", D(-60_000)).after_flow("JPY", D(500))
    assert book.cash == (Cash("USD", D(-10_000)), Cash("JPY", D(1500)))
    assert book.version == 3
    assert book.positions == BOOK.positions
