"""Measures our own desk under load: the real window, model, workers and stream, offscreen."""

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import bare_start  # noqa: F401  before all other modules, as in __main__
from frame_meter import FrameMeter, percentiles
from load_server import N_CODES_A_CONNECTION, TOKEN, LoadServer
from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication
from synthetic_desk import SyntheticDesk, synthetic_desk

from plimsoll.bridge.feed_worker import FeedWorker
from plimsoll.bridge.garbage_round import GarbageRound
from plimsoll.bridge.heap import settle
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.bridge.risk_worker import RiskWorker
from plimsoll.bridge.tick_buffer import TickBuffer
from plimsoll.bridge.worker_threads import ActionWorkers, WorkerThreads
from plimsoll.domain.desk_request import LimitChangeAsked
from plimsoll.domain.limit import Limit, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.tick import TickBatch, TickCounts
from plimsoll.engine.events import Event
from plimsoll.engine.risk_engine import RiskEngine
from plimsoll.feed.address import Address, Door
from plimsoll.feed.alltick_stream import AllTickStream
from plimsoll.feed.gate import Gate
from plimsoll.feed.pacing import PROFESSIONAL, Pacing
from plimsoll.widgets.main_window import MainWindow

WINDOW = (1900, 1000)
WARM_S = 2.0
DRAIN_S = 60.0
STORM_S = 2.5  # breaches closer to each other than two seconds share a cause and a dialog
# Four connections one after the other within a second; AllTick itself would want three seconds each.
PACING = Pacing(connection_gap_s=0.2)


class WatchedEngine:
    """The engine, and for each snapshot when the oldest tick new in it was heard."""

    def __init__(self, engine: RiskEngine) -> None:
        self._engine = engine
        self._oldest_ns = 0
        self.oldest_by_snapshot: dict[int, int] = {}
        self.latest = (TickCounts(), TickCounts())

    def apply(self, batch: TickBatch, now_ns: int, *, at_once: bool = True) -> list[Event]:
        events = self._engine.apply(batch, now_ns, at_once=at_once)
        self.latest = (batch.trades, batch.books)
        if len(batch) and not self._oldest_ns:
            self._oldest_ns = int(batch.rows["received_time_ns"][0])
        return events

    def snapshot(self, now_ns: int) -> RiskSnapshot:
        taken = self._engine.snapshot(now_ns)
        self.oldest_by_snapshot[taken.number] = self._oldest_ns
        self._oldest_ns = 0
        return taken

    def __getattr__(self, name: str) -> Any:
        """Return whatever else the worker asks of the engine."""
        return getattr(self._engine, name)


class WatchedModel(RiskModel):
    """The model, how long it works a frame, and the newest snapshots."""

    def __init__(self, meter: FrameMeter) -> None:
        self._meter = meter
        # Numbers alone: eight snapshots of 10 000 positions would be megabytes the desk does not hold.
        self.recent: deque[tuple[int, int]] = deque(maxlen=8)  # (snapshot number, id of its table)
        super().__init__("bench", is_demo=False)

    @Slot(object)
    def take_snapshot(self, snapshot: RiskSnapshot) -> None:
        self.recent.append((snapshot.number, id(snapshot.table)))
        super().take_snapshot(snapshot)

    def _tell_the_views(self) -> None:
        self._meter.began()
        super()._tell_the_views()
        self._meter.ended()


class WatchedWindow(MainWindow):
    """The window, how long it works and paints, and when what its grid was shown stood on the screen."""

    def __init__(self, model: WatchedModel, meter: FrameMeter) -> None:
        self._meter = meter
        self._recent = model.recent
        self.painted: deque[tuple[int, int]] = deque()  # (snapshot number, painted at)
        self._painted_table: object = None  # kept, so that its id is no other's
        super().__init__(model, workspace_path=None, theme="night")

    @Slot()
    def _show_newest(self) -> None:
        self._meter.began()
        super()._show_newest()
        self._meter.ended()

    def event(self, event: QEvent) -> bool:
        if event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        self._meter.began()
        done = super().event(event)
        self._meter.ended()
        table = self.centre.positions.model.table
        if table is not self._painted_table:
            self._painted_table = table
            numbers = [number for number, key in self._recent if key == id(table)]
            if numbers:
                self.painted.append((numbers[-1], time.time_ns()))
        return done


