"""Value at risk and expected shortfall of today's book in the worst year it can be shown to have."""

import math
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, vector, whole_number
from plimsoll.risk.errors import InsufficientHistory, OutOfRange, ShapeMismatch
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.quantile import needed_tail, profits
from plimsoll.risk.value_at_risk import historical_var

StressMeasure = Literal["es", "var"]

DEFAULT_WINDOW_DAYS: Final = 250
# Numbers sorted at a time, 16 MB.
_CHUNK: Final = 1 << 21


@dataclass(frozen=True, slots=True)
class StressedWindow:
    """The worst window of a history, for today's book.

    Attributes
    ----------
    first, last : int
        Positions in the history of its first and last day.
    var, es : float
        Losses in base currency of today's book within it, rank rule and fractional tail.
    n_windows : int
        How many windows were searched.
    """

    first: int
    last: int
    var: float
    es: float
    n_windows: int


def stressed_window(
    pnl: ArrayLike,
    *,
    confidence: float,
    window_days: int = DEFAULT_WINDOW_DAYS,
    measure: StressMeasure = "es",
) -> StressedWindow:
    """Return the window of consecutive days in which today's book would have been riskiest.

    Parameters
    ----------
    pnl : array_like of shape (n_days,)
        Profits of today's book on every day of a long history, in base currency, oldest first.
    confidence : float
        In (0.5, 1).
    window_days : int
        Length of the window.
    measure : {"es", "var"}
        Which figure is to be greatest.

    Returns
    -------
    StressedWindow
        Of all windows the one with the greatest figure, the earliest of equals; every one is searched.

    Raises
    ------
    InsufficientHistory
        If the history is shorter than the window, or no whole day of a window lies in the tail.
    NotFinite, ShapeMismatch, OutOfRange
        If `pnl` is no finite vector or an option is unknown.

    References
    ----------
    Basel Committee on Banking Supervision, "Revisions to the Basel II market risk framework", 2009, paragraph
    718(Lxxvi)(i): a continuous 12-month period of significant stress for the bank's own portfolio.

    Examples
    --------
    >>> calm, storm = [-1.0, 1.0] * 10, [-9.0, -8.0, 5.0, -7.0]
    >>> stressed_window(calm + storm + calm, confidence=0.75, window_days=4)
    StressedWindow(first=17, last=20, var=1.0, es=9.0, n_windows=41)
    """
    profit = profits(pnl)
    if measure not in get_args(StressMeasure):
        raise OutOfRange(f"measure was {measure!r}, expected one of {', '.join(get_args(StressMeasure))}")
    window_days = whole_number(window_days, "window_days", 1)
    tail = needed_tail(window_days, confidence)
    n_days = profit.shape[0]
    if n_days < window_days:
        raise InsufficientHistory(
            f"pnl had {n_days} days, expected at least {window_days}: lengthen the history",
            n_observations=n_days,
            n_needed=window_days,
        )
    windows = np.lib.stride_tricks.sliding_window_view(profit, window_days)
    rows = max(1, _CHUNK // window_days)
    figures = np.concatenate(
        [_figures(windows[first : first + rows], tail, measure) for first in range(0, len(windows), rows)]
    )
    worst = int(figures.argmax())
    chosen = windows[worst]
    return StressedWindow(
        first=worst,
        last=worst + window_days - 1,
        var=historical_var(chosen, confidence=confidence),
        es=historical_es(chosen, confidence=confidence),
        n_windows=len(windows),
    )


def _figures(windows: FloatArray, tail: float, measure: StressMeasure) -> FloatArray:
    whole = math.floor(tail)
    ordered = np.partition(windows, np.arange(whole + 1), axis=1)[:, : whole + 1]
    if measure == "var":
        return -ordered[:, whole]
    result: FloatArray = -(ordered[:, :whole].sum(axis=1) + (tail - whole) * ordered[:, whole]) / tail
    return result


def stressed_var(pnl: ArrayLike, *, confidence: float, window_days: int = DEFAULT_WINDOW_DAYS) -> float:
    """Return the greatest value at risk of today's book over any window of the history.

    Parameters
    ----------
    pnl, confidence, window_days
        As `stressed_window`.

    Returns
    -------
    float
        Loss in base currency, rank rule.

    Raises
    ------
    InsufficientHistory, NotFinite, ShapeMismatch, OutOfRange
        As `stressed_window`.
    """
    return stressed_window(pnl, confidence=confidence, window_days=window_days, measure="var").var


def stressed_es(pnl: ArrayLike, *, confidence: float, window_days: int = DEFAULT_WINDOW_DAYS) -> float:
    """Return the greatest expected shortfall of today's book over any window of the history.

    Parameters
    ----------
    pnl, confidence, window_days
        As `stressed_window`.

    Returns
    -------
    float
        Loss in base currency, fractional tail.

    Raises
    ------
    InsufficientHistory, NotFinite, ShapeMismatch, OutOfRange
        As `stressed_window`.
    """
    return stressed_window(pnl, confidence=confidence, window_days=window_days, measure="es").es


@dataclass(frozen=True, slots=True, eq=False)
class GapAddOn:
    """What a sudden gap in single names costs beyond what their own value at risk already holds.

    Attributes
    ----------
    add_on : float
        Money to add to a portfolio figure, not below zero.
    names : tuple of int
        The names counted, worst first.
    losses : ndarray of shape (n_assets,)
        Gap loss of every name alone.
    """

    add_on: float
    names: tuple[int, ...]
    losses: FloatArray


@refuses_overflow
def gap_add_on(
    exposures: ArrayLike,
    *,
    fall_fraction: ArrayLike,
    rise_fraction: ArrayLike | None = None,
    standalone_var: ArrayLike | None = None,
    n_names: int = 1,
) -> GapAddOn:
    """Return the single-name gap add-on: profit warnings, takeovers and halts that no window contains.

    Parameters
    ----------
    exposures : array_like of shape (n_assets,)
        Signed money per name in base currency.
    fall_fraction : float or array_like of shape (n_assets,)
        Gap assumed against a long position, 0.2 being 20 %; not below zero.
    rise_fraction : float or array_like of shape (n_assets,), optional
        Gap assumed against a short position; as `fall_fraction` without it.
    standalone_var : array_like of shape (n_assets,), optional
        Value at risk of each name alone, which the portfolio figure is taken to hold already. None is zero.
    n_names : int
        How many names gap at once, at least one.

    Returns
    -------
    GapAddOn
        The sum over the `n_names` names whose gap loss exceeds their own value at risk by most.

    Raises
    ------
    OutOfRange
        If a gap is below zero, or `n_names` below one.
    NotFinite, ShapeMismatch
        If the inputs hold a NaN or do not belong together.

    Examples
    --------
    >>> gap_add_on([1e6, -4e5], fall_fraction=0.2, rise_fraction=0.5, standalone_var=[3e4, 2e4]).add_on
    180000.0
    """
    value = vector(exposures, "exposures")
    count = whole_number(n_names, "n_names", 1)
    fall = _per_name(fall_fraction, "fall_fraction", value.shape[0])
    rise = fall if rise_fraction is None else _per_name(rise_fraction, "rise_fraction", value.shape[0])
    held = _per_name(0.0 if standalone_var is None else standalone_var, "standalone_var", value.shape[0])
    losses: FloatArray = np.where(value >= 0.0, value * fall, -value * rise)
    beyond = np.maximum(losses - held, 0.0)
    worst = np.argsort(-beyond, kind="stable")[:count]
    names = tuple(int(name) for name in worst if beyond[name] > 0.0)
    return GapAddOn(float(beyond[worst].sum()), names, losses)


def _per_name(values: ArrayLike, name: str, n_assets: int) -> FloatArray:
    array = np.asarray(values, dtype=np.float64)
    if array.shape not in ((), (n_assets,)):
        raise ShapeMismatch(f"{name} had shape {array.shape}, expected a number or ({n_assets},)")
    spread = vector(np.broadcast_to(array, (n_assets,)), name)
    if (spread < 0.0).any():
        raise OutOfRange(f"{name} held {spread.min()}, expected none below zero")
    return spread
