"""Hysteresis, cool-down, snooze and override, each by its own sentence."""

import math
from dataclasses import replace

import pytest

from fakes.memory_journal import MemoryJournal
from fakes.trading_desk import OPEN_NS, Desk, S, book_of
from plimsoll.domain.breach import BreachState
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.domain.limit import Limit, LimitState, Measure, Scope, ScopeKind, Severity
from plimsoll.engine.events import BreachChanged, BreachRaised, DecisionRejected, DecisionTaken, Event
from plimsoll.engine.limit_watch import LIMIT_REMOVED, Instant

LEVERAGE = Limit("lev", "Leverage", Measure.GROSS_LEVERAGE, 2.0, Severity.HIGH)
HELD = {"GOLD": (10, 1650.0)}  # 1 000 ounces unfunded: gross = 1 000·P


def desk_of(limit: Limit = LEVERAGE, journal: MemoryJournal | None = None) -> Desk:
    desk = Desk(book_of(HELD, {"USD": 1_000_000.0}), (limit,), journal=journal or MemoryJournal())
    desk.trade(GOLD=1650.0)
    return desk


def leverage(desk: Desk, ratio: float) -> list[Event]:
    """Trade gold at the price that brings gross over NAV to `ratio`."""
    # 1000·P / (1e6 + 1000·(P − 1650)) = ratio
    return desk.trade(GOLD=ratio * (1_000_000 - 1_650_000) / 1000 / (1 - ratio))


def decide(desk: Desk, kind: DecisionKind, decision_id: str = "D-1", **facts: object) -> list[Event]:
    base = Decision(decision_id, kind, "B-0001", "Ada", "hedge executes soon", 0, math.inf, desk.now_ns)
    return desk.engine.decide(replace(base, **facts), desk.now_ns)  # type: ignore[arg-type]  by field name


def states(events: list[Event]) -> list[str]:
    return [str(e.breach.state) for e in events if isinstance(e, BreachRaised | BreachChanged)]


def ids(events: list[Event]) -> list[str]:
    return [e.breach.breach_id for e in events if isinstance(e, BreachRaised | BreachChanged)]


def test_that_a_crossed_line_raises_once_with_value_limit_time_and_evidence() -> None:
    desk = desk_of()
    (event,) = leverage(desk, 2.5)
    assert isinstance(event, BreachRaised)
    breach = event.breach
    assert breach.value == pytest.approx(2.5)
    assert (breach.limit, breach.member, breach.breach_id) == (LEVERAGE, "", "B-0001")
    assert (breach.raised_exchange_ns, breach.raised_received_ns) == (desk.exchange_ns, desk.now_ns)
    assert breach.evidence.nav_base == pytest.approx(desk.snapshot.nav)
    assert breach.evidence.drivers[0].code == "GOLD"
    assert event.heard_ns == desk.now_ns
    assert leverage(desk, 2.6) == []
    assert desk.snapshot.breaches[0].worst_value == pytest.approx(2.6)


def test_that_on_the_line_is_not_beyond_it() -> None:
    desk = Desk(book_of({"AAPL.US": (20_000, 100.0)}, {"USD": -1_000_000.0}), (LEVERAGE,))
    assert desk.trade({"AAPL.US": 100.0}) == []  # exactly 2.0
    assert desk.snapshot.limits[0].state is LimitState.NEAR
    assert states(desk.trade({"AAPL.US": 99.99})) == ["raised"]


def test_that_it_eases_only_below_the_reset_level_for_five_seconds_and_closes_after_the_cool_down() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    desk.pass_time(10)
    assert leverage(desk, 1.95) == []  # between reset (1.9) and line
    desk.pass_time(10)
    assert leverage(desk, 1.85) == []
    desk.pass_time(4.9)
    assert leverage(desk, 1.85) == []
    desk.pass_time(0.2)
    assert states(leverage(desk, 1.85)) == ["eased"]
    desk.pass_time(59)
    assert leverage(desk, 1.85) == []
    desk.pass_time(2)
    assert states(leverage(desk, 1.85)) == ["closed"]
    assert desk.snapshot.breaches == ()
    events = leverage(desk, 2.5)
    assert (states(events), ids(events)) == (["raised"], ["B-0002"])


