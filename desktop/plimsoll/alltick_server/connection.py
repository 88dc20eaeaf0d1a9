"""One websocket connection: requests in, answers and pushes out, AllTick's rules between."""

import asyncio
import math
import time
from typing import Annotated

import msgspec
from aiohttp import WSMsgType, web

from plimsoll.alltick_server.frame import Json, ws_frame
from plimsoll.alltick_server.listing import Group
from plimsoll.alltick_server.pacing import ARRIVAL_JITTER_S
from plimsoll.alltick_server.subscription import Subscription
from plimsoll.alltick_server.venue import (
    DATA_TEXT,
    HEADER_TEXT,
    LEVEL_TOO_LOW,
    OK,
    TEXT_BY_RET,
    TOO_MANY,
    TOO_MANY_CLOSING,
    Venue,
)

HEARTBEAT, SUBSCRIBE_BOOKS, SUBSCRIBE_TRADES, CANCEL = 22000, 22002, 22004, 22006
_REQUESTS = frozenset({HEARTBEAT, SUBSCRIBE_BOOKS, SUBSCRIBE_TRADES, CANCEL})
_CANCEL_ALL, _CANCEL_BOOKS, _CANCEL_TRADES, _CANCEL_RATES = 0, 1, 2, 3
_TRACE_LENGTH = 64
_NO_ANSWER = 0
#: Past so many unread bytes a client is waited for; what is due stays due, in order.
_HIGH_WATER_BYTES = 4 << 20


class Request(msgspec.Struct):
    """The envelope of what a client sends; a heartbeat may leave out its trace and data (protocol 2.3)."""

    cmd_id: int = 0
    # A uint32 by the documents; many send milliseconds since 1970, and are served.
    seq_id: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] = 0
    trace: str | None = None
    data: object = None

    @property
    def is_whole(self) -> bool:
        """Say whether the envelope is one AllTick would read."""
        if self.cmd_id == HEARTBEAT:
            return len(self.trace or "") <= _TRACE_LENGTH
        return self.cmd_id in _REQUESTS and self.trace is not None and len(self.trace) <= _TRACE_LENGTH


class Wanted(msgspec.Struct):
    """One line of a subscription."""

    code: str
    depth_level: int | None = None


class SymbolList(msgspec.Struct):
    """The `data` of a subscription."""

    symbol_list: list[Wanted]


class Cancel(msgspec.Struct):
    """The `data` of a cancellation."""

    cancel_type: int


class Refused(Exception):
    """A request that is answered with a `ret` other than 200."""

    def __init__(self, ret: int, text: str | None = None) -> None:
        super().__init__(ret)
        self.ret = ret
        self.text = text or TEXT_BY_RET[ret]


