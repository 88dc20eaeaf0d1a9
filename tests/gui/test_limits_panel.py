import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.limit_cells import OVERDUE, TEMPORARY, WAITING, LimitColumn
from plimsoll.bridge.people_sign import MISSING, PeopleSign, sign_from, sign_of_one
from plimsoll.domain.desk_request import LimitChangeConfirmed, LimitChangeWithdrawn
from plimsoll.domain.limit import LimitState
from plimsoll.domain.limit_change import ChangeState, LimitChange
from plimsoll.domain.person import Person
from plimsoll.domain.snapshot import LimitStatus, RiskSnapshot
from plimsoll.domain.units import NS_PER_S
from plimsoll.storage.people_file import person_lines
from plimsoll.widgets.limit_delegate import course_path
from plimsoll.widgets.limit_history import LimitHistory
from plimsoll.widgets.limits_panel import LimitsPanel
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
    tester = QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    panel.resize(1600, 500)
    panel.show()
    panel.show_snapshot(PLAIN)
    yield panel
    del tester
    panel.close()
    shiboken6.delete(panel)


def ids(panel: LimitsPanel) -> list[str]:
    return [panel.model.status(row).limit.limit_id for row in range(panel.model.rowCount())]


def many(n: int, step: int = 0) -> tuple[LimitStatus, ...]:
    return tuple(
        replace(
            status,
            limit=replace(status.limit, limit_id=f"limit-{number}"),
            value=status.value * (1.0 + 0.001 * step),
            use_fraction=status.use_fraction * (1.0 + 0.001 * step),
        )
        for number, status in ((k, PLAIN.limits[k % len(PLAIN.limits)]) for k in range(n))
    )


def changed(snapshot: RiskSnapshot, limit_id: str, **changes: object) -> RiskSnapshot:
    limits = tuple(
        replace(status, limit=replace(status.limit, **changes))
        if status.limit.limit_id == limit_id
        else status
        for status in snapshot.limits
    )
    return replace(snapshot, limits=limits)


