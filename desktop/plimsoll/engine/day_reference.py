"""Where the day began: each instrument's reference price, and the book's worth at it.

Day P&L = NAV now − NAV at the last day roll − external flows since; what the currencies made is told apart.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.ledger import Ledger

FloatArray = NDArray[np.float64]


class DayReference:
    """The anchors of one trading day.

    Attributes
    ----------
    mark : ndarray, shape (n,)
        Last close before the roll (crypto: its price at the roll); NaN while unknown.
    low, high : ndarray, shape (n,)
        Extremes of the mark since, seen at every tick.
    """

    def __init__(self, n: int) -> None:
        self.mark: FloatArray = np.full(n, np.nan)
        self.low: FloatArray = np.full(n, np.nan)
        self.high: FloatArray = np.full(n, np.nan)
        self._apart_base = 0.0
        self._position_apart: FloatArray = np.zeros(n)
        self._local: FloatArray = np.zeros(0)
        self._fx: FloatArray = np.zeros(0)

    def begin(self, mark: FloatArray, ledger: Ledger) -> None:
        """Anchor a new day at these prices, shape (n,)."""
        self.mark = mark.copy()
        self.low, self.high = mark.copy(), mark.copy()
        self._apart_base = 0.0
        self._position_apart[:] = 0.0
        self.revalue(ledger)

    def learn(self, instrument: int, close: float, ledger: Ledger) -> None:
        """Take one instrument's reference close; an anchor already known stays."""
        if not np.isfinite(self.mark[instrument]):
            self.mark[instrument] = close
            self.low[instrument] = np.fmin(self.low[instrument], close)
            self.high[instrument] = np.fmax(self.high[instrument], close)
            self.revalue(ledger)

    def revalue(self, ledger: Ledger) -> None:
        """Work out the book's worth at the reference prices; a fill or a flow moves it too."""
        self._local = ledger.local_at(self.mark)
        self._fx = ledger.rates_at(self.mark)

    def trade(
        self, ledger: Ledger, mark: FloatArray, change: Callable[[], None], instrument: int | None = None
    ) -> None:
        """Let `change` alter what the ledger holds, so that day P&L moves only by what NAV really gained.

        A trade (`instrument` given) moves NAV by its distance from the mark, less fees; money that came or
        went from outside is no P&L at all. What else the new holdings would seem to have earned since the
        roll is taken out.
        """
        nav, pnl = ledger.nav(), self.pnl(ledger)[0]
        mine = self.position_pnl(ledger, mark)
        change()
        self.revalue(ledger)
        gained = 0.0 if instrument is None else ledger.nav() - nav
        self._apart_base += self.pnl(ledger)[0] - pnl - gained
        if instrument is not None:
            seeming = self.position_pnl(ledger, mark)[instrument] - np.nan_to_num(mine[instrument])
            self._position_apart[instrument] += seeming - gained

    def see(self, touched: NDArray[np.int64], low: FloatArray, high: FloatArray) -> None:
        """Take the extremes of a batch."""
        self.low[touched] = np.fmin(self.low[touched], low)
        self.high[touched] = np.fmax(self.high[touched], high)

    def is_known_for(self, held: NDArray[np.bool_]) -> bool:
        """Whether every held instrument has a reference."""
        return bool(np.isfinite(self.mark[held]).all())

    def pnl(self, ledger: Ledger) -> tuple[float, float]:
        """Return day P&L and the part of it that currencies made, in base money."""
        known = np.isfinite(ledger.fx) & np.isfinite(self._fx)
        prices = (ledger.local - self._local)[known] @ ledger.fx[known]
        fx = self._local[known] @ (ledger.fx - self._fx)[known]
        return float(prices + fx) - self._apart_base, float(fx)

    def nav(self) -> float:
        """Return the book's worth at the reference prices."""
        known = np.isfinite(self._fx)
        return float(self._local[known] @ self._fx[known])

    def position_pnl(self, ledger: Ledger, mark: FloatArray) -> FloatArray:
        """Return each position's day P&L in base money, shape (n,); FX on its own worth included."""
        owed = np.where(ledger.is_funded, 0.0, ledger.average_price)
        size = ledger.quantity * ledger.multiplier
        now = size * (mark - owed) * ledger.fx[ledger.currency_of]
        then = size * (self.mark - owed) * self._fx[ledger.currency_of]
        pnl: FloatArray = now - then - self._position_apart
        return pnl
