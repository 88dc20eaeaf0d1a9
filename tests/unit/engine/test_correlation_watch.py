"""Pairs, absorption and turbulence, against plain numpy and pandas and the published functions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fakes.market_case import MixedCase, shares_now
from plimsoll.domain.market_figures import CorrelationFigures
from plimsoll.engine.book_now import BookNow, today_so_far
from plimsoll.engine.correlation_watch import (
    LONG_DAYS,
    MAX_CODES,
    MAX_PAIRS,
    RATIOS_A_STEP,
    CorrelationWatch,
)
from plimsoll.engine.universe import Universe
from plimsoll.risk.covariance import ledoit_wolf


def one_market(n_days: int, n: int, seed: int = 1, loading: float = 0.7) -> np.ndarray:
    """Return returns that share one movement, shape (n_days, n)."""
    draws = np.random.default_rng(seed)
    market = draws.standard_normal((n_days, 1))
    return 0.01 * (loading * market + np.sqrt(1 - loading**2) * draws.standard_normal((n_days, n)))


def whole_round(watch: CorrelationWatch, universe: Universe, book: BookNow) -> tuple[CorrelationFigures, int]:
    today = today_so_far(book, universe)
    n_steps = sum(1 for _ in watch.round(book, today))
    return watch.figures(today), n_steps


def measured(
    returns: np.ndarray, quantity: list[float], today: list[float] | None = None
) -> tuple[CorrelationFigures, CorrelationWatch, BookNow]:
    universe, book = shares_now(returns, quantity, today)
    watch = CorrelationWatch(universe)
    figures, _ = whole_round(watch, universe, book)
    return figures, watch, book


def test_that_a_pair_which_parted_in_the_last_weeks_is_found_and_no_other() -> None:
    returns = one_market(400, 6, loading=0.9)
    returns[-75:, 2] = -returns[-75:, 2]
    figures, _, _ = measured(returns, [100.0] * 6)
    assert figures.n_broken_pairs == 5
    assert all("S2.US" in (pair.first, pair.second) for pair in figures.broken_pairs)
    assert all(pair.long_run > 0.6 and pair.recent < -0.5 for pair in figures.broken_pairs)
    p_values = [pair.adjusted_p for pair in figures.broken_pairs]
    assert p_values == sorted(p_values)
    assert p_values[-1] <= 0.05


def test_that_markets_as_ever_seldom_have_a_broken_pair() -> None:
    found = [measured(one_market(400, 8, seed), [100.0] * 8)[0].n_broken_pairs for seed in range(20)]
    assert np.count_nonzero(found) <= 3


def test_that_only_the_clearest_pairs_are_listed_and_all_are_counted() -> None:
    returns = one_market(400, 16, loading=0.95)
    returns[-75:] = 0.01 * np.random.default_rng(9).standard_normal((75, 16))
    figures, _, _ = measured(returns, [100.0] * 16)
    assert figures.n_broken_pairs == 16 * 15 / 2
    assert len(figures.broken_pairs) == MAX_PAIRS


def test_that_the_heat_map_is_the_exponentially_weighted_correlation_with_today_as_newest() -> None:
    returns = one_market(300, 3)
    today = [0.01, -0.02, 0.03]
    figures, _, _ = measured(returns, [300.0, 200.0, 100.0], today)
    table = pd.DataFrame(np.vstack([returns, today]))
    weights = 0.94 ** np.arange(len(table) - 1, -1, -1)
    second = (table.to_numpy() * weights[:, None]).T @ table.to_numpy()
    deviation = np.sqrt(np.diag(second))
    np.testing.assert_allclose(figures.matrix, second / np.outer(deviation, deviation), rtol=1e-9)
    assert figures.codes == ("S0.US", "S1.US", "S2.US")
    assert "301 days, today so far included" in figures.words
    assert not figures.matrix.flags.writeable


def test_that_a_closed_market_adds_no_day_without_moves() -> None:
    figures, _, _ = measured(one_market(300, 3), [1.0, 1.0, 1.0])
    assert "300 days;" in figures.words
    assert figures.turbulence == 0.0


def test_that_turbulence_is_the_distance_of_today_from_the_history_without_it() -> None:
    returns = one_market(300, 4)
    today = np.array([0.03, -0.03, 0.02, 0.0])
    figures, watch, book = measured(returns, [100.0] * 4, today.tolist())
    covariance = ledoit_wolf(returns, target="constant_correlation").covariance
    expected = today @ np.linalg.solve(covariance, today) / 4
    assert figures.turbulence == pytest.approx(expected)
    calm = watch.figures(today_so_far(book, shares_now(returns, [1.0] * 4)[0]) * 0.1)
    assert calm.turbulence == pytest.approx(expected / 100.0)


def test_that_turbulence_goes_on_without_the_instruments_that_have_no_price_yet() -> None:
    returns = one_market(300, 4)
    universe, book = shares_now(returns, [100.0] * 4, [0.01, 0.02, 0.03, 0.01])
    watch = CorrelationWatch(universe)
    whole_round(watch, universe, book)
    today = today_so_far(book, universe)
    covariance = ledoit_wolf(returns, target="constant_correlation").covariance
    three = today[:3] @ np.linalg.solve(covariance[:3, :3], today[:3]) / 3
    today[3] = np.nan
    assert watch.figures(today).turbulence == pytest.approx(three)
    today[1:] = np.nan
    assert np.isnan(watch.figures(today).turbulence)


def test_that_two_that_move_as_one_have_no_turbulence_to_speak_of() -> None:
    returns = np.repeat(one_market(300, 1), 2, axis=1)
    figures, _, _ = measured(returns, [100.0] * 2, [0.01, 0.02])
    assert np.isnan(figures.turbulence)


def test_that_the_absorption_ratio_is_the_share_of_the_first_fifth_of_the_spectrum() -> None:
    returns = one_market(300, 10)
    figures, _, _ = measured(returns, [100.0] * 10)
    weights = 0.5 ** (np.arange(299, -1, -1) / 250.0)
    weights /= weights.sum()
    spectrum = np.sort(np.linalg.eigvalsh(np.cov(returns.T, aweights=weights, ddof=0)))[::-1]
    assert figures.absorption_ratio == pytest.approx(spectrum[:2].sum() / spectrum.sum())


def test_that_the_shift_compares_the_last_weeks_with_the_year() -> None:
    returns = one_market(400, 5)
    today = [0.02, 0.02, 0.02, 0.02, 0.02]
    figures, watch, _ = measured(returns, [100.0] * 5, today)
    table = np.vstack([returns, today])
    n_window = len(returns) + 1 - LONG_DAYS
    ratios = []
    for begin in range(1, LONG_DAYS + 1):
        window = table[begin : begin + n_window]
        weights = 0.5 ** (np.arange(n_window - 1, -1, -1) / (n_window / 2.0))
        spectrum = np.linalg.eigvalsh(np.cov(window.T, aweights=weights / weights.sum(), ddof=0))
        ratios.append(spectrum[-1] / spectrum.sum())
    expected = (np.mean(ratios[-15:]) - np.mean(ratios)) / np.std(ratios, ddof=1)
    assert figures.shift == pytest.approx(expected, rel=1e-6)
    assert watch.n_ratios == LONG_DAYS - 1


def test_that_past_ratios_are_worked_out_once_a_few_a_step_and_anew_only_with_a_new_history() -> None:
    universe, book = shares_now(one_market(400, 5), [100.0] * 5)
    watch = CorrelationWatch(universe)
    first, n_steps = whole_round(watch, universe, book)
    assert watch.n_ratios == LONG_DAYS
    assert n_steps == 2 + LONG_DAYS // RATIOS_A_STEP
    second, n_steps = whole_round(watch, universe, book)
    assert (watch.n_ratios, n_steps) == (LONG_DAYS, 2)
    assert second.shift == first.shift
    grown = replace(book, matrix=replace(book.matrix))
    whole_round(watch, universe, grown)
    assert watch.n_ratios == 2 * LONG_DAYS


def test_that_a_first_move_of_the_day_lets_the_oldest_ratio_go() -> None:
    returns = one_market(400, 5)
    universe, still = shares_now(returns, [100.0] * 5)
    _, moving = shares_now(returns, [100.0] * 5, [0.01] * 5)
    watch = CorrelationWatch(universe)
    whole_round(watch, universe, still)
    moving = replace(moving, matrix=still.matrix)
    figures, _ = whole_round(watch, universe, moving)
    assert np.isfinite(figures.shift)


def test_that_a_short_history_leaves_the_figures_unknown_and_says_why() -> None:
    figures, _, _ = measured(one_market(60, 4), [100.0] * 4)
    assert figures.n_broken_pairs == -1
    assert np.isnan(figures.shift)
    assert "pairs unknown: " in figures.words
    assert "shift unknown: " in figures.words
    assert np.isfinite(figures.absorption_ratio)


def test_that_one_instrument_or_none_has_no_correlation() -> None:
    for n in (1, 0):
        figures, _, _ = measured(one_market(400, 2), [100.0, 0.0] if n else [0.0, 0.0])
        assert figures.n_broken_pairs == -1
        assert np.isnan([figures.turbulence, figures.shift]).all()
        assert len(figures.codes) == len(figures.matrix) == n


def test_that_without_any_history_everything_is_unknown_and_nothing_fails() -> None:
    figures, _, _ = measured(np.empty((0, 3)), [1.0, 2.0, 3.0])
    assert figures.codes == ()
    assert figures.n_broken_pairs == -1
    assert np.isnan([figures.turbulence, figures.absorption_ratio, figures.shift]).all()


def test_that_of_a_large_book_the_largest_are_measured_and_it_says_so() -> None:
    n = MAX_CODES + 20
    figures, _, _ = measured(one_market(120, n), [float(k + 1) for k in range(n)])
    assert len(figures.codes) == MAX_CODES
    assert figures.codes[0] == f"S{n - 1}.US"
    assert "S0.US" not in figures.codes
    assert f"60 instruments of {n}, the largest" in figures.words


def test_that_the_choice_stands_until_one_left_out_is_clearly_larger() -> None:
    n = MAX_CODES + 1
    universe, book = shares_now(one_market(120, n), [100.0] * n)
    value = np.full(n, 100.0)
    value[-1] = 90.0
    watch = CorrelationWatch(universe)
    before, _ = whole_round(watch, universe, replace(book, value=value))
    assert f"S{n - 1}.US" not in before.codes
    value[-1] = 150.0
    assert whole_round(watch, universe, replace(book, value=value))[0].codes == before.codes
    value[-1] *= 10.0
    assert f"S{n - 1}.US" in whole_round(watch, universe, replace(book, value=value))[0].codes


def test_that_a_price_that_never_moves_is_left_out_with_what_cannot_be_priced() -> None:
    returns = one_market(300, 4)
    returns[-70:, 1] = 0.0
    universe, book = shares_now(returns, [100.0] * 4)
    value = book.value.copy()
    value[3] = np.nan
    figures, _ = whole_round(CorrelationWatch(universe), universe, replace(book, value=value))
    assert set(figures.codes) == {"S0.US", "S2.US"}


def test_that_an_instrument_that_stood_still_until_lately_leaves_pairs_unknown_and_says_so() -> None:
    returns = one_market(300, 3)
    returns[:230, 1] = 0.0
    figures, _, _ = measured(returns, [100.0] * 3)
    assert figures.n_broken_pairs == -1
    assert "pairs unknown: " in figures.words


def test_that_price_changes_are_measured_as_fractions_of_the_price() -> None:
    case = MixedCase()
    number = case.number("USOIL")
    matrix = case.now.matrix
    rows = matrix.rows.copy()
    rows[number] *= case.mark[number]
    is_absolute = matrix.is_absolute.copy()
    is_absolute[number] = True
    absolute = replace(case.now, matrix=replace(matrix, rows=rows, is_absolute=is_absolute))
    first, _ = whole_round(CorrelationWatch(case.universe), case.universe, case.now)
    second, _ = whole_round(CorrelationWatch(case.universe), case.universe, absolute)
    assert second.absorption_ratio == pytest.approx(first.absorption_ratio)
    np.testing.assert_allclose(second.matrix, first.matrix, rtol=1e-9)


def test_that_a_year_in_which_nothing_moved_has_no_ratios_and_says_so() -> None:
    returns = one_market(400, 3)
    returns[:170] = 0.0
    figures, watch, _ = measured(returns, [100.0] * 3)
    assert np.isnan(figures.shift)
    assert "shift unknown: " in figures.words
    assert np.isfinite(figures.absorption_ratio)
    assert watch.n_ratios < LONG_DAYS
