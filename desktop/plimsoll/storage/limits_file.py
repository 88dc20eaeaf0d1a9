"""Limits from a TOML file: all of them, or every complaint and none; written back with the trader's comments.

One table a limit::

    [[limit]]
    id = "var"  # short and stable: it ties breaches to their limit over the years
    name = "VaR of NAV"
    measure = "var_fraction"  # one of plimsoll.domain.limit.Measure
    line = 0.0175  # in the measure's unit: 0.0175 is 1.75 %
    severity = "CRITICAL"  # MEDIUM, HIGH or CRITICAL
    scope = "sector"  # book (the default), instrument, sector, asset_class, currency, country, tag
    member = "Energy"  # one member; left out: each of them
    detail = ""  # the measure's own: a scenario's name, how many positions or days, a VaR method, an anchor
    warning_fraction = 0.8  # use at which it is near
    reset_fraction = 0.95  # use below which a breach eases
    cool_down_s = 60
    purpose = "why it stands"
    owner = "who answers for it"
    confirm_updates = 3  # breaks only if beyond its line in 3 of the last
    confirm_of = 5  # 5 updates
    confirm_s = 2.0  # and for so long
    effective_from = "2026-11-23T08:00:00Z"  # UTC; left out: always
    effective_until = "2026-11-24T22:00:00Z"
    stands_in_for = "var"  # a temporary limit: outranks that one until it ends
    next_review = "2027-01-31"
    response = "cut-half"  # the response bound to a breach
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.domain.limit import Limit
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.limit_table import REQUIRED, LimitTable, fields_of
from plimsoll.storage.text_file import text_of, write_atomically
from plimsoll.storage.toml_table import document_of

if TYPE_CHECKING:
    from tomlkit.items import Table


def limits_from_file(path: Path) -> tuple[Limit, ...]:
    """Return the limits of a TOML file, in its order.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    return limits_from_text(text_of(path), path)


def limits_from_text(text: str, path: Path) -> tuple[Limit, ...]:
    """Return the limits a text describes; `path` is named in the complaints.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    complaints = ComplaintList(path)
    document = document_of(text, complaints, "TOML: see the sample limits file")
    for key in document:
        if key != "limit":
            complaints.add(f"key {key}", key, "tables [[limit]] only")
    tables = document.get("limit", [])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        complaints.add("the file", "without limits", "at least one table [[limit]]")
        complaints.refuse()
    places = _Places(text, len(tables))
    readers = [LimitTable(table, places.of(index), complaints) for index, table in enumerate(tables)]
    limits = [reader.limit() for reader in readers]
    for index, reader in enumerate(readers):
        if any(reader.table.get("id") == earlier.table.get("id") for earlier in readers[:index]):
            reader.complain("id", "an id of its own")
    by_id = {limit.limit_id: limit for limit in limits if limit is not None}
    for reader, limit in zip(readers, limits, strict=True):
        if limit is not None and limit.stands_in_for:
            reader.check_stand_in(limit, by_id)
    complaints.refuse_if_any()
    return tuple(limit for limit in limits if limit is not None)


def write_limits(path: Path, limits: Sequence[Limit]) -> None:
    """Write limits into a file, keeping its comments, its order and every figure that did not change.

    A file that is not there is made. The text is read back and compared before it takes the file's place.

    Raises
    ------
    FileRefused
        If the file that is there cannot be understood, or the limits cannot stand in a file.
    OSError
        If it could not be written; the old file then still stands.
    """
    # 15 ms that only a writer should pay: limits are read before the first paint.
    import tomlkit  # noqa: PLC0415
    from tomlkit.items import AoT  # noqa: PLC0415

    old = text_of(path) if path.exists() else ""
    if old:
        limits_from_text(old, path)
    document = tomlkit.parse(old)
    tables = document.get("limit")
    if not isinstance(tables, AoT):
        tables = tomlkit.aot()
        document["limit"] = tables
    wanted = {limit.limit_id: limit for limit in limits}
    for index in reversed(range(len(tables))):
        if tables[index]["id"] not in wanted:
            del tables[index]
    there = {str(table["id"]): table for table in tables.body}
    for limit in limits:
        table = there.get(limit.limit_id)
        if table is None:
            table = tomlkit.table()
            tables.append(table)
        _write(table, limit)
    text = tomlkit.dumps(document)
    read_back = {limit.limit_id: limit for limit in limits_from_text(text, path)}
    if read_back != wanted or len(wanted) != len(limits):
        complaints = ComplaintList(path)
        complaints.add(
            "the file", "read back as other limits", "the same limits: keep a copy and report this"
        )
        complaints.refuse()
    write_atomically(path, text)


def _write(table: "Table", limit: Limit) -> None:
    """Set what differs, and leave out what is the default unless it was written before."""
    standard = Limit(limit.limit_id, limit.name, limit.measure, limit.line, limit.severity)
    for key, value in fields_of(limit).items():
        if key in table:
            if table[key] != value:
                table[key] = value
        elif key in REQUIRED or value != fields_of(standard)[key]:
            table[key] = value


class _Places:
    """Where the tables of a text begin, so that a complaint can name the line; tomllib does not say."""

    def __init__(self, text: str, n_tables: int) -> None:
        self._lines = text.splitlines()
        begins = [n for n, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*limit\s*\]\]", line)]
        # A bracket inside a text of many lines would count as a table: then no line is named at all.
        self._begins = begins if len(begins) == n_tables else []

    def of(self, index: int) -> Callable[[str], str]:
        """Return what names the place of a field of one limit."""

        def place(field: str) -> str:
            if not self._begins:
                return f"limit {index + 1}, field {field}"
            begin = self._begins[index]
            end = self._begins[index + 1] if index + 1 < len(self._begins) else len(self._lines)
            named = (n for n in range(begin, end) if re.match(rf"\s*{re.escape(field)}\s*=", self._lines[n]))
            return f"line {next(named, begin) + 1}, limit {index + 1}, field {field}"

        return place
