"""AllTick's REST calls: history, last prices and the facts about shares."""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from plimsoll.domain.tick import DepthBook
from plimsoll.domain.units import NS_PER_MS
from plimsoll.feed.address import Address, Door, door_of
from plimsoll.feed.backoff import Backoff
from plimsoll.feed.daily_bars import Bar, DailyBars, daily_bars, in_order
from plimsoll.feed.gate import Gate
from plimsoll.feed.message import number, whole_number

DAY_BARS = 8
MOST_BARS = 500
MOST_CODES = 50
_SECONDS_BELOW = 100_000_000_000
_LARGEST_ANSWER_BYTES = 16 * 1024 * 1024
_N_TRIES = 5
_N_PAGES = 40
_OK = 200
_TOKEN_REFUSED = {401, 403}
_RATE_LIMITED = {429, 606}
_FINAL = {201, 202, 400, 402, 600, 601, 603, 604}
_REASON_BY_RET = {
    400: "AllTick could not read the call",
    402: "AllTick could not read the query",
    201: "AllTick could not read the call",
    202: "AllTick could not read the call",
    600: "AllTick does not know the code",
    601: "AllTick does not allow the product",
    603: "the plan is too small for the call",
    604: "the plan does not cover the code",
}


class CallRefused(RuntimeError):
    """AllTick said no, and would say it again.

    Attributes
    ----------
    ret : int
        AllTick's number, or the HTTP status where there was none.
    """

    def __init__(self, ret: int) -> None:
        super().__init__(f"{_REASON_BY_RET.get(ret, 'AllTick refused the call')} ({ret})")
        self.ret = ret


class TokenRefused(RuntimeError):
    """The token is wrong, missing or expired: ask for a new one."""


class CallFailed(RuntimeError):
    """No usable answer after several tries."""


class CallCancelled(RuntimeError):
    """The stop event was set."""


@dataclass(frozen=True, slots=True)
class LastTrade:
    """The newest trade of a code.

    Attributes
    ----------
    code : str
        The instrument.
    price, volume : float
        NaN unknown.
    exchange_time_ns : int
        When the market says.
    seq : int
        AllTick's opaque number.
    """

    code: str
    price: float
    volume: float
    exchange_time_ns: int
    seq: int


@dataclass(frozen=True, slots=True)
class ShareFacts:
    """What AllTick knows of a share; sectors it does not.

    Attributes
    ----------
    code, name, exchange, currency, board : str
        Empty where AllTick has nothing.
    lot : float
        Shares a lot; NaN unknown.
    total_shares, circulating_shares : float
        NaN unknown.
    """

    code: str
    name: str
    exchange: str
    currency: str
    board: str
    lot: float
    total_shares: float
    circulating_shares: float


