"""Each measure of each member of a grouping, now and at the worst tick since the last measurement."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Measure
from plimsoll.domain.limit_detail import is_headline_method, top_n
from plimsoll.domain.snapshot import PositionState
from plimsoll.engine.book_measures import NO_MARKET, above_zero
from plimsoll.engine.measurement import TRUSTED_FRESH_FRACTION, Groups, Measurement

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
NAN = float("nan")


class Column(NamedTuple):
    """A measure of each member, shape (n_groups,) each; where partial, what is left out may be worse."""

    value: FloatArray
    worst: FloatArray
    is_partial: BoolArray | None = None


@dataclass(frozen=True)  # no slots: totals that several measures rest on are added up once
class Members:
    """The members of one grouping at one instant."""

    measured: Measurement
    groups: Groups

    @cached_property
    def totals(self) -> tuple[FloatArray, FloatArray]:
        """Net and gross exposure, signed by the side of a pair."""
        return self.groups.totals(self.measured.value)

    @property
    def net(self) -> FloatArray:
        """Net exposure."""
        return self.totals[0]

    @property
    def gross(self) -> FloatArray:
        """Gross exposure."""
        return self.totals[1]

    @cached_property
    def is_doubtful(self) -> BoolArray:
        """Whether a member holds a position without a fresh price."""
        return self.groups.any_of(self.measured.is_doubtful)

    @cached_property
    def is_unpriceable(self) -> BoolArray:
        """Whether a member holds a position without a price."""
        return self.groups.any_of(self.measured.is_unpriceable)

    @cached_property
    def has_unpriceable(self) -> bool:
        """Whether any of them does."""
        return bool(self.is_unpriceable.any())

    @property
    def size(self) -> FloatArray:
        """Absolute exposure of each position, 0 without a price, shape (n_held,)."""
        return self.measured.size

    @cached_property
    def nav(self) -> float:
        """NAV if a share of it has a meaning."""
        return above_zero(self.measured.nav)

    @property
    def unknown(self) -> FloatArray:
        """NaN for each member."""
        return np.full(len(self.groups.labels), NAN)

    def held(self, figures: FloatArray | None) -> FloatArray:
        """Return figures of positions: NaN where not measured; nothing held has 0 of what nobody knows."""
        value = self.measured.value
        if figures is None or len(figures) != len(value):
            return np.full(len(value), NAN)
        return np.where((value == 0.0) & np.isnan(figures), 0.0, figures)


def member_column(measure: Measure, detail: str, members: Members) -> Column:
    """Return a measure of each member in its unit; NaN is unknown, also where it has no meaning."""
    read = _COLUMNS.get(measure)
    return read(members, detail) if read else _twice(members.unknown)


def _twice(value: FloatArray) -> Column:
    return Column(value, value)


def _tail(name: str) -> Callable[[Members, str], Column]:
    def column(members: Members, detail: str) -> Column:
        part_tail = members.measured.part_tail
        if part_tail is None or not is_headline_method(detail):
            return _twice(members.unknown)
        figures = part_tail(members.groups)
        return _twice(figures.var if name == "var" else figures.es)

    return column


def _of_nav(money: Callable[[Members, str], Column]) -> Callable[[Members, str], Column]:
    def column(members: Members, detail: str) -> Column:
        now, worst, is_partial = money(members, detail)
        value = now / members.nav
        return Column(value, value if worst is now else worst / members.nav, is_partial)

    return column


def _risk_share(members: Members, _: str) -> Column:
    part = members.groups.sums(members.held(members.measured.es_contribution))
    return _twice(part / above_zero(members.measured.es))


def _daily_loss(members: Members, _: str) -> Column:
    measured = members.measured
    loss = -members.groups.sums(members.held(measured.position_day_pnl))
    # Since entry and since the roll a position fell by the same money since the last measurement.
    fall = np.nan_to_num(measured.unrealised - measured.worst_unrealised)
    return Column(loss, loss + members.groups.sums(np.maximum(fall, 0.0)))


def _daily_loss_fraction(members: Members, detail: str) -> Column:
    now, worst, _ = _daily_loss(members, detail)
    day_nav = above_zero(members.measured.day_nav)
    return Column(now / day_nav, worst / day_nav)


def _position_loss(members: Members, _: str) -> Column:
    measured = members.measured
    now = -members.groups.sums(members.held(measured.unrealised))
    worst = -members.groups.sums(members.held(measured.worst_unrealised))
    return Column(now, worst)


def _hhi(members: Members, _: str) -> Column:
    squares = members.groups.sums(np.square(members.size))
    gross = np.where(members.gross > 0.0, members.gross, NAN)
    return _twice(squares / np.square(gross))


def _top_n_weight(members: Members, detail: str) -> Column:
    """Return the weight of each member's largest positions, found in one sort for all members."""
    groups = members.groups
    size = members.size[groups.position]
    order = np.lexsort((-size, groups.member))
    member = groups.member[order]
    rank = np.arange(len(member)) - np.searchsorted(member, member)
    kept = np.where(rank < top_n(detail), size[order], 0.0)
    total = np.bincount(member, weights=kept, minlength=len(groups.labels))
    return _twice(total / members.nav)


