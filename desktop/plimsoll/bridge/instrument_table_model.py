"""The instrument master as an editable Qt table: drafts, what is wrong with a cell, what is not saved."""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from plimsoll.bridge.roles import Meaning, Role
from plimsoll.domain.instrument import AssetClass, Instrument, Settlement
from plimsoll.feed.alltick_rest import ShareFacts
from plimsoll.storage.instruments_file import (
    COLUMNS,
    cells_of,
    instrument_from_cells,
    instruments_from_file,
    write_instruments,
)

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
CAPTIONS = {
    "code": "Code",
    "name": "Name",
    "asset_class": "Class",
    "currency": "Currency",
    "settlement": "Settlement",
    "sector": "Sector",
    "country": "Country",
    "multiplier": "Multiplier",
    "lot": "Lot",
    "may_be_negative": "Below zero",
    "stale_after_s": "Stale after s",
    "fixed_price": "Fixed price",
    "stands_for": "Stands for",
    "tags": "Tags",
    "proxy": "Proxy",
    "margin_class": "Margin class",
    "exchange": "Exchange",
}
CHOICES = {"asset_class": tuple(map(str, AssetClass)), "settlement": tuple(map(str, Settlement))}
ONCE = "each code once"
PROXY = "the code of another line, or nothing"


class InstrumentRole(IntEnum):
    """What a cell answers beside its text."""

    CHANGED = Role.AGE + 1
    CHOICES = Role.AGE + 2


