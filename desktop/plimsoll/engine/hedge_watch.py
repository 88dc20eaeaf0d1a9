"""How well a hedge still follows what it is to hedge."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.book_now import BookNow
from plimsoll.engine.universe import Universe
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.hedge import hedge_ratio

FloatArray = NDArray[np.float64]

N_DAYS: Final = 63
"""Newest days looked at: a quarter, so that a hedge that has come loose shows within weeks."""


class HedgeWatch:
    """Effectiveness of named pairs, such as ``"LLY.US/PFE.US"``: what is held, then what hedges it.

    Parameters
    ----------
    universe : Universe
        Both codes of a pair must be in it; another pair stays unknown.
    pairs : iterable of str
        Their names, as limits have them.
    """

    def __init__(self, universe: Universe, pairs: Iterable[str]) -> None:
        number_by_code = {code: number for number, code in enumerate(universe.codes)}
        self._places: dict[str, tuple[int, int] | None] = {}
        for pair in pairs:
            held, _, hedge = (part.strip() for part in pair.partition("/"))
            is_known = held in number_by_code and hedge in number_by_code
            self._places[pair] = (number_by_code[held], number_by_code[hedge]) if is_known else None

    def effectiveness(self, book: BookNow, today: FloatArray) -> dict[str, float]:
        """Return ρ² of each pair over the newest days, today so far included; NaN unknown.

        Parameters
        ----------
        book : BookNow
            With the scenarios, in base money.
        today : ndarray, shape (n_instruments + n_currencies,)
            What a unit of exposure has earned since the day roll.
        """
        return {pair: self._of(places, book, today) for pair, places in self._places.items()}

    def _of(self, places: tuple[int, int] | None, book: BookNow, today: FloatArray) -> float:
        matrix = book.matrix
        if places is None or not matrix.has_history[list(places)].all():
            return float("nan")
        newest = matrix.rows[list(places), -N_DAYS:]
        now = today[list(places)]
        if np.isfinite(now).all() and now.any():
            newest = np.hstack([newest, now[:, None]])
        try:
            return hedge_ratio(newest[0], newest[1]).effectiveness
        except RiskInputError:
            return float("nan")
