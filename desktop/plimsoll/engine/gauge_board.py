"""Reads all limits of a book at once: each measure once for all limits that rest on it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.limit import Limit, Measure, ScopeKind
from plimsoll.domain.limit_detail import is_headline_method
from plimsoll.engine.book_measures import book_figure
from plimsoll.engine.limit_reading import BoardReading, Doubt, Layout
from plimsoll.engine.measurement import Groups, Measurement
from plimsoll.engine.member_measures import Members, member_column
from plimsoll.engine.unknown_reason import OF_THE_DATA

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
NAN = float("nan")

# An enum's member costs a look-up in Python; these are asked for every source of every batch.
_BOOK, _NOT_HELD, _UNPRICED = ScopeKind.BOOK, int(Doubt.NOT_HELD), int(Doubt.UNPRICED)
_UNKNOWN = np.uint8(Doubt.UNKNOWN)

_TAIL = frozenset({Measure.VAR, Measure.VAR_FRACTION, Measure.ES, Measure.ES_FRACTION})
_FROM_STRESS = frozenset({Measure.STRESS_LOSS, Measure.STRESS_LOSS_FRACTION})
_FROM_MARKET = frozenset(
    {
        Measure.MARGIN_USE,
        Measure.MARGIN_CUSHION,
        Measure.DAYS_TO_EXIT,
        Measure.EXIT_SHARE_1D,
        Measure.SPREAD_FRACTION,
        Measure.EXIT_COST_FRACTION,
        Measure.CORRELATION_SHIFT,
        Measure.ABSORPTION_RATIO,
        Measure.TURBULENCE,
    }
)


_SourceKey = tuple[Measure, ScopeKind, str]
"""A measure, its grouping and its detail."""


@dataclass(frozen=True, slots=True)
class _Source:
    """One measure over one grouping, that any number of limits read."""

    measure: Measure
    kind: ScopeKind
    detail: str
    slots: slice
    is_of_the_data: bool

    @property
    def key(self) -> _SourceKey:
        """Tell it from the others."""
        return self.measure, self.kind, self.detail

    def what_it_rests_on(self, measured: Measurement) -> object:
        """Return the object without whose change the figures stand; None for what every tick moves."""
        if self.measure in _FROM_MARKET:
            return measured.market
        if self.measure in _FROM_STRESS:
            return measured.stress
        if self.measure in _TAIL and (self.kind is not ScopeKind.BOOK or not is_headline_method(self.detail)):
            return measured.market if self.kind is ScopeKind.BOOK else measured.part_tail
        return None


@dataclass(slots=True)
class _Kept:
    """What a slow source said, and what it rested on."""

    rests_on: object
    nav_is_known: bool
    value: FloatArray
    worst: FloatArray
    is_partial: BoolArray
    doubt: NDArray[np.uint8]


class GaugeBoard:
    """All limits over one universe of positions.

    Slow figures are worked out again only when the object they rest on is another one: `Measurement.market`,
    `Measurement.stress`, `Measurement.part_tail`. Their share of NAV is taken at that moment.

    Attributes
    ----------
    layout : Layout
        Which rows of a reading belong to which limit.
    """

    def __init__(self, limits: tuple[Limit, ...], groups: Mapping[ScopeKind, Groups]) -> None:
        self._groups = groups
        self._sources: dict[_SourceKey, _Source] = {}
        self._kept: dict[_SourceKey, _Kept] = {}
        self._n_slots = 0
        slots: list[NDArray[np.int64]] = []
        members: list[tuple[str, ...]] = []
        for limit in limits:
            own_members, own_slots = self._place(limit)
            members.append(own_members)
            slots.append(own_slots)
        nothing_held = self._n_slots  # one slot more, for members that nobody holds
        row_slots = np.concatenate([*slots, np.empty(0, dtype=np.int64)])
        self._slot_of_row = np.where(row_slots < 0, nothing_held, row_slots)
        self._is_straight = np.array_equal(row_slots, np.arange(self._n_slots))  # nothing is read twice
        starts = np.cumsum([0, *map(len, members)], dtype=np.int64).tolist()
        self.layout = Layout(limits, tuple(members), tuple(starts))

    def read(self, measured: Measurement) -> BoardReading:
        """Return what every limit measures."""
        n = self._n_slots
        value, worst = np.full(n + 1, NAN), np.full(n + 1, NAN)
        is_trusted = np.zeros(n + 1, dtype=np.bool_)
        doubt = np.full(n + 1, _NOT_HELD, dtype=np.uint8)  # the last slot stays so
        book_is_trusted = measured.is_trusted
        members: dict[ScopeKind, Members] = {}
        for source in self._sources.values():
            slots = source.slots
            if source.kind is _BOOK and source.what_it_rests_on(measured) is None:
                place = slots.start
                now, at_worst, is_part = book_figure(source.measure, source.detail, measured)
                value[place], worst[place] = now, at_worst
                doubt[place] = _UNKNOWN if math.isnan(now) else is_part  # Doubt.PARTIAL is 1
                is_trusted[place] = source.is_of_the_data or (book_is_trusted and not is_part)
                continue
            if source.kind is not _BOOK and source.kind not in members:
                members[source.kind] = Members(measured, self._groups[source.kind])
            kept = self._figures(source, measured, members)
            value[slots], worst[slots], doubt[slots] = kept.value, kept.worst, kept.doubt
            if source.is_of_the_data:
                is_trusted[slots] = True
            elif source.kind is _BOOK:
                is_trusted[slots] = book_is_trusted and not kept.is_partial[0]
            else:
                mine = members[source.kind]
                if mine.has_unpriceable:
                    value[slots][mine.is_unpriceable] = NAN
                    worst[slots][mine.is_unpriceable] = NAN
                    doubt[slots][mine.is_unpriceable] = _UNPRICED
                is_trusted[slots] = ~(mine.is_doubtful | kept.is_partial)
        if self._is_straight:
            return BoardReading(self.layout, measured, value[:n], worst[:n], is_trusted[:n], doubt[:n])
        rows = self._slot_of_row
        return BoardReading(
            self.layout, measured, value.take(rows), worst.take(rows), is_trusted.take(rows), doubt.take(rows)
        )

    def _figures(self, source: _Source, measured: Measurement, members: Mapping[ScopeKind, Members]) -> _Kept:
        """Return a source's figures, worked out anew unless what they rest on is the same as before."""
        rests_on = source.what_it_rests_on(measured)
        nav_is_known = math.isfinite(measured.nav)
        kept = self._kept.get(source.key)
        is_same = kept is not None and rests_on is not None and kept.rests_on is rests_on
        if kept is not None and is_same and kept.nav_is_known == nav_is_known:
            return kept
        if source.kind is ScopeKind.BOOK:
            now, worst, is_part = book_figure(source.measure, source.detail, measured)
            partial = np.array([is_part], dtype=np.bool_)
            fresh = _kept(rests_on, np.array([now]), np.array([worst]), partial, nav_is_known=nav_is_known)
        else:
            column = member_column(source.measure, source.detail, members[source.kind])
            is_partial = column.is_partial
            if is_partial is None:
                is_partial = np.zeros(len(column.value), dtype=np.bool_)
            fresh = _kept(rests_on, column.value, column.worst, is_partial, nav_is_known=nav_is_known)
        if rests_on is not None:
            self._kept[source.key] = fresh
        return fresh

    def _place(self, limit: Limit) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        """Return the members of a limit and the slots of their figures; −1 where nothing is held."""
        kind, member = limit.scope.kind, limit.scope.member
        if kind is ScopeKind.BOOK:
            return ("",), np.array([self._source(limit, 1).start], dtype=np.int64)
        labels = self._groups[kind].labels if kind in self._groups else ()
        if member and member not in labels:
            return (member,), np.array([-1], dtype=np.int64)
        if not labels:
            return (), np.empty(0, dtype=np.int64)
        first = self._source(limit, len(labels)).start
        if member:
            return (member,), np.array([first + labels.index(member)], dtype=np.int64)
        return labels, np.arange(first, first + len(labels), dtype=np.int64)

    def _source(self, limit: Limit, n_members: int) -> slice:
        """Return the slots of what a limit reads, shared with every limit that reads the same."""
        key = (limit.measure, limit.scope.kind, limit.detail)
        if key not in self._sources:
            begin = self._n_slots
            self._n_slots += n_members
            self._sources[key] = _Source(*key, slice(begin, self._n_slots), limit.measure in OF_THE_DATA)
        return self._sources[key].slots


def _kept(
    rests_on: object, value: FloatArray, worst: FloatArray, is_partial: BoolArray, *, nav_is_known: bool
) -> _Kept:
    doubt = is_partial.view(np.uint8)  # Doubt.PARTIAL is 1
    is_unknown = np.isnan(value)
    if is_unknown.any():
        doubt = np.where(is_unknown, _UNKNOWN, doubt)
    return _Kept(rests_on, nav_is_known, value, worst, is_partial, doubt)
