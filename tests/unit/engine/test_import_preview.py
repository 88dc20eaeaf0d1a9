"""Many events shown on trial together say what entering them one by one does."""

from decimal import Decimal

import numpy as np
import pytest

from fakes.trading_desk import MASTER, MIXED, PRICES, book_of
from plimsoll.domain.book_event import CashMoved, DividendPaid, SplitMade, TradeEntered, counter_of
from plimsoll.domain.book_import import Effect, ImportPreview
from plimsoll.domain.book_preview import PreviewLine
from plimsoll.domain.book_record import BookRecord, record_of
from plimsoll.engine.book_event_desk import plan
from plimsoll.engine.import_preview import UNDONE, ImportAsked, preview_all
from plimsoll.engine.universe import universe_of

D = Decimal
HELD = {code: line for code, line in MIXED.items() if code != "SPIN.US"}
BOOK = book_of(HELD, {"USD": 2e6, "EUR": 120_000.0, "JPY": -5e6})
UNIVERSE = universe_of(BOOK, MASTER)
WIDE = universe_of(BOOK, MASTER, ["SPIN.US"])
MARK = np.array([PRICES.get(code, MASTER[code].fixed_price) for code in UNIVERSE.codes], dtype=np.float64)


def trade(event_id: str, quantity: int, price: float = 310.0, code: str = "AAPL.US") -> TradeEntered:
    return TradeEntered(event_id=event_id, code=code, quantity=D(quantity), price=D(str(price)), fee=D(1))


DEPOSIT = CashMoved(event_id="C", currency="EUR", amount=D(100_000))
SPLIT = SplitMade(event_id="S", code="AAPL.US", new_shares=4, old_shares=1)


def shown(*events, record: BookRecord | None = None) -> ImportPreview:
    wide = WIDE if any(getattr(event, "code", "") == "SPIN.US" for event in events) else None
    return preview_all(ImportAsked(events, wide), record or record_of(BOOK), UNIVERSE, MARK, {})


def line(preview: ImportPreview, caption: str) -> PreviewLine:
    return next(each for each in preview.totals if each.caption == caption)


def test_that_each_trade_says_what_it_does_to_what_the_ones_before_it_leave() -> None:
    got = shown(trade("1", 100), trade("2", -600), trade("3", -500), trade("4", -5), trade("5", 9), DEPOSIT)
    assert [each.effect for each in got.effects] == [
        Effect.ADDS,
        Effect.REDUCES,
        Effect.CLOSES,
        Effect.OPENS,
        Effect.FLIPS,
        Effect.MOVES,
    ]


def test_that_the_totals_are_those_of_entering_one_by_one() -> None:
    events = (trade("1", -400), SPLIT, trade("2", 100, 77.5), DEPOSIT)
    record, mark, entry = record_of(BOOK), MARK.copy(), None
    for event in events:
        planned = plan(event, record, UNIVERSE, mark)
        record, entry = planned.after, planned.entry
        if event is SPLIT:
            mark[UNIVERSE.codes.index("AAPL.US")] /= 4
    got = shown(*events)
    assert line(got, "NAV").after == pytest.approx(entry.nav_after)
    assert line(got, "Cash EUR").after == float(record.book.cash_in("EUR"))
    assert line(got, "AAPL.US quantity").after == float(record.book.position("AAPL.US").quantity) == 2500
    change = line(got, "Realised P&L").after - line(got, "Realised P&L").before
    assert change == pytest.approx(400 * (310 - 280))
    assert line(got, "Fees paid").after == pytest.approx(line(got, "Fees paid").before + 2)


def test_that_what_is_refused_is_left_out_and_the_rest_goes_on() -> None:
    ghost = DividendPaid(event_id="G", code="GHOST", currency="USD", amount=D(1))
    got = shown(ghost, trade("1", 100))
    assert [each.effect for each in got.effects] == [Effect.REFUSED, Effect.ADDS]
    assert "GHOST" in got.effects[0].words
    assert line(got, "AAPL.US quantity").after == 1100


def test_that_what_is_in_the_book_changes_nothing_and_what_was_undone_says_so() -> None:
    record = record_of(BOOK)
    for event in (trade("1", 100), DEPOSIT, counter_of(DEPOSIT)):
        record = plan(event, record, UNIVERSE, MARK).after
    got = shown(trade("1", 100), DEPOSIT, record=record)
    assert [(each.effect, each.words) for each in got.effects] == [(Effect.KNOWN, ""), (Effect.KNOWN, UNDONE)]
    assert all(each.before == each.after for each in got.totals)


def test_that_a_new_code_is_reckoned_at_the_price_of_its_last_trade() -> None:
    got = shown(trade("1", 10, 12, "SPIN.US"), trade("2", 10, 14, "SPIN.US"))
    assert got.assumed == ("SPIN.US",)
    assert not got.unpriced
    assert line(got, "NAV").after - line(got, "NAV").before == pytest.approx(10 * (14 - 12) - 2)


def test_that_undoing_backwards_leads_to_where_it_began() -> None:
    events = (trade("1", -400), DEPOSIT, trade("2", 50))
    record = record_of(BOOK)
    for event in events:
        record = plan(event, record, UNIVERSE, MARK).after
    got = shown(*(counter_of(event) for event in reversed(events)), record=record)
    assert {each.effect for each in got.effects} == {Effect.UNDOES}
    assert line(got, "NAV").after == pytest.approx(line(shown(trade("x", 1)), "NAV").before)
