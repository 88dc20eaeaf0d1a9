"""AllTick's websocket as its documents describe it, seen through a plain client."""

import asyncio
import base64
import json
import os
import socket
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import aiohttp
import pytest
import websocket

from plimsoll.alltick_server.pacing import Pacing
from plimsoll.alltick_server.reading import Readings
from plimsoll.alltick_server.serve import ServeOptions, running_server

Opener = Callable[..., Any]  # a conftest cannot be imported for its types


STOCK, OTHER = "/quote-stock-b-ws-api", "/quote-b-ws-api"
GATE_S = 0.06  # a twentieth of 1.05 s, and a little


@pytest.mark.parametrize(
    ("cmd_id", "data"), [(22000, {}), (22002, None), (22004, None), (22006, {"cancel_type": 0})]
)
def test_that_an_answer_is_the_request_plus_one_with_its_seq_id_and_trace(
    house: Opener, cmd_id: int, data: object
) -> None:
    client = house().websocket()
    client.send({"cmd_id": cmd_id, "seq_id": 77, "trace": "my-trace", "data": data or {"symbol_list": []}})
    answer = client.answer()
    assert answer == {
        "ret": 200,
        "msg": "ok",
        "cmd_id": cmd_id + 1,
        "seq_id": 77,
        "trace": "my-trace",
        "data": {},
    }


def test_that_a_trade_push_has_the_documented_fields_and_no_more(house: Opener) -> None:
    client = house().websocket()
    client.trades("AAPL.US")
    push = client.push()
    assert push.keys() == {"cmd_id", "data"}
    assert push["cmd_id"] == 22998
    assert list(push["data"]) == [
        "code",
        "seq",
        "tick_time",
        "price",
        "volume",
        "turnover",
        "trade_direction",
    ]
    assert type(push["data"]["seq"]) is int
    assert type(push["data"]["tick_time"]) is int
    assert len(str(push["data"]["tick_time"])) == 13
    assert push["data"]["tick_time"] % 1000 == 0, "stocks' times have the form of ms but count seconds"
    assert len(push["data"]["price"].partition(".")[2]) == 6
    assert push["data"]["volume"].isdigit()
    assert push["data"]["trade_direction"] in {0, 1, 2}


@pytest.mark.parametrize(
    ("path", "code", "n_levels"),
    [
        (STOCK, "AAPL.US", 1),
        (OTHER, "EURUSD", 1),
        (OTHER, "GOLD", 1),
        (OTHER, "US500", 1),
        (OTHER, "BTCUSDT", 5),
    ],
)
def test_that_a_book_is_whole_ordered_and_as_deep_as_its_market(
    house: Opener, path: str, code: str, n_levels: int
) -> None:
    client = house().websocket(path)
    client.books(code)
    push = client.push(22999, code)
    bids, asks = ([float(level["price"]) for level in push["data"][side]] for side in ("bids", "asks"))
    assert len(bids) == len(asks) == n_levels
    assert bids == sorted(set(bids), reverse=True)
    assert asks == sorted(set(asks))
    assert bids[0] < asks[0]
    assert all(float(level["volume"]) > 0 for level in push["data"]["bids"])


def test_that_an_omitted_depth_level_means_one(house: Opener) -> None:
    client = house().websocket(OTHER)
    client.request(22002, {"symbol_list": [{"code": "BTCUSDT"}]})
    assert len(client.push(22999)["data"]["bids"]) == 1


def test_that_fx_volume_is_zero_and_its_direction_always_one(house: Opener) -> None:
    client = house().websocket(OTHER)
    client.trades("EURUSD")
    data = [client.push()["data"] for _ in range(10)]
    assert {(d["volume"], d["turnover"], d["trade_direction"]) for d in data} == {("0", "0", 1)}
    assert {len(d["price"].partition(".")[2]) for d in data} == {5}


