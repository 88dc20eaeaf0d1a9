"""The journal as CSV and JSON for other programs; the JSON can be checked row by row, as the journal can."""

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from plimsoll.domain.units import NS_PER_S
from plimsoll.storage.journal import FIRST_HASH, JournalReport, SealedRow, row_hash, sealed_rows
from plimsoll.storage.spreadsheet_cell import harmless
from plimsoll.storage.text_file import write_parts_atomically

FORM = "plimsoll journal export"
FORM_VERSION = 1
FIELDS = (
    "number",
    "kind",
    "person",
    "source",
    "exchange_time_utc",
    "received_time_utc",
    "body",
    "previous_hash",
    "hash",
)
"""The columns of the CSV, the chain hash last."""
SUFFIXES = (".csv", ".json")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def write_journal_export(journal: Path, out: Path) -> int:
    """Write every row of a journal: JSON where the file's name ends so, else CSV; return how many.

    The journal may be in use, and is only read.

    Raises
    ------
    JournalUnavailable
        If it cannot be read; nothing is written then.
    OSError
        If the export could not be written; an old file then still stands.
    """
    counted = _Counted(sealed_rows(journal))
    lines = json_lines(counted) if out.suffix.lower() == ".json" else csv_lines(counted)
    write_parts_atomically(out, (line.encode() for line in lines))
    return counted.n_rows


def csv_lines(rows: Iterable[SealedRow]) -> Iterator[str]:
    """Yield the rows as CSV (RFC 4180), a line of captions first; no cell is taken for a formula."""
    yield _csv_line(FIELDS)
    for row in rows:
        yield _csv_line(
            (
                str(row.number),
                row.kind,
                row.person,
                row.source,
                utc_of(row.exchange_time_ns),
                utc_of(row.received_time_ns),
                row.body,
                row.previous_hash.hex(),
                row.hash.hex(),
            )
        )


def json_lines(rows: Iterable[SealedRow]) -> Iterator[str]:
    """Yield the rows as one JSON object, a row a line.

    `body` is for reading, with null for what is not a number; `sealed_body` is the text that the hash seals.
    """
    yield f'{{"form": {json.dumps(FORM)}, "version": {FORM_VERSION}, "rows": [\n'
    between = ""
    for row in rows:
        facts = {
            "number": row.number,
            "kind": row.kind,
            "person": row.person,
            "source": row.source,
            "exchange_time_utc": utc_of(row.exchange_time_ns) or None,
            "received_time_utc": utc_of(row.received_time_ns) or None,
            "exchange_time_ns": row.exchange_time_ns,
            "received_time_ns": row.received_time_ns,
            "body": _known(json.loads(row.body)),
            "sealed_body": row.body,
            "previous_hash": row.previous_hash.hex(),
            "hash": row.hash.hex(),
        }
        yield between + json.dumps(facts, ensure_ascii=False, allow_nan=False)
        between = ",\n"
    yield "\n]}\n"


def verify_export(path: Path) -> JournalReport:
    """Return whether every row of a JSON export is as the journal sealed it.

    Never raises for what the file holds: what cannot be read is a fault.
    """
    n_rows, head = 0, FIRST_HASH
    try:
        with path.open(encoding="utf-8") as file:
            rows = _rows_of(json.load(file))
        for facts in rows:
            fault = _fault_of(facts, n_rows + 1, head)
            if fault:
                return JournalReport(n_rows, head.hex(), (fault,))
            n_rows, head = n_rows + 1, bytes.fromhex(facts["hash"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        fault = f"{path} could not be read beyond row {n_rows}: {error}"
        return JournalReport(n_rows, head.hex(), (fault,))
    return JournalReport(n_rows, head.hex(), ())


def utc_of(time_ns: int) -> str:
    """Return an instant as ISO 8601 in UTC, to the nanosecond; empty for 0, which is no instant."""
    if not time_ns:
        return ""
    seconds, ns = divmod(time_ns, NS_PER_S)
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.{ns:09d}Z"


class _Counted:
    """Rows that count themselves while they go by."""

    def __init__(self, rows: Iterable[SealedRow]) -> None:
        self._rows = rows
        self.n_rows = 0

    def __iter__(self) -> Iterator[SealedRow]:
        for row in self._rows:
            self.n_rows += 1
            yield row


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow([harmless(cell) for cell in cells])
    return line.getvalue()


def _known(value: Any) -> Any:
    """Return facts as strict JSON has them: NaN and infinities are null."""
    if isinstance(value, dict):
        return {key: _known(held) for key, held in value.items()}
    if isinstance(value, list):
        return [_known(held) for held in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _rows_of(document: Any) -> list[Any]:
    if not isinstance(document, dict) or document.get("form") != FORM:
        raise ValueError(f"it was another file, expected a {FORM}")
    if document.get("version") != FORM_VERSION:
        raise ValueError(f"its version was {document.get('version')!r}, expected {FORM_VERSION}")
    rows = document["rows"]
    if not isinstance(rows, list):
        raise TypeError("its rows were no list")
    return rows


def _fault_of(facts: Mapping[str, Any], expected_number: int, previous: bytes) -> str:
    """Return what is wrong with a row: its seal, or what stands beside the sealed text for people to read."""
    number = facts["number"]
    if number != expected_number:
        return f"row {expected_number} is missing: row {number!r} stands in its place"
    if facts["previous_hash"] != previous.hex():
        return f"row {number} does not follow from the row before it"
    sealed = (
        number, facts["kind"], facts["sealed_body"], facts["person"], facts["source"],
        facts["exchange_time_ns"], facts["received_time_ns"],
    )  # fmt: skip
    if row_hash(previous, sealed).hex() != facts["hash"]:
        return f"row {number} is not as it was written"
    shown = (facts["body"], facts["exchange_time_utc"] or "", facts["received_time_utc"] or "")
    told = (_known(json.loads(facts["sealed_body"])), utc_of(sealed[5]), utc_of(sealed[6]))
    return "" if shown == told else f"row {number} shows something else than was sealed"
