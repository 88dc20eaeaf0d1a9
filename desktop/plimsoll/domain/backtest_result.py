"""Whether each VaR model told the truth: what it forecast, what came, and what the tests say."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

UNKNOWN = float("nan")


class Lamp(StrEnum):
    """A model's standing at a glance."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TestFigure:
    """What one test says of one model.

    Attributes
    ----------
    name : str
        The test.
    statistic, p_value : float
        NaN where the test has none for this record.
    verdict : str
        "accept", "reject" or "unknown".
    words : str
        Its own details, or why it says nothing.
    """

    __test__ = False  # pytest takes every class whose name begins with Test for one of its own

    name: str
    statistic: float = UNKNOWN
    p_value: float = UNKNOWN
    verdict: str = "unknown"
    words: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class MethodBacktest:
    """One model over the days it was tried on; all arrays of shape (n_days,), oldest first.

    Attributes
    ----------
    name : str
        The model.
    var, es : ndarray
        Made before each day from the days before it alone; losses positive, base money.
    is_exception : ndarray of bool
        Whether the day's loss was strictly above the VaR.
    n_exceptions : int
    n_expected : float
        As many as the confidence promises.
    lamp : Lamp
    reason : str
        What the lamp rests on.
    zone : str
        Traffic light over all days at the VaR's confidence.
    basel_zone : str
        Basel's own: 250 days at 99 %; empty with fewer days.
    basel_multiplier : float
        Of MAR32; NaN with fewer days.
    tests : tuple of TestFigure
        Every test, in the order they are shown.
    mean_pinball, mean_score : float
        Of the VaR, and of VaR and ES together (Fissler-Ziegel, FZ0); lower is better.
    worse_than_best_p : float
        Diebold-Mariano: chance of so different a joint score if it is as good as the best; NaN for the best.
    n_replaced : int
        Days on which the model did not hold and another figure stood in.
    words : str
        The model and its parameters.
    """

    name: str
    var: NDArray[np.float64]
    es: NDArray[np.float64]
    is_exception: NDArray[np.bool_]
    n_exceptions: int
    n_expected: float
    lamp: Lamp
    reason: str
    zone: str
    basel_zone: str
    basel_multiplier: float
    tests: tuple[TestFigure, ...]
    mean_pinball: float
    mean_score: float
    worse_than_best_p: float
    n_replaced: int
    words: str

    def test(self, name: str) -> TestFigure:
        """Return one test's figure; an unknown one where it was not made."""
        return next((figure for figure in self.tests if figure.name == name), TestFigure(name))


def _no_days() -> NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


def _no_floats() -> NDArray[np.float64]:
    return np.empty(0)


@dataclass(frozen=True, slots=True, eq=False)
class BacktestResult:
    """The model jury: every model over the same days of today's book.

    Attributes
    ----------
    refusal : str
        Why there is no result; empty where there is one.
    days : ndarray of int64, shape (n_days,)
        Days from 1970-01-01 that were forecast.
    pnl_base : ndarray, shape (n_days,)
        Hypothetical: what today's exposures would have earned on each.
    methods : tuple of MethodBacktest
        The best joint score first; one without a score last.
    var_confidence, es_confidence : float
        Of the VaR and the ES; the tests of the ES use a VaR of the ES's confidence.
    n_window : int
        Days each forecast was made from.
    disagreement : ndarray, shape (n_days,)
        (highest − lowest) / median VaR of the models, each day.
    disagreement_line : float
        Beyond it the models disagree so much that it is an alert of its own.
    proxy_fraction, still_fraction : float
        Share of gross exposure whose history is partly by proxy, or left out for want of one.
    words : tuple of str
        What was not the book's own history.
    """

    refusal: str = ""
    days: NDArray[np.int64] = field(default_factory=_no_days)
    pnl_base: NDArray[np.float64] = field(default_factory=_no_floats)
    methods: tuple[MethodBacktest, ...] = ()
    var_confidence: float = UNKNOWN
    es_confidence: float = UNKNOWN
    n_window: int = 0
    disagreement: NDArray[np.float64] = field(default_factory=_no_floats)
    disagreement_line: float = UNKNOWN
    proxy_fraction: float = UNKNOWN
    still_fraction: float = UNKNOWN
    words: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether there is a result."""
        return not self.refusal

    @property
    def disagreement_now(self) -> float:
        """The newest day's; NaN without one."""
        return float(self.disagreement[-1]) if len(self.disagreement) else UNKNOWN

    @property
    def is_disagreement_alert(self) -> bool:
        """Whether the models disagree beyond the line on the newest day."""
        return bool(self.disagreement_now > self.disagreement_line)

    def method(self, name: str) -> MethodBacktest | None:
        """Return one model's record, or None."""
        return next((record for record in self.methods if record.name == name), None)
