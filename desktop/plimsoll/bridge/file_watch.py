"""Watches one file: tells once when its content has changed and stands still, however it was written."""

import hashlib
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal, Slot

SETTLE_MS = 400
"""How long a file must stand still: editors write in several steps, or put another file in its place."""


class FileWatch(QObject):
    """Follows a file through writes, atomic replacement, and absence.

    Signals
    -------
    changed(Path)
        Other content than last told or accepted, and it has stood still.
    gone(Path)
        The file is not there; the watch goes on.
    """

    changed = Signal(object)
    gone = Signal(object)

    def __init__(self, path: Path, parent: QObject | None = None, *, settle_ms: int = SETTLE_MS) -> None:
        super().__init__(parent)
        self.path = path
        self._known = _digest(path)
        self._last = self._known
        # The folder too: a file put in the place of the old one is another file to the system.
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._touched)
        self._watcher.directoryChanged.connect(self._touched)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(settle_ms)
        self._settling.timeout.connect(self._look)
        self._attach()

    @Slot()
    def accept(self) -> None:
        """Take the content as it stands for known."""
        self._known = self._last = _digest(self.path)

    @Slot()
    def _touched(self) -> None:
        self._attach()
        self._settling.start()

    @Slot()
    def _look(self) -> None:
        now = _digest(self.path)
        if now != self._last:  # still being written
            self._last = now
            self._settling.start()
            return
        if now == self._known:
            return
        self._known = now
        if now:
            self.changed.emit(self.path)
        else:
            self.gone.emit(self.path)

    def _attach(self) -> None:
        wanted = [self.path.parent] + [self.path] * self.path.is_file()
        there = {*self._watcher.files(), *self._watcher.directories()}
        missing = [str(path) for path in wanted if path.exists() and str(path) not in there]
        if missing:
            self._watcher.addPaths(missing)


def _digest(path: Path) -> str:
    """Return what tells one content from another; empty where there is none to be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
