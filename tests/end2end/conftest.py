"""The program as a child process, heard by its JSON lines; and a live book of a few lines for it."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import pytest

PATIENCE_S = 25.0
TOKEN = "canary-4f1d2b7e9a"  # noqa: S105  made up, and looked for everywhere afterwards
Line = dict[str, Any]

INSTRUMENTS = """\
code,name,asset_class,currency,settlement,sector,country,multiplier,lot,may_be_negative,stale_after_s,fixed_price
AAPL.US,Apple,equity,USD,funded,Information Technology,US,,,,,
MSFT.US,Microsoft,equity,USD,funded,Information Technology,US,,,,,
EURUSD,Euro in dollars,fx,USD,unfunded,Currencies,EU,,1000,,,
BTCUSDT,Bitcoin,crypto,USDT,funded,Digital Assets,,,0.001,,,
USDTUSD,Tether counts as the dollar,fx,USD,funded,Currencies,,,,,,1.0
"""
POSITIONS = """\
code,quantity,average_price,currency
AAPL.US,1000,70,
MSFT.US,-500,160,
EURUSD,200000,1.10,
BTCUSDT,10,8000,
CASH,250000,,USD
"""
LIMITS = """\
[[limit]]
id = "gross"
name = "Gross leverage"
measure = "gross_leverage"
line = 0.5
severity = "HIGH"
purpose = "Broken from the first moment, on purpose."
owner = "test"
"""


class DeskProcess:
    """`plimsoll …` as a child process: its lines with a deadline, its end with a code.

    Used as a context manager it never outlives the test; what it said last stands in every complaint.
    """

    def __init__(self, arguments: Sequence[object], home: Path, *, first_line: str | None = None) -> None:
        self.lines: list[Line] = []
        self.texts: list[str] = []
        self.errors: list[str] = []
        self._arguments = [str(argument) for argument in arguments]
        self._heard: queue.Queue[str | None] = queue.Queue()
        self._home = home
        self.process = subprocess.Popen(
            [sys.executable, "-m", "plimsoll", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=home,
            env=environment(home),
        )
        self._readers = [
            threading.Thread(target=self._read_lines, name="desk's stdout"),
            threading.Thread(target=self._read_errors, name="desk's stderr"),
        ]
        for reader in self._readers:
            reader.start()
        if first_line is not None:
            assert self.process.stdin is not None
            self.process.stdin.write(first_line + "\n")
            self.process.stdin.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def said(self) -> str:
        """What it wrote to standard error so far."""
        return "".join(self.errors)

    def next_line(self, deadline_s: float) -> Line | None:
        """Return the next JSON line, or None once the program has ended; complain past the deadline."""
        try:
            text = self._heard.get(timeout=max(deadline_s - time.monotonic(), 0.001))
        except queue.Empty:
            raise AssertionError(f"no line in time\n{self.story()}") from None
        if text is None:
            return None
        self.texts.append(text)
        line = json.loads(text) if text.startswith("{") else {"text": text}
        self.lines.append(line)
        return line

    def until(self, condition: Callable[[Line], object], *, within_s: float = PATIENCE_S) -> Line:
        """Return the first line from now on that fulfils the condition."""
        deadline_s = time.monotonic() + within_s
        while True:
            line = self.next_line(deadline_s)
            assert line is not None, f"it ended before the awaited line\n{self.story()}"
            if condition(line):
                return line

    def until_text(self, words: str, *, within_s: float = PATIENCE_S) -> None:
        """Wait until it has written `words` to standard error."""
        deadline_s = time.monotonic() + within_s
        while words not in self.said:
            assert time.monotonic() < deadline_s, f"{words!r} was not said in time\n{self.story()}"
            threading.Event().wait(0.02)

    def end(self, signal_number: int | None = signal.SIGINT, *, within_s: float = PATIENCE_S) -> int:
        """Ask it to end (or only wait, with None), take its last lines, and return the exit code."""
        if signal_number is not None:
            self.process.send_signal(signal_number)
        deadline_s = time.monotonic() + within_s
        while self.next_line(deadline_s) is not None:
            pass
        try:
            return self.process.wait(max(deadline_s - time.monotonic(), 1.0))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end\n{self.story()}") from None
        finally:
            self.kill()

    def kill(self) -> None:
        """End it without asking, and the readers with it."""
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join(10.0)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None and not pipe.closed:
                pipe.close()

    def children(self) -> list[int]:
        """Return the processes it started."""
        return [
            int(number)
            for path in Path(f"/proc/{self.pid}/task").glob("*/children")
            for number in path.read_text().split()
        ]

    def story(self) -> str:
        """Return its last words, for a complaint."""
        logs = sorted(self._home.rglob("plimsoll.log"))
        log = logs[-1].read_text(encoding="utf-8").splitlines()[-15:] if logs else []
        parts = {
            "command": [" ".join(self._arguments), f"exit code {self.process.poll()}"],
            "last lines": [text.rstrip() for text in self.texts[-3:]],
            "standard error": self.said.splitlines()[-15:],
            "log": log,
        }
        return "\n".join(f"--- {name}\n" + "\n".join(lines) for name, lines in parts.items())

    def _read_lines(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            self._heard.put(text)
        self._heard.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        for text in self.process.stderr:
            self.errors.append(text)


def environment(home: Path) -> dict[str, str]:
    """Return an environment with a home of its own, no screen and no keyring."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "share"),
        "XDG_CONFIG_HOME": str(home / "etc"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_STATE_HOME": str(home / "state"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "PYTHONWARNINGS": "default",
    }


def is_alive(pid: int) -> bool:
    """Tell whether a process still runs; one that has ended but was not waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture(scope="session")
def open_process() -> type[DeskProcess]:
    """The class itself, for fixtures that live longer than a test."""
    return DeskProcess


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[..., DeskProcess]]:
    """Return a function that starts `plimsoll …`; whatever still runs after the test is ended."""
    started: list[DeskProcess] = []

    def start(*arguments: object, first_line: str | None = None) -> DeskProcess:
        started.append(DeskProcess(arguments, tmp_path, first_line=first_line))
        return started[-1]

    yield start
    for process in started:
        process.kill()


@pytest.fixture
def plimsoll(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs `plimsoll …` to its end and returns code and words."""

    def run(*arguments: object, first_line: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "plimsoll", *map(str, arguments)],
            input=first_line,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=environment(tmp_path),
            timeout=40,
            check=False,
        )

    return run


@pytest.fixture
def live_book(tmp_path: Path) -> Path:
    """Write a small book with one limit that is broken from the start; return its folder."""
    folder = tmp_path / "book"
    folder.mkdir()
    for name, text in (
        ("instruments.csv", INSTRUMENTS),
        ("positions.csv", POSITIONS),
        ("limits.toml", LIMITS),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def ended() -> Callable[[int], bool]:
    """Return a function that waits up to ten seconds for a process to end."""

    def wait(pid: int) -> bool:
        deadline_s = time.monotonic() + 10.0
        while is_alive(pid) and time.monotonic() < deadline_s:
            threading.Event().wait(0.02)
        return not is_alive(pid)

    return wait
