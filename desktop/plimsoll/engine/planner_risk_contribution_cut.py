"""Cuts each position by its part in the figure, and leaves alone what holds it down."""

import numpy as np

from plimsoll.domain.proposal import Plan
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.planner_cheapest_cut import passed_over
from plimsoll.engine.planner_legs import PlanTerms, kept_after, plan_of
from plimsoll.engine.planner_path import cut_in_lots, first_cut
from plimsoll.engine.planner_target import Target

NAME = "reduction by risk contribution"


def risk_contribution_cut(plan_input: PlanInput, target: Target, terms: PlanTerms) -> Plan | None:
    """Return the plan that cuts in proportion to contributions until a target is met; None if none does.

    Position i is cut by min(1, t · contribution / largest contribution), for the first t that meets it.

    References
    ----------
    .. [1] Litterman, "Hot Spots and Hedges", Journal of Portfolio Management, December 1996, pp. 52-75.
    """
    book = target.exposures
    contribution = np.maximum((book * target.figure.slope(book))[:-1], 0.0)
    contribution[~plan_input.is_tradable] = 0.0
    largest = float(contribution.max(initial=0.0))
    if largest <= 0.0:
        return None
    cut = first_cut(target, contribution / largest)
    if cut is None:
        return None
    trades = cut_in_lots(target, cut, plan_input)
    if not target.is_met_by(kept_after(plan_input, trades)):
        return None
    left_out, warnings = passed_over(plan_input)
    words = f"each position by its part in the figure, hedges spared: {target.words}"
    return plan_of(NAME, trades, plan_input, terms, words, warnings=warnings, left_out=left_out)
