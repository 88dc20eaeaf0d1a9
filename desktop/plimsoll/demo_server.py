"""The local AllTick of a demo: started before the desk stands, heard, and started again should it die."""

import logging
import sys

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal, Slot

from plimsoll import cli
from plimsoll.bridge.child_process import BAD_INPUT, ChildProcess
from plimsoll.domain.feed_status import MarketClock

log = logging.getLogger("plimsoll.app")

RESTART_MS = 3_000


class DemoServer(QObject):
    """The child process and what it says.

    Signals
    -------
    market_ready(int, object)
        Once: the port it serves on, and the exchange time in ns at which its replay begins, or None.
    clock_told(MarketClock)
        How the replay's time maps to the desk's from now on.
    server_died(str)
        It ended by itself, in words for the banner; it is started again.
    """

    market_ready = Signal(int, object)
    clock_told = Signal(object)
    server_died = Signal(str)

    def __init__(self, request: cli.DemoRequest, token: str) -> None:
        super().__init__()
        self._arguments = _serve_arguments(request)
        self._token = token
        self._port = 0
        self._child: ChildProcess | None = None
        self._is_stopping = False

    @Slot()
    def start(self) -> None:
        """Start it on a free port, or again on the port it had."""
        child = ChildProcess([*self._arguments, "--port", str(self._port)], self)
        child.line_read.connect(self._hear)
        child.died.connect(self._mourn)
        child.refused.connect(self._give_up)
        self._child = child
        child.start(self._token)

    def stop(self) -> None:
        """End it; what it still says on its way out begins nothing."""
        self._is_stopping = True
        if self._child is not None:
            self._child.stop()

    @Slot(object)
    def _hear(self, said: dict[str, object]) -> None:
        if self._is_stopping:
            return
        start_ns, wall_ns, speed = (said.get(key) for key in ("exchange_start_ns", "wall_start_ns", "speed"))
        if said.get("ready") and not self._port:
            self._port = int(str(said["url"]).rsplit(":", 1)[1])
            self.market_ready.emit(self._port, start_ns if isinstance(start_ns, int) else None)
        if isinstance(start_ns, int) and isinstance(wall_ns, int) and isinstance(speed, int | float):
            self.clock_told.emit(MarketClock(start_ns, wall_ns, float(speed)))

    @Slot(str)
    def _give_up(self, words: str) -> None:
        sys.stderr.write(f"plimsoll: {words}\n")
        QCoreApplication.exit(BAD_INPUT)

    @Slot(str)
    def _mourn(self, words: str) -> None:
        log.error("%s", words)
        self.server_died.emit(f"The demo's market ended ({words}); it is started again.")
        QTimer.singleShot(RESTART_MS, self, self.start)


def _serve_arguments(request: cli.DemoRequest) -> list[str]:
    arguments = [
        "serve", "--plan", "Professional",
        "--day-seconds", str(request.day_seconds),
        "--rate", str(request.rate), "--seed", str(request.seed), "--speed", str(request.speed),
    ]  # fmt: skip
    if request.closes is not None:
        arguments += ["--closes", str(request.closes)]
    for path in request.ticks:
        arguments += ["--ticks", str(path)]
    if not request.ticks:
        arguments += ["--from", str(request.first_day), "--to", str(request.last_day)]
    return arguments
