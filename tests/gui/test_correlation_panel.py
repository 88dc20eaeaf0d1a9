from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from fakes.measured_market import measured
from fakes.snapshot_maker import Recipe, make_snapshot
from plimsoll.bridge.roles import Meaning
from plimsoll.domain.market_figures import BrokenPair
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.widgets.colours import DAY, DIRECTIONS, NIGHT, Colours, luminance
from plimsoll.widgets.correlation_case import ordered_case
from plimsoll.widgets.correlation_panel import CorrelationPanel
from plimsoll.widgets.correlation_shades import STEPS, image_of, shades
from plimsoll.widgets.headline_figures import HEIGHT
from plimsoll.widgets.theme import Theme

NAN = float("nan")
LOOKS = pytest.mark.parametrize("colours", [NIGHT, DAY], ids=["night", "day"])


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> CorrelationPanel:
    shown = CorrelationPanel(theme)
    qtbot.addWidget(shown)
    shown.resize(640, 300)
    shown.show()
    return shown


def having(snapshot: RiskSnapshot, **changes: Any) -> RiskSnapshot:
    correlation = replace(snapshot.market.correlation, **changes)
    return replace(snapshot, market=replace(snapshot.market, correlation=correlation))


def figures(panel: CorrelationPanel) -> dict[str, tuple[str, str, Meaning]]:
    return {h.caption: (h.figure, h.note, h.meaning) for h in panel.figures.headlines}


def test_that_absorption_turbulence_and_broken_pairs_are_the_snapshot_s(panel: CorrelationPanel) -> None:
    panel.show_snapshot(measured())
    assert figures(panel) == {
        "Absorption": ("0.81", "+2.3 σ vs 1 y", Meaning.NEAR),
        "Turbulence": ("1.94", "1 is ordinary", Meaning.PLAIN),
        "Broken pairs": ("1", "of 276, framed", Meaning.NEAR),
    }
    assert panel.foot.text() == "EWMA 0.94 against the days before"


def test_that_what_is_not_known_is_unknown_never_nought(panel: CorrelationPanel) -> None:
    panel.show_snapshot(
        having(
            measured(), shift=NAN, absorption_ratio=NAN, turbulence=NAN, n_broken_pairs=-1, broken_pairs=()
        )
    )
    assert {figure for figure, _, _ in figures(panel).values()} == {"unknown"}
    assert {meaning for _, _, meaning in figures(panel).values()} == {Meaning.UNKNOWN}
    assert figures(panel)["Absorption"][1] == "shift unknown"
    assert panel.pairs.accessibleDescription() == "unknown"


def test_that_no_broken_pair_is_not_an_unknown_number_of_them(panel: CorrelationPanel) -> None:
    panel.show_snapshot(having(measured(), n_broken_pairs=0, broken_pairs=()))
    assert figures(panel)["Broken pairs"][0] == "0"
    assert panel.pairs.accessibleDescription() == "No pair moves otherwise than it used to."


def test_that_a_broken_pair_is_listed_with_what_it_was_and_is(panel: CorrelationPanel) -> None:
    panel.show_snapshot(measured())
    assert panel.pairs.accessibleDescription() == (
        "AAPL.US and MSFT.US: correlation 0.35 before, −0.90 in the newest weeks; adjusted p 0.004"
    )


def test_that_codes_stand_by_class_and_within_it_as_given() -> None:
    codes = ("a", "b", "c", "d")
    classes = {"a": "equity", "b": "fx", "c": "equity", "d": "fx"}
    matrix = np.arange(16.0).reshape(4, 4)
    case = ordered_case(codes, classes, matrix, (BrokenPair("b", "c", 0.1, 0.9, 0.01),))
    assert (case.codes, case.groups) == (("a", "c", "b", "d"), ("equity", "equity", "fx", "fx"))
    assert case.matrix is not None
    assert case.matrix[0].tolist() == [0.0, 2.0, 1.0, 3.0]
    assert set(case.broken or ()) == {(1, 2), (2, 1)}


@LOOKS
def test_that_shades_part_from_the_ground_both_ways_and_say_more_the_further(colours: Colours) -> None:
    light = [luminance(QColor.fromRgb(int(shade)).name()) for shade in shades(colours)]
    middle = STEPS // 2
    outward = np.diff(light[middle:]), np.diff(light[middle::-1])
    sign = 1.0 if light[-1] > light[middle] else -1.0
    assert all((sign * steps >= -1e-9).all() for steps in outward)
    assert QColor.fromRgb(int(shades(colours)[middle])).name() == colours.raised


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_that_the_map_stays_blue_and_orange_whatever_gain_and_loss_are(theme: Theme, direction: str) -> None:
    theme.choose_direction(direction)
    low, high = (QColor.fromRgb(int(shades(theme.colours)[end])).name() for end in (0, -1))
    assert (low, high) == (NIGHT.gain, NIGHT.loss)


