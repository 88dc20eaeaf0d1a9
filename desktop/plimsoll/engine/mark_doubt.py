"""Holds marks against the last closes, some at a time: a verdict stands until its mark has moved."""

import math

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.doubt import DataDoubt
from plimsoll.engine.doubt_search import LEAST_FACTOR, doubts_of_some
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]

MOVED_FRACTION = 0.02
"""Less than the tolerance of any explanation, so that a verdict is anew long before it is another."""
MOST_AT_ONCE = 250
"""Verdicts a look: a millisecond or two. Where more are due, the others have their turn at the next."""


class MarkDoubts:
    """What is doubted of the marks; one owner, the risk thread.

    Parameters
    ----------
    universe : Universe
        The instruments, by number.
    """

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        n = len(universe.codes)
        self._pairs = tuple(
            number for number, item in enumerate(universe.instruments) if item.currency_pair is not None
        )
        self._closes: FloatArray = np.full(n, np.nan)
        self._judged: FloatArray = np.full(n, np.nan)  # logarithm of the factor; NaN: no verdict stands
        self._rates: dict[str, float] = {}
        self._found: dict[int, tuple[DataDoubt, ...]] = {}
        self._told: tuple[DataDoubt, ...] = ()
        self._next = 0

    def use_closes(self, closes: FloatArray) -> None:
        """Take other last closes, shape (n_instruments,), NaN unknown: every verdict falls."""
        self._closes = closes
        self._judged.fill(np.nan)
        self._found.clear()
        self._told = ()

    def look(self, marks: FloatArray) -> tuple[DataDoubt, ...]:
        """Return the doubts of these marks, shape (n_instruments,); the same object while none changed."""
        usable = (self._closes > 0.0) & (marks > 0.0)
        factor = np.log(np.where(usable, marks, 1.0)) - np.log(np.where(usable, self._closes, 1.0))
        is_near = np.abs(factor) <= math.log(LEAST_FACTOR)
        self._judged[is_near] = np.nan
        cleared = [number for number in self._found if is_near[number]]
        for number in cleared:
            del self._found[number]
        self._follow_rates(marks)
        is_same = np.abs(factor - self._judged) <= math.log1p(MOVED_FRACTION)
        due = np.flatnonzero(~is_near & ~is_same)
        if len(due):
            self._judge(due, marks, factor)
        if len(due) or cleared:
            self._told = tuple(each for number in sorted(self._found) for each in self._found[number])
        return self._told

    def _follow_rates(self, marks: FloatArray) -> None:
        """Let every verdict be given anew when a rate that may explain it has moved."""
        items = self._universe.instruments
        rates = {
            items[number].code: float(marks[number]) for number in self._pairs if np.isfinite(marks[number])
        }
        if rates.keys() != self._rates.keys() or any(
            _have_parted(rate, self._rates[code]) for code, rate in rates.items()
        ):
            self._rates = rates
            self._judged.fill(np.nan)

    def _judge(self, due: NDArray[np.int64], marks: FloatArray, factor: FloatArray) -> None:
        turn = np.concatenate([due[due >= self._next], due[due < self._next]])[:MOST_AT_ONCE]
        self._next = int(turn[-1]) + 1
        for number in turn.tolist():
            self._found.pop(number, None)
        self._found |= doubts_of_some(self._universe, turn, self._closes, marks, self._rates)
        self._judged[turn] = factor[turn]


def _have_parted(rate: float, before: float) -> bool:
    return rate <= 0.0 or before <= 0.0 or abs(math.log(rate / before)) > math.log1p(MOVED_FRACTION)
