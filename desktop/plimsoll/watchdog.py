"""The watchdog: a small process of its own that hears the desk's beat and raises an alarm when it stops.

It reads one JSON line a quarter of a second from its standard input, `{"risk": n}`, where n counts the beats
of the risk thread, and answers `{"alive": n}` once a second. Silence of the whole desk, or an n that stands
still, for `Patience.silence_s` is an alarm: a line on standard error, a note beside the journal, a
notification and a sound of the system. When its input closes without `{"bye": true}` the desk has died: it
says so and ends, so that it never outlives the desk for longer than it takes to say that.

It imports neither Qt nor numpy: what watches must be lighter and simpler than what is watched.
"""

import argparse
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

NOTE_NAME = "watchdog-notes.jsonl"
PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"), ("afplay",))
OK, DIED = 0, 3


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what may take, in seconds.

    Attributes
    ----------
    silence_s : float
        Without a beat for so long the desk hangs; with `look_s` it stays below the five seconds promised.
    start_s : float
        The first beat may take so long: the journal is read before it.
    look_s : float
        Between two looks at the clock.
    again_s : float
        A desk that still hangs is told again after so long.
    sound_s : float
        A notification or a sound that takes longer is given up.
    """

    silence_s: float = 3.5
    start_s: float = 60.0
    look_s: float = 0.25
    again_s: float = 30.0
    sound_s: float = 6.0


class Watch:
    """Judges beats by a clock it is given; raises and ends alarms.

    Parameters
    ----------
    patience : Patience
        How long what may take.
    tell : callable
        Called with kind ("hangs", "risk_hangs", "answers", "died", "ended") and words.
    now_s : float
        The start, on a clock that does not stand still while the machine sleeps less than it must.
    """

    def __init__(self, patience: Patience, tell: Callable[[str, str], None], now_s: float) -> None:
        self._patience = patience
        self._tell = tell
        self._desk_s = self._risk_s = self._looked_s = now_s
        self._grace_s = patience.start_s
        self._risk_n = -1
        self._alarm = ""
        self._alarm_s = self._told_s = now_s
        self.has_ended = False

    def hear(self, line: str, now_s: float) -> None:
        """Take one line of the desk; what is no beat is at least a sign of life."""
        self._desk_s = now_s
        try:
            said = json.loads(line)
        except ValueError:
            return
        if not isinstance(said, dict):
            return
        if said.get("bye"):
            self.has_ended = True
            self._tell("ended", "the desk ended in order")
        n = said.get("risk")
        if isinstance(n, int) and n > self._risk_n:
            # Counts of beats: the first that moves ends the grace of the start.
            if self._risk_n >= 0 and n > 0:
                self._grace_s = 0.0
            self._risk_n, self._risk_s = n, now_s
        if self._alarm == "hangs" or (self._alarm == "risk_hangs" and self._risk_s == now_s):
            self._tell("answers", f"the desk answers again after {now_s - self._alarm_s:.0f} s")
            if self._alarm == "hangs":
                self._risk_s = now_s  # it could not beat either: it is given its time anew
            self._alarm = ""

    def look(self, now_s: float) -> None:
        """Judge the silence so far."""
        if now_s - self._looked_s > self._patience.silence_s / 2:
            # It was the watchdog that slept, with the whole machine perhaps: nobody else is to blame.
            self._desk_s = self._risk_s = now_s
        self._looked_s = now_s
        if self.has_ended:
            return
        silent_s, still_s = now_s - self._desk_s, now_s - self._risk_s
        patience_s = max(self._patience.silence_s, self._grace_s)
        if silent_s > patience_s:
            self._raise("hangs", f"the desk has not been heard for {silent_s:.1f} s", now_s)
        elif still_s > patience_s:
            self._raise("risk_hangs", f"the risk thread has not beaten for {still_s:.1f} s", now_s)

    def lose(self) -> None:
        """Take the end of the pipe: without a goodbye the desk has died."""
        if not self.has_ended:
            self.has_ended = True
            self._tell(
                "died", "the desk has DIED: nothing watches your limits; what works at the broker works on"
            )

    def _raise(self, kind: str, words: str, now_s: float) -> None:
        if kind == self._alarm and now_s - self._told_s < self._patience.again_s:
            return
        if not self._alarm:
            self._alarm_s = now_s
        self._alarm, self._told_s = kind, now_s
        self._tell(kind, f"{words}: its figures stand still, its limits are not watched")


class Voice:
    """Tells an alarm wherever it can be told; a way that fails is passed over."""

    def __init__(self, notes: Path | None, sound: Path | None, errors: TextIO, wait_s: float) -> None:
        self._notes = notes
        self._sound = sound
        self._errors = errors
        self._wait_s = wait_s
        self._running: list[subprocess.Popen[bytes]] = []

    def tell(self, kind: str, words: str) -> None:
        """Write the note, then the line, then what may be slow."""
        self._note(kind, words)
        if kind == "ended":
            return
        self._say(words)
        self._start(notification_of(f"Plimsoll: {words}"))
        if kind != "answers":
            self._start(_player_of(self._sound))

    def finish(self) -> None:
        """Let what was started come to its end, for a while."""
        deadline_s = time.monotonic() + self._wait_s
        for process in self._running:
            try:
                process.wait(max(deadline_s - time.monotonic(), 0.0))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _note(self, kind: str, words: str) -> None:
        if self._notes is None:
            return
        note = {"at": datetime.now(UTC).isoformat(), "kind": kind, "words": words}
        try:
            file = os.open(self._notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(file, (json.dumps(note) + "\n").encode())
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            self._say(f"the note could not be written: {error}")

    def _say(self, words: str) -> None:
        try:
            self._errors.write(f"plimsoll watchdog: {words}\n")
            self._errors.flush()
        except (OSError, ValueError):
            return  # the desk's terminal may have died with it; the other ways remain

    def _start(self, command: Sequence[str]) -> None:
        self._running = [process for process in self._running if process.poll() is None]
        if not command:
            return
        quiet = subprocess.DEVNULL
        try:
            process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603  ours
        except OSError:
            return
        self._running.append(process)


def notification_of(words: str) -> tuple[str, ...]:
    """Return the command that shows a notification here; empty where the system has none."""
    if sys.platform == "darwin":
        return ("osascript", "-e", f'display notification {json.dumps(words)} with title "Plimsoll"')
    if sys.platform == "win32":
        quoted = words.replace("'", "''")
        script = (
            "Add-Type -AssemblyName System.Windows.Forms; $n = New-Object System.Windows.Forms.NotifyIcon; "
            "$n.Icon = [System.Drawing.SystemIcons]::Error; $n.Visible = $true; "
            f"$n.ShowBalloonTip(5000, 'Plimsoll', '{quoted}', 'Error'); Start-Sleep 5"
        )
        return "powershell", "-NoProfile", "-Command", script
    if shutil.which("notify-send"):
        return ("notify-send", "--urgency=critical", "--app-name=Plimsoll", "Plimsoll", words)
    return ()


def _player_of(sound: Path | None) -> tuple[str, ...]:
    if sound is None or not sound.is_file():
        return ()
    if sys.platform == "win32":
        quoted = str(sound).replace("'", "''")
        return (
            "powershell",
            "-NoProfile",
            "-Command",
            f"(New-Object Media.SoundPlayer '{quoted}').PlaySync()",
        )
    found = (command for command in PLAYERS if shutil.which(command[0]))
    player = next(found, ())
    return (*player, str(sound)) if player else ()


def watch(lines: TextIO, answers: TextIO, voice: Voice, patience: Patience) -> int:
    """Watch until the desk ends or dies, and return the exit code: 0 ended in order, 3 died."""
    heard: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(lines, heard), name="the desk's beat", daemon=True).start()
    judge = Watch(patience, voice.tell, time.monotonic())
    answered_s, n_answers = 0.0, 0
    while True:
        try:
            line = heard.get(timeout=patience.look_s)
        except queue.Empty:
            judge.look(time.monotonic())
            continue
        now_s = time.monotonic()
        if line is None:
            was_in_order = judge.has_ended
            judge.lose()
            voice.finish()
            return OK if was_in_order else DIED
        judge.hear(line, now_s)
        judge.look(now_s)
        # Only a desk that speaks is answered: one that is stopped would let the pipe fill up and block us.
        if now_s - answered_s >= 1.0:
            answered_s, n_answers = now_s, n_answers + 1
            _answer(answers, n_answers)


def _read(lines: TextIO, heard: "queue.Queue[str | None]") -> None:
    try:
        for line in lines:
            heard.put(line)
    except (OSError, ValueError):
        pass  # as good as its end
    heard.put(None)


def _answer(answers: TextIO, number: int) -> None:
    try:
        answers.write(json.dumps({"alive": number}) + "\n")
        answers.flush()
    except (OSError, ValueError):
        return


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as `plimsoll watchdog` or `python -m plimsoll.watchdog`; hidden, for only the desk starts it."""
    parser = argparse.ArgumentParser(prog="plimsoll watchdog")
    parser.add_argument("--notes", type=Path, default=None, help="the folder of the journal")
    parser.add_argument("--sound", type=Path, default=None, help="what to play")
    words = parser.parse_args(arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the desk, whose end is heard by the pipe
    patience = Patience()
    notes = None if words.notes is None else words.notes / NOTE_NAME
    voice = Voice(notes, words.sound, sys.stderr, patience.sound_s)
    return watch(sys.stdin, sys.stdout, voice, patience)


if __name__ == "__main__":
    sys.exit(main())
