"""Where studies run on this machine: one process of its own, that gives way to the desk and ends with it."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

NICENESS = 10
"""Added to the process's own: the window and the feed go first, the study takes what is left."""


class StudyExecutor(Executor):
    """One process, started with the first study: a desk that runs none has no child for them.

    The process is spawned, not forked: a fork would carry Qt's threads and locks with it.
    """

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(max_workers=1, mp_context=spawn, initializer=begin)
        return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  as Executor has it
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)


def study_executor() -> Executor:
    """Return an executor of one process, started at the first study; shut it down with the desk."""
    return StudyExecutor()


def begin() -> None:
    """Give way to the desk, and end when it does, however it ended."""
    nice = getattr(os, "nice", None)  # Windows has none
    if nice is not None:
        nice(NICENESS)
    threading.Thread(target=_end_with_the_desk, name="desk's end", daemon=True).start()


def _end_with_the_desk() -> None:
    desk = multiprocessing.parent_process()
    if desk is not None:
        desk.join()
        os._exit(1)  # nobody is left to hand a result to
