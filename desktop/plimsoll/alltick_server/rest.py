"""AllTick's classic REST: bars, newest trades, newest books, what a share is."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import msgspec
from aiohttp import web

from plimsoll.alltick_server.frame import REST, Json, book_fields, money_fields, trade_fields
from plimsoll.alltick_server.kline import NOT_FOR_STOCKS, TYPES
from plimsoll.alltick_server.listing import Group, Listing
from plimsoll.alltick_server.market import NS_PER_S, Bar, newest
from plimsoll.alltick_server.rest_allowance import RestAllowance
from plimsoll.alltick_server.venue import (
    BODY_EMPTY,
    DATA_TEXT,
    HEADER_TEXT,
    LEVEL_TOO_LOW,
    OK,
    QUERY_INVALID,
    RATE_LIMIT,
    TEXT_BY_RET,
    TOKEN_INVALID,
    TOO_MANY,
    Venue,
)

BASES: dict[str, Group] = {"/quote-stock-b-api": "stock", "/quote-b-api": "other"}
_MOST_BARS = 500
_YEAR_S = 365.25 * 86_400
#: Larger bar ends are milliseconds; users got data with either.
_FIRST_MS = 100_000_000_000


class Envelope(msgspec.Struct):
    """What every call carries."""

    trace: str
    data: msgspec.Raw


class BarsWanted(msgspec.Struct):
    """The `data` of /kline, one line of /batch-kline's."""

    code: str
    kline_type: int
    query_kline_num: int
    kline_timestamp_end: Annotated[int, msgspec.Meta(ge=0, lt=2**53)] = 0
    adjust_type: int = 0


class Batch(msgspec.Struct):
    """The `data` of /batch-kline."""

    data_list: list[BarsWanted]


class CodeWanted(msgspec.Struct):
    """One line of a symbol list; `depth_level` is one client's habit."""

    code: str
    depth_level: int | None = None


class Symbols(msgspec.Struct):
    """The `data` of the calls that name codes."""

    symbol_list: list[CodeWanted]


class CallRefused(Exception):
    """A call that is answered with a `ret` other than 200."""

    def __init__(self, ret: int, text: str | None = None, status: int = 200) -> None:
        super().__init__(ret)
        self.ret, self.status = ret, status
        self.text = text or TEXT_BY_RET[ret]


Answer = Callable[[bytes, Group], Json]
_T = TypeVar("_T")


