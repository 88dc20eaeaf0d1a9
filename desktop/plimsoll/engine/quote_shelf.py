"""What a rehearsed market quotes: each price with a stated spread and all the depth that is asked for."""

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.tick import QUOTE, TICK_DTYPE, DepthBook, TickBatch
from plimsoll.engine.universe import numbers_of

FloatArray = NDArray[np.float64]

DEPTH = 1e12
"""Pieces at the best price: an order moves no rehearsed market, the stated spread is all it costs."""


class QuoteShelf:
    """The newest price of each instrument; one owner, whoever drives the rehearsal.

    Parameters
    ----------
    codes : tuple of str
        By the universe's numbers.
    spread_fraction : float
        Ask less bid over the price.
    """

    def __init__(self, codes: tuple[str, ...], spread_fraction: float) -> None:
        self._codes = codes
        self._number = numbers_of(tuple(codes))
        self._half = 0.5 * spread_fraction
        self._price: FloatArray = np.full(len(codes), np.nan)
        self._heard_ns = np.zeros(len(codes), dtype=np.int64)

    def take(self, prices: FloatArray) -> None:
        """Take the prices of all, shape (n_instruments,); NaN quotes nothing until there is one again."""
        self._price = prices

    def take_ticks(self, batch: TickBatch) -> None:
        """Take the newest price of each instrument from ticks: a trade's, or the middle of a quote."""
        rows = batch.rows
        price = np.where(rows["kind"] == QUOTE, 0.5 * (rows["price"] + rows["ask"]), rows["price"])
        known = np.isfinite(price)
        self._price[rows["instrument"][known]] = price[known]
        self._heard_ns[rows["instrument"][known]] = rows["received_time_ns"][known]

    def batch(self, now_ns: int) -> TickBatch:
        """Return every price as a quote of this instant, by both clocks."""
        numbers = np.flatnonzero(np.isfinite(self._price))
        self._heard_ns[numbers] = now_ns
        price = self._price[numbers]
        reach = self._half * np.abs(price)
        rows = np.zeros(len(numbers), dtype=TICK_DTYPE)
        rows["kind"], rows["instrument"] = QUOTE, numbers
        rows["price"], rows["ask"] = price - reach, price + reach
        rows["volume"] = rows["ask_volume"] = DEPTH
        rows["exchange_time_ns"] = rows["received_time_ns"] = now_ns
        rows.flags.writeable = False
        depths = tuple(
            DepthBook(self._codes[number], ((bid, DEPTH),), ((ask, DEPTH),), now_ns, now_ns)
            for number, bid, ask in zip(
                numbers.tolist(), rows["price"].tolist(), rows["ask"].tolist(), strict=True
            )
        )
        return TickBatch(rows, depths=depths)

    def depth_of(self, code: str) -> DepthBook | None:
        """Return the book of a code as it was last quoted; None where it has no price."""
        number = self._number.get(code)
        if number is None or not np.isfinite(self._price[number]):
            return None
        price, heard_ns = float(self._price[number]), int(self._heard_ns[number])
        reach = self._half * abs(price)
        return DepthBook(code, ((price - reach, DEPTH),), ((price + reach, DEPTH),), heard_ns, heard_ns)
