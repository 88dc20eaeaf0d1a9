"""A book event as the cells of a table: when, what, of what, how much, at what price and fee."""

from dataclasses import dataclass, replace
from decimal import Decimal

from plimsoll.domain.book_event import (
    BookEvent,
    CashMoved,
    CurrencyExchanged,
    DividendPaid,
    FeePaid,
    FundingPaid,
    SplitMade,
    TradeEntered,
)
from plimsoll.widgets import formats


@dataclass(frozen=True, slots=True)
class EventCells:
    """What each cell says; empty where an event has no such thing."""

    date: str = ""
    what: str = ""
    code: str = ""
    quantity: str = ""
    price: str = ""
    fee: str = ""


def cells_of(event: BookEvent) -> EventCells:
    """Return an event as cells."""
    date = formats.instant_utc(event.time_ns).removesuffix(" UTC") if event.time_ns else ""
    cells = EventCells(date, event.kind.capitalize())
    match event:
        case TradeEntered():
            side = "Buy" if event.quantity > 0 else "Sell"
            size = formats.quantity(float(abs(event.quantity)))
            fee = f"{event.fee.normalize():f}" if event.fee else ""
            cells = EventCells(date, side, event.code, size, f"{event.price.normalize():f}", fee)
        case CashMoved():
            way = "Deposit" if event.amount > 0 else "Withdrawal"
            cells = EventCells(date, way, event.currency, _amount(abs(event.amount)))
        case DividendPaid() | FundingPaid():
            cells = replace(cells, code=event.code, quantity=_amount(event.amount))
        case FeePaid():
            cells = replace(cells, code=event.code or event.currency, quantity=_amount(event.amount))
        case SplitMade():
            cells = replace(cells, code=event.code, quantity=f"{event.new_shares}:{event.old_shares}")
        case CurrencyExchanged():
            pair = f"{event.sold_currency} → {event.bought_currency}"
            cells = EventCells(date, "Exchange", pair, _amount(event.sold), _amount(event.bought))
    return cells


def _amount(amount: Decimal) -> str:
    return formats.number(float(amount), 2)
