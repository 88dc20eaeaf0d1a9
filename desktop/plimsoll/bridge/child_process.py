"""A child process of the desk: `plimsoll <sub-command>`, its token on stdin, JSON lines on stdout."""

import json
import sys
from collections.abc import Sequence

from PySide6.QtCore import QObject, QProcess, Signal, Slot

BAD_INPUT = 2
"""The code with which every sub-command refuses what it was given."""


class ChildProcess(QObject):
    """One child; it ends when its stdin closes, so it cannot outlive the desk.

    Signals
    -------
    line_read(dict)
        Each JSON object it prints.
    died(str)
        It ended without being asked to, with the last words it said.
    refused(str)
        The same with code 2: what it was given is wrong, and starting it again would not help.
    """

    line_read = Signal(object)
    died = Signal(str)
    refused = Signal(str)

    def __init__(self, arguments: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arguments = list(arguments)
        self._is_stopping = False
        self._words = b""
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read_lines)
        self._process.readyReadStandardError.connect(self._read_words)
        self._process.finished.connect(self._tell_end)
        self._process.errorOccurred.connect(self._tell_error)

    def start(self, first_line: str) -> None:
        """Start it and write one line, its token, to its stdin; never an argument, never the environment."""
        program = [] if getattr(sys, "frozen", False) else ["-m", "plimsoll"]
        self._process.start(sys.executable, [*program, *self._arguments])
        self._process.write(first_line.encode() + b"\n")

    def stop(self, deadline_ms: int = 5000) -> None:
        """Close its stdin and wait; past the deadline it is killed."""
        self._is_stopping = True
        if self._process.state() == QProcess.ProcessState.NotRunning:
            return
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(deadline_ms):
            self._process.kill()
            self._process.waitForFinished(deadline_ms)

    @Slot()
    def _read_lines(self) -> None:
        while self._process.canReadLine():
            line = bytes(self._process.readLine().data())
            try:
                said = json.loads(line)
            except ValueError:
                continue  # not ours: only JSON objects are the protocol
            if isinstance(said, dict):
                self.line_read.emit(said)

    @Slot()
    def _read_words(self) -> None:
        self._words = (self._words + bytes(self._process.readAllStandardError().data()))[-2000:]

    @Slot()
    def _tell_end(self) -> None:
        if not self._is_stopping:
            self._is_stopping = True
            self._read_words()
            words = self._words.decode(errors="replace").strip() or "it said nothing"
            code = self._process.exitCode()
            told = self.refused if code == BAD_INPUT else self.died
            told.emit(f"{self._arguments[0]} ended with code {code}: {words}")

    @Slot()
    def _tell_error(self) -> None:
        if self._process.error() == QProcess.ProcessError.FailedToStart and not self._is_stopping:
            self._is_stopping = True
            self.died.emit(f"{self._arguments[0]} could not be started: {self._process.errorString()}")
