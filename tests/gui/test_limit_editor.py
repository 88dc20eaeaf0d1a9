from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.people_sign import PeopleSign, sign_from, sign_of_one
from plimsoll.domain.desk_request import LimitChangeAsked
from plimsoll.domain.limit import Limit, Measure, ScopeKind
from plimsoll.domain.person import Person, Right
from plimsoll.domain.stress_scenario import StressLine
from plimsoll.storage.people_file import person_lines
from plimsoll.widgets.limit_editor import BUTTONS, TO_LOOSEN, LimitEditor, Task
from plimsoll.widgets.limit_form import slug
from plimsoll.widgets.theme import Theme

SNAPSHOT = replace(make_snapshot(), stress=(StressLine("crash", "Crash of 1987", 900_000.0, 0.036),))
KNOWN = {status.limit.limit_id: status.limit for status in SNAPSHOT.limits}
REASON = "agreed with the desk"
OpenEditor = Callable[..., LimitEditor]


@pytest.fixture
def asked() -> list[LimitChangeAsked]:
    return []


@pytest.fixture
def open_editor(qapp: QApplication, theme: Theme, asked: list[LimitChangeAsked]) -> Iterator[OpenEditor]:
    editors = []

    def opened(task: Task, limit: Limit | None = None, sign: PeopleSign | None = None) -> LimitEditor:
        editor = LimitEditor(
            theme,
            SNAPSHOT,
            KNOWN,
            sign or sign_of_one("ana"),
            task=task,
            limit=limit,
            make_id=lambda: f"C{len(asked)}",
        )
        editor.asked.connect(asked.append)
        editors.append(editor)
        editor.show()
        return editor

    yield opened
    for editor in editors:
        editor.hide()
        shiboken6.delete(editor)


@pytest.fixture
def sign(tmp_path: Path) -> PeopleSign:
    path = tmp_path / "people.toml"
    ana, ben = Person("ana", frozenset({Right.LOOSEN})), Person("ben", frozenset({Right.CONFIRM}))
    path.write_text(person_lines(ana, "1815") + person_lines(ben, "2718"))
    return sign_from(path, "ana")


def put(editor: LimitEditor, reason: str = REASON, **texts: str) -> None:
    for name, text in texts.items():
        editor.form._put(name, text)
    editor.reason.setText(reason)


def press(qtbot: QtBot, editor: LimitEditor) -> None:
    qtbot.waitUntil(lambda: editor.button.is_armed, timeout=4000)
    QTest.mouseClick(editor.button, Qt.MouseButton.LeftButton)


def test_that_a_limit_is_added_as_it_was_typed(
    open_editor: OpenEditor, asked: list[LimitChangeAsked], qtbot: QtBot
) -> None:
    editor = open_editor(Task.ADD)
    QTest.keyClicks(editor.form.fields["name"], "Sector gross 2")
    put(editor, measure="gross_weight", scope="sector", member="Energy", line="12.5", severity="CRITICAL")
    assert editor.what_happens.text() == "A new limit: acts at once."
    press(qtbot, editor)
    after = asked[0].after
    assert after is not None
    assert (asked[0].limit_id, asked[0].person, asked[0].reason) == ("sector-gross-2", "ana", REASON)
    assert (after.measure, after.line, after.scope.kind) == (
        Measure.GROSS_WEIGHT,
        0.125,
        ScopeKind.SECTOR,
    )
    assert after.scope.member == "Energy"


def test_that_each_wrong_field_says_beneath_itself_what_it_should_be(open_editor: OpenEditor) -> None:
    editor = open_editor(Task.CHANGE, KNOWN["drawdown"])
    put(editor, line="lots", warning_fraction="140", confirm_of="some", next_review="soon")
    told = {name: label.text() for name, label in editor.form.complaints.items() if label.text()}
    assert told == {
        "line": "a share in per cent above 0, like 1.75",
        "warning_fraction": "above 0 and at most 100 %",
        "confirm_updates": "a whole number of updates, like 3",
        "next_review": "a day in quotes, like 2026-11-23",
    }
    assert editor.form.fields["line"].accessibleDescription() == told["line"]
    assert editor.what_happens.text() == "4 fields are not right yet."
    assert not editor.button.isEnabled()


def test_that_the_use_now_follows_the_line_and_the_figures(open_editor: OpenEditor) -> None:
    editor = open_editor(Task.CHANGE, KNOWN["sector"])
    put(editor, line="40")
    words = "Use now would be 49 %: 19.60 % (Technology) against a line of 40.00 %."
    assert editor.use_words.text().replace("\N{NO-BREAK SPACE}", " ") == words
    put(editor, line="10")
    assert editor.use_words.text().endswith("It would break.")
    moved = replace(SNAPSHOT.limits[6], value=0.05)
    editor.show_snapshot(replace(SNAPSHOT, limits=(moved,)))
    assert editor.bar.accessibleDescription().startswith("50")


@pytest.mark.parametrize(
    ("line", "words", "button"),
    [
        ("20", "Tightening: acts at once.", BUTTONS[Task.CHANGE]),
        ("30", "Loosening: acts on ", TO_LOOSEN),
        ("25", "Nothing would change.", BUTTONS[Task.CHANGE]),
    ],
)
def test_that_what_will_happen_is_said_before_it_does(
    open_editor: OpenEditor, line: str, words: str, button: str
) -> None:
    editor = open_editor(Task.CHANGE, KNOWN["sector"])
    put(editor, line=line)
    assert editor.what_happens.text().startswith(words)
    assert editor.button.text() == button
    assert editor.button.isEnabled() == (line != "25")


def test_that_the_button_waits_for_a_reason_of_ten_characters(open_editor: OpenEditor) -> None:
    editor = open_editor(Task.CHANGE, KNOWN["sector"])
    put(editor, line="20", reason="too short")
    assert not editor.button.isEnabled()
    put(editor, reason="just right")
    assert editor.button.isEnabled()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Escape])
