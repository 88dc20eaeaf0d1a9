"""Closes at different hours: the correlation they hide comes back over several days."""

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotPositive, OutOfRange
from plimsoll.risk.synchronisation import synchronised_covariance


def asynchronous(n_days: int = 4_000) -> np.ndarray:
    """Two markets correlated 0.8, the second of which closes half a day before the first."""
    draws = np.random.default_rng(3)
    halves = draws.normal(size=(2 * n_days + 1, 2)) @ np.linalg.cholesky([[1, 0.8], [0.8, 1]]).T * 0.007
    late = halves[1::2, 0] + halves[2::2, 0]
    early = halves[:-1:2, 1] + halves[1::2, 1]
    return np.column_stack([late, early])


def test_that_same_day_closes_hide_half_of_the_correlation() -> None:
    result = synchronised_covariance(asynchronous(), days=5)
    assert result.same_day_correlation[0, 1] == pytest.approx(0.4, abs=0.04)
    assert result.correlation[0, 1] == pytest.approx(0.72, abs=0.05)
    assert result.difference[0, 1] == pytest.approx(0.32, abs=0.06)
    assert np.diag(result.difference).tolist() == [0.0, 0.0]


def test_that_variances_stay_those_of_one_day() -> None:
    returns = asynchronous()
    result = synchronised_covariance(returns, days=5)
    assert np.diag(result.covariance) == pytest.approx(returns.var(axis=0, ddof=1))
    assert result.days == 5
    assert np.linalg.eigvalsh(result.covariance)[0] > 0


def test_that_one_day_is_the_sample_covariance() -> None:
    returns = asynchronous(50)
    result = synchronised_covariance(returns, days=1, ddof=0)
    assert result.covariance == pytest.approx(np.cov(returns.T, ddof=0))
    assert not np.round(result.difference, 12).any()


def test_that_a_market_standing_still_is_refused() -> None:
    with pytest.raises(NotPositive, match="asset 1"):
        synchronised_covariance(np.column_stack([np.arange(9.0), np.zeros(9)]))


def test_that_runs_longer_than_the_sample_are_refused() -> None:
    with pytest.raises(InsufficientHistory):
        synchronised_covariance(asynchronous(3), days=5)
    with pytest.raises(OutOfRange, match="days was 0"):
        synchronised_covariance(asynchronous(9), days=0)
