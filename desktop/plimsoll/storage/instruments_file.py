"""The instrument master as a CSV file: all of it, or every complaint and nothing; written back with care.

One line each; only the first five columns are needed::

    code,name,asset_class,currency,settlement,sector,country,multiplier,lot,tags,proxy
    AAPL.US,Apple Inc.,equity,USD,funded,Information Technology,US,,,core;tech,

Lines that begin with ``#`` and columns that begin with ``x_`` are the trader's own, and stay.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.csv_table import CsvLine, is_comment, lines_of
from plimsoll.storage.text_file import text_of, write_atomically

REQUIRED = ("code", "name", "asset_class", "currency", "settlement")
OPTIONAL = (
    "sector",
    "country",
    "multiplier",
    "lot",
    "may_be_negative",
    "stale_after_s",
    "fixed_price",
    "stands_for",
    "tags",
    "proxy",
    "margin_class",
    "exchange",
)
COLUMNS = (*REQUIRED, *OPTIONAL)
CASH_CODE = "CASH"
CODE = re.compile(r"\.?[A-Za-z0-9][A-Za-z0-9._/-]{0,31}")
CURRENCY = re.compile(r"[A-Z]{3,5}")
CODE_EXPECTED = "a code as AllTick spells it, like AAPL.US, USDJPY or Silver"
CURRENCY_EXPECTED = "a currency in capitals, like USD"
_TAG = re.compile(r"[^;,\s][^;,]{0,39}")
_YES_OR_NO = {"": False, "yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def instruments_from_file(path: Path) -> dict[str, Instrument]:
    """Return the instrument master by code, in the file's order.

    Raises
    ------
    FileRefused
        With every complaint about the file.
    """
    return instruments_from_text(text_of(path), path)


def instruments_from_text(text: str, path: Path) -> dict[str, Instrument]:
    """Return the instrument master a text describes; `path` is named in the complaints.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    complaints = ComplaintList(path)
    instruments: dict[str, Instrument] = {}
    lines: dict[str, CsvLine] = {}
    for line in lines_of(
        path, required=REQUIRED, optional=OPTIONAL, complaints=complaints, text=text, own_columns=True
    ):
        instrument = instrument_of(line)
        code = line.text("code")
        if code in lines:
            line.complain("code", f"each code once: it stands on line {lines[code].number} already")
        lines.setdefault(code, line)
        if instrument is not None:
            instruments[instrument.code] = instrument
    for line in lines.values():
        if line.text("proxy") and (
            line.text("proxy") not in lines or line.text("proxy") == line.text("code")
        ):
            line.complain("proxy", "the code of another line of this file, or nothing")
    if not lines and not complaints.found:
        complaints.add("the file", "without instruments", "one line for each instrument below the columns")
    complaints.refuse_if_any()
    return instruments


def write_instruments(path: Path, instruments: Iterable[Instrument], *, model: Path | None = None) -> None:
    """Write the master, keeping comments, own columns, order, and every line that did not change.

    Parameters
    ----------
    path : Path
        The file; one that is not there is made.
    instruments : iterable of Instrument
        All there are to be; lines of others go, new ones are put at the end.
    model : Path or None
        The file whose comments, columns and order are kept; None for `path` itself.

    Raises
    ------
    FileRefused
        If the file that is there cannot be understood, or the instruments cannot stand in a file.
    OSError
        If it could not be written; the old file then still stands.
    """
    wanted = {item.code: item for item in instruments}
    source = path if model is None else model
    old = text_of(source) if source.exists() else ""
    there = instruments_from_text(old, source) if old else {}
    text = _merged(old or ",".join(REQUIRED) + "\n", there, wanted)
    if instruments_from_text(text, path) != wanted:
        complaints = ComplaintList(path)
        complaints.add("the file", "read back as other instruments", "the same: keep a copy and report this")
        complaints.refuse()
    write_atomically(path, text)


def cells_of(instrument: Instrument) -> dict[str, str]:
    """Return an instrument as the cells of its line; what is the default is empty."""
    return {
        "code": instrument.code,
        "name": instrument.name,
        "asset_class": instrument.asset_class.value,
        "currency": instrument.currency,
        "settlement": instrument.settlement.value,
        "sector": instrument.sector or "",
        "country": instrument.country or "",
        "multiplier": _written(instrument.multiplier, 1.0),
        "lot": _written(instrument.lot, 1.0),
        "may_be_negative": "yes" if instrument.may_be_negative else "",
        "stale_after_s": _written(instrument.stale_after_s, 15.0),
        "fixed_price": _written(instrument.fixed_price, None),
        "stands_for": instrument.stands_for,
        "tags": ";".join(instrument.tags),
        "proxy": instrument.proxy,
        "margin_class": instrument.margin_class,
        "exchange": instrument.exchange,
    }


def instrument_from_cells(cells: Mapping[str, str]) -> tuple[Instrument | None, dict[str, str]]:
    """Return the instrument that one line's cells describe, and what is expected in each wrong one.

    The instrument is None where any cell is wrong.
    """
    complaints = ComplaintList(Path("the line"))
    trimmed = {column: text.strip() for column, text in cells.items()}
    instrument = instrument_of(CsvLine(0, trimmed, complaints))
    wrong = {found.where.rpartition("column ")[2]: found.expected for found in complaints.found}
    return (None if wrong else instrument), wrong


