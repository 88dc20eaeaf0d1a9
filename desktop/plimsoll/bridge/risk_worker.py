"""The risk thread: applies batches, carries out decisions, beats, and hands out one snapshot at a time."""

import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from plimsoll.bridge.tick_buffer import TickBuffer
from plimsoll.domain.book_event import BookEvent
from plimsoll.domain.book_import import ImportPreview
from plimsoll.domain.book_preview import BookPreview
from plimsoll.domain.book_record import BookRecord
from plimsoll.domain.broker_event import BrokerEvent, OrderFilled, OrderReported
from plimsoll.domain.decision import Decision
from plimsoll.domain.desk_request import BookEventAsked, DeskRequest
from plimsoll.domain.feed_status import MarketClock
from plimsoll.domain.kill import KillRow
from plimsoll.domain.proposal_request import WhatIfAsked
from plimsoll.domain.session import SessionTable
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.domain.tick import TickBatch
from plimsoll.engine.events import (
    Event,
    HoldingsMoved,
    NoticeRaised,
    OrderSaid,
    PlanWanted,
    PositionsWanted,
)
from plimsoll.engine.import_preview import ImportAsked
from plimsoll.engine.plan_job import PlanMade
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.study_book import StudyBook

log = logging.getLogger("plimsoll.risk")

BEAT_MS = 250
LONGEST_GAP_NS = 5_000_000_000
"""Between two beats; after a longer one the machine slept, or its clock was set."""
SNAPSHOT_OVERDUE_NS = 2_000_000_000
"""After this long without a painted acknowledgement another snapshot is sent all the same."""


class Engine(Protocol):
    """What the worker needs of engine.risk_engine.RiskEngine."""

    def apply(self, batch: TickBatch, now_ns: int, *, at_once: bool = True) -> list[Event]:
        """Take ticks."""

    def pursue(self, now_ns: int) -> None:
        """Work for a few milliseconds on what no tick must wait for."""

    def beat(self, now_ns: int) -> list[Event]:
        """Let time pass."""

    def note_gap(self) -> None:
        """Hear that the clock jumped, or that nothing ran for a while."""

    def decide(self, decision: Decision, now_ns: int) -> list[Event]:
        """Carry out a decision."""

    def ask(self, request: DeskRequest, now_ns: int) -> list[Event]:
        """Carry out a request about limits or the book."""

    def what_if(self, asked: WhatIfAsked, now_ns: int) -> list[Event]:
        """Pack up the question what a changed plan would do."""

    def take_plan(self, made: PlanMade, now_ns: int) -> list[Event]:
        """Take a plan that was worked out elsewhere."""

    def take_broker(self, said: BrokerEvent | KillRow, now_ns: int) -> list[Event]:
        """Take a word of the broker, or a step of a kill."""

    def preview_event(self, event: BookEvent) -> BookPreview:
        """Return what an event would change."""

    def preview_events(self, asked: ImportAsked) -> ImportPreview:
        """Return what many events would do together."""

    def study_book(self) -> StudyBook:
        """Return the book at its present prices, for studies elsewhere."""

    @property
    def record(self) -> BookRecord:
        """The book and what was entered into it."""

    def use_window(self, window: PriceWindow) -> None:
        """Take price history."""

    def note_history(self, loaded: int, wanted: int) -> None:
        """Note how far loading has come."""

    def use_sessions(self, table: SessionTable) -> None:
        """Take when the markets are open."""

    def use_scenarios(self, scenarios: tuple[StressScenario, ...]) -> None:
        """Take what the book is repriced under."""

    def follow_clock(self, clock: MarketClock) -> None:
        """Take how exchange time maps to the desk's clock."""

    def snapshot(self, now_ns: int) -> RiskSnapshot:
        """Return every figure."""


