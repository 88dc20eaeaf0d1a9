"""Long histories of closes from several sources, merged onto one calendar with every seam known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.instrument import Instrument
from plimsoll.domain.series_part import SeriesPart
from plimsoll.risk.alignment import align_closes
from plimsoll.risk.errors import InsufficientHistory

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

MAX_CARRY_DAYS = 7
"""Calendar days for which a missing close is carried; a longer gap is one that another source may fill."""
_MONDAY_OF_EPOCH, _WEEKDAYS = 3, 5


@dataclass(frozen=True, slots=True, eq=False)
class CloseColumns:
    """Closes of many codes from one source, in long form, in any order.

    Attributes
    ----------
    source : str
        Where they come from, as it is shown: ``"AllTick"``, ``"bundled"``, a file's name.
    adjustment : str
        What was done to them: ``"splits and dividends"``, ``"as the file gives them"``.
    codes : tuple of str
        The codes the columns speak of.
    day_numbers, code_index : ndarray of int64, shape (n_closes,)
        Days from 1970-01-01, and places in `codes`.
    closes : ndarray, shape (n_closes,)
        In the instrument's currency.
    """

    source: str
    adjustment: str
    codes: tuple[str, ...]
    day_numbers: IntArray
    code_index: IntArray
    closes: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class StudyHistory:
    """Closes of every code on one calendar.

    Attributes
    ----------
    codes : tuple of str
        The columns: those held, then whatever may stand in for them.
    instruments : tuple of Instrument
        What the columns are.
    days : ndarray of int64, shape (n_days,)
        Weekdays on which at least half of the codes alive had a close.
    closes : ndarray, shape (n_days, n_codes)
        The last close at or before each day, NaN where it is older than a week or there is none.
    is_seam : ndarray of bool, shape (n_days, n_codes)
        Whether the change into a day leads from one source to another whose scale is not known: it is none.
    parts : tuple of SeriesPart
        What came from where, by code, oldest first.
    """

    codes: tuple[str, ...]
    instruments: tuple[Instrument, ...]
    days: IntArray
    closes: FloatArray
    is_seam: BoolArray
    parts: tuple[SeriesPart, ...]

    def row_at(self, day: int) -> int:
        """Return the last row at or before a day; −1 before the first."""
        return int(np.searchsorted(self.days, day, side="right")) - 1

    def until(self, day: int) -> "StudyHistory":
        """Return the history as it was known at the end of a day."""
        n_rows = self.row_at(day) + 1
        return replace(
            self, days=self.days[:n_rows], closes=self.closes[:n_rows], is_seam=self.is_seam[:n_rows]
        )

    def returns(self) -> FloatArray:
        """Return simple returns, shape (n_days, n_codes), the first row NaN.

        NaN too across a seam, without a price at both ends, and where either is at or below zero.
        """
        returns = np.full(self.closes.shape, np.nan)
        before, after = self.closes[:-1], self.closes[1:]
        usable = (before > 0.0) & (after > 0.0) & ~self.is_seam[1:]
        np.divide(after, before, out=returns[1:], where=usable)
        returns[1:][~usable] = np.nan
        return returns - 1.0


def study_history(
    sources: Sequence[CloseColumns], held: Sequence[str], master: Mapping[str, Instrument]
) -> StudyHistory:
    """Return the merged history of the codes held and of every other code the sources and the master know.

    Of several sources the earlier one in `sources` counts; a later one fills what is missing for more than a
    week. Where the two have a close on a common day at the join, the later source is put on the earlier one's
    scale, so that no split or dividend becomes a return; where they have none, the change across the join is
    unknown, never taken for a return. Prices that may be negative are joined without scaling.

    Parameters
    ----------
    sources : sequence of CloseColumns
        The one that outranks the others first.
    held : sequence of str
        Codes that must have a column, with or without a history.
    master : Mapping
        The instrument master; codes it does not describe are left out.

    Returns
    -------
    StudyHistory
        Without a day where no source has any.
    """
    others = sorted({code for source in sources for code in source.codes} - set(held))
    codes = (*held, *(code for code in others if code in master))
    instruments = tuple(master[code] for code in codes)
    by_code = [_series_by_code(source) for source in sources]
    parts: list[SeriesPart] = []
    seams: list[tuple[int, int]] = []
    columns: list[tuple[IntArray, FloatArray]] = []
    for number, item in enumerate(instruments):
        merged = _Merged(item)
        for source, series in zip(sources, by_code, strict=True):
            if item.code in series:
                merged.take(source, *series[item.code])
        columns.append((merged.days, merged.closes))
        parts.extend(sorted(merged.parts, key=lambda part: part.first_day))
        seams.extend((day, number) for day in merged.seams)
    return _aligned(codes, instruments, columns, seams, tuple(parts))


class _Merged:
    """One code's history while its sources are laid side by side."""

    def __init__(self, item: Instrument) -> None:
        self._item = item
        self.days: IntArray = np.empty(0, dtype=np.int64)
        self.closes: FloatArray = np.empty(0)
        self.parts: list[SeriesPart] = []
        self.seams: list[int] = []

    def take(self, source: CloseColumns, days: IntArray, closes: FloatArray) -> None:
        """Fill what is missing from one more source."""
        # Zero is never a quote, and below zero only by leave: such a close is a missing one.
        usable = (closes > 0.0) | ((closes < 0.0) & self._item.may_be_negative)
        days, closes = days[usable], closes[usable]
        for rows in self._missing(days):
            self._insert(source, days, closes, rows)

    def _missing(self, days: IntArray) -> list[slice]:
        """Return the runs of days that lie more than a week from every day already there."""
        if not len(self.days):
            return [slice(0, len(days))] if len(days) else []
        after = np.searchsorted(self.days, days)
        left = np.where(after > 0, days - self.days[np.maximum(after - 1, 0)], MAX_CARRY_DAYS + 1)
        right = np.where(
            after < len(self.days),
            self.days[np.minimum(after, len(self.days) - 1)] - days,
            MAX_CARRY_DAYS + 1,
        )
        in_hole = (right > 0) & (left + right > MAX_CARRY_DAYS)
        new = np.flatnonzero(in_hole)
        breaks = np.flatnonzero(np.diff(after[new])) + 1
        return [slice(int(run[0]), int(run[-1]) + 1) for run in np.split(new, breaks) if len(run)]

    def _insert(self, source: CloseColumns, days: IntArray, closes: FloatArray, rows: slice) -> None:
        first, last = int(days[rows.start]), int(days[rows.stop - 1])
        at = int(np.searchsorted(self.days, first))
        scale, joins_left, joins_right = 1.0, False, False
        if at < len(self.days):
            ratio = self._ratio(days, closes, int(self.days[at]))
            scale, joins_right = (ratio, True) if ratio else (1.0, False)
        if at > 0 and not joins_right:
            ratio = self._ratio(days, closes, int(self.days[at - 1]))
            scale, joins_left = (ratio, True) if ratio else (1.0, False)
        if at > 0 and not joins_left:
            self.seams.append(first)
        if at < len(self.days) and not joins_right:
            self.seams.append(int(self.days[at]))
        self.days = np.concatenate([self.days[:at], days[rows], self.days[at:]])
        self.closes = np.concatenate([self.closes[:at], closes[rows] * scale, self.closes[at:]])
        self.parts.append(SeriesPart(self._item.code, source.source, source.adjustment, first, last, scale))

    def _ratio(self, days: IntArray, closes: FloatArray, day: int) -> float:
        """Return the scale that makes a new source meet what is there on a day both have; 0 for none."""
        new = int(np.searchsorted(days, day))
        if new == len(days) or int(days[new]) != day:
            return 0.0
        if self._item.may_be_negative:
            return 1.0
        there = float(self.closes[int(np.searchsorted(self.days, day))])
        ratio = there / float(closes[new])
        # The same series from two shelves differs in the last bits only.
        return 1.0 if abs(ratio - 1.0) < 1e-9 else ratio


