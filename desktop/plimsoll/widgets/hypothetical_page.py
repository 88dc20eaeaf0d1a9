"""What if: hypothetical, reverse, and the matrix of both kinds of scenario, over one book and one history."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from plimsoll.bridge.hypothetical_desk import HypotheticalDesk
from plimsoll.domain.market_past import MarketPast
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.stress_result import StressResult
from plimsoll.domain.study_book import StudyBook
from plimsoll.widgets.history_sources import HistorySources
from plimsoll.widgets.hypothetical_panel import HypotheticalPanel
from plimsoll.widgets.reverse_stress_panel import ReverseStressPanel
from plimsoll.widgets.stress_matrix_panel import StressMatrixPanel
from plimsoll.widgets.tabbed_page import TabbedPage

HYPOTHETICAL, REVERSE, MATRIX, SOURCES = range(4)


class HypotheticalPage(TabbedPage):
    """The parts under one header; only the one in sight is worked out.

    Signals
    -------
    seen(bool)
        Whether anybody looks at the page.
    """

    seen = Signal(bool)

    def __init__(
        self,
        desk: HypotheticalDesk,
        editor: HypotheticalPanel,
        reverse: ReverseStressPanel,
        matrix: StressMatrixPanel,
        sources: HistorySources,
        parent: QWidget | None = None,
    ) -> None:
        pages = (
            ("Hypothetical", editor),
            ("Reverse", reverse),
            ("Matrix", matrix),
            ("Sources of the history", sources),
        )
        super().__init__("What if", pages, parent)
        self.editor, self.reverse, self.matrix, self.sources = editor, reverse, matrix, sources
        self._desk = desk
        self._currency = "USD"
        self._crisis_words = "crises: being led through…"
        self._scenarios = editor.shelf.scenarios()
        self.header.tab_chosen.connect(self.show_newest)
        matrix.columns_wanted.connect(self.show_newest)
        editor.scenarios_edited.connect(self._take_scenarios)

    def show_book(self, book: StudyBook, currency: str) -> None:
        """Reprice what is in sight over the book as it is now."""
        self._desk.take_book(book)
        self._currency = currency
        self.show_newest()

    def show_study(self, past: MarketPast, crises: tuple[StressResult, ...], words: str) -> None:
        """Take how things moved together, and the crises the book was led through."""
        self._desk.take_study(past, crises)
        self._crisis_words = words
        self.header.words.say(_history_words(past))
        self.sources.show_past(past)
        self.show_newest()

    def show_refusal(self, words: str) -> None:
        """Say why there is no history; what needs none goes on."""
        self.header.words.say(f"no history: {words}")
        self._crisis_words = f"crises: {words}"

    def show_snapshot(self, snapshot: RiskSnapshot) -> None:
        """Take the ladder, for the limits a move may break."""
        if self.reverse.isVisible():
            self.reverse.show_ladder(snapshot.ladder)

    @Slot()
    def show_newest(self) -> None:
        """Show the part in sight over the newest book."""
        if self._desk.book is None or not self.isVisible():
            return
        match self.header.chosen:
            case 0:
                self.editor.show_outcome(self._currency)
            case 1:
                self.reverse.show_answer(self._currency)
            case 2:
                columns = self._desk.columns(self._scenarios, is_transitive=self.matrix.is_transitive)
                self.matrix.show_columns(columns, self._currency, self._matrix_words())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seen.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.seen.emit(False)

    @Slot()
    def _take_scenarios(self) -> None:
        """Take what is typed, as far as it is right."""
        self._scenarios = self.editor.shelf.scenarios()

    def _matrix_words(self) -> str:
        return f"hypothetical: live; {self._crisis_words}; each division adds up to the book"


def _history_words(past: MarketPast) -> str:
    if not past.is_known:
        return f"{len(past.days)} days of history: too few"
    return (
        f"{len(past.days)} days of history, {past.proxy_fraction:.0%} of gross by proxy, "
        f"{past.still_fraction:.0%} without any"
    )
