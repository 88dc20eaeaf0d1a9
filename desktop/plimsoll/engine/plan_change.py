"""The plan a person decided on: the one proposed, another beside it, or either with other quantities."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.proposal import Plan, PlanLeg, Proposal
from plimsoll.domain.proposal_request import Quantities


def chosen_plan(proposal: Proposal, option: int, quantities: Quantities, lots: Mapping[str, Decimal]) -> Plan:
    """Return what a person asks for of a proposal.

    Parameters
    ----------
    proposal : Proposal
        As it was shown.
    option : int
        0 for its plan, from 1 for the alternatives beside it.
    quantities : tuple of (code, Decimal)
        Signed quantities of legs of now; zero takes a leg out, with its parts of later; one left out stays
        as planned.
    lots : Mapping
        Smallest step of quantity by code.

    Raises
    ------
    DecisionRefused
        If there is no such plan or leg, or a quantity is no whole number of lots, turns to the other side, or
        closes more than is held.
    """
    plans = (proposal.plan, *(each.plan for each in proposal.alternatives))
    if not 0 <= option < len(plans):
        raise DecisionRefused(f"plan {option} was asked for, the proposal has 0 to {len(plans) - 1}")
    plan = plans[option]
    wanted = dict(quantities)
    strangers = wanted.keys() - {leg.code for leg in plan.legs}
    if strangers:
        raise DecisionRefused(f"the plan has no order in {', '.join(sorted(strangers))}")
    if all(wanted.get(leg.code, leg.quantity) == leg.quantity for leg in plan.legs):
        return plan
    legs = tuple(_scaled(leg, wanted.get(leg.code, leg.quantity), lots) for leg in plan.legs)
    taken_out = {leg.code for leg in legs if not leg.quantity}
    later = tuple(leg for leg in plan.later if leg.code not in taken_out)
    return replace(plan, legs=tuple(leg for leg in legs if leg.quantity), later=later)


def _scaled(leg: PlanLeg, quantity: Decimal, lots: Mapping[str, Decimal]) -> PlanLeg:
    """Return a leg of another quantity: its value, cost and share of volume go with it, in proportion."""
    if quantity == leg.quantity:
        return leg
    if not quantity.is_finite():
        raise DecisionRefused(f"the quantity of {leg.code} was {quantity}, expected a number")
    if quantity and (quantity > 0) != (leg.quantity > 0):
        side = "bought" if leg.quantity > 0 else "sold"
        raise DecisionRefused(f"{leg.code} is {side} by the plan: {quantity:+,f} would turn it around")
    if leg.only_closes and abs(quantity) > abs(leg.held):
        raise DecisionRefused(f"the quantity of {leg.code} was {quantity:f}, expected at most {-leg.held:f}")
    lot = lots.get(leg.code, Decimal(1))
    if quantity % lot and quantity != -leg.held:  # a whole odd lot may go
        raise DecisionRefused(f"the quantity of {leg.code} was {quantity:f}, expected whole lots of {lot:f}")
    share = float(quantity / leg.quantity)
    return replace(
        leg,
        quantity=quantity,
        value_base=leg.value_base * share,
        cost_base=leg.cost_base * share,
        volume_share=leg.volume_share * share,
    )
