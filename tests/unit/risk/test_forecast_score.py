"""Scores prefer the truth, and Diebold and Mariano say by how much."""

import numpy as np
import pytest
from scipy.stats import norm, t

from plimsoll.risk.errors import InsufficientHistory, NotConverged, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.forecast_score import diebold_mariano, fissler_ziegel, qlike, quantile_loss

PNL = np.random.default_rng(11).standard_normal(200_000)
VAR, ES = float(norm.ppf(0.975)), float(norm.pdf(norm.ppf(0.975)) / 0.025)


def test_that_the_true_quantile_has_the_least_mean_loss() -> None:
    losses = [quantile_loss(PNL, factor * VAR, confidence=0.975).mean() for factor in (0.9, 1.0, 1.1)]
    assert losses[1] == min(losses)
    # The minimum of the mean quantile loss is α times the expected shortfall.
    assert losses[1] == pytest.approx(0.025 * ES, rel=0.02)


@pytest.mark.parametrize(("var_factor", "es_factor"), [(0.9, 1.0), (1.1, 1.0), (1.0, 0.9), (1.0, 1.1)])
def test_that_the_true_pair_has_the_least_mean_joint_score(var_factor: float, es_factor: float) -> None:
    truth = fissler_ziegel(PNL, VAR, ES, confidence=0.975).mean()
    assert truth < fissler_ziegel(PNL, var_factor * VAR, es_factor * ES, confidence=0.975).mean()


def test_that_the_joint_score_differs_by_the_logarithm_of_the_unit() -> None:
    ones = fissler_ziegel(PNL[:50], VAR, ES, confidence=0.975)
    cents = fissler_ziegel(100 * PNL[:50], 100 * VAR, 100 * ES, confidence=0.975)
    np.testing.assert_allclose(cents - ones, np.log(100.0))


def test_that_the_true_variance_has_the_least_mean_score() -> None:
    scores = [qlike(PNL**2, variance).mean() for variance in (0.9, 1.0, 1.1)]
    assert scores[1] == min(scores)


def test_that_scores_refuse_what_they_cannot_score() -> None:
    with pytest.raises(NotPositive):
        fissler_ziegel([1.0], 1.0, 0.0, confidence=0.975)
    with pytest.raises(NotPositive):
        qlike([1.0], 0.0)
    with pytest.raises(OutOfRange):
        qlike([-1.0], 1.0)
    with pytest.raises(InsufficientHistory):
        quantile_loss([], 1.0, confidence=0.975)
    with pytest.raises(ShapeMismatch):
        quantile_loss([1.0], [1.0, 2.0], confidence=0.975)


def test_that_the_comparison_is_the_t_test_of_the_differences_at_horizon_one() -> None:
    random = np.random.default_rng(5)
    first, second = random.random(60), random.random(60) + 0.1
    result = diebold_mariano(first, second)
    difference = first - second
    expected = difference.mean() / (difference.std(ddof=1) / np.sqrt(60))
    assert result.statistic == pytest.approx(expected)
    assert result.p_value == pytest.approx(2 * t.sf(abs(expected), 59))
    assert result.degrees_of_freedom == 59
    assert result.mean_difference == pytest.approx(difference.mean())


@pytest.mark.parametrize("kernel", ["rectangular", "bartlett"])
def test_that_longer_horizons_count_autocovariances(kernel: str) -> None:
    random = np.random.default_rng(6)
    noise = random.standard_normal(301)
    difference = 0.2 + noise[1:] + 0.5 * noise[:-1]
    result = diebold_mariano(difference, np.zeros(300), horizon=2, kernel=kernel, small_sample=False)  # type: ignore[arg-type]
    centred = difference - difference.mean()
    weight = 0.5 if kernel == "bartlett" else 1.0
    variance = (centred @ centred + 2 * weight * centred[1:] @ centred[:-1]) / 300
    expected = difference.mean() / np.sqrt(variance / 300)
    assert result.statistic == pytest.approx(expected)
    assert result.p_value == pytest.approx(2 * norm.sf(abs(expected)))
    assert result.degrees_of_freedom is None
    corrected = diebold_mariano(difference, np.zeros(300), horizon=2, kernel=kernel)  # type: ignore[arg-type]
    assert corrected.statistic == pytest.approx(expected * np.sqrt((300 + 1 - 4 + 2 / 300) / 300))


def test_that_equal_scores_and_negative_variances_are_no_test() -> None:
    with pytest.raises(NotConverged):
        diebold_mariano([1.0, 2.0, 3.0], [0.9, 1.9, 2.9])
    with pytest.raises(NotConverged):
        diebold_mariano([1.0, -1.0, 1.0, -1.0], np.zeros(4), horizon=2)


def test_that_too_few_days_are_refused() -> None:
    with pytest.raises(InsufficientHistory):
        diebold_mariano([1.0], [2.0])
    with pytest.raises(InsufficientHistory):
        diebold_mariano([1.0, 2.0, 3.0], [2.0, 1.0, 1.0], horizon=3)
