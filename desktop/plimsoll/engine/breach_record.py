"""A breach as facts for the journal, and back again."""

from collections.abc import Mapping
from typing import Any

import msgspec

from plimsoll.domain.breach import Breach


def body_of(breach: Breach) -> dict[str, object]:
    """Return the breach as JSON-able facts; an endless level and an unknown NAV are written as null."""
    body: dict[str, object] = msgspec.to_builtins(breach)
    if breach.until_value == float("inf"):
        body["until_value"] = None
    if breach.evidence.nav_base != breach.evidence.nav_base:
        body["evidence"] = {**msgspec.to_builtins(breach.evidence), "nav_base": None}
    return body


def breach_from(body: Mapping[str, Any]) -> Breach:
    """Return the breach that `body_of` wrote.

    Raises
    ------
    msgspec.ValidationError
        If the facts are not those of a breach.
    """
    facts = dict(body)
    if facts.get("until_value") is None:
        facts["until_value"] = float("inf")
    evidence = facts.get("evidence")
    if isinstance(evidence, Mapping) and evidence.get("nav_base") is None:
        facts["evidence"] = {**evidence, "nav_base": float("nan")}
    return msgspec.convert(facts, Breach)
