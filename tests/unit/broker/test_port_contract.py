"""The broker's contract, law by law, against each broker there is, on good days and bad ones.

A later broker joins by one more entry in BROKERS.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from plimsoll.broker.mischief import Mischief
from plimsoll.broker.paper import PaperBroker, PaperTerms
from plimsoll.broker.paper_record import PaperRecord
from plimsoll.broker.port import Broker
from plimsoll.domain.broker_event import (
    BrokerEvent,
    CancelRefused,
    OpenOrdersReported,
    OrderCancelled,
    OrderFilled,
    OrderNotKnown,
    OrderReported,
    PositionsReported,
)
from plimsoll.domain.order import Order
from plimsoll.domain.position import Fill
from plimsoll.domain.tick import DepthBook

MS = 1_000_000
CODES = ("AAPL.US", "XOM.US")
START = {"AAPL.US": Decimal(300)}
MakeBroker = Callable[[Path, Mischief, dict[str, DepthBook]], Broker]


def paper(folder: Path, mischief: Mischief, books: dict[str, DepthBook]) -> Broker:
    record = PaperRecord(folder / "paper.sqlite")
    record.begin_with(START)
    return PaperBroker(record, books.get, PaperTerms(), mischief)


BROKERS: dict[str, MakeBroker] = {"paper": paper}
DAYS = {
    "good": Mischief(),
    "lost answers": Mischief(lost_answer=1.0),
    "lost requests": Mischief(lost_request=0.5, seed=3),
    "duplicates": Mischief(duplicate=1.0),
    "rejects": Mischief(reject=0.5, seed=2),
    "late fills": Mischief(late_fill=1.0),
    "silence": Mischief(silence=0.5, seed=5),
    "everything": Mischief(0.3, 0.3, 0.3, 0.3, 0.3, 0.3, seed=11),
}


class Counterparty:
    """One broker, its market and its clock; remembers all that was said."""

    def __init__(self, make: MakeBroker, folder: Path, mischief: Mischief) -> None:
        self._make, self._folder, self._mischief = make, folder, mischief
        self.now_ns = 0
        self.books: dict[str, DepthBook] = {}
        self.push()
        self.said: list[BrokerEvent] = []
        self.broker = make(folder, mischief, self.books)

    def push(self) -> None:
        for code in CODES:
            self.books[code] = DepthBook(code, ((99.0, 60.0),), ((100.0, 60.0),), self.now_ns, self.now_ns)

    def wait(self, millis: int = 500, *, push: bool = True) -> list[BrokerEvent]:
        heard: list[BrokerEvent] = []
        for _ in range(millis // 50):
            self.now_ns += 50 * MS
            if push:
                self.push()
            heard += self.broker.advance(self.now_ns)
        self.said += heard
        return heard

    def restart(self) -> None:
        self.broker.close()
        self.broker = self._make(self._folder, self._mischief, self.books)

    def send(self, client_id: str, quantity: int, code: str = "AAPL.US", limit: str | None = None) -> None:
        price = None if limit is None else Decimal(limit)
        self.broker.send(Order(client_id, "D-1", code, Decimal(quantity), price), self.now_ns)

    def answer(self, ask: Callable[[], None], kind: type) -> BrokerEvent:
        """Ask until it is answered; silence is possible, but not for ever."""
        for _ in range(64):
            ask()
            for event in self.wait(100, push=False):
                if isinstance(event, kind):
                    return event
        pytest.fail(f"no {kind.__name__} to 64 questions")

    def report(self, client_id: str) -> OrderReported | OrderNotKnown:
        for _ in range(64):
            self.broker.ask(client_id, self.now_ns)
            for event in self.wait(100, push=False):
                if isinstance(event, OrderReported | OrderNotKnown) and event.client_id == client_id:
                    return event
        pytest.fail(f"64 questions about {client_id} were not answered")

    def positions(self) -> dict[str, Decimal]:
        event = self.answer(lambda: self.broker.ask_positions(self.now_ns), PositionsReported)
        assert isinstance(event, PositionsReported)
        return dict(event.quantity_by_code)

    def open_ids(self) -> set[str]:
        event = self.answer(lambda: self.broker.ask_open(self.now_ns), OpenOrdersReported)
        assert isinstance(event, OpenOrdersReported)
        return {order.client_id for order in event.orders}

    def fills(self) -> dict[str, tuple[str, Fill]]:
        """Return every execution told so far by its id; the same id must always tell the same."""
        told: dict[str, tuple[str, Fill]] = {}
        for event in self.said:
            fills = event.fills if isinstance(event, OrderReported) else ()
            fills = (event.fill,) if isinstance(event, OrderFilled) else fills
            for fill in fills:
                assert told.setdefault(fill.fill_id, (event.client_id, fill)) == (event.client_id, fill)
        return told


@pytest.fixture(params=[(b, d) for b in BROKERS for d in DAYS], ids=" on a day of ".join)
def party(request: pytest.FixtureRequest, tmp_path: Path) -> Counterparty:
    broker, day = request.param
    return Counterparty(BROKERS[broker], tmp_path, DAYS[day])


def trade(party: Counterparty, n: int = 8) -> list[str]:
    ids = [f"P-{number}" for number in range(n)]
    for number, client_id in enumerate(ids):
        quantity = 70 if number % 2 else -90
        party.send(client_id, quantity, CODES[number % 3 == 0], "50" if number % 4 == 3 else None)
        party.wait(100)
    return ids


def filled(party: Counterparty, client_id: str) -> Decimal:
    return sum((f.quantity for owner, f in party.fills().values() if owner == client_id), Decimal(0))


def test_that_nothing_is_said_before_time_has_passed(party: Counterparty) -> None:
    party.send("P-1", 10)
    assert party.broker.advance(party.now_ns) == []


def test_that_an_id_seen_before_is_never_executed_again(party: Counterparty) -> None:
    for _ in range(3):
        party.send("P-1", 70)
        party.wait()
    party.restart()
    party.send("P-1", 70)
    party.wait(2_000)
    party.report("P-1")
    assert filled(party, "P-1") in (0, 70)


def test_that_each_execution_keeps_its_id_however_often_it_is_told(party: Counterparty) -> None:
    ids = trade(party)
    for _ in range(2):
        for client_id in ids:
            party.report(client_id)
        party.restart()
    assert sum(abs(fill.quantity) for _, fill in party.fills().values()) <= 90 * 4 + 70 * 4


def test_that_a_report_holds_every_execution_of_its_order(party: Counterparty) -> None:
    for client_id in trade(party):
        report = party.report(client_id)
        if isinstance(report, OrderReported):
            assert report.filled == sum((fill.quantity for fill in report.fills), Decimal(0))
            assert report.filled == filled(party, client_id)


def test_that_what_is_not_known_never_fills_afterwards(party: Counterparty) -> None:
    unknown = [client_id for client_id in trade(party) if isinstance(party.report(client_id), OrderNotKnown)]
    party.wait(3_000)
    assert all(not filled(party, client_id) for client_id in unknown)
    assert isinstance(party.report("P-never-sent"), OrderNotKnown)


def test_that_a_cancel_is_answered_and_ends_the_order(party: Counterparty) -> None:
    for client_id in trade(party):
        party.broker.cancel(client_id, party.now_ns)
        heard = party.wait(500)
        answers = [e for e in heard if isinstance(e, OrderCancelled | CancelRefused)]
        assert {answer.client_id for answer in answers} == {client_id}
        report = party.report(client_id)
        assert isinstance(report, OrderNotKnown) or not report.is_working
    before = party.fills()
    party.wait(2_000)
    assert party.fills() == before


def test_that_the_open_orders_are_those_that_work_and_no_others(party: Counterparty) -> None:
    ids = trade(party)
    reports = {client_id: party.report(client_id) for client_id in ids}
    working = {key for key, told in reports.items() if isinstance(told, OrderReported) and told.is_working}
    assert party.open_ids() == working
    party.restart()
    assert party.open_ids() == working


def test_that_positions_are_the_start_and_every_execution(party: Counterparty) -> None:
    for client_id in trade(party):
        party.report(client_id)
    party.restart()
    held = dict(START)
    for _, fill in party.fills().values():
        held[fill.code] = held.get(fill.code, Decimal(0)) + fill.quantity
    assert party.positions() == {code: quantity for code, quantity in held.items() if quantity}


def test_that_an_order_is_never_filled_beyond_its_quantity_nor_its_limit(party: Counterparty) -> None:
    trade(party)
    party.send("P-limit", -40, limit="99.5")
    party.send("P-small", 20, limit="100")
    party.wait(2_000)
    assert filled(party, "P-limit") == 0
    assert filled(party, "P-small") in (0, 20)
    assert all(fill.price == 100 for owner, fill in party.fills().values() if owner == "P-small")
