"""What the desk knew when a limit was crossed: the measure's course, the drivers, the quality of the data."""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.breach import Driver, Evidence
from plimsoll.domain.limit import Limit, Measure, ScopeKind
from plimsoll.domain.snapshot import PositionState
from plimsoll.domain.units import NS_PER_MS
from plimsoll.engine.limit_reading import BoardReading, LimitReading
from plimsoll.engine.measurement import Measurement

COURSE_POINTS = 240
COURSE_PERIOD_NS = 100 * NS_PER_MS
N_DRIVERS = 6
_LOSSES = frozenset({Measure.DRAWDOWN, Measure.DAILY_LOSS, Measure.DAILY_LOSS_FRACTION})
_TAIL = frozenset({Measure.VAR, Measure.VAR_FRACTION, Measure.ES, Measure.ES_FRACTION})


class EvidenceBook:
    """Remembers the course of every book-wide limit and explains a breach from the newest figures.

    Attributes
    ----------
    codes : tuple of str
        The positions' codes, in the order of every array.
    """

    def __init__(self, codes: tuple[str, ...], limits: tuple[Limit, ...]) -> None:
        self.codes = codes
        self._courses: dict[str, deque[tuple[int, float]]] = {
            limit.limit_id: deque(maxlen=COURSE_POINTS) for limit in limits
        }
        self._newest_ns = 0
        # A storm asks for the same limit's evidence once a member: it is made once an instant.
        self._made: dict[tuple[str, bool], Evidence] = {}
        self._measured: Measurement | None = None
        self._day_pnl: NDArray[np.float64] = np.zeros(len(codes))
        self._day_change: NDArray[np.float64] = np.zeros(len(codes))
        self._es_share: NDArray[np.float64] = np.zeros(len(codes))

    def note_figures(
        self,
        measured: Measurement,
        day_pnl: NDArray[np.float64],
        day_change: NDArray[np.float64],
        es_share: NDArray[np.float64],
    ) -> None:
        """Take the newest figures, position arrays of shape (n_held,)."""
        self._measured = measured
        self._made.clear()
        self._day_pnl, self._day_change, self._es_share = day_pnl, day_change, es_share

    def note_course(
        self,
        exchange_time_ns: int,
        received_ns: int,
        limits: tuple[Limit, ...],
        readings: Sequence[LimitReading],
    ) -> None:
        """Add a point to each limit's course, at most ten a second."""
        if received_ns - self._newest_ns < COURSE_PERIOD_NS:
            return
        self._newest_ns = received_ns
        for limit, value in zip(limits, _values(readings), strict=True):
            known = value[np.isfinite(value)]
            if len(known):
                worst = known.min() if limit.measure.is_floor else known.max()
                self._courses[limit.limit_id].append((exchange_time_ns, float(worst)))

    def take_limits(self, limits: tuple[Limit, ...]) -> None:
        """Follow these from now on; the course of those that stay is kept."""
        self._courses = {
            limit.limit_id: self._courses.get(limit.limit_id, deque(maxlen=COURSE_POINTS)) for limit in limits
        }
        self._made.clear()

    def for_breach(self, limit: Limit, member: str) -> Evidence:
        """Return what is known now about a limit's member."""
        key = (limit.limit_id, bool(member))
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(limit, member)
        return made

    def _make(self, limit: Limit, member: str) -> Evidence:
        measured = self._measured
        if measured is None:
            return Evidence()
        course = self._courses[limit.limit_id]
        fresh = measured.state == PositionState.PRICED
        names = [code for code, good in zip(self.codes, fresh, strict=True) if not good]
        quality = "all prices fresh" if not names else f"not fresh: {', '.join(names[:5])}"
        return Evidence(
            times_ns=tuple(time_ns for time_ns, _ in course),
            values=tuple(value for _, value in course),
            drivers=self._drivers(limit, member),
            nav_base=measured.nav,
            n_fresh=int(fresh.sum()),
            n_instruments=len(self.codes),
            quality=quality,
        )

    def _drivers(self, limit: Limit, member: str) -> tuple[Driver, ...]:
        measured = self._measured
        if measured is None or (limit.scope.kind is ScopeKind.INSTRUMENT and member):
            return ()
        if limit.measure in _LOSSES:
            return self._largest(-self._day_pnl, lambda place: _price_move(self._day_change[place]))
        if limit.measure in _TAIL:
            total = float(np.nansum(self._es_share)) or 1.0
            return self._largest(
                self._es_share, lambda place: f"{self._es_share[place] / total:.0%} of expected shortfall"
            )
        gross = measured.gross or 1.0
        return self._largest(
            np.abs(measured.value), lambda place: f"{abs(measured.value[place]) / gross:.1%} of gross"
        )

    def _largest(self, amount: NDArray[np.float64], why: Callable[[int], str]) -> tuple[Driver, ...]:
        known = np.nan_to_num(amount)
        order = np.argsort(-known, kind="stable")[:N_DRIVERS]
        return tuple(
            Driver(self.codes[place], float(known[place]), why(int(place)))
            for place in order
            if known[place] > 0.0
        )


def _values(readings: Sequence[LimitReading]) -> list[NDArray[np.float64]]:
    """Return each limit's values; a board gives them without making words of every reading."""
    if isinstance(readings, BoardReading):
        starts = readings.layout.starts
        return [readings.value[first:end] for first, end in pairwise(starts)]
    return [reading.value for reading in readings]


def _price_move(fraction: float) -> str:
    if not np.isfinite(fraction):
        return "price moved"
    sign = "+" if fraction >= 0 else "−"
    return f"price {sign}{abs(fraction):.1%} today"
