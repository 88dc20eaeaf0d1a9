"""What a plan has to bring under which level: every measure that a trade can cure, as a convex figure.

A target's figure doubles with the book, so that the planners of `plimsoll.risk` can work on it. What no trade
changes (currencies, cash) stands in one more place, with exposure 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit, Measure, ScopeKind
from plimsoll.domain.limit_detail import is_headline_method, top_n
from plimsoll.domain.response_policy import PAST_LOSSES
from plimsoll.engine.measurement import Groups
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.planner_figure import Concentration, ExitShare, LargestPositions
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.risk_figure import RiskFigure, WorstLoss, simulated_shortfall, simulated_var

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

UNDER_THE_RESET_FRACTION = 0.999
"""A plan aims this far under the level at which its breach eases: on the level it would not ease."""

_M = Measure
_OF_NAV = frozenset(
    {
        _M.VAR_FRACTION,
        _M.ES_FRACTION,
        _M.GROSS_LEVERAGE,
        _M.NET_LEVERAGE,
        _M.GROSS_WEIGHT,
        _M.NET_WEIGHT,
        _M.TOP_N_WEIGHT,
        _M.STRESS_LOSS_FRACTION,
        _M.MARGIN_USE,
        _M.EXIT_COST_FRACTION,
    }
)
_VAR = frozenset({_M.VAR, _M.VAR_FRACTION})
_TAIL = _VAR | {_M.ES, _M.ES_FRACTION}


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A figure and the level it has to come under.

    Attributes
    ----------
    figure : RiskFigure
        Of exposures, shape (n_held + 1,).
    level : float
        In the figure's own unit.
    exposures : ndarray, shape (n_held + 1,)
        Of the book as it stands; the last is 1.
    words : str
        What is to come under what.
    """

    figure: RiskFigure
    level: float
    exposures: FloatArray
    words: str

    def value_after(self, kept: FloatArray) -> float:
        """Return the figure once each position keeps a share of itself, shape (n_held,)."""
        return self.figure.value(self.exposures * np.append(kept, 1.0))

    def is_met_by(self, kept: FloatArray) -> bool:
        """Tell whether keeping these shares brings the figure to its level or under it."""
        return self.value_after(kept) <= self.level + 1e-12 * abs(self.level)


@dataclass(frozen=True, slots=True)
class Members:
    """Which positions a limit's member is made of.

    Attributes
    ----------
    sign : ndarray, shape (n_held,)
        0 outside; −1 for the currency that a pair pays.
    """

    sign: FloatArray

    @property
    def mask(self) -> BoolArray:
        """Whether each position belongs to it."""
        found: BoolArray = self.sign != 0.0
        return found


def members_of(limit: Limit, member: str, groups: dict[ScopeKind, Groups], n_held: int) -> Members:
    """Return the positions of one member of a limit's scope; the whole book for the book."""
    kind = limit.scope.kind
    if kind is ScopeKind.BOOK:
        return Members(np.ones(n_held))
    grouping = groups[kind]
    sign = np.zeros(n_held)
    if member in grouping.labels:
        rows = grouping.member == grouping.labels.index(member)
        sign[grouping.position[rows]] = grouping.sign[rows]
    return Members(sign)


def target_of(
    limit: Limit, members: Members, plan_input: PlanInput, *, loss_budget_base: float = float("nan")
) -> Target | None:
    """Return what brings a limit's measure under its reset level; None where no trade can be aimed at it.

    Parameters
    ----------
    limit : Limit
        That is broken.
    members : Members
        Of the member that breaks it.
    plan_input : PlanInput
        The instant.
    loss_budget_base : float
        What may still be lost, base money: of a loss that is past, the remaining risk is brought within it.
    """
    if limit.measure in PAST_LOSSES:
        return _remaining_risk(members, plan_input, loss_budget_base)
    level = _level(limit, plan_input)
    make = _MAKERS.get(limit.measure)
    if make is None or not np.isfinite(level):
        return None
    try:
        figure = make(limit, members, plan_input, level)
    except RiskInputError:  # no history, or too little of it
        return None
    if figure is None:
        return None
    made, at = figure
    return Target(
        made, at, _exposures(plan_input), f"{limit.name} under {limit.line:.6g} and its reset level"
    )


