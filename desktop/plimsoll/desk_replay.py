"""Breach forensics: a window of its own in which the desk around a breach is played again."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QMetaObject, QObject, Qt, QThread, Signal, Slot

from plimsoll.bridge.history_job import HistoryJob
from plimsoll.bridge.replay_model import ReplayModel
from plimsoll.bridge.replay_worker import ReplaySpan, ReplayWorker
from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.book import Book
from plimsoll.domain.feed_status import MarketClock
from plimsoll.domain.session import SessionTable
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.ports import JournalRow
from plimsoll.engine.replay_engine import SAME_BATCH_NS, ReplayRecipe, exact_start, window_at
from plimsoll.engine.restoration import fingerprint
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.universe import Universe
from plimsoll.feed.alltick_rest import AllTickRest
from plimsoll.storage.folders import Folders
from plimsoll.storage.journal import sealed_rows
from plimsoll.storage.session_calendar import sessions_around
from plimsoll.storage.tick_reading import TicksAround, TicksMissing, ticks_around
from plimsoll.widgets.main_window import MainWindow
from plimsoll.widgets.replay_window import ReplayWindow

BEFORE_NS = 120 * NS_PER_S
"""How long before a breach the replay shows itself."""
RUN_UP_NS = 10 * NS_PER_S
"""How much is played unseen before that, so that what needs several updates has had them."""
AFTER_NS = 600 * NS_PER_S
END_DEADLINE_MS = 5_000


@dataclass(frozen=True, slots=True)
class ReplaySources:
    """What a replay is made from, beside archive and journal.

    Attributes
    ----------
    book : Book
        The positions file's.
    universe : Universe
        The instruments by number.
    rules : DeskRules
        Of the desk.
    folders : Folders
        Where journal, ticks and price history lie.
    source : str
        Which bars of the price history count.
    is_demo : bool
        A demo's days have no sessions, and its clock is not the market's.
    """

    book: Book
    universe: Universe
    rules: DeskRules
    folders: Folders
    source: str
    is_demo: bool


class BreachUnknown(LookupError):
    """The journal does not tell of such a breach, or of another book."""


def recipe_of(sources: ReplaySources, breach_id: str) -> ReplayRecipe:
    """Return what the desk around a breach is played from; it reads files, on the thread that calls.

    Raises
    ------
    BreachUnknown
        If the journal does not hold the breach, or it belongs to another book.
    TicksMissing
        If its ticks were not kept.
    """
    rows = [sealed.row for sealed in sealed_rows(sources.folders.journal_file)]
    at_ns = _raised_ns(rows, breach_id, sources.book)
    from_ns = exact_start(rows, at_ns - BEFORE_NS - RUN_UP_NS)
    ticks = ticks_around(
        sources.folders.tick_directory,
        sources.universe.codes,
        at_ns,
        from_ns=from_ns + SAME_BATCH_NS,
        until_ns=at_ns + AFTER_NS,
    )
    if ticks.begins_session:
        from_ns = int(ticks.applied_ns[0]) - SAME_BATCH_NS
    n_earlier = sum(row.received_time_ns <= from_ns for row in rows)
    return ReplayRecipe(
        book=sources.book,
        universe=sources.universe,
        rules=sources.rules,
        window=window_at(
            _first_window(sources, ticks),
            _of_session(rows[:n_earlier], ticks),
            sources.universe,
            sources.rules.method.window_days,
        ),
        earlier=tuple(rows[:n_earlier]),
        later=tuple(rows[n_earlier:]),
        before=ticks.before,
        rows=ticks.rows,
        starts=ticks.starts,
        applied_ns=ticks.applied_ns,
        sessions=_sessions(sources, ticks),
        clock=None if sources.is_demo else MarketClock(),
    )


def _raised_ns(rows: Sequence[JournalRow], breach_id: str, book: Book) -> int:
    """Return when a breach was raised, on the desk's clock, if it was of this book."""
    held = ""
    for row in rows:
        if row.kind == "book":
            held = str(row.body["fingerprint"])
        if row.kind == "breach_raised" and row.body["breach_id"] == breach_id:
            if held and held != fingerprint(book):
                raise BreachUnknown(
                    f"{breach_id} is of another book than the one that is open: open the desk with the "
                    "positions file of then to replay it."
                )
            return row.received_time_ns
    raise BreachUnknown(f"The journal does not tell of {breach_id}: there is nothing to replay.")


def _of_session(rows: Sequence[JournalRow], ticks: TicksAround) -> list[JournalRow]:
    return [row for row in rows if row.received_time_ns >= ticks.session_ns]


def _first_window(sources: ReplaySources, ticks: TicksAround) -> PriceWindow:
    """Return the price history with which the session began."""

    def refuse(_stop: threading.Event) -> AllTickRest:
        raise TicksMissing("a replay fetches nothing")

    job = HistoryJob(
        sources.universe,
        sources.rules.method,
        sources.folders.history_file,
        ticks.source,
        refuse,
        lambda: ticks.session_exchange_ns,
        sources.rules.day_roll,
    )
    return job.kept()