def _series_by_code(source: CloseColumns) -> dict[str, tuple[IntArray, FloatArray]]:
    order = np.lexsort((source.day_numbers, source.code_index))
    index = source.code_index[order]
    days, closes = source.day_numbers[order].astype(np.int64), source.closes[order]
    edges = np.searchsorted(index, np.arange(len(source.codes) + 1))
    return {
        code: (days[edges[n] : edges[n + 1]], closes[edges[n] : edges[n + 1]])
        for n, code in enumerate(source.codes)
        if edges[n] < edges[n + 1]
    }


def _aligned(
    codes: tuple[str, ...],
    instruments: tuple[Instrument, ...],
    columns: Sequence[tuple[IntArray, FloatArray]],
    seams: Sequence[tuple[int, int]],
    parts: tuple[SeriesPart, ...],
) -> StudyHistory:
    calendar = _calendar(columns)
    try:
        prices = align_closes(
            np.concatenate([days for days, _ in columns] or [np.empty(0, dtype=np.int64)]),
            np.repeat(np.arange(len(columns)), [len(days) for days, _ in columns]),
            np.concatenate([closes for _, closes in columns] or [np.empty(0)]),
            len(codes),
            calendar=calendar,
            max_carry_days=MAX_CARRY_DAYS,
            absolute=np.array([item.may_be_negative for item in instruments], dtype=np.bool_),
        ).prices.copy()
    except InsufficientHistory:
        calendar, prices = calendar[:0], np.empty((0, len(codes)))
    for number, item in enumerate(instruments):
        if item.fixed_price is not None:
            prices[:, number] = item.fixed_price
        elif len(columns[number][0]):
            # A price is carried over a holiday, not beyond the end of a series.
            prices[calendar > columns[number][0][-1], number] = np.nan
    is_seam = np.zeros(prices.shape, dtype=np.bool_)
    for day, number in seams:
        row = int(np.searchsorted(calendar, day))
        if row < len(calendar):
            is_seam[row, number] = True
    return StudyHistory(codes, instruments, calendar, prices, is_seam, parts)


def _calendar(columns: Sequence[tuple[IntArray, FloatArray]]) -> IntArray:
    """Return the weekdays on which at least half of the codes alive had a close, ascending.

    A code is alive from its first close to its last, but for holes of more than two weeks: a gap of years
    between two sources does not silence the days of all the others.
    """
    seen = [days for days, _ in columns if len(days)]
    if not seen:
        return np.empty(0, dtype=np.int64)
    first, last = min(int(days[0]) for days in seen), max(int(days[-1]) for days in seen)
    n_closes = np.zeros(last - first + 1, dtype=np.int64)
    n_alive = np.zeros(last - first + 2, dtype=np.int64)
    for days in seen:
        n_closes[days - first] += 1
        edges = np.flatnonzero(np.diff(days) > 2 * MAX_CARRY_DAYS)
        starts = np.concatenate([days[:1], days[edges + 1]])
        ends = np.concatenate([days[edges], days[-1:]])
        np.add.at(n_alive, starts - first, 1)
        np.add.at(n_alive, ends - first + 1, -1)
    alive = np.cumsum(n_alive)[:-1]
    every = np.arange(first, last + 1, dtype=np.int64)
    is_weekday = (every + _MONDAY_OF_EPOCH) % 7 < _WEEKDAYS
    chosen: IntArray = every[is_weekday & (n_closes > 0) & (2 * n_closes >= alive)]
    return chosen
