from dataclasses import FrozenInstanceError, replace

import pytest

from plimsoll.domain.instrument import AssetClass, Instrument, Settlement, is_stock_code


def instrument(code: str, asset_class: AssetClass, currency: str) -> Instrument:
    return Instrument(code, code, asset_class, currency, Settlement.UNFUNDED)


@pytest.mark.parametrize(
    ("code", "asset_class", "currency", "pair"),
    [
        ("EURUSD", AssetClass.FX, "USD", ("EUR", "USD")),
        ("USDJPY", AssetClass.FX, "JPY", ("USD", "JPY")),
        ("USDTUSD", AssetClass.FX, "USD", ("USDT", "USD")),
        ("BTCUSDT", AssetClass.CRYPTO, "USDT", None),
        ("EURUSD", AssetClass.FX, "JPY", None),
        ("USD", AssetClass.FX, "USD", None),
    ],
)
def test_that_only_an_fx_code_that_ends_in_its_currency_is_a_pair(
    code: str, asset_class: AssetClass, currency: str, pair: tuple[str, str] | None
) -> None:
    assert instrument(code, asset_class, currency).currency_pair == pair


def test_that_funded_means_the_whole_price_was_paid() -> None:
    assert not instrument("GOLD", AssetClass.COMMODITY, "USD").is_funded
    assert Instrument("A.US", "A", AssetClass.EQUITY, "USD", Settlement.FUNDED).is_funded


@pytest.mark.parametrize("code", ["AAPL.US", "700.HK", "600000.SH", "000001.SZ", "BRK.B.US", ".VIX.US"])
def test_that_stocks_go_to_the_stock_connection(code: str) -> None:
    assert is_stock_code(code)


@pytest.mark.parametrize("code", ["EURUSD", "Silver", "BTCUSDT", "US500", "US", "AAPL.us", "X.L"])
def test_that_all_else_goes_to_the_other_connection(code: str) -> None:
    assert not is_stock_code(code)


def test_that_an_instrument_never_changes() -> None:
    with pytest.raises(FrozenInstanceError):
        instrument("GOLD", AssetClass.COMMODITY, "USD").lot = 2.0  # type: ignore[misc]


def test_that_what_nobody_classified_is_named_and_a_coin_needs_no_country() -> None:
    share = instrument("SPIN.US", AssetClass.EQUITY, "USD")
    assert share.unclassified == ("sector", "country")
    assert instrument("BTCUSDT", AssetClass.CRYPTO, "USDT").unclassified == ("sector",)
    assert replace(share, sector="Energy").unclassified == ("country",)
    assert not replace(share, sector="Energy", country="US").unclassified
