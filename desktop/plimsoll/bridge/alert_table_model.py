"""The lines of the alert centre as a Qt table: filtered and sorted by value, from arrays, without a proxy."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from plimsoll.bridge.alert_entry import AlertEntry
from plimsoll.bridge.roles import Role
from plimsoll.bridge.sort_order import ranks_of_texts, sorted_rows
from plimsoll.bridge.table_header import header_of
from plimsoll.domain.breach_group import GRAVITY
from plimsoll.domain.limit import Severity
from plimsoll.domain.units import NS_PER_S

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
NOT_FILED = "not filed"
"""What the state filter calls an incident that is over and lacks its cause and resolution."""


class AlertColumn(IntEnum):
    """The columns, in their order."""

    TIME = 0
    SEVERITY = 1
    STATE = 2
    LIMIT = 3
    WORDS = 4
    PERSON = 5
    LEVEL = 6
    BREACH = 7


CAPTIONS = {
    AlertColumn.TIME: "Time (UTC)",
    AlertColumn.SEVERITY: "Severity",
    AlertColumn.STATE: "State",
    AlertColumn.LIMIT: "Limit",
    AlertColumn.WORDS: "What happened",
    AlertColumn.PERSON: "Person",
    AlertColumn.LEVEL: "Level",
    AlertColumn.BREACH: "Breach",
}
NUMBERS = frozenset({AlertColumn.LEVEL})


@dataclass(frozen=True, slots=True)
class AlertFilter:
    """Which lines are shown; what is empty asks for nothing.

    Attributes
    ----------
    text : str
        Words each of which stands somewhere in the line.
    severity, state, limit, person : str
        The value of that column; `NOT_FILED` is a state too.
    since_ns : int
        The earliest time.
    """

    text: str = ""
    severity: str = ""
    state: str = ""
    limit: str = ""
    person: str = ""
    since_ns: int = 0


class AlertTableModel(QAbstractTableModel):
    """One row a line; the newest first until another order is asked for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[AlertEntry] = []
        self._searched: list[str] = []
        self._time_ns = np.zeros(0, dtype=np.int64)
        self._order: NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        self._filter = AlertFilter()
        self._column = AlertColumn.TIME
        self._descending = True

    @property
    def n_entries(self) -> int:
        """Lines before the filter."""
        return len(self._entries)

    @property
    def shown(self) -> list[AlertEntry]:
        """The lines after the filter, in the order shown."""
        return [self._entries[place] for place in self._order]

    def entry(self, row: int) -> AlertEntry:
        """Return the line in a row of the model."""
        place = int(self._order[row])
        return self._entries[place]

    def values_of(self, column: AlertColumn) -> tuple[str, ...]:
        """Return what can be asked of a column's filter, in the alphabet's order."""
        return tuple(sorted({VALUES[column](entry) for entry in self._entries} - {""}))

    def take(self, entries: Iterable[AlertEntry]) -> None:
        """Show these lines instead."""
        fresh = list(entries)
        if len(fresh) == len(self._entries) and all(map(_is_same, fresh, self._entries)):
            return
        self.beginResetModel()
        self._entries = fresh
        self._searched = [_searched(entry) for entry in fresh]
        self._time_ns = np.array([entry.time_ns for entry in fresh], dtype=np.int64)
        self._order = self._arranged()
        self.endResetModel()

    def extend(self, entries: Sequence[AlertEntry]) -> None:
        """Show these lines too; in the order of time they come first, and the view stays where it is."""
        fresh = list(entries)
        old = self._order
        self._entries.extend(fresh)
        self._searched.extend(_searched(entry) for entry in fresh)
        added = np.array([entry.time_ns for entry in fresh], dtype=np.int64)
        self._time_ns = np.concatenate((self._time_ns, added))
        order = self._arranged()
        n_new = len(order) - len(old)
        if n_new == 0:
            return
        if np.array_equal(order[n_new:], old):
            self.beginInsertRows(NOWHERE, 0, n_new - 1)
            self._order = order
            self.endInsertRows()
            return
        self.beginResetModel()
        self._order = order
        self.endResetModel()

    def show_only(self, wanted: AlertFilter) -> None:
        """Show the lines of a filter."""
        if wanted != self._filter:
            self._filter = wanted
            self._rearrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column = AlertColumn(column) if column >= 0 else AlertColumn.TIME
        self._descending = order == Qt.SortOrder.DescendingOrder or column < 0
        self._rearrange()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(AlertColumn)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        return header_of(CAPTIONS, NUMBERS, section, orientation, role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._order):
            return None
        entry = self.entry(index.row())
        column = AlertColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return TEXTS[column](entry)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{TEXTS[AlertColumn.LIMIT](entry)}\n{entry.words}".strip()
        if role == Role.VALUE:
            return entry
        return None

    def _rearrange(self) -> None:
        self.beginResetModel()
        self._order = self._arranged()
        self.endResetModel()

    def _arranged(self) -> NDArray[np.intp]:
        kept = np.flatnonzero(self._mask())
        if self._column is AlertColumn.TIME:
            # By place where times are equal, so that the newest of one instant is the newest shown.
            order = kept[np.argsort(self._time_ns[kept], kind="stable")]
            return order[::-1] if self._descending else order
        ranks = RANKS.get(self._column, _alphabet(self._column))([self._entries[place] for place in kept])
        return kept[sorted_rows(ranks, descending=self._descending)]

    def _mask(self) -> NDArray[np.bool_]:
        wanted = self._filter
        mask: NDArray[np.bool_] = self._time_ns >= wanted.since_ns
        for column, value in (
            (AlertColumn.SEVERITY, wanted.severity),
            (AlertColumn.LIMIT, wanted.limit),
            (AlertColumn.PERSON, wanted.person),
        ):
            if value:
                read = VALUES[column]
                mask &= np.array([read(entry) == value for entry in self._entries], dtype=np.bool_)
        if wanted.state:
            mask &= np.array([_has_state(entry, wanted.state) for entry in self._entries], dtype=np.bool_)
        for word in wanted.text.casefold().split():
            mask &= np.array([word in line for line in self._searched], dtype=np.bool_)
        return mask


