"""Makes a plan of the quantities a planner wants: in lots, with prices, sessions, and slices."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.proposal import Plan, PlanLeg
from plimsoll.domain.session import Venue, venue_of
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.plan_input import ZERO, PlanInput

FloatArray = NDArray[np.float64]

MOST_SLICES = 20
_DAY_S = 86_400.0
_STOCK_SESSION_S = {
    Venue.US_STOCK: 23_400.0,
    Venue.HONG_KONG_STOCK: 19_800.0,
    Venue.CHINA_STOCK: 14_400.0,
}
_LOT_TOLERANCE = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """How a plan is carried out.

    Attributes
    ----------
    volume_share : float
        Of an average day's volume, the most that goes out at once.
    price_band_fraction : float
        How much worse than the mark an order may be filled.
    """

    volume_share: float = 0.10
    price_band_fraction: float = 0.01


def kept_after(plan_input: PlanInput, quantities: Sequence[Decimal]) -> FloatArray:
    """Return the share that each position keeps after signed trades, shape (n_held,); 1 of what is flat."""
    return np.array(
        [
            float((held + traded) / held) if held else 1.0
            for held, traded in zip(plan_input.held, quantities, strict=True)
        ]
    )


def lots_of_cut(plan_input: PlanInput, cut: FloatArray) -> list[Decimal]:
    """Return signed trades that cut at least these shares of positions, shape (n_held,), in whole lots.

    Rounded towards less risk: up to the next lot, or the whole position where less than that is left; never
    beyond flat, and never what a working order already closes. NaN and shares at or below zero cut nothing.
    """
    trades = []
    for number, share in enumerate(cut.tolist()):
        held, free, lot = plan_input.held[number], abs(plan_input.free[number]), plan_input.lots[number]
        if not share > 0.0 or not free:
            trades.append(ZERO)
            continue
        wanted = abs(held) * Decimal(repr(min(share, 1.0)))
        n_lots = (wanted / lot - _LOT_TOLERANCE).to_integral_value(rounding=ROUND_CEILING)
        size = min(max(n_lots, ZERO) * lot, free)
        trades.append(-size if held > 0 else size)
    return trades


def lots_of_trade(plan_input: PlanInput, number: int, quantity: float) -> Decimal:
    """Return a signed quantity in whole lots, rounded towards no trade."""
    if not math.isfinite(quantity):
        return ZERO
    lot = plan_input.lots[number]
    return (
        Decimal(repr(quantity)) / lot + _LOT_TOLERANCE.copy_sign(Decimal(repr(quantity)))
    ).to_integral_value(rounding=ROUND_DOWN) * lot


def plan_of(
    planner: str,
    quantities: Sequence[Decimal],
    plan_input: PlanInput,
    terms: PlanTerms,
    words: str,
    *,
    warnings: Sequence[str] = (),
    left_out: Sequence[str] = (),
    slice_share: float | None = None,
) -> Plan:
    """Return the plan that trades signed quantities, one a position.

    Parameters
    ----------
    planner, words
        As `Plan` has them.
    quantities : sequence of Decimal
        In whole lots, in the positions' order; zero trades nothing.
    plan_input : PlanInput
        The instant.
    terms : PlanTerms
        Share of volume and price band.
    warnings, left_out : sequence of str
        What the planner has to say besides, and whom it passed over.
    slice_share : float, optional
        Of an average day's volume in one slice, where that is to be less than goes out at once.
    """
    legs: list[PlanLeg] = []
    later: list[PlanLeg] = []
    said, without = list(warnings), list(left_out)
    tradable, waiting = plan_input.is_tradable, plan_input.is_waiting
    for number in [number for number, quantity in enumerate(quantities) if quantity]:
        code = plan_input.codes[number]
        opens_ns = plan_input.opens_ns[number]
        if not tradable[number] and not (waiting[number] and opens_ns):
            unknown = "; nobody knows when it opens" if waiting[number] else ""
            said.append(f"{code} is not traded: {plan_input.why_not_traded(number)}{unknown}")
            without.append(code)
            continue
        share = terms.volume_share if slice_share is None else min(slice_share, terms.volume_share)
        begins_ns = 0 if tradable[number] else opens_ns
        made = _slices(number, quantities[number], plan_input, terms, share, begins_ns)
        if not tradable[number]:
            said.append(f"{code} waits until its market opens")
        if math.isnan(float(plan_input.daily_volume[number])):
            said.append(f"{code}: its volume is not known, so its size is not checked")
        (legs if not begins_ns else later).append(made[0])
        later += made[1:]
    return Plan(planner, tuple(legs), tuple(later), words, tuple(dict.fromkeys(said)), tuple(without))


def _slices(
    number: int, quantity: Decimal, plan_input: PlanInput, terms: PlanTerms, share: float, begins_ns: int
) -> list[PlanLeg]:
    """Return one leg, or as many as keep the pace of the market: the first at once, the rest spread."""
    lot, size = plan_input.lots[number], abs(quantity)
    volume = float(plan_input.daily_volume[number])
    first = size
    if volume > 0.0 and share * volume < float(size):
        first = (
            max((Decimal(repr(share * volume)) / lot).to_integral_value(rounding=ROUND_DOWN), Decimal(1))
            * lot
        )
        first = min(first, size)
    rest = size - first
    if not rest:
        return [_leg(number, quantity, plan_input, terms, begins_ns)]
    n = min(MOST_SLICES, math.ceil(float(rest / first)))
    each = (rest / n / lot).to_integral_value(rounding=ROUND_CEILING) * lot
    n = math.ceil(float(rest / each))
    session_s = _STOCK_SESSION_S.get(venue_of(plan_input.universe.instruments[number]), _DAY_S)
    # So long that the rest goes out at the pace the way out is reckoned with.
    pause_s = float(min(each, rest)) / (plan_input.method.participation * volume) * session_s
    sign = 1 if quantity > 0 else -1
    made = [_leg(number, sign * first, plan_input, terms, begins_ns)]
    start_ns = begins_ns or plan_input.exchange_ns
    for place in range(1, n + 1):
        part = min(each, rest)
        rest -= part
        days, seconds = divmod(place * pause_s, session_s)
        after_ns = int((days * _DAY_S + seconds) * NS_PER_S)
        words = f"part {place + 1}: too large for one order at {share:.0%} of a day's volume"
        made.append(_leg(number, sign * part, plan_input, terms, start_ns + after_ns, words))
    return made


def _leg(
    number: int,
    quantity: Decimal,
    plan_input: PlanInput,
    terms: PlanTerms,
    not_before_ns: int,
    words: str = "",
) -> PlanLeg:
    size = abs(float(quantity))
    value = size * abs(float(plan_input.unit_value[number]))
    volume = float(plan_input.daily_volume[number])
    if not_before_ns and not words:
        words = "when its market opens"
    mark = float(plan_input.mark[number])
    return PlanLeg(
        code=plan_input.codes[number],
        quantity=quantity,
        limit_price=worst_price(mark, is_buy=quantity > 0, band_fraction=terms.price_band_fraction),
        mark=mark,
        held=plan_input.held[number],
        value_base=value,
        cost_base=value * float(plan_input.cost_fraction[number]),
        volume_share=size / volume if volume > 0.0 else float("nan"),
        not_before_ns=not_before_ns,
        words=words,
    )


def worst_price(mark: float, *, is_buy: bool, band_fraction: float) -> Decimal:
    """Return the worst price an order accepts, to six digits; below zero too, where prices may be.

    Examples
    --------
    >>> worst_price(154.213, is_buy=False, band_fraction=0.01)
    Decimal('152.671')
    """
    band = abs(mark) * band_fraction
    return Decimal(f"{mark + band if is_buy else mark - band:.6g}")
