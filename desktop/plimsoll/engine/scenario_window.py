"""The daily closes behind VaR, on one shared calendar, and the scenarios made of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.method import RiskMethod
from plimsoll.domain.stand_in import StandIn
from plimsoll.engine.universe import Universe
from plimsoll.risk.alignment import align_closes
from plimsoll.risk.errors import InsufficientHistory

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MAX_CARRY_DAYS = 7
"""Calendar days for which a missing close is carried; a longer gap leaves no history."""


@dataclass(frozen=True, slots=True)
class PriceWindow:
    """Closes on one shared calendar.

    Attributes
    ----------
    days : ndarray of int64, shape (n_days,)
        Days since 1970-01-01, ascending.
    closes : ndarray, shape (n_days, n_instruments)
        By the universe's numbers; NaN where there is none.
    stale : frozenset of int
        Instruments whose newest close may not be the last one before today: they give VaR its scenarios, but
        the day no reference.
    average_volume : ndarray, shape (n_instruments,), or None
        Pieces traded a day (`plimsoll.engine.average_volume`), NaN unknown; None where nobody asked.
    is_proxied : ndarray of bool, shape (n_instruments,), or None
        Whether some of an instrument's closes are made from a proxy's; None where none are.
    stand_ins : tuple of StandIn
        How each short history was filled, or why it was not.
    """

    days: IntArray
    closes: FloatArray
    stale: frozenset[int] = frozenset()
    average_volume: FloatArray | None = None
    is_proxied: NDArray[np.bool_] | None = None
    stand_ins: tuple[StandIn, ...] = ()

    @property
    def n_scenarios(self) -> int:
        """Daily returns in the window."""
        return max(len(self.days) - 1, 0)

    def after_day(self, day: int, closes: FloatArray, window_days: int) -> "PriceWindow":
        """Return the window after a finished day joined it and the oldest left, shape (n_instruments,) in."""
        if len(self.days) and day <= self.days[-1]:
            return self
        days = np.append(self.days, day)[-(window_days + 1) :]
        rows = np.vstack([self.closes, closes])[-(window_days + 1) :]
        return replace(self, days=days, closes=rows, stale=frozenset())


@dataclass(frozen=True, slots=True)
class ScenarioMatrix:
    """What one unit of exposure earns in each scenario.

    Attributes
    ----------
    rows : ndarray, shape (n_instruments + n_currencies, n_scenarios)
        Instruments: r·(1 + r_fx); currencies: r_fx. A row without history is zero.
    is_absolute : ndarray of bool, shape (n_instruments,)
        Whether a row holds price changes instead of returns (a window with a price at or below zero).
    has_history : ndarray of bool, shape (n_instruments + n_currencies,)
        Whether the row is real.
    """

    rows: FloatArray
    is_absolute: NDArray[np.bool_]
    has_history: NDArray[np.bool_]

    @property
    def n_scenarios(self) -> int:
        """Columns."""
        return int(self.rows.shape[1])


def window_from_bars(
    day_numbers: IntArray,
    numbers: IntArray,
    closes: FloatArray,
    universe: Universe,
    *,
    before_day: int,
    method: RiskMethod,
    stale: frozenset[int] = frozenset(),
) -> PriceWindow:
    """Return the window made of daily bars, unfinished days left out.

    Its length is that of the shortest history among the instruments with enough for a good figure
    (`low_quality_below` returns; where none has so many, `unknown_below`), at most `window_days` returns.
    Instruments with less stay without history and lower the coverage.

    Parameters
    ----------
    day_numbers, numbers, closes : ndarray, shape (n_bars,)
        Days since 1970-01-01, instrument numbers of the universe, and closes, in any order.
    before_day : int
        The trading day that is not finished; its bars and later ones are left out.
    stale : frozenset of int
        Instruments whose bars could not be brought up to date.
    """
    n = len(universe.instruments)
    may_be_negative = np.array([item.may_be_negative for item in universe.instruments], dtype=np.bool_)
    # Zero is never a quote, and below zero only by leave: such a bar is a missing one.
    usable = (day_numbers < before_day) & ((closes > 0.0) | ((closes < 0.0) & may_be_negative[numbers]))
    try:
        aligned = align_closes(
            day_numbers[usable],
            numbers[usable],
            closes[usable],
            n,
            max_carry_days=MAX_CARRY_DAYS,
            absolute=may_be_negative,
        )
    except InsufficientHistory:
        return PriceWindow(np.empty(0, dtype=np.int64), np.empty((0, n)))
    lengths = _unbroken_length(aligned.prices)
    prices = aligned.prices.copy()
    for number, instrument in enumerate(universe.instruments):
        if instrument.fixed_price is not None:
            prices[:, number] = instrument.fixed_price
    for enough in (method.low_quality_below, method.unknown_below):
        long = lengths[lengths > enough]
        if len(long):
            n_days = min(int(long.min()), method.window_days + 1)
            return PriceWindow(aligned.calendar[-n_days:], prices[-n_days:], stale)
    return PriceWindow(aligned.calendar[:0], prices[:0])


def scenario_matrix(window: PriceWindow, universe: Universe) -> ScenarioMatrix:
    """Return the scenarios of a window (SEMANTICS, Money: scenario P&L).

    With E = q·m·P·fx of each instrument and N_c the net worth in each currency, the book's P&L in scenario s
    is Σ_i E_i·r_i(1 + r_fx) + Σ_c N_c·r_fx: for a funded position E·[(1+r)(1+r_fx) − 1], for an unfunded one
    q·m·fx·[P·r·(1+r_fx) + (P − P̄)·r_fx], for cash its amount times r_fx.
    """
    n, n_currencies = len(universe.instruments), len(universe.currencies)
    closes, n_scenarios = window.closes, window.n_scenarios
    rows = np.zeros((n + n_currencies, n_scenarios))
    has_history = np.zeros(n + n_currencies, dtype=np.bool_)
    may_be_negative = np.array([item.may_be_negative for item in universe.instruments], dtype=np.bool_)
    if n_scenarios == 0:
        return ScenarioMatrix(rows, np.zeros(n, dtype=np.bool_), has_history)
    finite = np.isfinite(closes)
    complete = finite.all(axis=0)
    dips = ((closes <= 0.0) & finite).any(axis=0)
    is_absolute = may_be_negative & dips
    complete &= is_absolute | ~dips  # a return over a price at or below zero means nothing
    fx_returns, has_history[n:] = currency_scenarios(
        lambda number: closes[:, number], universe, complete & ~is_absolute, n_scenarios
    )
    for number in np.flatnonzero(complete).tolist():
        currency = universe.currency_of[number]
        if not has_history[n + currency]:
            continue
        rows[number] = scenario_row(closes[:, number], fx_returns[currency], is_absolute[number])
        has_history[number] = True
    rows[n:] = fx_returns
    return ScenarioMatrix(rows, is_absolute, has_history)


def currency_scenarios(
    closes_of: Callable[[int], FloatArray],
    universe: Universe,
    is_usable: NDArray[np.bool_],
    n_scenarios: int,
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return what each currency's rate earns in each scenario, and whether that is known.

    Parameters
    ----------
    closes_of : callable
        The closes of an instrument by its number; asked for usable ones only.
    is_usable : ndarray of bool, shape (n_instruments,)
        Whether an instrument's closes are complete and above zero.
    """
    fx_returns = np.zeros((len(universe.currencies), n_scenarios))
    is_known = np.zeros(len(universe.currencies), dtype=np.bool_)
    for number, route in enumerate(universe.routes):
        if route is None or not all(is_usable[leg] for leg, _ in route):
            continue
        growth = np.ones(n_scenarios)
        for leg, power in route:
            closes = closes_of(leg)
            growth *= (closes[1:] / closes[:-1]) ** power
        fx_returns[number] = growth - 1.0
        is_known[number] = True
    return fx_returns, is_known


def scenario_row(closes: FloatArray, fx_returns: FloatArray, is_absolute: np.bool_) -> FloatArray:
    """Return what a unit of an instrument earns in each scenario."""
    change = np.diff(closes) if is_absolute else closes[1:] / closes[:-1] - 1.0
    row: FloatArray = change * (1.0 + fx_returns)
    return row


def _unbroken_length(prices: FloatArray) -> IntArray:
    """Return how many days back from the newest each column runs without a gap."""
    gaps = ~np.isfinite(prices[::-1])
    n_days = len(prices)
    return np.where(gaps.any(axis=0), gaps.argmax(axis=0), n_days).astype(np.int64)
