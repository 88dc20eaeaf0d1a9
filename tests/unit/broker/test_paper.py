"""The paper broker walks the book level by level, charges its fee, and outlives its desk."""

from decimal import Decimal
from pathlib import Path

import pytest

from plimsoll.broker.mischief import Mischief
from plimsoll.broker.paper import PaperBroker, PaperTerms
from plimsoll.broker.paper_record import PaperRecord
from plimsoll.domain.broker_event import (
    CancelRefused,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderNotKnown,
    OrderRejected,
    OrderReported,
    PositionsReported,
)
from plimsoll.domain.order import Order
from plimsoll.domain.tick import DepthBook

MS = 1_000_000
BOOK = DepthBook("AAPL.US", ((99.0, 300.0), (98.0, 500.0)), ((100.0, 200.0), (101.0, 400.0)), 5, 0)


class Market:
    """The newest book of one code."""

    def __init__(self, book: DepthBook | None = BOOK) -> None:
        self.book = book

    def depth_of(self, code: str) -> DepthBook | None:
        return self.book if self.book is not None and code == self.book.code else None

    def push(self, at_ns: int) -> None:
        self.book = DepthBook("AAPL.US", BOOK.bids, BOOK.asks, at_ns, at_ns)


def broker_of(
    market: Market, mischief: Mischief | None = None, record: PaperRecord | None = None
) -> PaperBroker:
    return PaperBroker(record or PaperRecord(":memory:"), market.depth_of, PaperTerms(), mischief)


def order_of(quantity: int, *, limit: str | None = None, client_id: str = "P-1") -> Order:
    return Order(client_id, "D-1", "AAPL.US", Decimal(quantity), None if limit is None else Decimal(limit))


def fills_in(said: list[object]) -> list[tuple[Decimal, Decimal]]:
    return [(item.fill.quantity, item.fill.price) for item in said if isinstance(item, OrderFilled)]


def test_that_a_market_order_walks_the_levels_and_waits_for_a_new_book_for_the_rest() -> None:
    market = Market()
    broker = broker_of(market)
    broker.send(order_of(700), 0)
    assert broker.advance(39 * MS) == []
    said = broker.advance(40 * MS)
    assert isinstance(said[0], OrderAccepted)
    assert fills_in(said) == [(Decimal(200), Decimal(100)), (Decimal(400), Decimal(101))]
    assert broker.advance(200 * MS) == []  # the levels are taken until the book is pushed anew
    market.push(210 * MS)
    assert fills_in(broker.advance(260 * MS)) == [(Decimal(100), Decimal(100))]


def test_that_a_limit_price_is_never_passed() -> None:
    broker = broker_of(Market())
    broker.send(order_of(-700, limit="98.5"), 0)
    assert fills_in(broker.advance(50 * MS)) == [(Decimal(-300), Decimal(99))]


def test_that_the_fee_is_a_share_of_the_money_traded() -> None:
    broker = broker_of(Market())
    broker.send(order_of(100), 0)
    fill = next(item.fill for item in broker.advance(50 * MS) if isinstance(item, OrderFilled))
    assert fill.fee == Decimal(2)  # 100 × 100 × 0.0002


def test_that_a_contract_of_a_hundred_pieces_pays_a_hundred_times_the_fee() -> None:
    terms = PaperTerms(multipliers={"AAPL.US": 100.0})
    broker = PaperBroker(PaperRecord(":memory:"), Market().depth_of, terms)
    broker.send(order_of(1), 0)
    fill = next(item.fill for item in broker.advance(50 * MS) if isinstance(item, OrderFilled))
    assert fill.fee == Decimal(2)


