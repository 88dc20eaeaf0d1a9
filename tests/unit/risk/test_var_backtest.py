"""Printed tables of VaR and ES backtests, through the one door of plimsoll.risk.var_backtest."""

import csv
import pathlib

import pytest

from plimsoll.risk import var_backtest
from plimsoll.risk.backtest_result import chi_squared_tail

REFERENCE = pathlib.Path(__file__).parents[2] / "reference"


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


MATHWORKS = {row["test"]: row for row in rows("mathworks_varbacktest.csv")}


def printed(test: str) -> tuple[list[float], int, float, tuple[object, object]]:
    row = MATHWORKS[test]
    statistic, p_value = float(row["statistic"]), float(row["p_value"])
    expected = (pytest.approx(statistic, rel=4e-5), pytest.approx(p_value, rel=1e-4))
    return (
        [float(part) for part in row["argument"].split(";")],
        int(row["n_days"]),
        float(row["confidence"]),
        expected,
    )


@pytest.mark.parametrize("row", rows("kupiec_1995_regions.csv"))
def test_that_kupiecs_table_is_met_in_every_cell(row: dict[str, str]) -> None:
    region = var_backtest.kupiec_region(int(row["n_days"]), confidence=float(row["confidence"]))
    assert region.highest == int(row["highest"])
    if row["lowest"]:
        assert region.lowest == int(row["lowest"])


def test_that_the_manuals_proportion_of_failures_is_met() -> None:
    (failures,), days, confidence, expected = printed("pof")
    result = var_backtest.kupiec_pof(int(failures), days, confidence=confidence)
    assert (result.statistic, result.p_value) == expected
    assert result.verdict == "accept"


def test_that_the_manuals_time_until_first_failure_is_met() -> None:
    (day,), _, confidence, expected = printed("tuff")
    result = var_backtest.kupiec_tuff(int(day), confidence=confidence)
    assert (result.statistic, result.p_value) == expected


def test_that_the_manuals_independence_is_met() -> None:
    (n00, n10, n01, n11), _, _, expected = printed("cci")
    result = var_backtest.christoffersen_independence(transitions=(int(n00), int(n01), int(n10), int(n11)))
    assert (result.statistic, result.p_value) == expected


def test_that_the_manuals_binomial_test_is_met() -> None:
    (failures,), days, confidence, expected = printed("bin")
    result = var_backtest.binomial_test(int(failures), days, confidence=confidence)
    assert (result.statistic, result.normal_p_value) == expected


def test_that_the_manuals_traffic_light_is_met() -> None:
    (failures,), days, confidence, expected = printed("tl")
    result = var_backtest.traffic_light(int(failures), days, confidence=confidence)
    assert (result.cumulative_probability, result.p_value) == expected
    assert result.zone == "green"


@pytest.mark.parametrize(("test", "degrees_of_freedom"), [("cc", 2), ("tbfi", 57), ("tbf", 58)])
def test_that_the_manuals_sums_follow_the_law_we_read_them_from(test: str, degrees_of_freedom: int) -> None:
    arguments, _, _, (_, p_value) = printed(test)
    statistic = float(MATHWORKS[test]["statistic"])
    assert chi_squared_tail(statistic, degrees_of_freedom) == p_value
    if test == "cc":
        assert sum(arguments) == pytest.approx(statistic, abs=2e-5)


@pytest.mark.parametrize("row", rows("mathworks_esbacktest.csv"))
def test_that_the_manuals_critical_z2_is_met_within_the_noise_of_simulation(row: dict[str, str]) -> None:
    result = var_backtest.acerbi_szekely_critical(
        int(row["n_days"]),
        confidence=float(row["confidence"]),
        significance=float(row["significance"]),
        degrees_of_freedom=float(row["degrees_of_freedom"]) if row["degrees_of_freedom"] else None,
        n_simulations=100_000,
        seed=5,
        observed=float(row["observed"]),
    )
    assert result.critical_value == pytest.approx(float(row["critical_value"]), abs=0.008)
    # The manual's p-values are interpolated between printed critical values, ours are counted.
    assert result.p_value == pytest.approx(float(row["p_value"]), abs=0.002)


def test_that_every_test_stands_under_the_one_roof() -> None:
    for name in var_backtest.__all__:
        assert getattr(var_backtest, name).__doc__
