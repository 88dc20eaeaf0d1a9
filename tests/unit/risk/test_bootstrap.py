"""The bootstrap interval: seeded, ordered, refusing what it cannot resample."""

import numpy as np
import pytest

from plimsoll.risk.bootstrap import bootstrap_interval, worst_of_resamples
from plimsoll.risk.errors import InsufficientHistory, OutOfRange


def mean_loss(pnl: np.ndarray) -> float:
    return -float(pnl.mean())


def test_that_the_interval_of_a_mean_is_its_standard_error() -> None:
    pnl = np.random.default_rng(0).normal(size=400)
    interval = bootstrap_interval(pnl, mean_loss, coverage=0.9, n_resamples=2_000)
    assert (interval.high - interval.low) / 2 == pytest.approx(1.645 * pnl.std() / 20, rel=0.06)
    assert interval.coverage == 0.9


def test_that_the_same_seed_gives_the_same_interval() -> None:
    first, again, other = (
        bootstrap_interval([1.0, 2.0, 4.0], mean_loss, n_resamples=100, seed=seed) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_that_an_empty_sample_is_refused() -> None:
    with pytest.raises(InsufficientHistory, match="empty"):
        bootstrap_interval([], mean_loss)


def test_that_too_few_resamples_are_refused() -> None:
    with pytest.raises(OutOfRange, match="n_resamples was 99"):
        bootstrap_interval([1.0], mean_loss, n_resamples=99)


def test_that_the_worst_of_resamples_are_distributed_as_those_of_whole_samples() -> None:
    pnl = np.random.default_rng(3).standard_t(4, size=120)
    short = worst_of_resamples(pnl, 5, n_resamples=8_000, seed=1)
    draws = np.random.default_rng(2)
    whole = np.sort(draws.choice(pnl, (8_000, 120)), axis=1)[:, :5]
    for rank in range(5):
        values = np.unique(pnl)[:40]
        below = (short[:, rank, None] <= values).mean(axis=0) - (whole[:, rank, None] <= values).mean(axis=0)
        # Kolmogorov-Smirnov, two samples of 8 000: beyond 0.0308 once in a thousand times.
        assert np.abs(below).max() < 0.0308


def test_that_all_of_a_resample_may_be_asked_for() -> None:
    pnl = np.array([3.0, -1.0, 2.0])
    worst = worst_of_resamples(pnl, 3, n_resamples=100, seed=0)
    assert worst.shape == (100, 3)
    assert set(worst.ravel()) == set(pnl)
    assert (np.diff(worst, axis=1) >= 0.0).all()
