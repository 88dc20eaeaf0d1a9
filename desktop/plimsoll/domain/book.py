"""A book: positions, cash by currency, and the one way in which what happens to it changes them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.domain.book_event import (
    BookEvent,
    CashMoved,
    CurrencyExchanged,
    DividendPaid,
    FeePaid,
    FundingPaid,
    HoldingsRestated,
    SplitMade,
    TradeEntered,
    check_money,
    split_quantity,
)
from plimsoll.domain.errors import EventRefused, FillRefused, UnknownInstrument
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

    def after_event(self, event: BookEvent, instruments: Mapping[str, Instrument]) -> "Book":
        """Return the book after one event; a trade goes the one fill path.

        An undo is not of one book but of its record: see `BookRecord.after`.

        Raises
        ------
        UnknownInstrument
            If nobody described the event's code.
        EventRefused
            If the book cannot take it.
        """
        match event:
            case TradeEntered():
                fill = Fill(event.event_id, event.code, event.quantity, event.price, event.fee, event.time_ns)
                after = self.after_fill(fill, instruments)
            case CashMoved():
                check_money(event.amount, event.currency, is_signed=True)
                after = self.after_flow(event.currency, event.amount)
            case DividendPaid() | FundingPaid():
                _described(event.code, instruments)
                check_money(event.amount, event.currency, is_signed=True)
                after = self.after_flow(event.currency, event.amount)
            case FeePaid():
                after = self._after_fee(event, instruments)
            case SplitMade():
                after = self._after_split(event, instruments)
            case CurrencyExchanged():
                after = self._after_exchange(event)
            case HoldingsRestated():
                after = self._after_restatement(event, instruments)
            case _:
                raise EventRefused(f"a book cannot take the event {event.kind!r} by itself")
        return after

    def _after_fee(self, event: FeePaid, instruments: Mapping[str, Instrument]) -> "Book":
        check_money(event.amount, event.currency, is_signed=False)
        paid = self.after_flow(event.currency, -event.amount)
        if not event.code:
            return paid
        currency = _described(event.code, instruments).currency
        if currency != event.currency:
            raise EventRefused(
                f"the fee was in {event.currency}, expected {currency}, as {event.code} trades"
            )
        positions = tuple(
            replace(held, fees=held.fees + event.amount) if held.code == event.code else held
            for held in self.positions
        )
        return replace(paid, positions=positions)

    def _after_split(self, event: SplitMade, instruments: Mapping[str, Instrument]) -> "Book":
        _described(event.code, instruments)
        held = self.position(event.code)
        quantity = split_quantity(event, held.quantity if held else ZERO)
        positions = tuple(
            replace(line, quantity=quantity) if line.code == event.code else line for line in self.positions
        )
        return replace(self, positions=positions, version=self.version + 1)

    def _after_exchange(self, event: CurrencyExchanged) -> "Book":
        check_money(event.sold, event.sold_currency, is_signed=False)
        check_money(event.bought, event.bought_currency, is_signed=False)
        if event.sold_currency == event.bought_currency:
            raise EventRefused(f"both currencies were {event.sold_currency}, expected two different ones")
        after = self.after_flow(event.sold_currency, -event.sold)
        return replace(after.after_flow(event.bought_currency, event.bought), version=self.version + 1)

    def _after_restatement(self, event: HoldingsRestated, instruments: Mapping[str, Instrument]) -> "Book":
        """Hold what the file says; lines it no longer names stay at nought, as what they realised does."""
        stated = {held.code: held for held in event.holdings}
        for code in stated:
            _described(code, instruments)
        known = {held.code for held in self.positions}
        new = (Position(code, ZERO, ZERO) for code in stated if code not in known)
        positions = tuple(
            replace(line, quantity=stated[line.code].quantity, cost=stated[line.code].cost)
            if line.code in stated
            else replace(line, quantity=ZERO, cost=ZERO)
            for line in (*self.positions, *new)
        )
        cash = tuple(Cash(currency, amount) for currency, amount in event.cash)
        return replace(self, positions=positions, cash=cash, version=self.version + 1)


def _described(code: str, instruments: Mapping[str, Instrument]) -> Instrument:
    if code not in instruments:
        raise UnknownInstrument(code)
    return instruments[code]


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
