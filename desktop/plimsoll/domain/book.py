"""A book: positions, cash by currency, and the one way in which a fill or a flow changes them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.domain.errors import FillRefused, UnknownInstrument
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.position import ZERO, Fill, Position, position_after


@dataclass(frozen=True, slots=True)
class Cash:
    """Money of one currency; below zero is owed."""

    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Book:
    """Everything held, at one instant.

    Attributes
    ----------
    name : str
        What the trader calls it.
    base_currency : str
        The currency NAV and every risk figure are stated in.
    positions : tuple of Position
        One a code, in the order of the file.
    cash : tuple of Cash
        One a currency.
    version : int
        Rises by one with each fill, flow or new file; a proposal is bound to it.
    """

    name: str
    base_currency: str
    positions: tuple[Position, ...]
    cash: tuple[Cash, ...] = ()
    version: int = 0

    def position(self, code: str) -> Position | None:
        """Return the position in `code`, or None."""
        return next((position for position in self.positions if position.code == code), None)

    def cash_in(self, currency: str) -> Decimal:
        """Return the cash of one currency, zero where there is none."""
        return next((line.amount for line in self.cash if line.currency == currency), ZERO)

    def after_fill(self, fill: Fill, instruments: Mapping[str, Instrument]) -> "Book":
        """Return the book after a fill: the one fill path of the program.

        A funded instrument's whole price moves cash; of an unfunded one only the realised difference does.
        The fee is paid in the instrument's currency.

        Raises
        ------
        UnknownInstrument
            If nobody described the code.
        FillRefused
            If the quantity is zero or the fee negative, or a price needs leave to be zero or below.
        """
        instrument = instruments.get(fill.code)
        if instrument is None:
            raise UnknownInstrument(fill.code)
        _check(fill, instrument)
        before = self.position(fill.code) or Position(fill.code, ZERO, ZERO)
        multiplier = Decimal(str(instrument.multiplier))
        after = position_after(before, fill.quantity, fill.price, multiplier)
        after = replace(after, fees=after.fees + fill.fee)
        paid = (
            fill.quantity * fill.price * multiplier
            if instrument.is_funded
            else before.realised - after.realised
        )
        positions = tuple(after if held.code == fill.code else held for held in self.positions)
        if self.position(fill.code) is None:
            positions = (*positions, after)
        return replace(self.after_flow(instrument.currency, -paid - fill.fee), positions=positions)

    def after_flow(self, currency: str, amount: Decimal) -> "Book":
        """Return the book after `amount` of `currency` came in (above zero) or went out (below)."""
        changed = Cash(currency, self.cash_in(currency) + amount)
        lines = tuple(changed if line.currency == currency else line for line in self.cash)
        if all(line.currency != currency for line in self.cash):
            lines = (*lines, changed)
        return replace(self, cash=lines, version=self.version + 1)


def _check(fill: Fill, instrument: Instrument) -> None:
    if not fill.quantity.is_finite() or not fill.quantity:
        quantity = fill.quantity
        raise FillRefused(
            f"fill {fill.fill_id}: quantity was {quantity}, expected bought above zero or sold below"
        )
    if not fill.fee.is_finite() or fill.fee < 0:
        raise FillRefused(f"fill {fill.fill_id}: fee was {fill.fee}, expected zero or more")
    if not fill.price.is_finite() or fill.price == 0 or (fill.price < 0 and not instrument.may_be_negative):
        raise FillRefused(f"fill {fill.fill_id}: price was {fill.price}, expected above zero for {fill.code}")
