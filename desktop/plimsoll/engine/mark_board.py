"""The mark of every instrument, followed tick by tick: mid of a fresh uncrossed quote, else last trade."""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.instrument import Instrument
from plimsoll.domain.method import MarkPolicy
from plimsoll.domain.tick import QUOTE
from plimsoll.domain.units import NS_PER_S

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
_T = TypeVar("_T", bound=np.generic)

BOTH_SIDES, BID_ONLY, ASK_ONLY, NO_SIDE = range(4)
"""The shapes a book can have; the first also of an instrument whose book was never heard."""

LOOP_BELOW = 48
"""Below this many ticks a loop beats numpy's fixed cost: 14 µs and 1.0 a tick against 49 and 0.1."""


@dataclass(frozen=True, slots=True)
class MarkPath:
    """What a batch did to the marks.

    Attributes
    ----------
    instrument : ndarray of int64, shape (n_ticks,)
        Whose mark it was, tick by tick.
    before, after : ndarray, shape (n_ticks,)
        That instrument's mark before and after the tick; NaN while it has none.
    touched : ndarray of int64
        Instruments in the batch, each once, ascending.
    low, high : ndarray, shape (n_touched,)
        Extremes of the mark within the batch, the mark before it included; NaN where there is none.
    """

    instrument: IntArray
    before: FloatArray
    after: FloatArray
    touched: IntArray
    low: FloatArray
    high: FloatArray


