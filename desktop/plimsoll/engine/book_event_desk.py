"""Plans what an event does before anything is changed: the record after it, the money it moves, the NAV.

The plan is shown as a preview, or journalled and then applied; both rest on the same arithmetic.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.book_event import (
    FLOWS,
    BookEvent,
    CurrencyExchanged,
    EventUndone,
    FeePaid,
    HoldingsRestated,
    SplitMade,
    TradeEntered,
)
from plimsoll.domain.book_preview import BookPreview, PreviewLine, PreviewUnit
from plimsoll.domain.book_record import BookRecord
from plimsoll.domain.errors import EventRefused, FlowRefused, NotFollowed, UnknownInstrument
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.position import ZERO, Position
from plimsoll.engine.book_entry import BookEntry, Moved, PriceScale
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]
UseByLimit = Callable[[Book], Mapping[str, float]]
"""Returns the use of each limit, by its name, for a book at today's prices."""

NOTES = {
    "trade": "No flow: it moves NAV by its distance from the mark, less the fee.",
    "cash": "A flow: day P&L and drawdown leave it out.",
    "dividend": "Profit or loss of the instrument, not a flow.",
    "fee": "A loss, not a flow.",
    "funding": "Profit or loss of the instrument, not a flow.",
    "split": "Quantity and cost per unit change, what is owned does not.",
    "exchange": "Two cash lines move; only the distance from the market's rate is profit or loss.",
    "restatement": "A flow: what came or went with the file is no profit.",
    "undo": "The book is as if the event had never been entered; both stay in the journal.",
}


@dataclass(frozen=True, slots=True)
class EventPlan:
    """What one event would do.

    Attributes
    ----------
    before, after : BookRecord
        The record without it and with it.
    entry : BookEntry
        The row to write.
    """

    before: BookRecord
    after: BookRecord
    entry: BookEntry


def plan(
    event: BookEvent,
    record: BookRecord,
    universe: Universe,
    mark: FloatArray,
    today: Mapping[str, BookEntry] | None = None,
) -> EventPlan:
    """Return what an event does to a record at these marks; nothing is changed.

    Parameters
    ----------
    event : BookEvent
        What is to be entered.
    record : BookRecord
        The book as it stands.
    universe : Universe
        What the session follows.
    mark : ndarray, shape (n,)
        The marks of this instant; NaN unknown.
    today : Mapping or None
        Entries since the day roll, by event id: an undo of one takes back its money at its own rate, so that
        the day is as if it had never been.

    Raises
    ------
    UnknownInstrument
        If the session does not follow the event's code.
    EventRefused
        If the book cannot take it, or the worth of what it moves is not known yet.
    """
    held = {item.code: item for item in universe.instruments[: universe.n_held]}
    _check_followed(event, universe, held)
    after = record.after(event, held)
    subject, is_undone = _subject(event, record)
    scale = _scale(subject, is_undone=is_undone)
    there = _ledger(universe, record.book, mark)
    here = _ledger(universe, after.book, scaled(mark, universe, scale))
    earlier = (today or {}).get(event.undoes) if isinstance(event, EventUndone) else None
    moves = _moves(subject, record.book, after.book, there, universe, mark, earlier)
    if not isinstance(subject, TradeEntered) and not all(np.isfinite([m.amount * m.rate for m in moves])):
        unknown = ", ".join(dict.fromkeys(m.currency for m in moves if not np.isfinite(m.amount * m.rate)))
        raise FlowRefused(f"the worth of {unknown} or of the book is not known yet: wait for its prices")
    entry = BookEntry(
        event=event,
        moves=moves,
        is_flow=isinstance(subject, FLOWS),
        scale=scale,
        nav_before=there.nav(),
        nav_after=here.nav(),
        before=record.book if isinstance(event, HoldingsRestated) else None,
    )
    return EventPlan(record, after, entry)


def preview(
    event: BookEvent,
    record: BookRecord,
    universe: Universe,
    mark: FloatArray,
    use_by_limit: UseByLimit | None = None,
) -> BookPreview:
    """Return the figures an event would change, or why it would be refused.

    Parameters
    ----------
    event, record, universe, mark
        As in `plan`.
    use_by_limit : callable or None
        Measures the limits of a book; those whose use would change are told.
    """
    try:
        planned = plan(event, record, universe, mark)
    except (EventRefused, UnknownInstrument) as refusal:
        return BookPreview(event, refusal=str(refusal))
    before, after = planned.before.book, planned.after.book
    lines = changed_lines(before, after, universe)
    entry = planned.entry
    base = before.base_currency
    lines.append(PreviewLine("NAV", PreviewUnit.MONEY, base, entry.nav_before, entry.nav_after))
    if use_by_limit is not None:
        there_by_limit, here_by_limit = use_by_limit(before), use_by_limit(after)
        lines += [
            PreviewLine(name, PreviewUnit.USE, "", there_by_limit.get(name, float("nan")), use)
            for name, use in here_by_limit.items()
            if not np.isclose(use, there_by_limit.get(name, float("nan")), equal_nan=True)
        ]
    return BookPreview(event, tuple(lines), note=NOTES[event.kind])


def changed_lines(before: Book, after: Book, universe: Universe) -> list[PreviewLine]:
    """Return positions and cash that differ between two books."""
    currency = {item.code: item.currency for item in universe.instruments}
    lines = [
        line
        for code in dict.fromkeys(held.code for held in (*before.positions, *after.positions))
        for line in _position_lines(before, after, code, currency[code])
    ]
    for name in dict.fromkeys(line.currency for line in (*before.cash, *after.cash)):
        there, here = float(before.cash_in(name)), float(after.cash_in(name))
        lines.append(PreviewLine(f"Cash {name}", PreviewUnit.MONEY, name, there, here))
    return [line for line in lines if not np.array_equal(line.before, line.after, equal_nan=True)]


