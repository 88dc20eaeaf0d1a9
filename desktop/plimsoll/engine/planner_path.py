"""How far along a way of cutting a target is first met, in whole lots."""

from collections.abc import Callable
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.plan_input import PlanInput
from plimsoll.engine.planner_legs import kept_after, lots_of_cut
from plimsoll.engine.planner_target import Target

FloatArray = NDArray[np.float64]

_STEPS = 48
_HALVINGS = 40
_SHRINKS = (1.0, 1.0005, 1.002, 1.005, 1.01, 1.02, 1.05, 1.1)
"""Lots that round a hedge up may leave a hair too much: then a little more of everything is cut."""


def first_cut(target: Target, speed: FloatArray) -> FloatArray | None:
    """Return the least cut along min(1, t · speed) that meets a target, shape (n_held,); None if none does.

    A figure that is not convex (a simulated VaR) may cross its level several times: steps are looked at in
    their order and the first that meets it is narrowed down.
    """
    fastest = float(speed.max(initial=0.0))
    if fastest <= 0.0:
        return None

    def cut(t: float) -> FloatArray:
        return np.minimum(1.0, t * speed)

    def is_met(t: float) -> bool:
        return target.is_met_by(1.0 - cut(t))

    ends = np.unique(1.0 / speed[speed > 0.0])
    if is_met(0.0):
        return np.zeros(len(speed))
    steps = np.unique(np.concatenate([np.linspace(0.0, 1.0 / fastest, _STEPS + 1)[1:], ends[:_STEPS]]))
    low = 0.0
    for high in steps.tolist():
        if is_met(high):
            return cut(_narrowed(is_met, low, high))
        low = high
    return None


def cut_in_lots(target: Target, cut: FloatArray, plan_input: PlanInput) -> list[Decimal]:
    """Return a cut in whole lots; where rounding has lost the target, a little more of it."""
    made = lots_of_cut(plan_input, cut)
    for more in _SHRINKS:
        trades = lots_of_cut(plan_input, np.minimum(1.0, cut * more))
        if target.is_met_by(kept_after(plan_input, trades)):
            return trades
    return made


def _narrowed(is_met: Callable[[float], bool], low: float, high: float) -> float:
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if is_met(middle) else (middle, high)
    return high
