"""When each market is open: sessions by venue in exchange time, holidays and early closes included."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from plimsoll.domain.instrument import AssetClass, Instrument

_NEVER_NS = 2**62
_BASE_METALS = frozenset({"COPPER", "Aluminum", "Nickel", "Lead", "Zinc"})
_METAL_PREFIXES = ("XAU", "XAG", "XPT", "XPD")


class Venue(StrEnum):
    """A set of trading hours that several instruments share."""

    US_STOCK = "us_stock"
    HONG_KONG_STOCK = "hong_kong_stock"
    CHINA_STOCK = "china_stock"
    FX = "fx"
    COMMODITY = "commodity"
    BRENT = "brent"
    BASE_METAL = "base_metal"
    INDEX_CFD = "index_cfd"
    AUSTRALIA_CFD = "australia_cfd"
    ALWAYS = "always"


_STOCK_VENUE = {
    "US": Venue.US_STOCK,
    "HK": Venue.HONG_KONG_STOCK,
    "SH": Venue.CHINA_STOCK,
    "SZ": Venue.CHINA_STOCK,
}


def venue_of(instrument: Instrument) -> Venue:
    """Return whose hours an instrument keeps: by its code's suffix, else by AllTick's lists.

    Examples
    --------
    >>> from plimsoll.domain.instrument import AssetClass, Settlement
    >>> venue_of(Instrument("700.HK", "Tencent", AssetClass.EQUITY, "HKD", Settlement.FUNDED))
    <Venue.HONG_KONG_STOCK: 'hong_kong_stock'>
    """
    code = instrument.code
    _, dot, suffix = code.rpartition(".")
    if dot and suffix in _STOCK_VENUE:
        return _STOCK_VENUE[suffix]
    if instrument.asset_class is AssetClass.INDEX:
        return Venue.AUSTRALIA_CFD if code == "AUS200" else Venue.INDEX_CFD
    if code.startswith(_METAL_PREFIXES):
        return Venue.COMMODITY
    if instrument.asset_class is AssetClass.COMMODITY:
        if code in _BASE_METALS:
            return Venue.BASE_METAL
        return Venue.BRENT if code == "UKOIL" else Venue.COMMODITY
    return Venue.FX if instrument.asset_class is AssetClass.FX else Venue.ALWAYS


@dataclass(frozen=True, slots=True)
class VenueSessions:
    """The sessions of one venue within a range that is known.

    Attributes
    ----------
    opens_ns, closes_ns : tuple of int
        Ascending, as long as each other; a session is [open, close). A lunch break ends one session and
        begins another.
    known_from_ns, known_until_ns : int
        Outside [from, until) nothing is known.
    """

    opens_ns: tuple[int, ...]
    closes_ns: tuple[int, ...]
    known_from_ns: int
    known_until_ns: int

    def __post_init__(self) -> None:
        flat = [edge for pair in zip(self.opens_ns, self.closes_ns, strict=True) for edge in pair]
        if any(later < earlier for earlier, later in pairwise(flat)):
            raise ValueError("sessions overlapped or ran back, expected each to open after the last close")

    def is_closed(self, exchange_ns: int) -> bool:
        """Tell whether the market is known to be closed at an instant."""
        if not self.known_from_ns <= exchange_ns < self.known_until_ns:
            return False
        place = bisect_right(self.opens_ns, exchange_ns) - 1
        return place < 0 or exchange_ns >= self.closes_ns[place]

    def next_change_ns(self, exchange_ns: int) -> int:
        """Return the first instant after `exchange_ns` at which the answer of `is_closed` may change."""
        columns = (self.opens_ns, self.closes_ns, (self.known_from_ns, self.known_until_ns))
        coming = [(column, bisect_right(column, exchange_ns)) for column in columns]
        return min((column[place] for column, place in coming if place < len(column)), default=_NEVER_NS)


@dataclass(frozen=True, slots=True)
class SessionTable:
    """The sessions of every venue; made once, handed over between threads.

    Attributes
    ----------
    by_venue : mapping of Venue to VenueSessions
        A venue that is not in it counts as open always: silence there is stale, as without any table.
    """

    by_venue: Mapping[Venue, VenueSessions] = field(default_factory=dict)

    def is_open(self, venue: Venue, exchange_ns: int) -> bool:
        """Tell whether a market is open; where nothing is known it counts as open: silence is told."""
        sessions = self.by_venue.get(venue)
        return sessions is None or not sessions.is_closed(exchange_ns)

    def next_change_ns(self, exchange_ns: int) -> int:
        """Return the first instant after `exchange_ns` at which any venue opens or closes."""
        changes = (each.next_change_ns(exchange_ns) for each in self.by_venue.values())
        return min(changes, default=_NEVER_NS)
