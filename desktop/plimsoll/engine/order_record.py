"""An order as a journal row, and back."""

from collections.abc import Mapping
from decimal import Decimal

from plimsoll.domain.order import Order, OrderState


def body_of(order: Order) -> dict[str, object]:
    """Return the facts of an order for the journal."""
    return {
        "client_id": order.client_id,
        "decision_id": order.decision_id,
        "code": order.code,
        "quantity": str(order.quantity),
        "limit_price": None if order.limit_price is None else str(order.limit_price),
        "state": str(order.state),
        "filled": str(order.filled),
        "reason": order.reason,
    }


def order_from(body: Mapping[str, object]) -> Order:
    """Return the order a journal row tells of."""
    limit = body["limit_price"]
    return Order(
        client_id=str(body["client_id"]),
        decision_id=str(body["decision_id"]),
        code=str(body["code"]),
        quantity=Decimal(str(body["quantity"])),
        limit_price=None if limit is None else Decimal(str(limit)),
        state=OrderState(str(body["state"])),
        filled=Decimal(str(body["filled"])),
        reason=str(body["reason"]),
    )
