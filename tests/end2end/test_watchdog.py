"""A real desk process is killed, stopped or hung: its watchdog says so within five seconds, and no sooner."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plimsoll.watchdog import NOTE_NAME, Patience, Voice, Watch, notification_of

HERE = Path(__file__).parent
PROMISED_S = 5.0
PATIENCE_S = 20.0
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


class WatchedDesk:
    """The process, its folder, and what it and its watchdog have said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.errors = folder / "stderr.txt"
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(HERE / "watched_desk.py"), str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.watchdog_pid = int(self.line(lambda line: line.get("present"))["pid"])
        self.line(lambda line: line.get("beats", 0) >= 5)  # the time granted to the start is over

    def line(self, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            line: dict[str, Any] = json.loads(text)
            if condition(line):
                return line
        pytest.fail(f"the desk ended: {self.errors.read_text()}")

    def command(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def notes(self) -> list[dict[str, str]]:
        path = self.folder / NOTE_NAME
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def until_noted(self, kind: str) -> float:
        """Return after how many seconds from now the watchdog noted an alarm of this kind."""
        begun_s = time.monotonic()
        while not any(note["kind"] == kind for note in self.notes()):
            assert time.monotonic() - begun_s < PATIENCE_S, f"never noted {kind}: {self.notes()}"
            time.sleep(0.01)
        return time.monotonic() - begun_s

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT) if os.name == "posix" else None
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[WatchedDesk]:
    watched = WatchedDesk(tmp_path)
    yield watched
    watched.close()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def test_that_a_killed_desk_is_told_within_five_seconds(desk: WatchedDesk) -> None:
    desk.process.kill()
    took_s = desk.until_noted("died")
    print(f"kill -9: told after {took_s:.3f} s")
    assert took_s < PROMISED_S
    until(lambda: "plimsoll watchdog: the desk has DIED" in desk.errors.read_text())
    until(lambda: not is_alive(desk.watchdog_pid))  # it does not outlive the desk


@POSIX
def test_that_a_stopped_desk_is_told_within_five_seconds_and_its_return_too(desk: WatchedDesk) -> None:
    desk.process.send_signal(signal.SIGSTOP)
    took_s = desk.until_noted("hangs")
    print(f"SIGSTOP: told after {took_s:.3f} s")
    assert Patience().silence_s - 0.5 < took_s < PROMISED_S
    desk.process.send_signal(signal.SIGCONT)
    desk.until_noted("answers")
    assert is_alive(desk.watchdog_pid)


def test_that_a_hanging_risk_thread_under_a_living_window_is_told_within_five_seconds(
    desk: WatchedDesk,
) -> None:
    desk.command("hang")
    took_s = desk.until_noted("risk_hangs")
    print(f"risk thread hung: told after {took_s:.3f} s")
    assert took_s < PROMISED_S
    desk.command("go on")
    desk.until_noted("answers")


def test_that_a_frozen_window_is_told_within_five_seconds(desk: WatchedDesk) -> None:
    desk.command("freeze")
    assert desk.until_noted("hangs") < PROMISED_S


def test_that_an_end_in_order_is_no_alarm(desk: WatchedDesk) -> None:
    desk.command("end")
    desk.line(lambda line: line.get("ended"))
    assert desk.process.wait(PATIENCE_S) == 0
    assert [note["kind"] for note in desk.notes()] == ["ended"]
    assert "DIED" not in desk.errors.read_text()


def test_that_the_desk_says_when_its_watchdog_is_gone_and_starts_another(desk: WatchedDesk) -> None:
    os.kill(desk.watchdog_pid, signal.SIGTERM)
    gone = desk.line(lambda line: line.get("present") is False)
    assert "nobody will say so" in gone["words"]
    back = desk.line(lambda line: line.get("present"))
    assert back["pid"] != desk.watchdog_pid


@POSIX
def test_that_a_watchdog_that_only_seems_alive_counts_as_gone(desk: WatchedDesk) -> None:
    os.kill(desk.watchdog_pid, signal.SIGSTOP)
    desk.line(lambda line: line.get("present") is False)
    desk.line(lambda line: line.get("present"))
    assert not is_alive(desk.watchdog_pid)


class Told:
    """What a watch says, by a clock moved by hand."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.watch = Watch(Patience(), lambda kind, _words: self.kinds.append(kind), 0.0)
        self.n = 0

    def run(self, begin_s: float, end_s: float, *, risk: bool = True, desk: bool = True) -> None:
        for quarter in range(int(begin_s * 4), int(end_s * 4)):
            self.n += risk
            if desk:
                self.watch.hear(json.dumps({"risk": self.n}), quarter / 4)
            self.watch.look(quarter / 4)


def test_that_a_desk_that_takes_long_to_start_is_given_its_time() -> None:
    told = Told()
    told.run(0, 50, risk=False)
    told.run(50, 60)
    assert told.kinds == []
    told.run(60, 66, risk=False)
    assert told.kinds == ["risk_hangs"]


def test_that_a_desk_that_never_beats_is_told_in_the_end() -> None:
    told = Told()
    told.run(0, 70, risk=False)
    assert told.kinds == ["risk_hangs"]


def test_that_a_hang_is_told_again_and_again_until_it_is_over() -> None:
    told = Told()
    told.run(0, 5)
    told.run(5, 75, desk=False)
    assert told.kinds == ["hangs"] * 3
    told.run(75, 80)
    assert told.kinds == ["hangs"] * 3 + ["answers"]


def test_that_a_machine_that_slept_is_no_hanging_desk() -> None:
    told = Told()
    told.run(0, 5)
    told.watch.look(4_000.0)
    assert told.kinds == []
    told.run(4_000, 4_010, desk=False)
    assert told.kinds == ["hangs"]


def test_that_whatever_is_said_to_it_never_ends_the_watch() -> None:
    told = Told()
    for line in ("", "nonsense", "[]", '{"risk": "x"}', '{"risk": null}', "\x00", "{"):
        told.watch.hear(line, 0.0)
    told.watch.lose()
    told.watch.lose()
    assert told.kinds == ["died"]


def test_that_an_alarm_is_told_though_no_way_but_one_is_open(tmp_path: Path) -> None:
    class Shut:
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    voice = Voice(tmp_path / "missing" / "notes", None, Shut(), 0.1)  # type: ignore[arg-type]
    voice.tell("died", "the desk has DIED")
    voice.finish()
    notes = tmp_path / NOTE_NAME
    Voice(notes, None, Shut(), 0.1).tell("died", "the desk has DIED")  # type: ignore[arg-type]
    assert json.loads(notes.read_text())["words"] == "the desk has DIED"


@pytest.mark.parametrize(("platform", "program"), [("darwin", "osascript"), ("win32", "powershell")])
def test_that_each_system_has_its_own_notification(
    monkeypatch: pytest.MonkeyPatch, platform: str, program: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    command = notification_of('it\'s "quoted"')
    assert command[0] == program
    assert all('it\'s "quoted"' not in word for word in command), "quotes must not end the script's string"


def test_that_the_watchdog_loads_neither_qt_nor_numpy() -> None:
    code = (
        "import sys, plimsoll.watchdog; print({'numpy', 'PySide6'} & {n.split('.')[0] for n in sys.modules})"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
