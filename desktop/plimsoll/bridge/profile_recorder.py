"""Records where a running desk spends its time: py-spy from outside, in the format of speedscope."""

import os
import shutil
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess

RATE_PER_S = 200
DEADLINE_MS = 15_000


class ProfilerMissing(RuntimeError):
    """py-spy is not installed."""


class ProfileRecorder(QObject):
    """One recording of this process, all threads, from `start` to `stop`.

    Attributes
    ----------
    path : Path
        Where the speedscope file will lie; open it at speedscope.app.
    """

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self._process = QProcess(self)

    def start(self) -> None:
        """Begin.

        Raises
        ------
        ProfilerMissing
            If py-spy is not installed.
        """
        beside = Path(sys.executable).parent / "py-spy"
        program = str(beside) if beside.exists() else shutil.which("py-spy")
        if program is None:
            raise ProfilerMissing("py-spy was not found, expected it for --profile: pip install py-spy")
        options = ["record", "--pid", str(os.getpid()), "--format", "speedscope", "--output", str(self.path)]
        self._process.start(program, [*options, "--rate", str(RATE_PER_S), "--threads", "--nonblocking"])

    def stop(self) -> bool:
        """End the recording; tell whether the file was written."""
        if self._process.state() != QProcess.ProcessState.NotRunning:
            os.kill(self._process.processId(), signal.SIGINT)  # it then writes what it has
            self._process.waitForFinished(DEADLINE_MS)
        return self.path.exists()
