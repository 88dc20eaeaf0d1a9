import time
from dataclasses import replace
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fakes.proposal_maker import LEGS, counting_down, make_proposal, make_standing, make_what_if
from fakes.proposal_scene import LEFT, REASON, VAR, OpenScene, Scene
from fakes.snapshot_maker import make_breaches
from plimsoll.domain.breach import BreachState
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState


def test_that_without_a_proposal_the_dialog_shows_the_limits_and_no_approval(open_dialog: OpenScene) -> None:
    scene = open_dialog()
    assert scene.card is None
    assert scene.dialog._limits_now.isVisible()
    assert not scene.acts.approve.isVisible()
    assert not scene.acts.reject.isVisible()
    assert scene.dialog.foot.acknowledge.text() == "&Acknowledge"


def test_that_a_proposal_comes_into_the_open_dialog_with_all_there_is_to_know(open_dialog: OpenScene) -> None:
    scene = open_dialog()
    proposal = make_proposal(VAR, needs_two_persons=False)
    warned = replace(proposal.plan, warnings=("the target is missed by 2 %",), left_out=("700.HK",))
    what_if = replace(proposal.what_if, newly_broken=("Gross leverage",), newly_unknown=("Exit in 1 day",))
    scene.stand(ProposalStanding(replace(proposal, plan=warned, what_if=what_if)))
    page = scene.card.page
    assert [row.leg.code for row in page.legs.rows] == [leg.code for leg in LEGS]
    assert [button.text() for button in scene.card.tabs.buttons()] == [
        "Minimum variance hedge", "Cheapest cut", "Limits now",
    ]  # fmt: skip
    assert len(page.effects.rows) == len(proposal.what_if.effects)
    assert page.effects.rows[0].limit.limit_id == "var"
    assert "newly breaks Gross leverage" in page.broken.text()
    assert "nobody could judge Exit in 1 day" in page.broken.text()
    said = " ".join(label.text() for label in (page._cost, page._caution, page._rest))
    for words in (
        "$221 (1.4 bp",
        "0.1\N{NO-BREAK SPACE}%",
        "$1,946,000",
        "missed by 2 %",
        "Left out: 700.HK",
        "waits",
    ):
        assert words in said, words
    assert scene.acts.approve.text() == "Hold to approve 3 orders"
    assert scene.dialog._clock.words.text().startswith("Good for 1")
    assert [scene.dialog.foot.override.text(), scene.dialog.foot.acknowledge.text()] == [
        "&Override: do nothing", "&Acknowledge only",
    ]  # fmt: skip


def test_that_a_countdown_says_when_it_acts_and_what_stops_it(open_dialog: OpenScene) -> None:
    scene = open_dialog()
    scene.stand(ProposalStanding(counting_down(make_proposal(VAR))))
    scene.dialog._show_live()
    assert scene.dialog._clock.words.text() in ("Executes in 42 s", "Executes in 41 s")
    assert scene.dialog._clock._below.text() == "unless you override or reject"
    assert "the 3 orders go out" in scene.card.page._rest.text()


def test_that_a_changed_quantity_is_asked_about_and_approved_only_with_its_own_answer(scene: Scene) -> None:
    scene.dialog.reason_field.setText(REASON)
    scene.type_in("MSFT.US", "100")
    assert scene.card.page.state.text() == "recomputing…"
    assert not scene.acts.approve.isEnabled()
    scene.wait_for_question((("MSFT.US", Decimal(-100)),))
    scene.type_in("MSFT.US", "150")
    scene.answer()  # of the quantity before: too late
    assert not scene.acts.approve.isEnabled()
    scene.wait_for_question((("MSFT.US", Decimal(-150)),))
    scene.answer(place=-2)
    assert not scene.acts.approve.isEnabled(), "an answer of before counted"
    after = make_what_if(0.2)
    scene.answer(after)
    assert scene.acts.approve.isEnabled()
    assert {row.limit.limit_id: row.after for row in scene.card.page.effects.rows}["var"] == after.effects[
        0
    ].after
    assert scene.card.page.legs.row_of("MSFT.US").cells()[1] == "$64,635"
    scene.hold()
    (request,) = scene.requests
    assert (request.quantities, request.reason) == ((("MSFT.US", Decimal(-150)),), REASON)


def test_that_a_burst_of_typing_asks_once(scene: Scene) -> None:
    scene.type_in("USDJPY", "250,000")
    scene.wait_for_question((("USDJPY", Decimal(-250_000)),))
    assert len(scene.asked) == 1


def test_that_zero_takes_a_leg_out_and_nothing_left_cannot_be_approved(scene: Scene) -> None:
    scene.dialog.reason_field.setText(REASON)
    scene.type_in("US500", "0")
    assert scene.acts.approve.text() == "Hold to approve 2 orders"
    scene.type_in("USDJPY", "0")
    scene.type_in("MSFT.US", "0")
    scene.wait_for_question(tuple((leg.code, Decimal(0)) for leg in LEGS))
    scene.answer()
    assert scene.card.page.legs.row_of("US500").cells()[1] == "taken out"
    assert scene.acts.why_not == "it sends no order"
    assert not scene.acts.approve.isEnabled()


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("19o", "expected a number"),
        ("", "was empty"),
        ("+190", "the side stays"),
        ("100.5", "a multiple of 1"),
        ("2,601", "at most the 2,600 held"),
    ],
)
def test_that_a_wrong_entry_says_what_is_wrong_beside_the_field(
    scene: Scene, typed: str, complaint: str
) -> None:
    scene.dialog.reason_field.setText(REASON)
    scene.type_in("MSFT.US", "7")
    field = scene.field("MSFT.US")
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, typed)
    row = scene.card.page.legs.row_of("MSFT.US")
    assert complaint in row.complaint
    assert complaint in field.accessibleDescription()
    assert scene.acts.why_not == "a quantity is wrong"
    QTest.qWait(150)
    assert scene.asked == []
    scene.type_in("MSFT.US", "190")
    assert row.complaint == ""
    assert scene.acts.approve.isEnabled(), "what stands there is the plan again"


