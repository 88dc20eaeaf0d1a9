"""Risk figures as functions of the exposures: value, slope and ceiling."""

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange, ShapeMismatch
from plimsoll.risk.expected_shortfall import historical_es, parametric_es
from plimsoll.risk.risk_figure import (
    RiskFigure,
    exposures_for,
    money_per_unit,
    parametric_risk,
    simulated_shortfall,
    simulated_var,
)
from plimsoll.risk.value_at_risk import historical_var, parametric_var

RANDOM = np.random.default_rng(21)
RETURNS = 0.01 * RANDOM.standard_normal((400, 4))
COVARIANCE = np.cov(RETURNS, rowvar=False)
MEAN = RETURNS.mean(axis=0)
BOOK = np.array([3e6, -1e6, 2e6, 0.5e6])
WEIGHTS = RANDOM.random(400)
WEIGHTS /= WEIGHTS.sum()
FIGURES: list[RiskFigure] = [
    parametric_risk(COVARIANCE, confidence=0.99),
    parametric_risk(COVARIANCE, confidence=0.975, figure="es", mean=MEAN, degrees_of_freedom=5.0),
    simulated_shortfall(RETURNS, confidence=0.975),
    simulated_shortfall(RETURNS, confidence=0.975, weights=WEIGHTS),
    simulated_var(RETURNS, confidence=0.99),
]


def test_that_the_figures_agree_with_the_functions_they_stand_for() -> None:
    pnl = RETURNS @ BOOK
    expected = [
        parametric_var(BOOK, COVARIANCE, confidence=0.99),
        parametric_es(BOOK, COVARIANCE, confidence=0.975, mean=MEAN, degrees_of_freedom=5.0),
        historical_es(pnl, confidence=0.975),
        historical_es(pnl, confidence=0.975, weights=WEIGHTS),
        historical_var(pnl, confidence=0.99),
    ]
    for figure, value in zip(FIGURES, expected, strict=True):
        assert figure.value(BOOK) == pytest.approx(value)


@pytest.mark.parametrize("figure", FIGURES)
def test_that_exposures_times_slopes_are_the_figure_and_slopes_its_change(figure: RiskFigure) -> None:
    assert BOOK @ figure.slope(BOOK) == pytest.approx(figure.value(BOOK))
    step = np.array([1.0, -1.0, 2.0, 0.5])
    change = figure.value(BOOK + step) - figure.value(BOOK - step)
    assert 2 * step @ figure.slope(BOOK) == pytest.approx(change, rel=1e-4)


@pytest.mark.parametrize("figure", FIGURES)
def test_that_the_ceiling_touches_the_figure_and_never_lies_below_it(figure: RiskFigure) -> None:
    ceiling = figure.ceiling_at(BOOK)
    assert ceiling.value(BOOK) == pytest.approx(figure.value(BOOK))
    assert ceiling.n_assets == figure.n_assets == 4
    assert ceiling.ceiling_at(BOOK) is ceiling
    for _ in range(200):
        other = BOOK * RANDOM.random(4)
        assert ceiling.value(other) >= figure.value(other) - 1e-6
        assert ceiling.slope(BOOK) @ other <= ceiling.value(other) + 1e-6


def test_that_a_book_without_volatility_has_the_slope_of_its_mean() -> None:
    figure = parametric_risk(np.zeros((2, 2)), confidence=0.99, mean=[0.01, 0.02])
    np.testing.assert_allclose(figure.slope(np.array([1.0, 2.0])), [-0.01, -0.02])
    assert figure.value(np.array([1.0, 2.0])) == pytest.approx(-0.05)


def test_that_misfit_figures_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        parametric_risk(COVARIANCE, confidence=0.99, mean=[0.0])
    with pytest.raises(InsufficientHistory):
        simulated_shortfall(RETURNS[:10], confidence=0.99)
    with pytest.raises(InsufficientHistory):
        simulated_var(RETURNS[:10], confidence=0.99)
    with pytest.raises(NotFinite):
        simulated_var([[np.nan]], confidence=0.99)


def test_that_misfit_books_limits_costs_and_lots_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        exposures_for(FIGURES[0], [1.0], 1.0)
    for limit in (-1.0, np.inf, np.nan):
        with pytest.raises(OutOfRange):
            exposures_for(FIGURES[0], BOOK, limit)
    with pytest.raises(ShapeMismatch):
        money_per_unit([1.0], "costs", 2, 1.0)
    with pytest.raises(OutOfRange):
        money_per_unit([1.0, -1.0], "costs", 2, 1.0)
