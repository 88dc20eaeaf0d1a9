"""A broker of paper: fills against the live book, walking its depth, with latency, fees and bad days."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from plimsoll.broker.mischief import Mischief
from plimsoll.broker.paper_record import PaperOrder, PaperRecord
from plimsoll.domain.broker_event import (
    BrokerEvent,
    CancelRefused,
    OpenOrdersReported,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderNotKnown,
    OrderRejected,
    OrderReported,
    PositionsReported,
)
from plimsoll.domain.order import Order, OrderState
from plimsoll.domain.position import Fill
from plimsoll.domain.tick import DepthBook
from plimsoll.domain.units import NS_PER_MS

DepthOf = Callable[[str], DepthBook | None]
"""The newest book of a code; None where none was heard."""

TICK = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class PaperTerms:
    """The conditions of trade.

    Attributes
    ----------
    latency_ns : int
        From a request to its answer, and between two walks of an order through the book.
    fee_fraction : Decimal
        Of the money traded.
    book_lives_ns : int
        A book older than this fills nothing.
    multipliers : Mapping
        Money a point of one piece is worth, by code; 1 where a code is not named.
    """

    latency_ns: int = 40 * NS_PER_MS
    fee_fraction: Decimal = Decimal("0.0002")
    book_lives_ns: int = 10_000 * NS_PER_MS
    multipliers: Mapping[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Due:
    """Something to be done at a time."""

    at_ns: int
    number: int
    act: Callable[[int], None] = field(repr=False)


@dataclass(slots=True)
class _Taken:
    """What this broker has taken out of the newest book of a code, by price."""

    book_ns: int
    size: dict[float, Decimal] = field(default_factory=dict)


class PaperBroker:
    """Keeps the broker's contract on paper; one owner, the broker thread.

    A fill takes liquidity once: the volume of a level is gone for this broker until the book is pushed anew.
    """

    def __init__(
        self,
        record: PaperRecord,
        depth_of: DepthOf,
        terms: PaperTerms | None = None,
        mischief: Mischief | None = None,
    ) -> None:
        self._record = record
        self._depth_of = depth_of
        self._terms = terms or PaperTerms()
        self._mischief = mischief or Mischief()
        self._dice = self._mischief.dice()
        self._orders = {order.client_id: order for order in record.orders()}
        self._n_fills = sum(len(record.fills_of(o.client_id, o.code)) for o in self._orders.values())
        self._due: list[_Due] = []
        self._n_due = 0
        self._said: list[BrokerEvent] = []
        self._taken: dict[str, _Taken] = {}
        for order in self._orders.values():
            if order.is_working:
                self._later(0, lambda now_ns, order=order: self._work(order, now_ns))  # type: ignore[misc]

    def send(self, order: Order, now_ns: int) -> None:
        """Take an order after the latency; one seen before is answered as it stands."""
        if self._happens(self._mischief.lost_request):
            return
        self._later(now_ns + self._terms.latency_ns, lambda at_ns: self._arrive(order, at_ns))

    def cancel(self, client_id: str, now_ns: int) -> None:
        """Take a cancel after the latency."""
        self._later(now_ns + self._terms.latency_ns, lambda at_ns: self._cancel(client_id, at_ns))

    def ask(self, client_id: str, now_ns: int) -> None:
        """Answer after the latency, unless silence falls."""
        if not self._happens(self._mischief.silence):
            self._later(now_ns + self._terms.latency_ns, lambda _: self._report(client_id))

    def ask_positions(self, now_ns: int) -> None:
        """Answer after the latency, unless silence falls."""
        if not self._happens(self._mischief.silence):
            self._later(
                now_ns + self._terms.latency_ns,
                lambda _: self._say(PositionsReported(self._record.positions())),
            )

    def ask_open(self, now_ns: int) -> None:
        """Answer after the latency, unless silence falls."""
        if not self._happens(self._mischief.silence):
            self._later(now_ns + self._terms.latency_ns, lambda _: self._report_open())

    def transfer(self, transfer_id: str, moved: Iterable[tuple[str, Decimal]], now_ns: int) -> None:
        """Book at once, and once, what came or went otherwise than by an order; `now_ns` is of no use."""
        del now_ns
        self._record.transfer(transfer_id, moved)

    def advance(self, now_ns: int) -> list[BrokerEvent]:
        """Do what is due and return what was said."""
        while True:
            due = [item for item in self._due if item.at_ns <= now_ns]
            if not due:
                break
            first = min(due, key=lambda item: (item.at_ns, item.number))
            self._due.remove(first)
            first.act(now_ns)
        said, self._said = self._said, []
        return said

    def close(self) -> None:
        """Close the record; what works goes on when it is opened again."""
        self._record.close()

    def _arrive(self, order: Order, now_ns: int) -> None:
        known = self._orders.get(order.client_id)
        if known is not None:
            self._report(order.client_id)
            return
        if self._happens(self._mischief.reject):
            self._say(OrderRejected(order.client_id, "rejected by the paper broker's bad day"))
            return
        why = self._why_not(order)
        if why:
            self._say(OrderRejected(order.client_id, why))
            return
        kept = PaperOrder(order.client_id, order.code, order.quantity, order.limit_price, is_working=True)
        self._record.take(kept)
        self._orders[order.client_id] = kept
        if not self._happens(self._mischief.lost_answer):
            self._say(OrderAccepted(order.client_id))
        self._work(kept, now_ns)

    def _why_not(self, order: Order) -> str:
        if not order.quantity:
            return "the quantity was 0"
        if self._depth_of(order.code) is None:
            return f"no book of {order.code} has been heard"
        return ""

    def _work(self, order: PaperOrder, now_ns: int) -> None:
        """Walk the book once, and again after the latency while something remains."""
        if not order.is_working:
            return
        self._walk(order, now_ns)
        if order.remaining:
            self._later(now_ns + self._terms.latency_ns, lambda at_ns: self._work(order, at_ns))
        else:
            order.is_working = False
            self._record.rest(order.client_id)

    def _walk(self, order: PaperOrder, now_ns: int) -> None:
        book = self._depth_of(order.code)
        if book is None or now_ns - book.received_time_ns > self._terms.book_lives_ns:
            return
        taken = self._taken.get(order.code)
        if taken is None or taken.book_ns != book.received_time_ns:
            taken = self._taken[order.code] = _Taken(book.received_time_ns)
        is_buy = order.quantity > 0
        for price, volume in book.asks if is_buy else book.bids:
            at = Decimal(str(price))
            if order.limit_price is not None and (
                at > order.limit_price if is_buy else at < order.limit_price
            ):
                return
            there = Decimal(str(volume)).quantize(TICK, ROUND_DOWN) - taken.size.get(price, Decimal(0))
            size = min(there, abs(order.remaining))
            if size > 0:
                taken.size[price] = taken.size.get(price, Decimal(0)) + size
                self._execute(order, size if is_buy else -size, at, book.exchange_time_ns)
            if not order.remaining:
                return

    def _execute(self, order: PaperOrder, quantity: Decimal, price: Decimal, exchange_time_ns: int) -> None:
        self._n_fills += 1
        pieces = abs(quantity) * Decimal(str(self._terms.multipliers.get(order.code, 1.0)))
        fee = (pieces * abs(price) * self._terms.fee_fraction).quantize(TICK)
        fill = Fill(f"paper-{self._n_fills}", order.code, quantity, price, fee, exchange_time_ns)
        self._record.fill(order.client_id, fill)
        order.filled += quantity
        self._say(OrderFilled(order.client_id, fill))

    def _cancel(self, client_id: str, now_ns: int) -> None:
        order = self._orders.get(client_id)
        if order is None:
            self._say(CancelRefused(client_id, "no such order was ever seen"))
            return
        if not order.is_working:
            self._say(CancelRefused(client_id, "it works no longer"))
            return
        crossed = self._happens(self._mischief.late_fill)
        before = len(self._said)
        if crossed:
            self._walk(order, now_ns)
        late, self._said[before:] = self._said[before:], []
        order.is_working = False
        self._record.rest(client_id)
        self._say(OrderCancelled(client_id))
        self._said += late  # on the way when the cancel was confirmed

    def _report(self, client_id: str) -> None:
        order = self._orders.get(client_id)
        if order is None:
            self._say(OrderNotKnown(client_id))
            return
        fills = self._record.fills_of(client_id, order.code)
        self._say(OrderReported(client_id, order.is_working, order.filled, fills))

    def _report_open(self) -> None:
        working = (kept for kept in self._orders.values() if kept.is_working)
        orders = tuple(
            Order(
                kept.client_id,
                "",
                kept.code,
                kept.quantity,
                kept.limit_price,
                OrderState.WORKING,
                kept.filled,
            )
            for kept in working
        )
        self._say(OpenOrdersReported(orders))

    def _say(self, event: BrokerEvent) -> None:
        self._said.append(event)
        if self._happens(self._mischief.duplicate):
            self._said.append(event)

    def _later(self, at_ns: int, act: Callable[[int], None]) -> None:
        self._n_due += 1
        self._due.append(_Due(at_ns, self._n_due, act))

    def _happens(self, share: float) -> bool:
        return share > 0.0 and self._dice.random() < share
