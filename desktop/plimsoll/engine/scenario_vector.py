"""The book's P&L in every scenario, kept up to date for the rows that changed only."""

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.scenario_window import ScenarioMatrix

FloatArray = NDArray[np.float64]

BLOCK_ROWS = 64
"""Rows gathered at a time: 64 × 1 000 float64 are in the second-level cache when multiplied."""
FULL_ABOVE_FRACTION = 0.5
"""Above this share of changed rows the whole product is cheaper."""
RESYNC_AFTER = 100_000
"""Partial updates between two full products; drift is then far below 1e-12."""


class ScenarioVector:
    """P&L a scenario, for a matrix of scenarios and a vector of exposures.

    Attributes
    ----------
    pnl : ndarray, shape (n_scenarios,)
        The book's P&L in each scenario, oldest first, a loss below zero.
    exposure : ndarray, shape (n_instruments + n_currencies,)
        What `pnl` rests on; zero without history or without a price.
    """

    def __init__(self, matrix: ScenarioMatrix) -> None:
        self.matrix = matrix
        self.exposure: FloatArray = np.zeros(len(matrix.rows))
        self._told: FloatArray = np.zeros(len(matrix.rows))
        self.pnl: FloatArray = np.zeros(matrix.n_scenarios)
        self._weight: FloatArray = matrix.has_history.astype(np.float64)
        self._gathered: FloatArray = np.empty((min(BLOCK_ROWS, len(matrix.rows)), matrix.n_scenarios))
        self._moved: FloatArray = np.empty(matrix.n_scenarios)
        self._n_partial = 0

    def update(self, exposure: FloatArray) -> None:
        """Take new exposures, shape (n_instruments + n_currencies,); rows without history count as zero."""
        # NaN is unequal to itself: an unpriced row counts as changed and comes out as no change.
        told = np.flatnonzero(exposure != self._told)
        news = exposure[told]
        self._told[told] = news
        known = news * self._weight[told]
        known[np.isnan(known)] = 0.0
        change = known - self.exposure[told]
        self.exposure[told] = known
        moved = change != 0.0
        if not moved.all():
            told, change = told[moved], change[moved]
        self._n_partial += 1
        if len(told) > FULL_ABOVE_FRACTION * len(exposure) or self._n_partial >= RESYNC_AFTER:
            self.pnl = self.exposure @ self.matrix.rows
            self._n_partial = 0
            return
        for start in range(0, len(told), BLOCK_ROWS):
            block = told[start : start + BLOCK_ROWS]
            # Into memory that is there already; "clip" spares a second buffer: no row is out of range.
            rows = np.take(self.matrix.rows, block, axis=0, out=self._gathered[: len(block)], mode="clip")
            self.pnl += np.dot(change[start : start + BLOCK_ROWS], rows, out=self._moved)
