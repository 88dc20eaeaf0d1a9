"""A breach goes into the journal and comes back as it was."""

import json
import math
from dataclasses import replace

import msgspec
import pytest

from plimsoll.domain.breach import Breach, BreachState, Driver, Evidence
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.engine.breach_record import body_of, breach_from

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


def test_that_facts_of_something_else_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        breach_from({"breach_id": 7})
