import csv
from pathlib import Path

import numpy as np
import pytest

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.dispersion import (
    annualised_volatility,
    downside_deviation,
    gini_mean_difference,
    mean_absolute_deviation,
    semi_deviation,
    volatility,
)
from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange, ShapeMismatch

REFERENCE = Path(__file__).parents[2] / "reference"


def bacon() -> FloatArray:
    with (REFERENCE / "bacon_portfolio_monthly.csv").open() as rows:
        return np.array([float(row["return_percent"]) / 100.0 for row in csv.DictReader(rows)])


def test_that_bacons_downside_deviation_is_met_to_all_printed_digits() -> None:
    assert round(downside_deviation(bacon(), threshold=0.005), 4) == 0.0255


def test_that_bacons_mean_absolute_deviation_is_met_to_all_printed_digits() -> None:
    assert round(mean_absolute_deviation(bacon()), 4) == 0.0311  # the manual truncates it to 0.0310


def test_that_semi_deviation_is_the_downside_deviation_below_the_mean() -> None:
    returns = bacon()
    assert semi_deviation(returns) == pytest.approx(downside_deviation(returns, threshold=returns.mean()))


def test_that_ddof_takes_one_off_the_count_of_all_periods() -> None:
    returns = np.array([0.02, -0.01, -0.03, 0.04])
    assert downside_deviation(returns, ddof=1) == pytest.approx(np.sqrt((0.01**2 + 0.03**2) / 3))
    assert semi_deviation(returns, ddof=1) == pytest.approx(semi_deviation(returns) * np.sqrt(4 / 3))
    assert volatility(returns, ddof=0) == pytest.approx(np.std(returns))
    assert volatility(returns) == pytest.approx(np.std(returns, ddof=1))


def test_that_annual_figures_are_the_periodic_ones_times_the_root_of_the_year() -> None:
    returns = bacon()
    assert annualised_volatility(returns, periods_per_year=12) == pytest.approx(
        volatility(returns) * np.sqrt(12)
    )
    assert downside_deviation(returns, periods_per_year=12) == pytest.approx(
        downside_deviation(returns) * np.sqrt(12)
    )
    assert semi_deviation(returns, periods_per_year=12) == pytest.approx(
        semi_deviation(returns) * np.sqrt(12)
    )


def test_that_a_threshold_may_differ_by_period() -> None:
    assert downside_deviation([0.01, 0.01], threshold=np.array([0.02, 0.0])) == pytest.approx(
        0.01 / np.sqrt(2.0)
    )
    with pytest.raises(ShapeMismatch):
        downside_deviation([0.01, 0.01], threshold=np.array([0.02]))


def test_that_constant_returns_scatter_by_exactly_nothing() -> None:
    constant = np.full(7, 0.1)
    for measure in (volatility, semi_deviation, mean_absolute_deviation, gini_mean_difference):
        assert measure(constant) == pytest.approx(0.0, abs=1e-16)
    assert volatility(constant) == 0.0
    assert semi_deviation(constant) == 0.0


def test_that_no_square_leaves_the_range_of_numbers() -> None:
    assert volatility([1e300, -1e300], ddof=0) == pytest.approx(1e300)
    assert volatility([1e-300, -1e-300], ddof=0) == pytest.approx(1e-300)


def test_that_the_gini_difference_is_the_mean_over_all_pairs() -> None:
    values = bacon()
    pairs = np.abs(values[:, None] - values[None, :]).sum() / (24 * 23)
    assert gini_mean_difference(values) == pytest.approx(pairs)


def test_that_too_few_observations_are_refused_with_both_counts() -> None:
    for measure in (volatility, gini_mean_difference):
        with pytest.raises(InsufficientHistory) as refusal:
            measure([0.1])
        assert (refusal.value.n_observations, refusal.value.n_needed) == (1, 2)
    with pytest.raises(InsufficientHistory):
        mean_absolute_deviation([])


def test_that_senseless_arguments_are_refused_by_name() -> None:
    with pytest.raises(OutOfRange, match="ddof"):
        volatility([0.1, 0.2], ddof=2)
    with pytest.raises(OutOfRange, match="periods_per_year"):
        annualised_volatility([0.1, 0.2], periods_per_year=0)
    with pytest.raises(OutOfRange, match="threshold"):
        downside_deviation([0.1, 0.2], threshold=np.nan)
    with pytest.raises(NotFinite):
        volatility([0.1, np.nan])
