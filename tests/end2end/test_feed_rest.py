"""History and last prices from a real AllTick server on loopback, at a twentieth of the durations."""

import http.server
import json
import math
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from plimsoll.alltick_server.pacing import Pacing as ServerPacing
from plimsoll.alltick_server.reading import Readings
from plimsoll.alltick_server.running_server import ServeOptions
from plimsoll.alltick_server.server_thread import ServerThread
from plimsoll.feed.address import Address
from plimsoll.feed.alltick_rest import AllTickRest, CallCancelled, CallFailed, CallRefused, TokenRefused
from plimsoll.feed.daily_bars import DailyBars
from plimsoll.feed.gate import Gate
from plimsoll.feed.history_loader import HistoryProgress, load_history
from plimsoll.feed.pacing import BASIC, PROFESSIONAL, Pacing, Plan

SWIFT = 1 / 20


def serve(plan: str = "Professional", readings: Readings | None = None) -> ServerThread:
    return ServerThread(
        ServeOptions(
            plan=plan,
            pacing=ServerPacing().scaled(SWIFT),
            first_day=date(2020, 2, 19),
            start="now",
            day_seconds=3600.0,
            readings=readings or Readings(),
        )
    )


def rest_of(
    port: int,
    *,
    token: Callable[[], str] = lambda: "test-token",
    plan: Plan = PROFESSIONAL,
    stop: threading.Event | None = None,
    factor: float = SWIFT,
) -> AllTickRest:
    pacing = replace(Pacing().scaled(factor), connect_wait_s=0.5)
    return AllTickRest(
        Gate(pacing, plan.paced(factor)),
        token,
        stop or threading.Event(),
        address=Address("127.0.0.1", port, is_secure=False),
        may_be_negative={"USOIL"},
    )


def port_of(server: ServerThread) -> int:
    return int(server.http.rsplit(":", 1)[1])


@pytest.fixture
def server() -> Iterator[ServerThread]:
    with serve() as made:
        yield made


@pytest.fixture
def rest(server: ServerThread) -> AllTickRest:
    return rest_of(port_of(server))


def is_calendar(bars: DailyBars) -> bool:
    return bool(np.all(np.diff(bars.day_numbers) > 0))


def test_that_a_share_s_days_are_the_real_ones_before_the_replay(rest: AllTickRest) -> None:
    bars = rest.daily_bars("AAPL.US", 300)
    assert is_calendar(bars)
    assert len(bars) >= 300
    assert date.fromordinal(int(bars.day_numbers[-1]) + date(1970, 1, 1).toordinal()) == date(2020, 2, 19)
    assert np.all(bars.low <= bars.close)
    assert np.all(bars.close <= bars.high)


def test_that_the_forming_day_is_left_out_by_exchange_time(rest: AllTickRest) -> None:
    noon_ns = int(datetime(2020, 2, 19, 17, 0, tzinfo=UTC).timestamp()) * 10**9
    whole = rest.daily_bars("AAPL.US", 50)
    formed = rest.daily_bars("AAPL.US", 50, formed_before_ns=noon_ns)
    assert whole.day_numbers[-1] - formed.day_numbers[-1] == 1
    assert formed.day_numbers.tolist() == whole.day_numbers.tolist()[:-1][-len(formed) :]


@pytest.mark.parametrize("code", ["BTCUSDT", "EURUSD"])
def test_that_fx_and_crypto_are_paged_back_until_there_are_weekdays_enough(
    rest: AllTickRest, code: str
) -> None:
    bars = rest.daily_bars(code, 700)
    assert bars.n_weekdays >= 700
    assert is_calendar(bars)


def test_that_paging_ends_where_the_history_does(rest: AllTickRest) -> None:
    bars = rest.daily_bars("BTCUSDT", 100_000)
    again = rest.daily_bars("BTCUSDT", 100_000)
    assert 500 < len(bars) == len(again) < 100_000


def test_that_shuffled_and_repeated_bars_come_out_the_same(server: ServerThread, rest: AllTickRest) -> None:
    plain = rest.daily_bars("BTCUSDT", 600)
    server.fault("shuffled_bars")
    shuffled = rest.daily_bars("BTCUSDT", 600)
    assert shuffled.day_numbers.tolist() == plain.day_numbers.tolist()
    assert shuffled.close.tolist()[:-1] == plain.close.tolist()[:-1]


