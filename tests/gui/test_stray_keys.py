"""Forty Enters and forty Spaces typed by a real X server into a real window, while breach dialogs rise."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
TOOLS = ("Xvfb", "openbox", "xdotool")
N_KEYS = 40
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
needs_a_desktop = pytest.mark.skipif(bool(MISSING), reason=f"{', '.join(MISSING)} not installed")


class Desk:
    """The child process, and the last thing it told."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "desk_under_stray_keys.py")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
        self.last: dict[str, Any] = {}
        self.said: list[str] = []

    def wait_until(self, condition: Callable[[dict[str, Any]], bool], *, within_s: float = 20.0) -> None:
        deadline = time.monotonic() + within_s
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                self.last = json.loads(line)
                if condition(self.last):
                    return
            else:
                self.said.append(line)
            if time.monotonic() > deadline:
                break
        pytest.fail(f"the desk said {self.last}, and before it {''.join(self.said)[-2000:]}")

    def type_key(self, key: str) -> None:
        command = ["xdotool", "key", "--delay", "50", "--repeat", str(N_KEYS), key]
        subprocess.run(command, check=True, env=self.environment, timeout=30)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def display(tmp_path: Path) -> Iterator[dict[str, str]]:
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1366x768x24", "-nolisten", "tcp"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    environment = {
        **os.environ,
        "DISPLAY": f":{number}",
        "QT_QPA_PLATFORM": "xcb",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(HERE.parent),
    }
    manager = subprocess.Popen(
        ["openbox"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    yield environment
    for process in (manager, server):
        process.terminate()
        process.wait(10)


@pytest.fixture
def desk(display: dict[str, str]) -> Iterator[Desk]:
    child = Desk(display)
    yield child
    child.close()


@needs_a_desktop
def test_that_forty_enters_and_forty_spaces_reach_the_field_and_decide_nothing(desk: Desk) -> None:
    desk.wait_until(lambda told: told["focused"])
    desk.wait_until(lambda told: told["is_dialog_visible"])
    desk.type_key("Return")
    desk.type_key("space")
    desk.wait_until(lambda told: told["enters"] == told["spaces"] == N_KEYS and told["raised"] > 3)
    assert desk.last["decisions"] == []
    assert desk.last["focused"]
