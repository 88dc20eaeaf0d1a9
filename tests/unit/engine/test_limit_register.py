"""What stands, what waits and what is refused, as the engine would drive the register."""

import json
from dataclasses import replace

import pytest

from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.limit import ALWAYS_NS, Limit, Measure, Severity, instant_ns
from plimsoll.domain.limit_change import ChangeState, LimitChange
from plimsoll.domain.person import Person, Right
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.limit_register import LIMIT_CHANGE, ROW_KINDS, LimitRegister

VAR = Limit("var", "VaR", Measure.VAR, 1_000.0, Severity.HIGH)
DRAWDOWN = Limit("dd", "Drawdown", Measure.DRAWDOWN, 0.08, Severity.CRITICAL)
ADA, BEN = Person("Ada"), Person("Ben")
NOW = instant_ns("2026-11-23T08:00:00Z")
DAY = 86_400 * NS_PER_S
WHY = "the book has grown by half"
TODAY = replace(
    VAR, limit_id="var-today", line=1_500.0, stands_in_for="var", effective_until="2026-11-26T08:00:00Z"
)


class Desk:
    """Journals each change, then takes it by the path of a restart."""

    def __init__(self, *limits: Limit) -> None:
        self.register = LimitRegister(limits or (VAR, DRAWDOWN))
        self.rows = [self.register.first_row()]
        self.n = 0

    def change(
        self, limit_id: str, after: Limit | None, now_ns: int = NOW, person: Person = ADA, reason: str = WHY
    ) -> LimitChange:
        self.n += 1
        return self.take(self.register.propose(f"C{self.n}", limit_id, after, person, reason, now_ns))

    def take(self, change: LimitChange) -> LimitChange:
        kind, body = LimitRegister.row(change)
        self.rows.append((kind, json.loads(json.dumps(body, allow_nan=False))))
        self.register.restore(kind, body)
        return change

    def line(self, now_ns: int, place: int = 0) -> float:
        return self.register.standing(now_ns)[place].line

    def restarted(self) -> LimitRegister:
        again = LimitRegister(())
        for kind, body in self.rows:
            assert kind in ROW_KINDS
            again.restore(kind, body)
        return again


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_that_a_tightening_acts_at_once(desk: Desk) -> None:
    change = desk.change("var", replace(VAR, line=500.0))
    assert change.state is ChangeState.ACTED
    assert desk.line(NOW) == 500.0
    assert desk.register.pending == ()


def test_that_a_loosening_acts_a_day_later_and_not_a_nanosecond_before(desk: Desk) -> None:
    change = desk.change("var", replace(VAR, line=2_000.0))
    assert desk.register.pending == (change,)
    assert (desk.line(NOW), desk.line(NOW + DAY - 1), desk.line(NOW + DAY)) == (1_000.0, 1_000.0, 2_000.0)
    assert desk.register.stands_until(NOW) == NOW + DAY


def test_that_the_delay_can_be_set_and_a_change_keeps_the_one_it_was_made_with() -> None:
    desk = Desk()
    desk.register.delay_s = 60.0
    desk.change("var", replace(VAR, line=2_000.0))
    desk.register.delay_s = 1e9
    assert desk.line(NOW + 60 * NS_PER_S) == 2_000.0


def test_that_a_loosening_that_is_due_is_told_until_it_is_written(desk: Desk) -> None:
    desk.change("var", replace(VAR, line=2_000.0))
    assert desk.register.due(NOW + DAY - 1) == ()
    (due,) = desk.register.due(NOW + DAY)
    assert due.state is ChangeState.ACTED
    desk.take(due)
    assert desk.register.due(NOW + DAY) == ()
    assert desk.line(NOW + DAY) == 2_000.0
    assert desk.register.pending == ()


def test_that_a_second_person_lets_a_loosening_act_at_once(desk: Desk) -> None:
    change = desk.change("var", replace(VAR, line=2_000.0))
    confirmed = desk.take(desk.register.confirm(change.change_id, BEN, NOW + 1))
    assert (confirmed.person, confirmed.second_person) == ("Ada", "Ben")
    assert desk.line(NOW + 1) == 2_000.0
    assert desk.register.pending == ()


@pytest.mark.parametrize(
    ("person", "words"),
    [
        (ADA, "Ada asked for it: a second person has to confirm"),
        (Person(" ada "), "Ada asked for it: a second person has to confirm"),
        (Person("Eve", frozenset({Right.LOOSEN})), "Eve has no right to confirm"),
        (Person(" "), "nobody signed this"),
    ],
)
def test_that_nobody_confirms_alone_or_without_the_right(desk: Desk, person: Person, words: str) -> None:
    change = desk.change("var", replace(VAR, line=2_000.0))
    with pytest.raises(DecisionRefused, match=words):
        desk.register.confirm(change.change_id, person, NOW + 1)


