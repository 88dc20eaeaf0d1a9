from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from fakes.breach_scene import LOSS, VAR, button, wait_until_armed
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import Breach, BreachState
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.engine.events import BreachChanged, BreachRaised
from plimsoll.widgets.breach_dialog import BreachDialog
from plimsoll.widgets.deliberate_button import DeliberateButton
from plimsoll.widgets.main_window import MainWindow


def storm_of(n_breaches: int) -> tuple[Breach, ...]:
    """Return breaches of one cause: losses of many instruments, and VaR, which is graver, raised last."""
    losses = [
        replace(LOSS, breach_id=f"B-{3000 + place}", member=f"S{place:03d}.US", value=262_000.0 - place)
        for place in range(n_breaches - 1)
    ]
    return tuple(
        replace(breach, state=BreachState.RAISED, cause_id="C-3000", until_ns=0)
        for breach in (*losses, replace(VAR, breach_id="B-3999"))
    )


@pytest.fixture
def storm(
    qtbot: QtBot, show: Callable[..., RiskSnapshot], model: RiskModel, window: MainWindow
) -> BreachDialog:
    breaches = storm_of(12)
    show()
    show(breaches=tuple(reversed(breaches)))
    for breach in breaches:
        model.take_event(BreachRaised(breach, 0))
    dialog = window.queue.dialog
    qtbot.waitUntil(lambda: len(dialog._roll.breaches) == 12)
    return dialog


def test_that_a_storm_is_one_dialog_and_one_card_with_a_list_the_worst_first(
    storm: BreachDialog, window: MainWindow
) -> None:
    assert window.queue.n_waiting == 0
    (card,) = window.breach_column.cards
    for roll in (storm._roll, card._roll):
        assert [breach.breach_id for breach in roll.breaches[:3]] == ["B-3999", "B-3000", "B-3001"]
        assert roll.isVisible()
    assert "12 limits broken at once" in storm._title.text()
    assert storm.breach.breach_id == "B-3999", "the evidence is not that of the gravest"
    assert [b.text() for b in card.findChildren(DeliberateButton)] == ["Acknowledge all 12", "Snooze all 12"]


def test_that_a_thousand_breaches_at_once_are_one_card_and_cost_no_visible_pause(
    qtbot: QtBot, show: Callable[..., RiskSnapshot], model: RiskModel, window: MainWindow
) -> None:
    breaches = storm_of(1_000)
    show()
    for breach in breaches:
        model.take_event(BreachRaised(breach, 0))
    show(breaches=tuple(reversed(breaches)))
    assert len(window.breach_column.cards) == 1
    qtbot.waitUntil(lambda: len(window.queue.dialog._roll.breaches) == 1_000)
    for breach in breaches:
        model.take_event(BreachChanged(replace(breach, state=BreachState.ESCALATED, escalation=1)))
    assert window.queue.dialog.group.escalation == 1
    for breach in breaches:
        model.take_event(BreachChanged(replace(breach, state=BreachState.ACKNOWLEDGED)))
    assert window.queue.dialog is None


def test_that_acknowledging_a_storm_is_one_decision_a_breach(
    qtbot: QtBot, storm: BreachDialog, decisions: list[Decision]
) -> None:
    wait_until_armed(qtbot, storm)
    QTest.mouseClick(button(storm, "cknowledge"), Qt.MouseButton.LeftButton)
    assert {d.kind for d in decisions} == {DecisionKind.ACKNOWLEDGE}
    assert sorted(d.breach_id for d in decisions) == sorted(b.breach_id for b in storm.group.breaches)
    assert len({d.decision_id for d in decisions}) == 12


def test_that_a_breach_that_joins_disarms_the_button_that_would_decide_it_unseen(
    qtbot: QtBot, storm: BreachDialog, model: RiskModel, decisions: list[Decision]
) -> None:
    wait_until_armed(qtbot, storm)
    model.take_event(BreachRaised(replace(storm_of(2)[0], breach_id="B-4000", member="NEW.US"), 0))
    qtbot.waitUntil(lambda: "13" in button(storm, "cknowledge").text())
    QTest.mouseClick(button(storm, "cknowledge"), Qt.MouseButton.LeftButton)
    assert decisions == []


def test_that_a_click_on_a_row_shows_the_evidence_of_that_breach(storm: BreachDialog) -> None:
    index = storm._roll.model().index(4, 0)
    QTest.mouseClick(
        storm._roll.viewport(), Qt.MouseButton.LeftButton, pos=storm._roll.visualRect(index).center()
    )
    assert storm.breach.breach_id == "B-3003"
    assert storm._subtitle.text().startswith("Position loss · S003.US: ")


def test_that_a_storm_s_dialog_goes_once_the_last_one_is_decided(
    storm: BreachDialog, window: MainWindow, model: RiskModel
) -> None:
    *others, last = storm.group.breaches
    for breach in others:
        model.take_event(BreachChanged(replace(breach, state=BreachState.ACKNOWLEDGED)))
    assert window.queue.dialog is storm
    model.take_event(BreachChanged(replace(last, state=BreachState.EASED)))
    assert window.queue.dialog is None
