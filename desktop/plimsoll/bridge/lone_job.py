"""One piece of work at a time on any standard Executor, asked for its result from the owner's thread."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

POLL_MS = 40


class LoneJob(QObject):
    """Work asked for while other work is under way waits; of what waits only the newest is done.

    Signals
    -------
    started()
        Work has begun.
    finished(object)
        Its result.
    refused(str)
        Why there is none.
    cancelled()
        As asked.
    """

    started = Signal()
    finished = Signal(object)
    refused = Signal(str)
    cancelled = Signal()

    def __init__(
        self, executor: Executor, work: Callable[[Any], object], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._executor = executor
        self._work = work
        self._task: Future[object] | None = None
        self._next: Any = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_running(self) -> bool:
        """Whether work is under way."""
        return self._task is not None

    @Slot(object)
    def start(self, recipe: object) -> None:
        """Have the work done for a recipe, at once or when what is under way has ended."""
        if self._task is not None:
            self._next = recipe
            return
        self._task = self._executor.submit(self._work, recipe)
        self._timer.start()
        self.started.emit()

    @Slot()
    def cancel(self) -> None:
        """Give up: what is under way ends unheard."""
        if self._task is None:
            return
        self._end()
        self._next = None
        self.cancelled.emit()

    @Slot()
    def _look(self) -> None:
        task = self._task
        if task is None or not task.done():
            return
        self._end()
        try:
            result = task.result()
        except Exception as error:  # noqa: BLE001  work may fail by anything, a lost process among them
            self.refused.emit(str(error) or type(error).__name__)
        else:
            self.finished.emit(result)
        if self._next is not None and self._task is None:
            recipe, self._next = self._next, None
            self.start(recipe)

    def _end(self) -> None:
        self._timer.stop()
        if self._task is not None:
            self._task.cancel()
        self._task = None