@LOOKS
def test_that_a_cell_of_the_image_is_a_correlation_and_an_unknown_one_none(colours: Colours) -> None:
    image = image_of(np.array([[1.0, 0.0], [-1.0, NAN]]), colours)
    scale = [QColor.fromRgb(int(shade)).name() for shade in shades(colours)]
    seen = [image.pixelColor(x, y).name() for y in range(2) for x in range(2)]
    assert seen == [scale[-1], scale[STEPS // 2], scale[0], colours.rule]


def test_that_the_value_of_a_cell_is_read_under_the_mouse(panel: CorrelationPanel, qtbot: QtBot) -> None:
    panel.show_snapshot(measured())
    heat_map = panel.heat_map
    spot = heat_map.cell_box(2, 5).center().toPoint()
    qtbot.mouseMove(heat_map, spot + QPoint(0, 1))
    qtbot.mouseMove(heat_map, spot)
    matrix, codes = heat_map.case.matrix, heat_map.case.codes
    assert matrix is not None
    assert heat_map.cell == (2, 5)
    assert heat_map.reading() == f"{codes[2]} · {codes[5]} {matrix[2, 5]:.2f}".replace("-", "−")
    assert heat_map.accessibleDescription() == heat_map.reading()


def test_that_arrow_keys_read_the_map_and_stop_at_its_edges(panel: CorrelationPanel, qtbot: QtBot) -> None:
    panel.show_snapshot(measured())
    heat_map = panel.heat_map
    qtbot.keyClick(heat_map, Qt.Key.Key_Right)
    assert heat_map.reading() == "AAPL.US · MSFT.US −0.90, was 0.35"
    for _ in range(40):
        qtbot.keyClick(heat_map, Qt.Key.Key_Down)
    assert heat_map.cell == (23, 1)


def test_that_the_map_is_drawn_once_a_matrix_and_size_not_once_a_paint(panel: CorrelationPanel) -> None:
    snapshot = measured()
    panel.show_snapshot(snapshot)
    heat_map = panel.heat_map
    heat_map.grab()
    first = heat_map.n_sheets
    for _ in range(3):
        panel.show_snapshot(replace(snapshot, number=snapshot.number + 1))
        heat_map.grab()
    assert heat_map.n_sheets == first
    same_shades = snapshot.market.correlation.matrix + 1e-6
    panel.show_snapshot(having(snapshot, matrix=same_shades))
    heat_map.grab()
    assert heat_map.n_sheets == first
    panel.show_snapshot(having(snapshot, matrix=snapshot.market.correlation.matrix * 0.5))
    heat_map.grab()
    assert heat_map.n_sheets == first + 1


def test_that_colours_on_the_screen_are_those_of_the_matrix(panel: CorrelationPanel, theme: Theme) -> None:
    panel.resize(640, 620)
    panel.show_snapshot(having(measured(), n_broken_pairs=0, broken_pairs=()))
    heat_map = panel.heat_map
    image = heat_map.grab().toImage()
    matrix = heat_map.case.matrix
    assert matrix is not None
    scale = shades(theme.colours)
    for row, column in ((0, 0), (3, 9), (20, 2)):
        spot = heat_map.cell_box(row, column).center() + QPointF(1, 1)
        wanted = QColor.fromRgb(int(scale[round((matrix[row, column] + 1) / 2 * (STEPS - 1))]))
        assert image.pixelColor(spot.toPoint()) == wanted


def test_that_sixty_of_ten_thousand_are_drawn_without_a_name_each(panel: CorrelationPanel) -> None:
    snapshot = measured(10_000)
    panel.show_snapshot(snapshot)
    assert len(panel.heat_map.case.codes) == 60
    assert not panel.grab().isNull()


def test_that_a_tall_panel_puts_the_figures_in_a_row_under_the_map(
    panel: CorrelationPanel, qtbot: QtBot
) -> None:
    panel.show_snapshot(measured())
    panel.resize(400, 700)
    qtbot.waitUntil(lambda: panel.figures.mapTo(panel, QPoint(0, 0)).y() >= panel.heat_map.height() > 0)
    qtbot.waitUntil(lambda: panel.figures.height() == HEIGHT)
    panel.resize(400, 260)
    qtbot.waitUntil(lambda: panel.figures.height() == 3 * HEIGHT)


def test_that_without_history_it_says_what_it_waits_for(panel: CorrelationPanel) -> None:
    panel.show_snapshot(make_snapshot(Recipe(loaded=3)))
    assert panel.accessibleDescription() == "Correlation needs price history: loading 3 of 24."
    panel.show_snapshot(measured())
    assert panel.accessibleDescription() == "EWMA 0.94 against the days before"
