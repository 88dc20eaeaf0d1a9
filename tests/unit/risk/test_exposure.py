import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.exposure import Exposure, beta, exposure_by_group, portfolio_beta, total_exposure


def test_that_a_neutral_book_has_no_net_and_all_its_gross() -> None:
    assert total_exposure([60.0, -60.0]) == Exposure(gross=120.0, net=0.0, long=60.0, short=60.0, n_lines=2)


def test_that_an_empty_book_has_no_exposure() -> None:
    empty = total_exposure([])
    assert empty == Exposure(0.0, 0.0, 0.0, 0.0, 0)
    assert str(empty.short) == "0.0"


def test_that_unknown_names_are_listed_and_never_pooled_into_a_sector() -> None:
    grouped = exposure_by_group([10.0, -20.0, 5.0], ["tech", None, ""])
    assert list(grouped.groups) == ["tech"]
    assert grouped.unclassified == (1, 2)
    assert grouped.unclassified_gross == 25.0
    assert grouped.total.gross == 35.0


def test_that_groups_and_unclassified_lines_add_up_to_the_book() -> None:
    grouped = exposure_by_group([10.0, -20.0, 5.0, 4.0], ["a", "b", "a", None])
    assert sum(group.gross for group in grouped.groups.values()) + grouped.unclassified_gross == 39.0


def test_that_labels_must_match_the_lines() -> None:
    with pytest.raises(ShapeMismatch, match="labels"):
        exposure_by_group([1.0], ["a", "b"])


def test_that_beta_of_a_matrix_is_one_slope_a_column() -> None:
    market = np.array([0.01, -0.02, 0.015, 0.0])
    returns = np.column_stack([2.0 * market + 0.001, -0.5 * market])
    assert beta(returns, market) == pytest.approx([2.0, -0.5])


def test_that_beta_is_the_ratio_of_covariance_to_variance_under_either_divisor() -> None:
    rng = np.random.default_rng(3)
    market, asset = rng.normal(size=(2, 50))
    for ddof in (0, 1):
        table = np.cov(asset, market, ddof=ddof)
        assert beta(asset, market) == pytest.approx(table[0, 1] / table[1, 1])


def test_that_a_reference_that_never_moved_has_no_beta() -> None:
    with pytest.raises(NotPositive, match="never moved"):
        beta([0.1, 0.2, 0.3], [0.1, 0.1, 0.1])


def test_that_a_reference_in_tiny_units_has_a_beta() -> None:
    assert beta([0.1, 0.2, 0.4], [1e-200, 2e-200, 4e-200]) == pytest.approx(1e199)


def test_that_one_day_has_no_beta() -> None:
    with pytest.raises(InsufficientHistory) as refusal:
        beta([0.1], [0.1])
    assert (refusal.value.n_observations, refusal.value.n_needed) == (1, 2)


def test_that_misaligned_and_broken_inputs_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        beta([0.1, 0.2], [0.1, 0.2, 0.3])
    with pytest.raises(NotFinite):
        beta([0.1, np.inf], [0.1, 0.2])
    with pytest.raises(ShapeMismatch, match="columns"):
        portfolio_beta([1.0], [[0.1, 0.2], [0.3, 0.1]], [0.1, 0.2], capital=1.0)
    with pytest.raises(OutOfRange, match="capital"):
        portfolio_beta([1.0], [[0.1], [0.3]], [0.1, 0.2], capital=0.0)
