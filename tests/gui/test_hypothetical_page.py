"""What if: typed scenarios are repriced at once, nothing half right is saved, and the matrix adds up."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt

from fakes.study_case import MASTER, book_of, history_of, walk, window_of
from plimsoll.bridge.hypothetical_desk import HypotheticalDesk
from plimsoll.bridge.lone_job import LoneJob
from plimsoll.bridge.market_study import MarketStudy
from plimsoll.bridge.scenario_shelf import ScenarioShelf
from plimsoll.domain.distance import Distance, Reach
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.stress_matrix import NodeKind
from plimsoll.domain.stress_scenario import Shock, StressScenario
from plimsoll.engine.crisis_replay import CrisisReplay
from plimsoll.engine.hypothetical_market import market_past
from plimsoll.engine.study_pnl import book_series
from plimsoll.storage.scenarios_file import scenarios_from_file, write_scenarios
from plimsoll.widgets.history_sources import HistorySources
from plimsoll.widgets.hypothetical_page import MATRIX, REVERSE, SOURCES, HypotheticalPage
from plimsoll.widgets.hypothetical_panel import HypotheticalPanel
from plimsoll.widgets.hypothetical_station import HypotheticalStation
from plimsoll.widgets.pnl_attribution_panel import PnlAttributionPanel
from plimsoll.widgets.reverse_stress_panel import ReverseStressPanel, amount_of
from plimsoll.widgets.stress_matrix_panel import StressMatrixPanel
from plimsoll.widgets.theme import Theme

BOOK = book_of({"A.US": 100_000.0, "B.US": -40_000.0, "E.DE": 30_000.0}, cash={"EUR": 5_000.0}, nav=500_000.0)
CRASH = StressScenario("crash", "Crash", (Shock(Scope(ScopeKind.SECTOR, "Energy"), -0.2),), "a talk")
EURO = StressScenario("euro", "Euro falls", (Shock(Scope(ScopeKind.CURRENCY, "EUR"), -0.1),))


def study() -> MarketStudy:
    closes = {code: walk(seed, 300).tolist() for seed, code in enumerate(("A.US", "B.US", "E.DE", "EURUSD"))}
    history = history_of(closes)
    past = market_past(BOOK, history, book_series(BOOK, history, 250))
    return MarketStudy(past, (CrisisReplay(BOOK, history, RiskMethod()).over(window_of(3, 40)),))


@pytest.fixture
def page(qtbot, theme: Theme) -> Iterator[HypotheticalPage]:
    shelf = ScenarioShelf((CRASH, EURO))
    desk = HypotheticalDesk(MASTER)
    editor = HypotheticalPanel(theme, shelf, desk, read=scenarios_from_file, write=write_scenarios)
    made = HypotheticalPage(
        desk, editor, ReverseStressPanel(theme, desk), StressMatrixPanel(theme, desk), HistorySources(theme)
    )
    made.resize(1200, 560)
    made.show()
    qtbot.waitExposed(made)
    yield made
    shiboken6.delete(made)


def show_study(page: HypotheticalPage) -> None:
    found = study()
    page.show_study(found.past, found.crises, "historical: one")


def test_that_what_is_typed_is_repriced_at_once_and_marked_until_saved(qtbot, page: HypotheticalPage) -> None:
    editor = page.editor
    page.show_book(BOOK, "USD")
    assert editor.outcome.isolated.figure.text() == "−$26,000"
    assert editor.outcome.transitive.figure.text() == "—"
    show_study(page)
    assert editor.outcome.transitive.figure.text().startswith("−$")
    change = editor.form.lines[0].change
    change.selectAll()
    qtbot.keyClicks(change, "-10")
    assert editor.outcome.isolated.figure.text() == "−$13,000"
    assert editor.list.item(0).text() == "● Crash"
    assert editor.buttons["Save"].isEnabled()
    with qtbot.waitSignal(editor.save_wanted) as wanted:
        editor.buttons["Save"].click()
    (changed, euro) = wanted.args[0]
    assert (changed.shocks[0].change_fraction, euro) == (-0.1, EURO)
    editor.show_saved("saved")
    assert editor.list.item(0).text() == "Crash"
    assert not editor.buttons["Save"].isEnabled()


def test_that_a_wrong_field_says_so_beside_it_and_holds_up_the_save(qtbot, page: HypotheticalPage) -> None:
    editor = page.editor
    page.show_book(BOOK, "USD")
    editor.buttons["Add"].click()
    line = editor.form.lines[0]
    assert "which asset class moves" in line.words.text()
    assert "per cent" in line.words.text()
    assert not editor.buttons["Save"].isEnabled()
    assert editor.outcome.isolated.figure.text() == "—"
    line.member.setEditText("equity")
    qtbot.keyClicks(line.change, "-5")
    assert not line.words.isVisible()
    assert editor.outcome.isolated.figure.text() == "−$4,500"
    editor.form.fields["id"].selectAll()
    qtbot.keyClicks(editor.form.fields["id"], "crash")
    assert "another scenario" in editor.form.complaints["id"].text()
    editor.form.add_button.click()
    editor.form.lines[1].remove.click()
    assert len(editor.form.texts().shocks) == 1
    editor.buttons["Revert"].click()
    assert editor.list.count() == 2


def test_that_scenarios_are_copied_deleted_and_led_through_a_file(
    tmp_path: Path, page: HypotheticalPage
) -> None:
    editor = page.editor
    editor.buttons["Copy"].click()
    assert editor.shelf.scenarios()[-1] == replace(CRASH, scenario_id="crash-2", name="Crash (copy)")
    path = tmp_path / "out.toml"
    editor.export_to(path)
    editor.buttons["Delete"].click()
    assert editor.shelf.scenarios() == (CRASH, EURO)
    editor.import_from(path)
    assert [one.scenario_id for one in editor.shelf.scenarios()] == [
        "crash",
        "euro",
        "crash-2",
        "euro-2",
        "crash-2-2",
    ]
    editor.shelf.needed = {"crash": "Crash limit"}
    editor.list.setCurrentRow(0)
    editor.buttons["Delete"].click()
    assert editor.list.count() == 5
    assert "Crash limit" in editor.words.text()


def test_that_the_matrix_adds_up_and_a_cell_opens_its_detail(
    qtbot, page: HypotheticalPage, theme: Theme
) -> None:
    page.show_book(BOOK, "USD")
    show_study(page)
    page.header.choose(MATRIX)
    matrix = page.matrix.map.matrix
    assert matrix.values.shape[1] == 3
    for kind in NodeKind:
        assert matrix.values[matrix.rows_of(kind)].sum(axis=0) == pytest.approx(matrix.values[0])
    row = next(n for n, node in enumerate(matrix.nodes) if node.name == "Energy")
    box = page.matrix.map.cell_box(row, 0)
    centre = QPoint(int(box.center().x()), int(box.center().y()))
    qtbot.mouseClick(page.matrix.map.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert page.matrix.title.text() == "Energy: −$26,000"
    names = [page.matrix.model.index(n, 0).data() for n in range(page.matrix.model.rowCount())]
    assert names == ["A.US", "E.DE"]
    qtbot.keyClick(page.matrix.map, Qt.Key.Key_Right)
    assert page.matrix.map.reading() == "Energy, Euro falls: −$3,000"
    page.matrix.way.setCurrentIndex(1)
    assert page.matrix.map.matrix.values[row, 0] != pytest.approx(-26_000.0)  # the euro follows
    page.matrix.worst_first.setChecked(True)
    totals = page.matrix.map.matrix.values[0]
    assert (np.diff(totals) >= 0.0).all()
    assert "Energy, Euro falls" in page.matrix.map.reading()
    theme.choose("day")
    assert page.matrix.map.grab().toImage().pixelColor(4, 4).lightness() > 200


def test_that_reverse_stress_asks_for_a_sum_or_a_limit(qtbot, page: HypotheticalPage) -> None:
    page.header.choose(REVERSE)
    page.show_book(BOOK, "USD")
    assert page.reverse.sum.text() == "25,000"
    show_study(page)
    reverse = page.reverse
    assert reverse.distance.text().endswith("σ of the book")
    assert reverse.answer is not None
    assert reverse.answer.moves is not None
    assert reverse.worst.rowCount() == 8
    first = reverse.answer.distance
    reverse.horizon.setCurrentIndex(1)
    reverse.horizon.activated.emit(1)
    assert reverse.answer.distance == pytest.approx(first / np.sqrt(5.0))
    limit = Limit("dl", "Daily loss", Measure.DAILY_LOSS, 50_000.0, Severity.HIGH, Scope())
    reverse.show_ladder((Distance(limit, "", Reach.MOVE, 2.0, -0.02, 10_000.0),))
    reverse.goal.setCurrentIndex(1)
    reverse.goal.activated.emit(1)
    assert reverse.sum.text() == "10,000"
    assert "2.00 σ" in reverse.complaint.text()
    reverse.sum.selectAll()
    qtbot.keyClicks(reverse.sum, "nothing")
    assert "expected a sum" in reverse.complaint.text()
    assert reverse.goal.currentIndex() == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("250,000", 250_000.0),
        ("$1.5m", 1_500_000.0),
        ("20k", 20_000.0),
        ("0", None),
        ("x", None),
        ("-5x", None),
    ],
)
def test_that_a_sum_is_read_as_people_write_it(text: str, value: float | None) -> None:
    assert amount_of(text) == value


def test_that_the_station_asks_while_somebody_looks_and_studies_once_a_book(
    qtbot, page: HypotheticalPage, theme: Theme
) -> None:
    made: list[object] = []

    def work(recipe: object) -> MarketStudy:
        made.append(recipe)
        return study()

    with ThreadPoolExecutor(1) as pool:
        panel = PnlAttributionPanel(theme, page)
        station = HypotheticalStation(page, panel, LoneJob(pool, work), lambda book: book, "USD", parent=page)
        page.hide()
        station.take_book(BOOK)
        assert not made
        with qtbot.waitSignal(station.book_asked):
            page.show()
        with qtbot.waitSignal(station._job.finished, timeout=10_000):
            station.take_book(BOOK)
        station.take_book(BOOK)
        assert len(made) == 1
        assert "250 days of history" in page.header.words.text()
        assert panel.zone.text() == "P&L attribution: unknown"
        page.header.choose(SOURCES)
        assert page.sources.table.item(0, 1).text() == "made"
        assert "0% without any history" in page.sources.foot.text()
        station.expect()
        with qtbot.waitSignal(station._job.finished, timeout=10_000):
            station.take_book(BOOK)
        station.end()
