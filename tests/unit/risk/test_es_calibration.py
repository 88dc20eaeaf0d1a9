"""Residuals beyond the VaR and the moments that define VaR and expected shortfall."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, SingularMatrix
from plimsoll.risk.es_calibration import conditional_calibration, mcneil_frey


def history(seed: int, *, n_days: int = 2000, scale: float = 1.0) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    sigma = 1.0 + random.random(n_days)
    pnl = scale * sigma * random.standard_normal(n_days)
    es = norm.pdf(norm.ppf(0.975)) / 0.025
    return pnl, norm.ppf(0.975) * sigma, es * sigma, sigma


def test_that_the_residual_statistic_is_the_textbook_t() -> None:
    pnl, var, es, sigma = history(1)
    beyond = -pnl > var
    for residuals, volatility in (((-pnl - es)[beyond], None), (((-pnl - es) / sigma)[beyond], sigma)):
        result = mcneil_frey(pnl, var, es, confidence=0.975, volatility=volatility)
        expected = residuals.mean() / (residuals.std(ddof=1) / np.sqrt(residuals.size))
        assert result.statistic == pytest.approx(expected)
        assert result.p_value == pytest.approx(norm.sf(expected))
        assert result.mean_residual == pytest.approx(residuals.mean())
        assert (result.n_exceptions, result.verdict) == (int(beyond.sum()), "accept")


def test_that_too_small_a_shortfall_is_rejected_by_both_p_values_and_too_large_a_one_by_neither() -> None:
    pnl, var, es, _ = history(2)
    for p_value in ("normal", "bootstrap"):
        small = mcneil_frey(pnl, var, 0.7 * es, confidence=0.975, p_value=p_value)  # type: ignore[arg-type]
        large = mcneil_frey(pnl, var, 1.5 * es, confidence=0.975, p_value=p_value)  # type: ignore[arg-type]
        assert (small.verdict, large.verdict) == ("reject", "accept")


def test_that_the_bootstrap_repeats_and_nears_the_normal() -> None:
    pnl, var, es, _ = history(3, n_days=20_000)
    first, second = (
        mcneil_frey(pnl, var, es, confidence=0.975, p_value="bootstrap", n_bootstraps=4000) for _ in range(2)
    )
    assert first == second
    assert first.p_value == pytest.approx(mcneil_frey(pnl, var, es, confidence=0.975).p_value, abs=0.06)


def test_that_resamples_of_one_residual_count_by_their_sign() -> None:
    result = mcneil_frey([-5.0, -7.0], 1.0, 5.0, confidence=0.975, p_value="bootstrap", n_bootstraps=4000)
    # Of the four resamples of (-1, 1) only (1, 1) lies as far up as the statistic 1.
    assert result.statistic == pytest.approx(1.0)
    assert result.p_value == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("pnl", [[1.0, 2.0], [-3.0, 1.0], [-3.0, -3.0]])
def test_that_residuals_without_spread_are_refused(pnl: list[float]) -> None:
    with pytest.raises(InsufficientHistory):
        mcneil_frey(pnl, 1.0, 2.0, confidence=0.975)


def test_that_a_volatility_of_zero_is_refused() -> None:
    pnl, var, es, _ = history(1)
    for test in (mcneil_frey, conditional_calibration):
        with pytest.raises(NotPositive):
            test(pnl, var, es, confidence=0.975, volatility=0.0)


def test_that_the_calibration_statistics_are_the_papers_wald_forms() -> None:
    pnl, var, es, sigma = history(4)
    hit = (-pnl >= var).astype(float)
    v = np.column_stack((0.025 - hit, var - es + hit * (-pnl - var) / 0.025))
    omega = v.T @ v / len(v)
    simple = len(v) * v.mean(axis=0) @ np.linalg.inv(omega) @ v.mean(axis=0)
    h = np.column_stack(((es - var) / (0.025 * sigma), 1 / sigma))
    w = (h * v).sum(axis=1)
    general = len(v) * w.mean() ** 2 / (w**2).mean()
    plain = conditional_calibration(pnl, var, es, confidence=0.975)
    full = conditional_calibration(pnl, var, es, confidence=0.975, volatility=sigma)
    assert plain.statistic == pytest.approx(simple)
    assert (plain.degrees_of_freedom, plain.general_statistic, plain.general_p_value) == (2, None, None)
    assert full.statistic == full.general_statistic == pytest.approx(general)
    assert full.simple_statistic == pytest.approx(simple)
    assert (full.degrees_of_freedom, full.verdict) == (1, "accept")
    assert full.simple_p_value == plain.p_value


def test_that_a_loss_equal_to_the_var_counts_for_calibration() -> None:
    pnl = [-2.0, 1.0, -5.0, 0.5]
    touching = conditional_calibration(pnl, 2.0, 4.0, confidence=0.75)
    below = conditional_calibration(pnl, 2.0 + 1e-9, 4.0, confidence=0.75)
    assert touching.statistic != pytest.approx(below.statistic, rel=1e-3)


def test_that_money_in_another_unit_leaves_calibration_alone() -> None:
    pnl, var, es, sigma = history(5)
    small = conditional_calibration(pnl, var, es, confidence=0.975, volatility=sigma)
    large = conditional_calibration(1e8 * pnl, 1e8 * var, 1e8 * es, confidence=0.975, volatility=1e8 * sigma)
    assert large.statistic == pytest.approx(small.statistic, rel=1e-9)
    assert large.simple_statistic == pytest.approx(small.simple_statistic, rel=1e-9)


def test_that_moments_which_move_as_one_are_refused() -> None:
    with pytest.raises(SingularMatrix):
        conditional_calibration([1.0, 2.0, 3.0], 1.0, 2.0, confidence=0.975)
    with pytest.raises(SingularMatrix):
        conditional_calibration([1.0, 2.0, 3.0], 2.0, 2.0, confidence=0.975)


def test_that_one_day_is_no_calibration() -> None:
    with pytest.raises(InsufficientHistory):
        conditional_calibration([1.0], 1.0, 2.0, confidence=0.975)


@pytest.mark.parametrize("test", [mcneil_frey, conditional_calibration])
def test_that_a_vanishing_volatility_is_counted_or_refused_but_never_overflows(
    test: Callable[..., Any],
) -> None:
    pnl = [-1.0, -2.0, 0.5, 0.25]
    assert np.isfinite(test(pnl, 0.5, 1.0, confidence=0.975, volatility=1e-200).statistic)
    with pytest.raises(NotFinite):
        test(pnl, 0.5, 1.0, confidence=0.975, volatility=1e-310)


def test_that_an_unknown_law_of_the_residuals_is_refused() -> None:
    with pytest.raises(OutOfRange, match="p_value was 'student'"):
        mcneil_frey([-5.0, -7.0], 1.0, 5.0, confidence=0.975, p_value="student")  # type: ignore[arg-type]
