"""Which decisions may stand: signed by somebody with the right, in time, with what their kind owes."""

from plimsoll.domain.breach import Breach, BreachStep
from plimsoll.domain.decision import SHORTEST_REASON, Decision, DecisionKind
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.person import People, Right

STEP_OF = {
    DecisionKind.ACKNOWLEDGE: BreachStep.ACKNOWLEDGE,
    DecisionKind.SNOOZE: BreachStep.SNOOZE,
    DecisionKind.OVERRIDE: BreachStep.OVERRIDE,
    DecisionKind.CLOSE_INCIDENT: BreachStep.FILE,
}
"""What each decision does to a breach."""

RIGHT_FOR = {
    DecisionKind.ACKNOWLEDGE: Right.ACKNOWLEDGE,
    DecisionKind.SNOOZE: Right.ACKNOWLEDGE,  # it hides the dialog only: the limit stays broken and counted
    DecisionKind.OVERRIDE: Right.OVERRIDE,
    DecisionKind.CLOSE_INCIDENT: Right.ACKNOWLEDGE,
}
"""What the person named in a decision has to be allowed to do."""

_LASTING = frozenset({DecisionKind.SNOOZE, DecisionKind.OVERRIDE})


def refuse_unsigned(decision: Decision, people: People) -> None:
    """Refuse a decision that nobody signed, or somebody without the right to it.

    Raises
    ------
    DecisionRefused
        With the reason, naming the file that gives rights.
    """
    if not decision.person.strip():
        raise DecisionRefused("nobody signed this decision; set a name in the settings")
    why_not = people.why_may_not(decision.person, RIGHT_FOR[decision.kind])
    if why_not:
        raise DecisionRefused(why_not)


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
