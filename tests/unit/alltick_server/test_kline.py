"""K-lines of every type, from days and from paths."""

from typing import Any

import numpy as np
import pytest

from plimsoll.alltick_server.daily_bar import DailyBars
from plimsoll.alltick_server.day_path import N_NODES
from plimsoll.alltick_server.kline import DAY, INTRADAY_S, MONTH, WEEK, long_bars, session_bars, short_bars
from plimsoll.alltick_server.market import Bar

D = 86_400
N = 900
CLOSE = 100.0 + np.arange(N, dtype=np.float64)
BARS = DailyBars(np.arange(N, dtype=np.int32), CLOSE - 0.5, CLOSE + 1.0, CLOSE - 1.0, CLOSE, np.full(N, 10.0))
PATH = 50.0 + np.sin(np.linspace(0.0, 9.0, N_NODES))


def long(kline_type: int, **options: Any) -> list[Bar]:
    usual = {"upto_row": N, "forming": None, "end_s": None, "n": 500}
    return long_bars(BARS, kline_type, **(usual | options))


def test_that_the_newest_bars_come_last_and_no_more_than_asked() -> None:
    bars = long(DAY, n=3)
    assert [bar.start_s for bar in bars] == [897 * D, 898 * D, 899 * D]
    assert bars[-1][1:6] == (998.5, 1000.0, 998.0, 999.0, 10.0)


def test_that_an_end_is_inclusive_and_pages_without_holes() -> None:
    newest, older = long(DAY, n=10), long(DAY, n=10, end_s=890 * D)
    assert older[-1].start_s == newest[0].start_s == 890 * D


def test_that_a_forming_day_comes_last_unless_the_end_lies_before_it() -> None:
    forming = Bar(900 * D, 1.0, 2.0, 0.5, 1.5, 3.0, 4.0, True)
    assert long(DAY, n=2, forming=forming)[-1] == forming
    assert long(DAY, n=2, forming=forming, end_s=899 * D)[-1].start_s == 899 * D


def test_that_weeks_begin_on_monday_and_months_on_the_first() -> None:
    weeks, months = long(WEEK, n=30), long(MONTH, n=12)
    assert {np.datetime64(bar.start_s // D, "D").astype(object).weekday() for bar in weeks} == {0}
    assert {np.datetime64(bar.start_s // D, "D").astype(object).day for bar in months} == {1}
    assert len(weeks) == 30
    assert len(months) == 12


def test_that_a_week_holds_its_days() -> None:
    week = long(WEEK, n=2)[0]
    days = [bar for bar in long(DAY) if week.start_s <= bar.start_s < week.start_s + 7 * D]
    assert (week.open, week.close) == (days[0].open, days[-1].close)
    assert (week.high, week.low) == (max(d.high for d in days), min(d.low for d in days))
    assert week.volume == sum(d.volume for d in days)


@pytest.mark.parametrize("width_s", INTRADAY_S.values())
def test_that_a_sessions_bars_cover_it_whole(width_s: int) -> None:
    bars = session_bars(PATH, 0, width_s, D, 1000.0)
    assert [bar.start_s for bar in bars] == list(range(0, 23_400, width_s))
    assert max(bar.high for bar in bars) == pytest.approx(PATH.max(), abs=1e-5)
    assert bars[-1].close == PATH[-1]
    assert not any(bar.is_forming for bar in bars)


def test_that_bars_end_with_the_one_that_is_forming_now() -> None:
    bars = session_bars(PATH, 0, 300, 450, 1000.0)
    assert [(bar.start_s, bar.is_forming) for bar in bars] == [(0, False), (300, True)]
    assert session_bars(PATH, 0, 300, -1, 1000.0) == []


def test_that_short_bars_go_back_over_the_night() -> None:
    bars = short_bars(
        BARS,
        5,
        now_s=899 * D + 40_000,
        end_s=None,
        n=9,
        open_s=lambda day: day * D + 34_200,
        path=lambda _: PATH,
    )
    assert [bar.start_s for bar in bars] == [898 * D + 34_200 + k * 3600 for k in range(7)] + [
        899 * D + 34_200,
        899 * D + 37_800,
    ]