def test_that_a_new_list_replaces_the_old_one_of_its_kind_only(house: Opener) -> None:
    client = house(day_seconds=20.0).websocket()
    client.books("JPM.US")
    time.sleep(GATE_S)
    client.trades("AAPL.US")
    assert client.push(22998)["data"]["code"] == "AAPL.US"
    time.sleep(GATE_S)
    client.trades("XOM.US", "KO.US")
    seen = [client.push() for _ in range(200)]
    assert {push["data"]["code"] for push in seen if push["cmd_id"] == 22998} == {"XOM.US", "KO.US"}
    assert {push["data"]["code"] for push in seen if push["cmd_id"] == 22999} == {"JPM.US"}


@pytest.mark.parametrize(
    ("cancel_type", "left"), [(0, set()), (1, {22998}), (2, {22999}), (3, {22998, 22999})]
)
def test_that_a_cancellation_ends_its_kind(house: Opener, cancel_type: int, left: set[int]) -> None:
    client = house(day_seconds=20.0).websocket()
    client.trades("AAPL.US")
    time.sleep(GATE_S)
    client.books("AAPL.US")
    client.push(22999)
    time.sleep(GATE_S)
    client.request(22006, {"cancel_type": cancel_type})
    time.sleep(GATE_S)
    client.request(22000, {})
    before = client.skipped
    assert {push["cmd_id"] for push in before} <= left
    if left:
        assert {client.push()["cmd_id"] for _ in range(100)} == left


def test_that_codes_past_the_plan_are_cut_and_acknowledged_all_the_same(house: Opener) -> None:
    opened = house(plan="Free")
    client = opened.websocket()
    codes = ["AAPL.US", "AMD.US", "BAC.US", "BBY.US", "CVX.US", "GE.US", "HD.US"]
    assert client.trades(*codes)["ret"] == 200
    assert {client.push()["data"]["code"] for _ in range(200)} == set(codes[:5])


@pytest.mark.parametrize(
    ("path", "code"),
    [(STOCK, "EURUSD"), (OTHER, "AAPL.US"), (STOCK, "aapl.us"), (OTHER, "XAUUSD"), (STOCK, "AAPL")],
)
def test_that_an_unknown_code_a_wrong_case_or_the_wrong_path_answers_600(
    house: Opener, path: str, code: str
) -> None:
    client = house().websocket(path)
    answer = client.trades("BTCUSDT" if path == OTHER else "JPM.US", code)
    assert (answer["ret"], answer["msg"]) == (600, "code invalid")


def test_that_a_refused_list_leaves_the_old_one_standing(house: Opener) -> None:
    client = house(day_seconds=20.0).websocket()
    client.trades("AAPL.US")
    time.sleep(GATE_S)
    assert client.trades("NOPE.US")["ret"] == 600
    assert client.push()["data"]["code"] == "AAPL.US"


@pytest.mark.parametrize(
    "text", ["{", "[]", '"x"', "12", '{"cmd_id":"a"}', '{"seq_id":1}', "\x00", '{"cmd_id":1}']
)
def test_that_what_cannot_be_read_is_answered_without_number_or_trace(house: Opener, text: str) -> None:
    client = house().websocket()
    client.send(text)
    assert client.answer() == {
        "ret": 400,
        "msg": "request header param invalid",
        "cmd_id": 0,
        "seq_id": 0,
        "trace": "",
        "data": {},
    }


@pytest.mark.parametrize(("n", "ret"), [(64, 200), (65, 400)])
def test_that_a_trace_has_at_most_64_characters(house: Opener, n: int, ret: int) -> None:
    client = house().websocket()
    client.send({"cmd_id": 22004, "seq_id": 1, "trace": "x" * n, "data": {"symbol_list": []}})
    assert client.answer()["ret"] == ret


@pytest.mark.parametrize(
    "data", [{}, {"symbol_list": "AAPL.US"}, {"symbol_list": [{"symbol": "AAPL.US"}]}, [], None]
)
def test_that_bad_data_is_answered_with_the_requests_number(house: Opener, data: object) -> None:
    answer = house().websocket().request(22004, data)
    assert (answer["ret"], answer["msg"], answer["cmd_id"]) == (400, "request data param invalid", 22005)


