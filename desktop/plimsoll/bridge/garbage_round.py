"""Collects garbage on the main thread alone: a Qt object in a cycle must not die on another thread.

The interpreter collects wherever an allocation happens to cross its threshold. On the risk thread that would
hold up a tick, and an object of Qt that dies there takes the process with it.
"""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

LOOK_MS = 100
THRESHOLDS = (2_000, 10, 10)
"""New objects until the young are looked through, and rounds of one generation until the next; as CPython's,
but for fewer rounds of the young."""


class GarbageRound(QObject):
    """Takes the interpreter's collections over; one, on the main thread, as long as the desk stands."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Collect the oldest generation that is due, and with it the younger ones."""
        counts = gc.get_count()
        due = [generation for generation in range(3) if counts[generation] > THRESHOLDS[generation]]
        if due:
            gc.collect(due[-1])
