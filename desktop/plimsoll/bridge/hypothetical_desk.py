"""Reprices scenarios over the newest book for whoever shows them: what lasts is worked out once."""

from collections.abc import Mapping, Sequence

from plimsoll.domain.hypothetical_stress import HypotheticalStress
from plimsoll.domain.instrument import Instrument
from plimsoll.domain.market_past import MarketPast
from plimsoll.domain.reverse_stress import ReverseStress
from plimsoll.domain.stress_matrix import ScenarioColumn, StressMatrix
from plimsoll.domain.stress_result import StressResult
from plimsoll.domain.stress_scenario import StressScenario
from plimsoll.domain.study_book import StudyBook
from plimsoll.engine.hypothetical_stress import hypothetical_stress, repriced
from plimsoll.engine.reverse_stress_book import reverse_stress
from plimsoll.engine.stress_matrix import crisis_column, stress_matrix

MOST_KEPT = 100
"""Scenarios whose moves are kept: of what was typed on the way to one nobody asks again."""


class HypotheticalDesk:
    """One book, one past, and what both make of scenarios.

    Attributes
    ----------
    master : Mapping
        The instrument master.
    book : StudyBook or None
        At its newest prices.
    past : MarketPast or None
        How things moved together; None until it is known.
    """

    def __init__(self, master: Mapping[str, Instrument]) -> None:
        self.master = master
        self.book: StudyBook | None = None
        self.past: MarketPast | None = None
        self._crises: tuple[StressResult, ...] = ()
        self._kept: dict[StressScenario, HypotheticalStress] = {}
        self._crisis_columns: tuple[ScenarioColumn, ...] | None = None

    def take_book(self, book: StudyBook) -> None:
        """Take the book as it is now."""
        old, self.book = self.book, book
        if old is None or (old.codes, old.currencies) != (book.codes, book.currencies):
            self._kept.clear()
            self._crisis_columns = None

    def take_study(self, past: MarketPast, crises: Sequence[StressResult] = ()) -> None:
        """Take how things moved together, and the crises the book was led through."""
        self.past, self._crises = past, tuple(crises)
        self._kept.clear()
        self._crisis_columns = None

    def stress_of(self, scenario: StressScenario) -> HypotheticalStress | None:
        """Return a scenario over the newest book; None before there is one."""
        if self.book is None:
            return None
        if scenario not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[scenario] = hypothetical_stress(scenario, self.book, self.master, self.past)
        return repriced(self._kept[scenario], self.book)

    def columns(self, scenarios: Sequence[StressScenario], *, is_transitive: bool) -> list[ScenarioColumn]:
        """Return the columns of a matrix: the scenarios as they are now, then the crises."""
        found = []
        for scenario in scenarios:
            stress = self.stress_of(scenario)
            if stress is not None:
                following = stress.following_pnl if is_transitive else None
                pnl = stress.pnl if following is None else following
                found.append(ScenarioColumn(scenario.name, "hypothetical", pnl, scenario.source))
        if self._crisis_columns is None and self.book is not None:
            book = self.book
            self._crisis_columns = tuple(crisis_column(result, book) for result in self._crises)
        return [*found, *(self._crisis_columns or ())]

    def matrix(self, columns: Sequence[ScenarioColumn], like: StressMatrix | None) -> StressMatrix | None:
        """Return the book under these scenarios, its rows in the order of `like`; None before a book."""
        return None if self.book is None else stress_matrix(self.book, self.master, columns, like=like)

    def reverse(self, loss_base: float, horizon_days: int) -> ReverseStress | None:
        """Return the likeliest move that loses a sum; None before there are a book and a past."""
        if self.book is None or self.past is None:
            return None
        return reverse_stress(self.book, self.past, loss_base=loss_base, horizon_days=horizon_days)
