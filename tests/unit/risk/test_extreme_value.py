"""The generalised Pareto tail: maximum likelihood against scipy's, figures against their formulas."""

import math

import numpy as np
import pytest
from scipy.stats import genpareto

from plimsoll.risk import extreme_value
from plimsoll.risk.errors import InsufficientHistory, NotConverged, NotFinite, OutOfRange, OutsideValidity
from plimsoll.risk.extreme_value import (
    ExtremeValueFit,
    extreme_value_es,
    extreme_value_es_interval,
    extreme_value_var,
    extreme_value_var_interval,
)


def tail(shape: float, *, seed: int = 0, n_tail: int = 200, n_body: int = 1_800) -> np.ndarray:
    """Profits whose losses above 10 are generalised Pareto of scale 3."""
    draws = np.random.default_rng(seed)
    beyond = genpareto.rvs(shape, scale=3, size=n_tail, random_state=draws) + 10
    return -np.concatenate([beyond, draws.uniform(0, 10, n_body)])


def exact(shape: float, scale: float = 2.0, confidence: float = 0.99) -> ExtremeValueFit:
    """A fit whose parameters are chosen, 100 of 1,000 losses beyond 5."""
    return ExtremeValueFit(5.0, 100, 1_000, shape, scale, -1.0, confidence)


@pytest.mark.parametrize("shape", [-0.4, -0.1, 0.0, 0.2, 0.5, 0.9, 1.3])
def test_that_the_fit_is_the_most_likely_one(shape: float) -> None:
    pnl = tail(shape)
    fit = extreme_value_var(pnl, confidence=0.99, threshold=10.0)
    excesses = -pnl[-pnl > 10] - 10
    rival_shape, _, rival_scale = genpareto.fit(excesses, floc=0)
    assert fit.log_likelihood >= genpareto.logpdf(excesses, rival_shape, 0, rival_scale).sum() - 1e-9
    assert fit.log_likelihood == pytest.approx(genpareto.logpdf(excesses, fit.shape, 0, fit.scale).sum())
    assert (fit.shape, fit.scale) == pytest.approx((rival_shape, rival_scale), rel=2e-3, abs=1e-3)
    assert fit.n_exceedances == 200


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_that_the_unit_changes_no_digit(unit: float) -> None:
    plain = extreme_value_var(tail(0.3), confidence=0.99, threshold=10.0)
    scaled = extreme_value_var(tail(0.3) * unit, confidence=0.99, threshold=10.0 * unit)
    assert scaled.shape == pytest.approx(plain.shape, rel=1e-9)
    assert (scaled.scale, scaled.var, scaled.es) == pytest.approx(
        (plain.scale * unit, plain.var * unit, plain.es * unit), rel=1e-9
    )


def test_that_var_and_tail_probability_are_each_other_turned_round() -> None:
    for shape in (-0.3, 0.0, 0.4):
        fit = exact(shape)
        assert fit.tail_probability(fit.var) == pytest.approx(0.01)
        assert fit.tail_probability(5.0) == pytest.approx(0.1)


def test_that_hulls_worked_example_is_met_within_the_rounding_of_its_parameters() -> None:
    # Hull, Options, Futures, and Other Derivatives, on extreme value theory: 22 of 500 losses beyond 160
    # (thousand dollars), β = 32.532, ξ = 0.436. He prints 0.0039, 227.8, 337.9 and 474.0.
    fit = ExtremeValueFit(160.0, 22, 500, 0.436, 32.532, -108.37, 0.99)
    assert round(fit.tail_probability(300.0), 4) == 0.0039
    assert (fit.var, fit.es, fit.loss_at(0.001)) == pytest.approx((227.8, 337.9, 474.0), abs=0.15)


@pytest.mark.parametrize("probability", [0.0, -0.1, 0.11, math.nan])
def test_that_a_probability_outside_the_tail_has_no_loss(probability: float) -> None:
    with pytest.raises(OutOfRange, match="where the tail begins"):
        exact(0.1).loss_at(probability)


def test_that_es_is_the_mean_of_the_var_beyond() -> None:
    fit = exact(0.25)
    levels = 1 - (np.arange(200_000) + 0.5) / 200_000 * 0.01
    vars_beyond = 5.0 + 2.0 / 0.25 * (((1 - levels) / 0.1) ** -0.25 - 1)
    assert fit.es == pytest.approx(vars_beyond.mean(), rel=1e-3)


def test_that_a_bounded_tail_ends() -> None:
    fit = exact(-0.5)
    assert fit.tail_probability(5.0 + 2.0 / 0.5 + 1e-9) == 0.0


def test_that_below_the_threshold_the_tail_says_nothing() -> None:
    for loss in (4.999, math.nan):
        with pytest.raises(OutOfRange, match="threshold"):
            exact(0.1).tail_probability(loss)


def test_that_a_tail_without_a_mean_has_no_shortfall() -> None:
    fit = extreme_value_var(tail(1.3), confidence=0.99, threshold=10.0)
    assert fit.shape > 1.0
    with pytest.raises(OutsideValidity, match="no mean loss"):
        _ = fit.es
    with pytest.raises(OutsideValidity):
        extreme_value_es(tail(1.3), confidence=0.99, threshold=10.0)


