"""A figure is as good as the worst thing under it, and says what that is."""

import math

import numpy as np
import pytest

from plimsoll.domain.grade import FigureGrade, GradeLetter
from plimsoll.domain.limit import Measure
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.snapshot import Coverage
from plimsoll.engine.grade import SAMPLING_PERIOD_NS, SamplingErrors, grade_of, sampling_error_of
from plimsoll.risk.risk_interval import RiskInterval

METHOD = RiskMethod()
A, B, C, D, UNKNOWN = GradeLetter
NAN, S = math.nan, 1_000_000_000


def graded(
    measure: Measure = Measure.VAR,
    value: float = 1.0,
    *,
    priced: float = 1.0,
    fresh: float = 1.0,
    history: float = 1.0,
    proxy: float = 0.0,
    n_scenarios: int = 499,
    error: float = 0.05,
    n_doubts: int = 0,
) -> FigureGrade:
    coverage = Coverage(priced, fresh, history, proxy, 10)
    return grade_of(
        measure,
        value,
        coverage,
        method=METHOD,
        n_scenarios=n_scenarios,
        sampling_error_fraction=error,
        n_doubts=n_doubts,
    )


def test_that_a_figure_with_everything_under_it_is_an_a_without_reasons() -> None:
    best = graded()
    assert (best.letter, best.reasons, best.n_scenarios, best.sampling_error_fraction) == (A, (), 499, 0.05)


@pytest.mark.parametrize(
    ("share", "steps"),
    [
        ("priced", [(0.99, A), (0.95, B), (0.80, C), (0.01, D), (0.0, UNKNOWN)]),
        ("fresh", [(0.99, A), (0.95, B), (0.80, C), (0.0, D)]),
        ("history", [(0.99, A), (0.80, C), (0.50, D), (0.49, UNKNOWN)]),
        ("proxy", [(0.05, A), (0.15, B), (0.30, C), (0.31, D), (1.0, D)]),
        ("error", [(0.10, A), (0.20, B), (0.35, C), (0.36, D), (math.inf, D), (NAN, B)]),
        ("n_scenarios", [(250, A), (249, C), (100, C), (99, UNKNOWN), (0, UNKNOWN)]),
        ("n_doubts", [(0, A), (1, C)]),
    ],
)
def test_that_each_thing_it_rests_on_has_its_steps(
    share: str, steps: list[tuple[float, GradeLetter]]
) -> None:
    assert [graded(**{share: level}).letter for level, _ in steps] == [letter for _, letter in steps]


def test_that_the_worst_decides_and_comes_first_among_the_reasons() -> None:
    found = graded(fresh=0.96, history=0.6, proxy=0.2, n_scenarios=120)
    assert found.letter is D
    assert found.reasons == (
        "60.0% of gross exposure has a history",
        "120 scenarios, fewer than 250",
        "20.0% of gross exposure by proxy",
        "96.0% of gross exposure has a fresh price",
    )


def test_that_nothing_improves_a_grade_by_becoming_worse() -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        priced, fresh, history, proxy, error, less = rng.random(6)
        better = graded(priced=priced, fresh=fresh, history=history, proxy=proxy, error=error)
        worse = graded(
            priced=priced * less,
            fresh=fresh * less,
            history=history * less,
            proxy=1.0 - (1.0 - proxy) * less,
            error=error / less,
            n_scenarios=300,
        )
        assert worse.letter.rank >= better.letter.rank


def test_that_a_figure_without_scenarios_asks_for_none() -> None:
    found = graded(Measure.DRAWDOWN, history=0.0, proxy=1.0, n_scenarios=0, error=math.inf)
    assert (found.letter, found.n_scenarios) == (A, 0)
    assert math.isnan(found.sampling_error_fraction)
    assert graded(Measure.DRAWDOWN, fresh=0.9).letter is C
    assert graded(Measure.TURBULENCE, n_scenarios=120, error=NAN).letter is C


def test_that_what_measures_the_data_is_not_doubted_for_it() -> None:
    assert graded(Measure.STALE_FRACTION, 0.6, fresh=0.4, priced=0.5).letter is A


def test_that_a_margin_is_an_estimate_and_says_so() -> None:
    found = graded(Measure.MARGIN_USE)
    assert (found.letter, found.reasons) == (B, ("an estimate: the broker's own requirement decides",))


def test_that_a_figure_that_is_not_known_has_no_letter() -> None:
    assert graded(Measure.STALE_FRACTION, NAN).letter is UNKNOWN
    assert not graded(value=NAN).at_least("D")


def test_that_the_sampling_error_of_an_unbounded_or_zero_figure_is_infinite() -> None:
    assert sampling_error_of(10.0, RiskInterval(8.0, math.inf, 0.95)) == math.inf
    assert sampling_error_of(0.0, RiskInterval(-1.0, 1.0, 0.9)) == math.inf
    assert sampling_error_of(-10.0, RiskInterval(-12.0, -8.0, 0.9)) == pytest.approx(0.2 / 1.6449, rel=1e-4)


def test_that_the_sampling_error_of_var_is_the_one_of_order_statistics() -> None:
    # Uniform losses on (0, 1): the error of the p-quantile is √(p(1 − p)/n) by the density 1.
    n, trials = 500, 200
    rng, found = np.random.default_rng(4), []
    for _ in range(trials):
        losses = rng.random(n)
        errors = SamplingErrors(METHOD)
        errors.look(-losses, 0.95, NAN, 0)
        found.append(errors.var_fraction * 0.95)
    assert np.mean(found) == pytest.approx(math.sqrt(0.95 * 0.05 / n), rel=0.1)


def test_that_errors_are_worked_out_once_a_second_and_when_the_window_changes() -> None:
    rng = np.random.default_rng(5)
    pnl, errors = rng.standard_t(4, 500), SamplingErrors(METHOD)
    errors.look(pnl, 1.5, 2.5, 10 * S)
    first = (errors.var_fraction, errors.es_fraction)
    assert all(0.01 < each < 0.5 for each in first)
    errors.look(rng.standard_t(4, 500), 1.5, 2.5, 10 * S + SAMPLING_PERIOD_NS - 1)
    assert (errors.var_fraction, errors.es_fraction) == first
    errors.look(rng.standard_t(4, 500), 1.5, 2.5, 10 * S + SAMPLING_PERIOD_NS)
    second = (errors.var_fraction, errors.es_fraction)
    assert second != first
    errors.look(rng.standard_t(4, 400), 1.5, 2.5, 10 * S + SAMPLING_PERIOD_NS)
    assert (errors.var_fraction, errors.es_fraction) != second


def test_that_figures_that_are_not_known_or_too_short_have_no_error() -> None:
    errors = SamplingErrors(METHOD)
    errors.look(np.empty(0), NAN, NAN, 0)
    assert math.isnan(errors.var_fraction)
    errors.look(np.arange(10.0), 1.0, 1.0, S)
    assert math.isnan(errors.var_fraction)
    assert math.isnan(errors.es_fraction)
