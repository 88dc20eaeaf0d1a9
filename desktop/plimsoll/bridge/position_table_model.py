"""The position grid as a Qt model: sorted and filtered by numpy, silent about rows nobody sees."""

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from plimsoll.bridge.roles import Meaning, Role, meaning_of_sign, meaning_of_use
from plimsoll.bridge.sort_order import ranks_of_texts, sorted_rows
from plimsoll.bridge.table_header import header_of
from plimsoll.domain.snapshot import PositionState, PositionTable

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class PositionColumn(IntEnum):
    """The columns, in their first order."""

    SYMBOL = 0
    NAME = 1
    ASSET_CLASS = 2
    SECTOR = 3
    CURRENCY = 4
    QUANTITY = 5
    AVERAGE_PRICE = 6
    MARK = 7
    DAY_CHANGE = 8
    DAY_LOW = 9
    DAY_HIGH = 10
    VALUE = 11
    WEIGHT = 12
    DAY_PNL = 13
    UNREALISED = 14
    UNREALISED_FRACTION = 15
    ES_CONTRIBUTION = 16
    LIMIT_USE = 17
    AGE = 18


FIELD_BY_COLUMN = {
    PositionColumn.QUANTITY: "quantity",
    PositionColumn.AVERAGE_PRICE: "average_price",
    PositionColumn.MARK: "mark",
    PositionColumn.DAY_CHANGE: "day_change_fraction",
    PositionColumn.DAY_LOW: "day_low",
    PositionColumn.DAY_HIGH: "day_high",
    PositionColumn.VALUE: "value_base",
    PositionColumn.WEIGHT: "weight_fraction",
    PositionColumn.DAY_PNL: "day_pnl_base",
    PositionColumn.UNREALISED: "unrealised_base",
    PositionColumn.UNREALISED_FRACTION: "unrealised_fraction",
    PositionColumn.ES_CONTRIBUTION: "es_contribution_base",
    PositionColumn.LIMIT_USE: "limit_use_fraction",
    PositionColumn.AGE: "age_s",
}
# To this many digits a figure is shown; what changes beyond them changes nothing on the screen.
DIGITS_BY_FIELD = {
    "day_change_fraction": 4,
    "value_base": 0,
    "weight_fraction": 3,
    "day_pnl_base": 0,
    "unrealised_base": 0,
    "unrealised_fraction": 3,
    "es_contribution_base": 0,
    "limit_use_fraction": 2,
}
ROUNDED_FIELDS = tuple(DIGITS_BY_FIELD)
ROUNDED_SCALES = 10.0 ** np.array(list(DIGITS_BY_FIELD.values()))[:, np.newaxis]
EXACT_FIELDS = tuple(field for field in FIELD_BY_COLUMN.values() if field not in DIGITS_BY_FIELD)  # age last
TEXT_COLUMNS = tuple(column for column in PositionColumn if column not in FIELD_BY_COLUMN)
SIGNED_COLUMNS = frozenset(
    {
        PositionColumn.DAY_CHANGE,
        PositionColumn.DAY_PNL,
        PositionColumn.UNREALISED,
        PositionColumn.UNREALISED_FRACTION,
    }
)
UNKNOWN_REASONS = {
    PositionColumn.LIMIT_USE: "No limit stands on this position.",
    PositionColumn.AVERAGE_PRICE: "Nothing is open.",
    PositionColumn.DAY_CHANGE: "Unknown: no reference price of the last day roll yet.",
    PositionColumn.DAY_PNL: "Unknown: no reference price of the last day roll yet.",
    PositionColumn.ES_CONTRIBUTION: "Unknown: no price history yet.",
    PositionColumn.UNREALISED_FRACTION: "The cost is nought.",
}
DOUBTED_STATES = frozenset({PositionState.STALE, PositionState.HALTED})

# How a figure is written: column, its number, the table and the row in it.
CellWriter = Callable[[PositionColumn, float, PositionTable, int], str]


