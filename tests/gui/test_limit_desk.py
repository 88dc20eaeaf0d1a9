from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.people_sign import MISSING, PeopleSign, sign_from, sign_of_one
from plimsoll.domain.desk_request import LimitChangeConfirmed, LimitChangeWithdrawn
from plimsoll.domain.limit_change import ChangeState, LimitChange
from plimsoll.domain.person import People, Person, Right
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.limit_keeper import LimitKeeper
from plimsoll.storage.people_file import person_lines
from plimsoll.widgets.limit_desk import LimitDesk
from plimsoll.widgets.limit_history import LimitHistory
from plimsoll.widgets.limits_panel import ADD, CHANGE, HISTORY, LimitsPanel
from plimsoll.widgets.theme import Theme

NOW_NS = 1_763_821_885_000_000_000  # Sat 22 Nov 2025 14:31:25 UTC
PLAIN = replace(make_snapshot(), received_time_ns=NOW_NS)
SECTOR = next(status.limit for status in PLAIN.limits if status.limit.limit_id == "sector")
WIDER = LimitChange(
    "c1", "sector", "ana", "the desk agreed to it", SECTOR, replace(SECTOR, line=0.3), SECTOR,
    NOW_NS - NS_PER_S, NOW_NS + 3600 * NS_PER_S, ChangeState.PENDING,
)  # fmt: skip


@pytest.fixture
def sign(tmp_path: Path) -> PeopleSign:
    path = tmp_path / "people.toml"
    path.write_text(person_lines(Person("ana"), "1815") + person_lines(Person("ben"), "2718"))
    return sign_from(path, "ana")


@pytest.fixture
def panel(qapp: QApplication, theme: Theme) -> Iterator[LimitsPanel]:
    panel = LimitsPanel(theme)
    panel.resize(1600, 500)
    panel.show()
    panel.show_snapshot(PLAIN)
    yield panel
    panel.close()
    shiboken6.delete(panel)


@pytest.fixture
def desk(panel: LimitsPanel, theme: Theme, sign: PeopleSign) -> LimitDesk:
    return LimitDesk(panel, theme, sign)


def click(qtbot: QtBot, button: object) -> None:
    qtbot.waitUntil(lambda: button.is_armed, timeout=4000)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_limits_cannot_be_changed_before_somebody_can_sign(
    panel: LimitsPanel, theme: Theme, sign: PeopleSign
) -> None:
    assert not panel.buttons[ADD].isVisible()
    desk = LimitDesk(panel, theme, sign)
    assert panel.buttons[ADD].isVisible()
    assert panel.buttons[CHANGE].isEnabled() == (panel.chosen is not None)
    panel.choose("var")
    assert panel.buttons[CHANGE].isEnabled()
    panel.buttons[ADD].click()
    assert desk.editor is not None


def test_that_one_editor_is_open_at_a_time_and_closes_when_its_request_is_taken(
    desk: LimitDesk, panel: LimitsPanel, qtbot: QtBot
) -> None:
    asked: list[object] = []
    desk.asked.connect(asked.append)
    panel.choose("sector")
    panel.wanted.emit(CHANGE)
    editor = desk.editor
    panel.choose("var")
    panel.wanted.emit(CHANGE)
    assert desk.editor is editor
    editor.form._put("line", "20")
    editor.reason.setText("agreed with the desk")
    click(qtbot, editor.button)
    assert asked[0].limit_id == "sector"
    desk.show_refusal(asked[0], "not now")
    assert editor.answer.text() == "Refused: not now"
    click(qtbot, editor.button)
    desk.show_taken(asked[1])
    qtbot.waitUntil(lambda: desk.editor is None)


def test_that_what_waits_is_shown_with_its_time_and_confirmed_by_a_second_person(
    desk: LimitDesk, panel: LimitsPanel, qtbot: QtBot
) -> None:
    asked: list[object] = []
    desk.asked.connect(asked.append)
    panel.show_snapshot(replace(PLAIN, pending_changes=(WIDER,)))
    assert desk.pending.isVisible()
    assert desk.pending._lines[0]._words.text() == (
        "Sector gross weight: Line 25 % → 30 %, at 2025-11-22 15:31 UTC, asked by ana: the desk agreed to it"
    )
    desk.pending.confirm_wanted.emit(WIDER)
    dialog = desk.signing
    assert dialog.row.person == "ben"
    QTest.keyClicks(dialog.row.pin, "0000")
    click(qtbot, dialog.button)
    assert dialog.words.text() == "The name or the PIN is wrong."
    assert not asked
    QTest.keyClicks(dialog.row.pin, "2718")
    click(qtbot, dialog.button)
    assert asked == [LimitChangeConfirmed("c1", "ben")]
    desk.show_refusal(asked[0], "it acted already")
    assert dialog.words.text() == "it acted already"
    desk.show_taken(asked[0])
    qtbot.waitUntil(lambda: desk.signing is None)
    panel.show_snapshot(PLAIN)
    assert not desk.pending.isVisible()


