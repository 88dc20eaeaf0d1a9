import time
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from plimsoll.widgets import hold_button
from plimsoll.widgets.hold_button import HOLD_MS, HoldButton
from plimsoll.widgets.theme import Theme

SHORT_MS = 160
LEFT = Qt.MouseButton.LeftButton
KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class Scene:
    def __init__(self, theme: Theme) -> None:
        self.window = QWidget()
        self.button = HoldButton("Hold to approve 3 orders", theme, self.window)
        self.field = QLineEdit(self.window)
        column = QVBoxLayout(self.window)
        column.addWidget(self.button)
        column.addWidget(self.field)
        self.window.resize(300, 120)
        self.decisions: list[float] = []
        self.button.decided.connect(self.note)
        self.button.arm(True)
        self.window.show()
        self.window.activateWindow()

    def note(self) -> None:
        self.decisions.append(time.monotonic())

    def repeat(self, key: Qt.Key, kind: QEvent.Type) -> None:
        """Send what a key that repeats by itself sends."""
        QApplication.sendEvent(
            self.button, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, "", autorep=True)
        )


@pytest.fixture
def scene(qtbot: QtBot, theme: Theme) -> Iterator[Scene]:
    made = Scene(theme)
    qtbot.waitUntil(made.window.isActiveWindow)
    made.button.setFocus()
    yield made
    made.window.close()
    shiboken6.delete(made.window)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold_button, "HOLD_MS", SHORT_MS)


def pressed_ago(scene: Scene, milliseconds: float) -> bool:
    return scene.button.progress * hold_button.HOLD_MS >= milliseconds


def test_that_it_takes_a_whole_second_and_shows_how_far_it_is(qtbot: QtBot, scene: Scene) -> None:
    began_s = time.monotonic()
    QTest.mousePress(scene.button, LEFT)
    qtbot.waitUntil(lambda: pressed_ago(scene, 0.7 * HOLD_MS), timeout=4000)
    assert scene.decisions == []
    empty, filled = QPoint(290, 20), QPoint(12, 6)
    picture = scene.button.grab().toImage()
    assert picture.pixelColor(filled) != picture.pixelColor(min(empty.x(), picture.width() - 12), 6)
    qtbot.waitUntil(lambda: len(scene.decisions) == 1, timeout=4000)
    assert scene.decisions[0] - began_s >= HOLD_MS / 1000.0
    QTest.mouseRelease(scene.button, LEFT)
    assert len(scene.decisions) == 1


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.usefixtures("quick")
def test_that_a_key_held_on_the_focused_button_decides_once(qtbot: QtBot, scene: Scene, key: Qt.Key) -> None:
    QTest.keyPress(scene.button, key)
    qtbot.waitUntil(lambda: len(scene.decisions) == 1)
    for _ in range(20):
        scene.repeat(key, QEvent.Type.KeyPress)
    assert not scene.button.is_held, "a key that is still down began another hold"
    QTest.keyRelease(scene.button, key)
    assert len(scene.decisions) == 1


@pytest.mark.parametrize("by", ["mouse", *KEYS])
@pytest.mark.usefixtures("quick")
def test_that_letting_go_early_does_nothing(qtbot: QtBot, scene: Scene, by: Qt.Key | str) -> None:
    for _ in range(3):
        if isinstance(by, str):
            QTest.mousePress(scene.button, LEFT)
        else:
            QTest.keyPress(scene.button, by)
        qtbot.waitUntil(lambda: pressed_ago(scene, SHORT_MS / 3))
        if isinstance(by, str):
            QTest.mouseRelease(scene.button, LEFT)
        else:
            QTest.keyRelease(scene.button, by)
        qtbot.waitUntil(lambda: not scene.button.is_held)
        assert scene.button.progress == 0.0
    QTest.qWait(SHORT_MS + 60)
    assert scene.decisions == []


@pytest.mark.usefixtures("quick")
def test_that_presses_of_a_repeating_key_never_begin_a_hold_and_its_releases_never_end_one(
    qtbot: QtBot, scene: Scene
) -> None:
    scene.repeat(Qt.Key.Key_Space, QEvent.Type.KeyPress)
    assert not scene.button.is_held
    QTest.keyPress(scene.button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: pressed_ago(scene, SHORT_MS / 3))
    for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
        held = scene.button.progress
        scene.repeat(Qt.Key.Key_Space, kind)
        assert scene.button.progress >= held
    qtbot.waitUntil(lambda: len(scene.decisions) == 1)
    QTest.keyRelease(scene.button, Qt.Key.Key_Space)