def _sessions(sources: ReplaySources, ticks: TicksAround) -> SessionTable | None:
    if sources.is_demo:
        return None
    return sessions_around(sources.universe.instruments, int(ticks.rows["exchange_time_ns"][0]))


class _Showing(QObject):
    """One replay: its thread, its model and its window.

    Signals
    -------
    gone()
        Its window was closed.
    """

    gone = Signal()

    def __init__(self, sources: ReplaySources, breach_id: str, live: RiskModel, theme: str) -> None:
        super().__init__()
        self.window: ReplayWindow | None = None
        self._breach_id = breach_id
        self._live = live
        self._theme = theme
        self.model = ReplayModel(live.person, is_demo=sources.is_demo, parent=self)
        self.model.method_words = live.method_words
        self.worker = ReplayWorker(
            lambda: recipe_of(sources, breach_id), lambda recipe: _shown_from(recipe, breach_id)
        )
        self._thread = QThread(self)
        self._thread.setObjectName("plimsoll-replay")
        self.worker.moveToThread(self._thread)
        self._thread.started.connect(self.worker.start)
        self._connect()
        self._thread.start()

    def end(self) -> bool:
        """Stop the thread; tell whether it ended in time."""
        QMetaObject.invokeMethod(self.worker, "close", Qt.ConnectionType.QueuedConnection)
        ended = self._thread.wait(END_DEADLINE_MS)
        if self.window is not None:
            window, self.window = self.window, None
            window.close()
            window.deleteLater()
        return ended

    def _connect(self) -> None:
        worker, model = self.worker, self.model
        worker.snapshot_taken.connect(model.take_snapshot)
        worker.event_happened.connect(model.take_event)
        worker.beaten.connect(model.note_beat)
        worker.rewound.connect(model.forget)
        worker.failed.connect(model.raise_alarm)
        # Direct: the main thread waits for the end, and runs no events meanwhile.
        worker.closed.connect(self._thread.quit, Qt.ConnectionType.DirectConnection)
        worker.begun.connect(self._show)
        worker.refused.connect(self._refuse)
        model.snapshot_painted.connect(worker.note_painted)

    @Slot(object)
    def _show(self, span: ReplaySpan) -> None:
        kind = "DEMO REPLAY" if self.model.is_demo else "REPLAY"
        title = f"Plimsoll · {kind} of {self._breach_id} · {span.book_name}"
        window = self.window = ReplayWindow(self.model, title, self._theme)
        window.gone.connect(self.gone)
        bar, worker = window.bar, self.worker
        bar.show_span(span)
        worker.stood.connect(bar.show_stand)
        bar.play_wanted.connect(worker.play)
        bar.pause_wanted.connect(worker.pause)
        bar.speed_chosen.connect(worker.set_speed)
        bar.sought.connect(worker.seek)
        window.show()

    @Slot(str)
    def _refuse(self, words: str) -> None:
        self._live.notice_raised.emit(words, False)


def _shown_from(recipe: ReplayRecipe, breach_id: str) -> int:
    """Return where a replay of a breach is seen first."""
    for row in recipe.later:
        if row.kind == "breach_raised" and row.body["breach_id"] == breach_id:
            return row.received_time_ns - BEFORE_NS
    return recipe.begin_ns


class DeskReplay(QObject):
    """Opens a replay when somebody asks for one; at most one at a time."""

    def __init__(self, window: MainWindow, model: RiskModel, sources: ReplaySources) -> None:
        super().__init__(window)
        self._window = window
        self._model = model
        self._sources = sources
        self.showing: _Showing | None = None
        window.registry.add("Review", "Rewind to the newest breach", "Ctrl+R", self.rewind_newest)

    @Slot()
    def begin(self) -> None:
        """Hear the alert centre, now that it stands."""
        if self._window.late is not None:
            self._window.late.alerts.centre.rewind_wanted.connect(self.rewind)

    @Slot(str)
    def rewind(self, breach_id: str) -> None:
        """Open the replay of a breach; one that is open goes."""
        self.end()
        theme = self._window.theme
        self.showing = _Showing(self._sources, breach_id, self._model, theme.choice)
        self.showing.gone.connect(self.end)

    @Slot()
    def rewind_newest(self) -> None:
        """Open the replay of the newest breach that is not closed."""
        snapshot = self._model.snapshot
        if snapshot is None or not snapshot.breaches:
            self._model.notice_raised.emit(
                "No breach is open: choose one of the alert centre's history and rewind to it there.", False
            )
            return
        self.rewind(snapshot.breaches[0].breach_id)

    @Slot()
    def end(self) -> bool:
        """Close what is open; tell whether its thread ended in time."""
        showing, self.showing = self.showing, None
        return showing.end() if showing is not None else True
