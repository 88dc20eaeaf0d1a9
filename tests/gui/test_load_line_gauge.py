from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import Recipe, make_snapshot
from plimsoll.bridge.roles import Meaning
from plimsoll.domain.snapshot import GaugeReading
from plimsoll.widgets.load_line_gauge import LINE_HEIGHT_FRACTION, STEPS, LoadLineGauge
from plimsoll.widgets.theme import Theme


@pytest.fixture
def gauge(qtbot: QtBot, theme: Theme) -> LoadLineGauge:
    shown = LoadLineGauge(theme)
    qtbot.addWidget(shown)
    shown.resize(320, 106)
    return shown


def reading(use: float, **changes: Any) -> GaugeReading:
    var = make_snapshot().gauges[0]
    return replace(var, value=use * var.line, use_fraction=use, **changes)


def colour_in_hull(gauge: LoadLineGauge, height_fraction: float) -> QColor:
    image = gauge.grab().toImage()
    scale = image.width() / gauge.width()
    bottom, height = gauge.height() - 13, gauge.height() - 26
    return QColor(image.pixel(round(23 * scale), round((bottom - height * height_fraction) * scale)))


@pytest.mark.parametrize(
    ("use", "meaning"),
    [
        (0.2, Meaning.WITHIN),
        (0.75, Meaning.NEAR),
        (0.9, Meaning.CLOSE),
        (1.0, Meaning.CLOSE),
        (1.01, Meaning.OVER),
    ],
)
def test_that_the_water_has_the_colour_of_what_it_means(
    gauge: LoadLineGauge, theme: Theme, use: float, meaning: Meaning
) -> None:
    gauge.show_reading(reading(use), "USD")
    assert gauge.meaning is meaning
    assert colour_in_hull(gauge, 0.1).name() == theme.colours.fill(meaning)


def test_that_the_water_rises_to_the_load_line_at_full_use(gauge: LoadLineGauge, theme: Theme) -> None:
    gauge.show_reading(reading(0.5), "USD")
    half = LINE_HEIGHT_FRACTION / 2
    assert colour_in_hull(gauge, half - 0.08).name() == theme.colours.within
    assert colour_in_hull(gauge, half + 0.08).name() == theme.colours.background


def test_that_an_unknown_measure_shows_no_water_but_its_reason(gauge: LoadLineGauge, theme: Theme) -> None:
    gauge.show_reading(make_snapshot(Recipe(loaded=3)).gauges[0], "USD")
    assert gauge.meaning is Meaning.UNKNOWN
    assert gauge.value() == 0
    assert "—" in gauge.text()
    assert "loading 3 of 24" in gauge.text()
    status_colours = {theme.colours.within, theme.colours.near, theme.colours.close, theme.colours.over}
    assert colour_in_hull(gauge, 0.1).name() not in status_colours


def test_that_assistive_technology_hears_the_whole_reading(gauge: LoadLineGauge) -> None:
    gauge.show_reading(reading(1.03), "USD")
    heard = gauge.accessibleDescription().replace("\u00a0", " ")
    assert gauge.accessibleName() == "VaR 95 % · 1 day"
    assert heard.startswith("$412,000, limit $400,000, 103 % of limit, over")
    assert gauge.value() == STEPS


def test_that_a_silent_engine_turns_the_water_grey(gauge: LoadLineGauge, theme: Theme) -> None:
    gauge.show_reading(reading(1.2), "USD")
    gauge.grey_out(True)
    assert colour_in_hull(gauge, 0.1).name() == theme.colours.muted
    assert "the engine is silent" in gauge.text()
