import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from fakes.breach_scene import ARMED_WITHIN_MS, LOSS, NAME, SECTOR, VAR, button, wait_until_armed
from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach import BreachState
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.domain.limit import Severity
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.engine.events import BreachChanged, BreachRaised, DecisionRejected
from plimsoll.widgets.breach_dialog import BreachDialog
from plimsoll.widgets.deliberate_button import DeliberateButton
from plimsoll.widgets.main_window import MainWindow


def test_that_a_breach_opens_its_dialog_at_once_without_the_focus(dialog: BreachDialog) -> None:
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert dialog.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)


def test_that_no_button_is_a_default_button(dialog: BreachDialog) -> None:
    buttons = dialog.findChildren(QPushButton)
    assert buttons
    assert not [b.text() for b in buttons if b.isDefault() or b.autoDefault()]


def test_that_a_button_is_dead_until_it_was_visible_for_a_second(
    qtbot: QtBot, dialog: BreachDialog, decisions: list[Decision]
) -> None:
    acknowledge = button(dialog, "cknowledge")
    QTest.mouseClick(acknowledge, Qt.MouseButton.LeftButton)
    assert decisions == []
    wait_until_armed(qtbot, dialog)
    QTest.mouseClick(acknowledge, Qt.MouseButton.LeftButton)
    assert [(d.kind, d.breach_id) for d in decisions] == [(DecisionKind.ACKNOWLEDGE, VAR.breach_id)]


def test_that_a_press_begun_before_arming_decides_nothing_when_it_ends_after(
    qtbot: QtBot, dialog: BreachDialog, decisions: list[Decision]
) -> None:
    acknowledge = button(dialog, "cknowledge")
    QTest.mousePress(acknowledge, Qt.MouseButton.LeftButton)
    wait_until_armed(qtbot, dialog)
    QTest.mouseRelease(acknowledge, Qt.MouseButton.LeftButton)
    assert decisions == []


def test_that_the_dialog_disarms_when_the_focus_returns(qtbot: QtBot, dialog: BreachDialog) -> None:
    wait_until_armed(qtbot, dialog)
    dialog.foot.arming.eventFilter(dialog, QEvent(QEvent.Type.WindowActivate))
    assert not button(dialog, "cknowledge").is_armed
    wait_until_armed(qtbot, dialog)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Escape])
def test_that_no_stray_key_acts_even_on_an_armed_button_with_the_focus(
    qtbot: QtBot, dialog: BreachDialog, decisions: list[Decision], key: Qt.Key
) -> None:
    wait_until_armed(qtbot, dialog)
    for target in (dialog, dialog.reason_field, *dialog.findChildren(DeliberateButton)):
        target.setFocus()
        QTest.keyClick(target, key)
    assert decisions == []
    assert dialog.isVisible()


def test_that_the_chord_of_a_button_acts_once_it_is_armed(
    qtbot: QtBot, dialog: BreachDialog, decisions: list[Decision]
) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    assert decisions == []
    wait_until_armed(qtbot, dialog)
    QTest.keyClick(dialog, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: len(decisions) == 1)


def test_that_an_override_needs_a_reason_of_ten_characters(
    qtbot: QtBot, dialog: BreachDialog, decisions: list[Decision]
) -> None:
    override = button(dialog, "verride")
    wait_until_armed(qtbot, dialog)
    dialog.reason_field.setText("too short")
    assert not override.isEnabled()
    dialog.reason_field.setText("hedge is on its way")
    QTest.mouseClick(override, Qt.MouseButton.LeftButton)
    assert [(d.kind, d.reason) for d in decisions] == [(DecisionKind.OVERRIDE, "hedge is on its way")]


def test_that_a_snooze_asks_for_the_chosen_minutes(
    qtbot: QtBot, dialog: BreachDialog, decisions: list[Decision]
) -> None:
    dialog.foot.snooze_menu.actions()[1].trigger()
    (decision,) = decisions
    assert decision.kind is DecisionKind.SNOOZE
    assert (decision.until_ns - decision.decided_ns) / 60e9 == pytest.approx(15.0, abs=0.1)


def test_that_a_rejected_decision_is_told_with_its_reason(
    qtbot: QtBot, dialog: BreachDialog, model: RiskModel, decisions: list[Decision]
) -> None:
    wait_until_armed(qtbot, dialog)
    QTest.mouseClick(button(dialog, "cknowledge"), Qt.MouseButton.LeftButton)
    model.take_event(DecisionRejected(decisions[0], "ana may not acknowledge"))
    assert dialog.isVisible()
    assert dialog.foot.rejection.text() == "Not done (acknowledge): ana may not acknowledge"


@pytest.mark.parametrize(
    "state", [BreachState.ACKNOWLEDGED, BreachState.SNOOZED, BreachState.OVERRIDDEN, BreachState.CLOSED]
)
def test_that_the_dialog_goes_when_the_breach_is_decided(
    dialog: BreachDialog, window: MainWindow, model: RiskModel, state: BreachState
) -> None:
    model.take_event(BreachChanged(replace(VAR, state=state)))
    assert window.queue.dialog is None
    assert not dialog.isVisible()


