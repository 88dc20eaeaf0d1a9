"""A batch of ticks: trades and best quotes as columns, in the order they arrived."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

TRADE = 0
QUOTE = 1

TICK_DTYPE = np.dtype(
    [
        ("kind", np.uint8),  # TRADE or QUOTE
        ("instrument", np.uint16),  # place of the code in TickBatch.codes
        ("price", np.float64),  # trade: last price; quote: best bid, NaN where that side is empty
        ("ask", np.float64),  # quote: best ask, NaN where that side is empty; trade: NaN
        ("volume", np.float64),  # trade: its size; quote: size at the bid; NaN unknown
        ("ask_volume", np.float64),  # quote: size at the ask; NaN unknown
        ("exchange_time_ns", np.int64),  # when the market says
        ("received_time_ns", np.int64),  # when we heard
        ("seq", np.int64),  # AllTick's opaque number; a tie-break and repeat detector, never a gap detector
    ]
)


@dataclass(frozen=True, slots=True)
class TickCounts:
    """Where every tick of one kind went, since the feed began.

    received = applied + folded + refused + repeated + late + not_held + waiting, always.

    Attributes
    ----------
    received : int
        Pushes of this kind that arrived.
    applied : int
        Those that reached the book.
    folded : int
        Those folded at overload into first, high, low and last of their instrument.
    refused : int
        Those without a usable price: not finite, zero, below zero without leave, or unreadable.
    repeated : int
        Exact repeats: same code, seq, time, price and volume.
    late : int
        Older than the newest of their code; they never replace it.
    not_held : int
        For codes that were not asked for.
    waiting : int
        In the buffer still.
    """

    received: int = 0
    applied: int = 0
    folded: int = 0
    refused: int = 0
    repeated: int = 0
    late: int = 0
    not_held: int = 0
    waiting: int = 0

    def __add__(self, other: "TickCounts") -> "TickCounts":
        return TickCounts(
            self.received + other.received,
            self.applied + other.applied,
            self.folded + other.folded,
            self.refused + other.refused,
            self.repeated + other.repeated,
            self.late + other.late,
            self.not_held + other.not_held,
            self.waiting + other.waiting,
        )

    @property
    def unaccounted(self) -> int:
        """How many ticks nobody can name; always 0."""
        told = self.applied + self.folded + self.refused + self.repeated + self.late
        return self.received - told - self.not_held - self.waiting


@dataclass(frozen=True, slots=True)
class TickBatch:
    """Ticks that arrived together.

    Attributes
    ----------
    rows : ndarray of TICK_DTYPE, shape (n_ticks,), read-only
        Oldest arrival first.
    trades, books : TickCounts
        Where every tick went up to and including this batch, counted as if the batch were applied.
    depths : tuple of DepthBook
        The newest whole book of each code that pushed one since the batch before: latest wins, for a book
        is whole each time and its best level is a row as well.
    """

    rows: NDArray[np.void]
    trades: TickCounts = field(default_factory=TickCounts)
    books: TickCounts = field(default_factory=TickCounts)
    depths: tuple["DepthBook", ...] = ()

    def __len__(self) -> int:
        return int(self.rows.shape[0])


@dataclass(frozen=True, slots=True)
class DepthBook:
    """One whole order book as pushed: price levels best first, zero levels dropped.

    Attributes
    ----------
    code : str
        The instrument.
    bids, asks : tuple of (price, volume)
        Best first; empty where the market has none.
    exchange_time_ns, received_time_ns : int
        Both clocks.
    """

    code: str
    bids: tuple[tuple[float, float], ...]
    asks: tuple[tuple[float, float], ...]
    exchange_time_ns: int
    received_time_ns: int
