"""The broker thread: owns the guarded door to a broker, hears it, and carries a kill past everything else."""

import logging
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from plimsoll.broker.door import Door
from plimsoll.domain.broker_event import ConnectionChanged, PositionsReported
from plimsoll.domain.kill import HaltRelease, KillRequest
from plimsoll.domain.order import Order
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.events import HoldingsMoved
from plimsoll.engine.order_event import CancelWanted, OrderEvent, OrderWanted, QuestionWanted

log = logging.getLogger("plimsoll.broker")

BUSY_MS = 10
IDLE_MS = 200
"""Between two looks at the broker, while something is awaited and while nothing is."""
AWAIT_NS = 3 * NS_PER_S
"""After a request the broker is looked at often for so long."""


class BrokerWorker(QObject):
    """Owns the broker on its own QThread; the risk thread may hang or be dead, a kill comes through.

    A kill does not wait behind orders that are queued already: the main thread sets `kill_asked` before it
    sends the request, and from then on orders are kept back until the latch has fallen; then those that
    it holds are refused, and the others go.

    Signals
    -------
    broker_said(BrokerEvent)
        Each answer, in the broker's order; for the risk thread.
    kill_told(KillRow)
        A step of a kill; it is on the disk.
    positions_told(object, object)
        The broker's positions by code, and when they were heard; for the preview of a kill.
    orders_changed(object)
        The orders that work, as a tuple, when that has changed.
    halts_changed(object)
        The kills that stand, as a tuple of rows.
    connection_changed(ConnectionChanged)
        Whether the broker can be reached, in words.
    failed(str)
        A fault of ours; the text is for the banner.
    closed()
        The door is shut.
    """

    broker_said = Signal(object)
    kill_told = Signal(object)
    positions_told = Signal(object, object)
    orders_changed = Signal(object)
    halts_changed = Signal(object)
    connection_changed = Signal(object)
    failed = Signal(str)
    closed = Signal()

    def __init__(
        self,
        make_door: Callable[[], Door],
        words: str,
        *,
        kill_asked: threading.Event | None = None,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        super().__init__()
        self.kill_asked = kill_asked or threading.Event()
        self._make_door = make_door
        self._words = words
        self._now_ns = now_ns
        self._door: Door | None = None
        self._kept_back: list[Order] = []
        self._timer: QTimer | None = None
        self._awaits_until_ns = 0
        self._orders: tuple[Order, ...] = ()
        self._has_failed = False

    @Slot()
    def start(self) -> None:
        """Build the door on this thread, where its files are to live, and begin to listen."""
        try:
            self._door = self._make_door()
        except Exception as fault:  # told to the person: without a door no order and no kill can go out
            log.exception("the broker's door could not be built")
            self.connection_changed.emit(ConnectionChanged(is_open=False, words=f"not started: {fault}"))
            self.failed.emit(f"The broker could not be reached: {fault}. No order and no kill can go out.")
            return
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.advance)
        self._timer.start(BUSY_MS)
        self.connection_changed.emit(ConnectionChanged(is_open=True, words=self._words))
        self.halts_changed.emit(self._door.halts)
        self.orders_changed.emit(self._orders)  # none yet: what an earlier thread told is of the past
        self._do(lambda door, now_ns: door.resume(now_ns))

    @Slot(object)
    def carry_out(self, event: OrderEvent) -> None:
        """Do what the order desk wants of the broker; what it merely tells is not for here."""
        match event:
            case OrderWanted(order=order):
                self.send(order)
            case CancelWanted(client_id=client_id):
                self._do(lambda door, now_ns: door.cancel(client_id, now_ns))
            case QuestionWanted(client_id=client_id):
                self._do(lambda door, now_ns: door.ask(client_id, now_ns))

    @Slot(object)
    def send(self, order: Order) -> None:
        """Send an order that is in the journal; it is kept back while a kill is on its way here."""
        if self.kill_asked.is_set():
            self._kept_back.append(order)
        else:
            self._do(lambda door, now_ns: door.send(order, now_ns))

    @Slot(str)
    def cancel(self, client_id: str) -> None:
        """Ask for an order to be cancelled."""
        self._do(lambda door, now_ns: door.cancel(client_id, now_ns))

    @Slot(str)
    def ask(self, client_id: str) -> None:
        """Ask what became of an order."""
        self._do(lambda door, now_ns: door.ask(client_id, now_ns))

    @Slot()
    def ask_positions(self) -> None:
        """Ask what is held."""
        self._do(lambda door, now_ns: door.ask_positions(now_ns))

    @Slot(object)
    def transfer(self, moved: HoldingsMoved) -> None:
        """Let the broker know what was booked otherwise than by an order."""
        self._do(lambda door, now_ns: door.transfer(moved.event_id, moved.moved, now_ns))

    @Slot(object)
    def kill(self, request: KillRequest) -> None:
        """Let the latch fall and carry the kill through."""
        self._do(lambda door, now_ns: door.kill(request, now_ns))
        self.kill_asked.clear()
        kept_back, self._kept_back = self._kept_back, []
        for order in kept_back:
            self.send(order)

    @Slot(object)
    def release(self, release: HaltRelease) -> None:
        """Let a halted scope trade again."""
        self._do(lambda door, now_ns: door.release(release, now_ns))

    @Slot()
    def advance(self) -> None:
        """Hear the broker, and carry kills on."""
        self._do(self._hear)
        if self._timer is not None and self._door is not None:
            is_busy = self._door.is_busy or self._now_ns() < self._awaits_until_ns
            wanted = BUSY_MS if is_busy else IDLE_MS
            if self._timer.interval() != wanted:
                self._timer.setInterval(wanted)

    @Slot()
    def close(self) -> None:
        """Shut the door; what works at the broker goes on working, what is halted stays halted."""
        if self._timer is not None:
            self._timer.stop()
        door, self._door = self._door, None
        if door is not None:
            door.close()
        self.closed.emit()

    def _hear(self, door: Door, now_ns: int) -> None:
        for event in door.advance(now_ns):
            if isinstance(event, ConnectionChanged):
                self.connection_changed.emit(event)
            elif isinstance(event, PositionsReported):
                self.positions_told.emit(event.quantity_by_code, now_ns)
            self.broker_said.emit(event)

    def _do(self, act: Callable[[Door, int], object]) -> None:
        """Let the door act, under the thread's net; tell what has come of it.

        Unlike the risk thread this one goes on after a fault: what must still be possible is a cancel.
        """
        door = self._door
        if door is None:
            return
        now_ns = self._now_ns()
        try:
            act(door, now_ns)
        except Exception as fault:
            if not self._has_failed:  # logged and told once, not a hundred times a second
                log.exception("the broker's door failed")
                self._tell_fault(fault)
        else:
            if act == self._hear and self._has_failed:
                self._has_failed = False
                self.connection_changed.emit(ConnectionChanged(is_open=True, words=self._words))
        if act != self._hear:
            self._awaits_until_ns = now_ns + AWAIT_NS
            if self._timer is not None and self._timer.interval() != BUSY_MS:
                self._timer.start(BUSY_MS)
        self._tell(door)

    def _tell(self, door: Door) -> None:
        rows = door.told()
        for row in rows:
            self.kill_told.emit(row)
        if rows:
            self.halts_changed.emit(door.halts)
        if door.working.orders != self._orders:
            self._orders = door.working.orders
            self.orders_changed.emit(self._orders)

    def _tell_fault(self, fault: Exception) -> None:
        self._has_failed = True
        words = f"fault: {type(fault).__name__}: {fault}"
        self.connection_changed.emit(ConnectionChanged(is_open=False, words=words))
        self.failed.emit(
            f"The way to the broker failed ({words}). Orders may be in doubt; a kill still tries."
        )
