"""The policy is changed in the editor, by the same rules as limits, and what is typed is never lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.people_sign import PeopleSign, sign_from
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.person import People, Person, Right
from plimsoll.domain.policy_change import PolicyRequest
from plimsoll.domain.response_policy import BUILT_IN, Autonomy
from plimsoll.engine.policy_keeper import PolicyKeeper
from plimsoll.storage.people_file import person_lines
from plimsoll.widgets.policy_desk import PolicyDesk
from plimsoll.widgets.policy_editor import CHANGE, TO_LOOSEN, UNSAVED, PolicyEditor
from plimsoll.widgets.policy_rules import DOWN
from plimsoll.widgets.theme import Theme

LIMITS = tuple(status.limit for status in make_snapshot().limits)
ANA, BEN = Person("ana", frozenset({Right.LOOSEN})), Person("ben", frozenset({Right.CONFIRM}))
REASON = "agreed in the risk meeting"
CHEAPEST = 3
"""Where the response "cheapest-cut" stands in the built-in policy."""


class Hands:
    """The desk's policy, its window, and the keeper that answers as the engine would."""

    def __init__(self, window: QWidget, theme: Theme, sign: PeopleSign) -> None:
        self.keeper = PolicyKeeper(BUILT_IN, People((ANA, BEN)), lambda *_row: None)
        self.keeper.begin(1)
        self.asked: list[PolicyRequest] = []
        self.desk = PolicyDesk(window, theme, sign, BUILT_IN)
        self.desk.take_limits(LIMITS)
        self.desk.asked.connect(self.answer)

    def answer(self, request: PolicyRequest) -> None:
        self.asked.append(request)
        try:
            self.keeper.take(request, 2)
        except DecisionRefused as refusal:
            self.desk.show_refusal(request, str(refusal))
            return
        self.desk.show_taken(request)
        self.desk.take_policy(self.keeper.policy, self.keeper.pending)

    @property
    def editor(self) -> PolicyEditor:
        assert self.desk.editor is not None
        return self.desk.editor

    def put(self, response: int, name: str, text: str) -> None:
        self.editor.list.setCurrentRow(response)
        field = self.editor.form.fields[name]
        if isinstance(field, QLineEdit):
            field.setText(text)
        else:
            field.setCurrentIndex(field.findData(text))


@pytest.fixture
def hands(qapp: QApplication, theme: Theme, tmp_path: Path) -> Iterator[Hands]:
    path = tmp_path / "people.toml"
    path.write_text(person_lines(ANA, "1815") + person_lines(BEN, "2718"))
    window = QWidget()
    made = Hands(window, theme, sign_from(path, "ana"))
    made.desk.open()
    yield made
    window.close()
    shiboken6.delete(window)


def press(qtbot: QtBot, editor: PolicyEditor) -> None:
    editor.reason.setText(REASON)
    qtbot.waitUntil(lambda: editor.button.is_armed, timeout=4000)
    QTest.mouseClick(editor.button, Qt.MouseButton.LeftButton)


def test_that_a_tightening_is_asked_for_and_closes_the_editor(hands: Hands, qtbot: QtBot) -> None:
    editor = hands.editor
    assert not editor.is_changed
    hands.put(CHEAPEST, "expires_s", "60")
    assert editor.list.item(CHEAPEST).text() == "cheapest-cut •"
    assert editor.what_differs.text() == "Not in force yet: cheapest-cut (an approval holds for)."
    assert editor.button.text() == CHANGE
    press(qtbot, editor)
    assert hands.keeper.policy.named("cheapest-cut") == replace(BUILT_IN.responses[CHEAPEST], expires_s=60.0)
    assert not editor.isVisible()


