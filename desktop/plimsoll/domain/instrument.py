"""An instrument: what a code stands for, and how its money counts."""

from dataclasses import dataclass
from enum import StrEnum


class AssetClass(StrEnum):
    """The classes by which exposure is grouped."""

    EQUITY = "equity"
    ETF = "etf"
    INDEX = "index"
    FX = "fx"
    COMMODITY = "commodity"
    CRYPTO = "crypto"


WITHOUT_COUNTRY = frozenset({AssetClass.FX, AssetClass.COMMODITY, AssetClass.CRYPTO})


class Settlement(StrEnum):
    """Whether the whole price was paid, or only the difference is owed."""

    FUNDED = "funded"
    UNFUNDED = "unfunded"


@dataclass(frozen=True, slots=True)
class Instrument:
    """One line of the instrument master.

    Attributes
    ----------
    code : str
        AllTick's spelling, case-sensitive: ``"AAPL.US"``, ``"USDJPY"``, ``"Silver"``.
    name : str
        What a person calls it.
    asset_class : AssetClass
        The class it is grouped under.
    currency : str
        What its price is quoted in; USDJPY: ``"JPY"``.
    settlement : Settlement
        Funded (share, ETF, spot crypto) or unfunded (FX pair, CFD, future).
    sector, country : str or None
        None is *unclassified*: listed by name, never pooled into a bucket.
    multiplier : float
        Money per unit of price and quantity.
    lot : float
        Smallest step of quantity.
    may_be_negative : bool
        Whether a price below zero is a price (WTI, gas, power, rates); then its scenarios are price changes.
    stale_after_s : float
        Seconds of silence in an open market after which its price is stale.
    fixed_price : float or None
        A price by decree instead of by feed: how USDT counts as USD, shown as a proxy.
    stands_for : str
        What real series this code is shown by in a demo; empty for the thing itself.
    tags : tuple of str
        The trader's own groups, e.g. ``("core", "china")``; limits may be scoped by them.
    proxy : str
        Code of the series that stands in for missing history; empty for none.
    margin_class : str
        Which margin rule it falls under; empty for the one of its asset class.
    exchange : str
        Where it trades, as a calendar knows it; empty where nobody said.
    """

    code: str
    name: str
    asset_class: AssetClass
    currency: str
    settlement: Settlement
    sector: str | None = None
    country: str | None = None
    multiplier: float = 1.0
    lot: float = 1.0
    may_be_negative: bool = False
    stale_after_s: float = 15.0
    fixed_price: float | None = None
    stands_for: str = ""
    tags: tuple[str, ...] = ()
    proxy: str = ""
    margin_class: str = ""
    exchange: str = ""

    @property
    def is_funded(self) -> bool:
        """Whether the whole price was paid."""
        return self.settlement is Settlement.FUNDED

    @property
    def unclassified(self) -> tuple[str, ...]:
        """What nobody said of it, among sector and country; a commodity or a coin belongs to no country."""
        lacks_country = self.country is None and self.asset_class not in WITHOUT_COUNTRY
        return ("sector",) * (self.sector is None) + ("country",) * lacks_country

    @property
    def currency_pair(self) -> tuple[str, str] | None:
        """The (bought, paid) currencies of an FX code: EURUSD → ("EUR", "USD"); None for anything else."""
        if self.asset_class is not AssetClass.FX or not self.code.endswith(self.currency):
            return None
        bought = self.code.removesuffix(self.currency)
        return (bought, self.currency) if bought else None


def is_stock_code(code: str) -> bool:
    """Tell whether AllTick serves `code` on its stock connection (.US .HK .SH .SZ) or on the other one."""
    return code.rsplit(".", maxsplit=1)[-1] in {"US", "HK", "SH", "SZ"} and "." in code
