"""Where the day began: each instrument's reference price, and what was held at the roll.

Day P&L = NAV now − NAV at the last day roll − external flows since (SEMANTICS, Days); what the currencies
made is told apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CashMove:
    """What a fill or a flow did to the cash of one currency.

    Attributes
    ----------
    instrument : int or None
        The number of the instrument traded; None for money that came or went from outside.
    currency : int
        The currency's number.
    amount : float
        Above zero came in.
    rate : float
        Base money per unit at that moment; NaN unknown.
    """

    instrument: int | None
    currency: int
    amount: float
    rate: float


class DayReference:
    """The anchors of one trading day.

    Attributes
    ----------
    mark : ndarray, shape (n,)
        Last close before the roll (crypto: its price at the roll); NaN while unknown.
    low, high : ndarray, shape (n,)
        Extremes of the mark since, seen at every tick.
    """

    def __init__(self, universe: Universe, book: Book) -> None:
        n = len(universe.instruments)
        self.mark: FloatArray = np.full(n, np.nan)
        self.low: FloatArray = np.full(n, np.nan)
        self.high: FloatArray = np.full(n, np.nan)
        self._universe = universe
        self._opening = Ledger(universe, book)
        self._opening_worth: FloatArray = np.zeros(n)
        self._has_prices = False
        self._flow_amount: FloatArray = np.zeros(len(universe.currencies))
        self._flow_base = 0.0
        self._traded: FloatArray = np.zeros(n)
        self._value_opening()

    def begin(self, mark: FloatArray, book: Book) -> None:
        """Anchor a new day at these prices, shape (n,), and this book."""
        self.mark = mark.copy()
        self.low, self.high = mark.copy(), mark.copy()
        self.open_with(book)

    def open_with(self, book: Book) -> None:
        """Take what was held at the roll; what moved since is to be told with `note`."""
        self._opening.hold(self._universe, book)
        self._value_opening()
        self._flow_amount[:] = 0.0
        self._flow_base = 0.0
        self._traded[:] = 0.0

    def learn(self, close_by_instrument: Mapping[int, float]) -> None:
        """Take reference closes; an anchor already known stays."""
        self.recall(
            {
                number: close
                for number, close in close_by_instrument.items()
                if not np.isfinite(self.mark[number])
            }
        )

    def recall(self, mark_by_instrument: Mapping[int, float]) -> None:
        """Take the anchors journalled at this day's roll; they outrank closes from the price history."""
        for number, price in mark_by_instrument.items():
            self.mark[number] = price
            self.low[number] = np.fmin(self.low[number], price)
            self.high[number] = np.fmax(self.high[number], price)
        self._value_opening()

    def note(self, move: CashMove) -> None:
        """Take what a fill or a flow did to cash.

        A trade moves NAV by its distance from the mark, less fees; money from outside is no P&L at all.
        """
        if move.instrument is None:
            self._flow_amount[move.currency] += move.amount
            self._flow_base += move.amount * move.rate
        else:
            self._traded[move.instrument] += move.amount * move.rate

    def split(self, number: int, price_factor: float) -> None:
        """Take a split: the reference, the extremes and what was held at the roll are put on its scale."""
        for prices in (self.mark, self.low, self.high):
            prices[number] *= price_factor
        self._opening.split(number, price_factor)
        self._value_opening()

    def see(self, touched: NDArray[np.int64], low: FloatArray, high: FloatArray) -> None:
        """Take the extremes of a batch."""
        self.low[touched] = np.fmin(self.low[touched], low)
        self.high[touched] = np.fmax(self.high[touched], high)

    def is_known_for(self, ledger: Ledger) -> bool:
        """Whether every position held at the roll, and every currency it was worth something in, has one."""
        opening = self._opening
        has_rate = np.isfinite(opening.fx) | (opening.local == 0) | ~np.isfinite(ledger.fx)
        return self._has_prices and bool(has_rate.all())

    def pnl(self, ledger: Ledger) -> tuple[float, float]:
        """Return day P&L and the part of it that currencies made, in base money; NaN while unknown."""
        if not self.is_known_for(ledger):
            return float("nan"), float("nan")
        opening = self._opening
        moved = _known_sum(opening.local * (ledger.fx - opening.fx))
        fx = moved + _known_sum(self._flow_amount * ledger.fx) - self._flow_base
        return ledger.nav() - self._nav_in(ledger) - self._flow_base, fx

    def nav(self, ledger: Ledger) -> float:
        """Return the book's worth at the roll, in the currencies that have a rate now; NaN while unknown."""
        return self._nav_in(ledger) if self.is_known_for(ledger) else float("nan")

    def position_pnl(self, ledger: Ledger, mark: FloatArray) -> FloatArray:
        """Return each position's day P&L in base money, shape (n,); FX on its own worth included."""
        pnl: FloatArray = ledger.net_worth(mark) - self._opening_worth + self._traded
        return pnl

    def _value_opening(self) -> None:
        """Work out anew what rests on the anchors alone: they stand still between two batches."""
        opening = self._opening
        opening.revalue(self.mark)
        self._opening_worth = opening.net_worth(self.mark)
        self._has_prices = bool((np.isfinite(self.mark) | (opening.quantity == 0)).all())

    def _nav_in(self, ledger: Ledger) -> float:
        return _known_sum((self._opening.local * self._opening.fx)[np.isfinite(ledger.fx)])


def _known_sum(worth: FloatArray) -> float:
    """Return the sum without what is unknown; the few currencies are not worth a call of `nansum`."""
    return float(worth[~np.isnan(worth)].sum())
