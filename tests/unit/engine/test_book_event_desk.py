"""What an event is planned to do: money, NAV, flows, previews, and refusals."""

from collections.abc import Callable
from decimal import Decimal

import numpy as np
import pytest

from fakes.trading_desk import MASTER, MIXED, PRICES, book_of
from plimsoll.domain.book_event import (
    BookEvent,
    CashMoved,
    CurrencyExchanged,
    DividendPaid,
    FeePaid,
    FundingPaid,
    Holding,
    HoldingsRestated,
    SplitMade,
    TradeEntered,
    counter_of,
)
from plimsoll.domain.book_preview import PreviewLine
from plimsoll.domain.book_record import BookRecord, record_of
from plimsoll.domain.errors import EventRefused, FlowRefused, NotFollowed
from plimsoll.engine.book_entry import BookEntry, Moved, PriceScale, cash_moves, entry_body, entry_from
from plimsoll.engine.book_event_desk import EventPlan, plan, preview
from plimsoll.engine.day_reference import DayReference
from plimsoll.engine.equity_path import EquityPath
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.universe import universe_of

D = Decimal
BOOK = book_of(MIXED, {"USD": 2e6, "EUR": 120_000.0, "JPY": -5e6})
UNIVERSE = universe_of(BOOK, MASTER)
MARK = np.array([PRICES.get(code, MASTER[code].fixed_price) for code in UNIVERSE.codes], dtype=np.float64)
RECORD = record_of(BOOK)
TRADE = TradeEntered(event_id="T", code="AAPL.US", quantity=D(-400), price=D(310), fee=D(25))
FUTURE = TradeEntered(event_id="G", code="GER40", quantity=D(-1), price=D(13_050))
DEPOSIT = CashMoved(event_id="C", currency="EUR", amount=D(100_000))
DIVIDEND = DividendPaid(event_id="D", code="AAPL.US", currency="USD", amount=D(240))
FEE = FeePaid(event_id="F", currency="USD", amount=D(90))
OWN_FEE = FeePaid(event_id="O", currency="EUR", amount=D(90), code="GER40")
FUNDING = FundingPaid(event_id="N", code="USDJPY", currency="JPY", amount=D(-3000))
SPLIT = SplitMade(event_id="S", code="AAPL.US", new_shares=4, old_shares=1)
EXCHANGE = CurrencyExchanged(
    event_id="X", sold_currency="USD", sold=D(110_000), bought_currency="EUR", bought=D(100_000)
)
FILE = HoldingsRestated(
    event_id="R",
    holdings=(Holding("AAPL.US", D(900), D(252_000)), Holding("GER40", D(4), D(52_000))),
    cash=(("USD", D(1_900_000)), ("EUR", D(120_000))),
    fingerprint="f",
)
EVERY = (TRADE, FUTURE, DEPOSIT, DIVIDEND, FEE, OWN_FEE, FUNDING, SPLIT, EXCHANGE, FILE)
EURUSD = PRICES["EURUSD"]
each_event = pytest.mark.parametrize("event", EVERY, ids=lambda event: f"{event.kind}-{event.event_id}")


class Accounts:
    """Ledger, day and equity of a desk, taking plans the way the engine does."""

    def __init__(self) -> None:
        self.mark = MARK.copy()
        self.ledger = Ledger(UNIVERSE, BOOK)
        self.ledger.revalue(self.mark)
        self.day = DayReference(UNIVERSE, BOOK)
        self.day.begin(MARK * 0.99, BOOK)
        self.equity = EquityPath()
        self.equity.begin(self.ledger.nav(), self.ledger.nav() * 1.1)
        self.record = RECORD
        self.today: dict[str, BookEntry] = {}

    def take(self, event: BookEvent) -> EventPlan:
        planned = plan(event, self.record, UNIVERSE, self.mark, self.today)
        before = self.ledger.nav()
        for move in cash_moves(planned.entry.moves, UNIVERSE):
            self.day.note(move)
        self.record = planned.after
        self.today[event.event_id] = planned.entry
        self.ledger.hold(UNIVERSE, planned.after.book)
        self.ledger.revalue(self.mark)
        if planned.entry.is_flow:
            self.equity.flow(before, self.ledger.nav())
        else:
            self.equity.follow(np.array([self.ledger.nav()]))
        return planned

    @property
    def day_pnl(self) -> float:
        return self.day.pnl(self.ledger)[0]

    @property
    def position_pnl(self) -> np.ndarray:
        return self.day.position_pnl(self.ledger, self.mark)