class AllTickRest:
    """Calls AllTick one at a time, at the pace of the token's plan.

    Every call blocks its thread, may be cancelled by `stop`, and raises CallCancelled, CallFailed,
    CallRefused or TokenRefused, none of which ever quotes the URL, the token or the server's own words.

    Parameters
    ----------
    gate : Gate
        Shared by all that uses the token.
    token : callable
        Returns the token; asked anew for each call and never kept.
    stop : Event
        Ends waiting at once, and a call in flight within its time-out of five seconds.
    address : Address
        Where AllTick is.
    may_be_negative : collection of str
        Codes whose price may be below zero.
    """

    def __init__(
        self,
        gate: Gate,
        token: Callable[[], str],
        stop: threading.Event,
        *,
        address: Address | None = None,
        may_be_negative: Collection[str] = (),
    ) -> None:
        self._gate = gate
        self._token = token
        self._stop = stop
        self._address = address or Address()
        self._may_be_negative = frozenset(may_be_negative)
        self._n_calls = 0
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
        if self._address.is_loopback:
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def kline(self, code: str, kline_type: int, count: int, *, end_s: int = 0) -> list[Bar]:
        """Return the newest `count` bars, at most 500, oldest first.

        Other than 0, `end_s` asks for bars up to that second; AllTick has no such bars for shares.
        """
        found = self._get(door_of(code), "/kline", _bars_wanted(code, kline_type, count, end_s))
        return in_order(self._bars(code, found.get("kline_list")))

    def batch_kline(self, codes: Sequence[str], kline_type: int, count: int = 2) -> dict[str, list[Bar]]:
        """Return the newest one or two bars of many codes, oldest first; codes without bars are absent."""
        found: dict[str, list[Bar]] = {}
        for door, group in _by_door(codes, self._gate.plan.batch_groups):
            listed = [_bars_wanted(code, kline_type, count, 0) for code in group]
            answer = self._post(door, "/batch-kline", {"data_list": listed})
            for each in _objects(answer.get("kline_list")):
                code = str(each.get("code"))
                bars = in_order(self._bars(code, each.get("kline_data")))
                if bars:
                    found[code] = bars
        return found

    def trade_tick(self, codes: Sequence[str]) -> list[LastTrade]:
        """Return the last trade of each code that has one."""
        return [
            LastTrade(
                code=str(each.get("code")),
                price=number(each.get("price")),
                volume=number(each.get("volume")),
                exchange_time_ns=_time_ns(each.get("tick_time")),
                seq=whole_number(each.get("seq")),
            )
            for each in self._of_codes(codes, "/trade-tick", "tick_list")
            if self._is_price(str(each.get("code")), number(each.get("price")))
        ]

    def depth_tick(self, codes: Sequence[str]) -> list[DepthBook]:
        """Return the order book of each code that has one."""
        return [
            DepthBook(
                code=str(each.get("code")),
                bids=self._side(each, "bids"),
                asks=self._side(each, "asks"),
                exchange_time_ns=_time_ns(each.get("tick_time")),
                received_time_ns=time.time_ns(),
            )
            for each in self._of_codes(codes, "/depth-tick", "tick_list")
        ]

    def static_info(self, codes: Sequence[str]) -> list[ShareFacts]:
        """Return what AllTick knows of these shares; codes of other markets are left out."""
        shares = [code for code in codes if door_of(code) is Door.STOCKS]
        return [
            ShareFacts(
                code=_text(each, "symbol"),
                name=_text(each, "name_en"),
                exchange=_text(each, "exchange"),
                currency=_text(each, "currency"),
                board=_text(each, "board"),
                lot=number(each.get("lot_size")),
                total_shares=number(each.get("total_shares")),
                circulating_shares=number(each.get("circulating_shares")),
            )
            for each in self._of_codes(shares, "/static_info", "static_info_list")
        ]

    def daily_bars(self, code: str, n_weekdays: int, *, formed_before_ns: int | None = None) -> DailyBars:
        """Return the newest days of `code`, enough for `n_weekdays` weekdays if AllTick has them.

        Shares come in one answer of at most 500 bars; everything else is paged back. With
        `formed_before_ns`, exchange time now, the day that still changes is left out.
        """
        is_share = door_of(code) is Door.STOCKS
        # Crypto trades on weekends too; a few more for holidays and the forming day.
        count = min(MOST_BARS, n_weekdays + 2 if is_share else n_weekdays * 7 // 5 + 4)
        bars = self.kline(code, DAY_BARS, count)
        days = daily_bars(code, bars, formed_before_ns=formed_before_ns)
        for _ in range(0 if is_share else _N_PAGES):
            if not bars or days.n_weekdays >= n_weekdays:
                break
            older = self.kline(code, DAY_BARS, MOST_BARS, end_s=bars[0].start_s - 1)
            if not older or older[0].start_s >= bars[0].start_s:
                break
            bars = in_order((*older, *bars))
            days = daily_bars(code, bars, formed_before_ns=formed_before_ns)
        return days

    def _of_codes(self, codes: Sequence[str], path: str, key: str) -> Iterator[dict[str, Any]]:
        for door, group in _by_door(codes, MOST_CODES):
            answer = self._get(door, path, {"symbol_list": [{"code": code} for code in group]})
            yield from _objects(answer.get(key))

    def _bars(self, code: str, found: object) -> Iterator[Bar]:
        for each in _objects(found):
            bar = Bar(
                start_s=_time_ns(each.get("timestamp")) // 1_000_000_000,
                open=number(each.get("open_price")),
                high=number(each.get("high_price")),
                low=number(each.get("low_price")),
                close=number(each.get("close_price")),
                volume=number(each.get("volume")),
            )
            if bar.start_s > 0 and self._is_price(code, bar.close):
                yield bar

    def _side(self, found: Mapping[str, object], key: str) -> tuple[tuple[float, float], ...]:
        levels = [
            (number(each.get("price")), number(each.get("volume"))) for each in _objects(found.get(key))
        ]
        held = [level for level in levels if self._is_price(str(found.get("code")), level[0])]
        return tuple(sorted(held, key=lambda level: level[0], reverse=key == "bids"))

    def _is_price(self, code: str, price: float) -> bool:
        lowest = float("-inf") if code in self._may_be_negative else 0.0
        return lowest < price < float("inf") and price != 0.0

    def _get(self, door: Door, path: str, content: dict[str, Any]) -> dict[str, Any]:
        query = quote(json.dumps(self._envelope(content), separators=(",", ":")), safe="")
        return self._call(
            path, lambda token: _request(f"{self._url(door, path)}?token={token}&query={query}")
        )

    def _post(self, door: Door, path: str, content: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(self._envelope(content), separators=(",", ":")).encode()
        return self._call(path, lambda token: _request(f"{self._url(door, path)}?token={token}", body))

    def _envelope(self, content: dict[str, Any]) -> dict[str, Any]:
        self._n_calls += 1
        return {"trace": f"r-{self._n_calls}", "data": content}

    def _url(self, door: Door, path: str) -> str:
        return self._address.call_url(door, path)

    def _call(self, path: str, build: Callable[[str], urllib.request.Request]) -> dict[str, Any]:
        pacing = self._gate.pacing
        backoff = Backoff(pacing.backoff_floor_s, pacing.backoff_cap_s)
        trouble = ""
        wait_s = 0.0
        for _ in range(_N_TRIES):
            self._pause(wait_s)
            self._pass_gate(path)
            try:
                ret, content = self._fetch(build)
            except _NoAnswer as why:
                ret, content, trouble = 0, {}, str(why)
            if ret == _OK:
                return content
            if ret in _TOKEN_REFUSED:
                raise TokenRefused(f"AllTick refused the token ({ret}): enter a new one")
            if ret in _FINAL:
                raise CallRefused(ret)
            trouble = f"AllTick answered {ret}" if ret else trouble
            wait_s = backoff.next_wait_s(pacing.rate_limited_wait_s if ret in _RATE_LIMITED else 0.0)
        raise CallFailed(f"{path} brought nothing in {_N_TRIES} tries ({trouble})")

    def _pass_gate(self, path: str) -> None:
        while wait_s := self._gate.claim_call(path, time.monotonic()):
            self._pause(wait_s)

    def _pause(self, wait_s: float) -> None:
        if self._stop.wait(wait_s):
            raise CallCancelled("the call was cancelled")

    def _fetch(self, build: Callable[[str], urllib.request.Request]) -> tuple[int, dict[str, Any]]:
        token = self._token()
        if not token:
            raise TokenRefused("there is no token: enter one")
        try:
            request = build(quote(token, safe=""))
            with self._opener.open(request, timeout=self._gate.pacing.connect_wait_s) as answer:
                status, body = answer.status, answer.read(_LARGEST_ANSWER_BYTES)
        except urllib.error.HTTPError as answer:
            with answer:
                status, body = answer.code, _rest_of(answer)
        except (OSError, http.client.HTTPException, ValueError) as why:
            # Never its text: some of them quote the URL.
            raise _NoAnswer(type(why).__name__) from None
        return _ret_of(status, body)


class _NoAnswer(Exception):
    """The call brought no answer at all."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    # A redirect would carry the token to whomever it names.
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _request(url: str, body: bytes | None = None) -> urllib.request.Request:
    headers = {"Content-Type": "application/json"} if body is not None else {}
    return urllib.request.Request(url, data=body, headers=headers)  # noqa: S310  Address allows http and https only


def _rest_of(answer: urllib.error.HTTPError) -> bytes:
    try:
        return answer.read(_LARGEST_ANSWER_BYTES)
    except (OSError, http.client.HTTPException):
        return b""


def _ret_of(status: int, body: bytes) -> tuple[int, dict[str, Any]]:
    # HTTP status and `ret` need not agree; AllTick's own word counts where there is one.
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or "ret" not in answer:
        return (status if status != _OK else 0), {}
    content = answer.get("data")
    return whole_number(answer["ret"]), content if isinstance(content, dict) else {}


def _bars_wanted(code: str, kline_type: int, count: int, end_s: int) -> dict[str, Any]:
    return {
        "code": code,
        "kline_type": kline_type,
        "kline_timestamp_end": end_s,
        "query_kline_num": min(count, MOST_BARS),
        "adjust_type": 0,
    }


def _by_door(codes: Iterable[str], most: int) -> Iterator[tuple[Door, list[str]]]:
    for door in Door:
        group = [code for code in codes if door_of(code) is door]
        for first in range(0, len(group), most):
            yield door, group[first : first + most]


def _objects(found: object) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(found: Mapping[str, object], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


def _time_ns(value: object) -> int:
    stamp = whole_number(value)
    return (stamp * 1000 if abs(stamp) < _SECONDS_BELOW else stamp) * NS_PER_MS
