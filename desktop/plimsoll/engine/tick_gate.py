"""What every tick passes before the book: bad prints are held back, halts are noticed, both are told."""

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.held_print import HeldPrint
from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE, TickBatch, TickCounts
from plimsoll.engine.events import Event, NoticeRaised
from plimsoll.engine.halt_watch import Halt, HaltWatch
from plimsoll.engine.mark_board import MarkBoard
from plimsoll.engine.print_filter import PrintFilter, PrintRule
from plimsoll.engine.session_state import SessionState
from plimsoll.engine.universe import Universe

_NO_ROWS = np.empty(0, dtype=TICK_DTYPE)


class TickGate:
    """The print filter and the halts of all instruments; one owner, the risk thread.

    Attributes
    ----------
    sessions : SessionState
        When each market is open.
    """

    def __init__(self, universe: Universe, board: MarkBoard, rule: PrintRule | None) -> None:
        self.sessions = SessionState(universe)
        self._codes = universe.codes
        self._board = board
        self._filters = rule is not None
        self._filter = PrintFilter(universe.instruments, board, rule)
        self._halts = HaltWatch(len(universe.codes))

    @property
    def held(self) -> tuple[HeldPrint, ...]:
        """Prints held back now."""
        return self._filter.waiting

    @property
    def halt(self) -> NDArray[np.uint8]:
        """Halt of each instrument, shape (n,)."""
        return self._halts.halt

    def believe(self, close_by_instrument: dict[int, float]) -> None:
        """Take closes as the last believed prices of instruments that have none."""
        self._filter.believe(close_by_instrument)

    def split(self, number: int, price_factor: float) -> None:
        """Take a split of an instrument: its next price is no jump."""
        self._filter.split(number, price_factor)

    def admit(self, rows: NDArray[np.void], now_ns: int) -> tuple[NDArray[np.void], list[Event]]:
        """Return the ticks that may be applied now, and what is to be told of the others."""
        if not self._filters:
            return rows, []
        passed = self._filter.pass_through(rows, now_ns)
        told: list[Event] = [
            NoticeRaised(f"Held back and not used: {print_.words}.") for print_ in passed.discarded
        ]
        return passed.rows, told

    def release(self, now_ns: int) -> tuple[NDArray[np.void], list[Event]]:
        """Return held ticks whose time has come although nothing arrived."""
        return self.admit(_NO_ROWS, now_ns) if self._filter.waiting else (_NO_ROWS, [])

    def look_for_halts(self, now_ns: int) -> list[Event]:
        """Return what is to be told of halts that began or ended."""
        changes = self._halts.look(self._board, self.sessions.is_open(now_ns), now_ns)
        return [
            NoticeRaised(f"{self._codes[change.instrument]}: {change.after.words or 'dealt in again'}.")
            for change in changes
            if change.after is not Halt.NONE or change.before is Halt.HALTED
        ]

    def counted(self, batch: TickBatch) -> tuple[TickCounts, TickCounts]:
        """Return a batch's counts of trades and books: held prints wait, discarded ones are refused."""
        return self._filter.counted(batch.trades, TRADE), self._filter.counted(batch.books, QUOTE)
