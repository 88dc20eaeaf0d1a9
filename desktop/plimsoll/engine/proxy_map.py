"""Fills the history that short instruments do not have by beta times another series, residual included."""

from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.instrument import AssetClass, Instrument
from plimsoll.domain.stand_in import StandIn
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.universe import Universe
from plimsoll.risk.errors import InsufficientHistory, NotPositive
from plimsoll.risk.proxy import N_OVERLAP_NEEDED, fill_by_proxy

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LEAST_R_SQUARED = 0.10
"""A series that explains less is not chosen by itself; the instrument stays without history, and says so."""

_A = AssetClass
STAND_IN_CLASSES = {
    _A.EQUITY: frozenset({_A.INDEX, _A.ETF}),
    _A.ETF: frozenset({_A.INDEX, _A.ETF}),
    _A.INDEX: frozenset({_A.INDEX, _A.ETF}),
    _A.FX: frozenset({_A.FX}),
    _A.COMMODITY: frozenset({_A.COMMODITY}),
    _A.CRYPTO: frozenset({_A.CRYPTO}),
}


@dataclass(frozen=True, slots=True)
class ProxiedWindow:
    """A window in which short histories are filled.

    Attributes
    ----------
    window : PriceWindow
        As it was, its gaps filled where a proxy stands in; known closes are never changed.
    stand_ins : tuple of StandIn
        One for each instrument whose history has gaps, filled or not.
    is_proxied : ndarray of bool, shape (n_instruments,)
        Whether some of an instrument's closes are made.
    """

    window: PriceWindow
    stand_ins: tuple[StandIn, ...]
    is_proxied: BoolArray


def proxied(window: PriceWindow, universe: Universe) -> ProxiedWindow:
    """Return the window with gaps filled by the proxy the user names, else by the best correlated one.

    The user's choice is the `proxy` of the instrument master. Without one, an index or fund stands in for a
    share, a fund or an index, and a member of its own class for anything else: the one with the whole history
    whose returns explain most of the instrument's, if it is a tenth of their variance or more. An instrument
    needs 20 days in common with its proxy, a newest close of its own, and no close at zero or below.

    Parameters
    ----------
    window : PriceWindow
        Closes by the universe's numbers.
    universe : Universe
        The instruments.
    """
    closes = window.closes.copy()
    is_short = ~np.isfinite(closes).all(axis=0)
    is_proxied = np.zeros(closes.shape[1], dtype=np.bool_)
    if window.n_scenarios == 0 or not is_short.any():
        return ProxiedWindow(window, (), is_proxied)
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = np.where((closes[1:] > 0.0) & (closes[:-1] > 0.0), closes[1:] / closes[:-1] - 1.0, np.nan)
    is_whole: BoolArray = np.isfinite(returns.sum(axis=0))
    stand_ins = []
    for number in np.flatnonzero(is_short).tolist():
        code, known = universe.codes[number], window.closes[:, number]
        if not np.isfinite(known[-1]):
            stand_ins.append(StandIn(code, reason="its newest close is not known"))
            continue
        if (known <= 0.0).any():
            stand_ins.append(StandIn(code, reason="a price in its history is zero or below"))
            continue
        stand_in, filled = _filled(number, returns, is_whole, universe)
        stand_ins.append(stand_in)
        if filled is not None:
            closes[:, number] = _closes_along(known, filled)
            is_proxied[number] = True
    return ProxiedWindow(replace(window, closes=closes), tuple(stand_ins), is_proxied)


def _filled(
    number: int, returns: FloatArray, is_whole: BoolArray, universe: Universe
) -> tuple[StandIn, FloatArray | None]:
    """Return how an instrument is filled and its returns without a gap; None where it cannot be."""
    item = universe.instruments[number]
    named = item.proxy
    if named:
        if named not in universe.codes:
            return StandIn(item.code, named, is_by_user=True, reason=f"{named} is not followed"), None
        choice = universe.codes.index(named)
    else:
        choice = _best(number, returns, is_whole, universe.instruments)
        if choice < 0:
            return StandIn(item.code, reason="nothing of its kind explains enough of its returns"), None
    code = universe.codes[choice]
    # Each instrument draws residuals of its own, the same at every load.
    seed = crc32(item.code.encode())
    try:
        table, report = fill_by_proxy(returns[:, [number, choice]], 0, 1, seed=seed)
    except (InsufficientHistory, NotPositive) as refusal:
        return StandIn(item.code, code, is_by_user=bool(named), reason=str(refusal)), None
    fraction = _r_squared(returns[:, number], returns[:, choice])
    stand_in = StandIn(
        item.code,
        code,
        report.beta,
        fraction,
        report.residual_volatility,
        report.n_overlap,
        report.n_filled,
        is_by_user=bool(named),
    )
    filled: FloatArray = table[:, 0]
    if not np.isfinite(filled).all():
        return replace(stand_in, reason=f"{code} has gaps on the same days"), None
    # A residual drawn onto a great fall could take all and more: no share is worth less than nothing.
    return stand_in, np.maximum(filled, -0.99)


def _best(number: int, returns: FloatArray, is_whole: BoolArray, instruments: tuple[Instrument, ...]) -> int:
    """Return the instrument with the whole history that explains most of another's returns; −1 for none."""
    kinds = STAND_IN_CLASSES[instruments[number].asset_class]
    best, most = -1, LEAST_R_SQUARED
    for candidate in np.flatnonzero(is_whole).tolist():
        item = instruments[candidate]
        if candidate == number or item.asset_class not in kinds or item.fixed_price is not None:
            continue
        fraction = _r_squared(returns[:, number], returns[:, candidate])
        if fraction > most:
            best, most = candidate, fraction
    return best


def _r_squared(target: FloatArray, stand_in: FloatArray) -> float:
    """Return the squared correlation over the days both have; 0 where they are too few or do not vary."""
    both = np.isfinite(target) & np.isfinite(stand_in)
    if np.count_nonzero(both) < N_OVERLAP_NEEDED:
        return 0.0
    x, y = stand_in[both] - stand_in[both].mean(), target[both] - target[both].mean()
    scale = float(x @ x) * float(y @ y)
    return float(x @ y) ** 2 / scale if scale > 0.0 else 0.0


def _closes_along(known: FloatArray, returns: FloatArray) -> FloatArray:
    """Return closes that meet every known one and follow the returns between and before, shape (n_days,).

    Within a gap the returns are tilted evenly so that they lead from one known close to the next; before the
    first they run backwards from it.
    """
    closes = known.copy()
    places = np.flatnonzero(np.isfinite(known))
    growth = np.log1p(returns)
    first = int(places[0])
    closes[:first] = known[first] * np.exp(-np.cumsum(growth[:first][::-1]))[::-1]
    for left, right in zip(places[:-1].tolist(), places[1:].tolist(), strict=True):
        if right - left > 1:
            steps = growth[left:right]
            tilt = (np.log(known[right] / known[left]) - steps.sum()) / (right - left)
            closes[left + 1 : right] = known[left] * np.exp(np.cumsum(steps + tilt)[:-1])
    return closes
