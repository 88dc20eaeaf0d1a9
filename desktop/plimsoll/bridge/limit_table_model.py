"""Every limit as a Qt table: what is measured, where it stands, how much of it is used."""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from plimsoll.bridge.roles import Meaning, Role, meaning_of_use
from plimsoll.domain.limit import LimitState, ScopeKind
from plimsoll.domain.snapshot import LimitStatus

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class LimitColumn(IntEnum):
    """The columns, in their order."""

    NAME = 0
    SCOPE = 1
    MEASURE = 2
    VALUE = 3
    LINE = 4
    USE = 5
    STATE = 6
    SEVERITY = 7
    PURPOSE = 8


CAPTIONS = {
    LimitColumn.NAME: "Limit",
    LimitColumn.SCOPE: "Scope",
    LimitColumn.MEASURE: "Measure",
    LimitColumn.VALUE: "Now",
    LimitColumn.LINE: "Line",
    LimitColumn.USE: "Use",
    LimitColumn.STATE: "State",
    LimitColumn.SEVERITY: "Severity",
    LimitColumn.PURPOSE: "Purpose",
}
NUMBERS = frozenset({LimitColumn.VALUE, LimitColumn.LINE, LimitColumn.USE})


class LimitTableModel(QAbstractTableModel):
    """One row a limit, in the file's order or by any column; figures answer as plain numbers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limits: tuple[LimitStatus, ...] = ()
        self._order: list[int] = []
        self._sort_column: LimitColumn | None = None
        self._descending = False

    def take_limits(self, limits: tuple[LimitStatus, ...]) -> None:
        """Show these; only rows that changed are announced."""
        old = self._limits
        if tuple(status.limit.limit_id for status in old) != tuple(s.limit.limit_id for s in limits):
            self.beginResetModel()
            self._limits = limits
            self._order = self._arranged()
            self.endResetModel()
            return
        self._limits = limits
        last = len(LimitColumn) - 1
        for row, source in enumerate(self._order):
            if limits[source] != old[source]:
                self.dataChanged.emit(self.index(row, 0), self.index(row, last))

    def status(self, row: int) -> LimitStatus:
        """Return the limit in a row of the model."""
        return self._limits[self._order[row]]

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort_column = LimitColumn(column) if column >= 0 else None
        self._descending = order == Qt.SortOrder.DescendingOrder
        self.beginResetModel()
        self._order = self._arranged()
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._limits)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(LimitColumn)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(LimitColumn):
            return None
        column = LimitColumn(section)
        if role == Qt.ItemDataRole.DisplayRole:
            return CAPTIONS[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column in NUMBERS else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._limits):
            return None
        status = self.status(index.row())
        column = LimitColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            value = self._value(status, column)
            return value if isinstance(value, str) else f"{value:g}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return status.limit.purpose
        if role == Role.VALUE:
            return self._value(status, column)
        if role == Role.MEANING:
            return meaning_of_status(status)
        return None

    @staticmethod
    def _value(status: LimitStatus, column: LimitColumn) -> float | str:
        return READERS[column](status)

    def _arranged(self) -> list[int]:
        order = list(range(len(self._limits)))
        if self._sort_column is None:
            return order
        values = [self._value(status, self._sort_column) for status in self._limits]
        known = [row for row in order if values[row] == values[row]]
        unknown = [row for row in order if row not in set(known)]
        # A column holds either texts or numbers, never both.
        known.sort(key=lambda row: values[row], reverse=self._descending)
        return known + unknown


def meaning_of_status(status: LimitStatus) -> Meaning:
    """Return what a limit's state says."""
    return Meaning.UNKNOWN if status.state is LimitState.UNKNOWN else meaning_of_use(status.use_fraction)


def scope_words(status: LimitStatus) -> str:
    """Return over what a limit is measured, naming the worst member."""
    kind = status.limit.scope.kind
    if kind is ScopeKind.BOOK:
        return "book"
    words = kind.value.replace("_", " ")
    if status.limit.scope.member:
        return f"{words} {status.limit.scope.member}"
    return f"each {words}, worst {status.member}" if status.member else f"each {words}"


READERS: dict[LimitColumn, Callable[[LimitStatus], float | str]] = {
    LimitColumn.NAME: lambda status: status.limit.name,
    LimitColumn.SCOPE: scope_words,
    LimitColumn.MEASURE: lambda status: status.limit.measure.caption,
    LimitColumn.VALUE: lambda status: status.value,
    LimitColumn.LINE: lambda status: status.limit.line,
    LimitColumn.USE: lambda status: status.use_fraction,
    LimitColumn.STATE: lambda status: ": ".join(filter(None, (status.state.value, status.reason))),
    LimitColumn.SEVERITY: lambda status: status.limit.severity.value,
    LimitColumn.PURPOSE: lambda status: status.limit.purpose,
}
