"""VaR, ES and who contributes to them, kept up to date from exposures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.method import RiskMethod
from plimsoll.domain.quality import Quality
from plimsoll.domain.snapshot import Coverage
from plimsoll.engine.ledger import Ledger
from plimsoll.engine.scenario_course import ScenarioCourse
from plimsoll.engine.scenario_vector import ScenarioVector
from plimsoll.engine.scenario_window import PriceWindow, ScenarioMatrix
from plimsoll.engine.universe import Universe
from plimsoll.risk.errors import InsufficientHistory
from plimsoll.risk.expected_shortfall import historical_es
from plimsoll.risk.value_at_risk import historical_var

FloatArray = NDArray[np.float64]

KNOWN_ABOVE_HISTORY_FRACTION = 0.5
"""With less of the gross exposure in the scenarios the figure would speak of another book."""
GOOD_ABOVE_FRACTION = 0.99
FRESH_ABOVE_FRACTION = 0.95


@dataclass(frozen=True, slots=True)
class _Tail:
    """The scenarios of the tail, the boundary last, and what a unit of each row loses in them on average."""

    scenarios: NDArray[np.intp]
    price_part: FloatArray
    fx_part: FloatArray


class ScenarioRisk:
    """The scenario figures of the book.

    Attributes
    ----------
    var, es : float
        Losses positive, base currency, one day; NaN unknown.
    quality : Quality
        Of both.
    note : str
        Why they are unknown, or the convention in words.
    loaded, wanted : int
        Instruments whose history is there, of those that need one.
    """

    def __init__(self, universe: Universe, method: RiskMethod) -> None:
        self._universe = universe
        self._method = method
        n = len(universe.instruments)
        self._course = ScenarioCourse(PriceWindow(np.empty(0, dtype=np.int64), np.empty((0, n))), universe)
        self._vector = ScenarioVector(self._course.matrix)
        self._own_worth: FloatArray = np.zeros(n)
        self._currency_of = np.array(universe.currency_of[: universe.n_held], dtype=np.int64)
        self._has_fx = self._has_absolute = False
        self._tail: _Tail | None = None
        self._contributions: FloatArray | None = None  # None: the exposures are other ones
        self.var = self.es = float("nan")
        self.quality = Quality.UNKNOWN
        self.note = "loading price history"
        self.loaded = self.wanted = 0

    @property
    def n_scenarios(self) -> int:
        """Daily scenarios in use."""
        return self._vector.matrix.n_scenarios

    @property
    def has_history(self) -> NDArray[np.bool_]:
        """Whether each instrument enters the figures, shape (n_instruments,)."""
        return self._vector.matrix.has_history[: len(self._universe.instruments)]

    @property
    def window(self) -> PriceWindow:
        """The days behind the scenarios; of the closes the newest alone."""
        return self._course.window

    @property
    def matrix(self) -> ScenarioMatrix:
        """What a unit of exposure earns in each scenario."""
        return self._vector.matrix

    @property
    def exposure(self) -> FloatArray:
        """What the scenario P&L rests on, shape (n_instruments + n_currencies,)."""
        return self._vector.exposure

    @property
    def pnl(self) -> FloatArray:
        """The book's P&L in each scenario; empty while the figures are unknown."""
        return self._vector.pnl if np.isfinite(self.var) else np.empty(0)

    def use_window(self, window: PriceWindow) -> None:
        """Take price history."""
        self._course = ScenarioCourse(window, self._universe)
        self._use_matrix()

    def finish_day(self, day: int, closes: FloatArray) -> None:
        """Let a finished day join the window and the oldest leave."""
        self._course.finish_day(day, closes, self._method.window_days)
        if self._course.matrix is not self._vector.matrix:
            self._use_matrix()

    def _use_matrix(self) -> None:
        self._vector = ScenarioVector(self._course.matrix)
        self._has_fx = bool(self._vector.matrix.rows[len(self._universe.instruments) :].any())
        self._has_absolute = bool(self._vector.matrix.is_absolute.any())
        self._tail = self._contributions = None

    def update(self, ledger: Ledger, mark: FloatArray, coverage: Coverage) -> None:
        """Work out the figures for the book as it stands."""
        self._contributions = None
        if self._has_absolute:
            per_unit = np.where(self._vector.matrix.is_absolute, 1.0, mark)
            exposure = ledger.exposure(per_unit)
        else:
            exposure = ledger.exposure(mark)
        if self._has_fx:
            self._own_worth = np.nan_to_num(ledger.net_worth(mark))
        self._vector.update(np.concatenate([exposure, ledger.local * ledger.fx]))
        self._judge(coverage)
        self.var = self.es = float("nan")
        if self.quality is Quality.UNKNOWN:
            return
        pnl = self._vector.pnl
        try:
            var = historical_var(pnl, confidence=self._method.var_confidence, rule="rank")
            self.es = historical_es(pnl, confidence=self._method.es_confidence, tail="fractional")
            self.var = var
        except InsufficientHistory as shortage:
            self.quality, self.note = Quality.UNKNOWN, str(shortage)

    def es_contributions(self) -> FloatArray:
        """Return each position's part of ES, shape (n_held,); cash in foreign currency has the rest.

        The parts of the scenarios in the tail of the whole book: the boundary scenario enters with its
        fraction, so that the parts sum to ES (Acerbi-Tasche tail).
        """
        if self._contributions is None:
            self._contributions = self._new_contributions()
            self._contributions.flags.writeable = False  # whoever asks until the next update gets this one
        return self._contributions

    def _new_contributions(self) -> FloatArray:
        n_held = self._universe.n_held
        if not np.isfinite(self.es):
            return np.full(n_held, np.nan)
        tail = self._newest_tail()
        mine = self._vector.exposure[:n_held] * tail.price_part
        if self._has_fx:
            mine += self._own_worth[:n_held] * tail.fx_part[self._currency_of]
        contributions: FloatArray = -mine
        return contributions

    def _newest_tail(self) -> _Tail:
        """Return what the tail's scenarios mean to each row, gathered anew only when other days enter it."""
        pnl = self._vector.pnl
        n_tail = len(pnl) * (1.0 - self._method.es_confidence)
        n_whole = int(np.floor(round(n_tail, 9)))
        worst = np.argpartition(pnl, n_whole)[: n_whole + 1]
        boundary = worst[np.argmax(pnl[worst])]
        scenarios = np.append(np.sort(worst[worst != boundary]), boundary)
        if self._tail is not None and np.array_equal(self._tail.scenarios, scenarios):
            return self._tail
        weight = np.ones(n_whole + 1)
        weight[-1] = n_tail - n_whole
        weight /= n_tail
        # A column of the matrix is a cache line a number: 10 000 × 25 of them take a millisecond.
        part = self._vector.matrix.rows[:, scenarios] @ weight
        n, n_held = len(self._universe.instruments), self._universe.n_held
        self._tail = _Tail(scenarios, part[:n_held], part[n:])
        return self._tail

    def _judge(self, coverage: Coverage) -> None:
        """Decide how far the figures can be trusted."""
        n = self.n_scenarios
        if self.loaded < self.wanted and n == 0:
            self.quality, self.note = Quality.UNKNOWN, f"loading {self.loaded} of {self.wanted}"
        elif n < self._method.unknown_below:
            self.quality = Quality.UNKNOWN
            self.note = f"{n} daily scenarios, at least {self._method.unknown_below} are needed"
        elif coverage.history_fraction < KNOWN_ABOVE_HISTORY_FRACTION:
            self.quality = Quality.UNKNOWN
            self.note = f"only {coverage.history_fraction:.0%} of gross exposure has history"
        else:
            doubts = []
            if n < self._method.low_quality_below:
                doubts.append(f"{n} scenarios")
            if coverage.history_fraction < GOOD_ABOVE_FRACTION:
                doubts.append(f"{1 - coverage.history_fraction:.0%} of gross without history")
            if coverage.fresh_fraction < FRESH_ABOVE_FRACTION:
                doubts.append(f"{1 - coverage.fresh_fraction:.0%} of gross stale")
            self.quality = Quality.LOW if doubts else Quality.GOOD
            self.note = "; ".join(doubts) or self._method.in_words(n)