class MarkBoard:
    """The newest prices of all instruments; one owner, the risk thread.

    Attributes
    ----------
    mark : ndarray, shape (n,)
        Price by the policy; NaN before the first.
    heard_ns, exchange_ns : ndarray of int64, shape (n,)
        When the last tick was heard by the desk's clock, and its exchange time; 0 before the first.
    bid, ask : ndarray, shape (n,)
        Sides of the newest quote; NaN where that side was empty, or no quote was heard.
    shape : ndarray of uint8, shape (n,)
        BOTH_SIDES, BID_ONLY, ASK_ONLY or NO_SIDE of the newest quote.
    shape_heard_ns : ndarray of int64, shape (4, n)
        When a quote of each shape was last heard.
    trade_heard_ns : ndarray of int64, shape (n,)
        When the last trade was heard.
    """

    def __init__(
        self,
        instruments: tuple[Instrument, ...],
        quantity: FloatArray,
        policy: MarkPolicy,
        quote_fresh_s: float,
    ) -> None:
        n = len(instruments)
        fixed = [np.nan if item.fixed_price is None else item.fixed_price for item in instruments]
        self.mark: FloatArray = np.array(fixed, dtype=np.float64)
        self.is_fixed = np.isfinite(self.mark)
        self.heard_ns: IntArray = np.zeros(n, dtype=np.int64)
        self.exchange_ns: IntArray = np.zeros(n, dtype=np.int64)
        self.bid: FloatArray = np.full(n, np.nan)
        self.ask: FloatArray = np.full(n, np.nan)
        self.shape: NDArray[np.uint8] = np.zeros(n, dtype=np.uint8)
        self.shape_heard_ns: IntArray = np.zeros((4, n), dtype=np.int64)
        self.trade_heard_ns: IntArray = np.zeros(n, dtype=np.int64)
        self._quote: FloatArray = np.full(n, np.nan)
        self._quote_heard_ns: IntArray = np.zeros(n, dtype=np.int64)
        self._trade: FloatArray = np.full(n, np.nan)
        self._quantity = quantity
        self._policy = policy
        self._fresh_ns = int(quote_fresh_s * NS_PER_S)

    def hold(self, quantity: FloatArray) -> None:
        """Take the signed quantities that the "side" policy looks at, shape (n,)."""
        self._quantity = quantity

    def assume(self, instrument: int, price: float) -> None:
        """Use a price as the mark of an instrument that has none; it stays unheard, so stale."""
        # No trade: a quote that lapses must not give way to yesterday's close.
        self.mark[instrument] = price

    def split(self, number: int, price_factor: float) -> None:
        """Take a split: every price kept of the instrument is put on its scale."""
        for prices in (self.mark, self.bid, self.ask, self._quote, self._trade):
            prices[number] *= price_factor

    def follow(self, rows: NDArray[np.void]) -> MarkPath:
        """Take ticks in the order they arrived and return what they did, exactly, each of them.

        Parameters
        ----------
        rows : ndarray of TICK_DTYPE, shape (n_ticks,)
            At least one; prices already parsed and found usable.

        Returns
        -------
        MarkPath
        """
        self._note_sides(rows)
        return self._by_loop(rows) if len(rows) < LOOP_BELOW else self._by_columns(rows)

    def lapse(self, now_ns: int) -> IntArray:
        """Let quotes that are fresh no longer give way to the last trade; return whose mark changed."""
        old = np.isfinite(self._quote) & (now_ns - self._quote_heard_ns > self._fresh_ns)
        falls_back = old & np.isfinite(self._trade) & (self.mark != self._trade) & ~self.is_fixed
        if self._policy is MarkPolicy.LAST:
            falls_back[:] = False
        self._quote[old & np.isfinite(self._trade)] = np.nan
        self.mark[falls_back] = self._trade[falls_back]
        return np.flatnonzero(falls_back)

    def prices_of(self, rows: NDArray[np.void]) -> FloatArray:
        """Return what each tick says its instrument is worth, shape (n_ticks,); NaN where it says nothing."""
        return np.where(rows["kind"] == QUOTE, self._quote_prices(rows), rows["price"])

    def _note_sides(self, rows: NDArray[np.void]) -> None:
        numbers, heard = rows["instrument"], rows["received_time_ns"]
        is_quote = rows["kind"] == QUOTE
        quotes, trades = np.flatnonzero(is_quote), np.flatnonzero(~is_quote)
        # Of several rows of one instrument the last assignment stands, which is the newest.
        self.trade_heard_ns[numbers[trades]] = heard[trades]
        number, bid, ask = numbers[quotes], rows["price"][quotes], rows["ask"][quotes]
        shape = np.isnan(ask) * BID_ONLY + np.isnan(bid) * ASK_ONLY
        self.bid[number], self.ask[number], self.shape[number] = bid, ask, shape
        self.shape_heard_ns[shape, number] = heard[quotes]

    def _by_loop(self, rows: NDArray[np.void]) -> MarkPath:
        n = len(rows)
        before = np.empty(n)
        after = np.empty(n)
        instrument = rows["instrument"].astype(np.int64)
        columns = zip(
            instrument.tolist(),
            rows["kind"].tolist(),
            rows["price"].tolist(),
            self._quote_prices(rows).tolist(),
            rows["received_time_ns"].tolist(),
            rows["exchange_time_ns"].tolist(),
            strict=True,
        )
        for place, (number, kind, price, quote, heard_ns, exchange_ns) in enumerate(columns):
            before[place] = self.mark[number]
            if kind == QUOTE:
                self._quote[number] = quote
                self._quote_heard_ns[number] = heard_ns
            else:
                self._trade[number] = price
            fresh = heard_ns - self._quote_heard_ns[number] <= self._fresh_ns
            self.mark[number] = self._chosen(number, is_fresh=bool(fresh))
            after[place] = self.mark[number]
            self.heard_ns[number] = heard_ns
            self.exchange_ns[number] = max(exchange_ns, int(self.exchange_ns[number]))
        return _path(instrument, before, after)

    def _chosen(self, number: int, *, is_fresh: bool) -> float:
        if self.is_fixed[number]:
            return float(self.mark[number])
        quote, trade = float(self._quote[number]), float(self._trade[number])
        has_quote, has_trade = is_fresh and not math.isnan(quote), not math.isnan(trade)
        if has_quote and not (has_trade and self._policy is MarkPolicy.LAST):
            return quote
        return trade if has_trade else float(self.mark[number])

    def _by_columns(self, rows: NDArray[np.void]) -> MarkPath:
        number = rows["instrument"].astype(np.int64)
        order = np.argsort(rows["instrument"], kind="stable")
        ids = number[order]
        first = _first_of_runs(ids)
        last = np.empty_like(first)
        last[:-1], last[-1] = first[1:] - 1, len(ids) - 1
        segment_start = np.repeat(first, last - first + 1)
        is_quote = rows["kind"][order] == QUOTE
        heard = rows["received_time_ns"][order]
        quote = _carried(self._quote_prices(rows)[order], is_quote, segment_start, self._quote[ids])
        quote_heard = _carried(heard, is_quote, segment_start, self._quote_heard_ns[ids])
        trade = _carried(rows["price"][order], ~is_quote, segment_start, self._trade[ids])
        has_trade = np.isfinite(trade)
        takes_quote = np.isfinite(quote) & (heard - quote_heard <= self._fresh_ns)
        if self._policy is MarkPolicy.LAST:
            takes_quote &= ~has_trade
        chosen = np.where(takes_quote, quote, trade)
        known = np.isfinite(chosen)
        # A quote that lost a side before any trade leaves the mark where it was.
        after = _carried(chosen, known, segment_start, self.mark[ids])
        after = np.where(self.is_fixed[ids], self.mark[ids], after)
        before = np.empty_like(after)
        before[1:] = after[:-1]
        before[first] = self.mark[ids[first]]
        touched = ids[first]
        self.mark[touched] = after[last]
        self._quote[touched], self._quote_heard_ns[touched] = quote[last], quote_heard[last]
        self._trade[touched], self.heard_ns[touched] = trade[last], heard[last]
        newest = np.maximum.reduceat(rows["exchange_time_ns"][order], first)
        self.exchange_ns[touched] = np.maximum(self.exchange_ns[touched], newest)
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        return _path(number, before[back], after[back])

    def _quote_prices(self, rows: NDArray[np.void]) -> FloatArray:
        """Return what each quote is worth under the policy; NaN where crossed or one-sided."""
        bid, ask = rows["price"], rows["ask"]
        if self._policy is MarkPolicy.SIDE:
            value = np.where(self._quantity[rows["instrument"]] >= 0, bid, ask)
        else:
            value = (bid + ask) / 2
        return np.where(bid <= ask, value, np.nan)


def _carried(
    values: NDArray[_T], is_news: NDArray[np.bool_], segment_start: IntArray, held: NDArray[_T]
) -> NDArray[_T]:
    """Return the newest news at each place of its own segment, or what was held before the batch."""
    newest = np.maximum.accumulate(np.where(is_news, np.arange(len(values)), -1))
    return np.where(newest >= segment_start, values[newest], held)


def _first_of_runs(ids: IntArray) -> IntArray:
    """Return where each run of equal numbers begins."""
    begins = np.empty(len(ids), dtype=np.bool_)
    begins[0] = True
    np.not_equal(ids[1:], ids[:-1], out=begins[1:])
    return np.flatnonzero(begins)


def _path(instrument: IntArray, before: FloatArray, after: FloatArray) -> MarkPath:
    order = np.argsort(instrument, kind="stable")
    ids = instrument[order]
    first = _first_of_runs(ids)
    low = np.fmin(np.fmin.reduceat(after[order], first), before[order][first])
    high = np.fmax(np.fmax.reduceat(after[order], first), before[order][first])
    return MarkPath(instrument, before, after, ids[first], low, high)
