"""What a broker says: each answer as a fact, under the client id of the order it speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.domain.order import Order
from plimsoll.domain.position import Fill


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """The broker has the order and works it."""

    client_id: str


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """The broker will not work the order, and why."""

    client_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """A part of the order was executed; `fill.fill_id` is the broker's and unique."""

    client_id: str
    fill: Fill


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The order works no longer; what was filled before stands."""

    client_id: str


@dataclass(frozen=True, slots=True)
class CancelRefused:
    """The order could not be cancelled, and why: filled, unknown, or too late."""

    client_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrderReported:
    """The answer to a question about one order.

    Attributes
    ----------
    client_id : str
        The order.
    is_working : bool
        Whether it may still be filled.
    filled : Decimal
        Signed, in all.
    fills : tuple of Fill
        Every execution so far; those heard before are recognised by their ids.
    """

    client_id: str
    is_working: bool
    filled: Decimal
    fills: tuple[Fill, ...]


@dataclass(frozen=True, slots=True)
class OrderNotKnown:
    """The broker has never seen an order of this id."""

    client_id: str


@dataclass(frozen=True, slots=True)
class PositionsReported:
    """What the broker says is held, by code; a code that is missing is flat."""

    quantity_by_code: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class OpenOrdersReported:
    """What the broker still works for this account; an order that is missing works no longer.

    Attributes
    ----------
    orders : tuple of Order
        Known to this desk or not; the decision's id is empty, for no broker keeps it.
    """

    orders: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """The way to the broker is open or shut."""

    is_open: bool
    words: str


BrokerEvent = (
    OrderAccepted
    | OrderRejected
    | OrderFilled
    | OrderCancelled
    | CancelRefused
    | OrderReported
    | OrderNotKnown
    | PositionsReported
    | OpenOrdersReported
    | ConnectionChanged
)
