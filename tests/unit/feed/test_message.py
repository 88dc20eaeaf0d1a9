import json
import math
from collections.abc import Callable

import pytest

from plimsoll.feed.message import (
    BadFrame,
    Fields,
    Level,
    Message,
    decode_leniently,
    decode_swiftly,
    encode_request,
    number,
    whole_number,
)

# The frames of alltick-protocol.md, section 2.3.
TRADE = (
    b'{"cmd_id":22998,"data":{"code":"AAPL.US","seq":27755950,"tick_time":1751068801000,"price":"201.187000",'
    b'"volume":"174","turnover":"35006.099000","trade_direction":1}}'
)
BOOK = (
    b'{"cmd_id":22999,"data":{"code":"700.HK","seq":1782180168224,"tick_time":1782180164000,'
    b'"bids":[{"price":"511.500000","volume":"1200"}],"asks":[{"price":"512.000000","volume":"800"}]}}'
)
ANSWER = b'{"ret":200,"msg":"ok","cmd_id":22005,"seq_id":8,"trace":"t-8","data":{}}'


@pytest.mark.parametrize("decode", [decode_swiftly, lambda frame: decode_leniently(frame)[0]])
def test_that_both_ways_of_decoding_read_the_documented_frames_alike(
    decode: Callable[[bytes], Message],
) -> None:
    trade = decode(TRADE)
    assert (trade.cmd_id, trade.ret) == (22998, None)
    assert trade.data.code == "AAPL.US"
    assert (trade.data.seq, trade.data.tick_time) == (27755950, 1751068801000)
    assert (trade.data.price, trade.data.volume) == (201.187, 174.0)
    book = decode(BOOK)
    assert book.data.bids == (Level(511.5, 1200.0),)
    assert book.data.asks == (Level(512.0, 800.0),)
    answer = decode(ANSWER)
    assert (answer.cmd_id, answer.ret, answer.seq_id, answer.trace) == (22005, 200, 8, "t-8")


@pytest.mark.parametrize(
    "spelling",
    [
        {"seq": "5", "tick_time": "1751068801000", "price": "1.5", "volume": "2"},
        {"seq": 5, "tick_time": 1751068801000, "price": 1.5, "volume": 2},
        {"seq": 5, "tick_time": "1751068801000", "price": 1.5, "volume": "2", "trade_direction": "1"},
    ],
)
def test_that_numbers_may_be_strings_and_strings_numbers(spelling: dict[str, object]) -> None:
    found = decode_swiftly(json.dumps({"cmd_id": 22998, "data": {"code": "X", **spelling}}).encode()).data
    assert (found.seq, found.tick_time, found.price, found.volume) == (5, 1751068801000, 1.5, 2.0)


@pytest.mark.parametrize("value", ["", None, [], {}, True, "n/a", "1,5", "nan", "NaN"])
def test_that_an_unreadable_number_is_unknown_and_never_zero(value: object) -> None:
    assert math.isnan(number(value))
    assert whole_number(value) == 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7),
        ("7", 7),
        ("7.0", 7),
        (7.9, 7),
        (-3, -3),
        ("1e3", 1000),
        ("9" * 5000, 0),
        (math.inf, 0),
        ("inf", 0),
    ],
)
def test_that_a_whole_number_is_read_from_what_there_is(value: object, expected: int) -> None:
    assert whole_number(value) == expected


def test_that_a_number_too_large_for_a_float_is_unknown() -> None:
    assert math.isnan(number(10**400))
    assert number("1e999") == math.inf


def test_that_an_empty_or_missing_field_leaves_the_others_readable() -> None:
    frame = (
        b'{"cmd_id":22998,"data":{"code":"X","seq":"","tick_time":"1751068801000","price":"1.5","volume":""}}'
    )
    found = decode_leniently(frame)[0].data
    assert (found.code, found.seq, found.tick_time, found.price) == ("X", 0, 1751068801000, 1.5)
    assert math.isnan(found.volume)


@pytest.mark.parametrize("data", ["null", "7", '"x"', "[]", '{"code":5,"bids":"none","asks":[5]}'])
def test_that_a_push_without_sense_has_no_fields(data: str) -> None:
    found = decode_leniently(b'{"cmd_id":"22998","ret":null,"trace":5,"data":' + data.encode() + b"}")[0]
    assert (found.cmd_id, found.ret, found.trace) == (22998, None, None)
    assert found.data.code == ""
    assert found.data.bids == found.data.asks == ()


def test_that_several_messages_may_share_an_array() -> None:
    found = decode_leniently(b"[" + TRADE + b"," + ANSWER + b"]")
    assert [message.cmd_id for message in found] == [22998, 22005]


def test_that_levels_without_sense_are_left_out() -> None:
    frame = b'{"cmd_id":22999,"data":{"bids":[{"price":"1","volume":""},7,{"volume":"3"}]}}'
    bids = decode_leniently(frame)[0].data.bids
    assert [level.price for level in bids][:1] == [1.0]
    assert math.isnan(bids[0].volume)
    assert math.isnan(bids[1].price)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"7",
        b'"text"',
        b"[1,2]",
        b"[{},7]",
        b'{"cmd_id":22998,}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
def test_that_what_is_no_message_is_a_bad_frame(frame: bytes) -> None:
    with pytest.raises(BadFrame, match=f"a frame of {len(frame)} bytes was"):
        decode_leniently(frame)


def test_that_a_bad_frame_never_quotes_what_was_in_it() -> None:
    with pytest.raises(BadFrame) as raised:
        decode_leniently(b"token secret-token-4711 invalid")
    assert "4711" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_that_a_request_is_compact_json_in_alltick_s_envelope() -> None:
    assert encode_request(22000, 7, "hb-7", {}) == '{"cmd_id":22000,"seq_id":7,"trace":"hb-7","data":{}}'


def test_that_missing_fields_have_the_values_of_the_unknown() -> None:
    nothing = Fields()
    assert (nothing.code, nothing.seq, nothing.tick_time, nothing.bids) == ("", 0, 0, ())
    assert math.isnan(nothing.price)
