"""Make resources/market from the shared data, taking only what its README allows to be bundled.

Run as `python packaging/make_market_data.py /path/to/shared/data`; two runs write the same bytes.
"""

import csv
import gzip
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

BUNDLE = Path(__file__).resolve().parents[1] / "resources" / "market"
SHARES_FROM = "1990-01-02"  # before it the series come from a GPL package
NASDAQ = {"AAPL", "AMD", "MSFT", "PEP"}
SHARES = (
    "AAPL AMD BAC BBY CVX GE HD JNJ JPM KO LLY MRK MSFT PEP PFE PG RRC UNH WMT XOM".split()  # noqa: SIM905  reads as the README's list
)
FX = "EURUSD GBPUSD AUDUSD NZDUSD USDJPY USDCHF USDCAD USDHKD USDSGD EURGBP EURJPY EURCHF USDCNY".split()  # noqa: SIM905
CODE_BY_SYMBOL = {
    "WTI": "USOIL",
    "BRENT": "UKOIL",
    "NATGAS": "NGAS",
    "GOLD": "GOLD",
    "BTCUSD": "BTCUSDT",
    "ETHUSD": "ETHUSDT",
    "SPX": "US500",
    "USDCNY": "USDCNH",
    "VIX": ".VIX.US",
    "SPY": "SPY.US",
    "IBM": "IBM.US",
}
STANDS_FOR = {
    "WTI": "WTI crude, Cushing spot (EIA)",
    "BRENT": "Brent crude, Europe spot (EIA)",
    "NATGAS": "Henry Hub natural gas spot (EIA)",
    "GOLD": "COMEX gold front future",
    "BTCUSD": "BTC/USD, daily close",
    "ETHUSD": "ETH/USD, daily close",
    "SPX": "S&P 500 index, closing level",
    "VIX": "CBOE Volatility Index, closing level; an index, not tradable, and not on AllTick's list",
    "USDCNY": "USD/CNY onshore from ECB fixings",
    "SPY": "SPY adjusted with Lean's factors",
    "IBM": "IBM adjusted with Lean's factors",
}
ASSET_CLASS = {"GOLD": "metal", "WTI": "energy", "BRENT": "energy", "NATGAS": "energy"} | {
    "BTCUSD": "crypto",
    "ETHUSD": "crypto",
    "SPX": "cfd_index",
    "VIX": "market_index",
    "SPY": "share",
    "IBM": "share",
}
TICK_FILES = (
    "us_equity_trades_2013-10-07_08.csv.gz",
    "us_equity_quotes_2013-10-07_08.csv.gz",
    "fx_gold_quotes_2014-05-01_02.csv.gz",
)

Series = dict[str, tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]]


class Ohlcv(NamedTuple):
    """Daily bars of one symbol, as published."""

    day: npt.NDArray[np.int32]
    bars: npt.NDArray[np.float64]  # (n_days, 5): open, high, low, close, volume


def day_number(text: str) -> int:
    """Days since 1970-01-01 of an ISO date."""
    return int(np.datetime64(text, "D").astype(np.int64))


