"""The response policy from a TOML file: all of it or every complaint; written back with its comments.

Two kinds of tables::

    [[response]]
    name = "cut-half"  # short and stable: rules, and limits by their field response, name it
    plan = "uniform_reduction"  # one of plimsoll.domain.response_policy.PlanKind
    autonomy = "propose_and_wait"  # alert_only, propose_and_wait, propose_and_execute_after, execute_at_once
    countdown_s = 60  # of propose_and_execute_after
    minimum_grade = "B"  # below it nothing is done alone
    reduce_fraction = 0.5  # of the exposure at the breach, for uniform_reduction
    hedge_instruments = ["US500"]  # lines of the book that a hedge may trade
    volume_share = 0.1  # of an average day's volume, the most that goes out at once
    price_band_fraction = 0.01  # how far prices may move before approval is asked for again
    expires_s = 120  # for which an approval holds
    loss_budget_fraction = 0.25  # of a loss limit's line, what may still be lost beyond it
    two_persons = true  # a second person confirms

    [[rule]]  # the first that speaks of a limit decides; what it leaves out it does not ask
    limit = "drawdown"  # one limit's id
    severity = "CRITICAL"
    measures = ["drawdown"]
    response = "cut-half"
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from plimsoll.domain.grade import GradeLetter
from plimsoll.domain.limit import Measure, Severity
from plimsoll.domain.response_policy import Autonomy, PlanKind, PolicyRule, Response, ResponsePolicy
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.text_file import text_of, write_atomically
from plimsoll.storage.toml_table import document_of

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

_T = TypeVar("_T", Response, PolicyRule)

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_GRADES = tuple(str(letter) for letter in GradeLetter if letter is not GradeLetter.UNKNOWN)
_LONGEST_S = 86_400.0
_WIDEST_BAND = 0.5
_RESPONSE_FIELDS = (
    "name",
    "plan",
    "autonomy",
    "countdown_s",
    "minimum_grade",
    "reduce_fraction",
    "hedge_instruments",
    "volume_share",
    "price_band_fraction",
    "expires_s",
    "loss_budget_fraction",
    "two_persons",
)
_RULE_FIELDS = ("limit", "severity", "measures", "response")


def policy_from_file(path: Path) -> ResponsePolicy:
    """Return the response policy of a TOML file.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    return policy_from_text(text_of(path), path)


def policy_from_text(text: str, path: Path) -> ResponsePolicy:
    """Return the policy a text describes; `path` is named in the complaints.

    Raises
    ------
    FileRefused
        With every complaint about it.
    """
    complaints = ComplaintList(path)
    document = document_of(text, complaints, "TOML: see the sample responses file")
    for key in document:
        if key not in {"response", "rule"}:
            complaints.add(f"key {key}", key, "tables [[response]] and [[rule]] only")
    responses = [
        PolicyTable(table, f"response {number}", complaints).response()
        for number, table in enumerate(_tables(document, "response", complaints), start=1)
    ]
    names = [response.name for response in responses]
    for number, name in enumerate(names):
        if name and name in names[:number]:
            complaints.add(f"response {number + 1}, field name", name, "a name of its own")
    rules = [
        PolicyTable(table, f"rule {number}", complaints).rule(names)
        for number, table in enumerate(_tables(document, "rule", complaints), start=1)
    ]
    complaints.refuse_if_any()
    return ResponsePolicy(tuple(responses), tuple(rules))


def write_policy(path: Path, policy: ResponsePolicy) -> None:
    """Write a policy into a file, keeping the comments of responses and of rules that did not change.

    A file that is not there is made. The text is read back and compared before it takes the file's place.

    Raises
    ------
    FileRefused
        If the file that is there cannot be understood, or the policy cannot stand in a file.
    OSError
        If it could not be written; the old file then still stands.
    """
    # 15 ms that only a writer should pay.
    import tomlkit  # noqa: PLC0415

    old = text_of(path) if path.exists() else ""
    before = policy_from_text(old, path) if old else ResponsePolicy((), ())
    document = tomlkit.parse(old)
    _write_tables(document, "response", before.responses, policy.responses, response_fields)
    _write_tables(document, "rule", before.rules, policy.rules, rule_fields)
    text = tomlkit.dumps(document)
    if policy_from_text(text, path) != policy:
        complaints = ComplaintList(path)
        complaints.add("the file", "read back as another policy", "the same: keep a copy and report this")
        complaints.refuse()
    write_atomically(path, text)


def _write_tables(
    document: "TOMLDocument",
    key: str,
    before: Sequence[_T],
    after: Sequence[_T],
    fields_of: Callable[[_T], dict[str, object]],
) -> None:
    """Set what differs, table by table; where tables came, went or changed places all are written anew."""
    import tomlkit  # noqa: PLC0415

    if before == after:
        return
    tables = document.get(key)
    # What stays in its place keeps its comments.
    if len(before) != len(after) or tables is None:
        tables = tomlkit.aot()
        for _ in after:
            tables.append(tomlkit.table())
        document[key] = tables
        before = ()
    for number, item in enumerate(after):
        table = tables[number]
        if number < len(before) and before[number] == item:
            continue
        wanted = fields_of(item)
        for field in [field for field in table if field not in wanted]:
            del table[field]
        for field, value in wanted.items():
            if field not in table or table[field] != value:
                table[field] = value


