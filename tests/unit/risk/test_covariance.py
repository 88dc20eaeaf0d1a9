"""Covariance estimators against numpy, against their definitions, and against published figures."""

import itertools
import math

import numpy as np
import pytest

from plimsoll.risk.covariance import ewma_covariance, ledoit_wolf, sample_covariance
from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, ShapeMismatch

RETURNS = np.random.default_rng(4).normal(size=(60, 4)) @ np.random.default_rng(5).normal(size=(4, 4)) * 0.01


@pytest.mark.parametrize("ddof", [0, 1])
def test_that_the_sample_covariance_is_numpys(ddof: int) -> None:
    assert sample_covariance(RETURNS, ddof=ddof) == pytest.approx(np.cov(RETURNS.T, ddof=ddof), rel=1e-12)


def test_that_without_centring_it_is_the_second_moment() -> None:
    assert sample_covariance(RETURNS, ddof=0, centred=False) == pytest.approx(RETURNS.T @ RETURNS / 60)


def test_that_ewma_is_its_recursion() -> None:
    initial = np.cov(RETURNS.T)
    expected = initial
    for row in RETURNS:
        expected = 0.94 * expected + 0.06 * np.outer(row, row)
    assert ewma_covariance(RETURNS, decay=0.94, initial=initial) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("level", [0, 2.5])
def test_that_a_number_is_a_variance_without_correlation(level: float) -> None:
    expected = level * np.eye(4)
    for row in RETURNS:
        expected = 0.9 * expected + 0.1 * np.outer(row, row)
    assert ewma_covariance(RETURNS, decay=0.9, initial=level) == pytest.approx(expected, rel=1e-10)


def test_that_by_default_the_first_day_starts_it() -> None:
    first = np.outer(RETURNS[0], RETURNS[0])
    assert ewma_covariance(RETURNS, decay=0.9) == pytest.approx(
        ewma_covariance(RETURNS, decay=0.9, initial=first)
    )


def test_that_ledoit_wolf_to_the_identity_is_the_published_example() -> None:
    # scikit-learn's documentation of sklearn.covariance.LedoitWolf, cut off after four digits.
    draws = np.random.RandomState(0)
    sample = draws.multivariate_normal(mean=[0, 0], cov=[[0.4, 0.2], [0.2, 0.8]], size=50)
    shrunk = ledoit_wolf(sample, target="identity", ddof=0)
    assert np.floor(shrunk.covariance * 1e4).tolist() == [[4406, 1616], [1616, 8022]]
    assert 0.0 < shrunk.intensity < 1.0


def brute_intensity(returns: np.ndarray, *, constant_correlation: bool) -> float:
    """The appendix of Ledoit and Wolf (2004), sum by sum."""
    n_days, n_assets = returns.shape
    apart = returns - returns.mean(axis=0)
    s = apart.T @ apart / n_days
    r = s / np.sqrt(np.outer(np.diag(s), np.diag(s)))
    pairs = list(itertools.product(range(n_assets), repeat=2))
    rbar = np.mean([r[i, j] for i, j in pairs if i != j])
    target = np.trace(s) / n_assets * np.eye(n_assets)
    if constant_correlation:
        target = np.array(
            [[s[i, i] if i == j else rbar * math.sqrt(s[i, i] * s[j, j]) for j in range(n_assets)]
             for i in range(n_assets)]
        )  # fmt: skip
    pi = {(i, j): np.mean((apart[:, i] * apart[:, j] - s[i, j]) ** 2) for i, j in pairs}
    rho = 0.0
    for i, j in pairs if constant_correlation else []:
        if i == j:
            rho += pi[i, j]
            continue
        cross = apart[:, i] * apart[:, j] - s[i, j]
        theta_i = np.mean((apart[:, i] ** 2 - s[i, i]) * cross)
        theta_j = np.mean((apart[:, j] ** 2 - s[j, j]) * cross)
        rho += rbar / 2 * (math.sqrt(s[j, j] / s[i, i]) * theta_i + math.sqrt(s[i, i] / s[j, j]) * theta_j)
    gamma = ((target - s) ** 2).sum()
    return float(np.clip((sum(pi.values()) - rho) / gamma / n_days, 0.0, 1.0))