def closes(folder: Path, name: str, symbols: list[str], since: str = "") -> Series:
    """Read the wanted symbols of a `date,symbol,close` file."""
    rows: dict[str, list[tuple[int, float]]] = {symbol: [] for symbol in symbols}
    with gzip.open(folder / name, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["symbol"] in rows and row["date"] >= since:
                rows[row["symbol"]].append((day_number(row["date"]), float(row["close"])))
    return {
        symbol: (np.array([d for d, _ in r], np.int32), np.array([c for _, c in r], np.float64))
        for symbol, r in rows.items()
    }


def ohlcv(folder: Path) -> dict[str, Ohlcv]:
    """Read all daily bars."""
    rows: dict[str, list[tuple[float, ...]]] = {}
    with gzip.open(folder / "daily_ohlcv.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            fields = [float(row[name]) for name in ("open", "high", "low", "close", "volume")]
            rows.setdefault(row["symbol"], []).append((day_number(row["date"]), *fields))
    tables = {symbol: np.array(r, np.float64) for symbol, r in rows.items()}
    return {symbol: Ohlcv(table[:, 0].astype(np.int32), table[:, 1:]) for symbol, table in tables.items()}


def factors(folder: Path, symbol: str, day: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """Return (n_days, 2): price and split factor of each day; a row holds up to and including its date."""
    with (folder / "corporate_actions_factors.csv").open(encoding="utf-8", newline="") as file:
        rows = sorted(
            (day_number(r["date"]), float(r["price_factor"]), float(r["split_factor"]))
            for r in csv.DictReader(file)
            if r["symbol"] == symbol
        )
    table = np.array(rows)
    at = np.minimum(np.searchsorted(table[:, 0], day), len(table) - 1)
    found: npt.NDArray[np.float64] = table[at, 1:]
    return found


def adjusted(folder: Path, published: dict[str, Ohlcv], series: Series) -> dict[str, Ohlcv]:
    """Put raw bars on the scale of the closes; volume is in today's shares."""
    bars: dict[str, Ohlcv] = {}
    for symbol, (day, table) in published.items():
        own = table.copy()
        if symbol in ASSET_CLASS and ASSET_CLASS[symbol] == "crypto":
            own[:, 4] /= own[:, 3]  # published in USD; AllTick counts coins
            bars[symbol] = Ohlcv(day, own)
            continue
        factor = factors(folder, symbol, day)
        if symbol not in series:
            # Rounded as the other adjusted series are published, to eight significant digits.
            close = np.array([float(f"{c:.8g}") for c in own[:, 3] * factor[:, 0] * factor[:, 1]])
            series[symbol] = (day, close)
        share_day, close = series[symbol]
        _, at, of = np.intersect1d(day, share_day, return_indices=True)
        ratio = close[of] / own[at, 3]
        own = own[at]
        own[:, :3] *= ratio[:, None]
        own[:, 3] = close[of]
        own[:, 4] /= factor[at, 1]
        bars[symbol] = Ohlcv(day[at], own)
    return bars


def believable(bars: Ohlcv) -> Ohlcv:
    """Drop bars their source misprints, such as AAPL's low of a tenth of its price on 2009-09-21."""
    opening, high, low, close = bars.bars[:, :4].T
    is_low_true = low > 0.6 * np.minimum(opening, close)
    is_high_true = high < np.maximum(opening, close) / 0.6
    # Ether truly fell by 55 log per cent on 2020-03-12; IBM did not open at twice its close on 2002-12-23.
    is_open_true = np.abs(np.log(opening / close)) < 0.62
    keep = is_low_true & is_high_true & is_open_true
    return Ohlcv(bars.day[keep], bars.bars[keep])


def write_npz(path: Path, **arrays: npt.NDArray[np.generic]) -> None:
    """Write compressed arrays with fixed dates, so that two runs give the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=9
            )


def code_of(symbol: str) -> str:
    """AllTick's code a symbol is served under."""
    return CODE_BY_SYMBOL.get(symbol) or (f"{symbol}.US" if symbol in SHARES else symbol)


def write_codes(folder: Path, symbols: list[str]) -> None:
    """Write what each code is and stands for."""
    with (folder / "symbols.csv").open(encoding="utf-8", newline="") as file:
        known = {row["symbol"]: row for row in csv.DictReader(file)}
    with (BUNDLE / "codes.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["code", "symbol", "name", "asset_class", "currency", "exchange", "stands_for"])
        for symbol in sorted(symbols, key=code_of):
            row = known[symbol]
            asset_class = ASSET_CLASS.get(symbol, "share" if symbol in SHARES else "fx")
            exchange = ("NASD" if symbol in NASDAQ else "NYSE") if asset_class == "share" else ""
            exchange = "AMEX" if symbol == "SPY" else exchange
            default = "adjusted close" if asset_class == "share" else "ECB reference rate (14:15 CET fixing)"
            currency = "USDT" if asset_class == "crypto" else row["quote_currency"]
            stands_for = STANDS_FOR.get(symbol, f"{symbol} {default}")
            out.writerow([code_of(symbol), symbol, row["name"], asset_class, currency, exchange, stands_for])


def main(folder: Path) -> None:
    """Write the whole bundle."""
    (BUNDLE / "ticks").mkdir(parents=True, exist_ok=True)
    series = closes(folder, "daily_equities_us.csv.gz", SHARES, SHARES_FROM)
    series |= closes(folder, "daily_fx.csv.gz", FX)
    series |= closes(folder, "daily_commodities.csv.gz", ["WTI", "BRENT", "NATGAS", "GOLD"])
    series |= closes(folder, "daily_indices.csv.gz", ["SPX", "VIX"])
    series |= closes(folder, "daily_crypto.csv.gz", ["BTCUSD", "ETHUSD"])
    published = adjusted(folder, ohlcv(folder), series)
    bars = {symbol: believable(one) for symbol, one in published.items()}

    symbols = sorted(series, key=code_of)
    write_npz(
        BUNDLE / "closes.npz",
        code=np.array([code_of(s) for s in symbols]),
        n_days=np.array([len(series[s][0]) for s in symbols], np.int32),
        day=np.concatenate([series[s][0] for s in symbols]),
        close=np.concatenate([series[s][1] for s in symbols]),
    )
    write_npz(
        BUNDLE / "ohlcv.npz",
        code=np.array([code_of(s) for s in sorted(bars)]),
        n_days=np.array([len(bars[s].day) for s in sorted(bars)], np.int32),
        day=np.concatenate([bars[s].day for s in sorted(bars)]),
        bars=np.concatenate([bars[s].bars[:, [0, 1, 2, 4]] for s in sorted(bars)]).astype(np.float32),
    )
    write_codes(folder, symbols)
    for name in TICK_FILES:
        content = gzip.decompress((folder / "ticks" / name).read_bytes())
        (BUNDLE / "ticks" / name).write_bytes(gzip.compress(content, 9, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