def worth(event: BookEvent) -> float:
    planned = plan(event, RECORD, UNIVERSE, MARK)
    return planned.entry.nav_after - planned.entry.nav_before


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (TRADE, -400 * (PRICES["AAPL.US"] - 310) - 25),
        (FUTURE, -1 * (PRICES["GER40"] - 13_050) * 25 * EURUSD),
        (DEPOSIT, 100_000 * EURUSD),
        (DIVIDEND, 240.0),
        (FEE, -90.0),
        (OWN_FEE, -90.0 * EURUSD),
        (FUNDING, -3000 / PRICES["USDJPY"]),
        (SPLIT, 0.0),
        (EXCHANGE, 100_000 * EURUSD - 110_000),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_that_nav_changes_by_what_the_event_is_worth(event: BookEvent, expected: float) -> None:
    assert worth(event) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "event",
    [event for event in EVERY if event is not SPLIT],
    ids=lambda event: f"{event.kind}-{event.event_id}",
)
def test_that_only_what_is_no_flow_is_profit_of_the_day(event: BookEvent) -> None:
    desk = Accounts()
    pnl, drawdown, nav = desk.day_pnl, desk.equity.drawdown, desk.ledger.nav()
    entry = desk.take(event).entry
    assert desk.ledger.nav() == pytest.approx(entry.nav_after)
    earned = 0.0 if entry.is_flow else desk.ledger.nav() - nav
    assert desk.day_pnl - pnl == pytest.approx(earned, abs=1e-6)
    if entry.is_flow:
        assert desk.equity.drawdown == pytest.approx(drawdown, abs=1e-12)
    assert entry.is_flow == (event in (DEPOSIT, FILE))


@each_event
def test_that_the_day_is_as_if_never_entered_after_an_undo_on_the_same_day(event: BookEvent) -> None:
    desk, other = Accounts(), Accounts()
    desk.take(event)
    later = desk.mark * np.linspace(0.97, 1.04, len(desk.mark))  # rates have moved meanwhile
    for accounts in (desk, other):
        accounts.mark = later
        accounts.ledger.revalue(later)
    if event is SPLIT:  # its mark is scaled back by the engine, and nothing else moved
        assert plan(counter_of(event), desk.record, UNIVERSE, later).entry.scale == PriceScale(
            "AAPL.US", 4, 4
        )
        return
    desk.take(counter_of(event))
    assert desk.record.book.cash == BOOK.cash
    assert desk.ledger.nav() == pytest.approx(other.ledger.nav())
    if event is not FILE:  # a file is valued anew when it goes: it came and went as a flow at two prices
        assert desk.day_pnl == pytest.approx(other.day_pnl, abs=1e-6)
        assert desk.position_pnl == pytest.approx(other.position_pnl, abs=1e-6)


def test_that_an_undo_of_another_day_takes_todays_rate() -> None:
    taken = plan(DEPOSIT, RECORD, UNIVERSE, MARK).after
    entry = plan(counter_of(DEPOSIT), taken, UNIVERSE, MARK).entry
    assert entry.moves == (Moved("", "EUR", -100_000.0, EURUSD),)
    assert entry.is_flow


def test_that_an_undo_of_an_undo_is_what_the_event_was() -> None:
    counter = counter_of(SPLIT)
    record = RECORD.after(SPLIT, MASTER).after(counter, MASTER)
    entry = plan(counter_of(counter), record, UNIVERSE, MARK).entry
    assert entry.scale == PriceScale("AAPL.US", 0.25, 0.25)


def test_that_a_restatement_keeps_its_positions_own_profit_out_of_it() -> None:
    desk = Accounts()
    own = desk.position_pnl
    desk.take(FILE)
    assert desk.position_pnl == pytest.approx(own, abs=1e-6)


def test_that_an_exchange_is_no_flow_and_its_cost_is_of_the_currencies() -> None:
    desk = Accounts()
    fx = desk.day.pnl(desk.ledger)[1]
    desk.take(EXCHANGE)
    assert desk.day.pnl(desk.ledger)[1] - fx == pytest.approx(worth(EXCHANGE))


def test_that_a_split_the_feed_knows_already_leaves_the_mark() -> None:
    event = SplitMade(event_id="S", code="AAPL.US", new_shares=4, old_shares=1, is_price_adjusted=True)
    assert plan(event, RECORD, UNIVERSE, MARK).entry.scale == PriceScale("AAPL.US", 0.25, 1.0)


