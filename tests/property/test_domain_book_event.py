"""What is entered into a book and undone: laws over any sequence of events."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from plimsoll.domain.book import Book, Cash
from plimsoll.domain.book_event import (
    BookEvent,
    CashMoved,
    CurrencyExchanged,
    DividendPaid,
    FeePaid,
    FundingPaid,
    SplitMade,
    TradeEntered,
    counter_of,
    event_body,
    event_from,
)
from plimsoll.domain.book_record import BookRecord, record_of
from plimsoll.domain.errors import EventRefused
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.domain.position import ZERO, Position

SHARE = Instrument("S", "share", AssetClass.EQUITY, "USD", Settlement.FUNDED)
FUTURE = Instrument("F", "future", AssetClass.COMMODITY, "EUR", Settlement.UNFUNDED, multiplier=50.0)
MASTER = {item.code: item for item in (SHARE, FUTURE)}
OPENING = Book(
    "desk",
    "USD",
    (Position("S", Decimal(120), Decimal(6000)), Position("F", Decimal(-3), Decimal(-300))),
    (Cash("USD", Decimal(100_000)), Cash("EUR", Decimal(500))),
)
CODES = st.sampled_from(sorted(MASTER))
CURRENCIES = st.sampled_from(("USD", "EUR"))
PRICES = st.integers(1, 1_000_000).map(lambda cents: Decimal(cents) / 100)
SIGNED = st.integers(-100_000, 100_000).filter(bool).map(lambda cents: Decimal(cents) / 100)
WHOLE = st.integers(-500, 500).filter(bool).map(Decimal)
NAMELESS = st.just("")
EVENTS = st.one_of(
    st.builds(TradeEntered, event_id=NAMELESS, code=CODES, quantity=WHOLE, price=PRICES, fee=PRICES),
    st.builds(CashMoved, event_id=NAMELESS, currency=CURRENCIES, amount=SIGNED),
    st.builds(DividendPaid, event_id=NAMELESS, code=CODES, currency=CURRENCIES, amount=SIGNED),
    st.builds(FundingPaid, event_id=NAMELESS, code=CODES, currency=CURRENCIES, amount=SIGNED),
    st.builds(FeePaid, event_id=NAMELESS, currency=CURRENCIES, amount=PRICES),
    st.builds(
        SplitMade, event_id=NAMELESS, code=CODES, new_shares=st.integers(1, 20), old_shares=st.integers(1, 5)
    ),
    st.builds(
        CurrencyExchanged,
        event_id=NAMELESS,
        sold_currency=st.just("USD"),
        sold=PRICES,
        bought_currency=st.just("EUR"),
        bought=PRICES,
    ),
)
SEQUENCES = st.lists(EVENTS, max_size=10)


def named(event: BookEvent, name: str) -> BookEvent:
    return event_from({**event_body(event), "event_id": name})


def taken(events: list[BookEvent], opening: Book = OPENING) -> BookRecord:
    """Return the record after those of the events that the book can take."""
    record = record_of(opening)
    for number, event in enumerate(events):
        try:
            record = record.after(named(event, f"E{number}"), MASTER)
        except EventRefused:
            continue
    return record


def holdings(book: Book) -> tuple[object, ...]:
    return book.positions, book.cash


@given(SEQUENCES, EVENTS)
def test_that_an_event_and_its_counter_restore_the_book_exactly(
    before: list[BookEvent], event: BookEvent
) -> None:
    record = taken(before)
    event = named(event, "new")
    try:
        after = record.after(event, MASTER)
    except EventRefused:
        return
    undone = after.after(counter_of(event), MASTER)
    assert holdings(undone.book) == holdings(record.book)
    assert undone.book.version > after.book.version
    again = undone.after(counter_of(counter_of(event)), MASTER)
    assert holdings(again.book) == holdings(after.book)


@given(SEQUENCES, st.integers(0, 9))
def test_that_an_undo_in_the_middle_leaves_what_would_have_been_without_it(
    events: list[BookEvent], place: int
) -> None:
    record = taken(events)
    if place >= len(record.events):
        return
    undone = record.events[place]
    rest = record_of(OPENING)
    try:
        for event in record.events:
            if event is not undone:
                rest = rest.after(event, MASTER)
    except EventRefused:
        return  # a later event could not stand: the undo is refused, which the record's own tests show
    assert holdings(record.after(counter_of(undone), MASTER).book) == holdings(rest.book)


@given(st.lists(EVENTS.filter(lambda event: not isinstance(event, SplitMade)), max_size=10), PRICES, PRICES)
def test_that_closing_everything_leaves_cash_equal_to_what_came_and_went(
    events: list[BookEvent], share: Decimal, future: Decimal
) -> None:
    record = taken(events, Book("empty", "USD", ()))
    closing = {"S": share, "F": future}
    for held in record.book.positions:
        if held.quantity:
            event = TradeEntered(
                event_id=f"close {held.code}",
                code=held.code,
                quantity=-held.quantity,
                price=closing[held.code],
            )
            record = record.after(event, MASTER)
    for currency in ("USD", "EUR"):
        expected = sum((moved(event, currency) for event in record.events), ZERO)
        assert abs(record.book.cash_in(currency) - expected) < Decimal("1e-9")
    assert all((held.quantity, held.cost) == (ZERO, ZERO) for held in record.book.positions)


def moved(event: BookEvent, currency: str) -> Decimal:
    """Return what an event pays in a currency once everything is closed again."""
    match event:
        case TradeEntered() if MASTER[event.code].currency == currency:
            return -event.quantity * event.price * Decimal(str(MASTER[event.code].multiplier)) - event.fee
        case CashMoved() | DividendPaid() | FundingPaid() if event.currency == currency:
            return event.amount
        case FeePaid() if event.currency == currency:
            return -event.amount
        case CurrencyExchanged():
            return -event.sold if currency == "USD" else event.bought
        case _:
            return ZERO


@given(SEQUENCES, st.integers(1, 20), st.integers(1, 5), PRICES)
def test_that_a_split_leaves_what_is_owned_at_the_price_that_splits_with_it(
    before: list[BookEvent], new: int, old: int, price: Decimal
) -> None:
    record = taken(before)
    held = record.book.position("S")
    split = SplitMade(event_id="split", code="S", new_shares=new, old_shares=old)
    try:
        after = record.after(split, MASTER).book
    except EventRefused:
        return
    worth = after.position("S").quantity * price * old / new
    assert abs(worth - held.quantity * price) < Decimal("1e-9")
    assert (after.position("S").cost, after.cash) == (held.cost, record.book.cash)


@given(EVENTS)
def test_that_any_event_is_read_back_from_its_journal_row(event: BookEvent) -> None:
    assert event_from(event_body(event)) == event
