"""The breaches that are not closed, as a Qt list of their causes: the newest first, changed one by one."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from plimsoll.bridge.roles import Role
from plimsoll.domain.breach import Breach
from plimsoll.domain.breach_group import BreachGroup, groups_of

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class BreachListModel(QAbstractListModel):
    """One row a cause, with one breach or a thousand; `Role.VALUE` answers the BreachGroup itself."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: list[BreachGroup] = []
        self._shown: tuple[Breach, ...] = ()

    @property
    def groups(self) -> tuple[BreachGroup, ...]:
        """The groups shown, the newest first."""
        return tuple(self._groups)

    def take_breaches(self, breaches: tuple[Breach, ...]) -> None:
        """Show these; only rows that came, went or changed are announced."""
        if breaches is self._shown:
            return
        self._shown = breaches
        wanted = {group.group_id: group for group in groups_of(breaches)}
        for row in range(len(self._groups) - 1, -1, -1):
            if self._groups[row].group_id not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._groups[row]
                self.endRemoveRows()
        held = {group.group_id for group in self._groups}
        added = [group for group in wanted.values() if group.group_id not in held]
        # A group keeps its row while it lasts: what stands under the mouse does not change places.
        for row, group in enumerate(added):
            self.beginInsertRows(QModelIndex(), row, row)
            self._groups.insert(row, group)
            self.endInsertRows()
        for row in range(len(added), len(self._groups)):
            group = wanted[self._groups[row].group_id]
            if group != self._groups[row]:
                self._groups[row] = group
                self.dataChanged.emit(self.index(row, 0), self.index(row, 0))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._groups)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._groups):
            return None
        group = self._groups[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return group.lead.title if not group.is_storm else f"{len(group.breaches)} limits broken at once"
        if role == Role.VALUE:
            return group
        if role == Role.MEANING:
            return group.lead.limit.severity
        return None
