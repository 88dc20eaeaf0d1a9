"""Whole order books on their way to the risk thread: the latest wins, none is lost with its ticks."""

import numpy as np

from plimsoll.bridge.tick_buffer import TickBuffer
from plimsoll.domain.tick import TICK_DTYPE, DepthBook, TickCounts

NONE = TickCounts()


def rows(n: int = 1) -> np.ndarray:
    return np.zeros(n, dtype=TICK_DTYPE)


def book(code: str, bid: float) -> DepthBook:
    return DepthBook(code, ((bid, 1.0),), (), 1, 1)


def test_that_a_book_travels_with_the_ticks_it_came_with() -> None:
    batch = TickBuffer().put("stock", rows(), NONE, NONE, (book("A.US", 9.0),))
    assert batch is not None
    assert [depth.code for depth in batch.depths] == ["A.US"]


def test_that_while_a_batch_is_in_flight_the_latest_book_of_each_code_waits_for_the_next() -> None:
    buffer = TickBuffer()
    buffer.put("stock", rows(), NONE, NONE)
    assert buffer.put("stock", rows(), NONE, NONE, (book("A.US", 9.0), book("B.US", 5.0))) is None
    assert buffer.put("other", rows(), NONE, NONE, (book("A.US", 9.5),)) is None
    batch = buffer.next_batch()
    assert batch is not None
    assert {depth.code: depth.bids[0][0] for depth in batch.depths} == {"A.US": 9.5, "B.US": 5.0}
    assert buffer.next_batch() is None
    last = buffer.put("other", rows(), NONE, NONE)
    assert last is not None
    assert last.depths == ()


def test_that_overload_folds_ticks_and_keeps_every_codes_book() -> None:
    buffer = TickBuffer(capacity=16)
    buffer.put("stock", rows(), NONE, NONE)
    for number in range(100):
        buffer.put("stock", rows(8), NONE, NONE, (book(f"S{number % 10}.US", float(number)),))
    batch = buffer.next_batch()
    assert batch is not None
    assert sorted(depth.bids[0][0] for depth in batch.depths) == [float(number) for number in range(90, 100)]
