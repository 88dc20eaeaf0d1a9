from collections.abc import Callable

import numpy as np
import pytest

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.errors import (
    InsufficientHistory,
    NotFinite,
    NotPositive,
    OutOfRange,
    ShapeMismatch,
    SingularMatrix,
)
from plimsoll.risk.unusual_day import correlation_surprise, magnitude_surprise, turbulence

COVARIANCE = np.array([[0.04, 0.01, 0.0], [0.01, 0.09, -0.02], [0.0, -0.02, 0.01]])
MEAN = np.array([0.01, -0.02, 0.005])
MEASURES = [turbulence, magnitude_surprise, correlation_surprise]


def days(n_days: int = 60, n_assets: int = 3) -> FloatArray:
    return np.random.default_rng(9).normal(size=(n_days, n_assets))


def test_that_turbulence_is_the_squared_mahalanobis_distance() -> None:
    apart = days() - MEAN
    expected = np.array([row @ np.linalg.inv(COVARIANCE) @ row for row in apart])
    assert turbulence(days(), mean=MEAN, covariance=COVARIANCE, scaled=False) == pytest.approx(expected)
    assert turbulence(days(), mean=MEAN, covariance=COVARIANCE) == pytest.approx(expected / 3.0)
    assert turbulence(days()[4], mean=MEAN, covariance=COVARIANCE, scaled=False) == pytest.approx(expected[4])


def test_that_a_covariance_without_a_mean_has_the_mean_zero() -> None:
    assert turbulence([0.2, 0.3, 0.1], covariance=COVARIANCE) == pytest.approx(
        turbulence([0.2, 0.3, 0.1], mean=[0.0, 0.0, 0.0], covariance=COVARIANCE)
    )


@pytest.mark.parametrize("ddof", [0, 1])
def test_that_a_history_gives_its_own_moments(ddof: int) -> None:
    history = days()
    expected = turbulence(
        [1.0, 2.0, 3.0], mean=history.mean(axis=0), covariance=np.cov(history, rowvar=False, ddof=ddof)
    )
    assert turbulence([1.0, 2.0, 3.0], history, ddof=ddof) == pytest.approx(expected)


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("measure", MEASURES)
def test_that_without_a_history_each_day_is_held_against_the_others(
    measure: Callable[..., FloatArray], ddof: int
) -> None:
    table = days()
    one_by_one = [measure(table[day], np.delete(table, day, axis=0), ddof=ddof) for day in range(60)]
    assert measure(table, ddof=ddof) == pytest.approx(np.array(one_by_one))


def test_that_surprises_multiply_to_the_turbulence() -> None:
    whole = turbulence(days(), mean=MEAN, covariance=COVARIANCE)
    parts = magnitude_surprise(days(), mean=MEAN, covariance=COVARIANCE) * correlation_surprise(
        days(), mean=MEAN, covariance=COVARIANCE
    )
    assert parts == pytest.approx(whole)


def test_that_an_ordinary_day_is_about_one() -> None:
    history = np.random.default_rng(3).normal(size=(5000, 4))
    assert np.mean(turbulence(history)) == pytest.approx(1.0, abs=0.03)
    assert np.mean(magnitude_surprise(history)) == pytest.approx(1.0, abs=0.03)


def test_that_very_different_units_are_not_taken_for_singular() -> None:
    scale = np.array([1e-6, 1.0, 1e6])
    assert turbulence(days()[0] * scale, days() * scale) == pytest.approx(turbulence(days()[0], days()))


def test_that_assets_that_move_as_one_are_refused() -> None:
    table = days()
    table[:, 2] = table[:, 0]
    with pytest.raises(SingularMatrix, match="move as one"):
        turbulence(table[0], table[1:])
    with pytest.raises(SingularMatrix):
        turbulence(days(4, 5)[0], days(4, 5))


def test_that_an_asset_that_never_moved_is_named() -> None:
    table = days()
    table[:, 1] = 0.1
    for measure in (turbulence, magnitude_surprise):
        with pytest.raises(SingularMatrix, match="asset 1"):
            measure(table[0], table)


def test_that_a_move_on_one_day_only_leaves_the_others_without_a_covariance() -> None:
    table = days()
    table[:, 1] = 0.0
    table[7, 1] = 1.0
    with pytest.raises(SingularMatrix, match="one day only"):
        magnitude_surprise(table)
    with pytest.raises(SingularMatrix, match="others"):
        turbulence(table)


def test_that_a_day_without_a_move_has_no_pattern() -> None:
    with pytest.raises(NotPositive, match="pattern"):
        correlation_surprise([0.0, 0.0, 0.0], covariance=COVARIANCE)
    assert turbulence([0.0, 0.0, 0.0], covariance=COVARIANCE) == 0.0


@pytest.mark.parametrize("measure", [turbulence, magnitude_surprise])
def test_that_what_leaves_the_range_of_numbers_is_refused_without_a_warning(
    measure: Callable[..., FloatArray],
) -> None:
    with pytest.raises(NotFinite, match="distance"):
        measure([1e300, -1e300], covariance=np.eye(2))
    with pytest.raises(NotFinite, match="covariance"):
        measure([1.0, 1.0, 1.0], days() * 1e160)
    with pytest.raises(NotFinite, match="scatter"):
        measure(days() * 1e160)


@pytest.mark.parametrize("measure", MEASURES)
def test_that_bad_inputs_are_refused_by_name(measure: Callable[..., FloatArray]) -> None:
    with pytest.raises(OutOfRange, match="both"):
        measure([1.0, 2.0, 3.0], days(), covariance=COVARIANCE)
    with pytest.raises(OutOfRange, match="mean"):
        measure(days(), mean=MEAN)
    with pytest.raises(OutOfRange, match="mean"):
        measure(days(), days(), mean=MEAN)
    with pytest.raises(OutOfRange, match="ddof"):
        measure(days(), ddof=3)
    with pytest.raises(ShapeMismatch, match="mean"):
        measure([1.0, 2.0, 3.0], mean=[0.0], covariance=COVARIANCE)
    with pytest.raises(ShapeMismatch, match="history"):
        measure([1.0, 2.0], days())
    with pytest.raises(NotFinite):
        measure([1.0, np.nan, 3.0], days())
    with pytest.raises(InsufficientHistory):
        measure([1.0, 2.0, 3.0], days(1))
    with pytest.raises(InsufficientHistory):
        measure([1.0, 2.0, 3.0])
    with pytest.raises(ShapeMismatch, match="asset"):
        measure([], [[], []])
