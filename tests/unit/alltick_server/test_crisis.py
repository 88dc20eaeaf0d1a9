"""The replay of closes: which days trade, which ticks come when, and that they repeat."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pytest

from plimsoll.alltick_server.close_series import BadMarketFile, CloseSeries, bundled_closes
from plimsoll.alltick_server.crisis import CrisisMarket, session_open_ns, trading_days
from plimsoll.alltick_server.listing import listing
from plimsoll.alltick_server.market import Chunk, newest

SERIES = bundled_closes()
S = 1_000_000_000


def market(**options: Any) -> CrisisMarket:
    usual = {"day_seconds": 2.0, "rate": 20.0, "seed": 1}
    return CrisisMarket(SERIES, date(2020, 4, 17), date(2020, 4, 21), **(usual | options))


def all_chunks(one: CrisisMarket) -> list[Chunk]:
    chunks, index = [], 0
    while (chunk := one.chunk(index)) is not None:
        chunks.append(chunk)
        index += 1
    return chunks


def test_that_rows_are_due_in_order_within_and_across_chunks_and_none_twice() -> None:
    chunks = all_chunks(market())
    due = np.concatenate([chunk.due_ns for chunk in chunks])
    assert np.all(np.diff(due) >= 0)
    seq = np.concatenate([chunk.first_seq + np.arange(len(chunk)) for chunk in chunks])
    assert np.all(np.diff(seq) > 0)


def test_that_every_tick_lies_within_its_days_bar() -> None:
    one = market()
    for chunk in all_chunks(one):
        for code in np.unique(chunk.code):
            rows = (chunk.code == code) & ~chunk.is_book
            if rows.any():
                bars = one._bars(int(code))
                row = bars.row_of(int(chunk.time_ms[0] // 86_400_000))
                assert chunk.price[rows].min() >= bars.low[row]
                assert chunk.price[rows].max() <= bars.high[row]


def test_that_the_last_trade_of_each_day_and_code_is_the_real_close() -> None:
    one = market()
    closing = [(c, r) for c in all_chunks(one) for r in np.flatnonzero(c.is_close)]
    assert len(closing) == 3 * len(SERIES)
    for chunk, row in closing:
        series = one._series[chunk.code[row]]
        day = chunk.time_ms[row] // 86_400_000
        assert chunk.price[row] == series.close[np.searchsorted(series.day, day)]
        assert chunk.time_ms[row] * 1_000_000 == session_open_ns(int(day)) + 23_400 * S


def test_that_a_book_is_never_crossed_and_straddles_no_zero_spread() -> None:
    for chunk in all_chunks(market()):
        books = chunk.is_book
        assert np.all(chunk.ask[books] > chunk.price[books])
        assert np.all(chunk.size > 0)


def test_that_the_rate_is_kept_on_average() -> None:
    n_rows = sum(len(chunk) for chunk in all_chunks(market(day_seconds=30.0, rate=10.0)))
    assert n_rows / (3 * 30.0 * len(SERIES)) == pytest.approx(10.0, rel=0.05)


def test_that_the_same_seed_repeats_to_the_tick_and_chunks_may_be_built_in_any_order() -> None:
    forward, backward = market(), market()
    n = len(all_chunks(forward))
    for index in reversed(range(n)):
        first, second = forward.chunk(index), backward.chunk(index)
        assert np.array_equal(first.price, second.price)
        assert np.array_equal(first.time_ms, second.time_ms)
    assert not np.array_equal(market(seed=2).chunk(3).price, forward.chunk(3).price)


def test_that_a_codes_path_does_not_depend_on_which_others_are_replayed() -> None:
    oil = [one for one in SERIES if one.listing.code == "USOIL"]
    days = (date(2020, 4, 17), date(2020, 4, 21))
    alone, among = CrisisMarket(oil, *days, seed=1), market()
    place = [one.code for one in among.listings].index("USOIL")
    assert np.array_equal(alone._paths(1).price[0], among._paths(1).price[place])


def test_that_exchange_time_runs_at_its_speed_within_a_day_and_jumps_at_night() -> None:
    one = market()
    assert one.exchange_time_ns(0) == one.exchange_start_ns == session_open_ns(18369)
    assert one.exchange_time_ns(S) == one.exchange_start_ns + 11_700 * S
    assert one.exchange_time_ns(2 * S) == session_open_ns(18372)
    assert one.exchange_time_ns(99 * S) == session_open_ns(18373) + 23_400 * S


def test_that_the_end_is_the_end_unless_it_loops() -> None:
    assert market().chunk(24) is None
    looping = market(loops=True)
    assert len(looping.chunk(24)) > 0
    assert looping.exchange_time_ns(6 * S) == looping.exchange_start_ns


@pytest.mark.parametrize(("day", "hour_utc"), [("2020-03-06", 14.5), ("2020-03-09", 13.5)])
def test_that_new_york_opens_at_half_past_nine_in_winter_and_in_summer(day: str, hour_utc: float) -> None:
    number = int(np.datetime64(day, "D").astype(int))
    assert session_open_ns(number) // S % 86_400 == hour_utc * 3600


def test_that_a_day_trades_when_half_of_the_living_codes_have_a_close() -> None:
    def of(code: str, days: Iterable[int]) -> CloseSeries:
        return CloseSeries(listing(code), np.array(days, np.int32), np.ones(len(days)))

    week = [of("A.US", [1, 2, 5, 6]), of("B.US", [1, 2, 5, 6]), of("C.US", [5, 6]), of("XUSDT", range(1, 8))]
    assert trading_days(week, 0, 10) == [1, 2, 5, 6, 7]
    assert trading_days(week, 2, 5) == [2, 5]


def test_that_a_stretch_without_a_trading_day_is_refused() -> None:
    with pytest.raises(BadMarketFile, match="choose other dates"):
        CrisisMarket(SERIES, date(1950, 1, 1), date(1950, 2, 1))


def test_that_the_newest_tick_is_the_last_one_due_and_none_before_the_first() -> None:
    one = market()
    place = newest(one, 0, 3 * S, is_book=False)
    rows = [
        (chunk.due_ns[row], chunk.price[row])
        for chunk in all_chunks(one)
        for row in np.flatnonzero((chunk.code == 0) & ~chunk.is_book & (chunk.due_ns <= 3 * S))
    ]
    assert (place.chunk.due_ns[place.row], place.chunk.price[place.row]) == rows[-1]
    assert newest(one, 0, -1, is_book=False) is None


def test_that_a_code_without_a_close_that_day_is_silent_and_keeps_its_earlier_close() -> None:
    gap = CloseSeries(listing("GAP.US"), np.array([18366, 18369, 18373], np.int32), np.array([5.0, 6.0, 7.0]))
    one = CrisisMarket([*SERIES, gap], date(2020, 4, 17), date(2020, 4, 21), day_seconds=2.0, seed=1)
    place = [each.code for each in one.listings].index("GAP.US")
    days = {int(c.time_ms[r] // 86_400_000) for c in all_chunks(one) for r in np.flatnonzero(c.code == place)}
    assert days == {18369, 18373}
    assert one.earlier_close(place, session_open_ns(18372)) == (
        (session_open_ns(18369) + 23_400 * S) // 1_000_000,
        6.0,
    )
