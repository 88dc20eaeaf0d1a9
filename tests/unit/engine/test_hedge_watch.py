import numpy as np
import pytest

from fakes.market_case import MixedCase, shares_now
from plimsoll.engine.book_now import today_so_far
from plimsoll.engine.hedge_watch import N_DAYS, HedgeWatch

PAIR = "S0.US/S1.US"
RETURNS = 0.01 * np.random.default_rng(11).standard_normal((200, 2))
RETURNS[:, 1] = 0.8 * RETURNS[:, 0] + 0.004 * np.random.default_rng(12).standard_normal(200)


def effectiveness(returns: np.ndarray, today: list[float] | None = None, pair: str = PAIR) -> float:
    universe, book = shares_now(returns, [100.0, -100.0], today)
    return HedgeWatch(universe, [pair]).effectiveness(book, today_so_far(book, universe))[pair]


def test_that_effectiveness_is_the_squared_correlation_of_the_newest_quarter() -> None:
    expected = np.corrcoef(RETURNS[-N_DAYS:].T)[0, 1] ** 2
    assert effectiveness(RETURNS) == pytest.approx(expected)
    assert effectiveness(RETURNS, pair=" S0.US / S1.US ") == pytest.approx(expected)


def test_that_today_counts_once_it_has_moved() -> None:
    today = [0.05, -0.05]
    expected = np.corrcoef(np.vstack([RETURNS[-N_DAYS:], today]).T)[0, 1] ** 2
    assert effectiveness(RETURNS, today) == pytest.approx(expected)
    assert expected < effectiveness(RETURNS)


def test_that_a_hedge_which_came_loose_shows_within_the_quarter() -> None:
    loose = RETURNS.copy()
    loose[-N_DAYS:, 1] = 0.01 * np.random.default_rng(13).standard_normal(N_DAYS)
    assert effectiveness(RETURNS) > 0.7
    assert effectiveness(loose) < 0.2


@pytest.mark.parametrize("pair", ["S0.US/S9.US", "S9.US/S0.US", "S0.US", ""])
def test_that_a_pair_the_book_does_not_know_is_unknown(pair: str) -> None:
    assert np.isnan(effectiveness(RETURNS, pair=pair))


def test_that_without_history_or_movement_it_is_unknown() -> None:
    assert np.isnan(effectiveness(RETURNS[:0]))
    still = RETURNS.copy()
    still[:, 1] = 0.0
    assert np.isnan(effectiveness(still))


def test_that_several_pairs_are_told_apart_and_no_pair_is_nothing_to_do() -> None:
    case = MixedCase()
    today = today_so_far(case.now, case.universe)
    pairs = ("AAPL.US/XOM.US", "GOLD/USOIL")
    assert set(HedgeWatch(case.universe, pairs).effectiveness(case.now, today)) == set(pairs)
    assert HedgeWatch(case.universe, ()).effectiveness(case.now, today) == {}
