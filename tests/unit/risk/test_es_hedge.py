"""Hedges of least expected shortfall against brute force."""

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, OutOfRange, ShapeMismatch
from plimsoll.risk.es_hedge import es_minimising_hedge
from plimsoll.risk.expected_shortfall import historical_es

RANDOM = np.random.default_rng(13)
RETURNS = 0.01 * RANDOM.standard_t(4, (300, 2))
PNL = 1e6 * (RETURNS @ [0.8, -0.3] + 0.004 * RANDOM.standard_normal(300))


def test_that_no_other_trade_leaves_a_smaller_shortfall() -> None:
    result = es_minimising_hedge(PNL, RETURNS, confidence=0.975)
    assert result.es_after < result.es_before == historical_es(PNL, confidence=0.975)
    for _ in range(300):
        other = result.trades + 10 ** RANDOM.uniform(1, 6) * RANDOM.standard_normal(2)
        assert historical_es(PNL + RETURNS @ other, confidence=0.975) >= result.es_after * (1 - 1e-9)


def test_that_weights_take_the_place_of_repetition() -> None:
    weights = np.full(150, 1 / 150)
    weights[:50], weights[50:] = 2 / 200, 1 / 200
    repeated = np.concatenate((np.arange(150), np.arange(50)))
    weighted = es_minimising_hedge(PNL[:150], RETURNS[:150], confidence=0.95, weights=weights)
    plain = es_minimising_hedge(PNL[repeated], RETURNS[repeated], confidence=0.95)
    assert weighted.es_after == pytest.approx(plain.es_after, rel=1e-7)


def test_that_bounds_lots_and_costs_are_honoured() -> None:
    bounded = es_minimising_hedge(PNL, RETURNS, confidence=0.975, bounds=[[-300e3, 0.0], [0.0, 100e3]])
    assert -300e3 <= bounded.trades[0] <= 0.0
    assert 0.0 <= bounded.trades[1] <= 100e3
    costs = np.array([0.004, 0.004])
    free, dear = (es_minimising_hedge(PNL, RETURNS, confidence=0.975, costs=price) for price in (None, costs))
    assert np.abs(dear.trades).sum() < np.abs(free.trades).sum()
    assert dear.cost == pytest.approx(float(costs @ np.abs(dear.trades)))
    assert dear.es_after + dear.cost <= free.es_after + float(costs @ np.abs(free.trades))


def test_that_no_other_number_of_lots_is_better() -> None:
    result = es_minimising_hedge(PNL, RETURNS, confidence=0.975, lots=[200e3, 150e3])
    np.testing.assert_allclose(result.trades / [200e3, 150e3], np.round(result.trades / [200e3, 150e3]))
    for first in range(-10, 11):
        for second in range(-10, 11):
            pnl = PNL + RETURNS @ [200e3 * first, 150e3 * second]
            assert historical_es(pnl, confidence=0.975) >= result.es_after * (1 - 2e-4)


def test_that_a_prohibitive_cost_leaves_the_book_alone() -> None:
    result = es_minimising_hedge(PNL, RETURNS, confidence=0.975, costs=[1.0, 1.0])
    np.testing.assert_allclose(result.trades, 0.0, atol=1e-6)
    assert result.es_after == pytest.approx(result.es_before)


def test_that_a_book_without_loss_or_gain_needs_none() -> None:
    result = es_minimising_hedge(np.zeros(40), RETURNS[:40], confidence=0.95)
    assert result.es_after == pytest.approx(0.0, abs=1e-9)


def test_that_a_money_machine_is_refused_without_bounds() -> None:
    with pytest.raises(OutOfRange, match="bounds"):
        es_minimising_hedge([-1.0, 1.0, 2.0, 3.0], [[0.01]] * 4, confidence=0.75)


def test_that_too_few_scenarios_and_misfit_ones_are_refused() -> None:
    with pytest.raises(InsufficientHistory):
        es_minimising_hedge(PNL[:10], RETURNS[:10], confidence=0.99)
    with pytest.raises(ShapeMismatch):
        es_minimising_hedge(PNL[:10], RETURNS[:11], confidence=0.9)
