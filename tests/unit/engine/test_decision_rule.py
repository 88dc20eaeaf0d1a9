"""What each kind of decision owes before it may stand."""

from dataclasses import replace

import pytest

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.person import People, Person, Right, only_person
from plimsoll.engine.decision_rule import RIGHT_FOR, STEP_OF, refuse_unfit, refuse_unsigned

LIMIT = Limit("l", "Leverage", Measure.GROSS_LEVERAGE, 2.0, Severity.HIGH)
BREACH = Breach("B-0001", LIMIT, "", BreachState.EASED, 2.5, 2.6, 0, 0)
CLOSING = Decision(
    "D-1",
    DecisionKind.CLOSE_INCIDENT,
    "B-0001",
    "M. Kurz",
    cause=IncidentCause.MARKET_MOVE,
    resolution=Resolution.REVERSED,
    comment="came back by itself",
)


def test_that_every_kind_of_decision_is_a_step_of_the_table() -> None:
    assert set(STEP_OF) == set(DecisionKind)


def test_that_a_whole_closing_may_stand() -> None:
    refuse_unfit(CLOSING, BREACH, 1)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"cause": None}, "with a cause and a resolution: choose both"),
        ({"resolution": None}, "with a cause and a resolution: choose both"),
        ({"comment": "too short"}, "the comment had 9 characters, expected at least 10"),
    ],
)
def test_that_an_incident_is_closed_with_all_three(changed: dict[str, object], reason: str) -> None:
    with pytest.raises(DecisionRefused, match=reason):
        refuse_unfit(replace(CLOSING, **changed), BREACH, 1)  # type: ignore[arg-type]  by field name


def test_that_an_incident_is_closed_once() -> None:
    filed = replace(BREACH, cause=IncidentCause.MODEL, resolution=Resolution.HEDGED)
    with pytest.raises(DecisionRefused, match="the incident of B-0001 is closed already: hedged"):
        refuse_unfit(CLOSING, filed, 1)


def test_that_the_level_that_ends_the_override_of_a_floor_lies_below_it() -> None:
    cushion = replace(LIMIT, measure=Measure.MARGIN_CUSHION, line=0.2)
    breach = replace(BREACH, limit=cushion, value=0.15, worst_value=0.1)
    override = Decision("D-1", DecisionKind.OVERRIDE, "B-0001", "M. Kurz", "hedge executes soon")
    refuse_unfit(override, breach, 1)
    refuse_unfit(replace(override, until_value=0.05), breach, 1)
    with pytest.raises(DecisionRefused, match="must lie beyond the worst value so far"):
        refuse_unfit(replace(override, until_value=0.12), breach, 1)


@pytest.mark.parametrize("kind", DecisionKind)
def test_that_a_decision_needs_its_right_of_the_person_who_signed_it(kind: DecisionKind) -> None:
    right = RIGHT_FOR[kind]
    people = People((Person("Ada", frozenset({right})), Person("Ben", frozenset(Right) - {right})))
    refuse_unsigned(replace(CLOSING, kind=kind, person="Ada"), people)
    for person in ("Ben", "a stranger"):
        with pytest.raises(DecisionRefused, match=rf"{person} has no right to {right}: see people\.toml"):
            refuse_unsigned(replace(CLOSING, kind=kind, person=person), people)
    with pytest.raises(DecisionRefused, match="nobody signed this decision"):
        refuse_unsigned(replace(CLOSING, kind=kind, person=" "), people)


def test_that_without_a_people_file_only_the_account_decides() -> None:
    refuse_unsigned(replace(CLOSING, person="Ada"), only_person("Ada"))
    with pytest.raises(DecisionRefused, match=r"there is no people\.toml, so only Ada may"):
        refuse_unsigned(CLOSING, only_person("Ada"))