def test_that_minute_bars_are_served_oldest_first(rest: AllTickRest) -> None:
    bars = rest.kline("AAPL.US", 1, 20)
    assert len(bars) == 20
    assert [bar.start_s for bar in bars] == sorted({bar.start_s for bar in bars})


def test_that_the_newest_bars_of_both_doors_come_in_batches(rest: AllTickRest) -> None:
    found = rest.batch_kline(["AAPL.US", "EURUSD", "MSFT.US"], 8)
    assert set(found) == {"AAPL.US", "EURUSD", "MSFT.US"}
    assert all(len(bars) == 2 and bars[0].start_s < bars[1].start_s for bars in found.values())


def test_that_last_trades_and_books_are_read(rest: AllTickRest) -> None:
    trades = {trade.code: trade for trade in rest.trade_tick(["AAPL.US", "GOLD"])}
    assert set(trades) == {"AAPL.US", "GOLD"}
    assert all(trade.price > 0.0 and trade.exchange_time_ns > 10**18 for trade in trades.values())
    books = {book.code: book for book in rest.depth_tick(["AAPL.US", "BTCUSDT"])}
    assert set(books) == {"AAPL.US", "BTCUSDT"}
    assert all(book.bids[0][0] < book.asks[0][0] for book in books.values())
    assert len(books["BTCUSDT"].bids) == 5


def test_that_facts_are_asked_for_shares_only(rest: AllTickRest) -> None:
    facts = rest.static_info(["AAPL.US", "EURUSD"])
    assert [(each.code, each.currency) for each in facts] == [("AAPL.US", "USD")]
    assert facts[0].name
    assert rest.static_info(["EURUSD"]) == []


def test_that_a_whole_book_s_history_comes_in_order_at_the_plan_s_rate() -> None:
    codes = ["AAPL.US", "NOSUCH.US", "EURUSD", "MSFT.US"]
    told: list[HistoryProgress] = []
    with serve("Basic") as server:
        rest = rest_of(port_of(server), plan=BASIC)
        found = [bars.code for bars in load_history(rest, codes, 200, threading.Event(), told.append)]
    assert found == ["AAPL.US", "EURUSD", "MSFT.US"]
    assert [(each.code, each.trouble) for each in told if each.trouble] == [
        ("NOSUCH.US", "AllTick does not know the code (600)")
    ]


def test_that_an_unknown_code_is_refused_once_and_not_asked_again(rest: AllTickRest) -> None:
    with pytest.raises(CallRefused, match="600") as raised:
        rest.kline("nosuch", 8, 2)
    assert raised.value.ret == 600
    assert rest._n_calls == 1


def test_that_a_wrong_token_is_refused_at_once(server: ServerThread) -> None:
    with pytest.raises(TokenRefused, match="401"):
        rest_of(port_of(server), token=lambda: "wrong").kline("AAPL.US", 8, 2)
    with pytest.raises(TokenRefused, match="there is no token"):
        rest_of(port_of(server), token=str).kline("AAPL.US", 8, 2)


@pytest.mark.parametrize("fault", ["rest_429", "rest_605"])
def test_that_a_call_too_many_is_made_again_after_a_wait(
    server: ServerThread, rest: AllTickRest, fault: str
) -> None:
    server.fault(fault)
    since_s = time.monotonic()
    assert rest.kline("AAPL.US", 8, 2)
    assert time.monotonic() - since_s >= (15.0 if fault == "rest_429" else 3.0) * SWIFT


def test_that_a_call_refused_again_and_again_fails_in_the_end(
    server: ServerThread, rest: AllTickRest
) -> None:
    server.fault("rest_605", times=100)
    with pytest.raises(CallFailed, match="5 tries"):
        rest.kline("AAPL.US", 8, 2)


def test_that_a_server_that_does_not_answer_is_given_up(server: ServerThread, rest: AllTickRest) -> None:
    server.fault("rest_stall")
    with pytest.raises(CallFailed, match="5 tries"):
        rest.kline("AAPL.US", 8, 2)
    server.clear_faults()


def test_that_a_wait_is_cancelled_at_once() -> None:
    stop = threading.Event()
    rest = rest_of(1, stop=stop)
    rest._gate = Gate(Pacing(), BASIC)
    told: list[BaseException] = []

    def call() -> None:
        try:
            rest.kline("AAPL.US", 8, 2)
        except CallCancelled as cancelled:
            told.append(cancelled)

    thread = threading.Thread(target=call)
    thread.start()
    stop.set()
    since_s = time.monotonic()
    thread.join(timeout=5.0)
    assert time.monotonic() - since_s < 0.5
    assert len(told) == 1


