"""Paints rows of the position grid straight from the table's arrays: a pass a column, not a call a cell."""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from plimsoll.bridge.position_table_model import (
    FIELD_BY_COLUMN,
    SIGNED_COLUMNS,
    PositionColumn,
    PositionTableModel,
)
from plimsoll.bridge.roles import Meaning, meaning_of_sign, meaning_of_use
from plimsoll.domain.snapshot import PositionState, PositionTable
from plimsoll.domain.units import NS_PER_MS
from plimsoll.widgets.colours import mixed
from plimsoll.widgets.position_cells import FADING, LEFT_ALIGNED, write_cell
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import BODY, bold, face

ROW_HEIGHT = 26
PADDING = 8
BAR_HEIGHT = 6
USE_WIDTH = 46  # pixels the figure beside a bar needs: "1,234 %"
FADE_NS = 400 * NS_PER_MS
FADE_STRENGTH = 0.26
FADE_STEPS = 8
REST_NS = 100 * NS_PER_MS  # UI.md: at most ten text updates a second and cell
MOST_CELLS_KEPT = 20_000
LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
QUIET_COLUMNS = frozenset(
    {PositionColumn.NAME, PositionColumn.ASSET_CLASS, PositionColumn.SECTOR, PositionColumn.CURRENCY}
)
UNPRICEABLE, PRICED, CLOSED = PositionState.UNPRICEABLE, PositionState.PRICED, PositionState.CLOSED
DOUBTED = frozenset({PositionState.STALE, PositionState.HALTED})

CellPlace = tuple[int, PositionColumn]
"""A row of the model, and a column."""


@dataclass(slots=True)
class _Cell:
    """A figure as it was last written, and when its text last changed."""

    value: float
    state: int
    text: str
    meaning: Meaning
    written_ns: int = 0
    faded: bool = True
    rose: bool = False


@dataclass(frozen=True, slots=True)
class ColumnPlace:
    """Where a column stands on the screen."""

    column: PositionColumn
    left: int
    width: int


@dataclass(frozen=True, slots=True)
class RowPlace:
    """Where a row of the model stands on the screen."""

    row: int
    top: int
    is_selected: bool


