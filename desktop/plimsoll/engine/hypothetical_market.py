"""Makes how the market moved together of late out of the histories a study was made from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.market_past import LEAST_DAYS, MarketPast
from plimsoll.domain.study_book import StudyBook
from plimsoll.engine.study_history import StudyHistory
from plimsoll.engine.study_pnl import BookSeries
from plimsoll.risk.covariance import ledoit_wolf

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEAST_EIGENVALUE = 1e-10
"""Of the largest of the correlations: a smaller one is a direction nothing moves in, but for rounding."""


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
