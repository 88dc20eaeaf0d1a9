"""What a market is to the server: numbered chunks of ticks, a clock that maps to them, and bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from plimsoll.alltick_server.close_series import Floats
from plimsoll.alltick_server.listing import Listing

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of the market's ticks, all codes together, in the order they are sent.

    Attributes
    ----------
    due_ns
        When each row is sent, in wall nanoseconds since the market started; ascending.
    code
        Position of the row's code among the market's listings.
    is_book
        A row is either a trade or a book.
    time_ms
        The row's `tick_time`.
    price, size
        Of the trade; of a book, its best bid. Prices are NaN where a book's side is empty.
    ask, ask_size
        A book's best ask.
    direction
        0, 1 or 2 as `trade_direction` has it.
    is_close
        A trade whose price is a real figure that must be written to its last digit.
    first_seq
        `seq` of the first row; it rises by one a row.
    ladders
        Whole books of the rows that have recorded ones: (n_levels, 4) of bid, bid size, ask, ask size.
    """

    due_ns: Ints
    code: Codes
    is_book: Flags
    time_ms: Ints
    price: Floats
    size: Floats
    ask: Floats
    ask_size: Floats
    direction: npt.NDArray[np.int8]
    is_close: Flags
    first_seq: int
    ladders: Floats | None = None

    def __len__(self) -> int:
        return len(self.due_ns)


class Bar(NamedTuple):
    """One K-line bar; `start_s` is its beginning, `is_forming` says that it may still change."""

    start_s: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    turnover: float
    is_forming: bool = False

    def scaled(self, factor: float) -> "Bar":
        """Return the bar with its prices multiplied."""
        four = (self.open * factor, self.high * factor, self.low * factor, self.close * factor)
        return Bar(self.start_s, *four, self.volume, self.turnover * factor, self.is_forming)


class Place(NamedTuple):
    """One row of one chunk."""

    chunk: Chunk
    row: int


class Market(Protocol):
    """A replay, a recording or a load: everything the server can put on the wire."""

    @property
    def listings(self) -> Sequence[Listing]:
        """All codes; a chunk's `code` is a position in here."""

    @property
    def exchange_start_ns(self) -> int:
        """Return the exchange time at which the market starts."""

    @property
    def speed(self) -> float:
        """Exchange seconds a wall second, 0 where it runs flat out."""

    @property
    def is_flat_out(self) -> bool:
        """Say whether rows are sent as fast as the sockets take them, whatever their due time."""

    def about(self) -> dict[str, object]:
        """Return what the ready line says of this market."""

    def chunk(self, index: int) -> Chunk | None:
        """Return one chunk, None past the end; the same index always gives the same rows."""

    def chunk_at(self, elapsed_ns: int) -> int:
        """Return the chunk in play so long after the start."""

    def exchange_time_ns(self, elapsed_ns: int) -> int:
        """Return the exchange time so long after the start."""

    def bars(self, code: int, kline_type: int, exchange_time_ns: int, end_s: int | None, n: int) -> list[Bar]:
        """Return the newest `n` bars begun before an exchange time and at or before `end_s`, oldest first."""

    def earlier_close(self, code: int, exchange_time_ns: int) -> tuple[int, float] | None:
        """Return time in ms and price of the close before a moment, for codes that have not ticked yet."""


#: How far back the newest tick of a code is looked for.
_N_CHUNKS_BACK = 300


def newest(market: Market, code: int, elapsed_ns: int, *, is_book: bool) -> Place | None:
    """Return the newest trade or book of a code at a moment, None where it has not ticked lately."""
    last = market.chunk_at(elapsed_ns)
    for index in range(last, max(last - _N_CHUNKS_BACK, -1), -1):
        chunk = market.chunk(index)
        if chunk is None:
            continue
        upto = (
            len(chunk) if market.is_flat_out else int(np.searchsorted(chunk.due_ns, elapsed_ns, side="right"))
        )
        rows = np.flatnonzero((chunk.code[:upto] == code) & (chunk.is_book[:upto] == is_book))
        if len(rows):
            return Place(chunk, int(rows[-1]))
    return None
