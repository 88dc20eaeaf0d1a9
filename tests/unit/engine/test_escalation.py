"""Who does not answer is asked louder, again, and elsewhere; who did is left in peace."""

import pytest

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.engine.escalation import NEVER_NS, EscalationAct, EscalationPlan, EscalationStep

S = 1_000_000_000
BEGAN_NS = 1_000 * S


def breach(severity: Severity = Severity.CRITICAL, **facts: object) -> Breach:
    limit = Limit("l", "VaR", Measure.VAR, 1.0, severity)
    known: dict[str, object] = {"state": BreachState.RAISED, "asked_ns": BEGAN_NS, **facts}
    return Breach(
        "B-0001",
        limit,
        "",
        value=2.0,
        worst_value=2.0,
        raised_exchange_ns=0,
        raised_received_ns=BEGAN_NS - 7 * S,
        **known,
    )  # type: ignore[arg-type]  by field name


@pytest.mark.parametrize(
    ("severity", "times_s"),
    [
        (Severity.CRITICAL, (60, 180, 600)),
        (Severity.HIGH, (300, 900, 1800)),
        (Severity.MEDIUM, (900, 1800, 3600)),
    ],
)
def test_that_each_severity_climbs_on_its_own_times(severity: Severity, times_s: tuple[int, ...]) -> None:
    plan = EscalationPlan()
    for level, time_s in enumerate(times_s, start=1):
        assert plan.level_due(breach(severity), BEGAN_NS + time_s * S - 1) == level - 1
        assert plan.level_due(breach(severity), BEGAN_NS + time_s * S) == level
        assert plan.next_due_ns(breach(severity, escalation=level - 1)) == BEGAN_NS + time_s * S
    assert plan.next_due_ns(breach(severity, escalation=3)) == NEVER_NS


@pytest.mark.parametrize("state", [s for s in BreachState if s not in {"raised", "escalated"}])
def test_that_who_has_answered_is_left_in_peace(state: BreachState) -> None:
    plan = EscalationPlan()
    assert plan.level_due(breach(state=state, escalation=1), BEGAN_NS + 86_400 * S) == 1
    assert plan.next_due_ns(breach(state=state)) == NEVER_NS
    assert plan.next_due_ns(breach(state=state, until_ns=5)) == 5


def test_that_a_level_once_reached_is_not_taken_back() -> None:
    assert EscalationPlan().level_due(breach(escalation=2), BEGAN_NS) == 2


def test_that_a_row_of_old_is_counted_from_when_it_was_raised() -> None:
    assert EscalationPlan().level_due(breach(asked_ns=0), BEGAN_NS + 53 * S) == 1
    assert EscalationPlan().next_due_ns(breach(asked_ns=0)) == BEGAN_NS + 53 * S


def test_that_each_level_says_what_it_adds() -> None:
    plan = EscalationPlan()
    acts = [plan.act_of(breach(escalation=level)) for level in range(5)]
    louder, again, elsewhere = EscalationAct
    assert acts == [None, louder, again, elsewhere, elsewhere]


def test_that_a_severity_without_steps_never_escalates() -> None:
    plan = EscalationPlan({Severity.HIGH: (EscalationStep(1.0, EscalationAct.AGAIN),)})
    assert plan.level_due(breach(), BEGAN_NS + 86_400 * S) == 0
    assert plan.next_due_ns(breach()) == NEVER_NS
    assert plan.act_of(breach(escalation=1)) is None


@pytest.mark.parametrize("times_s", [(0.0,), (-1.0,), (5.0, 5.0), (9.0, 3.0)])
def test_that_a_plan_that_does_not_climb_is_refused(times_s: tuple[float, ...]) -> None:
    steps = tuple(EscalationStep(time_s, EscalationAct.LOUDER) for time_s in times_s)
    with pytest.raises(ValueError, match="expected ascending ones above 0: sort them"):
        EscalationPlan({Severity.HIGH: steps})