def test_that_an_eased_breach_over_its_line_again_is_the_same_breach_at_once() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    leverage(desk, 1.5)
    desk.pass_time(6)
    assert states(leverage(desk, 1.5)) == ["eased"]
    events = leverage(desk, 3.0)
    assert (states(events), ids(events)) == (["raised"], ["B-0001"])


def test_that_an_eased_breach_does_not_close_between_reset_level_and_line() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    leverage(desk, 1.5)
    desk.pass_time(6)
    leverage(desk, 1.5)
    leverage(desk, 1.95)
    desk.pass_time(100)
    assert leverage(desk, 1.95) == []
    assert desk.snapshot.breaches[0].state is BreachState.EASED


@pytest.mark.parametrize("is_eased", [False, True])
def test_that_stale_prices_neither_ease_nor_close_a_breach(is_eased: bool) -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    leverage(desk, 1.5)
    if is_eased:
        desk.pass_time(6)
        leverage(desk, 1.5)
    decide(desk, DecisionKind.ACKNOWLEDGE)  # so that it does not escalate; refused where it has eased
    before = desk.snapshot.breaches[0].state
    for _ in range(20):
        desk.pass_time(20)
        assert states(desk.beat()) == []
    assert desk.snapshot.breaches[0].state is before
    assert desk.snapshot.limits[0].state is LimitState.UNKNOWN
    assert desk.snapshot.limits[0].reason == "prices are stale"


def test_that_acknowledged_breaches_stay_open_and_are_not_acknowledged_twice() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    taken, changed = decide(desk, DecisionKind.ACKNOWLEDGE)
    assert isinstance(taken, DecisionTaken)
    assert states([changed]) == ["acknowledged"]
    assert desk.snapshot.n_open_breaches == 1
    (refused,) = decide(desk, DecisionKind.ACKNOWLEDGE, "D-2")
    assert isinstance(refused, DecisionRejected)
    assert "acknowledged cannot acknowledge" in refused.reason
    assert desk.journal.kinds().count("decision") == 1


def test_that_a_snooze_ends_by_itself_and_stays_counted_meanwhile() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    decide(desk, DecisionKind.SNOOZE, until_ns=desk.now_ns + 30 * S)
    assert desk.snapshot.n_open_breaches == 1
    desk.pass_time(29.9)
    assert states(desk.beat()) == []
    desk.pass_time(0.2)
    assert states(desk.beat()) == ["raised"]
    assert desk.snapshot.breaches[0].until_ns == 0


def test_that_an_override_ends_at_its_time_and_raises_anew() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    decide(desk, DecisionKind.OVERRIDE, until_ns=desk.now_ns + 30 * S)
    assert desk.snapshot.n_open_breaches == 1
    desk.pass_time(31)
    events = leverage(desk, 2.5) + desk.beat()
    assert list(zip(states(events), ids(events), strict=True)) == [("closed", "B-0001"), ("raised", "B-0002")]


def test_that_an_override_ends_at_a_worse_level_and_raises_anew() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    decide(desk, DecisionKind.OVERRIDE, until_value=3.0)
    assert leverage(desk, 2.99) == []
    assert states(leverage(desk, 3.01)) == ["closed", "raised"]


def test_that_an_override_ends_at_the_day_roll_and_raises_anew() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    decide(desk, DecisionKind.OVERRIDE)
    desk.exchange_ns += 86_400 * S
    assert states(leverage(desk, 2.5)) == ["closed", "raised"]


def test_that_an_override_does_not_outlive_a_roll_during_which_the_desk_was_off() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    decide(desk, DecisionKind.OVERRIDE)
    same_day = desk.restarted()
    leverage(same_day, 2.5)
    assert same_day.snapshot.breaches[0].state is BreachState.OVERRIDDEN
    next_day = desk.restarted()
    next_day.exchange_ns += 86_400 * S
    assert states(leverage(next_day, 2.5)) == ["closed", "raised"]


def test_that_an_override_eases_like_any_breach() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    decide(desk, DecisionKind.OVERRIDE)
    leverage(desk, 1.0001)
    desk.pass_time(6)
    assert states(leverage(desk, 1.0001)) == ["eased"]


