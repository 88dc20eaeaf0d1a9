"""Makes the README's pictures from the running demo, then those of every other state: `make shots`."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QWidget

from plimsoll import app
from plimsoll.widgets.main_window import MainWindow

# A screen the window can open on in full; offscreen's own has 800 pixels.
SCREEN = {
    "name": "desk", "x": 0, "y": 0, "width": 1680, "height": 1050,
    "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1,
}  # fmt: skip
HERE = Path(__file__).parent
PICTURES = HERE.parents[1] / "resources" / "pictures"
DEMO = ("demo", "--day-seconds", "20", "--theme", "night")
LARGE, SMALL = (1680, 1050), (1366, 768)
LOOK_MS = 200
ENOUGH_BREACHES = 3
PATIENCE_S = 75.0  # some four days of the crisis
DEADLINE_S = 240.0


class Photographer(QObject):
    """Waits until the demo has come to something, takes the pictures, and ends it."""

    def __init__(self) -> None:
        super().__init__()
        self._began_s = time.monotonic()
        self._taken: set[str] = set()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Take what can be taken by now."""
        elapsed_s = time.monotonic() - self._began_s
        if elapsed_s > DEADLINE_S:
            QCoreApplication.exit(app.FAILED)
        window = next((w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)), None)
        if window is None or window._model.snapshot is None:
            return
        snapshot, dialog = window._model.snapshot, window.queue.dialog
        has_come = dialog is not None and (dialog.card is not None or elapsed_s > PATIENCE_S)
        if "breach-dialog" not in self._taken and dialog is not None and has_come:
            self._later("breach-dialog", dialog)
        is_eventful = snapshot.n_open_breaches >= ENOUGH_BREACHES or elapsed_s > PATIENCE_S
        if is_eventful and "breach-dialog" in self._taken and snapshot.n_scenarios:
            self._timer.stop()
            self._take_all(window)

    def _later(self, name: str, widget: QWidget) -> None:
        # Its buttons are dead, and look it, until they have been seen for a second.
        self._taken.add(name)
        QTimer.singleShot(1500, widget, lambda: save(widget, name))

    def _take_all(self, window: MainWindow) -> None:
        window.resize(*LARGE)
        settle()
        save(window, "main-night")
        window.theme.choose("day")
        settle()
        save(window, "main-day")
        window.theme.choose("night")
        # As a window that opens on a small screen lays itself out.
        window.resize(*SMALL)
        settle()
        window.reset_layout()
        window.centre.positions.give_up_columns()
        settle()
        save(window, "main-small")
        QCoreApplication.exit(app.OK)


def settle() -> None:
    """Let layouts, beats and queued paints come to rest."""
    end_s = time.monotonic() + 1.0
    while time.monotonic() < end_s:
        QApplication.processEvents()


def save(widget: QWidget, name: str) -> None:
    """Write a picture of a widget."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    picture = widget.picture() if isinstance(widget, MainWindow) else widget.grab()
    picture.save(str(path))
    sys.stdout.write(f"{path}\n")


def main() -> int:
    """Make every picture."""
    with tempfile.TemporaryDirectory() as directory:
        screens = Path(directory) / "screens.json"
        screens.write_text(json.dumps({"screens": [SCREEN]}), encoding="utf-8")
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screens}"
        application = QApplication(sys.argv)
        photographer = Photographer()
        code = app.run([*DEMO, "--data-dir", f"{directory}/desk"])
    del photographer, application
    del os.environ["QT_QPA_PLATFORM"]
    return code or subprocess.run([sys.executable, str(HERE / "scene_shots.py")], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
