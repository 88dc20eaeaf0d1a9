"""Shows many events on trial together, each planned on what the ones before it leave, as in earnest."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.book_event import BookEvent, EventUndone, SplitMade, TradeEntered
from plimsoll.domain.book_import import Effect, EventEffect, ImportPreview
from plimsoll.domain.book_preview import PreviewLine, PreviewUnit
from plimsoll.domain.book_record import BookRecord
from plimsoll.domain.errors import EventRefused, UnknownInstrument
from plimsoll.domain.position import ZERO
from plimsoll.engine.book_entry import BookEntry
from plimsoll.engine.book_event_desk import changed_lines, plan, scaled
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]
UNDONE = "it was entered before and undone: take it up again in the list of what was entered"


@dataclass(frozen=True, slots=True)
class ImportAsked:
    """A question what many events would do together.

    Attributes
    ----------
    events : tuple of BookEvent
        In the order in which they would be entered.
    universe : Universe or None
        With the codes that would be followed for them; None where no code is new.
    """

    events: tuple[BookEvent, ...]
    universe: Universe | None = None


def preview_all(
    asked: ImportAsked,
    record: BookRecord,
    universe: Universe,
    mark: FloatArray,
    today: Mapping[str, BookEntry],
) -> ImportPreview:
    """Return what events would do one after another; one that is refused is left out, the rest goes on.

    Parameters
    ----------
    asked : ImportAsked
        The events.
    record, universe, mark, today
        As in `book_event_desk.plan`.
    """
    wide = asked.universe or universe
    marks, assumed = _marks(asked.events, wide, universe, mark)
    first, now, marks_now = record, record, marks
    entries, known, undone = dict(today), set(record.event_ids), record.undone
    effects: list[EventEffect] = []
    for event in asked.events:
        if event.event_id in known:
            words = UNDONE if event.event_id in undone else ""
            effects.append(EventEffect(event, Effect.KNOWN, words))
            continue
        try:
            planned = plan(event, now, wide, marks_now, entries)
        except (EventRefused, UnknownInstrument) as refusal:
            effects.append(EventEffect(event, Effect.REFUSED, str(refusal)))
            continue
        effects.append(EventEffect(event, _effect(event, now.book)))
        known.add(event.event_id)
        entries[event.event_id] = planned.entry
        marks_now = scaled(marks_now, wide, planned.entry.scale)
        now = planned.after
    there, here = _worth(first.book, wide, marks), _worth(now.book, wide, marks_now)
    base = record.book.base_currency
    totals = [
        PreviewLine(caption, PreviewUnit.MONEY, base, there[caption], here[caption]) for caption in there
    ]
    priced = dict(zip(wide.codes, np.isfinite(marks_now).tolist(), strict=True))
    unpriced = tuple(line.code for line in now.book.positions if line.quantity and not priced[line.code])
    lines = (*totals, *changed_lines(first.book, now.book, wide))
    return ImportPreview(asked.events, tuple(effects), lines, assumed, unpriced)


def _marks(
    events: tuple[BookEvent, ...], wide: Universe, universe: Universe, mark: FloatArray
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the mark of each instrument of the wider universe; a new code has its last trade's."""
    by_code = dict(zip(universe.codes, mark.tolist(), strict=True))
    traded = {
        event.code: float(event.price)
        for event in events
        if isinstance(event, TradeEntered) and event.code not in by_code
    }
    marks = [by_code.get(code, traded.get(code, np.nan)) for code in wide.codes]
    return np.array(marks, dtype=np.float64), tuple(traded)


def _effect(event: BookEvent, book: Book) -> Effect:
    match event:
        case EventUndone():
            return Effect.UNDOES
        case SplitMade():
            return Effect.SPLITS
        case TradeEntered(code=code, quantity=traded):
            line = book.position(code)
            held = line.quantity if line is not None else ZERO
            return _change(held, traded) if held else Effect.OPENS
        case _:
            return Effect.MOVES


def _change(held: Decimal, traded: Decimal) -> Effect:
    if (held > 0) == (traded > 0):
        return Effect.ADDS
    if held + traded == 0:
        return Effect.CLOSES
    return Effect.REDUCES if abs(traded) < abs(held) else Effect.FLIPS


def _worth(book: Book, universe: Universe, mark: FloatArray) -> dict[str, float]:
    """Return a book's totals in base money; NaN where a currency that counts has no rate."""
    ledger = Ledger(universe, book)
    ledger.revalue(mark)
    rate = dict(zip(universe.currencies, ledger.fx.tolist(), strict=True))
    currency = {item.code: item.currency for item in universe.instruments}
    is_known = bool(np.isfinite(ledger.fx[ledger.local != 0.0]).all())
    exposure = ledger.exposure(mark)[ledger.quantity != 0.0]
    return {
        "NAV": ledger.nav() if is_known else float("nan"),
        "Gross": float(np.nansum(np.abs(exposure))),
        "Realised P&L": _sum(book, rate, currency, "realised"),
        "Fees paid": _sum(book, rate, currency, "fees"),
    }


def _sum(book: Book, rate: Mapping[str, float], currency: Mapping[str, str], name: str) -> float:
    """Return a figure of every position in base money at today's rates."""
    amounts = [(currency[line.code], float(getattr(line, name))) for line in book.positions]
    return float(sum(amount * rate[unit] for unit, amount in amounts if amount))
