"""A file of events on its way into the book: its lines, and what all of them together would do."""

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.book_event import BY_ORDER, BookEvent, EventUndone, HoldingsRestated
from plimsoll.domain.book_preview import PreviewLine
from plimsoll.domain.book_record import BookRecord


class Effect(StrEnum):
    """What one event of many would do."""

    OPENS = "new position"
    ADDS = "adds"
    REDUCES = "reduces"
    CLOSES = "closes"
    FLIPS = "flips"
    MOVES = "moves money"
    SPLITS = "splits"
    UNDOES = "takes back"
    KNOWN = "in the book already"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One line of a file.

    Attributes
    ----------
    number : int
        The line, counted from 1 as an editor does; 0 of what stands in no file.
    event : BookEvent or None
        What it says; None where nothing can be made of it.
    refusal : str
        Why nothing can be made of it; empty where something can.
    """

    number: int
    event: BookEvent | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file of events, read.

    Attributes
    ----------
    name : str
        The file's.
    lines : tuple of ImportLine
        In its order.
    """

    name: str
    lines: tuple[ImportLine, ...]

    @property
    def events(self) -> tuple[BookEvent, ...]:
        """What its lines say, in their order, the refused left out."""
        return tuple(line.event for line in self.lines if line.event is not None)


@dataclass(frozen=True, slots=True)
class EventEffect:
    """What became of one event shown on trial among others.

    Attributes
    ----------
    event : BookEvent
        The event.
    effect : Effect
        What it would do to the book as the events before it leave it.
    words : str
        Why it is refused or left out; empty otherwise.
    """

    event: BookEvent
    effect: Effect
    words: str = ""

    @property
    def is_new(self) -> bool:
        """Whether entering it would change the book."""
        return self.effect not in (Effect.KNOWN, Effect.REFUSED)


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """The answer to many events shown on trial together.

    Attributes
    ----------
    events : tuple of BookEvent
        What was asked about.
    effects : tuple of EventEffect
        One each, in their order.
    totals : tuple of PreviewLine
        NAV, gross, realised profit, fees, cash and positions before all of them and after.
    assumed : tuple of str
        Codes not followed yet, reckoned at the price of their last trade among the events.
    unpriced : tuple of str
        Codes held afterwards without a price: they are left out of NAV and gross.
    """

    events: tuple[BookEvent, ...]
    effects: tuple[EventEffect, ...]
    totals: tuple[PreviewLine, ...]
    assumed: tuple[str, ...] = ()
    unpriced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """How far the entering of many events has come when it ended.

    Attributes
    ----------
    n_entered, n_wanted : int
        Events.
    at : BookEvent or None
        Where it stopped; None where all were entered.
    refusal : str
        Why it stopped; empty where all were entered.
    """

    n_entered: int
    n_wanted: int
    at: BookEvent | None = None
    refusal: str = ""


def import_with(event: BookEvent, record: BookRecord) -> tuple[BookEvent, ...]:
    """Return what was imported together with an event and still counts, oldest first."""
    if event.source in ("", "entered", BY_ORDER) or isinstance(event, EventUndone | HoldingsRestated):
        return ()
    undone = record.undone
    return tuple(
        each for each in record.events if each.source == event.source and each.event_id not in undone
    )
