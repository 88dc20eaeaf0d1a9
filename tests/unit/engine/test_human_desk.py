"""The rehearsed people look when they should, try again what was refused, and give up in the end."""

from dataclasses import replace

from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.decision import Decision
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.proposal import Plan, PlanLeg, Proposal, WhatIf
from plimsoll.domain.proposal_request import ProposalApproved, ProposalConfirmed, ProposalRejected
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.domain.protocol_terms import HumanModel
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.human_desk import FIRST, MOST_TRIES, SECOND, HumanDesk, rehearsal_people

S = NS_PER_S
STEADY = HumanModel(100.0, 0.0, 0.0, 0.0, 0.0, second_look_s=20.0)
LIMIT = Limit("var", "VaR", Measure.VAR, 1.0, Severity.HIGH)
BREACH = Breach("B-0001", LIMIT, "", BreachState.RAISED, 2.0, 2.0, 1, 1)


def standing(
    number: int = 1, state: ProposalState = ProposalState.OPEN, *, legs: int = 1
) -> ProposalStanding:
    leg = PlanLeg("A.US", -1, None, 1.0, 1, 1.0)
    plan = Plan("cut", (leg,) * legs)
    proposal = Proposal(f"P-{number}", "B-0001", "B-0001", "cut", plan, WhatIf(), WhatIf(), (), 0)
    return ProposalStanding(proposal, state, decision_id="D-1")


def desk(human: HumanModel = STEADY) -> HumanDesk:
    made = HumanDesk(human, seed=1)
    made.begin_day(5, 0)
    return made


def test_that_a_proposal_is_answered_after_the_reaction_and_confirmed_after_a_second_look() -> None:
    people = desk()
    people.hear(standing(), BREACH, 10 * S)
    assert people.next_ns == 110 * S
    assert people.act(109 * S) == []
    assert people.act(110 * S) == [ProposalApproved("H-P-1-0", "P-1", FIRST)]
    assert people.next_ns == 0
    people.hear(standing(1, ProposalState.AWAITS_SECOND), BREACH, 111 * S)
    assert people.next_ns == 131 * S
    assert people.act(131 * S) == [ProposalConfirmed("D-1", "P-1", SECOND)]
    people.hear(standing(1, ProposalState.APPROVED), BREACH, 132 * S)
    assert people.next_ns == 0
    assert {person.name for person in rehearsal_people().persons} == {FIRST, SECOND}


def test_that_a_plan_made_anew_under_their_eyes_is_looked_at_again() -> None:
    people = desk()
    people.hear(standing(1), BREACH, 0)
    people.hear(standing(1, ProposalState.OUTDATED), BREACH, 95 * S)
    people.hear(standing(2), BREACH, 95 * S)
    assert people.next_ns == 115 * S
    assert people.act(115 * S) == [ProposalApproved("H-P-2-0", "P-2", FIRST)]


def test_that_what_was_refused_is_tried_again_and_given_up_in_the_end() -> None:
    people = desk()
    people.hear(standing(), BREACH, 0)
    now_ns, tries = 100 * S, 0
    while people.next_ns:
        now_ns = people.next_ns
        (request,) = people.act(now_ns)
        people.refuse(request, now_ns)
        tries += 1
    assert tries == MOST_TRIES
    people.begin_day(6, now_ns)  # tomorrow they try again
    assert people.next_ns == now_ns + 100 * S


def test_that_who_was_absent_may_be_there_another_day() -> None:
    people = desk(replace(STEADY, absent_fraction=1.0))
    people.hear(standing(), BREACH, 0)
    assert people.next_ns == 0
    people._human = STEADY
    people.begin_day(6, 50 * S)
    assert people.next_ns == 150 * S
    people.forget(BREACH)
    assert people.next_ns == 0


def test_that_overriding_and_rejecting_end_a_matter() -> None:
    for shares, kind in (
        ({"override_fraction": 1.0}, Decision),
        ({"reject_fraction": 1.0}, ProposalRejected),
    ):
        people = desk(replace(STEADY, **shares))
        people.hear(standing(), BREACH, 0)
        (act,) = people.act(100 * S)
        assert isinstance(act, kind)
        assert len(act.reason) >= 10
        people.hear(standing(1, ProposalState.REJECTED), BREACH, 101 * S)
        people.hear(standing(2), BREACH, 102 * S)
        people.begin_day(6, 200 * S)
        assert people.next_ns == 0


def test_that_a_plan_that_trades_nothing_is_left_alone() -> None:
    people = desk()
    people.hear(standing(legs=0), BREACH, 0)
    assert people.next_ns == 0


def test_that_an_answer_comes_to_nothing_when_the_proposal_is_gone() -> None:
    people = desk()
    people.hear(standing(), BREACH, 0)
    people.hear(standing(1, ProposalState.OUTDATED), BREACH, 90 * S)
    assert people.act(100 * S) == []
