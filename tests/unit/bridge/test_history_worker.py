"""The history thread tells the sessions once, after the cache's window, and no fault of theirs stops it."""

import threading

import numpy as np
import pytest

from plimsoll.bridge.history_worker import HistoryWorker, Progress, Ready
from plimsoll.domain.session import SessionTable
from plimsoll.engine.scenario_window import PriceWindow

WINDOW = PriceWindow(np.empty(0, dtype=np.int64), np.empty((0, 1)))
TABLE = SessionTable()


def said_by(worker: HistoryWorker) -> list[str]:
    said: list[str] = []
    worker.window_ready.connect(lambda _: said.append("window"))
    worker.sessions_ready.connect(lambda table: said.append("sessions" if table is TABLE else "other"))
    worker.progressed.connect(lambda _, __, code: said.append(f"progress {code}"))
    worker.failed.connect(lambda _: said.append("failed"))
    worker.finished.connect(lambda: said.append("finished"))
    worker.run()
    return said


def cached(_stop: threading.Event, progress: Progress, ready: Ready) -> None:
    progress(0, 1, "")
    ready(WINDOW)
    progress(1, 1, "AAPL.US")
    ready(WINDOW)


def uncached(_stop: threading.Event, progress: Progress, ready: Ready) -> None:
    progress(0, 2, "")
    progress(1, 2, "AAPL.US")
    progress(2, 2, "XOM.US")
    ready(WINDOW)


def broken(_stop: threading.Event, _progress: Progress, _ready: Ready) -> None:
    raise OSError("disk")


def test_that_sessions_follow_the_cache_s_window_once() -> None:
    assert said_by(HistoryWorker(cached, lambda: TABLE)) == [
        "progress ",
        "window",
        "sessions",
        "progress AAPL.US",
        "window",
        "finished",
    ]


def test_that_without_a_cache_sessions_do_not_wait_for_the_whole_load() -> None:
    said = said_by(HistoryWorker(uncached, lambda: TABLE))
    assert said[:4] == ["progress ", "progress AAPL.US", "sessions", "progress XOM.US"]


@pytest.mark.logs_warnings
def test_that_a_load_that_fails_still_tells_the_sessions() -> None:
    assert said_by(HistoryWorker(broken, lambda: TABLE)) == ["failed", "sessions", "finished"]


@pytest.mark.logs_warnings
def test_that_sessions_that_cannot_be_made_stop_nothing() -> None:
    def none() -> SessionTable:
        raise RuntimeError("no calendar")

    assert said_by(HistoryWorker(cached, none)).count("window") == 2


def test_that_a_desk_without_sessions_is_told_none() -> None:
    assert "sessions" not in said_by(HistoryWorker(cached))