class KeyOfAnXServer:
    """A key that repeats as X sends it: let go and pressed again in one moment, and no word of repeating."""

    def __init__(self, button: HoldButton) -> None:
        self.button, self.now_ms = button, 1_000

    def send(self, kind: QEvent.Type) -> None:
        event = QKeyEvent(kind, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ")
        event.setTimestamp(self.now_ms)
        QApplication.sendEvent(self.button, event)

    def repeat(self) -> None:
        self.now_ms += 30
        self.send(QEvent.Type.KeyRelease)
        QTest.qWait(2)
        self.send(QEvent.Type.KeyPress)
        QTest.qWait(20)


@pytest.mark.usefixtures("quick")
def test_that_a_key_that_repeats_unmarked_is_one_hold_and_never_a_second_one(
    qtbot: QtBot, scene: Scene
) -> None:
    key = KeyOfAnXServer(scene.button)
    key.send(QEvent.Type.KeyPress)
    qtbot.waitUntil(lambda: pressed_ago(scene, SHORT_MS / 3))
    for _ in range(50):
        held = scene.button.progress
        key.repeat()
        if scene.decisions:
            break
        assert scene.button.progress >= held
    for _ in range(10):
        key.repeat()
    assert not scene.button.is_held, "a key that is still down began another hold"
    assert len(scene.decisions) == 1


@pytest.mark.usefixtures("quick")
def test_that_a_key_let_go_in_the_last_moment_decides_nothing(qtbot: QtBot, scene: Scene) -> None:
    key = KeyOfAnXServer(scene.button)
    key.send(QEvent.Type.KeyPress)
    qtbot.waitUntil(lambda: pressed_ago(scene, 0.7 * SHORT_MS))
    key.now_ms += 900
    key.send(QEvent.Type.KeyRelease)
    qtbot.waitUntil(lambda: not scene.button.is_held)
    key.now_ms += 200
    key.send(QEvent.Type.KeyPress)
    assert scene.button.is_held, "a hand that presses again is not a key that repeats"
    assert scene.button.progress < 0.5
    key.now_ms += 100
    key.send(QEvent.Type.KeyRelease)
    QTest.qWait(SHORT_MS)
    assert scene.decisions == []


def leave_by_mouse(scene: Scene) -> None:
    QTest.mouseMove(scene.button, QPoint(scene.button.width() + 40, 5))


def cancels() -> dict[str, object]:
    return {
        "focus": lambda scene: scene.field.setFocus(),
        "window": lambda scene: QApplication.sendEvent(scene.button, QEvent(QEvent.Type.ActivationChange)),
        "hidden": lambda scene: scene.button.hide(),
        "disabled": lambda scene: scene.button.setEnabled(False),
        "disarmed": lambda scene: scene.button.arm(False),
        "escape": lambda scene: QTest.keyClick(scene.button, Qt.Key.Key_Escape),
        "second key": lambda scene: QTest.keyPress(scene.button, Qt.Key.Key_Return),
        "left": leave_by_mouse,
    }


@pytest.mark.parametrize("name", sorted(cancels()))
@pytest.mark.usefixtures("quick")
def test_that_whatever_comes_between_ends_the_hold(qtbot: QtBot, scene: Scene, name: str) -> None:
    QTest.mousePress(scene.button, LEFT)
    qtbot.waitUntil(lambda: scene.button.progress > 0.0)
    cancels()[name](scene)
    assert not scene.button.is_held
    QTest.qWait(SHORT_MS + 60)
    assert scene.decisions == []


@pytest.mark.usefixtures("quick")
def test_that_a_click_a_chord_or_assistive_technology_is_no_hold(qtbot: QtBot, scene: Scene) -> None:
    scene.button.click()
    scene.button.animateClick()
    QTest.mouseClick(scene.button, LEFT)
    QTest.mouseDClick(scene.button, LEFT)
    QTest.mouseRelease(scene.button, LEFT)
    QTest.qWait(SHORT_MS + 60)
    assert scene.decisions == []


@pytest.mark.usefixtures("quick")
def test_that_a_button_that_is_not_armed_cannot_be_held(qtbot: QtBot, scene: Scene) -> None:
    scene.button.arm(False)
    QTest.mousePress(scene.button, LEFT)
    QTest.keyPress(scene.button, Qt.Key.Key_Space)
    scene.button.arm(True)
    QTest.qWait(SHORT_MS + 60)
    assert scene.decisions == []


def test_that_a_busy_event_loop_does_not_hold_for_anybody(qtbot: QtBot, scene: Scene) -> None:
    QTest.mousePress(scene.button, LEFT)
    time.sleep(1.2)  # as a main thread that is stuck with the release waiting in its queue
    QTest.qWait(40)
    assert scene.decisions == []
    assert scene.button.progress < 0.5
    QTest.mouseRelease(scene.button, LEFT)
    assert scene.decisions == []
