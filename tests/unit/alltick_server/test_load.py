"""Synthetic codes: every code in turn, at the rate, for ever, and the same each time."""

import numpy as np
import pytest

from plimsoll.alltick_server.load import LoadMarket

S = 1_000_000_000


def test_that_every_code_ticks_in_turn_without_a_gap() -> None:
    one = LoadMarket(7, 1000.0, book_share=0.0, seed=1)
    code = np.concatenate([one.chunk(index).code for index in range(5)])
    assert np.array_equal(code, np.arange(len(code)) % 7)


@pytest.mark.parametrize("rate", [10.0, 1_000.0, 100_000.0])
def test_that_ticks_are_due_at_the_rate(rate: float) -> None:
    one = LoadMarket(50, rate, book_share=0.0, seed=1)
    n_due = 0
    index = 0
    while one.chunk(index).due_ns[0] < 2 * S:
        n_due += int((one.chunk(index).due_ns < 2 * S).sum())
        index += 1
    assert n_due == pytest.approx(2 * rate, abs=2)


def test_that_chunks_follow_the_clock() -> None:
    one = LoadMarket(50, 1_000.0, book_share=0.0, seed=1)
    for elapsed_ns in (0, S // 3, 5 * S):
        chunk = one.chunk(one.chunk_at(elapsed_ns))
        assert chunk.due_ns[0] <= elapsed_ns + S // 1000
        assert chunk.due_ns[-1] >= elapsed_ns - S // 1000


def test_that_a_load_repeats_and_seeds_differ() -> None:
    first, again, other = (LoadMarket(50, 0.0, book_share=0.3, seed=seed).chunk(4) for seed in (1, 1, 2))
    assert np.array_equal(first.price, again.price, equal_nan=True)
    assert not np.array_equal(first.price, other.price)
    assert first.is_book.mean() == pytest.approx(0.3, abs=0.02)


def test_that_history_ends_at_the_level_prices_move_around() -> None:
    one = LoadMarket(50, 1_000.0, book_share=0.0, seed=1)
    bars = one.bars(3, 8, 0, None, 500)
    assert len(bars) == 500
    level = one.earlier_close(3, 0)[1]
    assert bars[-1].close == level
    chunk = one.chunk(0)
    assert chunk.price[chunk.code == 3][0] == pytest.approx(level, rel=0.02)
    assert one.bars(3, 1, 0, None, 500) == []
