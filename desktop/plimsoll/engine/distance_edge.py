"""The edge of each limit: one function of the moved book that is zero on the line and above it beyond.

A share of NAV breaks where A − line·NAV turns positive: written so, all but a few edges are linear in prices.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.distance_book import MovedBook, Standpoint, Weights
from plimsoll.risk.expected_shortfall import historical_es, tail_weights
from plimsoll.risk.value_at_risk import historical_var

FloatArray = NDArray[np.float64]


class Edge(Protocol):
    """Where a limit breaks.

    Attributes
    ----------
    is_smooth : bool
        Whether its slope tells where its nearest point lies.
    """

    @property
    def is_smooth(self) -> bool:
        """Whether its slope tells where its nearest point lies."""

    def at(self, moved: MovedBook) -> tuple[float, Weights]:
        """Return how far the moved book lies beyond the line, and the derivatives of that."""


@dataclass(frozen=True, slots=True)
class NavEdge:
    """NAV falls to a level: daily and trailing loss, drawdown.

    Attributes
    ----------
    gap : float
        Further loss that breaks it.
    start : MovedBook
        From where it is counted.
    """

    gap: float
    start: MovedBook
    is_smooth: bool = True

    def at(self, moved: MovedBook) -> tuple[float, Weights]:
        """Return how far the moved book lies beyond the line, and the derivatives of that."""
        return self.start.nav - moved.nav - self.gap, Weights(currency=-1.0)


@dataclass(frozen=True, slots=True)
class LossEdge:
    """A group loses a further amount, since entry or since the roll.

    Attributes
    ----------
    share : ndarray, shape (n_held,)
        1 for each position of the group, else 0.
    gap : float
        Further loss that breaks it.
    is_since_entry : bool
        Whether the P&L since entry counts, or what each position adds to NAV.
    start : MovedBook
        From where it is counted.
    """

    share: FloatArray
    gap: float
    is_since_entry: bool
    start: MovedBook
    is_smooth: bool = True

    def at(self, moved: MovedBook) -> tuple[float, Weights]:
        """Return how far the moved book lies beyond the line, and the derivatives of that."""
        if self.is_since_entry:
            lost = self.share @ (self.start.unrealised - moved.unrealised)
            return float(lost) - self.gap, Weights(unrealised=-self.share)
        lost = self.share @ (self.start.worth - moved.worth)
        return float(lost) - self.gap, Weights(worth=-self.share)


@dataclass(frozen=True, slots=True)
class NetEdge:
    """A group's net exposure reaches a line on one side of nought.

    Attributes
    ----------
    sign : ndarray, shape (n_held,)
        How each position enters, and which side is watched.
    line : float
        In money, or as a share of NAV.
    is_of_nav : bool
        Which of both.
    """

    sign: FloatArray
    line: float
    is_of_nav: bool
    is_smooth: bool = True

    def at(self, moved: MovedBook) -> tuple[float, Weights]:
        """Return how far the moved book lies beyond the line, and the derivatives of that."""
        nav = moved.nav if self.is_of_nav else 1.0
        slope = Weights(value=self.sign, currency=-self.line if self.is_of_nav else 0.0)
        return float(self.sign @ moved.value) - self.line * nav, slope


@dataclass(frozen=True, slots=True)
class GrossEdge:
    """A group's gross exposure, or that of its largest positions, reaches a line.

    Attributes
    ----------
    share : ndarray, shape (n_held,)
        1 for each position of the group, else 0.
    line : float
        In money, or as a share of NAV.
    is_of_nav : bool
        Which of both.
    n_largest : int
        How many positions count; 0 for all.
    """

    share: FloatArray
    line: float
    is_of_nav: bool
    n_largest: int = 0
    is_smooth: bool = True

    def at(self, moved: MovedBook) -> tuple[float, Weights]:
        """Return how far the moved book lies beyond the line, and the derivatives of that."""
        size = self.share * np.abs(moved.value)
        counted = self.share
        if 0 < self.n_largest < len(size):
            largest = np.argpartition(-size, self.n_largest - 1)[: self.n_largest]
            counted = np.zeros(len(size))
            counted[largest] = self.share[largest]
        nav = moved.nav if self.is_of_nav else 1.0
        slope = Weights(value=counted * np.sign(moved.value), currency=-self.line if self.is_of_nav else 0.0)
        return float(counted @ size) - self.line * nav, slope


@dataclass(frozen=True, slots=True)
class HhiEdge:
    """A group's concentration reaches a line.

    Attributes
    ----------
    share : ndarray, shape (n_held,)
        1 for each position of the group, else 0.
    line : float
        Σw² over gross weights within the group.
    """

    share: FloatArray
    line: float
    is_smooth: bool = True

    def at(self, moved: MovedBook) -> tuple[float, Weights]:
        """Return how far the moved book lies beyond the line, and the derivatives of that."""
        value = self.share * moved.value
        gross = float(np.abs(value).sum())
        if not gross > 0.0:
            return -self.line, Weights()
        hhi = float(value @ value) / gross**2
        return hhi - self.line, Weights(value=2.0 * (value / gross - hhi * np.sign(value)) / gross)


@dataclass(frozen=True, slots=True)
class TailEdge:
    """The book's VaR or ES over the scenarios reaches a line while exposures move with prices.

    Attributes
    ----------
    confidence : float
        Of the figure.
    is_shortfall : bool
        ES, or else VaR.
    line : float
        In money, or as a share of NAV.
    is_of_nav : bool
        Which of both.
    stand : Standpoint
        Whose scenarios.
    """

    confidence: float
    is_shortfall: bool
    line: float
    is_of_nav: bool
    stand: Standpoint
    is_smooth: bool = False  # piecewise linear: its slope jumps where another day enters the tail

    def at(self, moved: MovedBook) -> tuple[float, Weights]:
        """Return how far the moved book lies beyond the line, and the derivatives of that."""
        stand, n = self.stand, len(moved.price)
        rows = stand.scenarios.rows
        known = np.where(stand.scenarios.has_history, moved.exposure, 0.0)
        pnl = known @ rows
        if self.is_shortfall:
            figure = historical_es(pnl, confidence=self.confidence, tail="fractional")
            tail = tail_weights(pnl, confidence=self.confidence)
        else:
            figure = historical_var(pnl, confidence=self.confidence, rule="rank")
            tail = np.zeros(len(pnl))
            tail[np.argmin(np.abs(pnl + figure))] = 1.0
        days = np.flatnonzero(tail)
        loss = -(rows[:, days] @ tail[days])
        by_value = np.where(stand.cloud.is_absolute, 0.0, loss[:n])[: stand.n_held]
        nav = moved.nav if self.is_of_nav else 1.0
        by_currency = loss[n:] - (self.line if self.is_of_nav else 0.0)
        return figure - self.line * nav, Weights(value=by_value, currency=by_currency)
