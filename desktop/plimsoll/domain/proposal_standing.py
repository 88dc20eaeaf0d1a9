"""How a proposal stands: open, waiting for a second person, carried out, turned down or out of date."""

from dataclasses import dataclass, field
from enum import StrEnum

from plimsoll.domain.proposal import Plan, Proposal


class ProposalState(StrEnum):
    """Where a proposal is in its life; all but the first two are ends."""

    OPEN = "open"
    AWAITS_SECOND = "awaits_second"
    APPROVED = "approved"
    CHANGED = "changed"
    EXECUTED_ALONE = "executed_alone"
    REJECTED = "rejected"
    OVERRIDDEN = "overridden"
    OUTDATED = "outdated"
    INTERRUPTED = "interrupted"

    @property
    def is_end(self) -> bool:
        """Whether nothing can be decided about it any more."""
        return self not in {ProposalState.OPEN, ProposalState.AWAITS_SECOND}

    @property
    def was_executed(self) -> bool:
        """Whether orders went out on it."""
        return self in {ProposalState.APPROVED, ProposalState.CHANGED, ProposalState.EXECUTED_ALONE}


@dataclass(frozen=True, slots=True)
class ProposalStanding:
    """A proposal and what has become of it.

    Attributes
    ----------
    proposal : Proposal
        As it was made.
    state : ProposalState
        Where it is.
    words : str
        Why it stands so: the reason given, or what put it out of date.
    person, second : str
        Who decided, and who confirmed; empty where nobody did.
    decided : Plan
        What was approved, changes included; empty before.
    decision_id : str
        Of the decision; the orders carry it.
    changed_ns : int
        When it came to stand so, on the desk's clock.
    """

    proposal: Proposal
    state: ProposalState = ProposalState.OPEN
    words: str = ""
    person: str = ""
    second: str = ""
    decided: Plan = field(default_factory=lambda: Plan(""))
    decision_id: str = ""
    changed_ns: int = 0
