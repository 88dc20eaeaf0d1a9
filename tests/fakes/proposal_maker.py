"""Makes proposals by hand over the made snapshots: a hedge that cures the VaR, a cut beside it, what-ifs."""

import time
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from fakes.snapshot_maker import make_limits, make_snapshot
from plimsoll.domain.breach import Breach
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.proposal import LimitEffect, Plan, PlanLeg, PlanOption, Proposal, WhatIf
from plimsoll.domain.proposal_request import WhatIfAnswer, WhatIfAsked
from plimsoll.domain.proposal_standing import ProposalStanding
from plimsoll.domain.response_policy import Autonomy
from plimsoll.domain.units import NS_PER_S

LEGS = (
    PlanLeg("US500", Decimal(-142), Decimal("5868.2"), 5870.0, Decimal(0), 833_284.0, 118.0, 0.0),
    PlanLeg(
        "USDJPY", Decimal(-610_000), Decimal("154.190"), 154.2, Decimal(-2_000_000), 610_000.0, 42.0, 0.0
    ),
    PlanLeg("MSFT.US", Decimal(-190), Decimal("430.90"), 431.0, Decimal(2600), 81_871.0, 61.0, 0.001),
)
CUTS = (
    PlanLeg("AAPL.US", Decimal(-1050), Decimal("226.00"), 228.1, Decimal(4200), 239_505.0, 96.0, 0.002),
    PlanLeg("MSFT.US", Decimal(-650), Decimal("427.00"), 431.0, Decimal(2600), 280_150.0, 210.0, 0.003),
)
EXITS = Limit("exits", "Exit in 1 day", Measure.EXIT_SHARE_1D, 0.85, Severity.CRITICAL)
AFTER = {"var": 0.845, "es": 0.856, "gross": 1.03, "hhi": 1.0, "sector": 0.99, "name": 0.985, "loss": 1.0}


def make_what_if(scale: float = 1.0, **changes: object) -> WhatIf:
    """Return effects on every made limit; `scale` 1 is the whole plan, 0 none of it."""
    snapshot = make_snapshot()
    now = {status.limit.limit_id: status for status in snapshot.limits}
    effects = []
    for limit in make_limits():
        status = now[limit.limit_id]
        before = 412_380.0 if limit.limit_id == "var" else status.value
        after = before * (1.0 + (AFTER.get(limit.limit_id, 1.0) - 1.0) * scale)
        effects.append(LimitEffect(limit, before, after, status.member, status.member))
    effects.append(LimitEffect(EXITS, 0.921, 0.921 + 0.003 * scale))
    made = WhatIf(
        effects=tuple(effects),
        margin_before=1_904_000.0,
        margin_after=1_946_000.0,
        cost_base=221.0 * scale,
        turnover_base=1_525_155.0 * scale,
        largest_volume_share=0.001,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def make_proposal(breach: Breach, **changes: object) -> Proposal:
    """Return a fresh proposal about a breach, good for two minutes of the real clock."""
    now_ns = time.time_ns()
    hedge = Plan("minimum variance hedge", LEGS, words="VaR 95 % · 1 day back to 90 % of its line")
    cut = Plan("cheapest cut", CUTS, words="least cost, hedges spared: VaR to 95 % of its line")
    made = Proposal(
        proposal_id="PR-1",
        breach_id=breach.breach_id,
        episode_id="E-1",
        response="hedge",
        plan=hedge,
        what_if=make_what_if(),
        what_if_now=make_what_if(),
        alternatives=(PlanOption(cut, make_what_if(0.6)),),
        book_version=14,
        made_ns=now_ns,
        expires_ns=now_ns + 120 * NS_PER_S,
        what_happens_at_zero="Nothing happens by itself: after 120 s it is worked out again",
        why_not_automatic=("the policy proposes and waits",),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def counting_down(proposal: Proposal, seconds: int = 42) -> Proposal:
    """Return the proposal as one that acts by itself."""
    return replace(
        proposal,
        autonomy=Autonomy.PROPOSE_AND_EXECUTE_AFTER,
        executes_ns=proposal.made_ns + seconds * NS_PER_S,
        what_happens_at_zero=f"After {seconds} s the 3 orders go out unless somebody decides otherwise",
        why_not_automatic=(),
    )


def make_standing(breach: Breach, **changes: object) -> ProposalStanding:
    """Return an open proposal about a breach; changes are those of the proposal."""
    return ProposalStanding(make_proposal(breach, **changes))


def make_answer(
    asked: WhatIfAsked, proposal: Proposal, what_if: WhatIf | None = None, refusal: str = ""
) -> WhatIfAnswer:
    """Return the answer a desk would give: the option with its quantities changed."""
    if refusal:
        return WhatIfAnswer(asked, None, refusal)
    options = (PlanOption(proposal.plan, proposal.what_if), *proposal.alternatives)
    option = options[asked.option]
    changed: Mapping[str, Decimal] = dict(asked.quantities)
    legs = tuple(_scaled(leg, changed.get(leg.code, leg.quantity)) for leg in option.plan.legs)
    plan = replace(option.plan, legs=tuple(leg for leg in legs if leg.quantity))
    return WhatIfAnswer(asked, PlanOption(plan, what_if or make_what_if(0.5)))


def _scaled(leg: PlanLeg, quantity: Decimal) -> PlanLeg:
    share = float(quantity / leg.quantity)
    return replace(leg, quantity=quantity, value_base=leg.value_base * share, cost_base=leg.cost_base * share)
