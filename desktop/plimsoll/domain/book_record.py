"""A book with everything that was entered into it: what makes an undo exact.

An undone event is left out and the rest taken anew, so the book is what it would have been without it:
average costs cannot be run backwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from plimsoll.domain.book import Book
from plimsoll.domain.book_event import BookEvent, EventUndone, HoldingsRestated, TradeEntered
from plimsoll.domain.errors import EventRefused, FillRefused
from plimsoll.domain.instrument import Instrument


@dataclass(frozen=True, slots=True)
class BookRecord:
    """What was held at first, what was entered since, and what that makes.

    Attributes
    ----------
    opening : Book
        What was held before the first event.
    book : Book
        What is held now.
    events : tuple of BookEvent
        Everything entered, undone or not, oldest first.
    """

    opening: Book
    book: Book
    events: tuple[BookEvent, ...] = ()

    @property
    def undone(self) -> frozenset[str]:
        """Ids of the events that do not count: a counter-entry that counts takes them back."""
        found: set[str] = set()
        for event in reversed(self.events):
            if isinstance(event, EventUndone) and event.event_id not in found:
                found.add(event.undoes)
        return frozenset(found)

    @property
    def event_ids(self) -> frozenset[str]:
        """Ids of everything entered."""
        return frozenset(event.event_id for event in self.events)

    def event(self, event_id: str) -> BookEvent | None:
        """Return what was entered under an id, or None."""
        return next((event for event in self.events if event.event_id == event_id), None)

    def after(self, event: BookEvent, instruments: Mapping[str, Instrument]) -> "BookRecord":
        """Return the record after one more event.

        Raises
        ------
        UnknownInstrument
            If nobody described the event's code.
        EventRefused
            If it is in the book already, the book cannot take it, or what it undoes cannot be undone.
        """
        if event.event_id in self.event_ids:
            refused = FillRefused if isinstance(event, TradeEntered) else EventRefused
            raise refused(f"{event.kind} {event.event_id} is in the book already; nothing is taken twice")
        events = (*self.events, event)
        if isinstance(event, EventUndone):
            self._check_undo(event)
            return BookRecord(self.opening, self._without(event, instruments), events)
        return BookRecord(self.opening, self.book.after_event(event, instruments), events)

    def _check_undo(self, event: EventUndone) -> None:
        ids = [earlier.event_id for earlier in self.events]
        if event.undoes not in ids:
            raise EventRefused(
                f"{event.undoes} is not in this book's record: only what was entered is undone"
            )
        undone = self.undone
        if event.undoes in undone:
            raise EventRefused(f"{event.undoes} is undone already")
        later = self.events[ids.index(event.undoes) + 1 :]
        if any(isinstance(each, HoldingsRestated) and each.event_id not in undone for each in later):
            raise EventRefused(
                f"{event.undoes} lies before a positions file that was accepted: undo that first"
            )

    def _without(self, event: EventUndone, instruments: Mapping[str, Instrument]) -> Book:
        undone = replace(self, events=(*self.events, event)).undone
        book = self.opening
        for each in self.events:
            if each.event_id in undone or isinstance(each, EventUndone):
                continue
            try:
                book = book.after_event(each, instruments)
            except EventRefused as fault:
                raise EventRefused(
                    f"without {event.undoes} the later {each.kind} {each.event_id} could not stand: "
                    f"undo that first ({fault})"
                ) from fault
        return replace(book, version=self.book.version + 1)


def record_of(book: Book) -> BookRecord:
    """Return the record of a book into which nothing was entered yet."""
    return BookRecord(book, book)
