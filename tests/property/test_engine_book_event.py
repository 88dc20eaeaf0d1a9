"""The journal gives back the book and the mark of a session, whatever was entered, undone or restated."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.memory_journal import MemoryJournal
from fakes.trading_desk import MASTER, MIXED, PRICES, book_of
from plimsoll.domain.book import Book
from plimsoll.domain.book_event import (
    BookEvent,
    CashMoved,
    CurrencyExchanged,
    DividendPaid,
    FeePaid,
    Holding,
    HoldingsRestated,
    SplitMade,
    TradeEntered,
    counter_of,
    event_body,
    event_from,
)
from plimsoll.domain.book_record import BookRecord, record_of
from plimsoll.domain.errors import EventRefused
from plimsoll.engine.book_entry import BOOK_EVENT, entry_body
from plimsoll.engine.book_event_desk import plan
from plimsoll.engine.restoration import fingerprint, restored_from
from plimsoll.engine.universe import universe_of

BOOK = book_of(MIXED, {"USD": 2e6, "EUR": 120_000.0, "JPY": -5e6})
UNIVERSE = universe_of(BOOK, MASTER)
MARK = np.array([PRICES.get(code, MASTER[code].fixed_price) for code in UNIVERSE.codes], dtype=np.float64)
CODES = st.sampled_from(sorted(MIXED))
CURRENCIES = st.sampled_from(("USD", "EUR", "JPY"))
AMOUNTS = st.integers(-5000, 5000).filter(bool).map(Decimal)
PRICE = st.integers(1, 50_000).map(lambda cents: Decimal(cents) / 100)
NAMELESS = st.just("")
EVENTS = st.one_of(
    st.builds(TradeEntered, event_id=NAMELESS, code=CODES, quantity=AMOUNTS, price=PRICE, fee=PRICE),
    st.builds(CashMoved, event_id=NAMELESS, currency=CURRENCIES, amount=AMOUNTS),
    st.builds(DividendPaid, event_id=NAMELESS, code=CODES, currency=CURRENCIES, amount=AMOUNTS),
    st.builds(FeePaid, event_id=NAMELESS, currency=CURRENCIES, amount=PRICE),
    st.builds(SplitMade, event_id=NAMELESS, code=CODES, new_shares=st.just(3), old_shares=st.just(1)),
    st.builds(
        CurrencyExchanged,
        event_id=NAMELESS,
        sold_currency=st.just("USD"),
        sold=PRICE,
        bought_currency=st.just("EUR"),
        bought=PRICE,
    ),
    st.integers(0, 9),  # the counter-entry of the one entered so many before
    st.sampled_from(("file", "mark")),
)


class Session:
    """Enters events the way the engine does: planned, written, then taken."""

    def __init__(self) -> None:
        self.journal = MemoryJournal()
        self.record: BookRecord = record_of(BOOK)
        self.file = BOOK
        self.high_water_mark: float | None = None
        self.write("book", {"fingerprint": fingerprint(BOOK), "name": "desk"})

    def write(self, kind: str, body: dict[str, object]) -> None:
        self.journal.append(kind, body, exchange_time_ns=1, received_time_ns=1)

    def do(self, step: BookEvent | int | str, name: str) -> None:
        if step == "mark":
            self.high_water_mark = 9_000_000.0
            body = {"high_water_mark": self.high_water_mark, "nav": 8e6, "unpriced": []}
            self.write("high_water_mark", body)
            return
        event = self.event(step, name)
        try:
            planned = plan(event, self.record, UNIVERSE, MARK) if event else None
        except EventRefused:
            return
        if planned is None:
            return
        self.write(BOOK_EVENT, entry_body(planned.entry))
        self.record = planned.after
        entry = planned.entry
        if isinstance(event, HoldingsRestated):
            self.file = file_like(event)
        if self.high_water_mark and entry.is_flow and entry.nav_before > 0.0 and entry.nav_after > 0.0:
            self.high_water_mark *= entry.nav_after / entry.nav_before

    def event(self, step: BookEvent | int | str, name: str) -> BookEvent | None:
        if isinstance(step, int):
            return counter_of(self.record.events[-1 - step]) if step < len(self.record.events) else None
        if isinstance(step, BookEvent):
            return event_from({**event_body(step), "event_id": name})
        held = [Holding(line.code, line.quantity + 1, line.cost + 7) for line in self.file.positions]
        cash = (("USD", Decimal(1_500_000)), ("EUR", Decimal(5)), ("JPY", Decimal(8)))
        blank = HoldingsRestated(event_id=name, holdings=tuple(held), cash=cash, fingerprint="")
        return HoldingsRestated(
            event_id=name, holdings=tuple(held), cash=cash, fingerprint=fingerprint(file_like(blank))
        )


def file_like(event: HoldingsRestated) -> Book:
    held = {line.code: line for line in event.holdings}
    bare = BOOK.after_event(event, MASTER)
    return Book("desk", "USD", tuple(line for line in bare.positions if line.code in held), bare.cash)


@given(st.lists(EVENTS, max_size=14))
def test_that_the_journal_gives_back_the_book_the_record_and_the_mark(
    steps: list[BookEvent | int | str],
) -> None:
    session = Session()
    for number, step in enumerate(steps):
        session.do(step, f"E{number}")
    restored = restored_from(session.journal, session.file, UNIVERSE)
    assert not restored.is_new_book
    assert restored.book == session.record.book
    assert restored.record.events == session.record.events[-len(restored.record.events) :] or not steps
    expected = session.high_water_mark
    assert restored.high_water_mark == (None if expected is None else pytest.approx(expected, rel=1e-12))
