"""Which kind of edge each limit has, and the edge itself for one member at one instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit, Measure, ScopeKind
from plimsoll.domain.limit_detail import is_headline_method, top_n
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.distance_book import Standpoint
from plimsoll.engine.distance_edge import Edge, GrossEdge, HhiEdge, LossEdge, NavEdge, NetEdge, TailEdge
from plimsoll.engine.measurement import Groups, Measurement

FloatArray = NDArray[np.float64]
NAN = float("nan")


class Shape(IntEnum):
    """What a limit's edge is made of."""

    NAV = 0
    LOSS = 1
    NET = 2
    GROSS = 3
    CURVED = 4
    APART = 5


_NAV = frozenset(
    {
        Measure.DRAWDOWN,
        Measure.DAILY_LOSS,
        Measure.DAILY_LOSS_FRACTION,
        Measure.TRAILING_LOSS,
        Measure.TRAILING_LOSS_FRACTION,
        Measure.MARGIN_USE,
        Measure.MARGIN_CUSHION,
    }
)
_LOSS = frozenset({Measure.POSITION_LOSS, Measure.DAILY_LOSS, Measure.DAILY_LOSS_FRACTION})
_NET = frozenset({Measure.POSITION_SIZE, Measure.NET_EXPOSURE, Measure.NET_WEIGHT, Measure.NET_LEVERAGE})
_GROSS = frozenset({Measure.GROSS_EXPOSURE, Measure.GROSS_WEIGHT, Measure.GROSS_LEVERAGE})
_OF_NAV = frozenset(
    {
        Measure.NET_WEIGHT,
        Measure.NET_LEVERAGE,
        Measure.GROSS_WEIGHT,
        Measure.GROSS_LEVERAGE,
        Measure.TOP_N_WEIGHT,
        Measure.VAR_FRACTION,
        Measure.ES_FRACTION,
    }
)
TAIL = frozenset({Measure.VAR, Measure.VAR_FRACTION, Measure.ES, Measure.ES_FRACTION})
SCALES = TAIL | {Measure.STRESS_LOSS, Measure.STRESS_LOSS_FRACTION}
"""Measures proportional to exposure, and to volatility: a factor on either breaks them."""
_HELD_REQUIREMENT = frozenset({Measure.MARGIN_USE, Measure.MARGIN_CUSHION})


@dataclass(frozen=True, slots=True)
class Plan:
    """How one limit is to be measured from its edge.

    Attributes
    ----------
    limit : Limit
        Which one.
    shape : Shape
        Of its edge.
    is_of_nav : bool
        Whether the line is a share of NAV as it moves.
    is_largest : bool
        Whether a limit of the book watches its worst single position.
    note : str
        What the edge leaves out.
    """

    limit: Limit
    shape: Shape
    is_of_nav: bool
    is_largest: bool = False
    note: str = ""

    @property
    def kind(self) -> ScopeKind:
        """The grouping whose members are measured."""
        return ScopeKind.INSTRUMENT if self.is_largest else self.limit.scope.kind

    def unit(self, measured: Measurement) -> float:
        """Return the money that one unit of the measure stands for."""
        if self.is_of_nav:
            return measured.nav
        return measured.day_nav if self.limit.measure is Measure.DAILY_LOSS_FRACTION else 1.0


def plan_of(limit: Limit) -> Plan:
    """Return how a limit is to be measured."""
    measure, is_book = limit.measure, limit.scope.kind is ScopeKind.BOOK
    is_largest = is_book and measure in {Measure.POSITION_LOSS, Measure.POSITION_SIZE}
    note = "the requirement held as it is" if measure in _HELD_REQUIREMENT else ""
    return Plan(limit, _shape_of(limit), measure in _OF_NAV, is_largest, note)


