"""Whatever a client sends, the server answers by the book and goes on."""

import json
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from plimsoll.alltick_server.reading import Readings

Opener = Callable[..., Any]  # a conftest cannot be imported for its types

NUMBERS = [0, -1, 1, 22000, 22002, 22004, 22006, 22998, 2**31, 2**63, 2**200, 1e400, 0.5, "8", "", None, True]
ODD = [
    *NUMBERS,
    [],
    {},
    [[]],
    "AAPL.US",
    "\ud83d\ude00",
    "x" * 100,
    {"symbol_list": [{}]},
    {"symbol_list": [None]},
]


def odd_request(dice: random.Random) -> dict[str, Any]:
    """Return an envelope of which every part may be anything."""
    lists = [[{"code": dice.choice(ODD), "depth_level": dice.choice(ODD)}], [{"code": "AAPL.US"}] * 2, ODD]
    data = dice.choice([*ODD, {"symbol_list": dice.choice(lists)}, {"cancel_type": dice.choice(ODD)}])
    frame = {
        "cmd_id": dice.choice(NUMBERS),
        "seq_id": dice.choice(NUMBERS),
        "trace": dice.choice(ODD),
        "data": data,
    }
    return {key: value for key, value in frame.items() if dice.random() < 0.9}


def test_that_no_frame_whatsoever_ends_the_server_or_stays_without_an_answer(house: Opener) -> None:
    dice = random.Random(1)
    opened = house(readings=Readings(too_fast="605"))
    client = opened.websocket()
    for _ in range(500):
        client.send(odd_request(dice))
        assert client.answer()["ret"] in {200, 400, 600, 605}
    for text in ("[" * 100_000, '{"data":' * 50_000, "\x00", "", "null", "\u00e4"):
        client.send(text)
        assert client.answer()["cmd_id"] == 0
    client.socket.send_binary(b"\xff\xfe\x00")
    assert client.answer()["cmd_id"] == 0
    assert client.request(22000, {})["ret"] == 200


def test_that_no_query_whatsoever_gets_more_than_an_error_code(house: Opener) -> None:
    dice = random.Random(2)
    opened = house()
    calls = ["kline", "trade-tick", "depth-tick", "static_info", "batch-kline"]
    for _ in range(200):
        bars = {
            "code": dice.choice(["AAPL.US", *ODD]),
            "kline_type": dice.choice([1, 8, 9, *NUMBERS]),
            "query_kline_num": dice.choice([1, 2, 500, *NUMBERS]),
            "kline_timestamp_end": dice.choice([0, 0, *NUMBERS]),
        }
        data = dice.choice([bars, {"symbol_list": [bars]}, {"data_list": [bars]}, *ODD])
        text = json.dumps({"trace": dice.choice(["t", *ODD]), "data": data})
        call = dice.choice(calls)
        body = text.encode() if call == "batch-kline" else None
        query = "" if body else f"&query={quote(text)}"
        status, answer = opened.fetch(f"/quote-stock-b-api/{call}?token=a-token-of-ours{query}", body)
        assert status in {200, 429}
        assert answer["ret"] in {200, 400, 402, 429, 600, 601, 604}
