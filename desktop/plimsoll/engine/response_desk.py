"""Which proposal a breach leads to, and what keeps it from acting alone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from plimsoll.domain.breach import Breach
from plimsoll.domain.grade import FigureGrade
from plimsoll.domain.limit import Limit, Measure, ScopeKind
from plimsoll.domain.limit_detail import HIGH_WATER_MARK, anchor, high_of, trailing_days
from plimsoll.domain.proposal import Plan, PlanLeg, PlanOption, PriceBand, Proposal, WhatIf
from plimsoll.domain.response_policy import PAST_LOSSES, Autonomy, PlanKind, Response, ResponsePolicy
from plimsoll.domain.trading_state import TradingState
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.measurement import Groups, Measurement
from plimsoll.engine.order_desk import Leg
from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.planner_cheapest_cut import cheapest_cut
from plimsoll.engine.planner_es_hedge import es_hedge
from plimsoll.engine.planner_flatten import flatten
from plimsoll.engine.planner_legs import PlanTerms
from plimsoll.engine.planner_minimum_variance_hedge import minimum_variance_hedge
from plimsoll.engine.planner_orderly_liquidation import orderly_liquidation
from plimsoll.engine.planner_risk_contribution_cut import risk_contribution_cut
from plimsoll.engine.planner_target import Target, members_of, target_of
from plimsoll.engine.planner_uniform_reduction import uniform_reduction, uniform_reduction_to
from plimsoll.engine.response_episode import Episode
from plimsoll.engine.what_if import WhatIfBoard

MOST_ALTERNATIVES = 3
COUNTDOWN_GRACE_S = 30.0
"""An approval outlives its countdown by so much: at zero it must not have expired a moment before."""


@dataclass(frozen=True, slots=True)
class Release:
    """Legs that go out together.

    Attributes
    ----------
    decision_id : str
        To release them under: each time of a plan has its own, or the order desk would take the second part
        for a repeat of the first.
    not_before_ns : int
        Exchange time; 0 for at once.
    legs : tuple of Leg
        For `OrderDesk.release`.
    """

    decision_id: str
    not_before_ns: int
    legs: tuple[Leg, ...]


def releases_of(plan: Plan, decision_id: str) -> tuple[Release, ...]:
    """Return what to release of a plan under one decision, and when; the legs of now first."""
    later: dict[int, list[PlanLeg]] = {}
    for leg in plan.later:
        later.setdefault(leg.not_before_ns, []).append(leg)
    now = [Release(decision_id, 0, _orders(plan.legs))] if plan.legs else []
    return (
        *now,
        *(
            Release(f"{decision_id}/{number}", when_ns, _orders(later[when_ns]))
            for number, when_ns in enumerate(sorted(later), start=1)
        ),
    )


def loss_budget_of(
    limit: Limit, value: float, measured: Measurement, limits: Iterable[Limit], response: Response
) -> float:
    """Return what may still be lost when a limit on a past loss breaks, base money; NaN for another measure.

    Up to the nearest harder line on the same measure, scope and detail; where there is none, up to the broken
    line and `loss_budget_fraction` of it.
    """
    if limit.measure not in PAST_LOSSES:
        return float("nan")
    same = (limit.measure, limit.scope, limit.detail)
    harder = [
        other.line
        for other in limits
        if (other.measure, other.scope, other.detail) == same and other.line > value
    ]
    end = min(harder, default=limit.line * (1.0 + response.loss_budget_fraction))
    return max(end - value, 0.0) * _money_per_unit(limit, measured)


def _money_per_unit(limit: Limit, measured: Measurement) -> float:
    """Return base money a unit of a loss measure stands for: 1, or the NAV it is a share of."""
    if limit.measure is Measure.DAILY_LOSS_FRACTION:
        return measured.day_nav
    if limit.measure is Measure.TRAILING_LOSS_FRACTION:
        return measured.anchor_nav.get(high_of(trailing_days(limit.detail)), float("nan"))
    if limit.measure is Measure.DRAWDOWN:
        name = anchor(limit.detail)
        if name != HIGH_WATER_MARK:
            return measured.anchor_nav.get(name, float("nan"))
        return measured.nav / (1.0 - measured.drawdown) if measured.drawdown < 1.0 else float("nan")
    return 1.0


class ResponseDesk:
    """Turns breaches into proposals, by the policy; one owner, whoever plans.

    Parameters
    ----------
    policy : ResponsePolicy
        In force.
    groups : dict
        Of the engine, by kind of scope.
    board : WhatIfBoard
        By which every plan is checked.
    """

    def __init__(self, policy: ResponsePolicy, groups: dict[ScopeKind, Groups], board: WhatIfBoard) -> None:
        self.policy = policy
        self._groups = groups
        self._board = board

    def propose(
        self,
        breach: Breach,
        plan_input: PlanInput,
        episode: Episode,
        *,
        proposal_id: str,
        grade: FigureGrade | None = None,
        trading_state: TradingState = TradingState.ACTIVE,
    ) -> Proposal | None:
        """Return the proposal that answers a breach; None where the policy only tells of it.

        Parameters
        ----------
        breach : Breach
            Open.
        plan_input : PlanInput
            The instant.
        episode : Episode
            That the breach belongs to.
        proposal_id : str
            A new one.
        grade : FigureGrade, optional
            Of the broken figure; without one nothing is done alone.
        trading_state : TradingState
            In force.
        """
        response = self.policy.response_to(breach.limit)
        if response.kind is PlanKind.ALERT or response.autonomy is Autonomy.ALERT_ONLY:
            return None
        plan, others = self._plans(breach, plan_input, episode, response)
        what_if = self._board.of(plan, plan_input)
        what_if_now = self._board.of_now(plan, plan_input) if plan.later else what_if
        why_not = _why_not(response, plan, (what_if, what_if_now), grade, trading_state, episode)
        if response.autonomy.acts_alone and not self._is_answered(breach, plan, plan_input):
            why_not = (*why_not, f"it would not bring {breach.title} under its line")
        autonomy = Autonomy.PROPOSE_AND_WAIT if why_not else response.autonomy
        now_ns = plan_input.now_ns
        countdown_s = response.countdown_s if autonomy is Autonomy.PROPOSE_AND_EXECUTE_AFTER else 0.0
        good_s = max(response.expires_s, countdown_s + COUNTDOWN_GRACE_S)
        return Proposal(
            proposal_id=proposal_id,
            breach_id=breach.breach_id,
            episode_id=episode.episode_id,
            response=response.name,
            plan=plan,
            what_if=what_if,
            what_if_now=what_if_now,
            alternatives=tuple(PlanOption(other, self._board.of(other, plan_input)) for other in others),
            book_version=plan_input.book.version,
            price_bands=bands_of(plan, response.price_band_fraction),
            made_ns=now_ns,
            expires_ns=now_ns + int(good_s * NS_PER_S),
            autonomy=autonomy,
            executes_ns=now_ns + int(countdown_s * NS_PER_S) if autonomy.acts_alone else 0,
            what_happens_at_zero=_at_zero(autonomy, plan, countdown_s, good_s),
            why_not_automatic=why_not,
            needs_two_persons=response.two_persons,
        )

    def _is_answered(self, breach: Breach, plan: Plan, plan_input: PlanInput) -> bool:
        """Tell whether the limit would hold after the whole plan; of a loss that is past none can say so."""
        limit = breach.limit
        if limit.measure in PAST_LOSSES or plan.is_empty:
            return True
        return not limit.is_crossed_by(self._board.measure(plan_input, limit, breach.member, plan.all_legs))

    def _plans(
        self, breach: Breach, plan_input: PlanInput, episode: Episode, response: Response
    ) -> tuple[Plan, list[Plan]]:
        """Return the plan of the policy, and others to stand beside it."""
        limit = breach.limit
        members = members_of(limit, breach.member, self._groups, plan_input.n_held)
        budget = episode.loss_budget_base
        target = target_of(limit, members, plan_input, loss_budget_base=budget)
        terms = PlanTerms(response.volume_share, response.price_band_fraction)
        whole = limit.scope.kind is ScopeKind.BOOK
        codes = {code for number, code in enumerate(plan_input.codes) if members.mask[number]}
        mine = None if whole else codes
        # What is bought against the book changes no part of it: a part's own figure only a cut brings down.
        hedges = response.hedge_instruments if whole else ()
        makers: dict[PlanKind, Callable[[], Plan | None]] = {
            PlanKind.UNIFORM_REDUCTION: lambda: uniform_reduction(
                plan_input, response.reduce_fraction, terms, at_breach=episode.held, codes=mine
            ),
            PlanKind.CHEAPEST_CUT: lambda: _to(target, lambda at: cheapest_cut(plan_input, at, terms)),
            PlanKind.RISK_CONTRIBUTION_CUT: lambda: _to(
                target, lambda at: risk_contribution_cut(plan_input, at, terms)
            ),
            PlanKind.MINIMUM_VARIANCE_HEDGE: lambda: minimum_variance_hedge(
                plan_input, hedges, terms, target
            ),
            PlanKind.ES_HEDGE: lambda: es_hedge(plan_input, hedges, terms, target),
            PlanKind.ORDERLY_LIQUIDATION: lambda: orderly_liquidation(plan_input, terms, codes=mine),
            PlanKind.FLATTEN: lambda: flatten(plan_input, terms, codes=mine),
        }
        wanted = makers[response.kind]()
        found = [wanted] if wanted is not None else []
        for kind in _BESIDE:
            if kind is not response.kind:
                other = (
                    _to(target, lambda at: uniform_reduction_to(plan_input, at, terms))
                    if kind is PlanKind.UNIFORM_REDUCTION
                    else makers[kind]()
                )
                found += [other] if other is not None and not other.is_empty else []
        if not found:
            return _nothing(breach, response), []
        return found[0], found[1 : MOST_ALTERNATIVES + 1]


_BESIDE = (
    PlanKind.CHEAPEST_CUT,
    PlanKind.RISK_CONTRIBUTION_CUT,
    PlanKind.UNIFORM_REDUCTION,
    PlanKind.ES_HEDGE,
    PlanKind.MINIMUM_VARIANCE_HEDGE,
)
"""What may stand beside a plan, and stands in for one that cannot be made, in this order."""


def bands_of(plan: Plan, fraction: float) -> dict[str, PriceBand]:
    """Return the prices between which a plan's approval holds, by code."""
    return {
        leg.code: PriceBand(leg.mark - abs(leg.mark) * fraction, leg.mark + abs(leg.mark) * fraction)
        for leg in plan.all_legs
    }


