"""The market's daily moves as a cloud of points, in whose sigmas the size of a move is counted."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.scenario_window import ScenarioMatrix
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class MoveCloud:
    """Daily moves of every price, scaled so that moves·movesᵀ is their covariance about zero.

    The covariance itself, a million entries for a thousand instruments, is never formed.

    Attributes
    ----------
    moves : ndarray, shape (n, n_scenarios)
        Each instrument's simple returns over √n_scenarios; price changes where the window dips below zero.
    rates : ndarray, shape (n_currencies, n_scenarios)
        The same of each currency's worth, to first order.
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
    """

    moves: FloatArray
    rates: FloatArray
    powers: FloatArray
    is_absolute: BoolArray
    has_history: BoolArray
    own: FloatArray
    own_rate: FloatArray
    rate_variance: FloatArray
    n_scenarios: int


def cloud_of(scenarios: ScenarioMatrix, universe: Universe) -> MoveCloud:
    """Return the cloud behind a scenario matrix; rows without history stand still."""
    n = len(universe.instruments)
    currency_of = np.array(universe.currency_of, dtype=np.int64)
    powers = np.zeros((len(universe.currencies), n))
    for currency, route in enumerate(universe.routes):
        for leg, power in route or ():
            powers[currency, leg] += power
    # A row holds r·(1 + r_fx), SEMANTICS Money: the instrument's own move is what is left without the rate.
    own = scenarios.rows[:n] / (1.0 + scenarios.rows[n:])[currency_of]
    moves = own / np.sqrt(max(scenarios.n_scenarios, 1))
    rates = powers @ moves
    return MoveCloud(
        moves=moves,
        rates=rates,
        powers=powers,
        is_absolute=scenarios.is_absolute,
        has_history=scenarios.has_history[:n],
        own=np.einsum("is,is->i", moves, moves),
        own_rate=np.einsum("is,is->i", moves, rates[currency_of]),
        rate_variance=np.einsum("cs,cs->c", rates, rates),
        n_scenarios=scenarios.n_scenarios,
    )
