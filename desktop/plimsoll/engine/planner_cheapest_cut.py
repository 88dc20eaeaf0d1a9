"""Brings a figure under its level at the least cost: only reductions, hedges spared, in whole lots."""

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.proposal import Plan
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.planner_legs import PlanTerms, kept_after, plan_of
from plimsoll.engine.planner_path import cut_in_lots, first_cut
from plimsoll.engine.planner_target import Target
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.reduction import cheapest_cut as least_cut

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

NAME = "cheapest cut"
_TOLERANCE = 1e-9


def cheapest_cut(plan_input: PlanInput, target: Target, terms: PlanTerms) -> Plan:
    """Return the cheapest plan of reductions that meets a target; the nearest to it where none does.

    Positions whose removal would raise the figure are left alone, unless sparing them misses the target or
    costs more than the same share of everything does; then the plan says so.
    """
    if target.is_met_by(np.ones(plan_input.n_held)):
        nothing = [Decimal(0)] * plan_input.n_held
        return plan_of(NAME, nothing, plan_input, terms, f"nothing to do: {target.words} already")
    untouchable = ~plan_input.is_tradable | (plan_input.quantity == 0.0)
    hedges = hedges_of(plan_input, target) & ~untouchable
    left_out, warnings = passed_over(plan_input)

    def plan(trades: list[Decimal], words: str, *more: str) -> Plan:
        said = [*warnings, *more]
        return plan_of(NAME, trades, plan_input, terms, words, warnings=said, left_out=left_out)

    spared = _best(plan_input, target, untouchable | hedges)
    ceiling = _uniform(plan_input, target, ~untouchable)
    is_dear = bool(spared and ceiling) and _cost(plan_input, spared) > _cost(plan_input, ceiling)
    if spared and not is_dear:
        return plan(spared, f"least cost, hedges spared: {target.words}")
    choices = [each for each in (_best(plan_input, target, untouchable), ceiling) if each]
    if choices:
        best = min(choices, key=lambda trades: _cost(plan_input, trades))
        why = "sparing it would cost more" if is_dear else "the target is out of reach without"
        return plan(best, f"least cost, also cutting what holds the figure down, since {why}: {target.words}")
    nearest = _nearest(plan_input, target, untouchable)
    missed = "no reduction that may be made now meets the target: this one comes nearest"
    return plan(nearest, f"as near as it goes: {target.words}", missed)


def passed_over(plan_input: PlanInput) -> tuple[list[str], list[str]]:
    """Return the codes held that may not be traded now, and the words for each."""
    numbers = [
        number for number, held in enumerate(plan_input.held) if held and not plan_input.is_tradable[number]
    ]
    codes = [plan_input.codes[number] for number in numbers]
    words = [
        f"{plan_input.codes[number]} is left alone: {plan_input.why_not_traded(number)}" for number in numbers
    ]
    return codes, words


def hedges_of(plan_input: PlanInput, target: Target) -> BoolArray:
    """Return which positions hold a figure down: without them it would be higher, shape (n_held,)."""
    n = plan_input.n_held
    now = target.value_after(np.ones(n))
    found = np.zeros(n, dtype=np.bool_)
    for number in np.flatnonzero(plan_input.quantity).tolist():
        kept = np.ones(n)
        kept[number] = 0.0
        found[number] = target.value_after(kept) > now + _TOLERANCE * abs(now)
    return found


def _best(plan_input: PlanInput, target: Target, spared: BoolArray) -> list[Decimal]:
    """Return the least cut in lots that leaves some positions alone; empty where none meets the target.

    A simulated VaR is not convex, and lots round: the optimum of the programme may be dearer than a plain cut
    by contribution, which is tried as well.
    """
    found = [_by_programme(plan_input, target, spared), _by_contribution(target, spared)]
    in_lots = [cut_in_lots(target, cut, plan_input) for cut in found if cut is not None]
    good = [trades for trades in in_lots if target.is_met_by(kept_after(plan_input, trades))]
    return min(good, key=lambda trades: _cost(plan_input, trades), default=[])


def _by_contribution(target: Target, spared: BoolArray) -> FloatArray | None:
    book = target.exposures
    part = np.maximum((book * target.figure.slope(book))[:-1], 0.0)
    part[spared] = 0.0
    largest = float(part.max(initial=0.0))
    return first_cut(target, part / largest) if largest > 0.0 else None


def _by_programme(plan_input: PlanInput, target: Target, spared: BoolArray) -> FloatArray | None:
    book = target.exposures
    try:
        found = least_cut(
            book,
            target.figure,
            limit=target.level,
            costs=np.append(plan_input.costs, 0.0),
            spared=np.append(spared, True),
            spare_hedges=False,
        )
    except RiskInputError:
        return None
    size = np.abs(book[:-1])
    cut = np.divide(np.abs(found.trades[:-1]), size, out=np.zeros(len(size)), where=size > 0.0)
    return np.where(cut > _TOLERANCE, cut, 0.0)


def _uniform(plan_input: PlanInput, target: Target, may_cut: BoolArray) -> list[Decimal]:
    cut = first_cut(target, may_cut.astype(np.float64))
    trades = [] if cut is None else cut_in_lots(target, cut, plan_input)
    return trades if trades and target.is_met_by(kept_after(plan_input, trades)) else []


def _cost(plan_input: PlanInput, trades: list[Decimal]) -> float:
    traded = np.abs(np.array([float(quantity) for quantity in trades]) * plan_input.unit_value)
    return float(np.nansum(traded * plan_input.costs)) * (1.0 - _TOLERANCE)


def _nearest(plan_input: PlanInput, target: Target, untouchable: BoolArray) -> list[Decimal]:
    """Return what closes whatever lowers the figure, the largest contributor first."""
    kept = np.ones(plan_input.n_held)
    value = target.value_after(kept)
    may_close = ~untouchable
    while may_close.any():
        book = target.exposures * np.append(kept, 1.0)
        part = np.where(may_close, (book * target.figure.slope(book))[:-1], -np.inf)
        largest = int(part.argmax())
        may_close[largest] = False
        without = kept.copy()
        without[largest] = 0.0
        lower = target.value_after(without)
        if lower < value - _TOLERANCE * abs(value):
            kept, value = without, lower
    return cut_in_lots(target, 1.0 - kept, plan_input)
