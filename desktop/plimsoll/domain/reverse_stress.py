"""The likeliest move that loses a sum, how plausible it is, and when history came near it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.hypothetical_stress import BookMoves, BookPnl

FloatArray = NDArray[np.float64]

DAYS_PER_YEAR = 252
TAIL_FREEDOM = 4
"""Degrees of freedom of the fat-tailed figure: daily returns have between three and five (Cont 2001)."""


@dataclass(frozen=True, slots=True)
class PastLoss:
    """One of the worst spells of the history, the book of today led through it.

    Attributes
    ----------
    first_day, last_day : int
        Days from 1970-01-01; the same for a single day.
    pnl_base : float
        To first order, as the answer beside it.
    distance : float
        How unusual the spell was: its own Mahalanobis distance, in all directions.
    likeness : float
        Cosine between the spell and the answer, in units of standard deviations; 1 is the same direction.
    """

    first_day: int
    last_day: int
    pnl_base: float
    distance: float
    likeness: float


@dataclass(frozen=True, slots=True, eq=False)
class ReverseStress:
    """The answer, or why there is none.

    Attributes
    ----------
    loss_base : float
        The sum to lose, positive.
    horizon_days : int
        Within how many days.
    refusal : str
        Why there is no answer; empty where there is one.
    moves : BookMoves or None
        The move itself.
    own_sigma : ndarray, shape (n_held,)
        Each position's move in its own standard deviations over the horizon.
    pnl : BookPnl or None
        Repriced in full; differs from the sum by the product of price and currency.
    distance : float
        Mahalanobis, in standard deviations of the book.
    n_directions : int
        Independent directions the market can move in, as the covariance has them.
    loss_probability : float
        Normal: chance of losing the sum or more within the horizon.
    tail_probability : float
        Student's t with `TAIL_FREEDOM` degrees of freedom and the same deviation: the same chance.
    move_probability : float
        Chi-square with `n_directions`: chance that the market moves at least as far in any direction.
    worst : tuple of PastLoss
        The worst spells of the history that do not overlap, the worst first.
    n_spells, n_as_bad : int
        Spells of this length in the history, and those that lost as much or more.
    unknown_codes : tuple of str
        Positions without a history: they stand still in the answer.
    """

    loss_base: float
    horizon_days: int
    refusal: str = ""
    moves: BookMoves | None = None
    own_sigma: FloatArray | None = None
    pnl: BookPnl | None = None
    distance: float = math.nan
    n_directions: int = 0
    loss_probability: float = math.nan
    tail_probability: float = math.nan
    move_probability: float = math.nan
    worst: tuple[PastLoss, ...] = ()
    n_spells: int = 0
    n_as_bad: int = 0
    unknown_codes: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is an answer."""
        return not self.refusal

    def years_between(self, probability: float) -> float:
        """Return how many years lie between two such spells if a model's probability is right."""
        spells_a_year = DAYS_PER_YEAR / self.horizon_days
        return math.inf if probability <= 0.0 else 1.0 / (probability * spells_a_year)
