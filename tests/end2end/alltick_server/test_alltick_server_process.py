"""The server as a child process: token by standard input, one ready line, an orderly end."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import websocket

TOKEN = "canary-5f1c2b"  # noqa: S105  made up
_PROGRAM = """
import sys
from pathlib import Path
from plimsoll.alltick_server.serve import ServeOptions, main
assert not {"pandas", "scipy", "PySide6"} & set(sys.modules)
sys.exit(main(ServeOptions(%s)))
"""


class Child:
    def __init__(self, options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", _PROGRAM % options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def say(self, line: str) -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def heard(self) -> dict:
        return json.loads(self.process.stdout.readline())

    def told(self, line: object) -> dict:
        self.say(line if isinstance(line, str) else json.dumps(line))
        return self.heard()

    def ended(self) -> tuple[int, str, str]:
        out, error = self.process.communicate(timeout=10)
        return self.process.returncode, out, error


Starter = Callable[..., Child]


@pytest.fixture
def child() -> Iterator[Starter]:
    children = []

    def started(options: str = "") -> Child:
        children.append(Child(options))
        return children[-1]

    yield started
    for one in children:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


def test_that_the_ready_line_is_one_json_object_and_the_end_of_input_is_the_end(child: Starter) -> None:
    one = child()
    ready = one.told(TOKEN)
    assert ready["ready"] is True
    assert ready["url"].startswith("ws://127.0.0.1:")
    assert ready["http"].startswith("http://127.0.0.1:")
    assert {"exchange_start_ns", "wall_start_ns", "speed", "day_seconds", "codes", "days"} <= ready.keys()
    assert one.ended() == (0, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches a console, not a pipe, on Windows")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_that_a_signal_ends_it_cleanly(child: Starter, number: signal.Signals) -> None:
    one = child()
    ready = one.told(TOKEN)
    client = websocket.create_connection(f"{ready['url']}/quote-b-ws-api?token={TOKEN}", timeout=5)
    one.process.send_signal(number)
    assert one.process.wait(timeout=5) == 0
    client.shutdown()
    assert one.process.stderr.read() == ""


def test_that_faults_and_counts_go_by_the_side_channel(child: Starter) -> None:
    one = child()
    ready = one.told(TOKEN)
    client = websocket.create_connection(f"{ready['url']}/quote-stock-b-ws-api?token={TOKEN}", timeout=5)
    assert one.told({"fault": "repeats", "share": 1.0}) == {"ok": True, "fault": "repeats"}
    client.send(
        json.dumps(
            {"cmd_id": 22004, "seq_id": 1, "trace": "t", "data": {"symbol_list": [{"code": "AAPL.US"}]}}
        )
    )
    started = one.heard()
    assert started["market_started"] is True
    assert started["wall_start_ns"] > 0
    client.recv()
    assert client.recv() == client.recv()
    assert one.told({"command": "clear"}) == {"ok": True, "command": "clear"}
    counts = one.told({"command": "counts"})["counts"]
    assert counts[0]["trades"]["AAPL.US"] >= 2
    client.shutdown()


@pytest.mark.parametrize(
    "line", ["{", "[]", "7", '{"fault":"gremlins"}', '{"fault":"late","share":3}', '{"command":"x"}']
)
def test_that_a_line_it_cannot_obey_is_answered_and_survived(child: Starter, line: str) -> None:
    one = child()
    one.told(TOKEN)
    answer = one.told(line)
    assert answer["ok"] is False
    assert "expected" in answer["error"]
    assert one.told({"command": "counts"})["ok"] is True


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ('closes=Path("nowhere.csv")', "nowhere.csv"),
        ('ticks=(Path("nowhere.csv"),)', "nowhere.csv"),
        ("day_seconds=0.0", "day_seconds"),
        ("rate=-1.0", "rate"),
        ('plan="Gold"', "Gold"),
        ("load=(0, 1.0)", "load"),
        ("speed=-1.0", "speed"),
    ],
)
def test_that_a_bad_option_is_one_line_and_exit_code_2(child: Starter, options: str, words: str) -> None:
    one = child(options)
    one.say(TOKEN)
    code, out, error = one.ended()
    assert (code, out) == (2, "")
    assert error.count("\n") == 1
    assert words in error
    assert "expected" in error


def test_that_a_busy_port_is_one_line_and_exit_code_2(child: Starter) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        one = child(f"port={busy.getsockname()[1]}")
        one.say(TOKEN)
        code, _, error = one.ended()
    assert code == 2
    assert error.count("\n") == 1


def test_that_no_token_is_one_line_and_exit_code_2(child: Starter) -> None:
    code, out, error = child().ended()
    assert (code, out) == (2, "")
    assert "token" in error


def test_that_the_token_is_neither_printed_nor_in_the_process_list(child: Starter) -> None:
    one = child()
    ready = one.told(TOKEN)
    client = websocket.create_connection(f"{ready['url']}/quote-b-ws-api?token={TOKEN}", timeout=5)
    client.send("{")
    client.recv()
    if sys.platform == "linux":
        process = Path(f"/proc/{one.process.pid}")
        assert TOKEN.encode() not in (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    client.shutdown()
    _, out, error = one.ended()
    assert TOKEN not in json.dumps(ready) + out + error


def test_that_each_night_says_how_the_clocks_map_from_then_on(child: Starter) -> None:
    one = child("day_seconds=1.0")
    ready = one.told(TOKEN)
    client = websocket.create_connection(f"{ready['url']}/quote-stock-b-ws-api?token={TOKEN}", timeout=5)
    client.send(
        json.dumps(
            {"cmd_id": 22004, "seq_id": 1, "trace": "t", "data": {"symbol_list": [{"code": "AAPL.US"}]}}
        )
    )
    started = one.heard()
    jumps = [one.heard(), one.heard()]
    client.shutdown()
    day_ns = 86_400 * 10**9
    for number, said in enumerate(jumps, 1):
        assert said["market_jumped"] is True
        wall_ns = said["wall_start_ns"] - started["wall_start_ns"]
        assert wall_ns == pytest.approx(number * 10**9, abs=0.2 * 10**9)
        off_ns = said["exchange_start_ns"] - started["exchange_start_ns"] - number * day_ns
        assert off_ns / said["speed"] == pytest.approx(wall_ns - number * 10**9, abs=10**6)