class RiskWorker(QObject):
    """Owns the engine, and with it the journal's connection, on its own QThread.

    Signals
    -------
    snapshot_taken(RiskSnapshot)
        The next one follows only after `note_painted`.
    event_happened(Event)
        At once, each one, already journalled.
    study_book_made(StudyBook)
        The book at its present prices, as asked for.
    preview_made(BookPreview), import_previewed(ImportPreview), record_changed(BookRecord)
        What an event would change, or many together; the book at the start and after each event.
    plan_wanted(PlanJob or WhatIfJob)
        For the plan thread.
    order_said(OrderEvent), positions_wanted(), holdings_moved(HoldingsMoved)
        For the broker thread.
    beaten()
        Four times a second; silence means the thread hangs.
    batch_applied(int, int)
        For the benchmarks: when the oldest tick of a batch was heard, and when its figures were known.
    failed(str)
        A fault in the engine: figures are no longer to be trusted.
    closed()
        The engine has been let go; its files are shut.
    """

    snapshot_taken = Signal(object)
    event_happened = Signal(object)
    preview_made = Signal(object)
    import_previewed = Signal(object)
    study_book_made = Signal(object)
    record_changed = Signal(object)
    plan_wanted = Signal(object)
    order_said = Signal(object)
    positions_wanted = Signal()
    holdings_moved = Signal(object)
    beaten = Signal()
    batch_applied = Signal(object, object)
    failed = Signal(str)
    closed = Signal()
    _next_wanted = Signal()

    def __init__(
        self, make_engine: Callable[[], tuple[Engine, Callable[[], None]]], buffer: TickBuffer
    ) -> None:
        super().__init__()
        self._make_engine = make_engine
        self._buffer = buffer
        self._engine: Engine | None = None
        self._close_engine: Callable[[], None] = lambda: None
        self._timer: QTimer | None = None
        self._in_flight_since_ns = 0
        self._beaten_ns = 0
        self._is_dirty = False
        self._has_failed = False
        self._next_wanted.connect(self._take_next, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def start(self) -> None:
        """Build the engine on this thread, where its journal is to live, and begin to beat."""
        try:
            self._engine, self._close_engine = self._make_engine()
        except Exception as fault:  # told to the person: nothing can be shown without an engine
            log.exception("the engine could not be built")
            self._fail(f"The risk engine could not start: {fault}")
            return
        self.record_changed.emit(self._engine.record)
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()
        self._beat()

    @Slot(object)
    def apply(self, batch: TickBatch) -> None:
        """Apply a batch, then ask for the next through the event loop, so that decisions get their turn."""
        if not self._do(partial(self._apply, batch)):
            return
        if len(batch):
            self.batch_applied.emit(int(batch.rows["received_time_ns"][0]), time.time_ns())
        self._offer_snapshot()
        self._next_wanted.emit()

    @Slot(object)
    def decide(self, decision: Decision) -> None:
        """Carry out a decision, or tell why not."""
        if self._do(lambda engine: self._tell(engine.decide(decision, time.time_ns()))):
            self._offer_snapshot()

    @Slot(object)
    def ask(self, request: DeskRequest) -> None:
        """Carry out a request, or tell why not."""
        if self._do(lambda engine: self._tell(engine.ask(request, time.time_ns()))):
            if isinstance(request, BookEventAsked):
                self._do(lambda engine: self.record_changed.emit(engine.record))
            self._offer_snapshot()

    @Slot(object)
    def ask_what_if(self, asked: WhatIfAsked) -> None:
        """Pass a question about a changed plan on to the plan thread, with the figures of now."""
        self._do(lambda engine: self._tell(engine.what_if(asked, time.time_ns())))

    @Slot(object)
    def take_plan(self, made: PlanMade) -> None:
        """Take what the plan thread has worked out."""
        self._do(lambda engine: self._tell(engine.take_plan(made, time.time_ns())))

    @Slot(object)
    def take_broker(self, said: BrokerEvent | KillRow) -> None:
        """Take a word of the broker, or a step of a kill; what was filled is in the book then."""
        if self._do(lambda engine: self._tell(engine.take_broker(said, time.time_ns()))):
            if isinstance(said, OrderFilled | OrderReported):
                self._do(lambda engine: self.record_changed.emit(engine.record))
            self._offer_snapshot()

    @Slot(object)
    def preview(self, event: BookEvent) -> None:
        """Tell what an event would change."""
        self._do(lambda engine: self.preview_made.emit(engine.preview_event(event)))

    @Slot(object)
    def preview_import(self, asked: ImportAsked) -> None:
        """Tell what many events would do together."""
        self._do(lambda engine: self.import_previewed.emit(engine.preview_events(asked)))

    @Slot()
    def make_study_book(self) -> None:
        """Tell the book at its present prices."""
        self._do(lambda engine: self.study_book_made.emit(engine.study_book()))

    @Slot(object)
    def use_window(self, window: PriceWindow) -> None:
        """Take price history."""
        self._do(lambda engine: engine.use_window(window))

    @Slot(int, int)
    def note_history(self, loaded: int, wanted: int) -> None:
        """Note how far the loading of history has come."""
        self._do(lambda engine: engine.note_history(loaded, wanted))

    @Slot(object)
    def use_scenarios(self, scenarios: tuple[StressScenario, ...]) -> None:
        """Take the scenarios the book is repriced under."""
        self._do(lambda engine: engine.use_scenarios(scenarios))

    @Slot(object)
    def use_sessions(self, table: SessionTable) -> None:
        """Take when the markets are open."""
        self._do(lambda engine: engine.use_sessions(table))

    @Slot(object)
    def follow_clock(self, clock: MarketClock) -> None:
        """Take how exchange time maps to the desk's clock."""
        self._do(lambda engine: engine.follow_clock(clock))

    @Slot()
    def note_painted(self) -> None:
        """Hear that the views have painted: another snapshot may go."""
        self._in_flight_since_ns = 0
        if self._is_dirty:
            self._offer_snapshot()

    @Slot()
    def close(self) -> None:
        """Apply what still waits, shut the engine's files, and say so."""
        while batch := self._buffer.next_batch():
            if not self._do(partial(self._apply, batch)):
                break
        if self._timer is not None:
            self._timer.stop()
        self._engine = None
        self._close_engine()
        self.closed.emit()

    @Slot()
    def _take_next(self) -> None:
        batch = self._buffer.next_batch()
        if batch is not None:
            self.apply(batch)
        else:  # where batches never end, the beats do it
            self._do(lambda engine: engine.pursue(time.time_ns()))

    @Slot()
    def _beat(self) -> None:
        now_ns, before_ns = time.time_ns(), self._beaten_ns
        self._beaten_ns = now_ns
        if before_ns and not 0 <= now_ns - before_ns <= LONGEST_GAP_NS:
            self._do(lambda engine: engine.note_gap())
        if self._do(lambda engine: self._tell(engine.beat(now_ns))):
            self._is_dirty = True
            self._offer_snapshot()
            self.beaten.emit()

    def _apply(self, batch: TickBatch, engine: Engine) -> None:
        self._tell(engine.apply(batch, time.time_ns(), at_once=False))

    def _offer_snapshot(self) -> None:
        """Send a snapshot unless one is on its way to the screen."""
        now_ns = time.time_ns()
        if self._in_flight_since_ns and now_ns - self._in_flight_since_ns < SNAPSHOT_OVERDUE_NS:
            self._is_dirty = True
            return
        self._is_dirty = False
        self._in_flight_since_ns = now_ns
        self._do(lambda engine: self.snapshot_taken.emit(engine.snapshot(now_ns)))

    def _do(self, act: Callable[[Engine], None]) -> bool:
        """Let the engine act, under the thread's one net; tell whether it did.

        After a fault nothing acts any more and nothing beats, so the figures grey: an exception in the risk
        path becomes the state unknown, never a silent stop.
        """
        if self._engine is None or self._has_failed:
            return False
        try:
            act(self._engine)
        except Exception:  # the thread's last net
            log.exception("the engine failed")
            self._fail("The risk engine stopped by a fault: these figures are not to be trusted. Restart.")
            return False
        return True

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case PlanWanted(job=job):
                    self.plan_wanted.emit(job)
                case PositionsWanted():
                    self.positions_wanted.emit()
                case HoldingsMoved():
                    self.holdings_moved.emit(event)
                case OrderSaid(said=said):
                    self.order_said.emit(said)
                    self.event_happened.emit(event)
                case _:
                    self.event_happened.emit(event)

    def _fail(self, text: str) -> None:
        self._has_failed = True
        self.event_happened.emit(NoticeRaised(text, is_alarm=True))
        self.failed.emit(text)
