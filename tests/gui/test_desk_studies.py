"""What is edited under What-if stands in file and settings, and is handed on; a refusal loses nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.study_case import MASTER
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.desk_studies import DeskStudies, StudySources
from plimsoll.domain.limit import Scope
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.stress_scenario import Shock, StressScenario
from plimsoll.storage.scenarios_file import scenarios_from_file
from plimsoll.storage.settings import settings_from_file
from plimsoll.widgets.help_card import HELP, title_around
from plimsoll.widgets.main_window import MainWindow

CRASH = StressScenario("crash", "Crash", (Shock(Scope(), -0.2),))


@pytest.fixture
def studies(window: MainWindow, model: RiskModel, tmp_path: Path) -> Iterator[DeskStudies]:
    made = DeskStudies(
        window,
        model,
        StudySources(
            method=RiskMethod(),
            codes=tuple(MASTER),
            master=MASTER,
            base_currency="USD",
            history_file=tmp_path / "none.sqlite",
            source="test",
            finished_day_of=lambda _ns: 0,
            scenarios=(CRASH,),
            scenarios_file=tmp_path / "scenarios.toml",
            settings_file=tmp_path / "settings.toml",
        ),
    )
    made.begin()
    yield made
    made.end()


def test_that_saved_scenarios_stand_in_their_file_and_are_handed_on(
    qtbot, studies: DeskStudies, tmp_path: Path
) -> None:
    editor = studies.what_if.page.editor
    editor.form.lines[0].change.setText("-30")
    editor.form.edited.emit()
    with qtbot.waitSignal(studies.scenarios_saved) as saved:
        editor.buttons["Save"].click()
    assert saved.args[0][0].shocks[0].change_fraction == -0.3
    assert scenarios_from_file(tmp_path / "scenarios.toml") == saved.args[0]
    assert settings_from_file(tmp_path / "settings.toml").scenarios == tmp_path / "scenarios.toml"
    assert not editor.shelf.has_changes


def test_that_a_file_that_cannot_be_written_keeps_what_was_typed(
    studies: DeskStudies, tmp_path: Path
) -> None:
    (tmp_path / "scenarios.toml").write_text("not TOML at all [")
    editor = studies.what_if.page.editor
    editor.buttons["Copy"].click()
    editor.buttons["Save"].click()
    assert editor.words.text().startswith("not saved")
    assert editor.shelf.has_changes


def test_that_every_page_of_the_studies_has_a_help_of_its_own(studies: DeskStudies) -> None:
    what_if = studies.what_if.page
    pages = [studies._stress, studies._scoreboard, studies._backtest, studies._attribution]
    pages += [studies._protocol_panel, what_if.editor, what_if.reverse, what_if.matrix, what_if.sources]
    assert len({page.accessibleName() for page in pages} & set(HELP)) == len(pages)


def test_that_f1_speaks_of_the_tab_in_front_where_no_panel_has_the_keyboard(
    window: MainWindow, studies: DeskStudies
) -> None:
    header = window.centre.header
    told = []
    for number in range(len(header._group.buttons())):
        header.choose(number)
        told.append(title_around(header, window.centre.front))
    assert {"Positions", "Limits", "Stress by past crises", "Hypothetical stress"} <= set(told)
    assert len(set(told)) == len(told), "a tab without a help of its own falls back on another's"
