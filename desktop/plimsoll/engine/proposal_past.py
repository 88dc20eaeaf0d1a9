"""The proposals a journal tells of, as they stood then: for a replay, which makes none of its own."""

from collections.abc import Mapping
from typing import Any

from plimsoll.domain.proposal import PriceBand, Proposal, WhatIf
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.domain.response_policy import Autonomy
from plimsoll.engine.ports import JournalRow
from plimsoll.engine.proposal_record import plan_from


class ProposalPast:
    """Follows the rows of proposals, oldest first.

    What the journal does not keep stays unknown: the figures before and after a plan, and other options.
    """

    def __init__(self) -> None:
        self._standing: dict[str, ProposalStanding] = {}

    def take(self, row: JournalRow) -> ProposalStanding | None:
        """Take a row; return how its proposal stands from then on, None for a row of another kind."""
        body: Mapping[str, Any] = row.body
        if row.kind == "proposal":
            standing = ProposalStanding(_proposal_from(body), changed_ns=row.received_time_ns)
        elif row.kind == "proposal_decision" and body["proposal_id"] in self._standing:
            standing = _decided(self._standing[body["proposal_id"]], row)
        else:
            return None
        self._standing[standing.proposal.proposal_id] = standing
        return standing

    @property
    def standings(self) -> tuple[ProposalStanding, ...]:
        """How each proposal stands, in the order in which they were made."""
        return tuple(self._standing.values())


def _proposal_from(body: Mapping[str, Any]) -> Proposal:
    plan = plan_from(body)
    known = WhatIf(
        newly_broken=tuple(map(str, body["newly_broken"])),
        cost_base=plan.cost_base,
        turnover_base=plan.turnover_base,
    )
    return Proposal(
        proposal_id=str(body["proposal_id"]),
        breach_id=str(body["breach_id"]),
        episode_id=str(body["episode_id"]),
        response=str(body["response"]),
        plan=plan,
        what_if=known,
        what_if_now=known,
        alternatives=(),
        book_version=int(body["book_version"]),
        price_bands={
            code: PriceBand(float(low), float(high)) for code, (low, high) in body["price_bands"].items()
        },
        made_ns=int(body["made_ns"]),
        expires_ns=int(body["expires_ns"]),
        autonomy=Autonomy(str(body["autonomy"])),
        executes_ns=int(body["executes_ns"]),
        why_not_automatic=tuple(map(str, body["why_not_automatic"])),
        needs_two_persons=bool(body["needs_two_persons"]),
    )


def _decided(before: ProposalStanding, row: JournalRow) -> ProposalStanding:
    body: Mapping[str, Any] = row.body
    return ProposalStanding(
        before.proposal,
        ProposalState(str(body["state"])),
        words=str(body["words"]),
        person=str(body["person"]),
        second=str(body["second"]),
        decided=plan_from(body["decided"]),
        decision_id=str(body["decision_id"]),
        changed_ns=row.received_time_ns,
    )