@each_event
def test_that_an_entry_is_read_back_from_its_row(event: BookEvent) -> None:
    entry = plan(event, RECORD, UNIVERSE, MARK).entry
    assert entry_from(entry_body(entry)) == entry


@pytest.mark.parametrize(
    ("event", "refused", "words"),
    [
        (TradeEntered(event_id="1", code="USDHKD", quantity=D(1), price=D(8)), NotFollowed, "positions file"),
        (CashMoved(event_id="1", currency="GBP", amount=D(1)), FlowRefused, "'GBP', expected one of USD"),
        (
            HoldingsRestated(event_id="1", holdings=(), cash=(("GBP", D(1)),), fingerprint=""),
            FlowRefused,
            "'GBP'",
        ),
        (
            HoldingsRestated(
                event_id="1", holdings=(Holding("SPIN.US", D(1), D(1)),), cash=(), fingerprint=""
            ),
            NotFollowed,
            "SPIN.US",
        ),
        (counter_of(TRADE), EventRefused, "not in this book's record"),
        (counter_of(counter_of(TRADE)), EventRefused, "not in this book's record"),
    ],
)
def test_that_what_the_session_cannot_follow_is_refused_in_words(
    event: BookEvent, refused: type[Exception], words: str
) -> None:
    with pytest.raises(refused, match=words):
        plan(event, RECORD, UNIVERSE, MARK)
    assert words in preview(event, RECORD, UNIVERSE, MARK).refusal


@pytest.mark.parametrize("event", [DEPOSIT, EXCHANGE, OWN_FEE, FILE], ids=lambda event: event.kind)
def test_that_money_of_unknown_worth_waits_and_a_trade_does_not(event: BookEvent) -> None:
    mark = MARK.copy()
    mark[UNIVERSE.codes.index("EURUSD")] = np.nan
    mark[UNIVERSE.codes.index("GER40")] = np.nan
    with pytest.raises(FlowRefused, match="not known yet: wait"):
        plan(event if event is not EXCHANGE else exchange_from("EUR", "USD"), RECORD, UNIVERSE, mark)
    assert plan(FUTURE, RECORD, UNIVERSE, mark).after.events == (FUTURE,)


def exchange_from(sold: str, bought: str) -> CurrencyExchanged:
    return CurrencyExchanged(
        event_id="Y", sold_currency=sold, sold=D(100), bought_currency=bought, bought=D(110)
    )


def lines_of(event: BookEvent, record: BookRecord = RECORD, **asked: Callable) -> dict[str, PreviewLine]:
    return {line.caption: line for line in preview(event, record, UNIVERSE, MARK, **asked).lines}


def test_that_a_preview_shows_each_figure_before_and_after() -> None:
    lines = lines_of(TRADE)
    assert list(lines) == ["AAPL.US quantity", "AAPL.US realised", "Cash USD", "NAV"]
    assert (lines["AAPL.US quantity"].before, lines["AAPL.US quantity"].after) == (1000.0, 600.0)
    assert lines["AAPL.US realised"].after == pytest.approx(400 * 30)
    assert lines["NAV"].after - lines["NAV"].before == pytest.approx(worth(TRADE))


def test_that_a_preview_of_a_position_closed_has_no_average_cost_after() -> None:
    line = lines_of(TradeEntered(event_id="1", code="AAPL.US", quantity=D(-1000), price=D(300)))
    assert np.isnan(line["AAPL.US average cost"].after)


def test_that_a_preview_shows_the_limits_whose_use_would_change() -> None:
    def use_by_limit(book) -> dict[str, float]:
        return {"Size": float(book.position("AAPL.US").quantity) / 2000, "Same": 0.4, "Unknown": np.nan}

    lines = lines_of(TRADE, use_by_limit=use_by_limit)
    assert (lines["Size"].before, lines["Size"].after) == (0.5, 0.3)
    assert not lines.keys() & {"Same", "Unknown"}


@each_event
def test_that_every_preview_says_what_it_means_for_profit_and_drawdown(event: BookEvent) -> None:
    shown = preview(event, RECORD, UNIVERSE, MARK)
    assert shown.note
    assert not shown.refusal
    assert shown.lines[-1].caption == "NAV"


def test_that_a_position_a_file_no_longer_names_leaves_with_its_worth() -> None:
    event = HoldingsRestated(event_id="R", holdings=(), cash=(), fingerprint="f")
    entry = plan(event, RECORD, UNIVERSE, MARK).entry
    assert entry.nav_after == 0.0
    from_outside = sum(move.amount * move.rate for move in entry.moves if not move.code)
    assert from_outside == pytest.approx(-entry.nav_before)
