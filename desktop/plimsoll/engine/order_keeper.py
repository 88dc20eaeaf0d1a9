"""Sends what was decided, once, and brings the broker's every word into the book: fills, kills, positions."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.domain.broker_event import BrokerEvent, ConnectionChanged, PositionsReported
from plimsoll.domain.errors import EventRefused, UnknownInstrument
from plimsoll.domain.kill import KillRow
from plimsoll.domain.order import Order
from plimsoll.domain.position import Fill
from plimsoll.domain.proposal import PriceBand
from plimsoll.domain.trading_state import TradingState
from plimsoll.engine.events import Event, NoticeRaised, OrderSaid, PositionsWanted, TradingStateChanged
from plimsoll.engine.fill_sweep import FillSweep
from plimsoll.engine.instant import Instant
from plimsoll.engine.kill_fold import KILL, KillFold
from plimsoll.engine.order_desk import Leg, OrderDesk
from plimsoll.engine.order_event import OrderDenied, OrderEvent, OrderGivenUp
from plimsoll.engine.ports import Journal
from plimsoll.engine.reconciliation import Reconciler
from plimsoll.engine.response_desk import Release
from plimsoll.engine.sight import Sight

ROW_KINDS = ("order", "trading_state", KILL)
TakeFill = Callable[[Fill, int], None]
"""Takes a fill into the book at a time of the desk's clock; one known by its id is refused by the book."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Orders decided on whose time has not come, and between which prices they may go."""

    breach_id: str
    release: Release
    bands: Mapping[str, PriceBand]


