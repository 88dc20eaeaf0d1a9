import math

import numpy as np
import pytest

from plimsoll.risk.entropic_risk import entropic_var
from plimsoll.risk.errors import InsufficientHistory, InvalidWeights, NotFinite, OutOfRange
from plimsoll.risk.normal import normal_quantile


def test_that_a_normal_sample_has_the_closed_form() -> None:
    # Ahmadi-Javid 2012: EVaR of N(0, 1) is sqrt(-2 ln alpha).
    grid = np.array([normal_quantile((place + 0.5) / 40_000) for place in range(40_000)])
    assert entropic_var(grid, confidence=0.9) == pytest.approx(math.sqrt(-2.0 * math.log(0.1)), rel=2e-3)


def test_that_the_figure_is_the_minimum_over_every_temperature() -> None:
    pnl = np.random.default_rng(5).standard_t(4, size=300)
    grid = np.exp(np.linspace(-3.0, 4.0, 4001))
    values = [t * (np.log(np.mean(np.exp(-pnl / t))) - np.log(0.05)) for t in grid]
    assert entropic_var(pnl, confidence=0.95) == pytest.approx(min(values), rel=1e-6)
    assert entropic_var(pnl, confidence=0.95) <= min(values) + 1e-12


def test_that_a_loss_that_fills_the_tail_alone_is_the_figure() -> None:
    assert entropic_var([-7.0, 1.0, 2.0, 3.0, 4.0], confidence=0.9) == 7.0
    assert entropic_var([2.0, 2.0, 2.0], confidence=0.9) == -2.0
    assert entropic_var([-7.0, 1.0], confidence=1.0 - 1e-12) == 7.0


def test_that_money_has_no_unit() -> None:
    pnl = np.random.default_rng(6).normal(size=100)
    assert entropic_var(pnl * 1e12, confidence=0.9) == pytest.approx(1e12 * entropic_var(pnl, confidence=0.9))
    assert entropic_var(pnl + 5.0, confidence=0.9) == pytest.approx(entropic_var(pnl, confidence=0.9) - 5.0)


def test_that_weights_stand_for_repeated_scenarios() -> None:
    assert entropic_var(
        [-5.0, -3.0, 1.0, 2.0], confidence=0.75, weights=[0.1, 0.3, 0.3, 0.3]
    ) == pytest.approx(entropic_var([-5.0] + [-3.0] * 3 + [1.0] * 3 + [2.0] * 3, confidence=0.75))


def test_that_an_impossible_scenario_does_not_count() -> None:
    assert entropic_var([-9.0, -1.0, 2.0], confidence=0.6, weights=[0.0, 0.5, 0.5]) == 1.0


def test_that_a_very_rare_worst_loss_and_a_very_small_spread_are_solved() -> None:
    rare = entropic_var([-1.0, 0.0], confidence=0.6, weights=[0.399999, 0.600001])
    assert 0.999 < rare <= 1.0
    lone = entropic_var([-1.0, 0.0], confidence=0.5000001, weights=[1e-9, 1.0 - 1e-9])
    assert 0.0 < lone < 0.1


def test_that_two_losses_that_are_almost_one_fill_the_tail_together() -> None:
    almost = entropic_var([-1.0, -1.0 + 1e-6, 5.0, 5.0, 5.0, 5.0], confidence=0.7)
    tied = entropic_var([-1.0, -1.0, 5.0, 5.0, 5.0, 5.0], confidence=0.7)
    assert tied == 1.0
    assert 1.0 - 1e-6 < almost < 1.0


def test_that_bad_inputs_are_refused_by_name() -> None:
    with pytest.raises(InsufficientHistory):
        entropic_var([], confidence=0.9)
    with pytest.raises(NotFinite):
        entropic_var([1.0, np.inf], confidence=0.9)
    with pytest.raises(OutOfRange):
        entropic_var([1.0], confidence=0.4)
    with pytest.raises(InvalidWeights):
        entropic_var([1.0, 2.0], confidence=0.9, weights=[0.5, 0.6])
