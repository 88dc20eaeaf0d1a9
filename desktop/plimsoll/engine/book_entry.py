"""One entry of the book as the journal keeps it: the event, the money it moved, and what it was worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from plimsoll.domain.book import Book, Cash
from plimsoll.domain.book_event import BookEvent, event_body, event_from
from plimsoll.domain.position import Position
from plimsoll.engine.day_reference import CashMove
from plimsoll.engine.universe import Universe

BOOK_EVENT = "book_event"
"""The kind of the journal row."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Money an entry moved, as the day's reference takes it.

    Attributes
    ----------
    code : str
        The instrument it belongs to; empty for money from outside.
    currency : str
        Whose cash.
    amount : float
        Above zero came in.
    rate : float
        Base money per unit at that moment; NaN unknown.
    """

    code: str
    currency: str
    amount: float
    rate: float


@dataclass(frozen=True, slots=True)
class PriceScale:
    """What a split does to the prices of its instrument.

    Attributes
    ----------
    code : str
        The instrument.
    anchor : float
        What the day's reference prices are multiplied by; the quantity held at the roll is divided by it.
    mark : float
        What the mark is multiplied by; 1.0 where the feed quotes the new price already.
    """

    code: str
    anchor: float
    mark: float


@dataclass(frozen=True, slots=True)
class BookEntry:
    """An event and what came of it.

    Attributes
    ----------
    event : BookEvent
        What was entered.
    moves : tuple of Moved
        The money it moved.
    is_flow : bool
        Whether the high-water mark scales with NAV: what came or went is no profit.
    scale : PriceScale or None
        What a split did to prices.
    nav_before, nav_after : float
        NAV in base money at the marks of that moment.
    before : Book or None
        What was held before a restatement, which cannot be worked out from the new file.
    """

    event: BookEvent
    moves: tuple[Moved, ...]
    is_flow: bool
    scale: PriceScale | None
    nav_before: float
    nav_after: float
    before: Book | None = None


def entry_body(entry: BookEntry) -> dict[str, object]:
    """Return the facts of the journal row; `entry_from` reads them back."""
    scale, before = entry.scale, entry.before
    return {
        **event_body(entry.event),
        "moves": [[move.code, move.currency, move.amount, move.rate] for move in entry.moves],
        "is_flow": entry.is_flow,
        "scale": [scale.code, scale.anchor, scale.mark] if scale else [],
        "nav_before": entry.nav_before,
        "nav_after": entry.nav_after,
        "before": _book_body(before) if before else {},
    }


def entry_from(body: Mapping[str, object]) -> BookEntry:
    """Return the entry that a row of the journal tells.

    Raises
    ------
    EventRefused
        If its event is none.
    """
    facts: Mapping[str, Any] = body
    return BookEntry(
        event=event_from(body),
        moves=tuple(Moved(code, currency, float(a), float(r)) for code, currency, a, r in facts["moves"]),
        is_flow=bool(facts["is_flow"]),
        scale=PriceScale(*facts["scale"]) if facts["scale"] else None,
        nav_before=float(facts["nav_before"]),
        nav_after=float(facts["nav_after"]),
        before=_book_from(facts["before"]) if facts["before"] else None,
    )


def cash_moves(moves: Sequence[Moved], universe: Universe) -> list[CashMove]:
    """Return moves by number, for the day's reference."""
    return [
        CashMove(
            universe.codes.index(move.code) if move.code else None,
            universe.currencies.index(move.currency),
            move.amount,
            move.rate,
        )
        for move in moves
    ]


def _book_body(book: Book) -> dict[str, object]:
    return {
        "name": book.name,
        "base_currency": book.base_currency,
        "version": book.version,
        "positions": [
            [line.code, *(str(figure) for figure in (line.quantity, line.cost, line.realised, line.fees))]
            for line in book.positions
        ],
        "cash": [[line.currency, str(line.amount)] for line in book.cash],
    }


def _book_from(facts: Mapping[str, Any]) -> Book:
    return Book(
        facts["name"],
        facts["base_currency"],
        tuple(Position(code, *map(Decimal, figures)) for code, *figures in facts["positions"]),
        tuple(Cash(currency, Decimal(amount)) for currency, amount in facts["cash"]),
        int(facts["version"]),
    )
