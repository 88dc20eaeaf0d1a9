"""A first look at every limit and member at once: distances to first order, to choose the nearest by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Measure, ScopeKind
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.distance_book import Standpoint
from plimsoll.engine.distance_plan import Plan, Shape, edge_of, gap_to_line
from plimsoll.engine.distance_series import Family, NavSwing, Swing, SwingMaker, nav_swing
from plimsoll.engine.limit_gauge import LimitReading
from plimsoll.engine.measurement import Groups, Measurement

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
NAN = float("nan")

SAME_BOOK_FRACTION = 0.01
"""Gross exposure that has changed by more is another book's."""
ROUNDING = 1e-18
"""Of what a variance is the difference of: below it nothing but rounding is left."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a first look found, one entry a limit, in the limits' order.

    Attributes
    ----------
    sigma : ndarray
        First-order distance of the nearest known member; infinite where no move breaks it; NaN where no
        member is known.
    pair : ndarray of int64
        That member's place among its limit's members.
    place : ndarray of int64
        Its place in the grouping.
    is_far_side : ndarray of bool
        Whether the line on the other side of nought is nearer.
    value : ndarray
        Of that member.
    worst : ndarray
        The worst value of any known member; NaN where none is known.
    still_fraction : ndarray
        Share of what is measured that has no price history.
    n_unknown, n_members : ndarray of int64
        Members that cannot be vouched for, of all.
    """

    sigma: FloatArray
    pair: IntArray
    place: IntArray
    is_far_side: NDArray[np.bool_]
    value: FloatArray
    worst: FloatArray
    still_fraction: FloatArray
    n_unknown: IntArray
    n_members: IntArray


