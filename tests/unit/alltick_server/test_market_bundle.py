"""What is bundled is what may be bundled, and it is real."""

from pathlib import Path

import numpy as np

from plimsoll import assets
from plimsoll.alltick_server.close_series import bundled_closes
from plimsoll.alltick_server.listing import HABITS

SHARES = """
AAPL AMD BAC BBY CVX GE HD JNJ JPM KO LLY MRK MSFT PEP PFE PG RRC UNH WMT XOM IBM SPY
"""
OTHERS = """
EURUSD GBPUSD AUDUSD NZDUSD USDJPY USDCHF USDCAD USDHKD USDSGD EURGBP EURJPY EURCHF USDCNH
USOIL UKOIL NGAS GOLD US500 .VIX.US BTCUSDT ETHUSDT
"""
MAY_BE_BUNDLED = {f"{share}.US" for share in SHARES.split()} | set(OTHERS.split())


def close_on(code: str, day: str) -> float:
    series = next(one for one in bundled_closes() if one.listing.code == code)
    row = np.searchsorted(series.day, np.datetime64(day, "D").astype(int))
    return series.close[row]


def test_that_only_series_whose_licence_allows_it_are_bundled() -> None:
    assert {one.listing.code for one in bundled_closes()} == MAY_BE_BUNDLED


def test_that_no_share_begins_before_the_free_source_does() -> None:
    first = np.datetime64("1990-01-02", "D").astype(int)
    for one in bundled_closes():
        if one.listing.asset_class == "share":
            assert one.day[0] >= first, one.listing.code


def test_that_known_closes_are_there_to_the_digit() -> None:
    assert close_on("US500", "1987-10-19") == 224.84
    assert close_on("USOIL", "2020-04-20") == -36.98
    assert close_on("AAPL.US", "2020-03-09") == 65.155
    assert close_on(".VIX.US", "2020-03-16") == 82.69


def test_that_every_series_is_finite_and_in_order_of_days() -> None:
    for one in bundled_closes():
        assert np.all(np.diff(one.day) > 0), one.listing.code
        assert np.all(np.isfinite(one.close)), one.listing.code
        assert one.listing.asset_class in HABITS


def test_that_published_bars_lie_on_the_scale_of_the_closes() -> None:
    for one in bundled_closes():
        if one.published is None:
            continue
        _, at, of = np.intersect1d(one.day, one.published.day, return_indices=True)
        opening, high, low, _ = one.published.table[of].T
        within = (low * 0.999 <= one.close[at]) & (one.close[at] <= high * 1.001)
        assert within.mean() > 0.997, (
            one.listing.code
        )  # Ether's source has seven closes outside their own bar
        assert np.abs(np.log(opening / one.close[at])).max() < 0.62, one.listing.code
        assert np.log(high / low).max() < 0.7, one.listing.code


def test_that_every_code_says_what_it_stands_for() -> None:
    assert all(one.listing.stands_for and one.listing.name for one in bundled_closes())


def test_that_the_bundle_stays_small_and_names_its_licences() -> None:
    folder = assets.path("market")
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 6_000_000
    readme = Path(folder / "README.md").read_text(encoding="utf-8")
    for owner in ("The skfolio developers", "Mario-SO", "QuantConnect", "European Central Bank", "EIA"):
        assert owner in readme
