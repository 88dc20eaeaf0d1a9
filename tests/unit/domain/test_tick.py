import numpy as np

from plimsoll.domain.tick import QUOTE, TICK_DTYPE, TRADE, DepthBook, TickBatch, TickCounts


def test_that_a_batch_is_as_long_as_its_rows_and_starts_with_no_counts() -> None:
    batch = TickBatch(np.zeros(3, dtype=TICK_DTYPE))
    assert len(batch) == 3
    assert batch.trades == batch.books == TickCounts()


def test_that_trades_and_quotes_are_told_apart_in_one_byte() -> None:
    assert {TRADE, QUOTE} == {0, 1}
    assert TICK_DTYPE["kind"] == np.uint8


def test_that_each_place_a_tick_can_go_accounts_for_it_and_one_that_went_nowhere_shows() -> None:
    for place in ("applied", "folded", "refused", "repeated", "late", "not_held", "waiting"):
        assert TickCounts(received=1, **{place: 1}).unaccounted == 0, place
    assert TickCounts(received=1).unaccounted == 1
    assert TickCounts(applied=1).unaccounted == -1


def test_that_counts_add_place_by_place() -> None:
    assert TickCounts(1, 2, 3, 4, 5, 6, 7, 8) + TickCounts(10, 20, 30, 40, 50, 60, 70, 80) == TickCounts(
        11, 22, 33, 44, 55, 66, 77, 88
    )


def test_that_a_depth_book_may_have_an_empty_side() -> None:
    book = DepthBook("GOLD", ((1600.0, 5.0),), (), 1, 2)
    assert book.asks == ()