def test_that_breaches_queue_and_are_shown_one_at_a_time(
    dialog: BreachDialog, window: MainWindow, model: RiskModel
) -> None:
    model.take_event(BreachRaised(NAME, 0))
    model.take_event(BreachRaised(SECTOR, 0))
    assert dialog._waiting.text() == "2 more waiting"
    model.take_event(BreachChanged(replace(VAR, state=BreachState.ACKNOWLEDGED)))
    assert window.queue.dialog.breach.breach_id == NAME.breach_id
    assert window.queue.dialog._waiting.text() == "1 more waiting"


def test_that_the_gravest_breach_waits_the_least(
    dialog: BreachDialog, window: MainWindow, model: RiskModel
) -> None:
    for breach in (LOSS, NAME, replace(VAR, breach_id="B-9999")):
        model.take_event(BreachRaised(replace(breach, state=BreachState.RAISED), 0))
    assert [group.lead.limit.severity for group in window.queue.waiting] == list(reversed(Severity))


def test_that_an_eased_breach_gives_way_to_one_that_waits(
    qtbot: QtBot, dialog: BreachDialog, window: MainWindow, model: RiskModel
) -> None:
    window.activateWindow()
    qtbot.waitUntil(lambda: not dialog.isActiveWindow())
    model.take_event(BreachChanged(replace(VAR, state=BreachState.EASED)))
    assert window.queue.dialog is dialog
    assert not button(dialog, "cknowledge").isVisible()
    model.take_event(BreachRaised(NAME, 0))
    assert window.queue.dialog.breach.breach_id == NAME.breach_id
    assert not dialog.isVisible()


def test_that_a_breach_decided_while_it_waits_is_never_shown(
    dialog: BreachDialog, window: MainWindow, model: RiskModel
) -> None:
    model.take_event(BreachRaised(NAME, 0))
    model.take_event(BreachChanged(replace(NAME, state=BreachState.CLOSED)))
    model.take_event(BreachChanged(replace(VAR, state=BreachState.ACKNOWLEDGED)))
    assert window.queue.dialog is None


def test_that_a_snoozed_breach_that_wakes_is_shown_again(
    dialog: BreachDialog, window: MainWindow, model: RiskModel
) -> None:
    model.take_event(BreachChanged(replace(VAR, state=BreachState.SNOOZED)))
    assert window.queue.dialog is None
    model.take_event(BreachChanged(VAR))
    assert window.queue.dialog.breach.breach_id == VAR.breach_id


def test_that_the_evidence_stands_still_while_the_live_figures_move(
    dialog: BreachDialog, model: RiskModel, show: Callable[..., RiskSnapshot]
) -> None:
    frozen = dialog._evidence.grab().toImage()
    then = dialog._limits_now._table.accessibleDescription()
    show(make_snapshot(step=9, breaches=(VAR, NAME)))
    dialog._show_live()
    assert dialog._evidence.grab().toImage() == frozen
    assert dialog._limits_now._table.accessibleDescription() != then


def test_that_a_dialog_closed_without_a_decision_can_be_reviewed_again_from_its_card(
    qtbot: QtBot, dialog: BreachDialog, window: MainWindow
) -> None:
    dialog.close()
    assert window.queue.dialog is None
    assert not dialog.isVisible()
    window.breach_column.cards[0].review_wanted.emit(VAR.breach_id)
    assert window.queue.dialog.breach.breach_id == VAR.breach_id


