"""Short histories are filled by beta times a proxy and the residual; no known close is ever touched."""

from dataclasses import replace

import numpy as np
import pytest

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.engine.proxy_map import proxied
from plimsoll.engine.scenario_window import PriceWindow, scenario_matrix
from plimsoll.engine.universe import Universe

_A, _F, _U = AssetClass, Settlement.FUNDED, Settlement.UNFUNDED
YOUNG, BETTER, WORSE, COIN, OTHER_COIN, OIL = range(6)
INSTRUMENTS = (
    Instrument("YOUNG.US", "listed lately", _A.EQUITY, "USD", _F),
    Instrument("SPY.US", "market", _A.ETF, "USD", _F),
    Instrument("GER40", "another market", _A.INDEX, "USD", _U),
    Instrument("NEWUSDT", "a young coin", _A.CRYPTO, "USD", _F),
    Instrument("BTCUSDT", "Bitcoin", _A.CRYPTO, "USD", _F),
    Instrument("USOIL", "WTI", _A.COMMODITY, "USD", _U, may_be_negative=True),
)
N_DAYS, BETA = 300, 1.5


def universe(**proxy_by_code: str) -> Universe:
    held = tuple(
        replace(item, proxy=proxy_by_code.get(item.code.removesuffix(".US"), "")) for item in INSTRUMENTS
    )
    return Universe(held, len(held), ("USD",), (0,) * len(held), ((),))


@pytest.fixture
def whole() -> np.ndarray:
    rng = np.random.default_rng(3)
    market = rng.normal(0.0, 0.01, N_DAYS)
    moves = np.column_stack(
        [
            BETA * market + rng.normal(0.0, 0.004, N_DAYS),
            market,
            0.5 * market + rng.normal(0.0, 0.01, N_DAYS),
            rng.normal(0.0, 0.03, N_DAYS),
            rng.normal(0.0, 0.03, N_DAYS),
            rng.normal(0.0, 0.02, N_DAYS),
        ]
    )
    return 100.0 * np.cumprod(1.0 + moves, axis=0)


def window_of(closes: np.ndarray) -> PriceWindow:
    return PriceWindow(np.arange(len(closes)), closes)


def without(closes: np.ndarray, number: int, *spans: slice) -> np.ndarray:
    cut = closes.copy()
    for span in spans:
        cut[span, number] = np.nan
    return cut


def test_that_a_young_share_is_filled_by_the_index_or_fund_that_explains_it_best(whole: np.ndarray) -> None:
    cut = without(whole, YOUNG, slice(0, 200))
    made = proxied(window_of(cut), universe())
    (stand_in,) = made.stand_ins
    assert (stand_in.code, stand_in.proxy_code, stand_in.is_by_user) == ("YOUNG.US", "SPY.US", False)
    assert stand_in.beta == pytest.approx(BETA, abs=0.15)
    assert stand_in.r_squared == pytest.approx(BETA**2 / (BETA**2 + 0.16), abs=0.05)
    assert (stand_in.n_overlap, stand_in.n_filled) == (99, 200)
    assert stand_in.residual_volatility == pytest.approx(0.004, rel=0.2)
    assert stand_in.words.startswith("YOUNG.US: 200 days by SPY.US × 1.")
    assert made.is_proxied.tolist() == [True, False, False, False, False, False]


def test_that_known_closes_stay_and_the_made_ones_move_as_the_true_ones_did(whole: np.ndarray) -> None:
    cut = without(whole, YOUNG, slice(0, 200))
    closes = proxied(window_of(cut), universe()).window.closes
    known = np.isfinite(cut)
    assert np.array_equal(closes[known], cut[known])
    made, true = np.diff(np.log(closes[:201, YOUNG])), np.diff(np.log(whole[:201, YOUNG]))
    assert made.std() == pytest.approx(true.std(), rel=0.15)
    assert np.corrcoef(made, true)[0, 1] > 0.85


