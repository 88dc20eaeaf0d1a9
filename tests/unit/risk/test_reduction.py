"""Cuts that reach the line, only reduce, honour lots and cost least."""

import itertools

import numpy as np
import pytest

from plimsoll.risk import reduction
from plimsoll.risk.errors import NotConverged, OutOfRange, ShapeMismatch
from plimsoll.risk.reduction import Reduction, cheapest_cut, reduction_by_risk_contribution, uniform_cut
from plimsoll.risk.risk_figure import RiskFigure, parametric_risk, simulated_shortfall, simulated_var

# risk-definitions.md, section 4: the golden book.
VOLATILITY = np.array([0.015, 0.02, 0.009])
CORRELATION = np.array([[1.0, 0.5, 0.2], [0.5, 1.0, -0.1], [0.2, -0.1, 1.0]])
COVARIANCE = CORRELATION * np.outer(VOLATILITY, VOLATILITY)
BOOK = np.array([600e3, -250e3, 400e3])
RANDOM = np.random.default_rng(8)
RETURNS = RANDOM.multivariate_normal(np.zeros(3), COVARIANCE, 300)
PARAMETRIC = parametric_risk(COVARIANCE, confidence=0.99)
FIGURES: list[RiskFigure] = [
    PARAMETRIC,
    simulated_shortfall(RETURNS, confidence=0.975),
    simulated_var(RETURNS, confidence=0.99),
]
COSTS = np.array([5e-4, 2e-4, 8e-4])


def assert_reduces(cut: Reduction, limit: float) -> None:
    assert cut.risk_after <= limit * (1 + 1e-12)
    assert (cut.trades * BOOK <= 0.0).all()
    assert (np.abs(cut.exposures) <= np.abs(BOOK)).all()
    assert (cut.exposures * BOOK >= 0.0).all()


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_that_every_cut_reaches_the_line_and_only_reduces(figure: RiskFigure, share: float) -> None:
    limit = share * figure.value(BOOK)
    uniform = uniform_cut(BOOK, figure, limit=limit, costs=COSTS)
    cheapest = cheapest_cut(BOOK, figure, limit=limit, costs=COSTS)
    by_contribution = reduction_by_risk_contribution(BOOK, figure, limit=limit, costs=COSTS)
    assert_reduces(uniform, limit * (1 + 1e-9))
    assert uniform.risk_after == pytest.approx(limit)
    np.testing.assert_allclose(uniform.exposures, share * BOOK)
    for cut in (cheapest, by_contribution):
        assert_reduces(cut, limit)
        assert cut.cost == pytest.approx(COSTS @ np.abs(cut.trades))
        assert cut.hedges_spared
    assert cheapest.cost <= by_contribution.cost * (1 + 1e-6)


@pytest.mark.parametrize("figure", FIGURES)
def test_that_a_figure_under_the_line_needs_no_trade(figure: RiskFigure) -> None:
    for cut in (uniform_cut, cheapest_cut, reduction_by_risk_contribution):
        result = cut(BOOK, figure, limit=figure.value(BOOK))
        np.testing.assert_array_equal(result.trades, np.zeros(3))
        assert (result.cost, result.hedges_spared) == (0.0, True)


@pytest.mark.parametrize("figure", FIGURES)
def test_that_a_line_of_zero_closes_the_book(figure: RiskFigure) -> None:
    for cut in (uniform_cut, cheapest_cut):
        np.testing.assert_allclose(cut(BOOK, figure, limit=0.0).exposures, 0.0, atol=1e-6)


