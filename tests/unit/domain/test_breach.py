import itertools
from dataclasses import replace

import pytest

from plimsoll.domain.breach import (
    OPEN_STATES,
    TRANSITIONS,
    UNANSWERED_STATES,
    Breach,
    BreachState,
    BreachStep,
    Driver,
    Evidence,
    state_after,
)
from plimsoll.domain.errors import IllegalTransition
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.domain.limit import Limit, Measure, Severity

S, T = BreachState, BreachStep
LIMIT = Limit("var", "VaR of NAV", Measure.VAR_FRACTION, 0.02, Severity.CRITICAL)


def breach(state: BreachState, member: str = "") -> Breach:
    return Breach("B-0001", LIMIT, member, state, 0.021, 0.022, 1, 2)


UNANSWERED = [S.RAISED, S.ESCALATED]


@pytest.mark.parametrize(
    ("states", "step", "after"),
    [
        (UNANSWERED, T.ESCALATE, S.ESCALATED),
        ([*UNANSWERED, S.SNOOZED], T.ACKNOWLEDGE, S.ACKNOWLEDGED),
        ([*UNANSWERED, S.ACKNOWLEDGED, S.SNOOZED], T.SNOOZE, S.SNOOZED),
        ([S.SNOOZED], T.WAKE, S.RAISED),
        ([*UNANSWERED, S.ACKNOWLEDGED, S.SNOOZED], T.OVERRIDE, S.OVERRIDDEN),
        ([S.OVERRIDDEN], T.EXPIRE, S.CLOSED),
        ([*UNANSWERED, S.ACKNOWLEDGED, S.SNOOZED, S.OVERRIDDEN, S.SUPERSEDED], T.EASE, S.EASED),
        ([S.EASED], T.WORSEN, S.RAISED),
        ([S.EASED], T.CLOSE, S.CLOSED),
        ([*UNANSWERED, S.ACKNOWLEDGED, S.SNOOZED, S.OVERRIDDEN], T.SUPERSEDE, S.SUPERSEDED),
        ([S.SUPERSEDED], T.RESUME, S.RAISED),
        (
            [*UNANSWERED, S.ACKNOWLEDGED, S.SNOOZED, S.OVERRIDDEN, S.SUPERSEDED, S.EASED],
            T.WITHDRAW,
            S.CLOSED,
        ),
    ],
)
def test_that_each_step_leads_where_the_drawing_says_and_from_nowhere_else(
    states: list[BreachState], step: BreachStep, after: BreachState
) -> None:
    for state in BreachState:
        if state in states:
            assert state_after(state, step) is after
        else:
            with pytest.raises(IllegalTransition, match=f"a breach that is {state} cannot {step}"):
                state_after(state, step)


def test_that_a_closed_breach_stays_closed() -> None:
    assert [key for key in TRANSITIONS.items() if key[0][0] is S.CLOSED] == [((S.CLOSED, T.FILE), S.CLOSED)]


def test_that_an_incident_is_filed_only_once_its_limit_holds_again_and_changes_nothing_else() -> None:
    for state in BreachState:
        if state in {S.EASED, S.CLOSED}:
            assert state_after(state, T.FILE) is state
        else:
            with pytest.raises(IllegalTransition, match=f"a breach that is {state} cannot file"):
                state_after(state, T.FILE)


def test_that_every_state_is_reached_and_every_step_leads_somewhere() -> None:
    assert set(TRANSITIONS.values()) == set(BreachState)
    assert {step for _, step in TRANSITIONS} == set(BreachStep)


def test_that_every_open_breach_can_end() -> None:
    reach = {state: {state} for state in BreachState}
    for _, (state, after) in itertools.product(
        range(len(BreachState)), [(s, a) for (s, _), a in TRANSITIONS.items()]
    ):
        reach[state] |= reach[after]
    assert all(S.CLOSED in reach[state] for state in BreachState)


def test_that_hiding_or_overriding_a_breach_leaves_it_counted_as_broken() -> None:
    assert {state for state in BreachState if breach(state).is_open} == OPEN_STATES
    assert breach(S.SNOOZED).is_open
    assert breach(S.OVERRIDDEN).is_open
    assert not breach(S.EASED).is_open
    assert not breach(S.CLOSED).is_open


def test_that_only_what_nobody_answered_asks_for_an_answer() -> None:
    assert {state for state in BreachState if breach(state).is_unanswered} == UNANSWERED_STATES
    assert UNANSWERED_STATES < OPEN_STATES


def test_that_a_closed_breach_of_a_storm_owes_its_incident_until_it_is_filed() -> None:
    closed = replace(breach(S.CLOSED), cause_id="C-0001")
    assert closed.is_unfiled
    assert not replace(closed, cause=IncidentCause.MARKET_MOVE, resolution=Resolution.HEDGED).is_unfiled
    assert not replace(closed, state=S.EASED).is_unfiled
    assert not breach(S.CLOSED).is_unfiled  # a row of old


def test_that_its_use_is_told_at_the_worst() -> None:
    assert breach(S.RAISED).use_fraction == pytest.approx(1.1)


def test_that_a_breach_of_one_of_many_names_the_member() -> None:
    assert breach(S.RAISED).title == "VaR of NAV"
    assert breach(S.RAISED, "Energy").title == "VaR of NAV · Energy"


def test_that_evidence_is_unknown_until_there_is_some() -> None:
    evidence = Evidence()
    assert evidence.nav_base != evidence.nav_base
    assert (evidence.drivers, evidence.values, evidence.n_instruments) == ((), (), 0)
    assert Driver("AAPL.US", 0.001, "price −3.1 %").code == "AAPL.US"
