"""Takes many events into the book: shown on trial together, entered one by one, stopped at a refusal."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal, Slot

from plimsoll.bridge.risk_model import RiskModel
from plimsoll.domain.book import Book
from plimsoll.domain.book_event import BookEvent
from plimsoll.domain.book_import import ImportFile, ImportOutcome
from plimsoll.domain.desk_request import BookEventAsked
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.engine.import_preview import ImportAsked
from plimsoll.engine.universe import universe_of
from plimsoll.storage.trades_file import trades_from_file

STOPPED = "it was stopped"


class FollowingDesk(Protocol):
    """What it needs of the desk."""

    @property
    def followed(self) -> frozenset[str]:
        """Codes that may be held."""

    def follow(self, codes: Sequence[str]) -> None:
        """Follow more codes: the threads begin anew."""


class ImportStation(QObject):
    """One import at a time; each event goes the way of one typed by hand: ticks get their turn in between.

    Signals
    -------
    progressed(int, int)
        Events entered, of so many.
    ended(ImportOutcome)
        All were entered, or one was refused and nothing after it was entered.
    """

    progressed = Signal(int, int)
    ended = Signal(object)

    def __init__(
        self,
        model: RiskModel,
        master: Mapping[str, Instrument],
        book: Book,
        desk: FollowingDesk,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._master = master
        self._book = book
        self._desk = desk
        self._events: tuple[BookEvent, ...] = ()
        self._ids: frozenset[str] = frozenset()
        self._n_entered = 0
        self._asked: BookEventAsked | None = None
        self._is_stopped = False
        self._waits_for_book = self._waits_for_prices = False
        model.request_taken.connect(self._go_on)
        model.request_rejected.connect(self._stop_at)
        model.record_changed.connect(self._note_book)
        model.snapshot_taken.connect(self._note_prices)

    @property
    def is_running(self) -> bool:
        """Whether events are being entered."""
        return bool(self._events)

    def has_asked(self, event: BookEvent) -> bool:
        """Tell whether an event belongs to the newest import: its answer is told there."""
        return event.event_id in self._ids

    def read(self, path: Path) -> ImportFile:
        """Return the lines of a file of events.

        Raises
        ------
        FileRefused
            If it cannot be read at all.
        """
        return trades_from_file(path, self._master, self._model.person)

    def new_codes(self, events: Sequence[BookEvent]) -> tuple[str, ...]:
        """Return the codes among events that would have to be followed first."""
        codes = {str(getattr(event, "code", "")) for event in events}
        return tuple(sorted((codes & self._master.keys()) - self._desk.followed))

    def ask(self, events: Sequence[BookEvent]) -> None:
        """Ask what events would do together; the model tells it by `import_previewed`."""
        new = self.new_codes(events)
        universe = (
            universe_of(self._book, self._master, (*sorted(self._desk.followed), *new)) if new else None
        )
        self._model.import_asked.emit(ImportAsked(tuple(events), universe))

    def enter(self, events: Sequence[BookEvent]) -> None:
        """Enter events in their order, after what is new is followed and the book is priced again."""
        if self._events or not events:
            return
        self._events, self._n_entered, self._is_stopped = tuple(events), 0, False
        self._ids = frozenset(event.event_id for event in events)
        self.progressed.emit(0, len(self._events))
        new = self.new_codes(events)
        if new:
            self._waits_for_book = self._waits_for_prices = True
            self._desk.follow(new)
            return
        self._enter_next()

    def stop(self) -> None:
        """Enter nothing more; what is on its way to the book is entered still."""
        self._is_stopped = True
        if self._events and self._asked is None:
            self._end(self._events[0], STOPPED)

    def _enter_next(self) -> None:
        self._asked = BookEventAsked(self._events[self._n_entered])
        self._model.ask(self._asked)

    def _end(self, at: BookEvent | None = None, refusal: str = "") -> None:
        outcome = ImportOutcome(self._n_entered, len(self._events), at, refusal)
        self._events, self._asked = (), None
        self._waits_for_book = self._waits_for_prices = False
        self.ended.emit(outcome)

    @Slot(object)
    def _go_on(self, request: object) -> None:
        if self._asked is None or request != self._asked:
            return
        self._n_entered += 1
        self.progressed.emit(self._n_entered, len(self._events))
        if self._n_entered == len(self._events):
            self._end()
        elif self._is_stopped:
            self._end(self._events[self._n_entered], STOPPED)
        else:
            self._enter_next()

    @Slot(object, str)
    def _stop_at(self, request: object, reason: str) -> None:
        if self._asked is not None and request == self._asked:
            self._end(self._asked.event, reason)

    @Slot(object)
    def _note_book(self) -> None:
        """Hear that the desk that follows the new codes has its book."""
        self._waits_for_book = False

    @Slot(object)
    def _note_prices(self, snapshot: RiskSnapshot) -> None:
        """Begin once the worth of the book is known: before, no deposit could be told from a profit."""
        if not self._waits_for_prices or self._waits_for_book or not math.isfinite(snapshot.high_water_mark):
            return
        self._waits_for_prices = False
        self._enter_next()
