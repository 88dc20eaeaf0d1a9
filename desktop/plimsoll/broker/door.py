"""The guarded door to a broker: each order passes the latch, each answer is followed, a kill goes first."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from plimsoll.broker.kill_file import KillFile
from plimsoll.broker.kill_run import KillRun
from plimsoll.broker.latch import Latch
from plimsoll.broker.port import Broker
from plimsoll.broker.working_orders import WorkingOrders
from plimsoll.domain.broker_event import BrokerEvent, OrderRejected
from plimsoll.domain.kill import HaltRelease, KillRequest, KillRow
from plimsoll.domain.order import Order


class Door:
    """A broker behind its latch; one owner, the broker thread. Without Qt, so that kills are tested by hand.

    Attributes
    ----------
    working : WorkingOrders
        What still works, as far as was heard here.
    """

    def __init__(self, broker: Broker, file: KillFile) -> None:
        self._broker = broker
        self._told: list[KillRow] = []
        self._refused: list[BrokerEvent] = []
        self._latch = Latch(file, self._told.append)
        self._runs: list[KillRun] = []
        self.working = WorkingOrders()

    @property
    def halts(self) -> tuple[KillRow, ...]:
        """The kills that stand, oldest first."""
        return self._latch.halts

    @property
    def is_busy(self) -> bool:
        """Whether an order works or a kill is under way."""
        return bool(self._runs or len(self.working))

    def send(self, order: Order, now_ns: int) -> None:
        """Send an order, unless the latch holds it: then it is answered as rejected."""
        why_not = self._latch.why_not_sent(order.code)
        if why_not:
            self._refused.append(OrderRejected(order.client_id, why_not))
            return
        self.working.note_sent(order)
        self._broker.send(order, now_ns)

    def cancel(self, client_id: str, now_ns: int) -> None:
        """Ask for an order to be cancelled; in every state."""
        self._broker.cancel(client_id, now_ns)

    def ask(self, client_id: str, now_ns: int) -> None:
        """Ask what became of an order."""
        self._broker.ask(client_id, now_ns)

    def ask_positions(self, now_ns: int) -> None:
        """Ask what is held."""
        self._broker.ask_positions(now_ns)

    def ask_open(self, now_ns: int) -> None:
        """Ask what works."""
        self._broker.ask_open(now_ns)

    def transfer(self, transfer_id: str, moved: Iterable[tuple[str, Decimal]], now_ns: int) -> None:
        """Let the broker know what was booked otherwise than by an order."""
        self._broker.transfer(transfer_id, moved, now_ns)

    def kill(self, request: KillRequest, now_ns: int) -> None:
        """Begin a kill; one seen before is not carried out again."""
        if self._latch.has_seen(request.kill_id):
            return
        try:
            if not request.is_drill:
                self._take_over(request, now_ns)
        finally:  # the latch falls, whatever becomes of an older kill
            self._begin(request, now_ns)

    def resume(self, now_ns: int) -> None:
        """Ask what works, and cancel again where a kill died on its way; nobody flattens by itself."""
        self._broker.ask_open(now_ns)
        for request in self._latch.interrupted:
            why = "the desk ended while this kill was under way, so it cancels again and flattens nothing: "
            self._begin(replace(request, flattens=False), now_ns, why)

    def release(self, release: HaltRelease, now_ns: int) -> bool:
        """Let a halted scope trade again; tell whether it was halted. A kill on its way there ends.

        Raises
        ------
        OSError
            If it could not be written down; the halt then stands.
        """
        for run in self._runs:
            if run.request.kill_id == release.kill_id and not run.request.is_drill:
                run.stop(f"stopped on the way: {release.person} released the halt", now_ns)
        self._runs = [run for run in self._runs if not run.is_done]
        return self._latch.open(release, now_ns)

    def advance(self, now_ns: int) -> list[BrokerEvent]:
        """Return what the broker has said, and carry the kills on."""
        said, self._refused = self._refused, []
        try:
            said += self._broker.advance(now_ns)
        finally:
            # A broker that fails must not keep a kill from giving up loudly.
            for event in said:
                self._follow(event, now_ns)
            for run in self._runs:
                run.beat(now_ns)
            self._runs = [run for run in self._runs if not run.is_done]
        return said

    def told(self) -> list[KillRow]:
        """Return the steps of kills since this was asked last; each is on the disk."""
        rows = self._told[:]
        self._told.clear()
        return rows

    def close(self) -> None:
        """Give up the broker; what is halted stays halted."""
        self._broker.close()

    def _follow(self, event: BrokerEvent, now_ns: int) -> None:
        self.working.take(event)
        for run in self._runs:
            run.take(event, now_ns)

    def _begin(self, request: KillRequest, now_ns: int, why: str = "") -> None:
        run = KillRun(request, self._broker, self.working, self._latch)
        self._runs.append(run)
        run.begin(now_ns, why)

    def _take_over(self, request: KillRequest, now_ns: int) -> None:
        for run in self._runs:
            if not run.request.is_drill and run.request.scope.overlaps(request.scope):
                run.stop(f"taken over by the newer kill {request.kill_id}", now_ns)
        self._runs = [run for run in self._runs if not run.is_done]
