"""What follows from the spelling of a code."""

import pytest

from plimsoll.alltick_server.listing import (
    ALIASES,
    CFD_INDICES,
    COMMODITIES,
    asset_class_of,
    code_from_symbol,
    listing,
)


@pytest.mark.parametrize(
    ("code", "group", "asset_class", "currency", "n_levels"),
    [
        ("AAPL.US", "stock", "share", "USD", 1),
        ("BRK.B.US", "stock", "share", "USD", 1),
        ("ABRpD.US", "stock", "share", "USD", 1),
        ("700.HK", "stock", "hk_share", "HKD", 10),
        ("600519.SH", "stock", "a_share", "CNY", 5),
        (".SPX.US", "stock", "market_index", "USD", 1),
        ("EURUSD", "other", "fx", "USD", 1),
        ("USDJPY", "other", "fx", "JPY", 1),
        ("GOLD", "other", "metal", "USD", 1),
        ("XAUEUR", "other", "metal", "USD", 1),
        ("Silver", "other", "metal", "USD", 1),
        ("USOIL", "other", "energy", "USD", 1),
        ("US500", "other", "cfd_index", "USD", 1),
        ("BTCUSDT", "other", "crypto", "USDT", 5),
    ],
)
def test_that_a_code_is_read_as_alltick_spells_it(
    code: str, group: str, asset_class: str, currency: str, n_levels: int
) -> None:
    one = listing(code)
    assert (one.group, one.asset_class, one.currency, one.habit.n_levels) == (
        group,
        asset_class,
        currency,
        n_levels,
    )


@pytest.mark.parametrize(
    ("symbol", "code"),
    [
        ("AAPL", "AAPL.US"),
        ("BRK.B", "BRK.B.US"),
        ("0700.HK", "700.HK"),
        ("WTI", "USOIL"),
        ("USDCNY", "USDCNH"),
        ("XAUUSD", "GOLD"),
        ("EURUSD", "EURUSD"),
        ("GOLD", "GOLD"),
        ("SMI", "SMI"),
        ("AAPL.US", "AAPL.US"),
        ("my thing 7", "my thing 7"),
    ],
)
def test_that_a_symbol_is_served_under_alltick_s_code(symbol: str, code: str) -> None:
    assert code_from_symbol(symbol) == code


def test_that_every_alias_stands_for_a_listed_name() -> None:
    assert set(ALIASES.values()) <= set(COMMODITIES) | CFD_INDICES


def test_that_a_price_is_written_with_its_usual_zeros_or_as_many_digits_as_it_needs() -> None:
    assert listing("AAPL.US").text(201.187) == "201.187000"
    assert listing("AAPL.US").text(0.098241428) == "0.098241428"
    assert listing("EURUSD").text(1.1456) == "1.14560"
    assert listing("USDJPY").text(102.23464) == "102.23464"


def test_that_the_asset_class_does_not_depend_on_alphabet_tricks() -> None:
    assert asset_class_of("eurusd") == "cfd_index"
    assert asset_class_of("EURUSDX") == "cfd_index"
