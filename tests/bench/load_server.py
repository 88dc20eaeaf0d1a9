"""The load server as a child: synthetic ticks on loopback, stopped and counted over its side channel."""

import json
import subprocess
import sys
from types import TracebackType
from typing import Any, Self

TOKEN = "bench-token"  # noqa: S105  for a server of our own on loopback
N_CODES_A_CONNECTION = 2_500
"""AllTick's largest plan takes 3 000."""


class LoadServer:
    """Starts with the `with`, ends with it.

    Attributes
    ----------
    port : int
        Where it listens on loopback.
    """

    def __init__(self, n_codes: int, rate: float) -> None:
        self._arguments = [
            sys.executable, "-m", "plimsoll", "serve", "--plan", "Professional",
            "--load", str(n_codes), str(rate), "--start", "subscription",
        ]  # fmt: skip
        self._child: subprocess.Popen[str] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self._child = subprocess.Popen(
            self._arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self._say(TOKEN)
        self.port = int(str(self._hear("url")["url"]).rsplit(":", 1)[1])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is not None:
            self._child.communicate(timeout=10)

    def silence(self) -> int:
        """Let no further tick leave, and return how many have left."""
        self._say(json.dumps({"fault": "stall"}))
        self._hear("fault")
        self._say(json.dumps({"command": "counts"}))
        rows = self._hear("counts")["counts"]
        return sum(int(row["n_trades"]) + int(row["n_books"]) for row in rows)

    def _say(self, line: str) -> None:
        if self._child is None or self._child.stdin is None:
            raise RuntimeError("the load server was not started, expected it inside its with")
        self._child.stdin.write(line + "\n")
        self._child.stdin.flush()

    def _hear(self, key: str) -> dict[str, Any]:
        """Return the next line that has `key`."""
        if self._child is None or self._child.stdout is None:
            raise RuntimeError("the load server was not started, expected it inside its with")
        for line in self._child.stdout:
            said: dict[str, Any] = json.loads(line)
            if key in said:
                return said
        raise RuntimeError(f"the load server ended before it told {key}; see its standard error")
