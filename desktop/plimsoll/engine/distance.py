"""What breaks first: every limit's distance to breach, about once a second, the nearest re-priced exactly."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.distance import MOST_SIGMAS, Distance, Exactness, Reach
from plimsoll.domain.limit import Limit, Measure, ScopeKind
from plimsoll.domain.limit_detail import HIGH_WATER_MARK, anchor
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.distance_answer import Asked, answer
from plimsoll.engine.distance_book import Standpoint
from plimsoll.engine.distance_cloud import MoveCloud, cloud_of
from plimsoll.engine.distance_pace import Pace
from plimsoll.engine.distance_plan import SCALES, TAIL, Plan, Shape, plan_of
from plimsoll.engine.distance_screen import Look, Screen
from plimsoll.engine.distance_series import SwingMaker
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.limit_gauge import LimitReading
from plimsoll.engine.measurement import Groups, Measurement
from plimsoll.engine.scenario_window import ScenarioMatrix
from plimsoll.engine.universe import Universe
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.first_passage import drawdown_touch_probability

FloatArray = NDArray[np.float64]
NAN = float("nan")

PERIOD_NS = NS_PER_S
"""A ladder is read by people: asked more often, the last one is given again."""
KNOWN_ABOVE_FRACTION = 0.5
"""With more of a measure's exposure standing still for want of history the distance is of another book."""
TOLD_ABOVE_FRACTION = 0.01
"""Less than this standing still is not worth a word."""
WORK_PER_CALL = 1_200_000
"""Of exact answers in one call, in products of a price with a scenario: about a millisecond."""
WORK_AT_LEAST = 200_000
"""What an answer costs however small the book is."""
TRIED_ABOVE = 1.5
"""Times the farthest distance told: to first order a curved edge may seem farther than it is."""
STILL_GOOD = 0.02
"""An exact answer is scaled while the first-order distance has moved by less than this part since."""
_FAR_WORDS = f"no move of prices within {MOST_SIGMAS:.0f} σ"


@dataclass(frozen=True, slots=True)
class _Kept:
    """An exact answer, and to first order what it was an answer to."""

    distance: Distance
    sigma: float
    place: int
    is_far_side: bool
    made_ns: int


