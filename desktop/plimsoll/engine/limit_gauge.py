"""What each limit measures now: values a member, the worst since last time, and why one is unknown."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit, Measure, ScopeKind
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
        self._rows: NDArray[np.intp] | None = None  # None: every group of the grouping, in its order
        self._has_all = True
        if limit.scope.kind is ScopeKind.BOOK:
            self._members: tuple[str, ...] = ("",)
            return
        labels = self._groups.labels if self._groups else ()
        self._members = labels
        if limit.scope.member:
            self._members = (limit.scope.member,)
            self._has_all = limit.scope.member in labels
            self._rows = np.array([labels.index(name) for name in self._members if name in labels], np.intp)

    def read(self, measured: Measurement) -> LimitReading:
        """Return what the limit measures."""
        if self.limit.scope.kind is ScopeKind.BOOK:
            return self._read_book(measured)
        return self._read_members(measured)

    def _read_book(self, measured: Measurement) -> LimitReading:
        value, worst = _BOOK_VALUES[self.limit.measure](measured)
        reason = "" if math.isfinite(value) else _why_unknown(self.limit.measure, measured)
        return LimitReading(
            self._members, np.array([value]), np.array([worst]), np.array([measured.is_trusted]), reason
        )

    def _read_members(self, measured: Measurement) -> LimitReading:
        groups = self._groups
        if groups is None or not self._has_all:
            empty = np.full(len(self._members), np.nan)
            doubt = np.zeros(len(self._members), dtype=np.bool_)
            return LimitReading(self._members, empty, empty, doubt, "nothing is held there")
        value, worst = _member_values(self.limit.measure, measured, groups)
        doubtful = groups.any_of(measured.is_doubtful)
        unpriceable = groups.any_of(measured.is_unpriceable)
        if self._rows is not None:
            rows = self._rows
            value, worst, doubtful, unpriceable = value[rows], worst[rows], doubtful[rows], unpriceable[rows]
        reason = ""
        if unpriceable.any():
            value, worst = np.where(unpriceable, NAN, value), np.where(unpriceable, NAN, worst)
            reason = "a price is missing"
        elif np.isnan(value).any():
            reason = _why_unknown(self.limit.measure, measured)
        return LimitReading(self._members, value, worst, ~doubtful, reason)


def _above_zero(amount: float) -> float:
    return amount if amount > 0.0 else NAN


def _twice(value: float) -> tuple[float, float]:
    return value, value


def _day_losses(measured: Measurement) -> tuple[float, float]:
    """Return the day's loss now and at the worst tick."""
    loss = -measured.day_pnl
    return loss, loss + max(measured.nav - measured.batch_low_nav, 0.0)


def _day_loss_fractions(measured: Measurement) -> tuple[float, float]:
    now, worst = _day_losses(measured)
    day_nav = _above_zero(measured.day_nav)
    return now / day_nav, worst / day_nav


def _net_leverage(measured: Measurement) -> tuple[float, float]:
    return _twice(abs(measured.net) / _above_zero(measured.nav))


def _gross_leverage(measured: Measurement) -> tuple[float, float]:
    return _twice(measured.gross / _above_zero(measured.nav))


_BOOK_VALUES: dict[Measure, Callable[[Measurement], tuple[float, float]]] = {
    Measure.VAR: lambda m: _twice(m.var),
    Measure.VAR_FRACTION: lambda m: _twice(m.var / _above_zero(m.nav)),
    Measure.ES: lambda m: _twice(m.es),
    Measure.ES_FRACTION: lambda m: _twice(m.es / _above_zero(m.nav)),
    Measure.DRAWDOWN: lambda m: (m.drawdown, m.batch_drawdown),
    Measure.DAILY_LOSS: _day_losses,
    Measure.DAILY_LOSS_FRACTION: _day_loss_fractions,
    Measure.GROSS_LEVERAGE: _gross_leverage,
    Measure.NET_LEVERAGE: _net_leverage,
    # Until NAV may be spoken of only half the book has weights.
    Measure.HHI: lambda m: _twice(NAN if math.isnan(m.nav) else m.hhi),
    Measure.POSITION_LOSS: lambda m: (_largest(-m.unrealised), _largest(-m.worst_unrealised)),
    Measure.POSITION_SIZE: lambda m: _twice(_largest(np.abs(m.value))),
    Measure.NET_WEIGHT: _net_leverage,
    Measure.GROSS_WEIGHT: _gross_leverage,
}
"""Each measure of the whole book, now and at the worst tick."""


def _member_values(measure: Measure, measured: Measurement, groups: Groups) -> tuple[FloatArray, FloatArray]:
    if measure is Measure.POSITION_LOSS:
        return -groups.totals(measured.unrealised)[0], -groups.totals(measured.worst_unrealised)[0]
    nav = _above_zero(measured.nav)
    net, gross = groups.totals(measured.value)
    if measure is Measure.POSITION_SIZE:
        value = np.abs(net)
    elif measure is Measure.NET_WEIGHT:
        value = np.abs(net) / nav
    elif measure is Measure.GROSS_WEIGHT:
        value = gross / nav
    else:
        value = np.full(len(net), NAN)
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
