"""Stress scenarios from a TOML file: all of them, or every complaint and none; written back with comments.

One table a scenario::

    [[scenario]]
    id = "covid-2020"
    name = "COVID, 19 February to 23 March 2020"
    source = "where the figures come from"
    shock = [
      # scope: book, asset_class, country, sector, tag, instrument or currency
      # change: a fraction of the price, or of what one unit of the currency is worth in base money
      { scope = "asset_class", member = "equity", change = -0.339 },
    ]
"""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.domain.limit import Scope, ScopeKind
from plimsoll.domain.stress_scenario import Shock, StressScenario
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.text_file import text_of, write_atomically
from plimsoll.storage.toml_table import document_of

if TYPE_CHECKING:
    from tomlkit.items import Array, Table

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LARGEST_RISE = 10.0


def scenarios_from_file(path: Path) -> tuple[StressScenario, ...]:
    """Return the scenarios of a TOML file, in its order.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    return scenarios_from_text(text_of(path), path)


def scenarios_from_text(text: str, path: Path) -> tuple[StressScenario, ...]:
    """Return the scenarios a text describes; `path` is named in the complaints.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    complaints = ComplaintList(path)
    document = document_of(text, complaints, "TOML: see the sample scenarios file")
    tables = document.get("scenario", [])
    for key in document:
        if key != "scenario":
            complaints.add(f"key {key}", key, "tables [[scenario]] only")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        complaints.add("scenario", "not tables", "tables [[scenario]]")
        complaints.refuse()
    found = [
        scenario_from_table(table, f"scenario {n}", complaints) for n, table in enumerate(tables, start=1)
    ]
    ids = [scenario.scenario_id for scenario in found]
    for n, scenario_id in enumerate(ids):
        if scenario_id in ids[:n]:
            complaints.add(f"scenario {n + 1}, field id", scenario_id, "an id of its own")
    complaints.refuse_if_any()
    return tuple(found)


def text_of_scenarios(scenarios: Sequence[StressScenario], old: str = "") -> str:
    """Return scenarios as TOML, keeping of an old text its comments and every scenario that did not change.

    Parameters
    ----------
    scenarios : sequence of StressScenario
        What shall stand in the file, in this order as far as they are new.
    old : str
        What stands there now.

    Raises
    ------
    FileRefused
        If the old text cannot be understood.
    """
    # 15 ms that only a writer should pay: scenarios are read before the first paint.
    import tomlkit  # noqa: PLC0415
    from tomlkit.items import AoT  # noqa: PLC0415

    known = {one.scenario_id: one for one in scenarios_from_text(old, Path("scenarios.toml"))} if old else {}
    document = tomlkit.parse(old)
    tables = document.get("scenario")
    if not isinstance(tables, AoT):
        tables = tomlkit.aot()
        document["scenario"] = tables
    wanted = {one.scenario_id for one in scenarios}
    for index in reversed(range(len(tables))):
        if str(tables[index]["id"]).strip() not in wanted:
            del tables[index]
    there = {str(table["id"]).strip(): table for table in tables.body}
    for scenario in scenarios:
        table = there.get(scenario.scenario_id)
        if table is None:
            table = tomlkit.table()
            tables.append(table)
        if known.get(scenario.scenario_id) != scenario:
            _write(table, scenario)
    return tomlkit.dumps(document)


def write_scenarios(path: Path, scenarios: Sequence[StressScenario]) -> None:
    """Write scenarios into a file; one that is not there is made.

    The text is read back and compared before it takes the file's place.

    Raises
    ------
    FileRefused
        If the file that is there cannot be understood, or the scenarios cannot stand in a file.
    OSError
        If it could not be written; the old file then still stands.
    """
    text = text_of_scenarios(scenarios, text_of(path) if path.exists() else "")
    read_back = {one.scenario_id: one for one in scenarios_from_text(text, path)}
    if read_back != {one.scenario_id: one for one in scenarios} or len(read_back) != len(scenarios):
        complaints = ComplaintList(path)
        expected = "the same scenarios: keep a copy and report this"
        complaints.add("the file", "read back as other scenarios", expected)
        complaints.refuse()
    write_atomically(path, text)


def _write(table: "Table", scenario: StressScenario) -> None:
    table["id"] = scenario.scenario_id
    table["name"] = scenario.name
    if scenario.source:
        table["source"] = scenario.source
    elif "source" in table:
        del table["source"]
    table["shock"] = _array(scenario.shocks)


def _array(shocks: Sequence[Shock]) -> "Array":
    import tomlkit  # noqa: PLC0415  as above

    rows = tomlkit.array().multiline(multiline=True)
    for shock in shocks:
        row = tomlkit.inline_table()
        row["scope"] = shock.scope.kind.value
        if shock.scope.member:
            row["member"] = shock.scope.member
        row["change"] = shock.change_fraction
        rows.append(row)
    return rows


def scenario_from_table(table: Mapping[str, object], where: str, complaints: ComplaintList) -> StressScenario:
    """Return the scenario a table describes; what is wrong with it is kept, and stands in as nothing.

    Parameters
    ----------
    table : Mapping
        Keys as in the file.
    where : str
        How complaints call the table.
    complaints : ComplaintList
        Where they are kept.
    """
    for key in table:
        if key not in {"id", "name", "source", "shock"}:
            complaints.add(f"{where}, field {key}", key, "one of id, name, source, shock")
    scenario_id = _text(table, "id", where, complaints)
    if not _ID.fullmatch(scenario_id):
        expected = "a short name of small letters, digits, - and _, like covid-2020"
        complaints.add(f"{where}, field id", scenario_id, expected)
    name = _text(table, "name", where, complaints)
    if not name:
        complaints.add(f"{where}, field name", "missing", "what the trader calls it")
    rows = table.get("shock", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        complaints.add(f"{where}, shock", "none", "a list of shocks: see the sample scenarios file")
        rows = []
    shocks = [_shock(row, f"{where}, shock {n}", complaints) for n, row in enumerate(rows, start=1)]
    return StressScenario(scenario_id, name, tuple(shocks), _text(table, "source", where, complaints))


def _shock(table: Mapping[str, object], where: str, complaints: ComplaintList) -> Shock:
    for key in table:
        if key not in {"scope", "member", "change"}:
            complaints.add(f"{where}, field {key}", key, "one of scope, member, change")
    kind = _text(table, "scope", where, complaints)
    if kind not in tuple(ScopeKind):
        complaints.add(f"{where}, field scope", kind, f"one of {', '.join(ScopeKind)}")
        kind = ScopeKind.BOOK
    member = _text(table, "member", where, complaints)
    if (ScopeKind(kind) is ScopeKind.BOOK) == bool(member):
        expected = "nothing for the book" if member else f"which {kind.replace('_', ' ')} moves"
        complaints.add(f"{where}, field member", member or "missing", expected)
    change = table.get("change")
    if isinstance(change, bool) or not isinstance(change, int | float) or not math.isfinite(change):
        complaints.add(f"{where}, field change", str(change), "a number: -0.2 is a fall of 20 %")
        change = 0.0
    elif not -1.0 < change <= _LARGEST_RISE:
        complaints.add(
            f"{where}, field change", f"{change:g}", "above -1 (a whole loss) and at most 10: -0.2 is −20 %"
        )
    return Shock(Scope(ScopeKind(kind), member), float(change))


def _text(table: Mapping[str, object], field: str, where: str, complaints: ComplaintList) -> str:
    value = table.get(field, "")
    if isinstance(value, str):
        return value.strip()
    complaints.add(f"{where}, field {field}", str(value), "a text in quotes")
    return ""
