"""The process of the studies is begun late and never outlives its desk."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plimsoll.bridge.study_executor import study_executor

DESK = """
import os, time
from plimsoll.bridge.study_executor import study_executor
print(study_executor().submit(os.getpid).result(), flush=True)
time.sleep(60)
"""


def lives(process: Path) -> bool:
    """Tell whether a process of /proc runs: one that has ended and waits to be noticed does not."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_that_an_executor_nobody_asked_of_has_no_process() -> None:
    executor = study_executor()
    executor.shutdown()
    assert executor._pool is None


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks a process up in /proc")
def test_that_a_killed_desk_leaves_no_study_behind() -> None:
    with subprocess.Popen([sys.executable, "-c", DESK], stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        worker = Path("/proc", desk.stdout.readline().strip())
        assert worker.exists()
        os.kill(desk.pid, signal.SIGKILL)
    deadline_s = time.monotonic() + 10.0
    while lives(worker):
        assert time.monotonic() < deadline_s, "the study's process outlived its desk"
        time.sleep(0.05)
