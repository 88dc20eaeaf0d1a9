"""How the market moved together of late: what a shock to a part of it says of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.stand_in import StandIn
from plimsoll.engine.study_book import StudyBook
from plimsoll.engine.study_history import SeriesPart, StudyHistory
from plimsoll.engine.study_pnl import BookSeries
from plimsoll.risk.covariance import ledoit_wolf

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEAST_DAYS = 100
"""Fewer days make no covariance that a stress may rest on."""
LEAST_EIGENVALUE = 1e-10
"""Of the largest of the correlations: a smaller one is a direction nothing moves in, but for rounding."""


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


def market_past(book: StudyBook, history: StudyHistory, series: BookSeries) -> MarketPast:
    """Return how everything moved together on the days of a book's series.

    Parameters
    ----------
    book : StudyBook
        Whose positions come first.
    history : StudyHistory
        The same that the series was made from; its other codes join where they have every day.
    series : BookSeries
        The days, and the positions' own moves with their stand-ins.
    """
    n_held, n_days = len(book.codes), len(series.days)
    growth = 1.0 + series.rows[:, n_held:]
    local = series.rows[:, :n_held] / growth[:, book.currency_of]
    # A price change counts as a return on today's price: what a unit of exposure earns.
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(book.exposure != 0.0, series.weight[:n_held] / book.exposure, 1.0)
    held = local * scale
    others = _others(book.codes, history, series.days)
    codes = (*book.codes, *(history.codes[column] for column in others))
    rows = np.searchsorted(history.days, series.days)
    elsewhere = history.returns()[rows][:, others] if n_days else np.zeros((0, len(others)))
    moves = np.hstack([held, elsewhere, series.rows[:, n_held:]])
    covariance, shrinkage = _covariance(moves)
    inverse, n_directions = inverse_of(covariance)
    known = frozenset(book.codes)
    return MarketPast(
        codes,
        n_held,
        book.currencies,
        series.days,
        moves,
        covariance,
        shrinkage,
        inverse,
        n_directions,
        tuple(part for part in history.parts if part.code in known),
        series.stand_ins,
        series.fx_still,
        series.proxy_fraction,
        series.still_fraction,
    )


def _others(held: Sequence[str], history: StudyHistory, days: IntArray) -> list[int]:
    """Return the columns of codes that are not held and have a return on every day."""
    if not len(days):
        return []
    rows = np.searchsorted(history.days, days)
    is_whole: NDArray[np.bool_] = np.logical_and.reduce(np.isfinite(history.returns()[rows]), axis=0)
    taken = set(held)
    return [column for column, code in enumerate(history.codes) if is_whole[column] and code not in taken]


def _covariance(moves: FloatArray) -> tuple[FloatArray, float]:
    """Return the shrunk covariance; columns that never move stay without variance."""
    n_days, n = moves.shape
    found = np.zeros((n, n))
    if n_days < LEAST_DAYS:
        return found, float("nan")
    alive = np.flatnonzero(np.ptp(moves, axis=0) > 0.0)
    if not len(alive):
        return found, float("nan")
    scale = moves[:, alive].std(axis=0)
    # Shrunk on unit scale, so that the unit of a volatility does not decide who is pulled how far.
    shrunk = ledoit_wolf(moves[:, alive] / scale, target="identity")
    found[np.ix_(alive, alive)] = shrunk.covariance * np.outer(scale, scale)
    return found, shrunk.intensity


def inverse_of(covariance: FloatArray) -> tuple[FloatArray, int]:
    """Return the pseudo-inverse of a covariance and its rank, judged on its correlations.

    What has no variance has no part in either.
    """
    alive = np.flatnonzero(np.diag(covariance) > 0.0)
    found = np.zeros(covariance.shape)
    if not len(alive):
        return found, 0
    own = covariance[np.ix_(alive, alive)]
    deviation = np.sqrt(np.diag(own))
    value, vector = np.linalg.eigh(own / np.outer(deviation, deviation))
    is_alive = value > LEAST_EIGENVALUE * value[-1]
    turned = vector[:, is_alive]
    found[np.ix_(alive, alive)] = (turned / value[is_alive]) @ turned.T / np.outer(deviation, deviation)
    return found, int(is_alive.sum())
