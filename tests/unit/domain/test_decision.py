import math

from plimsoll.domain.decision import SHORTEST_REASON, Decision, DecisionKind


def test_that_a_decision_asks_for_the_rules_defaults_unless_it_says_otherwise() -> None:
    decision = Decision("D-1", DecisionKind.OVERRIDE, "B-0001", "Ada")
    assert (decision.reason, decision.until_ns, decision.until_value) == ("", 0, math.inf)


def test_that_an_override_owes_a_reason_of_ten_characters() -> None:
    assert SHORTEST_REASON == 10
