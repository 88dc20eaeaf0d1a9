"""The rule table: each limit with when it was last evaluated, last fired, and how often a week."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from plimsoll.bridge.alert_table_model import time_words
from plimsoll.bridge.roles import Role
from plimsoll.bridge.sort_order import ranks_of_texts, sorted_rows
from plimsoll.bridge.table_header import header_of, side_of

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
NEVER = "never"


class Standing(Protocol):
    """What the engine's record tells of one rule (engine.rule_record.RuleStanding)."""

    @property
    def limit_id(self) -> str: ...
    @property
    def last_evaluated_ns(self) -> int: ...
    @property
    def last_fired_ns(self) -> int: ...
    @property
    def n_fired_in_week(self) -> int: ...
    @property
    def n_fired(self) -> int: ...


class RuleColumn(IntEnum):
    """The columns, in their order."""

    NAME = 0
    EVALUATED = 1
    FIRED = 2
    PER_WEEK = 3
    EVER = 4


CAPTIONS = {
    RuleColumn.NAME: "Limit",
    RuleColumn.EVALUATED: "Last evaluated (UTC)",
    RuleColumn.FIRED: "Last fired (UTC)",
    RuleColumn.PER_WEEK: "Fires in 7 days",
    RuleColumn.EVER: "Fires ever",
}
NUMBERS = frozenset({RuleColumn.PER_WEEK, RuleColumn.EVER})


class AlertRuleModel(QAbstractTableModel):
    """One row a rule."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rules: tuple[tuple[str, Standing], ...] = ()
        self._order: list[int] = []
        self._column: RuleColumn | None = None
        self._descending = False

    def take(self, standings: Sequence[Standing], names: dict[str, str]) -> None:
        """Show these; a limit's name is looked up by its id."""
        fresh = tuple((names.get(rule.limit_id, rule.limit_id), rule) for rule in standings)
        if [name for name, _ in fresh] == [name for name, _ in self._rules]:
            self._rules = fresh
            if fresh:
                self.dataChanged.emit(self.index(0, 0), self.index(len(fresh) - 1, len(RuleColumn) - 1))
            return
        self.beginResetModel()
        self._rules = fresh
        self._order = self._arranged()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column = RuleColumn(column) if column >= 0 else None
        self._descending = order == Qt.SortOrder.DescendingOrder
        self.beginResetModel()
        self._order = self._arranged()
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rules)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(RuleColumn)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        return header_of(CAPTIONS, NUMBERS, section, orientation, role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._rules):
            return None
        name, rule = self._rules[self._order[index.row()]]
        column = RuleColumn(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return name if column is RuleColumn.NAME else _written(column, READERS[column](rule))
        if role == Role.VALUE:
            return name if column is RuleColumn.NAME else READERS[column](rule)
        return side_of(is_number=column in NUMBERS) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _arranged(self) -> list[int]:
        if self._column is None:
            return list(range(len(self._rules)))
        if self._column is RuleColumn.NAME:
            ranks = ranks_of_texts([name for name, _ in self._rules])
        else:
            read = READERS[self._column]
            ranks = np.array([read(rule) for _, rule in self._rules], dtype=np.float64)
        return [int(row) for row in sorted_rows(ranks, descending=self._descending)]


READERS: dict[RuleColumn, Callable[[Standing], int]] = {
    RuleColumn.EVALUATED: lambda rule: rule.last_evaluated_ns,
    RuleColumn.FIRED: lambda rule: rule.last_fired_ns,
    RuleColumn.PER_WEEK: lambda rule: rule.n_fired_in_week,
    RuleColumn.EVER: lambda rule: rule.n_fired,
}


def _written(column: RuleColumn, value: int) -> str:
    if column in NUMBERS:
        return f"{value:,}"
    return time_words(value) if value else NEVER
