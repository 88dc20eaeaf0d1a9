"""The naive design under load: recv, json.loads, a Qt signal and a dataChanged a tick, plain data()."""

import argparse
import json
import os
import sys
import threading
import time
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import websocket
from frame_meter import FRAME_MS, FrameMeter, percentiles
from load_server import TOKEN, LoadServer
from our_desk import WARM_S, WINDOW, rss_mb, spin, until
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    Qt,
    QThread,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow, QTableView
from synthetic_desk import synthetic_desk

from plimsoll.engine.scenario_window import scenario_matrix

CAPTIONS = (
    "Symbol", "Sector", "Quantity", "Average", "Last", "Low", "High", "Value", "P&L", "P&L %", "Ticks",
    "State",
)  # fmt: skip
SUBSCRIBE_TRADES = 22004
HEARTBEAT = 22000
HEARTBEAT_S = 8.0
READ_S = 0.25
DRAIN_S = 120.0
VAR_SHARE = 0.05


class Hearing(QObject):
    """A thread's loop that turns each message into a signal."""

    ticked = Signal(str, float, object)

    def __init__(self, port: int, codes: tuple[str, ...]) -> None:
        super().__init__()
        self._port, self._codes = port, codes
        self.stop_asked = threading.Event()
        self.n_received = 0

    @Slot()
    def run(self) -> None:
        """Subscribe and listen until told to stop."""
        url = f"ws://127.0.0.1:{self._port}/quote-stock-b-ws-api?token={TOKEN}"
        # By default the library checks every message for UTF-8 in Python: half of the ticks a second would
        # be lost to that alone, and it is the design that is measured.
        socket = websocket.create_connection(
            url, timeout=5.0, http_no_proxy=["127.0.0.1"], skip_utf8_validation=True
        )
        socket.send(_request(SUBSCRIBE_TRADES, {"symbol_list": [{"code": code} for code in self._codes]}))
        socket.settimeout(READ_S)
        beaten_s = time.monotonic()
        while not self.stop_asked.is_set():
            if time.monotonic() - beaten_s > HEARTBEAT_S:
                beaten_s = time.monotonic()
                socket.send(_request(HEARTBEAT, {}))
            try:
                text = socket.recv()
            except websocket.WebSocketTimeoutException:
                continue
            heard_ns = time.time_ns()
            message = json.loads(text)
            if "price" in message["data"]:
                self.n_received += 1
                self.ticked.emit(message["data"]["code"], float(message["data"]["price"]), heard_ns)
        socket.close()


class Positions(QAbstractTableModel):
    """Rows that answer data() from lists, one announcement a tick; risk is kept up to date a tick."""

    def __init__(self, n_positions: int, n_scenarios: int, meter: FrameMeter) -> None:
        super().__init__()
        desk = synthetic_desk(n_positions, n_scenarios)
        self._meter = meter
        self._matrix = scenario_matrix(desk.window, desk.universe).rows
        self._pnl = np.zeros(n_scenarios)
        self._row = {code: row for row, code in enumerate(desk.universe.codes)}
        self._held = desk.universe.instruments
        self._quantity = [float(position.quantity) for position in desk.book.positions]
        self._average = [100.0] * n_positions
        self._last, self._low, self._high = ([100.0] * n_positions for _ in range(3))
        self._ticks = [0] * n_positions
        self.n_applied = 0
        self.waits_ms: list[float] = []
        self.oldest_ns = 0

    @property
    def var(self) -> float:
        """The 95 % loss over the scenarios."""
        k = int(len(self._pnl) * VAR_SHARE)
        return -float(np.partition(self._pnl, k)[k])

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        return len(self._last)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008  Qt's own signature
        return len(CAPTIONS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        is_caption = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return CAPTIONS[section] if is_caption else None

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        row = index.row()
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        quantity, average, last = self._quantity[row], self._average[row], self._last[row]
        pnl = quantity * (last - average)
        return (
            self._held[row].code, self._held[row].sector, f"{quantity:,.0f}", f"{average:,.2f}",
            f"{last:,.2f}", f"{self._low[row]:,.2f}", f"{self._high[row]:,.2f}", f"{quantity * last:,.0f}",
            f"{pnl:,.0f}", f"{last / average - 1:.2%}", str(self._ticks[row]), "priced",
        )[index.column()]  # fmt: skip

    @Slot(str, float, object)
    def take(self, code: str, price: float, heard_ns: int) -> None:
        """Take one tick."""
        self._meter.began()
        row = self._row[code]
        self._pnl += self._quantity[row] * (price - self._last[row]) * self._matrix[row]
        self._last[row] = price
        self._low[row], self._high[row] = min(self._low[row], price), max(self._high[row], price)
        self._ticks[row] += 1
        self.n_applied += 1
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(CAPTIONS) - 1))
        self.oldest_ns = self.oldest_ns or heard_ns
        self.waits_ms.append((time.time_ns() - heard_ns) / 1e6)
        self._meter.ended()


