"""A study runs beside the window, says how far it is, can be cancelled, and is the same on any executor."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from plimsoll.bridge.study_executor import NICENESS, study_executor
from plimsoll.bridge.study_job import StudyJob, StudyRecipe, StudyResults, load_history
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.study_book import study_book
from plimsoll.engine.study_history import study_history
from plimsoll.engine.universe import universe_of
from plimsoll.storage.bundled_history import bundled_history
from plimsoll.storage.crisis_file import crisis_windows_from_folder
from plimsoll.storage.portfolio_file import book_from_files
from plimsoll.storage.price_history import DailyBars, PriceHistory

RESOURCES = Path(__file__).parents[2] / "resources"
CLOSES = RESOURCES / "market" / "closes.npz"


def recipe_of(**given: object) -> StudyRecipe:
    samples = RESOURCES / "samples"
    book, master = book_from_files(samples / "instruments.csv", samples / "positions.csv", "USD")
    universe = universe_of(book, master)
    history = study_history([bundled_history(CLOSES)], universe.codes, master)
    mark = history.closes[history.row_at(18291), : len(universe.codes)]
    ledger = Ledger(universe, book)
    ledger.revalue(mark)
    values: dict[str, object] = {
        "book": study_book(universe, ledger, mark),
        "method": RiskMethod(),
        "windows": crisis_windows_from_folder(RESOURCES / "stress"),
        "codes": universe.codes,
        "master": master,
        "bundled_path": CLOSES,
    }
    return StudyRecipe(**{**values, **given})


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def run(qtbot, executor: Executor, recipe: StudyRecipe) -> tuple[StudyResults, list[tuple[int, int, str]]]:
    job = StudyJob(executor)
    told: list[tuple[int, int, str]] = []
    job.progressed.connect(lambda done, total, words: told.append((done, total, words)))
    with qtbot.waitSignal(job.finished, timeout=40_000) as found:
        job.start(recipe)
    assert job.results is found.args[0]
    assert not job.is_running
    return found.args[0], told


def test_that_a_study_finishes_and_its_progress_only_rises(qtbot, threads: Executor) -> None:
    results, told = run(qtbot, threads, recipe_of())
    assert len(results.stress) == 23
    assert all(result.is_known for result in results.stress)
    assert results.backtest.is_known
    assert any("from bundled" in words for words in results.sources)
    counts = [done for done, _, _ in told]
    assert counts == sorted(counts)
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1]
    assert {total for _, total, _ in told} == {told[0][1]}


def test_that_other_processes_find_the_same_figures(qtbot, threads: Executor) -> None:
    recipe = recipe_of()
    here, _ = run(qtbot, threads, recipe)
    with study_executor() as processes:
        there, _ = run(qtbot, processes, recipe)
    for one, other in zip(here.stress, there.stress, strict=True):
        np.testing.assert_array_equal(one.pnl_base, other.pnl_base)
        assert repr(one.positions) == repr(other.positions)
    for first, second in zip(here.backtest.methods, there.backtest.methods, strict=True):
        assert first.name == second.name
        np.testing.assert_array_equal(first.var, second.var)


def test_that_a_cancelled_study_ends_and_another_may_begin(qtbot, threads: Executor) -> None:
    gate = threading.Event()
    threads.submit(gate.wait, 20.0)  # the study's own tasks stand in line behind it
    job = StudyJob(threads)
    job.start(recipe_of())
    assert job.is_running
    with qtbot.waitSignal(job.cancelled, timeout=5_000):
        job.cancel()
    assert not job.is_running
    assert job.results is None
    gate.set()
    with qtbot.waitSignal(job.finished, timeout=40_000):
        job.start(recipe_of(windows=()))
    job.cancel()  # nothing is under way: nothing happens
    assert job.results is not None
    assert job.results.stress == ()


def test_that_the_backtest_of_a_demo_ends_with_the_day_it_lives_in(qtbot, threads: Executor) -> None:
    results, _ = run(qtbot, threads, recipe_of(until_day=18291))  # 2020-01-30
    assert int(results.backtest.days[-1]) == 18291
    assert len(results.stress) == 23


def test_that_a_fault_in_the_trader_s_file_is_told(qtbot, threads: Executor, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("date,code,close\n1987-10-19,AAPL.US,nothing\n")
    job = StudyJob(threads)
    with qtbot.waitSignal(job.refused, timeout=20_000) as told:
        job.start(recipe_of(own_files=(own,)))
    assert "own.csv" in told.args[0]
    assert not job.is_running


def test_that_own_files_outrank_the_cache_and_the_cache_what_is_bundled(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("date,code,close\n2022-12-28,AAPL.US,1000\n")
    cache = PriceHistory(tmp_path / "cache.sqlite")
    days = np.array([19353, 19354, 19355], dtype=np.int64)  # 2022-12-27 to 29
    price = np.full(3, 500.0)
    bars = DailyBars(days, price, price, price, price, price)
    cache.put("MSFT.US", bars, source="alltick", fetched_time_ns=1)
    cache.close()
    history = load_history(recipe_of(own_files=(own,), cache_path=tmp_path / "cache.sqlite"))
    row = history.row_at(19354)
    assert history.closes[row, history.codes.index("AAPL.US")] == 1000.0
    assert history.closes[row, history.codes.index("MSFT.US")] == 500.0
    sources = {part.code: part.source for part in history.parts if part.last_day == 19354}
    assert sources["AAPL.US"] == "own.csv"


def test_that_a_study_without_history_says_so_and_does_not_fail(qtbot, threads: Executor) -> None:
    results, told = run(qtbot, threads, recipe_of(bundled_path=None, cache_path=Path("/nowhere/cache")))
    assert {result.refusal for result in results.stress} == {"there is no history at all"}
    assert not results.backtest.is_known
    assert told[-1][0] == told[-1][1]


def test_that_the_study_s_process_gives_way_to_the_window() -> None:
    with study_executor() as processes:
        assert processes.submit(os.nice, 0).result(timeout=30.0) == min(os.nice(0) + NICENESS, 19)
