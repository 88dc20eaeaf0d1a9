"""What a plan would do to every limit, worked out on the hypothetical book at live prices."""

import math

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit, Measure, ScopeKind
from plimsoll.domain.limit_detail import is_headline_method
from plimsoll.domain.margin_rates import STANDARD_RATES, MarginRates
from plimsoll.domain.proposal import LimitEffect, Plan, PlanLeg, WhatIf
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.engine.gauge_board import GaugeBoard
from plimsoll.engine.hypothetical_book import HypotheticalBook, after_cost
from plimsoll.engine.limit_reading import BoardReading
from plimsoll.engine.measurement import Measurement, groups_of
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.universe import Universe

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
NAN = float("nan")
_TAIL = frozenset({Measure.VAR, Measure.VAR_FRACTION, Measure.ES, Measure.ES_FRACTION})


class WhatIfBoard:
    """Reads every limit before and after a plan; one owner, the risk thread.

    Parameters
    ----------
    universe : Universe
        Of the engine.
    limits : tuple of Limit
        Those in force.
    scenarios : tuple of StressScenario
        What the book is repriced under.
    margin : MarginRates
        What a broker asks of each kind of position.
    """

    def __init__(
        self,
        universe: Universe,
        limits: tuple[Limit, ...],
        scenarios: tuple[StressScenario, ...] = (),
        margin: MarginRates = STANDARD_RATES,
    ) -> None:
        self._book = HypotheticalBook(universe, scenarios, margin)
        self._groups = groups_of(universe)
        self._before: tuple[PlanInput, Measurement, BoardReading] | None = None
        self.take_limits(limits)

    def take_limits(self, limits: tuple[Limit, ...]) -> None:
        """Read these from now on."""
        self._gauges = GaugeBoard(limits, self._groups)
        self._before = None
        starts = np.array(self._gauges.layout.starts)
        counts = np.diff(starts)
        self._line = np.repeat(np.array([limit.line for limit in limits]), counts)
        self._is_floor = np.repeat(
            np.array([limit.measure.is_floor for limit in limits], dtype=np.bool_), counts
        )

    def of(self, plan: Plan, plan_input: PlanInput) -> WhatIf:
        """Return what a whole plan would do, its legs of later included.

        Raises
        ------
        FillRefused, UnknownInstrument
            If a leg is of nothing, or of a code that is not held or has no price.
        """
        return self._answer(plan.all_legs, plan_input)

    def of_now(self, plan: Plan, plan_input: PlanInput) -> WhatIf:
        """Return what the legs of now alone would do.

        Raises
        ------
        FillRefused, UnknownInstrument
            As `of`.
        """
        return self._answer(plan.legs, plan_input)

    def measure(self, plan_input: PlanInput, limit: Limit, member: str, legs: tuple[PlanLeg, ...]) -> float:
        """Return one limit's measure of one member after some legs, in the limit's unit; NaN unknown."""
        board = GaugeBoard((limit,), self._groups)
        (reading,) = board.read(self._book.measure(plan_input, legs))
        return float(reading.value[reading.members.index(member)]) if member in reading.members else NAN

    def _answer(self, legs: tuple[PlanLeg, ...], plan_input: PlanInput) -> WhatIf:
        before, reading_before = self._standing(plan_input)
        after = self._book.measure(plan_input, legs)
        reading = self._gauges.read(after)
        cost = math.fsum(leg.cost_base for leg in legs if not math.isnan(leg.cost_base))
        broken_before = self._beyond(reading_before.value) | self._known_broken(plan_input, reading_before)
        newly = self._beyond(reading.value) & ~broken_before
        if cost > 0.0:
            newly |= self._beyond(self._gauges.read(after_cost(after, cost)).value) & ~broken_before
        effects = self._effects(reading_before, reading, newly)
        shares = [leg.volume_share for leg in legs if not math.isnan(leg.volume_share)]
        return WhatIf(
            effects=effects,
            newly_broken=tuple(
                f"{effect.limit.name} · {member}" if member else effect.limit.name
                for effect in effects
                for member in effect.newly_broken
            ),
            newly_unknown=tuple(
                effect.limit.name
                for effect in effects
                if math.isnan(effect.after) and not math.isnan(effect.before)
            ),
            nav_after_cost=after.nav - cost,
            var_before=before.var,
            var_after=after.var,
            es_before=before.es,
            es_after=after.es,
            gross_before=before.gross,
            gross_after=after.gross,
            margin_before=_margin(before),
            margin_after=_margin(after),
            cost_base=cost,
            turnover_base=math.fsum(leg.value_base for leg in legs),
            largest_volume_share=max(shares, default=NAN),
        )

    def _standing(self, plan_input: PlanInput) -> tuple[Measurement, BoardReading]:
        """Return the book as it stands, by the same formulas, so that only the plan makes a difference."""
        if self._before is None or self._before[0] is not plan_input:
            measured = self._book.measure(plan_input)
            self._before = (plan_input, measured, self._gauges.read(measured))
        return self._before[1:]

    def _beyond(self, value: FloatArray) -> BoolArray:
        found: BoolArray = np.where(self._is_floor, value < self._line, value > self._line)
        return found

    @staticmethod
    def _known_broken(plan_input: PlanInput, reading: BoardReading) -> BoolArray:
        """Return the rows with an open breach: one that swings about its line is not broken by a plan."""
        found, layout = np.zeros(len(reading.value), dtype=np.bool_), reading.layout
        for number, limit in enumerate(layout.limits):
            for member in {name for limit_id, name in plan_input.broken if limit_id == limit.limit_id}:
                if member in layout.members[number]:
                    found[layout.starts[number] + layout.members[number].index(member)] = True
        return found

    def _effects(
        self, before: BoardReading, after: BoardReading, newly: BoolArray
    ) -> tuple[LimitEffect, ...]:
        layout = before.layout
        effects = []
        for number, limit in enumerate(layout.limits):
            begin, end = layout.starts[number], layout.starts[number + 1]
            names = layout.members[number]
            now, member = _worst(limit, before.value[begin:end], names)
            then, member_after = _worst(limit, after.value[begin:end], names)
            effects.append(
                LimitEffect(
                    limit,
                    now,
                    then,
                    member,
                    member_after,
                    tuple(names[place] for place in np.flatnonzero(newly[begin:end]).tolist()),
                    is_estimate=_is_estimate(limit),
                )
            )
        return tuple(effects)


def _worst(limit: Limit, values: FloatArray, names: tuple[str, ...]) -> tuple[float, str]:
    """Return the worst known value and whose it is; NaN where none is known."""
    known = np.where(np.isnan(values), np.inf if limit.measure.is_floor else -np.inf, values)
    if not len(values) or np.isnan(values).all():
        return NAN, ""
    place = int(known.argmin() if limit.measure.is_floor else known.argmax())
    return float(values[place]), names[place]


def _is_estimate(limit: Limit) -> bool:
    """Tell whether its figure after a trade is scaled: other VaR methods, and what a smaller exit costs."""
    if limit.measure is Measure.EXIT_COST_FRACTION:
        return True
    is_rival = limit.measure in _TAIL and not is_headline_method(limit.detail)
    return is_rival and limit.scope.kind is ScopeKind.BOOK


def _margin(measured: Measurement) -> float:
    return NAN if measured.market is None else measured.market.margin.total_base
