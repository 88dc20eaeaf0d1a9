import itertools

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from plimsoll.bridge.roles import Meaning
from plimsoll.widgets.colours import DAY, DIRECTIONS, NIGHT, Colours, contrast
from plimsoll.widgets.theme import Theme

PALETTES = [
    pytest.param(base.with_direction(*DIRECTIONS[direction][name]), id=f"{name}, {direction}")
    for (name, base), direction in itertools.product((("night", NIGHT), ("day", DAY)), DIRECTIONS)
]


def grounds(colours: Colours) -> tuple[str, str, str]:
    return colours.background, colours.panel, colours.raised


@pytest.mark.parametrize("colours", PALETTES)
def test_that_all_writing_reads_on_every_ground(colours: Colours) -> None:
    inks = {"text": colours.text, "muted": colours.muted, "accent": colours.accent}
    inks |= {meaning.value: colours.ink(meaning) for meaning in Meaning}
    worst = {
        (name, ground): contrast(ink, ground)
        for (name, ink), ground in itertools.product(inks.items(), grounds(colours))
    }
    assert {pair: ratio for pair, ratio in worst.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("colours", PALETTES)
def test_that_gain_and_loss_keep_their_own_colour_as_text(colours: Colours) -> None:
    assert colours.ink(Meaning.GAIN) == colours.gain
    assert colours.ink(Meaning.LOSS) == colours.loss


@pytest.mark.parametrize("colours", PALETTES)
def test_that_every_fill_stands_out_from_every_ground(colours: Colours) -> None:
    fills = {meaning: colours.fill(meaning) for meaning in Meaning}
    weak = {
        (meaning, ground): contrast(fill, ground)
        for (meaning, fill), ground in itertools.product(fills.items(), grounds(colours))
        if contrast(fill, ground) < 3.0
    }
    assert weak == {}


def test_that_contrast_is_that_of_the_web_guidelines() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_that_a_chosen_look_is_told_to_those_who_paint(qtbot: QtBot, theme: Theme) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.choose("day")
    assert theme.colours.panel == DAY.panel
    with qtbot.waitSignal(theme.changed):
        theme.choose_direction("red up, green down")
    assert theme.colours.gain == "#b81d30"


def test_that_a_desk_nobody_has_told_is_a_night_desk(qapp: QApplication) -> None:
    assert Theme("system").colours.panel == NIGHT.panel
