"""Today's book as plain arrays: what a study on another thread or in another process needs of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class StudyBook:
    """The book at one instant, in base money at today's prices and rates (SEMANTICS, Money: scenario P&L).

    Under a price gain y and a currency growth F a position earns ``gain·y·F + fx_weight·(F − 1)``, where
    `gain` is `exposure` for a return and `money_per_point` for a price change; cash earns ``cash·(F − 1)``.

    Attributes
    ----------
    codes, sectors : tuple of str, length n_held
        The positions; the sector is "unclassified" where nobody named one.
    exposure : ndarray, shape (n_held,)
        q·m·P·fx; 0 for a position without a price.
    money_per_point : ndarray, shape (n_held,)
        q·m·fx.
    fx_weight : ndarray, shape (n_held,)
        What the currency alone moves: q·m·P·fx where funded, q·m·(P − P̄)·fx where not.
    is_priced : ndarray of bool, shape (n_held,)
        Whether it has a price and a rate now.
    currency_of : ndarray of int64, shape (n_held,)
        Currency numbers.
    currencies : tuple of str
        The base currency first.
    cash : ndarray, shape (n_currencies,)
        Cash lines in base money.
    routes : tuple of (tuple of (str, int) or None)
        How each currency becomes base money: codes and powers; None where there is no way.
    nav : float
        Net asset value.
    """

    codes: tuple[str, ...]
    sectors: tuple[str, ...]
    exposure: FloatArray
    money_per_point: FloatArray
    fx_weight: FloatArray
    is_priced: NDArray[np.bool_]
    currency_of: IntArray
    currencies: tuple[str, ...]
    cash: FloatArray
    routes: tuple[tuple[tuple[str, int], ...] | None, ...]
    nav: float

    @property
    def gross(self) -> float:
        """Sum of the exposures' sizes."""
        return float(np.abs(self.exposure).sum())

    def uses_currency(self, number: int) -> bool:
        """Tell whether a currency has cash, or a position quoted in it."""
        quoted = self.exposure[self.currency_of == number]
        return bool(self.cash[number] != 0.0 or (quoted != 0.0).any())

    def pnl(self, gains: FloatArray, weight: FloatArray, fx_growth: FloatArray) -> FloatArray:
        """Return the book's profit in each row, shape (n_rows,).

        Parameters
        ----------
        gains : ndarray, shape (n_rows, n_held)
            Returns or price changes since the start, in the instruments' own currencies.
        weight : ndarray, shape (n_held,)
            `exposure` for the one, `money_per_point` for the other.
        fx_growth : ndarray, shape (n_rows, n_currencies)
            Value of a unit of each currency over its value at the start.
        """
        in_currency = np.zeros((len(self.codes), len(self.currencies)))
        in_currency[np.arange(len(self.codes)), self.currency_of] = 1.0
        local: FloatArray = gains @ (in_currency * weight[:, None])
        held = self.cash + in_currency.T @ self.fx_weight
        return np.asarray((local * fx_growth).sum(axis=1) + (fx_growth - 1.0) @ held)

    def position_pnl(self, gains: FloatArray, weight: FloatArray, fx_growth: FloatArray) -> FloatArray:
        """Return each position's profit in each row, shape (n_rows, n_held); arguments as `pnl`."""
        growth = fx_growth[:, self.currency_of]
        return np.asarray(gains * weight * growth + self.fx_weight * (growth - 1.0))
