"""What an earlier session left in the journal, read back by the path that wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.domain.book import Book
from plimsoll.domain.position import Fill
from plimsoll.engine.ports import Journal
from plimsoll.engine.universe import Universe

BREACH_KINDS = frozenset({"breach_raised", "breach_changed", "decision"})


@dataclass(frozen=True, slots=True)
class Restored:
    """The state a session begins with.

    Attributes
    ----------
    book : Book
        The file's book after the fills and flows made on it.
    is_new_book : bool
        Whether the journal knows another book, or none: then nothing is replayed and the mark starts anew.
    breach_rows : tuple of (str, Mapping)
        Rows for the limit watch, oldest first.
    high_water_mark : float or None
        The last mark of this book.
    day : Mapping
        The facts of the last day roll; empty where there was none.
    """

    book: Book
    is_new_book: bool
    breach_rows: tuple[tuple[str, Mapping[str, object]], ...]
    high_water_mark: float | None
    day: Mapping[str, object]


def restored_from(journal: Journal, book: Book, universe: Universe) -> Restored:
    """Return what the journal holds for `book`."""
    master = {item.code: item for item in universe.instruments}
    here = fingerprint(book)
    held = book
    is_same, mark = False, None
    breach_rows: list[tuple[str, Mapping[str, object]]] = []
    day: Mapping[str, object] = {}
    for row in journal.rows():
        if row.kind in BREACH_KINDS:
            breach_rows.append((row.kind, row.body))
        elif row.kind == "book":
            is_same, held, mark, day = row.body["fingerprint"] == here, book, None, {}
        elif not is_same:
            continue
        elif row.kind == "fill":
            held = held.after_fill(_fill(row.body), master)
        elif row.kind == "flow":
            held = held.after_flow(str(row.body["currency"]), Decimal(str(row.body["amount"])))
        elif row.kind == "high_water_mark":
            mark = float(str(row.body["high_water_mark"]))
        elif row.kind == "day_roll":
            day = row.body
    return Restored(held, not is_same, tuple(breach_rows), mark, day)


def fingerprint(book: Book) -> str:
    """Return what tells one book from another: its base currency, quantities, costs and cash."""
    positions = ";".join(f"{p.code}={p.quantity.normalize()}@{p.cost.normalize()}" for p in book.positions)
    cash = ";".join(f"{line.currency}={line.amount.normalize()}" for line in book.cash)
    return f"{book.base_currency}|{positions}|{cash}"


def _fill(body: Mapping[str, object]) -> Fill:
    return Fill(
        fill_id=str(body["fill_id"]),
        code=str(body["code"]),
        quantity=Decimal(str(body["quantity"])),
        price=Decimal(str(body["price"])),
        fee=Decimal(str(body["fee"])),
    )
