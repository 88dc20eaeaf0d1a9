"""Crisis windows from TOML files: all of them, or every complaint and none.

A file of the library holds one window::

    id = "black-monday-1987"
    name = "Black Monday 1987"
    start = 1987-08-25  # the close before the first loss
    end = 1987-12-04
    source = "who gives these dates"
    note = "what daily closes do not show"

A file of the trader's own may hold several, each under ``[[window]]``.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from plimsoll.domain.crisis_window import CrisisWindow
from plimsoll.domain.errors import FileRefused
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.text_file import text_of
from plimsoll.storage.toml_table import document_of

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_FIELDS = ("id", "name", "start", "end", "source", "note")
_EARLIEST = date(1900, 1, 1)
_LATEST = date(2100, 1, 1)


def crisis_windows_from_folder(folder: Path) -> tuple[CrisisWindow, ...]:
    """Return the windows of every TOML file of a folder, oldest first.

    Parameters
    ----------
    folder : Path
        The library, or the trader's own folder; one that is not there holds nothing.

    Raises
    ------
    FileRefused
        With every complaint about every file.
    """
    complaints = ComplaintList(folder)
    found: list[CrisisWindow] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            windows = crisis_windows_from_file(path)
        except FileRefused as refusal:
            for complaint in refusal.complaints:
                complaints.add(f"{path.name}, {complaint.where}", complaint.was, complaint.expected)
            continue
        known = {window.window_id for window in found}
        for window in windows:
            if window.window_id in known:
                complaints.add(f"{path.name}, field id", window.window_id, "an id no other file has")
        found.extend(windows)
    complaints.refuse_if_any()
    return tuple(sorted(found, key=lambda window: (window.start, window.end, window.window_id)))


def crisis_windows_from_file(path: Path) -> tuple[CrisisWindow, ...]:
    """Return the windows of one TOML file, in its order.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    return crisis_windows_from_text(text_of(path), path)


def crisis_windows_from_text(text: str, path: Path) -> tuple[CrisisWindow, ...]:
    """Return the windows a text describes; `path` is named in the complaints.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    complaints = ComplaintList(path)
    document = document_of(text, complaints, "TOML: see a file of resources/stress")
    found = [_window(table, where, complaints) for table, where in _tables(document, complaints)]
    ids = [window.window_id for window in found]
    for n, window_id in enumerate(ids):
        if window_id in ids[:n]:
            complaints.add(f"window {n + 1}, field id", window_id, "an id of its own")
    complaints.refuse_if_any()
    return tuple(found)


def _tables(
    document: Mapping[str, object], complaints: ComplaintList
) -> list[tuple[Mapping[str, object], str]]:
    if "window" not in document:
        return [(document, "the window")]
    tables = document["window"]
    for key in document:
        if key != "window":
            complaints.add(f"key {key}", key, "tables [[window]] only, beside which no key stands")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        complaints.add("window", "not tables", "tables [[window]]")
        complaints.refuse()
    return [(table, f"window {n}") for n, table in enumerate(tables, start=1)]


def _window(table: Mapping[str, object], where: str, complaints: ComplaintList) -> CrisisWindow:
    for key in table:
        if key not in _FIELDS:
            complaints.add(f"{where}, field {key}", key, f"one of {', '.join(_FIELDS)}")
    window_id = _text(table, "id", where, complaints)
    if not _ID.fullmatch(window_id):
        expected = "a short name of small letters, digits, - and _, like black-monday-1987"
        complaints.add(f"{where}, field id", window_id, expected)
    name, source = _text(table, "name", where, complaints), _text(table, "source", where, complaints)
    if not name:
        complaints.add(f"{where}, field name", "missing", "what the trader calls it")
    if not source:
        complaints.add(f"{where}, field source", "missing", "who gives these dates: a window has a source")
    start, end = _date(table, "start", where, complaints), _date(table, "end", where, complaints)
    if start >= end and end != _EARLIEST:
        complaints.add(f"{where}, field end", end.isoformat(), f"a date after the start, {start}")
    return CrisisWindow(window_id, name, start, end, source, _text(table, "note", where, complaints))


def _date(table: Mapping[str, object], field: str, where: str, complaints: ComplaintList) -> date:
    value = table.get(field)
    if isinstance(value, date) and not isinstance(value, datetime) and _EARLIEST < value < _LATEST:
        return value
    was = "missing" if value is None else str(value)
    complaints.add(f"{where}, field {field}", was, "a date without quotes, like 1987-10-19")
    return _EARLIEST


def _text(table: Mapping[str, object], field: str, where: str, complaints: ComplaintList) -> str:
    value = table.get(field, "")
    if isinstance(value, str):
        return " ".join(value.split())
    complaints.add(f"{where}, field {field}", str(value), "a text in quotes")
    return ""
