"""What a broker asks of each kind of position, as far as that is a table of rates."""

from dataclasses import dataclass, replace
from typing import Final

from plimsoll.domain.instrument import AssetClass

BUILT_IN: Final = "built in"

MAJOR_CURRENCIES: Final = frozenset(
    {"USD", "EUR", "GBP", "CHF", "CAD", "JPY", "AUD", "NZD", "SEK", "NOK", "DKK"}
)
"""The currencies for which the NFA asks 2 %, all others 5 % (NFA Financial Requirements, section 12)."""


@dataclass(frozen=True, slots=True)
class MarginRates:
    """The rates by which margin is estimated; each default names its source.

    Attributes
    ----------
    source : str
        Where they come from: a file's name, or BUILT_IN.
    share_initial, share_long, share_short : float
        Shares and ETFs paid in full, as fractions of value: to open either side, to keep a long, to keep a
        short (Regulation T, 12 CFR 220.12; FINRA Rule 4210(c)).
    short_least_usd : float
        What a short in dollars asks a share at least (FINRA Rule 4210(c)(3)); a share cheaper than that asks
        its whole value or half of this (4210(c)(2)). 0 for no such rule.
    scan_share, scan_etf, scan_index : float
        How far up and down the portfolio-margin scan moves each, as fractions of the price (FINRA Rule
        4210(g): shares and narrow indices 15 %, broad indices 10 %).
    fx_major_leverage, fx_minor_leverage : float
        Between two of `majors`, and with another currency (NFA Financial Requirements, section 12).
    majors : frozenset of str
        Those currencies.
    index_leverage, commodity_leverage, share_leverage, gold_leverage : float
        CFDs (ESMA, Decision (EU) 2018/796: major indices and gold 20:1, commodities 10:1, shares 5:1).
    coin_bounds_usd : tuple of float
        Exposure in dollars up to which each tier reaches, for coins sold short or not paid in full: rising,
        the last infinite. A cautious table of ours, for none is common.
    coin_fractions : tuple of float
        What each slice asks.
    """

    source: str = BUILT_IN
    share_initial: float = 0.50
    share_long: float = 0.25
    share_short: float = 0.30
    short_least_usd: float = 5.0
    scan_share: float = 0.15
    scan_etf: float = 0.15
    scan_index: float = 0.10
    fx_major_leverage: float = 50.0
    fx_minor_leverage: float = 20.0
    majors: frozenset[str] = MAJOR_CURRENCIES
    index_leverage: float = 20.0
    commodity_leverage: float = 10.0
    share_leverage: float = 5.0
    gold_leverage: float = 20.0
    coin_bounds_usd: tuple[float, ...] = (50e3, 250e3, 1e6, 5e6, 20e6, float("inf"))
    coin_fractions: tuple[float, ...] = (0.01, 0.025, 0.05, 0.10, 0.25, 0.50)

    @property
    def is_built_in(self) -> bool:
        """Whether no file says them."""
        return self.source == BUILT_IN

    def cfd_leverage(self, asset_class: AssetClass) -> float:
        """Return how much exposure to a class one unit of margin carries; gold apart."""
        if asset_class is AssetClass.INDEX:
            return self.index_leverage
        return self.commodity_leverage if asset_class is AssetClass.COMMODITY else self.share_leverage

    def scan_fraction(self, asset_class: AssetClass) -> float | None:
        """Return how far the scan moves a class either way; None where it is not scanned."""
        return {
            AssetClass.EQUITY: self.scan_share,
            AssetClass.ETF: self.scan_etf,
            AssetClass.INDEX: self.scan_index,
        }.get(asset_class)

    def asks_as(self, other: "MarginRates") -> bool:
        """Tell whether these ask the same, wherever they come from."""
        return replace(self, source=other.source) == other


STANDARD_RATES: Final = MarginRates()
"""What the program comes with."""
