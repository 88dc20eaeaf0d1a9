"""What is replayed: real closes, the same ticks for the same seed, recorded ticks, the user's own file."""

import csv
import gzip
import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import websocket

from plimsoll import assets

Opener = Callable[..., Any]  # a conftest cannot be imported for its types


STOCK, OTHER = "/quote-stock-b-ws-api", "/quote-b-ws-api"


def all_frames(client: Any) -> list[str]:
    """Return the texts a client gets until the market has fallen silent for half a second."""
    client.socket.settimeout(0.5)
    texts = []
    try:
        while True:
            texts.append(client.socket.recv())
    except websocket.WebSocketTimeoutException:
        return texts


def test_that_the_same_seed_gives_the_same_frames_to_the_byte(house: Opener) -> None:
    runs = []
    for seed in (7, 7, 8):
        opened = house(seed=seed, day_seconds=0.5, rate=100.0)
        client = opened.websocket()
        client.trades("AAPL.US", "JPM.US", "XOM.US")
        runs.append(all_frames(client))
    assert len(runs[0]) > 100
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_that_the_frames_do_not_depend_on_how_fast_the_day_is_looked_at(house: Opener) -> None:
    alone, together = [], []
    opened = house(day_seconds=0.5, rate=100.0)
    client = opened.websocket()
    client.trades("AAPL.US")
    alone = all_frames(client)
    opened = house(day_seconds=0.5, rate=100.0)
    client, other = opened.websocket(), opened.websocket(OTHER)
    client.trades("AAPL.US")
    other.trades("EURUSD")
    together = all_frames(client)
    assert alone == together


