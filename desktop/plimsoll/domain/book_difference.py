"""What a changed positions file says otherwise than the book: added, removed and changed lines."""

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.domain.book import Book
from plimsoll.domain.book_event import Holding, HoldingsRestated
from plimsoll.domain.position import ZERO


@dataclass(frozen=True, slots=True)
class LineDifference:
    """One line that is not what it was.

    Attributes
    ----------
    what : str
        The code, or "Cash USD".
    before, after : Decimal
        Quantity or amount; zero where there is none.
    average_before, average_after : Decimal or None
        Average price; None for cash and for nothing.
    """

    what: str
    before: Decimal
    after: Decimal
    average_before: Decimal | None = None
    average_after: Decimal | None = None

    @property
    def word(self) -> str:
        """What happened to the line."""
        if not self.before:
            return "added"
        return "changed" if self.after else "removed"


def differences(held: Book, stated: Book) -> tuple[LineDifference, ...]:
    """Return the lines in which a file's book differs from the one held, positions first."""
    found = []
    for code in dict.fromkeys(line.code for line in (*held.positions, *stated.positions)):
        there, here = held.position(code), stated.position(code)
        was = (there.quantity, there.cost) if there else (ZERO, ZERO)
        now = (here.quantity, here.cost) if here else (ZERO, ZERO)
        if was != now:
            averages = (there.average_price if there else None, here.average_price if here else None)
            found.append(LineDifference(code, was[0], now[0], *averages))
    for currency in dict.fromkeys(line.currency for line in (*held.cash, *stated.cash)):
        before, after = held.cash_in(currency), stated.cash_in(currency)
        if before != after:
            found.append(LineDifference(f"Cash {currency}", before, after))
    return tuple(found)


def restatement_of(
    stated: Book, fingerprint: str, *, person: str, source: str, time_ns: int
) -> HoldingsRestated:
    """Return the event that makes a file's book the one held.

    Its id is made of the instant too: the same file may be accepted again after another.
    """
    return HoldingsRestated(
        event_id=f"file-{time_ns}",
        time_ns=time_ns,
        person=person,
        reason="the positions file changed on disk",
        source=source,
        holdings=tuple(Holding(line.code, line.quantity, line.cost) for line in stated.positions),
        cash=tuple((line.currency, line.amount) for line in stated.cash),
        fingerprint=fingerprint,
    )
