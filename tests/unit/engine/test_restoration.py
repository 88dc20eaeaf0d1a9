"""What a journal gives back, and to which book."""

from decimal import Decimal

import pytest

from fakes.memory_journal import MemoryJournal
from fakes.trading_desk import MASTER, book_of
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
    assert restored.fill_ids == {"F1"}
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
    assert not restored.fill_ids
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