class Connection:
    """One client's websocket, open until it closes or breaks a rule."""

    def __init__(
        self, venue: Venue, group: Group, socket: web.WebSocketResponse, transport: asyncio.Transport
    ) -> None:
        self._venue, self._group, self._socket, self._transport = venue, group, socket, transport
        self.tally = venue.opened(group)
        self.subscription = Subscription(venue, self.tally)
        self._last_request_s = -math.inf
        self.last_heartbeat_s = time.monotonic()

    async def serve(self) -> None:
        """Read requests until the connection ends."""
        try:
            async for message in self._socket:
                if "stall" in self._venue.faults.switches:
                    continue
                if message.type in {WSMsgType.TEXT, WSMsgType.BINARY} and not await self._take(message.data):
                    break
        finally:
            self.tally.is_open = False

    def pump(self, elapsed_ns: int | None) -> bool:
        """Send what is due and say whether more is waiting."""
        switches = self._venue.faults.switches
        if (
            elapsed_ns is None
            or "stall" in switches
            or not self.tally.is_open
            or self._transport.is_closing()
        ):
            return False
        if self._transport.get_write_buffer_size() > _HIGH_WATER_BYTES:
            return False
        frames, more = self.subscription.due(elapsed_ns, is_silent="silence" in switches)
        if frames:
            # Many frames a write: one system call a glance at the market instead of one a tick.
            self._transport.write(b"".join(frames))
        return more

    def cut(self) -> None:
        """Drop the connection without a close frame."""
        self.tally.is_open = False
        self._transport.abort()

    async def close(self) -> None:
        """End the connection with a close frame."""
        self.tally.is_open = False
        await self._socket.close(code=self._venue.readings.close_code)

    def _send(self, answer: Json) -> None:
        if not self._transport.is_closing():
            self._transport.write(ws_frame(msgspec.json.encode(answer)))

    async def _take(self, raw: str | bytes) -> bool:
        """Answer one request and say whether the connection lives on."""
        try:
            request = msgspec.json.decode(raw, type=Request)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            request = None
        if request is None or not request.is_whole:
            self._last_request_s = time.monotonic()
            self._send(_answer(Request(), self._venue.bad_request(HEADER_TEXT), HEADER_TEXT))
            return True
        ret, text = self._pace(request), ""
        if ret == _NO_ANSWER:
            return True
        if ret == OK:
            try:
                self._obey(request)
            except Refused as refused:
                ret, text = refused.ret, refused.text
        self._send(_answer(request, ret, text or TEXT_BY_RET[ret]))
        if ret == TOO_MANY_CLOSING:
            await self.close()
            return False
        if ret == OK and self._venue.readings.snapshot == "yes":
            self._send_snapshot(request.cmd_id)
        return True

    def _pace(self, request: Request) -> int:
        """Return the `ret` the pacing rules give a request: 200, 605, 606, or none at all."""
        venue, now_s = self._venue, time.monotonic()
        if request.cmd_id == HEARTBEAT:
            self.last_heartbeat_s = now_s
            if venue.readings.heartbeat_counts == "no":
                return OK
        for name, ret in (("answer_605", TOO_MANY), ("answer_606", TOO_MANY_CLOSING)):
            if venue.faults.strikes(name):
                return ret
        is_too_fast = now_s - self._last_request_s < venue.pacing.gate_s - ARRIVAL_JITTER_S
        self._last_request_s = now_s
        other, when_s = venue.last_request
        venue.last_request = (self.tally.id, now_s)
        if venue.readings.reconnect_gap == "on" and other != self.tally.id:
            is_too_fast |= now_s - when_s < venue.pacing.cross_connection_s - ARRIVAL_JITTER_S
        if not is_too_fast:
            return OK
        return {"606": TOO_MANY_CLOSING, "605": TOO_MANY, "silent": _NO_ANSWER}[venue.readings.too_fast]

    def _obey(self, request: Request) -> None:
        if request.cmd_id == CANCEL:
            self._cancel(request)
        elif request.cmd_id in {SUBSCRIBE_BOOKS, SUBSCRIBE_TRADES}:
            wanted = self._wanted(request)
            spelling = {position: item.code for position, item in wanted.items()}
            if request.cmd_id == SUBSCRIBE_TRADES:
                self.subscription.take_trades(spelling)
            else:
                self.subscription.take_books(
                    spelling, {position: self._depth(position, item) for position, item in wanted.items()}
                )
            self._begin()

    def _wanted(self, request: Request) -> dict[int, Wanted]:
        """Return what a list asks for, by position; the first N of the plan, each code once."""
        venue = self._venue
        try:
            items = msgspec.convert(request.data, SymbolList).symbol_list
        except msgspec.ValidationError:
            raise self._bad_data() from None
        if not items and venue.readings.empty_list == "error":
            raise self._bad_data()
        wanted: dict[int, Wanted] = {}
        for item in items:
            ret = venue.refusal_of(item.code, self._group)
            position = venue.position(item.code)
            if ret != OK or position is None:
                if venue.readings.bad_code == "whole":
                    raise Refused(ret)
                continue
            wanted.setdefault(position, item)
        if len(wanted) > venue.n_ws_codes:
            if venue.readings.too_many_codes == "603":
                raise Refused(LEVEL_TOO_LOW)
            wanted = dict(list(wanted.items())[: venue.n_ws_codes])
        return wanted

    def _depth(self, position: int, item: Wanted) -> int:
        """Return how many levels are sent: what was asked for, as far as the market has them."""
        listing = self._venue.market.listings[position]
        if listing.group == "other" and self._venue.readings.fx_books == "silent":
            return 0
        n_levels = listing.habit.n_levels
        if item.depth_level is None:
            return 1 if self._venue.readings.omitted_depth == "one" else n_levels
        return max(1, min(item.depth_level, n_levels))

    def _cancel(self, request: Request) -> None:
        try:
            cancel_type = msgspec.convert(request.data, Cancel).cancel_type
        except msgspec.ValidationError:
            raise self._bad_data() from None
        # Type 3 was once an exchange-rate subscription: taken, without effect.
        if cancel_type not in {_CANCEL_ALL, _CANCEL_BOOKS, _CANCEL_TRADES, _CANCEL_RATES}:
            raise self._bad_data()
        if cancel_type in {_CANCEL_ALL, _CANCEL_BOOKS}:
            self.subscription.take_books({}, {})
        if cancel_type in {_CANCEL_ALL, _CANCEL_TRADES}:
            self.subscription.take_trades({})

    def _begin(self) -> None:
        """Start the market on its first subscription, and this connection's stream where the market is."""
        if self._venue.elapsed_ns is None:
            if self.subscription.is_empty:
                return
            self.subscription.join(0)  # nothing of the first day is missed
            self._venue.start()
        self.subscription.join(self._venue.elapsed_ns or 0)

    def _send_snapshot(self, cmd_id: int) -> None:
        elapsed_ns = self._venue.elapsed_ns
        if elapsed_ns is not None and cmd_id in {SUBSCRIBE_BOOKS, SUBSCRIBE_TRADES}:
            for text in self.subscription.snapshot(elapsed_ns, is_book=cmd_id == SUBSCRIBE_BOOKS):
                self._transport.write(ws_frame(text))

    def _bad_data(self) -> Refused:
        return Refused(self._venue.bad_request(DATA_TEXT), DATA_TEXT)


def _answer(request: Request, ret: int, text: str) -> Json:
    number = 0 if request.cmd_id == 0 else request.cmd_id + 1
    return {
        "ret": ret,
        "msg": text,
        "cmd_id": number,
        "seq_id": request.seq_id,
        "trace": request.trace or "",
        "data": {},
    }
