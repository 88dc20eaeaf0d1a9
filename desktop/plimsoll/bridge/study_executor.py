"""Where studies run on this machine: one process of its own, that gives way to the window."""

import multiprocessing
import os
from concurrent.futures import Executor, ProcessPoolExecutor

NICENESS = 10
"""Added to the process's own: the window and the feed go first, the study takes what is left."""


def study_executor() -> Executor:
    """Return an executor of one process, started at the first study; shut it down with the desk.

    The process is spawned, not forked: a fork would carry Qt's threads and locks with it.
    """
    return ProcessPoolExecutor(
        max_workers=1, mp_context=multiprocessing.get_context("spawn"), initializer=give_way
    )


def give_way() -> None:
    """Lower this process's own priority, where the system knows such a thing."""
    nice = getattr(os, "nice", None)  # Windows has none
    if nice is not None:
        nice(NICENESS)
