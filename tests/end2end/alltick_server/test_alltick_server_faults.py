"""Every misbehaviour on demand, seen through a plain client, and that the counts tell all of it."""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import websocket

from plimsoll.alltick_server.fault import OCCASIONS, SHARES, SWITCHES
from plimsoll.alltick_server.pacing import Pacing

Opener = Callable[..., Any]  # a conftest cannot be imported for its types


STOCK, OTHER = "/quote-stock-b-ws-api", "/quote-b-ws-api"


def texts_until_quiet(client: Any) -> list[str]:
    client.socket.settimeout(0.5)
    texts = []
    try:
        while True:
            texts.append(client.socket.recv())
    except websocket.WebSocketTimeoutException:
        return texts


def test_that_repeats_are_exact_and_counted(house: Opener) -> None:
    opened = house()
    opened.server.fault("repeats", share=1.0)
    client = opened.websocket()
    client.trades("AAPL.US")
    pushes = [client.push() for _ in range(20)]
    assert pushes[0::2] == pushes[1::2]
    assert len({push["data"]["seq"] for push in pushes}) == 10


def test_that_late_ticks_come_after_newer_ones_of_their_code(house: Opener) -> None:
    opened = house(day_seconds=20.0)
    opened.server.fault("late", share=0.3)
    client = opened.websocket()
    client.trades("AAPL.US", "JPM.US")
    pushes = [client.push()["data"] for _ in range(200)]
    n_late, newest = 0, Counter()
    for data in pushes:
        n_late += data["seq"] < newest[data["code"]]
        newest[data["code"]] = max(newest[data["code"]], data["seq"])
    assert 10 < n_late < 100


@pytest.mark.parametrize(
    ("fault", "held"),
    [
        ("strings", lambda data: type(data["seq"]) is type(data["tick_time"]) is str),
        ("second_stamps", lambda data: len(str(data["tick_time"])) == 10),
        ("empty_strings", lambda data: data["volume"] == data["turnover"] == ""),
        ("missing_turnover", lambda data: "turnover" not in data and "volume" in data),
    ],
)
def test_that_a_spelling_is_switched_while_the_connection_lives(house: Opener, fault: str, held: Any) -> None:
    opened = house(day_seconds=20.0)
    client = opened.websocket()
    client.trades("AAPL.US")
    assert not held(client.push()["data"])
    opened.server.fault(fault)
    assert client.until(lambda push: held(push["data"]))
    assert all(held(client.push()["data"]) for _ in range(20))
    opened.server.clear_faults()
    assert client.until(lambda push: not held(push["data"]))


@pytest.mark.parametrize(
    ("fault", "gone", "left"), [("zero_asks", "asks", "bids"), ("zero_bids", "bids", "asks")]
)
def test_that_a_side_at_its_price_limit_is_zero_filled(
    house: Opener, fault: str, gone: Any, left: set[int]
) -> None:
    opened = house()
    opened.server.fault(fault)
    client = opened.websocket(OTHER)
    client.books("BTCUSDT")
    book = client.push()["data"]
    assert book[gone] == [{"price": "0.00", "volume": "0"}] * 5
    assert all(float(level["price"]) > 0 for level in book[left])


def test_that_unknown_numbers_torn_json_and_arrays_come_between_the_ticks(house: Opener) -> None:
    opened = house()
    for fault in ("unknown_cmd", "bad_json", "array"):
        opened.server.fault(fault, share=0.3)
    client = opened.websocket()
    client.trades("AAPL.US")
    kinds = Counter()
    for _ in range(200):
        text = client.socket.recv()
        try:
            frame = json.loads(text)
        except ValueError:
            kinds["torn"] += 1
            continue
        kinds["array" if isinstance(frame, list) else frame["cmd_id"]] += 1
    assert min(kinds["torn"], kinds["array"], kinds[23999], kinds[22998]) > 10


def test_that_bad_prices_are_what_no_client_may_take(house: Opener) -> None:
    opened = house()
    opened.server.fault("bad_price", share=1.0)
    client = opened.websocket()
    client.trades("AAPL.US")
    prices = {client.push()["data"]["price"] for _ in range(200)}
    assert {"0.000000", "-1.000000", "nan", "inf", "1e999", "", "12,5"} <= prices


def test_that_a_stall_sends_nothing_and_keeps_the_socket_open(house: Opener) -> None:
    opened = house(day_seconds=20.0)
    client = opened.websocket()
    client.trades("AAPL.US")
    client.push()
    opened.server.fault("stall")
    client.send({"cmd_id": 22000, "seq_id": 5, "trace": "h", "data": {}})
    assert all('"ret"' not in text for text in texts_until_quiet(client))  # what was under way before it
    assert opened.server.counts()[0]["open"]
    opened.server.fault("stall", on=False)
    client.socket.settimeout(5)
    assert client.push()["cmd_id"] == 22998


def test_that_a_stalled_server_does_not_cut_whose_heartbeats_it_ignores(house: Opener) -> None:
    opened = house(pacing=replace(Pacing().scaled(1 / 20), heartbeat_cut_s=0.2), day_seconds=20.0)
    client = opened.websocket()
    opened.server.fault("stall")
    texts_until_quiet(client)
    assert opened.server.counts()[0]["open"]
    opened.server.fault("stall", on=False)
    assert client.frames_until_closed() == []


