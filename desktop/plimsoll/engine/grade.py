"""Grades a figure by the worst of what it rests on: coverage, number of scenarios, sampling error, doubts."""

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.grade import FigureGrade, GradeLetter
from plimsoll.domain.limit import Measure
from plimsoll.domain.method import RiskMethod
from plimsoll.domain.snapshot import Coverage
from plimsoll.domain.units import NS_PER_S
from plimsoll.risk.errors import InsufficientHistory, NotFinite
from plimsoll.risk.expected_shortfall import historical_es_interval
from plimsoll.risk.risk_interval import RiskInterval
from plimsoll.risk.value_at_risk import historical_var_interval

FloatArray = NDArray[np.float64]
NAN = float("nan")
_A, _B, _C, _D, _UNKNOWN = GradeLetter

SAMPLING_PERIOD_NS = NS_PER_S
N_RESAMPLES = 500
"""7 ms a second on the risk thread; the percentiles of 1 000 differ by less than the letters' steps."""

# Steps (at least this share, letter), the best first. They agree with `scenario_risk`: VaR is of low quality
# below 95 % fresh or 99 % with history, and unknown below half a history.
_PRICED = ((0.99, _A), (0.95, _B), (0.80, _C), (math.ulp(0.0), _D))
_FRESH = ((0.99, _A), (0.95, _B), (0.80, _C), (0.0, _D))
_HISTORY = ((0.99, _A), (0.80, _C), (0.50, _D))
_NOT_PROXIED = ((0.95, _A), (0.85, _B), (0.70, _C), (0.0, _D))
_SAMPLING_AT_MOST = ((0.10, _A), (0.20, _B), (0.35, _C))

_SAMPLED = frozenset({Measure.VAR, Measure.VAR_FRACTION, Measure.ES, Measure.ES_FRACTION, Measure.RISK_SHARE})
_FROM_HISTORY = _SAMPLED | {
    Measure.CORRELATION_SHIFT,
    Measure.ABSORPTION_RATIO,
    Measure.TURBULENCE,
    Measure.HEDGE_EFFECTIVENESS,
}
# They count what is wrong with the data; bad data is their subject, not their doubt.
_ABOUT_THE_DATA = frozenset({Measure.FEED_LAG_S, Measure.STALE_FRACTION, Measure.MISMATCH_COUNT})
_ESTIMATED = frozenset({Measure.MARGIN_USE, Measure.MARGIN_CUSHION})

_Finding = tuple[GradeLetter, str]


def grade_of(
    measure: Measure,
    value: float,
    coverage: Coverage,
    *,
    method: RiskMethod,
    n_scenarios: int = 0,
    sampling_error_fraction: float = NAN,
    n_doubts: int = 0,
) -> FigureGrade:
    """Return the grade of one figure: the worst letter that anything it rests on earns.

    Parameters
    ----------
    measure : Measure
        Says what it rests on: every figure of the book on prices, some on scenarios too.
    value : float
        The figure; NaN is unknown, whatever it rests on.
    coverage : Coverage
        Of the book.
    method : RiskMethod
        Below its `low_quality_below` scenarios no better than C, below `unknown_below` unknown.
    n_scenarios : int
        In use.
    sampling_error_fraction : float
        Of `SamplingErrors`; NaN leaves a sampled figure no better than B.
    n_doubts : int
        Splits and odd currencies suspected; with any, no better than C.

    Returns
    -------
    FigureGrade
        A needs 99 % priced, 99 % fresh, 99 % with history, at most 5 % by proxy and a standard error of at
        most 10 %; B 95 %, 95 %, 99 %, 15 % and 20 %; C 80 %, 80 %, 80 %, 30 % and 35 %.
    """
    findings: list[_Finding] = []
    if not math.isfinite(value):
        findings.append((_UNKNOWN, "the figure itself is not known"))
    if measure not in _ABOUT_THE_DATA:
        findings += _price_findings(coverage, n_doubts)
    if measure in _FROM_HISTORY:
        findings += _history_findings(coverage, n_scenarios, method)
    if measure in _SAMPLED:
        findings.append(_sampling_finding(sampling_error_fraction))
    if measure in _ESTIMATED:
        findings.append((_B, "an estimate: the broker's own requirement decides"))
    costly = sorted((each for each in findings if each[0] is not _A), key=lambda each: -each[0].rank)
    return FigureGrade(
        letter=costly[0][0] if costly else _A,
        priced_fraction=coverage.priced_fraction,
        fresh_fraction=coverage.fresh_fraction,
        history_fraction=coverage.history_fraction,
        proxy_fraction=coverage.proxy_fraction,
        n_scenarios=n_scenarios if measure in _FROM_HISTORY else 0,
        sampling_error_fraction=sampling_error_fraction if measure in _SAMPLED else NAN,
        reasons=tuple(words for _, words in costly),
    )


