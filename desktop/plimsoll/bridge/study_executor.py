"""Where studies run on this machine: processes of their own, that give way to the desk and end with it."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

from plimsoll.bridge.cluster_executor import ClusterExecutor

NICENESS = 10
"""Added to the process's own: the window and the feed go first, the study takes what is left."""


class StudyExecutor(Executor):
    """Processes started with the first study: a desk that runs none has no child for them.

    They are spawned, not forked: a fork would carry Qt's threads and locks with it.
    """

    def __init__(self, n_processes: int = 1) -> None:
        self._n_processes = n_processes
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                max_workers=self._n_processes, mp_context=spawn, initializer=begin
            )
        return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002  as Executor has it
        if self._pool is not None:
            self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)


def study_executor() -> Executor:
    """Return an executor of one process, started at the first study; shut it down with the desk."""
    return StudyExecutor()


def rehearsal_executor(cluster: str = "") -> Executor:
    """Return where many long tasks run beside each other: here, one core left to the desk, or on a cluster.

    Parameters
    ----------
    cluster : str
        Address of a dask.distributed scheduler; empty for this machine.
    """
    if cluster:
        return ClusterExecutor(cluster)
    return StudyExecutor(max((os.cpu_count() or 2) - 1, 1))


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
