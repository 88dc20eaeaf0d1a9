"""The stress matrix with what lies behind its chosen cell."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from plimsoll.bridge.figure_table_model import NO_ROWS, FigureColumn, FigureRows, FigureTableModel
from plimsoll.bridge.hypothetical_desk import HypotheticalDesk
from plimsoll.bridge.roles import meaning_of_sign
from plimsoll.domain.stress_matrix import NodeKind, ScenarioColumn, StressMatrix
from plimsoll.domain.study_book import StudyBook
from plimsoll.widgets import formats
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.figure_table import FigureTable
from plimsoll.widgets.stress_matrix_map import StressMatrixMap
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, SMALL, bold, face

ISOLATED, TRANSITIVE = "Isolated", "Transitive"
MAP_AND_DETAIL = [900, 330]  # pixels at first
WIDTHS = (84, 96, 70)
PNL = 1


def _money(value: float) -> str:
    return formats.number(value)


def _share(value: float) -> str:
    return formats.fraction(value, 1)


COLUMNS = (
    FigureColumn("Position"),
    FigureColumn("P&L", _money, meaning_of_sign, "Base currency"),
    FigureColumn("Of the cell", _share, explanation="Share of the chosen figure"),
)


class StressMatrixPanel(QWidget):
    """Every part of the book under every scenario, live where the scenario is hypothetical.

    Signals
    -------
    columns_wanted()
        Another kind of hypothetical figure was chosen: show the columns anew.
    """

    columns_wanted = Signal()

    def __init__(self, theme: Theme, desk: HypotheticalDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._matrix: StressMatrix | None = None
        self._currency = "USD"
        self.setAccessibleName("Stress matrix and detail")
        self.map = StressMatrixMap(theme, self)
        self.way = QComboBox(self)
        self.way.setAccessibleName("Hypothetical figures")
        self.way.addItems([ISOLATED, TRANSITIVE])
        self.worst_first = QCheckBox("Worst scenario first", self)
        self.words = ElidedLabel(face(SMALL), self)
        self.words.setProperty("tone", "muted")
        self.title = ToneLabel(bold(BODY), self)
        self.title.setWordWrap(True)
        self.note = ToneLabel(face(SMALL), self, tone="muted")
        self.note.setWordWrap(True)
        self.model = FigureTableModel(COLUMNS, self)
        self.table = FigureTable(theme, self.model, "Positions behind the cell", WIDTHS, PNL, (2,))
        self.table.sortByColumn(PNL, Qt.SortOrder.AscendingOrder)
        self.map.cell_chosen.connect(self._show_detail)
        self.way.currentIndexChanged.connect(self.columns_wanted)
        self.worst_first.toggled.connect(self.columns_wanted)
        self._lay_out()
        self._say_choose()

    @property
    def is_transitive(self) -> bool:
        """Whether the hypothetical columns let the rest of the market follow."""
        return self.way.currentText() == TRANSITIVE

    def show_columns(self, columns: Sequence[ScenarioColumn], currency: str, words: str) -> None:
        """Show the book under these scenarios; rows keep their order while they are the same."""
        if self.worst_first.isChecked():
            columns = sorted(columns, key=_total)
        had = self._matrix
        is_same = had is not None and [one.name for one in had.columns] == [one.name for one in columns]
        self._currency = currency
        self._matrix = self._desk.matrix(columns, had if is_same else None)
        if self._matrix is None:
            return
        self.map.show_matrix(self._matrix, currency)
        self.words.say(words)
        if self.map.cell is None:
            self._say_choose()
        else:
            self._show_detail(*self.map.cell)

    @Slot(int, int)
    def _show_detail(self, row: int, column: int) -> None:
        matrix, book = self._matrix, self._desk.book
        if matrix is None or book is None:
            return
        node, scenario = matrix.nodes[row], matrix.columns[column]
        value = float(matrix.values[row, column])
        self.title.say(f"{node.name}: {formats.money(value, self._currency, plus=True)}")
        self.note.say(f"{scenario.name} ({scenario.kind}). {scenario.note}".strip())
        members = self._members(node.kind, node.name, book)
        codes = tuple(book.codes[place] for place in members)
        pnl = scenario.pnl.positions[members]
        cash = self._cash_of(node.kind, node.name, book)
        names = codes + tuple(f"Cash {book.currencies[place]}" for place in cash)
        figures = np.concatenate([pnl, scenario.pnl.cash[cash]])
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = figures / value if value else np.full(len(figures), np.nan)
        self.table.show_rows(FigureRows((node, names), (names, figures, shares)))

    def _members(self, kind: NodeKind, name: str, book: StudyBook) -> list[int]:
        found = []
        for place, code in enumerate(book.codes):
            item = self._desk.master[code]
            own = {
                NodeKind.BOOK: name,
                NodeKind.ASSET_CLASS: str(item.asset_class),
                NodeKind.SECTOR: book.sectors[place],
                NodeKind.CURRENCY: book.currencies[int(book.currency_of[place])],
                NodeKind.POSITION: code,
            }[kind]
            if own == name and (book.exposure[place] != 0.0 or not book.is_priced[place]):
                found.append(place)
        return found

    @staticmethod
    def _cash_of(kind: NodeKind, name: str, book: StudyBook) -> list[int]:
        held = [place for place in range(len(book.currencies)) if book.cash[place] != 0.0]
        if kind is NodeKind.CURRENCY:
            return [place for place in held if book.currencies[place] == name]
        return held if kind is NodeKind.BOOK or name == "Cash" else []

    def _say_choose(self) -> None:
        self.title.say("Choose a cell")
        self.note.say(
            "What lies behind it stands here: position by position, and where the figures are from."
        )
        self.table.show_rows(NO_ROWS)

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(10, 5, 10, 4)
        bar.setSpacing(10)
        bar.addWidget(self.way)
        bar.addWidget(self.worst_first)
        bar.addWidget(self.words, 1)
        detail = QWidget(self)
        column = QVBoxLayout(detail)
        column.setContentsMargins(12, 6, 4, 4)
        column.setSpacing(4)
        column.addWidget(self.title)
        column.addWidget(self.note)
        column.addWidget(self.table, 1)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.addWidget(self.map)
        split.addWidget(detail)
        split.setSizes(MAP_AND_DETAIL)
        split.setStretchFactor(0, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(bar)
        whole.addWidget(split, 1)


def _total(column: ScenarioColumn) -> float:
    total = column.pnl.total
    return float("inf") if np.isnan(total) else total
