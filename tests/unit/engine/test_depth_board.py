import numpy as np

from plimsoll.domain.tick import TICK_DTYPE, DepthBook, TickBatch
from plimsoll.engine.depth_board import DepthBoard

S = 1_000_000_000
NOW = 100 * S
Side = tuple[tuple[float, float], ...]


def board() -> DepthBoard:
    return DepthBoard(("A.US", "B.US"), fresh_ns=10 * S)


def book(
    code: str, bids: Side = ((9.0, 100.0),), asks: Side = ((11.0, 50.0),), heard_ns: int = NOW
) -> DepthBook:
    return DepthBook(code, bids, asks, heard_ns, heard_ns)


def test_that_the_newest_book_of_each_instrument_stands_and_others_are_left_aside() -> None:
    found = board()
    found.take([book("A.US"), book("C.US"), book("A.US", bids=((9.5, 7.0), (9.4, 1.0)), heard_ns=NOW + 1)])
    bid, ask = found.quotes(NOW + 1)
    assert bid[0] == 9.5
    assert ask[0] == 11.0
    assert np.isnan([bid[1], ask[1]]).all()
    assert found.levels(0, is_bid=True) == ((9.5, 7.0), (9.4, 1.0))
    assert found.levels(0, is_bid=False) == ((11.0, 50.0),)
    assert found.levels(1, is_bid=True) == ()


def test_that_a_book_heard_earlier_never_replaces_a_later_one() -> None:
    found = board()
    found.take([book("A.US")])
    found.take([book("A.US", bids=((1.0, 1.0),), heard_ns=NOW - 1)])
    assert found.quotes(NOW)[0][0] == 9.0


def test_that_a_quote_lapses_when_it_is_no_longer_fresh() -> None:
    found = board()
    found.take([book("A.US")])
    assert found.is_fresh(NOW + 10 * S).tolist() == [True, False]
    assert found.quotes(NOW + 10 * S)[0][0] == 9.0
    assert np.isnan(found.quotes(NOW + 10 * S + 1)[0][0])
    assert found.quote(0, NOW + 10 * S) == (9.0, 11.0)
    assert np.isnan(found.quote(0, NOW + 10 * S + 1)).all()


def test_that_a_crossed_or_one_sided_book_is_no_quote() -> None:
    found = board()
    found.take([book("A.US", bids=((12.0, 1.0),)), book("B.US", asks=())])
    bid, ask = found.quotes(NOW)
    assert np.isnan([*bid, *ask, *found.quote(0, NOW), *found.quote(1, NOW)]).all()
    bid_size, ask_size = found.best_sizes()
    assert bid_size.tolist() == [1.0, 100.0]
    assert ask_size[0] == 50.0
    assert np.isnan(ask_size[1])


def test_that_a_batch_of_ticks_brings_no_books_unless_it_is_given_some() -> None:
    rows = np.zeros(1, dtype=TICK_DTYPE)
    assert TickBatch(rows).depths == ()
    assert TickBatch(rows, depths=(book("A.US"),)).depths[0].code == "A.US"
