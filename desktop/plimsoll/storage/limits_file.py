"""Limits from a TOML file: all of them, or every complaint and none; written back with the trader's comments.

One table a limit::

    [[limit]]
    id = "var"  # short and stable: it ties breaches to their limit over the years
    name = "VaR of NAV"
    measure = "var_fraction"  # one of plimsoll.domain.limit.Measure
    line = 0.0175  # in the measure's unit: 0.0175 is 1.75 %
    severity = "CRITICAL"  # MEDIUM, HIGH or CRITICAL
    scope = "sector"  # book (the default), instrument, sector, asset_class, currency, country
    member = "Energy"  # one member; left out: each of them
    warning_fraction = 0.8  # use at which it is near
    reset_fraction = 0.95  # use below which a breach eases
    cool_down_s = 60
    purpose = "why it stands"
    owner = "who answers for it"
"""

import math
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity, Unit
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.text_file import text_of, write_atomically

if TYPE_CHECKING:
    from tomlkit.items import Table

_REQUIRED = ("id", "name", "measure", "line", "severity")
_OPTIONAL = ("scope", "member", "warning_fraction", "reset_fraction", "cool_down_s", "purpose", "owner")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_ON_POSITIONS = frozenset({Measure.POSITION_LOSS, Measure.POSITION_SIZE})
_ON_GROUPS = frozenset({Measure.NET_WEIGHT, Measure.GROSS_WEIGHT})
_LARGEST_WEIGHT = 10.0
_WEEK_S = 7 * 86_400.0


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
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        complaints.add("the file", str(error) or "nested too deep", "TOML: see the sample limits file")
        complaints.refuse()
    for key in document:
        if key != "limit":
            complaints.add(f"key {key}", key, "tables [[limit]] only")
    tables = document.get("limit", [])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        complaints.add("the file", "without limits", "at least one table [[limit]]")
        complaints.refuse()
    places = _Places(text, len(tables))
    readers = [_LimitTable(table, places.of(index), complaints) for index, table in enumerate(tables)]
    limits = [reader.limit() for reader in readers]
    for index, reader in enumerate(readers):
        if any(reader.table.get("id") == earlier.table.get("id") for earlier in readers[:index]):
            reader.complain("id", "an id of its own")
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
    for key, value in _fields(limit).items():
        if key in table:
            if table[key] != value:
                table[key] = value
        elif key in _REQUIRED or value != _fields(standard)[key]:
            table[key] = value


def _fields(limit: Limit) -> dict[str, str | float]:
    return {
        "id": limit.limit_id,
        "name": limit.name,
        "measure": str(limit.measure),
        "line": limit.line,
        "severity": str(limit.severity),
        "scope": str(limit.scope.kind),
        "member": limit.scope.member,
        "warning_fraction": limit.warning_fraction,
        "reset_fraction": limit.reset_fraction,
        "cool_down_s": limit.cool_down_s,
        "purpose": limit.purpose,
        "owner": limit.owner,
    }


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


@dataclass(frozen=True, slots=True)
class _LimitTable:
    """One table being read."""

    table: Mapping[str, object]
    place: Callable[[str], str]
    complaints: ComplaintList

    def complain(self, field: str, expected: str) -> None:
        was = str(self.table[field]) if field in self.table else "missing"
        self.complaints.add(self.place(field), was, expected)

    def limit(self) -> Limit | None:
        """Return the limit, or None after a complaint."""
        before = len(self.complaints.found)
        for key in self.table:
            if key not in (*_REQUIRED, *_OPTIONAL):
                self.complaints.add(self.place(key), key, f"one of {', '.join((*_REQUIRED, *_OPTIONAL))}")
        limit_id = self._text("id", "")
        if not _ID.fullmatch(limit_id):
            self.complain("id", "a short name of small letters, digits, - and _, like var-nav")
        name = self._text("name", "")
        if not name:
            self.complain("name", "what the trader calls it")
        measure = self._choice("measure", tuple(Measure), "")
        severity = self._choice("severity", tuple(Severity), "")
        scope = Scope(ScopeKind(self._choice("scope", tuple(ScopeKind), "book")), self._text("member", ""))
        line = self._number("line", math.nan, 0.0, math.inf)
        warning = self._number("warning_fraction", 0.8, 0.0, 1.0)
        reset = self._number("reset_fraction", 0.95, 0.0, 1.0)
        cool_down = self._number("cool_down_s", 60.0, -1.0, _WEEK_S)
        if measure and not math.isnan(line):
            self._check_line(Measure(measure), line)
        if measure:
            self._check_scope(Measure(measure), scope)
        if cool_down < 0:
            self.complain("cool_down_s", "seconds, zero or more")
        limit = (
            Limit(
                limit_id, name, Measure(measure), line, Severity(severity), scope, warning, reset, cool_down
            )
            if measure and severity
            else None
        )
        purpose, owner = self._text("purpose", ""), self._text("owner", "")
        if limit is None or len(self.complaints.found) > before:
            return None
        return replace(limit, purpose=purpose, owner=owner)

    def _text(self, field: str, default: str) -> str:
        value = self.table.get(field, default)
        if isinstance(value, str):
            return value.strip()
        self.complain(field, "a text in quotes")
        return default

    def _choice(self, field: str, known: Sequence[str], default: str) -> str:
        value = self.table.get(field, default)
        if isinstance(value, str) and value in known:
            return value
        self.complain(field, f"one of {', '.join(known)}")
        return default

    def _number(self, field: str, default: float, above: float, most: float) -> float:
        value = self.table.get(field, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.complain(field, "a number")
            return default
        if field in self.table and (not math.isfinite(value) or value <= above or value > most):
            bound = "" if math.isinf(most) else f" and at most {most:g}"
            self.complain(field, f"a finite number above {max(above, 0.0):g}{bound}")
            return default
        if field not in self.table and math.isnan(default):
            self.complain(field, "a number above 0")
        return float(value)

    def _check_line(self, measure: Measure, line: float) -> None:
        if measure in _ON_GROUPS:
            if line > _LARGEST_WEIGHT:
                self.complain("line", f"a share of NAV of at most {_LARGEST_WEIGHT:g}: 0.25 is 25 %")
        elif measure.unit in {Unit.FRACTION, Unit.INDEX} and line > 1.0:
            self.complain("line", "a share of at most 1: 0.0175 is 1.75 %")

    def _check_scope(self, measure: Measure, scope: Scope) -> None:
        if measure in _ON_POSITIONS:
            allowed: tuple[ScopeKind, ...] = (ScopeKind.INSTRUMENT,)
        elif measure in _ON_GROUPS:
            allowed = tuple(kind for kind in ScopeKind if kind is not ScopeKind.BOOK)
        else:
            allowed = (ScopeKind.BOOK,)
        if scope.kind not in allowed:
            self.complain("scope", f"{' or '.join(allowed)} for the measure {measure}")
        if scope.kind is ScopeKind.BOOK and scope.member:
            self.complain("member", "nothing: the book has no members")
