import time
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fakes.proposal_maker import LEGS, make_standing
from fakes.proposal_scene import LEFT, QUICK_MS, REASON, VAR, OpenScene, Scene
from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import BreachState
from plimsoll.domain.decision import DecisionKind
from plimsoll.domain.order import OrderState
from plimsoll.domain.proposal_request import (
    ProposalApproved,
    ProposalAsked,
    ProposalConfirmed,
    ProposalRejected,
)
from plimsoll.domain.proposal_standing import ProposalState
from plimsoll.engine.events import BreachChanged, RequestRejected, RequestTaken
from plimsoll.widgets.deliberate_button import DeliberateButton
from plimsoll.widgets.proposal_acts import CONFIRM

STRAY = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Escape)


@pytest.mark.parametrize("by", ["mouse", "key"])
def test_that_the_plan_as_proposed_is_approved_by_a_hold(scene: Scene, by: str) -> None:
    scene.hold(by)
    (request,) = scene.requests
    assert isinstance(request, ProposalApproved)
    assert (request.proposal_id, request.option, request.quantities, request.person) == ("PR-1", 0, (), "ana")
    assert not scene.acts.approve.isEnabled(), "it can be asked for twice"
    scene.model.take_event(RequestRejected(request, "the book has changed since"))
    assert scene.dialog.foot.rejection.text() == "Not done: the book has changed since"
    assert not scene.acts.approve.is_armed


@pytest.mark.parametrize("key", STRAY)
def test_that_no_stray_key_decides_anything_wherever_the_focus_is(scene: Scene, key: Qt.Key) -> None:
    scene.arm()
    scene.dialog.reason_field.setText(REASON)
    page = scene.card.page
    fields = [row.field for row in page.legs.rows]
    places = (scene.dialog, scene.dialog.reason_field, page.effects, *fields, *scene.card.tabs.buttons())
    for place in (*places, *scene.dialog.findChildren(DeliberateButton)):
        place.setFocus()
        QTest.keyClick(place, key)
    QTest.qWait(QUICK_MS)
    assert scene.requests == []
    assert scene.decisions == []
    assert scene.dialog.isVisible()


def test_that_a_hold_under_way_ends_when_the_proposal_is_replaced(scene: Scene, qtbot: QtBot) -> None:
    scene.arm()
    QTest.mousePress(scene.acts.approve, LEFT)
    qtbot.waitUntil(lambda: scene.acts.approve.progress > 0.0)
    scene.stand(make_standing(VAR, proposal_id="PR-2"))
    assert not scene.acts.approve.is_held
    QTest.qWait(2 * QUICK_MS)
    assert scene.requests == []


def test_that_what_has_expired_cannot_be_approved_but_worked_out_again(open_dialog: OpenScene) -> None:
    scene = open_dialog()
    now_ns = time.time_ns()
    scene.stand(make_standing(VAR, made_ns=now_ns - 10**9, expires_ns=now_ns - 1))
    scene.dialog._show_live()
    assert scene.dialog._clock.words.text() == "Has expired"
    assert not scene.acts.approve.isEnabled()
    scene.press(scene.acts.again, "key")
    assert scene.requests == [ProposalAsked(VAR.breach_id, "ana")]


@pytest.mark.parametrize("by", ["mouse", "key"])
def test_that_a_rejection_needs_a_reason_and_is_asked_for(scene: Scene, by: str) -> None:
    scene.press(scene.acts.reject, by)
    assert scene.requests == []
    scene.dialog.reason_field.setText(REASON)
    scene.press(scene.acts.reject, by)
    (request,) = scene.requests
    assert isinstance(request, ProposalRejected)
    assert (request.proposal_id, request.person, request.reason) == ("PR-1", "ana", REASON)
    scene.stand(replace(scene.card.standing, state=ProposalState.REJECTED, person="ana", words=REASON))
    assert scene.card.standing_line.text() == "Rejected by ana. The desk agreed to it."
    assert not scene.acts.approve.isVisible()


def test_that_two_persons_are_refused_without_people_and_it_says_why(open_dialog: OpenScene) -> None:
    scene = open_dialog()
    scene.stand(make_standing(VAR, needs_two_persons=True))
    assert not scene.acts.approve.isEnabled()
    assert "There is no people.toml" in scene.dialog.foot._two_persons.text()


@pytest.mark.parametrize("by", ["mouse", "key"])
def test_that_the_second_person_confirms_what_the_first_approved(
    open_dialog: OpenScene, sign: PeopleSign, by: str
) -> None:
    scene = open_dialog(sign)
    standing = scene.stand(make_standing(VAR, needs_two_persons=True))
    assert "Two persons" in scene.dialog.foot._two_persons.text()
    scene.hold(by)
    assert scene.requests == [], "it went out without a signature"
    scene.sign("1815")
    request = scene.requests[0]
    assert isinstance(request, ProposalApproved)
    assert request.person == "ana"
    decided = replace(
        standing, state=ProposalState.AWAITS_SECOND, person="ana", decision_id=request.decision_id,
        decided=standing.proposal.plan,
    )  # fmt: skip
    scene.stand(decided)
    assert scene.acts.approve.text() == CONFIRM
    assert "waits for a second person" in scene.card.standing_line.text()
    assert all(row.field is None for row in scene.card.page.legs.rows), "it can still be changed"
    scene.hold(by)
    signing = scene.dialog.foot.signing.dialog
    assert signing.row.person == "ben"
    assert signing.row.name.findText("ana") == -1
    scene.sign("0000")
    assert len(scene.requests) == 1
    scene.sign("2718")
    assert scene.requests[1] == ProposalConfirmed(request.decision_id, "PR-1", "ben")


