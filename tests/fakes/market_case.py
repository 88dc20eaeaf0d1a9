"""A book with prices, rates and daily scenarios, as the slow figures of the market are given it."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fakes.trading_desk import MASTER, MIXED, PRICES, book_of
from plimsoll.domain.book import Book
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.engine.book_now import BookNow
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.scenario_vector import ScenarioVector
from plimsoll.engine.scenario_window import PriceWindow, scenario_matrix
from plimsoll.engine.universe import Universe, universe_of

FloatArray = NDArray[np.float64]


def share(number: int) -> Instrument:
    """Return a dollar share of no sector."""
    return Instrument(f"S{number}.US", f"Share {number}", AssetClass.EQUITY, "USD", Settlement.FUNDED)


def share_universe(n: int) -> Universe:
    """Return a universe of dollar shares."""
    return Universe(tuple(share(number) for number in range(n)), n, ("USD",), (0,) * n, ((),))


def closes_from(returns: FloatArray, first: float = 100.0) -> FloatArray:
    """Return prices one day longer than their returns, shape (n_days + 1, n)."""
    return first * np.vstack([np.ones(returns.shape[1]), np.cumprod(1.0 + returns, axis=0)])


def shares_now(
    returns: FloatArray, quantity: list[float], today: list[float] | None = None, nav: float = 1e6
) -> tuple[Universe, BookNow]:
    """Return shares with a history of returns, shape (n_days, n), and today's return so far."""
    universe = share_universe(len(quantity))
    closes = closes_from(returns)
    reference = closes[-1]
    mark = reference * (1.0 + np.array(today or [0.0] * len(quantity)))
    return universe, book_now(universe, closes, np.array(quantity), mark, reference, np.ones(1), nav)


def book_now(
    universe: Universe,
    closes: FloatArray,
    quantity: FloatArray,
    mark: FloatArray,
    reference: FloatArray,
    fx: FloatArray,
    nav: float,
) -> BookNow:
    """Return the book as the engine hands it over, cash without scenarios of its own."""
    matrix = scenario_matrix(PriceWindow(np.arange(len(closes)), closes), universe)
    multiplier = np.array([item.multiplier for item in universe.instruments])
    rate = fx[list(universe.currency_of)]
    per_unit = np.where(matrix.is_absolute, 1.0, mark)
    vector = ScenarioVector(matrix)
    vector.update(
        np.concatenate([quantity * multiplier * per_unit * rate, np.zeros(len(universe.currencies))])
    )
    value = (quantity * multiplier * mark * rate)[: universe.n_held]
    return BookNow(mark, reference, quantity, value, fx, nav, matrix, vector.exposure, vector.pnl)


@dataclass
class MixedCase:
    """The mixed book of `fakes.trading_desk`, marked at its prices, on 300 random days."""

    book: Book = field(default_factory=lambda: book_of(MIXED))
    prices: dict[str, float] = field(default_factory=lambda: dict(PRICES))
    nav: float = 1e6

    def __post_init__(self) -> None:
        self.universe = universe_of(self.book, MASTER)
        items = self.universe.instruments
        self.mark = np.array([self.prices.get(item.code, item.fixed_price or np.nan) for item in items])
        ledger = Ledger(self.universe, self.book)
        ledger.revalue(self.mark)
        returns = np.random.default_rng(5).standard_normal((300, len(items))) * 0.01
        for number, item in enumerate(items):
            if item.fixed_price is not None:
                returns[:, number] = 0.0
        closes = closes_from(returns)
        closes *= self.mark / closes[-1]
        self.now = book_now(
            self.universe, closes, ledger.quantity, self.mark, self.mark.copy(), ledger.fx, self.nav
        )

    def with_marks(self, **prices: float) -> BookNow:
        """Return the book with other marks against the same references; dots in codes written as "_"."""
        mark = self.mark.copy()
        for name, price in prices.items():
            mark[self.universe.codes.index(name.replace("_", "."))] = price
        return replace(self.now, mark=mark)

    def number(self, code: str) -> int:
        """Return an instrument's number."""
        return self.universe.codes.index(code)
