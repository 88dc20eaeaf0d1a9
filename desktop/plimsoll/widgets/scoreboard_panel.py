"""The Scoreboard tab: what each decision about a proposal was worth, by rule and by person."""

import math
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from plimsoll.bridge.roles import Meaning, meaning_of_sign
from plimsoll.domain.proposal_standing import ProposalState
from plimsoll.domain.score import Horizon, HorizonScore, ProposalScore, Scoreboard, Tally, tallies
from plimsoll.widgets import formats
from plimsoll.widgets.choice_button import ChoiceButton
from plimsoll.widgets.empty_state import EmptyState
from plimsoll.widgets.rule_history import STATE_WORDS
from plimsoll.widgets.study_bar import StudyBar
from plimsoll.widgets.study_table import Cell, StudyTable
from plimsoll.widgets.theme import Theme
from plimsoll.widgets.typeface import SMALL, face

HEADS = (
    "Decided",
    "Rule",
    "Became",
    "By",
    *(head for horizon in Horizon for head in (f"Saved {horizon}", "vs plan")),
    "Cost",
)
TALLY_HEADS = ("", "Made", "Known", "Paid", "Mean", "Total", "vs plan")
INVITATION = "Scores every decision against doing nothing and against its plan: press Run."
NOTHING_YET = (
    "No proposal has been decided about yet. Once one is approved, changed, rejected, overridden or has run "
    "out, it is scored here after an hour, a day and five days of market time."
)
NOTHING_FITS = "No decision fits the filter."
MEANING = (
    "Above zero is money saved. Saved, against doing nothing: quantities filled, from their fills to the "
    "horizon, less fees (0 where nothing was traded). Vs plan: that, less what the plan as proposed would "
    "have brought at the marks of the decision, less its estimated cost. A day is the same time on the next "
    "weekday, market time."
)
SUMMARY_AND_TABLE = [420, 240]
_Key = tuple[int, float, str]


class ScoreboardPanel(QWidget):
    """Shows the newest scores; what works them out listens to `bar` and `wanted`.

    Signals
    -------
    wanted()
        It came to be seen: newer scores are welcome.
    """

    wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._board = Scoreboard()
        self._shown: list[ProposalScore] = []
        self._order = (0, Qt.SortOrder.DescendingOrder)
        self.setAccessibleName("Scoreboard of decisions")
        self.bar = StudyBar(INVITATION, self)
        self.rule = ChoiceButton("Rule", lambda: _names(self._board, lambda score: score.title), self)
        self.person = ChoiceButton("By", lambda: _names(self._board, _who), self)
        self.horizon = ChoiceButton("Summary after", lambda: tuple(Horizon), self)
        self.table = StudyTable(theme, "Decisions", HEADS, self)
        self.rules = StudyTable(theme, "By rule", ("Rule", *TALLY_HEADS[1:]), self)
        self.persons = StudyTable(theme, "By person", ("Person", *TALLY_HEADS[1:]), self)
        self.words = QLabel(MEANING, self)
        self._empty = EmptyState(self)
        self._stack = QStackedWidget(self)
        self.horizon.choose(Horizon.DAY)
        self._lay_out()
        header = self.table.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(*self._order)
        header.sortIndicatorChanged.connect(self._sort)
        self.table.row_chosen.connect(self._choose)
        for choice in (self.rule, self.person, self.horizon):
            choice.chosen.connect(self._show)
        self._show()

    @property
    def board(self) -> Scoreboard:
        """The newest scores."""
        return self._board

    @Slot(object)
    def show_board(self, board: Scoreboard) -> None:
        """Show scores instead of those before."""
        self._board = board
        told = [_counted(len(board.scores), "decision")]
        told += [f"{_counted(board.n_open, 'proposal')} still open"] if board.n_open else []
        told += [f"{board.n_replaced} replaced by newer plans of the same breach"] if board.n_replaced else []
        until = formats.market_instant(board.exchange_ns) if board.exchange_ns else "no market time yet"
        self.bar.show_end(f"{'; '.join(told)}; as of {until} New York")
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.wanted.emit()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 8, 0)
        top.setSpacing(6)
        top.addWidget(self.bar, 1)
        for choice in (self.rule, self.person, self.horizon):
            top.addWidget(choice)
        self.words.setFont(face(SMALL))
        self.words.setProperty("tone", "muted")
        self.words.setWordWrap(True)
        self.words.setContentsMargins(8, 2, 8, 4)
        summary = QSplitter(Qt.Orientation.Horizontal, self)
        summary.addWidget(self.rules)
        summary.addWidget(self.persons)
        halves = QSplitter(Qt.Orientation.Vertical, self)
        halves.addWidget(self.table)
        halves.addWidget(summary)
        halves.setSizes(SUMMARY_AND_TABLE)
        self._stack.addWidget(halves)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._stack, 1)
        column.addWidget(self.words)

    @Slot()
    def _show(self) -> None:
        fits = [
            score
            for score in self._board.scores
            if self.rule.value in ("", score.title) and self.person.value in ("", _who(score))
        ]
        column, order = self._order
        fits.sort(key=lambda score: _keys(score)[column], reverse=order == Qt.SortOrder.DescendingOrder)
        self._shown = fits
        currency = self._board.currency
        self.table.show_rows([_row(score, currency) for score in fits])
        horizon = Horizon(self.horizon.value) if self.horizon.value else Horizon.DAY
        for table, name_of in ((self.rules, _title), (self.persons, _who)):
            table.show_rows([_tally_row(tally, currency) for tally in tallies(fits, horizon, name_of)])
        self._empty.show_words(NOTHING_FITS if self._board.scores else NOTHING_YET, "")
        self._stack.setCurrentIndex(0 if fits else 1)

    @Slot(int, Qt.SortOrder)
    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        self._order = (column, order)
        self._show()

    @Slot(int)
    def _choose(self, row: int) -> None:
        if 0 <= row < len(self._shown):
            score = self._shown[row]
            by = f" by {score.person}" if score.person else ""
            said = [f"{score.title}, {score.planner}: {STATE_WORDS[score.state]}{by}"]
            said += [f"confirmed by {score.second}"] if score.second else []
            said += [f"“{score.words}”"] if score.words else []
            said += [score.note] if score.note else []
            self.words.setText(f"{'; '.join(said)}. {MEANING}")