@pytest.mark.parametrize(
    ("kind", "facts", "reason"),
    [
        (DecisionKind.OVERRIDE, {"reason": "too short"}, "the reason had 9 characters, expected at least 10"),
        (DecisionKind.OVERRIDE, {"reason": "a" + " " * 20}, "the reason had 1 characters"),
        (DecisionKind.OVERRIDE, {"until_value": 2.4}, "must lie beyond the worst value so far"),
        (DecisionKind.OVERRIDE, {"until_value": math.nan}, "must lie beyond the worst value so far"),
        (DecisionKind.OVERRIDE, {"until_ns": 1}, "has passed already"),
        (DecisionKind.SNOOZE, {"until_ns": 1}, "has passed already"),
        (DecisionKind.SNOOZE, {"until_ns": 0}, "a snooze needs an end"),
        (DecisionKind.ACKNOWLEDGE, {"person": ""}, "nobody signed"),
        (DecisionKind.ACKNOWLEDGE, {"breach_id": "B-0009"}, "B-0009 is closed"),
    ],
)
def test_that_a_decision_that_may_not_stand_is_refused_with_its_reason(
    kind: DecisionKind, facts: dict[str, object], reason: str
) -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    n_rows, before = desk.journal.n_rows, desk.snapshot.breaches
    (refused,) = decide(desk, kind, **facts)
    assert isinstance(refused, DecisionRejected)
    assert reason in refused.reason
    assert (desk.journal.n_rows, desk.snapshot.breaches) == (n_rows, before)


def test_that_a_decision_is_carried_out_once_even_after_a_restart() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    until_ns = desk.now_ns + 600 * S
    decide(desk, DecisionKind.SNOOZE, until_ns=until_ns)
    for again in (desk, desk.restarted()):
        (refused,) = decide(again, DecisionKind.SNOOZE, until_ns=until_ns)
        assert isinstance(refused, DecisionRejected)
        assert "carried out already" in refused.reason
        assert again.snapshot.breaches[0].until_ns == until_ns


def test_that_breaches_and_their_numbers_survive_a_restart() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    decide(desk, DecisionKind.ACKNOWLEDGE)
    again = desk.restarted()
    assert again.snapshot.breaches == desk.snapshot.breaches
    again.trade(GOLD=1650.0)
    leverage(again, 1.0001)
    for _ in range(3):
        again.pass_time(61)
        leverage(again, 1.0001)
    assert again.snapshot.breaches == ()
    third = again.restarted()  # the closed one is closed for good
    third.trade(GOLD=1650.0)
    assert third.snapshot.breaches == ()
    assert ids(leverage(third, 2.5)) == ["B-0002"]


def test_that_an_eased_breach_serves_its_cool_down_again_after_a_restart() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    leverage(desk, 1.5)
    desk.pass_time(6)
    leverage(desk, 1.5)
    again = desk.restarted()
    assert leverage(again, 1.5) == []
    again.pass_time(59)
    assert leverage(again, 1.5) == []
    again.pass_time(2)
    assert states(leverage(again, 1.5)) == ["closed"]


def test_that_a_loosened_line_is_what_an_open_breach_eases_by() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    loosened = Desk(desk.book, (replace(LEVERAGE, line=4.0),), journal=desk.journal)
    assert loosened.snapshot.limits[0].limit.line == LEVERAGE.line  # loosening waits for a day
    loosened.pass_time(86_401)
    loosened.beat()
    leverage(loosened, 2.5)
    loosened.pass_time(6)
    assert states(leverage(loosened, 2.5)) == ["eased"]


@pytest.mark.parametrize("is_eased", [False, True])
def test_that_a_breach_of_a_limit_since_removed_is_closed_with_that_reason(is_eased: bool) -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    if is_eased:
        leverage(desk, 1.5)
        desk.pass_time(6)
        leverage(desk, 1.5)
    other = Desk(desk.book, (replace(LEVERAGE, limit_id="other", line=9.0),), journal=desk.journal)
    other.pass_time(86_401)  # removing loosens, and waits for a day
    event = next(each for each in (*other.beat(), *leverage(other, 1.5)) if isinstance(each, BreachChanged))
    assert isinstance(event, BreachChanged)
    assert (event.breach.state, event.breach.reason) == (BreachState.CLOSED, LIMIT_REMOVED)
    assert other.snapshot.breaches == ()
    assert other.restarted().beat() == []


