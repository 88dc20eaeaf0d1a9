"""Actual P&L is NAV's change without flows and fees; the model's and the desk's own are set side by side."""

import math
from dataclasses import replace

import numpy as np
import pytest

from fakes.memory_journal import MemoryJournal
from fakes.study_case import MASTER, book_of, history_of, walk, weekdays
from plimsoll.engine.actual_pnl import DayEnd, day_ends, pnl_record
from plimsoll.engine.study_pnl import BookSeries, book_series

BOOK = book_of({"A.US": 1000.0, "E.DE": 500.0}, cash={"EUR": 100.0}, points={"A.US": 10.0, "E.DE": 5.0})
MONDAY = weekdays(1)[0]
NO_SERIES = book_series(BOOK, history_of({"A.US": [1.0], "E.DE": [1.0]}, held=("A.US", "E.DE", "EURUSD")), 10)


def entry(event: str, before: float, after: float, **facts: object) -> dict[str, object]:
    given = {"event": event, "event_id": f"{event}{before}", "is_flow": False, "moves": [], "scale": []}
    return {**given, "nav_before": before, "nav_after": after, **facts}


def journal_of(*rows: tuple[str, dict[str, object]]) -> MemoryJournal:
    journal = MemoryJournal()
    for kind, body in rows:
        journal.append(kind, body, exchange_time_ns=0, received_time_ns=0)
    return journal


def roll(day: int, nav: float, **marks: float) -> tuple[str, dict[str, object]]:
    return "day_roll", {"day": day, "nav": nav, "marks": marks}


def test_that_flows_and_fees_are_no_profit_and_an_undone_fee_comes_back() -> None:
    journal = journal_of(
        ("book", {"fingerprint": "a"}),
        roll(MONDAY, 1000.0),
        ("book_event", entry("cash", 1000.0, 1300.0, is_flow=True)),
        ("book_event", entry("fee", 1300.0, 1290.0, event_id="f")),
        ("book_event", entry("trade", 1290.0, 1288.0, fee="2", moves=[["A.US", "USD", -102.0, 1.0]])),
        roll(MONDAY + 1, 1308.0),
        ("book_event", entry("undo", 1308.0, 1318.0, undoes="f")),
        roll(MONDAY + 2, 1318.0),
    )
    record = pnl_record(BOOK, day_ends(journal.rows()), NO_SERIES)
    assert record.days.tolist() == [MONDAY + 1, MONDAY + 2]
    # 1 308 − 1 000 − 300 came in + 10 + 2 of fees = 20 of the market; then nothing but the fee given back.
    assert record.actual_base.tolist() == [20.0, 0.0]
    assert record.flows_base.tolist() == [300.0, 0.0]
    assert record.fees_base.tolist() == [12.0, -10.0]


def test_that_a_split_day_has_no_hypothetical_and_a_fee_of_unknown_worth_is_left_out() -> None:
    marks = {"A.US": 10.0, "E.DE": 5.0, "EURUSD": 1.0}
    journal = journal_of(
        ("book", {"fingerprint": "a"}),
        roll(MONDAY, 1000.0, **marks),
        ("book_event", entry("split", 1000.0, 1000.0, scale=["A.US", 0.5, 1.0])),
        ("book_event", entry("trade", 1000.0, 990.0, fee="3")),
        ("book_event", entry("undo", 990.0, 995.0, undoes="dividend")),
        roll(MONDAY + 1, 1010.0, **marks),
        roll(MONDAY + 2, 1010.0, **marks),
    )
    record = pnl_record(BOOK, day_ends(journal.rows()), NO_SERIES)
    assert math.isnan(record.hypothetical_base[0])
    assert record.hypothetical_base[1] == 0.0
    assert record.fees_base.tolist() == [0.0, 0.0]


def test_that_only_what_is_held_needs_a_mark_or_a_rate() -> None:
    empty = book_of({"A.US": 0.0, "E.DE": 0.0})
    ends = (DayEnd(MONDAY, 1.0, {}), DayEnd(MONDAY + 1, 2.0, {}))
    assert pnl_record(empty, ends, NO_SERIES).hypothetical_base[0] == 0.0
    apart = replace(book_of({"A.US": 0.0, "E.DE": 10.0}), routes=((), None))
    marked = tuple(replace(end, marks={"E.DE": 1.0}) for end in ends)
    assert math.isnan(pnl_record(apart, marked, NO_SERIES).hypothetical_base[0])


