"""The breaches that are not closed, as a Qt list: the newest first, changed one by one."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from plimsoll.bridge.roles import Role
from plimsoll.domain.breach import Breach

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class BreachListModel(QAbstractListModel):
    """One row a breach; `Role.VALUE` answers the Breach itself."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._breaches: list[Breach] = []

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """The breaches shown, the newest first."""
        return tuple(self._breaches)

    def take_breaches(self, breaches: tuple[Breach, ...]) -> None:
        """Show these; only rows that came, went or changed are announced."""
        wanted = {breach.breach_id: breach for breach in breaches}
        for row in range(len(self._breaches) - 1, -1, -1):
            if self._breaches[row].breach_id not in wanted:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self._breaches[row]
                self.endRemoveRows()
        held = {breach.breach_id for breach in self._breaches}
        for row, breach in enumerate(breaches):
            if breach.breach_id not in held:
                self.beginInsertRows(QModelIndex(), row, row)
                self._breaches.insert(row, breach)
                self.endInsertRows()
        for row, shown in enumerate(self._breaches):
            breach = wanted[shown.breach_id]
            if breach is not shown and breach != shown:
                self._breaches[row] = breach
                self.dataChanged.emit(self.index(row, 0), self.index(row, 0))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._breaches)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._breaches):
            return None
        breach = self._breaches[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return breach.title
        if role == Role.VALUE:
            return breach
        if role == Role.MEANING:
            return breach.limit.severity
        return None