TEMPORARY = replace(
    LEVERAGE, limit_id="relief", name="Relief", line=4.0, stands_in_for="lev",
    effective_from="2020-02-24T14:31:00Z", effective_until="2020-02-24T14:40:00Z",
)  # fmt: skip
"""One minute after the opening, for nine minutes."""


def relieved(answer: DecisionKind | None = DecisionKind.ACKNOWLEDGE) -> Desk:
    """Return a desk whose open breach was just superseded by a temporary limit."""
    desk = Desk(book_of(HELD, {"USD": 1_000_000.0}), (LEVERAGE, TEMPORARY))
    leverage(desk, 2.5)
    if answer is not None:
        assert isinstance(decide(desk, answer)[0], DecisionTaken)
    desk.pass_time(61)
    events = desk.beat()
    assert (states(events), ids(events)) == (["superseded"], ["B-0001"])
    return desk


@pytest.mark.parametrize("answer", [None, DecisionKind.ACKNOWLEDGE, DecisionKind.OVERRIDE])
def test_that_a_breach_outlives_the_temporary_limit_that_stands_in_for_its_own(
    answer: DecisionKind | None,
) -> None:
    desk = relieved(answer)
    (breach,) = desk.snapshot.breaches
    assert (desk.snapshot.n_open_breaches, breach.person) == (0, "")
    assert breach.reason == "the temporary limit 'Relief' stands in for it until 2020-02-24T14:40:00Z"
    desk.pass_time(300)
    assert states(leverage(desk, 0.9)) == []  # easy or grave, nobody judges it meanwhile
    assert states(leverage(desk, 3.9)) == []
    (refused,) = decide(desk, DecisionKind.SNOOZE, "D-2", until_ns=desk.now_ns + S)
    assert isinstance(refused, DecisionRejected)
    desk = desk.restarted()
    leverage(desk, 2.5)
    desk.pass_time(300)
    events = desk.beat()
    assert (states(events), ids(events)) == (["raised"], ["B-0001"])
    assert desk.snapshot.n_open_breaches == 1
    assert desk.snapshot.breaches[0].asked_ns == desk.now_ns


def test_that_a_superseded_breach_eases_when_its_limit_is_back_and_holds() -> None:
    desk = relieved()
    desk.pass_time(538)
    leverage(desk, 1.5)
    desk.pass_time(2)
    assert states(desk.beat()) == []
    assert states(leverage(desk, 1.5)) == []
    desk.pass_time(6)
    assert states(leverage(desk, 1.5)) == ["eased"]
    desk.pass_time(61)
    assert states(leverage(desk, 1.5)) == ["closed"]


def test_that_the_temporary_limit_raises_its_own_beside_the_superseded_one() -> None:
    desk = relieved()
    events = leverage(desk, 5.0)
    assert (states(events), ids(events)) == (["raised"], ["B-0002"])
    desk.pass_time(600)
    events = desk.beat()
    assert list(zip(ids(events), states(events), strict=True)) == [("B-0002", "closed"), ("B-0001", "raised")]


def test_that_an_eased_breach_waits_out_the_temporary_limit() -> None:
    desk = Desk(book_of(HELD, {"USD": 1_000_000.0}), (LEVERAGE, TEMPORARY))
    leverage(desk, 2.5)
    leverage(desk, 1.5)
    desk.pass_time(6)
    assert states(leverage(desk, 1.5)) == ["eased"]
    desk.pass_time(54)
    assert states(desk.beat()) == []
    desk.pass_time(120)
    assert states(leverage(desk, 1.5)) == []
    desk.pass_time(600)
    assert states(desk.beat()) == []
    assert states(leverage(desk, 2.5)) == ["raised"]


def test_that_a_breach_of_a_member_no_longer_held_is_closed_with_that_reason() -> None:
    limit = Limit("size", "Size", Measure.POSITION_SIZE, 1e5, Severity.HIGH, Scope(ScopeKind.INSTRUMENT))
    desk = Desk(book_of({"AAPL.US": (1000, 280.0), "XOM.US": (100, 55.0)}), (limit,))
    desk.trade({"AAPL.US": 300.0, "XOM.US": 55.0})
    sold = Desk(book_of({"XOM.US": (100, 55.0)}), (limit,), journal=desk.journal)
    (event,) = sold.trade({"XOM.US": 55.0})
    assert isinstance(event, BreachChanged)
    assert event.breach.state is BreachState.CLOSED
    assert "nothing is held there" in event.breach.reason


