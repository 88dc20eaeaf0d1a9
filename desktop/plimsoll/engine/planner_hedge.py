"""Which instruments a hedge may trade, how much of them, and rounding that never adds risk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.plan_input import ZERO, PlanInput
from plimsoll.engine.planner_legs import PlanTerms, lots_of_trade

FloatArray = NDArray[np.float64]


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
