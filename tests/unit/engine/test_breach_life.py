"""Steps are journalled before they are told, and what an older session wrote is taken up."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from fakes.memory_journal import MemoryJournal
from plimsoll.domain.breach import BreachState, BreachStep, Evidence
from plimsoll.domain.errors import IllegalTransition
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.engine.breach_life import BreachLife, Watched
from plimsoll.engine.instant import Instant
from plimsoll.engine.ports import JournalUnavailable

S = 1_000_000_000
LIMIT = Limit("l", "VaR", Measure.VAR, 1.0, Severity.HIGH)
EVIDENCE = Evidence((1, 2), (0.9, 1.1), (), 1e6, 3, 3, "all prices fresh")


def at(now_s: float) -> Instant:
    return Instant(int(now_s * S), int(now_s * S))


def raised(n_breaches: int = 1) -> tuple[BreachLife, MemoryJournal]:
    journal = MemoryJournal()
    life = BreachLife(journal)
    for number in range(n_breaches):
        life.raise_breach(replace(LIMIT, limit_id=f"l{number}"), "", 2.0, at(1), EVIDENCE)
    return life, journal


def test_that_only_the_row_that_raised_it_carries_the_evidence_and_a_restart_still_has_it() -> None:
    life, journal = raised()
    (watched,) = life.watched.values()
    life.escalate(watched, 1, at(400))
    assert [("evidence" in row.body) for row in journal.kept] == [True, False]
    again = BreachLife(journal)
    for row in journal.rows():
        again.restore(row.kind, row.body)
    assert again.breaches == life.breaches
    assert again.breaches[0].evidence == EVIDENCE


def test_that_the_ten_thousandth_breach_still_stands_before_the_older_ones() -> None:
    life, _ = raised(1)
    life._n_raised = 9_998
    for number in (1, 2):
        life.raise_breach(replace(LIMIT, limit_id=f"n{number}"), "", 2.0, at(1), EVIDENCE)
    assert [breach.breach_id for breach in life.breaches] == ["B-10000", "B-9999", "B-0001"]


ACTS: dict[str, Callable[[BreachLife, Watched], object]] = {
    "raise": lambda life, _: life.raise_breach(replace(LIMIT, limit_id="other"), "", 2.0, at(9), EVIDENCE),
    "escalate": lambda life, watched: life.escalate(watched, 1, at(9)),
    "withdraw": lambda life, watched: life.withdraw(watched, "the limit was removed", at(9)),
    "ease": lambda life, watched: life.step(watched, BreachStep.EASE, at(9)),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=list(ACTS))
def test_that_what_could_not_be_written_has_not_happened(
    act: Callable[[BreachLife, Watched], object],
) -> None:
    life, journal = raised()
    before, n_rows = life.breaches, journal.n_rows
    journal.fails = lambda _kind: True
    (watched,) = life.watched.values()
    with pytest.raises(JournalUnavailable):
        act(life, watched)
    assert (life.breaches, journal.n_rows, watched.eased_ns) == (before, n_rows, 0)


def test_that_an_answered_breach_cannot_escalate() -> None:
    life, _ = raised()
    (watched,) = life.watched.values()
    watched.breach = replace(watched.breach, state=BreachState.ACKNOWLEDGED)
    with pytest.raises(IllegalTransition, match="acknowledged cannot escalate"):
        life.escalate(watched, 1, at(400))


def test_that_a_closed_breach_of_an_old_journal_owes_no_incident() -> None:
    life, journal = raised()
    (watched,) = life.watched.values()
    body = dict(journal.kept[0].body)
    life.step(watched, BreachStep.EASE, at(5))
    life.step(watched, BreachStep.CLOSE, at(99))
    assert [breach.breach_id for breach in life.unfiled] == ["B-0001"]
    old = BreachLife(MemoryJournal())
    body["cause_id"] = ""
    old.restore("breach_raised", body)
    old.restore("breach_changed", {**body, "state": "closed"})
    assert (old.breaches, old.unfiled) == ((), ())
