"""Modified VaR and ES against published values, and the border of the region in which they hold."""

import copy
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate

from plimsoll.risk.cornish_fisher import (
    CornishFisherFigure,
    cornish_fisher_es,
    cornish_fisher_gradient,
    cornish_fisher_quantile,
    cornish_fisher_var,
    is_inside_region,
    sample_moments,
)
from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange, OutsideValidity, RiskInputError
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.normal import normal_quantile
from plimsoll.risk.value_at_risk import historical_var

SKEWED = np.random.default_rng(2).standard_t(8, size=400) * 100


@pytest.mark.parametrize(
    ("skewness", "kurtosis", "at_one", "at_five"),
    [(-0.5, 2.0, 3.0675, 1.7419), (-1.0, 3.0, 3.3867, 1.8498)],
)
def test_that_the_quantiles_are_the_published_ones(
    skewness: float, kurtosis: float, at_one: float, at_five: float
) -> None:
    assert cornish_fisher_var(0, 1, skewness, kurtosis, confidence=0.99) == pytest.approx(at_one, abs=5e-5)
    assert cornish_fisher_var(0, 1, skewness, kurtosis, confidence=0.95) == pytest.approx(at_five, abs=5e-5)


@pytest.mark.parametrize(("confidence", "es"), [(0.99, 3.97996), (0.975, 3.16471), (0.95, 2.57544)])
def test_that_the_mean_of_the_quantile_is_the_published_one(confidence: float, es: float) -> None:
    assert cornish_fisher_es(0, 1, -0.5, 2, confidence=confidence) == pytest.approx(es, abs=6e-6)


@pytest.mark.parametrize(("confidence", "es"), [(0.99, 3.4532), (0.975, 3.6288), (0.95, 2.6831)])
def test_that_boudt_peterson_and_croux_is_the_published_one(confidence: float, es: float) -> None:
    figure = cornish_fisher_es(0, 1, -0.5, 2, confidence=confidence, variant="boudt", floor_at_var=False)
    assert figure == pytest.approx(es, abs=6e-5)


def test_that_performance_analytics_table_for_ham1_is_met_to_its_four_digits() -> None:
    # table.DownsideRisk(managers[, "HAM1"]), all at 95 %; see tests/reference/SOURCES.md.
    returns = np.loadtxt(Path(__file__).parents[2] / "reference" / "ham1_monthly.csv", skiprows=1)
    options = {"confidence": 0.95, "ddof": 0}
    assert round(cornish_fisher_var(returns, **options), 4) == 0.0342
    assert round(cornish_fisher_es(returns, **options, variant="boudt"), 4) == 0.0610
    assert round(historical_var(returns, confidence=0.95, rule="linear"), 4) == 0.0258
    assert round(historical_es(returns, confidence=0.95, tail="beyond", rule="linear"), 4) == 0.0513


def test_that_the_shortfall_is_the_integral_of_the_quantile() -> None:
    value, _ = integrate.quad(
        lambda u: -cornish_fisher_quantile(normal_quantile(u), -0.8, 2.5), 1e-300, 0.025
    )
    assert cornish_fisher_es(0, 1, -0.8, 2.5, confidence=0.975) == pytest.approx(value / 0.025, rel=1e-6)


def test_that_boudt_is_floored_at_the_var() -> None:
    var = cornish_fisher_var(5, 2, -1.0, 3.0, confidence=0.999)
    bare = cornish_fisher_es(5, 2, -1.0, 3.0, confidence=0.999, variant="boudt", floor_at_var=False)
    assert bare < var
    assert cornish_fisher_es(5, 2, -1.0, 3.0, confidence=0.999, variant="boudt") == pytest.approx(var)


def test_that_without_skewness_and_kurtosis_it_is_the_normal() -> None:
    assert cornish_fisher_var(10, 3, 0, 0, confidence=0.95) == pytest.approx(3 * 1.6448536 - 10, abs=1e-6)
    for variant in ("quantile_mean", "boudt"):
        assert cornish_fisher_es(0, 1, 0, 0, confidence=0.975, variant=variant) == pytest.approx(
            2.33780, abs=5e-6
        )


@pytest.mark.parametrize(
    ("skewness", "kurtosis", "inside"),
    [
        (0, 0, True),
        (0, 8, True),
        (0, 8.0001, False),
        (0, -0.1, False),
        (1, 0, False),
        (6 * (math.sqrt(2) - 1), 13.0, False),
        (7, 100, False),
        (-0.5, 2, True),
    ],
)
def test_that_the_region_is_maillards(skewness: float, kurtosis: float, inside: bool) -> None:
    assert is_inside_region(skewness, kurtosis) is inside


def test_that_the_region_is_where_the_quantile_rises() -> None:
    z = np.linspace(-12, 12, 4_001)
    for skewness in np.linspace(-2.6, 2.6, 14):
        for kurtosis in np.linspace(-1, 14, 16):
            rises = bool((np.diff(cornish_fisher_quantile(z, skewness, kurtosis)) > 0).all())
            assert not (is_inside_region(skewness, kurtosis) and not rises)


