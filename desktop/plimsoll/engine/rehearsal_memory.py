"""What a rehearsal remembers: its journal in memory, and a copy of the book that nobody touches."""

import hashlib
import json

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.mark_board import MarkBoard
from plimsoll.engine.memory_journal import MemoryJournal
from plimsoll.engine.universe import Universe


class RehearsalJournal(MemoryJournal):
    """A journal in memory that can be compared with another run's."""

    @property
    def seal(self) -> str:
        """Return a digest of every row: two runs that did the same have the same."""
        digest = hashlib.sha256()
        for row in self.kept:
            body = json.dumps(row.body, sort_keys=True, default=str)
            digest.update(f"{row.kind}|{row.person}|{row.exchange_time_ns}|{body}\n".encode())
        return digest.hexdigest()


class UntouchedBook:
    """The same book held still: it hears every tick that the engine accepts, and no order.

    It stands where the engine has its tick archive, which is given exactly those ticks, in their order.
    """

    def __init__(self, universe: Universe, book: Book, method: RiskMethod) -> None:
        self._ledger = Ledger(universe, book)
        self._board = MarkBoard(
            universe.instruments, self._ledger.quantity, method.mark_policy, method.quote_fresh_s
        )
        self._number = {code: number for number, code in enumerate(universe.codes)}

    @property
    def nav(self) -> float:
        """What the book is worth."""
        self._ledger.revalue(self._board.mark)
        return self._ledger.nav()

    def money_per_point(self, code: str) -> float:
        """Return base money that a unit of quantity earns when the price rises by one."""
        return float(self._ledger.multiplier[self._number[code]]) * self.rate(code)

    def rate(self, code: str) -> float:
        """Return base money for a unit of the currency an instrument trades in."""
        rates = self._ledger.rates_at(self._board.mark)
        return float(rates[self._ledger.currency_of[self._number[code]]])

    def price(self, code: str) -> float:
        """Return the mark of an instrument."""
        return float(self._board.mark[self._number[code]])

    def lapse(self, now_ns: int) -> None:
        """Let time pass as it does for the engine."""
        self._board.lapse(now_ns)

    def append(self, rows: NDArray[np.void]) -> None:
        """Follow ticks that the engine accepted."""
        self._board.follow(rows)

    def flush(self) -> None:
        """Nothing waits."""
