"""The book at moved prices, valued by the ledger's own formulas, and how every figure slopes there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.distance_cloud import MoveCloud
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.measurement import Measurement
from plimsoll.engine.scenario_window import ScenarioMatrix

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """A figure's derivatives by what the book is made of.

    Attributes
    ----------
    value, unrealised, worth : float or ndarray, shape (n_held,)
        By each position's exposure, P&L since entry, and part of NAV.
    currency : float or ndarray, shape (n_currencies,)
        By the net worth held in each currency; one number for NAV.
    """

    value: float | FloatArray = 0.0
    unrealised: float | FloatArray = 0.0
    worth: float | FloatArray = 0.0
    currency: float | FloatArray = 0.0


@dataclass(frozen=True, slots=True)
class MovedBook:
    """The book after a move of prices, in base money; a position without a price is worth 0 here.

    Attributes
    ----------
    price : ndarray, shape (n,)
        Of every instrument.
    value, unrealised, worth : ndarray, shape (n_held,)
        As `Weights` names them.
    currency : ndarray, shape (n_currencies,)
        Net worth held in each.
    nav : float
        Their sum.
    exposure : ndarray, shape (n + n_currencies,)
        What multiplies the scenario matrix.
    """

    price: FloatArray
    value: FloatArray
    unrealised: FloatArray
    worth: FloatArray
    currency: FloatArray
    nav: float
    exposure: FloatArray
    per_move: FloatArray
    leg_share: FloatArray

    def slope(self, weights: Weights, currency_of: NDArray[np.int64], powers: FloatArray) -> FloatArray:
        """Return a figure's derivatives by each price's move, shape (n,)."""
        n_held, n_currencies = len(self.value), len(self.currency)
        by_currency = np.broadcast_to(np.asarray(weights.currency, dtype=np.float64), (n_currencies,))
        held_in = currency_of[:n_held]
        own = weights.value + weights.unrealised + weights.worth + by_currency[held_in]
        slope = np.zeros(len(self.price))
        slope[:n_held] = self.per_move * own
        turned = (
            weights.value * self.value + weights.unrealised * self.unrealised + weights.worth * self.worth
        )
        by_rate = np.bincount(held_in, weights=np.broadcast_to(turned, (n_held,)), minlength=n_currencies) + (
            by_currency * self.currency
        )
        if by_rate.any():
            slope += (by_rate @ powers) * self.leg_share
        return slope


class Standpoint:
    """The book and the market of one instant, from which moves are tried.

    Attributes
    ----------
    measured : Measurement
        The figures of the instant.
    cloud : MoveCloud
        In whose sigmas moves are counted.
    scenarios : ScenarioMatrix
        For the figures that rest on it.
    here : MovedBook
        The book before any move.
    scale : ndarray, shape (n,)
        Money a price moves by for a move of 1: the price itself, or 1 where moves are price changes.
    """

    def __init__(
        self,
        measured: Measurement,
        ledger: Ledger,
        mark: FloatArray,
        cloud: MoveCloud,
        scenarios: ScenarioMatrix,
    ) -> None:
        self.measured = measured
        self.cloud = cloud
        self.scenarios = scenarios
        self.mark = mark
        self.n_held = len(measured.value)
        self.scale = np.where(cloud.is_absolute, 1.0, mark)
        self._ledger = ledger
        self._size = ledger.quantity * ledger.multiplier
        self.here = self.moved(np.zeros(len(mark)))

    def moved(self, move: FloatArray) -> MovedBook:
        """Return the book after a move, shape (n,)."""
        ledger, n_held = self._ledger, self.n_held
        price = self.mark + self.scale * move
        rate = ledger.rates_at(price)
        per_price = self._size * rate[ledger.currency_of]
        value = per_price * price
        unrealised = per_price * (price - ledger.average_price)
        worth = np.where(ledger.is_funded, value, unrealised)
        currency = _known(ledger.local_at(price) * rate)
        per_unit = np.where(self.cloud.is_absolute, per_price, value)
        with np.errstate(divide="ignore", invalid="ignore"):
            leg_share = self.scale / price
        leg_share[~np.isfinite(leg_share)] = 0.0
        return MovedBook(
            price=price,
            value=_known(value[:n_held]),
            unrealised=_known(unrealised[:n_held]),
            worth=_known(worth[:n_held]),
            currency=currency,
            nav=float(currency.sum()),
            exposure=_known(np.concatenate([per_unit, currency])),
            per_move=_known((per_price * self.scale)[:n_held]),
            leg_share=leg_share,
        )

    def slope(self, moved: MovedBook, weights: Weights) -> FloatArray:
        """Return a figure's derivatives by each price's move at a moved book, shape (n,)."""
        return moved.slope(weights, self._ledger.currency_of, self.cloud.powers)

    def is_possible(self, moved: MovedBook) -> bool:
        """Tell whether no price has fallen to zero that cannot."""
        return not bool(((moved.price <= 0.0) & (self.mark > 0.0) & ~self.cloud.is_absolute).any())

    def sigma_of(self, number: int, move: float) -> float:
        """Return one instrument's move in its own standard deviations; NaN without history."""
        own = float(self.cloud.own[number])
        return abs(move) / own**0.5 if own > 0.0 else float("nan")


def _known(worth: FloatArray) -> FloatArray:
    """Return worths with 0 for what has no price."""
    return np.where(np.isnan(worth), 0.0, worth)
