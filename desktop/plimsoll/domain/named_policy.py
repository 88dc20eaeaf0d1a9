"""The response policies a protocol backtest compares, by name."""

from dataclasses import dataclass, replace

from plimsoll.domain.limit import Severity
from plimsoll.domain.response_policy import (
    ALERT,
    BUILT_IN,
    NO_TRADE_CURES,
    Autonomy,
    PlanKind,
    PolicyRule,
    Response,
    ResponsePolicy,
)

AS_SET, TOLD_ONLY = "as set", "told only"


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy and what the comparison calls it."""

    name: str
    policy: ResponsePolicy


def compared_policies(own: ResponsePolicy) -> tuple[NamedPolicy, ...]:
    """Return the desk's own policy and those to hold it against, the own first.

    "told only" acts on nothing and so ends with the untouched book; "alone" is the own one without people.
    """
    told_only = ResponsePolicy((ALERT,), (PolicyRule(ALERT.name),))
    alone = replace(
        own,
        responses=tuple(
            replace(each, autonomy=Autonomy.EXECUTE_AT_ONCE, two_persons=False)
            if each.kind is not PlanKind.ALERT
            else each
            for each in own.responses
        ),
    )
    others = [NamedPolicy(TOLD_ONLY, told_only), NamedPolicy("as set, alone", alone)]
    if own != BUILT_IN:
        others.append(NamedPolicy("built in", BUILT_IN))
    others += [
        NamedPolicy("cheapest cut", _always(Response("cut", PlanKind.CHEAPEST_CUT))),
        NamedPolicy("cut by half", _always(Response("cut", PlanKind.UNIFORM_REDUCTION))),
    ]
    return (NamedPolicy(AS_SET, own), *others)


def _always(response: Response) -> ResponsePolicy:
    """Return the policy that answers every grave breach alike, if trading can cure it."""
    return ResponsePolicy(
        (response, ALERT),
        (
            PolicyRule(ALERT.name, measures=tuple(sorted(NO_TRADE_CURES))),
            PolicyRule(response.name, severity=Severity.CRITICAL),
            PolicyRule(response.name, severity=Severity.HIGH),
            PolicyRule(ALERT.name),
        ),
    )
