"""Whole order books from a real server on loopback, into the figures of getting out."""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from fakes.market_case import MixedCase
from fakes.running_feed import SWIFT, RunningFeed
from plimsoll.alltick_server.pacing import Pacing as ServerPacing
from plimsoll.alltick_server.running_server import ServeOptions
from plimsoll.alltick_server.server_thread import ServerThread
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.market_watch import MarketWatch
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.feed.address import Door

WANTED = {Door.STOCKS: ("AAPL.US",), Door.OTHERS: ("EURUSD", "BTCUSDT")}
WINDOW = PriceWindow(np.empty(0, dtype=np.int64), np.empty((0, 0)))


@pytest.fixture
def server() -> Iterator[ServerThread]:
    options = ServeOptions(pacing=ServerPacing().scaled(SWIFT), day_seconds=5.0, rate=40.0)
    with ServerThread(options) as made:
        yield made


def test_that_books_of_every_depth_arrive_and_price_the_way_out(server: ServerThread) -> None:
    with RunningFeed(int(server.url.rsplit(":", 1)[1]), WANTED) as feed:
        feed.until(lambda: set(feed.books) >= {"AAPL.US", "EURUSD", "BTCUSDT"})
        books = dict(feed.books)
    assert [len(books[code].bids) for code in ("AAPL.US", "EURUSD", "BTCUSDT")] == [1, 1, 5]
    case = MixedCase()
    watch = MarketWatch(case.universe, RiskMethod())
    watch.use_window(replace(WINDOW, average_volume=np.full(len(case.universe.instruments), 1e5)))
    watch.take_depth(books.values())
    now_ns = time.time_ns()
    coin = case.number("BTCUSDT")
    visible = sum(size for _, size in books["BTCUSDT"].bids)
    quantity = case.now.quantity.copy()
    quantity[coin] = visible * 0.9
    book = replace(case.now, quantity=quantity)
    for step in range(40):
        watch.measure(now_ns + step * 50_000_000, book)
    liquidity = watch.figures.liquidity
    bid, ask = books["BTCUSDT"].bids[0][0], books["BTCUSDT"].asks[0][0]
    assert liquidity.spread_fraction[coin] == pytest.approx((ask - bid) / ((ask + bid) / 2))
    assert liquidity.is_by_depth[coin]
    taken, cost = 0.0, 0.0
    for price, size in books["BTCUSDT"].bids:
        part = min(size, quantity[coin] - taken)
        cost += part * ((ask + bid) / 2 - price)
        taken += part
    assert liquidity.exit_cost_base[coin] == pytest.approx(cost)
    for code in ("AAPL.US", "EURUSD"):
        assert liquidity.spread_fraction[case.number(code)] > 0.0
        assert not liquidity.is_by_depth[case.number(code)]
    assert np.isnan(liquidity.spread_fraction[case.number("GOLD")])
