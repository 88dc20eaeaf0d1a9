"""A breach dialog over a model whose desk is the test itself, with hands that type, press and hold."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from fakes.proposal_maker import LEGS, make_answer, make_standing
from fakes.snapshot_maker import Recipe, make_breaches, make_snapshot
from plimsoll.bridge.people_sign import PeopleSign, sign_from
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.breach_group import group_of
from plimsoll.domain.decision import Decision
from plimsoll.domain.order import Order, OrderState
from plimsoll.domain.person import Person
from plimsoll.domain.proposal import WhatIf
from plimsoll.domain.proposal_request import WhatIfAsked
from plimsoll.domain.proposal_standing import ProposalStanding
from plimsoll.engine.events import ProposalChanged
from plimsoll.storage.people_file import person_lines
from plimsoll.widgets import deliberate_button, hold_button
from plimsoll.widgets.breach_dialog import BreachDialog
from plimsoll.widgets.deliberate_button import DeliberateButton
from plimsoll.widgets.proposal_acts import ProposalActs
from plimsoll.widgets.proposal_card import ProposalCard
from plimsoll.widgets.proposal_legs import QuantityField
from plimsoll.widgets.theme import Theme

VAR = make_breaches()[0]
LEFT = Qt.MouseButton.LeftButton
REASON = "the desk agreed to it"
QUICK_MS = 120


class Scene:
    """A dialog over a model whose desk is this test."""

    def __init__(self, model: RiskModel, theme: Theme, qtbot: QtBot, sign: PeopleSign | None = None) -> None:
        self.model, self.qtbot = model, qtbot
        self.requests: list[object] = []
        self.decisions: list[Decision] = []
        self.asked: list[WhatIfAsked] = []
        model.request_made.connect(self.requests.append)
        model.decision_made.connect(self.decisions.append)
        model.what_if_asked.connect(self.asked.append)
        model.take_snapshot(make_snapshot(Recipe(var_over=True), breaches=(VAR,)))
        self.window = QWidget()
        self.window.resize(1366, 700)
        self.window.show()
        self.dialog = BreachDialog(model, theme, group_of("g", [VAR]), (), self.window, sign=sign)
        self.dialog.show()
        self.dialog.activateWindow()
        qtbot.waitUntil(self.dialog.isActiveWindow)

    def stand(self, standing: ProposalStanding) -> ProposalStanding:
        self.model.take_event(ProposalChanged(standing))
        return standing

    def arm(self) -> None:
        self.qtbot.waitUntil(lambda: self.acts.approve.is_armed, timeout=4000)

    @property
    def card(self) -> ProposalCard | None:
        return self.dialog.card

    @property
    def acts(self) -> ProposalActs:
        return self.dialog.foot.acts

    def field(self, code: str) -> QuantityField:
        return self.card.page.legs.row_of(code).field

    def type_in(self, code: str, text: str) -> None:
        field = self.field(code)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)

    def tab(self, title: str) -> QToolButton:
        return next(button for button in self.card.tabs.buttons() if button.text() == title)

    def answer(self, what_if: WhatIf | None = None, refusal: str = "", place: int = -1) -> None:
        proposal = self.card.standing.proposal
        self.model.what_if_answered.emit(make_answer(self.asked[place], proposal, what_if, refusal))

    def wait_for_question(self, quantities: tuple[tuple[str, Decimal], ...]) -> None:
        self.qtbot.waitUntil(lambda: bool(self.asked) and self.asked[-1].quantities == quantities)

    def hold(self, by: str = "mouse") -> None:
        self.arm()
        if by == "mouse":
            QTest.mousePress(self.acts.approve, LEFT)
            self.qtbot.waitUntil(lambda: not self.acts.approve.is_held)
            QTest.mouseRelease(self.acts.approve, LEFT)
        else:
            self.acts.approve.setFocus()
            QTest.keyPress(self.acts.approve, Qt.Key.Key_Space)
            self.qtbot.waitUntil(lambda: not self.acts.approve.is_held)
            QTest.keyRelease(self.acts.approve, Qt.Key.Key_Space)

    def press(self, button: DeliberateButton, by: str = "mouse") -> None:
        self.arm()
        if by == "mouse":
            QTest.mouseClick(button, LEFT)
        else:
            letter = button.text()[button.text().index("&") + 1].upper()
            QTest.keyClick(self.dialog, getattr(Qt.Key, f"Key_{letter}"), Qt.KeyboardModifier.AltModifier)
            self.qtbot.waitUntil(lambda: not button.isDown())

    def sign(self, pin: str) -> None:
        signing = self.dialog.foot.signing.dialog
        QTest.keyClicks(signing.row.pin, pin)
        self.qtbot.waitUntil(lambda: signing.button.is_armed)
        QTest.mouseClick(signing.button, LEFT)

    def orders(self, *states: OrderState, decision_id: str = "D-1") -> None:
        for leg, state in zip(LEGS, states, strict=True):
            filled = leg.quantity if state is OrderState.FILLED else Decimal(0)
            reason = "outside the price band" if state is OrderState.REJECTED else ""
            order = Order(f"P-{leg.code}", decision_id, leg.code, leg.quantity, None, state, filled, reason)
            self.model.order_changed.emit(order)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    # The true seconds are tested where the buttons are: here only who may press what, and what it does.
    monkeypatch.setattr(hold_button, "HOLD_MS", QUICK_MS)
    monkeypatch.setattr(deliberate_button, "ARMING_MS", QUICK_MS)


OpenScene = Callable[..., Scene]


@pytest.fixture
def open_dialog(qtbot: QtBot, model: RiskModel, theme: Theme, quick: None) -> Iterator[OpenScene]:
    scenes = []

    def open_scene(sign: PeopleSign | None = None) -> Scene:
        scenes.append(Scene(model, theme, qtbot, sign))
        return scenes[-1]

    yield open_scene
    for scene in scenes:
        if shiboken6.isValid(scene.dialog):
            scene.dialog.close()
        scene.window.close()
        shiboken6.delete(scene.window)


@pytest.fixture
def scene(open_dialog: OpenScene) -> Scene:
    made = open_dialog()
    made.stand(make_standing(VAR))
    return made


@pytest.fixture
def sign(tmp_path: Path) -> PeopleSign:
    path = tmp_path / "people.toml"
    path.write_text(person_lines(Person("ana"), "1815") + person_lines(Person("ben"), "2718"))
    return sign_from(path, "ana")
