import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from plimsoll.risk.arrays import FloatArray
from plimsoll.risk.errors import InsufficientHistory, NotFinite, NotPositive, OutOfRange
from plimsoll.risk.performance import (
    annualised_return,
    calmar_ratio,
    omega_ratio,
    sharpe_ratio,
    sortino_ratio,
    tail_ratio,
)

REFERENCE = Path(__file__).parents[2] / "reference"


def column(file: str, name: str) -> FloatArray:
    with (REFERENCE / file).open() as rows:
        return np.array([float(row[name]) for row in csv.DictReader(rows)])


def bacon() -> FloatArray:
    return column("bacon_portfolio_monthly.csv", "return_percent") / 100.0


def ham1() -> FloatArray:
    return column("ham1_monthly.csv", "return_fraction")


def test_that_the_calmar_ratio_of_ham1_is_the_published_one() -> None:
    assert round(calmar_ratio(ham1(), periods_per_year=12), 7) == 0.9061697


def test_that_bacons_sortino_ratio_is_met_to_all_printed_digits() -> None:
    assert round(sortino_ratio(bacon(), threshold=0.005), 3) == 0.157


def test_that_bacons_omega_figures_are_met_to_all_printed_digits() -> None:
    assert round(omega_ratio(bacon()), 2) == 1.78
    assert round(omega_ratio(bacon(), threshold=0.005) - 1.0, 2) == 0.29


def test_that_the_sharpe_ratio_is_the_mean_excess_over_its_deviation() -> None:
    excess = ham1() - 0.035 / 12
    assert sharpe_ratio(ham1(), risk_free=0.035 / 12) == pytest.approx(excess.mean() / excess.std(ddof=1))
    assert sharpe_ratio(ham1(), ddof=0) == pytest.approx(ham1().mean() / ham1().std())


def test_that_a_risk_free_return_may_differ_by_period() -> None:
    rates = np.linspace(0.001, 0.004, 132)
    excess = ham1() - rates
    assert sharpe_ratio(ham1(), risk_free=rates) == pytest.approx(excess.mean() / excess.std(ddof=1))


def test_that_annual_ratios_grow_with_the_root_of_the_year() -> None:
    assert sharpe_ratio(ham1(), periods_per_year=12) == pytest.approx(sharpe_ratio(ham1()) * np.sqrt(12))
    assert sortino_ratio(ham1(), periods_per_year=12) == pytest.approx(sortino_ratio(ham1()) * np.sqrt(12))


def test_that_the_geometric_sharpe_ratio_takes_the_geometric_return() -> None:
    growth = np.prod(1.0 + ham1())
    deviation = ham1().std(ddof=1)
    assert sharpe_ratio(ham1(), geometric=True) == pytest.approx((growth ** (1 / 132) - 1) / deviation)
    assert sharpe_ratio(ham1(), geometric=True, periods_per_year=12) == pytest.approx(
        (growth ** (12 / 132) - 1) / (deviation * np.sqrt(12))
    )


def test_that_calmar_without_a_year_takes_the_return_per_period() -> None:
    returns = [0.10, -0.10, 0.21]
    assert calmar_ratio(returns) == pytest.approx(((1.1 * 0.9 * 1.21) ** (1 / 3) - 1) / 0.10)


def test_that_losing_everything_is_a_return_of_minus_one() -> None:
    assert annualised_return([0.5, -1.0, 0.2], periods_per_year=12) == -1.0
    assert calmar_ratio([0.5, -1.0, 0.2]) == -1.0


def test_that_losing_more_than_everything_has_no_geometric_return() -> None:
    with pytest.raises(OutOfRange, match="lowest return"):
        annualised_return([0.5, -1.5], periods_per_year=12)


def test_that_growth_beyond_all_numbers_is_refused_and_no_infinity() -> None:
    with pytest.raises(OutOfRange, match="growth"):
        annualised_return([500.0], periods_per_year=252)
    with pytest.raises(NotFinite, match="equity"):
        calmar_ratio([1e200, 1e200, -0.5])


def test_that_a_ratio_without_a_denominator_is_refused_by_name() -> None:
    with pytest.raises(NotPositive, match="Sharpe"):
        sharpe_ratio([0.1, 0.1, 0.1])
    with pytest.raises(NotPositive, match="Sortino"):
        sortino_ratio([0.1, 0.2])
    with pytest.raises(NotPositive, match="Calmar"):
        calmar_ratio([0.1, 0.2])
    with pytest.raises(NotPositive, match="Omega"):
        omega_ratio([0.1, 0.2])
    with pytest.raises(NotPositive, match="tail ratio"):
        tail_ratio([0.0, 0.0, 0.0])


def test_that_all_losses_have_an_omega_of_zero() -> None:
    assert omega_ratio([-0.1, -0.2]) == 0.0


@pytest.mark.parametrize(
    "measure",
    [
        lambda returns: annualised_return(returns, periods_per_year=12),
        sharpe_ratio,
        sortino_ratio,
        calmar_ratio,
        omega_ratio,
        tail_ratio,
    ],
)
def test_that_an_empty_and_a_broken_series_are_refused_by_name(measure: Callable[..., object]) -> None:
    with pytest.raises(InsufficientHistory):
        measure([])
    with pytest.raises(NotFinite):
        measure([0.1, np.nan, 0.2])


def test_that_a_year_needs_periods() -> None:
    with pytest.raises(OutOfRange, match="periods_per_year"):
        annualised_return([0.1], periods_per_year=-1.0)
