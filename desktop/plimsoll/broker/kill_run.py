"""One kill on its way: cancel, verify, optionally flatten, verify, each step on the disk and told."""

from decimal import Decimal
from enum import Enum, auto

from plimsoll.broker.latch import Latch
from plimsoll.broker.port import Broker
from plimsoll.broker.working_orders import WorkingOrders
from plimsoll.domain.broker_event import (
    BrokerEvent,
    CancelRefused,
    OpenOrdersReported,
    PositionsReported,
)
from plimsoll.domain.kill import KillRequest, KillStep, told_quantities
from plimsoll.domain.order import Order, OrderState, client_id_of
from plimsoll.domain.units import NS_PER_MS, NS_PER_S

RETRY_NS = 300 * NS_PER_MS
"""Between two tries of the same question or cancel."""
CANCEL_DEADLINE_NS = 10 * NS_PER_S
FLATTEN_DEADLINE_NS = 60 * NS_PER_S
"""Past these the kill gives up loudly, and names what is left."""
N_ROUNDS = 3
"""Times that flattening orders are sent for what is still held."""


class _Phase(Enum):
    CANCEL = auto()
    COUNT = auto()
    FLATTEN = auto()
    DONE = auto()


class KillRun:
    """Carries one kill through; driven by `begin`, `take` and `beat`, and by no clock of its own.

    "Cancelled" is said once each order known in the scope has been heard to work no longer *and* the broker,
    asked after the latch fell, names no other. Flattening closes what the broker, not our book, says is
    held, and only after two equal reports: one that was under way when a late fill came would flip it.
    """

    def __init__(self, request: KillRequest, broker: Broker, working: WorkingOrders, latch: Latch) -> None:
        self.request = request
        self._broker = broker
        self._working = working
        self._latch = latch
        self._phase = _Phase.CANCEL
        self._none_open = False
        self._is_open_told = False
        self._held: dict[str, Decimal] | None = None
        self._held_ns = 0
        self._n_rounds = 0
        self._deadline_ns = 0
        self._retry_ns = 0
        self._begun_ns = 0

    @property
    def is_done(self) -> bool:
        """Whether nothing more will be done."""
        return self._phase is _Phase.DONE

    def begin(self, now_ns: int, why: str = "") -> None:
        """Halt first, then cancel everything in the scope, and ask what else works."""
        request, targets = self.request, self._working.within(self.request.scope)
        self._begun_ns = now_ns
        would = "would be " if request.is_drill else ""
        words = f"{request.scope.words} {would}HALTED; known orders {would}cancelled: {len(targets)}"
        self._latch.close(request, f"{why}{words}", now_ns)
        self._deadline_ns = now_ns + CANCEL_DEADLINE_NS
        self._ask_and_cancel(now_ns)

    def take(self, event: BrokerEvent, now_ns: int) -> None:
        """Follow what the broker says; the working orders have heard it already."""
        scope = self.request.scope
        match event:
            case OpenOrdersReported(orders=orders):
                self._take_open([order for order in orders if scope.covers(order.code)], now_ns)
            case PositionsReported(quantity_by_code=quantities):
                held = {
                    code: quantity for code, quantity in quantities.items() if quantity and scope.covers(code)
                }
                self._count(held, now_ns)
            case CancelRefused(client_id=client_id) if self._is_ours(client_id):
                self._broker.ask(client_id, now_ns)
        self._go_on(now_ns)

    def beat(self, now_ns: int) -> None:
        """Let time pass: try again, and give up loudly past the deadline."""
        self._go_on(now_ns)
        if self.is_done:
            return
        if now_ns >= self._deadline_ns:
            self._give_up(now_ns)
        elif now_ns >= self._retry_ns:
            self._ask_and_cancel(now_ns)

    def stop(self, why: str, now_ns: int) -> None:
        """End on the way: released, or taken over by a newer kill, for two that flatten would flip."""
        is_closing, self._phase = self._phase is _Phase.FLATTEN, _Phase.DONE
        self._note(KillStep.GIVEN_UP, why, now_ns)
        for order in self._working.within(self.request.scope) if is_closing else ():
            self._broker.cancel(order.client_id, now_ns)

    def _take_open(self, orders: list[Order], now_ns: int) -> None:
        self._is_open_told, self._none_open = True, not orders
        if orders and self._phase is _Phase.CANCEL:
            self._retry_ns = now_ns  # at the next beat, once, however often this was said

    def _go_on(self, now_ns: int) -> None:
        if self.is_done:
            return
        nothing_works = self._none_open and not self._working.within(self.request.scope)
        if self.request.is_drill:
            self._rehearse(now_ns)
        elif self._phase is _Phase.CANCEL and nothing_works:
            self._end_cancelling(now_ns)
        elif self._phase is _Phase.FLATTEN and not self._working.within(self.request.scope):
            self._phase, self._held = _Phase.COUNT, None  # verify by what is held, then flat or once more
            self._broker.ask_positions(now_ns)

    def _end_cancelling(self, now_ns: int) -> None:
        millis = (now_ns - self._begun_ns) // NS_PER_MS
        words = (
            f"nothing works any more in {self.request.scope.words}, by the broker's word, after {millis} ms"
        )
        self._note(KillStep.CANCELLED, words, now_ns)
        self._phase = _Phase.COUNT if self.request.flattens else _Phase.DONE
        if self.request.flattens:
            self._held = None
            self._deadline_ns = now_ns + FLATTEN_DEADLINE_NS
            self._broker.ask_positions(now_ns)

    def _count(self, held: dict[str, Decimal], now_ns: int) -> None:
        """Take what is held; it counts once two answers in a row say it."""
        if (held, now_ns) == (self._held, self._held_ns):
            return  # one answer told twice
        is_sure, self._held, self._held_ns = self._held == held, held, now_ns
        if self._phase is not _Phase.COUNT or self.request.is_drill:
            return
        if not is_sure:
            self._broker.ask_positions(now_ns)
        elif not held:
            self._note(KillStep.FLAT, f"{self.request.scope.words} is flat, by the broker's word", now_ns)
            self._phase = _Phase.DONE
        elif self._n_rounds == N_ROUNDS:
            self._give_up(now_ns)
        else:
            self._flatten(held, now_ns)

    def _flatten(self, held: dict[str, Decimal], now_ns: int) -> None:
        request, number = self.request, self._n_rounds
        self._n_rounds += 1
        self._none_open = False
        orders = tuple(
            Order(
                client_id_of(request.kill_id, code, number),
                request.kill_id,
                code,
                -quantity,
                state=OrderState.SENT,
            )
            for code, quantity in sorted(held.items())
        )
        words = f"closing at the market, round {self._n_rounds}: {told_quantities(held)}"
        self._latch.note(request, KillStep.FLATTENING, words, now_ns, orders)
        self._phase = _Phase.FLATTEN
        self._retry_ns = now_ns + RETRY_NS
        for order in orders:
            self._working.note_sent(order)
            self._broker.send(order, now_ns)

    def _ask_and_cancel(self, now_ns: int) -> None:
        self._retry_ns = now_ns + RETRY_NS
        if self._phase is _Phase.COUNT or self.request.is_drill:
            self._broker.ask_positions(now_ns)
        for order in self._working.within(self.request.scope):
            if self._phase is _Phase.CANCEL and not self.request.is_drill:
                self._broker.cancel(order.client_id, now_ns)
            elif self._phase is _Phase.FLATTEN:
                self._broker.ask(order.client_id, now_ns)
        self._broker.ask_open(now_ns)

    def _rehearse(self, now_ns: int) -> None:
        """Write down what a kill would have done, once the broker has answered the questions."""
        if self._held is None or not self._is_open_told:
            return
        orders = self._working.within(self.request.scope)
        millis = (now_ns - self._begun_ns) // NS_PER_MS
        told = f"the broker answered within {millis} ms; {len(orders)} orders would have been cancelled"
        if self.request.flattens:
            told += f"; to be closed: {told_quantities(self._held) or 'nothing'}"
        self._note(KillStep.DRILLED, f"DRILL over, nothing was sent: {told}", now_ns)
        self._phase = _Phase.DONE

    def _is_ours(self, client_id: str) -> bool:
        return any(order.client_id == client_id for order in self._working.within(self.request.scope))

    def _give_up(self, now_ns: int) -> None:
        left = self._working.within(self.request.scope)
        if self._phase is _Phase.CANCEL or self.request.is_drill:
            named = ", ".join(f"{order.code} {order.remaining:+,f} ({order.client_id})" for order in left[:8])
            seconds = CANCEL_DEADLINE_NS // NS_PER_S
            words = f"NOT verified within {seconds} s: {named or 'the broker does not say what it works'}"
        else:
            words = f"NOT flat: {told_quantities(self._held or {}) or 'the broker does not say what is held'}"
        self._phase = _Phase.DONE
        self._note(KillStep.GIVEN_UP, f"{words}. Call the broker.", now_ns)
        if self.request.flattens and not self.request.is_drill:
            for order in left:
                self._broker.cancel(order.client_id, now_ns)

    def _note(self, step: KillStep, words: str, now_ns: int) -> None:
        self._latch.note(self.request, step, words, now_ns)
