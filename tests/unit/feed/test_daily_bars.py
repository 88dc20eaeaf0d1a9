import math
from datetime import UTC, date, datetime

import numpy as np
import pytest

from plimsoll.feed.daily_bars import Bar, daily_bars, day_number, formed_at_ns, in_order

EPOCH = date(1970, 1, 1)


def stamp(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def day(text: str) -> int:
    return (date.fromisoformat(text) - EPOCH).days


def bar(start_s: int, close: float = 1.0, volume: float = 1.0) -> Bar:
    return Bar(start_s, close, close, close, close, volume)


@pytest.mark.parametrize(
    ("code", "starts", "belongs"),
    [
        ("AAPL.US", "2020-03-09T00:00", "2020-03-09"),  # midnight UTC
        ("AAPL.US", "2020-03-09T04:00", "2020-03-09"),  # midnight in New York
        ("AAPL.US", "2020-03-09T13:30", "2020-03-09"),  # the opening there
        ("700.HK", "2020-03-08T16:00", "2020-03-09"),  # midnight in Hong Kong
        ("700.HK", "2020-03-09T01:30", "2020-03-09"),
        ("600519.SH", "2020-03-08T16:00", "2020-03-09"),
        ("000001.SZ", "2020-03-09T00:00", "2020-03-09"),
        ("EURUSD", "2020-03-09T00:00", "2020-03-09"),
        ("EURUSD", "2020-03-08T21:00", "2020-03-09"),  # 17:00 in New York on the eve
        ("GOLD", "2020-03-08T22:00", "2020-03-09"),
        ("BTCUSDT", "2020-03-08T16:00", "2020-03-09"),  # midnight in China
        ("BTCUSDT", "2020-03-07T00:00", "2020-03-07"),  # a Saturday
    ],
)
def test_that_a_bar_belongs_to_the_day_its_market_calls_it(code: str, starts: str, belongs: str) -> None:
    assert day_number(code, stamp(starts)) == day(belongs)


@pytest.mark.parametrize(
    ("code", "formed"),
    [
        ("AAPL.US", "2020-03-09T21:00"),  # summer time had begun the day before
        ("EURUSD", "2020-03-09T21:00"),
        ("700.HK", "2020-03-09T09:00"),
        ("000001.SZ", "2020-03-09T09:00"),
        ("BTCUSDT", "2020-03-10T00:00"),
    ],
)
def test_that_a_day_is_formed_at_its_market_s_end(code: str, formed: str) -> None:
    assert formed_at_ns(code, day("2020-03-09")) == stamp(formed) * 10**9


def test_that_new_york_s_winter_is_an_hour_later() -> None:
    assert formed_at_ns("AAPL.US", day("2020-01-09")) == stamp("2020-01-09T22:00") * 10**9


def test_that_bars_are_put_in_order_and_of_repeats_the_fuller_one_is_kept() -> None:
    found = in_order(
        [bar(200, 2.0), bar(100, 1.0, 5.0), bar(100, 9.0, 7.0), bar(100, 1.5, 6.0), bar(200, 3.0, math.nan)]
    )
    assert [(each.start_s, each.close) for each in found] == [(100, 9.0), (200, 3.0)]


def test_that_the_day_still_forming_is_left_out_by_exchange_time() -> None:
    bars = [bar(stamp("2020-03-06T00:00")), bar(stamp("2020-03-09T00:00"))]
    noon = stamp("2020-03-09T16:00") * 10**9
    evening = stamp("2020-03-09T21:00") * 10**9
    assert daily_bars("AAPL.US", bars, formed_before_ns=noon).day_numbers.tolist() == [day("2020-03-06")]
    assert len(daily_bars("AAPL.US", bars, formed_before_ns=evening)) == 2
    assert len(daily_bars("AAPL.US", bars)) == 2


def test_that_columns_hold_one_row_a_day_and_cannot_be_changed() -> None:
    bars = daily_bars("X.US", [Bar(stamp("2020-03-09T00:00"), 1.0, 4.0, 0.5, 2.0, math.nan)])
    assert (bars.open[0], bars.high[0], bars.low[0], bars.close[0]) == (1.0, 4.0, 0.5, 2.0)
    assert np.isnan(bars.volume[0])
    for column in (bars.day_numbers, bars.open, bars.high, bars.low, bars.close, bars.volume):
        assert not column.flags.writeable


def test_that_no_bars_are_empty_columns() -> None:
    bars = daily_bars("X.US", [])
    assert len(bars) == bars.n_weekdays == 0
    assert bars.close.dtype == np.float64


def test_that_weekends_are_not_weekdays() -> None:
    week = [bar(stamp(f"2020-03-{number:02d}T00:00")) for number in range(2, 9)]
    assert daily_bars("BTCUSDT", week).n_weekdays == 5
