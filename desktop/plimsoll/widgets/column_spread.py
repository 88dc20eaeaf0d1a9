"""Shares a table's width out among its columns, as they were meant or as a person made them."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtWidgets import QTableView

LEAST_FRACTION = 0.6  # of its width: what a column of words gives up before the table scrolls sideways
LEAST_OF_ALL_FRACTION = 0.97  # what every column then gives up: a figure has that much to spare at its sides


class ColumnSpread(QObject):
    """Keeps the columns filling the view: each grows by its share, only columns of words give way."""

    def __init__(self, view: QTableView, widths: Iterable[tuple[int, int]], elastic: frozenset[int]) -> None:
        super().__init__(view)
        self._view = view
        self._meant: dict[int, float] = {int(column): float(width) for column, width in widths}
        self._elastic = elastic
        self._is_spreading = False
        header = view.horizontalHeader()
        header.setStretchLastSection(False)
        header.sectionResized.connect(self._follow_hand)
        view.viewport().installEventFilter(self)
        self.spread()

    def mean(self, column: int, width: int) -> None:
        """Mean another width for a column."""
        self._meant[int(column)] = float(width)

    def adopt(self) -> None:
        """Take the widths of now for what is meant: they were found again in a kept layout."""
        for column in self._shown():
            self._meant[column] = float(self._view.columnWidth(column))

    def fits(self) -> bool:
        """Return whether the columns shown have room, narrow as they may get, without a scroll sideways."""
        least = sum(
            self._meant[column] * (LEAST_FRACTION if column in self._elastic else 1.0)
            for column in self._shown()
        )
        return least * LEAST_OF_ALL_FRACTION <= self._view.viewport().width()

    @Slot()
    def spread(self) -> None:
        """Fill the view."""
        shown, room = self._shown(), self._view.viewport().width()
        total = sum(self._meant[column] for column in shown)
        if room <= 0 or total <= 0.0:
            return
        if total <= room:
            widths = {column: self._meant[column] * room / total for column in shown}
        else:
            words = sum(self._meant[column] for column in shown if column in self._elastic)
            share = max(1.0 - (total - room) / words, LEAST_FRACTION) if words else 1.0
            squeeze = min(room / (total - words * (1.0 - share)), 1.0)
            if squeeze < LEAST_OF_ALL_FRACTION:  # it scrolls in any case
                squeeze = 1.0
            widths = {
                column: self._meant[column] * squeeze * (share if column in self._elastic else 1.0)
                for column in shown
            }
        self._is_spreading = True
        edge, drawn = 0.0, 0
        for column in shown:
            # Rounded at the edges, not at the widths, so that the last column ends where the view does.
            edge += widths[column]
            self._view.setColumnWidth(column, int(edge + 1e-6) - drawn)
            drawn = int(edge + 1e-6)
        self._is_spreading = False

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.spread()
        return False

    def _shown(self) -> list[int]:
        return [column for column in self._meant if not self._view.isColumnHidden(column)]

    @Slot(int, int, int)
    def _follow_hand(self, column: int, was: int, width: int) -> None:
        # Hiding and showing resize to and from 0, which nobody meant.
        if not self._is_spreading and was and width:
            self._meant[column] = float(width)
