"""What a GUI thread does a frame: wall time at work, processor time, and when the next frame came."""

import time

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Slot

FRAME_MS = 16


class FrameMeter(QObject):
    """Cuts the GUI thread's time into frames by a precise timer of its own.

    *Work* is the wall time inside the slots and paints that call `began` and `ended`; *cpu* is all processor
    time the thread took, whatever for; *interval* is the time between two frames, so it shows what neither
    of the others can see: a thread kept waiting for the interpreter or for a core.
    """

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._since_ns = 0
        self._work_ns = 0
        self._rows: list[tuple[int, int, int]] = []
        self._last_ns = self._last_cpu_ns = 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._cut)

    @Slot()
    def start(self) -> None:
        """Forget what was and begin."""
        self._rows.clear()
        self._work_ns = 0
        self._last_ns, self._last_cpu_ns = time.perf_counter_ns(), time.thread_time_ns()
        self._timer.start()

    def stop(self) -> None:
        """Keep what has been measured."""
        self._timer.stop()

    def began(self) -> None:
        """Note that work begins; inside other work it is part of that."""
        if self._depth == 0:
            self._since_ns = time.perf_counter_ns()
        self._depth += 1

    def ended(self) -> None:
        """Note that it is done."""
        self._depth -= 1
        if self._depth == 0:
            self._work_ns += time.perf_counter_ns() - self._since_ns

    def figures(self) -> dict[str, float]:
        """Return p50 and p99 of work, cpu and interval in ms, and the share of frames over two periods."""
        rows = np.array(self._rows, dtype=np.float64).reshape(-1, 3) / 1e6
        figures = {"n_frames": float(len(rows))}
        for name, column in zip(("interval", "work", "cpu"), rows.T, strict=True):
            figures |= percentiles(f"frame_{name}_ms", column)
        over = rows[:, 0] > 2 * FRAME_MS
        figures["frames_over_two_periods_fraction"] = float(over.mean()) if len(rows) else float("nan")
        return figures

    @Slot()
    def _cut(self) -> None:
        now_ns, cpu_ns = time.perf_counter_ns(), time.thread_time_ns()
        self._rows.append((now_ns - self._last_ns, self._work_ns, cpu_ns - self._last_cpu_ns))
        self._last_ns, self._last_cpu_ns, self._work_ns = now_ns, cpu_ns, 0


def percentiles(name: str, values: "np.typing.ArrayLike") -> dict[str, float]:
    """Return the median and the 99th percentile of `values` under `name`; NaN of nothing."""
    known = np.asarray(values, dtype=np.float64)
    p50, p99 = np.percentile(known, [50, 99]).tolist() if len(known) else (float("nan"),) * 2
    return {f"{name}_p50": p50, f"{name}_p99": p99}
