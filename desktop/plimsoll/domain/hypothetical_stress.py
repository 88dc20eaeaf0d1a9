"""What a scenario of one's own does to the book: moves, profits, isolated and transitive."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.stress_scenario import StressScenario

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BookMoves:
    """What moves by how much, position by position.

    Attributes
    ----------
    price : ndarray, shape (n_held,)
        Returns in the positions' own currencies, in the book's order.
    fx : ndarray, shape (n_currencies,)
        Returns of a unit of each currency in base money.
    is_named : ndarray of bool, shape (n_held,)
        Whether a shock speaks of the position itself.
    """

    price: FloatArray
    fx: FloatArray
    is_named: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class BookPnl:
    """What it earns; the two together are the book.

    Attributes
    ----------
    positions : ndarray, shape (n_held,)
        In base money, the currency included; NaN for a position without a price.
    cash : ndarray, shape (n_currencies,)
        Of the cash lines.
    """

    positions: FloatArray
    cash: FloatArray

    @property
    def total(self) -> float:
        """The book's; NaN while a position has no price."""
        return float(self.positions.sum() + self.cash.sum())


@dataclass(frozen=True, slots=True, eq=False)
class HypotheticalStress:
    """One scenario, isolated and transitive side by side.

    Attributes
    ----------
    scenario : StressScenario
        The shocks.
    moves, pnl : BookMoves, BookPnl
        Isolated: what the shocks name moves, all else stands still.
    following_moves, following_pnl : BookMoves or None, BookPnl or None
        Transitive: all else at its expected move given the shocks; None without a history.
    unheard : tuple of str
        Shocks that no series with a history answers to: nothing follows them.
    """

    scenario: StressScenario
    moves: BookMoves
    pnl: BookPnl
    following_moves: BookMoves | None
    following_pnl: BookPnl | None
    unheard: tuple[str, ...] = ()
