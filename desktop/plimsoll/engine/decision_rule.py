"""Which decisions may stand: signed, once, in time, with what their kind owes."""

from plimsoll.domain.breach import Breach, BreachStep
from plimsoll.domain.decision import SHORTEST_REASON, Decision, DecisionKind
from plimsoll.domain.errors import DecisionRefused

STEP_OF = {
    DecisionKind.ACKNOWLEDGE: BreachStep.ACKNOWLEDGE,
    DecisionKind.SNOOZE: BreachStep.SNOOZE,
    DecisionKind.OVERRIDE: BreachStep.OVERRIDE,
    DecisionKind.CLOSE_INCIDENT: BreachStep.FILE,
}
"""What each decision does to a breach."""

_LASTING = frozenset({DecisionKind.SNOOZE, DecisionKind.OVERRIDE})


def refuse_unfit(decision: Decision, breach: Breach, now_ns: int) -> None:
    """Refuse a decision that lacks what its kind owes.

    Raises
    ------
    DecisionRefused
        With the reason.
    """
    if decision.kind is DecisionKind.OVERRIDE:
        _refuse_short("reason", decision.reason)
        level, worst = decision.until_value, breach.worst_value
        if level != float("inf") and not breach.limit.is_worse(level, worst):
            raise DecisionRefused("the worse level must lie beyond the worst value so far")
    if decision.kind in _LASTING and 0 < decision.until_ns <= now_ns:
        raise DecisionRefused("the time it should last until has passed already")
    if decision.kind is DecisionKind.SNOOZE and decision.until_ns == 0:
        raise DecisionRefused("a snooze needs an end")
    if decision.kind is DecisionKind.CLOSE_INCIDENT:
        _refuse_unfiled(decision, breach)


def _refuse_unfiled(decision: Decision, breach: Breach) -> None:
    if breach.resolution is not None:
        raise DecisionRefused(
            f"the incident of {breach.breach_id} is closed already: {breach.resolution.caption.lower()}"
        )
    if decision.cause is None or decision.resolution is None:
        raise DecisionRefused("an incident is closed with a cause and a resolution: choose both")
    _refuse_short("comment", decision.comment)


def _refuse_short(name: str, text: str) -> None:
    n_typed = len(text.strip())
    if n_typed < SHORTEST_REASON:
        raise DecisionRefused(f"the {name} had {n_typed} characters, expected at least {SHORTEST_REASON}")
