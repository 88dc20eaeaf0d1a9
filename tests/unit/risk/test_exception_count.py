"""Counts of exceptions against Kupiec's, Jorion's and Basel's printed tables."""

import pytest
from scipy.stats import binom

from plimsoll.risk.errors import OutOfRange
from plimsoll.risk.exception_count import (
    binomial_test,
    kupiec_pof,
    kupiec_region,
    kupiec_tuff,
    traffic_light,
)


@pytest.mark.parametrize(
    ("count", "days", "confidence", "statistic", "p_value"),
    [
        (5, 250, 0.99, 1.9568, 0.1619),
        (0, 250, 0.99, 5.0252, 0.0250),
        (36, 500, 0.95, 4.5110, 0.0337),
        (57, 1043, 0.95, 0.46147, 0.49694),  # MathWorks varbacktest, Equity Normal95
        (17, 1043, 0.99, 3.5118, 0.060933),  # MathWorks varbacktest, Equity Normal99
        (250, 250, 0.95, 1497.8661, 0.0),
    ],
)
def test_that_the_proportion_of_failures_has_its_printed_ratio(
    count: int, days: int, confidence: float, statistic: float, p_value: float
) -> None:
    result = kupiec_pof(count, days, confidence=confidence)
    assert result.statistic == pytest.approx(statistic, rel=2e-5)
    assert result.p_value == pytest.approx(p_value, abs=6e-5)
    assert result.degrees_of_freedom == 1
    assert result.verdict == ("reject" if p_value < 0.05 else "accept")


def test_that_the_perfect_count_has_ratio_zero() -> None:
    assert kupiec_pof(5, 100, confidence=0.95).statistic == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("days", "confidence", "region"),
    [
        (250, 0.99, (1, 6)),
        (500, 0.95, (17, 35)),
        (250, 0.95, (7, 19)),
        (1000, 0.99, (5, 16)),
        # Kupiec 1995, table 3: 255 days N < 7; 510 days 1 < N < 11; 1000 days 4 < N < 17, all at 1 %.
        (255, 0.99, (1, 6)),
        (510, 0.99, (2, 10)),
        # and at 5 %: 6 < N < 21; 16 < N < 36; 37 < N < 65.
        (255, 0.95, (7, 20)),
        (510, 0.95, (17, 35)),
        (1000, 0.95, (38, 64)),
    ],
)
def test_that_the_accepted_counts_are_kupiecs(days: int, confidence: float, region: tuple[int, int]) -> None:
    assert kupiec_region(days, confidence=confidence) == region


def test_that_the_region_reaches_both_ends_of_a_short_record() -> None:
    assert kupiec_region(2, confidence=0.55, significance=0.01) == (0, 2)


def test_that_a_region_without_a_count_is_refused() -> None:
    with pytest.raises(OutOfRange, match="no count"):
        kupiec_region(3, confidence=0.9, significance=0.999)


def test_that_the_first_failure_is_accepted_from_day_7_to_438_at_one_percent() -> None:
    def accepted(confidence: float) -> list[int]:
        return [day for day in range(1, 600) if kupiec_tuff(day, confidence=confidence).verdict == "accept"]

    for confidence, first, last in ((0.99, 7, 438), (0.95, 2, 86)):
        days = accepted(confidence)
        assert (days[0], days[-1]) == (first, last)


def test_that_no_failure_yet_is_no_verdict_and_tells_the_chance_of_the_quiet() -> None:
    result = kupiec_tuff(None, confidence=0.99, n_days=100)
    assert (result.verdict, result.statistic, result.p_value) == ("unknown", None, None)
    assert result.no_exception_probability == pytest.approx(0.99**100)
    assert kupiec_tuff(None, confidence=0.99).no_exception_probability is None


def test_that_the_binomial_tails_are_exact_and_the_statistic_is_jorions() -> None:
    result = binomial_test(57, 1043, confidence=0.95)
    assert result.probability_at_most == pytest.approx(float(binom.cdf(57, 1043, 0.05)), rel=1e-10)
    assert result.probability_at_least == pytest.approx(float(binom.sf(56, 1043, 0.05)), rel=1e-10)
    # MathWorks varbacktest, bin test of Equity Normal95.
    assert result.statistic == pytest.approx(0.68905, abs=1e-5)
    assert result.normal_p_value == pytest.approx(0.49079, abs=1e-5)
    assert result.p_value == pytest.approx(2 * result.probability_at_least)


def test_that_the_binomial_tails_are_one_at_their_ends() -> None:
    assert binomial_test(0, 10, confidence=0.9).probability_at_least == 1.0
    assert binomial_test(10, 10, confidence=0.9).probability_at_most == 1.0
    assert binomial_test(10, 10, confidence=0.9).verdict == "reject"


def test_that_the_traffic_light_prints_basels_table() -> None:
    percent = [8.11, 28.58, 54.32, 75.81, 89.22, 95.88, 98.63, 99.60, 99.89, 99.97, 99.99]
    plus = [0.0, 0.0, 0.0, 0.0, 0.0, 0.40, 0.50, 0.65, 0.75, 0.85, 1.00]
    multipliers = [1.50, 1.50, 1.50, 1.50, 1.50, 1.70, 1.76, 1.83, 1.88, 1.92, 2.00]
    for count in range(11):
        light = traffic_light(count, 250, confidence=0.99)
        assert round(100 * light.cumulative_probability, 2) == percent[count]
        assert light.plus_factor == plus[count]
        assert light.multiplier == multipliers[count]
        assert light.verdict == light.zone
    assert traffic_light(30, 250, confidence=0.99).multiplier == 2.00


@pytest.mark.parametrize(
    ("days", "confidence", "yellow", "red"),
    [
        (250, 0.99, 5, 10),
        (250, 0.975, 11, 17),
        (250, 0.95, 18, 27),
        (500, 0.99, 9, 15),
        (500, 0.95, 33, 45),
        (1000, 0.99, 15, 24),
    ],
)
def test_that_the_zones_start_where_the_binomial_says(
    days: int, confidence: float, yellow: int, red: int
) -> None:
    zones = [traffic_light(count, days, confidence=confidence).zone for count in range(red + 1)]
    assert (zones.index("yellow"), zones.index("red")) == (yellow, red)


def test_that_no_plus_factor_is_invented_elsewhere() -> None:
    light = traffic_light(57, 1043, confidence=0.95)
    assert (light.plus_factor, light.multiplier) == (None, None)
    # MathWorks varbacktest, tl test of Equity Normal95.
    assert light.cumulative_probability == pytest.approx(0.77913, abs=1e-5)
    assert light.p_value == pytest.approx(0.26396, abs=1e-5)


@pytest.mark.parametrize(
    ("count", "days", "confidence", "significance"),
    [
        (-1, 10, 0.9, 0.05),
        (11, 10, 0.9, 0.05),
        (1.5, 10, 0.9, 0.05),
        (1, 0, 0.9, 0.05),
        (1, 10, 0.4, 0.05),
        (1, 10, 0.9, 0.0),
        (float("nan"), 10, 0.9, 0.05),
    ],
)
def test_that_impossible_counts_and_levels_are_refused(
    count: float, days: int, confidence: float, significance: float
) -> None:
    with pytest.raises(OutOfRange):
        kupiec_pof(count, days, confidence=confidence, significance=significance)  # type: ignore[arg-type]
