"""What the main thread knows of the broker, and its direct way there when all must stop."""

import threading
import time
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from PySide6.QtCore import QObject, Signal, Slot

from plimsoll.domain.broker_event import ConnectionChanged
from plimsoll.domain.kill import HaltRelease, KillRequest, KillRow, KillScope
from plimsoll.domain.order import Order
from plimsoll.domain.units import NS_PER_S


class BrokerModel(QObject):
    """The broker's state for the views; it hears the broker thread itself, so it is true without the engine.

    Signals
    -------
    broker_changed()
        Connection, orders, positions or halts have changed.
    kill_told(KillRow)
        A step of a kill, at once.
    kill_wanted(KillRequest), release_wanted(HaltRelease), positions_wanted()
        Requests to the broker thread; views call the methods instead.
    """

    broker_changed = Signal()
    kill_told = Signal(object)
    kill_wanted = Signal(object)
    release_wanted = Signal(object)
    positions_wanted = Signal()

    def __init__(self, person: str, kill_asked: threading.Event, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.person = person
        self.connection = ConnectionChanged(is_open=False, words="not started")
        self.orders: tuple[Order, ...] = ()
        self.halts: tuple[KillRow, ...] = ()
        self.positions: Mapping[str, Decimal] | None = None
        self._positions_ns = 0
        self._kill_asked = kill_asked
        self._n_kills = 0

    @property
    def is_halted(self) -> bool:
        """Whether any scope is halted."""
        return bool(self.halts)

    @property
    def positions_age_s(self) -> float:
        """How long ago the broker told its positions; NaN where it never did."""
        if self.positions is None:
            return float("nan")
        return max((time.time_ns() - self._positions_ns) / NS_PER_S, 0.0)

    def kill(self, scope: KillScope, reason: str, *, flattens: bool, is_drill: bool) -> str:
        """Press the switch; return the kill's id. It passes orders that are queued already."""
        now_ns = time.time_ns()
        self._n_kills += 1
        kill_id = f"K-{now_ns}-{self._n_kills}"
        request = KillRequest(kill_id, scope, self.person, reason, flattens, is_drill, now_ns)
        if not is_drill:
            self._kill_asked.set()
        self.kill_wanted.emit(request)
        return kill_id

    def release(self, kill_id: str, reason: str) -> None:
        """Let what a kill halted trade again."""
        self.release_wanted.emit(HaltRelease(kill_id, self.person, reason))

    def ask_positions(self) -> None:
        """Ask the broker what is held."""
        self.positions_wanted.emit()

    @Slot(object)
    def take_connection(self, connection: ConnectionChanged) -> None:
        """Keep whether the broker can be reached."""
        self.connection = connection
        self.broker_changed.emit()

    @Slot(object)
    def take_orders(self, orders: tuple[Order, ...]) -> None:
        """Keep what works."""
        self.orders = orders
        self.broker_changed.emit()

    @Slot(object)
    def take_halts(self, halts: tuple[KillRow, ...]) -> None:
        """Keep which kills stand."""
        self.halts = halts
        self.broker_changed.emit()

    @Slot(object, object)
    def take_positions(self, positions: Mapping[str, Decimal], heard_ns: int) -> None:
        """Keep what the broker says is held."""
        self.positions, self._positions_ns = MappingProxyType(dict(positions)), heard_ns
        self.broker_changed.emit()

    @Slot(object)
    def take_kill(self, row: KillRow) -> None:
        """Tell a step of a kill."""
        self.kill_told.emit(row)