def sampling_error_of(value: float, interval: RiskInterval) -> float:
    """Return the standard error behind an interval over the figure; infinite where nothing bounds it.

    The half width is divided by the normal quantile of the coverage achieved; the figure's sign is left out.

    Examples
    --------
    >>> round(sampling_error_of(100.0, RiskInterval(low=83.55, high=116.45, coverage=0.90)), 4)
    0.1
    """
    if value == 0.0 or not math.isfinite(interval.high - interval.low):
        return math.inf
    return (interval.high - interval.low) / (2.0 * _quantile(interval.coverage) * abs(value))


class SamplingErrors:
    """The sampling errors of VaR and ES, worked out at most once a second; one owner, the risk thread.

    Attributes
    ----------
    var_fraction, es_fraction : float
        Standard error over the figure; NaN while it cannot be told, infinite where nothing bounds it.
    """

    def __init__(self, method: RiskMethod) -> None:
        self._method = method
        self._next_ns = 0
        self._n_scenarios = 0
        self.var_fraction = self.es_fraction = NAN

    def look(self, pnl: FloatArray, var: float, es: float, now_ns: int) -> None:
        """Take the scenarios' profits, shape (n_scenarios,), and the figures made of them.

        Between two looks of one second the errors stand: as fractions they move as slowly as the window does.
        """
        if now_ns < self._next_ns and len(pnl) == self._n_scenarios:
            return
        self._next_ns, self._n_scenarios = now_ns + SAMPLING_PERIOD_NS, len(pnl)
        method = self._method
        self.var_fraction = _told(var, lambda: historical_var_interval(pnl, confidence=method.var_confidence))
        self.es_fraction = _told(
            es,
            lambda: historical_es_interval(pnl, confidence=method.es_confidence, n_resamples=N_RESAMPLES),
        )


def _told(value: float, interval: Callable[[], RiskInterval]) -> float:
    if not math.isfinite(value):
        return NAN
    try:
        return sampling_error_of(value, interval())
    except (InsufficientHistory, NotFinite):
        return NAN


@lru_cache(maxsize=8)
def _quantile(coverage: float) -> float:
    return NormalDist().inv_cdf(0.5 * (1.0 + coverage))


def _price_findings(coverage: Coverage, n_doubts: int) -> Iterator[_Finding]:
    priced, fresh = coverage.priced_fraction, coverage.fresh_fraction
    yield _by_share(_PRICED, priced), f"{priced:.1%} of the book has a price"
    yield _by_share(_FRESH, fresh), f"{fresh:.1%} of gross exposure has a fresh price"
    if n_doubts:
        yield _C, f"{n_doubts} suspected of a split or another currency"


def _history_findings(coverage: Coverage, n_scenarios: int, method: RiskMethod) -> Iterator[_Finding]:
    history, by_proxy = coverage.history_fraction, coverage.proxy_fraction
    if n_scenarios < method.unknown_below:
        yield _UNKNOWN, f"{n_scenarios} scenarios, fewer than {method.unknown_below}"
    elif n_scenarios < method.low_quality_below:
        yield _C, f"{n_scenarios} scenarios, fewer than {method.low_quality_below}"
    yield _by_share(_HISTORY, history), f"{history:.1%} of gross exposure has a history"
    yield _by_share(_NOT_PROXIED, 1.0 - by_proxy), f"{by_proxy:.1%} of gross exposure by proxy"


def _sampling_finding(error: float) -> _Finding:
    if math.isnan(error):
        return _B, "its sampling error is not estimated"
    if math.isinf(error):
        return _D, "too few scenarios to bound it"
    letter = next((letter for most, letter in _SAMPLING_AT_MOST if error <= most), _D)
    return letter, f"standard error {error:.0%} of the figure"


def _by_share(steps: tuple[tuple[float, GradeLetter], ...], share: float) -> GradeLetter:
    # Shares are sums of floats: a whole may fall short of 1 by its last digits.
    return next((letter for least, letter in steps if share >= least - 1e-9 * (least > 1e-6)), _UNKNOWN)
