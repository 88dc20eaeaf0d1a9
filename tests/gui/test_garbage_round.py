"""Garbage is collected on the main thread, wherever it was made."""

import gc
import threading

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from plimsoll.bridge.garbage_round import THRESHOLDS, GarbageRound


class Knot(QObject):
    """A Qt object that holds itself alive, and notes on which thread it goes."""

    def __init__(self, gone: list[int]) -> None:
        super().__init__()
        self.me = self
        self.gone = gone

    def __del__(self) -> None:
        self.gone.append(threading.get_ident())


def test_that_a_qt_object_in_a_cycle_dies_on_the_main_thread_though_another_makes_the_garbage(
    qtbot: QtBot,
) -> None:
    gone: list[int] = []
    keeper = GarbageRound()
    for _ in range(5):
        Knot(gone)

    def litter() -> None:
        heap = [[] for _ in range(50 * THRESHOLDS[0])]
        heap.append(heap)

    worker = threading.Thread(target=litter)
    worker.start()
    worker.join()
    assert gone == [], "nobody collects on the other thread"
    qtbot.waitUntil(lambda: gc.get_count()[0] > THRESHOLDS[0] or len(gone) == 5, timeout=5_000)
    kept = [[] for _ in range(2 * THRESHOLDS[0])]
    qtbot.waitUntil(lambda: len(gone) == 5, timeout=5_000)
    assert set(gone) == {threading.get_ident()}
    assert kept
    keeper.deleteLater()
