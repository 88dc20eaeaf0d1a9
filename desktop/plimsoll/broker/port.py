"""The contract every broker keeps: send once; on doubt ask by our id; never send blind again."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol

from plimsoll.domain.broker_event import BrokerEvent
from plimsoll.domain.order import Order


class Broker(Protocol):
    """A door to execution; it lives on the broker thread and answers through `advance` alone.

    The contract, by which each broker is tested:

    - An order whose client id was seen before is never executed again; it is answered as it stands.
    - Every execution is told with an id of its own, as often as it is asked for, and never with another.
    - `ask` is answered by a report, or by "not known" only if the order never arrived and never will.
    - A cancel is answered by "cancelled" or by a refusal; fills that crossed it on the way are told.
    - `ask_open` is answered by every order that works when it is answered, and by no other.
    - Silence is possible at any time: nothing may be concluded from it.
    """

    def send(self, order: Order, now_ns: int) -> None:
        """Send an order, once."""

    def cancel(self, client_id: str, now_ns: int) -> None:
        """Ask for an order to be cancelled."""

    def ask(self, client_id: str, now_ns: int) -> None:
        """Ask what became of an order."""

    def ask_positions(self, now_ns: int) -> None:
        """Ask what is held."""

    def ask_open(self, now_ns: int) -> None:
        """Ask which orders still work, whoever sent them."""

    def transfer(self, transfer_id: str, moved: Iterable[tuple[str, Decimal]], now_ns: int) -> None:
        """Take, once, what came to or left the account otherwise than by an order.

        A broker on paper has no other way to know; a real one knows by itself and ignores it.
        """

    def advance(self, now_ns: int) -> list[BrokerEvent]:
        """Return what the broker has said up to `now_ns`, in its order."""

    def close(self) -> None:
        """Give up the connection and the files."""
