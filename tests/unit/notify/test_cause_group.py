from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.snapshot_maker import make_breach, make_limits
from plimsoll.domain.limit import Severity
from plimsoll.notify.cause_group import GATHER_NS, CauseGroups


@pytest.fixture
def groups() -> CauseGroups:
    return CauseGroups()


def test_that_a_cause_is_gathered_and_then_told_once_with_all_its_breaches(groups, breach) -> None:
    for number in range(1000):
        groups.add("C-1", 0, breach(number), now_ns=number)
    assert groups.take_due(GATHER_NS - 1) == ()
    (group,) = groups.take_due(GATHER_NS + 999)
    assert (group.cause_id, group.level, len(group.breaches)) == ("C-1", 0, 1000)
    assert groups.take_due(10 * GATHER_NS) == ()


def test_that_what_joins_a_cause_already_told_is_not_told_again(groups, breach) -> None:
    groups.add("C-1", 0, breach(1), now_ns=0)
    groups.take_due(GATHER_NS)
    groups.add("C-1", 0, breach(2), now_ns=2 * GATHER_NS)
    assert groups.take_due(9 * GATHER_NS) == ()


def test_that_a_graver_breach_of_the_same_cause_is_told(groups, breach) -> None:
    groups.add("C-1", 0, breach(1, severity=Severity.MEDIUM), now_ns=0)
    groups.take_due(GATHER_NS)
    groups.add("C-1", 0, breach(2, severity=Severity.CRITICAL), now_ns=2 * GATHER_NS)
    (group,) = groups.take_due(9 * GATHER_NS)
    assert [told.breach_id for told in group.breaches] == ["B-0002"]


def test_that_each_level_of_escalation_is_told_once(groups, breach) -> None:
    told = []
    for level in (0, 1, 1, 2, 1):
        groups.add("C-1", level, breach(1), now_ns=len(told))
        told += [group.level for group in groups.take_due(100 * GATHER_NS)]
    assert told == [0, 1, 2]


def test_that_two_causes_are_two_messages(groups, breach) -> None:
    groups.add("C-1", 0, breach(1), now_ns=0)
    groups.add("C-2", 0, breach(2), now_ns=0)
    assert [group.cause_id for group in groups.take_due(GATHER_NS)] == ["C-1", "C-2"]


def test_that_memory_ends_and_only_what_was_told_is_forgotten(breach) -> None:
    groups = CauseGroups(most_causes=2)
    for number in range(5):
        groups.add(f"C-{number}", 0, breach(number), now_ns=0)
    assert len(groups.take_due(GATHER_NS)) == 5
    groups.add("C-9", 0, breach(9), now_ns=GATHER_NS)
    groups.add("C-0", 0, breach(0), now_ns=GATHER_NS)
    assert {group.cause_id for group in groups.take_due(9 * GATHER_NS)} == {"C-9", "C-0"}


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 3), st.sampled_from(list(Severity)), st.booleans())
    )
)
def test_that_no_cause_level_or_severity_goes_untold(steps) -> None:
    groups = CauseGroups(gather_ns=0)
    limit = make_limits()[0]
    asked: dict[str, tuple[int, int]] = {}
    told: dict[str, tuple[int, int]] = {}
    order = list(Severity)

    def take() -> None:
        for group in groups.take_due(1):
            level, gravity = told.get(group.cause_id, (-1, -1))
            gravest = max(order.index(item.limit.severity) for item in group.breaches)
            assert group.level > level or gravest > gravity
            told[group.cause_id] = (max(level, group.level), max(gravity, gravest))

    for number, (cause, level, severity, is_due) in enumerate(steps):
        raised = make_breach(number, replace(limit, severity=severity), 412_380.0)
        groups.add(cause, level, raised, now_ns=0)
        before = asked.get(cause, (-1, -1))
        asked[cause] = (max(before[0], level), max(before[1], order.index(severity)))
        if is_due:
            take()
    take()
    assert told == asked