class Rest:
    """The calls of both bases."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._allowance = RestAllowance(venue.plan, venue.pacing)
        self._dice = random.Random(venue.seed)

    def routes(self) -> list[web.RouteDef]:
        """Return every path of both bases; /static_info exists on the stock base only."""
        routes = []
        for base, group in BASES.items():
            calls: dict[str, Answer] = {
                "kline": self.kline,
                "trade-tick": self.trade_tick,
                "depth-tick": self.depth_tick,
            }
            if group == "stock":
                calls["static_info"] = self.static_info
            routes += [
                web.get(f"{base}/{name}", self._handler(name, call, group)) for name, call in calls.items()
            ]
            routes.append(
                web.post(f"{base}/batch-kline", self._handler("batch-kline", self.batch_kline, group))
            )
        return routes

    def _handler(
        self, endpoint: str, call: Answer, group: Group
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answered(request: web.Request) -> web.StreamResponse:
            while "rest_stall" in self._venue.faults.switches:  # noqa: ASYNC110  lifted by the side channel, not by an event
                await asyncio.sleep(self._venue.pacing.pump_s)
            token = request.query.get("token", "")
            if not self._venue.accepts(token):
                text = TEXT_BY_RET[TOKEN_INVALID] if token else "token is required"
                return _json({"msg": text, "ret": TOKEN_INVALID}, status=401)
            trace = ""
            try:
                self._admit(endpoint)
                raw = (
                    await request.read()
                    if request.method == "POST"
                    else request.query.get("query", "").encode()
                )
                envelope = _opened(raw, is_body=request.method == "POST")
                trace = envelope.trace
                data = call(bytes(envelope.data), group)
            except CallRefused as refused:
                ret = refused.ret if refused.ret != 400 else self._venue.bad_request(refused.text)
                return _json(
                    {"ret": ret, "msg": refused.text, "trace": trace, "data": {}}, status=refused.status
                )
            return _json({"ret": OK, "msg": TEXT_BY_RET[OK], "trace": trace, "data": data})

        return answered

    def _admit(self, endpoint: str) -> None:
        faults = self._venue.faults
        if faults.strikes("rest_429"):
            raise CallRefused(RATE_LIMIT, status=429)
        if faults.strikes("rest_605"):
            raise CallRefused(TOO_MANY)
        if not self._allowance.grants(endpoint, time.monotonic()):
            raise CallRefused(int(self._venue.readings.rest_limit_ret), status=429)

    def kline(self, raw: bytes, group: Group) -> Json:
        """Answer /kline."""
        wanted = _data(raw, BarsWanted)
        return {"code": wanted.code, "kline_type": wanted.kline_type, "kline_list": self._bars(wanted, group)}

    def batch_kline(self, raw: bytes, group: Group) -> Json:
        """Answer /batch-kline: the newest one or two bars of many codes."""
        groups = _data(raw, Batch).data_list
        if any(one.query_kline_num not in {1, 2} for one in groups):
            raise CallRefused(400, DATA_TEXT)
        groups = self._cut(groups, self._venue.plan.n_batch_groups)
        return {
            "kline_list": [
                {"code": one.code, "kline_type": one.kline_type, "kline_data": self._bars(one, group)}
                for one in groups
            ]
        }

    def trade_tick(self, raw: bytes, group: Group) -> Json:
        """Answer /trade-tick: the newest trade of each code."""
        found = []
        for position, _ in self._positions(raw, group):
            listing = self._venue.market.listings[position]
            elapsed_ns = self._venue.elapsed_ns
            place = (
                None
                if elapsed_ns is None
                else newest(self._venue.market, position, elapsed_ns, is_book=False)
            )
            if place is not None:
                found.append(trade_fields(listing, place.chunk, place.row, REST))
                continue
            closed = self._venue.market.earlier_close(position, self._venue.exchange_time_ns)
            if closed is not None:
                found.append(_closing_trade(listing, *closed))
        return {"tick_list": found}

    def depth_tick(self, raw: bytes, group: Group) -> Json:
        """Answer /depth-tick: the newest whole book of each code that has one."""
        found = []
        for position, wanted in self._positions(raw, group):
            listing = self._venue.market.listings[position]
            elapsed_ns = self._venue.elapsed_ns
            place = (
                None if elapsed_ns is None else newest(self._venue.market, position, elapsed_ns, is_book=True)
            )
            if place is not None:
                depth = max(1, wanted.depth_level or listing.habit.n_levels)
                found.append(book_fields(listing, place.chunk, place.row, depth, REST))
        return {"tick_list": found}

    def static_info(self, raw: bytes, group: Group) -> Json:
        """Answer /static_info; what no bundled source says is an empty string."""
        listings = [self._venue.market.listings[position] for position, _ in self._positions(raw, group)]
        return {"static_info_list": [_static(listing) for listing in listings]}

    def _positions(self, raw: bytes, group: Group) -> list[tuple[int, CodeWanted]]:
        wanted = self._cut(_data(raw, Symbols).symbol_list, self._venue.plan.n_rest_codes)
        found = []
        for one in wanted:
            position = self._position(one.code, group)
            if position is not None:
                found.append((position, one))
        return found

    def _position(self, code: str, group: Group) -> int | None:
        """Return where a code stands; an unknown one refuses the whole call, or is skipped."""
        ret = self._venue.refusal_of(code, group)
        if ret == OK:
            return self._venue.position(code)
        if self._venue.readings.bad_code == "skip":
            return None
        raise CallRefused(ret)

    def _cut(self, wanted: list[_T], n: int) -> list[_T]:
        if len(wanted) > n and self._venue.readings.too_many_codes == "603":
            raise CallRefused(LEVEL_TOO_LOW)
        return wanted[:n]

    def _bars(self, wanted: BarsWanted, group: Group) -> list[Json]:
        position = self._position(wanted.code, group)
        is_stock = group == "stock"
        if wanted.kline_type not in TYPES or (is_stock and wanted.kline_type in NOT_FOR_STOCKS):
            raise CallRefused(400, DATA_TEXT)
        if wanted.query_kline_num < 1 or (is_stock and wanted.kline_timestamp_end != 0):
            raise CallRefused(400, DATA_TEXT)
        if position is None:
            return []
        end = wanted.kline_timestamp_end
        end_s = None if end == 0 else end // 1000 if end >= _FIRST_MS else end
        now_ns = self._venue.exchange_time_ns
        n = min(wanted.query_kline_num, _MOST_BARS, self._venue.plan.n_history_bars)
        bars = self._venue.market.bars(position, wanted.kline_type, now_ns, end_s, n + 1)
        faults = self._venue.faults.switches
        if (
            bars
            and bars[-1].is_forming
            and ("no_forming_bar" in faults or self._venue.readings.forming_bar == "no")
        ):
            bars.pop()
        oldest_s = now_ns // NS_PER_S - self._venue.plan.history_years * _YEAR_S
        rows = [
            _bar_fields(self._venue.market.listings[position], bar)
            for bar in bars[-n:]
            if bar.start_s >= oldest_s
        ]
        if "shuffled_bars" in faults or self._venue.readings.bar_order == "shuffled":
            rows += self._dice.sample(rows, min(len(rows), 3))
            self._dice.shuffle(rows)
        return rows


def _opened(raw: bytes, *, is_body: bool) -> Envelope:
    if is_body and not raw.strip():
        raise CallRefused(BODY_EMPTY)
    try:
        msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise CallRefused(400 if is_body else QUERY_INVALID, HEADER_TEXT if is_body else None) from None
    try:
        envelope = msgspec.json.decode(raw, type=Envelope)
    except msgspec.ValidationError:
        raise CallRefused(400, HEADER_TEXT) from None
    if len(envelope.trace) > 64:
        raise CallRefused(400, HEADER_TEXT)
    return envelope


def _data(raw: bytes, kind: type[_T]) -> _T:
    try:
        # Numbers sent as strings are taken too, as AllTick does.
        return msgspec.json.decode(raw, type=kind, strict=False)
    except msgspec.ValidationError:
        raise CallRefused(400, DATA_TEXT) from None


def _json(answer: Json, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(answer), status=status, content_type="application/json")


def _bar_fields(listing: Listing, bar: Bar) -> Json:
    fields: Json = {"timestamp": str(bar.start_s), "open_price": f"{bar.open:.{listing.decimals}f}"}
    fields["close_price"] = listing.text(bar.close)
    fields |= {
        "high_price": f"{bar.high:.{listing.decimals}f}",
        "low_price": f"{bar.low:.{listing.decimals}f}",
    }
    return fields | money_fields(listing, bar.volume, bar.turnover, REST)


def _closing_trade(listing: Listing, time_ms: int, price: float) -> Json:
    head: Json = {"code": listing.code, "seq": str(time_ms // 1000), "tick_time": str(time_ms)}
    return head | {"price": listing.text(price), "volume": "0", "turnover": "0", "trade_direction": 0}


def _static(listing: Listing) -> Json:
    code = listing.code
    boards = {"share": "USMain", "hk_share": "HKEquity", "a_share": "", "market_index": "USSector"}
    unknown = ("total_shares", "circulating_shares", "hk_shares", "eps", "eps_ttm", "bps", "dividend_yield")
    known: Json = {
        "symbol": code,
        "name_en": listing.name,
        "name_cn": "",
        "name_hk": "",
        "exchange": listing.exchange,
    }
    known |= {"currency": listing.currency, "lot_size": "1", "board": boards.get(listing.asset_class, "")}
    return known | dict.fromkeys(unknown, "")
