"""How the market moved together of late: what a shock to a part of it says of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.series_part import SeriesPart
from plimsoll.domain.stand_in import StandIn
from plimsoll.domain.study_book import StudyBook

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEAST_DAYS = 100
"""Fewer days make no covariance that a stress may rest on."""


@dataclass(frozen=True, slots=True, eq=False)
class MarketPast:
    """Daily moves of everything held, and of whatever else has a history of its own, on common days.

    Attributes
    ----------
    codes : tuple of str
        The positions in the book's order, then codes that are not held.
    n_held : int
        How many of the codes are positions.
    currencies : tuple of str
        The base currency first.
    days : ndarray of int64, shape (n_days,)
        Days from 1970-01-01, oldest first.
    moves : ndarray, shape (n_days, n_codes + n_currencies)
        Returns in the instruments' own currencies, then returns of a unit of each currency in base money;
        0 throughout for what has no history.
    covariance : ndarray, shape (n_codes + n_currencies,) twice
        Of the daily moves, their correlations shrunk towards none (Ledoit and Wolf, 2004).
    shrinkage : float
        How far: 0 leaves the sample as it is, 1 leaves no correlation.
    inverse : ndarray, of the covariance's shape
        Its pseudo-inverse.
    n_directions : int
        Its rank: how many independent ways the market can move.
    parts : tuple of SeriesPart
        Which stretch of which position's history came from where.
    stand_ins : tuple of StandIn
        Of the positions whose days are not all their own.
    fx_still : tuple of str
        Currencies held at today's rate.
    proxy_fraction, still_fraction : float
        Share of gross exposure partly by proxy, and without any history.
    """

    codes: tuple[str, ...]
    n_held: int
    currencies: tuple[str, ...]
    days: IntArray
    moves: FloatArray
    covariance: FloatArray
    shrinkage: float
    inverse: FloatArray
    n_directions: int
    parts: tuple[SeriesPart, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    fx_still: tuple[str, ...] = ()
    proxy_fraction: float = float("nan")
    still_fraction: float = float("nan")

    @property
    def is_known(self) -> bool:
        """Whether there are days enough."""
        return len(self.days) >= LEAST_DAYS

    @property
    def volatility(self) -> FloatArray:
        """Daily standard deviation of each column."""
        return np.asarray(np.sqrt(np.maximum(np.diag(self.covariance), 0.0)))

    def columns_of(self, codes: Sequence[str]) -> IntArray:
        """Return the codes' columns; −1 where one has none."""
        place = {code: number for number, code in enumerate(self.codes)}
        return np.array([place.get(code, -1) for code in codes], dtype=np.int64)

    def weights(self, book: StudyBook) -> FloatArray:
        """Return what the book earns for a unit of each column's move, to first order.

        Positions weigh by their exposure, currencies by the net worth they move; a code the book holds but
        the past does not know is not in it, see `unknown_codes`.
        """
        found = np.zeros(len(self.codes) + len(self.currencies))
        columns = self.columns_of(book.codes)
        at = {currency: number for number, currency in enumerate(self.currencies)}
        np.add.at(found, columns[columns >= 0], book.exposure[columns >= 0])
        worth = book.cash.copy()
        np.add.at(worth, book.currency_of, book.fx_weight)
        for number, currency in enumerate(book.currencies):
            if currency in at:
                found[len(self.codes) + at[currency]] += worth[number]
        found[len(self.codes)] = 0.0  # base money never moves against itself
        return found

    def unknown_codes(self, book: StudyBook) -> tuple[str, ...]:
        """Return the positions without a history here, in the book's order."""
        columns = self.columns_of(book.codes)
        is_unknown = (columns < 0) | (self.volatility[columns] == 0.0)
        return tuple(book.codes[number] for number in np.flatnonzero(is_unknown & (book.exposure != 0.0)))
