"""VaR and ES of the days of a crisis window, by several methods."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.market_figures import MethodFigure
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.method_jury import DECAY
from plimsoll.risk.cornish_fisher import cornish_fisher_es, cornish_fisher_var
from plimsoll.risk.covariance import sample_covariance
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.expected_shortfall import historical_es, parametric_es
from plimsoll.risk.value_at_risk import historical_var, parametric_var
from plimsoll.risk.volatility import ewma_volatility
from plimsoll.risk.volatility_scaling import volatility_scaled_pnl

FloatArray = NDArray[np.float64]
Tail = Callable[[FloatArray], float]
"""A window's profits in, a loss out."""

CRISIS_METHODS = ("historical", "normal", "ewma", "volatility-scaled", "cornish-fisher")


def crisis_figures(pnl: FloatArray, method: RiskMethod) -> tuple[MethodFigure, ...]:
    """Return VaR and ES by each of CRISIS_METHODS, from a window's one-day profits alone.

    Parameters
    ----------
    pnl : ndarray, shape (n_days,)
        What today's exposures would have earned on each day, oldest first, base money.
    method : RiskMethod
        The confidences.

    Returns
    -------
    tuple of MethodFigure
        NaN with the reason in words where a window is too short for a figure, or a method does not fit.
    """
    var, es = method.var_confidence, method.es_confidence

    def normal_var(variance: float) -> float:
        return parametric_var([1.0], [[variance]], confidence=var)

    def normal_es(variance: float) -> float:
        return parametric_es([1.0], [[variance]], confidence=es)

    def of_history(profits: FloatArray) -> float:
        return historical_var(profits, confidence=var)

    def beyond_history(profits: FloatArray) -> float:
        return historical_es(profits, confidence=es)

    ways: dict[str, tuple[str, Tail, Tail]] = {
        "historical": ("rank rule", of_history, beyond_history),
        "normal": (
            "normal",
            lambda days: normal_var(_sample_variance(days)),
            lambda days: normal_es(_sample_variance(days)),
        ),
        "ewma": (
            f"normal, EWMA {DECAY} at the window's end",
            lambda days: normal_var(_last_variance(days)),
            lambda days: normal_es(_last_variance(days)),
        ),
        "volatility-scaled": (
            f"Hull-White, EWMA {DECAY} at the window's end",
            lambda days: of_history(_scaled(days)),
            lambda days: beyond_history(_scaled(days)),
        ),
        "cornish-fisher": (
            "moments of the window",
            lambda days: cornish_fisher_var(days, confidence=var),
            lambda days: cornish_fisher_es(days, confidence=es),
        ),
    }
    return tuple(_figure(name, pnl, *ways[name]) for name in CRISIS_METHODS)


def _figure(name: str, pnl: FloatArray, words: str, var: Tail, es: Tail) -> MethodFigure:
    said = [f"{words}, {len(pnl)} days"]
    found = []
    for figure, work in (("VaR", var), ("ES", es)):
        try:
            found.append(float(work(pnl)))
        except RiskInputError as refusal:
            found.append(float("nan"))
            said.append(f"{figure} not known: {refusal}")
    return MethodFigure(name, found[0], found[1], len(pnl), "; ".join(said))


def _sample_variance(pnl: FloatArray) -> float:
    return float(sample_covariance(pnl[:, None])[0, 0])


def _level(pnl: FloatArray) -> float:
    return float(np.square(pnl).mean())


def _last_variance(pnl: FloatArray) -> float:
    return float(ewma_volatility(pnl, DECAY, initial_variance=_level(pnl))[-1]) ** 2


def _scaled(pnl: FloatArray) -> FloatArray:
    return volatility_scaled_pnl(pnl, decay=DECAY, initial_variance=_level(pnl))
