"""The ticks of one connection: each judged once, counted once, and kept in columns if it counts."""

import math
import struct
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE, DepthBook, TickCounts
from plimsoll.domain.units import NS_PER_DAY, NS_PER_MS
from plimsoll.feed.message import NAN, Fields, Level

# TICK_DTYPE as a struct: one call writes a whole row, where nine numpy assignments would take twice as
# long as the parsing before them. A test holds the two layouts against each other.
ROW = struct.Struct("=BHddddqqq")
_SECONDS_BELOW = 100_000_000_000  # a tick_time below 1e11 is in seconds, else in milliseconds
_LATEST_MS = 2**63 // NS_PER_MS - 1
_N_REMEMBERED = 32
_NOTHING_SEEN = bytes(8 * _N_REMEMBERED)
_SEQ_RANGE = 2**63
_INF = math.inf


class _Slot:
    """What is remembered of one code and kind."""

    __slots__ = ("lowest", "newest_ms", "place", "recent", "turn")

    def __init__(self, place: int, lowest: float) -> None:
        self.place = place
        self.lowest = lowest
        self.newest_ms = 0
        # Hashes instead of the ticks themselves, 8 bytes each in a ring: 3 MB at 10 000 codes where a deque
        # of numbers takes 19, and one false repeat in some 10^17 ticks. None before the first.
        self.recent: array[int] | None = None
        self.turn = 0

    def has_seen(self, key: int) -> bool:
        """Return whether a tick is among the last."""
        return self.recent is not None and key in self.recent

    def remember(self, key: int) -> None:
        """Note a tick; the oldest is forgotten."""
        if self.recent is None:
            self.recent = array("q", _NOTHING_SEEN)
        self.recent[self.turn] = key
        self.turn = (self.turn + 1) % _N_REMEMBERED


