"""Every test of one model's forecasts, and the lamp they light."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.backtest_result import Lamp, TestFigure
from plimsoll.engine.var_forecast import Forecast, Levels
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.es_backtest import acerbi_szekely_z1, acerbi_szekely_z2
from plimsoll.risk.es_calibration import mcneil_frey
from plimsoll.risk.exception_count import (
    TimeUntilFirstFailure,
    binomial_test,
    kupiec_pof,
    kupiec_tuff,
    traffic_light,
)
from plimsoll.risk.exception_forecast import dynamic_quantile, weibull_duration
from plimsoll.risk.exception_timing import christoffersen_independence, conditional_coverage, haas_tbf
from plimsoll.risk.var_backtest import BacktestResult

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

BASEL_DAYS = 250
TESTS = (
    "Kupiec",
    "binomial",
    "TUFF",
    "Christoffersen",
    "conditional coverage",
    "time between failures",
    "duration",
    "dynamic quantile",
    "Z1",
    "Z2",
    "McNeil-Frey",
)
LAMP_RULE = (
    "red: traffic light red, or too many exceptions (Kupiec) with an ES that failed (Z2); amber: traffic "
    "light yellow, or Kupiec, conditional coverage, Z2 or McNeil-Frey rejects at 5 %; else green"
)
_AMBER_TESTS = ("Kupiec", "conditional coverage", "Z2", "McNeil-Frey")


@dataclass(frozen=True, slots=True)
class BaselLight:
    """Basel's traffic light over the newest 250 days at 99 %; an empty zone with fewer days."""

    zone: str = ""
    multiplier: float = float("nan")


def figures_of(forecast: Forecast, pnl: FloatArray, levels: Levels) -> tuple[TestFigure, ...]:
    """Return what each of TESTS says, in that order; the three of the ES use the VaR of its confidence.

    Parameters
    ----------
    forecast : Forecast
        Made before each day.
    pnl : ndarray, shape (n_days,)
        What came.
    levels : Levels
        The confidences.
    """
    hits = -pnl > forecast.var
    n_days, n_hits = len(pnl), int(hits.sum())
    first = int(hits.argmax()) + 1 if n_hits else None
    c = levels.var
    tail = (pnl, forecast.var_at_es, forecast.es)
    work: dict[str, Callable[[], BacktestResult | TimeUntilFirstFailure]] = {
        "Kupiec": lambda: kupiec_pof(n_hits, n_days, confidence=c),
        "binomial": lambda: binomial_test(n_hits, n_days, confidence=c),
        "TUFF": lambda: kupiec_tuff(first, confidence=c, n_days=n_days),
        "Christoffersen": lambda: christoffersen_independence(hits),
        "conditional coverage": lambda: conditional_coverage(hits, confidence=c),
        "time between failures": lambda: haas_tbf(hits, confidence=c),
        "duration": lambda: weibull_duration(hits),
        "dynamic quantile": lambda: dynamic_quantile(hits, forecast.var, confidence=c),
        "Z1": lambda: acerbi_szekely_z1(*tail, confidence=levels.es),
        "Z2": lambda: acerbi_szekely_z2(*tail, confidence=levels.es),
        "McNeil-Frey": lambda: mcneil_frey(*tail, confidence=levels.es),
    }
    return tuple(_figure(name, work[name]) for name in TESTS)


def zone_of(forecast: Forecast, pnl: FloatArray, levels: Levels) -> str:
    """Return the traffic light over all days at the VaR's confidence."""
    n_hits = int((-pnl > forecast.var).sum())
    return traffic_light(n_hits, len(pnl), confidence=levels.var).zone


def basel_light(forecast: Forecast, pnl: FloatArray, levels: Levels) -> BaselLight:
    """Return Basel's own light, over the newest 250 days."""
    if len(pnl) < BASEL_DAYS:
        return BaselLight()
    n_hits = int((-pnl > forecast.var_at_basel)[-BASEL_DAYS:].sum())
    light = traffic_light(n_hits, BASEL_DAYS, confidence=levels.basel)
    return BaselLight(light.zone, float("nan") if light.multiplier is None else light.multiplier)


def lamp_of(tests: tuple[TestFigure, ...], zone: str, n_hits: int, n_expected: float) -> tuple[Lamp, str]:
    """Return the lamp by LAMP_RULE, and what it rests on."""
    rejected = [figure.name for figure in tests if figure.verdict == "reject"]
    reasons = [f"traffic light {zone}"] if zone in ("yellow", "red") else []
    reasons += [f"{name} rejects" for name in rejected if name in _AMBER_TESTS]
    has_too_many = n_hits > n_expected and "Kupiec" in rejected
    if zone == "red" or (has_too_many and "Z2" in rejected):
        return Lamp.RED, "; ".join(reasons)
    return (Lamp.AMBER, "; ".join(reasons)) if reasons else (Lamp.GREEN, "no test of the lamp rejects")


def _figure(name: str, work: Callable[[], BacktestResult | TimeUntilFirstFailure]) -> TestFigure:
    try:
        result = work()
    except RiskInputError as refusal:
        return TestFigure(name, words=str(refusal))
    if result.statistic is None or result.p_value is None:
        return TestFigure(name, words="no exception has come")
    freedom = result.degrees_of_freedom
    words = "" if freedom is None else f"χ² with {freedom} degree{'' if freedom == 1 else 's'} of freedom"
    return TestFigure(name, float(result.statistic), float(result.p_value), str(result.verdict), words)
