"""The lock on a data directory: two programs on one book are impossible."""

import os
import socket
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

LOCK_NAME = "instance.lock"


class AlreadyRunning(RuntimeError):
    """Another Plimsoll uses the data directory.

    Attributes
    ----------
    directory : Path
        The directory.
    holder : str
        Process id and host of the other one, where it could be read.
    """

    def __init__(self, directory: Path, holder: str) -> None:
        super().__init__(
            f"{directory} is in use by another Plimsoll ({holder or 'process unknown'}): close that one, "
            "or start this one with --data-dir and a directory of its own"
        )
        self.directory = directory
        self.holder = holder


class InstanceLock:
    """Holds a directory for this process until it is released or the process ends, however it ends.

    Parameters
    ----------
    directory : Path
        An existing directory.

    Raises
    ------
    AlreadyRunning
        If another process, or another lock of this one, holds it.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / LOCK_NAME
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _seize(handle)
        except OSError:
            holder = os.read(handle, 200).decode(errors="replace").strip()
            os.close(handle)
            raise AlreadyRunning(directory, holder) from None
        self._handle: int | None = handle
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode())

    def release(self) -> None:
        """Let the directory go; the file stays, since removing it would let two hold it at once."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


if sys.platform == "win32":
    import msvcrt

    _FAR_AWAY = 1 << 30
    """Windows keeps others from reading what is locked, so a byte beyond the text is."""

    def _seize(handle: int) -> None:
        os.lseek(handle, _FAR_AWAY, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def _seize(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