def click(qtbot: QtBot, button: object) -> None:
    qtbot.waitUntil(lambda: button.is_armed, timeout=4000)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_five_hundred_limits_are_followed_within_a_frame(qapp: QApplication, theme: Theme) -> None:
    panel = LimitsPanel(theme)  # the model tester of the fixture takes longer than the model
    snapshots = [
        replace(PLAIN, limits=many(500, step), received_time_ns=NOW_NS + step * NS_PER_S)
        for step in range(30)
    ]
    panel.show_snapshot(snapshots[0])
    panel.search.setText("gross")
    panel.view.sortByColumn(LimitColumn.USE, Qt.SortOrder.DescendingOrder)
    took = []
    for snapshot in snapshots[1:]:
        begin = time.perf_counter()
        panel.show_snapshot(snapshot)
        took.append(time.perf_counter() - begin)
    # A course is kept and the order put right at every one of these, which happens once a second.
    assert sorted(took)[len(took) // 2] < 0.016
    shiboken6.delete(panel)


def test_that_a_filter_finds_limits_by_words_severity_state_and_mark(panel: LimitsPanel) -> None:
    panel.search.setText("WEIGHT tech")
    assert ids(panel) == ["sector"]
    panel.search.clear()
    panel.severity.choose("MEDIUM")
    assert ids(panel) == ["hhi", "loss"]
    panel.severity.choose("")
    panel.state.choose(LimitState.NEAR.value)
    assert set(ids(panel)) == {s.limit.limit_id for s in PLAIN.limits if s.state is LimitState.NEAR}
    panel.show_snapshot(replace(PLAIN, pending_changes=(WIDER,)))
    panel.state.choose(WAITING)
    assert ids(panel) == ["sector"]
    panel.show_snapshot(changed(PLAIN, "hhi", next_review="2025-11-21"))
    panel.state.choose(OVERDUE)
    assert ids(panel) == ["hhi"]
    panel.show_snapshot(changed(PLAIN, "es", stands_in_for="es-1"))
    panel.state.choose(TEMPORARY)
    assert ids(panel) == ["es"]


def test_that_a_filter_that_fits_nothing_offers_the_way_back(panel: LimitsPanel) -> None:
    panel.search.setText("no such thing")
    assert panel._empty.isVisible()
    panel._empty.button_pressed.emit()
    assert panel.view.isVisible()
    assert len(ids(panel)) == len(PLAIN.limits)


def test_that_the_order_of_use_is_put_right_as_figures_move_and_the_choice_stays(panel: LimitsPanel) -> None:
    panel.view.sortByColumn(LimitColumn.USE, Qt.SortOrder.DescendingOrder)
    panel.choose("daily-loss")
    assert ids(panel)[0] != "daily-loss"
    worst = tuple(
        replace(status, use_fraction=1.4, state=LimitState.OVER)
        if status.limit.limit_id == "daily-loss"
        else status
        for status in PLAIN.limits
    )
    panel.show_snapshot(replace(PLAIN, limits=worst, received_time_ns=NOW_NS + 2 * NS_PER_S))
    assert ids(panel)[0] == "daily-loss"
    assert panel.chosen is not None
    assert panel.chosen.limit_id == "daily-loss"
    assert panel.view.currentIndex().row() == 0


def test_that_every_fact_of_a_row_is_written(panel: LimitsPanel) -> None:
    facts = changed(
        PLAIN, "sector", owner="Ana", next_review="2025-11-21", response="cut", purpose="why",
        warning_fraction=0.7, reset_fraction=0.9, effective_until="2026-12-01T17:00:00Z",
    )  # fmt: skip
    panel.show_snapshot(replace(facts, pending_changes=(WIDER,)))
    row = panel.model.row_of("sector")
    said = {
        column: panel._delegate.written(panel.model.row(row), column).replace("\N{NO-BREAK SPACE}", " ")
        for column in LimitColumn
    }
    assert said[LimitColumn.WARNING] == "70 %"
    assert said[LimitColumn.RESET] == "90 %"
    assert said[LimitColumn.REVIEW] == "2025-11-21 overdue"
    assert said[LimitColumn.UNTIL] == "2026-12-01 17:00 UTC"
    assert said[LimitColumn.CHANGE] == "loosening 2025-11-22 15:31 UTC, ana"
    assert (said[LimitColumn.OWNER], said[LimitColumn.RESPONSE], said[LimitColumn.PURPOSE]) == (
        "Ana", "cut", "why",
    )  # fmt: skip
    assert "the desk agreed to it" in panel.model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize("width", [920, 1100, 1400, 1900, 2600])
def test_that_columns_come_and_go_with_the_room_and_never_scroll(panel: LimitsPanel, width: int) -> None:
    full = changed(PLAIN, "var", purpose="why", next_review="2027-01-31", owner="Ana", response="cut")
    panel.show_snapshot(replace(full, received_time_ns=NOW_NS + NS_PER_S, pending_changes=(WIDER,)))
    panel.resize(width, 500)
    panel.grab()
    assert panel.view.horizontalScrollBar().maximum() == 0
    assert not panel.view.isColumnHidden(LimitColumn.COURSE)
    assert panel.view.isColumnHidden(LimitColumn.PURPOSE) == (width < 1800)


def test_that_a_column_without_a_word_in_it_takes_no_room(panel: LimitsPanel) -> None:
    assert panel.view.isColumnHidden(LimitColumn.CHANGE)
    panel.show_snapshot(replace(PLAIN, pending_changes=(WIDER,)))
    assert not panel.view.isColumnHidden(LimitColumn.CHANGE)
    assert panel.view.isColumnHidden(LimitColumn.OWNER)


def test_that_limits_cannot_be_changed_before_somebody_can_sign(panel: LimitsPanel, sign: PeopleSign) -> None:
    assert not panel.buttons["Add…"].isVisible()
    panel.add()
    assert panel._editor is None
    panel.sign_with(sign)
    assert panel.buttons["Add…"].isVisible()
    assert panel.buttons["Change…"].isEnabled() == (panel.chosen is not None)
    panel.choose("var")
    assert panel.buttons["Change…"].isEnabled()


def test_that_one_editor_is_open_at_a_time_and_closes_when_its_request_is_taken(
    panel: LimitsPanel, sign: PeopleSign, qtbot: QtBot
) -> None:
    asked: list[object] = []
    panel.asked.connect(asked.append)
    panel.sign_with(sign)
    panel.choose("sector")
    panel.change()
    editor = panel._editor
    panel.choose("var")
    panel.change()
    assert panel._editor is editor
    editor.form._put("line", "20")
    editor.reason.setText("agreed with the desk")
    click(qtbot, editor.button)
    assert asked[0].limit_id == "sector"
    panel.show_refusal(asked[0], "not now")
    assert editor.answer.text() == "Refused: not now"
    click(qtbot, editor.button)
    panel.show_taken(asked[1])
    qtbot.waitUntil(lambda: panel._editor is None)


def test_that_what_waits_is_shown_with_its_time_and_confirmed_by_a_second_person(
    panel: LimitsPanel, sign: PeopleSign, qtbot: QtBot
) -> None:
    asked: list[object] = []
    panel.asked.connect(asked.append)
    panel.sign_with(sign)
    panel.show_snapshot(replace(PLAIN, pending_changes=(WIDER,)))
    assert panel.pending.isVisible()
    assert panel.pending._lines[0]._words.text() == (
        "Sector gross weight: Line 25 % → 30 %, at 2025-11-22 15:31 UTC, asked by ana: the desk agreed to it"
    )
    panel.pending.confirm_wanted.emit(WIDER)
    dialog = panel._signing
    assert dialog.row.person == "ben"
    QTest.keyClicks(dialog.row.pin, "0000")
    click(qtbot, dialog.button)
    assert dialog.words.text() == "The name or the PIN is wrong."
    assert not asked
    QTest.keyClicks(dialog.row.pin, "2718")
    click(qtbot, dialog.button)
    assert asked == [LimitChangeConfirmed("c1", "ben")]
    panel.show_refusal(asked[0], "it acted already")
    assert dialog.words.text() == "it acted already"
    panel.show_taken(asked[0])
    qtbot.waitUntil(lambda: panel._signing is None)
    panel.show_snapshot(PLAIN)
    assert not panel.pending.isVisible()


def test_that_withdrawing_needs_a_reason(panel: LimitsPanel, sign: PeopleSign, qtbot: QtBot) -> None:
    asked: list[object] = []
    panel.asked.connect(asked.append)
    panel.sign_with(sign)
    panel.pending.withdraw_wanted.emit(WIDER)
    dialog = panel._signing
    QTest.keyClicks(dialog.row.pin, "1815")
    assert not dialog.button.isEnabled()
    dialog.reason.setText("no longer wanted")
    click(qtbot, dialog.button)
    assert asked == [LimitChangeWithdrawn("c1", "ana", "no longer wanted")]


def test_that_without_a_people_file_nobody_confirms_and_the_reason_is_said(
    panel: LimitsPanel, qtbot: QtBot
) -> None:
    panel.sign_with(sign_of_one("ana"))
    panel.pending.confirm_wanted.emit(WIDER)
    dialog = panel._signing
    assert dialog.words.text() == MISSING
    qtbot.waitUntil(lambda: dialog.button.is_armed, timeout=4000)
    assert not dialog.button.isEnabled()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_that_no_stray_key_signs(panel: LimitsPanel, sign: PeopleSign, qtbot: QtBot, key: Qt.Key) -> None:
    asked: list[object] = []
    panel.asked.connect(asked.append)
    panel.sign_with(sign)
    panel.pending.confirm_wanted.emit(WIDER)
    dialog = panel._signing
    QTest.keyClicks(dialog.row.pin, "2718")
    qtbot.waitUntil(lambda: dialog.button.is_armed, timeout=4000)
    for place in (dialog.button, dialog.row.pin, dialog):
        place.setFocus()
        QTest.keyClick(place, key)
    assert not asked


def test_that_the_history_of_a_limit_says_who_when_why_before_and_after(panel: LimitsPanel) -> None:
    acted = replace(
        WIDER, change_id="c0", proposed_ns=NOW_NS - 86_400 * NS_PER_S, state=ChangeState.CONFIRMED,
        second_person="ben", decided_ns=NOW_NS,
    )  # fmt: skip
    other = replace(WIDER, change_id="c9", limit_id="var")
    panel.take_changes((acted, other))
    panel.show_snapshot(replace(PLAIN, pending_changes=(WIDER,)))
    panel.choose("sector")
    panel.show_history()
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


def test_that_a_course_leaves_gaps_where_it_was_unknown_and_noise_flat() -> None:
    nan = float("nan")
    room = QRectF(0, 0, 100, 20)
    path = course_path([1.0, 2.0, nan, 2.0, 1.0], room, 1.0)
    moves = [path.elementAt(k).isMoveTo() for k in range(path.elementCount())]
    assert moves == [True, False, True, False]
    assert path.boundingRect() == room
    flat = course_path([1.0, 1.001, 1.0], room, 1.0)
    assert flat.boundingRect().height() < 1.0
    assert course_path([nan, 1.0], room, 1.0).isEmpty()


def test_that_a_day_that_begins_empties_the_courses(panel: LimitsPanel) -> None:
    for step in range(5):
        panel.show_snapshot(replace(PLAIN, received_time_ns=NOW_NS + step * NS_PER_S))
    assert len(panel.model.course.of(SECTOR)) == 5
    panel.begin_day()
    assert len(panel.model.course.of(SECTOR)) == 0
