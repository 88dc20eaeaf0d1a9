"""Which scenario the value at risk is, under every convention, and where rounding would choose another."""

import math

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange, ShapeMismatch
from plimsoll.risk.quantile import (
    checked_weights,
    known_rule,
    loss_quantile,
    needed_tail,
    profits,
    weighted_loss_quantile,
    worst_first,
)

SAMPLES = [
    (n_scenarios, confidence)
    for n_scenarios in (4, 10, 20, 40, 99, 100, 101, 250, 500, 1000)
    for confidence in (0.75, 0.8, 0.9, 0.95, 0.975, 0.99)
    if round(n_scenarios * (1 - confidence), 9) >= 1
]


@pytest.mark.parametrize(("n_scenarios", "confidence"), SAMPLES)
def test_that_every_rule_is_its_formula_on_losses_one_to_n(n_scenarios: int, confidence: float) -> None:
    tail = round(n_scenarios * (1 - confidence), 9)
    pnl = -np.random.default_rng(1).permutation(np.arange(1.0, n_scenarios + 1))
    rank = n_scenarios - math.floor(tail)
    assert loss_quantile(pnl, confidence=confidence, rule="rank") == rank
    assert loss_quantile(pnl, confidence=confidence, rule="ceil_rank") == n_scenarios + 1 - math.ceil(tail)
    assert loss_quantile(pnl, confidence=confidence, rule="linear") == pytest.approx(
        -np.percentile(pnl, 100 * (1 - confidence)), rel=1e-12
    )
    assert loss_quantile(pnl, confidence=confidence, rule="interpolated_inverted_cdf") == pytest.approx(
        np.quantile(-pnl, confidence, method="interpolated_inverted_cdf"), rel=1e-9
    )


@pytest.mark.parametrize(("n_scenarios", "confidence"), SAMPLES)
@pytest.mark.parametrize("rule", ["rank", "ceil_rank", "interpolated_inverted_cdf"])
def test_that_equal_weights_say_the_same_as_no_weights(
    n_scenarios: int, confidence: float, rule: str
) -> None:
    pnl = np.random.default_rng(n_scenarios).normal(size=n_scenarios).round(1)
    weights = np.full(n_scenarios, 1 / n_scenarios)
    weighted = weighted_loss_quantile(pnl, weights, confidence=confidence, rule=rule)
    assert weighted == pytest.approx(loss_quantile(pnl, confidence=confidence, rule=rule), abs=1e-7)


def test_that_ten_scenarios_at_ninety_percent_have_one_in_the_tail() -> None:
    assert 10 * (1 - 0.9) < 1
    assert needed_tail(10, 0.9) == 1.0
    assert loss_quantile(-np.arange(1.0, 11.0), confidence=0.9, rule="rank") == 9.0
    assert loss_quantile(-np.arange(1.0, 11.0), confidence=0.9, rule="ceil_rank") == 10.0


def test_that_the_published_discrete_example_holds() -> None:
    # reference/risk-definitions.md §2: pnl −5, −3, 1, 2 with weights .1 .3 .3 .3 at 75 %.
    pnl, weights = np.array([-5.0, -3, 1, 2]), np.array([0.1, 0.3, 0.3, 0.3])
    assert weighted_loss_quantile(pnl, weights, confidence=0.75, rule="rank") == 3.0
    assert weighted_loss_quantile(
        pnl, weights, confidence=0.75, rule="interpolated_inverted_cdf"
    ) == pytest.approx(1.0, abs=1e-12)


def test_that_a_cumulated_weight_hitting_the_level_counts_as_reaching_not_exceeding_it() -> None:
    pnl, weights = np.array([-5.0, -3, 1, 2]), np.array([0.05, 0.05, 0.4, 0.5])
    assert weights[:2].sum() > 1 - 0.9
    assert weighted_loss_quantile(pnl, weights, confidence=0.9, rule="ceil_rank") == 3.0
    assert weighted_loss_quantile(pnl, weights, confidence=0.9, rule="rank") == -1.0


def test_that_impossible_scenarios_change_nothing() -> None:
    pnl, weights = np.array([-9.0, -5, -3, 1, 2, 99]), np.array([0, 0.1, 0.3, 0.3, 0.3, 0])
    for rule, loss in (("rank", 3.0), ("ceil_rank", 3.0), ("interpolated_inverted_cdf", 1.0)):
        assert weighted_loss_quantile(pnl, weights, confidence=0.75, rule=rule) == pytest.approx(loss)


def test_that_one_certain_scenario_is_the_figure_of_every_weighted_rule() -> None:
    for rule in ("rank", "ceil_rank", "interpolated_inverted_cdf"):
        assert weighted_loss_quantile(np.array([-7.0]), np.array([1.0]), confidence=0.99, rule=rule) == 7.0


def test_that_equal_profits_are_sorted_lightest_first() -> None:
    losses, masses = worst_first(np.array([1.0, -2, -2]), np.array([0.2, 0.5, 0.3]))
    assert losses.tolist() == [2.0, 2.0, -1.0]
    assert masses.tolist() == [0.3, 0.5, 0.2]


def test_that_too_short_a_sample_says_how_many_it_needs() -> None:
    with pytest.raises(InsufficientHistory, match="had 99 scenarios, expected at least 100") as refused:
        needed_tail(99, 0.99)
    assert (refused.value.n_observations, refused.value.n_needed) == (99, 100)


def test_that_an_empty_sample_is_too_short() -> None:
    with pytest.raises(InsufficientHistory):
        loss_quantile(profits([]), confidence=0.95, rule="rank")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_that_a_gap_is_named_by_its_place(bad: float) -> None:
    with pytest.raises(NotFinite, match=r"pnl\[1\] was"):
        profits([1.0, bad, 2.0])


def test_that_huge_profits_are_no_gap() -> None:
    assert profits([1e308, 1e308]).tolist() == [1e308, 1e308]


def test_that_a_table_is_no_vector() -> None:
    with pytest.raises(ShapeMismatch, match="pnl had 2 dimensions"):
        profits([[1.0]])


def test_that_an_unknown_rule_is_refused_with_the_known_ones() -> None:
    with pytest.raises(OutOfRange, match="expected one of rank, ceil_rank, linear"):
        known_rule("median")


def test_that_linear_has_no_weighted_meaning() -> None:
    with pytest.raises(OutOfRange, match='"linear" with weights'):
        weighted_loss_quantile(np.array([1.0]), np.array([1.0]), confidence=0.9, rule="linear")


def test_that_weights_are_checked_together_with_the_confidence() -> None:
    assert checked_weights([0.25, 0.75], 2, 0.9).tolist() == [0.25, 0.75]
    with pytest.raises(ShapeMismatch):
        checked_weights([0.25, 0.75], 3, 0.9)


@pytest.mark.parametrize("confidence", [0.5, 1.0, 0.0, -1.0, 95.0, math.nan])
def test_that_a_confidence_outside_a_half_to_one_is_refused(confidence: float) -> None:
    with pytest.raises(OutOfRange, match="confidence"):
        checked_weights([1.0], 1, confidence)