def response_fields(response: Response) -> dict[str, object]:
    """Return a response as the fields of its table, without what is the default."""
    default = Response(response.name, response.kind)
    fields: dict[str, object] = {
        "name": response.name,
        "plan": str(response.kind),
        "autonomy": str(response.autonomy),
    }
    for name in _RESPONSE_FIELDS[3:]:
        value = getattr(response, name)
        if value != getattr(default, name):
            fields[name] = list(value) if isinstance(value, tuple) else value
    if "minimum_grade" in fields:
        fields["minimum_grade"] = str(response.minimum_grade)
    return fields


def rule_fields(rule: PolicyRule) -> dict[str, object]:
    """Return a rule as the fields of its table, without what it leaves open."""
    fields: dict[str, object] = {}
    if rule.limit_id:
        fields["limit"] = rule.limit_id
    if rule.severity is not None:
        fields["severity"] = str(rule.severity)
    if rule.measures:
        fields["measures"] = [str(measure) for measure in rule.measures]
    return {**fields, "response": rule.response}


def _tables(
    document: Mapping[str, object], key: str, complaints: ComplaintList
) -> list[Mapping[str, object]]:
    tables = document.get(key, [])
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        _refuse(complaints, key)
    return tables


def _refuse(complaints: ComplaintList, key: str) -> NoReturn:
    complaints.add("the file", f"without {key}s", f"at least one table [[{key}]]")
    complaints.refuse()


@dataclass(frozen=True, slots=True)
class PolicyTable:
    """One table being read.

    Attributes
    ----------
    table : Mapping
        Its fields, as `tomllib` has them.
    where : str
        What complaints begin with: ``"response 1"``.
    complaints : ComplaintList
        Where what is wrong is kept.
    """

    table: Mapping[str, object]
    where: str
    complaints: ComplaintList

    def response(self) -> Response:
        """Return the response, with defaults in the place of what was complained about."""
        self._check_fields(_RESPONSE_FIELDS)
        name = self._text("name")
        if not _NAME.fullmatch(name):
            self._complain("name", "a short name of small letters, digits, - and _, like cut-half")
        found = Response(
            name=name,
            kind=PlanKind(self._choice("plan", tuple(PlanKind), PlanKind.ALERT, is_needed=True)),
            autonomy=Autonomy(self._choice("autonomy", tuple(Autonomy), Autonomy.PROPOSE_AND_WAIT)),
            countdown_s=self._number("countdown_s", 60.0, _LONGEST_S),
            minimum_grade=GradeLetter(self._choice("minimum_grade", _GRADES, GradeLetter.B)),
            reduce_fraction=self._number("reduce_fraction", 0.5, 1.0),
            hedge_instruments=self._texts("hedge_instruments"),
            volume_share=self._number("volume_share", 0.10, 1.0),
            price_band_fraction=self._number("price_band_fraction", 0.01, _WIDEST_BAND),
            expires_s=self._number("expires_s", 120.0, _LONGEST_S),
            loss_budget_fraction=self._number("loss_budget_fraction", 0.25, 1.0, may_be_zero=True),
            two_persons=self._flag("two_persons"),
        )
        if found.kind.may_open and not found.hedge_instruments and "plan" in self.table:
            self._complain("hedge_instruments", "the codes a hedge may trade, at least one")
        if found.two_persons and found.autonomy.acts_alone:
            self._complain("autonomy", "propose_and_wait, since two_persons wants them to confirm it")
        return found

    def rule(self, names: Sequence[str]) -> PolicyRule:
        """Return the rule, with defaults in the place of what was complained about."""
        self._check_fields(_RULE_FIELDS)
        response = self._text("response")
        if response not in names:
            self._complain(
                "response", f"the name of a response of this file: {', '.join(filter(None, names))}"
            )
        severity = self._choice("severity", tuple(Severity), "")
        measures = self._texts("measures")
        for measure in measures:
            if measure not in tuple(Measure):
                self.complaints.add(self._place("measures"), measure, f"some of {', '.join(Measure)}")
        return PolicyRule(
            response,
            self._text("limit"),
            Severity(severity) if severity else None,
            tuple(Measure(measure) for measure in measures if measure in tuple(Measure)),
        )

    def _check_fields(self, known: Sequence[str]) -> None:
        for key in self.table:
            if key not in known:
                self.complaints.add(self._place(key), key, f"one of {', '.join(known)}")

    def _place(self, field: str) -> str:
        return f"{self.where}, field {field}"

    def _complain(self, field: str, expected: str) -> None:
        was = str(self.table[field]) if field in self.table else "missing"
        self.complaints.add(self._place(field), was, expected)

    def _text(self, field: str) -> str:
        value = self.table.get(field, "")
        if isinstance(value, str):
            return value.strip()
        self._complain(field, "a text in quotes")
        return ""

    def _texts(self, field: str) -> tuple[str, ...]:
        value = self.table.get(field, [])
        if isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value):
            return tuple(each.strip() for each in value)
        self._complain(field, "a list of texts in quotes")
        return ()

    def _choice(self, field: str, known: Sequence[str], default: str, *, is_needed: bool = False) -> str:
        value = self.table.get(field, "" if is_needed else default)
        if isinstance(value, str) and (value in known or (value == default and not is_needed)):
            return value
        self._complain(field, f"one of {', '.join(known)}")
        return default

    def _number(self, field: str, default: float, most: float, *, may_be_zero: bool = False) -> float:
        value = self.table.get(field, default)
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if is_number and isinstance(value, int | float):
            found = float(value)
            if 0.0 < found <= most or (may_be_zero and found == 0.0):
                return found
        least = "zero or more" if may_be_zero else "above 0"
        self._complain(field, f"a number {least} and at most {most:g}")
        return default

    def _flag(self, field: str) -> bool:
        value = self.table.get(field, False)
        if isinstance(value, bool):
            return value
        self._complain(field, "true or false")
        return False