_Made = tuple[RiskFigure, float]
_Maker = Callable[[Limit, Members, PlanInput, float], "_Made | None"]


def _level(limit: Limit, plan_input: PlanInput) -> float:
    """Return the level aimed at: money where the measure is a share of NAV."""
    aim = limit.reset_fraction * UNDER_THE_RESET_FRACTION
    line = limit.line / aim if limit.measure.is_floor else limit.line * aim
    nav = plan_input.measured.nav
    if limit.measure in _OF_NAV:
        return line * nav if nav > 0.0 else float("nan")
    return line


def _exposures(plan_input: PlanInput) -> FloatArray:
    return np.append(np.nan_to_num(plan_input.value), 1.0)


def _remaining_risk(members: Members, plan_input: PlanInput, budget: float) -> Target | None:
    """Return the expected shortfall of what is left, under what may still be lost."""
    if not np.isfinite(budget):
        return None
    try:
        figure = simulated_shortfall(_rows(members, plan_input), confidence=plan_input.method.es_confidence)
    except RiskInputError:
        return None
    words = f"one day's expected shortfall within the {budget:,.0f} that may still be lost"
    return Target(figure, max(budget, 0.0), _exposures(plan_input), words)


def _rows(members: Members, plan_input: PlanInput) -> FloatArray:
    """Return scenario returns with what no trade changes last, shape (n_scenarios, n_held + 1)."""
    value, returns = np.nan_to_num(plan_input.value), plan_input.returns
    if members.mask.all():
        rest = plan_input.pnl - value @ returns
        return np.column_stack([returns.T, rest])
    # A part of the book has its own currency risk: of what its positions are worth, not of the cash.
    measured, universe = plan_input.measured, plan_input.universe
    n_held, n = plan_input.n_held, len(universe.instruments)
    funded = np.array([item.is_funded for item in universe.instruments[:n_held]], dtype=np.bool_)
    worth = np.nan_to_num(np.where(funded, value, measured.unrealised))
    share = np.divide(worth, value, out=np.zeros(n_held), where=value != 0.0)
    fx = plan_input.matrix.rows[n:][list(universe.currency_of[:n_held])]
    own = np.where(members.mask[:, None], returns + share[:, None] * fx, 0.0)
    return np.column_stack([own.T, np.zeros(returns.shape[1])])