def test_that_a_gap_is_bridged_from_one_known_close_to_the_next(whole: np.ndarray) -> None:
    cut = without(whole, YOUNG, slice(50, 90), slice(150, 151))
    closes = proxied(window_of(cut), universe()).window.closes[:, YOUNG]
    assert np.isfinite(closes).all()
    kept = np.r_[0:50, 90:150, 151:N_DAYS]
    assert np.array_equal(closes[kept], whole[kept, YOUNG])
    steps = np.abs(np.diff(np.log(closes)))
    assert steps.max() < 0.08  # no day carries the whole gap


def test_that_the_filled_instrument_has_scenarios_where_it_had_none(whole: np.ndarray) -> None:
    cut = window_of(without(whole, YOUNG, slice(0, 200)))
    here = universe()
    assert not scenario_matrix(cut, here).has_history[YOUNG]
    assert scenario_matrix(proxied(cut, here).window, here).has_history[:6].all()


def test_that_the_user_s_proxy_comes_first(whole: np.ndarray) -> None:
    cut = window_of(without(whole, YOUNG, slice(0, 200)))
    (stand_in,) = proxied(cut, universe(YOUNG="GER40")).stand_ins
    assert (stand_in.proxy_code, stand_in.is_by_user, stand_in.is_filled) == ("GER40", True, True)
    (missing,) = proxied(cut, universe(YOUNG="DAX")).stand_ins
    assert missing.words == "YOUNG.US: no proxy, DAX is not followed"


def test_that_what_explains_nothing_is_not_chosen_and_the_reason_is_told(whole: np.ndarray) -> None:
    made = proxied(window_of(without(whole, COIN, slice(0, 200))), universe())
    (stand_in,) = made.stand_ins
    assert stand_in.words == "NEWUSDT: no proxy, nothing of its kind explains enough of its returns"
    assert not made.is_proxied.any()
    assert np.isnan(made.window.closes[0, COIN])


def test_that_nineteen_common_days_are_too_few_even_for_the_user_s_proxy(whole: np.ndarray) -> None:
    cut = window_of(without(whole, YOUNG, slice(0, N_DAYS - 20)))
    (own,) = proxied(cut, universe()).stand_ins
    assert not own.is_filled
    (named,) = proxied(cut, universe(YOUNG="SPY.US")).stand_ins
    assert "shared 19 days, expected at least 20" in named.words


def test_that_a_proxy_with_the_same_gap_fills_nothing(whole: np.ndarray) -> None:
    cut = without(without(whole, YOUNG, slice(0, 200)), WORSE, slice(0, 10))
    first, _ = proxied(window_of(cut), universe(YOUNG="GER40")).stand_ins
    assert first.words == "YOUNG.US: no proxy, GER40 has gaps on the same days"


def test_that_without_a_newest_close_or_with_one_below_zero_nothing_is_made(whole: np.ndarray) -> None:
    cut = without(whole, YOUNG, slice(290, 300))
    cut = without(cut, OIL, slice(0, 100))
    cut[150, OIL] = -37.0
    young, oil = proxied(window_of(cut), universe()).stand_ins
    assert (young.reason, oil.reason) == (
        "its newest close is not known",
        "a price in its history is zero or below",
    )


def test_that_a_whole_or_empty_window_is_returned_as_it_is(whole: np.ndarray) -> None:
    window = window_of(whole)
    assert proxied(window, universe()).window is window
    assert proxied(window_of(whole[:1]), universe()).stand_ins == ()


def test_that_the_same_load_makes_the_same_closes(whole: np.ndarray) -> None:
    cut = window_of(without(whole, YOUNG, slice(0, 200)))
    first, second = (proxied(cut, universe()).window.closes for _ in range(2))
    assert np.array_equal(first, second)


def test_that_a_proxy_that_stands_still_is_refused(whole: np.ndarray) -> None:
    cut = without(whole, YOUNG, slice(0, 200))
    cut[:, WORSE] = 50.0
    (stand_in,) = proxied(window_of(cut), universe(YOUNG="GER40")).stand_ins
    assert "did not vary" in stand_in.reason