def test_that_no_stray_key_asks_for_anything(
    open_editor: OpenEditor, asked: list[LimitChangeAsked], qtbot: QtBot, key: Qt.Key
) -> None:
    editor = open_editor(Task.CHANGE, KNOWN["sector"])
    put(editor, line="20")
    qtbot.waitUntil(lambda: editor.button.is_armed, timeout=4000)
    for place in (editor.button, editor.reason, editor.form.fields["line"], editor):
        place.setFocus()
        QTest.keyClick(place, key)
    assert not asked
    assert editor.isVisible()
    assert not any(button.isDefault() or button.autoDefault() for button in editor.findChildren(QPushButton))


def test_that_what_the_desk_refuses_stays_as_it_was_typed(
    open_editor: OpenEditor, asked: list[LimitChangeAsked], qtbot: QtBot
) -> None:
    editor = open_editor(Task.CHANGE, KNOWN["sector"])
    put(editor, line="20")
    press(qtbot, editor)
    assert not editor.button.isEnabled()  # one request at a time
    editor.show_refusal(replace(asked[0], change_id="of somebody else"), "not for this window")
    assert "not for this window" not in editor.answer.text()
    editor.show_refusal(asked[0], "the journal could not be written")
    assert editor.answer.text() == "Refused: the journal could not be written"
    assert editor.form.texts()["line"] == "20"
    assert editor.reason.text() == REASON
    assert editor.button.isEnabled()
    assert not editor.button.is_armed
    press(qtbot, editor)
    assert len(asked) == 2
    editor.show_taken(asked[1])
    assert not editor.isVisible()


def test_that_closing_loses_nothing_unasked(open_editor: OpenEditor) -> None:
    editor = open_editor(Task.CHANGE, KNOWN["sector"])
    put(editor, line="20", reason="")
    editor.close()
    assert editor.isVisible()
    assert editor._leave.isVisible()
    editor._lose()
    assert not editor.isVisible()
    untouched = open_editor(Task.CHANGE, KNOWN["sector"])
    QTest.keyClick(untouched, Qt.Key.Key_Escape)
    assert not untouched.isVisible()


def test_that_loosening_is_signed_with_a_pin_where_the_desk_has_people(
    open_editor: OpenEditor, asked: list[LimitChangeAsked], sign: PeopleSign, qtbot: QtBot
) -> None:
    editor = open_editor(Task.CHANGE, KNOWN["sector"], sign)
    put(editor, line="20")
    assert not editor.sign_row.isVisible()
    put(editor, line="30")
    assert editor.sign_row.isVisible()
    assert not editor.button.isEnabled()
    QTest.keyClicks(editor.sign_row.pin, "0000")
    press(qtbot, editor)
    assert not asked
    assert editor.answer.text() == "Refused: The name or the PIN is wrong."
    assert editor.sign_row.pin.text() == ""
    QTest.keyClicks(editor.sign_row.pin, "1815")
    press(qtbot, editor)
    assert asked[0].person == "ana"


def test_that_removing_a_limit_shows_it_whole_and_counts_as_loosening(
    open_editor: OpenEditor, asked: list[LimitChangeAsked], qtbot: QtBot
) -> None:
    editor = open_editor(Task.REMOVE, KNOWN["var"])
    assert not any(field.isEnabled() for field in editor.form.fields.values())
    assert editor.what_happens.text().startswith("Removing it, a loosening: acts on ")
    editor.reason.setText(REASON)
    press(qtbot, editor)
    assert (asked[0].limit_id, asked[0].after) == ("var", None)


def test_that_a_temporary_limit_measures_what_the_official_one_does_and_needs_an_end(
    open_editor: OpenEditor,
) -> None:
    editor = open_editor(Task.STAND_IN, KNOWN["var"])
    assert editor.form.complaints["effective_until"].text().startswith("an end")
    put(editor, effective_until="2026-12-01T17:00:00Z", line="300,000")
    assert editor.what_happens.text() == "A new limit: acts at once."
    put(editor, line="500,000")
    assert editor.what_happens.text().startswith("It allows more than the limit it stands in for")
    texts = editor.form.texts()
    assert (texts["id"], texts["stands_in_for"]) == ("var-tmp1", "var")
    assert not editor.form.fields["measure"].isEnabled()


def test_that_only_choices_that_fit_the_measure_are_offered(open_editor: OpenEditor) -> None:
    form = open_editor(Task.ADD).form
    form._put("measure", "stress_loss")
    assert form.fields["detail"].findText("crash") >= 0
    assert form._captions["detail"].text() == "Scenario"
    form._put("measure", "gross_weight")
    scopes = [form.fields["scope"].itemData(row) for row in range(form.fields["scope"].count())]
    assert scopes == [kind.value for kind in Measure.GROSS_WEIGHT.scopes]
    assert not form.fields["detail"].isVisible()
    form._put("scope", "sector")
    members = [form.fields["member"].itemText(row) for row in range(form.fields["member"].count())]
    assert members[0] == ""
    assert "Technology" in members
    form._put("measure", "exit_share_1d")
    assert form._captions["line"].text() == "Line: breaks below it"


def test_that_an_id_is_made_of_the_name_until_somebody_writes_one(open_editor: OpenEditor) -> None:
    form = open_editor(Task.ADD).form
    QTest.keyClicks(form.fields["name"], "ES 97.5 % (day)")
    assert form.texts()["id"] == "es-97-5-day"
    form._put("id", "mine")
    QTest.keyClicks(form.fields["name"], " more")
    assert form.texts()["id"] == "mine"
    assert slug("x" * 60) == "x" * 40
