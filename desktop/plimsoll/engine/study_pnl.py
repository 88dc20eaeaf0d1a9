"""What today's book would have earned on each day of its history, and from which returns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.stand_in import StandIn
from plimsoll.engine.crisis_proxy import StandIns
from plimsoll.engine.study_book import StudyBook
from plimsoll.engine.study_history import StudyHistory

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

COVERED_FRACTION = 0.9
"""The series ends on the newest day on which so much of the exposure that was ever priced still is."""


@dataclass(frozen=True, slots=True, eq=False)
class BookSeries:
    """Daily hypothetical profits of today's book; ``pnl = rows @ weight``.

    Attributes
    ----------
    days : ndarray of int64, shape (n_days,)
        Days from 1970-01-01, oldest first.
    rows : ndarray, shape (n_days, n_held + n_currencies)
        What a unit of weight earns: positions r·F (or the price change times F), then currencies F − 1.
    weight : ndarray, shape (n_held + n_currencies,)
        Exposure (or money per point), then the net worth that each currency moves.
    pnl : ndarray, shape (n_days,)
        In base money; a day with a seam or a residual drawn is the same at every run.
    stand_ins : tuple of StandIn
        Of the positions whose history is not all their own.
    proxy_fraction, still_fraction : float
        Share of gross exposure partly by proxy, and left out.
    fx_still : tuple of str
        Currencies held at today's rate.
    """

    days: IntArray
    rows: FloatArray
    weight: FloatArray
    pnl: FloatArray
    stand_ins: tuple[StandIn, ...]
    proxy_fraction: float
    still_fraction: float
    fx_still: tuple[str, ...]


def book_series(book: StudyBook, history: StudyHistory, n_days: int) -> BookSeries:
    """Return up to `n_days` newest daily profits of today's book.

    A position's missing days go by beta times its stand-in with the residual drawn in, so that it does not
    look as safe as its stand-in; without a stand-in it earns nothing, its currency apart, and is listed.

    Parameters
    ----------
    book : StudyBook
        Today's.
    history : StudyHistory
        With a column for each position and each converting pair.
    n_days : int
        The most days wanted.
    """
    columns = np.array([history.codes.index(code) for code in book.codes], dtype=np.int64)
    prices = history.closes[:, columns]
    end = _last_row(book, prices)
    start = max(end - n_days, 0)
    window = prices[start : end + 1]
    stand_ins = StandIns(history)
    rows = slice(start + 1, end + 1)
    gains = stand_ins.returns[rows, columns].copy()
    dips: NDArray[np.bool_] = np.logical_or.reduce(window <= 0.0, axis=0)
    change = np.diff(window[:, dips], axis=0)
    change[history.is_seam[rows, columns[dips]]] = np.nan
    gains[:, dips] = change
    weight = np.where(dips, book.money_per_point, book.exposure)
    said: list[StandIn] = []
    is_still = np.zeros(len(book.codes), dtype=np.bool_)
    for number in np.flatnonzero(~np.isfinite(gains).all(axis=0)).tolist():
        chosen, proxy = stand_ins.choice(int(columns[number]), rows)
        said.append(chosen)
        if proxy >= 0 and not dips[number]:
            gains[:, number] = stand_ins.residuals(int(columns[number]), proxy, rows)
        else:
            is_still[number] = True
            gains[:, number] = 0.0
    growth, fx_still = _fx_growth(book, history, slice(start, end + 1))
    in_currency = np.zeros((len(book.codes), len(book.currencies)))
    in_currency[np.arange(len(book.codes)), book.currency_of] = 1.0
    table = np.hstack([gains * growth[:, book.currency_of], growth - 1.0])
    weights = np.concatenate([weight, book.cash + in_currency.T @ book.fx_weight])
    by_proxy = np.isin(book.codes, [one.code for one in said]) & ~is_still
    return BookSeries(
        history.days[rows].copy(),
        table,
        weights,
        table @ weights,
        tuple(said),
        _share(book, by_proxy),
        _share(book, is_still),
        fx_still,
    )


def _last_row(book: StudyBook, prices: FloatArray) -> int:
    known = np.isfinite(prices) @ np.abs(book.exposure)
    if not len(known):
        return 0
    enough = np.flatnonzero(known >= COVERED_FRACTION * known.max())
    return int(enough[-1])


def _fx_growth(book: StudyBook, history: StudyHistory, rows: slice) -> tuple[FloatArray, tuple[str, ...]]:
    """Return each currency's daily growth, shape (n_days, n_currencies), and which were held still."""
    still: list[str] = []
    n_rows = len(history.days[rows])
    growth = np.ones((max(n_rows - 1, 0), len(book.currencies)))
    for number, route in enumerate(book.routes):
        columns = [history.codes.index(code) for code, _ in route or ()]
        rates, seams = history.closes[rows, columns], history.is_seam[rows, columns][1:]
        if route is None or seams.any() or not (np.isfinite(rates) & (rates > 0.0)).all():
            still.extend(book.currencies[number : number + 1] if book.uses_currency(number) else ())
            continue
        for place, (_, power) in enumerate(route):
            growth[:, number] *= (rates[1:, place] / rates[:-1, place]) ** power
    return growth, tuple(still)


def _share(book: StudyBook, chosen: NDArray[np.bool_]) -> float:
    return float(np.abs(book.exposure[chosen]).sum()) / book.gross if book.gross else float("nan")
