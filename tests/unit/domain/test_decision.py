import math

from plimsoll.domain.decision import SHORTEST_REASON, Decision, DecisionKind


def test_that_a_decision_asks_for_the_rules_defaults_unless_it_says_otherwise() -> None:
    decision = Decision("D-1", DecisionKind.OVERRIDE, "B-0001", "Ada")
    assert (decision.reason, decision.until_ns, decision.until_value) == ("", 0, math.inf)


def test_that_an_override_owes_a_reason_of_ten_characters() -> None:
    assert SHORTEST_REASON == 10


def test_that_only_a_closed_incident_speaks_of_cause_and_resolution() -> None:
    decision = Decision("D-1", DecisionKind.ACKNOWLEDGE, "B-0001", "Ada")
    assert (decision.cause, decision.resolution, decision.comment) == (None, None, "")
