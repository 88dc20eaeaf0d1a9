"""Standard input as lines, read without the locks that would hang a process that wants to end."""

import os
import threading
from collections.abc import Callable, Iterator

_BLOCK = 65_536


class SideChannel:
    """The token first, commands after it; its end is the server's end.

    It reads the file descriptor itself: a thread blocked inside `sys.stdin` holds that object's lock, and the
    interpreter aborts when it ends while a daemon thread holds it.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lines = self._read()

    def first_line(self) -> str:
        """Return the first line, or an empty text if there is none."""
        return next(self._lines, "")

    def listen(self, obey: Callable[[str], None], ended: Callable[[], None]) -> None:
        """Hand each further line on, from a thread of its own."""

        def run() -> None:
            for line in self._lines:
                if line:
                    obey(line)
            ended()

        threading.Thread(target=run, name="side channel", daemon=True).start()

    def _read(self) -> Iterator[str]:
        rest = b""
        while block := os.read(self._descriptor, _BLOCK):
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                yield line.decode("utf-8", "replace").strip()
        if rest:
            yield rest.decode("utf-8", "replace").strip()