class OrderKeeper:
    """Joins orders, their fills, reconciliation and kills with the book; one owner, the risk thread.

    Attributes
    ----------
    desk : OrderDesk
        Every order and the trading state in force.
    why_no_broker : str
        Why the broker cannot be reached; empty while it can.
    """

    def __init__(
        self, journal: Journal, sight: Sight, take_fill: TakeFill, fill_ids: Callable[[], Collection[str]]
    ) -> None:
        self.desk = OrderDesk(journal)
        self._sight = sight
        self._take_fill = take_fill
        self._fill_ids = fill_ids
        self._sweep = FillSweep()
        self._reconciler = Reconciler(journal)
        self._kills = KillFold(journal, self.desk)
        self._waiting: list[_Waiting] = []
        self._untaken: deque[BrokerEvent | KillRow] = deque()
        self.why_no_broker = "not started"
        self._told: frozenset[str] = frozenset()

    @property
    def held_back(self) -> frozenset[str]:
        """Instruments in which nothing is sent: broker and book disagree about what is held."""
        newest = self._reconciler.newest
        return frozenset() if newest is None else newest.held_back

    def mismatch_count(self, now_ns: int) -> float:
        """Return how many instruments disagree with the broker; NaN where nobody knows."""
        return self._reconciler.mismatch_count(now_ns)

    def restore(self, kind: str, body: Mapping[str, object]) -> None:
        """Take one journal row of an earlier session."""
        if kind == KILL:
            self._kills.restore(body)
        else:
            self.desk.restore(kind, body)

    def resume(self, kill_rows: Iterable[KillRow], instant: Instant) -> list[Event]:
        """Take the kill's own file, then ask for every order that an earlier session left without an end."""
        self._kills.take_all(kill_rows, instant)
        return _said(self.desk.resume(instant))

    def release(
        self, breach_id: str, releases: Iterable[Release], bands: Mapping[str, PriceBand], instant: Instant
    ) -> list[Event]:
        """Hand over what goes now, and keep what goes later.

        Raises
        ------
        JournalUnavailable
            If a row could not be written; nothing whose row is missing was sent.
        """
        events: list[Event] = []
        for each in releases:
            if each.not_before_ns <= instant.exchange_time_ns:
                events += self._send(each.decision_id, each.legs, instant)
            else:
                self._waiting.append(_Waiting(breach_id, each, bands))
        return events

    def forget_later(self, why: str, breach_id: str = "") -> list[Event]:
        """Drop what decisions about one breach, or about any, still had to send, and say so."""
        dropped = [each for each in self._waiting if breach_id in {"", each.breach_id}]
        self._waiting = [each for each in self._waiting if each not in dropped]
        n = sum(len(each.release.legs) for each in dropped)
        if not n:
            return []
        names = ", ".join(sorted({each.breach_id for each in dropped}))
        return [NoticeRaised(f"{n} orders planned for later ({names}) are not sent: {why}.", is_alarm=True)]

    def cancel(self, client_ids: tuple[str, ...], instant: Instant) -> list[Event]:
        """Ask for orders to be cancelled, in every trading state."""
        return _said(self.desk.cancel(client_ids, instant))

    def turn(self, state: TradingState, person: str, reason: str, instant: Instant) -> list[Event]:
        """Put another trading state in force, journalled first."""
        self.desk.turn(state, person, reason, instant)
        return self._turned(state)

    def take(self, said: BrokerEvent | KillRow, instant: Instant) -> Iterator[list[Event]]:
        """Take a word of the broker or a step of a kill; what the journal cannot take is taken up again."""
        self._untaken.append(said)
        yield from self._take_up(instant)

    def beat(self, instant: Instant) -> Iterator[list[Event]]:
        """Let time pass: doubts are asked about, waiting orders go, positions are compared."""
        yield from self._take_up(instant)
        yield _said(self.desk.beat(instant))
        now_ns = instant.received_time_ns
        if not self.why_no_broker:
            yield _said(self._sweep.beat(self.desk.orders, now_ns))
            if self._reconciler.wants(now_ns):
                yield [PositionsWanted()]
        if self._sight.measured is not None:  # else a fill has just changed the book: its prices come first
            yield from self._send_due(instant)

    def _take_up(self, instant: Instant) -> Iterator[list[Event]]:
        while self._untaken:
            yield self._take(self._untaken[0], instant)
            self._untaken.popleft()

    def _turned(self, state: TradingState) -> list[Event]:
        """Tell another trading state; a halt ends what was to go later, whoever lifts it."""
        ended = self.forget_later("trading is HALTED") if state is TradingState.HALTED else []
        return [TradingStateChanged(state), *ended]

    def _take(self, said: BrokerEvent | KillRow, instant: Instant) -> list[Event]:
        if isinstance(said, KillRow):
            before = self.desk.trading_state
            self._kills.take(said, instant)
            state = self.desk.trading_state
            return [] if state is before else self._turned(state)
        if isinstance(said, ConnectionChanged):
            self.why_no_broker = "" if said.is_open else said.words or "no reason given"
            return []
        if isinstance(said, PositionsReported):
            return self._compare(said.quantity_by_code, instant)
        self._sweep.take(said)
        told: list[Event] = []
        events = self.desk.take(said, lambda order, fill: self._book(order, fill, instant, told), instant)
        return _said(events) + told

    def _book(self, order: Order, fill: Fill, instant: Instant, told: list[Event]) -> None:
        """Take a fill into the book; one it cannot take is told, and reconciliation will find it."""
        if fill.fill_id in self._fill_ids():
            return
        try:
            self._take_fill(fill, instant.received_time_ns)
        except (EventRefused, UnknownInstrument) as refusal:
            text = f"The fill {fill.fill_id} of order {order.client_id} is not in the book: {refusal}"
            told.append(NoticeRaised(text, is_alarm=True))

    def _compare(self, at_broker: Mapping[str, Decimal], instant: Instant) -> list[Event]:
        book = {line.code: line.quantity for line in self._sight.book.positions if line.quantity}
        codes = {order.code for order in self.desk.live}
        to_come = {code: self.desk.to_come(code) for code in codes}
        found = self._reconciler.take(at_broker, book, to_come, instant)
        words = frozenset(each.words for each in found.confirmed)
        new, self._told = words - self._told, words
        return [NoticeRaised(f"Broker and book differ: {each}.", is_alarm=True) for each in sorted(new)]

    def _send_due(self, instant: Instant) -> Iterator[list[Event]]:
        due = [each for each in self._waiting if each.release.not_before_ns <= instant.exchange_time_ns]
        for each in due:
            strays = [
                leg.code
                for leg in each.release.legs
                if leg.code in each.bands and not each.bands[leg.code].holds(self._sight.price(leg.code))
            ]
            legs = tuple(leg for leg in each.release.legs if leg.code not in strays)
            events = self._send(each.release.decision_id, legs, instant)
            self._waiting.remove(each)
            if strays:
                text = f"Not sent, their price is not what the plan for {each.breach_id} was approved at: "
                events.append(NoticeRaised(f"{text}{', '.join(strays)}.", is_alarm=True))
            yield events

    def _send(self, decision_id: str, legs: tuple[Leg, ...], instant: Instant) -> list[Event]:
        return _said(
            self.desk.release(decision_id, legs, self._sight.held, instant, held_back=self.held_back)
        )


def _said(events: Iterable[OrderEvent]) -> list[Event]:
    told: list[Event] = []
    for each in events:
        told.append(OrderSaid(each))
        if isinstance(each, OrderDenied):
            order = each.order
            text = f"{order.code} {order.quantity:+,f} was not sent: {order.reason}."
            told.append(NoticeRaised(text, is_alarm=True))
        elif isinstance(each, OrderGivenUp):
            text = f"The broker does not answer about order {each.order.client_id} ({each.order.code})"
            told.append(NoticeRaised(f"{text}: ask it by telephone what became of it.", is_alarm=True))
    return told
