"""Recorded ticks on their own clock, with bars of their own."""

from collections.abc import Sequence

import numpy as np
import pytest

from plimsoll.alltick_server.close_series import CloseSeries
from plimsoll.alltick_server.listing import listing
from plimsoll.alltick_server.recorded_tick import RecordedTicks
from plimsoll.alltick_server.recording import RecordingMarket

DAY = 18_000
MS = DAY * 86_400_000 + 50_000_000


def ticks(code: str = "IBM.US", prices: tuple[float, ...] = (10.0, 11.0, 9.0, 10.5)) -> RecordedTicks:
    n = len(prices)
    return RecordedTicks(
        codes=(code,),
        code=np.zeros(n, np.int32),
        time_ms=MS + 20_000 * np.arange(n) + 7,
        is_book=np.zeros(n, np.bool_),
        price=np.array(prices),
        size=np.full(n, 2.0),
        ask=np.zeros(n),
        ask_size=np.zeros(n),
        direction=np.ones(n, np.int32),
        ladder_row=np.full(n, -1),
        ladders=np.zeros((0, 10, 4)),
    )


def market(
    recorded: RecordedTicks | None = None, speed: float = 1.0, history: Sequence[CloseSeries] = ()
) -> RecordingMarket:
    return RecordingMarket(
        recorded or ticks(), speed=speed, history={s.listing.code: s for s in history}, seed=0
    )


@pytest.mark.parametrize("speed", [1.0, 10.0])
def test_that_ticks_are_due_at_their_recorded_distance(speed: float) -> None:
    assert market(speed=speed).chunk(0).due_ns.tolist() == [int(k * 20e9 / speed) for k in range(4)]


def test_that_flat_out_everything_is_due_at_once_and_time_is_the_end() -> None:
    one = market(speed=0.0)
    assert one.is_flat_out
    assert one.chunk(0).due_ns.tolist() == [0, 0, 0, 0]
    assert one.exchange_time_ns(0) == (MS + 60_007) * 1_000_000
    assert one.chunk(1) is None


def test_that_shares_are_stamped_in_whole_seconds_and_coins_to_the_millisecond() -> None:
    assert market().chunk(0).time_ms.tolist()[0] == MS
    assert market(ticks("BTCUSDT")).chunk(0).time_ms.tolist()[0] == MS + 7


def test_that_bars_hold_the_trades_so_far() -> None:
    one = market()
    bars = one.bars(0, 1, (MS + 45_000) * 1_000_000, None, 500)
    assert [bar[1:6] for bar in bars] == [(10.0, 11.0, 10.0, 11.0, 4.0), (9.0, 9.0, 9.0, 9.0, 2.0)]
    assert [bar.start_s % 60 for bar in bars] == [0, 0]
    assert [bar.is_forming for bar in bars] == [False, True]


def test_that_the_days_before_are_put_on_the_recordings_price_level() -> None:
    days = np.array([DAY - 2, DAY - 1, DAY], np.int32)
    history = CloseSeries(listing("IBM.US"), days, np.array([4.0, 5.0, 5.25]))
    one = market(history=[history])
    bars = one.bars(0, 8, (MS + 70_000) * 1_000_000, None, 500)
    assert [bar.close for bar in bars] == [8.0, 10.0, 10.5]
    assert one.earlier_close(0, MS * 1_000_000)[1] == 10.0


def test_that_recorded_prices_keep_all_their_decimals() -> None:
    assert market(ticks("GOLD", (1291.677, 1292.0))).listings[0].decimals == 3
    assert market(ticks("XRPETH", (0.00141342, 0.0014))).listings[0].decimals == 8
    assert market(ticks("BTCUSDT", (236.0, 237.0))).listings[0].decimals == 2
