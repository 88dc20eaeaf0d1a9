"""Hedges of least variance against the textbook, brute force and each other."""

import itertools

import numpy as np
import pytest

from plimsoll.risk import hedge
from plimsoll.risk.errors import (
    InsufficientHistory,
    NotConverged,
    NotFinite,
    NotPositive,
    OutOfRange,
    ShapeMismatch,
)
from plimsoll.risk.hedge import beta_hedge_contracts, hedge_ratio, min_variance_hedge
from plimsoll.risk.value_at_risk import parametric_var

VOLATILITY = np.array([0.015, 0.02, 0.009])
CORRELATION = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, 1.0]])
COVARIANCE = CORRELATION * np.outer(VOLATILITY, VOLATILITY)
BOOK = np.array([600e3, -250e3, 400e3])


def objective(trades: np.ndarray, instruments: list[int], costs: np.ndarray, price: float) -> float:
    after = BOOK.copy()
    after[instruments] += trades
    return float(costs @ np.abs(trades) + price * after @ COVARIANCE @ after)


@pytest.mark.parametrize(
    ("instrument", "trade", "var"), [(0, -481_333, 14_414), (1, 43_000, 22_043), (2, -655_556, 17_364)]
)
def test_that_the_best_hedges_of_the_golden_book_are_the_printed_ones(
    instrument: int, trade: int, var: int
) -> None:
    result = min_variance_hedge(BOOK, COVARIANCE, instruments=[instrument])
    assert round(result.trades[0]) == trade
    assert round(parametric_var(result.exposures, COVARIANCE, confidence=0.99)) == var
    assert result.volatility_before == pytest.approx(9514.20, abs=0.005)
    assert result.effectiveness == pytest.approx(1 - (result.volatility_after / 9514.2) ** 2, abs=1e-5)


def test_that_all_instruments_together_leave_nothing() -> None:
    result = min_variance_hedge(BOOK, COVARIANCE, instruments=[2, 0, 1])
    np.testing.assert_allclose(result.trades, [-400e3, -600e3, 250e3])
    assert result.volatility_after == pytest.approx(0.0, abs=1e-4)


def test_that_bounds_are_kept_and_the_rest_is_optimal() -> None:
    instruments, bounds = [0, 2], np.array([[-100e3, 100e3], [-np.inf, np.inf]])
    result = min_variance_hedge(BOOK, COVARIANCE, instruments=instruments, bounds=bounds)
    assert result.trades[0] == -100e3
    pushed = BOOK + np.array([-100e3, 0.0, 0.0])
    assert result.trades[1] == pytest.approx(-(COVARIANCE @ pushed)[2] / COVARIANCE[2, 2])


def test_that_costs_are_weighed_against_variance() -> None:
    instruments, costs, price = [0, 1], np.array([2e-4, 5e-4]), 1e-6
    result = min_variance_hedge(BOOK, COVARIANCE, instruments=instruments, costs=costs, risk_aversion=price)
    best = objective(result.trades, instruments, costs, price)
    grid = np.linspace(-1e6, 1e6, 201)
    assert best <= min(
        objective(np.array(point), instruments, costs, price) for point in itertools.product(grid, grid)
    )
    assert result.cost == pytest.approx(float(costs @ np.abs(result.trades)))
    free = min_variance_hedge(BOOK, COVARIANCE, instruments=instruments)
    assert result.volatility_after >= free.volatility_after


def test_that_a_prohibitive_cost_leaves_the_book_alone() -> None:
    result = min_variance_hedge(BOOK, COVARIANCE, instruments=[0], costs=[1.0], risk_aversion=1e-9)
    assert result.trades[0] == 0.0
    assert result.effectiveness == 0.0


@pytest.mark.parametrize("lots", [[30e3, 50e3], [30e3, 0.0]])
def test_that_no_other_number_of_lots_is_better(lots: list[float]) -> None:
    instruments, costs, price = [0, 1], np.array([1e-4, 1e-4]), 1e-6
    result = min_variance_hedge(
        BOOK, COVARIANCE, instruments=instruments, lots=lots, costs=costs, risk_aversion=price
    )
    best = objective(result.trades, instruments, costs, price)
    second = np.arange(-20, 21) * 50e3 if lots[1] else np.linspace(-1e6, 1e6, 401)
    for first in np.arange(-40, 41) * 30e3:
        for other in second:
            assert best <= objective(np.array([first, other]), instruments, costs, price) * (1 + 1e-9)
    assert result.trades[0] / 30e3 == pytest.approx(round(result.trades[0] / 30e3))


