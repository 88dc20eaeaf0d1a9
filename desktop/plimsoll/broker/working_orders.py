"""What still works at the broker, as far as this door has heard: the kill's own list of orders."""

from dataclasses import replace
from decimal import Decimal

from plimsoll.domain.broker_event import (
    BrokerEvent,
    OpenOrdersReported,
    OrderCancelled,
    OrderFilled,
    OrderNotKnown,
    OrderRejected,
    OrderReported,
)
from plimsoll.domain.kill import KillScope
from plimsoll.domain.order import Order, OrderState


class WorkingOrders:
    """Every order sent through this door, or told of by the broker, until its end is heard.

    It needs no journal and no risk thread, so that a kill finds its targets without either.
    """

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._fill_ids: set[str] = set()

    def __len__(self) -> int:
        return len(self._orders)

    @property
    def orders(self) -> tuple[Order, ...]:
        """Those that may still be filled, oldest first."""
        return tuple(self._orders.values())

    def within(self, scope: KillScope) -> tuple[Order, ...]:
        """Return those of a scope."""
        return tuple(order for order in self._orders.values() if scope.covers(order.code))

    def note_sent(self, order: Order) -> None:
        """Count an order from before it is handed over."""
        self._orders[order.client_id] = replace(order, state=OrderState.SENT)

    def take(self, event: BrokerEvent) -> None:
        """Follow what the broker says; words about orders that have ended change nothing."""
        match event:
            case OrderFilled(client_id=client_id, fill=fill):
                if fill.fill_id not in self._fill_ids and client_id in self._orders:
                    self._fill_ids.add(fill.fill_id)
                    self._note_filled(client_id, self._orders[client_id].filled + fill.quantity)
            case OrderReported(client_id=client_id, is_working=True) if client_id in self._orders:
                self._fill_ids.update(fill.fill_id for fill in event.fills)
                self._note_filled(client_id, event.filled)
            case OrderReported(client_id=client_id) | OrderCancelled(client_id=client_id):
                self._orders.pop(client_id, None)
            case OrderRejected(client_id=client_id) | OrderNotKnown(client_id=client_id):
                self._orders.pop(client_id, None)
            case OpenOrdersReported(orders=orders):
                for order in orders:
                    self._orders.setdefault(order.client_id, order)

    def _note_filled(self, client_id: str, filled: Decimal) -> None:
        order = replace(self._orders[client_id], filled=filled)
        if order.remaining:
            self._orders[client_id] = order
        else:
            del self._orders[client_id]
