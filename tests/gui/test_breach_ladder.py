from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from plimsoll.bridge.roles import Meaning, Role
from plimsoll.domain.distance import Distance, Exactness, Mover, Reach
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.widgets.breach_ladder import (
    ROW,
    TRACK,
    BreachLadder,
    LadderModel,
    meaning_of,
    outlook_of,
    way_of,
)
from plimsoll.widgets.theme import Theme

LIMIT = Limit("dd", "Drawdown", Measure.DRAWDOWN, 0.05, Severity.CRITICAL)
APPLE = Mover("AAPL.US", -0.061, 143.2, 2.3)
NEAR = Distance(
    LIMIT,
    "",
    Reach.MOVE,
    sigma=2.1,
    move_fraction=-0.032,
    loss_base=32_000.0,
    instruments=(APPLE, Mover("USDJPY", 0.012, 112.2, 1.4)),
    seconds_at_pace=840.0,
    probability_today=0.036,
    exactness=Exactness.EXACT,
)
BROKEN = Distance(LIMIT, "AAPL.US", Reach.BROKEN, 0.0, 0.0, 0.0, probability_today=1.0)
FAR = Distance(LIMIT, "", Reach.FAR, reason="no move of prices within 8 σ")
APART = Distance(LIMIT, "", Reach.APART, scale=1.24, reason="exposure or volatility moves it")
UNKNOWN = Distance(LIMIT, "", Reach.UNKNOWN, reason="prices are stale")
ALL = (BROKEN, NEAR, FAR, APART, UNKNOWN)


@pytest.fixture
def ladder(qtbot: QtBot, theme: Theme) -> BreachLadder:
    shown = BreachLadder(theme)
    qtbot.addWidget(shown)
    shown.resize(372, 400)
    shown.show()
    return shown


def plain(text: str) -> str:
    """Return a text with ordinary spaces, as it is typed."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


def said(distance: Distance) -> str:
    model = LadderModel()
    model.take_ladder((distance,))
    return plain(str(model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)))


def test_that_the_model_keeps_qt_s_rules_while_ladders_come_and_go(qtbot: QtBot) -> None:
    model = LadderModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for rungs in (ALL, ALL[::-1], ALL[:2], ()):
        model.take_ladder(rungs)
        assert [model.data(model.index(row), Role.VALUE) for row in range(model.rowCount())] == list(rungs)


def test_that_a_rung_says_move_price_pace_and_chance() -> None:
    assert plain(way_of(NEAR)) == "AAPL.US 143.20 (−6.1 %), USDJPY 112.20 (+1.2 %)"
    assert plain(outlook_of(NEAR)) == "−3.2 % NAV · at this pace in 14 min · 3.6 % today"
    spoken = said(NEAR)
    for part in ("Drawdown", "Critical", "2.1 σ away", "AAPL.US 143.20", "re-priced exactly"):
        assert part in spoken


@pytest.mark.parametrize(
    ("distance", "meaning", "words"),
    [
        (BROKEN, Meaning.OVER, "over its line"),
        (replace(NEAR, sigma=0.6), Meaning.CLOSE, "0.6 σ away"),
        (replace(NEAR, sigma=1.6), Meaning.NEAR, "1.6 σ away"),
        (NEAR, Meaning.WITHIN, "2.1 σ away"),
        (replace(NEAR, exactness=Exactness.FIRST_ORDER), Meaning.WITHIN, "≈2.1 σ away"),
        (FAR, Meaning.WITHIN, "no move of prices within 8 σ"),
        (APART, Meaning.WITHIN, "exposure or volatility moves it"),
        (UNKNOWN, Meaning.UNKNOWN, "prices are stale"),
    ],
)
def test_that_each_reach_has_its_meaning_and_its_words(
    distance: Distance, meaning: Meaning, words: str
) -> None:
    assert meaning_of(distance) is meaning
    assert words in said(distance)


def test_that_one_instrument_s_own_way_is_told_beside_the_joint_one() -> None:
    assert "alone AAPL.US 143.20 (−6.1 %)" in plain(outlook_of(replace(NEAR, alone=APPLE)))
    single = replace(NEAR, alone=APPLE, instruments=(APPLE,))
    assert "alone" not in outlook_of(single)


def test_that_the_water_reaches_the_line_when_it_is_broken(ladder: BreachLadder, theme: Theme) -> None:
    ladder.show_ladder((BROKEN, NEAR, FAR))
    image = ladder.view.viewport().grab().toImage()
    scale = image.devicePixelRatio()
    left = 24

    def colour(row: int, at: float) -> str:
        return image.pixelColor(round((left + TRACK * at) * scale), round((row * ROW + 30) * scale)).name()

    assert colour(0, 0.85) == theme.colours.over
    assert colour(1, 0.4) == theme.colours.within
    assert colour(1, 0.85) == theme.colours.rule
    assert colour(2, 0.4) == theme.colours.rule


def test_that_an_empty_ladder_says_why(ladder: BreachLadder) -> None:
    ladder.show_ladder(ALL)
    assert ladder.view.isVisible()
    ladder.show_ladder(())
    assert not ladder.view.isVisible()
    assert ladder.view.accessibleDescription() == "No limits are set."


def test_that_the_same_ladder_again_changes_nothing(ladder: BreachLadder, qtbot: QtBot) -> None:
    ladder.show_ladder(ALL)
    with qtbot.assertNotEmitted(ladder.rungs.dataChanged):
        ladder.show_ladder(ALL)


def test_that_of_five_hundred_rungs_only_those_in_sight_are_painted(
    ladder: BreachLadder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ladder.show_ladder(tuple(replace(NEAR, sigma=0.01 * n) for n in range(500)))
    painted = []
    painter = ladder.view.itemDelegate()
    original = type(painter).paint
    monkeypatch.setattr(
        type(painter), "paint", lambda self, *rest: (painted.append(rest[2].row()), original(self, *rest))
    )
    ladder.view.viewport().grab()
    assert 0 < len(painted) <= 400 // ROW + 2


def test_that_it_is_painted_anew_by_day(ladder: BreachLadder, theme: Theme) -> None:
    ladder.show_ladder(ALL)
    night = ladder.grab().toImage()
    theme.choose("day")
    assert ladder.grab().toImage() != night
