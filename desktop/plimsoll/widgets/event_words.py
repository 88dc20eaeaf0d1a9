"""What was entered into the book, in a line a person reads."""

from decimal import Decimal

from plimsoll.domain.book_event import (
    BookEvent,
    CashMoved,
    CurrencyExchanged,
    DividendPaid,
    EventUndone,
    FeePaid,
    FundingPaid,
    HoldingsRestated,
    SplitMade,
    TradeEntered,
)
from plimsoll.widgets import formats


def event_words(event: BookEvent) -> str:
    """Return an event in words."""
    words = event.kind
    match event:
        case TradeEntered():
            side = "Bought" if event.quantity > 0 else "Sold"
            size = formats.quantity(float(abs(event.quantity)))
            words = f"{side} {size} {event.code} at {event.price.normalize():f}"
        case CashMoved():
            way = "Deposit" if event.amount > 0 else "Withdrawal"
            words = f"{way} {_money(abs(event.amount), event.currency)}"
        case DividendPaid() | FundingPaid():
            words = f"{event.kind.capitalize()} {event.code} {_money(event.amount, event.currency)}"
        case FeePaid():
            words = f"Fee {_money(event.amount, event.currency)}{f' on {event.code}' if event.code else ''}"
        case SplitMade():
            words = f"Split {event.code} {event.new_shares} for {event.old_shares}"
        case CurrencyExchanged():
            given = _money(event.sold, event.sold_currency)
            words = f"Exchanged {given} for {_money(event.bought, event.bought_currency)}"
        case HoldingsRestated():
            words = f"Accepted {event.source or 'a positions file'}: {len(event.holdings)} positions"
        case EventUndone():
            words = f"Undid {event.undoes}"
    return words


def _money(amount: Decimal, currency: str) -> str:
    return formats.money(float(amount), currency, digits=2)
