"""Leads every order through its life: journalled, sent once; in doubt it is asked for, never sent again."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from plimsoll.domain.broker_event import (
    BrokerEvent,
    CancelRefused,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderNotKnown,
    OrderRejected,
    OrderReported,
)
from plimsoll.domain.errors import IllegalTransition
from plimsoll.domain.order import Order, OrderState, OrderStep, client_id_of, state_after
from plimsoll.domain.position import Fill
from plimsoll.domain.trading_state import TradingState, why_not_sent
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.instant import Instant
from plimsoll.engine.order_event import (
    CancelWanted,
    OrderChanged,
    OrderDenied,
    OrderEvent,
    OrderGivenUp,
    OrderWanted,
    QuestionWanted,
)
from plimsoll.engine.order_record import body_of, order_from
from plimsoll.engine.ports import Journal

ANSWER_DUE_NS = 2 * NS_PER_S
"""Without an answer for so long an order is in doubt."""
N_QUESTIONS = 6
"""Questions about one order, each twice as long after the one before, until it is given up loudly."""
LONGEST_WAIT_NS = ANSWER_DUE_NS << N_QUESTIONS
HELD_BACK = "broker and book disagree about what is held: settle that first"

_STEP_OF: dict[type, OrderStep] = {
    OrderAccepted: OrderStep.ACCEPT,
    OrderRejected: OrderStep.REJECT,
    OrderCancelled: OrderStep.CONFIRM,
    OrderNotKnown: OrderStep.MISS,
}


@dataclass(frozen=True, slots=True)
class Leg:
    """What a plan does in one instrument.

    Attributes
    ----------
    code : str
        The instrument.
    quantity : Decimal
        Signed.
    limit_price : Decimal or None
        The worst price accepted.
    only_closes : bool
        Whether it was planned to close what is held: it is not sent once it would do more.
    """

    code: str
    quantity: Decimal
    limit_price: Decimal | None = None
    only_closes: bool = False


@dataclass(slots=True)
class _Followed:
    """An order, its fills, and when the broker should have answered."""

    order: Order
    fill_ids: set[str] = field(default_factory=set)
    due_ns: int = 0
    n_asked: int = 0
    is_given_up: bool = False


class OrderDesk:
    """All orders of a book; one owner, the risk thread.

    It asks for what must be done by events (send, cancel, ask) and is told by `take` what the broker said;
    each step is in the journal before anyone is told of it.

    Attributes
    ----------
    trading_state : TradingState
        In force for every order; cancels always pass.
    """

    def __init__(self, journal: Journal) -> None:
        self.trading_state = TradingState.ACTIVE
        self._journal = journal
        self._followed: dict[str, _Followed] = {}

    @property
    def orders(self) -> tuple[Order, ...]:
        """Every order, oldest first."""
        return tuple(followed.order for followed in self._followed.values())

    @property
    def live(self) -> tuple[Order, ...]:
        """Orders that the broker may still fill."""
        return tuple(order for order in self.orders if order.is_live)

    @property
    def n_orders(self) -> int:
        """How many orders there have ever been."""
        return len(self._followed)

    @property
    def live_decisions(self) -> frozenset[str]:
        """Decisions of which an order, of any time of the plan, may still be filled."""
        return frozenset(order.decision_id.split("/")[0] for order in self.live)

    def to_come(self, code: str) -> tuple[Decimal, ...]:
        """Return what live orders may still change in one instrument, signed."""
        return tuple(order.exposure_to_come for order in self.live if order.code == code)

    def restore(self, kind: str, body: Mapping[str, object]) -> None:
        """Take one journal row of an earlier session, by the path that wrote it."""
        if kind == "trading_state":
            self.trading_state = TradingState(str(body["state"]))
            return
        order = order_from(body)
        followed = self._followed.setdefault(order.client_id, _Followed(order))
        followed.order = order
        fill_id = body.get("fill_id")
        if isinstance(fill_id, str):
            followed.fill_ids.add(fill_id)

    def resume(self, instant: Instant) -> list[OrderEvent]:
        """Ask for every order that an earlier session left without an end; none is sent again."""
        events: list[OrderEvent] = []
        for followed in self._followed.values():
            if followed.order.state is OrderState.PLANNED:
                # Journalled and never handed over: the process died in between, so nothing was sent.
                reason = "the desk ended before it was sent"
                events.append(self._step(followed, OrderStep.CANCEL, instant, reason))
            elif followed.order.is_live:
                events += self._doubt(followed, instant)
        return events

    def release(
        self,
        decision_id: str,
        legs: Sequence[Leg],
        held: Callable[[str], Decimal],
        instant: Instant,
        *,
        held_back: Collection[str] = (),
    ) -> list[OrderEvent]:
        """Journal and hand over one order a leg; a decision released before releases nothing.

        Nothing goes out in a code that is `held_back`: broker and book disagree about what is held there.

        Raises
        ------
        JournalUnavailable
            If a row could not be written; nothing whose row is missing has been sent.
        """
        events: list[OrderEvent] = []
        for number, leg in enumerate(legs):
            client_id = client_id_of(decision_id, leg.code, number)
            if client_id in self._followed:
                continue
            order = Order(client_id, decision_id, leg.code, leg.quantity, leg.limit_price)
            why_not = (
                HELD_BACK
                if leg.code in held_back
                else why_not_sent(
                    self.trading_state,
                    held(leg.code),
                    self.to_come(leg.code),
                    leg.quantity,
                    only_closes=leg.only_closes,
                )
            )
            if why_not:
                denied = replace(order, state=OrderState.REJECTED, reason=why_not)
                self._write(denied, instant)
                self._followed[client_id] = _Followed(denied)
                events.append(OrderDenied(denied))
                continue
            sent = replace(order, state=OrderState.SENT)
            self._write(
                sent, instant
            )  # in the journal as sent before it is: better asked for than sent twice
            self._followed[client_id] = _Followed(sent, due_ns=instant.received_time_ns + ANSWER_DUE_NS)
            events.append(OrderWanted(sent))
        return events

    def cancel(self, client_ids: Sequence[str], instant: Instant) -> list[OrderEvent]:
        """Ask for orders to be cancelled; in every trading state."""
        events: list[OrderEvent] = []
        for client_id in client_ids:
            followed = self._followed.get(client_id)
            if followed is None or not followed.order.is_live:
                continue
            # Before its row: where that fails on the way the next question finds out how it stands.
            followed.due_ns = instant.received_time_ns + ANSWER_DUE_NS
            followed.n_asked, followed.is_given_up = 0, False
            if followed.order.state is not OrderState.CANCELLING:
                events.append(self._step(followed, OrderStep.CANCEL, instant))
            events.append(CancelWanted(client_id))
        return events

    def turn(self, state: TradingState, person: str, reason: str, instant: Instant) -> None:
        """Put another trading state in force, journalled first."""
        body = {"state": str(state), "reason": reason}
        self._journal.append(
            "trading_state",
            body,
            exchange_time_ns=instant.exchange_time_ns,
            received_time_ns=instant.received_time_ns,
            person=person,
        )
        self.trading_state = state

    def take(
        self, event: BrokerEvent, take_fill: Callable[[Order, Fill], None], instant: Instant
    ) -> list[OrderEvent]:
        """Take what the broker said; what is repeated or speaks of no order of ours changes nothing.

        Parameters
        ----------
        event : BrokerEvent
            The answer.
        take_fill : callable
            Takes a fill into the book by the one path, before the order's own row. After a crash between the
            two it is called again with the same fill, which the book knows by its id.
        instant : Instant
            Both clocks.
        """
        followed = self._followed.get(getattr(event, "client_id", ""))
        if followed is None:
            return []
        if not isinstance(event, OrderFilled):  # a fill on its way is no answer to an open question
            followed.due_ns, followed.n_asked = 0, 0
        match event:
            case OrderFilled(fill=fill):
                return self._fill(followed, fill, take_fill, instant)
            case OrderReported(fills=fills, is_working=is_working):
                events = [e for fill in fills for e in self._fill(followed, fill, take_fill, instant)]
                return events + self._reported(followed, instant, is_working=is_working)
            case CancelRefused():
                return self._ask(followed, instant)
        step = _STEP_OF.get(type(event))
        return self._try(followed, step, instant, _words_of(event)) if step else []

    def beat(self, instant: Instant) -> list[OrderEvent]:
        """Let time pass: doubt orders without an answer, ask again, give up loudly."""
        events: list[OrderEvent] = []
        now_ns = instant.received_time_ns
        for followed in self._followed.values():
            # Due beyond the longest wait there is: the clock was set back.
            is_due = followed.due_ns <= now_ns or followed.due_ns > now_ns + LONGEST_WAIT_NS
            if not followed.order.is_live or not followed.due_ns or not is_due:
                continue
            if followed.n_asked >= N_QUESTIONS:
                if not followed.is_given_up:
                    followed.is_given_up = True
                    events.append(OrderGivenUp(followed.order, followed.n_asked))
                continue
            events += self._doubt(followed, instant)
        return events

    def _doubt(self, followed: _Followed, instant: Instant) -> list[OrderEvent]:
        return self._try(followed, OrderStep.LOSE, instant) + self._ask(followed, instant)

    def _ask(self, followed: _Followed, instant: Instant) -> list[OrderEvent]:
        followed.due_ns = instant.received_time_ns + (ANSWER_DUE_NS << followed.n_asked)
        followed.n_asked += 1
        return [QuestionWanted(followed.order.client_id)]

    def _reported(self, followed: _Followed, instant: Instant, *, is_working: bool) -> list[OrderEvent]:
        state = followed.order.state
        if not is_working:
            if state is OrderState.SENT:
                return self._try(followed, OrderStep.ACCEPT, instant) + self._try(
                    followed, OrderStep.CONFIRM, instant
                )
            return self._try(followed, OrderStep.CONFIRM, instant)
        if state is OrderState.SENT:
            return self._try(followed, OrderStep.ACCEPT, instant)
        if state is OrderState.CANCELLING:
            return self._try(followed, OrderStep.KEEP, instant)
        return self._try(followed, OrderStep.FIND, instant)

    def _fill(
        self,
        followed: _Followed,
        fill: Fill,
        take_fill: Callable[[Order, Fill], None],
        instant: Instant,
    ) -> list[OrderEvent]:
        if fill.fill_id in followed.fill_ids:
            return []
        take_fill(followed.order, fill)
        followed.fill_ids.add(fill.fill_id)
        order = replace(followed.order, filled=followed.order.filled + fill.quantity)
        if not order.remaining and order.state is not OrderState.FILLED:
            order = replace(order, state=state_after(order.state, OrderStep.COMPLETE))
        self._write(order, instant, fill_id=fill.fill_id)
        followed.order = order
        return [OrderChanged(order)]

    def _try(
        self, followed: _Followed, step: OrderStep, instant: Instant, reason: str = ""
    ) -> list[OrderEvent]:
        """Take a step if the order's life has it here: a broker's late or repeated word changes nothing."""
        try:
            if state_after(followed.order.state, step) is followed.order.state:
                return []
        except IllegalTransition:
            return []
        return [self._step(followed, step, instant, reason)]

    def _step(self, followed: _Followed, step: OrderStep, instant: Instant, reason: str = "") -> OrderEvent:
        state = state_after(followed.order.state, step)
        order = replace(followed.order, state=state, reason=reason or followed.order.reason)
        self._write(order, instant)
        followed.order = order
        return OrderChanged(order)

    def _write(self, order: Order, instant: Instant, fill_id: str = "") -> None:
        body = body_of(order)
        if fill_id:
            body["fill_id"] = fill_id
        self._journal.append(
            "order",
            body,
            exchange_time_ns=instant.exchange_time_ns,
            received_time_ns=instant.received_time_ns,
        )


def _words_of(event: BrokerEvent) -> str:
    if isinstance(event, OrderNotKnown):
        return "the broker has never seen it; it was not sent again"
    return event.reason if isinstance(event, OrderRejected) else ""