@pytest.mark.parametrize(
    "frame", [{"cmd_id": 22000, "seq_id": 1}, {"cmd_id": 22000, "seq_id": 1, "data": []}]
)
def test_that_a_heartbeat_may_leave_out_its_trace_and_data(house: Opener, frame: object) -> None:
    client = house().websocket()
    client.send(frame)
    assert client.answer()["cmd_id"] == 22001


def test_that_a_second_request_within_a_second_answers_606_and_ends_the_connection(house: Opener) -> None:
    client = house().websocket()
    client.trades()
    answer = client.trades()
    assert (answer["ret"], answer["msg"]) == (606, "too many requests and connection will be closed")
    assert client.frames_until_closed() == []
    assert client.close_code == 1000


def test_that_heartbeats_do_not_count_for_the_one_second_rule(house: Opener) -> None:
    client = house().websocket()
    answers = [client.trades(), client.request(22000, {}), client.request(22000, {})]
    assert [answer["ret"] for answer in answers] == [200, 200, 200]


@pytest.mark.parametrize(("reading", "ret"), [("605", 605), ("silent", None)])
def test_that_the_other_readings_of_a_second_request_keep_the_connection(
    house: Opener, reading: str, ret: int | None
) -> None:
    client = house(readings=Readings(too_fast=reading)).websocket()
    client.trades()
    client.send({"cmd_id": 22004, "seq_id": 9, "trace": "fast", "data": {"symbol_list": []}})
    client.send({"cmd_id": 22000, "seq_id": 10, "trace": "beat", "data": {}})
    answers = [client.answer()] if ret is None else [client.answer(), client.answer()]
    assert [answer["ret"] for answer in answers] == ([200] if ret is None else [ret, 200])
    assert answers[-1]["trace"] == "beat"


def test_that_a_connection_without_heartbeat_is_cut_and_one_with_it_lives(house: Opener) -> None:
    opened = house(pacing=Pacing().scaled(1 / 60), day_seconds=30.0)  # the cut after half a second
    beating, mute = opened.websocket(), opened.websocket(OTHER)
    began = time.monotonic()
    mute.trades("EURUSD")  # other requests are no heartbeats
    while time.monotonic() - began < 1.2:
        beating.request(22000, {})
        time.sleep(0.1)
    mute.frames_until_closed()
    assert mute.close_code == 1000
    assert beating.request(22000, {})["ret"] == 200
    assert [count["open"] for count in opened.server.counts()] == [True, False]


@pytest.mark.parametrize(("token", "text"), [("wrong", "token invalid"), ("", "token is required")])
def test_that_a_bad_token_is_refused_at_the_handshake(house: Opener, token: str, text: str) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        house().websocket(token=token)
    assert refused.value.status_code == 401
    assert json.loads(refused.value.resp_body) == {"msg": text, "ret": 401}


def test_that_in_the_other_reading_a_bad_token_is_told_in_a_frame(house: Opener) -> None:
    client = house(readings=Readings(at_bad_handshake="frame")).websocket(token="wrong")  # noqa: S106  made up
    frames = client.frames_until_closed()
    assert [json.loads(frame)["ret"] for frame in frames] == [401]


def test_that_a_basic_token_holds_one_connection_of_each_path_and_no_third(house: Opener) -> None:
    opened = house(plan="Basic")
    first, _ = opened.websocket(STOCK), opened.websocket(OTHER)
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        opened.websocket(STOCK)
    assert refused.value.status_code == 429
    first.socket.close()
    deadline = time.monotonic() + 5
    while opened.server.counts()[0]["open"] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert opened.websocket(STOCK).request(22000, {})["ret"] == 200


