"""Trades, cash and other events from a CSV file: each line an event, or refused with every complaint of it.

One line each; a kind needs the columns that say it, the others stay empty::

    kind,code,quantity,price,fee,currency,amount,to_currency,to_amount,ratio,time,reason
    trade,AAPL.US,-400,310.25,1,,,,,,2026-11-20T15:31:00Z,trim
    deposit,,,,,EUR,100000,,,,,
    withdrawal,,,,,USD,2500,,,,,rent
    dividend,AAPL.US,,,,USD,240,,,,,
    fee,,,,,USD,90,,,,,custody
    funding,USDJPY,,,,JPY,-3000,,,,,
    split,AAPL.US,,,,,,,,4:1,,
    exchange,,,,,USD,110000,EUR,100000,,,

An event's id is made of what it says, so that the same file taken twice is recognised; two equal lines of one
file are two events. Its source names the file and what stood in it, so that one import is undone as a whole.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from plimsoll.domain.book_event import (
    BookEvent,
    CashMoved,
    CurrencyExchanged,
    DividendPaid,
    FeePaid,
    FundingPaid,
    SplitMade,
    TradeEntered,
    event_body,
    event_from,
)
from plimsoll.domain.book_import import ImportFile, ImportLine
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.position import ZERO
from plimsoll.domain.units import NS_PER_S
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.csv_table import CsvLine, lines_of
from plimsoll.storage.instruments_file import CURRENCY, CURRENCY_EXPECTED
from plimsoll.storage.text_file import text_of

OPTIONAL = (
    "code",
    "quantity",
    "price",
    "fee",
    "currency",
    "amount",
    "to_currency",
    "to_amount",
    "ratio",
    "time",
    "reason",
)
SHORT = 8
"""So many digits of a digest tell one state of a file from another."""
_RATIO = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})", re.ASCII)
_WITH_OFFSET = "an instant with its zone, like 2026-11-20T15:31:00Z, or nothing"
_OWN_WORDS = frozenset({"event_id", "person", "source", "reason"})


def trades_from_file(path: Path, instruments: Mapping[str, Instrument], person: str = "") -> ImportFile:
    """Return the lines of a file, in its order: each an event with an id made of what it says, or refused.

    Parameters
    ----------
    path : Path
        The file.
    instruments : Mapping
        The instrument master; a code it does not describe is a complaint.
    person : str
        Who imports it.

    Raises
    ------
    FileRefused
        If it cannot be read at all, or says nothing.
    """
    complaints = ComplaintList(path)
    lines: list[ImportLine] = []
    said: Counter[str] = Counter()
    text = text_of(path)
    source = f"{path.name} {_digest(text)[:SHORT]}"
    for line in lines_of(path, required=("kind",), optional=OPTIONAL, complaints=complaints, text=text):
        event = _event(line, instruments)
        if event is None:
            continue
        body = event_body(event)
        facts = {name: value for name, value in body.items() if name not in _OWN_WORDS}
        digest = _digest(json.dumps(facts, sort_keys=True))[:20]
        said[digest] += 1
        event_id = f"{digest}-{said[digest]}"
        taken = event_from({**body, "event_id": event_id, "person": person, "source": source})
        lines.append(ImportLine(line.number, taken))
    lines += _refused(complaints)
    if not lines:
        complaints.add("the file", "without events", "one line for each event below the columns")
        complaints.refuse()
    return ImportFile(path.name, tuple(sorted(lines, key=lambda line: line.number)))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _refused(complaints: ComplaintList) -> list[ImportLine]:
    """Return the lines that were complained of, each with everything wrong with it."""
    wrong: dict[int, list[str]] = {}
    for each in complaints.found:
        number, _, column = each.where.removeprefix("line ").partition(", column ")
        where = f"{column}: " if column else ""
        wrong.setdefault(int(number), []).append(f"{where}was {each.was!r}, expected {each.expected}")
    return [ImportLine(number, None, "; ".join(words)) for number, words in wrong.items()]


def _event(line: CsvLine, instruments: Mapping[str, Instrument]) -> BookEvent | None:
    """Return the event of a line under an id still to be made, or None after complaints."""
    kind = line.choice("kind", tuple(_READERS))
    time_ns = _time_ns(line)
    if kind is None:
        return None
    before = len(line.complaints.found)
    reader, used = _READERS[kind]
    for column in OPTIONAL[:-2]:
        if column not in used and line.text(column):
            line.complain(column, f"nothing: a {kind} does not have it")
    code = line.text("code")
    if "code" in used and code not in instruments and (code or kind != "fee"):
        line.complain("code", "a code of the instrument master, spelt as there: add a line for it")
    body = reader(line)
    if body is None or time_ns is None or len(line.complaints.found) > before:
        return None
    common = {"event_id": "", "person": "", "source": "", "reason": line.text("reason"), "time_ns": time_ns}
    return event_from({**body, **common})


def _trade(line: CsvLine) -> dict[str, object] | None:
    quantity, price = _not_zero(line, "quantity"), _not_zero(line, "price")
    fee = line.number_or("fee", ZERO)
    if fee is not None and fee < 0:
        line.complain("fee", "zero or more")
    if quantity is None or price is None or fee is None:
        return None
    facts = {"code": line.text("code"), "quantity": quantity, "price": price, "fee": fee}
    return {"event": TradeEntered.kind, **facts}


def _cash(sign: int) -> Callable[[CsvLine], dict[str, object] | None]:
    def read(line: CsvLine) -> dict[str, object] | None:
        money = _money(line, "currency", "amount", is_signed=False)
        return {"event": CashMoved.kind, "currency": money[0], "amount": sign * money[1]} if money else None

    return read


def _paid(kind: str, *, is_signed: bool) -> Callable[[CsvLine], dict[str, object] | None]:
    def read(line: CsvLine) -> dict[str, object] | None:
        money = _money(line, "currency", "amount", is_signed=is_signed)
        if money is None:
            return None
        return {"event": kind, "code": line.text("code"), "currency": money[0], "amount": money[1]}

    return read


def _split(line: CsvLine) -> dict[str, object] | None:
    found = _RATIO.fullmatch(line.text("ratio"))
    if found is None or found[1] == found[2]:
        line.complain("ratio", "new shares to old ones, like 4:1")
        return None
    facts = {"code": line.text("code"), "new_shares": int(found[1]), "old_shares": int(found[2])}
    return {"event": SplitMade.kind, "is_price_adjusted": False, **facts}


def _exchange(line: CsvLine) -> dict[str, object] | None:
    sold = _money(line, "currency", "amount", is_signed=False)
    bought = _money(line, "to_currency", "to_amount", is_signed=False)
    if sold is None or bought is None:
        return None
    if sold[0] == bought[0]:
        line.complain("to_currency", "another currency than the one sold")
    facts = {"sold_currency": sold[0], "sold": sold[1], "bought_currency": bought[0], "bought": bought[1]}
    return {"event": CurrencyExchanged.kind, **facts}


_MONEY = frozenset({"currency", "amount"})
_READERS: dict[str, tuple[Callable[[CsvLine], dict[str, object] | None], frozenset[str]]] = {
    "trade": (_trade, frozenset({"code", "quantity", "price", "fee"})),
    "deposit": (_cash(1), _MONEY),
    "withdrawal": (_cash(-1), _MONEY),
    "dividend": (_paid(DividendPaid.kind, is_signed=True), _MONEY | {"code"}),
    "fee": (_paid(FeePaid.kind, is_signed=False), _MONEY | {"code"}),
    "funding": (_paid(FundingPaid.kind, is_signed=True), _MONEY | {"code"}),
    "split": (_split, frozenset({"code", "ratio"})),
    "exchange": (_exchange, _MONEY | {"to_currency", "to_amount"}),
}


def _money(
    line: CsvLine, currency_column: str, amount_column: str, *, is_signed: bool
) -> tuple[str, Decimal] | None:
    currency = line.matching(currency_column, CURRENCY, CURRENCY_EXPECTED)
    amount = _not_zero(line, amount_column)
    if amount is not None and amount < 0 and not is_signed:
        line.complain(amount_column, "an amount above zero: the kind says which way it goes")
    return None if currency is None or amount is None else (currency, amount)


def _not_zero(line: CsvLine, column: str) -> Decimal | None:
    value = line.decimal(column)
    if value is not None and not value:
        line.complain(column, "a number above or below zero")
        return None
    return value


def _time_ns(line: CsvLine) -> int | None:
    """Return the instant of a line, 0 where it says none, None after a complaint."""
    text = line.text("time")
    if not text:
        return 0
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        line.complain("time", _WITH_OFFSET)
        return None
    return int(moment.astimezone(UTC).timestamp()) * NS_PER_S
