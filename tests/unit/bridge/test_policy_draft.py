"""What is typed becomes the policy it says, or names each field that is wrong."""

import pytest

from plimsoll.bridge.policy_draft import (
    changes_of,
    policy_draft_of,
    routes_of,
    texts_of_response,
    texts_of_rule,
)
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.response_policy import BUILT_IN, ResponsePolicy

RESPONSES = [texts_of_response(response) for response in BUILT_IN.responses]
RULES = [texts_of_rule(rule) for rule in BUILT_IN.rules]


def test_that_a_policy_put_into_texts_comes_back_as_it_was() -> None:
    assert policy_draft_of(RESPONSES, RULES).policy == BUILT_IN
    assert texts_of_response(BUILT_IN.responses[0])["reduce_fraction"] == "50"


@pytest.mark.parametrize(
    ("kind", "number", "name", "text", "expected"),
    [
        ("response", 0, "name", "Cut Half", "a short name"),
        ("response", 0, "name", "hedge", "a name of its own"),
        ("response", 0, "countdown_s", "soon", "seconds, like 60"),
        ("response", 0, "countdown_s", "0", "a number above 0"),
        ("response", 0, "reduce_fraction", "120", "above 0 and at most 100 %"),
        ("response", 0, "autonomy", "execute_at_once", "two_persons"),
        ("response", 1, "hedge_instruments", "", "at least one"),
        ("rule", 0, "measures", "var, luck", "some of"),
        ("rule", 0, "response", "sell", "the name of a response"),
        ("rule", 1, "severity", "BAD", "one of"),
    ],
)
def test_that_a_wrong_field_is_named_beside_what_was_expected(
    kind: str, number: int, name: str, text: str, expected: str
) -> None:
    responses, rules = [dict(texts) for texts in RESPONSES], [dict(texts) for texts in RULES]
    (responses if kind == "response" else rules)[number][name] = text
    draft = policy_draft_of(responses, rules)
    assert draft.policy is None
    places = [place for place, words in draft.complaints.items() if expected in words]
    assert places
    # A name taken is complained about where it stands second.
    assert {(place[0], place[2]) for place in places} == {(kind, name)}


def test_that_each_limit_is_told_its_response_and_who_says_so() -> None:
    limits = (
        Limit("dd", "Drawdown", Measure.DRAWDOWN, 0.1, Severity.CRITICAL),
        Limit("own", "VaR", Measure.VAR, 1.0, Severity.MEDIUM, response="to-cash"),
        Limit("lost", "VaR", Measure.VAR, 1.0, Severity.MEDIUM, response="nobody-knows"),
    )
    found = [(route.response.name, route.by) for route in routes_of(BUILT_IN, limits)]
    assert found[:2] == [("cut-half", "rule 2"), ("to-cash", "the limit itself")]
    assert found[2][1] != "the limit itself"
    assert routes_of(ResponsePolicy((), ()), limits[:1])[0].by == "no rule"


def test_that_what_differs_is_said_in_words() -> None:
    texts = [dict(RESPONSES[0], expires_s="60"), *RESPONSES[2:], dict(RESPONSES[3], name="new")]
    rules = [rule for rule in RULES if rule["response"] != "hedge"]
    after = policy_draft_of(texts, rules).policy
    assert after is not None
    words = changes_of(BUILT_IN, after)
    assert words == ("new added", "hedge removed", "cut-half (an approval holds for)", "rules")
    assert changes_of(BUILT_IN, BUILT_IN) == ()