class RiskLog(QObject):
    """How long each batch's oldest tick waited for its figures, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.waits_ms: list[float] = []

    @Slot(object, object)
    def note(self, heard_ns: int, known_ns: int) -> None:
        """Take one batch; called on the risk thread."""
        self.waits_ms.append((known_ns - heard_ns) / 1e6)


class OurDesk:
    """The desk's threads, model and window around a synthetic book, joined to a load server."""

    def __init__(
        self, desk: SyntheticDesk, port: int, directory: Path, actors: ActionWorkers | None = None
    ) -> None:
        self.meter = FrameMeter()
        self.model = WatchedModel(self.meter)
        self.window = WatchedWindow(self.model, self.meter)
        self.log = RiskLog()
        self.engine: WatchedEngine | None = None
        self.buffer = TickBuffer()
        self._desk, self._directory = desk, directory
        self.risk = RiskWorker(self._make_engine, self.buffer)
        self.risk.batch_applied.connect(self.log.note, Qt.ConnectionType.DirectConnection)
        codes = self.codes = desk.universe.codes
        gate = Gate(PACING, PROFESSIONAL)
        feeds = []
        for start in range(0, len(codes), N_CODES_A_CONNECTION):
            wanted = codes[start : start + N_CODES_A_CONNECTION]
            address = Address("127.0.0.1", port, is_secure=False)
            name = f"stocks {len(feeds) + 1}"
            stream = AllTickStream(
                Door.STOCKS, codes, wanted, gate, lambda: TOKEN, address=address, has_depth=False, name=name
            )
            feeds.append(FeedWorker(name, lambda stream=stream: stream, self.buffer))
        self._threads = WorkerThreads(self.model, self.risk, feeds, None, actors)
        self.window.resize(*WINDOW)
        self.window.show()

    def begin(self) -> None:
        """Start the threads."""
        self._threads.start()

    def end(self) -> None:
        """Stop them in order and close the window."""
        if not self._threads.stop():
            raise RuntimeError("a thread did not end in time")
        self.window.close()

    def forget(self) -> None:
        """Measure from now on."""
        self.log.waits_ms.clear()
        self.window.painted.clear()
        self.meter.start()

    @property
    def counts(self) -> TickCounts:
        """Where every tick went, as of the newest batch."""
        return sum(self.engine.latest, TickCounts()) if self.engine is not None else TickCounts()

    def paint_waits_ms(self) -> list[float]:
        """Return, for each paint, how long the oldest tick new in it had waited."""
        oldest = self.engine.oldest_by_snapshot if self.engine is not None else {}
        waits, previous = [], None
        for number, painted_ns in self.window.painted:
            first = number if previous is None else previous + 1
            heard = [oldest[k] for k in range(first, number + 1) if oldest.get(k)]
            previous = number
            if heard:
                waits.append((painted_ns - heard[0]) / 1e6)
        return waits

    def _make_engine(self) -> tuple[WatchedEngine, Callable[[], None]]:
        engine, close = self._desk.engine_in(self._directory)
        self.engine = WatchedEngine(engine)
        return self.engine, close


