"""AllTick's classic REST as its documents describe it, seen through urllib and aiohttp."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from plimsoll.alltick_server.pacing import Pacing
from plimsoll.alltick_server.reading import Readings

Opener = Callable[..., Any]  # a conftest cannot be imported for its types


STOCK, OTHER = "/quote-stock-b-api", "/quote-b-api"
BAR_FIELDS = {"timestamp", "open_price", "close_price", "high_price", "low_price", "volume", "turnover"}


def day_of(bar: dict[str, str]) -> str:
    return datetime.fromtimestamp(int(bar["timestamp"]), UTC).date().isoformat()


def test_that_bars_are_real_closes_up_to_the_day_before_the_replay(house: Opener) -> None:
    bars = house().bars("AAPL.US")
    assert len(bars) == 500
    assert [bar.keys() for bar in bars[:1]] == [BAR_FIELDS]
    assert all(type(value) is str for value in bars[0].values())
    assert [(day_of(bar), float(bar["close_price"])) for bar in bars[-1:]] == [("2020-03-06", 70.751)]
    assert [int(bar["timestamp"]) for bar in bars] == sorted(int(bar["timestamp"]) for bar in bars)


def test_that_a_bar_holds_its_own_prices_together(house: Opener) -> None:
    for bar in house().bars("XOM.US"):
        low, high = float(bar["low_price"]), float(bar["high_price"])
        assert low <= float(bar["open_price"]) <= high
        assert low <= float(bar["close_price"]) <= high
        assert float(bar["volume"]) > 0


def test_that_todays_bar_forms_once_the_market_runs(house: Opener) -> None:
    opened = house(day_seconds=30.0)
    client = opened.websocket()
    client.trades("AAPL.US")
    client.push()
    time.sleep(0.3)
    last = opened.bars("AAPL.US")[-1]
    assert day_of(last) == "2020-03-09"
    assert float(last["close_price"]) != 65.155
    opened.server.fault("no_forming_bar")
    time.sleep(0.06)
    assert day_of(opened.bars("AAPL.US")[-1]) == "2020-03-06"


def test_that_no_more_than_500_bars_are_given_whatever_is_asked(house: Opener) -> None:
    assert len(house().bars("AAPL.US", query_kline_num=1000)) == 500


@pytest.mark.parametrize(("plan", "years"), [("Free", 1), ("Basic", 1), ("Premium", 3), ("Professional", 5)])
def test_that_a_plan_sees_as_many_years_as_it_pays_for(house: Opener, plan: str, years: int) -> None:
    opened = house(plan=plan)
    bars, oldest, end = [], None, 0
    while True:
        page = opened.bars("EURUSD", OTHER, kline_timestamp_end=end)
        bars += page
        time.sleep(0.6 if plan == "Free" else 0.06)
        if len(page) < 500 or page[0]["timestamp"] == oldest:
            break
        oldest = page[0]["timestamp"]
        end = int(oldest) - 1
    first = min(day_of(bar) for bar in bars)
    assert date(2020 - years, 3, 4) <= date.fromisoformat(first) <= date(2020 - years, 3, 15)


@pytest.mark.parametrize("unit", [1, 1000])
def test_that_other_markets_page_back_by_an_end_in_seconds_or_milliseconds(house: Opener, unit: int) -> None:
    opened = house()
    newest = opened.bars("BTCUSDT", OTHER, query_kline_num=10)
    older = opened.bars(
        "BTCUSDT", OTHER, query_kline_num=10, kline_timestamp_end=int(newest[0]["timestamp"]) * unit
    )
    assert older[-1] == newest[0]
    assert older[0]["timestamp"] < newest[0]["timestamp"]


@pytest.mark.parametrize(
    "data",
    [
        {"kline_timestamp_end": 1583452800},
        {"kline_type": 6},
        {"kline_type": 7},
        {"kline_type": 11},
        {"query_kline_num": 0},
        {"query_kline_num": "many"},
        {"kline_type": None},
    ],
)
def test_that_what_stocks_cannot_have_answers_400(house: Opener, data: object) -> None:
    wanted = {
        "code": "AAPL.US",
        "kline_type": 8,
        "kline_timestamp_end": 0,
        "query_kline_num": 2,
        "adjust_type": 0,
    }
    _, answer = house().get(f"{STOCK}/kline", wanted | data, trace="why")
    assert (answer["ret"], answer["msg"]) == (400, "request data param invalid")
    assert answer["trace"] == "why"


def test_that_numbers_may_come_as_strings(house: Opener) -> None:
    assert len(house().bars("AAPL.US", kline_type="8", query_kline_num="3", adjust_type="0")) == 3


@pytest.mark.parametrize(("kline_type", "width_s"), [(1, 60), (2, 300), (3, 900), (4, 1800), (5, 3600)])
def test_that_intraday_bars_begin_on_their_width_and_add_up_to_the_day(
    house: Opener, kline_type: int, width_s: int
) -> None:
    opened = house()
    bars = [bar for bar in opened.bars("JPM.US", kline_type=kline_type) if day_of(bar) == "2020-03-06"]
    time.sleep(0.06)
    day = opened.bars("JPM.US", query_kline_num=1)[0]
    starts = [int(bar["timestamp"]) for bar in bars]
    assert {b - a for a, b in pairwise(starts)} == {width_s}
    assert max(float(bar["high_price"]) for bar in bars) == pytest.approx(float(day["high_price"]), abs=1e-4)
    assert min(float(bar["low_price"]) for bar in bars) == pytest.approx(float(day["low_price"]), abs=1e-4)
    assert bars[-1]["close_price"] == day["close_price"]


@pytest.mark.parametrize("kline_type", [9, 10])
def test_that_weeks_and_months_are_made_of_days(house: Opener, kline_type: int) -> None:
    bars = house().bars("AAPL.US", kline_type=kline_type, query_kline_num=20)
    first = [datetime.fromtimestamp(int(bar["timestamp"]), UTC) for bar in bars]
    assert {day.weekday() for day in first} == {0} if kline_type == 9 else {day.day for day in first} == {1}
    assert float(bars[-1]["close_price"]) == 70.751


def test_that_batch_kline_answers_with_its_own_inner_name(house: Opener) -> None:
    opened = house()
    lines = [{"code": code, "kline_type": 8, "query_kline_num": 2} for code in ("AAPL.US", "JPM.US")]
    body = json.dumps({"trace": "b", "data": {"data_list": lines}}).encode()
    _, answer = opened.fetch(f"{STOCK}/batch-kline?token=a-token-of-ours", body)
    groups = answer["data"]["kline_list"]
    assert [(group["code"], group["kline_type"], len(group["kline_data"])) for group in groups] == [
        ("AAPL.US", 8, 2),
        ("JPM.US", 8, 2),
    ]


@pytest.mark.parametrize(
    ("body", "ret"),
    [
        (b"", 601),
        (b"{", 400),
        (b'{"trace":"x"}', 400),
        (b'{"trace":"x","data":{"data_list":[{"code":"AAPL.US","kline_type":8,"query_kline_num":3}]}}', 400),
        (b'{"trace":"x","data":{"data_list":[{"code":"EURUSD","kline_type":8,"query_kline_num":1}]}}', 600),
    ],
)
def test_that_a_bad_batch_answers_its_error(house: Opener, body: bytes, ret: int | None) -> None:
    _, answer = house().fetch(f"{STOCK}/batch-kline?token=a-token-of-ours", body)
    assert answer["ret"] == ret


def test_that_a_trade_tick_is_the_last_close_before_the_start_and_the_last_trade_after(house: Opener) -> None:
    opened = house()
    wanted = {"symbol_list": [{"code": "AAPL.US"}, {"code": "JPM.US"}]}
    _, before = opened.get(f"{STOCK}/trade-tick", wanted)
    assert [tick["price"] for tick in before["data"]["tick_list"]] == [
        "70.751000",
        before["data"]["tick_list"][1]["price"],
    ]
    client = opened.websocket()
    client.trades("AAPL.US")
    pushes = [client.push()["data"] for _ in range(20)]
    time.sleep(0.06)
    _, after = opened.get(f"{STOCK}/trade-tick", wanted)
    tick = after["data"]["tick_list"][0]
    assert list(tick) == ["code", "seq", "tick_time", "price", "volume", "turnover", "trade_direction"]
    assert type(tick["seq"]) is str
    assert type(tick["tick_time"]) is str
    assert int(tick["tick_time"]) >= pushes[-1]["tick_time"]


def test_that_a_depth_tick_is_a_whole_book_with_strings(house: Opener) -> None:
    opened = house()
    client = opened.websocket("/quote-b-ws-api")
    client.books("BTCUSDT")
    client.push()
    _, answer = opened.get(f"{OTHER}/depth-tick", {"symbol_list": [{"code": "BTCUSDT"}]})
    book = answer["data"]["tick_list"][0]
    assert (len(book["bids"]), len(book["asks"])) == (5, 5)
    assert type(book["seq"]) is str


def test_that_static_info_is_all_strings_and_only_for_stocks(house: Opener) -> None:
    opened = house()
    _, answer = opened.get(f"{STOCK}/static_info", {"symbol_list": [{"code": "AAPL.US"}]})
    info = answer["data"]["static_info_list"][0]
    assert all(type(value) is str for value in info.values())
    assert (info["symbol"], info["name_en"], info["exchange"], info["currency"], info["lot_size"]) == (
        "AAPL.US",
        "Apple Inc.",
        "NASD",
        "USD",
        "1",
    )


def test_that_static_info_does_not_exist_on_the_other_base(house: Opener) -> None:
    async def status() -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.get(
                f"{opened.server.http}{OTHER}/static_info?token=a-token-of-ours&query=%7B%7D"
            ) as answer,
        ):
            return answer.status

    opened = house()
    assert asyncio.run(status()) == 404


@pytest.mark.parametrize(
    ("base", "code", "ret"), [(STOCK, "EURUSD", 600), (OTHER, "AAPL.US", 600), (STOCK, "aapl.us", 600)]
)
def test_that_a_code_on_the_wrong_base_answers_600(
    house: Opener, base: str, code: str, ret: int | None
) -> None:
    _, answer = house().get(f"{base}/trade-tick", {"symbol_list": [{"code": code}]})
    assert answer["ret"] == ret


@pytest.mark.parametrize(("token", "text"), [("", "token is required"), ("wrong", "token invalid")])
def test_that_every_path_without_the_token_answers_401_without_trace_or_data(
    house: Opener, token: str, text: str
) -> None:
    opened = house()
    for path in ("kline", "trade-tick", "depth-tick", "static_info"):
        status, answer = opened.get(f"{STOCK}/{path}", {}, token=token)
        assert (status, answer) == (401, {"msg": text, "ret": 401})


@pytest.mark.parametrize("query", ["", "{", quote('{"trace":'), "%ff"])
def test_that_an_unreadable_query_answers_402(house: Opener, query: str) -> None:
    _, answer = house().fetch(f"{STOCK}/kline?token=a-token-of-ours&query={query}")
    assert (answer["ret"], answer["msg"]) == (402, "query invalid")


def calls_until_refused(opened: Any, n_most: int) -> tuple[int, int, int]:
    for n in range(n_most):
        status, answer = opened.get(f"{STOCK}/trade-tick", {"symbol_list": []})
        if answer["ret"] != 200:
            return n, status, answer["ret"]
    return n_most, 200, 200


@pytest.mark.parametrize(
    ("plan", "n_allowed"), [("Free", 1), ("Basic", 1), ("Premium", 10), ("Professional", 20)]
)
def test_that_a_plan_grants_its_calls_a_second_and_then_answers_429(
    house: Opener, plan: str, n_allowed: int
) -> None:
    opened = house(plan=plan, pacing=Pacing())
    assert calls_until_refused(opened, n_allowed + 1) == (n_allowed, 429, 429)


def test_that_basic_may_call_two_endpoints_in_one_second_and_free_may_not(house: Opener) -> None:
    for plan, ret in (("Basic", 200), ("Free", 429)):
        opened = house(plan=plan, pacing=Pacing())
        calls_until_refused(opened, 1)
        _, answer = opened.get(f"{STOCK}/depth-tick", {"symbol_list": []})
        assert answer["ret"] == ret


def test_that_calls_are_granted_again_when_the_window_has_passed(house: Opener) -> None:
    opened = house(plan="Basic", pacing=replace(Pacing(), rest_second_s=0.2))
    assert calls_until_refused(opened, 2)[0] == 1
    time.sleep(0.25)
    assert calls_until_refused(opened, 2)[0] == 1


def test_that_the_days_calls_are_counted_too(house: Opener) -> None:
    opened = house(plan="Free", pacing=replace(Pacing(), rest_second_s=0.0, rest_minute_s=0.0))
    n, _, ret = calls_until_refused(opened, 1001)
    assert (n, ret) == (1000, 429)


def test_that_the_free_plan_sees_five_codes_a_call(house: Opener) -> None:
    codes = ["AAPL.US", "AMD.US", "BAC.US", "BBY.US", "CVX.US", "GE.US", "HD.US"]
    wanted = {"symbol_list": [{"code": code} for code in codes]}
    _, cut = house(plan="Free").get(f"{STOCK}/trade-tick", wanted)
    assert [tick["code"] for tick in cut["data"]["tick_list"]] == codes[:5]
    refusing = house(plan="Free", readings=Readings(too_many_codes="603"))
    _, refused = refusing.get(f"{STOCK}/trade-tick", wanted)
    assert (refused["ret"], refused["msg"]) == (603, "token level not enough")


def test_that_a_negative_price_passes_through_bars_and_ticks(house: Opener) -> None:
    opened = house(first_day=date(2020, 4, 20), last_day=date(2020, 4, 21), day_seconds=0.5, rate=50.0)
    client = opened.websocket("/quote-b-ws-api")
    client.trades("USOIL")
    last = client.until(lambda push: push["data"].get("tick_time") == 1587412800000)
    assert last["data"]["price"] == "-36.980"
    time.sleep(0.7)
    assert [bar["close_price"] for bar in opened.bars("USOIL", OTHER)[-2:]] == ["-36.980", "8.910"]


@pytest.mark.parametrize(
    ("readings", "ret"), [(Readings(rest_limit_ret="605"), 605), (Readings(rest_limit_ret="429"), 429)]
)
def test_that_the_plans_limit_answers_either_number(house: Opener, readings: Readings, ret: int) -> None:
    opened = house(plan="Basic", pacing=Pacing(), readings=readings)
    assert calls_until_refused(opened, 2) == (1, 429, ret)


def test_that_bars_come_shuffled_or_without_a_forming_one_in_their_readings(house: Opener) -> None:
    opened = house(readings=Readings(bar_order="shuffled", forming_bar="no"), start="now", day_seconds=60.0)
    stamps = [bar["timestamp"] for bar in opened.bars("AAPL.US", query_kline_num=50)]
    assert stamps != sorted(stamps)
    assert len(stamps) > len(set(stamps)) == 50
    assert datetime.fromtimestamp(int(max(stamps)), UTC).date() == date(2020, 3, 6)


def test_that_a_code_outside_the_allowed_list_answers_604(house: Opener) -> None:
    opened = house(readings=Readings(allowed_codes=frozenset({"AAPL.US"})))
    _, answer = opened.get(f"{STOCK}/trade-tick", {"symbol_list": [{"code": "JPM.US"}]})
    assert (answer["ret"], answer["msg"]) == (604, "code unauthorized")