def time_words(time_ns: int) -> str:
    """Return an instant on the desk's clock: 2026-11-22 14:32:07."""
    return f"{datetime.fromtimestamp(time_ns / NS_PER_S, UTC):%Y-%m-%d %H:%M:%S}"


def state_words(entry: AlertEntry) -> str:
    """Return where a line's breach stood, and whether its incident waits to be filed."""
    return f"{entry.state} · {NOT_FILED}" if entry.is_unfiled else entry.state


def _is_same(one: AlertEntry, other: AlertEntry) -> bool:
    return one is other or one == other


def _searched(entry: AlertEntry) -> str:
    return "\n".join(read(entry) for read in TEXTS.values()).casefold()


def _has_state(entry: AlertEntry, state: str) -> bool:
    return entry.is_unfiled if state == NOT_FILED else entry.state == state


def _alphabet(column: AlertColumn) -> Callable[[list[AlertEntry]], NDArray[np.float64]]:
    return lambda entries: ranks_of_texts([TEXTS[column](entry) for entry in entries])


VALUES: dict[AlertColumn, Callable[[AlertEntry], str]] = {
    AlertColumn.SEVERITY: lambda entry: entry.severity.value if entry.severity is not None else "",
    AlertColumn.STATE: lambda entry: entry.state,
    AlertColumn.LIMIT: lambda entry: entry.title.split(" · ")[0],
    AlertColumn.PERSON: lambda entry: entry.person,
}
TEXTS: dict[AlertColumn, Callable[[AlertEntry], str]] = {
    AlertColumn.TIME: lambda entry: time_words(entry.time_ns),
    AlertColumn.SEVERITY: VALUES[AlertColumn.SEVERITY],
    AlertColumn.STATE: state_words,
    AlertColumn.LIMIT: lambda entry: entry.title,
    AlertColumn.WORDS: lambda entry: entry.words,
    AlertColumn.PERSON: VALUES[AlertColumn.PERSON],
    AlertColumn.LEVEL: lambda entry: str(entry.level) if entry.level else "",
    AlertColumn.BREACH: lambda entry: entry.breach_id,
}
_UNKNOWN = float("nan")


def _gravity(severity: Severity | None) -> float:
    return _UNKNOWN if severity is None else float(GRAVITY[severity])


RANKS: dict[AlertColumn, Callable[[list[AlertEntry]], NDArray[np.float64]]] = {
    AlertColumn.SEVERITY: lambda entries: np.array(
        [_gravity(entry.severity) for entry in entries], dtype=np.float64
    ),
    AlertColumn.LEVEL: lambda entries: np.array([entry.level for entry in entries], dtype=np.float64),
}
