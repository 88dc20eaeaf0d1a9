"""The instruments the engine follows, numbered once: those held first, then those that convert money."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from plimsoll.domain.book import Book
from plimsoll.domain.errors import UnknownInstrument
from plimsoll.domain.instrument import Instrument

Leg = tuple[int, int]
"""An instrument's number and the power (+1 or −1) its price enters a rate with."""


@dataclass(frozen=True, slots=True)
class Universe:
    """Instruments and currencies by number.

    Attributes
    ----------
    instruments : tuple of Instrument
        Held ones in the book's order, then the pairs that conversion needs.
    n_held : int
        How many of them are positions.
    currencies : tuple of str
        The base currency first.
    currency_of : tuple of int
        The currency number of each instrument's price.
    routes : tuple of (tuple of Leg or None)
        How each currency becomes base money: no legs for the base currency itself, None where there is no
        way; a missing rate is never 1.0.
    """

    instruments: tuple[Instrument, ...]
    n_held: int
    currencies: tuple[str, ...]
    currency_of: tuple[int, ...]
    routes: tuple[tuple[Leg, ...] | None, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Every instrument's code, by number."""
        return tuple(instrument.code for instrument in self.instruments)


@lru_cache(maxsize=4)
def numbers_of(codes: tuple[str, ...]) -> Mapping[str, int]:
    """Return the place of each code: one table for all who ask, since 10 000 codes take a megabyte."""
    return {code: number for number, code in enumerate(codes)}


def universe_of(book: Book, master: Mapping[str, Instrument], also: Iterable[str] = ()) -> Universe:
    """Return the universe a book needs.

    Parameters
    ----------
    book : Book
        Its positions come first, in their order.
    master : Mapping
        Every instrument described, by code.
    also : iterable of str
        Codes that may come to be held: followed as flat positions are.

    Raises
    ------
    UnknownInstrument
        If a code is not in the master.
    """
    held = []
    for code in dict.fromkeys([*(position.code for position in book.positions), *also]):
        if code not in master:
            raise UnknownInstrument(code)
        held.append(master[code])
    currencies = [book.base_currency]
    for currency in (*(line.currency for line in book.cash), *(item.currency for item in held)):
        if currency not in currencies:
            currencies.append(currency)
    pairs = _pairs(master)
    instruments = list(held)
    routes: list[tuple[Leg, ...] | None] = []
    for currency in currencies:
        path = _path(currency, book.base_currency, pairs)
        routes.append(None if path is None else tuple(_leg(step, instruments) for step in path))
    # The quote currency of a converting pair needs no number of its own: only its rate is used.
    currency_of = tuple(_number(item.currency, currencies) for item in instruments)
    while len(routes) < len(currencies):
        path = _path(currencies[len(routes)], book.base_currency, pairs)
        routes.append(None if path is None else tuple(_leg(step, instruments) for step in path))
    return Universe(tuple(instruments), len(held), tuple(currencies), currency_of, tuple(routes))


_Step = tuple[Instrument, int]


def _pairs(master: Mapping[str, Instrument]) -> dict[tuple[str, str], _Step]:
    """Return, for each (from, to), the pair and the power that converts."""
    pairs: dict[tuple[str, str], _Step] = {}
    for instrument in master.values():
        if instrument.currency_pair is None:
            continue
        bought, paid = instrument.currency_pair
        pairs[(bought, paid)] = (instrument, 1)
        pairs.setdefault((paid, bought), (instrument, -1))
    return pairs


def _path(currency: str, base: str, pairs: Mapping[tuple[str, str], _Step]) -> tuple[_Step, ...] | None:
    """Return the pairs from `currency` to `base`: none, one, or two by way of USD or any third currency."""
    if currency == base:
        return ()
    if (currency, base) in pairs:
        return (pairs[(currency, base)],)
    middles = ["USD", *sorted({to for source, to in pairs if source == currency})]
    for middle in middles:
        if (currency, middle) in pairs and (middle, base) in pairs:
            return (pairs[(currency, middle)], pairs[(middle, base)])
    return None


def _leg(step: _Step, instruments: list[Instrument]) -> Leg:
    instrument, power = step
    if instrument not in instruments:
        instruments.append(instrument)
    return instruments.index(instrument), power


def _number(currency: str, currencies: list[str]) -> int:
    if currency not in currencies:
        currencies.append(currency)
    return currencies.index(currency)
