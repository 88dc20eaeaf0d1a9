"""Journalled proposals stand again as they stood: made, then decided."""

import json

from fakes.plan_case import shares_input
from plimsoll.domain.proposal import Plan, PriceBand, Proposal, WhatIf
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.engine.planner_flatten import flatten
from plimsoll.engine.planner_legs import PlanTerms
from plimsoll.engine.ports import JournalRow
from plimsoll.engine.proposal_past import ProposalPast
from plimsoll.engine.proposal_record import body_of, decision_body


def row(kind: str, body: dict[str, object], at_ns: int) -> JournalRow:
    return JournalRow(1, kind, json.loads(json.dumps(body)), "", "test", at_ns, at_ns)


def made(plan: Plan) -> Proposal:
    bands = {"S0.US": PriceBand(99.0, 101.0)}
    return Proposal(
        "P-1", "B-1", "B-1", "to-cash", plan, WhatIf(), WhatIf(), (), 3, bands, made_ns=5, expires_ns=9
    )


def test_that_a_proposal_stands_as_made_and_then_as_decided() -> None:
    plan = flatten(shares_input([1000, -7]), PlanTerms())
    proposal = made(plan)
    past = ProposalPast()
    first = past.take(row("proposal", body_of(proposal), 5))
    assert first is not None
    assert first.proposal.plan.legs == plan.legs
    assert (first.state, first.proposal.price_bands) == (ProposalState.OPEN, proposal.price_bands)
    decided = ProposalStanding(
        proposal, ProposalState.CHANGED, "less of it", "Ada", decided=plan, decision_id="D-1"
    )
    second = past.take(row("proposal_decision", decision_body(decided, "dd"), 7))
    assert second is not None
    assert (second.state, second.person, second.words) == (ProposalState.CHANGED, "Ada", "less of it")
    assert (second.decided.legs, second.decision_id, second.changed_ns) == (plan.legs, "D-1", 7)
    assert past.standings == (second,)


def test_that_other_rows_and_decisions_of_nothing_known_tell_nothing() -> None:
    past = ProposalPast()
    assert past.take(row("breach_raised", {"breach_id": "B-1"}, 1)) is None
    assert past.take(row("proposal_decision", {"proposal_id": "P-9"}, 1)) is None
    assert past.standings == ()