def test_that_every_day_begins_at_the_opening_and_ends_with_the_real_close(house: Opener) -> None:
    opened = house(day_seconds=0.5, rate=50.0, first_day=date(2020, 3, 9), last_day=date(2020, 3, 12))
    client = opened.websocket()
    client.trades("AAPL.US")
    ticks = [json.loads(text)["data"] for text in all_frames(client)]
    by_day = {}
    for tick in ticks:
        by_day.setdefault(tick["tick_time"] // 86_400_000, []).append(tick)
    assert [day[0]["tick_time"] // 1000 % 86_400 for day in by_day.values()] == [13 * 3600 + 1800] * 4
    assert [day[-1]["tick_time"] // 1000 % 86_400 for day in by_day.values()] == [20 * 3600] * 4
    assert [day[-1]["price"] for day in by_day.values()] == [
        "65.155000",
        "69.848000",
        "67.422000",
        "60.764000",
    ]
    times = [tick["tick_time"] for tick in ticks]
    assert times == sorted(times)


def test_that_the_market_waits_for_the_first_accepted_subscription(house: Opener) -> None:
    opened = house()
    client = opened.websocket()
    assert opened.server.started_line() is None
    client.trades("NOPE.US")
    client.request(22000, {})
    assert opened.server.started_line() is None
    ready = opened.server.ready_line()
    assert (ready["wall_start_ns"], ready["speed"], ready["days"]) == (
        None,
        11_700.0,
        ["2020-03-09", "2020-03-10"],
    )
    assert ready["exchange_start_ns"] == 1_583_760_600_000_000_000
    client.socket.shutdown()
    client = opened.websocket()
    client.trades("AAPL.US")
    assert client.push()["data"]["tick_time"] == 1_583_760_600_000, "nothing of the first day is missed"
    assert opened.server.started_line()["wall_start_ns"] > 0


def test_that_ticks_arrive_when_the_mapping_says(house: Opener) -> None:
    opened = house(day_seconds=4.0)
    client = opened.websocket(OTHER)
    client.trades("EURUSD")
    started = opened.server.started_line()
    lags = []
    for _ in range(300):
        data = client.push()["data"]
        into_s = (data["tick_time"] * 1_000_000 - started["exchange_start_ns"]) / started["speed"] / 1e9
        lags.append(time.time() - started["wall_start_ns"] / 1e9 - into_s)
    assert min(lags) > -0.01
    assert sorted(lags)[len(lags) // 2] < 0.2


def test_that_recorded_ticks_come_as_they_were(house: Opener) -> None:
    path = assets.path("market/ticks/us_equity_trades_2013-10-07_08.csv.gz")
    with gzip.open(path, "rt", newline="") as lines:
        recorded = [row for row in csv.DictReader(lines) if row["symbol"] == "BAC"]
    opened = house(ticks=(Path(path.name),), speed=0.0)
    client = opened.websocket()
    client.trades("BAC.US")
    ticks = [json.loads(text)["data"] for text in all_frames(client)]
    assert len(ticks) == len(recorded)
    assert [float(tick["price"]) for tick in ticks] == [float(row["price"]) for row in recorded]
    assert [float(tick["volume"]) for tick in ticks] == [float(row["volume"]) for row in recorded]
    assert [tick["tick_time"] for tick in ticks] == [int(row["ts_ms"]) // 1000 * 1000 for row in recorded]
    assert opened.server.counts()[0]["trades"] == {"BAC.US": len(recorded)}


def test_that_a_recording_has_the_days_before_it_on_its_own_price_level(house: Opener) -> None:
    opened = house(ticks=(Path("us_equity_trades_2013-10-07_08.csv.gz"),), speed=1.0)
    bars = opened.bars("IBM.US")
    assert len(bars) == 500
    assert float(bars[-1]["close_price"]) == pytest.approx(
        184.10, abs=0.2
    )  # IBM closed at 184.10 on 2013-10-04


def test_that_quotes_alone_are_sent_as_trades_at_mid_without_volume(house: Opener, tmp_path: Path) -> None:
    path = tmp_path / "quotes.csv"
    path.write_text(
        "ts_ms,symbol,bid,ask\n1398902400043,XAUUSD,1291.677,1292.033\n1398902400100,EURUSD,1.38,1.4\n"
    )
    opened = house(ticks=(path,), speed=0.0)
    client = opened.websocket(OTHER)
    client.trades("GOLD", "EURUSD")
    gold, euro = (client.push()["data"] for _ in range(2))
    assert (gold["price"], gold["volume"], gold["tick_time"]) == ("1291.855", "0", 1398902400043)
    assert (euro["code"], euro["price"]) == ("EURUSD", "1.39000")


def test_that_recorded_books_keep_their_levels(house: Opener, tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    levels = [f"{side}{k}{part}" for k in range(1, 11) for side in ("bid", "ask") for part in ("", "_size")]
    values = [
        f"{100 - k if side == 'bid' else 100 + k}.5,{k}" for k in range(1, 11) for side in ("bid", "ask")
    ]
    path.write_text(f"ts_ms,symbol,{','.join(levels)}\n1430438465000,BTCUSD,{','.join(values)}\n")
    opened = house(ticks=(path,), speed=0.0)
    client = opened.websocket(OTHER)
    client.books("BTCUSDT", depth=3)
    book = client.push()["data"]
    assert [level["price"] for level in book["bids"]] == ["99.50", "98.50", "97.50"]
    assert [level["price"] for level in book["asks"]] == ["101.50", "102.50", "103.50"]
    assert [float(level["volume"]) for level in book["bids"]] == [1.0, 2.0, 3.0]


def test_that_a_recording_plays_at_its_own_speed(house: Opener, tmp_path: Path) -> None:
    path = tmp_path / "trades.csv"
    path.write_text("ts_ms,symbol,price,volume\n1000000000000,IBM,180,1\n1000000004000,IBM,181,2\n")
    opened = house(ticks=(path,), speed=8.0)
    client = opened.websocket()
    client.trades("IBM.US")
    client.push()
    began = time.monotonic()
    assert client.push()["data"]["price"] == "181.000000"
    assert 0.4 < time.monotonic() - began < 0.8


def test_that_the_users_own_closes_are_replayed_with_gaps_and_late_starts(
    house: Opener, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        "date,symbol,close\n"
        "2021-01-04,AAPL,10\n2021-01-05,AAPL,11\n2021-01-06,AAPL,12.5\n"
        "2021-01-04,0700.HK,600\n2021-01-06,0700.HK,610\n"
        "2021-01-06,SAP,99.123456789\n"
    )
    opened = house(closes=path, first_day=None, last_day=None, day_seconds=0.5, rate=40.0)
    assert opened.server.ready_line()["days"] == ["2021-01-04", "2021-01-05", "2021-01-06"]
    client = opened.websocket()
    client.trades("AAPL.US", "700.HK", "SAP.US")
    ticks = [json.loads(text)["data"] for text in all_frames(client)]
    closes = {}
    for tick in ticks:
        closes.setdefault(tick["code"], {})[tick["tick_time"] // 86_400_000] = tick["price"]
    assert closes == {
        "AAPL.US": {18631: "10.000000", 18632: "11.000000", 18633: "12.500000"},
        "700.HK": {18631: "600.000000", 18633: "610.000000"},
        "SAP.US": {18633: "99.123456789"},
    }


def test_that_a_load_ticks_every_code_in_turn_at_its_rate(house: Opener) -> None:
    opened = house(load=(100, 2_000.0), plan="Professional")
    client = opened.websocket()
    client.trades(*(f"L{i:05d}.US" for i in range(1, 101)))
    ticks = [client.push()["data"] for _ in range(400)]
    assert [tick["code"] for tick in ticks] == [f"L{i % 100 + 1:05d}.US" for i in range(400)]
    assert ticks[-1]["tick_time"] - ticks[0]["tick_time"] == 199
    assert len(opened.bars("L00001.US")) == 500
