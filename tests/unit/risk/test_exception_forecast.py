"""Waiting times and known facts as omens of an exception."""

import numpy as np
import pytest
from scipy.optimize import minimize

from plimsoll.risk.errors import InsufficientHistory, NotConverged, OutOfRange, ShapeMismatch
from plimsoll.risk.exception_forecast import dynamic_quantile, weibull_duration


def flags(*days: int, n_days: int = 250) -> np.ndarray:
    record = np.zeros(n_days, dtype=bool)
    record[[day - 1 for day in days]] = True
    return record


def brute_weibull(durations: list[float], censored: list[bool]) -> tuple[float, float]:
    def minus_log_likelihood(parameters: np.ndarray) -> float:
        a, b = np.exp(parameters)
        total = 0.0
        for duration, is_censored in zip(durations, censored, strict=True):
            total -= (a * duration) ** b
            if not is_censored:
                total += b * np.log(a) + np.log(b) + (b - 1) * np.log(duration)
        return -total

    start = np.array([-4.0, 0.0])
    best = minimize(
        minus_log_likelihood, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}
    )
    return float(np.exp(best.x[1])), -float(best.fun)


def test_that_both_ends_are_censored() -> None:
    result = weibull_duration(flags(10, 11, 12, 100, 200))
    shape, best = brute_weibull([10, 1, 1, 88, 100, 50], [True, False, False, False, False, True])
    assert result.shape == pytest.approx(shape, rel=1e-5)
    assert result.log_likelihood == pytest.approx(best, rel=1e-9)
    assert result.null_log_likelihood == pytest.approx(best - result.statistic / 2)


def test_that_an_exception_on_the_first_or_last_day_leaves_nothing_censored_there() -> None:
    result = weibull_duration(flags(1, 11, 12, 100, 250))
    shape, _ = brute_weibull([10, 1, 88, 150], [False] * 4)
    assert result.shape == pytest.approx(shape, rel=1e-5)


def test_that_nearly_regular_exceptions_have_a_large_shape() -> None:
    result = weibull_duration(flags(20, 40, 60, 80, 101, 121, 141, 161, 181, 201, 221, 241))
    assert result.shape > 10
    assert result.verdict == "reject"


def test_that_perfectly_regular_exceptions_have_no_shape() -> None:
    with pytest.raises(NotConverged):
        weibull_duration(flags(50, 100, 150, 200, 250))


@pytest.mark.parametrize("days", [(), (30,)])
def test_that_fewer_than_two_exceptions_have_no_duration(days: tuple[int, ...]) -> None:
    with pytest.raises(InsufficientHistory):
        weibull_duration(flags(*days))


def test_that_the_dynamic_quantile_is_the_textbook_quadratic_form() -> None:
    random = np.random.default_rng(3)
    losses, var = random.standard_normal(400), 1.2 + 0.3 * random.random(400)
    exceptions = losses > var
    squares = np.roll(losses**2, 1)[:, np.newaxis]
    result = dynamic_quantile(exceptions, var, confidence=0.95, extra=squares)
    hit = exceptions - 0.05
    columns = [np.ones(396), var[4:], *(hit[4 - lag : 400 - lag] for lag in (4, 3, 2, 1)), squares[4:, 0]]
    x = np.column_stack(columns)
    target = hit[4:]
    expected = target @ x @ np.linalg.inv(x.T @ x) @ x.T @ target / (0.05 * 0.95)
    assert result.statistic == pytest.approx(expected, rel=1e-9)
    assert (result.degrees_of_freedom, result.rank, result.is_rank_deficient) == (7, 7, False)


def test_that_the_unit_of_the_var_leaves_the_dynamic_quantile_alone() -> None:
    random = np.random.default_rng(4)
    var = 1.0 + random.random(300)
    exceptions = random.random(300) < 0.05
    small = dynamic_quantile(exceptions, var, confidence=0.95)
    large = dynamic_quantile(exceptions, 1e7 * var, confidence=0.95)
    assert large.statistic == pytest.approx(small.statistic, rel=1e-9)


def test_that_a_constant_var_is_flagged_and_answered_by_the_pseudo_inverse() -> None:
    record = flags(10, 11, 12, 100, 200)
    result = dynamic_quantile(record, np.full(250, 2.0), confidence=0.99)
    assert result.is_rank_deficient
    assert result.rank == result.degrees_of_freedom - 1
    nothing_new = dynamic_quantile(record, np.zeros(250), confidence=0.99)
    assert result.statistic == pytest.approx(nothing_new.statistic)


def test_that_no_lags_are_allowed() -> None:
    assert dynamic_quantile([0, 1, 0], [1.0, 2.0, 4.0], confidence=0.9, lags=0).degrees_of_freedom == 2


def test_that_misfit_inputs_of_the_dynamic_quantile_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        dynamic_quantile([0, 1], [1.0], confidence=0.9)
    with pytest.raises(ShapeMismatch):
        dynamic_quantile([0, 1], [1.0, 2.0], confidence=0.9, extra=[[1.0]])
    with pytest.raises(InsufficientHistory):
        dynamic_quantile([0, 1, 0, 0, 0, 0, 0, 0, 1], np.ones(9), confidence=0.9)
    with pytest.raises(OutOfRange):
        dynamic_quantile([0, 1], [1.0, 2.0], confidence=0.9, lags=-1)
