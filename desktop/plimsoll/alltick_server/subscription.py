"""What one connection asked for, and how far it has been served."""

from collections.abc import Sequence
from zlib import crc32

import msgspec
import numpy as np

from plimsoll.alltick_server.fault import Faults
from plimsoll.alltick_server.frame import Scribe, Wording, ws_frame
from plimsoll.alltick_server.market import Chunk, Ints, newest
from plimsoll.alltick_server.venue import Tally, Venue

#: At most so many rows in one go, so that one connection does not starve the other or the answers.
_ROWS_A_GO = 4_000
_BAD_PRICES = ("0.000000", "-1.000000", "nan", "inf", "1e999", "", "12,5")


class Subscription:
    """The stream of one connection: a pure function of seed, market and what was subscribed when."""

    def __init__(self, venue: Venue, tally: Tally) -> None:
        self._venue, self._tally = venue, tally
        n = len(venue.market.listings)
        self._trades = np.zeros(n, np.bool_)
        self._depth = np.zeros(n, np.int64)
        self._spelling: dict[int, str] = {}
        self._scribe: Scribe | None = None
        self._wording: Wording | None = None
        self._chunk: int | None = None
        self._row = 0
        self._dice = np.random.default_rng([venue.seed, crc32(tally.group.encode()), 4])
        self._held: dict[tuple[int, bool], bytes] = {}

    def take_trades(self, codes: dict[int, str]) -> None:
        """Replace the whole list of codes whose trades are sent; values are the client's spellings."""
        self._trades[:] = False
        self._trades[list(codes)] = True
        self._changed(codes)

    def take_books(self, codes: dict[int, str], depth: dict[int, int]) -> None:
        """Replace the whole list of codes whose books are sent."""
        self._depth[:] = 0
        for code, n_levels in depth.items():
            self._depth[code] = n_levels
        self._changed(codes)

    def _changed(self, codes: dict[int, str]) -> None:
        self._spelling |= codes
        self._scribe = None
        self._held.clear()

    @property
    def is_empty(self) -> bool:
        """Say whether nothing is subscribed."""
        return not (self._trades.any() or self._depth.any())

    @property
    def has_ended(self) -> bool:
        """Say whether the market's last row has been passed."""
        return self._chunk is not None and self._venue.market.chunk(self._chunk) is None

    def join(self, elapsed_ns: int) -> None:
        """Stand where the market stands, if this connection has not been served yet."""
        if self._chunk is None:
            self._chunk = self._venue.market.chunk_at(elapsed_ns)
            chunk = self._venue.market.chunk(self._chunk)
            if chunk is not None and not self._venue.market.is_flat_out:
                self._row = int(np.searchsorted(chunk.due_ns, elapsed_ns, side="left"))

    def snapshot(self, elapsed_ns: int, *, is_book: bool) -> list[bytes]:
        """Return the newest push of every subscribed code, as some say AllTick sends on subscribing."""
        wanted = np.flatnonzero(self._depth if is_book else self._trades)
        found = (newest(self._venue.market, int(code), elapsed_ns, is_book=is_book) for code in wanted)
        texts = []
        for place in found:
            if place is not None:
                texts.append(self._writer().push(place.chunk, place.row))
                self._count((int(place.chunk.code[place.row]), is_book))
        return texts

    def due(self, elapsed_ns: int, *, is_silent: bool) -> tuple[list[bytes], bool]:
        """Return the frames due by now and whether more wait; a silent market moves on without them."""
        if self._chunk is None:
            return [], False
        market = self._venue.market
        chunk = market.chunk(self._chunk)
        if chunk is None:
            return [], False
        end = (
            len(chunk) if market.is_flat_out else int(np.searchsorted(chunk.due_ns, elapsed_ns, side="right"))
        )
        upto = min(end, self._row + _ROWS_A_GO)
        rows = np.arange(self._row, upto, dtype=np.int64)
        self._row = upto
        codes = chunk.code[rows]
        rows = rows[np.where(chunk.is_book[rows], self._depth[codes] > 0, self._trades[codes])]
        more = upto < end
        is_over = (
            market.is_flat_out
            or self._chunk < market.chunk_at(elapsed_ns)
            or market.chunk(self._chunk + 1) is None
        )
        if upto == len(chunk) and is_over:
            self._chunk, self._row = self._chunk + 1, 0
            more = True
        frames = [] if is_silent or not len(rows) else self._frames(chunk, rows)
        return frames, more

    def _frames(self, chunk: Chunk, rows: Ints) -> list[bytes]:
        texts = self._writer().pushes(chunk, rows)
        faults = self._venue.faults
        if faults.disturbs_pushes:
            texts = self._disturbed(texts, chunk, rows, faults)
        else:
            self._held.clear()
            np.add.at(self._tally.n_sent, (chunk.is_book[rows].astype(np.intp), chunk.code[rows]), 1)
        return [ws_frame(text) for text in texts]

    def _writer(self) -> Scribe:
        wording = self._venue.wording
        if self._scribe is None or wording != self._wording:
            self._wording = wording
            self._scribe = Scribe(self._venue.market.listings, self._spelling, self._depth.tolist(), wording)
        return self._scribe

    def _disturbed(self, texts: Sequence[bytes], chunk: Chunk, rows: Ints, faults: Faults) -> list[bytes]:
        sent: list[bytes] = []
        for text, row in zip(texts, rows.tolist(), strict=True):
            key = (int(chunk.code[row]), bool(chunk.is_book[row]))
            if key not in self._held and self._hits(faults, "late"):
                self._held[key] = text
                continue
            self._count(key)
            sent.append(b"[" + text + b"]" if self._hits(faults, "array") else text)
            if self._hits(faults, "repeats"):
                self._count(key)
                self._tally.n_repeats += 1
                sent.append(text)
            held = self._held.pop(key, None)
            if held is not None:
                self._count(key)
                self._tally.n_late += 1
                sent.append(held)
            sent += self._besides(text, key, faults)
        return sent

    def _besides(self, text: bytes, key: tuple[int, bool], faults: Faults) -> list[bytes]:
        extra = []
        if not key[1] and self._hits(faults, "bad_price"):
            push = msgspec.json.decode(text)
            push["data"]["price"] = _BAD_PRICES[int(self._dice.integers(len(_BAD_PRICES)))]
            extra.append(msgspec.json.encode(push))
        if self._hits(faults, "unknown_cmd"):
            extra.append(b'{"cmd_id":23999,"data":{"note":"no such push is documented"}}')
        if self._hits(faults, "bad_json"):
            extra.append(text[: len(text) // 2])
        self._tally.n_extra += len(extra)
        return extra

    def _hits(self, faults: Faults, name: str) -> bool:
        share = faults.share.get(name, 0.0)
        return share > 0.0 and float(self._dice.random()) < share

    def _count(self, key: tuple[int, bool]) -> None:
        self._tally.n_sent[int(key[1]), key[0]] += 1