class PositionPainter:
    """Writes a text once a change, keeps it, and draws rows of them.

    Attributes
    ----------
    restless : set of (int, PositionColumn)
        Cells, by row of the model, to paint again soon: they fade, or wait for their turn to change.
    is_silent : bool
        Whether the engine is, so that all figures are grey.
    """

    def __init__(self, model: PositionTableModel, theme: Theme) -> None:
        self._model = model
        self._theme = theme
        self._cells: dict[PositionColumn, dict[int, _Cell]] = {column: {} for column in PositionColumn}
        self.restless: set[CellPlace] = set()
        self._held: set[CellPlace] = (
            set()
        )  # of the restless those that rest with other figures than are shown
        self.is_silent = False
        self._inks: dict[Meaning, QColor] = {}
        self._fills: dict[Meaning, QColor] = {}
        self._tints: dict[bool, list[QColor]] = {}
        self._mix_colours()
        theme.changed.connect(self._mix_colours)

    def forget(self) -> None:
        """Forget what stood where, so that rows that come into sight do not flash."""
        for cells in self._cells.values():
            cells.clear()
        self.restless.clear()
        self._held.clear()

    def forget_surplus(self) -> None:
        """Forget all once too much is kept: a long book was scrolled through."""
        if sum(map(len, self._cells.values())) > MOST_CELLS_KEPT:
            self.forget()

    def refresh(self, rows: Sequence[int], columns: Iterable[PositionColumn]) -> list[CellPlace]:
        """Write anew what has changed in rows of the model; return the cells that look different now."""
        table = self._model.table
        if table is None:
            return []
        sources = self._model.rows[np.asarray(rows, dtype=np.intp)]
        lines = list(zip(rows, sources.tolist(), table.state[sources].tolist(), strict=True))
        now_ns = time.monotonic_ns()
        different: list[CellPlace] = []
        for column in columns:
            field = FIELD_BY_COLUMN.get(column)
            if field is None:  # a text changes only with the book, and then all is painted
                continue
            kept = self._cells[column]
            values = getattr(table, field)[sources].tolist()
            for (row, source, state), value in zip(lines, values, strict=True):
                cell = kept.get(source)
                if cell is None:
                    different.append((row, column))
                elif cell.value == value and cell.state == state:
                    continue
                elif now_ns - cell.written_ns < REST_NS and cell.state == state:
                    self.restless.add((row, column))
                    self._held.add((row, column))
                elif self._rewrite(cell, table, column, source, state, value, now_ns):
                    different.append((row, column))
        return different

    def rested(self) -> set[CellPlace]:
        """Take the cells whose rest is over, so that they may show what they were held back from."""
        sources, now_ns = self._model.rows, time.monotonic_ns()
        over = set()
        for row, column in self._held:
            cell = self._cells[column].get(int(sources[row])) if row < len(sources) else None
            if cell is None or now_ns - cell.written_ns >= REST_NS:
                over.add((row, column))
        self._held -= over
        return over

    def paint(
        self, painter: QPainter, rows: Sequence[RowPlace], columns: Iterable[ColumnPlace], width: int
    ) -> None:
        """Paint these columns of these rows; the painter's clip keeps it off the others."""
        table = self._model.table
        if table is None or not rows:
            return
        painter.setPen(self._rule_pen)
        for shown in rows:
            if shown.is_selected:
                painter.fillRect(0, shown.top, width, ROW_HEIGHT, self._selection)
            bottom = shown.top + ROW_HEIGHT - 1
            painter.drawLine(0, bottom, width, bottom)
        sources = self._model.rows[[shown.row for shown in rows]]
        lines = list(zip(rows, sources.tolist(), table.state[sources].tolist(), strict=True))
        now_ns = time.monotonic_ns()
        for place in columns:
            column = place.column
            field = FIELD_BY_COLUMN.get(column)
            values = [0.0] * len(lines) if field is None else getattr(table, field)[sources].tolist()
            painter.setFont(self._symbol_font if column is PositionColumn.SYMBOL else self._font)
            cells = self._cells_of(table, place, lines, values, now_ns)
            if column is PositionColumn.LIMIT_USE:
                self._paint_uses(painter, place, cells)
            else:
                self._paint_texts(painter, place, cells, now_ns)

    def _cells_of(
        self,
        table: PositionTable,
        place: ColumnPlace,
        lines: list[tuple[RowPlace, int, int]],
        values: list[float],
        now_ns: int,
    ) -> Iterator[tuple[RowPlace, _Cell]]:
        column, kept = place.column, self._cells[place.column]
        for (shown, row, state), value in zip(lines, values, strict=True):
            cell = kept.get(row)
            if cell is None:
                kept[row] = cell = self._new_cell(table, place, row, state, value)
            elif cell.value != value or cell.state != state:
                if now_ns - cell.written_ns < REST_NS and cell.state == state:
                    self.restless.add((shown.row, column))
                    self._held.add((shown.row, column))
                else:
                    self._rewrite(cell, table, column, row, state, value, now_ns)
            yield shown, cell

    def _new_cell(
        self, table: PositionTable, place: ColumnPlace, row: int, state: int, value: float
    ) -> _Cell:
        column = place.column
        if column in FIELD_BY_COLUMN:
            return _Cell(
                value, state, write_cell(column, value, table, row), self._meaning(column, value, state)
            )
        metrics = self._symbol_metrics if column is PositionColumn.SYMBOL else self._metrics
        text = metrics.elidedText(
            self._model.text(column, row), Qt.TextElideMode.ElideRight, place.width - 2 * PADDING
        )
        return _Cell(value, state, text, Meaning.PLAIN)

    def _rewrite(
        self,
        cell: _Cell,
        table: PositionTable,
        column: PositionColumn,
        row: int,
        state: int,
        value: float,
        now_ns: int,
    ) -> bool:
        """Bring a cell up to date; return whether it looks different."""
        is_different = state != cell.state
        if column in FIELD_BY_COLUMN:
            text = write_cell(column, value, table, row)
            if text != cell.text:
                is_different = True
                cell.written_ns = now_ns
                cell.rose = value > cell.value
                # A figure that was unknown has not moved.
                cell.faded = column not in FADING or math.isnan(cell.value)
                cell.text = text
            meaning = self._meaning(column, value, state)
            is_different |= meaning is not cell.meaning
            cell.meaning = meaning
        cell.value, cell.state = value, state
        return is_different

    def _paint_texts(
        self,
        painter: QPainter,
        place: ColumnPlace,
        cells: Iterator[tuple[RowPlace, _Cell]],
        now_ns: int,
    ) -> None:
        column = place.column
        left, width = place.left + PADDING, place.width - 2 * PADDING
        flags = LEFT if column in LEFT_ALIGNED else RIGHT
        inks = self._inks
        is_quiet = self.is_silent or column in QUIET_COLUMNS
        is_age = column is PositionColumn.AGE
        pen: QColor | None = None
        for shown, cell in cells:
            if not cell.faded:
                self._paint_fade(painter, place, shown, cell, now_ns)
            if is_quiet or (is_age and cell.state in (PRICED, CLOSED)):
                ink = self._quiet
            else:
                ink = inks[Meaning.STALE if is_age else cell.meaning]
            if ink is not pen:
                painter.setPen(ink)
                pen = ink
            painter.drawText(left, shown.top, width, ROW_HEIGHT - 1, flags, cell.text)

    def _paint_fade(
        self, painter: QPainter, place: ColumnPlace, shown: RowPlace, cell: _Cell, now_ns: int
    ) -> None:
        step = FADE_STEPS * (now_ns - cell.written_ns) // FADE_NS
        if step >= FADE_STEPS:
            cell.faded = True
            return
        tint = self._tints[cell.rose][step]
        painter.fillRect(place.left + 2, shown.top + 2, place.width - 4, ROW_HEIGHT - 5, tint)
        self.restless.add((shown.row, place.column))

    def _paint_uses(
        self, painter: QPainter, place: ColumnPlace, cells: Iterator[tuple[RowPlace, _Cell]]
    ) -> None:
        left, full = place.left + PADDING, float(max(place.width - 2 * PADDING - USE_WIDTH, 20))
        for shown, cell in cells:
            if not cell.text:
                continue
            top = shown.top + (ROW_HEIGHT - 1 - BAR_HEIGHT) / 2
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._trough)
            painter.drawRoundedRect(QRectF(left, top, full, BAR_HEIGHT), 3, 3)
            painter.setBrush(self._quiet if self.is_silent else self._fills[cell.meaning])
            used = max(full * min(cell.value, 1.0), 3.0)
            painter.drawRoundedRect(QRectF(left, top, used, BAR_HEIGHT), 3, 3)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(self._quiet if self.is_silent else self._inks[cell.meaning])
            painter.drawText(place.left, shown.top, place.width - PADDING, ROW_HEIGHT - 1, RIGHT, cell.text)

    @staticmethod
    def _meaning(column: PositionColumn, value: float, state: int) -> Meaning:
        if state == UNPRICEABLE and column >= PositionColumn.MARK:
            return Meaning.UNKNOWN
        if column is PositionColumn.LIMIT_USE:
            return meaning_of_use(value)
        if column in SIGNED_COLUMNS:
            return meaning_of_sign(value)
        if column is PositionColumn.MARK and state in DOUBTED:
            return Meaning.STALE
        return Meaning.PLAIN

    def _mix_colours(self) -> None:
        colours = self._theme.colours
        self._inks = {meaning: QColor(colours.ink(meaning)) for meaning in Meaning}
        self._fills = {meaning: QColor(colours.fill(meaning)) for meaning in Meaning}
        self._tints = {True: _fade(colours.gain), False: _fade(colours.loss)}
        self._quiet = QColor(colours.muted)
        self._trough = QColor(colours.rule)
        self._selection = QColor(mixed(colours.accent, colours.panel, 0.16))
        self._rule_pen = QPen(QColor(mixed(colours.rule, colours.panel, 0.7)), 1)
        self._font: QFont = face(BODY)
        self._symbol_font: QFont = bold(BODY)
        self._metrics = QFontMetrics(self._font)
        self._symbol_metrics = QFontMetrics(self._symbol_font)


def _fade(colour: str) -> list[QColor]:
    """Return the tints of a fade, the strongest first."""
    tints = []
    for step in range(FADE_STEPS):
        tint = QColor(colour)
        tint.setAlphaF(FADE_STRENGTH * (1.0 - step / FADE_STEPS))
        tints.append(tint)
    return tints
