"""A proposal as a journal row, and the plan that a row gives back: what is released is what was written."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.domain.proposal import Plan, PlanLeg, Proposal
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """What a journal row says of a decision about a proposal.

    Attributes
    ----------
    decision_id, proposal_id, person : str
        As in `ProposalStanding`.
    state : ProposalState
        What was decided.
    plan : Plan
        What was to be sent.
    body : Mapping
        The row itself.
    """

    decision_id: str
    proposal_id: str
    person: str
    state: ProposalState
    plan: Plan
    body: dict[str, object]


def body_of(proposal: Proposal) -> dict[str, object]:
    """Return what the journal keeps of a proposal; NaN is null."""
    plan = proposal.plan
    return {
        "proposal_id": proposal.proposal_id,
        "breach_id": proposal.breach_id,
        "episode_id": proposal.episode_id,
        "response": proposal.response,
        "book_version": proposal.book_version,
        "price_bands": {code: [band.low, band.high] for code, band in proposal.price_bands.items()},
        "made_ns": proposal.made_ns,
        "expires_ns": proposal.expires_ns,
        "autonomy": str(proposal.autonomy),
        "executes_ns": proposal.executes_ns,
        "why_not_automatic": list(proposal.why_not_automatic),
        "needs_two_persons": proposal.needs_two_persons,
        "planner": plan.planner,
        "words": plan.words,
        "warnings": list(plan.warnings),
        "left_out": list(plan.left_out),
        "cost": plan.cost_base,
        "turnover": plan.turnover_base,
        "newly_broken": list(proposal.what_if.newly_broken),
        "legs": [_leg_row(leg) for leg in plan.legs],
        "later": [_leg_row(leg) for leg in plan.later],
    }


def decision_body(standing: ProposalStanding, limit_id: str) -> dict[str, object]:
    """Return what the journal keeps each time a proposal comes to stand otherwise than open."""
    proposal, plan = standing.proposal, standing.decided
    return {
        "decision_id": standing.decision_id,
        "proposal_id": proposal.proposal_id,
        "breach_id": proposal.breach_id,
        "limit_id": limit_id,
        "response": proposal.response,
        "state": str(standing.state),
        "person": standing.person,
        "second": standing.second,
        "words": standing.words,
        "decided": {
            "planner": plan.planner,
            "words": plan.words,
            "warnings": list(plan.warnings),
            "left_out": list(plan.left_out),
            "legs": [_leg_row(leg) for leg in plan.legs],
            "later": [_leg_row(leg) for leg in plan.later],
        },
    }


def approval_from(body: Mapping[str, object]) -> ApprovalRow:
    """Return the decision that a row of `decision_body` tells of."""
    decided = body["decided"]
    return ApprovalRow(
        decision_id=str(body["decision_id"]),
        proposal_id=str(body["proposal_id"]),
        person=str(body["person"]),
        state=ProposalState(str(body["state"])),
        plan=plan_from(decided) if isinstance(decided, Mapping) else Plan(""),
        body=dict(body),
    )


def plan_from(body: Mapping[str, object]) -> Plan:
    """Return the plan of a journalled proposal, its quantities and prices to the last digit."""
    return Plan(
        planner=str(body["planner"]),
        legs=_legs(body["legs"]),
        later=_legs(body["later"]),
        words=str(body["words"]),
        warnings=_texts(body["warnings"]),
        left_out=_texts(body["left_out"]),
    )


def _leg_row(leg: PlanLeg) -> dict[str, object]:
    return {
        "code": leg.code,
        "quantity": str(leg.quantity),
        "limit_price": None if leg.limit_price is None else str(leg.limit_price),
        "mark": _known(leg.mark),
        "held": str(leg.held),
        "value": _known(leg.value_base),
        "cost": _known(leg.cost_base),
        "volume_share": _known(leg.volume_share),
        "not_before_ns": leg.not_before_ns,
        "words": leg.words,
    }


def _legs(rows: object) -> tuple[PlanLeg, ...]:
    return tuple(_leg(row) for row in rows) if isinstance(rows, list) else ()


def _leg(row: Mapping[str, object]) -> PlanLeg:
    limit_price = row["limit_price"]
    return PlanLeg(
        code=str(row["code"]),
        quantity=Decimal(str(row["quantity"])),
        limit_price=None if limit_price is None else Decimal(str(limit_price)),
        mark=_number(row["mark"]),
        held=Decimal(str(row["held"])),
        value_base=_number(row["value"]),
        cost_base=_number(row["cost"]),
        volume_share=_number(row["volume_share"]),
        not_before_ns=int(str(row["not_before_ns"])),
        words=str(row["words"]),
    )


def _texts(rows: object) -> tuple[str, ...]:
    return tuple(map(str, rows)) if isinstance(rows, list) else ()


def _known(figure: float) -> float | None:
    return figure if math.isfinite(figure) else None


def _number(figure: object) -> float:
    return math.nan if figure is None else float(str(figure))
