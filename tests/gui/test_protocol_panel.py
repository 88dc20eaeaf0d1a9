"""The Protocol tab says what acting brought, asks for runs by its form, and shows what was kept."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PySide6.QtWidgets import QWidget

from fakes.protocol_case import DRAWDOWN, case_of, fall_and_rise, halve, paper, rules_of, terms_of
from plimsoll.bridge.protocol_job import ProtocolJob, ProtocolRecipe
from plimsoll.domain.named_policy import AS_SET, TOLD_ONLY, compared_policies
from plimsoll.domain.protocol_result import PolicyTrials, ProtocolResult
from plimsoll.domain.response_policy import BUILT_IN
from plimsoll.engine.protocol_course import daily_course
from plimsoll.storage.protocol_shelf import keep_result
from plimsoll.widgets.protocol_form import ALL, ProtocolForm
from plimsoll.widgets.protocol_panel import ProtocolPanel
from plimsoll.widgets.protocol_station import ProtocolStation
from plimsoll.widgets.theme import Theme


@pytest.fixture
def kept() -> Iterator[list[QWidget]]:
    """Widgets of a test, gone for good after it."""
    widgets: list[QWidget] = []
    yield widgets
    for widget in widgets:
        shiboken6.delete(widget)


@pytest.fixture(scope="module")
def result() -> ProtocolResult:
    case = case_of({"A.US": fall_and_rise()}, {"A.US": 500_000.0}, n_before=61, nav=500_000.0)
    terms = terms_of()
    policies = compared_policies(halve())[:2]
    courses = tuple(
        daily_course(
            case, rules_of(DRAWDOWN, policy=each.policy), terms, paper(terms), policy=each.name, seed=1
        )
        for each in policies
    )
    trials = tuple(PolicyTrials(each.policy, (each.figures,) * 2, (each.figures,)) for each in courses)
    return ProtocolResult(courses, trials, ("answers at once",), currency="USD")


def row_of(panel: ProtocolPanel, row: int) -> list[str]:
    items = (panel.table.item(row, column) for column in range(panel.table.columnCount()))
    return ["" if item is None else item.text() for item in items]


def test_that_each_policy_has_its_row_and_the_chosen_one_its_course_and_breaches(
    qtbot, theme: Theme, kept: list[QWidget], result: ProtocolResult
) -> None:
    panel = ProtocolPanel(theme)
    kept.append(panel)
    panel.resize(1200, 700)
    panel.show()
    qtbot.waitExposed(panel)
    panel.show_result(result)
    as_set, told_only = row_of(panel, 0), row_of(panel, 1)
    assert (as_set[0], told_only[0]) == (AS_SET, TOLD_ONLY)
    assert as_set[1].startswith("−$40")
    assert told_only[1] in {"$0", "$0.00"}
    assert as_set[9:11] == ["1", "1"]
    assert told_only[10] == "0"
    _, y = panel._equity.getData()
    np.testing.assert_array_equal(y, result.courses[0].equity)
    assert len(panel._acts.getData()[0]) == 1
    assert panel.details.item(0, 4).text() == "approved"
    assert "2 draws of the people, 1 made-up histories" in panel.bar.accessibleDescription()
    panel.table.selectRow(1)
    np.testing.assert_array_equal(panel._equity.getData()[1], result.courses[1].untouched)
    assert panel.details.item(0, 4).text() == "told"
    turned = replace(result, courses=result.courses[::-1])
    panel.show_result(turned)  # the same row, another course
    assert panel.details.item(0, 4).text() == "approved"
    theme.choose("day")
    panel.show_result(ProtocolResult(refusal="no history"))
    assert panel.table.rowCount() == 0
    assert panel.bar.accessibleDescription() == "no history"


def test_that_the_form_says_what_is_assumed(qtbot, kept: list[QWidget]) -> None:
    form = ProtocolForm()
    kept.append(form)
    form.period.setCurrentText("last 10 years")
    form.median.setValue(60)
    form.absent.setValue(25)
    form.override.setValue(70)
    form.reject.setValue(90)
    assert form.reject.value() == 30  # of what is seen no more than all
    form.draws.setValue(0)
    form.seed.setValue(9)
    terms = form.terms(20_000)
    assert terms.last_day - terms.first_day == 3652
    assert (terms.human.median_s, terms.human.absent_fraction) == (60.0, 0.25)
    assert (terms.n_humans, terms.n_histories, terms.seed) == (1, 0, 9)
    assert [each.name for each in form.policies_of(BUILT_IN)] == [AS_SET, TOLD_ONLY]
    form.policies.setCurrentText(ALL)
    names = [each.name for each in form.policies_of(BUILT_IN)]
    assert "built in" not in names
    assert len(names) == len(set(names)) == 5
    assert "built in" in [each.name for each in form.policies_of(halve())]
    for field in (form.period, form.median, form.absent, form.spread, form.draws):
        assert field.accessibleName()


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_that_the_station_asks_for_the_book_runs_and_shows_what_was_kept(
    qtbot, theme: Theme, kept: list[QWidget], result: ProtocolResult, threads: Executor, tmp_path: Path
) -> None:
    shelf, asked = tmp_path / "protocol.json", []
    keep_result(shelf, result)
    panel, job = ProtocolPanel(theme), ProtocolJob(threads, threads)
    kept.append(panel)
    given: list[object] = []

    def recipe(book: object) -> ProtocolRecipe:
        given.append(book)
        raise LookupError  # what a run finds is the job's test

    station = ProtocolStation(job, panel, recipe, shelf)
    station.book_asked.connect(lambda: asked.append(1))
    with qtbot.waitSignal(job.finished, timeout=10_000):
        panel.show()
    assert panel.table.rowCount() == 2
    station.take_book("unasked")
    assert given == []
    panel.bar.button.click()
    assert asked == [1]
    with pytest.raises(LookupError):
        station.take_book("today's")
    assert given == ["today's"]
    job.cancelled.emit()
    assert "the run before" in panel.bar.accessibleDescription()
    station.end()
