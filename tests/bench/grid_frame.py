"""Measures a full frame of the real grid: 10 000 rows, every one changed, announced and painted offscreen."""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from engine_cells import batch_of
from frame_meter import percentiles
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from synthetic_desk import LEVEL, synthetic_desk

from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.tick import TickBatch
from plimsoll.widgets import position_painter
from plimsoll.widgets.position_grid import PositionGrid
from plimsoll.widgets.theme import Theme

N_ROWS = 10_000
SIZE = (1900, 700)


def snapshots() -> list[RiskSnapshot]:
    """Return two snapshots between which every row has changed."""
    desk = synthetic_desk(N_ROWS, 250)
    with tempfile.TemporaryDirectory() as directory:
        engine, close = desk.engine_in(Path(directory))
        taken = []
        for step in (1, 2):
            rows = batch_of(desk, N_ROWS, step)
            rows["instrument"] = np.arange(N_ROWS)
            rows["price"] = LEVEL + 0.01 * np.arange(N_ROWS) / N_ROWS + step
            engine.apply(TickBatch(rows), time.time_ns())
            taken.append(engine.snapshot(time.time_ns()))
        close()
    return taken


def measure(seconds: float) -> dict[str, float]:
    """Return what showing and painting takes a frame, in milliseconds."""
    application = QApplication.instance() or QApplication([sys.argv[0]])
    position_painter.REST_NS = 0  # else no cell changes more than ten times a second, and none is painted
    grid = PositionGrid(Theme("night"))
    grid.resize(*SIZE)
    grid.show()
    shots = snapshots()
    for shot in (*shots, *shots):
        grid.show_snapshot(shot)
        QApplication.processEvents()
    times_ms = []
    deadline_s = time.perf_counter() + seconds
    while time.perf_counter() < deadline_s:
        began_s = time.perf_counter()
        grid.show_snapshot(shots[len(times_ms) % 2])
        QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest)
        times_ms.append(1e3 * (time.perf_counter() - began_s))
    n_visible = grid.view.viewport().height() // grid.view.verticalHeader().defaultSectionSize()
    grid.close()
    del application
    return percentiles("grid_10000_frame_ms", times_ms) | {"grid_rows_in_sight": float(n_visible)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(float(sys.argv[1]))) + "\n")