def test_that_a_refused_question_is_told_and_keeps_the_button_dead(scene: Scene) -> None:
    scene.dialog.reason_field.setText(REASON)
    scene.type_in("MSFT.US", "100")
    scene.wait_for_question((("MSFT.US", Decimal(-100)),))
    scene.answer(refusal="MSFT.US has no price")
    assert scene.card.page.state.text() == "cannot be worked out: MSFT.US has no price"
    assert scene.acts.why_not == "MSFT.US has no price"


@pytest.mark.parametrize("change", ["alternative", "quantity"])
def test_that_a_change_needs_a_reason(scene: Scene, change: str) -> None:
    if change == "alternative":
        QTest.mouseClick(scene.tab("Cheapest cut"), LEFT)
        assert scene.acts.approve.text() == "Hold to approve 2 orders"
    else:
        scene.type_in("MSFT.US", "100")
        scene.wait_for_question((("MSFT.US", Decimal(-100)),))
        scene.answer()
    scene.dialog.reason_field.setText("too short")
    assert not scene.acts.approve.isEnabled()
    assert "a reason of at least 10" in scene.acts.approve.toolTip()
    scene.dialog.reason_field.setText(REASON)
    scene.hold("key")
    assert (scene.requests[0].option, scene.requests[0].reason) == (int(change == "alternative"), REASON)


def test_that_the_limits_of_now_are_a_tab_from_which_nothing_is_approved(scene: Scene) -> None:
    scene.type_in("MSFT.US", "100")
    QTest.mouseClick(scene.tab("Limits now"), LEFT)
    assert scene.card.limits_now.isVisible()
    assert "Gross leverage" in scene.card.limits_now._table.accessibleDescription()
    assert "no plan is in front" in scene.acts.why_not
    QTest.mouseClick(scene.tab("Minimum variance hedge"), LEFT)
    assert scene.field("MSFT.US").text() == "100", "what was typed is gone"


def test_that_before_and_after_are_asked_for_again_while_the_market_moves(scene: Scene) -> None:
    scene.card.draft._refresh.timeout.emit()
    assert scene.asked[-1].quantities == ()
    assert scene.acts.approve.isEnabled(), "looking again disables what is worked out"
    scene.answer(make_what_if(0.9))
    assert scene.card.page.effects.rows[0].after == make_what_if(0.9).effects[0].after


def test_that_another_proposal_says_why_drops_the_changes_and_disarms(scene: Scene) -> None:
    scene.type_in("MSFT.US", "100")
    scene.arm()
    old = scene.card.standing
    words = "MSFT.US is at 440, outside the 426 to 435 it was planned for"
    scene.stand(replace(old, state=ProposalState.OUTDATED, words=words))
    assert not scene.acts.approve.isVisible()
    assert scene.acts.again.isVisible()
    scene.stand(make_standing(VAR, proposal_id="PR-2"))
    assert scene.card.notice.text() == f"Worked out again because {words}; your changes were dropped."
    assert not scene.acts.approve.is_armed
    assert scene.field("MSFT.US").text() == "190"
    scene.hold()
    assert scene.requests[-1].proposal_id == "PR-2"


def test_that_a_plan_over_hundreds_of_positions_comes_in_without_a_pause(
    open_dialog: OpenScene, qtbot: QtBot
) -> None:
    scene = open_dialog()
    legs = tuple(replace(LEGS[2], code=f"S{number:03d}.US") for number in range(500))
    plan = replace(make_proposal(VAR).plan, legs=legs)
    began_s = time.perf_counter()
    scene.stand(make_standing(VAR, plan=plan))
    assert time.perf_counter() - began_s < 0.5
    qtbot.waitUntil(lambda: len(scene.card.page.legs.rows) == 500)
    assert scene.acts.approve.text() == "Hold to approve 500 orders"


def test_that_the_history_of_the_rule_is_shown_and_none_is_said(open_dialog: OpenScene) -> None:
    scene = open_dialog()
    assert scene.dialog._evidence._history.text() == "No action on this rule yet."
    scene.dialog.tell_history(lambda breach: (f"{breach.limit.limit_id}: once", "saved"))
    assert scene.dialog._evidence._history.text() == "var: once\nsaved"


def test_that_a_storm_shows_the_proposal_of_the_breach_that_was_chosen(
    open_dialog: OpenScene,
) -> None:
    scene = open_dialog()
    storm = [replace(breach, cause_id="g", state=BreachState.RAISED) for breach in make_breaches()[:3]]
    for breach in storm:
        scene.dialog.take_breach(breach)
    scene.qtbot.waitUntil(scene.dialog._storm_frame.isVisible)
    scene.stand(make_standing(storm[0]))
    scene.stand(make_standing(storm[1], proposal_id="PR-7"))
    assert scene.card.standing.proposal.proposal_id == "PR-1"
    scene.arm()
    scene.dialog.show_breach(storm[1].breach_id)
    assert scene.card.standing.proposal.proposal_id == "PR-7"
    assert not scene.acts.approve.is_armed, "what it would approve was not seen yet"
    scene.hold()
    assert scene.requests[-1].proposal_id == "PR-7"
    scene.dialog.show_breach(storm[2].breach_id)
    assert scene.card is None
    assert not scene.acts.approve.isVisible()