class DistanceWatch:
    """Measures every limit's distance and keeps the ladder of them.

    Attributes
    ----------
    ladder : tuple of Distance
        One a limit, what breaks first at the front, the unknown at the end; as of the last measurement.
    """

    def __init__(self, universe: Universe, groups: Mapping[ScopeKind, Groups], method: RiskMethod) -> None:
        self.ladder: tuple[Distance, ...] = ()
        self._universe = universe
        self._codes = universe.codes
        self._groups = groups
        self._method = method
        self._maker = SwingMaker(groups, np.array(universe.currency_of, dtype=np.int64))
        self._limits: tuple[Limit, ...] = ()
        self._plans: tuple[Plan, ...] = ()
        self._sizes: tuple[int, ...] = ()
        self._screen: Screen | None = None
        self._scenarios: ScenarioMatrix | None = None
        self._cloud: MoveCloud | None = None
        self._pace = Pace(0)
        self._kept: dict[int, _Kept] = {}
        self._far: dict[int, Distance] = {}
        self._far_pair: dict[int, int] = {}
        self._members: tuple[tuple[str, ...], ...] = ()
        self._may_be_far: NDArray[np.bool_] = np.zeros(0, dtype=np.bool_)
        self._made_ns = 0

    def measure(
        self,
        *,
        limits: tuple[Limit, ...],
        measured: Measurement,
        readings: Sequence[LimitReading],
        scenarios: ScenarioMatrix,
        ledger: Ledger,
        mark: FloatArray,
        now_ns: int,
        day_left_fraction: float = 1.0,
    ) -> tuple[Distance, ...]:
        """Return the ladder as of now; asked again within a second, the last one.

        Parameters
        ----------
        limits, readings : tuple
            Every limit and what it measures, in one order.
        measured : Measurement
            What the readings were taken from; `ledger` and `mark` are of the same instant.
        scenarios : ScenarioMatrix
            The same object until the window changes.
        mark : ndarray, shape (n_instruments,)
            Prices of the universe.
        day_left_fraction : float
            Share of a day's variance still to come before the roll.
        """
        is_same = limits == self._limits and now_ns >= self._made_ns
        if is_same and self.ladder and now_ns - self._made_ns < PERIOD_NS:
            return self.ladder
        if not limits:
            self._limits, self.ladder = limits, ()
            return self.ladder
        self._lay_out(limits, readings)
        if scenarios is not self._scenarios or self._cloud is None:
            self._scenarios, self._cloud = scenarios, cloud_of(scenarios, self._universe)
            self._kept.clear()
        stand = Standpoint(measured, ledger, mark, self._cloud, scenarios)
        look = self._looked(stand, readings)
        self._made_ns = now_ns
        self._pace.note(look.worst, now_ns)
        line = np.array([limit.line for limit in limits])
        seconds = self._pace.seconds_to(line, look.worst)
        if self._has_cloud:
            self._answer_nearest(look, stand, now_ns)
        self._repeat_far(look, seconds)
        told = [
            self._distance(number, look, readings[number], seconds[number], day_left_fraction, now_ns)
            for number in range(len(limits))
            if number not in self._far
        ]
        self.ladder = _in_order(told, tuple(self._far.values()))
        return self.ladder

    def _repeat_far(self, look: Look, seconds: FloatArray) -> None:
        """Keep the rungs that say the same as a second ago: far away and not approaching, as most do."""
        is_plain = (look.sigma > TRIED_ABOVE * MOST_SIGMAS) & (look.n_unknown == 0) & np.isnan(seconds)
        is_plain &= (look.still_fraction <= TOLD_ABOVE_FRACTION) & self._may_be_far & self._has_cloud
        plain = dict(zip(np.flatnonzero(is_plain).tolist(), look.pair[is_plain].tolist(), strict=True))
        for number in [n for n in self._far if n not in plain or plain[n] != self._far_pair[n]]:
            del self._far[number]
        for number in [n for n in plain if n not in self._far]:
            member = self._member(number, look)
            note = self._plans[number].note
            reason = f"{_FAR_WORDS}; {note}" if note else _FAR_WORDS
            self._far[number] = Distance(
                self._limits[number], member, Reach.FAR, probability_today=0.0, reason=reason
            )
        self._far_pair = plain

    @property
    def _has_cloud(self) -> bool:
        return self._cloud is not None and self._cloud.n_scenarios >= self._method.unknown_below

    def _lay_out(self, limits: tuple[Limit, ...], readings: Sequence[LimitReading]) -> None:
        """Lay the columns out anew if the limits or their members are others."""
        sizes = tuple(len(reading.members) for reading in readings)
        if limits == self._limits and sizes == self._sizes:
            return
        if [limit.limit_id for limit in limits] != [limit.limit_id for limit in self._limits]:
            self._pace = Pace(len(limits))
        self._limits, self._sizes = limits, sizes
        self._plans = tuple(map(plan_of, limits))
        each = self._groups[ScopeKind.INSTRUMENT].labels
        members = tuple(reading.members for reading in readings)
        self._members = tuple(
            each if plan.is_largest else names for plan, names in zip(self._plans, members, strict=True)
        )
        # A scale is told with a far rung too, and moves.
        self._may_be_far = np.array(
            [plan.shape is not Shape.APART and plan.limit.measure not in SCALES for plan in self._plans]
        )
        self._far.clear()
        self._screen = Screen(self._plans, members, self._groups, self._maker, self._method)
        self._kept.clear()

    def _looked(self, stand: Standpoint, readings: Sequence[LimitReading]) -> Look:
        assert self._screen is not None  # noqa: S101  laid out by the caller
        return self._screen.look(stand, readings)

    def _member(self, number: int, look: Look) -> str:
        """Return the name of the member that is nearest."""
        names = self._members[number]
        return names[int(look.pair[number])] if names else ""

    def _answer_nearest(self, look: Look, stand: Standpoint, now_ns: int) -> None:
        """Answer exactly, the nearest first, as many as a call may cost; old answers after missing ones."""
        work = 0
        for number in self._in_turn(look):
            if work >= WORK_PER_CALL:
                return
            plan = self._plans[number]
            asked = Asked(
                plan,
                self._member(number, look),
                int(look.place[number]),
                float(look.value[number]),
                bool(look.is_far_side[number]),
            )
            work += self._work(plan)
            exact = answer(asked, stand, self._groups, self._method, self._codes)
            self._kept[number] = _Kept(
                exact, float(look.sigma[number]), asked.place, asked.is_far_side, now_ns
            )

    def _in_turn(self, look: Look) -> list[int]:
        """Return whom to answer: those without a good answer by distance, then the others by age."""
        near = (look.sigma > 0.0) & (look.sigma <= TRIED_ABOVE * MOST_SIGMAS)
        numbers = np.flatnonzero(near)
        numbers = numbers[np.argsort(look.sigma[numbers], kind="stable")].tolist()
        missing = [number for number in numbers if not self._is_good(number, look)]
        lacks = set(missing)
        aged = sorted((n for n in numbers if n not in lacks), key=lambda n: self._kept[n].made_ns)
        return missing + aged

    def _is_good(self, number: int, look: Look) -> bool:
        kept = self._kept.get(number)
        return (
            kept is not None
            and kept.place == look.place[number]
            and kept.is_far_side == look.is_far_side[number]
            and abs(look.sigma[number] / kept.sigma - 1.0) <= STILL_GOOD
        )

    def _work(self, plan: Plan) -> int:
        """Return about how many products an exact answer costs."""
        assert self._cloud is not None  # noqa: S101  asked only with a cloud
        n = len(self._codes)
        is_small = not plan.is_of_nav and plan.kind is ScopeKind.INSTRUMENT
        products = 0 if is_small else 2 * n * self._cloud.n_scenarios
        return WORK_AT_LEAST + 200 * n + products * (8 if plan.limit.measure in TAIL else 1)

    def _distance(
        self,
        number: int,
        look: Look,
        reading: LimitReading,
        seconds: float,
        day_left_fraction: float,
        now_ns: int,
    ) -> Distance:
        """Return one limit's rung of the ladder."""
        limit, plan = self._limits[number], self._plans[number]
        sigma, value = float(look.sigma[number]), float(look.value[number])
        member = self._member(number, look)
        n_unknown = int(look.n_unknown[number])
        if limit.is_crossed_by(value) and sigma == 0.0:
            return Distance(limit, member, Reach.BROKEN, 0.0, 0.0, 0.0, probability_today=1.0)
        if math.isnan(sigma):
            reason = "nothing is held there" if not look.n_members[number] else reading.reason
            return Distance(limit, member, Reach.UNKNOWN, reason=reason or "prices are stale")
        if plan.shape is Shape.APART or sigma < 0.0:  # below: its edge lies elsewhere than its line
            return self._apart(number, member, value, float(seconds), reading)
        unknown = self._unknown_reason(plan, sigma, float(look.still_fraction[number]), n_unknown, reading)
        if unknown:
            return Distance(limit, member, Reach.UNKNOWN, seconds_at_pace=float(seconds), reason=unknown)
        found = self._best_known(number, member, look, now_ns)
        chance = 0.0 if found.reach is Reach.FAR else NAN
        if found.reach is Reach.MOVE:
            chance = _chance(limit, found.sigma, value, day_left_fraction)
        notes = [plan.note] if plan.note else []
        if look.still_fraction[number] > TOLD_ABOVE_FRACTION:
            notes.append(f"{look.still_fraction[number]:.0%} of it has no price history and stands still")
        if n_unknown:
            notes.append(f"{n_unknown} of {look.n_members[number]} members unknown")
        if found.reach is Reach.FAR:
            notes.insert(0, _FAR_WORDS)
        if found.reason:
            notes.insert(0, found.reason)
        return replace(
            found,
            scale=_scale(limit, value),
            seconds_at_pace=float(seconds),
            probability_today=chance,
            reason="; ".join(notes),
        )

    def _apart(
        self, number: int, member: str, value: float, seconds: float, reading: LimitReading
    ) -> Distance:
        limit = self._limits[number]
        scale = _scale(limit, value)
        reason = "exposure or volatility moves it" if scale == scale else "no price moves it"  # noqa: PLR0124
        return Distance(
            limit, member, Reach.APART, scale=scale, seconds_at_pace=seconds, reason=reading.reason or reason
        )

    def _unknown_reason(
        self, plan: Plan, sigma: float, still: float, n_unknown: int, reading: LimitReading
    ) -> str:
        """Return why a distance cannot be told, if so: what is not known is never taken for far."""
        if not self._has_cloud:
            n = self._cloud.n_scenarios if self._cloud is not None else 0
            return f"{n} daily scenarios, at least {self._method.unknown_below} are needed"
        if still > KNOWN_ABOVE_FRACTION:
            return f"{still:.0%} of it has no price history"
        if n_unknown and sigma > MOST_SIGMAS and plan.shape is not Shape.APART:
            return reading.reason or "prices are stale"
        return ""

    def _best_known(self, number: int, member: str, look: Look, now_ns: int) -> Distance:
        """Return the newest exact answer, scaled to now where it is older, or a first-order one."""
        limit, sigma = self._limits[number], float(look.sigma[number])
        kept = self._kept_for(number, look)
        if kept is None and sigma > MOST_SIGMAS:
            return Distance(limit, member, Reach.FAR)
        if kept is None:
            return Distance(limit, member, Reach.MOVE, sigma, exactness=Exactness.FIRST_ORDER)
        if kept.made_ns == now_ns or kept.distance.reach is not Reach.MOVE:
            return kept.distance
        return _scaled(kept.distance, sigma / kept.sigma)

    def _kept_for(self, number: int, look: Look) -> _Kept | None:
        """Return an earlier answer to the same question, if it may still be told."""
        kept = self._kept.get(number)
        if kept is None or kept.place != look.place[number] or kept.is_far_side != look.is_far_side[number]:
            return None
        # What was far may have come near since: only a fresh answer says that it has not.
        is_outdated = kept.distance.reach is Reach.FAR and not self._is_good(number, look)
        return None if is_outdated else kept


