"""One run, started from either panel, fills both; a cancelled or refused one says so in both."""

import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import shiboken6

from fakes.study_case import MASTER, book_of
from plimsoll.bridge.study_job import StudyJob, StudyRecipe
from plimsoll.domain.method import RiskMethod
from plimsoll.storage.crisis_file import crisis_windows_from_folder
from plimsoll.widgets.backtest_panel import BacktestPanel
from plimsoll.widgets.stress_panel import StressPanel
from plimsoll.widgets.study_station import StudyStation
from plimsoll.widgets.theme import Theme

RESOURCES = Path(__file__).parents[2] / "resources"


def recipe(**given: object) -> StudyRecipe:
    values: dict[str, object] = {
        "book": book_of({"US500": 100_000.0}),
        "method": RiskMethod(),
        "windows": crisis_windows_from_folder(RESOURCES / "stress"),
        "codes": ("US500", "EURUSD"),
        "master": MASTER,
        "bundled_path": RESOURCES / "market" / "closes.npz",
    }
    return StudyRecipe(**{**values, **given})


@dataclass
class Case:
    executor: Executor
    job: StudyJob
    stress: StressPanel
    backtest: BacktestPanel
    station: StudyStation


@pytest.fixture
def case(theme: Theme) -> Iterator[Case]:
    with ThreadPoolExecutor(1) as pool:
        job, stress, backtest = StudyJob(pool), StressPanel(theme), BacktestPanel(theme)
        yield Case(pool, job, stress, backtest, StudyStation(job, stress, backtest, "USD"))
    for widget in (stress, backtest):
        shiboken6.delete(widget)


def test_that_one_run_fills_both_panels(qtbot, case: Case) -> None:
    with qtbot.waitSignal(case.station.recipe_wanted):
        case.backtest.bar.button.click()
    with qtbot.waitSignal(case.job.finished, timeout=40_000):
        case.station.run(recipe())
        assert case.stress.bar.button.text() == "Cancel"
    assert case.stress.table.rowCount() == 23
    assert case.backtest.table.rowCount() == 7
    assert "23 of 23 crises" in case.stress.bar.accessibleDescription()
    assert case.stress.bar.button.text() == case.backtest.bar.button.text() == "Run"


def test_that_cancel_of_either_panel_is_told_in_both(qtbot, case: Case) -> None:
    gate = threading.Event()
    case.executor.submit(gate.wait, 20.0)  # the study stands in line behind it
    case.station.run(recipe())
    with qtbot.waitSignal(case.job.cancelled):
        case.stress.bar.button.click()
    gate.set()
    for bar in (case.stress.bar, case.backtest.bar):
        assert bar.accessibleDescription() == "Cancelled."


def test_that_a_refusal_is_told_in_both(qtbot, case: Case, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("date,code,close\n1987-10-19,NOBODY,1\n")
    with qtbot.waitSignal(case.job.refused, timeout=20_000):
        case.station.run(recipe(own_files=(own,)))
    for bar in (case.stress.bar, case.backtest.bar):
        assert "NOBODY" in bar.accessibleDescription()