def test_that_the_second_person_sees_the_changed_quantities_in_a_window_opened_anew(
    open_dialog: OpenScene, sign: PeopleSign, model: RiskModel
) -> None:
    standing = make_standing(VAR, needs_two_persons=True)
    legs = (LEGS[0], replace(LEGS[2], quantity=Decimal(-100)))
    changed = replace(standing.proposal.plan, legs=legs)
    model.proposals[VAR.breach_id] = replace(
        standing, state=ProposalState.AWAITS_SECOND, person="ana", decision_id="D-1", decided=changed
    )
    scene = open_dialog(sign)
    wanted = (("USDJPY", Decimal(0)), ("MSFT.US", Decimal(-100)))
    scene.wait_for_question(wanted)
    assert not scene.acts.approve.isEnabled()
    scene.answer()
    assert scene.acts.approve.isEnabled()
    shown = scene.card.draft.shown.plan
    assert {leg.code: leg.quantity for leg in shown.legs} == {leg.code: leg.quantity for leg in legs}


@pytest.mark.parametrize(
    ("word", "kind"), [("acknowledge", DecisionKind.ACKNOWLEDGE), ("override", DecisionKind.OVERRIDE)]
)
def test_that_decisions_carry_the_name_that_signed_them(
    open_dialog: OpenScene, sign: PeopleSign, word: str, kind: DecisionKind
) -> None:
    scene = open_dialog(sign)
    scene.stand(make_standing(VAR))
    scene.dialog.reason_field.setText(REASON)
    scene.press(getattr(scene.dialog.foot, word))
    assert scene.decisions == []
    signing = scene.dialog.foot.signing.dialog
    signing.row.name.setCurrentText("ben")
    scene.sign("2718")
    assert [(d.kind, d.person, d.breach_id) for d in scene.decisions] == [(kind, "ben", VAR.breach_id)]


def test_that_a_snooze_is_signed_too(open_dialog: OpenScene, sign: PeopleSign) -> None:
    scene = open_dialog(sign)
    scene.dialog.foot.snooze_menu.actions()[0].trigger()
    assert scene.decisions == []
    scene.sign("1815")
    assert [(d.kind, d.person) for d in scene.decisions] == [(DecisionKind.SNOOZE, "ana")]


def test_that_a_signature_asked_for_a_proposal_of_before_is_taken_back(
    open_dialog: OpenScene, sign: PeopleSign, qtbot: QtBot
) -> None:
    scene = open_dialog(sign)
    scene.stand(make_standing(VAR))
    scene.hold()
    assert scene.dialog.foot.signing.dialog is not None
    scene.stand(make_standing(VAR, proposal_id="PR-2"))
    qtbot.waitUntil(lambda: scene.dialog.foot.signing.dialog is None)
    assert scene.requests == []


def test_that_approved_orders_are_followed_to_their_end_with_before_and_after(
    open_dialog: OpenScene, model: RiskModel
) -> None:
    scene = open_dialog()
    standing = scene.stand(make_standing(VAR))
    decided = replace(
        standing, state=ProposalState.APPROVED, person="ana", decision_id="D-1",
        decided=standing.proposal.plan,
    )  # fmt: skip
    scene.stand(decided)
    scene.orders(OrderState.FILLED, OrderState.WORKING, OrderState.SENT)
    outcome, wait = scene.card.outcome, scene.qtbot.waitUntil
    assert not outcome.closing.isVisible(), "one that is filled is not all of them"
    wait(lambda: outcome.isVisible() and "working" in outcome.rows.accessibleDescription())
    assert not outcome.closing.isVisible()
    model.take_event(BreachChanged(replace(VAR, state=BreachState.ACKNOWLEDGED)))
    assert scene.dialog.isVisible(), "the window went before its orders had ended"
    scene.orders(OrderState.FILLED, OrderState.FILLED, OrderState.REJECTED)
    wait(outcome.closing.isVisible)
    assert "outside the price band" in outcome.rows.accessibleDescription()
    assert "$412,380 before" in outcome.closing.text()
    assert "still beyond its line of $400,000" in outcome.closing.text()
    model.take_snapshot(make_snapshot(step=1))
    scene.dialog._show_live()
    assert "within its line" in outcome.closing.text()
    assert outcome._counts.text() == "3 orders: 2 filled, 1 rejected"
    scene.stand(make_standing(VAR, proposal_id="PR-2", made_ns=time.time_ns()))
    assert scene.card.notice.text().startswith("A further plan")
    QTest.mouseClick(scene.tab("Orders"), LEFT)
    assert outcome.isVisible(), "a further plan hides the orders that went out"
    assert not scene.acts.approve.isEnabled()
    QTest.mouseClick(scene.tab("Minimum variance hedge"), LEFT)
    assert scene.acts.approve.isEnabled()


def test_that_a_request_taken_lets_go_of_the_wait_and_uses_up_its_reason(scene: Scene) -> None:
    scene.dialog.reason_field.setText(REASON)
    scene.hold()
    scene.model.take_event(RequestTaken(scene.requests[0]))
    assert "has not answered" not in scene.acts.why_not
    assert scene.dialog.reason_field.text() == ""


def test_that_people_who_come_late_can_sign_in_the_open_dialog(
    open_dialog: OpenScene, sign: PeopleSign
) -> None:
    scene = open_dialog()
    scene.stand(make_standing(VAR, needs_two_persons=True))
    assert not scene.acts.approve.isEnabled()
    scene.dialog.foot.join(sign)
    assert scene.acts.approve.isEnabled()
    assert "Two persons" in scene.dialog.foot._two_persons.text()
    scene.hold()
    assert scene.dialog.foot.signing.dialog is not None