class Screen:
    """Lays every (limit, member) pair out in columns once; looks at them all in a few products."""

    def __init__(
        self,
        plans: tuple[Plan, ...],
        members: tuple[tuple[str, ...], ...],
        groups: Mapping[ScopeKind, Groups],
        maker: SwingMaker,
        method: RiskMethod,
    ) -> None:
        self._plans = plans
        self._groups = groups
        self._maker = maker
        self._method = method
        counts = [len(names) for names in members]
        for number, plan in enumerate(plans):
            if plan.is_largest:
                counts[number] = len(groups[ScopeKind.INSTRUMENT].labels)
        self._n_members = np.array(counts, dtype=np.int64)
        # A limit without a member keeps one pair of its own, unknown.
        sizes = np.maximum(self._n_members, 1)
        self._start = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        self._limit_of = np.repeat(np.arange(len(plans)), sizes)
        self._line = np.repeat(np.array([plan.limit.line for plan in plans], dtype=np.float64), sizes)
        self._down = np.repeat(
            np.array([plan.limit.measure.is_floor for plan in plans], dtype=np.bool_), sizes
        )
        self._of_nav = np.repeat(np.array([plan.is_of_nav for plan in plans], dtype=np.bool_), sizes)
        of_day = [plan.limit.measure is Measure.DAILY_LOSS_FRACTION for plan in plans]
        self._of_day = np.repeat(np.array(of_day, dtype=np.bool_), sizes)
        self._is_net = np.repeat(np.array([plan.shape is Shape.NET for plan in plans]), sizes)
        self._place = np.concatenate(
            [self._places(plan, names, size) for plan, names, size in zip(plans, members, sizes, strict=True)]
            or [np.empty(0, dtype=np.int64)]
        )
        self._families, self._slot = self._slots()
        self._others = tuple(
            number for number, plan in enumerate(plans) if plan.shape in {Shape.NAV, Shape.CURVED}
        )
        self._curved_rows = tuple(
            (number, row)
            for number, plan in enumerate(plans)
            if plan.shape is Shape.CURVED
            for row in range(self._rows(number).start, self._rows(number).stop)
        )
        self._swings: dict[Family, Swing] = {}
        self._curved: dict[int, float] = {}
        self._nav: NavSwing | None = None
        self._turn = 0
        self._made_of: tuple[object, float] = (None, NAN)

    def _places(self, plan: Plan, names: tuple[str, ...], size: int) -> IntArray:
        """Return the place of each member in its grouping; −1 where nothing is held."""
        if plan.kind is ScopeKind.BOOK:
            return np.zeros(size, dtype=np.int64)
        if not names:
            return np.full(size, -1, dtype=np.int64)
        labels = self._groups[plan.kind].labels if plan.kind in self._groups else ()
        if plan.is_largest or names == labels:
            return np.arange(size)
        where = {label: number for number, label in enumerate(labels)}
        return np.array([where.get(name, -1) for name in names], dtype=np.int64)

    def _slots(self) -> tuple[dict[Family, int], IntArray]:
        """Return where each family of swings begins in the stacked columns, and each pair's slot there."""
        families: dict[Family, int] = {}
        slot = np.full(len(self._limit_of), -1, dtype=np.int64)
        n_slots = 0
        for number, plan in enumerate(self._plans):
            if plan.shape not in {Shape.LOSS, Shape.NET, Shape.GROSS} or not self._is_grouped(plan):
                continue
            family = Family(plan.kind, plan.shape, plan.limit.measure is Measure.POSITION_LOSS)
            if family not in families:
                families[family] = n_slots
                n_slots += 1 if plan.kind is ScopeKind.BOOK else len(self._groups[plan.kind].labels)
            rows = self._rows(number)
            place = self._place[rows]
            slot[rows] = np.where(place >= 0, families[family] + place, -1)
        return families, slot

    def _is_grouped(self, plan: Plan) -> bool:
        return plan.kind is ScopeKind.BOOK or plan.kind in self._groups

    def _rows(self, number: int) -> slice:
        start = int(self._start[number])
        return slice(start, start + max(int(self._n_members[number]), 1))

    def look(self, stand: Standpoint, readings: Sequence[LimitReading]) -> Look:
        """Return a first look from here."""
        measured = stand.measured
        value, is_known = self._values(measured, readings)
        unit = np.where(self._of_nav, measured.nav, np.where(self._of_day, measured.day_nav, 1.0))
        is_over = np.where(self._down, value < self._line, value > self._line)
        nav = self._refreshed(stand)
        sigma, is_far, still = self._grouped_sigmas(stand, nav, value, unit)
        self._other_sigmas(stand, nav, value, sigma, still)
        sigma = np.where(is_over, 0.0, sigma)
        counted = np.where(is_known | is_over, sigma, np.inf)
        known = is_known | is_over
        # A member that is known but out of reach stands before one that is not known.
        order = np.where(known, np.minimum(counted, 1e300), np.inf)
        best = self._first_of_least(order)
        any_known = np.logical_or.reduceat(known, self._start)
        signed = np.where(self._down, -value, value)
        worst = np.maximum.reduceat(np.where(known, signed, -np.inf), self._start)
        worst = np.where(self._down[self._start], -worst, worst)
        return Look(
            sigma=np.where(any_known, counted[best], NAN),
            pair=best - self._start,
            place=self._place[best],
            is_far_side=is_far[best],
            value=value[best],
            worst=np.where(any_known, worst, NAN),
            still_fraction=still[best],
            n_unknown=np.add.reduceat((~known).astype(np.int64), self._start),
            n_members=self._n_members,
        )

    def _values(
        self, measured: Measurement, readings: Sequence[LimitReading]
    ) -> tuple[FloatArray, NDArray[np.bool_]]:
        values, trusts = [], []
        nobody, never = np.array([NAN]), np.zeros(1, dtype=np.bool_)
        for plan, reading in zip(self._plans, readings, strict=True):
            if plan.is_largest:
                is_loss = plan.limit.measure is Measure.POSITION_LOSS
                values.append(-measured.unrealised if is_loss else np.abs(measured.value))
                trusts.append(~measured.is_doubtful)
            elif len(reading.value):
                values.append(reading.value)
                trusts.append(reading.is_trusted)
            else:
                values.append(nobody)
                trusts.append(never)
        value = np.concatenate(values)
        return value, np.concatenate(trusts) & np.isfinite(value)

    def _grouped_sigmas(
        self, stand: Standpoint, nav: NavSwing, value: FloatArray, unit: FloatArray
    ) -> tuple[FloatArray, NDArray[np.bool_], FloatArray]:
        """Return distances of losses and exposures, whether the far side is nearer, and what stands still."""
        n = len(value)
        sigma, is_far, still = np.full(n, np.inf), np.zeros(n, dtype=np.bool_), np.zeros(n)
        mine = self._slot >= 0
        if not self._families:
            return sigma, is_far, still
        swings = [self._swings[family] for family in self._families]
        slot = self._slot[mine]
        variance = np.concatenate([swing.variance for swing in swings])[slot]
        sides = [self._maker.side(family, stand) for family in self._families]
        crossed = np.concatenate([swing.with_nav * side for swing, side in zip(swings, sides, strict=True)])[
            slot
        ]
        stands = np.concatenate([swing.still_fraction for swing in swings])[slot]
        of_nav = self._of_nav[mine]
        share = np.where(of_nav, self._line[mine], 0.0)
        of_line = share * share * nav.variance
        near = _sigmas(
            (self._line[mine] - value[mine]) * unit[mine],
            variance - 2.0 * share * crossed + of_line,
            variance + of_line,
        )
        far = _sigmas(
            (self._line[mine] + value[mine]) * unit[mine],
            variance + 2.0 * share * crossed + of_line,
            variance + of_line,
        )
        far = np.where(self._is_net[mine], far, np.inf)
        sigma[mine] = np.fmin(near, far)
        is_far[mine] = far < near
        still[mine] = np.where(of_nav, np.maximum(stands, nav.still_fraction), stands)
        return sigma, is_far, still

    def _other_sigmas(
        self, stand: Standpoint, nav: NavSwing, value: FloatArray, sigma: FloatArray, still: FloatArray
    ) -> None:
        """Fill in the distances of limits on NAV and of curved figures."""
        for number in self._others:
            plan, rows = self._plans[number], self._rows(number)
            still[rows] = nav.still_fraction
            for row in range(rows.start, rows.stop):
                if not np.isfinite(value[row]):
                    continue
                if plan.shape is Shape.NAV:
                    gap = gap_to_line(plan.limit, float(value[row]), stand.measured)
                    variance = nav.variance
                else:
                    gap = (plan.limit.line - float(value[row])) * plan.unit(stand.measured)
                    variance = self._curved[row]
                sigma[row] = gap / variance**0.5 if variance > 0.0 and gap == gap else np.inf  # noqa: PLR0124

    def _refreshed(self, stand: Standpoint) -> NavSwing:
        """Work out anew how NAV and members swing: all in another market or book, else one at a time.

        Gaps are of this instant always; how far a day carries a group changes slowly. Each costs a pass over
        the matrix, or several; together they would hold the thread for too long: NAV has every other turn.
        """
        cloud, gross = self._made_of
        is_other = cloud is not stand.cloud or abs(stand.measured.gross - gross) > SAME_BOOK_FRACTION * gross
        if is_other:
            self._swings.clear()
            self._curved.clear()
            self._nav = None
            self._made_of = (stand.cloud, stand.measured.gross)
        jobs = [family for family in self._families if family.kind is not ScopeKind.INSTRUMENT]
        rounds, is_of_members = divmod(self._turn, 2)
        self._turn += 1
        turn = rounds % max(len(jobs) + len(self._curved_rows), 1) if is_of_members else -1
        if self._nav is None or not is_of_members:
            self._nav = nav_swing(stand)
        for family in self._families:
            is_its_turn = 0 <= turn < len(jobs) and family == jobs[turn]
            if family not in self._swings or family.kind is ScopeKind.INSTRUMENT or is_its_turn:
                self._swings[family] = self._maker.swing(family, stand, self._nav)
        for place, (number, row) in enumerate(self._curved_rows, start=len(jobs)):
            if row not in self._curved or place == turn:
                self._curved[row] = self._curved_variance(self._plans[number], row, stand)
        return self._nav

    def _curved_variance(self, plan: Plan, row: int, stand: Standpoint) -> float:
        place = int(self._place[row])
        if place < 0 or not self._is_grouped(plan) or stand.cloud.n_scenarios < self._method.unknown_below:
            return 0.0
        edge = edge_of(plan, place, NAN, stand, self._groups, self._method)
        if edge is None or not np.isfinite(stand.measured.nav):
            return 0.0
        series = stand.cloud.series(stand.slope(stand.here, edge.at(stand.here)[1]))
        return float(series @ series)

    def _first_of_least(self, order: FloatArray) -> IntArray:
        """Return for each limit the row of its least entry."""
        least = np.minimum.reduceat(order, self._start)
        rows = np.flatnonzero(order == least[self._limit_of])
        found: IntArray = rows[np.searchsorted(self._limit_of[rows], np.arange(len(self._plans)))]
        return found


def _sigmas(gap: FloatArray, variance: FloatArray, of: FloatArray) -> FloatArray:
    """Return gap over deviation; infinite where nothing but rounding is left of the variance."""
    moves = variance > ROUNDING * of
    sigma = np.full(len(gap), np.inf)
    sigma[moves] = gap[moves] / np.sqrt(variance[moves])
    return sigma
