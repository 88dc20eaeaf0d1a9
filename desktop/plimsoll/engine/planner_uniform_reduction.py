"""Takes the same share off every position: the blunt answer, and the baseline of the others."""

from collections.abc import Collection, Mapping
from decimal import Decimal

import numpy as np

from plimsoll.domain.proposal import Plan
from plimsoll.engine.plan_input import ZERO, PlanInput
from plimsoll.engine.planner_cheapest_cut import passed_over
from plimsoll.engine.planner_legs import PlanTerms, kept_after, lots_of_cut, plan_of
from plimsoll.engine.planner_path import cut_in_lots, first_cut
from plimsoll.engine.planner_target import Target

NAME = "uniform reduction"


def uniform_reduction(
    plan_input: PlanInput,
    fraction: float,
    terms: PlanTerms,
    *,
    at_breach: Mapping[str, Decimal] | None = None,
    codes: Collection[str] | None = None,
) -> Plan:
    """Return the plan that leaves 1 − `fraction` of what was held at the breach.

    Parameters
    ----------
    plan_input : PlanInput
        The instant.
    fraction : float
        In [0, 1].
    terms : PlanTerms
        How it is carried out.
    at_breach : Mapping, optional
        Signed quantities when the episode began; what is held now without. A second plan of one episode cuts
        only what the first has not: 1 000 → 500, and never 500 → 250.
    codes : collection of str, optional
        Only these.

    Raises
    ------
    ValueError
        If the fraction lies outside [0, 1].
    """
    if not 0.0 <= fraction <= 1.0:
        raise ValueError(f"fraction was {fraction}, expected a share from 0 to 1")
    then = at_breach if at_breach is not None else dict(zip(plan_input.codes, plan_input.held, strict=True))
    cut = np.zeros(plan_input.n_held)
    for number, code in enumerate(plan_input.codes):
        held = plan_input.held[number]
        # What was opened or turned since is no part of what broke the limit.
        was = then.get(code, ZERO)
        is_meant = codes is None or code in codes
        if is_meant and held and was and (was > 0) == (held > 0):
            cut[number] = float(1 - abs(was) * (1 - Decimal(repr(fraction))) / abs(held))
    words = f"every position to {1.0 - fraction:.0%} of what it was at the breach"
    return plan_of(NAME, lots_of_cut(plan_input, cut), plan_input, terms, words)


def uniform_reduction_to(plan_input: PlanInput, target: Target, terms: PlanTerms) -> Plan | None:
    """Return the plan that takes the least equal share off what is tradable to meet a target, if any."""
    cut = first_cut(target, plan_input.is_tradable.astype(np.float64))
    if cut is None:
        return None
    trades = cut_in_lots(target, cut, plan_input)
    if not target.is_met_by(kept_after(plan_input, trades)):  # working orders hold a part of it
        return None
    words = f"{cut.max():.1%} off every position that can be traded: {target.words}"
    left_out, warnings = passed_over(plan_input)
    return plan_of(NAME, trades, plan_input, terms, words, warnings=warnings, left_out=left_out)
