"""Reverse stress: the likeliest move that loses a sum, how plausible it is, and when history came near."""

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from plimsoll.bridge.figure_table_model import NO_ROWS, FigureColumn, FigureRows, FigureTableModel
from plimsoll.bridge.hypothetical_desk import HypotheticalDesk
from plimsoll.bridge.roles import meaning_of_sign
from plimsoll.domain.crisis_window import date_of
from plimsoll.domain.distance import Distance, Reach
from plimsoll.domain.reverse_stress import TAIL_FREEDOM, PastLoss, ReverseStress
from plimsoll.domain.study_book import StudyBook
from plimsoll.widgets import formats
from plimsoll.widgets.elided_label import ElidedLabel
from plimsoll.widgets.figure_table import FigureTable
from plimsoll.widgets.study_table import Cell, StudyTable
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.tone import ToneLabel
from plimsoll.widgets.typeface import BODY, FIGURE, SMALL, bold, face

HORIZONS = (1, 5, 10, 20)
FIRST_SHARE = 0.05  # of NAV, the sum that is asked of at first
OWN_SUM = "a sum of my own"
LONGEST_YEARS = 10_000.0
THREE_PARTS = [330, 430, 420]  # pixels at first
WIDTHS = (84, 96, 68, 84, 92)
PNL = 4
WORST_HEADS = ("Then", "P&L today's book", "Unusual", "Likeness")
MODEL_WORDS = "model-based"


def _percent(value: float) -> str:
    return formats.fraction(value, 2, plus=True)


def _sigma(value: float) -> str:
    return f"{formats.number(value, 1, plus=True)}σ"


def _money(value: float) -> str:
    return formats.number(value)


COLUMNS = (
    FigureColumn("Position"),
    FigureColumn("Sector"),
    FigureColumn("Moves", _percent, meaning_of_sign, "In its own currency, over the horizon"),
    FigureColumn("Own σ", _sigma, explanation="In its own standard deviations over the horizon"),
    FigureColumn("P&L", _money, meaning_of_sign, "Base currency, repriced with its currency"),
)