def instrument_of(line: CsvLine) -> Instrument | None:
    """Return the instrument of a line, or None after complaints."""
    code = line.matching("code", CODE, CODE_EXPECTED)
    if code is not None and code.upper() == CASH_CODE:
        line.complain("code", f"any code but {CASH_CODE}, which means cash in the positions file")
    currency = line.matching("currency", CURRENCY, CURRENCY_EXPECTED)
    asset_class = line.choice("asset_class", tuple(AssetClass))
    settlement = line.choice("settlement", tuple(Settlement))
    multiplier = _above_zero(line, "multiplier", 1)
    lot = _above_zero(line, "lot", 1)
    stale_after_s = _above_zero(line, "stale_after_s", 15)
    fixed_price = _above_zero(line, "fixed_price", 1)
    may_be_negative = _YES_OR_NO.get(line.text("may_be_negative").lower())
    if may_be_negative is None:
        line.complain("may_be_negative", "yes or no")
    tags = _tags(line)
    if line.text("proxy"):
        line.matching("proxy", CODE, CODE_EXPECTED)
    if code is None or currency is None or asset_class is None or settlement is None:
        return None
    return Instrument(
        code=code,
        name=line.text("name") or code,
        asset_class=AssetClass(asset_class),
        currency=currency,
        settlement=Settlement(settlement),
        sector=line.text("sector") or None,
        country=line.text("country") or None,
        multiplier=multiplier,
        lot=lot,
        may_be_negative=bool(may_be_negative),
        stale_after_s=stale_after_s,
        fixed_price=fixed_price if line.text("fixed_price") else None,
        stands_for=line.text("stands_for"),
        tags=tags,
        proxy=line.text("proxy"),
        margin_class=line.text("margin_class"),
        exchange=line.text("exchange"),
    )


def _tags(line: CsvLine) -> tuple[str, ...]:
    text = line.text("tags")
    tags = tuple(tag.strip() for tag in text.split(";")) if text else ()
    if not all(_TAG.fullmatch(tag) for tag in tags) or len(set(tags)) != len(tags):
        line.complain("tags", "names of at most 40 characters between semicolons, each once, like core;china")
    return tags


def _above_zero(line: CsvLine, column: str, default: int) -> float:
    value = line.number_or(column, Decimal(default))
    if value is not None and value <= 0:
        line.complain(column, "a number above zero, or nothing for the default")
    return float(value or default)


def _written(value: float | None, default: float | None) -> str:
    return "" if value is None or value == default else repr(value).removesuffix(".0")


def _merged(old: str, there: Mapping[str, Instrument], wanted: Mapping[str, Instrument]) -> str:
    """Return the old text with the lines that changed written anew, cell by cell."""
    line_end = "\r\n" if "\r\n" in old else "\n"
    records = _records(old)
    head = next(place for place, (cells, _) in enumerate(records) if _says_something(cells))
    header = [cell.strip().lower() for cell in records[head][0]]
    used = {column for item in wanted.values() for column, text in cells_of(item).items() if text}
    new = [column for column in COLUMNS if column in used and column not in header]
    tail = "".join(f",{column}" for column in new)
    parts = []
    for place, (cells, raw) in enumerate(records):
        if place == head:
            parts.append(raw.rstrip("\r\n") + tail + line_end)
        elif not _says_something(cells):
            parts.append(raw if raw.endswith(("\n", "\r")) else raw + line_end)
        else:
            item = wanted.get(cells[header.index("code")].strip())
            if item is not None:
                same = item == there[item.code]
                kept = raw.rstrip("\r\n") + "," * len(new) + line_end
                parts.append(kept if same else _line(cells, header, new, there[item.code], item, line_end))
    empty = [""] * len(header)
    parts += [
        _line(empty, header, new, None, item, line_end) for code, item in wanted.items() if code not in there
    ]
    return "".join(parts)


def _line(
    cells: Sequence[str],
    header: Sequence[str],
    new: Sequence[str],
    before: Instrument | None,
    after: Instrument,
    line_end: str,
) -> str:
    """Return one line, each cell as it stood where its meaning did not change."""
    was = cells_of(before) if before is not None else {}
    now = cells_of(after)
    written = [
        text if column not in now or was.get(column) == now[column] else now[column]
        for column, text in zip(header, cells, strict=True)
    ]
    line = io.StringIO()
    csv.writer(line, lineterminator=line_end).writerow([*written, *(now[column] for column in new)])
    return line.getvalue()


def _records(text: str) -> list[tuple[list[str], str]]:
    """Return each record's cells with the very text it is written in."""
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(iter(lines), strict=True)
    records, begin = [], 0
    for cells in reader:
        records.append((cells, "".join(lines[begin : reader.line_num])))
        begin = reader.line_num
    return records


def _says_something(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells) and not is_comment(cells)
