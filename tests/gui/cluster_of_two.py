"""Runs a pickled protocol backtest on a real cluster of two workers: how many worked, and what they found."""

import os
import pickle
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from distributed import LocalCluster
from PySide6.QtCore import QCoreApplication

from plimsoll.bridge.protocol_job import ProtocolJob
from plimsoll.bridge.study_executor import rehearsal_executor
from plimsoll.storage.protocol_shelf import text_of_result


def slow_pid(_number: int) -> int:
    """Return who works, after so long that one worker alone would keep the others waiting."""
    time.sleep(0.1)
    return os.getpid()


def main(asked: Path, answer: Path) -> None:
    """Run what was asked for, and write the answer."""
    app = QCoreApplication([])
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        ThreadPoolExecutor(1) as reader,
    ):
        there = rehearsal_executor(cluster.scheduler_address)
        tasks = [there.submit(slow_pid, number) for number in range(8)]
        pids = {task.result(timeout=20) for task in tasks} - {os.getpid()}
        job = ProtocolJob(there, reader)
        job.finished.connect(app.quit)
        job.refused.connect(lambda words: app.exit(sys.stderr.write(words)))
        job.start(pickle.loads(asked.read_bytes()))  # noqa: S301  the test wrote it
        code = app.exec()
        there.shutdown()
    if not code:
        answer.write_text(f"{len(pids)}\n{text_of_result(job.results)}")
    sys.exit(code)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
