"""Tells price limits and halts from the sides that are missing in the books of an open market."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.mark_board import ASK_ONLY, BID_ONLY, NO_SIDE, MarkBoard

BoolArray = NDArray[np.bool_]

CONFIRMED_AFTER_S = 3.0
"""A side may be empty for a moment in any thin book; this long in an open market it is a price limit."""


class Halt(IntEnum):
    """Why an instrument cannot be dealt in; the numbers are the shapes of its book."""

    NONE = 0
    LIMIT_UP = BID_ONLY
    LIMIT_DOWN = ASK_ONLY
    HALTED = NO_SIDE

    @property
    def words(self) -> str:
        """What the tooltip says of it; its mark is the last trade throughout."""
        return _WORDS[self]


_WORDS = {
    Halt.NONE: "",
    Halt.LIMIT_UP: "limit up: no seller in the book; marked at the last trade",
    Halt.LIMIT_DOWN: "limit down: no buyer in the book; marked at the last trade",
    Halt.HALTED: "halted: both sides of the book are empty and nothing trades; marked at the last trade",
}


@dataclass(frozen=True, slots=True)
class HaltChange:
    """An instrument whose halt began, changed or ended.

    Attributes
    ----------
    instrument : int
        Its number in the universe.
    before, after : Halt
        What it was, and is.
    """

    instrument: int
    before: Halt
    after: Halt


class HaltWatch:
    """Follows the shape of every book; one owner, the risk thread.

    AllTick fills a missing side with zeros: at limit-up the asks, at limit-down the bids, in a halt both.

    Attributes
    ----------
    halt : ndarray of uint8, shape (n,)
        Halt of each instrument.
    """

    def __init__(self, n_instruments: int, *, confirmed_after_s: float = CONFIRMED_AFTER_S) -> None:
        self.halt: NDArray[np.uint8] = np.zeros(n_instruments, dtype=np.uint8)
        self._shape: NDArray[np.uint8] = np.zeros(n_instruments, dtype=np.uint8)
        self._since_ns: NDArray[np.int64] = np.zeros(n_instruments, dtype=np.int64)
        self._wait_ns = int(confirmed_after_s * NS_PER_S)

    def look(self, board: MarkBoard, is_open: BoolArray, now_ns: int) -> tuple[HaltChange, ...]:
        """Take the books as they are now and return what changed.

        Parameters
        ----------
        board : MarkBoard
            After the newest ticks.
        is_open : ndarray of bool, shape (n,)
            Whether each market is open; in a closed one an empty book says nothing.
        now_ns : int
            The desk's clock.
        """
        if not board.shape.any() and not self._shape.any():
            return ()
        numbers = np.arange(len(board.shape))
        heard = board.shape_heard_ns.copy()
        heard[board.shape, numbers] = 0
        is_broken = heard.max(axis=0) > self._since_ns  # another shape in between, within one batch
        # What trades is not halted, whatever its book says.
        is_broken |= (board.shape == NO_SIDE) & (board.trade_heard_ns > self._since_ns)
        is_new = (board.shape != self._shape) | is_broken | ~is_open
        self._since_ns[is_new] = now_ns
        self._shape[:] = board.shape
        lasts = now_ns - self._since_ns >= self._wait_ns
        halt = np.where(lasts & is_open, board.shape, 0).astype(np.uint8)
        changed = np.flatnonzero(halt != self.halt).tolist()
        found = tuple(HaltChange(each, Halt(self.halt[each]), Halt(halt[each])) for each in changed)
        self.halt = halt
        return found
