"""What the slow figures are worked out from: the book as it stands, by reference."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.scenario_window import ScenarioMatrix
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BookNow:
    """One instant of the book; what is kept beyond the call is copied.

    Attributes
    ----------
    mark, reference : ndarray, shape (n_instruments,)
        Price now, and at the last day roll; NaN unknown.
    quantity : ndarray, shape (n_instruments,)
        Signed; 0 for an instrument that only converts.
    value : ndarray, shape (n_held,)
        Exposure q·m·P·fx in base money; NaN where it cannot be priced.
    fx : ndarray, shape (n_currencies,)
        Base money per unit; NaN where there is no rate.
    nav : float
        NaN unknown.
    matrix : ScenarioMatrix
        What a unit of exposure earns in each daily scenario.
    exposure : ndarray, shape (n_instruments + n_currencies,)
        What `pnl` rests on.
    pnl : ndarray, shape (n_scenarios,)
        The book's P&L in each scenario, oldest first; empty while the headline figures are unknown.
    """

    mark: FloatArray
    reference: FloatArray
    quantity: FloatArray
    value: FloatArray
    fx: FloatArray
    nav: float
    matrix: ScenarioMatrix
    exposure: FloatArray
    pnl: FloatArray


def today_so_far(book: BookNow, universe: Universe) -> FloatArray:
    """Return what a unit of exposure has earned since the day roll: one more column of the matrix.

    Parameters
    ----------
    book : BookNow
        Marks against references.
    universe : Universe
        How each currency becomes base money.

    Returns
    -------
    ndarray, shape (n_instruments + n_currencies,)
        Instruments: r·(1 + r_fx), price changes where the matrix has them; currencies: r_fx. NaN unknown.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((book.reference > 0.0) & (book.mark > 0.0), book.mark / book.reference, np.nan)
    growth = np.full(len(universe.routes), np.nan)
    for number, route in enumerate(universe.routes):
        if route is not None:
            growth[number] = np.prod([ratio[leg] ** power for leg, power in route])
    change = np.where(book.matrix.is_absolute, book.mark - book.reference, ratio - 1.0)
    return np.concatenate([change * growth[list(universe.currency_of)], growth - 1.0])
