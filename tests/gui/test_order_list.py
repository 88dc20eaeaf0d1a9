from dataclasses import replace
from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fakes.proposal_maker import counting_down, make_proposal, make_standing
from fakes.snapshot_maker import make_breaches, make_snapshot
from plimsoll.bridge.people_sign import PeopleSign
from plimsoll.bridge.proposal_orders import have_ended, root_of, shelf_of
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import BreachState
from plimsoll.domain.decision import Decision
from plimsoll.domain.order import Order, OrderState
from plimsoll.domain.proposal_standing import ProposalStanding, ProposalState
from plimsoll.engine.events import BreachChanged, BreachRaised, ProposalChanged
from plimsoll.widgets.breach_column import BreachColumn
from plimsoll.widgets.main_window import MainWindow
from plimsoll.widgets.order_list import STATE_WORDS, order_words
from plimsoll.widgets.theme import Theme

VAR, NAME, SECTOR, LOSS = make_breaches()
ORDER = Order("P-1", "D-1", "MSFT.US", Decimal(-190), Decimal("430.9"), OrderState.WORKING, Decimal(-40))


def column_with(qtbot: QtBot, model: RiskModel, theme: Theme) -> BreachColumn:
    column = BreachColumn(model, theme)
    qtbot.addWidget(column)
    column.resize(330, 600)
    column.show()
    model.take_snapshot(make_snapshot(breaches=(VAR, NAME)))
    column.show_snapshot(model.snapshot)
    return column


def proposed(column: BreachColumn) -> str:
    return column.cards[0]._proposal.text()


def test_that_every_state_of_an_order_has_its_words() -> None:
    assert set(STATE_WORDS) == set(OrderState)
    assert order_words(ORDER) == "working, 40 filled, 150 to go"
    rejected = replace(ORDER, state=OrderState.REJECTED, filled=Decimal(0), reason="no such code")
    assert order_words(rejected) == "rejected: no such code"


def test_that_orders_stand_under_the_breaches_until_all_have_ended(
    qtbot: QtBot, model: RiskModel, theme: Theme
) -> None:
    column = column_with(qtbot, model, theme)
    assert not column.orders.isVisible()
    model.order_changed.emit(ORDER)
    qtbot.waitUntil(column.orders.isVisible)
    assert column.orders.rows.accessibleDescription() == "SELL 190 MSFT.US: working, 40 filled, 150 to go"
    model.order_changed.emit(replace(ORDER, state=OrderState.FILLED, filled=ORDER.quantity))
    qtbot.waitUntil(lambda: not column.orders.isVisible())


def test_that_orders_are_shown_although_no_breach_is_open(
    qtbot: QtBot, model: RiskModel, theme: Theme
) -> None:
    column = column_with(qtbot, model, theme)
    model.take_snapshot(make_snapshot())
    column.show_snapshot(make_snapshot())
    assert column.cards == ()
    model.order_changed.emit(ORDER)
    qtbot.waitUntil(column.orders.isVisible)


def test_that_what_a_plan_sends_later_stands_with_its_decision_and_fills_are_told_calmly(
    qtbot: QtBot, model: RiskModel
) -> None:
    shelf = shelf_of(model)
    assert shelf_of(model) is shelf
    told: list[str] = []
    shelf.changed.connect(told.append)
    for filled in range(50):
        model.order_changed.emit(replace(ORDER, filled=Decimal(-filled)))
    model.order_changed.emit(replace(ORDER, client_id="P-2", decision_id="D-1/1"))
    assert root_of("D-1/1") == "D-1"
    assert len(shelf.of("D-1")) == 2
    assert told == ["D-1"]
    qtbot.waitUntil(lambda: len(told) == 2)
    assert not have_ended(shelf.of("D-1"))
    assert not have_ended(())


def test_that_a_card_says_what_awaits_whom(qtbot: QtBot, model: RiskModel, theme: Theme) -> None:
    column = column_with(qtbot, model, theme)
    assert proposed(column) == ""
    standing = make_standing(VAR)
    model.take_event(ProposalChanged(standing))
    assert proposed(column) == "A proposal awaits a decision: Minimum variance hedge, 3 orders"
    model.take_event(ProposalChanged(replace(standing, state=ProposalState.AWAITS_SECOND, person="ana")))
    assert proposed(column).startswith("A proposal awaits a second person")
    model.take_event(
        ProposalChanged(replace(standing, state=ProposalState.APPROVED, person="ana", second="ben"))
    )
    assert proposed(column) == "Approved by ana, confirmed by ben."
    model.take_event(ProposalChanged(ProposalStanding(counting_down(make_proposal(VAR)))))
    assert "goes out by itself at" in proposed(column)
    assert column.cards[0]._proposal.property("tone") == "over"


def test_that_a_card_s_decision_is_signed_once_for_all_its_breaches(
    qtbot: QtBot, model: RiskModel, theme: Theme, sign: PeopleSign, quick: None
) -> None:
    decisions: list[Decision] = []
    model.decision_made.connect(decisions.append)
    column = BreachColumn(model, theme)
    qtbot.addWidget(column)
    column.show()
    column.join(sign)
    storm = tuple(replace(breach, cause_id="C-1") for breach in (VAR, NAME))
    column.show_snapshot(make_snapshot(breaches=storm))
    acknowledge = column.cards[0]._acknowledge
    qtbot.waitUntil(lambda: acknowledge.is_armed)
    QTest.mouseClick(acknowledge, Qt.MouseButton.LeftButton)
    assert decisions == []
    signing = column._signing.dialog
    QTest.keyClicks(signing.row.pin, "1815")
    qtbot.waitUntil(lambda: signing.button.is_armed)
    QTest.mouseClick(signing.button, Qt.MouseButton.LeftButton)
    assert [(decision.person, decision.breach_id) for decision in decisions] == [
        ("ana", VAR.breach_id),
        ("ana", NAME.breach_id),
    ]


def test_that_a_dialog_whose_orders_work_gives_way_once_it_is_answered(
    qtbot: QtBot, model: RiskModel, window: MainWindow
) -> None:
    model.take_snapshot(make_snapshot())
    standing = make_standing(VAR)
    model.take_event(BreachRaised(VAR, 0))
    model.take_event(ProposalChanged(standing))
    model.take_event(
        ProposalChanged(replace(standing, state=ProposalState.APPROVED, person="ana", decision_id="D-1"))
    )
    dialog = window.queue.dialog
    window.activateWindow()
    qtbot.waitUntil(lambda: not dialog.isActiveWindow())
    model.take_event(BreachChanged(replace(VAR, state=BreachState.ACKNOWLEDGED)))
    assert window.queue.dialog is dialog
    model.take_event(BreachRaised(NAME, 0))
    assert window.queue.dialog.breach.breach_id == NAME.breach_id
