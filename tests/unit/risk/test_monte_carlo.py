"""Simulation against the closed forms, within its own standard error, and that error against reality."""

import copy
import pickle

import numpy as np
import pytest

from plimsoll.risk import monte_carlo
from plimsoll.risk.errors import InsufficientHistory, OutOfRange, ShapeMismatch, SingularMatrix
from plimsoll.risk.expected_shortfall import parametric_es
from plimsoll.risk.monte_carlo import SimulatedFigure, monte_carlo_es, monte_carlo_var, simulated_pnl
from plimsoll.risk.value_at_risk import parametric_var

EXPOSURES = np.array([600_000.0, -250_000.0, 400_000.0])
VOLATILITY = np.array([0.015, 0.02, 0.009])
COVARIANCE = np.array([[1, 0.5, 0.2], [0.5, 1, -0.1], [0.2, -0.1, 1]]) * np.outer(VOLATILITY, VOLATILITY)
BOOK = (EXPOSURES, COVARIANCE)
FORMS = [(monte_carlo_var, parametric_var), (monte_carlo_es, parametric_es)]


@pytest.mark.parametrize("antithetic", [True, False])
@pytest.mark.parametrize("degrees_of_freedom", [None, 5.0])
@pytest.mark.parametrize(("simulated", "closed"), FORMS)
def test_that_simulation_meets_the_closed_form_within_its_error(
    simulated: object, closed: object, degrees_of_freedom: float | None, antithetic: bool
) -> None:
    options = {
        "confidence": 0.975,
        "degrees_of_freedom": degrees_of_freedom,
        "mean": [0.001, 0.0, -0.002],
    }
    figure = simulated(*BOOK, **options, antithetic=antithetic)
    assert abs(figure - closed(*BOOK, **options)) < 3.5 * figure.standard_error
    assert 0.0 < figure.standard_error < 0.02 * figure
    assert figure.n_simulations == 100_000


@pytest.mark.parametrize("antithetic", [True, False])
@pytest.mark.parametrize("simulated", [monte_carlo_var, monte_carlo_es])
def test_that_the_standard_error_is_the_spread_over_seeds(simulated: object, antithetic: bool) -> None:
    figures = [
        simulated(*BOOK, confidence=0.95, n_simulations=4_000, seed=seed, antithetic=antithetic)
        for seed in range(120)
    ]
    told = np.mean([figure.standard_error for figure in figures])
    assert told == pytest.approx(np.std(figures, ddof=1), rel=0.25)


def test_that_antithetic_paths_mirror_each_other_about_the_mean() -> None:
    pnl = simulated_pnl(*BOOK, mean=[0.01, 0.0, 0.0], n_simulations=1_000)
    assert pnl[:500] + pnl[500:] == pytest.approx(np.full(500, 2 * 6_000.0))


def test_that_student_paths_keep_the_covariance() -> None:
    pnl = simulated_pnl(*BOOK, degrees_of_freedom=8.0, n_simulations=200_000)
    assert pnl.std() == pytest.approx(9_514.20, rel=0.01)


def test_that_the_same_seed_gives_the_same_figure() -> None:
    assert monte_carlo_var(*BOOK, confidence=0.99, n_simulations=1_000, seed=3) == monte_carlo_var(
        *BOOK, confidence=0.99, n_simulations=1_000, seed=3
    )


def test_that_many_assets_are_drawn_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = simulated_pnl(*BOOK, n_simulations=1_000, seed=9)
    monkeypatch.setattr(monte_carlo, "_CHUNK", 300)
    assert simulated_pnl(*BOOK, n_simulations=1_000, seed=9) == pytest.approx(whole)


def test_that_more_assets_than_days_can_be_simulated() -> None:
    singular = np.full((4, 4), 0.01)
    figure = monte_carlo_var([1.0, -1.0, 2.0, -2.0], singular, confidence=0.95, n_simulations=200)
    assert figure == pytest.approx(0.0, abs=1e-7)
    assert figure.standard_error == pytest.approx(0.0, abs=1e-7)


def test_that_a_matrix_that_is_no_covariance_is_refused() -> None:
    with pytest.raises(SingularMatrix, match="eigenvalue"):
        simulated_pnl([1.0, 1.0], [[1.0, 2.0], [2.0, 1.0]])


@pytest.mark.parametrize(("n_simulations", "antithetic"), [(99, False), (101, True), (0, True)])
def test_that_paths_come_in_pairs_and_in_numbers(n_simulations: int, antithetic: bool) -> None:
    with pytest.raises(OutOfRange, match="n_simulations"):
        simulated_pnl(*BOOK, n_simulations=n_simulations, antithetic=antithetic)


def test_that_a_tail_without_a_path_is_refused() -> None:
    with pytest.raises(InsufficientHistory):
        monte_carlo_var(*BOOK, confidence=0.999, n_simulations=100)


def test_that_an_impossible_tail_is_refused() -> None:
    with pytest.raises(OutOfRange, match="degrees_of_freedom"):
        monte_carlo_es(*BOOK, confidence=0.99, degrees_of_freedom=2.0)
    with pytest.raises(ShapeMismatch):
        monte_carlo_es([1.0], COVARIANCE, confidence=0.99)


def test_that_a_figure_survives_copying() -> None:
    figure = SimulatedFigure(2.5, standard_error=0.1, n_simulations=7)
    for other in (copy.copy(figure), pickle.loads(pickle.dumps(figure))):  # noqa: S301  our own bytes
        assert (other, other.standard_error, other.n_simulations) == (2.5, 0.1, 7)