class ReverseStressPanel(QWidget):
    """Asks for a sum or a limit, and answers with a move."""

    def __init__(self, theme: Theme, desk: HypotheticalDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Reverse stress")
        self._desk = desk
        self._is_asked = False
        self._currency = "USD"
        self._ladder: tuple[Distance, ...] = ()
        self.answer: ReverseStress | None = None
        self.goal = self._box("What is to happen")
        self.goal.addItem(OWN_SUM, "")
        self.sum = QLineEdit(self)
        self.sum.setAccessibleName("Sum to lose")
        self.sum.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.sum.setFixedWidth(130)
        self.horizon = self._box("Within")
        for days in HORIZONS:
            self.horizon.addItem(f"{days} day" if days == 1 else f"{days} days", days)
        self.complaint = ElidedLabel(face(SMALL), self)
        self.complaint.setProperty("tone", "loss")
        self.distance = ToneLabel(bold(FIGURE), self)
        self.rows: dict[str, ToneLabel] = {}
        self.model = FigureTableModel(COLUMNS, self)
        self.table = FigureTable(theme, self.model, "The move, position by position", WIDTHS, PNL, (1,))
        self.table.sortByColumn(PNL, Qt.SortOrder.AscendingOrder)
        self.worst = StudyTable(theme, "Worst spells of the history", WORST_HEADS, self)
        self.worst.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.foot = ElidedLabel(face(SMALL), self)
        self.foot.setProperty("tone", "muted")
        self._lay_out()
        self.goal.activated.connect(self._take_goal)
        self.sum.textEdited.connect(self._take_sum)
        self.horizon.activated.connect(self._take_horizon)

    def show_ladder(self, ladder: tuple[Distance, ...]) -> None:
        """Offer the limits that a move of prices may break; the chosen one stays chosen."""
        offered = tuple(one for one in ladder if one.reach is Reach.MOVE and one.loss_base > 0.0)
        names = [(one.limit.name, one.member) for one in offered]
        if names != [(one.limit.name, one.member) for one in self._ladder]:
            chosen = self.goal.currentText()
            self.goal.clear()
            self.goal.addItem(OWN_SUM, "")
            for name, member in names:
                self.goal.addItem(f"breaks {name}{f', {member}' if member else ''}", name)
            self.goal.setCurrentIndex(max(self.goal.findText(chosen), 0))
        self._ladder = offered

    def show_answer(self, currency: str = "") -> None:
        """Work out the answer for the newest book and show it."""
        book = self._desk.book
        self._currency = currency or self._currency
        if book is None or not self.isVisible():
            return
        if not self._is_asked and book.nav > 0.0:
            # Two digits that mean something: a round sum is asked of, not five per cent to the cent.
            wanted, self._is_asked = FIRST_SHARE * book.nav, True
            self._put_sum(round(wanted, 1 - math.floor(math.log10(wanted))))
        loss = self._loss()
        if loss is None:
            self.complaint.say("expected a sum above zero, like 250,000 or 1.5m")
            return
        self.complaint.say(self._limit_words())
        self.answer = self._desk.reverse(loss, int(self.horizon.currentData()))
        if self.answer is None:
            self._say_refusal("working out how things moved together…")
        elif self.answer.is_known:
            self._show(self.answer, book)
        else:
            self._say_refusal(self.answer.refusal)

    def _show(self, answer: ReverseStress, book: StudyBook) -> None:
        self.distance.say(f"{answer.distance:.2f} σ of the book")
        normal, tail = answer.loss_probability, answer.tail_probability
        self.rows["normal"].say(self._chance(normal, answer))
        self.rows["tail"].say(self._chance(tail, answer))
        self.rows["move"].say(
            f"{_chance_text(answer.move_probability)} of spells move at least so far in some direction "
            f"(χ² of {answer.n_directions})"
        )
        days = answer.horizon_days
        spells = f"{formats.count(answer.n_spells)} {'days' if days == 1 else f'spells of {days} days'}"
        self.rows["history"].say(f"{answer.n_as_bad} of {spells} lost as much or more")
        total = math.nan if answer.pnl is None else answer.pnl.total
        self.rows["repriced"].say(formats.money(total, self._currency, plus=True))
        unknown = answer.unknown_codes
        words = f"; without a history and standing still: {', '.join(unknown)}" if unknown else ""
        self.foot.say(
            "x* = −ℓ ΣV/(VᵀΣV), the point of least Mahalanobis distance (Breuer et al. 2009); Σ shrunk, "
            f"of {len(self._desk.past.days) if self._desk.past else 0} days{words}"
        )
        if answer.moves is not None and answer.pnl is not None and answer.own_sigma is not None:
            columns = (book.codes, book.sectors, answer.moves.price, answer.own_sigma, answer.pnl.positions)
            self.table.show_rows(FigureRows(book.codes, columns))
        self.worst.show_rows([self._spell(one) for one in answer.worst])

    def _spell(self, spell: PastLoss) -> Sequence[Cell]:
        first, last = date_of(spell.first_day), date_of(spell.last_day)
        when = f"{first}" if first == last else f"{first} to {last}"
        return [
            Cell(when, is_number=False),
            Cell(formats.money(spell.pnl_base, self._currency), meaning_of_sign(spell.pnl_base)),
            Cell(f"{spell.distance:.1f} σ", tip="Mahalanobis distance of the spell, in all directions"),
            Cell(
                formats.number(spell.likeness, 2, plus=True),
                tip="Cosine between the spell and the answer; 1 is the same direction",
            ),
        ]

    def _say_refusal(self, words: str) -> None:
        self.distance.say(formats.UNKNOWN, "muted")
        for row in self.rows.values():
            row.say("")
        self.rows["normal"].say(words)
        self.table.show_rows(NO_ROWS)
        self.worst.show_rows([])

    def _chance(self, probability: float, answer: ReverseStress) -> str:
        years = answer.years_between(probability)
        if years > LONGEST_YEARS:
            often = f"less than once in {formats.count(int(LONGEST_YEARS))} years"
        elif years >= 1.0:
            often = f"once in {formats.number(years, 0 if years >= 10.0 else 1)} years"
        else:
            often = f"{formats.number(1.0 / years, 1)} times a year"
        return f"{_chance_text(probability)}, {often}"

    def _limit_words(self) -> str:
        distance = self._chosen_limit()
        if distance is None:
            return ""
        movers = ", ".join(f"{one.code} {_percent(one.move_fraction)}" for one in distance.instruments[:3])
        return f"the ladder's own nearest move: {distance.sigma:.2f} σ, {movers} ({distance.exactness})"

    def _chosen_limit(self) -> Distance | None:
        place = self.goal.currentIndex() - 1
        return self._ladder[place] if 0 <= place < len(self._ladder) else None

    def _loss(self) -> float | None:
        return amount_of(self.sum.text())

    @Slot()
    def _take_goal(self) -> None:
        distance = self._chosen_limit()
        if distance is not None:
            self._put_sum(distance.loss_base)
        self.show_answer()

    @Slot()
    def _take_horizon(self) -> None:
        self.show_answer()

    @Slot()
    def _take_sum(self) -> None:
        self.goal.setCurrentIndex(0)
        self.show_answer()

    def _put_sum(self, value: float) -> None:
        self.sum.setText(formats.number(value))

    def _box(self, name: str) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        box.setMinimumHeight(27)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        return box

    def _label(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setProperty("tone", "muted")
        return label

    def _figures(self) -> QWidget:
        """Return the column of figures that say how plausible the move is."""
        left = QWidget(self)
        grid = QGridLayout(left)
        grid.setContentsMargins(12, 8, 10, 6)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.distance, 0, 0)
        captions = (
            ("normal", f"Chance of losing it, normal law ({MODEL_WORDS})"),
            ("tail", f"Chance of losing it, t law with {TAIL_FREEDOM} degrees ({MODEL_WORDS})"),
            ("move", f"Chance of so unusual a market ({MODEL_WORDS})"),
            ("history", "In the history, today's book"),
            ("repriced", "The move repriced in full"),
        )
        for number, (name, caption) in enumerate(captions):
            label = self._label(caption)
            label.setFont(face(SMALL))
            label.setWordWrap(True)
            self.rows[name] = ToneLabel(face(BODY), left)
            self.rows[name].setWordWrap(True)
            grid.addWidget(label, 2 * number + 1, 0)
            grid.addWidget(self.rows[name], 2 * number + 2, 0)
        grid.setRowStretch(2 * len(captions) + 1, 1)
        return left

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(12, 6, 10, 5)
        bar.setSpacing(8)
        bar.addWidget(self._label("The smallest plausible move that loses"))
        bar.addWidget(self.sum)
        bar.addWidget(self._label("within"))
        bar.addWidget(self.horizon)
        bar.addWidget(self._label("or"))
        bar.addWidget(self.goal)
        bar.addWidget(self.complaint, 1)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        for part in (self._figures(), self.table, self.worst):
            split.addWidget(part)
        split.setSizes(THREE_PARTS)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 3, 10, 4)
        foot.addWidget(self.foot)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(bar)
        whole.addWidget(split, 1)
        whole.addLayout(foot)


def amount_of(text: str) -> float | None:
    """Return a sum of money as typed: "250,000", "1.5m"; None for none above zero."""
    plain = "".join(letter for letter in text.casefold() if letter.isalnum() or letter == ".")
    size = {"k": 1e3, "m": 1e6, "b": 1e9}.get(plain[-1:], 1.0)
    try:
        value = float(plain[:-1] if size > 1.0 else plain) * size
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0.0 else None


def _chance_text(probability: float) -> str:
    if probability < 1e-7:
        return "below 0.00001 %"
    digits = max(0, min(7, 1 - math.floor(math.log10(probability * 100.0))))
    return formats.fraction(probability, digits)
