"""A book from CSV files: the whole of it, or every complaint and nothing.

Positions, one line a code; cash has the code CASH, one line a currency::

    code,quantity,average_price,currency,note
    AAPL.US,24000,318.73,,
    CASH,2500000,,USD,
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from plimsoll import assets
from plimsoll.domain.book import Book, Cash
from plimsoll.domain.errors import Complaint, FileRefused
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.position import ZERO, Position
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.csv_table import CsvLine, lines_of
from plimsoll.storage.instruments_file import CASH_CODE, CURRENCY, CURRENCY_EXPECTED, instruments_from_file

_POSITION_COLUMNS = ("code", "quantity", "average_price")
_POSITION_EXTRAS = ("currency", "note")


@dataclass(frozen=True, slots=True)
class PortfolioCheck:
    """What a look at two files found.

    Attributes
    ----------
    book : Book or None
        The book they make; None where they were refused.
    instruments : Mapping
        The instrument master by code; empty where it was refused.
    complaints : tuple of Complaint
        Why they were refused.
    warnings : tuple of Complaint
        What does not stop the book from being taken, but leaves a position unpriceable or odd.
    path : Path
        The file the complaints are about.
    """

    book: Book | None
    instruments: Mapping[str, Instrument]
    complaints: tuple[Complaint, ...]
    warnings: tuple[Complaint, ...]
    path: Path


def book_from_files(
    instruments_path: Path, positions_path: Path, base_currency: str = "USD"
) -> tuple[Book, dict[str, Instrument]]:
    """Return the book and the instrument master that two files describe.

    Parameters
    ----------
    instruments_path, positions_path : Path
        The files; the book is named after the second.
    base_currency : str
        The currency NAV is stated in.

    Returns
    -------
    (Book, dict)
        The book, and every instrument by code, held or not.

    Raises
    ------
    FileRefused
        With every complaint about the first file that has any; nothing is taken.

    See Also
    --------
    warnings_about : What is odd about a book that was taken.
    """
    instruments = instruments_from_file(instruments_path)
    complaints = ComplaintList(positions_path)
    positions: dict[str, Position] = {}
    cash: dict[str, Cash] = {}
    lines: dict[str, int] = {}
    for line in lines_of(
        positions_path, required=_POSITION_COLUMNS, optional=_POSITION_EXTRAS, complaints=complaints
    ):
        is_cash = line.text("code").upper() == CASH_CODE
        key = f"{CASH_CODE} {line.text('currency')}" if is_cash else line.text("code")
        if key in lines:
            expected = f"each code and each cash currency once: it stands on line {lines[key]} already"
            line.complain("currency" if is_cash else "code", expected)
        lines.setdefault(key, line.number)
        if is_cash:
            _take_cash(line, cash)
        else:
            _take_position(line, instruments, positions)
    if not lines and not complaints.found:
        complaints.add("the file", "without positions", "one line for each position below the columns")
    complaints.refuse_if_any()
    book = Book(positions_path.stem, base_currency, tuple(positions.values()), tuple(cash.values()))
    return book, instruments


def warnings_about(book: Book, instruments: Mapping[str, Instrument]) -> tuple[Complaint, ...]:
    """Return what leaves positions of a good book unpriceable or odd; it does not stop the book.

    A currency without a way to the base currency (a pair in the instrument master: direct, inverse, or both
    through a third currency) makes its positions unpriceable, never 1.0. A quantity that is no whole number
    of lots is told.
    """
    pairs = {item.currency_pair for item in instruments.values() if item.currency_pair is not None}
    found = []
    users: dict[str, list[str]] = {}
    for held in book.positions:
        users.setdefault(instruments[held.code].currency, []).append(held.code)
    for line in book.cash:
        users.setdefault(line.currency, []).append(f"{CASH_CODE} {line.currency}")
    for currency, codes in users.items():
        if not _has_route(currency, book.base_currency, pairs):
            where = f"currency {currency} of {', '.join(codes)}"
            base = book.base_currency
            expected = (
                f"an instrument {currency}{base} or {base}{currency}, or a way through USD: add its line"
            )
            found.append(Complaint(where, f"without a way to {base}", expected))
    for held in book.positions:
        lot = Decimal(str(instruments[held.code].lot))
        if held.quantity % lot:
            found.append(Complaint(f"quantity of {held.code}", str(held.quantity), f"whole lots of {lot}"))
    return tuple(found)


def check(
    positions_path: Path, instruments_path: Path | None = None, base_currency: str = "USD"
) -> PortfolioCheck:
    """Return what is wrong with a positions file, without raising for it.

    Parameters
    ----------
    positions_path : Path
        The positions.
    instruments_path : Path or None
        The instrument master; None looks beside the positions, then takes the sample's.
    base_currency : str
        The currency NAV is stated in.
    """
    try:
        book, instruments = book_from_files(
            instruments_path or instruments_beside(positions_path), positions_path, base_currency
        )
    except FileRefused as refusal:
        return PortfolioCheck(None, {}, refusal.complaints, (), refusal.path)
    return PortfolioCheck(book, instruments, (), warnings_about(book, instruments), positions_path)


def instruments_beside(positions_path: Path) -> Path:
    """Return ``instruments.csv`` of the same folder, or the sample's where there is none."""
    beside = positions_path.parent / "instruments.csv"
    return beside if beside.is_file() else assets.path("samples/instruments.csv")


def _take_cash(line: CsvLine, cash: dict[str, Cash]) -> None:
    currency = line.matching("currency", CURRENCY, CURRENCY_EXPECTED)
    if line.text("average_price"):
        line.complain("average_price", "nothing: cash has no price")
    amount = line.decimal("quantity")
    if currency is not None and amount is not None:
        cash[currency] = Cash(currency, amount)


def _take_position(
    line: CsvLine, instruments: Mapping[str, Instrument], positions: dict[str, Position]
) -> None:
    instrument = instruments.get(line.text("code"))
    if instrument is None:
        line.complain("code", _unknown(line.text("code"), instruments))
    elif line.text("currency") not in {"", instrument.currency}:
        line.complain("currency", f"{instrument.currency}, as the instruments file says, or nothing")
    quantity = line.decimal("quantity")
    if quantity is not None and not quantity:
        line.complain("quantity", "bought above zero or sold short below: leave the line out if none is held")
    price = line.decimal("average_price")
    if price is None or quantity is None or instrument is None:
        return
    if price <= 0 and not instrument.may_be_negative and not (price == ZERO and instrument.is_funded):
        line.complain("average_price", "a price above zero (0 only for what was received free)")
    positions[instrument.code] = Position(instrument.code, quantity, quantity * price)


def _unknown(code: str, instruments: Iterable[str]) -> str:
    """Say which code was meant, where only the case or the market differs."""
    near = [known for known in instruments if known.lower().split(".")[0] == code.lower().split(".")[0]]
    hint = f" ({near[0]} is there; codes are case-sensitive)" if near and code else ""
    return f"a code of the instruments file{hint}: add a line for it there"


def _has_route(currency: str, base: str, pairs: set[tuple[str, str]]) -> bool:
    steps = {(bought, paid) for bought, paid in pairs} | {(paid, bought) for bought, paid in pairs}
    middles = {to for source, to in steps if source == currency}
    return currency == base or base in middles or any((middle, base) in steps for middle in middles)
