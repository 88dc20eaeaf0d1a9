"""Every limit as a Qt table: what is measured, where it stands, how much of it is used, what waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from plimsoll.bridge.limit_cells import (
    CAPTIONS,
    LIVE,
    NUMBERS,
    RANKS,
    READERS,
    LimitColumn,
    LimitRow,
    change_words,
    meaning_of_row,
    meaning_of_status,
)
from plimsoll.bridge.limit_course import LimitCourse
from plimsoll.bridge.resting_limit import resting_of
from plimsoll.bridge.roles import Role
from plimsoll.bridge.sort_order import ranks_of_texts, sorted_rows
from plimsoll.bridge.table_header import header_of
from plimsoll.domain.limit import Limit
from plimsoll.domain.limit_change import LimitChange
from plimsoll.domain.snapshot import LimitStatus
from plimsoll.domain.units import NS_PER_S

__all__ = ["NUMBERS", "LimitColumn", "LimitFilter", "LimitTableModel", "meaning_of_status"]

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
MOST_TOLD = 16
"""Rows that are announced one by one; more changed at once are announced as one range."""


@dataclass(frozen=True, slots=True)
class LimitFilter:
    """Which limits are shown; what is empty asks for nothing.

    Attributes
    ----------
    text : str
        Words each of which stands somewhere in the row.
    severity : str
        The severity.
    state : str
        The state, or one of the marks of a LimitRow.
    """

    text: str = ""
    severity: str = ""
    state: str = ""


class LimitTableModel(QAbstractTableModel):
    """One row a limit, in the file's order or by any column; figures answer as plain numbers.

    Attributes
    ----------
    course : LimitCourse
        Today's figures of each, for its sparkline.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.course = LimitCourse()
        self._limits: tuple[LimitStatus, ...] = ()
        self._in_force: tuple[str, ...] = ()
        self._known: tuple[Limit, ...] = ()
        self._rest: dict[str, str] = {}
        self._resting: tuple[LimitStatus, ...] = ()
        self._pending: dict[str, LimitChange] = {}
        self._today = ""
        self._order: NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        self._filled: frozenset[LimitColumn] = frozenset()
        self._filter = LimitFilter()
        self._sort_column: LimitColumn | None = None
        self._descending = False

    @property
    def n_limits(self) -> int:
        """Limits before the filter."""
        return len(self._limits)

    @property
    def filled(self) -> frozenset[LimitColumn]:
        """Columns in which any limit has something to say; looked at once a second."""
        return self._filled

    def take_limits(
        self,
        limits: tuple[LimitStatus, ...],
        changes: Iterable[LimitChange] = (),
        time_ns: int = 0,
        known: tuple[Limit, ...] = (),
    ) -> None:
        """Show these and what waits; only rows that changed are announced.

        Parameters
        ----------
        limits : tuple of LimitStatus
            Every limit in force.
        changes : iterable of LimitChange
            The loosenings that wait.
        time_ns : int
            The desk's clock, which paces the courses and says which reviews are overdue.
        known : tuple of Limit
            All there are: those not in force stand beneath, with the reason.
        """
        old, old_today, old_words = self._limits, self._today, (self._pending, self._rest)
        self._pending = {change.limit_id: change for change in changes}
        self._today = f"{datetime.fromtimestamp(time_ns / NS_PER_S, UTC):%Y-%m-%d}" if time_ns else ""
        ticked = self.course.take(limits, time_ns)
        self._follow_resting(limits, known, time_ns)
        self._limits = limits = limits + self._resting
        is_told_anew = old_words != (self._pending, self._rest)
        if ticked or is_told_anew:
            self._filled = _filled([self._whole(source) for source in range(len(limits))])
        if len(old) != len(limits) or any(map(_is_another, old, limits)):
            self._start_over()
            return
        if old_today != self._today or is_told_anew:
            self._rearrange()
            self._announce(range(self.rowCount()))
            return
        changed = [row for row, source in enumerate(self._order.tolist()) if limits[source] != old[source]]
        self._announce(changed)
        if ticked:  # sparklines move and live orders are put right once a second
            if self._sort_column in LIVE or self._filter.state:
                self._rearrange()
            self._announce_course()

    def status(self, row: int) -> LimitStatus:
        """Return the limit in a row of the model."""
        return self._limits[int(self._order[row])]

    def row(self, row: int) -> LimitRow:
        """Return all that a row of the model says."""
        return self._whole(int(self._order[row]))

    def row_of(self, limit_id: str) -> int:
        """Return where a limit is shown; −1 if it is not."""
        found = (row for row in range(self.rowCount()) if self.status(row).limit.limit_id == limit_id)
        return next(found, -1)

    def show_only(self, wanted: LimitFilter) -> None:
        """Show the limits of a filter."""
        if wanted != self._filter:
            self._filter = wanted
            self._rearrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort_column = LimitColumn(column) if column >= 0 else None
        self._descending = order == Qt.SortOrder.DescendingOrder
        self._rearrange()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(LimitColumn)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        return header_of(CAPTIONS, NUMBERS, section, orientation, role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._order):
            return None
        row = self.row(index.row())
        column = LimitColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            value = READERS[column](row)
            return value if isinstance(value, str) else f"{value:g}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(row)
        if role == Role.VALUE:
            return READERS[column](row)
        if role == Role.MEANING:
            return meaning_of_row(row)
        return None

    def _follow_resting(
        self, limits: tuple[LimitStatus, ...], known: tuple[Limit, ...], time_ns: int
    ) -> None:
        """Find out anew what is not in force, when that may have changed."""
        in_force = tuple(status.limit.limit_id for status in limits)
        if known is self._known and in_force == self._in_force:
            return
        self._known, self._in_force = known, in_force
        found = resting_of(known, (status.limit for status in limits), time_ns)
        self._resting = tuple(status for status, _ in found)
        self._rest = {status.limit.limit_id: words for status, words in found}

    def _whole(self, source: int) -> LimitRow:
        status = self._limits[source]
        limit_id = status.limit.limit_id
        return LimitRow(status, self._pending.get(limit_id), self._today, self._rest.get(limit_id, ""))

    def _announce(self, rows: Iterable[int]) -> None:
        changed = list(rows)
        last = len(LimitColumn) - 1
        if len(changed) > MOST_TOLD:
            self.dataChanged.emit(self.index(min(changed), 0), self.index(max(changed), last))
            return
        for row in changed:
            self.dataChanged.emit(self.index(row, 0), self.index(row, last))

    def _announce_course(self) -> None:
        if len(self._order) and len(self.course) > 1:
            last = len(self._order) - 1
            self.dataChanged.emit(self.index(0, LimitColumn.COURSE), self.index(last, LimitColumn.COURSE))

    def _start_over(self) -> None:
        self.beginResetModel()
        self._order = self._arranged()
        self.endResetModel()

    def _rearrange(self) -> None:
        """Put the rows into their order; what is selected stays selected where only the order changes."""
        old, new = self._order, self._arranged()
        if np.array_equal(old, new):
            return
        if not np.array_equal(np.sort(old), np.sort(new)):
            self.beginResetModel()
            self._order = new
            self.endResetModel()
            return
        self.layoutAboutToBeChanged.emit()
        place = np.zeros(len(self._limits), dtype=np.intp)
        place[new] = np.arange(len(new))
        before = self.persistentIndexList()
        after = [self.index(int(place[old[index.row()]]), index.column()) for index in before]
        self._order = new
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _arranged(self) -> NDArray[np.intp]:
        rows = [self._whole(source) for source in range(len(self._limits))]
        kept = np.array([n for n, row in enumerate(rows) if self._is_wanted(row)], dtype=np.intp)
        if self._sort_column is None:
            return kept
        shown = [rows[source] for source in kept.tolist()]
        ranks = _ranks(self._sort_column, shown)
        return kept[sorted_rows(ranks, descending=self._descending)]

    def _is_wanted(self, row: LimitRow) -> bool:
        wanted = self._filter
        limit = row.status.limit
        if wanted.severity and limit.severity.value != wanted.severity:
            return False
        if wanted.state and wanted.state not in row.marks:
            return False
        words = wanted.text.casefold().split()
        if not words:
            return True
        texts = (read(row) for read in READERS.values())
        line = "\n".join((limit.limit_id, *(text for text in texts if isinstance(text, str)))).casefold()
        return all(word in line for word in words)


def _ranks(column: LimitColumn, rows: list[LimitRow]) -> NDArray[np.float64]:
    if column in RANKS:
        return np.array([RANKS[column](row) for row in rows], dtype=np.float64)
    values = [READERS[column](row) for row in rows]
    if column in NUMBERS:
        return np.array(values, dtype=np.float64)
    return ranks_of_texts([str(value) for value in values])


def _filled(rows: list[LimitRow]) -> frozenset[LimitColumn]:
    return frozenset(column for column, read in READERS.items() if any(read(row) != "" for row in rows))


def _is_another(one: LimitStatus, other: LimitStatus) -> bool:
    return one.limit.limit_id != other.limit.limit_id


def _tip(row: LimitRow) -> str:
    """Return what a pointer over the row is told: why it stands, who answers, and what waits."""
    limit, change = row.status.limit, row.change
    lines = [limit.purpose, f"Owner: {limit.owner}" if limit.owner else "", row.status.reason]
    if change is not None:
        lines.append(f"Waits: {change_words(row)}: {change.reason}")
    return "\n".join(filter(None, lines))
