"""Touching a limit on the way: closed forms against known constants, laws, and simulation."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from plimsoll.risk.errors import InsufficientHistory, NotFinite, OutOfRange
from plimsoll.risk.first_passage import (
    drawdown_touch_probability,
    loss_touch_probability,
    touch_probability_by_bootstrap,
)
from plimsoll.risk.normal import normal_cdf

STANDARD = {"mean": 0.0, "volatility": 1.0, "days": 1.0}


def test_that_without_drift_touching_is_twice_as_likely_as_ending_beyond() -> None:
    for limit in (0.1, 1.0, 3.0, 8.0):
        assert loss_touch_probability(limit, **STANDARD) == pytest.approx(2 * normal_cdf(-limit), rel=1e-12)


def test_that_a_book_drifting_up_for_ever_touches_with_the_exponential_chance() -> None:
    # P(touch ever) = e^{−2μb/σ²}.
    assert loss_touch_probability(2.0, mean=0.5, volatility=1.0, days=1e6) == pytest.approx(math.exp(-2.0))


def test_that_a_book_drifting_down_for_ever_surely_touches() -> None:
    assert loss_touch_probability(5.0, mean=-0.5, volatility=1.0, days=1e6) == pytest.approx(1.0)
    assert loss_touch_probability(800.0, mean=-500.0, volatility=1.0, days=2.0) == pytest.approx(1.0)


def test_that_a_limit_out_of_all_reach_is_not_touched() -> None:
    assert loss_touch_probability(1_000.0, **STANDARD) == 0.0


@pytest.mark.parametrize("limit", [0.0, -1.0])
def test_that_a_broken_limit_is_touched(limit: float) -> None:
    assert loss_touch_probability(limit, **STANDARD) == 1.0


def test_that_the_mean_maximum_drawdown_is_the_published_constant() -> None:
    # Magdon-Ismail et al. 2004: E[MDD] = √(π/2) σ√T without drift.
    expected, _ = quad(lambda d: drawdown_touch_probability(d, **STANDARD), 1e-6, 40.0, limit=300)
    assert expected + 1e-6 == pytest.approx(math.sqrt(math.pi / 2), rel=1e-6)


def test_that_without_drift_it_is_the_reflected_path() -> None:
    # max |W| ≤ d has the distribution of the drawdown: Feller's alternating series of normal terms.
    for limit in (0.5, 1.0, 2.0):
        inside = sum(
            (-1) ** k * (normal_cdf((2 * k + 1) * limit) - normal_cdf((2 * k - 1) * limit))
            for k in range(-30, 31)
        )
        assert drawdown_touch_probability(limit, **STANDARD) == pytest.approx(1 - inside, abs=1e-12)


@pytest.mark.parametrize("mean", [-2.0, -0.7, 0.0, 0.49, 0.5, 0.51, 2.0])
@pytest.mark.parametrize("drawdown", [0.0, 0.8])
def test_that_the_series_agrees_with_small_steps(mean: float, drawdown: float) -> None:
    draws, n_paths, n_steps = np.random.default_rng(1), 4_000, 1_000
    step = math.sqrt(1.5 / n_steps)
    below, touched = np.full(n_paths, drawdown), np.zeros(n_paths, dtype=bool)
    # Broadie, Glasserman and Kou 1997: watched in steps, a limit acts as if 0.5826 σ√dt further away.
    limit = 2.0 - 0.5826 * step
    for _ in range(n_steps):
        below = np.maximum(below - mean * step**2 - step * draws.standard_normal(n_paths), 0.0)
        touched |= below >= limit
    answer = drawdown_touch_probability(2.0, mean=mean, volatility=1.0, days=1.5, drawdown=drawdown)
    assert touched.mean() == pytest.approx(answer, abs=0.03)


def test_that_the_answer_is_smooth_where_the_slowest_term_changes_its_kind() -> None:
    def at(mean: float) -> float:
        return drawdown_touch_probability(1.0, mean=mean, volatility=1.0, days=1.0)

    assert at(1.0) == pytest.approx(0.5 * (at(1.0 - 1e-4) + at(1.0 + 1e-4)), abs=1e-8)
    assert at(0.0) == pytest.approx(0.5 * (at(-1e-4) + at(1e-4)), abs=1e-8)
    for nothing in (2.5e-94, -1e-11, 1e-9):
        assert at(nothing) == pytest.approx(at(0.0), abs=1e-8)


def test_that_a_short_horizon_joins_the_long_one() -> None:
    for drawdown in (0.0, 0.9, 0.97):
        short, long = (
            drawdown_touch_probability(1.0, mean=0.3, volatility=1.0, days=days, drawdown=drawdown)
            for days in (0.000_999_999, 0.001_000_001)
        )
        assert short == pytest.approx(long, abs=2e-6)


def test_that_a_drawdown_is_likelier_than_the_loss_from_here() -> None:
    for mean in (-0.5, 0.0, 0.5):
        options = {"mean": mean, "volatility": 1.0, "days": 2.0}
        assert drawdown_touch_probability(1.5, **options) > loss_touch_probability(1.5, **options)


def test_that_chances_rise_with_time_and_with_the_drawdown_now() -> None:
    by_time = [drawdown_touch_probability(3.0, mean=0.1, volatility=1.0, days=t) for t in (1, 2, 5, 20, 200)]
    assert by_time == sorted(by_time)
    by_start = [drawdown_touch_probability(3.0, **STANDARD, drawdown=d) for d in (0, 1, 2, 2.9, 3.0, 4.0)]
    assert by_start == sorted(by_start)
    assert by_start[-2:] == [1.0, 1.0]


def test_that_a_drift_that_costs_the_series_its_digits_is_refused() -> None:
    with pytest.raises(OutOfRange, match="simulate"):
        drawdown_touch_probability(10.0, mean=2.0, volatility=1.0, days=1.0)


@pytest.mark.parametrize(
    "wrong", [{"volatility": 0.0}, {"days": 0.0}, {"mean": math.nan}, {"limit": 0.0}, {"drawdown": -1.0}]
)
def test_that_inputs_without_meaning_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(OutOfRange, match=f"{next(iter(wrong))} was"):
        drawdown_touch_probability(**{"limit": 1.0, **STANDARD, **wrong})


PNL = np.random.default_rng(6).normal(size=500)


def test_that_the_bootstrap_of_one_day_counts_the_losses() -> None:
    answer = touch_probability_by_bootstrap(PNL, limit=1.0, days=1, n_paths=40_000)
    assert abs(answer - (PNL <= -1.0).mean()) < 4 * answer.standard_error
    assert answer.n_simulations == 40_000


@pytest.mark.parametrize("block", [1, 5])
def test_that_seen_at_day_ends_the_chance_is_a_little_below_the_closed_form(block: int) -> None:
    noise = (PNL - PNL.mean()) / PNL.std()
    answer = touch_probability_by_bootstrap(noise, limit=5.0, days=20, block=block, n_paths=20_000)
    closed = loss_touch_probability(5.0, mean=0.0, volatility=1.0, days=20.0)
    corrected = loss_touch_probability(5.5826, mean=0.0, volatility=1.0, days=20.0)
    assert answer < closed
    assert answer == pytest.approx(corrected, abs=0.03)


def test_that_a_trailing_limit_is_touched_more_often() -> None:
    fixed, trailing, started = (
        touch_probability_by_bootstrap(PNL, limit=4.0, days=10, kind=kind, drawdown=drawdown)
        for kind, drawdown in (("loss", 0.0), ("drawdown", 0.0), ("drawdown", 2.0))
    )
    assert fixed < trailing < started


def test_that_blocks_keep_the_order_of_days() -> None:
    ladder = np.array([-1.0, -1.0, -1.0, 3.0])
    answer = touch_probability_by_bootstrap(ladder, limit=3.0, days=3, block=3, n_paths=4_000)
    # Only the run that starts on the first day loses three in a row.
    assert answer == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("broken", [{"limit": 0.0}, {"limit": 1.0, "kind": "drawdown", "drawdown": 1.0}])
def test_that_a_limit_broken_already_is_certain(broken: dict[str, object]) -> None:
    answer = touch_probability_by_bootstrap(PNL, days=5, **broken)
    assert (answer, answer.standard_error) == (1.0, 0.0)


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "gain"}, {"days": 0}, {"block": 0}, {"n_paths": 99}, {"limit": math.nan}],
)
def test_that_a_bootstrap_without_meaning_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(OutOfRange):
        touch_probability_by_bootstrap(PNL, **{"limit": 1.0, "days": 5, **wrong})


def test_that_nothing_and_gaps_are_refused() -> None:
    with pytest.raises(InsufficientHistory):
        touch_probability_by_bootstrap([], limit=1.0, days=1)
    with pytest.raises(NotFinite):
        touch_probability_by_bootstrap([math.nan], limit=1.0, days=1)