class PositionTableModel(QAbstractTableModel):
    """Positions by row, `PositionColumn` by column.

    The view tells which rows it shows (`watch_rows`); of a new table only rows that are shown and have
    changed are announced. Rows change places only when they are told to: by `sort` and `resort`.
    """

    def __init__(
        self, captions: dict[PositionColumn, str], write: CellWriter, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._captions = captions
        self._write = write
        self._table: PositionTable | None = None
        self._rows: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._texts: dict[PositionColumn, list[str]] = {}
        self._ranks: dict[PositionColumn, NDArray[np.float64]] = {}
        self._haystack: list[str] = []
        self._needle = ""
        self._doubted_only = False
        self._sort_column: PositionColumn | None = None
        self._descending = False
        self._watched = (0, -1)

    @property
    def table(self) -> PositionTable | None:
        """The table shown, or None before the first."""
        return self._table

    @property
    def rows(self) -> NDArray[np.intp]:
        """The table's row behind each row of the model, of shape (n_shown,)."""
        return self._rows

    def take_table(self, table: PositionTable, *, with_ages: bool = True) -> None:
        """Show a new table; rows are announced only if they are watched and what they show has changed.

        Every age changes with every table: without `with_ages` that alone is no change.
        """
        old = self._table
        if old is None or table.instruments is not old.instruments:
            self.beginResetModel()
            self._table = table
            self._learn_texts(table)
            self._rows = self._arranged()
            self.endResetModel()
            return
        self._table = table
        for first, last in self._changed_spans(old, table, with_ages=with_ages):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(PositionColumn) - 1))

    def caption_columns(self, captions: dict[PositionColumn, str]) -> None:
        """Show other headers."""
        self._captions = captions
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(PositionColumn) - 1)

    def watch_rows(self, first: int, last: int) -> None:
        """Tell which rows of the model are on the screen, both ends included."""
        self._watched = (first, last)

    def filter_rows(self, text: str, *, doubted_only: bool = False) -> None:
        """Show only positions whose code, name, sector or class contains every word of `text`.

        With `doubted_only` of these only the stale, halted and unpriceable ones.
        """
        self._needle = text.casefold().strip()
        self._doubted_only = doubted_only
        self.beginResetModel()
        self._rows = self._arranged()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sort_column = PositionColumn(column) if column >= 0 else None
        self._descending = order == Qt.SortOrder.DescendingOrder
        self.resort()

    def resort(self) -> None:
        """Bring the rows into the chosen order by the figures of now; selections follow their positions."""
        rows = self._arranged()
        if np.array_equal(rows, self._rows):
            return
        self.layoutAboutToBeChanged.emit()
        place = {int(source): row for row, source in enumerate(rows)}
        before = self.persistentIndexList()
        after = [
            self.index(place[int(self._rows[index.row()])], index.column())
            if int(self._rows[index.row()]) in place
            else QModelIndex()
            for index in before
        ]
        self._rows = rows
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(PositionColumn)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        return header_of(self._captions, FIELD_BY_COLUMN, section, orientation, role)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self._table is None or not index.isValid() or index.row() >= len(self._rows):
            return None
        answers: dict[int, Callable[[PositionColumn, int], object]] = {
            Qt.ItemDataRole.DisplayRole: self.text,
            Qt.ItemDataRole.AccessibleTextRole: self.text,
            Qt.ItemDataRole.ToolTipRole: self.explanation,
            Role.VALUE: self.value,
            Role.MEANING: self.meaning,
            Role.AGE: self.age_s,
        }
        answer = answers.get(role)
        if answer is None:
            return None
        return answer(PositionColumn(index.column()), int(self._rows[index.row()]))

    def text(self, column: PositionColumn, row: int) -> str:
        """Return a cell as it is written on the screen; `row` counts in the table."""
        if column in self._texts:
            return self._texts[column][row]
        table = self._known_table()
        return self._write(column, float(getattr(table, FIELD_BY_COLUMN[column])[row]), table, row)

    def value(self, column: PositionColumn, row: int) -> float | str:
        """Return the number, or the text of a text column; `row` counts in the table."""
        if column in self._texts:
            return self._texts[column][row]
        return float(getattr(self._known_table(), FIELD_BY_COLUMN[column])[row])

    def meaning(self, column: PositionColumn, row: int) -> Meaning:
        """Return what a cell says; `row` counts in the table."""
        table = self._known_table()
        state = PositionState(int(table.state[row]))
        if state is PositionState.UNPRICEABLE and column >= PositionColumn.MARK:
            return Meaning.UNKNOWN
        if state in DOUBTED_STATES and column in (PositionColumn.AGE, PositionColumn.MARK):
            return Meaning.STALE
        if column is PositionColumn.LIMIT_USE:
            return meaning_of_use(float(table.limit_use_fraction[row]))
        if column in SIGNED_COLUMNS:
            return meaning_of_sign(float(getattr(table, FIELD_BY_COLUMN[column])[row]))
        return Meaning.PLAIN

    def age_s(self, _column: PositionColumn, row: int) -> float:
        """Return how long ago the position's price was heard; `row` counts in the table."""
        return float(self._known_table().age_s[row])

    def explanation(self, column: PositionColumn, row: int) -> str:
        """Return why a figure is unknown, or a text in full; `row` counts in the table."""
        table = self._known_table()
        if column in self._texts:
            return self._texts[column][row]
        if not np.isnan(getattr(table, FIELD_BY_COLUMN[column])[row]):
            return ""
        if table.state[row] == PositionState.UNPRICEABLE:
            return "Unknown: no usable price or exchange rate. This position stands in no total."
        return UNKNOWN_REASONS.get(column, "Unknown: not computed yet.")

    def row_of_code(self, code: str) -> int:
        """Return the row of the model that shows `code`, or −1."""
        symbols = self._texts.get(PositionColumn.SYMBOL, [])
        return next((row for row, source in enumerate(self._rows) if symbols[int(source)] == code), -1)

    def _known_table(self) -> PositionTable:
        if self._table is None:
            raise LookupError("a cell was asked for before the first table: ask rowCount first")
        return self._table

    def _learn_texts(self, table: PositionTable) -> None:
        held = table.instruments
        self._texts = {
            PositionColumn.SYMBOL: [instrument.code for instrument in held],
            PositionColumn.NAME: [instrument.name for instrument in held],
            PositionColumn.ASSET_CLASS: [
                self._captioned_class(instrument.asset_class) for instrument in held
            ],
            PositionColumn.SECTOR: [instrument.sector or "" for instrument in held],
            PositionColumn.CURRENCY: [instrument.currency for instrument in held],
        }
        self._ranks = {column: ranks_of_texts(texts) for column, texts in self._texts.items()}
        searched = (
            PositionColumn.SYMBOL,
            PositionColumn.NAME,
            PositionColumn.ASSET_CLASS,
            PositionColumn.SECTOR,
        )
        self._haystack = [
            " ".join(self._texts[column][row] for column in searched).casefold() for row in range(len(held))
        ]

    @staticmethod
    def _captioned_class(name: str) -> str:
        return name.upper() if len(name) <= len("etf") else name.capitalize()

    def _arranged(self) -> NDArray[np.intp]:
        if self._table is None:
            return np.empty(0, dtype=np.intp)
        rows = np.arange(len(self._table), dtype=np.intp)
        if self._sort_column is not None:
            rows = sorted_rows(self._sort_values(self._sort_column), descending=self._descending)
        if self._needle:
            words = self._needle.split()
            hits = np.array([all(word in hay for word in words) for hay in self._haystack], dtype=bool)
            rows = rows[hits[rows]]
        if self._doubted_only:
            doubted = np.isin(
                self._table.state, (PositionState.STALE, PositionState.HALTED, PositionState.UNPRICEABLE)
            )
            rows = rows[doubted[rows]]
        return rows

    def _sort_values(self, column: PositionColumn) -> NDArray[np.float64]:
        if column in self._ranks:
            return self._ranks[column]
        values: NDArray[np.float64] = getattr(self._known_table(), FIELD_BY_COLUMN[column])
        return values

    def _changed_spans(
        self, old: PositionTable, new: PositionTable, *, with_ages: bool
    ) -> Iterator[tuple[int, int]]:
        first, last = max(self._watched[0], 0), min(self._watched[1], len(self._rows) - 1)
        if last < first:
            return
        watched = self._rows[first : last + 1]
        changed = old.state[watched] != new.state[watched]
        exact = EXACT_FIELDS if with_ages else EXACT_FIELDS[:-1]
        was, now = _stacked(old, exact, watched), _stacked(new, exact, watched)
        changed |= ((was != now) & ~(np.isnan(was) & np.isnan(now))).any(axis=0)
        was, now = _stacked(old, ROUNDED_FIELDS, watched), _stacked(new, ROUNDED_FIELDS, watched)
        was, now = np.rint(was * ROUNDED_SCALES), np.rint(now * ROUNDED_SCALES)
        changed |= ((was != now) & ~(np.isnan(was) & np.isnan(now))).any(axis=0)
        edges = np.flatnonzero(np.diff(np.concatenate(([0], changed.astype(np.int8), [0]))))
        for begin, end in zip(edges[::2], edges[1::2], strict=True):
            yield first + int(begin), first + int(end) - 1


def _stacked(table: PositionTable, fields: tuple[str, ...], rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return figures of some rows, shape (n_fields, n_rows): one comparison for all, not one a field."""
    return np.array([getattr(table, field)[rows] for field in fields])