def test_that_each_connection_counts_in_the_other_reading_and_is_told_606(house: Opener) -> None:
    opened = house(plan="Basic", readings=Readings(connections="each", too_many_connections="606"))
    opened.websocket(STOCK)
    frames = opened.websocket(OTHER).frames_until_closed()
    assert [json.loads(frame)["ret"] for frame in frames] == [606]


def test_that_handshakes_closer_than_three_seconds_are_refused_where_the_gap_is_on(house: Opener) -> None:
    opened = house(readings=Readings(reconnect_gap="on"))
    opened.websocket(STOCK)
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        opened.websocket(OTHER)
    assert refused.value.status_code == 429
    time.sleep(0.16)
    opened.websocket(OTHER)


@pytest.mark.parametrize(
    ("readings", "code", "ret"),
    [
        (Readings(allowed_codes=frozenset({"AAPL.US"})), "JPM.US", 604),
        (Readings(allowed_codes=frozenset({"AAPL.US"})), "AAPL.US", 200),
        (Readings(bad_code="skip"), "NOPE.US", 200),
        (Readings(max_codes=1, too_many_codes="603"), "JPM.US", 603),
    ],
)
def test_that_the_other_readings_of_a_bad_list_hold(
    house: Opener, readings: Readings, code: str, ret: int | None
) -> None:
    client = house(readings=readings).websocket()
    codes = ["AAPL.US", code] if ret == 603 else [code]
    assert client.trades(*codes)["ret"] == ret


def test_that_a_market_plan_refuses_other_markets(house: Opener) -> None:
    client = house(plan="All HK").websocket()
    assert client.trades("AAPL.US")["ret"] == 604


def test_that_aliases_tick_under_the_spelling_that_was_asked_for(house: Opener) -> None:
    client = house(readings=Readings(names="aliases")).websocket(OTHER)
    assert client.trades("XAUUSD")["ret"] == 200
    assert client.push()["data"]["code"] == "XAUUSD"


def test_that_a_snapshot_follows_a_subscription_only_in_its_reading(house: Opener) -> None:
    opened = house(readings=Readings(snapshot="yes"), rate=0.0001, day_seconds=30.0)
    client = opened.websocket()
    client.trades("AAPL.US")
    client.push(22998, "AAPL.US")  # the opening trade: at this rate no other comes
    time.sleep(GATE_S)
    client.trades("AAPL.US", "JPM.US")
    assert [client.push()["data"]["code"] for _ in range(2)] == ["AAPL.US", "JPM.US"]


def test_that_pings_are_answered_and_do_not_replace_the_heartbeat(house: Opener) -> None:
    client = house(pacing=Pacing().scaled(1 / 60)).websocket()
    client.socket.ping(b"hello")
    opcode, data = client.socket.recv_data(control_frame=True)
    assert (opcode, data) == (websocket.ABNF.OPCODE_PONG, b"hello")
    client.frames_until_closed()
    assert client.close_code == 1000


