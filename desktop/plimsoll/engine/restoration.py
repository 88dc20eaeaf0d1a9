"""What an earlier session left in the journal, read back by the path that wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from plimsoll.domain.book import Book
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.position import Fill
from plimsoll.engine.ports import Journal, JournalRow
from plimsoll.engine.universe import Universe

BREACH_KINDS = frozenset({"breach_raised", "breach_changed", "decision"})


@dataclass(frozen=True, slots=True)
class BookChange:
    """A fill or a flow of an earlier session.

    Attributes
    ----------
    exchange_time_ns : int
        When it was taken, by the market.
    before, after : Book
        What was held.
    code : str
        The instrument traded; empty for money from outside.
    currency : str
        Whose cash it moved.
    rate : float
        Base money per unit at that moment; NaN unknown.
    """

    exchange_time_ns: int
    before: Book
    after: Book
    code: str
    currency: str
    rate: float


@dataclass(slots=True)
class Restored:
    """The state a session begins with.

    Attributes
    ----------
    book : Book
        The file's book after the fills and flows made on it.
    is_new_book : bool
        Whether the journal knows another book, or none: then nothing is replayed and the mark starts anew.
    breach_rows : list of (str, Mapping)
        Rows for the limit watch, oldest first.
    high_water_mark : float or None
        The last mark of this book, flows since taken into account.
    unpriced : frozenset of str
        Codes without a price when that mark was written: it does not speak of them.
    day : Mapping
        The facts of the last day roll; empty where there was none.
    changes : list of BookChange
        Fills and flows, oldest first.
    fill_ids : set of str
        Fills the book has taken.
    newest_exchange_ns : int
        The newest exchange time of any row; 0 in an empty journal.
    """

    book: Book
    is_new_book: bool = True
    breach_rows: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    high_water_mark: float | None = None
    unpriced: frozenset[str] = frozenset()
    day: Mapping[str, object] = field(default_factory=dict)
    changes: list[BookChange] = field(default_factory=list)
    fill_ids: set[str] = field(default_factory=set)
    newest_exchange_ns: int = 0


def restored_from(journal: Journal, book: Book, universe: Universe) -> Restored:
    """Return what the journal holds for `book`."""
    master = {item.code: item for item in universe.instruments}
    restored = Restored(book)
    for row in journal.rows():
        restored.newest_exchange_ns = max(restored.newest_exchange_ns, row.exchange_time_ns)
        if row.kind in BREACH_KINDS:
            restored.breach_rows.append((row.kind, row.body))
        elif row.kind == "book":
            _start_anew(restored, book, is_same=row.body["fingerprint"] == fingerprint(book))
        elif not restored.is_new_book:
            _replay(restored, row, master)
    return restored


def fingerprint(book: Book) -> str:
    """Return what tells one book from another: its base currency, quantities, costs and cash."""
    positions = ";".join(f"{p.code}={p.quantity.normalize()}@{p.cost.normalize()}" for p in book.positions)
    cash = ";".join(f"{line.currency}={line.amount.normalize()}" for line in book.cash)
    return f"{book.base_currency}|{positions}|{cash}"


def _start_anew(restored: Restored, book: Book, *, is_same: bool) -> None:
    restored.book, restored.is_new_book = book, not is_same
    restored.high_water_mark, restored.unpriced = None, frozenset()
    restored.day, restored.changes, restored.fill_ids = {}, [], set()


def _replay(restored: Restored, row: JournalRow, master: Mapping[str, Instrument]) -> None:
    body = row.body
    if row.kind == "fill":
        fill = _fill(body)
        restored.fill_ids.add(fill.fill_id)
        after = restored.book.after_fill(fill, master)
        _change(restored, row, after, fill.code, master[fill.code].currency)
    elif row.kind == "flow":
        currency, amount = str(body["currency"]), Decimal(str(body["amount"]))
        _change(restored, row, restored.book.after_flow(currency, amount), "", currency)
        nav, moved = _number(body["nav"]), float(amount) * _number(body["rate"])
        if restored.high_water_mark is not None and nav > 0.0 and nav + moved > 0.0:
            restored.high_water_mark *= (nav + moved) / nav
    elif row.kind == "high_water_mark":
        restored.high_water_mark = _number(body["high_water_mark"])
        unpriced = body["unpriced"]
        restored.unpriced = frozenset(unpriced) if isinstance(unpriced, list) else frozenset()
    elif row.kind == "day_roll":
        restored.day = body


def _change(restored: Restored, row: JournalRow, after: Book, code: str, currency: str) -> None:
    change = BookChange(row.exchange_time_ns, restored.book, after, code, currency, _number(row.body["rate"]))
    restored.changes.append(change)
    restored.book = after


def _number(value: object) -> float:
    return float(str(value))


def _fill(body: Mapping[str, object]) -> Fill:
    return Fill(
        fill_id=str(body["fill_id"]),
        code=str(body["code"]),
        quantity=Decimal(str(body["quantity"])),
        price=Decimal(str(body["price"])),
        fee=Decimal(str(body["fee"])),
    )
