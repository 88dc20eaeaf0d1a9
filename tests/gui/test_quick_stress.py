from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from fakes.snapshot_maker import make_snapshot
from plimsoll.bridge.roles import Meaning
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.stress_scenario import StressLine
from plimsoll.widgets.quick_stress import ROW, QuickStress
from plimsoll.widgets.theme import Theme

NAN = float("nan")
STRESS = (
    StressLine("rates", "Rates 2022", 2_880_000.0, 0.1156),
    StressLine("gfc", "GFC 2008", 5_910_000.0, 0.2372),
    StressLine("dollar", "Dollar up 10 %", -642_000.0, -0.0258),
    StressLine("gold", "Gold crash", NAN, NAN),
)


def under(stress: tuple[StressLine, ...]) -> RiskSnapshot:
    return replace(make_snapshot(), stress=stress)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> QuickStress:
    shown = QuickStress(theme)
    qtbot.addWidget(shown)
    shown.resize(372, 220)
    shown.show()
    return shown


def test_that_the_largest_loss_leads_and_the_unknown_comes_before_it(panel: QuickStress) -> None:
    panel.show_snapshot(under(STRESS))
    assert [row.name for row in panel.rows] == ["Gold crash", "GFC 2008", "Rates 2022", "Dollar up 10 %"]


def test_that_a_loss_is_written_as_what_it_does_to_nav(panel: QuickStress) -> None:
    panel.show_snapshot(under(STRESS))
    written = {row.name: (row.money, plain(row.share), row.meaning) for row in panel.rows}
    assert written["GFC 2008"] == ("−$5.91M", "−23.7 %", Meaning.LOSS)
    assert written["Dollar up 10 %"] == ("+$642k", "+2.6 %", Meaning.GAIN)


def test_that_a_scenario_that_cannot_be_priced_is_unknown_not_nought(panel: QuickStress) -> None:
    panel.show_snapshot(under(STRESS))
    assert (panel.rows[0].money, panel.rows[0].meaning) == ("unknown", Meaning.UNKNOWN)
    assert "Gold crash: unknown" in panel.accessibleDescription()


def test_that_a_loss_without_a_nav_has_its_money_and_an_unknown_share(panel: QuickStress) -> None:
    panel.show_snapshot(under((StressLine("gfc", "GFC 2008", 5_910_000.0, NAN),)))
    assert (panel.rows[0].money, panel.rows[0].share) == ("−$5.91M", "unknown")


def test_that_bars_are_as_long_as_losses_are_large(panel: QuickStress) -> None:
    panel.show_snapshot(under(STRESS))
    assert [row.bar for row in panel.rows] == [0, 1000, round(1000 * 2.88 / 5.91), round(1000 * 642 / 5910)]


def test_that_the_bar_has_the_colour_of_its_direction(panel: QuickStress, theme: Theme) -> None:
    panel.show_snapshot(under(STRESS))
    image = panel.viewport().grab().toImage()
    shades = {
        image.pixelColor(x, round((row + 0.5) * ROW)).name() for row in (1, 2) for x in range(image.width())
    }
    assert theme.colours.loss in shades
    assert theme.colours.gain not in shades


def test_that_what_was_told_again_is_not_painted_again(panel: QuickStress, qtbot: QtBot) -> None:
    panel.show_snapshot(under(STRESS))
    first = panel.rows
    moved = replace(STRESS[0], loss_base=2_880_001.0)
    panel.show_snapshot(under((moved, *STRESS[1:])))
    assert panel.rows is first


def test_that_out_of_sight_nothing_is_worked_out_until_it_is_seen(panel: QuickStress) -> None:
    panel.hide()
    panel.show_snapshot(under(STRESS))
    assert panel.rows == ()
    panel.show()
    assert len(panel.rows) == len(STRESS)


def test_that_without_scenarios_it_says_so(panel: QuickStress) -> None:
    panel.show_snapshot(under(STRESS))
    panel.show_snapshot(under(()))
    assert panel.accessibleDescription() == "No stress scenarios are loaded."


def test_that_ten_thousand_scenarios_scroll(panel: QuickStress) -> None:
    many = tuple(StressLine(str(k), f"Scenario {k}", float(k + 1), k / 1e6) for k in range(10_000))
    panel.show_snapshot(under(many))
    assert panel.rows[0].name == "Scenario 9999"
    bar = panel.verticalScrollBar()
    assert bar.maximum() == 10_000 * ROW - panel.viewport().height()
    bar.setValue(bar.maximum())
    assert panel.row_at(panel.viewport().height() - 1) == 9_999
    panel.grab()