def test_that_silence_still_answers_heartbeats(house: Opener) -> None:
    opened = house(day_seconds=20.0)
    client = opened.websocket()
    client.trades("AAPL.US")
    client.push()
    opened.server.fault("silence")
    assert client.request(22000, {})["ret"] == 200
    assert client.request(22000, {})["ret"] == 200
    assert client.skipped == []


def test_that_a_cut_has_no_close_frame_and_a_close_has_one(house: Opener) -> None:
    opened = house()
    for fault, has_close_frame in (("cut", False), ("close", True)):
        client = opened.websocket()
        client.request(22000, {})
        opened.server.fault(fault)
        client.frames_until_closed()
        assert hasattr(client, "close_code") is has_close_frame


@pytest.mark.parametrize(("fault", "status"), [("refuse_429", 429), ("refuse_401", 401)])
def test_that_the_next_handshakes_are_refused_and_the_one_after_is_not(
    house: Opener, fault: str, status: Any
) -> None:
    opened = house()
    opened.server.fault(fault, times=2)
    for _ in range(2):
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            opened.websocket()
        assert refused.value.status_code == status
    opened.websocket()


def test_that_the_next_request_is_answered_605_or_606_on_demand(house: Opener) -> None:
    opened = house()
    client = opened.websocket()
    opened.server.fault("answer_605")
    assert client.trades("AAPL.US")["ret"] == 605
    time.sleep(0.06)
    assert client.trades("AAPL.US")["ret"] == 200
    opened.server.fault("answer_606")
    assert client.trades("AAPL.US")["ret"] == 606
    client.frames_until_closed()
    assert client.close_code == 1000


@pytest.mark.parametrize(("fault", "status", "ret"), [("rest_429", 429, 429), ("rest_605", 200, 605)])
def test_that_the_next_rest_call_is_refused_on_demand(
    house: Opener, fault: str, status: Any, ret: int | None
) -> None:
    opened = house()
    opened.server.fault(fault)
    wanted = {"symbol_list": []}
    got, answer = opened.get("/quote-b-api/trade-tick", wanted)
    assert (got, answer["ret"]) == (status, ret)
    assert opened.get("/quote-b-api/trade-tick", wanted)[1]["ret"] == 200


def test_that_shuffled_bars_are_the_same_bars_out_of_order_with_repeats(house: Opener) -> None:
    opened = house()
    straight = opened.bars("AAPL.US", query_kline_num=50)
    opened.server.fault("shuffled_bars")
    time.sleep(0.06)
    shuffled = opened.bars("AAPL.US", query_kline_num=50)
    stamps = [bar["timestamp"] for bar in shuffled]
    assert stamps != sorted(stamps)
    assert len(shuffled) > len(straight)
    assert {json.dumps(bar) for bar in shuffled} == {json.dumps(bar) for bar in straight}


def test_that_counts_tell_every_tick_to_the_connection_and_code(house: Opener) -> None:
    opened = house(day_seconds=1.0)
    for fault, share in (("repeats", 0.2), ("late", 0.2), ("unknown_cmd", 0.1), ("bad_json", 0.1)):
        opened.server.fault(fault, share=share)
    clients = [opened.websocket(), opened.websocket(OTHER)]
    for client, cmd_id, codes in (
        (clients[0], 22004, ["AAPL.US", "JPM.US"]),
        (clients[1], 22004, ["EURUSD"]),
        (clients[1], 22002, ["EURUSD", "BTCUSDT"]),
    ):
        symbols = [{"code": code, "depth_level": 5} for code in codes]
        client.send({"cmd_id": cmd_id, "seq_id": 1, "trace": "t", "data": {"symbol_list": symbols}})
        time.sleep(0.06)
    received = [received_ticks(client) for client in clients]
    assert opened.server.has_ended
    for told, (ticks, n_extra) in zip(opened.server.counts(), received, strict=True):
        assert told["n_repeats"] > 0
        assert told["n_late"] > 0
        assert told["n_extra"] == n_extra
        sent = {(22998, code): n for code, n in told["trades"].items()}
        assert sent | {(22999, code): n for code, n in told["books"].items()} == ticks


def received_ticks(client: Any) -> tuple[Counter, int]:
    """Count what comes until the market has ended: ticks by number and code, and all that is no tick."""
    ticks, n_extra = Counter(), 0
    for text in texts_until_quiet(client):
        if text.endswith("}}") and '"code"' in text:
            frame = json.loads(text)
            ticks[frame["cmd_id"], frame["data"]["code"]] += 1
        elif '"ret"' not in text:
            n_extra += 1
    return ticks, n_extra


def test_that_every_fault_has_its_sentence(house: Opener) -> None:
    server = house().server
    for name in SHARES | SWITCHES | OCCASIONS:
        server.fault(name, on=False)
    with pytest.raises(Exception, match="expected one of"):
        server.fault("gremlins")


def test_that_a_stalled_rest_call_is_answered_when_the_stall_is_lifted(house: Opener) -> None:
    opened = house(pacing=replace(Pacing().scaled(1 / 20), heartbeat_cut_s=30.0))
    opened.server.fault("rest_stall")
    with pytest.raises(TimeoutError):
        opened.fetch("/quote-b-api/trade-tick?token=a-token-of-ours", timeout_s=0.2)
    opened.server.fault("rest_stall", on=False)
    assert opened.get("/quote-b-api/trade-tick", {"symbol_list": []})[1]["ret"] == 200
