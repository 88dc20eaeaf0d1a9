"""Which instruments a hedge may trade, how much of them, and rounding that never adds risk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.plan_input import ZERO, PlanInput
from plimsoll.engine.planner_legs import PlanTerms, lots_of_trade
from plimsoll.engine.planner_target import Target

FloatArray = NDArray[np.float64]

_STEPS = 50
"""A hedge is sized to a fiftieth of itself: finer than its ratio is known."""


@dataclass(frozen=True, slots=True, eq=False)
class HedgeRoom:
    """The instruments a hedge may trade, and between which amounts.

    Attributes
    ----------
    numbers : tuple of int
        Their places among the positions.
    bounds : ndarray, shape (n_instruments, 2)
        Least and most money to trade in each.
    warnings : tuple of str
        Why others may not be.
    """

    numbers: tuple[int, ...]
    bounds: FloatArray
    warnings: tuple[str, ...]


def hedge_room(plan_input: PlanInput, codes: Sequence[str], terms: PlanTerms) -> HedgeRoom:
    """Return what of the allowed instruments can be traded now, by at most its share of a day's volume."""
    numbers: list[int] = []
    bounds: list[tuple[float, float]] = []
    warnings: list[str] = []
    gross = plan_input.measured.gross
    for code in dict.fromkeys(codes):
        if code not in plan_input.codes:
            warnings.append(f"{code} is no line of the book: add it with quantity 0 to have it priced")
            continue
        number = plan_input.codes.index(code)
        why_not = plan_input.why_not_traded(number)
        if not why_not and not plan_input.has_history[number]:
            why_not = "it has no price history"
        if why_not:
            warnings.append(f"{code} cannot hedge: {why_not}")
            continue
        numbers.append(number)
        volume = float(plan_input.daily_volume[number]) * abs(float(plan_input.unit_value[number]))
        # Nobody hedges with more than there is, however alike two instruments look in the scenarios.
        most = min(gross, terms.volume_share * volume) if volume > 0.0 else gross
        bounds.append((-most, most))
    return HedgeRoom(tuple(numbers), np.array(bounds).reshape(len(numbers), 2), tuple(warnings))


def scenario_pnl_after(plan_input: PlanInput, quantities: Sequence[Decimal]) -> FloatArray:
    """Return the book's P&L in each scenario after signed trades, shape (n_scenarios,)."""
    traded = np.array([float(quantity) for quantity in quantities])
    money = np.where(traded == 0.0, 0.0, traded * plan_input.unit_value)
    pnl: FloatArray = plan_input.pnl + money @ plan_input.returns
    return pnl


def hedge_in_lots(
    plan_input: PlanInput, room: HedgeRoom, money: FloatArray, risk: Callable[[FloatArray], float]
) -> list[Decimal]:
    """Return a hedge in whole lots that leaves no more risk than none; its best single leg if all do not.

    Rounding one leg towards zero stays on the straight way to the optimum, where a convex figure only falls;
    rounding several may leave it.
    """
    legs = {
        number: lots_of_trade(plan_input, number, float(amount) / float(plan_input.unit_value[number]))
        for number, amount in zip(room.numbers, money.tolist(), strict=True)
    }
    choices = [legs, *({number: quantity} for number, quantity in legs.items()), {}]
    quantities = [[choice.get(number, ZERO) for number in range(plan_input.n_held)] for choice in choices]
    risks = [risk(scenario_pnl_after(plan_input, each)) for each in quantities]
    none = risks[-1]
    if risks[0] <= none:
        return quantities[0]
    return quantities[int(np.argmin(risks[1:])) + 1]


def enough_of(
    plan_input: PlanInput, quantities: list[Decimal], target: Target, risk: Callable[[FloatArray], float]
) -> list[Decimal]:
    """Return the least equal share of a hedge that meets a target, in whole lots; all of it where none does.

    A whole hedge takes off more than the limit asks for, costs more, and leans on limits of size.
    """
    none = risk(plan_input.pnl)
    for step in range(1, _STEPS + 1):
        part = [_share_of(plan_input, number, quantity, step) for number, quantity in enumerate(quantities)]
        traded = np.array([float(quantity) for quantity in part])
        money = np.where(traded == 0.0, 0.0, traded * plan_input.unit_value)
        is_met = target.figure.value(target.exposures + np.append(money, 0.0)) <= target.level
        if is_met and risk(scenario_pnl_after(plan_input, part)) <= none:
            return part
    return quantities


def _share_of(plan_input: PlanInput, number: int, quantity: Decimal, step: int) -> Decimal:
    """Return so many steps of a whole trade, rounded up to a lot and never beyond the whole."""
    lot = plan_input.lots[number]
    n_lots = (abs(quantity) * step / _STEPS / lot).to_integral_value(rounding=ROUND_CEILING)
    return min(n_lots * lot, abs(quantity)).copy_sign(quantity)
