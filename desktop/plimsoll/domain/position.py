"""A position: a signed quantity, what it cost, and what closing parts of it has earned."""

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Position:
    """What is held of one instrument.

    Attributes
    ----------
    code : str
        The instrument's code.
    quantity : Decimal
        Signed; short is below zero.
    cost : Decimal
        Signed quantity × average price, in the instrument's currency, multiplier not applied. It is kept
        instead of the average so that buying then selling everything is exact.
    realised : Decimal
        P&L of what has been closed, in the instrument's currency, multiplier applied, fees apart.
    fees : Decimal
        Fees paid, in the instrument's currency, as a positive number.
    """

    code: str
    quantity: Decimal
    cost: Decimal
    realised: Decimal = ZERO
    fees: Decimal = ZERO

    @property
    def average_price(self) -> Decimal | None:
        """Average price of what is open; None when nothing is."""
        return self.cost / self.quantity if self.quantity else None


@dataclass(frozen=True, slots=True)
class Fill:
    """A trade that happened.

    Attributes
    ----------
    fill_id : str
        Unique; a fill already in the book is not taken twice.
    code : str
        The instrument's code.
    quantity : Decimal
        Signed: bought above zero, sold below.
    price : Decimal
        Price paid or received, in the instrument's currency.
    fee : Decimal
        Fee as a positive number, in the instrument's currency.
    exchange_time_ns : int
        When it happened, by the market.
    """

    fill_id: str
    code: str
    quantity: Decimal
    price: Decimal
    fee: Decimal = ZERO
    exchange_time_ns: int = 0


def position_after(position: Position, quantity: Decimal, price: Decimal, multiplier: Decimal) -> Position:
    """Return the position after trading `quantity` at `price`, realising by average cost.

    A trade that closes more than is held closes everything and opens the rest the other way at `price`.
    """
    held = position.quantity
    if not held or (held > 0) == (quantity > 0):
        return Position(
            position.code, held + quantity, position.cost + quantity * price, position.realised, position.fees
        )
    closed = -held if abs(quantity) >= abs(held) else quantity
    released = position.cost if closed == -held else position.cost * (-closed / held)
    realised = position.realised + (-closed * price - released) * multiplier
    opened = quantity - closed
    return Position(
        position.code,
        held + quantity,
        opened * price if opened or closed == -held else position.cost - released,
        realised,
        position.fees,
    )
