"""What a scenario does to the book: isolated and transitive side by side, position by position."""

import math

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from plimsoll.bridge.figure_table_model import NO_ROWS, FigureColumn, FigureRows, FigureTableModel
from plimsoll.bridge.roles import meaning_of_sign
from plimsoll.domain.hypothetical_stress import BookPnl, HypotheticalStress
from plimsoll.domain.study_book import StudyBook
from plimsoll.widgets import formats
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.figure_table import FigureTable
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import TONES, ToneLabel
from plimsoll.widgets.typeface import FIGURE, SMALL, bold, face

WIDTHS = (84, 110, 66, 92, 66, 92)
GIVEN_UP = (1,)
TRANSITIVE_PNL = 5
FORMULA = "transitive: what no shock names moves by E[r] = Σ_rf Σ_ff⁻¹ f, Σ shrunk (Kupiec 1998)"


def _percent(value: float) -> str:
    return formats.fraction(value, 1, plus=True)


def _money(value: float) -> str:
    return formats.number(value, 0)


COLUMNS = (
    FigureColumn("Position"),
    FigureColumn("Sector"),
    FigureColumn("Alone", _percent, meaning_of_sign, "Move where a shock names it; else it stands still"),
    FigureColumn("P&L", _money, meaning_of_sign, "Isolated, base currency, repriced with its currency"),
    FigureColumn("Follows", _percent, meaning_of_sign, FORMULA),
    FigureColumn("P&L", _money, meaning_of_sign, "Transitive, base currency, repriced with its currency"),
)


class HypotheticalOutcome(QWidget):
    """Two totals, and the table beneath; the convention at the foot."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What the scenario does")
        self._identity: tuple[object, ...] = ()
        self.isolated = _Total("Isolated: the rest stands still", self)
        self.transitive = _Total("Transitive: the rest follows", self)
        self.model = FigureTableModel(COLUMNS, self)
        self.table = FigureTable(theme, self.model, "P&L by position", WIDTHS, TRANSITIVE_PNL, GIVEN_UP)
        self.table.sortByColumn(TRANSITIVE_PNL, Qt.SortOrder.AscendingOrder)
        self.foot = ElidedLabel(face(SMALL), self)
        self.foot.setProperty("tone", "muted")
        totals = QHBoxLayout()
        totals.setContentsMargins(10, 8, 8, 6)
        totals.setSpacing(18)
        totals.addWidget(self.isolated, 1)
        totals.addWidget(self.transitive, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 3, 8, 4)
        foot.addWidget(self.foot)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(totals)
        column.addWidget(self.table, 1)
        column.addLayout(foot)

    def sizeHint(self) -> QSize:
        return QSize(520, 300)

    def show_stress(
        self, stress: HypotheticalStress | None, book: StudyBook, currency: str, words: str
    ) -> None:
        """Show a scenario's outcome; None while the scenario is not right."""
        self.foot.say(words)
        if stress is None:
            for total in (self.isolated, self.transitive):
                total.show_nothing()
            self.table.show_rows(NO_ROWS)
            return
        self.isolated.show_pnl(stress.pnl, book, currency)
        if stress.following_pnl is None:
            self.transitive.show_nothing()
        else:
            self.transitive.show_pnl(stress.following_pnl, book, currency)
        if self._identity != book.codes:  # else the same object: rows stay where they are
            self._identity = book.codes
        self.table.show_rows(FigureRows(self._identity, _columns(stress, book)))


class _Total(QWidget):
    """One total over its words."""

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(words)
        caption = QLabel(words, self)
        caption.setFont(face(SMALL))
        caption.setProperty("tone", "muted")
        self.figure = ToneLabel(bold(FIGURE), self)
        self.share = ToneLabel(face(SMALL), self, tone="muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(caption)
        column.addWidget(self.figure)
        column.addWidget(self.share)
        self.show_nothing()

    def show_nothing(self) -> None:
        self.figure.say(formats.UNKNOWN, "muted")
        self.share.say(" ")

    def show_pnl(self, pnl: BookPnl, book: StudyBook, currency: str) -> None:
        total = pnl.total
        tone = TONES.get(meaning_of_sign(total), "")
        self.figure.say("unknown" if math.isnan(total) else formats.money(total, currency, plus=True), tone)
        unpriced = int((~book.is_priced).sum())
        share = formats.fraction(total / book.nav, 2, plus=True) if book.nav > 0.0 else formats.UNKNOWN
        cash = formats.short_money(float(pnl.cash.sum()), currency)
        words = (
            f"{unpriced} positions without a price" if unpriced else f"{share} of NAV, of which cash {cash}"
        )
        self.share.say(words)
        self.setAccessibleDescription(f"{self.figure.text()}, {words}")


def _columns(stress: HypotheticalStress, book: StudyBook) -> tuple[tuple[str, ...] | np.ndarray, ...]:
    following, following_pnl = stress.following_moves, stress.following_pnl
    return (
        book.codes,
        book.sectors,
        stress.moves.price,
        stress.pnl.positions,
        np.full(len(book.codes), np.nan) if following is None else following.price,
        np.full(len(book.codes), np.nan) if following_pnl is None else following_pnl.positions,
    )
