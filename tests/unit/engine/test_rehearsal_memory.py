"""A rehearsal's journal keeps its rows and seals them; its untouched book is worth what its marks say."""

import pytest

from fakes.trading_desk import MASTER, NAN, PRICES, book_of, rows_of
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.tick import TRADE
from plimsoll.engine.rehearsal_memory import RehearsalJournal, UntouchedBook
from plimsoll.engine.universe import universe_of


def test_that_rows_are_numbered_found_by_kind_and_sealed() -> None:
    seals = []
    for person in ("ana", "ana", "bo"):
        journal = RehearsalJournal()
        assert (
            journal.append("decision", {"a": 1}, exchange_time_ns=1, received_time_ns=2, person=person) == 1
        )
        assert journal.append("order", {"b": 2}, exchange_time_ns=1, received_time_ns=2) == 2
        assert [row.kind for row in journal.rows(["order"])] == ["order"]
        assert [row.number for row in journal.rows()] == [1, 2]
        assert journal.n_rows == 2
        seals.append(journal.seal)
    assert seals[0] == seals[1] != seals[2]


def test_that_the_untouched_book_is_worth_what_its_marks_say() -> None:
    book = book_of({"AAPL.US": (10, 100.0), "GOLD": (2, 1600.0), "0700.HK": (100, 400.0)}, {"USD": 1_000.0})
    universe = universe_of(book, MASTER)
    untouched = UntouchedBook(universe, book, RiskMethod())
    codes = universe.codes
    rows = [(TRADE, codes.index(code), PRICES[code], NAN, 1.0, NAN, 5, 5, 0) for code in codes]
    untouched.append(rows_of(rows))
    untouched.lapse(6)
    untouched.flush()
    tencent = 100 * PRICES["0700.HK"] / PRICES["USDHKD"]
    gold = 2 * 100.0 * (PRICES["GOLD"] - 1600.0)
    assert untouched.nav == pytest.approx(1_000.0 + 10 * PRICES["AAPL.US"] + gold + tencent)
    assert untouched.price("GOLD") == PRICES["GOLD"]
    assert untouched.money_per_point("GOLD") == 100.0
    assert untouched.rate("0700.HK") == pytest.approx(1.0 / PRICES["USDHKD"])
