"""A decision: what a person asked to be done about a breach."""

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.incident import IncidentCause, Resolution

SHORTEST_REASON = 10


class DecisionKind(StrEnum):
    """What can be decided about a breach."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    OVERRIDE = "override"
    CLOSE_INCIDENT = "close_incident"


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
    cause, resolution : IncidentCause, Resolution
        What a closed incident came from and how it ended; None for every other kind.
    comment : str
        The rest of the story of a closed incident, at least ten characters.
    """

    decision_id: str
    kind: DecisionKind
    breach_id: str
    person: str
    reason: str = ""
    until_ns: int = 0
    until_value: float = float("inf")
    decided_ns: int = 0
    cause: IncidentCause | None = None
    resolution: Resolution | None = None
    comment: str = ""
