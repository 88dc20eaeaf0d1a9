"""Prints how many ms after its process began the demo painted its first window, and had its whole desk."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

N_RUNS = 5
CHILD = """
import os, sys, time
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
from plimsoll import app
from PySide6.QtCore import QTimer
build, paint = app.Opening.build, app.MainWindow.paintEvent
def painted(self, event):
    paint(self, event)
    if "painted" not in told:
        told["painted"] = time.time_ns()
        told["heavy"] = sorted({"pandas", "scipy", "pyqtgraph", "aiohttp", "keyring", "sqlite3"} & set(sys.modules))
def built(self):
    build(self)
    if "whole" not in told:
        told["whole"] = time.time_ns()
        print(told["painted"], told["whole"], ",".join(told["heavy"]) or "light", flush=True)
        app.QCoreApplication.exit(0)
told = {}
app.MainWindow.paintEvent, app.Opening.build = painted, built
sys.exit(app.run(["demo", "--data-dir", sys.argv[1]]))
"""


def probe() -> tuple[float, float, str]:
    """Return ms to the first paint, ms to the whole desk, and which heavy packages the paint waited for."""
    with tempfile.TemporaryDirectory() as directory:
        began_ns = time.time_ns()
        told = subprocess.run(
            [sys.executable, "-c", CHILD, directory],
            capture_output=True,
            text=True,
            check=True,
            env={"QT_QPA_PLATFORM": "offscreen", **os.environ},
            timeout=50,
        )
    painted_ns, whole_ns, heavy = told.stdout.split()
    return (int(painted_ns) - began_ns) / 1e6, (int(whole_ns) - began_ns) / 1e6, heavy


def main() -> None:
    """Print every run and the median."""
    runs = sorted(probe() for _ in range(N_RUNS))
    for painted_ms, whole_ms, heavy in runs:
        sys.stdout.write(f"first paint {painted_ms:4.0f} ms, whole desk {whole_ms:4.0f} ms, {heavy}\n")
    sys.stdout.write(f"median of {N_RUNS}: {runs[N_RUNS // 2][0]:.0f} ms ({Path(sys.executable).name})\n")


if __name__ == "__main__":
    main()
