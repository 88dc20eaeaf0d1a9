"""Leads the book from one trading day into the next: where a batch is cut, what the journal keeps."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.engine.book_entry import BookEntry, cash_moves
from plimsoll.engine.book_path import BookPath
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.restoration import Restored
from plimsoll.engine.universe import Universe

_EPOCH = date(1970, 1, 1)


class DayCourse:
    """Which trading day it is, by exchange time.

    Attributes
    ----------
    next_roll_ns : int
        When this day ends; 0 before the first tick.
    entries_of_today : dict
        What was entered into the book since the roll, by event id.
    """

    def __init__(self, universe: Universe, path: BookPath, day_roll: DayRoll) -> None:
        self._universe = universe
        self._path = path
        self._day_roll = day_roll
        self.next_roll_ns = 0
        self.entries_of_today: dict[str, BookEntry] = {}

    def begin(self, exchange_ns: int, restored: Restored) -> bool:
        """Take the first tick's day and what the journal knows of it; tell whether a roll has passed."""
        next_after, day = self._day_roll.next_after, self._path.day
        self.next_roll_ns = next_after(exchange_ns)
        marks = restored.day.get("marks")
        if restored.day.get("next_roll_ns") == self.next_roll_ns and isinstance(marks, Mapping):
            codes = enumerate(self._universe.codes)
            day.recall({number: float(marks[code]) for number, code in codes if code in marks})
        changes = [
            change for change in restored.changes if next_after(change.exchange_time_ns) == self.next_roll_ns
        ]
        if changes:
            day.open_with(changes[0].before)
        for change in changes:
            entry = change.entry
            self.entries_of_today[entry.event.event_id] = entry
            if entry.scale is not None:
                day.split(self._universe.codes.index(entry.scale.code), entry.scale.anchor)
            for move in cash_moves(entry.moves, self._universe):
                day.note(move)
        return next_after(restored.newest_exchange_ns) < self.next_roll_ns

    def split_at_rolls(self, rows: NDArray[np.void]) -> list[NDArray[np.void]]:
        """Cut a batch where its exchange time first passes a day roll."""
        newest = np.maximum.accumulate(rows["exchange_time_ns"])
        parts = []
        start, roll_ns = 0, self.next_roll_ns
        while newest[-1] >= roll_ns:
            cut = int(np.searchsorted(newest, roll_ns))
            if cut > start:
                parts.append(rows[start:cut])
            start = cut
            roll_ns = self._day_roll.next_after(int(newest[cut]))
        parts.append(rows[start:])
        return parts

    def is_over(self, exchange_ns: int) -> bool:
        """Tell whether an instant lies beyond this day's roll."""
        return exchange_ns >= self.next_roll_ns

    def end_row(self, exchange_ns: int) -> tuple[int, dict[str, object]]:
        """Return the day that ends (days since 1970) and what the journal must keep first."""
        marks = zip(self._universe.codes, self._path.board.mark.tolist(), strict=True)
        day = self._day_roll.trading_day(self.next_roll_ns - 1)
        return day, {
            "nav": self._path.ledger.nav(),
            "day": day,
            "next_roll_ns": self._day_roll.next_after(exchange_ns),
            "marks": {code: price for code, price in marks if np.isfinite(price)},
            **self._path.equity.anchors.row(),
            "is_new_month": self._is_new_month(exchange_ns),
        }

    def begin_next(self, exchange_ns: int, book: Book) -> None:
        """Anchor the next day at the marks as they stand."""
        is_new_month = self._is_new_month(exchange_ns)
        self._path.equity.anchors.end_day(self._path.ledger.nav(), is_new_month=is_new_month)
        self.next_roll_ns = self._day_roll.next_after(exchange_ns)
        self.entries_of_today.clear()
        self._path.begin_day(book)

    def _is_new_month(self, exchange_ns: int) -> bool:
        """Tell whether the day that begins at an instant lies in another month than the one that ends."""
        days = self._day_roll.trading_day(self.next_roll_ns - 1), self._day_roll.trading_day(exchange_ns)
        ends, begins = (_EPOCH + timedelta(days=day) for day in days)
        return (ends.year, ends.month) != (begins.year, begins.month)
