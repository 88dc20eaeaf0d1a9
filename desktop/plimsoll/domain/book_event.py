"""What may happen to a book besides prices: one frozen event each, and how it stands in the journal.

Dividends, fees and funding are profit or loss; deposits and withdrawals are flows and leave drawdown alone; a
split and an exchange of currencies change what is held, not what it is worth.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from plimsoll.domain.errors import EventRefused
from plimsoll.domain.position import ZERO

CURRENCY = re.compile(r"[A-Z]{3,5}")
LARGEST_SPLIT = 10_000
BY_ORDER = "order"
"""The source of a trade that is a fill of an order of ours: the broker knows of it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookEvent:
    """Who entered something into the book, when and why.

    Attributes
    ----------
    event_id : str
        Unique; an event already in the book is not taken twice.
    time_ns : int
        When it happened, by the market; 0 when nobody said.
    person : str
        Who entered it.
    reason : str
        Why, in the person's words.
    source : str
        Where it comes from: "entered", the name of the file, or `BY_ORDER`.
    """

    kind: ClassVar[str] = ""
    event_id: str
    time_ns: int = 0
    person: str = ""
    reason: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeEntered(BookEvent):
    """A trade: `quantity` bought above zero, sold below, at `price`; the fee is a positive number."""

    kind: ClassVar[str] = "trade"
    code: str
    quantity: Decimal
    price: Decimal
    fee: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class CashMoved(BookEvent):
    """A deposit (`amount` above zero) or a withdrawal (below)."""

    kind: ClassVar[str] = "cash"
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DividendPaid(BookEvent):
    """A dividend received (`amount` above zero), or owed by a short position (below)."""

    kind: ClassVar[str] = "dividend"
    code: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FeePaid(BookEvent):
    """A fee of `amount`, a positive number; `code` where it belongs to one instrument."""

    kind: ClassVar[str] = "fee"
    currency: str
    amount: Decimal
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingPaid(BookEvent):
    """Funding or interest of a position: `amount` above zero was received, below paid."""

    kind: ClassVar[str] = "funding"
    code: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitMade(BookEvent):
    """A split: `new_shares` for every `old_shares`.

    Attributes
    ----------
    is_price_adjusted : bool
        Whether the feed quotes the new price already; if not, the mark is scaled with the split.
    """

    kind: ClassVar[str] = "split"
    code: str
    new_shares: int
    old_shares: int
    is_price_adjusted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyExchanged(BookEvent):
    """Cash of one currency changed into another; both amounts are positive numbers."""

    kind: ClassVar[str] = "exchange"
    sold_currency: str
    sold: Decimal
    bought_currency: str
    bought: Decimal


@dataclass(frozen=True, slots=True)
class Holding:
    """One line of a positions file: a signed quantity and its cost (quantity × average price)."""

    code: str
    quantity: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingsRestated(BookEvent):
    """A positions file that changed on disk and was accepted: from now on the book is what it says.

    What came or went with it is a flow, no profit.

    Attributes
    ----------
    holdings : tuple of Holding
        Every position of the file; what is not named is no longer held.
    cash : tuple of (str, Decimal)
        Every cash line of the file.
    fingerprint : str
        Of the file's book: a later start with the same file goes on from here.
    """

    kind: ClassVar[str] = "restatement"
    holdings: tuple[Holding, ...]
    cash: tuple[tuple[str, Decimal], ...]
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventUndone(BookEvent):
    """The counter-entry: the book is as if the event `undoes` had never happened; both stay written."""

    kind: ClassVar[str] = "undo"
    undoes: str


KINDS: Mapping[str, type[BookEvent]] = {
    event.kind: event
    for event in (
        TradeEntered,
        CashMoved,
        DividendPaid,
        FeePaid,
        FundingPaid,
        SplitMade,
        CurrencyExchanged,
        HoldingsRestated,
        EventUndone,
    )
}
FLOWS = (CashMoved, HoldingsRestated)


def counter_of(event: BookEvent, *, person: str = "", reason: str = "", time_ns: int = 0) -> EventUndone:
    """Return the counter-entry of an event; that of a counter-entry takes the event up again."""
    return EventUndone(
        event_id=f"undo-{event.event_id}",
        undoes=event.event_id,
        person=person,
        reason=reason,
        time_ns=time_ns,
        source="entered",
    )


def check_money(amount: Decimal, currency: str, *, is_signed: bool) -> None:
    """Refuse money that is none.

    Raises
    ------
    EventRefused
        If the amount is zero, not finite, or below zero where it must not be, or the currency is not one.
    """
    expected = "an amount above or below zero" if is_signed else "an amount above zero"
    if not amount.is_finite() or not amount or (amount < 0 and not is_signed):
        raise EventRefused(f"the amount was {amount}, expected {expected}")
    if not CURRENCY.fullmatch(currency):
        raise EventRefused(f"the currency was {currency!r}, expected capitals like USD")


def split_quantity(event: SplitMade, quantity: Decimal) -> Decimal:
    """Return the quantity after a split.

    Raises
    ------
    EventRefused
        If the ratio is none, nothing is held, or the new quantity would be no exact number: the fraction paid
        out in cash is a trade of its own.
    """
    new, old = event.new_shares, event.old_shares
    if not (0 < new <= LARGEST_SPLIT and 0 < old <= LARGEST_SPLIT) or new == old:
        raise EventRefused(f"the split was {new} for {old}, expected two different whole numbers above zero")
    if not quantity:
        raise EventRefused(f"nothing of {event.code} is held: a split needs a position")
    after = quantity * new / old
    if after * old != quantity * new:
        raise EventRefused(
            f"{quantity} of {event.code} split {new} for {old} is no exact quantity, expected one: "
            "enter the part that is paid out in cash as a trade first"
        )
    return after


def event_body(event: BookEvent) -> dict[str, object]:
    """Return an event as JSON-able facts; `event_from` reads them back."""
    body: dict[str, object] = {"event": event.kind}
    for field in fields(event):
        value = getattr(event, field.name)
        body[field.name] = _plain(value)
    return body


def event_from(body: Mapping[str, object]) -> BookEvent:
    """Return the event that facts describe.

    Raises
    ------
    EventRefused
        If they describe none.
    """
    kind = KINDS.get(str(body.get("event")))
    if kind is None:
        raise EventRefused(f"the event was {body.get('event')!r}, expected one of {', '.join(KINDS)}")
    try:
        values: dict[str, Any] = {field.name: _value(field.name, body[field.name]) for field in fields(kind)}
        return kind(**values)
    except (KeyError, ValueError, TypeError, InvalidOperation) as fault:
        raise EventRefused(f"the {kind.kind} could not be read: {fault!r}") from fault


_DECIMALS = frozenset({"quantity", "price", "fee", "amount", "sold", "bought"})


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Holding):
        return [value.code, str(value.quantity), str(value.cost)]
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _value(name: str, value: object) -> object:
    if name in _DECIMALS:
        return Decimal(str(value))
    if name == "holdings" and isinstance(value, list):
        return tuple(Holding(str(code), Decimal(str(q)), Decimal(str(cost))) for code, q, cost in value)
    if name == "cash" and isinstance(value, list):
        return tuple((str(currency), Decimal(str(amount))) for currency, amount in value)
    return value
