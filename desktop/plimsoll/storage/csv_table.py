"""A CSV file as named cells that remember their line, and everything wrong with them."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.text_file import text_of

MOST_LINES = 100_000
OWN_PREFIX = "x_"
LARGEST_NUMBER = Decimal(10) ** 15
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}([ ,.'’_\u00a0\u202f]\d{3})+([.,]\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_PLAIN = "a number written like -1234.5, with a point and no thousands separators"


@dataclass(frozen=True, slots=True)
class CsvLine:
    """One line of a CSV file.

    Attributes
    ----------
    number : int
        The line where it begins, counted from 1 as an editor does.
    cells : Mapping
        Trimmed text by column; a column the file does not have is the empty text.
    complaints : ComplaintList
        Where this line's cells complain.
    """

    number: int
    cells: Mapping[str, str]
    complaints: ComplaintList

    def complain(self, column: str, expected: str) -> None:
        """Say what should have stood in a column instead of what does."""
        self.complaints.add(f"line {self.number}, column {column}", self.cells.get(column, ""), expected)

    def text(self, column: str) -> str:
        """Return a cell, or the empty text."""
        return self.cells.get(column, "")

    def matching(self, column: str, pattern: re.Pattern[str], expected: str) -> str | None:
        """Return a cell that fits `pattern`; otherwise complain and return None."""
        if pattern.fullmatch(self.text(column)):
            return self.text(column)
        self.complain(column, expected)
        return None

    def number_or(self, column: str, default: Decimal) -> Decimal | None:
        """Return a cell as a number, `default` where it is empty, None after a complaint."""
        return self.decimal(column) if self.text(column) else default

    def decimal(self, column: str, expected: str = _PLAIN) -> Decimal | None:
        """Return a cell as an exact number, or None after a complaint."""
        text = self.text(column)
        if not _NUMBER.fullmatch(text):
            self.complain(column, _reason(text) or expected)
            return None
        value = Decimal(text)
        if abs(value) > LARGEST_NUMBER:
            self.complain(column, "a number of at most 1e15")
            return None
        return value

    def choice(self, column: str, known: Sequence[str]) -> str | None:
        """Return a cell that is one of `known`, in small letters; None after a complaint."""
        text = self.text(column).lower()
        if text in known:
            return text
        self.complain(column, f"one of {', '.join(known)}")
        return None


def lines_of(
    path: Path,
    *,
    required: Sequence[str],
    optional: Sequence[str],
    complaints: ComplaintList,
    text: str | None = None,
    own_columns: bool = False,
) -> Iterator[CsvLine]:
    """Yield the lines of a CSV file whose first line names its columns.

    Blank lines are passed over, and lines that begin with ``#``. Faults of form are kept in `complaints`,
    and the lines that have them are not yielded.

    Parameters
    ----------
    path : Path
        UTF-8, with or without a byte order mark, any line ends, commas between columns.
    required, optional : sequence of str
        The columns it must and may have, in any order.
    complaints : ComplaintList
        Where faults are kept.
    text : str or None
        What stands in the file, where it has been read already.
    own_columns : bool
        Whether columns that begin with ``x_`` are passed over: they are the trader's own.

    Raises
    ------
    FileRefused
        If the file or its first line cannot be understood at all.
    """
    records = _records(text_of(path) if text is None else text, complaints)
    first = next(records, None)
    if first is None:
        complaints.add("the file", "empty", f"a first line naming the columns: {','.join(required)}")
        complaints.refuse()
    number, header = first
    own = [name.lower() for name in header if own_columns and name.lower().startswith(OWN_PREFIX)]
    columns = _columns(number, header, (*required, *optional, *own), required, complaints)
    for n_lines, (number, cells) in enumerate(records):
        if n_lines >= MOST_LINES:
            complaints.add(f"line {number}", "one line more", f"at most {MOST_LINES} lines: split the file")
            complaints.refuse()
        if len(cells) != len(columns):
            where = f"line {number}"
            expected = f"{len(columns)}: a comma inside a number or a text needs quotes, or must go"
            complaints.add(where, f"{len(cells)} cells", expected)
            continue
        yield CsvLine(number, dict(zip(columns, cells, strict=True)), complaints)


def is_comment(cells: Sequence[str]) -> bool:
    """Tell whether a line of cells is a remark of the trader's."""
    return bool(cells) and cells[0].lstrip().startswith("#")


def _records(text: str, complaints: ComplaintList) -> Iterator[tuple[int, list[str]]]:
    """Yield every line that says something, with the number of the line where it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for cells in reader:
            trimmed = [cell.strip() for cell in cells]
            if any(trimmed) and not is_comment(trimmed):
                yield begins, trimmed
            begins = reader.line_num + 1
    except csv.Error as error:
        complaints.add(f"line {begins}", str(error), "cells between commas, with quotes that are closed")


def _columns(
    number: int, header: list[str], known: Sequence[str], required: Sequence[str], complaints: ComplaintList
) -> list[str]:
    columns = [name.lower() for name in header]
    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t|"):
        complaints.add(f"line {number}", header[0], f"commas between the columns: {','.join(required)}")
        complaints.refuse()
    for place, name in enumerate(columns):
        if name not in known:
            complaints.add(f"line {number}, column {place + 1}", header[place], f"one of {', '.join(known)}")
        elif name in columns[:place]:
            complaints.add(f"line {number}, column {place + 1}", name, "each column once")
    for name in required:
        if name not in columns:
            complaints.add(f"line {number}", ",".join(header), f"a column {name}")
    complaints.refuse_if_any()
    return columns


def _reason(text: str) -> str:
    """Say what kind of number was meant, where that can be told."""
    if text.lower().lstrip("+-") in {"nan", "inf", "infinity", "n/a", "null", "none"}:
        return "a finite number: leave the line out if it is not known"
    if _GROUPED.fullmatch(text):
        return "a number without thousands separators, like 1234567.5"
    if _DECIMAL_COMMA.fullmatch(text):
        return "a point before the decimals, like 1.5"
    return ""
