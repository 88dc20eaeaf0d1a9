"""One limit's distance, re-priced exactly: the move, who moves most in it, and one instrument's own way."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.distance import Distance, Mover, Reach
from plimsoll.domain.limit import ScopeKind
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.distance_book import MovedBook, Standpoint
from plimsoll.engine.distance_edge import Edge, LossEdge
from plimsoll.engine.distance_plan import Plan, Shape, edge_of
from plimsoll.engine.distance_search import by_one_alone, nearest
from plimsoll.engine.measurement import Groups

FloatArray = NDArray[np.float64]

N_MOVERS = 3
SAME_FRACTION = 1e-6
"""Of the line: an edge further off than this measures something else than the limit does."""


@dataclass(frozen=True, slots=True)
class Asked:
    """For which limit, and which member of it.

    Attributes
    ----------
    plan : Plan
        The limit's.
    member : str
        Its name.
    place : int
        Its place in the grouping.
    value : float
        What is measured there.
    is_far_side : bool
        Whether the line on the other side of nought is meant.
    """

    plan: Plan
    member: str
    place: int
    value: float
    is_far_side: bool


def answer(
    asked: Asked,
    stand: Standpoint,
    groups: Mapping[ScopeKind, Groups],
    method: RiskMethod,
    codes: tuple[str, ...],
) -> Distance:
    """Return the exact distance of one member of a limit not broken; pace and chance are not in it."""
    plan, limit = asked.plan, asked.plan.limit
    edge = edge_of(plan, asked.place, asked.value, stand, groups, method, is_far_side=asked.is_far_side)
    if edge is None or not _measures_the_same(edge, asked, stand):
        return Distance(limit, asked.member, Reach.APART, reason="measured by a rule of its own")
    point = nearest(edge, stand)
    alone = _alone(edge, asked, stand, codes)
    if point is None:
        return Distance(limit, asked.member, Reach.FAR, alone=alone)
    lost = stand.here.nav - point.book.nav
    nav = stand.measured.nav
    slope = stand.slope(stand.here, edge.at(stand.here)[1])
    return Distance(
        limit,
        asked.member,
        Reach.MOVE,
        sigma=point.sigma,
        move_fraction=-lost / nav if nav > 0.0 else float("nan"),
        loss_base=lost,
        instruments=_movers(point.move, point.book, slope, stand, codes),
        alone=alone,
        exactness=point.exactness,
    )


def _measures_the_same(edge: Edge, asked: Asked, stand: Standpoint) -> bool:
    """Tell whether an edge begins where the limit's own reading says."""
    if isinstance(edge, LossEdge) and edge.is_since_entry:
        lost = -float(edge.share @ stand.here.unrealised)
        return abs(lost - asked.value) <= SAME_FRACTION * (asked.plan.limit.line + abs(lost))
    if asked.plan.shape in {Shape.NAV, Shape.LOSS}:
        return True  # made from the reading
    unit = asked.plan.unit(stand.measured)
    value = -asked.value if asked.is_far_side else asked.value
    line = asked.plan.limit.line
    excess, _ = edge.at(stand.here)
    return abs(excess - (value - line) * unit) <= SAME_FRACTION * line * unit


def _alone(edge: Edge, asked: Asked, stand: Standpoint, codes: tuple[str, ...]) -> Mover | None:
    """Return the move of a limit's one instrument that breaks it while all others stand still."""
    if asked.plan.kind is not ScopeKind.INSTRUMENT:
        return None
    found = by_one_alone(edge, stand, asked.place)
    return None if found is None else _mover(asked.place, found[0], found[1], stand, codes)


def _movers(
    move: FloatArray, book: MovedBook, slope: FloatArray, stand: Standpoint, codes: tuple[str, ...]
) -> tuple[Mover, ...]:
    """Return the instruments that go most of the way, the first most."""
    way = np.abs(slope * move)
    n = min(N_MOVERS, int(np.count_nonzero(way)))
    largest = np.argpartition(-way, n)[:n] if n < len(way) else np.arange(n)
    ordered = largest[np.argsort(-way[largest], kind="stable")]
    return tuple(_mover(int(place), float(move[place]), book, stand, codes) for place in ordered)


def _mover(place: int, move: float, book: MovedBook, stand: Standpoint, codes: tuple[str, ...]) -> Mover:
    mark, price = float(stand.mark[place]), float(book.price[place])
    change = price / mark - 1.0 if mark > 0.0 else float("nan")
    return Mover(codes[place], change, price, stand.sigma_of(place, move))
