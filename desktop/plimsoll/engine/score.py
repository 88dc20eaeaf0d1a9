"""What trading was worth at a later instant, against not trading: arithmetic on fills, plans and prices."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from plimsoll.domain.proposal import Plan, PlanLeg
from plimsoll.domain.score import Horizon
from plimsoll.domain.units import NS_PER_S

UNKNOWN = float("nan")
PriceAt = Callable[[str, int], float]
"""Returns the price of a code at an exchange time; NaN where nobody knows."""

_HOUR_NS = 3600 * NS_PER_S
_DAY_NS = 24 * _HOUR_NS
_MONDAY_OF_EPOCH, _SATURDAY, _WEEK = 3, 5, 7


@dataclass(frozen=True, slots=True)
class Filled:
    """A fill of a decision.

    Attributes
    ----------
    code : str
        The instrument.
    quantity : Decimal
        Signed.
    price, fee : Decimal
        In the instrument's currency.
    exchange_ns : int
        When, by the market.
    """

    code: str
    quantity: Decimal
    price: Decimal
    fee: Decimal
    exchange_ns: int


@dataclass(frozen=True, slots=True)
class Worth:
    """Base money of one instrument, at the rate of the decision; NaN unknown.

    Attributes
    ----------
    per_point : float
        Of one unit whose price moves by one: multiplier times rate.
    rate : float
        Of one unit of its currency.
    """

    per_point: float
    rate: float


def due_at(horizon: Horizon, decided_ns: int) -> int:
    """Return when a horizon is reached, exchange time.

    The hour is an hour; a day is the same time of day (UTC) on the next weekday, so that a weekend is none.
    """
    if not horizon.n_weekdays:
        return decided_ns + _HOUR_NS
    day, time_ns = divmod(decided_ns, _DAY_NS)
    left = horizon.n_weekdays
    while left:
        day += 1
        left -= (day + _MONDAY_OF_EPOCH) % _WEEK < _SATURDAY
    return day * _DAY_NS + time_ns


def worth_of(plans: Iterable[Plan], multiplier_of: Mapping[str, float]) -> dict[str, Worth]:
    """Return what the instruments of plans are worth a point, as their legs' values and marks say.

    Prices move the result at the rate of the decision: what the rate did since to the difference is left out.
    """
    found: dict[str, Worth] = {}
    for leg in (leg for plan in plans for leg in plan.all_legs):
        size = abs(float(leg.quantity) * leg.mark)
        per_point = leg.value_base / size if size > 0.0 and leg.value_base > 0.0 else UNKNOWN
        if leg.code not in found or not math.isnan(per_point):
            found[leg.code] = Worth(per_point, per_point / multiplier_of.get(leg.code, UNKNOWN))
    return found


def acted_base(fills: Iterable[Filled], worth: Mapping[str, Worth], price_at: PriceAt, due_ns: int) -> float:
    """Return what the fills up to an instant were worth there, against not having traded.

    Each is quantity · (price then − fill price) · worth of a point, less its fee: what was sold before a fall
    and what was bought before a rise saved money. NaN where a price or a rate is not known.
    """
    total = 0.0
    for fill in fills:
        if fill.exchange_ns > due_ns:
            continue
        money = worth.get(fill.code, Worth(UNKNOWN, UNKNOWN))
        total += float(fill.quantity) * (price_at(fill.code, due_ns) - float(fill.price)) * money.per_point
        total -= float(fill.fee) * money.rate if fill.fee else 0.0
    return total


def plan_base(
    plan: Plan, worth: Mapping[str, Worth], price_at: PriceAt, decided_ns: int, due_ns: int
) -> float:
    """Return what a plan would have been worth at an instant, against not trading.

    Its legs of now are taken as filled at the marks of the decision, those of later at the price of their
    time, none that comes after the instant; their known estimated cost is taken off.
    """
    total = 0.0
    for leg in plan.all_legs:
        traded_ns = max(leg.not_before_ns, decided_ns)
        if traded_ns > due_ns:
            continue
        start = mark_of(leg, price_at, traded_ns, decided_ns)
        money = worth.get(leg.code, Worth(UNKNOWN, UNKNOWN))
        total += float(leg.quantity) * (price_at(leg.code, due_ns) - start) * money.per_point
        total -= 0.0 if math.isnan(leg.cost_base) else leg.cost_base
    return total


def mark_of(leg: PlanLeg, price_at: PriceAt, traded_ns: int, decided_ns: int) -> float:
    """Return the price a leg is measured from: that of its time, else the mark it was planned at."""
    price = price_at(leg.code, traded_ns)
    # The plan's own mark is seconds old at the decision, and unknown for a leg that waits.
    return leg.mark if math.isnan(price) and traded_ns == decided_ns else price


def slippage_base(
    fills: Iterable[Filled], plan: Plan, worth: Mapping[str, Worth], price_at: PriceAt, decided_ns: int
) -> float:
    """Return what fills cost against the marks of the decision, above zero is a cost; NaN unknown."""
    mark = {leg.code: mark_of(leg, price_at, decided_ns, decided_ns) for leg in reversed(plan.all_legs)}
    return math.fsum(
        float(fill.quantity)
        * (float(fill.price) - mark.get(fill.code, UNKNOWN))
        * worth.get(fill.code, Worth(UNKNOWN, UNKNOWN)).per_point
        for fill in fills
    )


def fees_base(fills: Iterable[Filled], worth: Mapping[str, Worth]) -> float:
    """Return the fees of fills; NaN where a rate is not known."""
    return math.fsum(
        float(fill.fee) * worth.get(fill.code, Worth(UNKNOWN, UNKNOWN)).rate for fill in fills if fill.fee
    )
