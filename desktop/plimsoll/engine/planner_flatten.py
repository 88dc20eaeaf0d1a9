"""Closes everything, at once where it can be dealt in, at the open where a market is closed."""

from collections.abc import Collection

import numpy as np

from plimsoll.domain.proposal import Plan
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.planner_legs import PlanTerms, lots_of_cut, plan_of

NAME = "flatten"


def flatten(plan_input: PlanInput, terms: PlanTerms, *, codes: Collection[str] | None = None) -> Plan:
    """Return the plan that leaves nothing of some instruments; of all of them without `codes`."""
    wanted = np.array([codes is None or code in codes for code in plan_input.codes], dtype=np.bool_)
    trades = lots_of_cut(plan_input, wanted.astype(np.float64))
    words = "everything to cash" if codes is None else f"{', '.join(sorted(codes))} to cash"
    working = [
        f"{code}: working orders already close a part of it"
        for number, code in enumerate(plan_input.codes)
        if wanted[number] and plan_input.free[number] != plan_input.held[number]
    ]
    return plan_of(NAME, trades, plan_input, terms, words, warnings=working)
