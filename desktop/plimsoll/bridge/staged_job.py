"""Work in stages on any standard Executor, its result asked for from the owner's thread; progress is true."""

from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

POLL_MS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """Tasks that may be done beside each other; the next stage needs all their results.

    Attributes
    ----------
    words : str
        What is being done.
    tasks : list of Future
        On whatever executor.
    units : int
        How much progress each of them counts for.
    """

    words: str
    tasks: list["Future[Any]"]
    units: int = 1


Course = Generator[Stage, list[Any], Any]
"""Yields one stage after another, is sent its results, and returns what came of it all."""


class StagedJob(QObject):
    """One piece of work at a time: none crosses threads by itself.

    Signals
    -------
    progressed(int, int, str)
        Units done, units in all, and what is being done.
    finished(object)
        The result.
    refused(str)
        Why there is none.
    cancelled()
        As asked.

    Attributes
    ----------
    results : object
        Of the last work that finished; None before.
    """

    progressed = Signal(int, int, str)
    finished = Signal(object)
    refused = Signal(str)
    cancelled = Signal()

    def __init__(self, executor: Executor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.results: Any = None
        self._executor = executor
        self._course: Course | None = None
        self._stage = Stage("", [])
        self._done_before = 0
        self._total = 0
        self._told = (-1, "")
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_running(self) -> bool:
        """Whether work is under way."""
        return self._course is not None

    @Slot()
    def cancel(self) -> None:
        """Stop: tasks not begun are dropped, what is under way ends unheard."""
        if self._course is None:
            return
        self._end()
        self.cancelled.emit()

    def _begin(self, course: Course, total: int) -> None:
        """Begin another work of so many units; one that is under way is cancelled first."""
        self.cancel()
        self._total = total
        self._done_before, self._told = 0, (-1, "")
        self._course = course
        self._stage = next(course)
        self._timer.start()
        self._tell()

    def _submit(self, work: Callable[..., Any], *given: object) -> "Future[Any]":
        return self._executor.submit(work, *given)

    def _units_done(self, stage: Stage) -> int:
        """Return how far a stage is; a job whose tasks tell how far they are knows better than this."""
        return stage.units * sum(task.done() for task in stage.tasks)

    def _clear(self) -> None:
        """Hear that the work has ended, however it did."""

    @Slot()
    def _look(self) -> None:
        if self._course is None:
            return
        self._tell()
        stage = self._stage
        if not all(task.done() for task in stage.tasks):
            return
        try:
            found = [task.result() for task in stage.tasks]
            self._done_before += stage.units * len(stage.tasks)
            self._stage = self._course.send(found)
        except StopIteration as end:
            self._end()
            self.results = end.value
            self.progressed.emit(self._total, self._total, "done")
            self.finished.emit(end.value)
        except Exception as error:  # noqa: BLE001  a task may fail by anything, a lost process among them
            self._end()
            self.refused.emit(str(error) or type(error).__name__)

    def _tell(self) -> None:
        told = (self._done_before + self._units_done(self._stage), self._stage.words)
        if told != self._told:
            self._told = told
            self.progressed.emit(told[0], self._total, told[1])

    def _end(self) -> None:
        self._timer.stop()
        for task in self._stage.tasks:
            task.cancel()
        self._course, self._stage = None, Stage("", [])
        self._clear()