# What no well-behaved server would say


class Canned:
    """An HTTP server that answers every call with the same status and body."""

    def __init__(self, status: int, body: bytes, *, n_missing: int = 0) -> None:
        done = self.done = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                if status in {301, 302}:
                    self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", str(len(body) + n_missing))
                self.end_headers()
                self.wfile.write(body)
                if n_missing:
                    done.wait(5.0)

            do_POST = do_GET  # noqa: N815  the library's name

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))

    def __enter__(self) -> int:
        self.thread.start()
        return self.server.server_address[1]

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"ret":401,"msg":"token is required"}', TokenRefused),
        (401, b"no json", TokenRefused),
        (403, b"", TokenRefused),
        (429, b'{"ret":604}', CallRefused),
        (500, b'{"ret":"600","msg":"x"}', CallRefused),
        (200, b"no json", CallFailed),
        (200, b'{"data":{}}', CallFailed),
        (200, b"[" * 100_000, CallFailed),
        (302, b"", CallFailed),
        (503, b"busy", CallFailed),
    ],
)
def test_that_the_number_in_the_body_counts_and_else_the_status(
    status: int, body: bytes, expected: type[Exception]
) -> None:
    with Canned(status, body) as port, pytest.raises(expected):
        rest_of(port, factor=1 / 1000).kline("AAPL.US", 8, 2)


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        [],
        {},
        {"kline_list": None},
        {"kline_list": [7, None, {}]},
        {"kline_list": [{"timestamp": "x"}]},
    ],
)
def test_that_an_answer_without_bars_is_no_bars(data: object) -> None:
    with Canned(200, json.dumps({"ret": 200, "data": data}).encode()) as port:
        assert rest_of(port, factor=1 / 1000).kline("AAPL.US", 8, 2) == []


def test_that_bars_are_read_however_they_are_spelt_and_only_with_a_price() -> None:
    bars = [
        {"timestamp": "1677829200", "close_price": "5.5", "volume": ""},
        {"timestamp": 1677915600000, "close_price": 6.5, "open_price": "6", "volume": "7"},
        {"timestamp": "1678002000", "close_price": "0.0"},
        {"timestamp": "1678088400", "close_price": "-37.63"},
    ]
    with Canned(200, json.dumps({"ret": "200", "data": {"kline_list": bars}}).encode()) as port:
        share = rest_of(port, factor=1 / 1000).kline("AAPL.US", 8, 4)
        oil = rest_of(port, factor=1 / 1000).kline("USOIL", 8, 4)
    assert [(bar.start_s, bar.close) for bar in share] == [(1677829200, 5.5), (1677915600, 6.5)]
    assert math.isnan(share[0].volume)
    assert (share[1].open, share[1].volume) == (6.0, 7.0)
    assert [bar.close for bar in oil] == [5.5, 6.5, -37.63]


def test_that_an_answer_that_never_ends_is_asked_for_again_and_fails_in_the_end() -> None:
    for status in (200, 500):
        with Canned(status, b'{"ret":', n_missing=10) as port, pytest.raises(CallFailed, match="5 tries"):
            rest_of(port, factor=1 / 1000).kline("AAPL.US", 8, 2)


def test_that_a_batch_leaves_out_codes_without_bars() -> None:
    bars = [{"timestamp": "1677829200", "close_price": "5.5"}]
    listed = [{"code": "AAPL.US", "kline_data": bars}, {"code": "MSFT.US", "kline_data": []}]
    with Canned(200, json.dumps({"ret": 200, "data": {"kline_list": listed}}).encode()) as port:
        assert list(rest_of(port, factor=1 / 1000).batch_kline(["AAPL.US", "MSFT.US"], 8)) == ["AAPL.US"]


def test_that_alltick_itself_is_the_address_when_none_is_given() -> None:
    rest = AllTickRest(Gate(), lambda: "", threading.Event())
    with pytest.raises(TokenRefused, match="there is no token"):
        rest.kline("AAPL.US", 8, 2)


def test_that_a_local_server_is_called_past_any_proxy(
    server: ServerThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "example.org")
    assert len(rest_of(port_of(server)).kline("AAPL.US", 8, 2)) == 2
