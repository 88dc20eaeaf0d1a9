"""The scoreboard is worked out from the desk's own files, the same in any process and after any restart."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from fakes.score_case import ScoreCase, plan_of
from plimsoll.bridge.lone_job import LoneJob
from plimsoll.bridge.score_job import ScoreRecipe, work_out
from plimsoll.bridge.study_executor import study_executor
from plimsoll.domain.score import Horizon, Scoreboard
from plimsoll.domain.tick import TICK_DTYPE, TRADE
from plimsoll.storage.journal import SqliteJournal
from plimsoll.storage.price_history import DailyBars, PriceHistory
from plimsoll.storage.tick_archive import TickArchiveWriter

S_NS = 1_000_000_000
MONDAY = 1_582_554_600 * S_NS  # 2020-02-24 09:30 New York
HOUR = 3600 * S_NS


@pytest.fixture
def recipe(tmp_path: Path) -> ScoreRecipe:
    """Return a desk's files: a plan approved on Monday, ticks of that morning, closes of the week."""
    case = ScoreCase()
    case.breach("B-0001", MONDAY)
    case.propose("P-1", MONDAY)
    case.decide("P-1", "approved", MONDAY, decided=plan_of())
    case.fill("P-1", "F-1", -100, "10", MONDAY)
    journal = SqliteJournal(tmp_path / "journal.sqlite", source="test")
    for row in case.journal.rows():
        journal.append(
            row.kind,
            row.body,
            exchange_time_ns=row.exchange_time_ns,
            received_time_ns=row.received_time_ns,
            person=row.person,
        )
    journal.append("notice", {"text": "between"}, exchange_time_ns=MONDAY, received_time_ns=MONDAY)
    journal.close()
    rows = np.zeros(2, TICK_DTYPE)
    rows["kind"], rows["ask"] = TRADE, np.nan
    rows["price"], rows["exchange_time_ns"] = (10.0, 9.0), (MONDAY, MONDAY + HOUR - S_NS)
    archive = TickArchiveWriter(tmp_path / "ticks", ("A.US",))
    archive.append(rows)
    archive.close()
    cache = PriceHistory(tmp_path / "history.sqlite")
    days, closes = np.array([18316, 18317], dtype=np.int64), np.array([9.5, 8.0])
    cache.put(
        "A.US", DailyBars(days, closes, closes, closes, closes, closes), source="test", fetched_time_ns=1
    )
    cache.close()
    return ScoreRecipe(
        tmp_path / "journal.sqlite",
        tmp_path / "ticks",
        tmp_path / "history.sqlite",
        "test",
        {"A.US": 1.0},
        MONDAY + 30 * HOUR,
        "USD",
    )


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def worths(board: Scoreboard) -> list[str]:
    return [str(each.acted_base) for score in board.scores for each in score.horizons]


def test_that_ticks_speak_for_the_hour_closes_for_the_day_and_nobody_for_the_week(
    recipe: ScoreRecipe,
) -> None:
    assert worths(work_out(recipe)) == ["100.0", "200.0", "nan"]
    assert work_out(recipe).scores[0].at(Horizon.WEEK).why_unknown == "not yet"


def test_that_another_process_finds_the_same(qtbot, recipe: ScoreRecipe) -> None:
    with study_executor() as processes:
        job = LoneJob(processes, work_out)
        with qtbot.waitSignal(job.finished, timeout=40_000) as found:
            job.start(recipe)
    assert repr(found.args[0]) == repr(work_out(recipe))


def test_that_of_what_waits_only_the_newest_is_worked_out(qtbot, threads: Executor) -> None:
    asked: list[object] = []
    job = LoneJob(threads, lambda recipe: asked.append(recipe) or recipe)
    found: list[object] = []
    job.finished.connect(found.append)
    for recipe in (1, 2, 3):
        job.start(recipe)
    qtbot.waitUntil(lambda: len(found) == 2, timeout=5_000)
    assert (asked, found) == ([1, 3], [1, 3])
    assert not job.is_running


def test_that_a_failure_is_told_and_the_next_run_begins(
    qtbot, threads: Executor, recipe: ScoreRecipe
) -> None:
    recipe.journal_file.unlink()
    job = LoneJob(threads, work_out)
    with qtbot.waitSignal(job.refused, timeout=5_000) as told:
        job.start(recipe)
    assert "journal" in told.args[0]
    assert not job.is_running


def test_that_cancelled_work_is_not_heard_of(qtbot, threads: Executor) -> None:
    job = LoneJob(threads, lambda recipe: recipe)
    found: list[object] = []
    job.finished.connect(found.append)
    job.start("first")
    with qtbot.waitSignal(job.cancelled, timeout=1_000):
        job.cancel()
    job.cancel()
    with qtbot.waitSignal(job.finished, timeout=5_000):
        job.start("second")
    assert found == ["second"]
