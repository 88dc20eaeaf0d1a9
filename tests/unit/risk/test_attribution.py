import numpy as np
import pytest

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.attribution import (
    component_es,
    component_var,
    component_volatility,
    diversification_ratio,
    incremental_var,
    marginal_var,
    undiversified_var,
)
from plimsoll.risk.errors import NotFinite, NotPositive, OutOfRange, ShapeMismatch, SingularMatrix
from plimsoll.risk.expected_shortfall import parametric_es
from plimsoll.risk.value_at_risk import parametric_var

VOLATILITY = np.array([0.015, 0.02, 0.009])
CORRELATION = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, 1.0]])
COVARIANCE = CORRELATION * np.outer(VOLATILITY, VOLATILITY)
BOOK = np.array([600e3, -250e3, 400e3])
MEAN = np.array([0.0005, -0.0002, 0.0001])


def without(book: FloatArray, place: int) -> FloatArray:
    rest = book.copy()
    rest[place] = 0.0
    return rest


@pytest.mark.parametrize("mean", [None, MEAN])
@pytest.mark.parametrize("degrees_of_freedom", [None, 5.0])
def test_that_components_sum_to_the_whole(mean: FloatArray | None, degrees_of_freedom: float | None) -> None:
    var = parametric_var(BOOK, COVARIANCE, confidence=0.99, mean=mean, degrees_of_freedom=degrees_of_freedom)
    es = parametric_es(BOOK, COVARIANCE, confidence=0.975, mean=mean, degrees_of_freedom=degrees_of_freedom)
    var_parts = component_var(
        BOOK, COVARIANCE, confidence=0.99, mean=mean, degrees_of_freedom=degrees_of_freedom
    )
    es_parts = component_es(
        BOOK, COVARIANCE, confidence=0.975, mean=mean, degrees_of_freedom=degrees_of_freedom
    )
    assert var_parts.sum() == pytest.approx(var, rel=1e-13)
    assert es_parts.sum() == pytest.approx(es, rel=1e-13)


def test_that_components_of_volatility_sum_to_the_golden_deviation() -> None:
    assert round(float(component_volatility(BOOK, COVARIANCE).sum()), 2) == 9514.20
    with_mean = component_volatility(BOOK, COVARIANCE, mean=MEAN)
    assert with_mean == pytest.approx(component_volatility(BOOK, COVARIANCE) - BOOK * MEAN)


def test_that_a_component_is_the_exposure_times_the_marginal_figure() -> None:
    marginal = marginal_var(BOOK, COVARIANCE, confidence=0.99, mean=MEAN)
    assert component_var(BOOK, COVARIANCE, confidence=0.99, mean=MEAN) == pytest.approx(BOOK * marginal)


def test_that_the_marginal_figure_is_the_derivative() -> None:
    marginal = marginal_var(BOOK, COVARIANCE, confidence=0.99, mean=MEAN, degrees_of_freedom=6.0)
    for place in range(3):
        step = np.zeros(3)
        step[place] = 1.0
        up, down = (
            parametric_var(BOOK + sign * step, COVARIANCE, confidence=0.99, mean=MEAN, degrees_of_freedom=6.0)
            for sign in (1.0, -1.0)
        )
        assert marginal[place] == pytest.approx((up - down) / 2.0, rel=1e-6)


def test_that_removing_a_short_raises_the_var_though_it_adds_at_the_margin() -> None:
    component = component_var(BOOK, COVARIANCE, confidence=0.99)
    incremental = incremental_var(BOOK, COVARIANCE, confidence=0.99)
    assert component[1] > 0.0 > incremental[1]


@pytest.mark.parametrize("mean", [None, MEAN])
def test_that_incremental_is_the_book_less_the_book_without_the_line(mean: FloatArray | None) -> None:
    figures = incremental_var(BOOK, COVARIANCE, confidence=0.99, mean=mean)
    whole = parametric_var(BOOK, COVARIANCE, confidence=0.99, mean=mean)
    for place in range(3):
        rest = parametric_var(without(BOOK, place), COVARIANCE, confidence=0.99, mean=mean)
        assert figures[place] == pytest.approx(whole - rest)


def test_that_a_trade_is_judged_by_the_var_after_less_before() -> None:
    closing = np.array([0.0, 250e3, 0.0])
    assert incremental_var(BOOK, COVARIANCE, confidence=0.99, trade=closing) == pytest.approx(
        1921.59, abs=0.005
    )
    with pytest.raises(ShapeMismatch, match="trade"):
        incremental_var(BOOK, COVARIANCE, confidence=0.99, trade=[1.0])


def test_that_the_only_line_of_a_book_is_all_its_var() -> None:
    figure = incremental_var([100.0], [[0.04]], confidence=0.95)
    assert figure == pytest.approx([parametric_var([100.0], [[0.04]], confidence=0.95)])


def test_that_a_flat_book_has_components_of_zero_but_no_marginal_figure() -> None:
    assert component_var([0.0, 0.0, 0.0], COVARIANCE, confidence=0.99).tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(NotPositive, match="marginal"):
        marginal_var([0.0, 0.0, 0.0], COVARIANCE, confidence=0.99)
    with pytest.raises(NotPositive, match="diversification"):
        diversification_ratio([0.0, 0.0, 0.0], COVARIANCE)


def test_that_a_riskless_book_with_a_mean_has_the_parts_of_its_mean() -> None:
    parts = component_var([10.0, 20.0], np.zeros((2, 2)), confidence=0.99, mean=[0.1, -0.2])
    assert parts.tolist() == [-1.0, 4.0]


def test_that_undiversified_var_is_the_sum_of_the_single_lines() -> None:
    alone = sum(abs(size) * sigma for size, sigma in zip(BOOK, VOLATILITY, strict=True))
    z = parametric_var([1.0], [[1.0]], confidence=0.99)
    assert undiversified_var(BOOK, COVARIANCE, confidence=0.99) == pytest.approx(z * alone)


def test_that_a_matrix_that_is_no_covariance_is_refused() -> None:
    with pytest.raises(SingularMatrix, match="variance"):
        undiversified_var([1.0, 1.0], [[1.0, 0.0], [0.0, -0.5]], confidence=0.99)
    with pytest.raises(SingularMatrix):
        component_var([1.0, -1.0], [[1.0, 2.0], [2.0, 1.0]], confidence=0.99)


def test_that_misaligned_and_broken_inputs_are_refused_by_name() -> None:
    with pytest.raises(ShapeMismatch):
        component_var([1.0], COVARIANCE, confidence=0.99)
    with pytest.raises(ShapeMismatch):
        component_var(BOOK, COVARIANCE, confidence=0.99, mean=[0.0])
    with pytest.raises(NotFinite):
        component_es([1.0, np.nan, 0.0], COVARIANCE, confidence=0.99)
    with pytest.raises(OutOfRange):
        component_var(BOOK, COVARIANCE, confidence=1.0)
