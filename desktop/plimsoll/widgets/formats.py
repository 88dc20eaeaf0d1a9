"""How every figure is written: minus, separators, unit, and how many digits mean something."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from plimsoll.domain.instrument import AssetClass, Instrument
from plimsoll.domain.limit import Unit
from plimsoll.domain.units import NS_PER_S

MINUS = "\N{MINUS SIGN}"
UNKNOWN = "\N{EM DASH}"
THIN = "\N{NO-BREAK SPACE}"
UP, DOWN = "\N{BLACK UP-POINTING TRIANGLE}", "\N{BLACK DOWN-POINTING TRIANGLE}"
SYMBOLS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "HKD": "HK$",
    "CNY": "CN¥",
    "CHF": "CHF ",
    "INR": "₹",
}
NEW_YORK = ZoneInfo("America/New_York")


def number(value: float, digits: int = 0, *, plus: bool = False) -> str:
    """Return a figure with thousands separators and a true minus; a rounded nought has no sign."""
    if math.isnan(value):
        return UNKNOWN
    written = f"{abs(value):,.{digits}f}"
    if not any(digit in written for digit in "123456789"):
        return written
    sign = MINUS if value < 0 else "+" if plus else ""
    return sign + written


def money(value: float, currency: str, *, digits: int = 0, plus: bool = False) -> str:
    """Return money with its currency before it: −$186,240."""
    written = number(value, digits, plus=plus)
    if written == UNKNOWN:
        return UNKNOWN
    sign = written[0] if written[0] in (MINUS, "+") else ""
    return f"{sign}{SYMBOLS.get(currency, currency + THIN)}{written.removeprefix(sign)}"


def short_money(value: float, currency: str) -> str:
    """Return money for an axis: $24.92M, −$186k."""
    if math.isnan(value):
        return UNKNOWN
    for size, suffix, digits in ((1e9, "B", 2), (1e6, "M", 2), (1e3, "k", 0)):
        if abs(value) >= size:
            return money(value / size, currency, digits=digits) + suffix
    return money(value, currency)


def fraction(value: float, digits: int = 2, *, plus: bool = False) -> str:
    """Return a share as per cent: 0.0175 is 1.75 %."""
    written = number(value * 100.0, digits, plus=plus)
    return written if written == UNKNOWN else f"{written}{THIN}%"


def use(value: float) -> str:
    """Return the use of a limit: 103 %."""
    return fraction(value, 0)


def ratio(value: float) -> str:
    """Return a multiple: 1.83×."""
    written = number(value, 2)
    return written if written == UNKNOWN else f"{written}×"


def in_unit(value: float, unit: Unit, currency: str) -> str:
    """Return a measure in the unit of its limit."""
    match unit:
        case Unit.MONEY:
            return money(value, currency)
        case Unit.FRACTION:
            return fraction(value)
        case Unit.RATIO:
            return ratio(value)
        case Unit.INDEX:
            return number(value, 3)
        case Unit.DAYS | Unit.SECONDS:
            written = number(value, 1)
            return written if written == UNKNOWN else f"{written}{THIN}{'d' if unit is Unit.DAYS else 's'}"
        case Unit.COUNT:
            return number(value)


def price(value: float, instrument: Instrument) -> str:
    """Return a price with the digits its market quotes."""
    if instrument.asset_class is AssetClass.FX:
        return number(value, 5 if abs(value) < 20.0 else 3)
    if abs(value) >= 1.0 or math.isnan(value):
        return number(value, 2)
    return number(value, 4 if abs(value) >= 0.01 else 6)


def quantity(value: float) -> str:
    """Return a quantity: whole where it is whole, else up to four digits that are not noughts."""
    if math.isnan(value) or value == round(value):
        return number(value)
    return number(value, 4).rstrip("0").rstrip(".")


def age(seconds: float) -> str:
    """Return how long ago: 0.4 s, 38 s, 3 min, 2 h."""
    if math.isnan(seconds):
        return UNKNOWN
    if seconds < 9.95:
        return f"{seconds:.1f}{THIN}s"
    if seconds < 99.5:
        return f"{seconds:.0f}{THIN}s"
    if seconds < 5970.0:
        return f"{seconds / 60.0:.0f}{THIN}min"
    return f"{seconds / 3600.0:.0f}{THIN}h"


def arrow(value: float) -> str:
    """Return the direction of a change beside its sign; nothing for none or unknown."""
    if math.isnan(value) or value == 0.0:
        return ""
    return UP if value > 0.0 else DOWN


def instant_utc(time_ns: int) -> str:
    """Return an instant as 2026-11-22 14:32:07 UTC."""
    return f"{datetime.fromtimestamp(time_ns / NS_PER_S, UTC):%Y-%m-%d %H:%M:%S} UTC"


def time_utc(time_ns: int) -> str:
    """Return the time of day in UTC: 14:31:25."""
    return f"{datetime.fromtimestamp(time_ns / NS_PER_S, UTC):%H:%M:%S}"


def market_instant(time_ns: int) -> str:
    """Return an exchange time as New York reads it: Mon 24 Feb 2020 10:32."""
    moment = datetime.fromtimestamp(time_ns / NS_PER_S, NEW_YORK)
    return f"{moment:%a} {moment.day} {moment:%b %Y %H:%M}"


def market_time(time_ns: int) -> str:
    """Return the time of day in New York: 10:32."""
    return f"{datetime.fromtimestamp(time_ns / NS_PER_S, NEW_YORK):%H:%M}"


def count(n: int) -> str:
    """Return a count with separators."""
    return f"{n:,}"
