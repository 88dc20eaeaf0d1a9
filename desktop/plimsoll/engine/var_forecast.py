"""Rolling forecasts of VaR and ES by each model, every day's from the days before it alone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plimsoll.engine.method_jury import DECAY, DEGREES_OF_FREEDOM
from plimsoll.engine.study_pnl import BookSeries
from plimsoll.risk.cornish_fisher import cornish_fisher_es, cornish_fisher_var, sample_moments
from plimsoll.risk.covariance import sample_covariance
from plimsoll.risk.errors import OutsideValidity
from plimsoll.risk.expected_shortfall import historical_es, parametric_es
from plimsoll.risk.filtered_historical import filtered_historical_returns
from plimsoll.risk.value_at_risk import historical_var, parametric_var
from plimsoll.risk.volatility import ewma_volatility

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Levels:
    """The confidences one forecast is made for: the VaR's own, the ES's, and Basel's 99 %."""

    var: float
    es: float
    basel: float = 0.99


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """One model's forecasts; arrays of shape (n_days,), losses positive.

    Attributes
    ----------
    var, var_at_es, var_at_basel : ndarray
        VaR at each of the three confidences.
    es : ndarray
        ES at its own.
    n_replaced : int
        Days on which the model did not hold and volatility-scaled history stood in.
    words : str
        The model and its parameters.
    """

    var: FloatArray
    var_at_es: FloatArray
    var_at_basel: FloatArray
    es: FloatArray
    n_replaced: int
    words: str


def forecast_by(name: str, series: BookSeries, levels: Levels, n_window: int) -> Forecast:
    """Return one model's forecasts of every day after the first `n_window`.

    Parameters
    ----------
    name : str
        One of FORECAST_METHODS.
    series : BookSeries
        Today's book on each day of its history.
    levels : Levels
        The confidences.
    n_window : int
        Days each forecast is made from.

    Raises
    ------
    KeyError
        If nobody knows the model.
    """
    return _ROADS[name](series, levels, n_window)


def _historical(series: BookSeries, levels: Levels, n_window: int) -> Forecast:
    return _of_samples(_windows(series.pnl, n_window), levels, f"rank rule, {n_window} days")


def _normal(series: BookSeries, levels: Levels, n_window: int) -> Forecast:
    words = f"normal at the deviation of {n_window} days, the closed form of Monte Carlo normal"
    return _of_volatility(_deviations(series.pnl, n_window), levels, None, words)


def _student(series: BookSeries, levels: Levels, n_window: int) -> Forecast:
    freedom = f"{DEGREES_OF_FREEDOM:.0f} degrees of freedom"
    words = f"Student t, {freedom}, deviation of {n_window} days, the closed form of Monte Carlo t"
    return _of_volatility(_deviations(series.pnl, n_window), levels, DEGREES_OF_FREEDOM, words)


def _ewma(series: BookSeries, levels: Levels, n_window: int) -> Forecast:
    volatility = _followed(series.pnl, n_window)[n_window:-1]
    return _of_volatility(volatility, levels, None, f"normal, EWMA {DECAY}")


def _scaled(series: BookSeries, levels: Levels, n_window: int) -> Forecast:
    samples = _rescaled(series.pnl, n_window)
    return _of_samples(samples, levels, f"Hull-White on the book's P&L, EWMA {DECAY}, {n_window} days")


def _filtered(series: BookSeries, levels: Levels, n_window: int) -> Forecast:
    """Filter each asset by its own volatility.

    All shocks are put at the volatility after the last day once; a day's scenarios then need only the ratio
    of its own volatility to that one, asset by asset.
    """
    moves = (series.weight != 0.0) & (np.square(series.rows).max(axis=0, initial=0.0) > 0.0)
    rows, weight = series.rows[:, moves], series.weight[moves]
    volatility = _followed(rows, n_window)
    at_the_end = filtered_historical_returns(rows, volatility)
    ratio = volatility / volatility[-1]
    samples = (at_the_end[day - n_window : day] @ (weight * ratio[day]) for day in range(n_window, len(rows)))
    return _of_samples(samples, levels, f"each asset by its own EWMA {DECAY}, {n_window} days")


