"""A desk in little, in a process of its own: a thread that beats as the risk worker does, with the link.

Commands come on standard input, a word a line: `hang` stops the risk thread, `freeze` the window, `end` ends.
What the link says is told as JSON lines.
"""

import json
import sys
import threading
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMetaObject, QObject, Qt, QThread, QTimer, Signal, Slot

from plimsoll.bridge.watchdog_link import BEAT_MS, WatchdogLink, watchdog_command


class BeatingThread(QObject):
    """What a risk worker is to the watchdog: a timer on a thread of its own, until it is told to hang."""

    beaten = Signal()

    def __init__(self, hang: threading.Event) -> None:
        super().__init__()
        self._hang = hang

    @Slot()
    def start(self) -> None:
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.beat)
        self._timer.start(BEAT_MS)

    @Slot()
    def beat(self) -> None:
        while self._hang.is_set():
            time.sleep(0.05)
        self.beaten.emit()

    @Slot()
    def close(self) -> None:
        self._timer.stop()


class Scene(QObject):
    """Joins worker and link, and does what it is told."""

    told = Signal(str)

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.hang = threading.Event()
        self.risk = BeatingThread(self.hang)
        self.thread_ = QThread(self)
        self.risk.moveToThread(self.thread_)
        self.thread_.started.connect(self.risk.start)
        self.link = WatchdogLink(watchdog_command(folder, None), self)
        self.link.presence_changed.connect(self.tell_presence)
        self.risk.beaten.connect(self.link.note_risk_beat)
        self.risk.beaten.connect(self.tell_beat)
        self.n_beats = 0
        self.told.connect(self.obey)
        self.thread_.start()
        self.link.start()
        threading.Thread(target=self.read, name="commands", daemon=True).start()

    def read(self) -> None:
        for line in sys.stdin:
            self.told.emit(line.strip())

    @Slot(bool, str)
    def tell_presence(self, present: bool, words: str) -> None:
        say({"present": present, "words": words, "pid": self.link.pid})

    @Slot()
    def tell_beat(self) -> None:
        self.n_beats += 1
        say({"beats": self.n_beats})

    @Slot(str)
    def obey(self, word: str) -> None:
        if word == "hang":
            self.hang.set()
        elif word == "go on":
            self.hang.clear()
        elif word == "freeze":
            time.sleep(30)
        elif word == "end":
            self.link.stop()
            self.hang.clear()
            QMetaObject.invokeMethod(self.risk, "close", Qt.ConnectionType.BlockingQueuedConnection)
            self.thread_.quit()
            self.thread_.wait(5_000)
            say({"ended": True})
            QCoreApplication.quit()


def say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    application = QCoreApplication(sys.argv)
    scene = Scene(Path(sys.argv[1]))
    application.exec()
    del scene


if __name__ == "__main__":
    main()
