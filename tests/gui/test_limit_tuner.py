"""The tuner counts as one slides, says what it does not know, and asks for nothing by itself."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import Qt

from fakes.snapshot_maker import make_snapshot
from fakes.study_case import MASTER, book_of, history_of, walk, weekdays
from plimsoll.bridge.lone_job import LoneJob
from plimsoll.bridge.people_sign import sign_from
from plimsoll.bridge.study_job import StudyRecipe
from plimsoll.bridge.tuner_job import TunerRecipe, path_of
from plimsoll.domain.crisis_window import date_of
from plimsoll.domain.limit import Limit, Measure, Severity
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.tuning import MeasurePath, refused_path
from plimsoll.engine.limit_path import limit_path
from plimsoll.engine.study_pnl import book_series
from plimsoll.widgets.limit_desk import LimitDesk
from plimsoll.widgets.limit_tuner import LimitTuner
from plimsoll.widgets.limits_panel import TUNE, LimitsPanel
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tuner_station import TunerStation

LOSS = Limit("loss", "Daily loss of NAV", Measure.DAILY_LOSS_FRACTION, 0.02, Severity.HIGH)


def made(limit: Limit = LOSS) -> MeasurePath:
    """Return a year and more of a book of two shares."""
    book = book_of({"A.US": 1_500_000.0, "B.US": -400_000.0}, nav=1_000_000.0)
    history = history_of({"A.US": walk(1, 400).tolist(), "B.US": walk(2, 400).tolist()})
    series = book_series(book, history, 399)
    method = RiskMethod(window_days=100)
    return limit_path(
        limit, book, series, MASTER, method, n_days=300, n_window=100, spread_fraction=(0.0004, 0.0008)
    )


@pytest.fixture
def tuner(qtbot, theme: Theme) -> Iterator[LimitTuner]:
    shown = LimitTuner(theme, LOSS, "USD")
    shown.show()
    qtbot.waitExposed(shown)
    yield shown
    shiboken6.delete(shown)


def row_of(tuner: LimitTuner, row: int) -> list[str]:
    return [tuner.table.item(row, column).text() for column in range(tuner.table.columnCount())]


def test_that_sliding_counts_at_once_beside_the_limit_as_it_stands(tuner: LimitTuner) -> None:
    tuner.show_path(made())
    before = row_of(tuner, 0)
    assert before[1:] == row_of(tuner, 1)[1:]
    assert not tuner.ask.isEnabled()
    tuner.slider.setValue(tuner.slider.value() // 2)
    after = row_of(tuner, 1)
    assert row_of(tuner, 0) == before
    assert int(after[4]) > int(before[4])
    assert tuner.trial.line < LOSS.line
    assert tuner.line.value() == pytest.approx(tuner.trial.line * 100.0)
    assert len(tuner._raised.getData()[0]) == int(after[4])
    assert tuner._load_line.value() == tuner.trial.line
    assert "tightens" in tuner.change.accessibleName()
    assert tuner.ask.isEnabled()


def test_that_typing_moves_the_slider_and_a_looser_line_says_so(tuner: LimitTuner) -> None:
    tuner.show_path(made())
    step = tuner.slider.value()
    tuner.line.setValue(3.0)
    assert tuner.trial.line == pytest.approx(0.03)
    assert tuner.slider.value() > step
    assert "loosens" in tuner.change.accessibleName()
    tuner.line.setValue(2.0)
    assert tuner.trial == LOSS
    tuner.confirm_updates.setValue(2)
    assert (tuner.trial.confirm_updates, tuner.trial.confirm_of) == (2, 2)
    assert int(row_of(tuner, 1)[4]) < int(row_of(tuner, 0)[4])
    tuner.confirm_updates.setValue(1)
    tuner.warning.setValue(50.0)
    assert int(row_of(tuner, 1)[2]) > int(row_of(tuner, 0)[2])


def test_that_a_shorter_past_counts_less(tuner: LimitTuner) -> None:
    tuner.show_path(made())
    year = int(row_of(tuner, 0)[3])
    tuner.months.setCurrentIndex(0)
    assert int(row_of(tuner, 0)[3]) < year
    assert len(tuner._course.getData()[0]) == 63


def test_that_a_measure_without_a_past_says_why_and_keeps_its_knobs(tuner: LimitTuner) -> None:
    tuner.show_path(refused_path(LOSS, "margin rates are not kept day by day"))
    assert tuner._empty.isVisible()
    assert tuner.table.rowCount() == 0
    assert "margin rates" in tuner.bar.accessibleDescription()
    tuner.line.setValue(1.0)
    assert tuner.ask.isEnabled()
    tuner.show_path(made(replace(LOSS, measure=Measure.DAILY_LOSS)))
    assert tuner._empty.isVisible()  # the path of another measure is none of ours


def test_that_enter_asks_for_nothing_and_the_button_hands_the_trial_over(qtbot, tuner: LimitTuner) -> None:
    tuner.line.setValue(1.5)
    asked: list[Limit] = []
    tuner.limit_wanted.connect(asked.append)
    for widget in (tuner, tuner.line):
        qtbot.keyClick(widget, Qt.Key.Key_Return)
    assert asked == []
    assert tuner.isVisible()
    tuner.ask.click()
    assert asked == [replace(LOSS, line=0.015)]


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_that_the_limits_tab_opens_it_and_the_editor_takes_what_was_tried(
    qtbot, theme: Theme, threads: Executor, tmp_path: Path
) -> None:
    panel = LimitsPanel(theme)
    desk = LimitDesk(panel, theme, sign_from(tmp_path / "people.toml", "ana"))
    panel.show()
    panel.show_snapshot(make_snapshot())
    limit = panel.snapshot.limits[0].limit
    job = LoneJob(threads, lambda recipe: refused_path(recipe, "a fake"))
    station = TunerStation(panel, theme, job, lambda book: book, lambda limit_id: f"{limit_id} is known")
    station.book_asked.connect(lambda: station._job.start(limit))
    panel.choose(limit.limit_id)
    with qtbot.waitSignal(job.finished, timeout=5_000):
        panel.buttons[TUNE].click()
    tuner = station.tuner
    assert tuner is not None
    assert "a fake" in tuner.bar.accessibleDescription()
    assert tuner.words.text().endswith(f"{limit.limit_id} is known")
    panel.buttons[TUNE].click()
    assert station.tuner is tuner
    tuner.line.setValue(tuner.line.value() * 0.9)
    tuner.ask.click()
    assert desk.editor is not None
    assert float(desk.editor.form.texts()["line"].replace(",", "")) == pytest.approx(tuner.line.value())
    assert desk.editor.is_changed
    tuner.close()
    assert station.tuner is None
    desk.editor._may_lose = True
    desk.editor.close()
    shiboken6.delete(panel)


def test_that_a_path_is_made_of_the_book_the_histories_and_the_spreads(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    days = [date_of(day).isoformat() for day in weekdays(400)]
    lines = [
        f"{day},{code},{close}"
        for seed, code in enumerate(("A.US", "B.US"), start=1)
        for day, close in zip(days, walk(seed, 400).tolist(), strict=True)
    ]
    own.write_text("\n".join(["date,code,close", *lines]))
    book = book_of({"A.US": 1_500_000.0, "B.US": -400_000.0}, nav=1_000_000.0)
    study = StudyRecipe(
        book, RiskMethod(window_days=100), (), ("A.US", "B.US", "EURUSD"), MASTER, own_files=(own,)
    )
    path = path_of(TunerRecipe(study, LOSS, (0.0004, 0.0008)))
    np.testing.assert_allclose(path.values[-300:], made().values)
    np.testing.assert_allclose(path.exit_cost_base, made().exit_cost_base)
    earlier = path_of(TunerRecipe(replace(study, until_day=int(path.days[-2])), LOSS))
    assert earlier.days[-1] == path.days[-2]
