"""What may be sent to the market at all: everything, only what reduces, or nothing but cancels."""

from decimal import Decimal
from enum import StrEnum


class TradingState(StrEnum):
    """The desk's own gate before the broker's."""

    ACTIVE = "ACTIVE"
    REDUCING = "REDUCING"
    HALTED = "HALTED"


def why_not_sent(
    state: TradingState,
    held: Decimal,
    to_come: tuple[Decimal, ...],
    quantity: Decimal,
    *,
    only_closes: bool = False,
) -> str:
    """Return why an order may not be sent in a trading state; empty where it may.

    In REDUCING the position after every working order and this one, in whatever order they fill, must lie
    between flat and what is held: |new| ≤ |old| and no flip. What was planned to close a position flips it
    in no state: by the time it goes another plan may have closed the same.

    Parameters
    ----------
    state : TradingState
        In force.
    held : Decimal
        Signed quantity held now.
    to_come : tuple of Decimal
        Signed remaining quantities of the working orders in the same instrument.
    quantity : Decimal
        Signed quantity of the order to be sent.
    only_closes : bool
        Whether it was planned to close what is held, and nothing more.
    """
    if not quantity:
        return "an order needs a quantity"
    if state is TradingState.HALTED:
        return "trading is HALTED: nothing but cancels passes"
    if state is TradingState.REDUCING:
        return _why_not_reducing(held, to_come, quantity)
    return _why_not_closing(held, to_come, quantity) if only_closes else ""


def _why_not_closing(held: Decimal, to_come: tuple[Decimal, ...], quantity: Decimal) -> str:
    if not held or (quantity > 0) == (held > 0):
        return f"it was planned to close a position, and {held:f} is held"
    closing = sum((part for part in to_come if (part > 0) != (held > 0)), Decimal(0))
    after = held + closing + quantity
    if after and (after > 0) != (held > 0):
        return f"it was planned to close a position: {held:f} would turn to {after:f} with what is working"
    return ""


def _why_not_reducing(held: Decimal, to_come: tuple[Decimal, ...], quantity: Decimal) -> str:
    if not held:
        return "trading is REDUCING and nothing is held: there is nothing to reduce"
    if (quantity > 0) == (held > 0):
        return f"trading is REDUCING: {quantity} would add to a position of {held}"
    adding = sum((part for part in to_come if (part > 0) == (held > 0)), Decimal(0))
    if adding:
        return f"trading is REDUCING: an order that adds {adding} still works; cancel it first"
    after = held + sum(to_come) + quantity
    if after and (after > 0) != (held > 0):
        return f"trading is REDUCING: {held} would flip to {after} with what is working"
    return ""
