"""One limit as a table of a TOML file, with a complaint for each wrong field."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity, Unit, instant_ns
from plimsoll.domain.limit_detail import detail_expected
from plimsoll.storage.complaint_list import ComplaintList

REQUIRED = ("id", "name", "measure", "line", "severity")
_OPTIONAL = (
    "scope",
    "member",
    "warning_fraction",
    "reset_fraction",
    "cool_down_s",
    "purpose",
    "owner",
    "detail",
    "confirm_updates",
    "confirm_of",
    "confirm_s",
    "effective_from",
    "effective_until",
    "stands_in_for",
    "next_review",
    "response",
)
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LARGEST_WEIGHT = 10.0
_WEEK_S = 7 * 86_400.0
_HOUR_S = 3_600.0
_MOST_UPDATES = 1_000
_WEIGHTS = frozenset({Measure.NET_WEIGHT, Measure.GROSS_WEIGHT, Measure.TOP_N_WEIGHT})
_ENDLESS = frozenset({Measure.MARGIN_USE, Measure.CORRELATION_SHIFT, Measure.TURBULENCE})
"""Shares and indices that may lie beyond 1."""


def fields_of(limit: Limit) -> dict[str, str | float]:
    """Return a limit as the fields of its table."""
    return {
        "id": limit.limit_id,
        "name": limit.name,
        "measure": str(limit.measure),
        "line": limit.line,
        "severity": str(limit.severity),
        "scope": str(limit.scope.kind),
        "member": limit.scope.member,
        "detail": limit.detail,
        "warning_fraction": limit.warning_fraction,
        "reset_fraction": limit.reset_fraction,
        "cool_down_s": limit.cool_down_s,
        "confirm_updates": limit.confirm_updates,
        "confirm_of": limit.confirm_of,
        "confirm_s": limit.confirm_s,
        "effective_from": limit.effective_from,
        "effective_until": limit.effective_until,
        "stands_in_for": limit.stands_in_for,
        "next_review": limit.next_review,
        "response": limit.response,
        "purpose": limit.purpose,
        "owner": limit.owner,
    }


@dataclass(frozen=True, slots=True)
class LimitTable:
    """One table being read.

    Attributes
    ----------
    table : Mapping
        Its fields.
    place : callable
        Names the place of a field in the file.
    complaints : ComplaintList
        Where what is wrong goes.
    """

    table: Mapping[str, object]
    place: Callable[[str], str]
    complaints: ComplaintList

    def complain(self, field: str, expected: str) -> None:
        """Add a complaint about one field."""
        was = str(self.table[field]) if field in self.table else "missing"
        self.complaints.add(self.place(field), was, expected)

    def limit(self) -> Limit | None:
        """Return the limit, or None after a complaint."""
        before = len(self.complaints.found)
        for key in self.table:
            if key not in (*REQUIRED, *_OPTIONAL):
                self.complaints.add(self.place(key), key, f"one of {', '.join((*REQUIRED, *_OPTIONAL))}")
        limit_id = self._text("id", "")
        if not _ID.fullmatch(limit_id):
            self.complain("id", "a short name of small letters, digits, - and _, like var-nav")
        name = self._text("name", "")
        if not name:
            self.complain("name", "what the trader calls it")
        measure = self._choice("measure", tuple(Measure), "")
        severity = self._choice("severity", tuple(Severity), "")
        scope = Scope(ScopeKind(self._choice("scope", tuple(ScopeKind), "book")), self._text("member", ""))
        if scope.kind is ScopeKind.BOOK and scope.member:
            self.complain("member", "nothing: the book has no members")
        line = self._number("line", math.nan, 0.0, math.inf)
        detail = self._text("detail", "")
        if measure:
            self._check_measure(Measure(measure), scope, line, detail)
        warning = self._number("warning_fraction", 0.8, 0.0, 1.0)
        reset = self._number("reset_fraction", 0.95, 0.0, 1.0)
        updates, of = self._confirmation()
        begin, end = self._presence()
        cool_down = self._seconds("cool_down_s", 60.0, _WEEK_S)
        confirm_s = self._seconds("confirm_s", 0.0, _HOUR_S)
        review = self._day("next_review")
        purpose, owner, stands_in_for, response = (
            self._text(field, "") for field in ("purpose", "owner", "stands_in_for", "response")
        )
        if len(self.complaints.found) > before or not (measure and severity):
            return None
        return Limit(
            limit_id=limit_id,
            name=name,
            measure=Measure(measure),
            line=line,
            severity=Severity(severity),
            scope=scope,
            warning_fraction=warning,
            reset_fraction=reset,
            cool_down_s=cool_down,
            purpose=purpose,
            owner=owner,
            detail=detail,
            confirm_updates=updates,
            confirm_of=of,
            confirm_s=confirm_s,
            effective_from=begin,
            effective_until=end,
            stands_in_for=stands_in_for,
            next_review=review,
            response=response,
        )

    def check_stand_in(self, limit: Limit, by_id: Mapping[str, Limit]) -> None:
        """Complain about a temporary limit without an end, or without a like one to stand in for."""
        official = by_id.get(limit.stands_in_for)
        if official is None or official.stands_in_for:
            self.complain("stands_in_for", "the id of an official limit of this file")
            return
        if (limit.measure, limit.scope, limit.detail) != (official.measure, official.scope, official.detail):
            self.complain("stands_in_for", "a limit of the same measure, scope, member and detail")
        if not limit.effective_until:
            self.complain("effective_until", "an end: a temporary limit outranks the official one until then")
        rivals = (other for other in by_id.values() if other.stands_in_for == limit.stands_in_for)
        if any(_overlap(limit, other) for other in rivals if other.limit_id != limit.limit_id):
            self.complain("stands_in_for", "one temporary limit at a time for an official one")

    def _confirmation(self) -> tuple[int, int]:
        """Return how many of how many updates have to be beyond the line."""
        updates = self._whole("confirm_updates", 1)
        of = self._whole("confirm_of", max(updates, 1))
        if updates > of:
            self.complain("confirm_updates", f"at most confirm_of, which is {of}")
        return updates, of

    def _presence(self) -> tuple[str, str]:
        """Return from when until when it stands."""
        begin, end = self._instant("effective_from"), self._instant("effective_until")
        if begin and end and instant_ns(begin) >= instant_ns(end):
            self.complain("effective_until", f"an instant after effective_from, {begin}")
        return begin, end

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

    def _seconds(self, field: str, default: float, most: float) -> float:
        found = self._number(field, default, -1.0, most)
        if found < 0.0:
            self.complain(field, "seconds, zero or more")
        return found

    def _whole(self, field: str, default: int) -> int:
        value = self.table.get(field, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_UPDATES:
            self.complain(field, f"a whole number of updates, 1 to {_MOST_UPDATES}")
            return default
        return value

    def _instant(self, field: str) -> str:
        text = self._text(field, "")
        try:
            if text:
                instant_ns(text)
        except ValueError:
            self.complain(field, "an instant in UTC in quotes, like 2026-11-23T17:00:00Z")
            return ""
        return text

    def _day(self, field: str) -> str:
        text = self._text(field, "")
        try:
            if text:
                date.fromisoformat(text)
        except ValueError:
            self.complain(field, "a day in quotes, like 2026-11-23")
            return ""
        return text

    def _check_measure(self, measure: Measure, scope: Scope, line: float, detail: str) -> None:
        """Complain about what this measure cannot have."""
        if scope.kind not in measure.scopes:
            self.complain("scope", f"{' or '.join(measure.scopes)} for the measure {measure}")
        wanted = detail_expected(measure, scope.kind, detail)
        if wanted:
            self.complain("detail", wanted)
        if measure in _WEIGHTS:
            if line > _LARGEST_WEIGHT:
                self.complain("line", f"a share of NAV of at most {_LARGEST_WEIGHT:g}: 0.25 is 25 %")
        elif measure.unit in {Unit.FRACTION, Unit.INDEX} and measure not in _ENDLESS and line > 1.0:
            self.complain("line", "a share of at most 1: 0.0175 is 1.75 %")


def _overlap(one: Limit, other: Limit) -> bool:
    return max(one.from_ns, other.from_ns) < min(one.until_ns, other.until_ns)
