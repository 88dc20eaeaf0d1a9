"""Proxied returns: beta times the proxy, and the residual that must not be left out."""

import math

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange, ShapeMismatch
from plimsoll.risk.proxy import add_proxy_residual, fill_by_proxy
from plimsoll.risk.value_at_risk import historical_var

DRAWS = np.random.default_rng(12)
MARKET = DRAWS.normal(size=400) * 0.01
OWN = 0.7 * MARKET + DRAWS.normal(size=400) * 0.02
HALF = np.column_stack([np.where(np.arange(400) < 200, np.nan, OWN), MARKET])


@pytest.mark.parametrize("residual", ["bootstrap", "normal"])
def test_that_the_filled_half_is_as_risky_as_the_known_half(residual: str) -> None:
    table, report = fill_by_proxy(HALF, 0, 1, residual=residual, seed=1)
    assert table[:200, 0].std() == pytest.approx(table[200:, 0].std(), rel=0.15)
    assert (report.n_overlap, report.n_filled) == (200, 200)
    slope, _ = np.polyfit(MARKET[200:], OWN[200:], 1)
    assert report.beta == pytest.approx(slope)
    assert (table[200:] == HALF[200:]).all()


def test_that_without_the_residual_the_risk_would_be_understated() -> None:
    table, report = fill_by_proxy(HALF, 0, 1)
    plain = report.beta * MARKET[:200]
    assert historical_var(table[:200, 0], confidence=0.95) > 1.5 * historical_var(plain, confidence=0.95)


def test_that_the_input_is_left_as_it_was() -> None:
    fill_by_proxy(HALF, 0, 1)
    assert np.isnan(HALF[:200, 0]).all()


def test_that_where_the_proxy_is_missing_too_nothing_is_filled() -> None:
    both = HALF.copy()
    both[:10, 1] = np.nan
    table, report = fill_by_proxy(both, 0, 1)
    assert np.isnan(table[:10, 0]).all()
    assert report.n_filled == 190


def test_that_the_same_seed_draws_the_same_residuals() -> None:
    first, again, other = (fill_by_proxy(HALF, 0, 1, seed=seed)[0][:200, 0] for seed in (5, 5, 6))
    assert (first == again).all()
    assert (first != other).any()


def test_that_nineteen_shared_days_are_too_few() -> None:
    with pytest.raises(InsufficientHistory, match="shared 19 days"):
        fill_by_proxy(HALF[:219], 0, 1)


def test_that_a_proxy_standing_still_explains_nothing() -> None:
    still = np.column_stack([HALF[:, 0], np.zeros(400)])
    with pytest.raises(NotPositive, match="did not vary"):
        fill_by_proxy(still, 0, 1)


@pytest.mark.parametrize(("asset", "stand_in"), [(0, 0), (0, 2), (-1, 1)])
def test_that_asset_and_proxy_are_two_columns(asset: int, stand_in: int) -> None:
    with pytest.raises(OutOfRange, match=r"expected (two columns|a whole number from 0)"):
        fill_by_proxy(HALF, asset, stand_in)


def test_that_what_is_no_table_or_no_choice_is_refused() -> None:
    with pytest.raises(ShapeMismatch):
        fill_by_proxy(MARKET, 0, 1)
    with pytest.raises(OutOfRange, match="residual was 'none'"):
        fill_by_proxy(HALF, 0, 1, residual="none")


def test_that_the_residual_enters_the_scenarios_of_a_book() -> None:
    pnl = np.random.default_rng(0).normal(size=50_000) * 3.0
    noisy = add_proxy_residual(pnl, [100.0, -200.0], [0.02, 0.01], seed=1)
    assert noisy.var() == pytest.approx(9.0 + 4.0 + 4.0, rel=0.03)
    assert (noisy == add_proxy_residual(pnl, [100.0, -200.0], [0.02, 0.01], seed=1)).all()


def test_that_residuals_without_meaning_are_refused() -> None:
    with pytest.raises(ShapeMismatch):
        add_proxy_residual([1.0], [1.0], [0.1, 0.2])
    with pytest.raises(OutOfRange, match=r"-0\.1"):
        add_proxy_residual([1.0], [1.0], [-0.1])
    with pytest.raises(NotFinite):
        add_proxy_residual([math.nan], [1.0], [0.1])