def _tail(limit: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made | None:
    is_var = limit.measure in _VAR
    method = plan_input.method
    make, confidence = (
        (simulated_var, method.var_confidence) if is_var else (simulated_shortfall, method.es_confidence)
    )
    figure = make(_rows(members, plan_input), confidence=confidence)
    if not is_headline_method(limit.detail):
        market = plan_input.measured.market
        if market is None:
            return None
        rival = market.method(limit.detail)
        theirs = rival.var if is_var else rival.es
        ours = figure.value(_exposures(plan_input))
        if not (theirs > 0.0 and ours > 0.0):
            return None
        level *= ours / theirs  # it is taken to fall as the headline figure does, and read again afterwards
    return figure, level


def _linear(coefficients: FloatArray, level: float, rest: float = 0.0) -> _Made:
    """Return the figure coefficients · exposures + rest."""
    known = np.where(np.isfinite(coefficients), coefficients, 0.0)
    return WorstLoss(-np.append(known, rest)[None, :]), level


def _gross(_: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made:
    return _linear(np.sign(plan_input.value) * members.mask, level)


def _net(_: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made:
    del plan_input
    row = np.append(members.sign, 0.0)
    return WorstLoss(np.vstack([row, -row])), level


def _per_unit(figures: FloatArray, members: Members, plan_input: PlanInput) -> FloatArray:
    """Return a figure of each position per unit of its exposure."""
    value = plan_input.value
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(members.mask, figures / value, 0.0)
    return np.where(np.isfinite(found), found, 0.0)


def _margin(_: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made:
    requirement = plan_input.margin_per_unit * np.abs(plan_input.quantity)
    return _linear(_per_unit(requirement, members, plan_input), level)


def _cushion(_: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made:
    requirement = plan_input.margin_per_unit * np.abs(plan_input.quantity)
    room = (1.0 - level) * plan_input.measured.nav
    return _linear(_per_unit(requirement, members, plan_input), max(room, 0.0))


def _exit_cost(_: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made:
    cost = plan_input.cost_fraction * np.abs(plan_input.value)
    return _linear(_per_unit(cost, members, plan_input), level)


def _spread(_: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made:
    """Return the members' spread beyond the level, by exposure: at or under 0 their average is under it."""
    size = np.abs(plan_input.value)
    return _linear(_per_unit(size * (plan_input.spread_fraction - level), members, plan_input), 0.0)


def _days(_: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made | None:
    market = plan_input.measured.market
    if market is None or len(market.liquidity.days_to_exit) != plan_input.n_held:
        return None
    days = _per_unit(market.liquidity.days_to_exit, members, plan_input)
    return WorstLoss(-np.column_stack([np.diag(days), np.zeros(len(days))])), level


def _stress(limit: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made | None:
    stress = plan_input.measured.stress.get(limit.detail)
    if stress is None or not np.isfinite(stress.by_position).all():
        return None
    # Of the book there is the cash as well; a part of it has none.
    rest = stress.total - float(stress.by_position.sum()) if members.mask.all() else 0.0
    return _linear(_per_unit(stress.by_position, members, plan_input), level, rest)


def _risk_share(_: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made | None:
    """Return the members' contribution beyond their share of ES, in the scenarios that are the tail now."""
    parts, es = plan_input.measured.es_contribution, plan_input.measured.es
    if parts is None or not np.isfinite(parts).all() or not np.isfinite(es):
        return None
    everything = Members(np.ones(plan_input.n_held))
    beyond = parts * (members.mask - level)
    rest = -level * (es - float(parts.sum()))
    return _linear(_per_unit(beyond, everything, plan_input), 0.0, rest)


def _hhi(_: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made:
    del plan_input
    return Concentration(np.append(members.mask, False), level**0.5), 0.0


def _top(limit: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made:
    del plan_input
    return LargestPositions(np.append(members.mask, False), top_n(limit.detail)), level


def _exit_share(_: Limit, members: Members, plan_input: PlanInput, level: float) -> _Made:
    a_day = plan_input.daily_volume * np.abs(plan_input.unit_value) * plan_input.method.participation
    return ExitShare(members.mask, np.nan_to_num(a_day, posinf=0.0), level), 0.0


_MAKERS: dict[Measure, _Maker] = {
    **dict.fromkeys(_TAIL, _tail),
    **dict.fromkeys((_M.GROSS_EXPOSURE, _M.GROSS_LEVERAGE, _M.GROSS_WEIGHT), _gross),
    **dict.fromkeys((_M.NET_EXPOSURE, _M.NET_LEVERAGE, _M.NET_WEIGHT, _M.POSITION_SIZE), _net),
    **dict.fromkeys((_M.STRESS_LOSS, _M.STRESS_LOSS_FRACTION), _stress),
    _M.MARGIN_USE: _margin,
    _M.MARGIN_CUSHION: _cushion,
    _M.DAYS_TO_EXIT: _days,
    _M.EXIT_SHARE_1D: _exit_share,
    _M.EXIT_COST_FRACTION: _exit_cost,
    _M.SPREAD_FRACTION: _spread,
    _M.HHI: _hhi,
    _M.TOP_N_WEIGHT: _top,
    _M.RISK_SHARE: _risk_share,
}
"""Every measure that a trade can bring under its line."""
