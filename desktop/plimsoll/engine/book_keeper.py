"""The book's record: what is entered into it, planned before it is journalled, applied after."""

from collections.abc import Iterable

import numpy as np

from plimsoll.domain.book import Book
from plimsoll.domain.book_event import BY_ORDER, BookEvent, TradeEntered
from plimsoll.domain.book_import import ImportPreview
from plimsoll.domain.book_preview import BookPreview
from plimsoll.domain.book_record import BookRecord, record_of
from plimsoll.domain.position import ZERO, Fill
from plimsoll.engine.book_entry import cash_moves
from plimsoll.engine.book_event_desk import EventPlan, plan, preview
from plimsoll.engine.book_path import BookPath
from plimsoll.engine.day_course import DayCourse
from plimsoll.engine.events import HoldingsMoved
from plimsoll.engine.import_preview import ImportAsked, preview_all
from plimsoll.engine.restoration import BookChange
from plimsoll.engine.tick_gate import TickGate
from plimsoll.engine.universe import Universe


class BookKeeper:
    """Takes every change of the book by one path; one owner, the risk thread.

    Attributes
    ----------
    record : BookRecord
        The file's book and everything entered into it.
    """

    def __init__(
        self, book: Book, universe: Universe, path: BookPath, course: DayCourse, gate: TickGate
    ) -> None:
        self.record: BookRecord = record_of(book)
        self._universe = universe
        self._path = path
        self._course = course
        self._gate = gate

    def plan(self, event: BookEvent) -> EventPlan:
        """Return what an event would do; nothing has changed.

        Raises
        ------
        EventRefused, UnknownInstrument
            If the book cannot take it.
        """
        mark = self._path.board.mark
        return plan(event, self.record, self._universe, mark, self._course.entries_of_today)

    def preview(self, event: BookEvent) -> BookPreview:
        """Return the figures an event would change, or why it would be refused."""
        return preview(event, self.record, self._universe, self._path.board.mark)

    def preview_all(self, asked: ImportAsked) -> ImportPreview:
        """Return what many events would do together."""
        mark, today = self._path.board.mark, self._course.entries_of_today
        return preview_all(asked, self.record, self._universe, mark, today)

    def take(self, planned: EventPlan) -> None:
        """Apply a plan whose row is in the journal."""
        path, entry = self._path, planned.entry
        before = path.ledger.nav()
        if entry.scale is not None:
            number = self._universe.codes.index(entry.scale.code)
            path.split(number, entry.scale.anchor, entry.scale.mark)
            self._gate.split(number, entry.scale.mark)
        for move in cash_moves(entry.moves, self._universe):
            path.day.note(move)
        self.record = planned.after
        self._course.entries_of_today[entry.event.event_id] = entry
        path.hold(planned.after.book)
        after = path.ledger.nav()
        if entry.is_flow:
            path.equity.flow(before, after)
        else:
            path.equity.follow(np.array([after]))


def trade_of(fill: Fill) -> TradeEntered:
    """Return the book event that a fill of an order of ours is."""
    return TradeEntered(
        event_id=fill.fill_id,
        code=fill.code,
        quantity=fill.quantity,
        price=fill.price,
        fee=fill.fee,
        time_ns=fill.exchange_time_ns,
        source=BY_ORDER,
    )


def moved_by_hand(changes: Iterable[BookChange]) -> list[HoldingsMoved]:
    """Return what was moved otherwise than by orders of ours, which the broker knows of already."""
    entered = [each for each in changes if each.entry.event.source != BY_ORDER]
    moved = [holdings_moved(each.entry.event.event_id, each.before, each.after) for each in entered]
    return [each for each in moved if each.moved]


def holdings_moved(event_id: str, before: Book, after: Book) -> HoldingsMoved:
    """Return how what is held differs between two books, by an event."""
    there = {line.code: line.quantity for line in before.positions}
    here = {line.code: line.quantity for line in after.positions}
    changes = (
        (code, here.get(code, ZERO) - there.get(code, ZERO)) for code in sorted(there.keys() | here.keys())
    )
    return HoldingsMoved(event_id, tuple((code, change) for code, change in changes if change))