def test_that_what_an_earlier_session_left_undecided_asks_again_the_gravest_first(
    show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    high, medium = (replace(breach, state=BreachState.RAISED) for breach in (NAME, LOSS))
    gravest = replace(VAR, state=BreachState.RAISED)
    seen = replace(SECTOR, state=BreachState.ACKNOWLEDGED)
    show(breaches=(medium, seen, high, gravest))
    asked = []
    while window.queue.dialog is not None:
        asked.append(window.queue.dialog.breach.breach_id)
        window.queue.dialog.close()
    urgency = list(reversed(Severity))
    expected = sorted((gravest, high, medium), key=lambda breach: urgency.index(breach.limit.severity))
    assert asked == [breach.breach_id for breach in expected]
    assert [card.breach.breach_id for card in window.breach_column.cards].count(seen.breach_id) == 1


def test_that_only_the_first_snapshot_opens_dialogs_by_itself(
    show: Callable[..., RiskSnapshot], window: MainWindow
) -> None:
    show(breaches=(replace(VAR, state=BreachState.RAISED),))
    window.queue.dialog.close()
    show(breaches=(replace(VAR, state=BreachState.RAISED),), step=1)
    assert window.queue.dialog is None


def test_that_no_dialog_opens_once_the_window_is_closed(
    show: Callable[..., RiskSnapshot], model: RiskModel, window: MainWindow
) -> None:
    show()
    model.take_event(BreachRaised(VAR, 0))
    model.take_event(BreachRaised(NAME, 0))
    window.close()
    model.take_event(BreachRaised(SECTOR, 0))
    assert window.queue.dialog is None


ENDING = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from fakes.snapshot_maker import make_breaches, make_snapshot
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.engine.events import BreachRaised
from plimsoll.widgets.main_window import MainWindow
app = QApplication([])
model = RiskModel("ana", is_demo=True)
window = MainWindow(model, workspace_path=None, theme="night")
window.show()
model.take_snapshot(make_snapshot())
for breach in make_breaches()[:3]:
    model.take_event(BreachRaised(breach, 0))
window._show_help()
def end():
    assert window.queue.dialog.isVisible() and window.queue.n_waiting == 2
    {act}
QTimer.singleShot(200, end)
QTimer.singleShot(15000, lambda: app.exit(9))
code = app.exec()
assert window.queue.dialog is None and not window.isVisible()
sys.exit(code)
"""


@pytest.mark.parametrize(
    "act",
    [
        "app.quit()",
        "window.close()",
        "next(a for a in window.registry.actions if a.text() == 'Quit').trigger()",
    ],
    ids=["quit", "close", "Ctrl+Q"],
)
def test_that_the_program_ends_with_dialogs_open(act: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", ENDING.replace("{act}", act)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(Path(__file__).parents[1])},
        timeout=50,
    )
    assert told.returncode == 0, told.stderr


def test_that_a_breach_put_aside_comes_back_when_it_escalates(
    qtbot: QtBot, dialog: BreachDialog, window: MainWindow, model: RiskModel
) -> None:
    dialog.close()
    assert window.queue.dialog is None
    model.take_event(BreachChanged(replace(VAR, state=BreachState.ESCALATED, escalation=2)))
    again = window.queue.dialog
    assert again.isVisible()
    assert again.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    assert again._standing.text() == "escalated (level 2)"
    assert again._standing.property("tone") == "over"
    assert button(again, "cknowledge").isVisible()


def test_that_a_breach_laid_aside_for_a_temporary_limit_says_why_and_offers_nothing(
    dialog: BreachDialog, model: RiskModel
) -> None:
    why = "the temporary limit 'VaR over the weekend' stands in for it until 2026-11-23"
    model.take_event(BreachChanged(replace(VAR, state=BreachState.SUPERSEDED, reason=why)))
    assert dialog.isVisible()
    assert dialog.may_give_way
    assert why in dialog.foot._nothing_left.text()
    assert not [each.text() for each in dialog.foot.findChildren(DeliberateButton) if each.isVisible()]
    model.take_event(BreachChanged(VAR))
    assert button(dialog, "cknowledge").isVisible()


def test_that_an_eased_breach_is_filed_with_a_cause_a_resolution_and_a_comment(
    qtbot: QtBot, dialog: BreachDialog, model: RiskModel, decisions: list[Decision]
) -> None:
    model.take_event(BreachChanged(replace(VAR, state=BreachState.EASED)))
    form = dialog.form
    assert form.isVisible()
    form.cause.setCurrentIndex(form.cause.findData(IncidentCause.MARKET_MOVE))
    form.resolution.setCurrentIndex(form.resolution.findData(Resolution.HEDGED))
    form.comment.setText("short")
    assert not form.button.isEnabled()
    form.comment.setText("sold the index future")
    qtbot.waitUntil(lambda: form.button.is_armed, timeout=ARMED_WITHIN_MS)
    QTest.mouseClick(form.button, Qt.MouseButton.LeftButton)
    (decision,) = decisions
    assert (decision.kind, decision.breach_id) == (DecisionKind.CLOSE_INCIDENT, VAR.breach_id)
    assert (decision.cause, decision.resolution) == (IncidentCause.MARKET_MOVE, Resolution.HEDGED)
    assert decision.comment == "sold the index future"
    filed = replace(VAR, state=BreachState.EASED, cause=decision.cause, resolution=decision.resolution)
    model.take_event(BreachChanged(filed))
    assert dialog.isVisible()
    assert not form.isVisible()
    assert "filed: hedged" in dialog._standing.text()


def test_that_the_time_from_tick_to_painted_dialog_is_measured_for_each_breach_shown(
    qtbot: QtBot, show: Callable[..., RiskSnapshot], model: RiskModel, window: MainWindow
) -> None:
    show()
    heard_ns = time.time_ns()
    model.take_event(BreachRaised(replace(VAR, heard_ns=heard_ns), heard_ns))
    model.take_event(BreachRaised(replace(NAME, heard_ns=heard_ns), heard_ns))  # waits: nobody saw it yet
    qtbot.waitUntil(lambda: len(window.queue.latencies_ms) == 1)
    assert 0.0 < window.queue.latencies_ms[0] <= (time.time_ns() - heard_ns) / 1e6
