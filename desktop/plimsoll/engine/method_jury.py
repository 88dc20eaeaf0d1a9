"""VaR and ES of the book by every method, the methods taking turns so that no tick waits for them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.market_figures import METHOD_NAMES, MethodFigure
from plimsoll.domain.method import RiskMethod
from plimsoll.engine.book_now import BookNow
from plimsoll.risk.cornish_fisher import cornish_fisher_es, cornish_fisher_var
from plimsoll.risk.covariance import sample_covariance
from plimsoll.risk.errors import OutsideValidity, RiskInputError
from plimsoll.risk.expected_shortfall import historical_es, parametric_es
from plimsoll.risk.filtered_historical import filtered_historical_pnl
from plimsoll.risk.monte_carlo import monte_carlo_es, monte_carlo_var
from plimsoll.risk.value_at_risk import historical_var, parametric_var
from plimsoll.risk.volatility import ewma_volatility
from plimsoll.risk.volatility_scaling import volatility_scaled_pnl

FloatArray = NDArray[np.float64]

DECAY: Final = 0.94
"""λ of RiskMetrics for days."""
DEGREES_OF_FREEDOM: Final = 5.0
N_PATHS: Final = 50_000
ROWS_A_STEP: Final = 128
"""Instruments filtered at a time: some 2 ms."""


class MethodJury:
    """The figures of METHOD_NAMES, worked out in steps; one owner, the risk thread.

    All rest on the book's P&L in each daily scenario: for a linear book the volatility of that series is the
    root of VᵀΣV, whatever the number of positions, so a normal or a t needs no matrix. Today's P&L so far
    joins the series once it raises the forecast: a quiet morning is no calm day.

    Parameters
    ----------
    method : RiskMethod
        Its confidences are used.

    Attributes
    ----------
    figures : tuple of MethodFigure
        In the order of METHOD_NAMES.
    """

    def __init__(self, method: RiskMethod) -> None:
        self._method = method
        self._figure_by_name = {name: MethodFigure(name) for name in METHOD_NAMES}

    @property
    def figures(self) -> tuple[MethodFigure, ...]:
        """Every method's newest figures."""
        return tuple(self._figure_by_name.values())

    def round(self, now_ns: int, book: BookNow, today: FloatArray) -> Iterator[None]:
        """Work out every method anew for the book as it is now, one a step, the filtered one in several.

        Parameters
        ----------
        now_ns : int
            The desk's clock.
        book : BookNow
            Copied at once: the steps to come speak of this instant.
        today : ndarray, shape (n_instruments + n_currencies,)
            What a unit of exposure has earned since the day roll; NaN unknown.
        """
        if not len(book.pnl):
            for name in METHOD_NAMES:
                self._figure_by_name[name] = MethodFigure(
                    name, words="too little price history", as_of_ns=now_ns
                )
            return
        pnl, exposure, rows = book.pnl.copy(), book.exposure.copy(), book.matrix.rows
        now = np.where(exposure == 0.0, 0.0, today)
        series = _with_today(pnl, float(now @ exposure))
        has_today = len(series) > len(pnl)
        part = ", today so far included" if has_today else ""
        self._hear(
            _Case("ewma", now_ns, len(series), f"normal, EWMA {DECAY}{part}"), lambda: self._ewma(series)
        )
        yield
        self._expand(_Case("cornish-fisher", now_ns, len(pnl), "moments of the window"), pnl, series)
        yield
        words = f"Hull-White on the book's P&L, EWMA {DECAY}{part}"
        self._hear(_Case("volatility-scaled", now_ns, len(series), words), lambda: self._scaled(series))
        yield
        self._hear(
            _Case("monte carlo normal", now_ns, N_PATHS, f"{N_PATHS} paths, volatility of the window"),
            lambda: self._simulated(pnl, None),
        )
        yield
        words = f"{N_PATHS} paths, {DEGREES_OF_FREEDOM:.0f} degrees of freedom, volatility of the window"
        self._hear(
            _Case("monte carlo t", now_ns, N_PATHS, words), lambda: self._simulated(pnl, DEGREES_OF_FREEDOM)
        )
        yield
        yield from self._filter(now_ns, exposure, rows, now if has_today else None)

    def _filter(
        self, now_ns: int, exposure: FloatArray, rows: FloatArray, now: FloatArray | None
    ) -> Iterator[None]:
        """Filter every asset by its own volatility; the profits of blocks of assets add up exactly."""
        held = np.flatnonzero(exposure)
        total = np.zeros(rows.shape[1] + (now is not None))
        part = "" if now is None else ", today so far included"
        case = _Case("filtered historical", now_ns, len(total), f"each asset by its own EWMA {DECAY}{part}")
        for start in range(0, len(held), ROWS_A_STEP):
            block = held[start : start + ROWS_A_STEP]
            returns = rows[block].T if now is None else np.vstack([rows[block].T, now[block]])
            try:
                level = np.square(returns).mean(axis=0)
                total += filtered_historical_pnl(
                    exposure[block], returns, decay=DECAY, initial_variance=level
                )
            except RiskInputError as refusal:
                self._refuse(case, refusal)
                return
            yield
        self._hear(case, lambda: self._historical(total))

    def _hear(self, case: "_Case", work: Callable[[], tuple[float, float]]) -> None:
        try:
            var, es = work()
        except RiskInputError as refusal:
            self._refuse(case, refusal)
            return
        self._figure_by_name[case.name] = MethodFigure(
            case.name, float(var), float(es), case.n_observations, case.words, case.now_ns
        )

    def _refuse(self, case: "_Case", refusal: RiskInputError) -> None:
        self._figure_by_name[case.name] = MethodFigure(case.name, words=str(refusal), as_of_ns=case.now_ns)

    def _ewma(self, series: FloatArray) -> tuple[float, float]:
        forecast = ewma_volatility(series, DECAY, initial_variance=_level(series))[-1]
        variance = [[float(forecast) ** 2]]
        return (
            parametric_var([1.0], variance, confidence=self._method.var_confidence),
            parametric_es([1.0], variance, confidence=self._method.es_confidence),
        )

    def _expand(self, case: "_Case", pnl: FloatArray, series: FloatArray) -> None:
        """Take the expansion inside its region, else history at today's volatility, and say so."""

        def expanded() -> tuple[float, float]:
            return (
                cornish_fisher_var(pnl, confidence=self._method.var_confidence),
                cornish_fisher_es(pnl, confidence=self._method.es_confidence),
            )

        try:
            found = expanded()
        except OutsideValidity as refusal:
            instead = replace(case, words=f"volatility-scaled history instead: {refusal}")
            self._hear(instead, lambda: self._scaled(series))
        except RiskInputError as refusal:
            self._refuse(case, refusal)
        else:
            self._hear(case, lambda: found)

    def _scaled(self, series: FloatArray) -> tuple[float, float]:
        return self._historical(volatility_scaled_pnl(series, decay=DECAY, initial_variance=_level(series)))

    def _simulated(self, pnl: FloatArray, freedom: float | None) -> tuple[float, float]:
        variance = sample_covariance(pnl[:, None])
        return (
            monte_carlo_var(
                [1.0],
                variance,
                confidence=self._method.var_confidence,
                degrees_of_freedom=freedom,
                n_simulations=N_PATHS,
            ),
            monte_carlo_es(
                [1.0],
                variance,
                confidence=self._method.es_confidence,
                degrees_of_freedom=freedom,
                n_simulations=N_PATHS,
            ),
        )

    def _historical(self, pnl: FloatArray) -> tuple[float, float]:
        return (
            historical_var(pnl, confidence=self._method.var_confidence),
            historical_es(pnl, confidence=self._method.es_confidence),
        )


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    now_ns: int
    n_observations: int
    words: str


def _level(series: FloatArray) -> float:
    """Return the variance a series starts from: its mean square.

    By the first square alone, a first day that hardly moved would blow the second up a hundredfold.
    """
    return float(np.square(series).mean())


def _with_today(pnl: FloatArray, today: float) -> FloatArray:
    """Return the series with today's P&L so far, if that makes tomorrow's forecast no smaller."""
    if not np.isfinite(today):
        return pnl
    grown = np.append(pnl, today)
    forecast = ewma_volatility(grown, DECAY, initial_variance=_level(pnl))
    return grown if forecast[-1] > forecast[-2] else pnl
