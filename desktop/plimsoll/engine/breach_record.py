"""A breach as facts for the journal, and back again."""

from collections.abc import Mapping
from typing import Any

import msgspec

from plimsoll.domain.breach import Breach, Evidence
from plimsoll.domain.decision import Decision

ENDLESS = float("inf")


def body_of(breach: Breach) -> dict[str, object]:
    """Return the breach as JSON-able facts; endless figures and an unknown NAV are written as null."""
    body: dict[str, object] = msgspec.to_builtins(breach)
    if breach.until_value == ENDLESS:
        body["until_value"] = None
    for name in ("value", "worst_value"):
        if body[name] == ENDLESS:
            body[name] = None
    if breach.evidence.nav_base != breach.evidence.nav_base:
        body["evidence"] = {**msgspec.to_builtins(breach.evidence), "nav_base": None}
    return body


def change_of(breach: Breach) -> dict[str, object]:
    """Return a later step of the breach as JSON-able facts: its evidence stands in the row that raised it."""
    body: dict[str, object] = body_of(breach)
    del body["evidence"]
    return body


def breach_from(body: Mapping[str, Any], evidence: Evidence | None = None) -> Breach:
    """Return the breach that `body_of` or `change_of` wrote, in this version or an older one.

    Parameters
    ----------
    body : Mapping
        The row's facts.
    evidence : Evidence, optional
        What the row that raised it held, for a row without.

    Raises
    ------
    msgspec.ValidationError
        If the facts are not those of a breach.
    """
    facts = dict(body)
    for name in ("until_value", "value", "worst_value"):
        if facts.get(name) is None:
            facts[name] = ENDLESS
    held = facts.get("evidence")
    if isinstance(held, Mapping) and held.get("nav_base") is None:
        facts["evidence"] = {**held, "nav_base": float("nan")}
    elif held is None and evidence is not None:
        facts["evidence"] = evidence
    return msgspec.convert(facts, Breach)


def decision_body(decision: Decision) -> dict[str, object]:
    """Return a decision as JSON-able facts; what its kind does not speak of is left out."""
    body: dict[str, object] = {
        "decision_id": decision.decision_id,
        "kind": str(decision.kind),
        "breach_id": decision.breach_id,
        "reason": decision.reason,
        "until_ns": decision.until_ns,
        "until_value": None if decision.until_value == ENDLESS else decision.until_value,
        "decided_ns": decision.decided_ns,
    }
    if decision.cause is not None and decision.resolution is not None:
        body |= {
            "cause": str(decision.cause),
            "resolution": str(decision.resolution),
            "comment": decision.comment,
        }
    return body
