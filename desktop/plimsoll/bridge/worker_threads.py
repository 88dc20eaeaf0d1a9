"""Starts the worker threads in order, and stops them in the one order that loses nothing."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEventLoop, QMetaObject, QObject, Qt, QThread, QTimer, Slot

from plimsoll.bridge.broker_model import BrokerModel
from plimsoll.bridge.broker_worker import BrokerWorker
from plimsoll.bridge.feed_worker import FeedWorker
from plimsoll.bridge.history_worker import HistoryWorker
from plimsoll.bridge.plan_worker import PlanWorker
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.bridge.risk_worker import RiskWorker

log = logging.getLogger("plimsoll.threads")

FEED_DEADLINE_MS = 10_000
RISK_DEADLINE_MS = 10_000


@dataclass(frozen=True, slots=True)
class ActionWorkers:
    """Who plans and who speaks to the broker, and the broker's face on the main thread."""

    plan: PlanWorker
    broker: BrokerWorker
    broker_model: BrokerModel


class WorkerThreads(QObject):
    """The desk's threads: one risk, one a feed, one for history, and two that act: plan and broker."""

    def __init__(
        self,
        model: RiskModel,
        risk: RiskWorker,
        feeds: Sequence[FeedWorker],
        history: HistoryWorker | None,
        actors: ActionWorkers | None = None,
    ) -> None:
        super().__init__()
        self._model = model
        self._risk = risk
        self._feeds = tuple(feeds)
        self._history = history
        self._actors = actors
        self._threads: dict[QObject, QThread] = {}
        self._connect()
        if actors is not None:
            self._connect_actors(actors)

    def start(self) -> None:
        """Start the broker first, that a kill may pass, and the engine before the first tick."""
        if self._actors is not None:
            self._run(self._actors.broker, "plimsoll-broker", self._actors.broker.start)
            self._run(self._actors.plan, "plimsoll-plan", lambda: None)
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
            self._close(self._risk)
            endings.append(self._quit(self._risk, RISK_DEADLINE_MS))
        if self._actors is not None and self._actors.broker in self._threads:
            endings.append(self._quit(self._actors.plan, RISK_DEADLINE_MS))
            self._close(self._actors.broker)
            endings.append(self._quit(self._actors.broker, RISK_DEADLINE_MS))
        return all(endings)

    def _connect(self) -> None:
        risk, model = self._risk, self._model
        risk.snapshot_taken.connect(model.take_snapshot)
        risk.event_happened.connect(model.take_event)
        risk.beaten.connect(model.note_beat)
        risk.preview_made.connect(model.preview_ready)
        risk.import_previewed.connect(model.import_previewed)
        risk.record_changed.connect(model.record_changed)
        risk.study_book_made.connect(model.study_book_made)
        model.study_book_asked.connect(risk.make_study_book)
        model.decision_made.connect(risk.decide)
        model.clock_told.connect(risk.follow_clock)
        model.scenarios_told.connect(risk.use_scenarios)
        model.request_made.connect(risk.ask)
        model.preview_asked.connect(risk.preview)
        model.import_asked.connect(risk.preview_import)
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

    def _connect_actors(self, actors: ActionWorkers) -> None:
        risk, model = self._risk, self._model
        plan, broker, face = actors.plan, actors.broker, actors.broker_model
        risk.plan_wanted.connect(plan.work)
        plan.plan_made.connect(risk.take_plan)
        plan.what_if_answered.connect(model.what_if_answered)
        plan.failed.connect(model.raise_alarm)
        model.what_if_asked.connect(risk.ask_what_if)
        risk.order_said.connect(broker.carry_out)
        risk.positions_wanted.connect(broker.ask_positions)
        risk.holdings_moved.connect(broker.transfer)
        broker.broker_said.connect(risk.take_broker)
        broker.connection_changed.connect(risk.take_broker)
        broker.kill_told.connect(risk.take_broker)
        broker.failed.connect(model.raise_alarm)
        broker.kill_told.connect(face.take_kill)
        broker.positions_told.connect(face.take_positions)
        broker.orders_changed.connect(face.take_orders)
        broker.halts_changed.connect(face.take_halts)
        broker.connection_changed.connect(face.take_connection)
        face.kill_wanted.connect(broker.kill)  # past risk, which may hang
        face.release_wanted.connect(broker.release)
        face.positions_wanted.connect(broker.ask_positions)

    def _close(self, worker: RiskWorker | BrokerWorker) -> None:
        """Wait for a thread to drain and shut its files, without running the GUI's other events."""
        loop = QEventLoop()
        worker.closed.connect(loop.quit)
        QTimer.singleShot(RISK_DEADLINE_MS, loop.quit)
        QMetaObject.invokeMethod(worker, "close", Qt.ConnectionType.QueuedConnection)
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)

    def _quit(self, worker: QObject, deadline_ms: int) -> bool:
        thread = self._threads.get(worker)
        if thread is None:
            return True
        thread.quit()
        if thread.wait(deadline_ms):
            del self._threads[worker]
            return True
        log.error("the thread %s did not end within %d ms", thread.objectName(), deadline_ms)
        return False
