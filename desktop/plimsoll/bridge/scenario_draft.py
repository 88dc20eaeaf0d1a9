"""A scenario as a person types it: texts in, the scenario or a complaint for each wrong field out."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.scenarios_file import scenario_from_table

CHANGE_EXPECTED = "per cent above −100 and at most 1,000, like −20"
_WHERE = "scenario"
_PLACE = re.compile(rf"{_WHERE}(?:, shock (?P<shock>\d+))?, (?:field )?(?P<field>[a-z]+)")
_NOISE = re.compile(r"[\s%+,'’_\u00a0\u202f]")


@dataclass(frozen=True, slots=True)
class ShockTexts:
    """One shock: scope and member as the file names them, the change in per cent."""

    scope: str = "asset_class"
    member: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class ScenarioTexts:
    """The texts of every field."""

    scenario_id: str = ""
    name: str = ""
    source: str = ""
    shocks: tuple[ShockTexts, ...] = (ShockTexts(),)


@dataclass(frozen=True, slots=True)
class ScenarioDraft:
    """What came of the texts.

    Attributes
    ----------
    scenario : StressScenario or None
        The scenario, if nothing is wrong.
    complaints : Mapping
        What a field should have held: by "id", "name", "source" or "shock", and for a field of a shock by its
        place from nought and its name, like "2 change".
    """

    scenario: StressScenario | None
    complaints: Mapping[str, str] = field(default_factory=dict)


def texts_of(scenario: StressScenario) -> ScenarioTexts:
    """Return a scenario as it is edited."""
    shocks = tuple(
        ShockTexts(one.scope.kind.value, one.scope.member, percent_text(one.change_fraction))
        for one in scenario.shocks
    )
    return ScenarioTexts(scenario.scenario_id, scenario.name, scenario.source, shocks)


@lru_cache(maxsize=256)  # a list of scenarios asks for all of them at every letter of one
def draft_of(texts: ScenarioTexts, taken_ids: frozenset[str] = frozenset()) -> ScenarioDraft:
    """Return the scenario that texts describe, or what is wrong field by field.

    Parameters
    ----------
    texts : ScenarioTexts
        As typed.
    taken_ids : frozenset of str
        Ids of the other scenarios.
    """
    complaints = ComplaintList(Path(_WHERE))
    rows: list[Mapping[str, object]] = []
    found: dict[str, str] = {}
    for number, shock in enumerate(texts.shocks):
        change = fraction_of(shock.change)
        if change is None:
            found[f"{number} change"] = CHANGE_EXPECTED
        row: dict[str, object] = {"scope": shock.scope, "change": 0.0 if change is None else change}
        rows.append(row | ({"member": shock.member.strip()} if shock.member.strip() else {}))
    table = {"id": texts.scenario_id.strip(), "name": texts.name, "source": texts.source, "shock": rows}
    scenario = scenario_from_table(table, _WHERE, complaints)
    for complaint in complaints.found:
        place = _PLACE.fullmatch(complaint.where)
        if place is None:
            found.setdefault("shock", complaint.expected)
        elif place["shock"] is None:
            found.setdefault(place["field"], complaint.expected)
        else:
            expected = CHANGE_EXPECTED if place["field"] == "change" else complaint.expected
            found.setdefault(f"{int(place['shock']) - 1} {place['field']}", expected)
    if not texts.shocks:
        found["shock"] = "one shock at least"
    if texts.scenario_id.strip() in taken_ids:
        found["id"] = "an id of its own: another scenario has this one"
    return ScenarioDraft(None if found else scenario, found)


def fraction_of(text: str) -> float | None:
    """Return what a change in per cent is as a fraction: "−20 %" is −0.2; None for no number."""
    plain = _NOISE.sub("", text.replace("\N{MINUS SIGN}", "-"))
    try:
        value = float(plain)
    except ValueError:
        return None
    # A fraction with as many digits as were typed: −33.9 % is −0.339, not −0.33899999999999997.
    return float(f"{value / 100.0:.12g}") if math.isfinite(value) else None


def percent_text(change_fraction: float) -> str:
    """Return a change as it is typed: −0.339 is −33.9."""
    return f"{change_fraction * 100.0:.10g}".replace("-", "\N{MINUS SIGN}")