@pytest.mark.parametrize(("figure", "excess"), [(FIGURES[0], 0.0), (FIGURES[1], 0.0), (FIGURES[2], 0.12)])
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_that_no_combination_of_lots_is_cheaper(figure: RiskFigure, excess: float, share: float) -> None:
    # The simulated VaR is not convex: in coarse lots its cut may cost a little more than the cheapest.
    lots = np.array([50e3, 40e3, 30e3])
    limit = share * figure.value(BOOK)
    cut = cheapest_cut(BOOK, figure, limit=limit, costs=COSTS, lots=lots, spare_hedges=False)
    assert_reduces(cut, limit)
    np.testing.assert_allclose(cut.trades / lots, np.round(cut.trades / lots), atol=1e-9)
    counts = itertools.product(
        *(range(int(abs(money) // lot) + 1) for money, lot in zip(BOOK, lots, strict=True))
    )
    amounts = np.array(list(counts)) * lots
    reaching = [row for row in amounts if figure.value(BOOK - np.sign(BOOK) * row) <= limit * (1 + 1e-12)]
    cheapest = min(float(COSTS @ row) for row in reaching)
    assert cheapest * (1 - 1e-9) <= cut.cost <= cheapest * (1 + excess + 1e-4)


@pytest.mark.parametrize("figure", FIGURES[:2])
def test_that_no_point_of_a_fine_grid_is_cheaper(figure: RiskFigure) -> None:
    limit = 0.7 * figure.value(BOOK)
    cut = cheapest_cut(BOOK, figure, limit=limit, costs=COSTS, spare_hedges=False)
    shares = np.linspace(0.0, 1.0, 41)
    for row in itertools.product(shares, repeat=3):
        left = BOOK * (1.0 - np.array(row))
        if figure.value(left) <= limit:
            assert cut.cost <= float(COSTS @ (np.abs(BOOK) * row)) * (1 + 1e-6)


def test_that_a_simulated_var_is_cut_no_dearer_than_by_its_shortfall() -> None:
    figure = FIGURES[2]
    limit = 0.6 * figure.value(BOOK)
    cut = cheapest_cut(BOOK, figure, limit=limit, costs=COSTS)
    by_shortfall = cheapest_cut(BOOK, simulated_shortfall(RETURNS, confidence=0.99), limit=limit, costs=COSTS)
    assert figure.value(by_shortfall.exposures) <= limit
    assert cut.cost <= by_shortfall.cost


@pytest.mark.parametrize("seed", range(6))
def test_that_several_descents_find_what_a_fine_grid_finds_for_a_simulated_var(seed: int) -> None:
    random = np.random.default_rng(seed)
    returns = 0.01 * random.standard_t(3, (200, 3)) @ random.uniform(-1, 1, (3, 3))
    book, costs = random.normal(0, 1e6, 3), random.random(3) * 1e-3 + 1e-4
    figure = simulated_var(returns, confidence=0.97)
    limit = 0.7 * figure.value(book)
    cut = cheapest_cut(book, figure, limit=limit, costs=costs, spare_hedges=False)
    shares = np.array(list(itertools.product(np.linspace(0.0, 1.0, 41), repeat=3)))
    losses = -(book * (1.0 - shares)) @ returns.T
    vars_ = -np.partition(-losses, figure.n_beyond, axis=1)[:, figure.n_beyond]
    reaching = shares[vars_ <= limit]
    assert cut.cost <= float((reaching @ (np.abs(book) * costs)).min())


def test_that_a_simulated_var_out_of_reach_is_refused() -> None:
    figure = FIGURES[2]
    with pytest.raises(OutOfRange, match="no allowed cut"):
        cheapest_cut(BOOK, figure, limit=0.0, spared=[True, False, True])


def test_that_lots_and_amounts_mix() -> None:
    limit = 0.5 * PARAMETRIC.value(BOOK)
    cut = cheapest_cut(BOOK, PARAMETRIC, limit=limit, lots=[70e3, 0.0, 0.0], costs=[1e-5, 1e-3, 1e-3])
    assert_reduces(cut, limit)
    assert cut.trades[0] == pytest.approx(-8 * 70e3)


def test_that_a_line_met_exactly_by_lots_is_met_by_them() -> None:
    limit = PARAMETRIC.value(BOOK - np.array([200e3, 0.0, 0.0]))
    cut = cheapest_cut(BOOK, PARAMETRIC, limit=limit, lots=[100e3] * 3, costs=[1e-4, 1.0, 1.0])
    np.testing.assert_allclose(cut.trades, [-200e3, 0.0, 0.0])


def test_that_spared_positions_stay_and_their_own_risk_may_be_the_line() -> None:
    alone = np.array([0.0, 0.0, 400e3])
    limit = PARAMETRIC.value(alone)
    cut = cheapest_cut(BOOK, PARAMETRIC, limit=limit, spared=[False, False, True])
    assert cut.exposures[2] == 400e3
    assert cut.risk_after <= limit * (1 + 1e-12)
    with pytest.raises(OutOfRange, match="no allowed cut"):
        cheapest_cut(BOOK, PARAMETRIC, limit=0.5 * limit, spared=[False, False, True])


def test_that_hedges_are_cut_only_where_nothing_else_reaches_the_line() -> None:
    covariance = 1e-4 * np.array([[1.0, 0.95], [0.95, 1.0]])
    figure = parametric_risk(covariance, confidence=0.99)
    book = np.array([1e6, -0.9e6])
    assert book[1] * figure.slope(book)[1] < 0.0
    gentle = cheapest_cut(book, figure, limit=0.98 * figure.value(book))
    assert gentle.hedges_spared
    assert gentle.trades[1] == 0.0
    assert not uniform_cut(book, figure, limit=0.98 * figure.value(book)).hedges_spared
    drastic = cheapest_cut(book, figure, limit=0.1 * figure.value(book))
    assert not drastic.hedges_spared
    with pytest.raises(OutOfRange, match="hedges"):
        reduction_by_risk_contribution(book, figure, limit=0.1 * figure.value(book))


def test_that_a_flag_for_each_position_is_expected() -> None:
    with pytest.raises(ShapeMismatch):
        cheapest_cut(BOOK, PARAMETRIC, limit=1.0, spared=[True])


def test_that_a_search_out_of_rounds_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reduction, "_MOST_ROUNDS", 1)
    with pytest.raises(NotConverged):
        cheapest_cut(BOOK, PARAMETRIC, limit=0.5 * PARAMETRIC.value(BOOK))


def test_that_flat_positions_are_no_obstacle() -> None:
    book = np.array([600e3, 0.0, 400e3])
    cut = cheapest_cut(book, PARAMETRIC, limit=0.5 * PARAMETRIC.value(book))
    assert cut.trades[1] == 0.0
    assert cut.risk_after <= 0.5 * PARAMETRIC.value(book) * (1 + 1e-12)


class OverItsOwnPlane:
    """Sum of exposures, and a hair more than its slope says: as rounding makes of any figure."""

    n_assets = 1

    def value(self, exposures: np.ndarray) -> float:
        return float(exposures.sum()) * (1.0 + 1e-11)

    def slope(self, exposures: np.ndarray) -> np.ndarray:
        return np.ones_like(exposures)

    def ceiling_at(self, exposures: np.ndarray) -> RiskFigure:
        del exposures
        return self


def test_that_a_book_a_hair_over_the_line_is_not_taken_for_one_under_it() -> None:
    cut = cheapest_cut([100.0], OverItsOwnPlane(), limit=50.0, lots=[10.0])
    np.testing.assert_array_equal(cut.trades, [-60.0])
