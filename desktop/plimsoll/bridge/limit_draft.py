"""A limit as a person types it: texts in, the limit or a complaint for each wrong field out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from plimsoll.bridge.typed_number import AMOUNT, PLAIN, expected_in_percent, number_in, shortest
from plimsoll.domain.limit import Limit, Measure, ScopeKind, Unit
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.limit_table import LimitTable, fields_of

FIELDS = {
    "id": "Id",
    "name": "Name",
    "measure": "Measure",
    "detail": "Detail",
    "scope": "Scope",
    "member": "Member",
    "line": "Line",
    "severity": "Severity",
    "warning_fraction": "Warns at",
    "reset_fraction": "Eases below",
    "confirm_updates": "Confirmed by updates",
    "confirm_of": "of the last",
    "confirm_s": "Beyond the line for",
    "cool_down_s": "Cool-down",
    "owner": "Owner",
    "purpose": "Purpose",
    "next_review": "Next review",
    "response": "Response",
    "effective_from": "Stands from",
    "effective_until": "Stands until",
    "stands_in_for": "Stands in for",
}
"""Every field of a limit by its name in the file, with its caption, in the order of the form."""

_PERCENT = frozenset({"warning_fraction", "reset_fraction"})
_NUMBERS = _PERCENT | {"confirm_s", "cool_down_s"}
_WHOLE = frozenset({"confirm_updates", "confirm_of"})
_EXAMPLES = {
    Unit.MONEY: "money above 0, like 250,000 or 1.5m",
    Unit.FRACTION: "a share in per cent above 0, like 1.75",
    Unit.RATIO: "a multiple above 0, like 2.5",
    Unit.INDEX: "a number above 0, like 0.25",
    Unit.DAYS: "days above 0, like 5",
    Unit.SECONDS: "seconds above 0, like 2.5",
    Unit.COUNT: "a number above 0, like 3",
}
_UNIT_WORDS = {
    Unit.FRACTION: "%",
    Unit.RATIO: "×",
    Unit.INDEX: "",
    Unit.DAYS: "days",
    Unit.SECONDS: "s",
    Unit.COUNT: "",
}


@dataclass(frozen=True, slots=True)
class LimitDraft:
    """What came of the texts.

    Attributes
    ----------
    limit : Limit or None
        The limit, if nothing is wrong.
    complaints : Mapping
        What a field should have held, by the field's name in the file.
    """

    limit: Limit | None
    complaints: Mapping[str, str] = field(default_factory=dict)


def draft_of(texts: Mapping[str, str], known: Mapping[str, Limit], *, is_new: bool) -> LimitDraft:
    """Return the limit that these texts describe, or what is wrong with each.

    Parameters
    ----------
    texts : Mapping
        The text of each of `FIELDS`; one that is missing has its default.
    known : Mapping
        The limits there are, by id, for the one it stands in for.
    is_new : bool
        Whether its id has to be one that no other limit has.
    """
    table: dict[str, object] = {}
    complaints: dict[str, str] = {}
    for name, text in texts.items():
        try:
            value = _value(name, text.strip(), texts)
        except ValueError as fault:
            complaints[name] = str(fault)
            continue
        if value != "":
            table[name] = value
    found = ComplaintList(Path("limit"))
    row = LimitTable(table, lambda name: name, found)
    limit = row.limit()
    if limit is not None and limit.stands_in_for:
        row.check_stand_in(limit, {**known, limit.limit_id: limit})
    for complaint in found.found:
        complaints.setdefault(complaint.where, _as_typed(complaint.where, complaint.expected, texts))
    if is_new and texts.get("id", "").strip() in known:
        complaints.setdefault("id", "an id that no other limit has")
    return LimitDraft(None if complaints else limit, complaints)


def texts_of(limit: Limit) -> dict[str, str]:
    """Return a limit as the texts of its fields: shares in per cent, money with separators."""
    texts = {name: str(value) for name, value in fields_of(limit).items()}
    texts["line"] = line_text(limit.line, limit.measure.unit)
    for name in _PERCENT:
        texts[name] = shortest(Decimal(texts[name]) * 100)
    for name in ("confirm_s", "cool_down_s"):
        texts[name] = shortest(Decimal(texts[name]))
    return texts


def line_text(line: float, unit: Unit) -> str:
    """Return a line as a person types it, to the last digit it has."""
    exact = Decimal(str(line))
    if unit is Unit.FRACTION:
        return shortest(exact * 100)
    return f"{exact.normalize():,f}" if unit is Unit.MONEY else shortest(exact)


def unit_words(unit: Unit, currency: str) -> str:
    """Return what stands behind a line's field."""
    return currency if unit is Unit.MONEY else _UNIT_WORDS[unit]


def differences(before: Limit, after: Limit, currency: str) -> tuple[tuple[str, str, str], ...]:
    """Return each field that differs: its caption, and how it was and will be written."""
    old, new = _written(before, currency), _written(after, currency)
    return tuple((FIELDS[name], old[name], new[name]) for name in FIELDS if old[name] != new[name])


def measure_of(texts: Mapping[str, str]) -> Measure | None:
    """Return the measure these texts name, if they do."""
    name = texts.get("measure", "")
    return Measure(name) if name in tuple(Measure) else None


def scope_of(texts: Mapping[str, str]) -> ScopeKind:
    """Return the grouping these texts name; the book if none."""
    name = texts.get("scope", "")
    return ScopeKind(name) if name in tuple(ScopeKind) else ScopeKind.BOOK


def _written(limit: Limit, currency: str) -> dict[str, str]:
    """Return each field as a sentence would have it: with its unit, and a dash for what is empty."""
    texts = texts_of(limit)
    units = {
        "line": unit_words(limit.measure.unit, currency),
        **dict.fromkeys(_PERCENT, "%"),
        "confirm_s": "s",
        "cool_down_s": "s",
    }
    return {name: " ".join(filter(None, (text or "—", units.get(name, "")))) for name, text in texts.items()}


def _value(name: str, text: str, texts: Mapping[str, str]) -> str | float | int:
    """Return a field's value as a file would hold it.

    Raises
    ------
    ValueError
        If it is no number where one is expected; its words say which.
    """
    if name == "line":
        return _line(text, measure_of(texts))
    if name in _WHOLE and text:
        if not (text.isascii() and text.isdigit()):
            raise ValueError("a whole number of updates, like 3")
        return int(text[:9])
    if name in _NUMBERS and text:
        in_percent = name in _PERCENT
        expected = "a share in per cent, like 80" if in_percent else "seconds, like 60"
        number = number_in(PLAIN, text, expected)
        return float(number / 100 if in_percent else number)
    return text


def _line(text: str, measure: Measure | None) -> float:
    unit = measure.unit if measure is not None else Unit.INDEX
    expected = _EXAMPLES[unit] if measure is not None else "a number above 0"
    number = number_in(AMOUNT if unit is Unit.MONEY else PLAIN, text, expected)
    return float(number / 100 if unit is Unit.FRACTION else number)


def _as_typed(name: str, expected: str, texts: Mapping[str, str]) -> str:
    """Return what the file's reader expects in the words of the form: shares are typed in per cent."""
    measure = measure_of(texts)
    in_percent = name in _PERCENT or (
        name == "line" and measure is not None and measure.unit is Unit.FRACTION
    )
    if not in_percent:
        return expected
    return expected_in_percent(expected)