def _to(target: Target | None, plan: Callable[[Target], Plan | None]) -> Plan | None:
    return None if target is None else plan(target)


def _nothing(breach: Breach, response: Response) -> Plan:
    words = f"no trade can be planned that answers {breach.title}: decide by hand"
    return Plan(response.kind.caption, words=words)


def _why_not(
    response: Response,
    plan: Plan,
    answers: tuple[WhatIf, WhatIf],
    grade: FigureGrade | None,
    trading_state: TradingState,
    episode: Episode,
) -> tuple[str, ...]:
    """Return what keeps a response from acting alone, where its policy would let it."""
    if not response.autonomy.acts_alone:
        return ()
    return tuple(
        why
        for why in (
            *_doubts_of_figures(response, grade),
            *_doubts_of_plan(plan, answers),
            "trading is HALTED" if trading_state is TradingState.HALTED else "",
            "trading is REDUCING and a hedge may add"
            if trading_state is TradingState.REDUCING and response.kind.may_open
            else "",
            "this breach has been acted on once already" if episode.n_executed else "",
            "two persons have to confirm" if response.two_persons else "",
        )
        if why
    )


def _doubts_of_figures(response: Response, grade: FigureGrade | None) -> Iterable[str]:
    if grade is None:
        yield "the grade of the figure is not known"
    elif not grade.at_least(response.minimum_grade):
        yield f"the figure is graded {grade.letter}, acting alone needs {response.minimum_grade} or better"


