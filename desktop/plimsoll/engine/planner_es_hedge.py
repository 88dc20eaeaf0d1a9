"""Hedges with a few allowed instruments so that the worst scenarios cost least, the hedge included."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.proposal import Plan
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.planner_hedge import hedge_in_lots, hedge_room
from plimsoll.engine.planner_legs import PlanTerms, plan_of
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.hedge import es_minimising_hedge

FloatArray = NDArray[np.float64]

NAME = "ES hedge"


def es_hedge(plan_input: PlanInput, codes: Sequence[str], terms: PlanTerms) -> Plan | None:
    """Return the trades in allowed instruments that leave the least shortfall plus cost, if any do."""
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
    words = (
        f"trades in {', '.join(plan_input.codes[number] for number in chosen)} that bring the expected "
        f"shortfall from {hedge.es_before:,.0f} to {hedge.es_after:,.0f} before lots"
    )
    return plan_of(NAME, quantities, plan_input, terms, words, warnings=room.warnings)
