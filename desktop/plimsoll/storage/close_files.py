"""Daily closes from the trader's own CSV and Parquet files: all of them, or every complaint and none.

One line a day and code; codes are spelt as AllTick spells them, dates as 1987-10-19::

    date, code, close
    1987 - 10 - 16, AAPL.US, 0.4317
    1987 - 10 - 19, AAPL.US, 0.3267

A Parquet file has the same three columns: dates as dates, timestamps or texts, and closes as numbers. It is
read by pyarrow, which comes with the extra `parquet`.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from importlib import import_module
from pathlib import Path

import numpy as np

from plimsoll.domain.crisis_window import day_number
from plimsoll.domain.instrument import Instrument
from plimsoll.engine.study_history import CloseColumns
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.csv_table import LARGEST_NUMBER, CsvLine, lines_of

COLUMNS = ("date", "code", "close")
ADJUSTMENT = "as the file gives them"
PARQUET_SUFFIXES = (".parquet", ".pq")
MOST_ROWS = 5_000_000
_DATE = "a date such as 1987-10-19"
_CODE = "a code of the instrument master, spelt as there: add a line for it"
_PRICE = "a price above zero: leave out a day without one"
_EMPTY = ("the file", "without closes", "one line for each day and code below the columns")
_EARLIEST = date(1800, 1, 1)


def own_history_files(named: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files of closes among what the settings name: files as they stand, folders by name.

    The first outranks the others.
    """
    found: list[Path] = []
    for path in named:
        if path.is_dir():
            found += sorted(
                one for one in path.iterdir() if one.suffix.lower() in (".csv", *PARQUET_SUFFIXES)
            )
        else:
            found.append(path)
    return tuple(dict.fromkeys(found))


def closes_from_file(path: Path, instruments: Mapping[str, Instrument]) -> CloseColumns:
    """Return the closes of a file by its kind: ``.parquet`` and ``.pq``, or else CSV.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    if path.suffix.lower() in PARQUET_SUFFIXES:
        return closes_from_parquet(path, instruments)
    return closes_from_csv(path, instruments)


def closes_from_csv(path: Path, instruments: Mapping[str, Instrument]) -> CloseColumns:
    """Return the closes of a file, named after it.

    Parameters
    ----------
    path : Path
        The file.
    instruments : Mapping
        The instrument master; a code it does not describe is a complaint.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    complaints = ComplaintList(path)
    found: dict[tuple[str, int], float] = {}
    for line in lines_of(path, required=COLUMNS, optional=(), complaints=complaints):
        day, close = _day(line), _close(line, instruments)
        if day is None or close is None:
            continue
        key = (line.text("code"), day)
        if key in found:
            line.complain("date", f"one close a day for {key[0]}: remove one")
        found[key] = close
    return _columns(path, found, complaints)


def closes_from_parquet(path: Path, instruments: Mapping[str, Instrument]) -> CloseColumns:
    """Return the closes of a Parquet file, named after it; arguments and refusals as for CSV.

    Raises
    ------
    FileRefused
        With every complaint about it, and where pyarrow is not installed.
    """
    complaints = ComplaintList(path)
    found: dict[tuple[str, int], float] = {}
    rows = _parquet_rows(path, complaints)
    for number, (day_cell, code_cell, close_cell) in enumerate(rows, start=1):
        where = f"row {number}"
        code = str(code_cell or "").strip()
        day = _day_of_cell(day_cell)
        close = _close_of_cell(close_cell)
        item = instruments.get(code)
        if day is None:
            complaints.add(f"{where}, column date", str(day_cell), _DATE)
        if item is None:
            complaints.add(f"{where}, column code", code, _CODE)
        if item is not None and not _is_price(close, item):
            complaints.add(f"{where}, column close", str(close_cell), _PRICE)
        if day is None or item is None:
            continue
        if (code, day) in found:
            expected = f"one close a day for {code}: remove one"
            complaints.add(f"{where}, column date", str(day_cell), expected)
        found[code, day] = close
    return _columns(path, found, complaints)


def _columns(path: Path, found: Mapping[tuple[str, int], float], complaints: ComplaintList) -> CloseColumns:
    if not found and not complaints.found:
        complaints.add(*_EMPTY)
    complaints.refuse_if_any()
    codes = tuple(sorted({code for code, _ in found}))
    place = {code: number for number, code in enumerate(codes)}
    return CloseColumns(
        path.name,
        ADJUSTMENT,
        codes,
        np.array([day for _, day in found], dtype=np.int64),
        np.array([place[code] for code, _ in found], dtype=np.int64),
        np.array(list(found.values()), dtype=np.float64),
    )


def _parquet_rows(path: Path, complaints: ComplaintList) -> Iterable[tuple[object, object, object]]:
    """Return date, code and close of every row; a file that cannot be read is refused."""
    try:
        # An extra that most desks do without: loaded by name, so that no checker asks for it either.
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        expected = "pyarrow for Parquet files: install plimsoll with the extra `parquet`, or save it as CSV"
        complaints.add("the file", "a Parquet file", expected)
        complaints.refuse()
    try:
        file = parquet.ParquetFile(path)
        missing = [name for name in COLUMNS if name not in file.schema_arrow.names]
        if missing:
            complaints.add("the columns", ", ".join(file.schema_arrow.names), f"a column {missing[0]}")
            complaints.refuse()
        if file.metadata.num_rows > MOST_ROWS:
            complaints.add(
                "the file", f"{file.metadata.num_rows} rows", f"at most {MOST_ROWS}: split the file"
            )
            complaints.refuse()
        table = file.read(columns=list(COLUMNS))
        return zip(*(table.column(name).to_pylist() for name in COLUMNS), strict=True)
    except (arrow.ArrowException, OSError) as why:
        complaints.add("the file", str(why) or "unreadable", "a Parquet file: write it anew")
        complaints.refuse()


def _day_of_cell(cell: object) -> int | None:
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, str):
        return _day_of_text(cell.strip())
    return day_number(cell) if isinstance(cell, date) and cell > _EARLIEST else None


def _close_of_cell(cell: object) -> float:
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else math.nan


def _is_price(close: float, item: Instrument) -> bool:
    is_number = math.isfinite(close) and close != 0.0 and abs(close) <= LARGEST_NUMBER
    return is_number and (close > 0.0 or item.may_be_negative)


def _day_of_text(text: str) -> int | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Python also takes 19871019 and 1987-W43-1.
    return day_number(day) if day.isoformat() == text and day > _EARLIEST else None


def _day(line: CsvLine) -> int | None:
    day = _day_of_text(line.text("date"))
    if day is None:
        line.complain("date", _DATE)
    return day


def _close(line: CsvLine, instruments: Mapping[str, Instrument]) -> float | None:
    item = instruments.get(line.text("code"))
    if item is None:
        line.complain("code", _CODE)
    close = line.decimal("close")
    if item is None or close is None:
        return None
    if not _is_price(float(close), item):
        line.complain("close", _PRICE)
        return None
    return float(close)
