"""Today's returns so far, against the scenario formula of SEMANTICS written out."""

from dataclasses import replace

import numpy as np
import pytest

from fakes.market_case import MixedCase, shares_now
from plimsoll.engine.book_now import today_so_far
from plimsoll.engine.scenario_window import PriceWindow, scenario_matrix


def test_that_a_dollar_share_earns_its_own_return_since_the_roll() -> None:
    case = MixedCase()
    today = today_so_far(case.with_marks(AAPL_US=306.0), case.universe)
    assert today[case.number("AAPL.US")] == pytest.approx(306.0 / 300.0 - 1.0)
    assert today[case.number("XOM.US")] == 0.0


def test_that_a_foreign_share_earns_its_return_in_base_money_and_its_currency_its_own() -> None:
    case = MixedCase()
    book = case.with_marks(**{"0700_HK": 451.0, "USDHKD": 7.6})
    today = today_so_far(book, case.universe)
    growth_fx = 7.79 / 7.6
    assert today[case.number("0700.HK")] == pytest.approx((451.0 / 410.0 - 1.0) * growth_fx)
    dollar = len(case.universe.instruments) + case.universe.currencies.index("HKD")
    assert today[dollar] == pytest.approx(growth_fx - 1.0)
    assert today[len(case.universe.instruments)] == 0.0


def test_that_a_day_which_ended_now_would_add_exactly_this_column_to_the_scenarios() -> None:
    case = MixedCase()
    moved = case.mark * np.where([item.fixed_price is None for item in case.universe.instruments], 1.013, 1.0)
    book = replace(case.now, mark=moved)
    window = PriceWindow(np.array([0, 1]), np.vstack([case.mark, moved]))
    expected = scenario_matrix(window, case.universe).rows[:, 0]
    np.testing.assert_allclose(today_so_far(book, case.universe), expected, rtol=1e-12)


def test_that_price_changes_stand_where_the_matrix_has_price_changes() -> None:
    case = MixedCase()
    number = case.number("USOIL")
    case.now.matrix.is_absolute[number] = True
    book = case.with_marks(USOIL=-3.0)
    assert today_so_far(book, case.universe)[number] == -54.0


def test_that_an_unknown_mark_reference_or_rate_leaves_the_return_unknown() -> None:
    case = MixedCase()
    book = case.with_marks(AAPL_US=np.nan, USDHKD=np.nan)
    book.reference[case.number("XOM.US")] = np.nan
    today = today_so_far(book, case.universe)
    for code in ("AAPL.US", "XOM.US", "0700.HK", "USDHKD"):
        assert np.isnan(today[case.number(code)]), code
    assert today[case.number("GOLD")] == 0.0


def test_that_a_currency_without_a_way_to_base_money_has_no_return() -> None:
    universe, book = shares_now(np.full((5, 1), 0.01), [1.0], [0.02])
    lost = replace(universe, routes=(None,))
    assert np.isnan(today_so_far(book, lost)).all()
    assert today_so_far(book, universe)[0] == pytest.approx(0.02)
