"""What an earlier session left in the journal, read back by the path that wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from plimsoll.domain.book import Book
from plimsoll.domain.book_event import CashMoved, HoldingsRestated, TradeEntered
from plimsoll.domain.book_record import BookRecord, record_of
from plimsoll.domain.instrument import Instrument
from plimsoll.engine.book_entry import BOOK_EVENT, BookEntry, Moved, entry_from
from plimsoll.engine.nav_anchor import NavAnchors
from plimsoll.engine.ports import Journal, JournalRow
from plimsoll.engine.universe import Universe

ENTRY_KINDS = frozenset({BOOK_EVENT, "fill", "flow"})
BREACH_KINDS = frozenset({"breach_raised", "breach_changed", "decision"})


@dataclass(frozen=True, slots=True)
class BookChange:
    """What was entered into the book in an earlier session.

    Attributes
    ----------
    exchange_time_ns : int
        When it was taken, by the market.
    before, after : Book
        What was held.
    entry : BookEntry
        The event, and the money it moved.
    """

    exchange_time_ns: int
    before: Book
    after: Book
    entry: BookEntry

    @property
    def code(self) -> str:
        """The instrument traded; empty for money from outside."""
        return str(getattr(self.entry.event, "code", ""))

    @property
    def currency(self) -> str:
        """Whose cash it moved first."""
        return self.entry.moves[0].currency

    @property
    def rate(self) -> float:
        """Base money per unit of that currency, at that moment."""
        return self.entry.moves[0].rate


@dataclass(slots=True)
class Restored:
    """The state a session begins with.

    Attributes
    ----------
    file_book : Book
        The file's book, before anything was entered.
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
        What was entered, oldest first.
    record : BookRecord
        The file's book with everything entered into it.
    newest_exchange_ns : int
        The newest exchange time of any row; 0 in an empty journal.
    book_row : int
        Number of the row that began this book: what tells its accounts from another book's; 0 for a new one.
    """

    file_book: Book
    is_new_book: bool = True
    breach_rows: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    high_water_mark: float | None = None
    unpriced: frozenset[str] = frozenset()
    day: Mapping[str, object] = field(default_factory=dict)
    changes: list[BookChange] = field(default_factory=list)
    newest_exchange_ns: int = 0
    book_row: int = 0
    anchors: NavAnchors = field(default_factory=NavAnchors)
    record: BookRecord = field(init=False)

    def __post_init__(self) -> None:
        self.record = record_of(self.file_book)

    @property
    def book(self) -> Book:
        """The book as it stands."""
        return self.record.book

    @property
    def fill_ids(self) -> set[str]:
        """Ids of everything entered."""
        return set(self.record.event_ids)


def restored_from(journal: Journal, book: Book, universe: Universe) -> Restored:
    """Return what the journal holds for `book`."""
    master = {item.code: item for item in universe.instruments}
    restored = Restored(book)
    for row in journal.rows():
        restored.newest_exchange_ns = max(restored.newest_exchange_ns, row.exchange_time_ns)
        if row.kind in BREACH_KINDS:
            restored.breach_rows.append((row.kind, row.body))
        elif row.kind == "book":
            _start_anew(restored, is_same=row.body["fingerprint"] == fingerprint(book))
            restored.book_row = row.number
        elif row.kind == "high_water_mark":
            _note_mark(restored, row.body)
        elif row.kind == "day_roll":
            restored.day = row.body
            restored.anchors.restore(row.body)
        elif row.body.get("event") == HoldingsRestated.kind:
            _restate(restored, row, master)
        elif row.kind in ENTRY_KINDS:
            _replay(restored, row, master)
    if restored.is_new_book:
        _start_anew(restored, is_same=False)
    return restored


def fingerprint(book: Book) -> str:
    """Return what tells one book from another: its base currency, quantities, costs and cash."""
    positions = ";".join(f"{p.code}={p.quantity.normalize()}@{p.cost.normalize()}" for p in book.positions)
    cash = ";".join(f"{line.currency}={line.amount.normalize()}" for line in book.cash)
    return f"{book.base_currency}|{positions}|{cash}"


def _start_anew(restored: Restored, *, is_same: bool) -> None:
    restored.record, restored.is_new_book = record_of(restored.file_book), not is_same
    restored.high_water_mark, restored.unpriced = None, frozenset()
    restored.anchors = NavAnchors()
    restored.day, restored.changes = {}, []


def _note_mark(restored: Restored, body: Mapping[str, object]) -> None:
    """Take up a mark, of another book too: a file accepted later goes on from it."""
    restored.high_water_mark = _number(body["high_water_mark"])
    restored.anchors.restore(body)
    unpriced = body["unpriced"]
    restored.unpriced = frozenset(unpriced) if isinstance(unpriced, list) else frozenset()


def _restate(restored: Restored, row: JournalRow, master: Mapping[str, Instrument]) -> None:
    """Go on with the file that was accepted, if it is the one this session has."""
    entry = entry_from(row.body)
    _scale_mark(restored, entry)
    fingerprint_then = getattr(entry.event, "fingerprint", "")
    restored.is_new_book = entry.before is None or fingerprint_then != fingerprint(restored.file_book)
    restored.record, restored.changes = record_of(restored.file_book), []
    if entry.before is None or restored.is_new_book:
        return
    if any(line.code not in master for line in entry.before.positions if line.quantity):
        return  # what the file no longer names cannot be valued: the day begins with the accepted book
    followed = tuple(line for line in entry.before.positions if line.code in master)
    restored.record = record_of(replace(entry.before, positions=followed))
    _take(restored, row, entry, master)


def _replay(restored: Restored, row: JournalRow, master: Mapping[str, Instrument]) -> None:
    if restored.is_new_book and row.kind == "fill":
        return
    entry = entry_from(row.body) if row.kind == BOOK_EVENT else _entry_of_old(row, restored.book, master)
    if entry.is_flow:
        _scale_mark(restored, entry)
    if not restored.is_new_book:
        _take(restored, row, entry, master)


def _take(restored: Restored, row: JournalRow, entry: BookEntry, master: Mapping[str, Instrument]) -> None:
    before = restored.book
    restored.record = restored.record.after(entry.event, master)
    restored.changes.append(BookChange(row.exchange_time_ns, before, restored.book, entry))


def _scale_mark(restored: Restored, entry: BookEntry) -> None:
    if restored.high_water_mark is not None and entry.nav_before > 0.0 and entry.nav_after > 0.0:
        scale = entry.nav_after / entry.nav_before
        restored.high_water_mark *= scale
        restored.anchors.flow(scale)


def _entry_of_old(row: JournalRow, book: Book, master: Mapping[str, Instrument]) -> BookEntry:
    """Return what a row of kind "fill" or "flow" says, as journals before the first events kept them."""
    body = row.body
    rate = _number(body["rate"])
    if row.kind == "flow":
        currency, amount = str(body["currency"]), Decimal(str(body["amount"]))
        flow = CashMoved(event_id=f"flow-{row.number}", currency=currency, amount=amount)
        nav = _number(body["nav"])
        moves = (Moved("", currency, float(amount), rate),)
        return BookEntry(flow, moves, True, None, nav, nav + float(amount) * rate)
    fill = TradeEntered(
        event_id=str(body["fill_id"]),
        code=str(body["code"]),
        quantity=Decimal(str(body["quantity"])),
        price=Decimal(str(body["price"])),
        fee=Decimal(str(body["fee"])),
    )
    currency = master[fill.code].currency
    moved = book.after_event(fill, master).cash_in(currency) - book.cash_in(currency)
    moves = (Moved(fill.code, currency, float(moved), rate),)
    return BookEntry(fill, moves, False, None, float("nan"), float("nan"))


def _number(value: object) -> float:
    return float(str(value))
