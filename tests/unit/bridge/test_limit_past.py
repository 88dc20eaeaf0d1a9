from dataclasses import replace

from plimsoll.bridge.limit_past import LimitPast, changes_of_rows
from plimsoll.domain.desk_request import LimitChangeAsked, LimitChangeConfirmed, LimitChangeWithdrawn
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.limit_change import ChangeState
from plimsoll.domain.person import Person
from plimsoll.engine.limit_register import LimitRegister
from plimsoll.engine.ports import JournalRow

VAR = Limit("var", "VaR", Measure.VAR, 400_000.0, Severity.HIGH)
TIGHT, LOOSE = replace(VAR, line=300_000.0), replace(VAR, line=500_000.0)
ANA, BEN = Person("ana"), Person("ben")
REASON = "as the desk agreed"
NOW_NS = 1_763_821_885_000_000_000


def row_of(number: int, kind: str, body: dict[str, object]) -> JournalRow:
    return JournalRow(number, kind, body, "ana", "", NOW_NS, NOW_NS)


def test_that_the_journal_tells_each_change_as_it_stood_last() -> None:
    register = LimitRegister((VAR,))
    waiting = register.propose("c1", "var", LOOSE, ANA, REASON, NOW_NS)
    rows = [register.row(waiting)]
    register.restore(*rows[0])
    rows.append(register.row(register.confirm("c1", BEN, NOW_NS + 5)))
    told = changes_of_rows(row_of(number, *row) for number, row in enumerate(rows))
    assert [(change.state, change.second_person) for change in told] == [(ChangeState.CONFIRMED, "ben")]


def test_that_what_the_desk_took_in_this_session_is_known_as_the_register_keeps_it() -> None:
    past = LimitPast()
    asked = LimitChangeAsked("c1", "var", TIGHT, "ana", REASON)
    past.note_asked(asked, VAR)
    past.note_taken(asked, NOW_NS)
    kept = LimitRegister((VAR,)).propose("c1", "var", TIGHT, ANA, REASON, NOW_NS)
    assert past.of("var") == (kept,)
    assert past.of("es") == ()


def test_that_a_snapshot_knows_better_what_waits() -> None:
    past = LimitPast()
    asked = LimitChangeAsked("c1", "var", LOOSE, "ana", REASON)
    waiting = LimitRegister((VAR,)).propose("c1", "var", LOOSE, ANA, REASON, NOW_NS)
    past.note_asked(asked, VAR)
    past.take((waiting,))
    past.note_taken(asked, NOW_NS)
    assert past.of("var") == (waiting,)


def test_that_a_second_persons_word_ends_the_wait() -> None:
    waiting = LimitRegister((VAR,)).propose("c1", "var", LOOSE, ANA, REASON, NOW_NS)
    for request, state in (
        (LimitChangeConfirmed("c1", "ben"), ChangeState.CONFIRMED),
        (LimitChangeWithdrawn("c1", "ben", "no longer wanted"), ChangeState.CANCELLED),
    ):
        past = LimitPast()
        past.take((waiting,))
        past.note_taken(request, NOW_NS + 7)
        (change,) = past.of("var")
        assert (change.state, change.second_person, change.decided_ns) == (state, "ben", NOW_NS + 7)


def test_that_the_newest_change_comes_first() -> None:
    past = LimitPast()
    first = LimitRegister((VAR,)).propose("c1", "var", TIGHT, ANA, REASON, NOW_NS)
    past.take((first, replace(first, change_id="c2", proposed_ns=NOW_NS + 1)))
    assert [change.change_id for change in past.of("var")] == ["c2", "c1"]
