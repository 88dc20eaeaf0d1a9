"""What the journal tells a report, row by row: nothing counted twice, nothing lost for another's fault."""

from dataclasses import replace

import pytest

from fakes.memory_journal import MemoryJournal
from fakes.snapshot_maker import START_NS, make_breach, make_limits
from plimsoll.domain.breach import BreachState
from plimsoll.domain.limit_change import ChangeState, LimitChange
from plimsoll.engine.breach_record import body_of, change_of
from plimsoll.engine.limit_record import body_of_change, body_of_limits
from plimsoll.engine.report_past import JournalPast, past_of

BREACH = make_breach(1, make_limits()[0], 1.0)
FOREVER_NS = 2**62


def read(*rows: tuple[str, dict[str, object]], until_ns: int = FOREVER_NS) -> JournalPast:
    journal = MemoryJournal("live")
    for place, (kind, body) in enumerate(rows):
        journal.append(kind, body, exchange_time_ns=START_NS + place, received_time_ns=START_NS, person="ana")
    return past_of(journal.rows(), until_ns)


def stands(state: BreachState, **changes: object) -> tuple[str, dict[str, object]]:
    return "breach_changed", change_of(replace(BREACH, state=state, **changes))  # type: ignore[arg-type]


def test_that_an_override_counts_once_however_often_it_is_told() -> None:
    past = read(
        ("breach_raised", body_of(BREACH)),
        stands(BreachState.OVERRIDDEN),
        stands(BreachState.OVERRIDDEN, worst_value=2.0),
        stands(BreachState.RAISED),
        stands(BreachState.OVERRIDDEN),
    )
    (found,) = past.breaches.values()
    assert (found.n_overrides, found.ended_ns, found.raised_ns) == (2, 0, START_NS)


def test_that_filing_a_closed_breach_does_not_move_its_end() -> None:
    past = read(("breach_raised", body_of(BREACH)), stands(BreachState.CLOSED), stands(BreachState.CLOSED))
    assert past.breaches[BREACH.breach_id].ended_ns == START_NS + 1


def test_that_a_breach_raised_before_the_journal_began_is_still_known() -> None:
    past = read(stands(BreachState.EASED))
    assert past.breaches[BREACH.breach_id].raised_ns == BREACH.raised_exchange_ns
    assert past.n_fired[BREACH.limit.limit_id] == 0


def test_that_rows_from_an_instant_on_are_left_out() -> None:
    past = read(("breach_raised", body_of(BREACH)), stands(BreachState.CLOSED), until_ns=START_NS + 1)
    assert past.breaches[BREACH.breach_id].ended_ns == 0
    assert past.n_rows == 1


def test_that_another_book_begins_anew() -> None:
    past = read(
        ("high_water_mark", {"high_water_mark": 9.0, "nav": 8.0}),
        ("day_roll", {"nav": 8.0, "day": 1}),
        ("book", {"fingerprint": "EUR|AAPL.US=1@1|", "name": "second"}),
    )
    assert (past.days, past.book_name, past.base_currency) == ([], "second", "EUR")
    assert past.high_water_mark != past.high_water_mark


def test_that_a_roll_of_an_older_form_belongs_to_the_day_it_was_written() -> None:
    (end,) = read(("day_roll", {"nav": 8.0})).days
    assert end.day == START_NS // 86_400_000_000_000


def test_that_a_changed_limit_is_an_act_and_stands_as_changed() -> None:
    before, after = BREACH.limit, replace(BREACH.limit, line=BREACH.limit.line / 2.0)
    change = LimitChange(
        "c1", before.limit_id, "ana", "calmer", before, after, after, 1, 1, ChangeState.ACTED, decided_ns=1
    )
    past = read(("limits_taken", body_of_limits((before,))), ("limit_change", body_of_change(change)))
    (act,) = past.acts.values()
    assert (act.kind, act.person, act.about, act.words) == ("limit change", "ana", before.limit_id, "calmer")
    assert past.register.limits(FOREVER_NS) == (after,)


@pytest.mark.parametrize(
    ("state", "n_executed"),
    [("approved", 1), ("changed", 1), ("executed_alone", 1), ("rejected", 0), ("outdated", 0)],
)
def test_that_a_response_is_tried_only_when_orders_went_out(state: str, n_executed: int) -> None:
    proposal = {"proposal_id": "P", "response": "hedge", "planner": "p", "words": "", "legs": [], "later": []}
    past = read(("proposal", proposal), ("proposal_decision", {"proposal_id": "P", "state": state}))
    assert (past.responses["hedge"].n_proposed, past.responses["hedge"].n_executed) == (1, n_executed)
    assert past.acts["proposal-P"].result == state.replace("_", " ")


def test_that_an_order_is_one_line_with_its_newest_state() -> None:
    order = {"client_id": "c", "code": "X", "quantity": "-2100.5", "limit_price": None, "filled": "0"}
    past = read(
        ("order", {**order, "state": "sent"}), ("order", {**order, "state": "lost", "reason": "silence"})
    )
    (act,) = past.acts.values()
    assert (act.words, act.result) == ("−2,100.5 of X", "lost, 0 filled: silence")
    assert act.at_ns == START_NS


def test_that_a_kill_counts_as_a_drill_only_when_it_was_one() -> None:
    step = {"step": "asked", "scope": "book", "words": ""}
    assert read(("kill", {**step, "is_drill": False})).drilled_ns == 0
    assert read(("kill", {**step, "is_drill": True})).drilled_ns == START_NS


@pytest.mark.parametrize(
    "kind", ["breach_raised", "order", "proposal", "day_figures", "book_event", "day_roll"]
)
def test_that_a_row_that_cannot_be_read_is_counted(kind: str) -> None:
    past = read((kind, {"quantity": "x", "client_id": "c", "nav": {}, "code": ""}))
    assert (past.n_rows, past.n_unread) == (1, 1)
