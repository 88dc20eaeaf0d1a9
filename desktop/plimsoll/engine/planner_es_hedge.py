"""Hedges with a few allowed instruments so that the worst scenarios cost least, the hedge included."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.proposal import Plan
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.planner_hedge import enough_of, hedge_in_lots, hedge_room, scenario_pnl_after
from plimsoll.engine.planner_legs import PlanTerms, plan_of
from plimsoll.engine.planner_target import Target
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.hedge import es_minimising_hedge

FloatArray = NDArray[np.float64]

NAME = "ES hedge"


def es_hedge(
    plan_input: PlanInput, codes: Sequence[str], terms: PlanTerms, target: Target | None = None
) -> Plan | None:
    """Return the trades in allowed instruments that leave the least shortfall plus cost, if any do.

    With a target only as much of them is traded as meets that.
    """
    room = hedge_room(plan_input, codes, terms)
    if not room.numbers:
        return None
    chosen = list(room.numbers)
    confidence = plan_input.method.es_confidence

    def shortfall(pnl: FloatArray) -> float:
        return historical_es(pnl, confidence=confidence, tail="fractional")

    try:
        hedge = es_minimising_hedge(
            plan_input.pnl,
            plan_input.returns[chosen].T,
            confidence=confidence,
            bounds=room.bounds,
            costs=plan_input.costs[chosen],
        )
        quantities = hedge_in_lots(plan_input, room, hedge.trades, shortfall)
    except RiskInputError:
        return None
    if not any(quantities):
        return None
    if target is not None:
        quantities = enough_of(plan_input, quantities, target, shortfall)
    after = shortfall(scenario_pnl_after(plan_input, quantities))
    words = (
        f"trades in {', '.join(plan_input.codes[number] for number in chosen)} that bring the expected "
        f"shortfall from {hedge.es_before:,.0f} to {after:,.0f}"
    )
    return plan_of(NAME, quantities, plan_input, terms, words, warnings=room.warnings)
