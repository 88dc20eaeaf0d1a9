"""What a journal gives back, and to which book."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from fakes.memory_journal import MemoryJournal
from fakes.trading_desk import MASTER, book_of
from plimsoll.domain.book import Book
from plimsoll.domain.book_event import (
    BookEvent,
    CashMoved,
    DividendPaid,
    Holding,
    HoldingsRestated,
    counter_of,
)
from plimsoll.domain.book_record import BookRecord, record_of
from plimsoll.engine.book_entry import BOOK_EVENT, BookEntry, entry_body
from plimsoll.engine.book_event_desk import plan
from plimsoll.engine.restoration import fingerprint, restored_from
from plimsoll.engine.universe import universe_of

BOOK = book_of({"AAPL.US": (1000, 280.0)})
UNIVERSE = universe_of(BOOK, MASTER)
FILL = {"fill_id": "F1", "code": "AAPL.US", "quantity": "5", "price": "300", "fee": "1", "rate": 1.0}
FLOW = {"currency": "USD", "amount": "-250000", "rate": 1.0, "nav": 1_000_000.0}
MARK = {"high_water_mark": 1_200_000.0, "nav": 1_000_000.0, "unpriced": ["XOM.US"]}


def journal_of(*rows: tuple[str, dict[str, object]]) -> MemoryJournal:
    journal = MemoryJournal()
    for number, (kind, body) in enumerate(rows):
        journal.append(kind, body, exchange_time_ns=100 + number, received_time_ns=number)
    return journal


def own(name: str = "test") -> tuple[str, dict[str, object]]:
    return "book", {"fingerprint": fingerprint(BOOK), "name": name}


def test_that_an_empty_journal_knows_no_book() -> None:
    restored = restored_from(MemoryJournal(), BOOK, UNIVERSE)
    assert restored.is_new_book
    assert (restored.book, restored.high_water_mark, restored.newest_exchange_ns) == (BOOK, None, 0)


def test_that_fills_and_flows_are_replayed_by_the_path_that_made_them() -> None:
    restored = restored_from(journal_of(own(), ("fill", FILL), ("flow", FLOW)), BOOK, UNIVERSE)
    position = restored.book.position("AAPL.US")
    assert position is not None
    assert position.quantity == 1005
    assert restored.book.cash_in("USD") == Decimal(1_000_000) - 1500 - 1 - 250_000
    assert restored.record.event_ids == {"F1", "flow-3"}
    assert [(c.code, c.currency, c.exchange_time_ns) for c in restored.changes] == [
        ("AAPL.US", "USD", 101),
        ("", "USD", 102),
    ]
    assert restored.changes[0].after == restored.changes[1].before
    assert restored.newest_exchange_ns == 102


def test_that_a_flow_scales_the_mark_before_it_and_a_mark_after_it_stands() -> None:
    before = restored_from(journal_of(own(), ("high_water_mark", MARK), ("flow", FLOW)), BOOK, UNIVERSE)
    assert before.high_water_mark == pytest.approx(900_000.0)
    assert before.unpriced == {"XOM.US"}
    after = restored_from(journal_of(own(), ("flow", FLOW), ("high_water_mark", MARK)), BOOK, UNIVERSE)
    assert after.high_water_mark == 1_200_000.0


@pytest.mark.parametrize("flow", [{"nav": 0.0}, {"nav": -5.0}, {"amount": "-1000000"}])
def test_that_a_flow_from_or_to_nothing_leaves_the_mark(flow: dict[str, object]) -> None:
    journal = journal_of(own(), ("high_water_mark", MARK), ("flow", {**FLOW, **flow}))
    assert restored_from(journal, BOOK, UNIVERSE).high_water_mark == 1_200_000.0


def test_that_nothing_of_another_book_is_taken_but_the_breaches() -> None:
    other = ("book", {"fingerprint": "another", "name": "x"})
    rows = (
        own(),
        ("fill", FILL),
        ("high_water_mark", MARK),
        ("day_roll", {"marks": {}}),
        other,
        ("fill", FILL),
        ("breach_raised", {"breach_id": "B-0001"}),
        ("breach_changed", {}),
        ("decision", {}),
    )
    restored = restored_from(journal_of(*rows), BOOK, UNIVERSE)
    assert restored.is_new_book
    assert (restored.book, restored.high_water_mark, restored.day, restored.changes) == (BOOK, None, {}, [])
    assert not restored.record.events
    assert [kind for kind, _ in restored.breach_rows] == ["breach_raised", "breach_changed", "decision"]


def test_that_a_book_loaded_again_starts_from_its_file() -> None:
    restored = restored_from(journal_of(own(), ("fill", FILL), own()), BOOK, UNIVERSE)
    assert not restored.is_new_book
    assert restored.book == BOOK


def test_that_rows_nobody_asks_for_are_passed_over() -> None:
    restored = restored_from(journal_of(own(), ("acknowledged_help", {})), BOOK, UNIVERSE)
    assert restored.book == BOOK
    assert restored.newest_exchange_ns == 101


def test_that_the_last_day_roll_is_the_one_kept() -> None:
    rolls = [("day_roll", {"nav": float(number)}) for number in range(3)]
    assert restored_from(journal_of(own(), *rolls), BOOK, UNIVERSE).day == {"nav": 2.0}


def test_that_the_same_holdings_have_the_same_fingerprint_and_any_change_another() -> None:
    assert fingerprint(BOOK) == fingerprint(book_of({"AAPL.US": (1000.0, 280.00)}))
    for other in (
        book_of({"AAPL.US": (1001, 280.0)}),
        book_of({"AAPL.US": (1000, 280.5)}),
        book_of({"XOM.US": (1000, 280.0)}),
        book_of({"AAPL.US": (1000, 280.0)}, {"USD": 5.0}),
        book_of({"AAPL.US": (1000, 280.0)}, base="EUR"),
    ):
        assert fingerprint(other) != fingerprint(BOOK)


def planned(event: BookEvent, record: BookRecord) -> BookEntry:
    return plan(event, record, UNIVERSE, np.array([300.0])).entry


def restatement(file: Book) -> HoldingsRestated:
    return HoldingsRestated(
        event_id="R",
        holdings=tuple(Holding(line.code, line.quantity, line.cost) for line in file.positions),
        cash=tuple((line.currency, line.amount) for line in file.cash),
        fingerprint=fingerprint(file),
    )


FILE = book_of({"AAPL.US": (1500, 285.0)}, {"USD": 900_000.0})
DIVIDEND = DividendPaid(event_id="D", code="AAPL.US", currency="USD", amount=Decimal(250))
DEPOSIT = CashMoved(event_id="C", currency="USD", amount=Decimal(130_000))
ENTRY = planned(restatement(FILE), record_of(BOOK))
RESTATED = (BOOK_EVENT, entry_body(ENTRY))


def test_that_an_event_is_replayed_and_a_flow_among_them_scales_the_mark() -> None:
    record = record_of(BOOK)
    entries = [planned(DIVIDEND, record)]
    record = record.after(DIVIDEND, MASTER)
    entries.append(planned(DEPOSIT, record))
    rows = [(BOOK_EVENT, entry_body(entry)) for entry in entries]
    restored = restored_from(journal_of(own(), ("high_water_mark", MARK), *rows), BOOK, UNIVERSE)
    assert restored.record == record.after(DEPOSIT, MASTER)
    assert [change.entry for change in restored.changes] == entries
    nav = 1000 * 300.0 + float(BOOK.cash_in("USD")) + 250.0
    assert restored.high_water_mark == pytest.approx(1_200_000.0 * (nav + 130_000.0) / nav)


def test_that_a_start_with_the_accepted_file_goes_on_from_its_mark_and_can_undo_it() -> None:
    journal = journal_of(
        own(), ("fill", FILL), ("high_water_mark", MARK), ("day_roll", {"nav": 1.0}), RESTATED
    )
    restored = restored_from(journal, FILE, universe_of(FILE, MASTER))
    assert not restored.is_new_book
    assert fingerprint(restored.book) == fingerprint(FILE)
    scale = ENTRY.nav_after / ENTRY.nav_before
    assert restored.high_water_mark == pytest.approx(1_200_000.0 * scale)
    assert restored.day == {"nav": 1.0}
    assert [change.before for change in restored.changes] == [BOOK]
    undone = restored.record.after(counter_of(ENTRY.event), MASTER).book
    assert (undone.positions, undone.cash) == (BOOK.positions, BOOK.cash)


def test_that_a_start_with_the_file_from_before_an_acceptance_is_a_new_book() -> None:
    restored = restored_from(journal_of(own(), ("high_water_mark", MARK), RESTATED), BOOK, UNIVERSE)
    assert restored.is_new_book
    assert (restored.book, restored.high_water_mark, restored.changes) == (BOOK, None, [])


def test_that_of_two_files_accepted_the_last_one_goes_on_and_flows_between_scale_its_mark() -> None:
    last = book_of({"AAPL.US": (1600, 285.0)}, {"USD": 900_000.0})
    record = record_of(BOOK).after(ENTRY.event, MASTER)
    second = planned(replace(restatement(last), event_id="R2"), record)
    rows = (own(), ("high_water_mark", MARK), RESTATED, ("fill", FILL), ("flow", FLOW))
    journal = journal_of(*rows, (BOOK_EVENT, entry_body(second)))
    restored = restored_from(journal, last, universe_of(last, MASTER))
    assert not restored.is_new_book
    scale = ENTRY.nav_after / ENTRY.nav_before * 0.75 * second.nav_after / second.nav_before
    assert restored.high_water_mark == pytest.approx(1_200_000.0 * scale)


def test_that_a_file_without_a_position_it_had_begins_its_day_with_what_it_has() -> None:
    other = book_of({"XOM.US": (10, 50.0)}, {"USD": 900_000.0})
    entry = replace(ENTRY, event=restatement(other))
    journal = journal_of(own(), (BOOK_EVENT, entry_body(entry)))
    restored = restored_from(journal, other, universe_of(other, MASTER))
    assert not restored.is_new_book
    assert (restored.book, restored.changes) == (other, [])