def test_that_a_book_too_old_fills_nothing_and_one_never_heard_rejects() -> None:
    market = Market()
    broker = broker_of(market)
    broker.send(order_of(100), 20_000 * MS)
    assert fills_in(broker.advance(20_100 * MS)) == []
    market.book = None
    broker.send(order_of(100, client_id="P-2"), 20_100 * MS)
    assert isinstance(broker.advance(20_200 * MS)[0], OrderRejected)
    broker.send(order_of(0, client_id="P-3"), 20_200 * MS)
    assert isinstance(broker.advance(20_300 * MS)[0], OrderRejected)


def test_that_an_order_sent_twice_is_executed_once() -> None:
    broker = broker_of(Market())
    broker.send(order_of(100), 0)
    broker.send(order_of(100), 0)
    said = broker.advance(50 * MS)
    assert fills_in(said) == [(Decimal(100), Decimal(100))]
    reports = [item for item in said if isinstance(item, OrderReported)]
    assert [(item.filled, item.is_working) for item in reports] == [(Decimal(100), False)]


def test_that_a_lost_answer_is_found_by_asking() -> None:
    broker = broker_of(Market(), Mischief(lost_answer=1.0))
    broker.send(order_of(100), 0)
    said = broker.advance(50 * MS)
    assert not any(isinstance(item, OrderAccepted) for item in said)
    broker.ask("P-1", 50 * MS)
    (report,) = broker.advance(100 * MS)
    assert isinstance(report, OrderReported)
    assert report.filled == Decimal(100)


def test_that_an_order_that_never_arrived_is_not_known() -> None:
    broker = broker_of(Market(), Mischief(lost_request=1.0))
    broker.send(order_of(100), 0)
    broker.ask("P-1", 0)
    assert broker.advance(50 * MS) == [OrderNotKnown("P-1")]


def test_that_silence_answers_nothing() -> None:
    broker = broker_of(Market(), Mischief(silence=1.0))
    broker.ask("P-1", 0)
    broker.ask_positions(0)
    assert broker.advance(1000 * MS) == []


def test_that_a_cancel_ends_what_works_and_refuses_what_does_not() -> None:
    broker = broker_of(Market())
    broker.send(order_of(700), 0)
    broker.advance(50 * MS)
    broker.cancel("P-1", 50 * MS)
    assert broker.advance(100 * MS) == [OrderCancelled("P-1")]
    broker.cancel("P-1", 100 * MS)
    broker.cancel("P-9", 100 * MS)
    assert all(isinstance(item, CancelRefused) for item in broker.advance(150 * MS))


def test_that_a_fill_that_crossed_the_cancel_is_told_after_it() -> None:
    market = Market()
    broker = broker_of(market, Mischief(late_fill=1.0))
    broker.send(order_of(700), 0)
    broker.advance(50 * MS)
    market.push(55 * MS)
    broker.cancel("P-1", 35 * MS)
    said = broker.advance(76 * MS)
    assert isinstance(said[0], OrderCancelled)
    assert fills_in(said) == [(Decimal(100), Decimal(100))]


@pytest.mark.parametrize("mischief", [Mischief(), Mischief(duplicate=1.0)])
def test_that_positions_are_the_start_and_every_fill_after_the_desk_was_killed(
    tmp_path: Path, mischief: Mischief
) -> None:
    market = Market()
    record = PaperRecord(tmp_path / "paper.sqlite")
    record.begin_with({"AAPL.US": Decimal(50), "XOM.US": Decimal(-7)})
    broker = broker_of(market, mischief, record)
    broker.send(order_of(650), 0)
    broker.advance(50 * MS)
    broker.close()  # killed with 50 still working
    again = PaperRecord(tmp_path / "paper.sqlite")
    again.begin_with({"AAPL.US": Decimal(999)})  # a record that has a start keeps it
    market.push(100 * MS)
    broker = broker_of(market, mischief, again)
    broker.advance(101 * MS)
    broker.ask_positions(101 * MS)
    told = [item for item in broker.advance(150 * MS) if isinstance(item, PositionsReported)]
    assert told[0].quantity_by_code == {"AAPL.US": Decimal(700), "XOM.US": Decimal(-7)}
