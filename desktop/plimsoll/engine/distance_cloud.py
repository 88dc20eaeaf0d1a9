"""The market's daily moves as a cloud of points, in whose sigmas the size of a move is counted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.scenario_window import ScenarioMatrix
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


BLOCK_ROWS = 128
"""Rows worked on at a time: 128 × 1 000 float64 stay in the second-level cache."""


@dataclass(frozen=True, slots=True)
class MoveCloud:
    """Daily moves of every price, scaled so that moves·movesᵀ is their covariance about zero.

    The covariance itself, a million entries for a thousand instruments, is never formed. Nor are the moves: a
    row of the scenario matrix holds r·(1 + r_fx), SEMANTICS Money, so a move is a row times one factor a
    scenario and currency, and every product with the moves is one with the matrix that is there already.

    Attributes
    ----------
    rates : ndarray, shape (n_currencies, n_scenarios)
        The moves of each currency's worth, to first order, scaled likewise.
    powers : ndarray, shape (n_currencies, n)
        The power each price enters each currency's rate with.
    is_absolute, has_history : ndarray of bool, shape (n,)
        Whether a row is of price changes; whether it is real.
    own, own_rate : ndarray, shape (n,)
        Variance of each row, and its covariance with the rate of its currency.
    rate_variance : ndarray, shape (n_currencies,)
        Variance of each rate.
    n_scenarios : int
        Days in the cloud.
    rows : ndarray, shape (n, n_scenarios)
        Of the scenario matrix.
    factors : ndarray, shape (n_currencies, n_scenarios)
        What makes a row of each currency a move: 1 / (1 + r_fx) / √n_scenarios.
    currency_of : ndarray of int64, shape (n,)
        The currency of each row.
    """

    rates: FloatArray
    powers: FloatArray
    is_absolute: BoolArray
    has_history: BoolArray
    own: FloatArray
    own_rate: FloatArray
    rate_variance: FloatArray
    n_scenarios: int
    rows: FloatArray
    factors: FloatArray
    currency_of: IntArray

    def moves(self, numbers: IntArray | slice) -> FloatArray:
        """Return the moves of some instruments, shape (n_numbers, n_scenarios)."""
        return _moves(self.rows, self.factors, self.currency_of, numbers)

    def series(self, weights: FloatArray) -> FloatArray:
        """Return what instruments in these amounts do together, shape (n_scenarios,)."""
        used = np.unique(self.currency_of[weights != 0.0])
        if len(used) == 1:
            found: FloatArray = (weights @ self.rows) * self.factors[used[0]]
            return found
        by_currency = np.where(self.currency_of == used[:, None], weights, 0.0) @ self.rows
        together: FloatArray = np.einsum("cs,cs->s", by_currency, self.factors[used])
        return together

    def series_of(self, numbers: IntArray, weights: FloatArray) -> FloatArray:
        """Return the same of few instruments: only their rows are read."""
        found = np.zeros(self.n_scenarios)
        gathered = np.empty((min(BLOCK_ROWS, len(numbers)), self.n_scenarios))
        held_in = self.currency_of[numbers]
        for currency in np.unique(held_in).tolist():
            mine = held_in == currency
            together = np.zeros(self.n_scenarios)
            own, amount = numbers[mine], weights[mine]
            for start in range(0, len(own), BLOCK_ROWS):
                block = own[start : start + BLOCK_ROWS]
                # Into memory that is there already; "clip" spares a second buffer: no row is out of range.
                rows = np.take(self.rows, block, axis=0, out=gathered[: len(block)], mode="clip")
                together += amount[start : start + BLOCK_ROWS] @ rows
            found += together * self.factors[currency]
        return found

    def with_series(self, series: FloatArray, numbers: IntArray | slice = slice(None)) -> FloatArray:
        """Return each instrument's covariance with a series, shape (n_numbers,)."""
        if isinstance(numbers, slice):
            currency_of = self.currency_of[numbers]
            used, place = np.unique(currency_of, return_inverse=True)
            products = self.rows[numbers] @ (self.factors[used] * series).T
            return np.take_along_axis(products, place[:, None], axis=1)[:, 0]
        found = np.empty(len(numbers))
        for start in range(0, len(numbers), BLOCK_ROWS):
            block = slice(start, start + BLOCK_ROWS)
            found[block] = self.moves(numbers[block]) @ series
        return found


def cloud_of(scenarios: ScenarioMatrix, universe: Universe) -> MoveCloud:
    """Return the cloud behind a scenario matrix; rows without history stand still."""
    n = len(universe.instruments)
    currency_of = np.array(universe.currency_of, dtype=np.int64)
    powers = np.zeros((len(universe.currencies), n))
    for currency, route in enumerate(universe.routes):
        for leg, power in route or ():
            powers[currency, leg] += power
    rows = scenarios.rows[:n]
    factors = 1.0 / (1.0 + scenarios.rows[n:]) / np.sqrt(max(scenarios.n_scenarios, 1))
    legs = np.flatnonzero(powers.any(axis=0))
    rates = powers[:, legs] @ _moves(rows, factors, currency_of, legs)
    own, own_rate = np.empty(n), np.empty(n)
    for start in range(0, n, BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        moves = _moves(rows, factors, currency_of, block)
        own[block] = np.einsum("is,is->i", moves, moves)
        own_rate[block] = np.einsum("is,is->i", moves, rates[currency_of[block]]) if len(legs) else 0.0
    return MoveCloud(
        rates=rates,
        powers=powers,
        is_absolute=scenarios.is_absolute,
        has_history=scenarios.has_history[:n],
        own=own,
        own_rate=own_rate,
        rate_variance=np.einsum("cs,cs->c", rates, rates),
        n_scenarios=scenarios.n_scenarios,
        rows=rows,
        factors=factors,
        currency_of=currency_of,
    )


def _moves(
    rows: FloatArray, factors: FloatArray, currency_of: IntArray, numbers: IntArray | slice
) -> FloatArray:
    found: FloatArray = rows[numbers] * factors[currency_of[numbers]]
    return found
