"""Ticks as AllTick's JSON, and JSON as websocket frames."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from plimsoll.alltick_server.listing import Listing
from plimsoll.alltick_server.market import Chunk, Ints

TRADE, BOOK = 22998, 22999
Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Wording:
    """How ticks are spelled: AllTick's own uncertain points, and spellings that are faults."""

    numbers: Literal["ints", "strings"] = "ints"
    time_unit: Literal["ms", "s"] = "ms"
    direction: Literal["int", "string"] = "int"
    fx_direction: Literal["1", "0"] = "1"
    fx_volume: Literal["0", "given", "empty", "missing"] = "0"
    empty_side: Literal["zero-filled", "empty"] = "zero-filled"
    has_empty_strings: bool = False
    has_no_turnover: bool = False
    gone_sides: frozenset[str] = frozenset()


PLAIN = Wording()
#: REST writes seq and tick_time as strings, always (protocol 4.3).
REST = Wording(numbers="strings")


def ws_frame(payload: bytes) -> bytes:
    """Return one unmasked, final text frame (RFC 6455, section 5.2)."""
    length = len(payload)
    if length < 126:
        return bytes((0x81, length)) + payload
    if length < 65_536:
        return b"\x81\x7e" + length.to_bytes(2, "big") + payload
    return b"\x81\x7f" + length.to_bytes(8, "big") + payload


def trade_fields(listing: Listing, chunk: Chunk, row: int, wording: Wording) -> Json:
    """Return the `data` of one trade."""
    price, size = float(chunk.price[row]), float(chunk.size[row])
    is_exact = bool(chunk.is_close[row])
    fields = _head(listing, chunk, row, wording)
    fields["price"] = listing.text(price) if is_exact else f"{price:.{listing.decimals}f}"
    fields |= money_fields(listing, size, price * size, wording)
    direction = int(chunk.direction[row])
    if listing.is_one_way:
        direction = int(wording.fx_direction)
    fields["trade_direction"] = direction if wording.direction == "int" else str(direction)
    return fields


def money_fields(listing: Listing, size: float, turnover: float, wording: Wording) -> Json:
    """Return volume and turnover, which AllTick may also leave empty or out."""
    if listing.is_fx and wording.fx_volume == "0":
        size = turnover = 0.0
    fields: Json = {
        "volume": f"{size:.{_volume_decimals(listing, size)}f}",
        "turnover": f"{turnover:.{_turnover_decimals(listing, turnover)}f}",
    }
    if wording.has_empty_strings or (listing.is_fx and wording.fx_volume == "empty"):
        fields = {"volume": "", "turnover": ""}
    if listing.is_fx and wording.fx_volume == "missing":
        fields = {}
    if wording.has_no_turnover:
        fields.pop("turnover", None)
    return fields


def book_fields(listing: Listing, chunk: Chunk, row: int, depth: int, wording: Wording) -> Json:
    """Return the `data` of one whole book of at most `depth` levels a side."""
    fields = _head(listing, chunk, row, wording)
    for side, levels in zip(("bids", "asks"), book_levels(listing, chunk, row), strict=True):
        wanted = levels[:depth]
        if side in wording.gone_sides:
            wanted = [(math.nan, 0.0)] * len(wanted)
        real = [level for level in wanted if not math.isnan(level[0])]
        fields[side] = [
            {"price": f"{p:.{listing.decimals}f}", "volume": f"{v:.{_volume_decimals(listing, v)}f}"}
            for p, v in real
        ]
        if not real and wording.empty_side == "zero-filled":
            # As seen at a price limit: every level there, with a price of zero.
            fields[side] = [{"price": f"{0:.{listing.decimals}f}", "volume": "0"}] * min(
                depth, listing.habit.n_levels
            )
    return fields


