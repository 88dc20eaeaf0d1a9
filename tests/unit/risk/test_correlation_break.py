import numpy as np
import pytest

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.correlation_break import correlation_breaks
from plimsoll.risk.correlation_equality import fisher_z_test
from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, ShapeMismatch


def days_with_a_break(n_assets: int = 6) -> FloatArray:
    rng = np.random.default_rng(2)
    days = rng.normal(size=(500, n_assets)) * 0.01
    days[-75:, 1] = days[-75:, 0] + 0.001 * days[-75:, 1]
    return days


def test_that_the_pair_that_broke_is_found_and_the_others_are_left_alone() -> None:
    found = correlation_breaks(days_with_a_break())
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert [pair for pair, broken in zip(pairs, found.is_broken, strict=True) if broken] == [(0, 1)]
    assert found.recent[0] > 0.99 > abs(found.long_run[0])
    assert found.statistic[0] > 0.0
    assert len(pairs) == 15


def test_that_each_row_is_a_fisher_test_on_windows_that_do_not_overlap() -> None:
    days = days_with_a_break()
    found = correlation_breaks(days)
    weights = 0.94 ** np.arange(74, -1, -1)
    newest = days[-75:]
    moments = (newest * weights[:, None]).T @ newest
    recent = moments[2, 5] / np.sqrt(moments[2, 2] * moments[5, 5])
    long_run = np.corrcoef(days[:-75], rowvar=False)[2, 5]
    row = int(np.flatnonzero((found.first == 2) & (found.second == 5))[0])
    assert found.recent[row] == pytest.approx(recent)
    assert found.long_run[row] == pytest.approx(long_run)
    single = fisher_z_test(recent, long_run, n_first=found.n_recent, n_second=found.n_long_run)
    assert found.statistic[row] == pytest.approx(single.statistic)
    assert found.p_value[row] == pytest.approx(single.p_value)
    assert found.n_long_run == 425.0
    assert found.n_recent == pytest.approx((weights.sum() ** 2) / (weights**2).sum())


def test_that_false_alarms_are_rare_among_many_quiet_pairs() -> None:
    days = np.random.default_rng(4).normal(size=(500, 30))
    found = correlation_breaks(days)
    assert (found.p_value < 0.05).sum() > 10
    assert found.is_broken.sum() <= 2


def test_that_two_share_classes_that_always_move_as_one_have_not_broken() -> None:
    days = days_with_a_break(3)
    days[:, 2] = 2.0 * days[:, 0]
    found = correlation_breaks(days)
    row = int(np.flatnonzero((found.first == 0) & (found.second == 2))[0])
    assert found.p_value[row] > 0.99
    assert not found.is_broken[row]


def test_that_bad_inputs_are_refused_by_name() -> None:
    days = days_with_a_break()
    with pytest.raises(InsufficientHistory) as refusal:
        correlation_breaks(days[:78])
    assert (refusal.value.n_observations, refusal.value.n_needed) == (78, 79)
    with pytest.raises(ShapeMismatch, match="pair"):
        correlation_breaks(days[:, :1])
    with pytest.raises(OutOfRange, match="decay"):
        correlation_breaks(days, decay=1.0)
    with pytest.raises(OutOfRange, match="tolerance"):
        correlation_breaks(days, tolerance=1.0)
    days[:-75, 3] = 0.1
    with pytest.raises(NotPositive, match="asset 3"):
        correlation_breaks(days)
    days[0, 0] = np.nan
    with pytest.raises(NotFinite):
        correlation_breaks(days)
