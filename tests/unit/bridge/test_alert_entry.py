from dataclasses import replace

from fakes.memory_journal import MemoryJournal
from fakes.snapshot_maker import make_breaches
from plimsoll.bridge.alert_entry import entries_of_rows, entry_of_breach
from plimsoll.domain.breach import BreachState
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.engine.breach_record import body_of, change_of

VAR = make_breaches()[0]


def journal_of(*rows) -> list:
    journal = MemoryJournal()
    for number, (kind, body, person) in enumerate(rows, start=1):
        journal.append(kind, body, exchange_time_ns=0, received_time_ns=number, person=person)
    return journal.kept


def test_that_the_history_of_a_breach_is_read_back_from_the_rows_that_wrote_it() -> None:
    seen = replace(VAR, state=BreachState.ACKNOWLEDGED, person="ana")
    rows = journal_of(
        ("breach_raised", body_of(VAR), ""),
        ("decision", {"breach_id": VAR.breach_id, "kind": "acknowledge", "reason": ""}, "ana"),
        ("breach_changed", change_of(seen), "ana"),
        ("day_roll", {"nav": 1}, ""),
    )
    raised, decided, changed = entries_of_rows(rows, "USD")
    assert raised == entry_of_breach(VAR, 1, "USD")
    assert (decided.state, decided.words, decided.person, decided.title) == (
        "decision",
        "acknowledge",
        "ana",
        VAR.title,
    )
    assert (changed.state, changed.person, changed.time_ns) == ("acknowledged", "ana", 3)


def test_that_a_decision_about_a_breach_nobody_knows_names_its_id() -> None:
    body = {"breach_id": "B-9", "kind": "override", "reason": "month end"}
    (entry,) = entries_of_rows(journal_of(("decision", body, "bo")), "USD")
    assert (entry.title, entry.words) == ("B-9", "override: month end")


def test_that_a_notice_of_the_journal_is_a_line() -> None:
    body = {"text": "The feed came back.", "is_alarm": True}
    (entry,) = entries_of_rows(journal_of(("notice", body, "")), "USD")
    assert (entry.state, entry.words) == ("alarm", "The feed came back.")


def test_that_a_row_that_cannot_be_read_says_so_and_hides_no_other() -> None:
    rows = journal_of(("breach_raised", {"breach_id": 7}, ""), ("breach_raised", body_of(VAR), ""))
    broken, fine = entries_of_rows(rows, "USD")
    assert "row 1 of the journal" in broken.words
    assert fine.breach_id == VAR.breach_id


def test_that_a_closed_incident_is_marked_until_it_is_filed() -> None:
    over = replace(VAR, state=BreachState.CLOSED, cause_id="C-1")
    filed = replace(over, cause=IncidentCause.MARKET_MOVE, resolution=Resolution.HEDGED, comment="sold ES")
    assert entry_of_breach(over, 1, "USD").is_unfiled
    entry = entry_of_breach(filed, 2, "USD")
    assert not entry.is_unfiled
    assert entry.words == "filed: hedged. sold ES"
