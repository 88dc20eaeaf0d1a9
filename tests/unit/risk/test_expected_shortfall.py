"""Expected shortfall: the fractional tail, its two rivals, and the closed forms."""

import numpy as np
import pytest

from plimsoll.risk.errors import InsufficientHistory, OutOfRange
from plimsoll.risk.expected_shortfall import (
    historical_es,
    historical_es_interval,
    parametric_es,
    parametric_es_interval,
    tail_weights,
)
from plimsoll.risk.value_at_risk import historical_var, parametric_var_interval

LADDER = -np.arange(1.0, 101.0)


def test_that_the_published_weighted_shortfall_holds() -> None:
    # reference/risk-definitions.md §2.
    assert historical_es([-5.0, -3, 1, 2], confidence=0.75, weights=[0.1, 0.3, 0.3, 0.3]) == pytest.approx(
        3.8, abs=1e-12
    )


@pytest.mark.parametrize(("confidence", "es"), [(0.95, 2.06271), (0.975, 2.33780), (0.99, 2.66521)])
def test_that_one_unit_of_risk_gives_the_published_normal_shortfall(confidence: float, es: float) -> None:
    assert parametric_es([1.0], [[1.0]], confidence=confidence) == pytest.approx(es, abs=6e-6)


def test_that_the_student_shortfall_is_the_published_one() -> None:
    assert parametric_es([1.0], [[1.0]], confidence=0.99, degrees_of_freedom=5) == pytest.approx(
        3.44884, abs=5e-6
    )


def test_that_the_textbook_stock_position_has_its_shortfall() -> None:
    # McNeil, Frey and Embrechts, section 2.3.4: 10,000 in a stock of 20 % a year, 250 days, normal.
    levels = (0.90, 0.95, 0.975, 0.99, 0.995)
    found = [round(parametric_es([10_000], [[0.2**2 / 250]], confidence=c), 1) for c in levels]
    assert found == [222.0, 260.9, 295.7, 337.1, 365.8]


def test_that_a_mean_lowers_the_shortfall_too() -> None:
    plain = parametric_es([100.0], [[1.0]], confidence=0.95)
    assert parametric_es([100.0], [[1.0]], confidence=0.95, mean=[0.5]) == pytest.approx(plain - 50)


def test_that_a_whole_tail_is_the_mean_of_its_losses() -> None:
    assert historical_es(LADDER, confidence=0.95) == 98.0


def test_that_a_broken_tail_takes_part_of_the_next_loss() -> None:
    assert historical_es(LADDER, confidence=0.975) == pytest.approx((100 + 99 + 0.5 * 98) / 2.5)


@pytest.mark.parametrize(
    ("tail", "rule", "es"),
    [
        ("beyond", "rank", 98.0),
        ("including", "rank", 97.5),
        ("beyond", "ceil_rank", 98.5),
        ("including", "ceil_rank", 98.0),
        ("beyond", "linear", 98.0),
        ("including", "linear", 98.0),
        ("beyond", "interpolated_inverted_cdf", 98.0),
        ("including", "interpolated_inverted_cdf", 97.5),
    ],
)
def test_that_the_variants_stand_by_their_rule(tail: str, rule: str, es: float) -> None:
    assert historical_es(LADDER, confidence=0.95, tail=tail, rule=rule) == es


def test_that_nothing_beyond_leaves_the_var_itself() -> None:
    assert historical_es(np.full(100, -3.0), confidence=0.95, tail="beyond") == 3.0
    assert historical_es([-3.0], confidence=0.95, tail="beyond", weights=[1.0]) == 3.0


@pytest.mark.parametrize(("tail", "es"), [("beyond", 5.0), ("including", (0.5 + 0.9) / 0.4)])
def test_that_the_variants_weigh_the_scenarios(tail: str, es: float) -> None:
    weighted = historical_es([-5.0, -3, 1, 2], confidence=0.75, tail=tail, weights=[0.1, 0.3, 0.3, 0.3])
    assert weighted == pytest.approx(es)


def test_that_tied_losses_at_the_linear_var_are_included() -> None:
    pnl = np.concatenate([[-9.0], np.full(19, -4.0), np.ones(80)])
    assert historical_es(pnl, confidence=0.9, tail="including", rule="linear") == pytest.approx(85 / 20)


def test_that_tail_weights_give_the_shortfall_and_sum_to_one() -> None:
    pnl = np.random.default_rng(3).normal(size=333).round(1)
    for weights in (None, np.full(333, 1 / 333)):
        share = tail_weights(pnl, confidence=0.975, weights=weights)
        assert share.sum() == pytest.approx(1.0, abs=1e-12)
        assert -(share @ pnl) == pytest.approx(historical_es(pnl, confidence=0.975, weights=weights))


def test_that_tied_scenarios_share_their_fraction() -> None:
    assert tail_weights([-1.0, -1.0, -1.0, 5.0], confidence=0.75).tolist() == pytest.approx([1 / 3] * 3 + [0])


def test_that_impossible_scenarios_carry_no_tail_weight() -> None:
    share = tail_weights([-9.0, -5, 2], confidence=0.75, weights=[0.0, 0.5, 0.5])
    assert share.tolist() == [0.0, 1.0, 0.0]


def test_that_the_bootstrap_brackets_the_figure_and_repeats() -> None:
    pnl = np.random.default_rng(5).normal(size=500)
    first = historical_es_interval(pnl, confidence=0.95, n_resamples=200, seed=4)
    assert first.low < historical_es(pnl, confidence=0.95) < first.high
    assert first == historical_es_interval(pnl, confidence=0.95, n_resamples=200, seed=4)


def test_that_the_parametric_interval_keeps_the_ratio_to_var() -> None:
    es = parametric_es_interval([1.0], [[1.0]], confidence=0.975, n_observations=50)
    var = parametric_var_interval([1.0], [[1.0]], confidence=0.975, n_observations=50)
    assert es.low / var.low == pytest.approx(2.33780 / 1.95996, rel=1e-5)
    assert es.high / var.high == pytest.approx(es.low / var.low)


def test_that_an_unknown_tail_is_refused() -> None:
    with pytest.raises(OutOfRange, match="tail was 'mean'"):
        historical_es(LADDER, confidence=0.95, tail="mean")


@pytest.mark.parametrize("tail", ["fractional", "beyond", "including"])
def test_that_a_tail_without_a_whole_scenario_is_refused(tail: str) -> None:
    with pytest.raises(InsufficientHistory):
        historical_es(LADDER[:19], confidence=0.95, tail=tail)


def test_that_shortfall_is_never_below_var() -> None:
    pnl = np.random.default_rng(11).standard_t(3, size=400)
    for confidence in (0.9, 0.95, 0.975, 0.99):
        assert historical_es(pnl, confidence=confidence) >= historical_var(pnl, confidence=confidence)


def test_that_a_rule_without_a_meaning_is_refused_even_where_the_tail_needs_none() -> None:
    with pytest.raises(OutOfRange, match="linear"):
        historical_es([-1.0, 1.0], confidence=0.75, rule="linear", weights=[0.5, 0.5])
    with pytest.raises(OutOfRange, match="rule was 'nearest'"):
        historical_es([-1.0, 1.0], confidence=0.5001, rule="nearest")
