"""Lines of the alert centre as CSV and JSON; no cell of the CSV is taken for a formula by a spreadsheet."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

from plimsoll.bridge.alert_entry import AlertEntry
from plimsoll.bridge.alert_table_model import time_words
from plimsoll.storage.spreadsheet_cell import harmless
from plimsoll.storage.text_file import write_atomically

FIELDS = (
    "time_utc",
    "severity",
    "state",
    "limit_id",
    "limit",
    "what_happened",
    "person",
    "level",
    "breach_id",
    "is_unfiled",
)


def write_export(path: Path, entries: Iterable[AlertEntry]) -> None:
    """Write the lines: JSON where the file's name ends so, else CSV.

    Raises
    ------
    OSError
        If it could not be written; an old file then still stands.
    """
    write_atomically(path, json_of(entries) if path.suffix.lower() == ".json" else csv_of(entries))


def csv_of(entries: Iterable[AlertEntry]) -> str:
    """Return the lines as CSV (RFC 4180), with a line of captions first.

    A text that begins like a formula gets an apostrophe in front, which spreadsheets show as that text.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(FIELDS)
    for entry in entries:
        writer.writerow([harmless(str(value)) for value in _facts(entry).values()])
    return text.getvalue()


def json_of(entries: Iterable[AlertEntry]) -> str:
    """Return the lines as a JSON list of objects, texts as they are."""
    return json.dumps([_facts(entry) for entry in entries], ensure_ascii=False, indent=1) + "\n"


def _facts(entry: AlertEntry) -> dict[str, object]:
    values = (
        time_words(entry.time_ns),
        entry.severity.value if entry.severity is not None else "",
        entry.state,
        entry.limit_id,
        entry.title,
        entry.words,
        entry.person,
        entry.level,
        entry.breach_id,
        entry.is_unfiled,
    )
    return dict(zip(FIELDS, values, strict=True))