def book_levels(
    listing: Listing, chunk: Chunk, row: int
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Return bids and asks, best first: recorded ones, or the best quote continued in even steps."""
    n = listing.habit.n_levels
    if chunk.ladders is not None and not math.isnan(chunk.ladders[row, 0, 0]):
        ladder = chunk.ladders[row, :n].tolist()
        return [(b, s) for b, s, _, _ in ladder], [(a, s) for _, _, a, s in ladder]
    bid, ask = float(chunk.price[row]), float(chunk.ask[row])
    bid_size, ask_size = float(chunk.size[row]), float(chunk.ask_size[row])
    step = max(ask - bid, 10.0**-listing.decimals)
    return (
        [(bid - k * step, bid_size * (1 + 0.4 * k)) for k in range(n)],
        [(ask + k * step, ask_size * (1 + 0.4 * k)) for k in range(n)],
    )


def _head(listing: Listing, chunk: Chunk, row: int, wording: Wording) -> Json:
    seq, time = chunk.first_seq + row, int(chunk.time_ms[row])
    if wording.time_unit == "s":
        time //= 1000
    is_int = wording.numbers == "ints"
    return {
        "code": listing.code,
        "seq": seq if is_int else str(seq),
        "tick_time": time if is_int else str(time),
    }


def _volume_decimals(listing: Listing, size: float) -> int:
    return 0 if size == 0 else listing.habit.volume_decimals


def _turnover_decimals(listing: Listing, turnover: float) -> int:
    return 0 if turnover == 0 else 6 if listing.group == "stock" else 2


class Scribe:
    """Writes rows of chunks as pushes, for one connection's subscription and one wording."""

    def __init__(
        self, listings: Sequence[Listing], spelling: dict[int, str], depth: Sequence[int], wording: Wording
    ) -> None:
        self._listings, self._spelling, self._depth, self._wording = listings, spelling, depth, wording
        self._trades: dict[int, bytes | None] = {}
        self._books: dict[int, bytes | None] = {}

    def pushes(self, chunk: Chunk, rows: Ints) -> list[bytes]:
        """Return one JSON text a row, in order.

        The usual rows go through templates, six times as fast as a dictionary; the rest take the long way.
        """
        price, size = chunk.price[rows], chunk.size[rows]
        last = chunk.ask_size[rows]
        turnover = price * size
        texts = []
        columns = (
            chunk.code[rows].tolist(),
            chunk.is_book[rows].tolist(),
            (rows + chunk.first_seq).tolist(),
            chunk.time_ms[rows].tolist(),
            price.tolist(),
            size.tolist(),
            chunk.ask[rows].tolist(),
            last.tolist(),
            turnover.tolist(),
            chunk.direction[rows].tolist(),
            chunk.is_close[rows].tolist(),
        )
        trades, books = self._trades, self._books
        for i, (code, is_book, seq, time, p, s, ask, ask_size, money, way, is_close) in enumerate(
            zip(*columns, strict=True)
        ):
            if is_book:
                template = books[code] if code in books else self._book_template(code)
                if template is not None and p == p and ask == ask:  # noqa: PLR0124  the fastest test for NaN
                    texts.append(template % (seq, time, p, s, ask, ask_size))
                    continue
            else:
                template = trades[code] if code in trades else self._trade_template(code)
                if template is not None and s and not is_close:
                    texts.append(template % (seq, time, p, s, money, way))
                    continue
            texts.append(self.push(chunk, int(rows[i])))
        return texts

    def push(self, chunk: Chunk, row: int, wording: Wording | None = None) -> bytes:
        """Return one row's JSON text."""
        wording = wording or self._wording
        code = int(chunk.code[row])
        if chunk.is_book[row]:
            number, fields = BOOK, book_fields(self._listings[code], chunk, row, self._depth[code], wording)
        else:
            number, fields = TRADE, trade_fields(self._listings[code], chunk, row, wording)
        fields["code"] = self._spelling.get(code, fields["code"])
        return msgspec.json.encode({"cmd_id": number, "data": fields})

    def _trade_template(self, code: int) -> bytes | None:
        listing = self._listings[code]
        template = None
        if self._wording == PLAIN and not listing.is_fx:
            template = self._template(
                TRADE,
                code,
                b'"price":"%%.%df","volume":"%%.%df","turnover":"%%.%df","trade_direction":%%d'
                % (listing.decimals, listing.habit.volume_decimals, 6 if listing.group == "stock" else 2),
            )
        self._trades[code] = template
        return template

    def _book_template(self, code: int) -> bytes | None:
        listing = self._listings[code]
        template = None
        if self._wording == PLAIN and listing.habit.n_levels == 1:
            level = b'[{"price":"%%.%df","volume":"%%.%df"}]' % (
                listing.decimals,
                listing.habit.volume_decimals,
            )
            template = self._template(BOOK, code, b'"bids":' + level + b',"asks":' + level)
        self._books[code] = template
        return template

    def _template(self, number: int, code: int, rest: bytes) -> bytes:
        name = msgspec.json.encode(self._spelling.get(code, self._listings[code].code)).replace(b"%", b"%%")
        return b'{"cmd_id":%d,"data":{"code":%s,"seq":%%d,"tick_time":%%d,' % (number, name) + rest + b"}}"
