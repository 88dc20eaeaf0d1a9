"""What a person asks about a proposal: approve, confirm, reject, change, or work it out again."""

from dataclasses import dataclass
from decimal import Decimal

from plimsoll.domain.proposal import PlanOption

Quantities = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class ProposalApproved:
    """The plan, an alternative or a changed plan shall go out.

    Attributes
    ----------
    decision_id : str
        Unique; the same decision is carried out once, and its orders carry it.
    proposal_id : str
        Which proposal.
    person : str
        Who approves.
    option : int
        0 for the plan, from 1 for the alternatives beside it.
    quantities : tuple of (code, Decimal)
        Signed quantities of the legs of now where a person changed them; a code left out stays as planned,
        zero takes it out.
    reason : str
        Why; needed with a change or an alternative, at least ten characters.
    """

    decision_id: str
    proposal_id: str
    person: str
    option: int = 0
    quantities: Quantities = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProposalConfirmed:
    """A second person lets what the first approved go out."""

    decision_id: str
    proposal_id: str
    person: str


@dataclass(frozen=True, slots=True)
class ProposalRejected:
    """The plan shall not go out; the breach stays open."""

    decision_id: str
    proposal_id: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalAsked:
    """A plan is to be worked out, again or for the first time, for an open breach."""

    breach_id: str
    person: str


@dataclass(frozen=True, slots=True)
class WhatIfAsked:
    """What would a changed plan do? Answered on the thread that plans, at live prices.

    Attributes
    ----------
    ask_id : str
        Unique; the newest answer counts.
    proposal_id, option, quantities
        As in `ProposalApproved`.
    """

    ask_id: str
    proposal_id: str
    option: int = 0
    quantities: Quantities = ()


@dataclass(frozen=True, slots=True)
class WhatIfAnswer:
    """The changed plan and what it would do; or why that cannot be said.

    Attributes
    ----------
    asked : WhatIfAsked
        The question.
    answer : PlanOption or None
        None where it was refused.
    refusal : str
        Why.
    """

    asked: WhatIfAsked
    answer: PlanOption | None
    refusal: str = ""


ProposalRequest = ProposalApproved | ProposalConfirmed | ProposalRejected | ProposalAsked
