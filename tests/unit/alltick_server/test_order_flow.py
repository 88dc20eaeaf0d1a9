"""Trades and books around a middle price."""

import numpy as np

from plimsoll.alltick_server.listing import listing
from plimsoll.alltick_server.market import Chunk
from plimsoll.alltick_server.order_flow import Moments, OrderFlow

LISTINGS = [listing(code) for code in ("AAPL.US", "EURUSD", "BTCUSDT", "USOIL")]


def chunk_at(code: int, middle: float, n: int = 500) -> Chunk:
    moments = Moments(
        due_ns=np.arange(n),
        time_ms=np.arange(n) + 1_700_000_000_123,
        code=np.full(n, code, np.int32),
        is_book=np.arange(n) % 2 == 0,
        is_close=np.zeros(n, np.bool_),
        middle=np.full(n, middle),
        low=np.full(n, middle - 1.0),
        high=np.full(n, middle + 1.0),
    )
    return OrderFlow(LISTINGS).chunk(moments, np.random.default_rng(1), 1)


def test_that_prices_of_shares_lie_on_their_tick_grid() -> None:
    for middle, tick in ((65.155, 0.01), (2.58, 0.001), (0.098, 0.0001)):
        trades = chunk_at(0, middle).price
        assert np.allclose(trades / tick, np.round(trades / tick), atol=1e-6), middle


def test_that_buyers_pay_the_offer_and_sellers_get_the_bid() -> None:
    chunk = chunk_at(0, 100.0)
    trades = ~chunk.is_book
    assert chunk.price[trades & (chunk.direction == 1)].mean() > 100.0
    assert chunk.price[trades & (chunk.direction == 2)].mean() < 100.0


def test_that_a_negative_price_has_a_book_too() -> None:
    chunk = chunk_at(3, -36.98)
    assert np.all(chunk.ask[chunk.is_book] > chunk.price[chunk.is_book])
    assert np.all(chunk.price < 0)


def test_that_times_of_shares_are_whole_seconds_and_others_are_not() -> None:
    assert set(chunk_at(0, 100.0).time_ms % 1000) == {0}
    assert len(set(chunk_at(1, 1.1).time_ms % 1000)) == 500


def test_that_one_way_markets_have_one_direction() -> None:
    assert set(chunk_at(1, 1.1).direction) == {1}
    assert set(chunk_at(2, 9_000.0).direction) == {0, 1, 2}
