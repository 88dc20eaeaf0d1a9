"""What one code is to the market: its path, its price format, its book."""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

Group = Literal["stock", "other"]

COMMODITIES = {
    "GOLD": "metal",
    "Silver": "metal",
    "Platinum": "metal",
    "Palladium": "metal",
    "COPPER": "metal",
    "Aluminum": "metal",
    "Nickel": "metal",
    "Lead": "metal",
    "Zinc": "metal",
    "UKOIL": "energy",
    "USOIL": "energy",
    "NGAS": "energy",
}
CFD_INDICES = frozenset(
    "CHA50 EUSTX50 ND25 SMI TWRIC SG20 ESP35 AUS200 NAS100 FRA40 GER30 US500 US30 UK100 HK50 JPN225".split()  # noqa: SIM905  reads as the protocol's row
)
#: Names users send that AllTick's own lists do not have (section 7, row 21).
ALIASES = {"XAUUSD": "GOLD", "XAGUSD": "Silver", "SILVER": "Silver", "XTIUSD": "USOIL", "XBRUSD": "UKOIL"}
#: Symbols of public data sets, each with the code it is served under.
STAND_INS = {
    "WTI": "USOIL",
    "BRENT": "UKOIL",
    "NATGAS": "NGAS",
    "XAUUSD": "GOLD",
    "BTCUSD": "BTCUSDT",
    "ETHUSD": "ETHUSDT",
    "SPX": "US500",
    "USDCNY": "USDCNH",
    "VIX": ".VIX.US",
}
_STOCK_SUFFIXES = (".US", ".HK", ".SH", ".SZ")
_CURRENCY_BY_SUFFIX = {"US": "USD", "HK": "HKD", "SH": "CNY", "SZ": "CNY"}


@dataclass(frozen=True, slots=True)
class Habit:
    """How one asset class trades: what the simulation and the price format take from it."""

    n_levels: int
    decimals: int
    volume_decimals: int
    spread_fraction: float
    typical_size: float
    daily_volume: float
    market_loading: float


# Levels: protocol 5.2. Decimals: the samples of 2.4 and 4. Spreads and sizes are orders of magnitude of
# liquid instruments; the loading is the correlation of a code's noise with the whole market's.
HABITS = {
    "share": Habit(1, 6, 0, 2e-4, 150.0, 8e6, 0.65),
    "market_index": Habit(1, 6, 0, 5e-4, 1.0, 0.0, -0.7),
    "hk_share": Habit(10, 6, 0, 8e-4, 1_000.0, 2e7, 0.4),
    "a_share": Habit(5, 6, 0, 6e-4, 500.0, 3e7, 0.3),
    "fx": Habit(1, 5, 2, 8e-5, 100_000.0, 0.0, 0.15),
    "metal": Habit(1, 2, 2, 1.5e-4, 8.0, 2e5, -0.1),
    "energy": Habit(1, 3, 2, 4e-4, 10.0, 4e5, 0.4),
    "cfd_index": Habit(1, 2, 0, 1.5e-4, 1.0, 0.0, 0.95),
    "crypto": Habit(5, 2, 8, 1e-4, 0.05, 5e4, 0.35),
}


@dataclass(frozen=True, slots=True)
class Listing:
    """One code as the server trades it."""

    code: str
    asset_class: str
    currency: str
    name: str = ""
    exchange: str = ""
    stands_for: str = ""
    decimals: int = 2
    # Stocks' tick_time has the form of ms but counts whole seconds (2.6).
    whole_seconds: bool = False

    @property
    def habit(self) -> Habit:
        """Say how its asset class trades."""
        return HABITS[self.asset_class]

    @property
    def group(self) -> Group:
        """Say which of the two websocket paths and REST bases serves it."""
        return "stock" if self.code.endswith(_STOCK_SUFFIXES) else "other"

    @property
    def is_graded(self) -> bool:
        """Say whether its price steps depend on its price, as a share's and a coin's do."""
        return self.group == "stock" or self.asset_class == "crypto"

    @property
    def is_fx(self) -> bool:
        """Say whether volume, turnover and direction mean nothing."""
        return self.asset_class == "fx"

    @property
    def is_one_way(self) -> bool:
        """Say whether `trade_direction` is a constant (2.4: forex, metals, energy)."""
        return self.asset_class in {"fx", "metal", "energy"}

    def text(self, price: float) -> str:
        """Write a price with the usual zeros, or with more digits where those are needed to be exact."""
        usual = f"{price:.{self.decimals}f}"
        return usual if float(usual) == price else np.format_float_positional(price, unique=True)


def listing(code: str, *, name: str = "", exchange: str = "", stands_for: str = "") -> Listing:
    """Return a listing whose asset class, currency and format follow from the spelling of the code."""
    asset_class = asset_class_of(code)
    decimals = HABITS[asset_class].decimals
    stem, _, suffix = code.rpartition(".")
    currency = "USD"
    if asset_class == "fx":
        currency = code[3:]
        decimals = 3 if currency in {"JPY", "THB", "RUB", "TWD"} else 5
    elif asset_class == "crypto":
        currency = "USDT"
    elif stem:
        currency = _CURRENCY_BY_SUFFIX.get(suffix, "USD")
    whole_seconds = code.endswith(_STOCK_SUFFIXES)
    return Listing(code, asset_class, currency, name, exchange, stands_for, decimals, whole_seconds)


def asset_class_of(code: str) -> str:
    """Return the key of `HABITS` that the spelling of an AllTick code implies."""
    if code.startswith("."):
        return "market_index"
    if code.endswith(_STOCK_SUFFIXES):
        return {"US": "share", "HK": "hk_share"}.get(code.rpartition(".")[2], "a_share")
    if code in COMMODITIES:
        return COMMODITIES[code]
    if code in CFD_INDICES:
        return "cfd_index"
    if re.fullmatch(r"X(AG|AU)[A-Z]{3}", code):
        return "metal"
    return "fx" if re.fullmatch(r"[A-Z]{6}", code) else "crypto" if code.endswith("USDT") else "cfd_index"


def code_from_symbol(symbol: str) -> str:
    """Return the AllTick code a public data set's symbol is served under.

    Examples
    --------
    >>> [code_from_symbol(s) for s in ("AAPL", "0700.HK", "WTI", "EURUSD", "BRK.B", "Silver")]
    ['AAPL.US', '700.HK', 'USOIL', 'EURUSD', 'BRK.B.US', 'Silver']
    """
    if symbol in STAND_INS:
        return STAND_INS[symbol]
    if symbol in COMMODITIES or symbol in CFD_INDICES or symbol.startswith("."):
        return symbol
    if re.fullmatch(r"0*\d+\.HK", symbol):
        return symbol.lstrip("0")
    if symbol.endswith(_STOCK_SUFFIXES) or symbol.endswith("USDT") or re.fullmatch(r"[A-Z]{6}", symbol):
        return symbol
    return f"{symbol}.US" if re.fullmatch(r"[A-Z]{1,5}([.p][A-Z]{1,2})?", symbol) else symbol