def test_that_a_cancelled_loosening_never_acts(desk: Desk) -> None:
    change = desk.change("var", replace(VAR, line=2_000.0))
    cancelled = desk.take(desk.register.cancel(change.change_id, BEN, "asked for by mistake", NOW + 1))
    assert (cancelled.state, cancelled.second_person) == (ChangeState.CANCELLED, "Ben")
    assert desk.line(NOW + 2 * DAY) == 1_000.0
    with pytest.raises(DecisionRefused, match="no loosening C1 waits"):
        desk.register.confirm(change.change_id, BEN, NOW + 2)


def test_that_a_loosening_that_acted_can_neither_be_cancelled_nor_confirmed(desk: Desk) -> None:
    change = desk.change("var", replace(VAR, line=2_000.0))
    for late in (lambda: desk.register.cancel(change.change_id, BEN, WHY, NOW + DAY),
                 lambda: desk.register.confirm(change.change_id, BEN, NOW + DAY)):  # fmt: skip
        with pytest.raises(DecisionRefused, match="it acted, was cancelled or replaced"):
            late()


def test_that_a_later_wish_replaces_the_one_that_waits(desk: Desk) -> None:
    desk.change("var", replace(VAR, line=2_000.0))
    desk.change("var", replace(VAR, line=500.0), NOW + 1)
    assert desk.register.pending == ()
    assert desk.line(NOW + 2 * DAY) == 500.0


def test_that_a_row_of_a_replaced_wish_does_not_cancel_its_heir(desk: Desk) -> None:
    old = desk.change("var", replace(VAR, line=2_000.0))
    cancelled = desk.register.cancel(old.change_id, BEN, WHY, NOW + 1)
    heir = desk.change("var", replace(VAR, line=3_000.0), NOW + 2)
    desk.take(cancelled)
    assert desk.register.pending == (heir,)


def test_that_a_wish_after_the_delay_starts_from_what_then_stands(desk: Desk) -> None:
    desk.change("var", replace(VAR, line=2_000.0))
    change = desk.change("var", replace(VAR, line=1_500.0), NOW + DAY)
    assert change.before is not None
    assert (change.before.line, change.state) == (2_000.0, ChangeState.ACTED)
    assert desk.line(NOW + DAY) == 1_500.0


def test_that_a_mixed_change_tightens_now_and_loosens_tomorrow(desk: Desk) -> None:
    desk.change("var", replace(VAR, line=500.0, cool_down_s=600.0))
    (now, _), (later, _) = desk.register.standing(NOW), desk.register.standing(NOW + DAY)
    assert (now.line, now.cool_down_s) == (500.0, 60.0)
    assert (later.line, later.cool_down_s) == (500.0, 600.0)


def test_that_a_limit_is_removed_tomorrow_and_a_new_one_stands_now(desk: Desk) -> None:
    new = replace(VAR, limit_id="es", measure=Measure.ES)
    desk.change("dd", None)
    desk.change("es", new)
    assert desk.register.standing(NOW) == (VAR, DRAWDOWN, new)
    assert desk.register.standing(NOW + DAY) == (VAR, new)


def test_that_a_temporary_limit_outranks_the_official_one_until_it_ends(desk: Desk) -> None:
    change = desk.change("var-today", TODAY)
    assert change.state is ChangeState.PENDING, "it allows more than the official limit does"
    desk.take(desk.register.confirm(change.change_id, BEN, NOW))
    end = TODAY.until_ns
    assert desk.register.standing(NOW) == (TODAY, DRAWDOWN)
    assert desk.register.standing(end - 1) == (TODAY, DRAWDOWN)
    assert desk.register.standing(end) == (VAR, DRAWDOWN)
    assert desk.register.stands_until(NOW) == end
    assert desk.register.stands_until(end) == ALWAYS_NS


def test_that_a_tighter_temporary_limit_stands_at_once_and_ends_by_itself(desk: Desk) -> None:
    desk.change("var-today", replace(TODAY, line=700.0))
    assert (desk.line(NOW), desk.line(TODAY.until_ns)) == (700.0, 1_000.0)


def test_that_a_temporary_limit_outlives_the_official_one(desk: Desk) -> None:
    desk.change("var-today", replace(TODAY, line=700.0))
    desk.change("var", None)
    assert {limit.limit_id for limit in desk.register.standing(NOW + DAY)} == {"dd", "var-today"}