def test_that_the_shortfall_has_a_function_of_its_own() -> None:
    fit = extreme_value_var(tail(0.2), confidence=0.99)
    assert extreme_value_es(tail(0.2), confidence=0.99) == fit.es > fit.var


def test_that_a_tenth_of_the_sample_is_the_tail_unless_told_otherwise() -> None:
    pnl = tail(0.2)
    assert extreme_value_var(pnl, confidence=0.99) == extreme_value_var(
        pnl, confidence=0.99, tail_fraction=0.1
    )
    fit = extreme_value_var(pnl, confidence=0.99, tail_fraction=0.05)
    assert fit.n_exceedances == 100
    assert fit.threshold == np.sort(-pnl)[-101]


def test_that_half_the_sample_may_be_the_tail() -> None:
    assert extreme_value_var(tail(0.2), confidence=0.99, tail_fraction=0.5).n_exceedances == 1_000


def test_that_losses_at_the_threshold_are_not_beyond_it() -> None:
    pnl = np.concatenate([tail(0.2), np.full(50, -10.0)])
    assert extreme_value_var(pnl, confidence=0.99, threshold=10.0).n_exceedances == 200


def test_that_the_edge_of_the_tail_is_the_threshold() -> None:
    fit = extreme_value_var(tail(0.2), confidence=0.9, threshold=10.0)
    assert fit.var == pytest.approx(10.0)


def test_that_an_exponential_tail_is_the_limit_between_the_others() -> None:
    near, limit = exact(1e-5), exact(0.0)
    assert limit.var == pytest.approx(near.var, rel=1e-4)
    assert limit.tail_probability(9.0) == pytest.approx(near.tail_probability(9.0), rel=1e-4)
    assert limit.standard_error == pytest.approx(near.standard_error, rel=1e-3)


def test_that_an_almost_exponential_sample_is_fitted_without_cancellation() -> None:
    excesses = np.random.default_rng(3).exponential(size=50)
    for theta in (-1e-4, 1e-4):
        assert extreme_value._slope(0.0, excesses) == pytest.approx(
            extreme_value._slope(theta, excesses), abs=1e-3
        )
        near = extreme_value._shape_and_scale(theta / 1e3, excesses)
        assert near == pytest.approx((theta / 1e3 * excesses.mean(), excesses.mean()), rel=1e-6)


def test_that_the_standard_error_is_the_spread_over_samples() -> None:
    fits = []
    for seed in range(150):
        n_tail = int(np.random.default_rng(seed).binomial(1_000, 0.1))
        pnl = tail(0.2, seed=seed, n_tail=n_tail, n_body=1_000 - n_tail)
        fits.append(extreme_value_var(pnl, confidence=0.99, threshold=10.0))
    for figure, error in (("var", "standard_error"), ("es", "es_standard_error")):
        told = np.mean([getattr(fit, error) for fit in fits])
        assert told == pytest.approx(np.std([getattr(fit, figure) for fit in fits], ddof=1), rel=0.2), figure


def test_that_the_interval_is_built_on_the_standard_error() -> None:
    fit = extreme_value_var(tail(0.2), confidence=0.99)
    interval = extreme_value_var_interval(tail(0.2), confidence=0.99, coverage=0.95)
    assert interval.high - fit.var == pytest.approx(1.959964 * fit.standard_error, rel=1e-6)
    assert fit.var - interval.low == pytest.approx(interval.high - fit.var)


def test_that_the_shortfalls_interval_is_built_on_its_standard_error() -> None:
    pnl = tail(0.2)
    fit = extreme_value_var(pnl, confidence=0.99, threshold=10.0)
    interval = extreme_value_es_interval(pnl, confidence=0.99, threshold=10.0)
    assert interval.high - fit.es == pytest.approx(fit.es - interval.low)
    assert interval.high - fit.es == pytest.approx(1.6448536 * fit.es_standard_error)


def test_that_a_short_bounded_tail_has_no_standard_error() -> None:
    with pytest.raises(OutsideValidity, match=r"-0\.5"):
        _ = exact(-0.5).standard_error


def test_that_a_likelihood_without_a_maximum_says_so() -> None:
    beyond = np.linspace(10.9, 11.0, 40)
    with pytest.raises(NotConverged, match="another threshold"):
        extreme_value_var(-np.concatenate([beyond, np.zeros(400)]), confidence=0.99, threshold=10.0)


@pytest.mark.parametrize("choice", [{"threshold": 1e9}, {"tail_fraction": 0.002}])
def test_that_four_exceedances_are_too_few(choice: dict[str, float]) -> None:
    with pytest.raises(InsufficientHistory, match="expected at least 5"):
        extreme_value_var(tail(0.2), confidence=0.999, **choice)


@pytest.mark.parametrize(
    "choice",
    [
        {"threshold": 1.0, "tail_fraction": 0.1},
        {"threshold": math.inf},
        {"tail_fraction": 0.6},
        {"tail_fraction": 0.0},
        {"confidence": 0.85},
        {"confidence": 1.0},
    ],
)
def test_that_a_choice_without_meaning_is_refused(choice: dict[str, float]) -> None:
    with pytest.raises(OutOfRange):
        extreme_value_var(tail(0.2), **{"confidence": 0.99, **choice})


def test_that_a_gap_is_refused() -> None:
    with pytest.raises(NotFinite):
        extreme_value_var([math.nan] * 50, confidence=0.99)
