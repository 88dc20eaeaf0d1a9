"""A response policy as a person types it: texts in, the policy or a complaint for each wrong field out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from plimsoll.bridge.typed_number import PLAIN, expected_in_percent, number_in, shortest
from plimsoll.domain.grade import GradeLetter
from plimsoll.domain.limit import Limit
from plimsoll.domain.response_policy import ALERT, Autonomy, PlanKind, PolicyRule, Response, ResponsePolicy
from plimsoll.storage.complaint_list import ComplaintList
from plimsoll.storage.policy_file import PolicyTable

Texts = Mapping[str, str]
Place = tuple[str, int, str]
"""Of a field: "response" or "rule", its number from 0, and the field's name in the file."""

RESPONSE_FIELDS = {
    "name": "Name",
    "plan": "What it works out",
    "autonomy": "How far it goes",
    "countdown_s": "Countdown",
    "minimum_grade": "Acts alone from grade",
    "two_persons": "Two persons",
    "reduce_fraction": "Takes off",
    "hedge_instruments": "Hedges with",
    "volume_share": "Trades at most",
    "price_band_fraction": "Prices may move",
    "expires_s": "An approval holds for",
    "loss_budget_fraction": "Loss budget",
}
"""Every field of a response by its name in the file, with its caption, in the order of the form."""
RULE_FIELDS = ("limit", "severity", "measures", "response")
YES, NO = "yes", "no"

_PERCENT = frozenset({"reduce_fraction", "volume_share", "price_band_fraction", "loss_budget_fraction"})
_SECONDS = frozenset({"countdown_s", "expires_s"})
_LISTS = frozenset({"hedge_instruments", "measures"})
_NEW = Response("", PlanKind.CHEAPEST_CUT)


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """What came of the texts.

    Attributes
    ----------
    policy : ResponsePolicy or None
        The policy, if nothing is wrong.
    complaints : Mapping
        What a field should have held, by its place.
    """

    policy: ResponsePolicy | None
    complaints: Mapping[Place, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PolicyRoute:
    """Which response a breach of one limit leads to, and by what."""

    limit: Limit
    response: Response
    by: str


def policy_draft_of(responses: Sequence[Texts], rules: Sequence[Texts]) -> PolicyDraft:
    """Return the policy that these texts describe, or what is wrong with each field."""
    complaints: dict[Place, str] = {}
    found_responses: list[Response] = []
    found_rules: list[PolicyRule] = []
    names = [texts["name"].strip() for texts in responses]
    for number, texts in enumerate(responses):
        table = _Reading("response", number, texts, complaints)
        found_responses.append(table.read().response())
        table.take_complaints()
        if names[number] in names[:number]:
            complaints.setdefault(("response", number, "name"), "a name of its own")
    for number, texts in enumerate(rules):
        table = _Reading("rule", number, texts, complaints)
        found_rules.append(table.read().rule(names))
        table.take_complaints()
    if complaints or not responses or not rules:
        return PolicyDraft(None, complaints)
    return PolicyDraft(ResponsePolicy(tuple(found_responses), tuple(found_rules)))


def texts_of_response(response: Response = _NEW) -> dict[str, str]:
    """Return a response as the texts of its fields: shares in per cent; without one, those of a new one."""
    return {
        "name": response.name,
        "plan": response.kind.value,
        "autonomy": response.autonomy.value,
        "countdown_s": shortest(Decimal(str(response.countdown_s))),
        "minimum_grade": response.minimum_grade.value,
        "two_persons": YES if response.two_persons else NO,
        "hedge_instruments": ", ".join(response.hedge_instruments),
        "expires_s": shortest(Decimal(str(response.expires_s))),
        **{name: shortest(Decimal(str(getattr(response, name))) * 100) for name in sorted(_PERCENT)},
    }


def texts_of_rule(rule: PolicyRule) -> dict[str, str]:
    """Return a rule as the texts of its fields."""
    return {
        "limit": rule.limit_id,
        "severity": rule.severity.value if rule.severity is not None else "",
        "measures": ", ".join(rule.measures),
        "response": rule.response,
    }


def routes_of(policy: ResponsePolicy, limits: Iterable[Limit]) -> tuple[PolicyRoute, ...]:
    """Return where a breach of each limit leads, and whether the limit or which rule says so."""
    return tuple(PolicyRoute(limit, policy.response_to(limit), _said_by(policy, limit)) for limit in limits)


def _said_by(policy: ResponsePolicy, limit: Limit) -> str:
    if limit.response and policy.named(limit.response) is not None:
        return "the limit itself"
    for number, rule in enumerate(policy.rules, start=1):
        if rule.speaks_of(limit) and policy.named(rule.response) is not None:
            return f"rule {number}"
    return "no rule"


def changes_of(before: ResponsePolicy, after: ResponsePolicy) -> tuple[str, ...]:
    """Return in words what differs between two policies."""
    old, new = ({response.name: response for response in policy.responses} for policy in (before, after))
    found = [f"{name} added" for name in new if name not in old]
    found += [f"{name} removed" for name in old if name not in new]
    for name in new:
        if name in old and old[name] != new[name]:
            one, other = texts_of_response(old[name]), texts_of_response(new[name])
            captions = (RESPONSE_FIELDS[key].lower() for key in RESPONSE_FIELDS if one[key] != other[key])
            found.append(f"{name} ({', '.join(captions)})")
    if before.rules != after.rules:
        found.append("rules")
    return tuple(found)


def outcome_words(response: Response) -> str:
    """Return what a response does about a breach, in a sentence's end."""
    if response.kind is PlanKind.ALERT or response.autonomy is Autonomy.ALERT_ONLY:
        return ALERT.autonomy.words
    if response.autonomy is Autonomy.PROPOSE_AND_EXECUTE_AFTER:
        return f"{response.kind.caption}: propose, execute after {response.countdown_s:g} s unless overridden"
    return f"{response.kind.caption}: {response.autonomy.words}"


GRADES = tuple(letter.value for letter in GradeLetter if letter is not GradeLetter.UNKNOWN)


@dataclass(slots=True)
class _Reading:
    """One table of texts being read as a table of the file."""

    kind: str
    number: int
    texts: Texts
    complaints: dict[Place, str]
    found: ComplaintList = field(default_factory=lambda: ComplaintList(Path("policy")))

    def read(self) -> PolicyTable:
        """Return the texts as a table of the file would have them; what is no number is complained about."""
        table: dict[str, object] = {}
        for name, text in self.texts.items():
            try:
                value = _value(name, text.strip())
            except ValueError as fault:
                self.complaints[(self.kind, self.number, name)] = str(fault)
                continue
            if value != "":
                table[name] = value
        return PolicyTable(table, self.kind, self.found)

    def take_complaints(self) -> None:
        """Keep what the file's reader complains about, in the words of the form."""
        for complaint in self.found.found:
            name = complaint.where.removeprefix(f"{self.kind}, field ")
            expected = expected_in_percent(complaint.expected) if name in _PERCENT else complaint.expected
            self.complaints.setdefault((self.kind, self.number, name), expected)


def _value(name: str, text: str) -> object:
    if name in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()] or ""
    if name == "two_persons":
        return text == YES
    if name in _PERCENT:
        return float(number_in(PLAIN, text, "a share in per cent, like 10") / 100)
    if name in _SECONDS:
        return float(number_in(PLAIN, text, "seconds, like 60"))
    return text