def test_that_a_limit_stands_only_while_it_is_effective() -> None:
    desk = Desk(replace(VAR, effective_from="2026-11-24T08:00:00Z", effective_until="2026-11-25T08:00:00Z"))
    assert [len(desk.register.standing(NOW + n * DAY)) for n in range(3)] == [0, 1, 0]
    assert desk.register.stands_until(NOW) == NOW + DAY


@pytest.mark.parametrize(
    ("limit_id", "after", "words"),
    [
        ("nothing", None, "there is no limit 'nothing' to remove"),
        ("var", VAR, "the limit 'var' stands like that already"),
        ("var", DRAWDOWN, "the limit's id was 'dd', expected 'var'"),
        (
            "x",
            replace(TODAY, limit_id="x", stands_in_for="y"),
            "the official limit was 'y', expected one that",
        ),
        ("x", replace(TODAY, limit_id="x", effective_until=""), "a temporary limit needs an end"),
        ("x", replace(TODAY, limit_id="x", measure=Measure.ES), "a temporary limit measures what 'var' does"),
        ("x", replace(VAR, limit_id="x", effective_from="soon"), "Invalid isoformat string: 'soon'"),
        ("x", replace(VAR, limit_id="x", effective_from="2026-11-24T08:00:00"), "expected UTC"),
        (
            "x",
            replace(TODAY, limit_id="x", effective_from=TODAY.effective_until),
            "the limit would end before it begins",
        ),
    ],
)
def test_that_what_could_not_stand_is_refused(
    desk: Desk, limit_id: str, after: Limit | None, words: str
) -> None:
    with pytest.raises(DecisionRefused, match=words):
        desk.change(limit_id, after)


def test_that_two_temporary_limits_never_stand_in_for_one(desk: Desk) -> None:
    desk.change("var-today", replace(TODAY, line=700.0))
    with pytest.raises(DecisionRefused, match="'var-today' stands in for 'var' at that time"):
        desk.change("var-also", replace(TODAY, limit_id="var-also", line=600.0))


def test_that_a_change_needs_a_name_a_reason_and_for_loosening_a_right(desk: Desk) -> None:
    looser, tighter = replace(VAR, line=2_000.0), replace(VAR, line=500.0)
    junior = Person("Eve", frozenset())
    with pytest.raises(DecisionRefused, match="the reason had 9 characters, expected at least 10"):
        desk.change("var", tighter, reason="  too short ")
    with pytest.raises(DecisionRefused, match="nobody signed this change"):
        desk.change("var", tighter, person=Person(""))
    with pytest.raises(DecisionRefused, match="Eve has no right to loosen"):
        desk.change("var", looser, person=junior)
    assert desk.change("var", tighter, person=junior).state is ChangeState.ACTED


def test_that_the_same_change_is_taken_once(desk: Desk) -> None:
    desk.change("var", replace(VAR, line=500.0))
    with pytest.raises(DecisionRefused, match="asked for already"):
        desk.register.propose("C1", "var", replace(VAR, line=400.0), ADA, WHY, NOW)


def test_that_a_row_says_who_when_why_before_and_after(desk: Desk) -> None:
    desk.change("var", replace(VAR, line=2_000.0))
    kind, body = desk.rows[-1]
    assert kind == LIMIT_CHANGE
    assert (body["person"], body["reason"], body["proposed_ns"]) == ("Ada", WHY, NOW)
    assert (body["before"]["line"], body["after"]["line"]) == (1_000.0, 2_000.0)


def test_that_a_restart_finds_what_stood_and_what_waits(desk: Desk) -> None:
    desk.change("var", replace(VAR, line=2_000.0))
    desk.change("dd", None)
    desk.change("var-today", replace(TODAY, line=700.0))
    again = desk.restarted()
    assert again.pending == desk.register.pending
    for later in (0, DAY, 4 * DAY):
        assert again.standing(NOW + later) == desk.register.standing(NOW + later)


def test_that_a_file_changed_by_hand_is_told_as_changes_to_propose(desk: Desk) -> None:
    edited = (replace(TODAY, line=700.0), replace(VAR, line=900.0))
    wanted = desk.register.differences(edited, NOW)
    assert wanted == (("var", edited[1]), ("var-today", edited[0]), ("dd", None))
    for limit_id, after in wanted:
        desk.change(limit_id, after)
    assert {limit.limit_id for limit in desk.register.limits(NOW + DAY)} == {"var", "var-today"}
    assert desk.register.differences(desk.register.limits(NOW), NOW) == ()
