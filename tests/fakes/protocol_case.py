"""A small book led through a history of its own making, with people and a paper broker."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from fakes.study_case import MASTER, book_of, history_of, weekdays
from plimsoll.broker.paper_rehearsal import rehearsal_broker
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.protocol_terms import CostModel, HumanModel, ProtocolTerms
from plimsoll.domain.response_policy import Autonomy, PlanKind, PolicyRule, Response, ResponsePolicy
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.human_desk import rehearsal_people
from plimsoll.engine.protocol_course import MakeBroker
from plimsoll.engine.protocol_market import ProtocolCase, protocol_case

AT_ONCE = HumanModel(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
FREE = CostModel(0.0, 0.0)
METHOD = RiskMethod(window_days=60)
DRAWDOWN = Limit("drawdown", "Drawdown", Measure.DRAWDOWN, 0.10, Severity.CRITICAL)


def halve(autonomy: Autonomy = Autonomy.PROPOSE_AND_WAIT, **changed: object) -> ResponsePolicy:
    """Return a policy that halves the book at any breach."""
    response = Response("halve", PlanKind.UNIFORM_REDUCTION, autonomy, price_band_fraction=0.05)
    return ResponsePolicy((replace(response, **changed),), (PolicyRule("halve"),))


def case_of(
    closes: Mapping[str, Sequence[float]],
    exposure: Mapping[str, float],
    *,
    n_before: int,
    nav: float = 1_000_000.0,
    cash: Mapping[str, float] | None = None,
) -> ProtocolCase:
    """Return a book of the money given in each code, led through all closes but the first ones."""
    history = history_of(closes)
    n = len(next(iter(closes.values())))
    days = weekdays(n)
    return protocol_case(
        book_of(exposure, nav=nav, cash=cash),
        history,
        MASTER,
        first_day=days[n_before],
        last_day=days[-1],
        window_days=METHOD.window_days,
        base_currency="USD",
    )


def rules_of(*limits: Limit, policy: ResponsePolicy | None = None) -> DeskRules:
    """Return rules of a rehearsed desk."""
    return DeskRules(limits, METHOD, policy=policy or halve(), people=rehearsal_people(), print_rule=None)


def terms_of(human: HumanModel = AT_ONCE, costs: CostModel = FREE, **changed: object) -> ProtocolTerms:
    """Return terms without costs or delay, unless told otherwise."""
    return replace(ProtocolTerms(0, 0, human, costs), **changed)


def paper(terms: ProtocolTerms) -> MakeBroker:
    """Return what makes a paper broker with a run's costs."""
    return rehearsal_broker(terms.costs, {})


def fall_and_rise(n_before: int = 60, low: float = 60.0) -> list[float]:
    """Return a price that stays, falls by five days in even steps, and comes back in ten."""
    still = [100.0 + 0.01 * (k % 2) for k in range(n_before)]
    down, up = np.linspace(100.0, low, 6)[1:], np.linspace(low, 100.0, 11)[1:]
    return [*still, 100.0, *down.tolist(), *up.tolist(), *([100.0] * 8)]
