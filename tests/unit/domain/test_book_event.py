from decimal import Decimal

import pytest

from plimsoll.domain.book import Book, Cash
from plimsoll.domain.book_event import (
    KINDS,
    BookEvent,
    CashMoved,
    CurrencyExchanged,
    DividendPaid,
    EventUndone,
    FeePaid,
    FundingPaid,
    Holding,
    HoldingsRestated,
    SplitMade,
    TradeEntered,
    counter_of,
    event_body,
    event_from,
)
from plimsoll.domain.errors import EventRefused, UnknownInstrument
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.position import Position

D = Decimal
SHARE = Instrument("AAPL.US", "Apple", AssetClass.EQUITY, "USD", Settlement.FUNDED)
YEN = Instrument("USDJPY", "Dollar in yen", AssetClass.FX, "JPY", Settlement.UNFUNDED)
MASTER = {item.code: item for item in (SHARE, YEN)}
BOOK = Book(
    "desk", "USD", (Position("AAPL.US", D(100), D(30_000), D(7), D(1)),), (Cash("USD", D(50_000)),), version=3
)
SPLIT = SplitMade(event_id="S", code="AAPL.US", new_shares=4, old_shares=1)
EVENTS = (
    TradeEntered(event_id="T", code="AAPL.US", quantity=D("-2.5"), price=D("301.25"), fee=D(1), person="ana"),
    CashMoved(event_id="C", currency="EUR", amount=D("-0.10"), time_ns=5, reason="rent"),
    DividendPaid(event_id="D", code="AAPL.US", currency="USD", amount=D(24)),
    FeePaid(event_id="F", currency="USD", amount=D(9), code="AAPL.US"),
    FundingPaid(event_id="N", code="USDJPY", currency="JPY", amount=D(-3100)),
    SPLIT,
    CurrencyExchanged(event_id="X", sold_currency="USD", sold=D(110), bought_currency="EUR", bought=D(100)),
    HoldingsRestated(
        event_id="R",
        holdings=(Holding("USDJPY", D(-5), D("-550.5")),),
        cash=(("JPY", D(8)),),
        fingerprint="USD|…",
        source="positions.csv",
    ),
    EventUndone(event_id="U", undoes="T"),
)


def after(event: BookEvent) -> Book:
    return BOOK.after_event(event, MASTER)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_that_the_journal_gives_back_the_event_it_was_given(event: BookEvent) -> None:
    assert event_from(event_body(event)) == event


def test_that_every_kind_of_event_is_tried_here() -> None:
    assert {event.kind for event in EVENTS} == set(KINDS)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"event": "gift"},
        {"event": "cash"},
        {**event_body(EVENTS[1]), "amount": "much"},
        {**event_body(EVENTS[7]), "holdings": [["USDJPY", "1"]]},
    ],
)
def test_that_a_row_that_is_no_event_is_refused_in_words(body: dict[str, object]) -> None:
    with pytest.raises(EventRefused, match=r"was|could not be read"):
        event_from(body)


def test_that_a_trade_goes_the_one_fill_path() -> None:
    traded = after(EVENTS[0])
    assert traded.position("AAPL.US").quantity == D("97.5")
    assert traded.cash_in("USD") == D(50_000) + D("2.5") * D("301.25") - 1


@pytest.mark.parametrize(
    ("event", "currency", "amount"), [(1, "EUR", "-0.10"), (2, "USD", 24), (4, "JPY", -3100)]
)
def test_that_money_moves_the_cash_of_its_currency_alone(event: int, currency: str, amount: str) -> None:
    moved = after(EVENTS[event])
    assert moved.cash_in(currency) - BOOK.cash_in(currency) == D(amount)
    assert moved.positions == BOOK.positions
    assert moved.version == BOOK.version + 1