def _shape_of(limit: Limit) -> Shape:
    measure, is_book = limit.measure, limit.scope.kind is ScopeKind.BOOK
    if is_book and measure in _NAV:
        return Shape.NAV
    for shape, measures in ((Shape.LOSS, _LOSS), (Shape.NET, _NET), (Shape.GROSS, _GROSS)):
        if measure in measures:
            return shape
    is_headline = measure in TAIL and is_book and is_headline_method(limit.detail)
    is_curved = is_headline or measure in {Measure.HHI, Measure.TOP_N_WEIGHT}
    return Shape.CURVED if is_curved else Shape.APART


def gap_to_line(limit: Limit, value: float, measured: Measurement) -> float:
    """Return the further loss of NAV that breaks a limit on its fall, all else held; NaN where none does."""
    nav, line = measured.nav, limit.line
    match limit.measure:
        case Measure.DAILY_LOSS | Measure.TRAILING_LOSS:
            return line - value
        case Measure.DAILY_LOSS_FRACTION:
            return (line - value) * measured.day_nav
        case Measure.MARGIN_USE:
            return nav * (1.0 - value / line)
        case Measure.MARGIN_CUSHION:  # 1 − requirement/NAV
            return nav * (value - line) / (1.0 - line) if line < 1.0 else NAN
        case _:  # 1 − NAV/high
            return nav * (line - value) / (1.0 - value) if value < 1.0 else NAN


def edge_of(
    plan: Plan,
    place: int,
    value: float,
    stand: Standpoint,
    groups: Mapping[ScopeKind, Groups],
    method: RiskMethod,
    *,
    is_far_side: bool = False,
) -> Edge | None:
    """Return the edge of a limit on the member at `place` of its grouping, or None where it has none.

    Parameters
    ----------
    value : float
        What the limit measures there now.
    is_far_side : bool
        For net exposure: the line on the other side of nought.
    """
    limit, of_nav = plan.limit, plan.is_of_nav
    if plan.shape is Shape.APART:
        return None
    if plan.shape is Shape.NAV:
        return NavEdge(gap_to_line(limit, value, stand.measured), stand.here)
    sign = sign_of(plan.kind, place, stand.n_held, groups)
    match plan.shape:
        case Shape.LOSS:
            gap = (limit.line - value) * plan.unit(stand.measured)
            # A pair's result counts whole in both its currencies, without a sign (Groups.sums).
            return LossEdge(np.abs(sign), gap, limit.measure is Measure.POSITION_LOSS, stand.here)
        case Shape.NET:
            side = 1.0 if float(sign @ stand.here.value) >= 0.0 else -1.0
            return NetEdge(-side * sign if is_far_side else side * sign, limit.line, of_nav)
        case Shape.GROSS:
            return GrossEdge(np.abs(sign), limit.line, of_nav)
        case _:
            return _curved_edge(plan, np.abs(sign), stand, method)


def _curved_edge(plan: Plan, share: FloatArray, stand: Standpoint, method: RiskMethod) -> Edge:
    limit, of_nav = plan.limit, plan.is_of_nav
    if limit.measure is Measure.HHI:
        return HhiEdge(share, limit.line)
    if limit.measure is Measure.TOP_N_WEIGHT:
        return GrossEdge(share, limit.line, of_nav, top_n(limit.detail))
    is_shortfall = limit.measure in {Measure.ES, Measure.ES_FRACTION}
    confidence = method.es_confidence if is_shortfall else method.var_confidence
    return TailEdge(confidence, is_shortfall, limit.line, of_nav, stand)


def sign_of(kind: ScopeKind, place: int, n_held: int, groups: Mapping[ScopeKind, Groups]) -> FloatArray:
    """Return how each position enters a member of a grouping, shape (n_held,); 0 for none of it."""
    sign = np.zeros(n_held)
    if kind is ScopeKind.BOOK:
        sign[:] = 1.0
        return sign
    found = groups[kind]
    mine = found.member == place
    sign[found.position[mine]] = found.sign[mine]
    return sign