def test_that_withdrawing_needs_a_reason(desk: LimitDesk, panel: LimitsPanel, qtbot: QtBot) -> None:
    asked: list[object] = []
    desk.asked.connect(asked.append)
    desk.pending.withdraw_wanted.emit(WIDER)
    dialog = desk.signing
    QTest.keyClicks(dialog.row.pin, "1815")
    assert not dialog.button.isEnabled()
    dialog.reason.setText("no longer wanted")
    click(qtbot, dialog.button)
    assert asked == [LimitChangeWithdrawn("c1", "ana", "no longer wanted")]


def test_that_without_a_people_file_nobody_confirms_and_the_reason_is_said(
    panel: LimitsPanel, theme: Theme, qtbot: QtBot
) -> None:
    desk = LimitDesk(panel, theme, sign_of_one("ana"))
    desk.pending.confirm_wanted.emit(WIDER)
    dialog = desk.signing
    assert dialog.words.text() == MISSING
    qtbot.waitUntil(lambda: dialog.button.is_armed, timeout=4000)
    assert not dialog.button.isEnabled()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_that_no_stray_key_signs(desk: LimitDesk, panel: LimitsPanel, qtbot: QtBot, key: Qt.Key) -> None:
    asked: list[object] = []
    desk.asked.connect(asked.append)
    desk.pending.confirm_wanted.emit(WIDER)
    dialog = desk.signing
    QTest.keyClicks(dialog.row.pin, "2718")
    qtbot.waitUntil(lambda: dialog.button.is_armed, timeout=4000)
    for place in (dialog.button, dialog.row.pin, dialog):
        place.setFocus()
        QTest.keyClick(place, key)
    assert not asked


def test_that_the_history_of_a_limit_says_who_when_why_before_and_after(
    desk: LimitDesk, panel: LimitsPanel
) -> None:
    acted = replace(
        WIDER, change_id="c0", proposed_ns=NOW_NS - 86_400 * NS_PER_S, state=ChangeState.CONFIRMED,
        second_person="ben", decided_ns=NOW_NS,
    )  # fmt: skip
    other = replace(WIDER, change_id="c9", limit_id="var")
    desk.take_changes((acted, other))
    panel.show_snapshot(replace(PLAIN, pending_changes=(WIDER,)))
    panel.choose("sector")
    panel.wanted.emit(HISTORY)
    (history,) = panel.findChildren(LimitHistory)
    table = history.changes
    cells = [[table.item(row, column).text() for column in range(7)] for row in range(table.rowCount())]
    assert cells == [
        ["2025-11-22 14:31 UTC", "ana", "changed", "Line 25 %", "Line 30 %", "the desk agreed to it",
         "waits until 2025-11-22 15:31 UTC"],
        ["2025-11-21 14:31 UTC", "ana", "changed", "Line 25 %", "Line 30 %", "the desk agreed to it",
         "confirmed by ben 2025-11-22 14:31 UTC"],
    ]  # fmt: skip
    history.close()


def test_that_a_loosening_goes_its_whole_way_through_the_register(
    desk: LimitDesk, panel: LimitsPanel, qtbot: QtBot
) -> None:
    people = People((Person("ana", frozenset({Right.LOOSEN})), Person("ben", frozenset({Right.CONFIRM}))))
    keeper = LimitKeeper((SECTOR,), people, lambda *_row: None)
    keeper.begin(NOW_NS)

    def answer(request: object) -> None:
        keeper.take(request, NOW_NS)
        panel.show_snapshot(replace(PLAIN, pending_changes=keeper.pending))
        desk.show_taken(request)

    desk.asked.connect(answer)
    panel.choose("sector")
    panel.wanted.emit(CHANGE)
    desk.editor.form._put("line", "30")
    desk.editor.reason.setText("agreed with the desk")
    QTest.keyClicks(desk.editor.sign_row.pin, "1815")
    click(qtbot, desk.editor.button)
    qtbot.waitUntil(lambda: desk.editor is None)
    assert keeper.limits == (SECTOR,)
    assert desk.pending.isVisible()
    desk.pending.confirm_wanted.emit(keeper.pending[0])
    QTest.keyClicks(desk.signing.row.pin, "2718")
    click(qtbot, desk.signing.button)
    assert keeper.limits == (replace(SECTOR, line=0.3),)
    assert not desk.pending.isVisible()
    panel.wanted.emit(HISTORY)
    (history,) = panel.findChildren(LimitHistory)
    assert history.changes.rowCount() == 1
    assert history.changes.item(0, 6).text() == "confirmed by ben 2025-11-22 14:31 UTC"
    history.close()
