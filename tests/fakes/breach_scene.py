"""A breach in its dialog, for the tests of what a person decides there."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_breaches
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.decision import Decision
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.engine.events import BreachRaised
from plimsoll.widgets.breach_dialog import BreachDialog
from plimsoll.widgets.deliberate_button import ARMING_MS, DeliberateButton
from plimsoll.widgets.main_window import MainWindow

VAR, NAME, SECTOR, LOSS = make_breaches()
ARMED_WITHIN_MS = 4 * ARMING_MS


@pytest.fixture
def decisions(model: RiskModel) -> list[Decision]:
    made = []
    model.decision_made.connect(made.append)
    return made


@pytest.fixture
def dialog(show: Callable[..., RiskSnapshot], model: RiskModel, window: MainWindow) -> BreachDialog:
    show()
    show(breaches=(VAR, NAME))
    model.take_event(BreachRaised(VAR, 0))
    return window.queue.dialog


def button(dialog: BreachDialog, word: str) -> DeliberateButton:
    return next(b for b in dialog.findChildren(DeliberateButton) if word in b.text())


def wait_until_armed(qtbot: QtBot, dialog: BreachDialog) -> None:
    qtbot.waitUntil(lambda: button(dialog, "cknowledge").is_armed, timeout=ARMED_WITHIN_MS)
