"""The model jury: every VaR and ES model, rolling out of sample over the history of today's book."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.backtest_result import BacktestResult, MethodBacktest
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.backtest_verdict import basel_light, figures_of, lamp_of, zone_of
from plimsoll.engine.study_book import StudyBook
from plimsoll.engine.study_history import StudyHistory
from plimsoll.engine.study_pnl import BookSeries, book_series
from plimsoll.engine.var_forecast import FORECAST_METHODS, Forecast, Levels, forecast_by
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.forecast_score import diebold_mariano, fissler_ziegel, quantile_loss

FloatArray = NDArray[np.float64]

DISAGREEMENT_LINE = 1.0
"""The highest VaR lies above the lowest by as much as the median: somebody is very wrong."""
LEAST_TEST_DAYS = 100
TEST_DAYS_WANTED = 250
DEFAULT_DAYS = 2520
"""Ten years of two hundred and fifty-two days."""


def var_backtest(
    book: StudyBook,
    history: StudyHistory,
    method: RiskMethod,
    *,
    n_days: int = DEFAULT_DAYS,
    disagreement_line: float = DISAGREEMENT_LINE,
) -> BacktestResult:
    """Return the jury's record on up to `n_days` newest days of today's book, in one go.

    A study that wants progress calls `book_series`, `window_for`, `forecast_by` and `judged` itself.
    """
    series = book_series(book, history, n_days + method.window_days)
    n_window = window_for(series, method)
    if not n_window:
        return judged(series, {}, method, 0, disagreement_line)
    levels = Levels(method.var_confidence, method.es_confidence)
    forecasts = {name: forecast_by(name, series, levels, n_window) for name in FORECAST_METHODS}
    return judged(series, forecasts, method, n_window, disagreement_line)


def window_for(series: BookSeries, method: RiskMethod) -> int:
    """Return the days each forecast is made from: the method's, fewer if history is short, 0 if too short."""
    n_days = len(series.days)
    for n_window, n_test in (
        (method.window_days, TEST_DAYS_WANTED),
        (method.low_quality_below, LEAST_TEST_DAYS),
        (method.unknown_below, LEAST_TEST_DAYS),
    ):
        if n_days >= n_window + n_test:
            return n_window
    return 0


def judged(
    series: BookSeries,
    forecasts: Mapping[str, Forecast],
    method: RiskMethod,
    n_window: int,
    disagreement_line: float = DISAGREEMENT_LINE,
) -> BacktestResult:
    """Return every model's record, the best joint score first.

    Parameters
    ----------
    series : BookSeries
        Today's book on each day of its history.
    forecasts : Mapping
        By model, all of the days after the first `n_window`.
    method : RiskMethod
        The confidences.
    n_window : int
        Days each forecast was made from; 0 where there were too few, which refuses.
    disagreement_line : float
        See `BacktestResult`.
    """
    words = (*(one.words for one in series.stand_ins), *_fx_words(series))
    if not n_window or not forecasts:
        needed = method.unknown_below + LEAST_TEST_DAYS
        refusal = f"today's book had a history of {len(series.days)} days, expected {needed} at least"
        return BacktestResult(refusal, words=words)
    levels = Levels(method.var_confidence, method.es_confidence)
    pnl = series.pnl[n_window:]
    scores = {name: _scores(forecast, pnl, levels) for name, forecast in forecasts.items()}
    means = {name: float(score.mean()) for name, score in scores.items() if len(score)}
    best = min(means, key=lambda name: means[name]) if means else ""
    records = [
        _record(name, forecasts[name], pnl, levels, scores[name], scores.get(best, np.empty(0)))
        for name in forecasts
    ]
    # One without a score (NaN) comes last.
    records.sort(key=lambda record: (np.isnan(record.mean_score), record.mean_score))
    return BacktestResult(
        days=series.days[n_window:].copy(),
        pnl_base=pnl.copy(),
        methods=tuple(records),
        var_confidence=levels.var,
        es_confidence=levels.es,
        n_window=n_window,
        disagreement=_disagreement([forecast.var for forecast in forecasts.values()]),
        disagreement_line=disagreement_line,
        proxy_fraction=series.proxy_fraction,
        still_fraction=series.still_fraction,
        words=words,
    )


def _record(
    name: str, forecast: Forecast, pnl: FloatArray, levels: Levels, score: FloatArray, best: FloatArray
) -> MethodBacktest:
    hits = -pnl > forecast.var
    n_hits, n_expected = int(hits.sum()), len(pnl) * (1.0 - levels.var)
    tests, zone = figures_of(forecast, pnl, levels), zone_of(forecast, pnl, levels)
    lamp, reason = lamp_of(tests, zone, n_hits, n_expected)
    basel = basel_light(forecast, pnl, levels)
    return MethodBacktest(
        name=name,
        var=forecast.var,
        es=forecast.es,
        is_exception=hits,
        n_exceptions=n_hits,
        n_expected=n_expected,
        lamp=lamp,
        reason=reason,
        zone=zone,
        basel_zone=basel.zone,
        basel_multiplier=basel.multiplier,
        tests=tests,
        mean_pinball=float(quantile_loss(pnl, forecast.var, confidence=levels.var).mean()),
        mean_score=float(score.mean()) if len(score) else float("nan"),
        worse_than_best_p=_worse_p(score, best),
        n_replaced=forecast.n_replaced,
        words=forecast.words,
    )


def _scores(forecast: Forecast, pnl: FloatArray, levels: Levels) -> FloatArray:
    """Return the joint score a day, or nothing where an ES is not above zero."""
    try:
        return fissler_ziegel(pnl, forecast.var_at_es, forecast.es, confidence=levels.es)
    except RiskInputError:
        return np.empty(0)


def _worse_p(score: FloatArray, best: FloatArray) -> float:
    if score is best or not len(score):
        return float("nan")
    try:
        return diebold_mariano(score, best).p_value
    except RiskInputError:
        return float("nan")


def _disagreement(vars_: list[FloatArray]) -> FloatArray:
    table = np.array(vars_)
    middle: FloatArray = np.median(table, axis=0)
    spread: FloatArray = table.max(axis=0) - table.min(axis=0)
    return np.divide(spread, middle, out=np.full_like(middle, np.nan), where=middle > 0.0)


def _fx_words(series: BookSeries) -> tuple[str, ...]:
    if not series.fx_still:
        return ()
    return (f"held at today's rate, for their history has gaps: {', '.join(series.fx_still)}",)
