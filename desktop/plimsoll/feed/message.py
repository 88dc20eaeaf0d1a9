"""AllTick's frames as typed messages: strictly where it is fast, leniently where it must be."""

import json
import math
from collections.abc import Iterable

import msgspec

BEAT, BEAT_ANSWER = 22000, 22001
SUBSCRIBE_DEPTH, SUBSCRIBE_TRADES, CANCEL = 22002, 22004, 22006
TRADE_PUSH, DEPTH_PUSH = 22998, 22999
CANCEL_DEPTH, CANCEL_TRADES = 1, 2
OK = 200

# One and the same NaN everywhere: hash and equality of repeats then see it as the same unknown.
NAN = math.nan


class BadFrame(ValueError):
    """A frame that is no JSON object: counted, and otherwise ignored."""


class Level(msgspec.Struct, gc=False):
    """One price level of a book."""

    price: float = NAN
    volume: float = NAN


class Fields(msgspec.Struct, gc=False):
    """The ``data`` of a push; what is missing or unreadable is NaN, 0 or empty."""

    code: str = ""
    seq: int = 0
    tick_time: int = 0
    price: float = NAN
    volume: float = NAN
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()


class Message(msgspec.Struct, gc=False):
    """One frame: an answer when it has `ret`, a push otherwise."""

    cmd_id: int = -1
    data: Fields = msgspec.field(default_factory=Fields)
    ret: int | None = None
    seq_id: int | None = None
    trace: str | None = None


# Raises msgspec.MsgspecError, UnicodeDecodeError or RecursionError, and nothing else whatever the bytes.
decode_swiftly = msgspec.json.Decoder(Message, strict=False).decode


def decode_leniently(frame: bytes) -> list[Message]:
    """Return the messages of a frame whose fields are not what they should be.

    Numbers may be strings, strings numbers, fields empty or missing, and several objects may share an
    array. The types of ``seq`` and ``tick_time`` changed once without notice, and a strict check dropped
    every tick of a user's feed.

    Raises
    ------
    BadFrame
        If the frame is neither a JSON object nor an array with only objects in it.
    """
    try:
        decoded = json.loads(frame)
    except (ValueError, RecursionError) as why:
        # The frame itself stays out of the message: an error text of the server may quote the token.
        raise BadFrame(f"a frame of {len(frame)} bytes was no JSON ({type(why).__name__})") from None
    objects = decoded if isinstance(decoded, list) else [decoded]
    if not all(isinstance(each, dict) for each in objects):
        raise BadFrame(f"a frame of {len(frame)} bytes was JSON, but no object")
    return [_message(each) for each in objects]


def number(value: object) -> float:
    """Return a number given as number or string; NaN for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return NAN
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return NAN
    return NAN if math.isnan(found) else found


def whole_number(value: object) -> int:
    """Return a whole number given as number or string; 0 for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
    found = number(value)
    return int(found) if math.isfinite(found) else 0


def encode_request(cmd_id: int, seq_id: int, trace: str, content: dict[str, object]) -> str:
    """Return one frame to send."""
    return msgspec.json.encode({"cmd_id": cmd_id, "seq_id": seq_id, "trace": trace, "data": content}).decode()


def _message(found: dict[str, object]) -> Message:
    content = found.get("data")
    ret = found.get("ret")
    trace = found.get("trace")
    return Message(
        cmd_id=whole_number(found.get("cmd_id", -1)),
        data=_fields(content) if isinstance(content, dict) else Fields(),
        ret=None if ret is None else whole_number(ret),
        seq_id=whole_number(found.get("seq_id")),
        trace=trace if isinstance(trace, str) else None,
    )


def _fields(found: dict[str, object]) -> Fields:
    code = found.get("code")
    return Fields(
        code=code if isinstance(code, str) else "",
        seq=whole_number(found.get("seq")),
        tick_time=whole_number(found.get("tick_time")),
        price=number(found.get("price")),
        volume=number(found.get("volume")),
        bids=tuple(_levels(found.get("bids"))),
        asks=tuple(_levels(found.get("asks"))),
    )


def _levels(found: object) -> Iterable[Level]:
    for each in found if isinstance(found, list) else []:
        if isinstance(each, dict):
            yield Level(number(each.get("price")), number(each.get("volume")))
