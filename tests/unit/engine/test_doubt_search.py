"""Splits nobody adjusted for, and prices in another money or unit, are named; ordinary days are not."""

from datetime import date, timedelta

import numpy as np
import pytest

from plimsoll.domain.doubt import DoubtKind
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.engine.doubt_search import doubts_of_currencies, doubts_of_history, doubts_of_marks
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.universe import Universe

_A, _F = AssetClass, Settlement.FUNDED
SHARES = tuple(Instrument(f"{name}.US", name, _A.EQUITY, "USD", _F) for name in ("A", "B", "C", "D"))
COIN = Instrument("BTCUSDT", "Bitcoin", _A.CRYPTO, "USD", _F)
YEN = Instrument("USDJPY", "Dollar in yen", _A.FX, "JPY", Settlement.UNFUNDED)
FIRST_DAY = (date(2020, 8, 27) - date(1970, 1, 1)).days
RATES = {"USDJPY": 106.0, "USDHKD": 7.75, "GBPUSD": 1.31, "EURCHF": 1.08}


def universe(*instruments: Instrument) -> Universe:
    return Universe(instruments, len(instruments), ("USD",), (0,) * len(instruments), ((),))


def window(*series: list[float]) -> PriceWindow:
    closes = np.array(series).T
    return PriceWindow(np.arange(FIRST_DAY, FIRST_DAY + len(closes)), closes)


def test_that_apple_s_split_of_2020_is_named_with_its_day() -> None:
    # Closes of 28 and 31 August 2020 as printed then: 499.23 and 129.04, four for one.
    found = doubts_of_history(universe(SHARES[0]), window([500.04, 499.23, np.nan, np.nan, 129.04]))
    assert [(each.code, each.kind) for each in found] == [("A.US", DoubtKind.SPLIT_IN_HISTORY)]
    assert f"suspected split on {date(2020, 8, 27) + timedelta(days=4)}, 4 for 1" in found[0].words


def test_that_a_reverse_split_is_named_as_one() -> None:
    (found,) = doubts_of_history(universe(SHARES[0]), window([0.5, 0.5, 5.1]))
    assert "suspected reverse split on 2020-08-29, 1 for 10 (the close rose to 10.2 times)" in found.words


def test_that_a_day_on_which_all_shares_fell_proves_no_split() -> None:
    crash = window([100.0, 50.0], [100.0, 70.0], [100.0, 60.0], [100.0, 100.0])
    assert doubts_of_history(universe(*SHARES), crash) == ()
    alone = window([100.0, 50.0], [100.0, 99.0], [100.0, 98.0], [100.0, 100.0])
    assert [each.code for each in doubts_of_history(universe(*SHARES), alone)] == ["A.US"]


def test_that_a_fall_by_a_third_or_of_a_coin_or_no_history_names_nothing() -> None:
    assert doubts_of_history(universe(SHARES[0]), window([100.0, 66.7])) == ()
    assert doubts_of_history(universe(COIN), window([100.0, 50.0])) == ()
    assert doubts_of_history(universe(SHARES[0]), window([100.0])) == ()
    assert doubts_of_history(universe(SHARES[0]), window([np.nan, 100.0])) == ()


@pytest.mark.parametrize(
    ("close", "mark", "kinds"),
    [
        (300.0, 298.0, []),
        (300.0, 151.0, [DoubtKind.SPLIT_AT_OPEN]),
        (300.0, 99.0, [DoubtKind.SPLIT_AT_OPEN]),
        (3.0, 29.5, [DoubtKind.SPLIT_AT_OPEN]),
        (300.0, 180.0, []),
        (300.0, 3.01, [DoubtKind.SPLIT_AT_OPEN, DoubtKind.CURRENCY_SCALE]),
        (10.0, 77.4, [DoubtKind.SPLIT_AT_OPEN, DoubtKind.CURRENCY_SCALE]),
        (10.0, 10.8, []),
        (np.nan, 10.0, []),
        (10.0, np.nan, []),
    ],
)
def test_that_a_mark_far_from_its_close_is_explained(
    close: float, mark: float, kinds: list[DoubtKind]
) -> None:
    found = doubts_of_marks(universe(SHARES[0]), np.array([close]), np.array([mark]), RATES)
    assert [each.kind for each in found] == kinds


def test_that_a_coin_splits_never_and_no_pair_is_explained_by_itself() -> None:
    closes, marks = np.array([100.0, 106.0]), np.array([50.0, 1.0])
    found = doubts_of_marks(universe(COIN, YEN), closes, marks, {"USDJPY": 106.0})
    assert found == ()
    (pence,) = doubts_of_marks(universe(COIN), np.array([100.0]), np.array([1.0]), {})
    assert "0.01 times the last close 100, which fits pence for pounds" in pence.words


def test_that_a_share_in_another_money_than_its_exchange_s_is_named() -> None:
    wrong = Instrument("0700.HK", "Tencent", _A.EQUITY, "EUR", _F)
    right = Instrument("9988.HK", "Alibaba", _A.EQUITY, "HKD", _F)
    (found,) = doubts_of_currencies(universe(wrong, right, YEN, SHARES[0]))
    assert (found.code, found.kind) == ("0700.HK", DoubtKind.CURRENCY_OF_CODE)
    assert "its currency was EUR, expected CNH or CNY or HKD or USD" in found.words
