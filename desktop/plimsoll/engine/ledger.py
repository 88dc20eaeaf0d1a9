"""What the book is worth: local value a currency, its conversion, and NAV followed tick by tick.

NAV = Σ cash·fx + Σ_funded q·m·P·fx + Σ_unfunded q·m·(P − P̄)·fx (SEMANTICS, Money), kept as Σ_c A_c·fx_c
with A_c the value in each currency, so that one tick moves one A_c or one fx_c.
"""

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.engine.mark_board import MarkPath
from plimsoll.engine.universe import Leg, Universe, numbers_of

FloatArray = NDArray[np.float64]


class Ledger:
    """Quantities, costs and cash as arrays; one owner, the risk thread.

    Attributes
    ----------
    quantity, multiplier, average_price : ndarray, shape (n,)
        Of each instrument of the universe; quantity 0 for one that only converts.
    is_funded : ndarray of bool, shape (n,)
        Whether the whole price was paid.
    currency_of : ndarray of int64, shape (n,)
        Each instrument's currency number.
    cash : ndarray, shape (n_currencies,)
        Cash lines.
    local : ndarray, shape (n_currencies,)
        A_c: cash and the value of priced positions, in each currency.
    fx : ndarray, shape (n_currencies,)
        Base money per unit; NaN while there is no rate.
    """

    def __init__(self, universe: Universe, book: Book) -> None:
        n, n_currencies = len(universe.instruments), len(universe.currencies)
        self._routes = universe.routes
        self._number = numbers_of(universe.codes)
        self.currency_of: NDArray[np.int64] = np.array(universe.currency_of, dtype=np.int64)
        self.multiplier: FloatArray = np.array([item.multiplier for item in universe.instruments])
        self.is_funded = np.array([item.is_funded for item in universe.instruments], dtype=np.bool_)
        self.quantity: FloatArray = np.zeros(n)
        self.average_price: FloatArray = np.full(n, np.nan)
        self.cash: FloatArray = np.zeros(n_currencies)
        self.local: FloatArray = np.zeros(n_currencies)
        self.fx: FloatArray = np.full(n_currencies, np.nan)
        self._size: FloatArray = np.zeros(n)
        self._owed: FloatArray = np.zeros(n)
        self._has_none: NDArray[np.bool_] = np.ones(n, dtype=np.bool_)
        self.hold(universe, book)

    def hold(self, universe: Universe, book: Book) -> None:
        """Take the quantities, costs and cash of `book`."""
        for position in book.positions:
            number = self._number[position.code]
            self.quantity[number] = float(position.quantity)
            average = position.average_price
            self.average_price[number] = np.nan if average is None else float(average)
        for number, currency in enumerate(universe.currencies):
            self.cash[number] = float(book.cash_in(currency))
        self._size = self.quantity * self.multiplier
        # Of the price nothing is owed if funded, the entry price if unfunded.
        self._owed = np.where(self.is_funded, 0.0, self.average_price)
        self._has_none = self.quantity == 0

    def split(self, number: int, price_factor: float) -> None:
        """Take a split: one piece is now worth `price_factor` of what it was, and there are so many more."""
        self.quantity[number] /= price_factor
        self.average_price[number] *= price_factor
        self._size = self.quantity * self.multiplier
        self._owed = np.where(self.is_funded, 0.0, self.average_price)

    def revalue(self, mark: FloatArray) -> None:
        """Work out every A_c and fx_c anew from the marks, shape (n,)."""
        self.local = self.local_at(mark)
        self.fx = self.rates_at(mark)

    def local_at(self, mark: FloatArray) -> FloatArray:
        """Return A_c at given prices, shape (n_currencies,); an unpriced position adds nothing."""
        worth = self._size * (mark - self._owed)
        known = np.where(np.isfinite(worth) & ~self._has_none, worth, 0.0)
        return self.cash + np.bincount(self.currency_of, weights=known, minlength=len(self.cash))

    def rates_at(self, mark: FloatArray) -> FloatArray:
        """Return base money per unit of each currency at given prices, NaN where there is no rate."""
        return np.array([_rate(route, mark) for route in self._routes])

    def exposure(self, mark: FloatArray) -> FloatArray:
        """Return q·m·P·fx of every instrument, shape (n,); NaN where it cannot be priced."""
        return self._size * mark * self.fx[self.currency_of]

    def net_worth(self, mark: FloatArray) -> FloatArray:
        """Return what each position adds to NAV, in base money, shape (n,).

        NaN where it cannot be priced; nothing held is worth 0 at any price.
        """
        worth = self._size * (mark - self._owed) * self.fx[self.currency_of]
        return np.where(self._has_none, 0.0, worth)

    def unrealised(self, mark: FloatArray) -> FloatArray:
        """Return q·m·(P − P̄)·fx, shape (n,)."""
        return self._size * (mark - self.average_price) * self.fx[self.currency_of]

    def nav(self) -> float:
        """Return NAV over the currencies that have a rate; the base currency always has one."""
        known = np.isfinite(self.fx)
        return float(self.local[known] @ self.fx[known])

    def follow(self, path: MarkPath, mark: FloatArray) -> FloatArray:
        """Take a batch's mark path and return NAV after every tick, shape (n_ticks,).

        Every instrument of the batch must have had a mark before it (the engine first gives a newly priced
        one its first price as an entry into the book, not as a profit).
        """
        moved = self._size[path.instrument] * (path.after - path.before)
        change = np.where(np.isnan(moved), 0.0, moved)
        currency = self.currency_of[path.instrument]
        nav = np.zeros(len(change))
        for number, route in enumerate(self._routes):
            if route is None:
                continue
            here = currency == number
            local = self.local[number] + np.cumsum(np.where(here, change, 0.0)) if here.any() else None
            rate = self._rate_path(route, path, number)
            worth = (self.local[number] if local is None else local) * rate
            nav += np.where(np.isnan(worth), 0.0, worth)
        self.revalue(mark)
        return nav

    def _rate_path(self, route: tuple[Leg, ...], path: MarkPath, number: int) -> FloatArray | float:
        if not any(leg in path.touched for leg, _ in route):
            return float(self.fx[number])
        rate = np.full(len(path.instrument), self.fx[number])
        for leg, power in route:
            ticks = np.flatnonzero(path.instrument == leg)
            if len(ticks):
                ratio = (path.after[ticks] / path.before[ticks[0]]) ** power
                steps = np.concatenate(([1.0], ratio))
                rate *= steps[np.searchsorted(ticks, np.arange(len(rate)), side="right")]
        return rate


def _rate(route: tuple[Leg, ...] | None, mark: FloatArray) -> float:
    if route is None:
        return float("nan")
    rate = 1.0
    for leg, power in route:
        price = float(mark[leg])
        if not price > 0.0:
            return float("nan")
        rate *= price**power
    return rate
