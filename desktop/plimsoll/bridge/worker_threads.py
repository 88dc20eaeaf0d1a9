"""Starts the worker threads in order, and stops them in the one order that loses nothing."""

import logging
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEventLoop, QMetaObject, QObject, Qt, QThread, QTimer, Slot

from plimsoll.bridge.feed_worker import FeedWorker
from plimsoll.bridge.history_worker import HistoryWorker
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.bridge.risk_worker import RiskWorker

log = logging.getLogger("plimsoll.threads")

FEED_DEADLINE_MS = 10_000
RISK_DEADLINE_MS = 10_000


class WorkerThreads(QObject):
    """The desk's threads: one risk, one a feed, one for history."""

    def __init__(
        self,
        model: RiskModel,
        risk: RiskWorker,
        feeds: Sequence[FeedWorker],
        history: HistoryWorker | None,
    ) -> None:
        super().__init__()
        self._model = model
        self._risk = risk
        self._feeds = tuple(feeds)
        self._history = history
        self._threads: dict[QObject, QThread] = {}
        self._connect()

    def start(self) -> None:
        """Start risk first: the engine must stand before the first tick."""
        self._run(self._risk, "plimsoll-risk", self._risk.start)
        for feed in self._feeds:
            self._run(feed, f"plimsoll-feed-{feed.name}", feed.run)
        if self._history is not None:
            self._run(self._history, "plimsoll-history", self._history.run)

    def stop(self) -> bool:
        """Silence the feeds, drain the risk thread, commit, quit, wait; tell whether all ended in time."""
        for feed in self._feeds:
            feed.stop_asked.set()
        if self._history is not None:
            self._history.stop_asked.set()
        others = (*self._feeds, *((self._history,) if self._history is not None else ()))
        endings = [self._quit(worker, FEED_DEADLINE_MS) for worker in others]
        if self._risk in self._threads:
            self._close_risk()
            endings.append(self._quit(self._risk, RISK_DEADLINE_MS))
        return all(endings)

    def _connect(self) -> None:
        risk, model = self._risk, self._model
        risk.snapshot_taken.connect(model.take_snapshot)
        risk.event_happened.connect(model.take_event)
        risk.beaten.connect(model.note_beat)
        risk.preview_made.connect(model.preview_ready)
        risk.record_changed.connect(model.record_changed)
        risk.study_book_made.connect(model.study_book_made)
        model.study_book_asked.connect(risk.make_study_book)
        model.decision_made.connect(risk.decide)
        model.clock_told.connect(risk.follow_clock)
        model.request_made.connect(risk.ask)
        model.preview_asked.connect(risk.preview)
        model.snapshot_painted.connect(risk.note_painted)
        for feed in self._feeds:
            feed.ticks_arrived.connect(risk.apply)
            feed.feed_changed.connect(model.take_feed_status)
            feed.failed.connect(model.raise_alarm)
        if self._history is not None:
            self._history.progressed.connect(model.history_progressed)
            self._history.counted.connect(risk.note_history)
            self._history.window_ready.connect(risk.use_window)
            self._history.sessions_ready.connect(risk.use_sessions)
            self._history.failed.connect(model.raise_alarm)
            model.history_cancelled.connect(self.cancel_history)

    @Slot()
    def cancel_history(self) -> None:
        """Stop loading history after the instrument being loaded; what is there is used."""
        if self._history is not None:
            self._history.stop_asked.set()

    def _run(self, worker: QObject, name: str, begin: Callable[[], None]) -> None:
        thread = QThread(self)
        thread.setObjectName(name)
        worker.moveToThread(thread)
        thread.started.connect(begin)
        self._threads[worker] = thread
        thread.start()

    def _close_risk(self) -> None:
        """Wait for the risk thread to drain and shut its files, without running the GUI's other events."""
        loop = QEventLoop()
        self._risk.closed.connect(loop.quit)
        QTimer.singleShot(RISK_DEADLINE_MS, loop.quit)
        QMetaObject.invokeMethod(self._risk, "close", Qt.ConnectionType.QueuedConnection)
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)

    def _quit(self, worker: QObject, deadline_ms: int) -> bool:
        thread = self._threads.pop(worker, None)
        if thread is None:
            return True
        thread.quit()
        if thread.wait(deadline_ms):
            return True
        log.error("the thread %s did not end within %d ms", thread.objectName(), deadline_ms)
        return False
