"""Ticks as JSON: the fast way and the long way agree, and every spelling is as documented."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from plimsoll.alltick_server.close_series import bundled_closes
from plimsoll.alltick_server.crisis import CrisisMarket
from plimsoll.alltick_server.frame import PLAIN, REST, Scribe, Wording, trade_fields, ws_frame
from plimsoll.alltick_server.listing import listing
from plimsoll.alltick_server.market import Chunk

MARKET = CrisisMarket(bundled_closes(), date(2020, 4, 20), date(2020, 4, 20), day_seconds=1.0, rate=30.0)
DEPTH = [one.habit.n_levels for one in MARKET.listings]


def one_trade(**columns: list[Any]) -> Chunk:
    usual = {
        "due_ns": [0],
        "code": [0],
        "is_book": [False],
        "time_ms": [1_751_068_801_000],
        "price": [201.187],
        "size": [174.0],
        "ask": [np.nan],
        "ask_size": [np.nan],
        "direction": [1],
        "is_close": [False],
    }
    return Chunk(**{name: np.array(value) for name, value in (usual | columns).items()}, first_seq=27_755_950)


@pytest.mark.parametrize("index", [0, 1, 2, 3])
def test_that_templates_and_fields_write_the_same_json(index: int) -> None:
    chunk = MARKET.chunk(index)
    scribe = Scribe(MARKET.listings, {}, DEPTH, PLAIN)
    for row, text in enumerate(scribe.pushes(chunk, np.arange(len(chunk)))):
        assert json.loads(text) == json.loads(scribe.push(chunk, row)), text


def test_that_a_trade_reads_as_the_protocols_sample() -> None:
    scribe = Scribe([listing("AAPL.US")], {}, [1], PLAIN)
    text = scribe.pushes(one_trade(), np.array([0]))[0]
    assert text == (
        b'{"cmd_id":22998,"data":{"code":"AAPL.US","seq":27755950,"tick_time":1751068801000,"price":"201.187000",'
        b'"volume":"174","turnover":"35006.538000","trade_direction":1}}'
    )


def test_that_rest_writes_seq_and_time_as_strings() -> None:
    fields = trade_fields(listing("AAPL.US"), one_trade(), 0, REST)
    assert (fields["seq"], fields["tick_time"]) == ("27755950", "1751068801000")


@pytest.mark.parametrize(
    ("code", "wording", "expected"),
    [
        ("AAPL.US", Wording(direction="string"), {"trade_direction": "1"}),
        ("AAPL.US", Wording(time_unit="s"), {"tick_time": 1_751_068_801}),
        ("AAPL.US", Wording(numbers="strings", time_unit="s"), {"tick_time": "1751068801"}),
        ("EURUSD", PLAIN, {"volume": "0", "turnover": "0", "trade_direction": 1}),
        ("EURUSD", Wording(fx_direction="0"), {"trade_direction": 0}),
        ("EURUSD", Wording(fx_volume="given"), {"volume": "174.00"}),
        ("EURUSD", Wording(fx_volume="empty"), {"volume": "", "turnover": ""}),
        ("GOLD", Wording(fx_volume="empty"), {"volume": "174.00"}),
        ("BTCUSDT", PLAIN, {"price": "201.19", "volume": "174.00000000"}),
    ],
)
def test_that_each_reading_has_its_spelling(code: str, wording: Wording, expected: dict[str, Any]) -> None:
    scribe = Scribe([listing(code)], {}, [1], wording)
    data = json.loads(scribe.pushes(one_trade(), np.array([0]))[0])["data"]
    assert expected.items() <= data.items()


def test_that_missing_volume_leaves_its_fields_out() -> None:
    scribe = Scribe([listing("EURUSD")], {}, [1], Wording(fx_volume="missing"))
    data = json.loads(scribe.pushes(one_trade(), np.array([0]))[0])["data"]
    assert data.keys() == {"code", "seq", "tick_time", "price", "trade_direction"}


def test_that_a_closing_trade_is_exact_to_the_last_digit() -> None:
    chunk = one_trade(price=[0.098241428], is_close=[True])
    text = Scribe([listing("AAPL.US")], {}, [1], PLAIN).pushes(chunk, np.array([0]))[0]
    assert json.loads(text)["data"]["price"] == "0.098241428"


@pytest.mark.parametrize(("empty_side", "asks"), [("zero-filled", 5), ("empty", 0)])
def test_that_an_empty_side_is_zero_filled_or_left_empty(empty_side: str, asks: int) -> None:
    book = one_trade(is_book=[True], ask=[np.nan], ask_size=[0.0])
    wording = replace(PLAIN, empty_side=empty_side)
    data = json.loads(Scribe([listing("BTCUSDT")], {}, [5], wording).pushes(book, np.array([0]))[0])["data"]
    assert data["asks"] == [{"price": "0.00", "volume": "0"}] * asks


def test_that_a_code_ticks_under_the_clients_own_spelling() -> None:
    text = Scribe([listing("GOLD")], {0: '100%"X'}, [1], PLAIN).pushes(one_trade(), np.array([0]))[0]
    assert json.loads(text)["data"]["code"] == '100%"X'


@pytest.mark.parametrize(("n", "header"), [(5, b"\x81\x05"), (125, b"\x81\x7d"), (126, b"\x81\x7e\x00\x7e")])
def test_that_a_frame_has_the_header_of_its_length(n: int, header: bytes) -> None:
    assert ws_frame(b"x" * n) == header + b"x" * n


def test_that_a_very_long_frame_has_eight_bytes_of_length() -> None:
    assert ws_frame(b"x" * 70_000)[:10] == b"\x81\x7f" + (70_000).to_bytes(8, "big")
