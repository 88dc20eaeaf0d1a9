import numpy as np
import pytest

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.engine.average_volume import ENOUGH_DAYS, N_DAYS, average_volumes, has_volume, spot_turnover_usd
from plimsoll.engine.scenario_window import PriceWindow

SHARE = Instrument("AAPL.US", "Apple", AssetClass.EQUITY, "USD", Settlement.FUNDED)
COIN = Instrument("BTCUSDT", "Bitcoin", AssetClass.CRYPTO, "USDT", Settlement.FUNDED)
EURO = Instrument("EURUSD", "Euro", AssetClass.FX, "USD", Settlement.UNFUNDED)
YEN = Instrument("USDJPY", "Yen", AssetClass.FX, "JPY", Settlement.UNFUNDED)
BAHT = Instrument("USDTHB", "Baht", AssetClass.FX, "THB", Settlement.UNFUNDED)
GOLD = Instrument("GOLD", "Gold", AssetClass.COMMODITY, "USD", Settlement.UNFUNDED)
PEG = Instrument("USDTUSD", "Tether", AssetClass.CRYPTO, "USD", Settlement.FUNDED, fixed_price=1.0)


def averages(days: list[int], numbers: list[int], volumes: list[float], *items: Instrument) -> list[float]:
    columns = np.array(days, dtype=np.int64), np.array(numbers, dtype=np.int64), np.array(volumes)
    return average_volumes(*columns, items).tolist()


def test_that_the_average_is_the_median_of_the_newest_twenty_days_in_any_order() -> None:
    days = list(range(30))
    volumes = [float(day) for day in days]
    mixed = np.random.default_rng(1).permutation(30).tolist()
    found = averages(mixed, [0] * 30, [volumes[day] for day in mixed], SHARE)
    assert N_DAYS == 20
    assert found == [np.median(volumes[10:])]


def test_that_each_instrument_has_its_own_days_and_one_wild_day_does_not_count() -> None:
    days = [1, 2, 3, 4, 5] * 2
    numbers = [0] * 5 + [1] * 5
    found = averages(days, numbers, [10.0, 10.0, 10.0, 10.0, 1e9, 1.0, 2.0, 3.0, 4.0, 5.0], SHARE, COIN)
    assert found == [10.0, 3.0]


def test_that_a_day_without_a_trade_counts_and_one_without_a_figure_does_not() -> None:
    found = averages([1, 2, 3, 4, 5, 6], [0] * 6, [0.0, 0.0, 0.0, 8.0, 8.0, np.nan], SHARE)
    assert found == [0.0]


def test_that_too_few_days_and_negative_volumes_leave_the_average_unknown() -> None:
    assert np.isnan(averages([1, 2, 3, 4], [0] * 4, [5.0] * 4, SHARE)).all()
    assert ENOUGH_DAYS == 5
    assert np.isnan(averages([1, 2, 3, 4, 5], [0] * 5, [5.0] * 4 + [-1.0], SHARE)).all()


def test_that_volume_of_currencies_metals_and_pegs_is_never_used() -> None:
    assert [has_volume(item) for item in (SHARE, COIN, EURO, GOLD, PEG)] == [True, True, False, False, False]
    assert np.isnan(averages([1, 2, 3, 4, 5], [0] * 5, [5.0] * 5, GOLD)).all()


@pytest.mark.parametrize(("item", "billions"), [(EURO, 477.08), (YEN, 283.73)])
def test_that_a_pair_turns_over_its_spot_share_of_the_survey_whichever_way_it_is_written(
    item: Instrument, billions: float
) -> None:
    # 7 506 × 28 % × 22.7 % (USD/EUR) and × 13.5 % (USD/JPY)
    assert spot_turnover_usd(item) == pytest.approx(billions * 1e9, rel=1e-4)


def test_that_gold_oil_and_the_index_are_left_as_fast_as_their_own_markets_trade() -> None:
    assert spot_turnover_usd(GOLD) == 163e9
    oil = Instrument("USOIL", "WTI", AssetClass.COMMODITY, "USD", Settlement.UNFUNDED)
    index = Instrument("US500", "S&P 500", AssetClass.INDEX, "USD", Settlement.UNFUNDED)
    # 891 646 futures of 1 000 barrels, and 2.3 million of 50 times the index, whatever the bars say
    assert averages([1, 2, 3, 4, 5], [0] * 5, [5.0] * 5, oil, index) == [891_646_000.0, 115_000_000.0]


def test_that_a_pair_outside_the_survey_and_a_share_turn_over_nobody_knows_what() -> None:
    assert np.isnan([spot_turnover_usd(BAHT), spot_turnover_usd(SHARE)]).all()


def test_that_the_volumes_stay_with_a_window_that_grew_by_a_day() -> None:
    window = PriceWindow(np.array([1, 2]), np.ones((2, 1)), average_volume=np.array([7.0]))
    grown = window.after_day(3, np.ones(1), 500)
    assert grown.average_volume is window.average_volume
    assert PriceWindow(np.array([1]), np.ones((1, 1))).average_volume is None