def _doubts_of_plan(plan: Plan, answers: tuple[WhatIf, WhatIf]) -> Iterable[str]:
    if not plan.legs:
        yield "there is nothing that can be sent now"
    if plan.left_out:
        yield f"{', '.join(plan.left_out)} cannot be traded now: no fresh price, or no session"
    if plan.n_cost_unknown:
        yield f"the cost of {plan.n_cost_unknown} orders is not known"
    broken = dict.fromkeys(title for answer in answers for title in answer.newly_broken)
    if broken:
        yield f"it would newly break {', '.join(broken)}"
    unknown = dict.fromkeys(name for answer in answers for name in answer.newly_unknown)
    if unknown:
        yield f"it would leave {', '.join(unknown)} unknown"


def _at_zero(autonomy: Autonomy, plan: Plan, countdown_s: float, good_s: float) -> str:
    """Return what the end of the time brings, as the dialog says it."""
    n = len(plan.legs)
    go, them = (f"{n} order above goes", "it") if n == 1 else (f"{n} orders above go", "them")
    if autonomy is Autonomy.EXECUTE_AT_ONCE:
        return f"The {go} out now, once, and the record says that nobody approved {them}."
    if autonomy is Autonomy.PROPOSE_AND_EXECUTE_AFTER:
        return (
            f"After {countdown_s:.0f} s the {go} out, once, unless somebody overrides, changes or rejects "
            f"{them} before."
        )
    return (
        f"Nothing is sent by itself. After {good_s:.0f} s, or when the book or a price moves away, the plan "
        "is worked out again before it can be approved."
    )


def _orders(legs: Iterable[PlanLeg]) -> tuple[Leg, ...]:
    return tuple(Leg(leg.code, leg.quantity, leg.limit_price, leg.only_closes) for leg in legs)
