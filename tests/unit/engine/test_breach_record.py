"""A breach goes into the journal and comes back as it was."""

import json
import math
from dataclasses import replace

import msgspec
import pytest

from plimsoll.domain.breach import Breach, BreachState, Driver, Evidence
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.engine.breach_record import body_of, breach_from, change_of, decision_body

BREACH = Breach(
    "B-0001",
    Limit("l", "Tech", Measure.GROSS_WEIGHT, 0.4, Severity.HIGH, Scope(ScopeKind.SECTOR, "Technology")),
    "Technology",
    BreachState.OVERRIDDEN,
    0.41,
    0.43,
    1,
    2,
    Evidence((1, 2), (0.39, 0.41), (Driver("AAPL.US", 0.3, "30 % of gross"),), 1e6, 3, 4, "all prices fresh"),
    until_ns=5,
    until_value=0.5,
    person="M. Kurz",
    reason="hedge executes soon",
)


@pytest.mark.parametrize("until_value", [0.5, math.inf])
def test_that_a_breach_comes_back_through_strict_json(until_value: float) -> None:
    breach = replace(BREACH, until_value=until_value)
    assert breach_from(json.loads(json.dumps(body_of(breach), allow_nan=False))) == breach


def test_that_an_unknown_nav_comes_back_unknown() -> None:
    breach = replace(BREACH, evidence=Evidence())
    back = breach_from(json.loads(json.dumps(body_of(breach), allow_nan=False)))
    assert math.isnan(back.evidence.nav_base)
    assert replace(back, evidence=breach.evidence) == breach


def test_that_a_position_that_no_market_can_take_comes_back_as_endless() -> None:
    breach = replace(BREACH, value=math.inf, worst_value=math.inf)
    assert breach_from(json.loads(json.dumps(body_of(breach), allow_nan=False))) == breach


def test_that_facts_of_something_else_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        breach_from({"breach_id": 7})


def test_that_a_later_step_is_written_without_the_evidence_and_read_with_it() -> None:
    body = json.loads(json.dumps(change_of(BREACH), allow_nan=False))
    assert "evidence" not in body
    assert breach_from(body, BREACH.evidence) == BREACH
    assert breach_from(body).evidence.times_ns == ()


def test_that_a_row_of_old_is_still_read_with_nothing_known_of_what_came_later() -> None:
    body = body_of(BREACH)
    for name in ("heard_ns", "asked_ns", "escalation", "cause_id", "cause", "resolution", "comment"):
        del body[name]
    for name in ("detail", "confirm_updates", "confirm_of", "confirm_s"):
        del body["limit"][name]  # type: ignore[attr-defined]  a mapping, as written
    assert breach_from(body) == BREACH


def test_that_how_an_incident_was_filed_comes_back() -> None:
    filed = replace(BREACH, cause=IncidentCause.BAD_PRICE, resolution=Resolution.DATA_CORRECTED, comment="so")
    assert breach_from(json.loads(json.dumps(body_of(filed)))) == filed


def test_that_only_a_closing_speaks_of_cause_and_resolution() -> None:
    decision = Decision("D-1", DecisionKind.ACKNOWLEDGE, "B-0001", "M. Kurz")
    assert "cause" not in decision_body(decision)
    assert decision_body(decision)["until_value"] is None
    closing = replace(
        decision, cause=IncidentCause.MODEL, resolution=Resolution.ACCEPTED, comment="as agreed"
    )
    body = decision_body(closing)
    assert (body["cause"], body["resolution"], body["comment"]) == ("model", "accepted", "as agreed")
    assert json.dumps(body, allow_nan=False)
