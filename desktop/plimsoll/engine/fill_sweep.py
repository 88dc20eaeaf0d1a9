"""Asks once more about orders whose last fills may never have been heard, so that none is lost to a crash."""

from collections.abc import Iterable

from plimsoll.domain.broker_event import BrokerEvent, OrderNotKnown, OrderReported
from plimsoll.domain.order import Order, OrderState
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.order_event import QuestionWanted

AGAIN_NS = 2 * NS_PER_S
"""Between two questions about one order; each time twice as long, up to LONGEST_NS."""
LONGEST_NS = 60 * NS_PER_S
MOST_AT_ONCE = 20
_ENDED = frozenset({OrderState.CANCELLED, OrderState.REJECTED, OrderState.LOST})


class FillSweep:
    """Which orders the broker has yet to account for; one owner, the risk thread.

    An order that ended without being filled may have fills that nobody heard: one that crossed its cancel
    while the desk was being killed, or one made while it was down. Only the broker's report of an order that
    works no longer closes the account. One in doubt is asked for too: another word about it, heard in
    between, ends the order desk's own questions (found by tests/crash).
    """

    def __init__(self) -> None:
        self._settled: set[str] = set()
        self._due: dict[str, tuple[int, int]] = {}

    def take(self, event: BrokerEvent) -> None:
        """Follow what the broker says; before or after the order desk, it makes no difference."""
        match event:
            case OrderReported(client_id=client_id, is_working=False) | OrderNotKnown(client_id=client_id):
                self._settled.add(client_id)
                self._due.pop(client_id, None)
            case OrderReported(client_id=client_id):
                self._settled.discard(client_id)
                self._due.pop(client_id, None)

    def beat(self, orders: Iterable[Order], now_ns: int) -> list[QuestionWanted]:
        """Return what is to be asked now, a few at a time.

        Parameters
        ----------
        orders : iterable of Order
            Every order of the order desk, those of earlier sessions too.
        now_ns : int
            The desk's clock.
        """
        wanted: list[QuestionWanted] = []
        for order in orders:
            if len(wanted) == MOST_AT_ONCE:
                break
            is_open = order.state is OrderState.IN_DOUBT or order.state in _ENDED
            if not is_open or (order.client_id in self._settled and order.state in _ENDED):
                continue
            due_ns, wait_ns = self._due.get(order.client_id, (0, AGAIN_NS))
            if now_ns >= due_ns or due_ns > now_ns + LONGEST_NS:  # else the clock was set back
                self._due[order.client_id] = (now_ns + wait_ns, min(2 * wait_ns, LONGEST_NS))
                wanted.append(QuestionWanted(order.client_id))
        return wanted

    def owes(self, orders: Iterable[Order]) -> bool:
        """Tell whether the broker has yet to account for any of these."""
        return any(order.state in _ENDED and order.client_id not in self._settled for order in orders)
