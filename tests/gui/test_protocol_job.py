"""A protocol backtest runs beside the window, tells truly how far it is, and is the same wherever it runs."""

import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from fakes.protocol_case import DRAWDOWN, METHOD, halve, rules_of
from fakes.study_case import MASTER, book_of, walk, weekdays
from plimsoll.bridge import protocol_job
from plimsoll.bridge.cluster_executor import ClusterExecutor
from plimsoll.bridge.protocol_job import ProtocolJob, ProtocolRecipe, protocol_backtest, tasks_of
from plimsoll.bridge.recorded_ticks import NoTicksKept, recorded_batches
from plimsoll.bridge.run_mark import PERCENT, RunGivenUp, RunMark, new_marks, sweep
from plimsoll.bridge.study_executor import rehearsal_executor
from plimsoll.bridge.study_job import StudyRecipe
from plimsoll.domain.crisis_window import date_of
from plimsoll.domain.named_policy import compared_policies
from plimsoll.domain.protocol_result import ProtocolResult
from plimsoll.domain.protocol_terms import CostModel, HumanModel, ProtocolTerms
from plimsoll.engine.quote_shelf import QuoteShelf
from plimsoll.storage.protocol_shelf import text_of_result
from plimsoll.storage.tick_archive import TickArchiveWriter

N_DAYS, N_BEFORE = 100, 61


@pytest.fixture
def recipe(tmp_path: Path) -> ProtocolRecipe:
    closes = tmp_path / "closes.csv"
    days = weekdays(N_DAYS)
    lines = ["date,code,close"]
    for seed, code in enumerate(("A.US", "B.US")):
        for day, price in zip(days, walk(seed, N_DAYS, 0.015), strict=True):
            lines.append(f"{date_of(day)},{code},{price:.4f}")
    closes.write_text("\n".join(lines))
    book = book_of({"A.US": 400_000.0, "B.US": 500_000.0}, nav=1_000_000.0)
    human = HumanModel(300.0, 1.0, 0.2, 0.1, 0.1)
    terms = ProtocolTerms(days[N_BEFORE], days[-1], human, CostModel(), n_humans=2, n_histories=1)
    study = StudyRecipe(book, METHOD, (), ("A.US", "B.US", "EURUSD"), MASTER, own_files=(closes,))
    rules = rules_of(replace(DRAWDOWN, line=0.02))
    policies = compared_policies(halve())[:2]
    return ProtocolRecipe(study, rules, policies, terms, "USD", tmp_path / "protocol.json")


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_that_a_backtest_finishes_is_kept_and_its_progress_only_rises(
    qtbot, threads: Executor, recipe: ProtocolRecipe
) -> None:
    job = ProtocolJob(threads, threads)
    told: list[tuple[int, int, str]] = []
    job.progressed.connect(lambda done, total, words: told.append((done, total, words)))
    with qtbot.waitSignal(job.finished, timeout=40_000) as found:
        job.start(recipe)
    result: ProtocolResult = found.args[0]
    assert [course.policy for course in result.courses] == ["as set", "told only"]
    assert [len(trials.by_human) for trials in result.trials] == [2, 2]
    assert [len(trials.by_history) for trials in result.trials] == [1, 1]
    assert result.courses[0].figures.n_acted
    told_only = result.courses[1]
    assert told_only.equity.round(2).tolist() == told_only.untouched.round(2).tolist()
    counts = [done for done, _, _ in told]
    assert counts == sorted(counts)
    assert {total for _, total, _ in told} == {2 + PERCENT * len(tasks_of(recipe))}
    assert told[-1][0] == told[-1][1]
    # Not only whole runs: within a run it is told how far it is.
    assert any((done - 1) % PERCENT for done in counts[1:-2])

    again = ProtocolJob(threads, threads)
    assert recipe.shelf is not None
    with qtbot.waitSignal(again.finished, timeout=10_000) as kept:
        again.recall(recipe.shelf)
    assert text_of_result(kept.args[0]) == text_of_result(result) == recipe.shelf.read_text()


def test_that_what_was_never_kept_or_is_damaged_is_told(qtbot, threads: Executor, tmp_path: Path) -> None:
    job = ProtocolJob(threads, threads)
    file = tmp_path / "protocol.json"
    for text, words in (("", "not run yet"), ('{"format": 0}', "format 0"), ("{", "run it again")):
        if text:
            file.write_text(text)
        with qtbot.waitSignal(job.finished, timeout=10_000) as found:
            job.recall(file)
        assert words in found.args[0].refusal


def test_that_a_period_without_history_is_refused_in_words(
    qtbot, threads: Executor, recipe: ProtocolRecipe
) -> None:
    job = ProtocolJob(threads, threads)
    with qtbot.waitSignal(job.refused, timeout=10_000) as told:
        job.start(replace(recipe, terms=replace(recipe.terms, first_day=0, last_day=10)))
    assert "choose another period" in told.args[0]


