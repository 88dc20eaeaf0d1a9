"""Blocks of days: every day as often as any other, blocks as long as asked, the same seed the same days."""

import numpy as np
import pytest

from plimsoll.risk.block_bootstrap import stationary_blocks
from plimsoll.risk.errors import InsufficientHistory, OutOfRange


@pytest.mark.parametrize("mean", [1.0, 4.0, 20.0])
def test_that_blocks_are_of_the_mean_length_asked_for(mean: float) -> None:
    days = stationary_blocks(5_000, 100_000, mean_block_days=mean, seed=1)
    goes_on = (np.diff(days) % 5_000) == 1
    # A block ends with probability 1/mean a day; by chance the next begins where it would have gone on.
    assert goes_on.mean() == pytest.approx(1.0 - 1.0 / mean, abs=0.006)


def test_that_the_last_days_are_drawn_as_often_as_the_others() -> None:
    counts = np.bincount(stationary_blocks(50, 200_000, mean_block_days=10.0, seed=2), minlength=50)
    # Blocks of ten make the counts ten times as uneven as single draws: deviation about sqrt(19) larger.
    assert np.abs(counts - 4_000).max() < 5 * np.sqrt(4_000 * 19)


def test_that_a_seed_gives_its_days() -> None:
    first, again, other = (
        stationary_blocks(30, 60, mean_block_days=3.0, seed=seed).tolist() for seed in (5, 5, 6)
    )
    assert first == again
    assert first != other
    assert stationary_blocks(30, 0, mean_block_days=3.0, seed=5).tolist() == []


def test_that_nothing_to_draw_from_and_no_length_are_refused() -> None:
    with pytest.raises(InsufficientHistory):
        stationary_blocks(0, 5, mean_block_days=3.0, seed=1)
    for mean, wanted in ((0.5, 5), (float("nan"), 5), (2.0, -1)):
        with pytest.raises(OutOfRange):
            stationary_blocks(5, wanted, mean_block_days=mean, seed=1)