def test_that_the_worst_member_is_shown_and_an_unknown_one_outranks_a_fine_one() -> None:
    limit = Limit("size", "Size", Measure.POSITION_SIZE, 1e6, Severity.HIGH, Scope(ScopeKind.INSTRUMENT))
    desk = Desk(book_of({"AAPL.US": (1000, 280.0), "XOM.US": (-2000, 55.0)}), (limit,))
    desk.trade({"AAPL.US": 300.0})
    (status,) = desk.snapshot.limits
    assert (status.state, status.reason) == (LimitState.UNKNOWN, "a price is missing")
    desk.trade({"XOM.US": 60.0})
    (status,) = desk.snapshot.limits
    assert (status.member, status.state) == ("AAPL.US", LimitState.FINE)
    assert status.use_fraction == pytest.approx(0.3)
    desk.trade({"XOM.US": 600.0})
    (status,) = desk.snapshot.limits
    assert (status.member, status.state) == ("XOM.US", LimitState.OVER)
    assert status.use_fraction == pytest.approx(1.2)


def test_that_over_by_a_stale_price_is_still_over() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    desk.pass_time(60)
    desk.beat()
    assert desk.snapshot.limits[0].state is LimitState.OVER


def test_that_a_limit_on_nothing_held_is_unknown_and_says_so() -> None:
    each = Limit("s", "Sector", Measure.GROSS_WEIGHT, 0.5, Severity.HIGH, Scope(ScopeKind.SECTOR))
    for limit in (each, replace(each, scope=Scope(ScopeKind.SECTOR, "Energy"))):
        desk = Desk(book_of({}), (limit,))
        desk.beat()
        (status,) = desk.snapshot.limits
        assert (status.state, status.reason) == (LimitState.UNKNOWN, "nothing is held there")


def test_that_a_passing_excursion_between_two_frames_raises() -> None:
    limit = Limit("dd", "Drawdown", Measure.DRAWDOWN, 0.05, Severity.CRITICAL)
    desk = Desk(book_of({"AAPL.US": (1000, 280.0)}, {"USD": 0.0}), (limit,))
    desk.trade({"AAPL.US": 100.0})
    events = desk.apply([desk.row("AAPL.US", price) for price in (94.0, 100.0)])
    assert states(events) == ["raised"]
    assert desk.snapshot.drawdown == 0.0
    kinds = desk.journal.kinds()
    assert kinds.index("high_water_mark") < kinds.index("breach_raised")


def test_that_a_measure_crossing_its_line_a_thousand_times_in_a_minute_raises_one_breach() -> None:
    desk = desk_of()
    told = []
    for crossing in range(1_000):
        told += leverage(desk, 2.1)
        desk.pass_time(0.03)
        told += leverage(desk, 1.99 if crossing % 2 else 1.5)
        desk.pass_time(0.03)
    assert [event for event in told if isinstance(event, BreachRaised)] == told
    assert len(told) == 1
    assert desk.journal.kinds().count("breach_raised") == 1
    assert "breach_changed" not in desk.journal.kinds()


def test_that_a_bad_print_raises_nothing_where_the_limit_asks_for_two_updates() -> None:
    desk = desk_of(replace(LEVERAGE, confirm_updates=2, confirm_of=3))
    for ratio in (1.6, 5.0, 1.61, 1.6, 1.62):
        assert leverage(desk, ratio) == []
        desk.pass_time(0.1)
    assert leverage(desk, 2.5) == []
    assert states(leverage(desk, 2.6)) == ["raised"]


def test_that_a_bad_print_does_not_worsen_an_eased_breach() -> None:
    desk = desk_of(replace(LEVERAGE, confirm_updates=2, confirm_of=2))
    leverage(desk, 2.5)
    leverage(desk, 2.6)
    leverage(desk, 1.5)
    desk.pass_time(6)
    assert states(leverage(desk, 1.5)) == ["eased"]
    desk.pass_time(59)
    assert leverage(desk, 5.0) == []
    desk.pass_time(2)
    assert states(leverage(desk, 1.5)) == ["closed"]


