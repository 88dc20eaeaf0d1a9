"""What the order desk asks of the broker, and what it tells of its orders."""

from dataclasses import dataclass

from plimsoll.domain.order import Order


@dataclass(frozen=True, slots=True)
class OrderWanted:
    """To be sent, once; already journalled as sent."""

    order: Order


@dataclass(frozen=True, slots=True)
class CancelWanted:
    """To be cancelled; cancels always pass."""

    client_id: str


@dataclass(frozen=True, slots=True)
class QuestionWanted:
    """To be asked for by our id."""

    client_id: str


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order took a step of its life or was filled; already in the journal."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderDenied:
    """The desk itself refused to send an order, and says why in `order.reason`."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderGivenUp:
    """The broker does not answer about an order any more: a person must find out."""

    order: Order
    n_asked: int


OrderEvent = OrderWanted | CancelWanted | QuestionWanted | OrderChanged | OrderDenied | OrderGivenUp
