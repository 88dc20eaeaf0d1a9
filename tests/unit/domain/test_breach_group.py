"""One cause, one question."""

from dataclasses import replace

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.breach_group import group_of, groups_of
from plimsoll.domain.limit import Limit, Measure, Severity


def breach(number: int, severity: Severity, value: float, cause_id: str = "C-1") -> Breach:
    limit = Limit("l", "Loss", Measure.POSITION_LOSS, 100.0, severity)
    return Breach(
        f"B-{number:04d}", limit, f"M{number}", BreachState.RAISED, value, value, 0, 0, cause_id=cause_id
    )


MEDIUM = breach(1, Severity.MEDIUM, 900.0)
HIGH = breach(2, Severity.HIGH, 110.0)
WORSE_HIGH = breach(3, Severity.HIGH, 130.0)


def test_that_the_gravest_leads_and_among_equals_the_one_furthest_beyond_its_line() -> None:
    group = group_of("C-1", (MEDIUM, HIGH, WORSE_HIGH))
    assert group.breaches == (WORSE_HIGH, HIGH, MEDIUM)
    assert group.lead is WORSE_HIGH
    assert group.is_storm


def test_that_rows_keep_their_places_while_values_grow_worse() -> None:
    grown = replace(HIGH, worst_value=10_000.0)
    assert group_of("C-1", (WORSE_HIGH, grown)).breaches == (WORSE_HIGH, grown)


def test_that_breaches_of_old_stand_alone_and_groups_stand_where_their_first_breach_stood() -> None:
    old = breach(4, Severity.HIGH, 120.0, cause_id="")
    groups = groups_of((WORSE_HIGH, old, HIGH))
    assert [(group.group_id, group.breaches) for group in groups] == [
        ("C-1", (WORSE_HIGH, HIGH)),
        ("B-0004", (old,)),
    ]
    assert not groups[1].is_storm


def test_that_only_the_unanswered_count_for_how_loud_a_group_is() -> None:
    loud = replace(HIGH, state=BreachState.ESCALATED, escalation=2)
    seen = replace(WORSE_HIGH, state=BreachState.ACKNOWLEDGED, escalation=3)
    group = group_of("C-1", (loud, seen))
    assert group.unanswered == (loud,)
    assert group.escalation == 2
    assert group_of("C-1", (seen,)).escalation == 0
