"""The kill switch under stray keys and under a hand that means it: preview, typed word, progress, release."""

import threading
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QPushButton
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.broker_model import BrokerModel
from plimsoll.bridge.kill_preview import preview_of, scopes_of
from plimsoll.domain.broker_event import ConnectionChanged
from plimsoll.domain.kill import WHOLE_BOOK, HaltRelease, KillRequest, KillRow, KillScope, KillStep
from plimsoll.domain.order import Order, OrderState
from plimsoll.widgets.kill_switch import DOES_NOT, KillDialog, KillSwitch
from plimsoll.widgets.theme import Theme

REASON = "the runaway order was found"
ORDERS = (
    Order("P-1", "D-1", "AAPL.US", Decimal(500), Decimal("220.5"), OrderState.WORKING, Decimal(120)),
    Order("P-2", "D-1", "USDJPY", Decimal(-1000), None, OrderState.WORKING),
)
HELD = {"AAPL.US": Decimal(4200), "CAT.US": Decimal(-1500), "KO.US": Decimal(0), "UNKNOWN.US": Decimal(7)}


class Scene:
    """A dialog over a broker model whose broker is this test."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.broker = BrokerModel("Ada", threading.Event())
        self.kills: list[KillRequest] = []
        self.releases: list[HaltRelease] = []
        self.n_asked = 0
        self.broker.kill_wanted.connect(self.kills.append)
        self.broker.release_wanted.connect(self.releases.append)
        self.broker.positions_wanted.connect(self.note_question)
        self.broker.take_connection(ConnectionChanged(is_open=True, words="paper"))
        self.broker.take_orders(ORDERS)
        self.dialog = KillDialog(self.broker)
        qtbot.addWidget(self.dialog)
        self.broker.take_positions(HELD, 1)
        self.dialog.show_snapshot(make_snapshot())
        self.dialog.show()
        self.dialog.activateWindow()
        qtbot.waitUntil(self.dialog.isActiveWindow)

    def note_question(self) -> None:
        self.n_asked += 1

    def arm(self, qtbot: QtBot) -> None:
        qtbot.waitUntil(lambda: self.dialog.kill_button.is_armed, timeout=5_000)

    def type_word(self, word: str) -> None:
        self.dialog.word_field.setFocus()
        QTest.keyClicks(self.dialog.word_field, word)

    def chord(self, key: Qt.Key) -> None:
        QTest.keyClick(self.dialog, key, Qt.KeyboardModifier.AltModifier)
        # Qt shows a button pressed by its chord as down for a moment, and clicks it then.
        buttons = self.dialog.findChildren(QAbstractButton)
        self.qtbot.waitUntil(lambda: not any(button.isDown() for button in buttons))

    def tell(self, step: KillStep, words: str = "told") -> None:
        row = KillRow(1, self.kills[-1], step, words, 1, "Ada")
        self.broker.take_kill(row)
        if step is KillStep.LATCHED:
            self.broker.take_halts((row,))

    @property
    def lines(self) -> list[str]:
        return [self.dialog.preview.item(row).text() for row in range(self.dialog.preview.count())]


@pytest.fixture
def scene(qtbot: QtBot, theme: Theme) -> Scene:
    return Scene(qtbot)


def test_that_stray_keys_do_nothing_wherever_the_focus_is(qtbot: QtBot, scene: Scene) -> None:
    scene.arm(qtbot)
    dialog = scene.dialog
    places = (dialog, dialog.word_field, dialog.reason_field, dialog.kill_button, dialog.close_button)
    for place in places:
        place.setFocus()
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Escape):
            for _ in range(10):
                QTest.keyClick(place, key)
    assert scene.kills == []
    assert dialog.isVisible()


def test_that_enter_does_nothing_even_when_the_word_stands_there_whole(qtbot: QtBot, scene: Scene) -> None:
    scene.arm(qtbot)
    scene.type_word("HALT")
    for place in (scene.dialog.word_field, scene.dialog.kill_button):
        QTest.keyClick(place, Qt.Key.Key_Return)
        QTest.keyClick(place, Qt.Key.Key_Escape)
    assert scene.kills == []
    assert scene.dialog.isVisible()


def test_that_no_button_of_it_is_a_default_one(scene: Scene) -> None:
    buttons = scene.dialog.findChildren(QPushButton)
    assert len(buttons) == 3
    assert not any(button.isDefault() or button.autoDefault() for button in buttons)


def test_that_the_whole_way_goes_by_keyboard(qtbot: QtBot, scene: Scene) -> None:
    scene.arm(qtbot)
    scene.type_word("HALT")
    scene.chord(Qt.Key.Key_H)
    (request,) = scene.kills
    assert (request.scope, request.person, request.flattens, request.is_drill) == (
        WHOLE_BOOK,
        "Ada",
        False,
        False,
    )
    scene.tell(KillStep.LATCHED)
    scene.tell(KillStep.CANCELLED)
    scene.chord(Qt.Key.Key_C)
    assert not scene.dialog.isVisible()


def test_that_the_whole_way_goes_by_mouse_with_flattening(qtbot: QtBot, scene: Scene) -> None:
    dialog = scene.dialog
    dialog.flatten_box.setChecked(True)
    scene.arm(qtbot)
    scene.type_word("HALT")
    QTest.mouseClick(dialog.kill_button, Qt.MouseButton.LeftButton)
    assert scene.kills == []  # to flatten another word is asked for
    dialog.word_field.clear()
    scene.type_word("FLATTEN")
    QTest.mouseClick(dialog.kill_button, Qt.MouseButton.LeftButton)
    assert [request.flattens for request in scene.kills] == [True]
    QTest.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()


def test_that_another_choice_must_be_typed_and_seen_for_anew(qtbot: QtBot, scene: Scene) -> None:
    scene.arm(qtbot)
    scene.type_word("HALT")
    scene.chord(Qt.Key.Key_F)
    assert scene.dialog.flatten_box.isChecked()
    assert scene.dialog.word_field.text() == ""
    assert not scene.dialog.kill_button.is_armed
    scene.type_word("FLATTEN")
    scene.chord(Qt.Key.Key_H)
    assert scene.kills == []


@pytest.mark.parametrize("word", ["halt", "HALT ", " HALT", "HAL", "FLATTEN", "DRILL", ""])
def test_that_only_the_very_word_opens_the_button(qtbot: QtBot, scene: Scene, word: str) -> None:
    scene.arm(qtbot)
    scene.type_word(word)
    assert not scene.dialog.kill_button.isEnabled()
    scene.chord(Qt.Key.Key_H)
    assert scene.kills == []


def test_that_a_drill_says_so_and_is_asked_for_as_one(qtbot: QtBot, scene: Scene) -> None:
    scene.chord(Qt.Key.Key_D)
    scene.arm(qtbot)
    scene.type_word("DRILL")
    scene.chord(Qt.Key.Key_H)
    assert [request.is_drill for request in scene.kills] == [True]
    assert not scene.broker._kill_asked.is_set()  # nobody's orders are kept back for a drill
    assert "ask" in scene.dialog.progress.line.text()


def test_that_the_preview_names_what_would_be_cancelled_and_closed(scene: Scene) -> None:
    assert scene.n_asked == 1
    assert scene.lines == ["cancel   AAPL.US   +380 at 220.5", "cancel   USDJPY   −1,000 at the market"]
    scene.dialog.flatten_box.setChecked(True)
    assert scene.lines[2].startswith("sell   UNKNOWN.US   7   —")  # of unknown worth: the largest, perhaps
    assert [line.split()[:3] for line in scene.lines[3:]] == [
        ["sell", "AAPL.US", "4,200"],
        ["buy", "CAT.US", "1,500"],
    ]
    assert "gross and 1 of unknown value" in scene.dialog.summary.text()
    assert "Positions to close: 3" in scene.dialog.summary.text()


def test_that_a_narrower_scope_shows_and_asks_for_that_alone(qtbot: QtBot, scene: Scene) -> None:
    box = scene.dialog.scope_box
    box.setCurrentIndex(box.findText("All of fx"))
    assert scene.lines == ["cancel   USDJPY   −1,000 at the market"]
    scene.arm(qtbot)
    scene.type_word("HALT")
    scene.chord(Qt.Key.Key_H)
    scope = scene.kills[0].scope
    assert scope.words == "all of fx"
    assert scope.codes is not None
    assert "USDJPY" in scope.codes
    assert "AAPL.US" not in scope.codes


def test_that_it_says_plainly_what_it_does_not_do(scene: Scene) -> None:
    labels = [child.text() for child in scene.dialog.findChildren(type(scene.dialog.summary))]
    assert DOES_NOT in labels
    assert "promise a price" in DOES_NOT


def test_that_an_unreachable_broker_is_said_where_the_kill_is_pressed(scene: Scene) -> None:
    scene.broker.take_connection(ConnectionChanged(is_open=False, words="the line is down"))
    assert "CANNOT BE REACHED (the line is down)" in scene.dialog.summary.text()


def test_that_the_progress_follows_each_step_and_its_log(qtbot: QtBot, scene: Scene) -> None:
    scene.dialog.flatten_box.setChecked(True)
    scene.arm(qtbot)
    scene.type_word("FLATTEN")
    scene.chord(Qt.Key.Key_H)
    line = scene.dialog.progress.line
    assert line.text() == "◐ halt  →  ○ cancel  →  ○ verify  →  ○ flatten  →  ○ verify"
    scene.tell(KillStep.LATCHED, "the whole book HALTED")
    assert line.text() == "✓ halt  →  ◐ cancel  →  ○ verify  →  ○ flatten  →  ○ verify"
    scene.tell(KillStep.CANCELLED)
    assert line.text() == "✓ halt  →  ✓ cancel  →  ✓ verify  →  ◐ flatten  →  ○ verify"
    scene.tell(KillStep.FLATTENING)
    scene.tell(KillStep.FLAT)
    assert line.text() == "✓ halt  →  ✓ cancel  →  ✓ verify  →  ✓ flatten  →  ✓ verify"
    log = scene.dialog.progress.log
    assert log.count() == 4
    assert log.item(0).text() == "00:00:00  the whole book HALTED"


def test_that_a_kill_given_up_is_shown_as_not_verified(qtbot: QtBot, scene: Scene) -> None:
    scene.arm(qtbot)
    scene.type_word("HALT")
    scene.chord(Qt.Key.Key_H)
    scene.tell(KillStep.LATCHED)
    scene.tell(KillStep.GIVEN_UP, "NOT verified within 10 s")
    assert "✗ cancel" in scene.dialog.progress.line.text()
    assert "NOT verified" in scene.dialog.progress.line.text()


def test_that_a_release_needs_its_word_and_a_reason(qtbot: QtBot, scene: Scene) -> None:
    dialog = scene.dialog
    assert not dialog.release_button.isVisible()
    scene.arm(qtbot)
    scene.type_word("HALT")
    scene.chord(Qt.Key.Key_H)
    scene.tell(KillStep.LATCHED)
    assert dialog.release_button.isVisible()
    scene.type_word("RELEASE")
    scene.chord(Qt.Key.Key_R)
    assert scene.releases == []
    QTest.keyClicks(dialog.reason_field, REASON)
    scene.chord(Qt.Key.Key_R)
    assert scene.releases == [HaltRelease(scene.kills[0].kill_id, "Ada", REASON)]


def test_that_the_button_only_opens_and_shows_what_is_halted(qtbot: QtBot, scene: Scene) -> None:
    button = KillSwitch(scene.broker)
    qtbot.addWidget(button)
    wanted: list[int] = []
    button.dialog_wanted.connect(lambda: wanted.append(1))
    button.show()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Escape):
        QTest.keyClick(button, key)
    assert wanted == []
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert wanted == [1]
    request = KillRequest("K-1", WHOLE_BOOK, "Bo", "", flattens=False, is_drill=False, asked_ns=0)
    scene.broker.take_halts((KillRow(1, request, KillStep.LATCHED, "", 0, "Bo"),))
    assert button.text() == "HALTED…"
    assert "the whole book: HALTED by Bo" in button.accessibleDescription()


def test_that_everything_can_be_stopped_before_any_snapshot_came(scene: Scene) -> None:
    words = [scope.words for scope in scopes_of(scene.broker, None)]
    assert words == ["the whole book", "AAPL.US", "CAT.US", "KO.US", "UNKNOWN.US", "USDJPY"]
    found = preview_of(scene.broker, None, KillScope("AAPL.US", frozenset({"AAPL.US"})))
    assert [order.client_id for order in found.orders] == ["P-1"]
    assert found.closings is not None
    assert [each.code for each in found.closings] == ["AAPL.US"]
    assert preview_of(BrokerModel("Ada", threading.Event()), None, WHOLE_BOOK).closings is None
