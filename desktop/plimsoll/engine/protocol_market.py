"""The history a protocol backtest leads a book through, and the book as it begins there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book, Cash
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.position import Position
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.study_book import StudyBook
from plimsoll.engine.study_history import StudyHistory
from plimsoll.engine.universe import Universe, universe_of
from plimsoll.risk.block_bootstrap import stationary_blocks
from plimsoll.risk.errors import InsufficientHistory

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FEWEST_DAYS = 20
"""Of fewer nobody learns anything."""
CARRIED_BACK = (
    "each position begins with the money at work that it has today, at the prices before the first day, and "
    "the book with the worth it has today"
)


@dataclass(frozen=True, slots=True, eq=False)
class ProtocolMarket:
    """Daily closes on one calendar, by a universe's numbers.

    Attributes
    ----------
    days : ndarray of int64, shape (n_days,)
        Days from 1970-01-01.
    closes : ndarray, shape (n_days, n_instruments)
        NaN where there is none: then nothing is quoted.
    n_before : int
        Rows before the run begins: VaR rests on them.
    is_absolute : ndarray of bool, shape (n_instruments,)
        Whether a price may be negative: then a made-up history repeats changes instead of returns.
    """

    days: IntArray
    closes: FloatArray
    n_before: int
    is_absolute: NDArray[np.bool_]

    @property
    def n_run(self) -> int:
        """Days that the book is led through."""
        return len(self.days) - self.n_before

    @property
    def window(self) -> PriceWindow:
        """The closes known before the first day of the run."""
        return PriceWindow(self.days[: self.n_before], self.closes[: self.n_before])

    def resampled(self, *, mean_block_days: float, seed: int) -> "ProtocolMarket":
        """Return the same days with the changes of others: a draw of the stationary block bootstrap.

        All instruments take the changes of the same day, so that they keep moving together; what came before
        the run stays. A change that is not known is none.
        """
        start = self.n_before
        before, after = self.closes[start - 1 : -1], self.closes[start:]
        change = np.where(self.is_absolute, after - before, np.log(np.abs(after / before)))
        change = np.where(np.isfinite(change), change, 0.0)
        drawn = change[stationary_blocks(self.n_run, self.n_run, mean_block_days=mean_block_days, seed=seed)]
        sums, first = np.cumsum(drawn, axis=0), self.closes[start - 1]
        made = np.where(self.is_absolute, first + sums, first * np.exp(sums))
        return replace(self, closes=np.vstack([self.closes[:start], made]))


@dataclass(frozen=True, slots=True, eq=False)
class ProtocolCase:
    """Everything a run needs of book and market, in a form that any process can be sent.

    Attributes
    ----------
    book : Book
        As the run begins.
    master : Mapping
        Its instruments, and those that convert.
    market : ProtocolMarket
        By the numbers of `universe`.
    words : tuple of str
        How the book was carried back, and what was left out.
    """

    book: Book
    master: Mapping[str, Instrument]
    market: ProtocolMarket
    words: tuple[str, ...]

    @property
    def universe(self) -> Universe:
        """The instruments by number."""
        return universe_of(self.book, self.master)


def protocol_case(
    book: StudyBook,
    history: StudyHistory,
    master: Mapping[str, Instrument],
    *,
    first_day: int,
    last_day: int,
    window_days: int,
    base_currency: str,
    fewest_days: int = FEWEST_DAYS,
) -> ProtocolCase:
    """Return today's book as it would begin on an earlier day, and the market from there on.

    Each position has the money at work that it has today, at that day's price and rate, in whole lots; what
    that leaves, and positions without a price on that day, is cash of the base currency, so that the book
    begins with the worth it has today. Entry prices are that day's.

    Parameters
    ----------
    book : StudyBook
        Today's.
    history : StudyHistory
        Of its codes, and of those that convert.
    master : Mapping
        The instrument master.
    first_day, last_day : int
        Days from 1970-01-01, both included.
    window_days : int
        Returns that VaR rests on.
    base_currency : str
        Whose money the figures of `book` are.
    fewest_days : int
        So many the period must have; none where ticks are to be heard instead.

    Raises
    ------
    InsufficientHistory
        If fewer days, or no day before them, have prices.
    """
    begin, end = int(np.searchsorted(history.days, first_day)), history.row_at(last_day) + 1
    if begin < 1 or end - begin < fewest_days:
        raise InsufficientHistory(
            f"{max(end - begin, 0)} days of history lay in the period, expected at least {fewest_days} and "
            "one before them: choose another period",
            n_observations=max(end - begin, 0),
            n_needed=fewest_days,
        )
    price = dict(zip(history.codes, history.closes[begin - 1].tolist(), strict=True))
    positions, left_out = _positions(book, master, price)
    start = Book("protocol backtest", base_currency, positions, _cash(book, positions, master, price))
    universe = universe_of(start, master)
    columns = [history.codes.index(code) for code in universe.codes]
    rows = slice(max(begin - window_days - 1, 0), max(end, begin))
    market = ProtocolMarket(
        history.days[rows].copy(),
        history.closes[rows][:, columns].copy(),
        begin - rows.start,
        np.array([item.may_be_negative for item in universe.instruments], dtype=np.bool_),
    )
    left = f"without a price on that day, and so held as cash: {', '.join(left_out)}"
    used = {item.code: item for item in universe.instruments}
    return ProtocolCase(start, used, market, (CARRIED_BACK, left) if left_out else (CARRIED_BACK,))


def _positions(
    book: StudyBook, master: Mapping[str, Instrument], price: Mapping[str, float]
) -> tuple[tuple[Position, ...], list[str]]:
    positions, left_out = [], []
    for number, code in enumerate(book.codes):
        item, at = master[code], price.get(code, np.nan)
        exposure = float(book.exposure[number])
        unit = item.multiplier * at * _rate(book.routes[int(book.currency_of[number])], price)
        if exposure == 0.0:
            continue
        if not np.isfinite(unit) or at <= 0.0:
            left_out.append(code)
            continue
        lots = round(exposure / unit / item.lot)
        if lots:
            quantity = lots * Decimal(str(item.lot))
            positions.append(Position(code, quantity, quantity * Decimal(str(at))))
    return tuple(positions), left_out


def _cash(
    book: StudyBook,
    positions: tuple[Position, ...],
    master: Mapping[str, Instrument],
    price: Mapping[str, float],
) -> tuple[Cash, ...]:
    """Return cash lines that bring the worth of the book to what it is today; the base currency first."""
    lines, rest = [], book.nav
    for number, currency in enumerate(book.currencies[1:], start=1):
        rate = _rate(book.routes[number], price)
        if book.cash[number] != 0.0 and np.isfinite(rate):
            lines.append(Cash(currency, Decimal(f"{book.cash[number] / rate:.2f}")))
            rest -= float(lines[-1].amount) * rate
    for position in positions:
        item = master[position.code]
        if item.is_funded:
            rate = _rate(book.routes[book.currencies.index(item.currency)], price)
            rest -= float(position.cost) * item.multiplier * rate
    return (Cash(book.currencies[0], Decimal(f"{rest:.2f}")), *lines)


def _rate(route: tuple[tuple[str, int], ...] | None, price: Mapping[str, float]) -> float:
    if route is None:
        return float("nan")
    rate = 1.0
    for code, power in route:
        at = price.get(code, np.nan)
        rate *= at**power if at > 0.0 else np.nan
    return rate