def test_that_a_breach_nobody_answers_escalates_on_its_schedule_and_is_journalled() -> None:
    desk = desk_of(replace(LEVERAGE, severity=Severity.CRITICAL))
    leverage(desk, 2.5)
    levels = []
    for _ in range(70):
        desk.pass_time(10)
        events = desk.beat()
        assert set(states(events)) <= {"escalated"}
        levels += [event.breach.escalation for event in events if isinstance(event, BreachChanged)]
    assert levels == [1, 2, 3]
    rows = list(desk.journal.rows(("breach_changed",)))
    assert [row.body["escalation"] for row in rows] == [1, 2, 3]
    assert [(row.received_time_ns - OPEN_NS) // S for row in rows] == [60, 180, 600]
    assert desk.snapshot.n_open_breaches == 1


def test_that_who_has_acknowledged_is_left_in_peace() -> None:
    desk = desk_of(replace(LEVERAGE, severity=Severity.CRITICAL))
    leverage(desk, 2.5)
    desk.pass_time(61)
    assert states(desk.beat()) == ["escalated"]
    decide(desk, DecisionKind.ACKNOWLEDGE)
    desk.pass_time(86_000)
    assert states(desk.beat()) == []
    assert desk.snapshot.breaches[0].escalation == 1


def test_that_a_breach_that_wakes_asks_anew_from_the_bottom() -> None:
    desk = desk_of(replace(LEVERAGE, severity=Severity.CRITICAL))
    leverage(desk, 2.5)
    desk.pass_time(61)
    desk.beat()
    decide(desk, DecisionKind.SNOOZE, until_ns=desk.now_ns + 600 * S)
    desk.pass_time(600)
    assert states(desk.beat()) == ["raised"]
    assert desk.snapshot.breaches[0].escalation == 0
    desk.pass_time(59)
    assert desk.beat() == []
    desk.pass_time(1)
    assert states(desk.beat()) == ["escalated"]


def test_that_escalation_goes_on_over_a_restart() -> None:
    desk = desk_of(replace(LEVERAGE, severity=Severity.CRITICAL))
    leverage(desk, 2.5)
    desk.pass_time(61)
    desk.beat()
    again = desk.restarted()
    assert again.snapshot.breaches == desk.snapshot.breaches
    assert again.beat() == []
    again.pass_time(700)  # nobody was there for the level between
    (event,) = again.beat()
    assert isinstance(event, BreachChanged)
    assert event.breach.escalation == 3


def test_that_breaches_of_one_batch_have_one_cause_and_are_each_journalled() -> None:
    limit = Limit("size", "Size", Measure.POSITION_SIZE, 1e5, Severity.HIGH, Scope(ScopeKind.INSTRUMENT))
    desk = Desk(book_of({"AAPL.US": (1000, 280.0), "XOM.US": (-9000, 55.0)}), (limit, LEVERAGE))
    events = desk.trade({"AAPL.US": 300.0, "XOM.US": 60.0})
    causes = [event.breach.cause_id for event in events if isinstance(event, BreachRaised)]
    assert causes == ["C-0001", "C-0001"]
    assert desk.journal.kinds().count("breach_raised") == 2
    desk.pass_time(10)
    (later,) = desk.trade({"XOM.US": 110.0})
    assert isinstance(later, BreachRaised)
    assert later.breach.cause_id == "C-0003"


CLOSING = {
    "cause": IncidentCause.MARKET_MOVE,
    "resolution": Resolution.REDUCED,
    "comment": "sold half of the gold",
}


def closed_desk() -> Desk:
    """Return a desk whose only breach has eased and closed."""
    desk = desk_of()
    leverage(desk, 2.5)
    for _ in range(3):
        leverage(desk, 1.5)
        desk.pass_time(61)
    assert desk.snapshot.breaches == ()
    return desk


def test_that_a_closed_breach_owes_its_incident_until_it_is_filed_even_over_a_restart() -> None:
    desk = closed_desk().restarted()
    watch = desk.engine._watch
    assert [breach.breach_id for breach in watch.unfiled] == ["B-0001"]
    _, changed = decide(desk, DecisionKind.CLOSE_INCIDENT, **CLOSING)
    assert isinstance(changed, BreachChanged)
    breach = changed.breach
    assert (breach.state, breach.cause, breach.resolution) == (
        BreachState.CLOSED,
        IncidentCause.MARKET_MOVE,
        Resolution.REDUCED,
    )
    assert (breach.comment, breach.person) == ("sold half of the gold", "Ada")
    for later in (desk, desk.restarted()):
        assert later.engine._watch.unfiled == ()
        (refused,) = decide(later, DecisionKind.CLOSE_INCIDENT, "D-2", **CLOSING)
        assert isinstance(refused, DecisionRejected)


def test_that_an_incident_may_be_filed_while_it_cools_down_and_not_while_it_is_open() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    (refused,) = decide(desk, DecisionKind.CLOSE_INCIDENT, **CLOSING)
    assert isinstance(refused, DecisionRejected)
    assert "raised cannot file" in refused.reason
    leverage(desk, 1.5)
    desk.pass_time(6)
    leverage(desk, 1.5)
    assert states(decide(desk, DecisionKind.CLOSE_INCIDENT, **CLOSING)) == ["eased"]
    desk.pass_time(61)
    leverage(desk, 1.5)
    assert desk.snapshot.breaches == ()
    assert desk.engine._watch.unfiled == ()


def test_that_an_incident_that_goes_on_after_it_was_filed_is_open_again() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    leverage(desk, 1.5)
    desk.pass_time(6)
    leverage(desk, 1.5)
    decide(desk, DecisionKind.CLOSE_INCIDENT, **CLOSING)
    leverage(desk, 2.5)
    (breach,) = desk.snapshot.breaches
    assert (breach.state, breach.cause, breach.resolution, breach.comment) == (
        BreachState.RAISED,
        None,
        None,
        "",
    )


def test_that_filing_an_older_incident_leaves_the_open_breach_of_the_same_limit_alone() -> None:
    desk = closed_desk()
    leverage(desk, 2.5)
    decide(desk, DecisionKind.CLOSE_INCIDENT, **CLOSING)
    for each in (desk, desk.restarted()):
        assert [(b.breach_id, b.state) for b in each.snapshot.breaches] == [("B-0002", BreachState.RAISED)]


def test_that_a_rule_tells_when_it_was_evaluated_and_when_it_fired() -> None:
    dead = Limit("es", "Shortfall", Measure.ES, 1.0, Severity.HIGH)  # no history: never known
    desk = Desk(book_of(HELD, {"USD": 1_000_000.0}), (LEVERAGE, dead))
    leverage(desk, 2.5)
    fired_ns = desk.now_ns
    desk.pass_time(1)
    leverage(desk, 2.6)
    lived, never = desk.engine._watch.rules(desk.now_ns)
    assert (lived.last_evaluated_ns, lived.last_fired_ns) == (desk.now_ns, fired_ns)
    assert (lived.n_fired_in_week, lived.n_fired) == (1, 1)
    assert (never.last_evaluated_ns, never.last_fired_ns, never.n_fired) == (0, 0, 0)
    restored, _ = desk.restarted().engine._watch.rules(desk.now_ns)
    assert (restored.last_evaluated_ns, restored.last_fired_ns, restored.n_fired) == (0, fired_ns, 1)


def test_that_limits_may_be_exchanged_while_the_desk_runs() -> None:
    desk = desk_of()
    leverage(desk, 2.5)
    watch, evidence = desk.engine._watch, desk.engine._judge._evidence
    tighter = replace(LEVERAGE, limit_id="new", line=1.2)
    watch.take_limits((tighter,))
    evidence.take_limits((tighter,))
    assert watch.statuses == ()
    events = leverage(desk, 1.5)
    assert list(zip(states(events), ids(events), strict=True)) == [("closed", "B-0001"), ("raised", "B-0002")]


def test_that_a_breach_is_never_told_to_have_been_heard_after_its_oldest_tick() -> None:
    desk = desk_of()
    watch, evidence = desk.engine._watch, desk.engine._judge._evidence
    desk.engine._journal.fails = lambda kind: kind == "breach_raised"
    leverage(desk, 2.5)
    desk.engine._journal.fails = lambda _kind: False
    told: list[Event] = []
    watch.judge(
        Instant(desk.exchange_ns, desk.now_ns, desk.now_ns - 7), evidence, told.append, has_ticks=True
    )
    (event,) = told
    assert isinstance(event, BreachRaised)
    assert event.heard_ns == event.breach.heard_ns == desk.now_ns - 7
