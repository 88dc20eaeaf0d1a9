"""A decision: what a person asked to be done about a breach."""

from dataclasses import dataclass
from enum import StrEnum

SHORTEST_REASON = 10


class DecisionKind(StrEnum):
    """What can be decided about a breach."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Decision:
    """One request of one person.

    Attributes
    ----------
    decision_id : str
        Unique; the same decision is carried out once.
    kind : DecisionKind
        What is asked.
    breach_id : str
        About which breach.
    person : str
        Who asks.
    reason : str
        Why; an override needs at least ten characters.
    until_ns : int
        End of a snooze or override on the desk's clock; 0 asks for the rule's default.
    until_value : float
        A worse level that ends an override early, in the limit's unit.
    decided_ns : int
        When, on the desk's clock.
    """

    decision_id: str
    kind: DecisionKind
    breach_id: str
    person: str
    reason: str = ""
    until_ns: int = 0
    until_value: float = float("inf")
    decided_ns: int = 0
