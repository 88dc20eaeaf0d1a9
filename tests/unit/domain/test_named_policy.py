"""The policies compared: the own one first, one that only tells, and none that trading cannot cure."""

from dataclasses import replace

import pytest

from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.named_policy import AS_SET, TOLD_ONLY, compared_policies
from plimsoll.domain.response_policy import ALERT, BUILT_IN, NO_TRADE_CURES, Autonomy, PlanKind

DRAWDOWN = Limit("d", "Drawdown", Measure.DRAWDOWN, 0.1, Severity.CRITICAL)


def test_that_the_own_policy_comes_first_and_the_built_in_one_only_where_it_is_another() -> None:
    own = replace(BUILT_IN, rules=BUILT_IN.rules[:2])
    assert [each.name for each in compared_policies(own)][:2] == [AS_SET, TOLD_ONLY]
    assert compared_policies(own)[0].policy is own
    assert "built in" in {each.name for each in compared_policies(own)}
    assert "built in" not in {each.name for each in compared_policies(BUILT_IN)}


def test_that_told_only_answers_nothing() -> None:
    for measure in Measure:
        limit = replace(DRAWDOWN, measure=measure)
        assert compared_policies(BUILT_IN)[1].policy.response_to(limit) == ALERT


def test_that_alone_needs_nobody() -> None:
    alone = next(each.policy for each in compared_policies(BUILT_IN) if each.name == "as set, alone")
    response = alone.response_to(DRAWDOWN)
    assert (response.kind, response.autonomy) == (PlanKind.UNIFORM_REDUCTION, Autonomy.EXECUTE_AT_ONCE)
    assert not response.two_persons


@pytest.mark.parametrize(
    ("name", "kind"),
    [("cheapest cut", PlanKind.CHEAPEST_CUT), ("cut by half", PlanKind.UNIFORM_REDUCTION)],
)
def test_that_a_plain_policy_answers_what_is_grave_and_can_be_cured(name: str, kind: PlanKind) -> None:
    policy = next(each.policy for each in compared_policies(BUILT_IN) if each.name == name)
    for measure in Measure:
        for severity in Severity:
            found = policy.response_to(replace(DRAWDOWN, measure=measure, severity=severity))
            is_answered = severity is not Severity.MEDIUM and measure not in NO_TRADE_CURES
            assert found.kind is (kind if is_answered else PlanKind.ALERT)