@pytest.mark.parametrize("target", ["identity", "constant_correlation"])
def test_that_the_intensity_is_the_sum_of_the_appendix(target: str) -> None:
    shrunk = ledoit_wolf(RETURNS, target=target, ddof=0)
    expected = brute_intensity(RETURNS, constant_correlation=target == "constant_correlation")
    assert 0.0 < expected < 1.0
    assert shrunk.intensity == pytest.approx(expected, rel=1e-9)
    sample = np.cov(RETURNS.T, ddof=0)
    mixed = shrunk.intensity * shrunk.target + (1 - shrunk.intensity) * sample
    assert shrunk.covariance == pytest.approx(mixed)


@pytest.mark.parametrize("target", ["identity", "constant_correlation"])
def test_that_by_default_a_degree_of_freedom_is_lost_to_the_mean(target: str) -> None:
    # As in the authors' programs: the divisor n − 1 stands wherever the papers have n.
    shrunk = ledoit_wolf(RETURNS, target=target)
    assert shrunk.intensity != ledoit_wolf(RETURNS, target=target, ddof=0).intensity
    sample = np.cov(RETURNS.T, ddof=1)
    assert shrunk.covariance == pytest.approx(
        shrunk.intensity * shrunk.target + (1 - shrunk.intensity) * sample
    )


def test_that_constant_correlation_keeps_the_variances() -> None:
    shrunk = ledoit_wolf(RETURNS, target="constant_correlation", ddof=1)
    assert np.diag(shrunk.covariance) == pytest.approx(RETURNS.var(axis=0, ddof=1))


@pytest.mark.parametrize("target", ["identity", "constant_correlation"])
def test_that_shrinking_makes_more_assets_than_days_invertible(target: str) -> None:
    wide = np.random.default_rng(1).normal(size=(20, 50))
    assert np.linalg.eigvalsh(sample_covariance(wide))[0] < 1e-12
    assert np.linalg.eigvalsh(ledoit_wolf(wide, target=target).covariance)[0] > 0.01


@pytest.mark.parametrize("target", ["identity", "constant_correlation"])
def test_that_one_asset_is_its_own_target(target: str) -> None:
    shrunk = ledoit_wolf(RETURNS[:, :1], target=target)
    assert shrunk.intensity == 0.0
    assert shrunk.covariance == pytest.approx(np.array([[RETURNS[:, 0].var(ddof=1)]]))


def test_that_an_asset_standing_still_has_no_correlation_to_share() -> None:
    still = RETURNS.copy()
    still[:, 2] = 0.0
    with pytest.raises(NotPositive, match="asset 2"):
        ledoit_wolf(still, target="constant_correlation")
    assert np.isfinite(ledoit_wolf(still, target="identity").covariance).all()


def test_that_nothing_moving_needs_no_shrinking() -> None:
    shrunk = ledoit_wolf(np.zeros((5, 2)))
    assert shrunk.intensity == 0.0
    assert not shrunk.covariance.any()


def test_that_too_few_days_are_refused() -> None:
    with pytest.raises(InsufficientHistory, match="had 1 days, expected at least 2"):
        sample_covariance([[0.1, 0.2]])
    assert not sample_covariance([[0.1, 0.2]], ddof=0).any()
    with pytest.raises(InsufficientHistory):
        ewma_covariance(np.zeros((0, 2)), decay=0.9)


def test_that_what_is_no_table_of_returns_is_refused() -> None:
    with pytest.raises(ShapeMismatch, match="no columns"):
        sample_covariance(np.zeros((5, 0)))
    with pytest.raises(ShapeMismatch, match="1 dimensions"):
        sample_covariance([0.1, 0.2])
    with pytest.raises(NotFinite):
        sample_covariance([[0.1], [math.nan]])


def test_that_unknown_choices_are_refused() -> None:
    with pytest.raises(OutOfRange, match="ddof was 2"):
        sample_covariance(RETURNS, ddof=2)
    with pytest.raises(OutOfRange, match="target was 'market'"):
        ledoit_wolf(RETURNS, target="market")
    with pytest.raises(OutOfRange, match="initial was -1"):
        ewma_covariance(RETURNS, decay=0.9, initial=-1)
    with pytest.raises(ShapeMismatch, match="initial had shape"):
        ewma_covariance(RETURNS, decay=0.9, initial=np.eye(2))