def test_that_a_fee_of_an_instrument_is_counted_with_its_fees_and_another_is_not() -> None:
    of_share = after(EVENTS[3])
    assert (of_share.position("AAPL.US").fees, of_share.cash_in("USD")) == (D(10), D(49_991))
    general = after(FeePaid(event_id="G", currency="USD", amount=D(9)))
    assert (general.position("AAPL.US").fees, general.cash_in("USD")) == (D(1), D(49_991))
    assert (
        after(FeePaid(event_id="G", currency="JPY", amount=D(9), code="USDJPY")).positions == BOOK.positions
    )


def test_that_a_split_changes_quantity_and_leaves_cost_realised_and_cash() -> None:
    split = after(SPLIT)
    assert split.positions == (Position("AAPL.US", D(400), D(30_000), D(7), D(1)),)
    assert split.position("AAPL.US").average_price == D(75)
    assert split.cash == BOOK.cash


def test_that_an_exchange_moves_two_cash_lines_in_one_step() -> None:
    exchanged = after(EVENTS[6])
    assert (exchanged.cash_in("USD"), exchanged.cash_in("EUR")) == (D(49_890), D(100))
    assert exchanged.version == BOOK.version + 1


def test_that_a_restatement_holds_what_the_file_says_and_keeps_what_was_realised() -> None:
    restated = after(EVENTS[7])
    assert restated.positions == (
        Position("AAPL.US", D(0), D(0), D(7), D(1)),
        Position("USDJPY", D(-5), D("-550.5")),
    )
    assert restated.cash == (Cash("JPY", D(8)),)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (CashMoved(event_id="1", currency="USD", amount=D(0)), "above or below zero"),
        (CashMoved(event_id="1", currency="USD", amount=D("NaN")), "the amount was NaN"),
        (CashMoved(event_id="1", currency="usd", amount=D(1)), "capitals like USD"),
        (FeePaid(event_id="1", currency="USD", amount=D(-1)), "an amount above zero"),
        (FeePaid(event_id="1", currency="USD", amount=D(1), code="USDJPY"), "expected JPY"),
        (SplitMade(event_id="1", code="AAPL.US", new_shares=0, old_shares=1), "0 for 1"),
        (SplitMade(event_id="1", code="AAPL.US", new_shares=2, old_shares=2), "two different"),
        (SplitMade(event_id="1", code="AAPL.US", new_shares=1, old_shares=3), "no exact quantity"),
        (SplitMade(event_id="1", code="USDJPY", new_shares=2, old_shares=1), "nothing of USDJPY"),
        (
            CurrencyExchanged(
                event_id="1", sold_currency="USD", sold=D(1), bought_currency="USD", bought=D(1)
            ),
            "two different ones",
        ),
        (EventUndone(event_id="1", undoes="T"), "by itself"),
    ],
)
def test_that_an_event_the_book_cannot_take_is_refused_in_words(event: BookEvent, words: str) -> None:
    with pytest.raises(EventRefused, match=words):
        after(event)


@pytest.mark.parametrize(
    "event",
    [
        DividendPaid(event_id="1", code="GHOST.US", currency="USD", amount=D(1)),
        FeePaid(event_id="1", code="GHOST.US", currency="USD", amount=D(1)),
        SplitMade(event_id="1", code="GHOST.US", new_shares=2, old_shares=1),
        HoldingsRestated(event_id="1", holdings=(Holding("GHOST.US", D(1), D(1)),), cash=(), fingerprint=""),
    ],
)
def test_that_a_code_nobody_described_is_refused(event: BookEvent) -> None:
    with pytest.raises(UnknownInstrument, match="add a line"):
        after(event)


def test_that_the_counter_of_an_event_says_what_it_undoes_and_who_said_so() -> None:
    counter = counter_of(EVENTS[0], person="ben", reason="entered twice", time_ns=8)
    assert (counter.undoes, counter.person, counter.reason, counter.time_ns) == (
        "T",
        "ben",
        "entered twice",
        8,
    )
    assert counter.event_id not in {"T", ""}
    assert counter_of(counter).undoes == counter.event_id