def _cornish_fisher(series: BookSeries, levels: Levels, n_window: int) -> Forecast:
    """Expand inside the region of validity; elsewhere take volatility-scaled history, and count the days."""
    found = np.empty((len(series.pnl) - n_window, 4))
    n_replaced = 0
    instead = _rescaled(series.pnl, n_window)
    for place, (sample, scaled) in enumerate(zip(_windows(series.pnl, n_window), instead, strict=True)):
        moments = sample_moments(sample)
        shape = (None, moments.volatility, moments.skewness, moments.excess_kurtosis)
        try:
            for column, confidence in enumerate((levels.var, levels.es, levels.basel)):
                found[place, column] = cornish_fisher_var(*shape, confidence=confidence, mean=moments.mean)
            found[place, 3] = cornish_fisher_es(*shape, confidence=levels.es, mean=moments.mean)
        except OutsideValidity:
            found[place] = _tail_of(scaled, levels)
            n_replaced += 1
    words = f"moments of {n_window} days; outside its region volatility-scaled history"
    return _forecast(found, words, n_replaced)


_ROADS: Final[dict[str, Callable[[BookSeries, Levels, int], Forecast]]] = {
    "historical": _historical,
    "ewma": _ewma,
    "cornish-fisher": _cornish_fisher,
    "volatility-scaled": _scaled,
    "filtered historical": _filtered,
    "normal": _normal,
    "student t": _student,
}
FORECAST_METHODS: Final = tuple(_ROADS)


def _windows(pnl: FloatArray, n_window: int) -> FloatArray:
    """Return for each forecast day the days before it, shape (n_days, n_window); a view."""
    return np.lib.stride_tricks.sliding_window_view(pnl, n_window)[:-1]


def _rescaled(pnl: FloatArray, n_window: int) -> list[FloatArray]:
    """Return for each forecast day the days before it at its own volatility."""
    volatility = _followed(pnl, n_window)
    return [
        filtered_historical_returns(pnl[day - n_window : day], volatility[day - n_window : day + 1])
        for day in range(n_window, len(pnl))
    ]


def _followed(returns: FloatArray, n_window: int) -> FloatArray:
    """Return the EWMA volatility of every day and of the one after, started from the first window's level."""
    level = np.square(returns[:n_window]).mean(axis=0)
    # What stood still for the whole first window still moves later: it starts from its own whole history.
    whole = np.square(returns).mean(axis=0)
    return ewma_volatility(returns, DECAY, initial_variance=np.where(level > 0.0, level, whole))


def _deviations(pnl: FloatArray, n_window: int) -> FloatArray:
    return np.sqrt(
        [float(sample_covariance(sample[:, None])[0, 0]) for sample in _windows(pnl, n_window)],
        dtype=np.float64,
    )


def _of_volatility(volatility: FloatArray, levels: Levels, freedom: float | None, words: str) -> Forecast:
    def var(confidence: float) -> float:
        return parametric_var([1.0], [[1.0]], confidence=confidence, degrees_of_freedom=freedom)

    es = parametric_es([1.0], [[1.0]], confidence=levels.es, degrees_of_freedom=freedom)
    factors = [var(levels.var), var(levels.es), var(levels.basel), es]
    return _forecast(np.outer(volatility, factors), words)


def _of_samples(samples: Iterable[FloatArray], levels: Levels, words: str) -> Forecast:
    found = np.array([_tail_of(sample, levels) for sample in samples])
    return _forecast(found, words)


def _forecast(found: FloatArray, words: str, n_replaced: int = 0) -> Forecast:
    """Return a forecast from its four columns, shape (n_days, 4)."""
    var, var_at_es, var_at_basel, es = found.T.copy()
    return Forecast(var, var_at_es, var_at_basel, es, n_replaced, words)


def _tail_of(sample: FloatArray, levels: Levels) -> tuple[float, float, float, float]:
    return (
        historical_var(sample, confidence=levels.var),
        historical_var(sample, confidence=levels.es),
        historical_var(sample, confidence=levels.basel),
        historical_es(sample, confidence=levels.es),
    )
