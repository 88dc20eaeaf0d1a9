"""The laws of value at risk and expected shortfall, for any book and any level."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from plimsoll.risk.cornish_fisher import (
    cornish_fisher_es,
    cornish_fisher_quantile,
    cornish_fisher_var,
    is_inside_region,
)
from plimsoll.risk.errors import InsufficientHistory
from plimsoll.risk.expected_shortfall import historical_es, parametric_es, tail_weights
from plimsoll.risk.scenario_pnl import scenario_pnl
from plimsoll.risk.value_at_risk import historical_var, historical_var_interval, parametric_var

MONEY = st.floats(-1e9, 1e9, allow_subnormal=False).map(lambda x: round(x, 4))
PNL = hnp.arrays(np.float64, st.integers(40, 200), elements=MONEY)
LEVEL = st.sampled_from([0.6, 0.75, 0.8, 0.9, 0.95, 0.975])
RULE = st.sampled_from(["rank", "ceil_rank", "linear", "interpolated_inverted_cdf"])
WEIGHTED_RULE = st.sampled_from(["rank", "ceil_rank", "interpolated_inverted_cdf"])
TAIL = st.sampled_from(["fractional", "beyond", "including"])


def close(expected: float, scale: np.ndarray) -> object:
    """Equal up to rounding of the largest figure that went in."""
    return pytest.approx(expected, abs=1e-9 * (1.0 + float(np.abs(scale).max())))


@st.composite
def weighted(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    pnl = draw(hnp.arrays(np.float64, st.integers(1, 40), elements=MONEY))
    mass = draw(hnp.arrays(np.float64, pnl.shape[0], elements=st.integers(0, 50)))
    assume(mass.sum() > 0)
    return pnl, mass / mass.sum()


@settings(deadline=None)
@given(PNL, LEVEL, RULE, st.floats(1e-3, 1e3))
def test_that_var_and_es_scale_with_the_book(pnl: np.ndarray, level: float, rule: str, factor: float) -> None:
    var = historical_var(pnl, confidence=level, rule=rule)
    assert historical_var(factor * pnl, confidence=level, rule=rule) == close(factor * var, factor * pnl)
    es = historical_es(pnl, confidence=level)
    assert historical_es(factor * pnl, confidence=level) == close(factor * es, factor * pnl)


@settings(deadline=None)
@given(PNL, LEVEL, RULE, TAIL, MONEY)
def test_that_cash_shifts_the_figures_by_that_cash(
    pnl: np.ndarray, level: float, rule: str, tail: str, cash: float
) -> None:
    # Whole cents, so that ties and their neighbours stay what they are.
    pnl, cash = np.round(pnl, 0), round(cash, 0)
    var = historical_var(pnl, confidence=level, rule=rule)
    assert historical_var(pnl + cash, confidence=level, rule=rule) == close(var - cash, np.append(pnl, cash))
    if rule in {"rank", "ceil_rank"}:
        es = historical_es(pnl, confidence=level, tail=tail, rule=rule)
        shifted = historical_es(pnl + cash, confidence=level, tail=tail, rule=rule)
        assert shifted == close(es - cash, np.append(pnl, cash))


@settings(deadline=None)
@given(PNL, LEVEL, RULE)
def test_that_es_is_never_below_var(pnl: np.ndarray, level: float, rule: str) -> None:
    var = historical_var(pnl, confidence=level, rule=rule)
    for tail in ("beyond", "including"):
        assert historical_es(pnl, confidence=level, tail=tail, rule=rule) >= var - 1e-6
    assert historical_es(pnl, confidence=level) >= historical_var(pnl, confidence=level) - 1e-6


@settings(deadline=None)
@given(PNL, LEVEL, LEVEL, RULE)
def test_that_more_confidence_means_no_less_risk(
    pnl: np.ndarray, one: float, other: float, rule: str
) -> None:
    low, high = sorted((one, other))
    slack = 1e-9 * float(np.abs(pnl).max())
    assert (
        historical_var(pnl, confidence=low, rule=rule)
        <= historical_var(pnl, confidence=high, rule=rule) + slack
    )
    assert historical_es(pnl, confidence=low) <= historical_es(pnl, confidence=high) + slack


@settings(deadline=None)
@given(PNL, LEVEL, RULE, st.randoms(use_true_random=False))
def test_that_the_order_of_days_does_not_matter(
    pnl: np.ndarray, level: float, rule: str, shuffler: object
) -> None:
    order = list(range(pnl.shape[0]))
    shuffler.shuffle(order)
    assert historical_var(pnl[order], confidence=level, rule=rule) == historical_var(
        pnl, confidence=level, rule=rule
    )
    assert historical_es(pnl[order], confidence=level) == close(historical_es(pnl, confidence=level), pnl)


@settings(deadline=None)
@given(st.integers(2, 400), st.integers(501, 999))
def test_that_the_rank_rule_holds_for_every_n_and_level(n_scenarios: int, per_mille: int) -> None:
    # Exact in whole numbers: losses 1 to n, tail n(1000 − per_mille)/1000.
    losses = np.arange(1.0, n_scenarios + 1)
    whole, rest = divmod(n_scenarios * (1_000 - per_mille), 1_000)
    confidence = per_mille / 1_000
    if whole == 0:
        with pytest.raises(InsufficientHistory):
            historical_var(-losses, confidence=confidence)
        return
    assert historical_var(-losses, confidence=confidence) == n_scenarios - whole
    ceil_rank = whole + (rest > 0)
    assert historical_var(-losses, confidence=confidence, rule="ceil_rank") == n_scenarios + 1 - ceil_rank


@settings(deadline=None)
@given(PNL, LEVEL, WEIGHTED_RULE)
def test_that_equal_weights_are_no_weights(pnl: np.ndarray, level: float, rule: str) -> None:
    weights = np.full(pnl.shape[0], 1 / pnl.shape[0])
    plain = historical_var(pnl, confidence=level, rule=rule)
    gap = 1e-6 * (1 + float(np.ptp(pnl)))
    weighted_figure = historical_var(pnl, confidence=level, rule=rule, weights=weights)
    assert weighted_figure == pytest.approx(plain, abs=gap)
    assert historical_es(pnl, confidence=level, weights=weights) == close(
        historical_es(pnl, confidence=level), pnl
    )


@settings(deadline=None)
@given(weighted(), LEVEL, st.sampled_from(["rank", "ceil_rank"]))
def test_that_a_scenario_split_in_two_changes_nothing(
    book: tuple[np.ndarray, np.ndarray], level: float, rule: str
) -> None:
    pnl, weights = book
    twice, halves = np.repeat(pnl, 2), np.repeat(weights / 2, 2)
    assert historical_var(twice, confidence=level, rule=rule, weights=halves) == historical_var(
        pnl, confidence=level, rule=rule, weights=weights
    )
    assert historical_es(twice, confidence=level, weights=halves) == close(
        historical_es(pnl, confidence=level, weights=weights), pnl
    )


@settings(deadline=None)
@given(weighted(), LEVEL)
def test_that_no_more_than_the_tail_is_beyond_the_weighted_var(
    book: tuple[np.ndarray, np.ndarray], level: float
) -> None:
    pnl, weights = book
    var = historical_var(pnl, confidence=level, weights=weights)
    assert weights[-pnl > var].sum() <= 1 - level + 1e-8
    assert weights[-pnl >= var].sum() > 1 - level - 1e-8


@settings(deadline=None)
@given(weighted(), LEVEL)
def test_that_tail_weights_are_the_shortfall(book: tuple[np.ndarray, np.ndarray], level: float) -> None:
    pnl, weights = book
    share = tail_weights(pnl, confidence=level, weights=weights)
    assert share.sum() == pytest.approx(1.0, abs=1e-9)
    assert (share >= 0).all()
    assert (share <= weights / (1 - level) + 1e-12).all()
    assert -float(share @ pnl) == close(historical_es(pnl, confidence=level, weights=weights), pnl)


@settings(deadline=None)
@given(PNL, PNL, LEVEL)
def test_that_the_shortfall_of_two_books_is_no_more_than_their_sum(
    one: np.ndarray, other: np.ndarray, level: float
) -> None:
    n = min(one.shape[0], other.shape[0])
    one, other = one[:n], other[:n]
    together = historical_es(one + other, confidence=level)
    apart = historical_es(one, confidence=level) + historical_es(other, confidence=level)
    assert together <= apart + 1e-6


@settings(deadline=None)
@given(PNL, LEVEL)
def test_that_the_interval_holds_the_figure(pnl: np.ndarray, level: float) -> None:
    interval = historical_var_interval(pnl, confidence=level)
    assert interval.low <= historical_var(pnl, confidence=level) <= interval.high


@st.composite
def books(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n_assets = draw(st.integers(1, 5))
    factor = draw(hnp.arrays(np.float64, (n_assets, n_assets), elements=st.floats(-0.1, 0.1)))
    exposures = draw(hnp.arrays(np.float64, n_assets, elements=st.floats(-1e6, 1e6)))
    return exposures, factor @ factor.T


@settings(deadline=None)
@given(books(), LEVEL, st.sampled_from([None, 3.0, 8.0]), st.floats(1e-3, 1e3))
def test_that_the_parametric_figures_obey_the_same_laws(
    book: tuple[np.ndarray, np.ndarray], level: float, freedom: float | None, factor: float
) -> None:
    exposures, covariance = book
    options = {"confidence": level, "degrees_of_freedom": freedom}
    var = parametric_var(exposures, covariance, **options)
    assert parametric_var(factor * exposures, covariance, **options) == pytest.approx(
        factor * var, rel=1e-6, abs=1e-6
    )
    assert parametric_es(exposures, covariance, **options) >= var
    assert var >= 0.0
    order = np.arange(exposures.shape[0])[::-1]
    assert parametric_var(exposures[order], covariance[np.ix_(order, order)], **options) == pytest.approx(
        var, rel=1e-6, abs=1e-6
    )


@settings(deadline=None)
@given(books(), LEVEL, st.floats(0.0, 1.0))
def test_that_a_position_in_two_lines_is_one_position(
    book: tuple[np.ndarray, np.ndarray], level: float, share: float
) -> None:
    exposures, covariance = book
    split = np.concatenate([exposures, [exposures[0] * share]])
    split[0] *= 1 - share
    columns = [*range(exposures.shape[0]), 0]
    doubled = covariance[np.ix_(columns, columns)]
    assert parametric_var(split, doubled, confidence=level) == pytest.approx(
        parametric_var(exposures, covariance, confidence=level), rel=1e-6, abs=1e-3
    )
    returns = np.random.default_rng(0).normal(size=(50, exposures.shape[0]))
    assert scenario_pnl(split, returns[:, columns]) == pytest.approx(
        scenario_pnl(exposures, returns), rel=1e-9, abs=1e-6
    )


@settings(deadline=None)
@given(
    st.floats(-2.4, 2.4),
    st.floats(0.0, 12.0),
    st.floats(0.51, 0.9999),
    st.floats(0.51, 0.9999),
)
def test_that_inside_its_region_cornish_fisher_rises_with_confidence(
    skewness: float, kurtosis: float, one: float, other: float
) -> None:
    assume(is_inside_region(skewness, kurtosis))
    low, high = sorted((one, other))
    moments = (0.0, 1.0, skewness, kurtosis)
    assert cornish_fisher_var(*moments, confidence=low) <= (
        cornish_fisher_var(*moments, confidence=high) + 1e-9
    )
    assert (
        cornish_fisher_es(*moments, confidence=high) >= cornish_fisher_var(*moments, confidence=high) - 1e-9
    )


@settings(deadline=None)
@given(st.floats(-6, 6), st.floats(-3, 3), st.floats(-2, 20))
def test_that_mirrored_skewness_mirrors_the_quantile(z: float, skewness: float, kurtosis: float) -> None:
    there = cornish_fisher_quantile(z, skewness, kurtosis)
    back = -cornish_fisher_quantile(-z, -skewness, kurtosis)
    assert math.isclose(there, back, rel_tol=1e-9, abs_tol=1e-9)
