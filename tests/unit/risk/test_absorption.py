import numpy as np
import pytest

from plimsoll.risk.absorption import absorption_ratio, absorption_ratios, absorption_shift, effective_rank
from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.errors import (
    InsufficientHistory,
    NotFinite,
    NotPositive,
    OutOfRange,
    ShapeMismatch,
    SingularMatrix,
)


def days(n_days: int = 300, n_assets: int = 10) -> FloatArray:
    rng = np.random.default_rng(8)
    return rng.normal(size=(n_days, n_assets)) * 0.01 + rng.normal(size=(n_days, 1)) * 0.01


def test_that_the_ratio_is_the_share_of_the_largest_eigenvalues() -> None:
    values = np.linalg.eigvalsh(np.cov(days(), rowvar=False))[::-1]
    assert absorption_ratio(days()) == pytest.approx(values[:2].sum() / values.sum())
    assert absorption_ratio(days(), 3) == pytest.approx(values[:3].sum() / values.sum())
    unit = np.linalg.eigvalsh(np.corrcoef(days(), rowvar=False))[::-1]
    assert absorption_ratio(days(), matrix="correlation") == pytest.approx(unit[:2].sum() / 10.0)


@pytest.mark.parametrize(("n_assets", "count"), [(1, 1), (2, 1), (7, 1), (8, 2), (12, 2), (13, 3), (51, 10)])
def test_that_a_fifth_of_the_assets_is_rounded_half_up_and_at_least_one(n_assets: int, count: int) -> None:
    table = days(100, n_assets)
    assert absorption_ratio(table) == absorption_ratio(table, count)


def test_that_half_a_vector_rounds_up_despite_binary_fractions() -> None:
    # 0.1 * 25 + 0.5 is 3.0; ⌊·⌋ of a hair less would be 2.
    table = days(100, 25)
    assert absorption_ratio(table, fraction=0.1) == absorption_ratio(table, 3)
    assert absorption_ratio(table, fraction=0.0) == absorption_ratio(table, 1)


def test_that_explicit_counts_are_honoured_from_none_to_all() -> None:
    assert absorption_ratio(days(), 0) == 0.0
    assert absorption_ratio(days(), 10) == 1.0
    for count in (-1, 11):
        with pytest.raises(OutOfRange, match="n_eigenvectors"):
            absorption_ratio(days(), count)


def test_that_a_half_life_weighs_the_old_day_half() -> None:
    table = days(60, 4)
    weights = 0.5 ** (np.arange(59, -1, -1) / 20.0)
    sigma = np.cov(table, rowvar=False, aweights=weights, ddof=0)
    values = np.linalg.eigvalsh(sigma)[::-1]
    assert absorption_ratio(table, 2, half_life=20.0) == pytest.approx(values[:2].sum() / values.sum())
    assert absorption_ratio(table, 2, half_life=1e12) == pytest.approx(absorption_ratio(table, 2))


def test_that_a_constant_asset_is_no_variance_and_no_correlation() -> None:
    table = days(50, 3)
    table[:, 1] = 0.1
    assert absorption_ratio(table, 2) == pytest.approx(1.0)
    with pytest.raises(NotPositive, match="asset 1"):
        absorption_ratio(table, matrix="correlation")
    with pytest.raises(NotPositive, match="nothing moved"):
        absorption_ratio(np.full((50, 3), 0.1))


def test_that_a_window_rolls_day_by_day() -> None:
    table = days(60, 5)
    ratios = absorption_ratios(table, window=58, half_life=None)
    assert ratios.tolist() == [absorption_ratio(table[begin : begin + 58]) for begin in range(3)]
    with pytest.raises(InsufficientHistory):
        absorption_ratios(table, window=61)
    with pytest.raises(OutOfRange, match="window"):
        absorption_ratios(table, window=1)


def test_that_the_shift_compares_the_newest_days_with_their_year() -> None:
    ratios = np.random.default_rng(1).uniform(size=300)
    year = ratios[-250:]
    expected = (ratios[-15:].mean() - year.mean()) / year.std(ddof=1)
    assert absorption_shift(ratios) == pytest.approx(expected)
    assert absorption_shift(ratios, ddof=0) == pytest.approx(expected * np.sqrt(250 / 249))


def test_that_a_shift_without_history_or_movement_is_refused() -> None:
    with pytest.raises(InsufficientHistory) as refusal:
        absorption_shift(np.ones(249))
    assert (refusal.value.n_observations, refusal.value.n_needed) == (249, 250)
    with pytest.raises(NotPositive, match="never moved"):
        absorption_shift(np.full(250, 0.1))
    with pytest.raises(OutOfRange, match="short"):
        absorption_shift(np.ones(9), short=5, long=4)
    with pytest.raises(OutOfRange, match="long"):
        absorption_shift(np.ones(9), short=1, long=1)
    with pytest.raises(OutOfRange, match="ddof"):
        absorption_shift(np.arange(9.0), short=1, long=4, ddof=2)


def test_that_effective_rank_runs_from_one_to_all() -> None:
    assert effective_rank(np.ones((4, 4))) == pytest.approx(1.0)
    assert effective_rank(np.eye(4)) == pytest.approx(4.0)
    assert 1.0 < effective_rank([[1.0, 0.5], [0.5, 1.0]]) < 2.0


def test_that_what_is_no_covariance_has_no_rank() -> None:
    with pytest.raises(SingularMatrix, match="eigenvalue"):
        effective_rank([[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(NotPositive):
        effective_rank(np.zeros((2, 2)))
    with pytest.raises(ShapeMismatch):
        effective_rank(np.zeros((0, 0)))


def test_that_bad_inputs_are_refused_by_name() -> None:
    with pytest.raises(InsufficientHistory):
        absorption_ratio(days(1, 3))
    with pytest.raises(ShapeMismatch, match="column"):
        absorption_ratio(np.zeros((5, 0)))
    with pytest.raises(NotFinite):
        absorption_ratio([[0.1, np.nan], [0.1, 0.2]])
    with pytest.raises(OutOfRange, match="fraction"):
        absorption_ratio(days(), fraction=1.5)
    with pytest.raises(OutOfRange, match="half_life"):
        absorption_ratio(days(), half_life=0.0)
    with pytest.raises(OutOfRange, match="matrix"):
        absorption_ratio(days(), matrix="rank")