def _stress_loss(members: Members, detail: str) -> Column:
    stress = members.measured.stress.get(detail)
    return _twice(members.groups.sums(members.held(stress.by_position if stress else None)))


def _margin_use(members: Members, _: str) -> Column:
    market = members.measured.market or NO_MARKET
    return _twice(members.groups.sums(members.held(market.margin.requirement_base)) / members.nav)


def _days_to_exit(members: Members, _: str) -> Column:
    days = members.held((members.measured.market or NO_MARKET).liquidity.days_to_exit)
    longest = members.groups.largest(days)
    return Column(longest, longest, members.groups.any_of(np.isnan(days)))


def _exit_share(members: Members, _: str) -> Column:
    """Return how much of each member's gross exposure is out after a day, all positions side by side."""
    days = members.held((members.measured.market or NO_MARKET).liquidity.days_to_exit)
    size = members.size
    gross = np.where(members.gross > 0.0, members.gross, NAN)
    return _twice(members.groups.sums(size / np.maximum(days, 1.0)) / gross)


def _spread(members: Members, _: str) -> Column:
    """Return the spread of each member, weighted by exposure over the positions with a fresh quote."""
    spread = members.held((members.measured.market or NO_MARKET).liquidity.spread_fraction)
    size = members.size
    is_known = np.isfinite(spread)
    known = members.groups.sums(np.where(is_known, size, 0.0))
    cost = members.groups.sums(np.where(is_known, size * np.nan_to_num(spread), 0.0))
    average = cost / np.where(known > 0.0, known, NAN)
    return Column(average, average, known < TRUSTED_FRESH_FRACTION * members.gross)


def _exit_cost(members: Members, _: str) -> Column:
    cost = members.held((members.measured.market or NO_MARKET).liquidity.exit_cost_base)
    is_unknown = np.isnan(cost)
    known = members.groups.sums(np.nan_to_num(cost)) / members.nav
    any_known = members.groups.any_of(~is_unknown)
    total = np.where(any_known, known, NAN)
    return Column(total, total, members.groups.any_of(is_unknown))


def _stale_fraction(members: Members, _: str) -> Column:
    """Return the share without a fresh price: by number where there is none, by exposure where it is old."""
    measured, groups = members.measured, members.groups
    ones = np.ones(len(measured.value))
    count = groups.sums(ones)
    priced = 1.0 - groups.sums(measured.is_unpriceable.astype(np.float64)) / count
    size = members.size
    is_stale = (measured.state == PositionState.STALE).astype(np.float64)
    stale, gross = groups.sums(size * is_stale), groups.sums(size)
    by_count = groups.sums(is_stale) / count
    share = np.where(gross > 0.0, stale / np.where(gross > 0.0, gross, 1.0), by_count)
    return _twice(1.0 - priced * (1.0 - share))


_COLUMNS: dict[Measure, Callable[[Members, str], Column]] = {
    Measure.VAR: _tail("var"),
    Measure.VAR_FRACTION: _of_nav(_tail("var")),
    Measure.ES: _tail("es"),
    Measure.ES_FRACTION: _of_nav(_tail("es")),
    Measure.RISK_SHARE: _risk_share,
    Measure.DAILY_LOSS: _daily_loss,
    Measure.DAILY_LOSS_FRACTION: _daily_loss_fraction,
    Measure.GROSS_EXPOSURE: lambda m, _: _twice(m.gross),
    Measure.NET_EXPOSURE: lambda m, _: _twice(np.abs(m.net)),
    Measure.HHI: _hhi,
    Measure.TOP_N_WEIGHT: _top_n_weight,
    Measure.POSITION_LOSS: _position_loss,
    Measure.POSITION_SIZE: lambda m, _: _twice(np.abs(m.net)),
    Measure.NET_WEIGHT: lambda m, _: _twice(np.abs(m.net) / m.nav),
    Measure.GROSS_WEIGHT: lambda m, _: _twice(m.gross / m.nav),
    Measure.STRESS_LOSS: _stress_loss,
    Measure.STRESS_LOSS_FRACTION: _of_nav(_stress_loss),
    Measure.MARGIN_USE: _margin_use,
    Measure.DAYS_TO_EXIT: _days_to_exit,
    Measure.EXIT_SHARE_1D: _exit_share,
    Measure.SPREAD_FRACTION: _spread,
    Measure.EXIT_COST_FRACTION: _exit_cost,
    Measure.STALE_FRACTION: _stale_fraction,
}
"""Every measure that has a meaning for a part of the book."""