class InstrumentTableModel(QAbstractTableModel):
    """One row an instrument; a wrong cell keeps what was typed and says what is expected.

    Signals
    -------
    standing_changed()
        What is wrong, not saved or unclassified may be another now.
    """

    standing_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[dict[str, str]] = []
        self._saved: list[dict[str, str]] = []
        self._wrong: list[dict[str, str]] = []

    @property
    def is_changed(self) -> bool:
        """Whether anything is not saved."""
        return self._rows != self._saved

    @property
    def n_wrong(self) -> int:
        """How many cells are wrong."""
        return sum(map(len, self._wrong))

    @property
    def first_wrong(self) -> QModelIndex:
        """The first wrong cell; nowhere if all are right."""
        for row, wrong in enumerate(self._wrong):
            for column in COLUMNS:
                if column in wrong:
                    return self.index(row, COLUMNS.index(column))
        return NOWHERE

    @property
    def codes(self) -> list[str]:
        """The codes as they stand, in their order."""
        return [row["code"] for row in self._rows]

    def unclassified(self) -> list[str]:
        """Return the codes without a sector or, where one belongs to them, a country."""
        return [self._rows[row]["code"] for row in range(len(self._rows)) if self.is_unclassified(row)]

    def is_unclassified(self, row: int) -> bool:
        """Tell whether the instrument of a row lacks a class by which exposure is grouped."""
        instrument, _ = instrument_from_cells(self._rows[row])
        return bool(instrument.unclassified) if instrument else not self._rows[row]["sector"]

    def instruments(self) -> list[Instrument]:
        """Return the instruments of the rows that are right."""
        found = (instrument_from_cells(row)[0] for row in self._rows)
        return [instrument for instrument in found if instrument is not None]

    def show(self, instruments: Iterable[Instrument], *, is_saved: bool = True) -> None:
        """Take these in the place of all rows."""
        self.beginResetModel()
        self._rows = [cells_of(instrument) for instrument in instruments]
        if is_saved:
            self._saved = [dict(row) for row in self._rows]
        self._check()
        self.endResetModel()
        self.standing_changed.emit()

    def take_file(self, path: Path) -> None:
        """Take a file's instruments in the place of all rows; nothing is saved by that.

        Raises
        ------
        FileRefused
            With every complaint; the rows then stand as they were.
        """
        self.show(instruments_from_file(path).values(), is_saved=False)

    def write(self, path: Path, *, model: Path | None = None) -> None:
        """Write the rows into a file, keeping its remarks and own columns.

        Raises
        ------
        FileRefused, OSError
            Nothing was written then.
        """
        write_instruments(path, self.instruments(), model=model)

    def note_saved(self) -> None:
        """Take the rows as they stand for what is saved."""
        self._saved = [dict(row) for row in self._rows]
        self._announce()

    def add(self) -> int:
        """Add an empty row at the end and return its number."""
        row = len(self._rows)
        self.beginInsertRows(NOWHERE, row, row)
        self._rows.append({**dict.fromkeys(COLUMNS, ""), "asset_class": "equity", "settlement": "funded"})
        self._check()
        self.endInsertRows()
        self._announce()
        return row

    def remove(self, rows: Iterable[int]) -> None:
        """Take rows away."""
        for row in sorted(set(rows), reverse=True):
            self.beginRemoveRows(NOWHERE, row, row)
            del self._rows[row]
            del self._wrong[row]
            self.endRemoveRows()
        self._check()
        self._announce()

    def take_facts(self, facts: Sequence[ShareFacts]) -> str:
        """Fill what is empty from what AllTick knows, and return what was done in words.

        What a person wrote stays; where AllTick says another currency or lot, that is told.
        """
        n_filled = 0
        others = []
        rows = {row["code"]: row for row in self._rows}
        for fact in facts:
            row = rows.get(fact.code)
            if row is None:
                continue
            lot = "" if fact.lot != fact.lot else repr(fact.lot).removesuffix(".0")
            for column, told in (
                ("name", fact.name),
                ("currency", fact.currency),
                ("lot", lot),
                ("exchange", fact.exchange),
            ):
                is_free = not row[column] or (column == "name" and row[column] == row["code"])
                if told and is_free and not (column == "lot" and told == "1"):
                    row[column] = told
                    n_filled += 1
                elif column in {"currency", "lot"} and told and told != (row[column] or "1"):
                    others.append(
                        f"{fact.code} {CAPTIONS[column].lower()} {row[column]}, AllTick says {told}"
                    )
        self._check()
        self._announce()
        filled = f"{n_filled} cells filled for {len(facts)} shares."
        return f"{filled} Left as they were: {'; '.join(others)}." if others else filled

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return CAPTIONS[COLUMNS[section]] if 0 <= section < len(COLUMNS) else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        base = super().flags(index)
        return base | Qt.ItemFlag.ItemIsEditable if index.isValid() else base

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._rows):
            return None
        row, column = index.row(), COLUMNS[index.column()]
        text = self._rows[row][column]
        expected = self._wrong[row].get(column, "")
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole}:
            return text
        answer: Any = None
        if role == Qt.ItemDataRole.ToolTipRole:
            answer = f"{CAPTIONS[column]} was {text!r}, expected {expected}" if expected else text
        elif role == Role.MEANING:
            answer = Meaning.OVER if expected else Meaning.PLAIN
        elif role == InstrumentRole.CHANGED:
            answer = self._is_changed_at(row, column)
        elif role == InstrumentRole.CHOICES:
            answer = CHOICES.get(column, ())
        return answer

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        self._rows[index.row()][COLUMNS[index.column()]] = str(value).strip()
        self._check()
        self._announce()
        return True

    def _is_changed_at(self, row: int, column: str) -> bool:
        saved = {line["code"]: line for line in self._saved}.get(self._rows[row]["code"])
        return saved is None or saved[column] != self._rows[row][column]

    def _check(self) -> None:
        self._wrong = [instrument_from_cells(row)[1] for row in self._rows]
        codes = self.codes
        for row, wrong in zip(self._rows, self._wrong, strict=True):
            if codes.count(row["code"]) > 1:
                wrong.setdefault("code", ONCE)
            if row["proxy"] and (row["proxy"] not in codes or row["proxy"] == row["code"]):
                wrong.setdefault("proxy", PROXY)

    def _announce(self) -> None:
        last = self.index(len(self._rows) - 1, len(COLUMNS) - 1)
        self.dataChanged.emit(self.index(0, 0), last)
        self.standing_changed.emit()