class Window(QMainWindow):
    """A table and a figure."""

    def __init__(self, model: Positions, meter: FrameMeter) -> None:
        super().__init__()
        self._model, self._meter = model, meter
        self.waits_ms: list[float] = []
        view = QTableView(self)
        view.setModel(model)
        self._figure = QLabel("", self)
        self.setCentralWidget(view)
        self.statusBar().addWidget(self._figure)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tell)
        self._timer.start(FRAME_MS)

    @Slot()
    def _tell(self) -> None:
        self._meter.began()
        self._figure.setText(f"VaR {self._model.var:,.0f}")
        self._meter.ended()

    def event(self, event: QEvent) -> bool:
        if event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        self._meter.began()
        oldest_ns, self._model.oldest_ns = self._model.oldest_ns, 0
        done = super().event(event)
        if oldest_ns:
            self.waits_ms.append((time.time_ns() - oldest_ns) / 1e6)
        self._meter.ended()
        return done


def measure(n_positions: int, n_scenarios: int, rate: float, seconds: float) -> dict[str, float]:
    """Run one cell and return its figures, under the names of our_desk.measure."""
    application = QApplication.instance() or QApplication([sys.argv[0]])
    meter = FrameMeter()
    model = Positions(n_positions, n_scenarios, meter)
    window = Window(model, meter)
    window.resize(*WINDOW)
    window.show()
    codes = synthetic_desk(n_positions, 2).universe.codes
    with LoadServer(n_positions, rate) as server:
        hearing, thread = Hearing(server.port, codes), QThread()
        hearing.moveToThread(thread)
        hearing.ticked.connect(model.take)
        thread.started.connect(hearing.run)
        thread.start()
        until(lambda: model.n_applied >= n_positions, 60.0, "every instrument has ticked")
        spin(WARM_S)
        for waits in (model.waits_ms, window.waits_ms):
            waits.clear()
        meter.start()
        before, began_s = model.n_applied, time.perf_counter()
        spin(seconds)
        elapsed_s, after = time.perf_counter() - began_s, model.n_applied
        meter.stop()
        figures = meter.figures()
        figures |= percentiles("tick_to_risk_ms", model.waits_ms)
        figures |= percentiles("tick_to_painted_ms", window.waits_ms)
        figures["rss_mb"] = rss_mb()
        n_sent = server.silence()
        until(lambda: model.n_applied >= n_sent, DRAIN_S, "all ticks came")
        hearing.stop_asked.set()
        thread.quit()
        thread.wait(5_000)
    figures |= {
        "ticks_per_s": (after - before) / elapsed_s,
        "n_sent": float(n_sent),
        "n_received": float(hearing.n_received),
        "n_unaccounted": float(abs(model.n_applied - n_sent)),
    }
    del application
    return figures


def _request(command: int, data: dict[str, object]) -> str:
    return json.dumps({"cmd_id": command, "seq_id": 1, "trace": "naive", "data": data})


def main() -> None:
    """Print the figures of one cell as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--positions", type=int, default=1_000)
    parser.add_argument("--scenarios", type=int, default=500)
    parser.add_argument("--rate", type=float, default=10_000.0, help="0 is flat out")
    parser.add_argument("--seconds", type=float, default=5.0)
    asked = parser.parse_args()
    sys.stdout.write(json.dumps(measure(asked.positions, asked.scenarios, asked.rate, asked.seconds)) + "\n")


if __name__ == "__main__":
    main()
