"""Every event goes through the engine by one path: live, restarted and taken back, the figures agree."""

from decimal import Decimal

import pytest

from fakes.trading_desk import MIXED, PRICES, Desk, S, book_of
from plimsoll.domain.book_event import (
    BookEvent,
    CashMoved,
    CurrencyExchanged,
    DividendPaid,
    FeePaid,
    SplitMade,
    TradeEntered,
    counter_of,
)
from plimsoll.domain.desk_request import BookEventAsked
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.engine.events import RequestRejected, RequestTaken
from plimsoll.engine.print_filter import PrintRule

EVENTS: list[BookEvent] = [
    TradeEntered(event_id="T", code="AAPL.US", quantity=Decimal(-400), price=Decimal(310), fee=Decimal(25)),
    CashMoved(event_id="C", currency="EUR", amount=Decimal(100_000)),
    DividendPaid(event_id="D", code="AAPL.US", currency="USD", amount=Decimal(240)),
    FeePaid(event_id="F", currency="USD", amount=Decimal(90)),
    SplitMade(event_id="S", code="AAPL.US", new_shares=4, old_shares=1),
    CurrencyExchanged(
        event_id="X",
        sold_currency="USD",
        sold=Decimal(110_000),
        bought_currency="EUR",
        bought=Decimal(100_000),
    ),
]
FIGURES = ("nav", "day_pnl", "day_pnl_fx", "high_water_mark", "drawdown")


def figures(snapshot: RiskSnapshot, names: tuple[str, ...] = FIGURES) -> dict[str, float]:
    return {name: getattr(snapshot, name) for name in names}


def open_desk() -> tuple[Desk, dict[str, float]]:
    desk = Desk(book_of(MIXED, {"USD": 2e6, "EUR": 120_000.0, "JPY": -5e6}))
    desk.open()
    desk.exchange_ns += 86_400 * S
    prices = {code: price for code, price in PRICES.items() if code in desk.universe.codes}
    desk.trade(prices)
    prices = {code: price * 1.003 for code, price in prices.items()}
    desk.trade(prices)
    return desk, prices


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind)
def test_that_live_restarted_and_taken_back_agree(event: BookEvent) -> None:
    desk, prices = open_desk()
    before = figures(desk.snapshot)
    assert RequestTaken(BookEventAsked(event)) in desk.engine.ask(BookEventAsked(event), desk.now_ns)
    if isinstance(event, SplitMade):
        assert figures(desk.snapshot) == pytest.approx(before)
        prices["AAPL.US"] /= 4
    desk.pass_time(1.5)
    desk.trade(prices)
    live = desk.snapshot
    again = desk.restarted()
    again.trade(prices)
    assert again.engine.book == desk.engine.book
    assert figures(again.snapshot) == pytest.approx(figures(live), rel=1e-9, abs=1e-5)
    assert again.snapshot.table.day_pnl_base == pytest.approx(live.table.day_pnl_base, rel=1e-9, abs=1e-5)
    desk.engine.take_event(counter_of(event), desk.now_ns)
    if isinstance(event, SplitMade):
        prices["AAPL.US"] *= 4
        desk.trade(prices)
    kept = ("nav", "day_pnl", "day_pnl_fx")
    assert figures(desk.snapshot, kept) == pytest.approx({name: before[name] for name in kept}, abs=1e-4)


def test_that_a_flow_leaves_drawdown_and_day_pnl_alone() -> None:
    desk, prices = open_desk()
    desk.trade({"AAPL.US": prices["AAPL.US"] * 0.98})
    before = figures(desk.snapshot)
    desk.engine.ask(
        BookEventAsked(CashMoved(event_id="C", currency="USD", amount=Decimal(500_000))), desk.now_ns
    )
    after = figures(desk.snapshot)
    assert before["drawdown"] > 0.0
    assert after["drawdown"] == pytest.approx(before["drawdown"])
    assert after["day_pnl"] == pytest.approx(before["day_pnl"])
    assert after["nav"] == pytest.approx(before["nav"] + 500_000.0)


def test_that_what_the_book_cannot_take_is_refused_with_the_reason_and_changes_nothing() -> None:
    desk, _ = open_desk()
    book, n_rows = desk.engine.book, desk.journal.n_rows
    for event, words in [
        (CashMoved(event_id="C", currency="GBP", amount=Decimal(1)), "expected one of"),
        (TradeEntered(event_id="T", code="NONE.US", quantity=Decimal(1), price=Decimal(1)), "NONE.US"),
    ]:
        (refusal,) = desk.engine.ask(BookEventAsked(event), desk.now_ns)
        assert isinstance(refusal, RequestRejected)
        assert words in refusal.reason
    assert (desk.engine.book, desk.journal.n_rows) == (book, n_rows)


def test_that_an_event_is_taken_once_even_after_a_restart() -> None:
    desk, prices = open_desk()
    request = BookEventAsked(EVENTS[0])
    desk.engine.ask(request, desk.now_ns)
    for each in (desk, desk.restarted()):
        each.trade(prices)
        (refusal,) = each.engine.ask(request, each.now_ns)
        assert isinstance(refusal, RequestRejected)


def test_that_a_split_is_no_jump_for_the_filter_of_bad_prints() -> None:
    desk = Desk(book_of({"AAPL.US": (1000, 280.0)}), print_rule=PrintRule())
    for price in (300.0, 300.1, 300.2):
        desk.trade({"AAPL.US": price})
    desk.engine.take_event(SplitMade(event_id="S", code="AAPL.US", new_shares=4, old_shares=1), desk.now_ns)
    desk.trade({"AAPL.US": 75.1})
    assert desk.snapshot.held_prints == ()
    assert desk.snapshot.table.mark[0] == 75.1