def test_that_outside_the_region_it_raises_unless_told_to_go_on() -> None:
    with pytest.raises(OutsideValidity, match="filtered historical"):
        cornish_fisher_var(0, 1, 0, 8.1, confidence=0.99)
    figure = cornish_fisher_var(0, 1, 0, 8.1, confidence=0.99, outside="formula")
    assert not figure.is_inside
    assert figure == pytest.approx(-cornish_fisher_quantile(normal_quantile(0.01), 0, 8.1))
    assert not cornish_fisher_es(0, 1, 0, 8.1, confidence=0.99, outside="formula").is_inside


def test_that_the_gradient_is_the_slope() -> None:
    z, step = -2.1, 1e-6
    by_skewness, by_kurtosis = cornish_fisher_gradient(z, -0.7)
    slope = cornish_fisher_quantile(z, -0.7 + step, 2) - cornish_fisher_quantile(z, -0.7 - step, 2)
    assert by_skewness == pytest.approx(slope / (2 * step), rel=1e-8)
    slope = cornish_fisher_quantile(z, -0.7, 2 + step) - cornish_fisher_quantile(z, -0.7, 2 - step)
    assert by_kurtosis == pytest.approx(slope / (2 * step), rel=1e-8)


@pytest.mark.parametrize("ddof", [0, 1])
def test_that_ddof_touches_the_second_moment_only(ddof: int) -> None:
    pnl = np.array([-3.0, 1.0, 2.0, 8.0])
    apart = pnl - 2.0
    volatility = math.sqrt((apart**2).sum() / (4 - ddof))
    expected = (2.0, volatility, (apart**3).mean() / volatility**3, (apart**4).mean() / volatility**4 - 3)
    assert sample_moments(pnl, ddof=ddof) == pytest.approx(expected)


@pytest.mark.parametrize("unit", [1e-300, 1e-12, 1e12, 1e300])
def test_that_no_unit_of_money_is_too_small_or_too_great(unit: float) -> None:
    plain, scaled = sample_moments(SKEWED), sample_moments(SKEWED * unit)
    assert scaled[:2] == pytest.approx((plain.mean * unit, plain.volatility * unit), rel=1e-12)
    assert scaled[2:] == pytest.approx(plain[2:], rel=1e-9)


def test_that_a_sample_and_its_moments_say_the_same() -> None:
    sample = cornish_fisher_var(SKEWED, confidence=0.99)
    mean, volatility, skewness, kurtosis = sample_moments(SKEWED)
    assert cornish_fisher_var(mean, volatility, skewness, kurtosis, confidence=0.99) == sample
    by_name = cornish_fisher_var(
        mean=mean, volatility=volatility, skewness=skewness, excess_kurtosis=kurtosis, confidence=0.99
    )
    assert by_name == sample
    assert sample.is_inside
    assert sample.moments == (mean, volatility, skewness, kurtosis)


def test_that_constant_profits_lose_minus_their_mean() -> None:
    assert cornish_fisher_var(np.full(50, 0.1), confidence=0.99) == pytest.approx(-0.1)
    assert cornish_fisher_es(np.zeros(50), confidence=0.99) == 0.0


def test_that_the_figure_survives_copying() -> None:
    figure = cornish_fisher_var(1, 2, -0.5, 2, confidence=0.99)
    for other in (copy.copy(figure), pickle.loads(pickle.dumps(figure))):  # noqa: S301  our own bytes
        assert other == figure
        assert other.moments == figure.moments
    assert CornishFisherFigure(2.0).moments == (0.0, 1.0, 0.0, 0.0)


def test_that_one_profit_has_no_volatility() -> None:
    with pytest.raises(InsufficientHistory, match="had 1 scenarios"):
        cornish_fisher_var([5.0], confidence=0.95)


@pytest.mark.parametrize(
    "moments", [(), (0.0,), (0.0, 1.0), (0.0, 1.0, 0.0), (None, 1.0, 0.0, 0.0), ([1.0], 1.0, 0.0, 0.0)]
)
def test_that_moments_in_part_are_refused(moments: tuple[float, ...]) -> None:
    with pytest.raises(RiskInputError, match=r"moments|dimensions"):
        cornish_fisher_var(*moments, confidence=0.95)


def test_that_moments_are_given_once() -> None:
    with pytest.raises(OutOfRange, match="in part"):
        cornish_fisher_var(0.0, 1.0, 0.0, 0.0, mean=0.0, confidence=0.95)


def test_that_moments_are_finite_and_volatility_no_debt() -> None:
    with pytest.raises(NotFinite):
        cornish_fisher_var(0.0, math.nan, 0.0, 0.0, confidence=0.95)
    with pytest.raises(OutOfRange, match="volatility"):
        cornish_fisher_var(0.0, -1.0, 0.0, 0.0, confidence=0.95)


@pytest.mark.parametrize(
    "wrong", [{"ddof": 2}, {"outside": "shrug"}, {"confidence": 0.4}, {"variant": "mean"}]
)
def test_that_an_unknown_choice_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(OutOfRange, match=f"{next(iter(wrong))} was"):
        cornish_fisher_es(SKEWED, **{"confidence": 0.95, **wrong})
