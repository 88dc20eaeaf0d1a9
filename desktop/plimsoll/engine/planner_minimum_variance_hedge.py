"""Hedges with a few allowed instruments so that the book's scenarios spread the least."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.proposal import Plan
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.planner_hedge import enough_of, hedge_in_lots, hedge_room, scenario_pnl_after
from plimsoll.engine.planner_legs import PlanTerms, plan_of
from plimsoll.engine.planner_target import Target
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.hedge import min_variance_hedge

FloatArray = NDArray[np.float64]

NAME = "minimum variance hedge"


def minimum_variance_hedge(
    plan_input: PlanInput, codes: Sequence[str], terms: PlanTerms, target: Target | None = None
) -> Plan | None:
    """Return the trades in allowed instruments that leave the least scenario variance; None without any.

    Without bounds met it is the least-squares fit of the book's scenario P&L by the instruments'. With a
    target only as much of it is traded as meets that.
    """
    room = hedge_room(plan_input, codes, terms)
    if not room.numbers or len(plan_input.pnl) < 2:
        return None
    # The whole book is one asset with exposure 1: then nobody needs the covariance of what is not traded.
    rows = np.vstack([plan_input.returns[list(room.numbers)], plan_input.pnl])
    scale = float(np.abs(plan_input.pnl).max()) or 1.0
    rows[-1] /= scale
    covariance = np.cov(rows)
    n = len(room.numbers)
    try:
        hedge = min_variance_hedge(
            np.append(np.zeros(n), scale), covariance, instruments=range(n), bounds=room.bounds
        )
    except RiskInputError:
        return None
    before = _deviation(plan_input.pnl)
    quantities = hedge_in_lots(plan_input, room, hedge.trades, _deviation)
    if not any(quantities):
        return None
    if target is not None:
        quantities = enough_of(plan_input, quantities, target, _deviation)
    after = _deviation(scenario_pnl_after(plan_input, quantities))
    share = 1.0 - (after / before) ** 2 if before > 0.0 else 0.0
    words = f"trades in {', '.join(plan_input.codes[number] for number in room.numbers)} that take off "
    words += f"{share:.0%} of the scenarios' variance"
    return plan_of(NAME, quantities, plan_input, terms, words, warnings=room.warnings)


def _deviation(pnl: FloatArray) -> float:
    return float(np.std(pnl, ddof=1))
