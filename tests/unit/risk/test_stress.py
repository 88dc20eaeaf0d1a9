"""Replays and shocks: depth, trough, recovery, and who follows whom."""

import numpy as np
import pytest

from plimsoll.risk.errors import (
    InsufficientHistory,
    NotFinite,
    NotPositive,
    OutOfRange,
    RiskInputError,
    ShapeMismatch,
    SingularMatrix,
)
from plimsoll.risk.stress import factor_shock, historical_replay, replay_of_path

VOLATILITY = np.array([0.015, 0.02, 0.009])
CORRELATION = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, 1.0]])
COVARIANCE = CORRELATION * np.outer(VOLATILITY, VOLATILITY)
BOOK = np.array([600e3, -250e3, 400e3])


def test_that_a_book_is_led_through_the_window_with_quantities_held() -> None:
    prices = np.array([[90.0, 5.0], [100.0, 10.0], [80.0, 11.0], [120.0, 8.0]])
    result = historical_replay([1000.0, -500.0], prices, start=1, end=3)
    np.testing.assert_allclose(result.pnl, [0.0, -200.0 - 50.0, 200.0 + 100.0])
    assert (result.peak, result.trough, result.recovery, result.last_day) == (1, 2, 3, 3)
    assert result.depth == pytest.approx(250.0)
    assert result.depth_fraction is None
    assert not result.by_change.any()


def test_that_the_start_is_a_peak() -> None:
    result = replay_of_path([0.0, -5.0, -1.0], equity=50.0)
    assert (result.depth, result.depth_fraction, result.peak, result.trough) == (5.0, 0.1, 0, 1)


def test_that_the_recovery_is_searched_after_the_window_or_is_none() -> None:
    path = [0.0, -5.0, -3.0, -1.0, 0.0]
    assert replay_of_path(path, n_window=3).recovery == 4
    unrecovered = replay_of_path(path[:4], n_window=3)
    assert (unrecovered.recovery, unrecovered.last_day) == (None, 3)
    assert unrecovered.pnl.size == 3


def test_that_a_deeper_fall_after_the_window_is_not_the_windows() -> None:
    assert replay_of_path([0.0, -5.0, 0.0, -50.0], n_window=3).depth == 5.0


def test_that_a_peak_is_the_last_instant_at_the_high_and_a_trough_the_first_at_the_bottom() -> None:
    result = replay_of_path([0.0, 3.0, 1.0, 3.0, -1.0, -1.0, 3.0])
    assert (result.peak, result.trough, result.recovery) == (3, 4, 6)


def test_that_a_path_that_never_falls_has_no_depth() -> None:
    result = replay_of_path([0.0, 1.0, 2.0])
    assert (result.depth, result.peak, result.trough, result.recovery) == (0.0, 0, 0, 0)


def test_that_a_price_below_zero_is_replayed_by_changes() -> None:
    # The WTI future of May 2020: settled at 18.27 on 17 April, −37.63 on 20 April, 10.01 on 21 April.
    prices = np.array([[18.27, 100.0], [-37.63, 98.0], [10.01, 101.0]])
    result = historical_replay([22_000.0, 1000.0], prices, start=0, end=2, money_per_point=[1000.0, 0.0])
    np.testing.assert_allclose(result.pnl, [0.0, -55_900.0 - 20.0, -8_260.0 + 10.0])
    np.testing.assert_array_equal(result.by_change, [True, False])


def test_that_a_price_below_zero_in_the_recovery_counts_as_well() -> None:
    prices = np.array([[10.0], [8.0], [-1.0]])
    result = historical_replay([100.0], prices, start=0, end=1, money_per_point=[10.0])
    np.testing.assert_allclose(result.pnl, [0.0, -20.0])
    assert not historical_replay([100.0], prices[::-1], start=1, end=2).by_change.any()


def test_that_a_price_below_zero_without_money_per_point_is_refused() -> None:
    with pytest.raises(NotPositive, match="asset 1"):
        historical_replay([1.0, 1.0], [[1.0, 1.0], [1.0, 0.0]], start=0, end=1)


@pytest.mark.parametrize(
    ("start", "end", "error"), [(2, 1, OutOfRange), (-1, 1, OutOfRange), (0, 3, OutOfRange)]
)
def test_that_a_window_outside_the_prices_is_refused(
    start: int, end: int, error: type[RiskInputError]
) -> None:
    with pytest.raises(error):
        historical_replay([1.0], [[1.0], [2.0], [3.0]], start=start, end=end)


def test_that_misfit_replays_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        historical_replay([1.0, 2.0], [[1.0], [2.0]], start=0, end=1)
    with pytest.raises(ShapeMismatch):
        historical_replay([1.0], [[1.0], [2.0]], start=0, end=1, money_per_point=[1.0, 2.0])
    with pytest.raises(NotFinite):
        historical_replay([1.0], [[1.0], [np.nan]], start=0, end=1)
    with pytest.raises(InsufficientHistory):
        replay_of_path([])
    with pytest.raises(OutOfRange):
        replay_of_path([0.0, 1.0], n_window=3)
    for equity in (0.0, -1.0, np.inf, np.nan):
        with pytest.raises(NotPositive):
            replay_of_path([0.0, 1.0], equity=equity)
    with pytest.raises(NotPositive):
        replay_of_path([-5.0, -6.0], equity=4.0)


def test_that_two_shocks_are_kept_and_the_third_asset_follows() -> None:
    result = factor_shock(BOOK, COVARIANCE, shocked=[2, 0], returns=[0.01, -0.05])
    a, b = [2, 0], [1]
    follows = COVARIANCE[np.ix_(b, a)] @ np.linalg.inv(COVARIANCE[np.ix_(a, a)]) @ [0.01, -0.05]
    np.testing.assert_allclose(result.returns, [-0.05, follows[0], 0.01])
    assert result.isolated_pnl == pytest.approx(-0.05 * 600e3 + 0.01 * 400e3)
    assert result.transitive_pnl == pytest.approx(float(BOOK @ result.returns))
    np.testing.assert_allclose(result.pnl_by_asset, BOOK * result.returns)


def test_that_shocks_to_one_thing_under_two_names_are_refused() -> None:
    twin = np.array([[1.0, 1.0], [1.0, 1.0]])
    with pytest.raises(SingularMatrix):
        factor_shock([1.0, 1.0], twin, shocked=[0, 1], returns=[0.1, 0.1])
    with pytest.raises(SingularMatrix):
        factor_shock([1.0, 1.0], np.diag([0.0, 1.0]), shocked=[0], returns=[0.1])


def test_that_misfit_shocks_are_refused() -> None:
    for shocked in ([3], [0, 0]):
        with pytest.raises(OutOfRange):
            factor_shock(BOOK, COVARIANCE, shocked=shocked, returns=[0.1] * len(shocked))
    for shocked, returns in (([0], [0.1, 0.2]), ([], [])):
        with pytest.raises(ShapeMismatch):
            factor_shock(BOOK, COVARIANCE, shocked=shocked, returns=returns)