def test_that_a_cancelled_run_stops_within_a_percent(
    qtbot, threads: Executor, recipe: ProtocolRecipe, monkeypatch
) -> None:
    ended: list[BaseException] = []
    begun, go_on = threading.Event(), threading.Event()
    course = protocol_job.daily_course

    def slow(*given: object, told, **named: object) -> object:
        def hear(done: int, of: int) -> None:
            told(done, of)
            begun.set()
            go_on.wait(20.0)

        try:
            return course(*given, told=hear, **named)
        except BaseException as fault:
            ended.append(fault)
            raise

    monkeypatch.setattr(protocol_job, "daily_course", slow)
    job = ProtocolJob(threads, threads)
    job.start(recipe)
    qtbot.waitUntil(begun.is_set, timeout=20_000)
    with qtbot.waitSignal(job.cancelled, timeout=5_000):
        job.cancel()
    go_on.set()
    qtbot.waitUntil(lambda: bool(ended), timeout=20_000)
    assert isinstance(ended[0], RunGivenUp)
    assert job.results is None


def test_that_processes_find_the_same_to_the_cent(recipe: ProtocolRecipe, qtbot, threads: Executor) -> None:
    recipe = replace(recipe, shelf=None, policies=recipe.policies[:1])
    here = text_of_result(protocol_backtest(recipe))
    with rehearsal_executor() as processes:
        job = ProtocolJob(processes, threads)
        with qtbot.waitSignal(job.finished, timeout=40_000) as found:
            job.start(recipe)
    assert text_of_result(found.args[0]) == here


def test_that_the_ticks_kept_are_heard_in_their_order(recipe: ProtocolRecipe, tmp_path: Path) -> None:
    ticks = tmp_path / "ticks"
    with pytest.raises(NoTicksKept, match="choose a period"):
        protocol_backtest(replace(recipe, ticks=ticks))
    begin_ns = (weekdays(N_DAYS)[-1] * 86_400 + 54_000) * 10**9
    closes = [100.0 * (1.0 - 0.004 * step) for step in range(30)]
    shelf = QuoteShelf(("B.US", "OTHER", "A.US"), 0.0)
    writer = TickArchiveWriter(ticks, ("B.US", "OTHER", "A.US"), source="test")
    for step, price in enumerate(closes):
        shelf.take(np.array([price, 5.0, 2.0 * price]))
        writer.append(shelf.batch(begin_ns + 20 * step * 10**9).rows)
    writer.close()

    told: list[tuple[int, int]] = []
    batches = list(recorded_batches(ticks, ("A.US", "B.US"), lambda done, of: told.append((done, of))))
    assert [batch.rows["instrument"].tolist() for batch in batches] == [[1, 0]] * 30
    assert told[-1] == (90, 90)
    assert told == sorted(told)

    quick = HumanModel(30.0, 0.0, 0.0, 0.0, 0.0, second_look_s=5.0)
    heard = replace(recipe, ticks=ticks, terms=replace(recipe.terms, human=quick, n_histories=3))
    result = protocol_backtest(heard)
    assert [len(trials.by_history) for trials in result.trials] == [0, 0]
    assert [trials.by_human[0].n_acted for trials in result.trials] == [1, 0]
    assert len(result.courses[0].days) == 1
    assert text_of_result(protocol_backtest(heard)) == text_of_result(result)
    assert result.words[1].startswith("the ticks that this desk kept")


def test_that_another_seed_finds_something_else(recipe: ProtocolRecipe) -> None:
    one = replace(recipe, shelf=None, policies=recipe.policies[:1])
    other = replace(one, terms=replace(one.terms, seed=5))
    assert text_of_result(protocol_backtest(one)) != text_of_result(protocol_backtest(other))


def test_that_a_run_whose_folder_is_gone_gives_up_unless_it_is_elsewhere() -> None:
    (mark,) = new_marks(1)
    assert mark.percent == 0
    mark.tell(1, 1_000)
    assert mark.percent == 0
    mark.tell(500, 1_000)
    assert mark.percent == 50
    sweep([mark])
    with pytest.raises(RunGivenUp):
        mark.tell(510, 1_000)
    replace(mark, machine="another").tell(520, 1_000)
    RunMark().tell(1, 1)


@pytest.mark.skipif(find_spec("distributed") is None, reason="the extra `cluster` is not installed")
def test_that_two_workers_of_a_cluster_find_the_same_to_the_cent(
    recipe: ProtocolRecipe, tmp_path: Path
) -> None:
    # In a process of its own: dask keeps threads for the life of a process.
    asked, answer = tmp_path / "recipe", tmp_path / "answer"
    recipe = replace(recipe, shelf=None, policies=recipe.policies[:1])
    asked.write_bytes(pickle.dumps(recipe))
    command = [sys.executable, str(Path(__file__).with_name("cluster_of_two.py")), str(asked), str(answer)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    n_workers, _, text = answer.read_text().partition("\n")
    assert n_workers == "2"
    assert text == text_of_result(protocol_backtest(recipe))


def test_that_a_cluster_nobody_answers_at_is_told(qtbot, threads: Executor, recipe: ProtocolRecipe) -> None:
    there = ClusterExecutor("tcp://127.0.0.1:1")
    job = ProtocolJob(there, threads)
    with qtbot.waitSignal(job.refused, timeout=30_000) as told:
        job.start(recipe)
    assert "cluster" in told.args[0]
    there.shutdown()
