"""The sample book as it might have been on an earlier day: what was quoted then, at the values of now."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

from plimsoll.domain.book import Book
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.position import Position


def book_then(book: Book, master: Mapping[str, Instrument], close_of: Mapping[str, float]) -> Book:
    """Return a book whose positions cost then what they cost in the book given, bought at the closes of then.

    Quantities are rounded to whole lots. What had no price then, or whose lot is too large for its value, is
    left out; the cash stays.

    Parameters
    ----------
    book : Book
        The book of now.
    master : Mapping
        Its instruments by code.
    close_of : Mapping
        The last close before the first day, by code; codes without one are not quoted then.
    """
    positions = []
    for line in book.positions:
        close = Decimal(str(close_of.get(line.code, 0.0)))
        if close <= 0 or line.quantity == 0:
            continue
        lot = Decimal(str(master[line.code].lot)) or Decimal(1)
        lots = (line.cost / close / lot).quantize(Decimal(1), ROUND_HALF_EVEN)
        if lots:
            quantity = lots * lot
            positions.append(Position(line.code, quantity, quantity * close))
    return replace(book, positions=tuple(positions))