def test_that_more_autonomy_is_signed_waits_and_is_confirmed_by_a_second_person(
    hands: Hands, qtbot: QtBot
) -> None:
    editor = hands.editor
    hands.put(CHEAPEST, "autonomy", Autonomy.EXECUTE_AT_ONCE.value)
    assert editor.button.text() == TO_LOOSEN
    assert "it would execute at once" in editor.what_happens.text()
    editor.sign_row.pin.setText("0000")
    press(qtbot, editor)
    assert "PIN is wrong" in editor.answer.text()
    assert hands.asked == []
    editor.sign_row.pin.setText("1815")
    press(qtbot, editor)
    assert hands.keeper.policy == BUILT_IN
    assert hands.keeper.pending is not None
    qtbot.waitUntil(lambda: hands.desk.editor is None)
    hands.desk.open()
    assert hands.desk.waiting is not None
    assert "cheapest-cut (how far it goes), asked by ana" in hands.desk.waiting.words.text()
    hands.desk._confirm()
    signing = hands.desk.signing
    assert signing is not None
    assert [signing.row.name.itemText(n) for n in range(signing.row.name.count())] == ["ben"]
    signing.row.pin.setText("2718")
    qtbot.waitUntil(lambda: signing.button.is_armed, timeout=4000)
    QTest.mouseClick(signing.button, Qt.MouseButton.LeftButton)
    found = hands.keeper.policy.named("cheapest-cut")
    assert found is not None
    assert found.autonomy is Autonomy.EXECUTE_AT_ONCE
    assert not hands.desk.waiting.isVisible()


def test_that_each_wrong_field_says_beneath_itself_what_it_should_be(hands: Hands) -> None:
    editor = hands.editor
    hands.put(0, "reduce_fraction", "150")
    assert editor.form.complaints["reduce_fraction"].text() == "above 0 and at most 100 %"
    assert editor.list.item(0).text() == "cut-half – not right yet"
    assert not editor.button.isEnabled()
    assert not editor.routes.isEnabled()  # they are of the last policy that was right
    assert editor.what_happens.text() == "1 field is not right yet."
    hands.put(0, "reduce_fraction", "40")
    assert editor.form.complaints["reduce_fraction"].text() == ""


def test_that_the_order_of_rules_decides_and_the_table_follows_it_live(hands: Hands) -> None:
    editor = hands.editor
    editor.rules.add()
    last = editor.rules.lines[-1]
    last.response.setCurrentIndex(last.response.findData("to-cash"))
    names = [editor.routes.item(row, 1).text() for row in range(editor.routes.rowCount())]
    assert len(names) == len(LIMITS)
    n_to_cash = names.count("to-cash")
    for _ in range(len(editor.rules.lines) - 1):  # the catch-all climbs to the top
        number = len(editor.rules.lines) - 1 - _
        editor.rules._act(number - 1, DOWN)
    names = [editor.routes.item(row, 1).text() for row in range(editor.routes.rowCount())]
    assert {name.removesuffix(UNSAVED) for name in names} == {"to-cash"}
    assert n_to_cash < len(names)
    assert {editor.routes.item(row, 2).text() for row in range(len(names))} == {"rule 1"}


def test_that_a_renamed_response_keeps_its_rules_and_a_removed_one_leaves_them_wrong(hands: Hands) -> None:
    editor = hands.editor
    hands.put(CHEAPEST, "name", "cheap")
    assert editor.rules.texts()[-1]["response"] in {"cheap", "alert"}
    assert "cheap" in {texts["response"] for texts in editor.rules.texts()}
    assert editor.fault() == ""
    editor.remove_response()
    assert editor.fault() == "A field is not right yet"
    assert any("the name of a response" in line.complaint.text() for line in editor.rules.lines)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Escape])
def test_that_no_stray_key_asks_and_closing_loses_nothing_unasked(
    hands: Hands, qtbot: QtBot, key: Qt.Key
) -> None:
    editor = hands.editor
    hands.put(0, "expires_s", "60")
    editor.reason.setText(REASON)
    qtbot.waitUntil(lambda: editor.button.is_armed, timeout=4000)
    QTest.keyClick(editor.button, key)
    QTest.keyClick(editor, key)
    assert hands.asked == []
    editor.close()
    assert editor.isVisible()
    assert editor.is_changed
