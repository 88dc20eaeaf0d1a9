"""Whether the held instruments still move together as they used to, today's day so far included."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.market_figures import BrokenPair, CorrelationFigures
from plimsoll.engine.book_now import BookNow
from plimsoll.engine.universe import Universe
from plimsoll.risk.absorption import absorption_ratio, absorption_shift
from plimsoll.risk.correlation_break import CorrelationBreaks, correlation_breaks
from plimsoll.risk.covariance import ewma_covariance, ledoit_wolf
from plimsoll.risk.errors import RiskInputError
from plimsoll.risk.pairwise_correlation import correlation_matrix
from plimsoll.risk.unusual_day import turbulence

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MAX_CODES: Final = 60
"""Instruments measured, the largest by exposure: 1 770 pairs, and a step of about 2 ms."""
CHOOSE_ANEW_BELOW: Final = 0.5
"""The choice stands until one left out is so much larger than the smallest chosen: its past is kept."""
DECAY: Final = 0.94
FALSE_DISCOVERY_RATE: Final = 0.05
MAX_PAIRS: Final = 20
SHORT_DAYS: Final = 15
LONG_DAYS: Final = 250
MIN_WINDOW_DAYS: Final = 100
"""The paper takes windows of 500 days, a year of them; AllTick's history leaves half of that."""
RATIOS_A_STEP: Final = 2
_QUARTER_DAYS: Final = 63


