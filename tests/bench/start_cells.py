"""Measures a start in fresh processes: from exec to the first painted window, and to the whole desk."""

import json
import os
import statistics
import subprocess
import sys
import time

# In the child: the window as app builds it, painted; then the charts, painted. Neither needs pandas.
_CHILD = """
import sys, time
from plimsoll.bridge.pyside_start import spare_sources
spare_sources()  # as __main__ does
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.widgets.main_window import MainWindow
application = QApplication(sys.argv)
class Window(MainWindow):
    stage = 0
    def event(self, event):
        done = super().event(event)
        if event.type() == QEvent.Type.UpdateRequest:
            if self.stage == 0:
                self.stage = 1
                print(time.time_ns(), "pandas" in sys.modules, flush=True)
            elif self.stage == 1 and self._has_charts:
                self.stage = 2
                print(time.time_ns(), "pandas" in sys.modules, flush=True)
                QTimer.singleShot(0, application.quit)
        return done
window = Window(RiskModel("bench", is_demo=False), workspace_path=None, theme="night")
window.show()
QTimer.singleShot(10_000, application.quit)
application.exec()
"""


def measure(n_starts: int = 5) -> dict[str, float]:
    """Return the medians of some starts, in milliseconds, disk caches warm.

    Raises
    ------
    RuntimeError
        If a child ended before both paints.
    """
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "OPENBLAS_NUM_THREADS": "1"}
    firsts, wholes, has_pandas = [], [], False
    for number in range(n_starts + 1):
        began_ns = time.time_ns()
        answer = subprocess.run(
            [sys.executable, "-c", _CHILD],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        lines = [line.split() for line in answer.stdout.splitlines()]
        if len(lines) < 2:
            raise RuntimeError(f"a start ended before both paints: {answer.stderr[-500:]}")
        if number:  # the first one warms the caches
            firsts.append((int(lines[0][0]) - began_ns) / 1e6)
            wholes.append((int(lines[1][0]) - began_ns) / 1e6)
            has_pandas |= lines[0][1] == "True"
    return {
        "first_paint_ms": statistics.median(firsts),
        "whole_desk_ms": statistics.median(wholes),
        "pandas_at_first_paint": float(has_pandas),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]))) + "\n")
