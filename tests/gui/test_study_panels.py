"""The panels of the studies say what was found, by text and by colour, with nothing and much to show."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from fakes.study_case import book_of, history_of, walk, window_of
from plimsoll.bridge.roles import Meaning
from plimsoll.domain.backtest_result import BacktestResult, Lamp
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.stress_result import StressResult
from plimsoll.engine.crisis_replay import CrisisReplay
from plimsoll.engine.var_backtest import var_backtest
from plimsoll.widgets.backtest_panel import BacktestPanel
from plimsoll.widgets.stress_panel import StressPanel
from plimsoll.widgets.study_bar import StudyBar
from plimsoll.widgets.study_table import StudyTable
from plimsoll.widgets.theme import Theme


@pytest.fixture
def kept() -> Iterator[list[QWidget]]:
    """Widgets of a test, gone for good after it."""
    widgets: list[QWidget] = []
    yield widgets
    for widget in widgets:
        shiboken6.delete(widget)


def crises() -> tuple[StressResult, ...]:
    share = [100.0, 110.0, 90.0, 70.0, 80.0, 111.0, 120.0] + [120.0] * 10
    oil = walk(3, 17).tolist()
    history = history_of({"A.US": share, "OIL": oil, "B.US": [float("nan")] * 10 + [1.0] * 7})
    book = book_of({"A.US": 100_000.0, "OIL": 20_000.0, "B.US": 5_000.0}, nav=500_000.0)
    replay = CrisisReplay(book, history, RiskMethod())
    refused = replay.over(
        replace(window_of(0, 4), name="Before all data", start=window_of(0, 4).start.replace(1980))
    )
    return replay.over(window_of(0, 4)), replay.over(window_of(1, 3)), refused


def jury() -> BacktestResult:
    history = history_of({"A.US": walk(1, 620).tolist(), "B.US": walk(2, 620, 0.02).tolist()})
    book = book_of({"A.US": 100_000.0, "B.US": -40_000.0})
    return var_backtest(book, history, RiskMethod(window_days=250))


def row_of(table: StudyTable, row: int) -> list[str]:
    items = (table.item(row, column) for column in range(table.columnCount()))
    return ["" if item is None else item.text() for item in items]


def test_that_each_crisis_has_its_row_and_one_that_cannot_be_replayed_its_reason(
    qtbot, theme: Theme, kept: list[QWidget]
) -> None:
    panel = StressPanel(theme)
    kept.append(panel)
    panel.show_results(crises(), "USD")
    first = row_of(panel.table, 0)
    assert first[0] == "A window"
    assert first[1].startswith("−$")
    assert first[5] == "1990-01-08"
    assert row_of(panel.table, 1)[5] == "1990-01-08"
    last = row_of(panel.table, 2)
    assert last[:2] == ["Before all data", crises()[2].refusal]
    assert "2 of 3 crises" in panel.bar.accessibleDescription()
    loss = panel.table.item(0, 1).foreground().color()
    assert loss == QColor(theme.colours.ink(Meaning.LOSS))


def test_that_the_chosen_crisis_is_drawn_with_its_parts(qtbot, theme: Theme, kept: list[QWidget]) -> None:
    panel = StressPanel(theme)
    kept.append(panel)
    panel.resize(1100, 700)
    panel.show()
    qtbot.waitExposed(panel)
    panel.show_results(crises(), "USD")
    names = [row_of(panel.parts, row)[0] for row in range(panel.parts.rowCount())]
    assert "A.US" in names
    assert "Sector: Energy" in names
    assert "B.US: no proxy" in panel.words.text()
    x, y = panel._path.getData()
    assert len(x) == len(y) == 5
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    assert len(panel._path.getData()[0]) == 3
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    assert not panel._plot.isVisible()
    assert panel.words.text() == crises()[2].refusal
    theme.choose("day")
    assert panel.table.item(0, 1).foreground().color() == QColor(theme.colours.ink(Meaning.LOSS))


def test_that_a_panel_without_results_invites_to_run(qtbot, theme: Theme, kept: list[QWidget]) -> None:
    for panel in (StressPanel(theme), BacktestPanel(theme)):
        kept.append(panel)
        panel.show()
        qtbot.waitExposed(panel)
        assert "press Run" in panel.bar.accessibleDescription()
        assert panel.table.rowCount() == 0


def test_that_every_model_has_its_lamp_score_and_tests(qtbot, theme: Theme, kept: list[QWidget]) -> None:
    result = jury()
    panel = BacktestPanel(theme)
    kept.append(panel)
    panel.resize(1100, 700)
    panel.show()
    qtbot.waitExposed(panel)
    panel.show_result(result, "USD")
    assert panel.table.rowCount() == len(result.methods)
    for row, record in enumerate(result.methods):
        assert row_of(panel.table, row)[:3] == [record.name, str(record.lamp), str(record.n_exceptions)]
    assert row_of(panel.table, 0)[6] == "the best"
    assert panel.tests.rowCount() == len(result.methods[0].tests)
    assert "of the median VaR apart" in panel.words.text()
    assert f"{len(result.days)} days out of sample" in panel.bar.accessibleDescription()
    panel.table.selectRow(2)
    assert len(panel._exceptions.getData()[0]) == result.methods[2].n_exceptions
    green = next(row for row, one in enumerate(result.methods) if one.lamp is Lamp.GREEN)
    assert panel.table.item(green, 1).foreground().color() == QColor(theme.colours.ink(Meaning.WITHIN))
    theme.choose("day")
    assert panel.table.item(green, 1).foreground().color() == QColor(theme.colours.ink(Meaning.WITHIN))


def test_that_a_refused_backtest_says_why(qtbot, theme: Theme, kept: list[QWidget]) -> None:
    panel = BacktestPanel(theme)
    kept.append(panel)
    panel.show_result(jury(), "USD")
    panel.show_result(BacktestResult("history was short", words=("no proxy",)), "USD")
    assert panel.table.rowCount() == 0
    assert panel.bar.accessibleDescription() == "Not known: history was short"
    assert panel.words.text() == "no proxy"


def test_that_the_bar_runs_and_while_running_cancels(qtbot, kept: list[QWidget]) -> None:
    bar = StudyBar("idle")
    kept.append(bar)
    with qtbot.waitSignal(bar.asked):
        bar.button.click()
    bar.show_progress(3, 12, "replaying")
    assert (bar.bar.value(), bar.bar.maximum()) == (3, 12)
    assert bar.accessibleDescription() == "replaying, 3 of 12"
    with qtbot.waitSignal(bar.cancel_asked):
        bar.button.click()
    bar.show_end("cancelled")
    assert not bar.bar.isVisibleTo(bar)
    with qtbot.waitSignal(bar.asked):
        bar.button.click()
