"""A table of figures as a Qt model: columns are arrays, sorted by numpy, written when a cell is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from plimsoll.bridge.roles import Meaning, Role
from plimsoll.bridge.sort_order import ranks_of_texts, sorted_rows
from plimsoll.bridge.table_header import side_of

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
ASCENDING, DESCENDING = "\N{BLACK UP-POINTING TRIANGLE}", "\N{BLACK DOWN-POINTING TRIANGLE}"
Texts = Sequence[str]
Figures = NDArray[np.float64]


def _plain(value: float) -> Meaning:
    return Meaning.UNKNOWN if np.isnan(value) else Meaning.PLAIN


@dataclass(frozen=True, slots=True)
class FigureColumn:
    """One column: its header, how its figures are written and what they mean.

    Attributes
    ----------
    caption : str
        The header.
    write : callable or None
        Makes the text of a figure; None for a column of texts.
    meaning : callable
        What a figure says.
    explanation : str
        The convention in words, for the tooltip.
    """

    caption: str
    write: Callable[[float], str] | None = None
    meaning: Callable[[float], Meaning] = _plain
    explanation: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class FigureRows:
    """All rows of one instant.

    Attributes
    ----------
    identity : object
        The same object while the rows are the same things in the same order.
    columns : tuple
        Texts, or an array of shape (n_rows,), for each column; NaN unknown.
    """

    identity: object
    columns: tuple[Texts | Figures, ...]

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0


NO_ROWS = FigureRows(None, ())


class FigureTableModel(QAbstractTableModel):
    """Rows of texts and figures; they change places only by `sort` and `resort`, the unknown last."""

    def __init__(self, columns: tuple[FigureColumn, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns
        self._shown = NO_ROWS
        self._rows: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._ranks: dict[int, Figures] = {}
        self._sort_column = -1
        self._descending = False

    def take_rows(self, shown: FigureRows) -> None:
        """Show these; rows that changed are announced, in one span."""
        old, self._shown = self._shown, shown
        if shown.identity is not old.identity or len(shown) != len(old):
            self.beginResetModel()
            self._ranks.clear()
            self._rows = self._arranged()
            self.endResetModel()
            return
        changed = np.zeros(len(shown), dtype=np.bool_)
        for was, now in zip(old.columns, shown.columns, strict=True):
            if isinstance(was, np.ndarray) and isinstance(now, np.ndarray):
                changed |= (was != now) & ~(np.isnan(was) & np.isnan(now))
        places = np.flatnonzero(changed[self._rows])
        if len(places):
            last = len(self.columns) - 1
            self.dataChanged.emit(self.index(int(places[0]), 0), self.index(int(places[-1]), last))

    def recaption(self, captions: tuple[str, ...]) -> None:
        """Show other headers."""
        if captions != tuple(column.caption for column in self.columns):
            self.columns = tuple(
                FigureColumn(caption, column.write, column.meaning, column.explanation)
                for caption, column in zip(captions, self.columns, strict=True)
            )
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def source_row(self, row: int) -> int:
        """Return which of the rows taken stands in a row of the model."""
        return int(self._rows[row])

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort_column = column
        self._descending = order == Qt.SortOrder.DescendingOrder
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        self.resort()

    def resort(self) -> None:
        """Bring the rows into the chosen order by the figures of now; selections follow their rows."""
        rows = self._arranged()
        if np.array_equal(rows, self._rows):
            return
        self.layoutAboutToBeChanged.emit()
        place = np.empty(len(rows), dtype=np.intp)
        place[rows] = np.arange(len(rows))
        before = self.persistentIndexList()
        after = [self.index(int(place[self._rows[index.row()]]), index.column()) for index in before]
        self._rows = rows
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{self._mark(section)}{column.caption}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.explanation or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return side_of(is_number=column.write is not None)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        column = self.columns[index.column()]
        value = self._shown.columns[index.column()][self._rows[index.row()]]
        is_text = isinstance(value, str)
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return value if is_text or column.write is None else column.write(float(value))
            case Qt.ItemDataRole.ToolTipRole:
                return column.explanation or (value if is_text else None)
            case Role.VALUE:
                return value if is_text else float(value)
            case Role.MEANING:
                return Meaning.PLAIN if is_text else column.meaning(float(value))
        return None

    def _mark(self, section: int) -> str:
        """Return which way a column is sorted; Qt's own arrow would stand on a caption at the right."""
        if section != self._sort_column:
            return ""
        return f"{DESCENDING if self._descending else ASCENDING} "

    def _arranged(self) -> NDArray[np.intp]:
        if not 0 <= self._sort_column < len(self.columns) or not len(self._shown):
            return np.arange(len(self._shown), dtype=np.intp)
        column = self._shown.columns[self._sort_column]
        if not isinstance(column, np.ndarray):
            if self._sort_column not in self._ranks:
                self._ranks[self._sort_column] = ranks_of_texts(list(column))
            column = self._ranks[self._sort_column]
        return sorted_rows(column, descending=self._descending)