def test_that_prices_that_never_move_have_no_ranks() -> None:
    ends, series = rolls_and_series(0.0, 40)
    still = tuple(replace(end, marks=ends[0].marks) for end in ends)
    record = pnl_record(BOOK, still, series)
    assert not record.zone
    assert "never changed" in record.words


def test_that_days_the_desk_did_not_see_and_another_books_days_are_left_out() -> None:
    friday = MONDAY + 4
    journal = journal_of(
        ("book", {"fingerprint": "a"}),
        roll(MONDAY, 5.0),
        ("book", {"fingerprint": "b"}),
        roll(friday, 1000.0),
        roll(friday + 3, 1010.0),
        ("book", {"fingerprint": "b"}),
        roll(friday + 5, 1030.0),
        ("book_event", entry("restatement", 1030.0, 1040.0, is_flow=True, fingerprint="c")),
        ("book", {"fingerprint": "c"}),
        roll(friday + 6, 1050.0),
    )
    record = pnl_record(BOOK, day_ends(journal.rows()), NO_SERIES)
    assert record.days.tolist() == [friday + 3, friday + 6]  # over the weekend is one day; Tuesday is missing
    assert record.actual_base.tolist() == [10.0, 10.0]


def test_that_hypothetical_is_todays_book_by_the_desks_own_marks() -> None:
    before = DayEnd(MONDAY, 1.0, {"A.US": 100.0, "E.DE": 50.0, "EURUSD": 1.0})
    after = {"A.US": 101.0, "E.DE": 49.0, "EURUSD": 1.1}
    known = pnl_record(BOOK, (before, DayEnd(MONDAY + 1, 2.0, after)), NO_SERIES)
    assert known.hypothetical_base[0] == pytest.approx(10.0 + 500.0 * (0.98 * 1.1 - 1.0) + 100.0 * 0.1)
    split = DayEnd(MONDAY + 1, 2.0, after, split_codes=frozenset({"A.US"}))
    lacking = DayEnd(MONDAY + 1, 2.0, {"A.US": 101.0, "EURUSD": 1.1})
    for end in (split, lacking):
        assert math.isnan(pnl_record(BOOK, (before, end), NO_SERIES).hypothetical_base[0])
    negative = DayEnd(MONDAY + 1, 2.0, {**after, "A.US": -1.0, "E.DE": 50.0, "EURUSD": 1.0})
    assert pnl_record(BOOK, (before, negative), NO_SERIES).hypothetical_base[0] == pytest.approx(
        10.0 * -101.0
    )


def rolls_and_series(noise: float, n: int = 120) -> tuple[tuple[DayEnd, ...], BookSeries]:
    closes = {code: walk(seed, n) for seed, code in enumerate(("A.US", "E.DE", "EURUSD"))}
    history = history_of({code: line.tolist() for code, line in closes.items()})
    random = np.random.default_rng(9)
    ends = tuple(
        DayEnd(
            day,
            1.0,
            {code: float(line[k] * (1.0 + noise * random.normal())) for code, line in closes.items()},
        )
        for k, day in enumerate(weekdays(n))
    )
    return ends, book_series(BOOK, history, n)


def test_that_the_same_prices_attribute_green_and_others_red() -> None:
    assert set(BOOK.codes) <= set(MASTER)
    exact = pnl_record(BOOK, *rolls_and_series(0.0))
    assert exact.theoretical_base == pytest.approx(exact.hypothetical_base)
    assert (exact.zone, exact.spearman) == ("green", 1.0)
    assert "119 days, of the 250" in exact.words
    apart = pnl_record(BOOK, *rolls_and_series(0.05))
    assert apart.zone == "red"


def test_that_a_few_days_make_no_test() -> None:
    record = pnl_record(BOOK, *rolls_and_series(0.0, 10))
    assert not record.zone
    assert "9 days" in record.words
    assert pnl_record(BOOK, (), NO_SERIES).days.size == 0
