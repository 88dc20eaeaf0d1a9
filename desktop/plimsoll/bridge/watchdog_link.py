"""The desk's end of the watchdog: sends the beat, and says when the watchdog itself is gone."""

import json
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QTimer, Signal, Slot

log = logging.getLogger("plimsoll.watchdog")

BEAT_MS = 250
SILENT_S = 5.0
"""Without an answer for so long the watchdog is gone, whatever its process does."""
RESTART_MS = (1_000, 5_000, 30_000, 120_000)
MOST_WAITING = 65_536
"""Bytes it has not read; beyond them it does not read at all."""


def watchdog_command(folder: Path, sound: Path | None) -> list[str]:
    """Return how this program starts its watchdog: past `plimsoll.app`, which would load Qt and numpy."""
    program = ["watchdog"] if getattr(sys, "frozen", False) else ["-m", "plimsoll.watchdog"]
    words = [*program, "--notes", str(folder)]
    return [sys.executable, *words, *(("--sound", str(sound)) if sound is not None else ())]


class WatchdogLink(QObject):
    """Owns the watchdog's process, on the main thread.

    Each beat says how often the risk thread has beaten, so that a hanging risk thread and a hanging window
    are both heard. It has a QProcess of its own, not bridge/child_process, for its words must reach the
    terminal when the desk is dead.

    Signals
    -------
    presence_changed(bool, str)
        Whether the watchdog watches, and in words for the status bar and, when it is gone, the banner.
    """

    presence_changed = Signal(bool, str)

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = list(command)
        self._n_risk_beats = 0
        self._n_deaths = 0
        self._heard_s = 0.0
        self._is_present: bool | None = None
        self._is_stopping = False
        self._process: QProcess | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._start_process)

    @property
    def is_present(self) -> bool:
        """Whether the watchdog answers."""
        return bool(self._is_present)

    @property
    def pid(self) -> int:
        """The process's number, 0 where there is none."""
        return self._process.processId() if self._process is not None else 0

    def start(self) -> None:
        """Start the watchdog and begin to beat."""
        self._start_process()
        self._timer.start()

    def stop(self, deadline_ms: int = 3_000) -> None:
        """Say goodbye, so that the end is no alarm, and wait for it to go."""
        self._is_stopping = True
        self._timer.stop()
        self._again.stop()
        process = self._process
        if process is None or process.state() == QProcess.ProcessState.NotRunning:
            return
        process.write(b'{"bye": true}\n')
        process.waitForBytesWritten(deadline_ms)
        process.closeWriteChannel()
        if not process.waitForFinished(deadline_ms):
            process.kill()
            process.waitForFinished(deadline_ms)

    @Slot()
    def note_risk_beat(self) -> None:
        """Count a beat of the risk thread."""
        self._n_risk_beats += 1

    @Slot()
    def _start_process(self) -> None:
        if self._process is not None:
            self._process.deleteLater()
        process = self._process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        process.readyReadStandardOutput.connect(self._hear)
        process.finished.connect(self._mourn)
        process.errorOccurred.connect(self._take_error)
        self._heard_s = time.monotonic()
        process.start(self._command[0], self._command[1:])

    @Slot()
    def _beat(self) -> None:
        process = self._process
        if process is None or process.state() != QProcess.ProcessState.Running:
            return
        if time.monotonic() - self._heard_s > SILENT_S:
            self._say(False, f"The watchdog has not answered for {SILENT_S:.0f} s")
            process.kill()  # what does not answer does not watch: a new one is started
        elif process.bytesToWrite() < MOST_WAITING:
            process.write(json.dumps({"risk": self._n_risk_beats}).encode() + b"\n")

    @Slot()
    def _hear(self) -> None:
        if self._process is None:
            return
        while self._process.canReadLine():
            if b'"alive"' in bytes(self._process.readLine().data()):
                self._heard_s = time.monotonic()
                self._say(True, "The watchdog watches")

    @Slot(QProcess.ProcessError)
    def _take_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._mourn()

    @Slot()
    def _mourn(self) -> None:
        if self._is_stopping:
            return
        wait_ms = RESTART_MS[min(self._n_deaths, len(RESTART_MS) - 1)]
        self._n_deaths += 1
        self._say(False, "The watchdog is gone")
        self._again.start(wait_ms)

    def _say(self, present: bool, words: str) -> None:  # noqa: FBT001  a state, told
        if present == self._is_present:
            return
        self._is_present = present
        if not present:
            log.warning("%s; it is started again", words)
            words = f"{words}: if the desk hangs now, nobody will say so. It is started again."
        self.presence_changed.emit(present, words)