def scaled(mark: FloatArray, universe: Universe, scale: PriceScale | None) -> FloatArray:
    """Return the marks as a split leaves them."""
    after = mark.copy()
    if scale is not None:
        after[universe.codes.index(scale.code)] *= scale.mark
    return after


def _check_followed(event: BookEvent, universe: Universe, held: Mapping[str, Instrument]) -> None:
    codes = {getattr(event, "code", "")} - {""}
    currencies = {getattr(event, name, "") for name in ("currency", "sold_currency", "bought_currency")} - {
        ""
    }
    if isinstance(event, HoldingsRestated):
        codes |= {line.code for line in event.holdings}
        currencies |= {currency for currency, _ in event.cash}
    for code in sorted(codes):
        if code not in held:
            raise NotFollowed(code)
    for currency in sorted(currencies):
        if currency not in universe.currencies:
            known = ", ".join(universe.currencies)
            raise FlowRefused(f"the currency was {currency!r}, expected one of {known}")


def _subject(event: BookEvent, record: BookRecord) -> tuple[BookEvent, bool]:
    """Return what an event is about in the end, and whether it takes it back."""
    by_id = {each.event_id: each for each in record.events}
    is_undone = False
    while isinstance(event, EventUndone):
        is_undone = not is_undone
        event = by_id[event.undoes]
    return event, is_undone


def _scale(subject: BookEvent, *, is_undone: bool) -> PriceScale | None:
    if not isinstance(subject, SplitMade):
        return None
    factor = subject.old_shares / subject.new_shares
    factor = 1.0 / factor if is_undone else factor
    return PriceScale(subject.code, factor, 1.0 if subject.is_price_adjusted else factor)


def _ledger(universe: Universe, book: Book, mark: FloatArray) -> Ledger:
    ledger = Ledger(universe, book)
    ledger.revalue(mark)
    return ledger


def _moves(
    subject: BookEvent,
    before: Book,
    after: Book,
    ledger: Ledger,
    universe: Universe,
    mark: FloatArray,
    earlier: BookEntry | None,
) -> tuple[Moved, ...]:
    """Return what moved between two books, each amount under the instrument it belongs to."""
    changed = {
        name: float(after.cash_in(name) - before.cash_in(name))
        for name in universe.currencies
        if after.cash_in(name) != before.cash_in(name)
    }
    rates = dict(zip(universe.currencies, ledger.fx.tolist(), strict=True))
    if isinstance(subject, FeePaid) and not subject.code:
        return ()  # a loss of the book alone: no instrument's, and nothing from outside
    if isinstance(subject, CurrencyExchanged):
        return _exchange_moves(subject, changed, rates, earlier)
    if earlier is not None and earlier.moves and not isinstance(subject, HoldingsRestated):
        rates[earlier.moves[0].currency] = earlier.moves[0].rate
    code = "" if isinstance(subject, FLOWS) else str(getattr(subject, "code", ""))
    moves = [Moved(code, name, amount, rates[name]) for name, amount in changed.items()]
    if isinstance(subject, HoldingsRestated):
        moves += _restatement_moves(before, after, universe, mark, rates)
    return tuple(moves)


def _exchange_moves(
    subject: CurrencyExchanged,
    changed: Mapping[str, float],
    rates: Mapping[str, float],
    earlier: BookEntry | None,
) -> tuple[Moved, ...]:
    """Return two legs that cancel in base money: the distance from the market's rate stays in P&L."""
    if earlier is not None:
        return tuple(Moved("", move.currency, -move.amount, move.rate) for move in earlier.moves)
    sold, bought = changed[subject.sold_currency], changed[subject.bought_currency]
    rate = rates[subject.sold_currency]
    return (
        Moved("", subject.sold_currency, sold, rate),
        Moved("", subject.bought_currency, bought, -sold * rate / bought),
    )


def _restatement_moves(
    before: Book, after: Book, universe: Universe, mark: FloatArray, rates: Mapping[str, float]
) -> list[Moved]:
    """Return what came or went with positions, as money from outside, and keep it out of their own P&L."""
    moves = []
    for number, item in enumerate(universe.instruments[: universe.n_held]):
        there, here = _line(before, item.code), _line(after, item.code)
        if (there.quantity, there.cost) == (here.quantity, here.cost):
            continue
        price = float(mark[number])
        change = _worth(here, price, item) - _worth(there, price, item)
        rate = rates[item.currency]
        moves += [Moved("", item.currency, change, rate), Moved(item.code, item.currency, -change, rate)]
    return moves


def _worth(line: Position, price: float, item: Instrument) -> float:
    """Return what a position adds to NAV in its currency; nothing held is worth 0 at any price."""
    if not line.quantity:
        return 0.0
    return (float(line.quantity) * price - (0.0 if item.is_funded else float(line.cost))) * item.multiplier


def _line(book: Book, code: str) -> Position:
    return book.position(code) or Position(code, ZERO, ZERO)


def _position_lines(before: Book, after: Book, code: str, currency: str) -> list[PreviewLine]:
    there, here = _line(before, code), _line(after, code)
    return [
        PreviewLine(
            f"{code} quantity", PreviewUnit.QUANTITY, "", float(there.quantity), float(here.quantity)
        ),
        PreviewLine(f"{code} average cost", PreviewUnit.PRICE, currency, _average(there), _average(here)),
        PreviewLine(
            f"{code} realised", PreviewUnit.MONEY, currency, float(there.realised), float(here.realised)
        ),
    ]


def _average(line: Position) -> float:
    return float("nan") if line.average_price is None else float(line.average_price)