def measure(
    n_positions: int, n_scenarios: int, rate: float, seconds: float, n_limits: int = 8, n_breaches: int = 0
) -> dict[str, float]:
    """Run one cell and return its figures."""
    application = QApplication.instance() or QApplication([sys.argv[0]])
    desk = synthetic_desk(n_positions, n_scenarios, n_limits)
    with tempfile.TemporaryDirectory() as directory, LoadServer(n_positions, rate) as server:
        ours = OurDesk(desk, server.port, Path(directory))
        settle()
        ours.begin()
        until(lambda: ours.counts.applied >= n_positions, 60.0, "every instrument has ticked")
        spin(WARM_S)
        gc.freeze()  # as app does once the desk stands, and so with the next two
        GarbageRound(ours.model)
        settle()
        ours.forget()
        before, began_s = ours.counts, time.perf_counter()
        spin(seconds)
        elapsed_s, after = time.perf_counter() - began_s, ours.counts
        ours.meter.stop()
        figures = ours.meter.figures()
        figures |= percentiles("tick_to_risk_ms", ours.log.waits_ms)
        figures |= percentiles("tick_to_painted_ms", ours.paint_waits_ms())
        figures["rss_mb"] = rss_mb()
        figures |= break_limits(ours, n_breaches)
        n_sent = server.silence()
        until(lambda: ours.counts.received >= n_sent and not ours.counts.waiting, DRAIN_S, "all ticks came")
        last = ours.counts
        snapshot = ours.model.snapshot
        ours.end()
    handled = after.applied + after.folded - before.applied - before.folded
    figures |= {
        "ticks_per_s": handled / elapsed_s,
        "folded_fraction": (after.folded - before.folded) / max(handled, 1),
        "n_sent": float(n_sent),
        "n_received": float(last.received),
        "n_unaccounted": float(abs(last.unaccounted) + abs(last.received - n_sent)),
        "n_not_applied": float(last.received - last.applied - last.folded),
        "var_is_known": float(snapshot is not None and snapshot.var == snapshot.var),
    }
    del application
    return figures


def break_limits(ours: OurDesk, n_breaches: int) -> dict[str, float]:
    """Break one new limit after the other under load and return how long its dialog took from the tick.

    Each new line lies below what is held, so that the next batch crosses it; breaches are further apart than
    a storm lasts, so that each has a dialog of its own.
    """
    queue, model = ours.window.queue, ours.model
    for number in range(n_breaches):
        table = model.snapshot.table if model.snapshot is not None else None
        if table is None:
            break
        code, size = table.instruments[number].code, abs(float(table.value_base[number]))
        limit = Limit(
            f"break-{number}", "Size", Measure.POSITION_SIZE, size / 2, Severity.HIGH,
            Scope(ScopeKind.INSTRUMENT, code),
        )  # fmt: skip
        n_before = len(queue.latencies_ms)
        model.ask(LimitChangeAsked(f"c{number}", limit.limit_id, limit, "Ada", "measured under load"))
        until(lambda n=n_before: len(queue.latencies_ms) > n, 10.0, f"the dialog of {code} stands")
        for breach in model.snapshot.breaches if model.snapshot is not None else ():
            model.acknowledge(breach.breach_id)
        spin(STORM_S)
    return percentiles("tick_to_dialog_ms", list(queue.latencies_ms)) if n_breaches else {}


def spin(seconds: float) -> None:
    """Let the application live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop, loop.quit)
    loop.exec()


def until(is_so: Callable[[], bool], deadline_s: float, what: str) -> None:
    """Let the application live until `is_so`.

    Raises
    ------
    TimeoutError
        If it is not so by the deadline.
    """
    end_s = time.monotonic() + deadline_s
    while not is_so():
        if time.monotonic() > end_s:
            raise TimeoutError(f"waited {deadline_s:.0f} s until {what}, in vain")
        spin(0.05)


def rss_mb() -> float:
    """Return what of this process stands in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Print the figures of one cell as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--positions", type=int, default=1_000)
    parser.add_argument("--scenarios", type=int, default=500)
    parser.add_argument("--rate", type=float, default=10_000.0, help="0 is flat out")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--limits", type=int, default=8)
    parser.add_argument("--breaches", type=int, default=0, help="limits broken one by one after the cell")
    asked = parser.parse_args()
    figures = measure(
        asked.positions, asked.scenarios, asked.rate, asked.seconds, asked.limits, asked.breaches
    )
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