def test_that_a_bare_socket_and_the_rfc_are_all_it_takes(house: Opener) -> None:
    """No library at all: the handshake by hand, one masked frame, the answer byte for byte."""
    opened = house()
    host, port = opened.server.url.removeprefix("ws://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {STOCK}?token=a-token-of-ours HTTP/1.1",
            f"Host: {host}:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        raw.sendall("\r\n".join([*lines, "", ""]).encode())
        stream = raw.makefile("rb")
        assert stream.readline().startswith(b"HTTP/1.1 101")
        while stream.readline().strip():
            pass
        text = b'{"cmd_id":22000,"seq_id":1,"trace":"h","data":{}}'
        raw.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
        answer = b'{"ret":200,"msg":"ok","cmd_id":22001,"seq_id":1,"trace":"h","data":{}}'
        assert stream.read(2 + len(answer)) == bytes([0x81, len(answer)]) + answer
        stream.close()


def test_that_the_other_reading_of_an_omitted_depth_sends_all_levels(house: Opener) -> None:
    client = house(readings=Readings(omitted_depth="all")).websocket(OTHER)
    client.request(22002, {"symbol_list": [{"code": "BTCUSDT"}]})
    assert len(client.push(22999)["data"]["bids"]) == 5


def test_that_books_on_the_other_path_are_acknowledged_but_silent_in_their_reading(house: Opener) -> None:
    client = house(readings=Readings(fx_books="silent")).websocket(OTHER)
    client.trades("EURUSD")
    time.sleep(GATE_S)
    assert client.books("EURUSD")["ret"] == 200
    assert {client.push()["cmd_id"] for _ in range(100)} == {22998}


@pytest.mark.parametrize(
    ("readings", "frame", "ret"),
    [
        (Readings(empty_list="error"), {"cmd_id": 22004, "data": {"symbol_list": []}}, 400),
        (Readings(bad_request="201"), {"cmd_id": 22004, "data": {}}, 202),
        (Readings(bad_request="201"), {"cmd_id": 1, "data": {}}, 201),
    ],
)
def test_that_the_other_readings_of_a_bad_request_hold(
    house: Opener, readings: Readings, frame: dict[str, Any], ret: int
) -> None:
    client = house(readings=readings).websocket()
    client.send(frame | {"seq_id": 1, "trace": "t"})
    assert client.answer()["ret"] == ret


def test_that_heartbeats_count_for_the_one_second_rule_in_their_reading(house: Opener) -> None:
    client = house(readings=Readings(heartbeat_counts="yes", too_fast="605")).websocket()
    assert client.trades()["ret"] == 200
    assert client.request(22000, {})["ret"] == 605


def test_that_a_client_that_does_not_read_is_waited_for_and_loses_nothing(house: Opener) -> None:
    opened = house(load=(10, 0.0))
    slow, lively = opened.websocket(), opened.websocket(OTHER)
    slow.trades(*(f"L{i:05d}.US" for i in range(1, 11)))
    deadline = time.monotonic() + 10
    n_before, n_sent = -1, 0
    while n_sent == 0 or n_sent > n_before:  # until neither socket nor server takes more
        assert time.monotonic() < deadline
        assert lively.request(22000, {})["ret"] == 200
        time.sleep(0.1)
        n_before, n_sent = n_sent, opened.server.counts()[0]["n_trades"]
    seqs = [slow.push()["data"]["seq"] % 10_000_000 for _ in range(2_000)]
    assert seqs == list(range(1, 2_001))


def test_that_aiohttps_client_is_served_in_the_same_event_loop() -> None:
    async def dialogue() -> list[dict[str, Any]]:
        options = ServeOptions(first_day=date(2020, 3, 9), last_day=date(2020, 3, 9), day_seconds=1.0)
        async with (
            running_server(options, token="aio") as server,  # noqa: S106  made up
            aiohttp.ClientSession() as session,
            session.ws_connect(f"{server.url}{STOCK}?token=aio") as client,
        ):
            symbols = {"symbol_list": [{"code": "AAPL.US"}]}
            await client.send_json({"cmd_id": 22004, "seq_id": 1, "trace": "a", "data": symbols})
            return [await client.receive_json(timeout=5) for _ in range(2)]

    answer, push = asyncio.run(dialogue())
    assert (answer["cmd_id"], answer["ret"]) == (22005, 200)
    assert push["data"]["code"] == "AAPL.US"


@pytest.mark.true_pacing
def test_that_true_pacing_is_one_second_between_requests_and_thirty_to_the_cut(house: Opener) -> None:
    opened = house(pacing=Pacing(), readings=Readings(too_fast="605"), day_seconds=60.0)
    client = opened.websocket()
    opened_s = time.monotonic()
    answers = []
    for pause_s in (0.0, 0.9, 1.05):
        time.sleep(pause_s)
        answers.append(client.trades()["ret"])
    assert answers == [200, 605, 200]
    client.socket.settimeout(40)
    client.frames_until_closed()
    assert time.monotonic() - opened_s == pytest.approx(30.0, abs=1.0)