def test_that_bounds_between_two_lots_leave_no_trade() -> None:
    result = min_variance_hedge(BOOK, COVARIANCE, instruments=[0], lots=[100e3], bounds=[[-99e3, 99e3]])
    assert result.trades[0] == 0.0


def test_that_alike_instruments_without_bounds_share_the_trade() -> None:
    covariance = 1e-4 * np.array([[1.0, 0.8, 0.8], [0.8, 1.0, 1.0], [0.8, 1.0, 1.0]])
    result = min_variance_hedge([1e6, 0.0, 0.0], covariance, instruments=[1, 2])
    np.testing.assert_allclose(result.trades, [-400e3, -400e3])


def test_that_a_book_without_variance_has_no_effectiveness() -> None:
    assert min_variance_hedge([0.0, 0.0], np.eye(2), instruments=[0]).effectiveness == 0.0


def test_that_a_search_out_of_sweeps_or_branches_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hedge, "_MOST_SWEEPS", 1)
    with pytest.raises(NotConverged, match="sweeps"):
        min_variance_hedge(BOOK, COVARIANCE, instruments=[0, 1], bounds=[[-1e6, 1e6]] * 2)
    monkeypatch.undo()
    monkeypatch.setattr(hedge, "_MOST_BRANCHES", 1)
    with pytest.raises(NotConverged, match="branches"):
        min_variance_hedge(BOOK, COVARIANCE, instruments=[0], lots=[70e3])


def test_that_instruments_and_prices_which_cannot_be_are_refused() -> None:
    for instruments in ([3], [-1], [0, 0]):
        with pytest.raises(OutOfRange):
            min_variance_hedge(BOOK, COVARIANCE, instruments=instruments)
    with pytest.raises(ShapeMismatch):
        min_variance_hedge(BOOK, COVARIANCE, instruments=[])
    with pytest.raises(OutOfRange, match="risk_aversion"):
        min_variance_hedge(BOOK, COVARIANCE, instruments=[0], costs=[1e-4])
    with pytest.raises(OutOfRange):
        min_variance_hedge(BOOK, COVARIANCE, instruments=[0], costs=[1e-4], risk_aversion=0.0)
    with pytest.raises(NotPositive):
        min_variance_hedge([1.0, 1.0], np.diag([1.0, 0.0]), instruments=[1])


def test_that_a_ratio_needs_days_that_differ() -> None:
    with pytest.raises(InsufficientHistory):
        hedge_ratio([1.0], [1.0])
    with pytest.raises(NotPositive):
        hedge_ratio([1.0, 1.0], [1.0, 2.0])
    with pytest.raises(NotPositive):
        hedge_ratio([1.0, 2.0], [1.0, 1.0])
    with pytest.raises(ShapeMismatch):
        hedge_ratio([1.0, 2.0], [1.0])


def test_that_a_target_beta_takes_hulls_fifteen_contracts() -> None:
    assert beta_hedge_contracts(
        5_050_000, beta=1.5, contract_value_base=252_500, target_beta=0.75
    ) == pytest.approx(-15.0)
    assert beta_hedge_contracts(
        5_050_000, beta=1.5, contract_value_base=252_500, hedge_beta=2.0
    ) == pytest.approx(-15.0)


def test_that_contracts_which_cannot_hedge_are_refused() -> None:
    with pytest.raises(NotPositive):
        beta_hedge_contracts(1.0, beta=1.0, contract_value_base=0.0)
    with pytest.raises(OutOfRange):
        beta_hedge_contracts(1.0, beta=1.0, contract_value_base=1.0, hedge_beta=0.0)
    with pytest.raises(NotFinite):
        beta_hedge_contracts(np.nan, beta=1.0, contract_value_base=1.0)
