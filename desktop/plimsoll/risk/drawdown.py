"""How far the equity stood below its high, how long, and when it came back."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from plimsoll.risk.arithmetic import refuses_overflow
from plimsoll.risk.arrays import FloatArray, tail_count, vector, within
from plimsoll.risk.errors import InsufficientHistory, NotPositive, OutOfRange


@dataclass(frozen=True, slots=True)
class DrawdownEpisode:
    """One fall from a high and, where there was one, the way back.

    Attributes
    ----------
    peak : int
        Last instant at the high before the fall; instant 0 is the start.
    trough : int
        First instant of the lowest value.
    recovery : int or None
        First instant at or above the peak; None while the fall is open.
    depth : float
        Fraction of the peak lost at the trough, or money where asked; positive.
    length : int
        Periods from peak to recovery, or to the last instant while open.
    to_trough : int
        Periods from peak to trough.
    trough_to_recovery : int or None
        Periods from trough to recovery; None while open.
    """

    peak: int
    trough: int
    recovery: int | None
    depth: float
    length: int
    to_trough: int
    trough_to_recovery: int | None


def drawdowns(equity: ArrayLike, *, start: float | None = None, relative: bool = True) -> FloatArray:
    """Return how far each value stood below the highest so far.

    Parameters
    ----------
    equity : array_like of shape (n_periods,)
        Unit NAV with external flows removed, oldest first, in base currency or index points.
    start : float, optional
        Value before the first entry. It counts as a peak and is not an observation, so it gets no entry.
    relative : bool
        As a fraction of the high (default), else in the unit of the equity.

    Returns
    -------
    ndarray of shape (n_periods,)
        ``1 - E / HWM`` or ``HWM - E``: at or above 0, one entry a period, the first 0 without a `start`.
        Above 1 where the equity is below zero.

    Raises
    ------
    InsufficientHistory
        If there is no value.
    NotPositive
        If `relative` and the first high is not above zero: a share of nothing is no figure.
    NotFinite
        If a value is NaN or infinite.

    References
    ----------
    .. [1] Magdon-Ismail and Atiya, "Maximum Drawdown", Risk 17(10), 2004.

    Examples
    --------
    >>> drawdowns([110.0, 105.0, 120.0, 90.0, 95.0, 125.0], start=100.0).round(6).tolist()
    [0.0, 0.045455, 0.0, 0.25, 0.208333, 0.0]
    """
    path = _path(equity, start)
    falls = _falls(path, relative=relative)
    return falls if start is None else falls[1:]


def max_drawdown(equity: ArrayLike, *, start: float | None = None, relative: bool = True) -> float:
    """Return the deepest drawdown of a path, ``max_t (HWM_t - E_t) / HWM_t``.

    Parameters
    ----------
    equity : array_like of shape (n_periods,)
        Unit NAV with external flows removed, oldest first.
    start : float, optional
        Value before the first entry; it counts as a peak.
    relative : bool
        As a fraction of the high (default), else in the unit of the equity.

    Returns
    -------
    float
        At or above 0; 0 for a path that never fell.

    Raises
    ------
    InsufficientHistory, NotPositive, NotFinite
        As `drawdowns`.

    Examples
    --------
    >>> max_drawdown([110.0, 105.0, 120.0, 90.0, 95.0, 125.0], start=100.0)
    0.25
    >>> max_drawdown([0.0, 10.0, 30.0, 12.0, 5.0, -2.0, 8.0, 31.0], relative=False)
    32.0
    """
    return float(drawdowns(equity, start=start, relative=relative).max())


def drawdown_table(
    equity: ArrayLike, top: int | None = None, *, start: float | None = None, relative: bool = True
) -> tuple[DrawdownEpisode, ...]:
    """Return the falls from a high, deepest first.

    Parameters
    ----------
    equity : array_like of shape (n_periods,)
        Unit NAV with external flows removed, oldest first.
    top : int, optional
        How many at most; all if None.
    start : float, optional
        Value before the first entry. With it, instant 0 is the start and entry i is instant i + 1; without it
        the first entry is the start, instant 0.
    relative : bool
        Depth as a fraction of the peak (default), else in the unit of the equity.

    Returns
    -------
    tuple of DrawdownEpisode
        Empty for a path that never fell; equal depths in order of time.

    Raises
    ------
    OutOfRange
        If `top` is below zero.
    InsufficientHistory, NotPositive, NotFinite
        As `drawdowns`.

    Examples
    --------
    >>> deepest = drawdown_table([110.0, 105.0, 120.0, 90.0, 95.0, 125.0], 1, start=100.0)[0]
    >>> deepest.peak, deepest.trough, deepest.recovery, deepest.depth
    (3, 4, 6, 0.25)
    """
    if top is not None and top < 0:
        raise OutOfRange(f"top was {top}, expected zero or more")
    falls = _falls(_path(equity, start), relative=relative)
    last = falls.shape[0] - 1
    under = falls > 0.0
    # The instant before each run of drawdowns is its peak; the one after, its recovery.
    edges = np.flatnonzero(np.diff(under.astype(np.int8), append=0))
    episodes = []
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        trough = begin + 1 + int(np.argmax(falls[begin + 1 : end + 1]))
        recovery = end + 1 if end < last else None
        episodes.append(
            DrawdownEpisode(
                peak=begin,
                trough=trough,
                recovery=recovery,
                depth=float(falls[trough]),
                length=(end + 1 if end < last else last) - begin,
                to_trough=trough - begin,
                trough_to_recovery=None if recovery is None else recovery - trough,
            )
        )
    episodes.sort(key=lambda episode: -episode.depth)
    return tuple(episodes[:top])


def average_drawdown(series: ArrayLike) -> float:
    """Return the mean of a drawdown series, highs counting as 0 (the pain index).

    Parameters
    ----------
    series : array_like of shape (n_periods,)
        What `drawdowns` returns.

    Returns
    -------
    float
        In the unit of the series.

    Raises
    ------
    InsufficientHistory, NotFinite, OutOfRange
        If there is no entry, one is NaN or infinite, or one is below zero.

    Examples
    --------
    >>> round(average_drawdown(drawdowns([110, 105, 120, 90, 95, 125], start=100)), 6)
    0.083965
    """
    return float(_series(series).mean())


@refuses_overflow
def ulcer_index(series: ArrayLike) -> float:
    """Return the root mean square of a drawdown series.

    Parameters
    ----------
    series : array_like of shape (n_periods,)
        What `drawdowns` returns.

    Returns
    -------
    float
        In the unit of the series: a fraction, not percentage points.

    Raises
    ------
    InsufficientHistory, NotFinite, OutOfRange
        As `average_drawdown`.

    References
    ----------
    .. [1] Martin and McCann, "The Investor's Guide to Fidelity Funds", Wiley, 1989.

    Examples
    --------
    >>> round(ulcer_index(drawdowns([110, 105, 120, 90, 95, 125], start=100)), 6)
    0.134145
    """
    falls = _series(series)
    return math.sqrt(float(falls @ falls) / falls.shape[0])


def cdar(series: ArrayLike, *, confidence: float) -> float:
    """Return the conditional drawdown at risk: the mean of the worst share of a drawdown series.

    Parameters
    ----------
    series : array_like of shape (n_periods,)
        What `drawdowns` returns.
    confidence : float
        Level in [0, 1): the tail holds ``n (1 - c)`` entries, the last one by its fraction. 0 is the average.

    Returns
    -------
    float
        In the unit of the series. Where the tail holds less than one entry, the deepest one.

    Raises
    ------
    InsufficientHistory, NotFinite
        As `average_drawdown`.
    OutOfRange
        If the level is outside [0, 1) or an entry below zero.

    References
    ----------
    .. [1] Chekhlov, Uryasev and Zabarankin, "Drawdown Measure in Portfolio Optimization", International
       Journal of Theoretical and Applied Finance 8(1), 2005, section 3.

    Examples
    --------
    >>> round(cdar([0.0, 0.1, 0.2, 0.3, 0.4], confidence=0.7), 6)
    0.366667
    """
    falls = np.sort(_series(series))[::-1]
    level = confidence if confidence == 0.0 else within(confidence, "confidence", 0.0, 1.0)
    tail = tail_count(falls.shape[0], level)
    whole = math.floor(tail)
    if whole == 0:
        return float(falls[0])
    part = (tail - whole) * float(falls[whole]) if whole < falls.shape[0] else 0.0
    return (float(falls[:whole].sum()) + part) / tail


def _path(equity: ArrayLike, start: float | None) -> FloatArray:
    values = vector(equity, "equity")
    if values.shape[0] == 0:
        raise InsufficientHistory("equity had no value, expected at least one", n_observations=0, n_needed=1)
    if start is None:
        return values
    return np.concatenate(([within(start, "start", -math.inf, math.inf)], values))


def _falls(path: FloatArray, *, relative: bool) -> FloatArray:
    if relative and path[0] <= 0.0:
        raise NotPositive(
            f"the first high was {path[0]}, expected above zero: pass a start, or relative=False for money"
        )
    highs = np.maximum.accumulate(path)
    money: FloatArray = highs - path
    return money / highs if relative else money


def _series(series: ArrayLike) -> FloatArray:
    falls = vector(series, "series")
    if falls.shape[0] == 0:
        raise InsufficientHistory("series had no entry, expected at least one", n_observations=0, n_needed=1)
    lowest = float(falls.min())
    if lowest < 0.0:
        raise OutOfRange(
            f"the lowest entry was {lowest}, expected zero or more: pass what drawdowns() returns"
        )
    return falls
