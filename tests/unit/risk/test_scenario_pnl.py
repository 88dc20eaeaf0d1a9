"""Scenario profits: today's exposures on past days, weighted by age."""

import math

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange, ShapeMismatch
from plimsoll.risk.scenario_pnl import age_weights, scenario_pnl

RETURNS = np.random.default_rng(8).normal(size=(40, 3)) * 0.01


def test_that_a_long_short_book_is_reckoned_in_money() -> None:
    # pitfalls.md item 15: weights by net value explode where the net is zero.
    assert scenario_pnl([1e6, -1e6], [[0.01, 0.01], [0.02, -0.01]]) == pytest.approx([0.0, 30_000.0])


def test_that_a_gap_is_named_by_day_and_asset() -> None:
    broken = RETURNS.copy()
    broken[3, 1] = math.nan
    with pytest.raises(NotFinite, match=r"returns\[\(3, 1\)\]"):
        scenario_pnl([1.0, 2.0, 3.0], broken)


def test_that_an_unpriceable_exposure_is_named() -> None:
    with pytest.raises(NotFinite, match=r"exposures\[1\]"):
        scenario_pnl([1.0, math.inf, 3.0], RETURNS)


def test_that_a_profit_beyond_all_numbers_is_refused() -> None:
    with pytest.raises(NotFinite, match="pnl was infinite"):
        scenario_pnl([1e308], [[10.0]])


@pytest.mark.parametrize(
    ("exposures", "returns"), [([1.0, 2.0], RETURNS), ([[1.0]], RETURNS), ([1.0], [0.1])]
)
def test_that_one_exposure_a_column_is_needed(exposures: object, returns: object) -> None:
    with pytest.raises(ShapeMismatch, match=r"\(n_assets,\)"):
        scenario_pnl(exposures, returns)


def test_that_no_days_make_no_scenarios() -> None:
    with pytest.raises(InsufficientHistory):
        scenario_pnl([1.0], np.zeros((0, 1)))


def test_that_age_weights_are_the_published_formula() -> None:
    # Boudoukh, Richardson and Whitelaw 1998, i = 1 the newest.
    weights = age_weights(250, decay=0.98)
    for i in (1, 2, 100, 250):
        assert weights[250 - i] == pytest.approx(0.98 ** (i - 1) * 0.02 / (1 - 0.98**250), rel=1e-12)
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)


def test_that_unnormalised_weights_are_those_of_the_infinite_series() -> None:
    assert age_weights(3, decay=0.5, normalised=False).tolist() == [0.125, 0.25, 0.5]


def test_that_no_decay_is_equal_weights() -> None:
    assert age_weights(4, decay=1.0).tolist() == [0.25] * 4
    with pytest.raises(OutOfRange, match="decay"):
        age_weights(4, decay=1.0, normalised=False)


def test_that_no_scenario_has_no_weight() -> None:
    with pytest.raises(InsufficientHistory):
        age_weights(0, decay=0.98)
