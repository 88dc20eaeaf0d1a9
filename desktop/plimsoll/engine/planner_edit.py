"""A plan with quantities changed by hand, within what the plan was for."""

from collections.abc import Mapping
from decimal import Decimal

from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.proposal import Plan
from plimsoll.engine.plan_input import ZERO, PlanInput
from plimsoll.engine.planner_legs import PlanTerms, plan_of

NAME = "changed by hand"


def edited_plan(
    plan: Plan, quantities: Mapping[str, Decimal], plan_input: PlanInput, terms: PlanTerms
) -> Plan:
    """Return a plan with other quantities of its own instruments; those not named stay as they were.

    Raises
    ------
    DecisionRefused
        If a code is not in the plan, a quantity turns its side, is no multiple of the lot, or takes more off
        a position than there is.
    """
    wanted = [plan.traded(code) for code in plan_input.codes]
    for code, quantity in quantities.items():
        planned = plan.traded(code)
        if not planned or code not in plan_input.codes:
            raise DecisionRefused(f"{code} was changed, expected an instrument of the plan")
        number = plan_input.codes.index(code)
        _check(code, quantity, planned, number, plan_input)
        wanted[number] = quantity
    return plan_of(NAME, wanted, plan_input, terms, f"{plan.words}; quantities changed by hand")


def _check(code: str, quantity: Decimal, planned: Decimal, number: int, plan_input: PlanInput) -> None:
    if not quantity.is_finite() or (quantity and (quantity > 0) != (planned > 0)):
        side = "bought" if planned > 0 else "sold"
        raise DecisionRefused(f"{code}: the quantity was {quantity}, expected zero or some of what is {side}")
    free, lot = plan_input.free[number], plan_input.lots[number]
    is_reducing = bool(free) and (free > 0) != (planned > 0) and abs(planned) <= abs(free)
    if is_reducing and abs(quantity) > abs(free):
        raise DecisionRefused(f"{code}: the quantity was {quantity}, expected at most the {abs(free)} held")
    is_whole = is_reducing and abs(quantity) == abs(free)
    if quantity % lot != ZERO and not is_whole:
        raise DecisionRefused(f"{code}: the quantity was {quantity}, expected a multiple of {lot}")
