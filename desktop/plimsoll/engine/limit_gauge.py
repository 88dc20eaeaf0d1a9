"""What each limit measures now: values a member, the worst since last time, and why one is unknown."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit, Measure, ScopeKind
from plimsoll.domain.snapshot import PositionState
from plimsoll.engine.measurement import Groups, Measurement

FloatArray = NDArray[np.float64]
NAN = float("nan")
_FROM_HISTORY = frozenset({Measure.VAR, Measure.VAR_FRACTION, Measure.ES, Measure.ES_FRACTION})


@dataclass(frozen=True, slots=True)
class LimitReading:
    """One limit's measure, for each member of its scope.

    Attributes
    ----------
    members : tuple of str
        One empty name for the book.
    value, worst : ndarray, shape (n_members,)
        Now, and at the worst tick since the last reading, in the limit's unit; NaN unknown.
    is_trusted : ndarray of bool, shape (n_members,)
        Whether the prices behind the value can vouch that the limit is kept.
    reason : str
        Why values are unknown, if they are.
    """

    members: tuple[str, ...]
    value: FloatArray
    worst: FloatArray
    is_trusted: NDArray[np.bool_]
    reason: str


class LimitGauge:
    """Reads one limit from measurements."""

    def __init__(self, limit: Limit, groups: dict[ScopeKind, Groups]) -> None:
        self.limit = limit
        self._groups = groups.get(limit.scope.kind)
        if limit.scope.kind is ScopeKind.BOOK:
            self._members: tuple[str, ...] = ("",)
        else:
            labels = self._groups.labels if self._groups else ()
            self._members = (limit.scope.member,) if limit.scope.member else labels
            self._rows = [labels.index(name) for name in self._members if name in labels]

    def read(self, measured: Measurement) -> LimitReading:
        """Return what the limit measures."""
        if self.limit.scope.kind is ScopeKind.BOOK:
            return self._read_book(measured)
        return self._read_members(measured)

    def _read_book(self, measured: Measurement) -> LimitReading:
        value, worst = _book_values(self.limit.measure, measured)
        reason = "" if np.isfinite(value) else _why_unknown(self.limit.measure, measured)
        return LimitReading(
            self._members, np.array([value]), np.array([worst]), np.array([measured.is_trusted]), reason
        )

    def _read_members(self, measured: Measurement) -> LimitReading:
        groups = self._groups
        if groups is None or len(self._rows) < len(self._members):
            empty = np.full(len(self._members), np.nan)
            doubt = np.zeros(len(self._members), dtype=np.bool_)
            return LimitReading(self._members, empty, empty, doubt, "nothing is held there")
        value, worst = _member_values(self.limit.measure, measured, groups)
        doubtful = groups.any_of(
            (measured.state == PositionState.STALE) | (measured.state == PositionState.UNPRICEABLE)
        )
        unpriceable = groups.any_of(measured.state == PositionState.UNPRICEABLE)
        value, worst = np.where(unpriceable, NAN, value), np.where(unpriceable, NAN, worst)
        rows = self._rows
        reason = "a price is missing" if unpriceable[rows].any() else ""
        if not unpriceable[rows].any() and np.isnan(value[rows]).any():
            reason = _why_unknown(self.limit.measure, measured)
        return LimitReading(self._members, value[rows], worst[rows], ~doubtful[rows], reason)


def _book_values(measure: Measure, measured: Measurement) -> tuple[float, float]:
    """Return the measure now and at the worst tick."""
    nav = measured.nav if measured.nav > 0.0 else NAN
    day_loss = -measured.day_pnl
    worst_day_loss = day_loss + max(measured.nav - measured.batch_low_nav, 0.0)
    day_nav = measured.day_nav if measured.day_nav > 0.0 else NAN
    weights = np.nan_to_num(np.abs(measured.value))
    gross = measured.gross
    # Until NAV may be spoken of only half the book has weights.
    is_whole = gross > 0.0 and not np.isnan(measured.nav)
    hhi = float(np.square(weights / gross).sum()) if is_whole else NAN
    values: dict[Measure, tuple[float, float]] = {
        Measure.VAR: (measured.var, measured.var),
        Measure.VAR_FRACTION: (measured.var / nav, measured.var / nav),
        Measure.ES: (measured.es, measured.es),
        Measure.ES_FRACTION: (measured.es / nav, measured.es / nav),
        Measure.DRAWDOWN: (measured.drawdown, measured.batch_drawdown),
        Measure.DAILY_LOSS: (day_loss, worst_day_loss),
        Measure.DAILY_LOSS_FRACTION: (day_loss / day_nav, worst_day_loss / day_nav),
        Measure.GROSS_LEVERAGE: (gross / nav, gross / nav),
        Measure.NET_LEVERAGE: (abs(measured.net) / nav, abs(measured.net) / nav),
        Measure.HHI: (hhi, hhi),
        Measure.POSITION_LOSS: (_largest(-measured.unrealised), _largest(-measured.worst_unrealised)),
        Measure.POSITION_SIZE: (_largest(np.abs(measured.value)), _largest(np.abs(measured.value))),
        Measure.NET_WEIGHT: (abs(measured.net) / nav, abs(measured.net) / nav),
        Measure.GROSS_WEIGHT: (gross / nav, gross / nav),
    }
    return values[measure]


def _member_values(measure: Measure, measured: Measurement, groups: Groups) -> tuple[FloatArray, FloatArray]:
    nav = measured.nav if measured.nav > 0.0 else NAN
    if measure is Measure.POSITION_LOSS:
        return -groups.totals(measured.unrealised)[0], -groups.totals(measured.worst_unrealised)[0]
    net, gross = groups.totals(measured.value)
    by_measure = {
        Measure.POSITION_SIZE: np.abs(net),
        Measure.NET_WEIGHT: np.abs(net) / nav,
        Measure.GROSS_WEIGHT: gross / nav,
    }
    value = by_measure.get(measure, np.full(len(net), NAN))
    return value, value


def _why_unknown(measure: Measure, measured: Measurement) -> str:
    if measured.coverage.priced_fraction == 0.0:
        return "nothing is priced yet"
    if measure in _FROM_HISTORY and measured.var != measured.var:
        return "price history is missing"
    if measure in {Measure.DAILY_LOSS, Measure.DAILY_LOSS_FRACTION} and measured.nav == measured.nav:
        return "the reference of the day is not known yet"
    return "NAV is not above zero" if measured.nav <= 0.0 else "not every position has a price yet"


def _largest(values: FloatArray) -> float:
    return float(np.nanmax(values)) if np.isfinite(values).any() else NAN