def _in_order(told: list[Distance], far: tuple[Distance, ...]) -> tuple[Distance, ...]:
    """Return one ladder; those far and not approaching, which are most, all stand on one rung."""
    told.sort(key=lambda distance: distance.rank)
    if not far:
        return tuple(told)
    place = bisect_right(told, far[0].rank, key=lambda distance: distance.rank)
    return (*told[:place], *far, *told[place:])


def _scaled(distance: Distance, ratio: float) -> Distance:
    """Return a distance a little later, the move along the same way."""
    return replace(
        distance,
        sigma=distance.sigma * ratio,
        move_fraction=distance.move_fraction * ratio,
        loss_base=distance.loss_base * ratio,
        exactness=Exactness.SCALED,
    )


def _scale(limit: Limit, value: float) -> float:
    """Return the factor on exposures, or on volatility, that breaks a limit proportional to them."""
    return limit.line / value if limit.measure in SCALES and value > 0.0 else NAN


def _chance(limit: Limit, sigma: float, value: float, day_left_fraction: float) -> float:
    """Return the chance of touching a line at a distance within the rest of the day, without drift."""
    if not day_left_fraction > 0.0:
        return 0.0
    is_fall_from_high = limit.measure is Measure.DRAWDOWN and anchor(limit.detail) == HIGH_WATER_MARK
    if is_fall_from_high and 0.0 <= value < limit.line:
        # The high moves up with the book: in sigmas the whole line is the gap over its share of the line.
        whole = sigma * limit.line / (limit.line - value)
        try:
            return drawdown_touch_probability(
                whole, mean=0.0, volatility=1.0, days=day_left_fraction, drawdown=whole - sigma
            )
        except RiskInputError:
            return NAN
    # As risk.first_passage.loss_touch_probability without drift: 2Φ(−σ/√t).
    return math.erfc(sigma / math.sqrt(2.0 * day_left_fraction))