class TickColumns:
    """Judges pushes and keeps the accepted ones as rows of TICK_DTYPE.

    Parameters
    ----------
    codes : sequence of str
        Every code of the desk; a row's ``instrument`` is the place in it.
    may_be_negative : collection of str
        Codes for which a price below zero is a price.
    has_books : bool
        Whether order books are asked for; if not, none is held.
    """

    def __init__(
        self, codes: Sequence[str], may_be_negative: Collection[str] = (), *, has_books: bool = True
    ) -> None:
        if len(codes) > 2**16:
            raise ValueError(f"there were {len(codes)} codes, expected at most 65536: split the book")
        self._place_by_code = _places_of(tuple(codes))
        self._may_be_negative = frozenset(may_be_negative)
        self._has_books = has_books
        self._every_trade: dict[str, _Slot] = {}
        self._every_book: dict[str, _Slot] = {}
        self._trade_slots: dict[str, _Slot] = {}
        self._book_slots: dict[str, _Slot] = {}
        self._buffer = bytearray(ROW.size * 4096)
        self._end = 0
        self._depth: dict[str, tuple[Fields, int, float]] = {}
        self._received_ns = 0
        self._latest_ms = _LATEST_MS
        self._n_received = [0, 0]
        self._n_refused = [0, 0]
        self._n_repeated = [0, 0]
        self._n_late = [0, 0]
        self._n_not_held = [0, 0]

    def hold(self, codes: Sequence[str]) -> None:
        """Take these codes as asked for, and no others; what is known of a code is kept.

        Raises
        ------
        ValueError
            If a code is not among the desk's.
        """
        self.check(codes)
        for code in codes:
            if code not in self._every_trade:
                lowest = -_INF if code in self._may_be_negative else 0.0
                self._every_trade[code] = _Slot(self._place_by_code[code], lowest)
                if self._has_books:
                    self._every_book[code] = _Slot(self._place_by_code[code], lowest)
        self._trade_slots = {code: self._every_trade[code] for code in codes}
        self._book_slots = {code: self._every_book[code] for code in codes if self._has_books}

    def check(self, codes: Iterable[str]) -> None:
        """Make sure these are codes of the desk; any thread may.

        Raises
        ------
        ValueError
            If a code is not.
        """
        for code in codes:
            if code not in self._place_by_code:
                raise ValueError(f"{code!r} was asked for, expected a code of the desk: build a new stream")

    def stamp(self, received_ns: int, *, is_live: bool) -> None:
        """Set the arrival time of what is added next.

        Live, a tick from more than a day ahead is refused: taken as the newest it would make every true
        tick after it late. A replay may carry any time.
        """
        self._received_ns = received_ns
        self._latest_ms = (received_ns + NS_PER_DAY) // NS_PER_MS if is_live else _LATEST_MS

    def add_trade(self, push: Fields) -> None:
        """Judge one trade."""
        self._n_received[TRADE] += 1
        slot = self._trade_slots.get(push.code)
        if slot is None:
            self._n_not_held[TRADE] += 1
            return
        price = push.price
        time_ms = push.tick_time
        if time_ms < _SECONDS_BELOW:
            time_ms *= 1000
        if not slot.lowest < price < _INF or price == 0.0 or not 0 < time_ms <= self._latest_ms:
            self._n_refused[TRADE] += 1
            return
        volume = push.volume
        if not 0.0 <= volume < _INF:
            volume = NAN
        key = hash((push.seq, time_ms, price, volume))
        if time_ms <= slot.newest_ms:
            if slot.has_seen(key):
                self._n_repeated[TRADE] += 1
                return
            slot.remember(key)
            if time_ms < slot.newest_ms:
                self._n_late[TRADE] += 1
                return
        else:
            slot.newest_ms = time_ms
            slot.remember(key)
        end = self._end
        try:
            ROW.pack_into(
                self._buffer, end, TRADE, slot.place, price, NAN, volume, NAN,
                time_ms * NS_PER_MS, self._received_ns, push.seq,
            )  # fmt: skip
        except struct.error:
            # The buffer was full, or the number wider than 64 bits; both are rare, so neither is asked first.
            self._make_room()
            ROW.pack_into(
                self._buffer, end, TRADE, slot.place, price, NAN, volume, NAN,
                time_ms * NS_PER_MS, self._received_ns, _narrow(push.seq),
            )  # fmt: skip
        self._end = end + ROW.size

    def add_book(self, push: Fields) -> None:
        """Judge one order book; its best level becomes a row, the whole of it the code's newest book."""
        self._n_received[QUOTE] += 1
        slot = self._book_slots.get(push.code)
        if slot is None:
            self._n_not_held[QUOTE] += 1
            return
        time_ms = push.tick_time
        if time_ms < _SECONDS_BELOW:
            time_ms *= 1000
        bid, bid_volume = _best(push.bids, slot.lowest, is_bid=True)
        ask, ask_volume = _best(push.asks, slot.lowest, is_bid=False)
        is_empty = bid is NAN and ask is NAN
        if (is_empty and not _is_zero_filled(push)) or not 0 < time_ms <= self._latest_ms:
            self._n_refused[QUOTE] += 1
            return
        levels = tuple((each.price, each.volume) for each in (*push.bids, *push.asks))
        key = hash((push.seq, time_ms, len(push.bids), levels))
        if time_ms <= slot.newest_ms and slot.has_seen(key):
            self._n_repeated[QUOTE] += 1
            return
        slot.remember(key)
        if time_ms < slot.newest_ms:
            self._n_late[QUOTE] += 1
            return
        slot.newest_ms = time_ms
        if self._end + ROW.size > len(self._buffer):
            self._make_room()
        ROW.pack_into(
            self._buffer, self._end, QUOTE, slot.place, bid, ask, bid_volume, ask_volume,
            time_ms * NS_PER_MS, self._received_ns, _narrow(push.seq),
        )  # fmt: skip
        self._end += ROW.size
        self._depth[push.code] = (push, self._received_ns, slot.lowest)

    def take(self) -> NDArray[np.void]:
        """Return the rows accepted since the last call, oldest arrival first, read-only."""
        rows = np.frombuffer(bytes(memoryview(self._buffer)[: self._end]), dtype=TICK_DTYPE)
        self._end = 0
        return rows

    def take_depth(self) -> tuple[DepthBook, ...]:
        """Return each code's newest whole book, if it changed since the last call."""
        books = tuple(_depth_book(*pushed) for pushed in self._depth.values())
        self._depth.clear()
        return books

    @property
    def n_waiting(self) -> int:
        """Rows not yet taken."""
        return self._end // ROW.size

    @property
    def n_received(self) -> int:
        """Pushes of both kinds since the beginning."""
        return self._n_received[TRADE] + self._n_received[QUOTE]

    @property
    def newest_ns(self) -> tuple[int, int] | None:
        """The (exchange, received) time of the newest row not yet taken; None if there is none."""
        if not self._end:
            return None
        row = ROW.unpack_from(self._buffer, self._end - ROW.size)
        return int(row[6]), int(row[7])

    def counts(self, kind: int) -> TickCounts:
        """Return where every push of TRADE or QUOTE went, as if all rows were applied."""
        refused, repeated = self._n_refused[kind], self._n_repeated[kind]
        late, not_held = self._n_late[kind], self._n_not_held[kind]
        received = self._n_received[kind]
        return TickCounts(
            received=received,
            applied=received - refused - repeated - late - not_held,
            refused=refused,
            repeated=repeated,
            late=late,
            not_held=not_held,
        )

    def silent(self) -> tuple[str, ...]:
        """Return the codes asked for that never ticked, in their order of importance."""
        books = self._book_slots
        return tuple(
            code
            for code, slot in self._trade_slots.items()
            if not slot.newest_ms and not (code in books and books[code].newest_ms)
        )

    def _make_room(self) -> None:
        if self._end + ROW.size > len(self._buffer):
            self._buffer.extend(bytes(len(self._buffer)))


@lru_cache(maxsize=2)
def _places_of(codes: tuple[str, ...]) -> Mapping[str, int]:
    """Return the place of each code, the same object for every connection of a desk."""
    return {code: place for place, code in enumerate(codes)}


def _narrow(seq: int) -> int:
    return seq if -_SEQ_RANGE <= seq < _SEQ_RANGE else seq % _SEQ_RANGE


def _is_price(price: float, lowest: float) -> bool:
    return lowest < price < _INF and price != 0.0


def _best(levels: tuple[Level, ...], lowest: float, *, is_bid: bool) -> tuple[float, float]:
    # AllTick says best first; a side at its price limit comes zero-filled, so the best is looked for.
    best = volume = NAN
    for level in levels:
        price = level.price
        if _is_price(price, lowest) and (best is NAN or (price > best if is_bid else price < best)):
            best = price
            volume = level.volume if 0.0 <= level.volume < _INF else NAN
    return best, volume


def _is_zero_filled(push: Fields) -> bool:
    """Tell whether both sides are empty in AllTick's own way: a halted market, and no rubbish."""
    return all(level.price == 0.0 for level in (*push.bids, *push.asks))


def _depth_book(push: Fields, received_ns: int, lowest: float) -> DepthBook:
    time_ms = push.tick_time * (1000 if push.tick_time < _SECONDS_BELOW else 1)
    sides = []
    for levels, is_bid in ((push.bids, True), (push.asks, False)):
        side = [(each.price, each.volume) for each in levels if _is_price(each.price, lowest)]
        sides.append(tuple(sorted(side, key=lambda level: level[0], reverse=is_bid)))
    return DepthBook(push.code, sides[0], sides[1], time_ms * NS_PER_MS, received_ns)
