from decimal import Decimal

import pytest

from plimsoll.domain.book import Book, Cash
from plimsoll.domain.book_event import (
    BookEvent,
    CashMoved,
    Holding,
    HoldingsRestated,
    SplitMade,
    TradeEntered,
    counter_of,
)
from plimsoll.domain.book_record import BookRecord, record_of
from plimsoll.domain.errors import EventRefused, FillRefused
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.position import Position

D = Decimal
MASTER = {"S": Instrument("S", "share", AssetClass.EQUITY, "USD", Settlement.FUNDED)}
BOOK = Book("desk", "USD", (Position("S", D(0), D(0)),), (Cash("USD", D(10_000)),))


def trade(event_id: str, quantity: int, price: int) -> TradeEntered:
    return TradeEntered(event_id=event_id, code="S", quantity=D(quantity), price=D(price))


BUY, MORE, SELL = trade("buy", 10, 100), trade("more", 10, 110), trade("sell", -5, 120)
SPLIT = SplitMade(event_id="split", code="S", new_shares=2, old_shares=1)
FILE = HoldingsRestated(event_id="file", holdings=(Holding("S", D(3), D(9)),), cash=(), fingerprint="f")


def taken(*events: BookEvent) -> BookRecord:
    record = record_of(BOOK)
    for event in events:
        record = record.after(event, MASTER)
    return record


def test_that_an_undone_trade_leaves_the_book_as_if_it_had_never_been() -> None:
    undone = taken(BUY, MORE, SELL, counter_of(BUY)).book
    assert (undone.positions, undone.cash) == (taken(MORE, SELL).book.positions, taken(MORE, SELL).book.cash)


def test_that_an_undo_that_is_undone_takes_the_event_up_again() -> None:
    counter = counter_of(BUY)
    record = taken(BUY, MORE, counter, counter_of(counter))
    assert record.book.positions == taken(BUY, MORE).book.positions
    assert record.undone == {counter.event_id}


def test_that_the_version_rises_with_an_undo_too() -> None:
    assert [taken(*(BUY, MORE, counter_of(BUY))[:n]).book.version for n in range(4)] == [0, 1, 2, 3]


def test_that_everything_entered_stays_in_the_record() -> None:
    record = taken(BUY, counter_of(BUY))
    assert record.opening == BOOK
    assert record.events == (BUY, counter_of(BUY))
    assert record.event_ids == {"buy", "undo-buy"}
    assert (record.event("buy"), record.event("sell")) == (BUY, None)


def test_that_nothing_is_taken_twice() -> None:
    with pytest.raises(FillRefused, match="nothing is taken twice"):
        taken(BUY, BUY)
    cash = CashMoved(event_id="cash", currency="USD", amount=D(1))
    with pytest.raises(EventRefused, match="nothing is taken twice"):
        taken(cash, cash)


def test_that_only_what_was_entered_and_still_counts_is_undone() -> None:
    with pytest.raises(EventRefused, match="not in this book's record"):
        taken(counter_of(BUY))
    again = counter_of(BUY)
    twice = type(again)(event_id="another", undoes="buy")
    with pytest.raises(EventRefused, match="undone already"):
        taken(BUY, again, twice)


def test_that_an_undo_a_later_event_rests_on_names_that_event() -> None:
    with pytest.raises(EventRefused, match="later split split could not stand: undo that first"):
        taken(BUY, SPLIT, counter_of(BUY))


def test_that_what_an_accepted_file_replaced_is_undone_only_after_the_file() -> None:
    with pytest.raises(EventRefused, match="before a positions file"):
        taken(BUY, FILE, counter_of(BUY))
    record = taken(BUY, FILE, counter_of(FILE))
    assert record.book.positions == taken(BUY).book.positions
    assert record.after(counter_of(BUY), MASTER).book.positions == BOOK.positions
