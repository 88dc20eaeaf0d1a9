"""Limits change through the engine: tightened at once, loosened tomorrow or by a second person."""

from dataclasses import replace

import pytest

from fakes.trading_desk import Desk, book_of
from plimsoll.domain.desk_request import LimitChangeAsked, LimitChangeConfirmed, LimitChangeWithdrawn
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.person import People, Person
from plimsoll.engine.events import (
    BreachRaised,
    LimitsChanged,
    NoticeRaised,
    RequestRejected,
    RequestTaken,
)

LEVERAGE = Limit("leverage", "Leverage", Measure.GROSS_LEVERAGE, 2.0, Severity.HIGH)
ADA, GRACE = Person("Ada"), Person("Grace")
DAY_S = 86_400
REASON = "a calmer market since Monday"


def desk_of(**kept: object) -> Desk:
    desk = Desk(
        book_of({"AAPL.US": (1000, 280.0)}, {"USD": -100_000.0}),
        (LEVERAGE,),
        people=People((ADA, GRACE)),
        **kept,  # type: ignore[arg-type]
    )
    desk.trade({"AAPL.US": 300.0})  # 300 000 over 200 000: 1.5
    return desk


def line(desk: Desk) -> float:
    desk.beat()
    return desk.snapshot.limits[0].limit.line


def ask(desk: Desk, change_id: str, to: float, person: str = "Ada", reason: str = REASON) -> list[object]:
    after = replace(LEVERAGE, line=to)
    return desk.engine.ask(LimitChangeAsked(change_id, "leverage", after, person, reason), desk.now_ns)


def test_that_a_tightening_acts_at_once_and_breaks_what_is_beyond_it() -> None:
    desk = desk_of()
    assert isinstance(ask(desk, "c1", 1.2)[0], RequestTaken)
    assert any(isinstance(event, BreachRaised) for event in desk.trade({"AAPL.US": 300.0}))
    assert line(desk) == 1.2


def test_that_a_loosening_waits_for_a_day_and_is_told_when_it_acts() -> None:
    desk = desk_of()
    ask(desk, "c1", 3.0)
    (pending,) = desk.snapshot.pending_changes
    assert (pending.person, pending.after, line(desk)) == ("Ada", replace(LEVERAGE, line=3.0), 2.0)
    desk.pass_time(DAY_S - 10)
    assert line(desk) == 2.0
    desk.pass_time(11)
    told = [event for event in desk.beat() if isinstance(event, NoticeRaised)]
    assert any("acts from now on" in notice.text for notice in told)
    assert line(desk) == 3.0
    assert desk.snapshot.pending_changes == ()


@pytest.mark.parametrize(("second", "acts"), [("Grace", True), ("Ada", False), ("Nobody", False)])
def test_that_a_second_person_lets_it_act_at_once_and_nobody_else(second: str, *, acts: bool) -> None:
    desk = desk_of()
    ask(desk, "c1", 3.0)
    answer, *_ = desk.engine.ask(LimitChangeConfirmed("c1", second), desk.now_ns)
    assert isinstance(answer, RequestTaken if acts else RequestRejected)
    assert line(desk) == (3.0 if acts else 2.0)


def test_that_a_waiting_loosening_may_be_withdrawn() -> None:
    desk = desk_of()
    ask(desk, "c1", 3.0)
    desk.engine.ask(LimitChangeWithdrawn("c1", "Grace", "not while the market falls"), desk.now_ns)
    desk.pass_time(DAY_S + 1)
    assert line(desk) == 2.0


@pytest.mark.parametrize("after_s", [0, DAY_S + 1])
def test_that_a_restart_stands_where_the_desk_stood(after_s: int) -> None:
    desk = desk_of()
    ask(desk, "c1", 3.0)
    desk.pass_time(after_s)
    again = desk.restarted()
    again.trade({"AAPL.US": 300.0})
    assert line(again) == line(desk) == (3.0 if after_s else 2.0)
    assert again.snapshot.pending_changes == desk.snapshot.pending_changes


def test_that_a_file_changed_by_hand_is_no_way_around_the_delay() -> None:
    desk = desk_of()
    again = Desk(desk.book, (replace(LEVERAGE, line=9.0),), journal=desk.journal, people=desk.people)
    again.trade({"AAPL.US": 300.0})
    assert line(again) == 2.0
    assert [change.after.line for change in again.snapshot.pending_changes if change.after] == [9.0]
    assert len(again.restarted().snapshot.pending_changes) == 1  # asked for once, not at every start


def test_that_without_a_name_or_a_reason_nothing_changes() -> None:
    desk = desk_of()
    n_rows = desk.journal.n_rows
    for person, reason in [("", REASON), ("Ada", "why not")]:
        (answer,) = ask(desk, "c1", 1.0, person, reason)
        assert isinstance(answer, RequestRejected)
    assert (desk.journal.n_rows, line(desk)) == (n_rows, 2.0)


def test_that_a_change_that_cannot_be_written_has_not_happened() -> None:
    desk = desk_of()
    desk.journal.fails = lambda kind: kind == "limit_change"
    (answer,) = ask(desk, "c1", 1.2)
    assert isinstance(answer, RequestRejected)
    assert "journal" in answer.reason
    desk.journal.fails = lambda _kind: False
    assert line(desk) == 2.0


def test_that_each_start_tells_every_limit_also_those_that_stand_in_no_file() -> None:
    desk = desk_of()
    relief = replace(
        LEVERAGE, limit_id="relief", line=1.5, stands_in_for="leverage", effective_from="2030-01-01T00:00:00Z"
    )
    relief = replace(relief, effective_until="2030-01-02T00:00:00Z")
    desk.engine.ask(LimitChangeAsked("c1", "relief", relief, "Ada", REASON), desk.now_ns)
    again = desk.restarted()
    again.engine.resume_actions((), again.now_ns)
    (told,) = [event for event in again.beat() if isinstance(event, LimitsChanged)]
    assert [limit.limit_id for limit in told.limits] == ["leverage", "relief"]
    assert not [event for event in again.beat() if isinstance(event, LimitsChanged)]
