"""A rehearsed market quotes each price with its spread, and no price where there is none."""

import numpy as np

from fakes.trading_desk import rows_of
from plimsoll.domain.tick import QUOTE, TRADE, TickBatch
from plimsoll.engine.quote_shelf import QuoteShelf

NAN = float("nan")


def test_that_prices_are_quoted_with_the_spread_around_them() -> None:
    shelf = QuoteShelf(("A", "B", "C"), 0.01)
    shelf.take(np.array([100.0, NAN, -20.0]))
    batch = shelf.batch(7)
    assert batch.rows["instrument"].tolist() == [0, 2]
    assert batch.rows["price"].tolist() == [99.5, -20.1]
    assert batch.rows["ask"].tolist() == [100.5, -19.9]
    assert [depth.code for depth in batch.depths] == ["A", "C"]
    book = shelf.depth_of("A")
    assert book is not None
    assert (book.bids[0][0], book.asks[0][0], book.received_time_ns) == (99.5, 100.5, 7)
    assert shelf.depth_of("B") is None
    assert shelf.depth_of("nobody") is None


def test_that_ticks_move_the_prices_of_their_instruments() -> None:
    shelf = QuoteShelf(("A", "B"), 0.0)
    rows = rows_of(
        [
            (TRADE, 0, 50.0, NAN, 1.0, NAN, 3, 4, 0),
            (QUOTE, 1, 9.0, 11.0, 1.0, 1.0, 3, 4, 0),
            (QUOTE, 0, 51.0, NAN, 1.0, NAN, 5, 6, 0),  # no ask: no middle
        ]
    )
    shelf.take_ticks(TickBatch(rows))
    first, second = shelf.depth_of("A"), shelf.depth_of("B")
    assert first is not None
    assert second is not None
    assert (first.bids[0][0], first.received_time_ns) == (50.0, 4)
    assert second.bids[0][0] == 10.0
