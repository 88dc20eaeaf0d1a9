"""The orders of decisions as the main thread knows them: what is in flight, and what became of it."""

from collections import OrderedDict

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.order import Order, OrderState

KEPT_DECISIONS = 200
TOLD_EVERY_MS = 100
ENDS = frozenset({OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED, OrderState.LOST})


class OrderShelf(QObject):
    """Keeps every order by its decision; the parts that a plan sends later stand with the first.

    Signals
    -------
    changed(str)
        An order of this decision is another; at once, then ten times a second however many fills there are.
    """

    changed = Signal(str)

    def __init__(self, model: RiskModel) -> None:
        super().__init__(model)
        self._orders: OrderedDict[str, dict[str, Order]] = OrderedDict()
        self._untold: set[str] = set()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TOLD_EVERY_MS)
        self._pause.timeout.connect(self._tell)
        model.order_changed.connect(self.take)

    @Slot(object)
    def take(self, order: Order) -> None:
        """Keep an order as it stands now."""
        decision_id = root_of(order.decision_id)
        orders = self._orders.setdefault(decision_id, {})
        orders[order.client_id] = order
        self._orders.move_to_end(decision_id)
        while len(self._orders) > KEPT_DECISIONS:
            self._orders.popitem(last=False)
        self._untold.add(decision_id)
        if not self._pause.isActive():
            self._tell()

    @Slot()
    def _tell(self) -> None:
        untold, self._untold = self._untold, set()
        if untold:
            self._pause.start()
        for decision_id in untold:
            self.changed.emit(decision_id)

    def of(self, decision_id: str) -> tuple[Order, ...]:
        """Return the orders of a decision, in the order they were heard of."""
        return tuple(self._orders.get(root_of(decision_id), {}).values())

    @property
    def in_flight(self) -> tuple[tuple[str, tuple[Order, ...]], ...]:
        """Decisions of which an order has not ended, the newest first, with all their orders."""
        return tuple(
            (decision_id, tuple(orders.values()))
            for decision_id, orders in reversed(self._orders.items())
            if not have_ended(tuple(orders.values()))
        )


def shelf_of(model: RiskModel) -> OrderShelf:
    """Return the one shelf of a model; whoever asks first has it made."""
    found = model.findChild(OrderShelf)
    return found if found is not None else OrderShelf(model)


def root_of(decision_id: str) -> str:
    """Return the decision a person made: what a plan sends later goes under its id, a slash and a number."""
    return decision_id.split("/", 1)[0]


def have_ended(orders: tuple[Order, ...]) -> bool:
    """Tell whether there are orders and nothing can come of any of them any more."""
    return bool(orders) and all(order.state in ENDS for order in orders)