class CorrelationWatch:
    """Correlation figures, worked out in steps; one owner, the risk thread.

    Parameters
    ----------
    universe : Universe
        Held instruments first.

    Attributes
    ----------
    n_ratios : int
        Absorption ratios of past days worked out since the beginning.
    """

    def __init__(self, universe: Universe) -> None:
        self._codes = universe.codes
        self._n_held = universe.n_held
        self._is_fixed = np.array(
            [item.fixed_price is not None for item in universe.instruments[: universe.n_held]], dtype=np.bool_
        )
        self._chosen: IntArray = np.empty(0, dtype=np.int64)
        self._matrix: object = None
        self._scale: FloatArray = np.empty(0)
        self._usual: FloatArray | None = None
        self._past_ratios: list[float] = []
        self._n_left_out = 0
        self._found = CorrelationFigures()
        self._troubles: dict[str, str] = {}
        self.n_ratios = 0

    def figures(self, today: FloatArray) -> CorrelationFigures:
        """Return the newest figures, the turbulence of today's returns so far among them."""
        found = self._found
        return CorrelationFigures(
            shift=found.shift,
            n_broken_pairs=found.n_broken_pairs,
            broken_pairs=found.broken_pairs,
            absorption_ratio=found.absorption_ratio,
            turbulence=self._turbulence(today),
            codes=found.codes,
            matrix=found.matrix,
            words=found.words,
        )

    def round(self, book: BookNow, today: FloatArray) -> Iterator[None]:
        """Work out everything anew, a few milliseconds a step; the figures change when all is done."""
        self._choose(book)
        past = (book.matrix.rows[self._chosen] * self._scale[:, None]).T
        now = today[self._chosen] * self._scale
        has_today = bool(len(now)) and bool(np.isfinite(now).all()) and bool(now.any())
        table = np.vstack([past, now]) if has_today else past
        self._troubles = {}
        breaks, recent = self._breaks(table), self._recent(table)
        yield
        self._learn_usual(past)
        ratio = self._ratio(table)
        yield
        # Of the history alone, so that past ratios stay comparable when today begins to move.
        n_window = len(past) + 1 - LONG_DAYS
        yield from self._learn_past_ratios(past, n_window, n_wanted=LONG_DAYS - has_today)
        shift = self._shift(table, n_window, has_today=has_today)
        pairs = self._pairs(breaks)
        recent.flags.writeable = False
        self._found = CorrelationFigures(
            shift=shift,
            n_broken_pairs=-1 if breaks is None else int(breaks.is_broken.sum()),
            broken_pairs=pairs,
            absorption_ratio=ratio,
            codes=tuple(self._codes[number] for number in self._chosen.tolist()) if recent.size else (),
            matrix=recent,
            words=self._in_words(len(table), has_today=has_today),
        )

    def _choose(self, book: BookNow) -> None:
        """Choose whom to measure; what was learnt stays while the choice and the history do."""
        size = np.where(np.isfinite(book.value), np.abs(book.value), 0.0)
        may = (size > 0.0) & book.matrix.has_history[: self._n_held] & ~self._is_fixed
        candidates = np.flatnonzero(may)
        order = candidates[np.argsort(-size[candidates], kind="stable")]
        near = order[: 2 * MAX_CODES]
        if book.matrix.n_scenarios:
            # Whoever did not move in the newest quarter has no correlation to speak of.
            near = near[np.ptp(book.matrix.rows[near, -_QUARTER_DAYS:], axis=1) > 0.0]
        self._n_left_out = max(len(order) - MAX_CODES, 0)
        stands = len(self._chosen) == min(len(near), MAX_CODES) and bool(np.isin(self._chosen, near).all())
        if stands and len(near) > len(self._chosen):
            waiting = np.setdiff1d(near, self._chosen)
            stands = bool(size[self._chosen].min() >= CHOOSE_ANEW_BELOW * size[waiting].max())
        if stands and self._matrix is book.matrix:
            return
        if not stands:
            self._chosen = near[:MAX_CODES]
        self._matrix = book.matrix
        absolute = book.matrix.is_absolute[self._chosen]
        self._scale = np.where(absolute, 1.0 / np.abs(book.mark[self._chosen]), 1.0)
        self._past_ratios, self._usual = [], None

    def _breaks(self, table: FloatArray) -> CorrelationBreaks | None:
        try:
            return correlation_breaks(table, decay=DECAY, false_discovery_rate=FALSE_DISCOVERY_RATE)
        except RiskInputError as refusal:
            self._troubles["pairs"] = str(refusal)
            return None

    def _recent(self, table: FloatArray) -> FloatArray:
        try:
            return correlation_matrix(ewma_covariance(table, decay=DECAY, initial=0.0))
        except RiskInputError as refusal:
            self._troubles["heat map"] = str(refusal)
            return np.empty((0, 0))

    def _learn_usual(self, past: FloatArray) -> None:
        """Estimate the usual from the history without today, shrunk: 32 effective days invert no matrix."""
        if self._usual is not None:
            return
        try:
            self._usual = ledoit_wolf(past, target="constant_correlation").covariance
        except RiskInputError as refusal:
            self._troubles["turbulence"] = str(refusal)

    def _turbulence(self, today: FloatArray) -> float:
        if self._usual is None or len(self._chosen) < 2:
            return float("nan")
        now = today[self._chosen] * self._scale
        known = np.flatnonzero(np.isfinite(now))
        if len(known) < len(now) / 2 or len(known) < 2:
            return float("nan")
        try:
            return float(turbulence(now[known], covariance=self._usual[np.ix_(known, known)]))
        except RiskInputError:
            return float("nan")

    def _ratio(self, table: FloatArray) -> float:
        try:
            return absorption_ratio(table, half_life=LONG_DAYS)
        except RiskInputError as refusal:
            self._troubles["absorption"] = str(refusal)
            return float("nan")

    def _learn_past_ratios(self, past: FloatArray, n_window: int, *, n_wanted: int) -> Iterator[None]:
        """Work out the ratio of each past window once: they change when a day joins, not with a tick."""
        if n_window < MIN_WINDOW_DAYS or past.shape[1] < 2:
            self._past_ratios = []
            return
        n_past = len(past) - n_window + 1
        if len(self._past_ratios) > n_wanted:
            self._past_ratios = self._past_ratios[-n_wanted:]
        while len(self._past_ratios) < min(n_wanted, n_past):
            begin = n_past - 1 - len(self._past_ratios)
            try:
                ratio = absorption_ratio(past[begin : begin + n_window], half_life=n_window / 2.0)
            except RiskInputError as refusal:
                self._troubles["shift"] = str(refusal)
                self._past_ratios = []
                return
            self._past_ratios.insert(0, ratio)
            self.n_ratios += 1
            if self.n_ratios % RATIOS_A_STEP == 0:
                yield

    def _shift(self, table: FloatArray, n_window: int, *, has_today: bool) -> float:
        try:
            ratios = list(self._past_ratios)
            if has_today and ratios:
                ratios.append(absorption_ratio(table[-n_window:], half_life=n_window / 2.0))
            return absorption_shift(ratios, short=SHORT_DAYS, long=LONG_DAYS)
        except RiskInputError as refusal:
            self._troubles.setdefault("shift", str(refusal))
            return float("nan")

    def _pairs(self, breaks: CorrelationBreaks | None) -> tuple[BrokenPair, ...]:
        if breaks is None:
            return ()
        broken = np.flatnonzero(breaks.is_broken)
        broken = broken[np.argsort(breaks.adjusted[broken], kind="stable")][:MAX_PAIRS]
        return tuple(
            BrokenPair(
                first=self._codes[int(self._chosen[breaks.first[row]])],
                second=self._codes[int(self._chosen[breaks.second[row]])],
                recent=float(breaks.recent[row]),
                long_run=float(breaks.long_run[row]),
                adjusted_p=float(breaks.adjusted[row]),
            )
            for row in broken.tolist()
        )

    def _in_words(self, n_days: int, *, has_today: bool) -> str:
        left_out = f" of {len(self._chosen) + self._n_left_out}, the largest" if self._n_left_out else ""
        today = ", today so far included" if has_today else ""
        method = "EWMA 0.94 against the days before, false discoveries held to 5 %"
        parts = [f"{len(self._chosen)} instruments{left_out}, {n_days} days{today}; {method}"]
        parts += [f"{name} unknown: {trouble}" for name, trouble in self._troubles.items()]
        return "; ".join(parts)
