"""A policy is looser where more happens without a person, whichever rule or response says so."""

from dataclasses import replace

import pytest

from plimsoll.domain.grade import GradeLetter
from plimsoll.domain.limit import Measure, Severity
from plimsoll.domain.policy_change import loosenings
from plimsoll.domain.response_policy import BUILT_IN, Autonomy, PlanKind, PolicyRule, Response, ResponsePolicy

A = Autonomy
CUT = Response("cut", PlanKind.CHEAPEST_CUT)
COUNTED = replace(CUT, autonomy=A.PROPOSE_AND_EXECUTE_AFTER)
ALERT = Response("cut", PlanKind.ALERT, A.ALERT_ONLY)


def policy(response: Response) -> ResponsePolicy:
    return ResponsePolicy((response,), (PolicyRule("cut"),))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (CUT, COUNTED, "after a countdown"),
        (COUNTED, replace(CUT, autonomy=A.EXECUTE_AT_ONCE), "execute at once"),
        (ALERT, COUNTED, "after a countdown"),
        (COUNTED, replace(COUNTED, countdown_s=30.0), "countdown is shorter"),
        (COUNTED, replace(COUNTED, minimum_grade=GradeLetter.C), "lower grade"),
        (COUNTED, replace(COUNTED, kind=PlanKind.FLATTEN), "something else on its own"),
        (COUNTED, replace(COUNTED, reduce_fraction=0.9), "something else on its own"),
        (replace(CUT, two_persons=True), CUT, "no second person"),
        (CUT, replace(CUT, volume_share=0.2), "larger share of the volume"),
        (CUT, replace(CUT, price_band_fraction=0.02), "prices may move further"),
        (CUT, replace(CUT, expires_s=900.0), "holds for longer"),
    ],
)
def test_that_more_without_a_person_loosens_and_the_way_back_tightens(
    before: Response, after: Response, words: str
) -> None:
    (found,) = loosenings(policy(before), policy(after))
    assert found.startswith("cut: ")
    assert words in found
    if "something else" not in words:
        assert loosenings(policy(after), policy(before)) == ()


@pytest.mark.parametrize("after", [CUT, replace(CUT, kind=PlanKind.FLATTEN), ALERT])
def test_that_what_waits_for_a_person_may_be_another_plan(after: Response) -> None:
    assert loosenings(policy(CUT), policy(after)) == ()
    assert loosenings(policy(ALERT), policy(after)) == ()


def test_that_nothing_changed_loosens_nothing() -> None:
    assert loosenings(BUILT_IN, BUILT_IN) == ()
    assert loosenings(BUILT_IN, replace(BUILT_IN, rules=(*BUILT_IN.rules, BUILT_IN.rules[0]))) == ()


def test_that_rules_are_judged_by_what_they_lead_to_and_not_by_their_order() -> None:
    alone = replace(COUNTED, name="alone")
    rules = (PolicyRule("alone", severity=Severity.HIGH), PolicyRule("cut"))
    before = ResponsePolicy((CUT, alone), (rules[1], rules[0]))  # the second is never reached
    (found,) = loosenings(before, ResponsePolicy((CUT, alone), rules))
    assert found.startswith("alone: ")
    var, es = (PolicyRule("cut", measures=(measure,)) for measure in (Measure.VAR, Measure.ES))
    assert loosenings(ResponsePolicy((CUT,), (var, es)), ResponsePolicy((CUT,), (es, var))) == ()


def test_that_a_response_bound_to_a_limit_by_name_is_judged_without_any_rule() -> None:
    unused = ResponsePolicy((ALERT, replace(CUT, name="own")), (PolicyRule("cut"),))
    looser = replace(unused, responses=(ALERT, replace(COUNTED, name="own")))
    assert loosenings(unused, looser)
    assert not loosenings(looser, unused)
