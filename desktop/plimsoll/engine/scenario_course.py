"""Lets a finished day join the scenarios without keeping every close they were made of."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.scenario_window import (
    PriceWindow,
    ScenarioMatrix,
    currency_scenarios,
    scenario_matrix,
    scenario_row,
)
from plimsoll.engine.universe import Universe

FloatArray = NDArray[np.float64]


class ScenarioCourse:
    """The scenarios of a window, day after day.

    Equal to the scenarios made anew from all closes, at half the memory of keeping those beside them: of most
    instruments a new day's scenario needs the last close alone. Whole columns are kept of those whose past
    may still change their scenarios: those without history, those that may trade below zero, and the pairs
    that convert money.

    Attributes
    ----------
    window : PriceWindow
        The days and what is known of them; of the closes the newest row alone.
    matrix : ScenarioMatrix
        Its scenarios.
    """

    def __init__(self, window: PriceWindow, universe: Universe) -> None:
        self._universe = universe
        self._may_be_negative = np.array(
            [item.may_be_negative for item in universe.instruments], dtype=np.bool_
        )
        self._is_always_kept = self._may_be_negative.copy()
        self._is_always_kept[[leg for route in universe.routes for leg, _ in route or ()]] = True
        self.matrix = scenario_matrix(window, universe)
        self._kept = {number: window.closes[:, number].copy() for number in self._numbers_to_keep()}
        self.window = replace(window, closes=window.closes[-1:].copy())

    def finish_day(self, day: int, closes: FloatArray, window_days: int) -> None:
        """Let a finished day join and the oldest leave; `closes` has the shape (n_instruments,)."""
        window = self.window
        if not window.n_scenarios or day <= window.days[-1]:
            return
        days = np.append(window.days, day)[-(window_days + 1) :]
        last = window.closes[-1]
        self._kept = {
            number: np.append(course, closes[number])[-len(days) :] for number, course in self._kept.items()
        }
        self.matrix = self._after(last, closes, len(days) - 1)
        kept = {}
        for number in self._numbers_to_keep():
            course = self._kept.get(number)
            if course is None:
                # What broke it came with this day: once that leaves the window, all before it has left too.
                course = np.full(len(days), np.nan)
                course[-2:] = last[number], closes[number]
            kept[number] = course
        self._kept = kept
        self.window = replace(window, days=days, closes=closes[np.newaxis].copy(), stale=frozenset())

    def _numbers_to_keep(self) -> list[int]:
        has_history = self.matrix.has_history[: len(self._is_always_kept)]
        numbers: list[int] = np.flatnonzero(self._is_always_kept | ~has_history).tolist()
        return numbers

    def _after(self, last: FloatArray, closes: FloatArray, n_scenarios: int) -> ScenarioMatrix:
        """Return the scenarios with the day in them that leads from `last` to `closes`."""
        old, universe = self.matrix, self._universe
        n = len(universe.instruments)
        is_absolute = np.zeros(n, dtype=np.bool_)
        complete = old.has_history[:n] & np.isfinite(closes) & (closes > 0.0)
        for number, course in self._kept.items():
            dips = bool((course <= 0.0).any())
            is_absolute[number] = dips and self._may_be_negative[number]
            complete[number] = np.isfinite(course).all() and (is_absolute[number] or not dips)
        fx_returns, has_fx = currency_scenarios(
            self._kept.__getitem__, universe, complete & ~is_absolute, n_scenarios
        )
        currency_of = np.array(universe.currency_of, dtype=np.int64)
        complete &= has_fx[currency_of]
        goes_on = complete.copy()
        goes_on[list(self._kept)] = False
        numbers = np.flatnonzero(goes_on)
        rows = np.zeros((n + len(has_fx), n_scenarios))
        rows[:n, :-1] = old.rows[:n, old.n_scenarios - n_scenarios + 1 :]
        rows[:n][~goes_on] = 0.0
        rows[numbers, -1] = (closes[numbers] / last[numbers] - 1.0) * (
            1.0 + fx_returns[currency_of[numbers], -1]
        )
        rows[n:] = fx_returns
        for number, course in self._kept.items():
            if complete[number]:
                rows[number] = scenario_row(course, fx_returns[currency_of[number]], is_absolute[number])
        return ScenarioMatrix(rows, is_absolute, np.concatenate([complete, has_fx]))