def _counted(n: int, thing: str) -> str:
    return f"1 {thing}" if n == 1 else f"{formats.count(n)} {thing}s"


def _title(score: ProposalScore) -> str:
    return score.title


def _who(score: ProposalScore) -> str:
    if score.person:
        return score.person
    return "the desk alone" if score.state is ProposalState.EXECUTED_ALONE else "nobody"


def _names(board: Scoreboard, name_of: Callable[[ProposalScore], str]) -> tuple[str, ...]:
    return tuple(sorted({name_of(score) for score in board.scores}))


def _row(score: ProposalScore, currency: str) -> list[Cell]:
    return [
        _instant(score.decided_ns),
        Cell(score.title, is_number=False),
        Cell(STATE_WORDS[score.state], tip=f"{score.planner}. {score.words}".strip(), is_number=False),
        Cell(_who(score), tip=f"confirmed by {score.second}" if score.second else "", is_number=False),
        *(cell for each in score.horizons for cell in _cells(each, currency)),
        _cost(score, currency),
    ]


def _instant(exchange_ns: int) -> Cell:
    """Return a market time without its year, which the tooltip has."""
    whole = formats.market_instant(exchange_ns)
    _, day, month, _, time_of_day = whole.split(" ")
    return Cell(f"{day} {month} {time_of_day}", tip=f"{whole} New York", is_number=False)


def _cost(score: ProposalScore, currency: str) -> Cell:
    slippage, fees = (formats.money(each, currency) for each in (score.slippage_base, score.fees_base))
    tip = f"{score.n_fills} fills: slippage {slippage} against the marks of the decision, fees {fees}"
    return Cell(formats.money(score.slippage_base + score.fees_base, currency), tip=tip)


def _cells(score: HorizonScore, currency: str) -> tuple[Cell, Cell]:
    return (
        _worth(score.acted_base, score, currency),
        _worth(score.against_plan_base, score, currency),
    )


def _worth(base: float, score: HorizonScore, currency: str) -> Cell:
    if not math.isnan(base):
        return Cell(formats.money(base, currency, plus=True), meaning_of_sign(base))
    is_waiting = score.why_unknown == "not yet"
    tip = f"due {formats.market_instant(score.due_ns)} New York" if is_waiting else score.why_unknown
    return Cell("not yet" if is_waiting else "unknown", Meaning.UNKNOWN, tip)


def _tally_row(tally: Tally, currency: str) -> list[Cell]:
    few = f" of {tally.n_known}, too few to conclude from" if tally.is_few else ""
    share = formats.fraction(tally.hit_fraction, 0)
    paid = f"{share}, few" if tally.is_few and tally.n_known else share
    meaning = Meaning.UNKNOWN if tally.is_few else meaning_of_sign(tally.mean_base)
    return [
        Cell(tally.name, is_number=False),
        Cell(formats.count(tally.n)),
        Cell(formats.count(tally.n_known)),
        Cell(paid, tip=f"{tally.n_hits}{few}"),
        Cell(formats.money(tally.mean_base, currency, plus=True), meaning),
        Cell(formats.money(tally.total_base, currency, plus=True), meaning),
        Cell(formats.money(tally.mean_against_base, currency, plus=True), tip=f"of {tally.n_against}"),
    ]


def _keys(score: ProposalScore) -> list[_Key]:
    """Return what each column is sorted by: figures by value, the unknown below all."""
    texts = (score.title, STATE_WORDS[score.state], _who(score))
    figures = [figure for each in score.horizons for figure in (each.acted_base, each.against_plan_base)]
    return [
        (0, float(score.decided_ns), ""),
        *((0, 0.0, text.casefold()) for text in texts),
        *(_key(figure) for figure in (*figures, score.slippage_base + score.fees_base)),
    ]


def _key(figure: float) -> _Key:
    return (0, 0.0, "") if math.isnan(figure) else (1, figure, "")
