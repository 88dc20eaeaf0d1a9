"""The engine of an earlier instant: what it is made of, and how it is brought to where it stood.

It is restored from the journal's rows of before, as a restart would have restored it, then given the newest
price of each instrument.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.feed_status import MarketClock
from plimsoll.domain.limit import Limit
from plimsoll.domain.session import SessionTable
from plimsoll.domain.tick import QUOTE, TRADE, TickBatch
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.instant import Instant
from plimsoll.engine.limit_keeper import LIMITS_FILE
from plimsoll.engine.limit_record import limits_from
from plimsoll.engine.limit_register import LIMITS_TAKEN
from plimsoll.engine.limit_watch import LimitWatch
from plimsoll.engine.measurement import Measurement
from plimsoll.engine.memory_journal import MemoryJournal, NoArchive
from plimsoll.engine.ports import Journal, JournalRow, TickArchive
from plimsoll.engine.risk_engine import RiskEngine
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.second_hand import SecondHand, SlowFigures
from plimsoll.engine.universe import Universe

IntArray = NDArray[np.int64]

MARK_PATIENCE_NS = 2 * NS_PER_S
"""The high-water mark is journalled at most this long after it moved."""
SAME_BATCH_NS = 2_000_000
"""A batch is noted by the archive this long after the time its rows carry, at most."""
HURRIED_LADDER_NS = 20 * NS_PER_S
"""How often what breaks first is worked out anew in a hurry: it costs more than everything else together."""


@dataclass(frozen=True, slots=True)
class ReplayRecipe:
    """Everything a replay is made of; the same recipe always plays the same.

    Attributes
    ----------
    book : Book
        The positions file's book; what was entered since stands in the rows.
    universe : Universe
        The instruments by number.
    rules : DeskRules
        Of the desk; the limits of then come from the rows.
    window : PriceWindow
        The price history as it stood at the beginning.
    earlier : tuple of JournalRow
        The journal up to the beginning, oldest first.
    later : tuple of JournalRow
        The journal from there to the end.
    before : ndarray of TICK_DTYPE
        The newest ticks of each instrument before the beginning; empty where a session begins.
    rows : ndarray of TICK_DTYPE
        The ticks to be played.
    starts, applied_ns : ndarray of int64, shape (n_batches,)
        Where each batch begins in `rows`, and when it was applied, on the desk's clock.
    sessions : SessionTable or None
        When the markets were open; None where silence counted as stale.
    clock : MarketClock or None
        How exchange time mapped to the desk's.
    """

    book: Book
    universe: Universe
    rules: DeskRules
    window: PriceWindow
    earlier: tuple[JournalRow, ...]
    later: tuple[JournalRow, ...]
    before: NDArray[np.void]
    rows: NDArray[np.void]
    starts: IntArray
    applied_ns: IntArray
    sessions: SessionTable | None = None
    clock: MarketClock | None = None

    @property
    def begin_ns(self) -> int:
        """When the first batch was applied, on the desk's clock."""
        return int(self.applied_ns[0])

    @property
    def end_ns(self) -> int:
        """When the last batch was applied."""
        return int(self.applied_ns[-1])


class PatientHand:
    """The engine's second hand, which goes round more seldom in a hurry.

    Attributes
    ----------
    is_hurried : bool
        Whether figures that decide nothing may be older.
    """

    def __init__(self, hand: SecondHand) -> None:
        self.is_hurried = False
        self._hand = hand
        self._went_ns = 0

    @property
    def figures(self) -> SlowFigures:
        """The newest."""
        return self._hand.figures

    def use_window(self, window: PriceWindow) -> None:
        """Take price history."""
        self._hand.use_window(window)

    def go(self, measured: Measurement, watch: LimitWatch, instant: Instant, next_roll_ns: int) -> None:
        """Work everything out anew, if it is time."""
        if self.is_hurried and instant.received_time_ns - self._went_ns < HURRIED_LADDER_NS:
            return
        before = self._hand.figures
        self._hand.go(measured, watch, instant, next_roll_ns)
        if self._hand.figures is not before:  # a round may be given to the sampling errors alone
            self._went_ns = instant.received_time_ns


class ReplayEngine(RiskEngine):
    """The desk's engine as it is, but that its second hand can be hurried."""

    def __init__(
        self, book: Book, universe: Universe, rules: DeskRules, journal: Journal, archive: TickArchive
    ) -> None:
        super().__init__(book, universe, rules, journal, archive)
        self.hand = PatientHand(self._second)
        self._second = self.hand  # type: ignore[assignment]  # the same promises


def exact_start(rows: Sequence[JournalRow], wanted_ns: int) -> int:
    """Return the instant nearest after the one wanted at which the journal knows the high-water mark exactly.

    The mark is journalled up to a second after it moved; between two such rows a restart would know an older
    one. Add `SAME_BATCH_NS` to the answer to include the batch whose judgement wrote the row.
    """
    for row in rows:
        if row.kind == "high_water_mark" and row.received_time_ns >= wanted_ns:
            moved = row.received_time_ns - wanted_ns <= MARK_PATIENCE_NS
            return row.received_time_ns if moved else wanted_ns
    return wanted_ns


def window_at(window: PriceWindow, rows: Iterable[JournalRow], universe: Universe, days: int) -> PriceWindow:
    """Return a session's first price history after the day rolls that its rows tell of, as the engine had it.

    Parameters
    ----------
    window : PriceWindow
        What the session began with.
    rows : iterable of JournalRow
        Those of the session up to the instant wanted, oldest first.
    universe : Universe
        The instruments by number.
    days : int
        Returns in a window, at most.
    """
    for row in rows:
        marks = row.body.get("marks")
        if row.kind == "day_roll" and isinstance(marks, dict) and window.n_scenarios:
            closes = np.array([float(marks.get(code, np.nan)) for code in universe.codes])
            window = window.after_day(int(str(row.body["day"])), closes, days)
    return window


def engine_of(recipe: ReplayRecipe, now_ns: int) -> ReplayEngine:
    """Return the engine as it stood when the recipe begins."""
    # What the archive holds was believed then: nothing is held back a second time.
    rules = replace(recipe.rules, limits=_limits_of(recipe), print_rule=None)
    journal = MemoryJournal(recipe.earlier, source="replay")
    engine = ReplayEngine(recipe.book, recipe.universe, rules, journal, NoArchive())
    engine.restore(now_ns)
    if recipe.clock is not None:
        engine.follow_clock(recipe.clock)
    if recipe.sessions is not None:
        engine.use_sessions(recipe.sessions)
    before = _seed(recipe, rules.day_roll)
    if len(before):
        # Before the history: a close that a price then replaces would be a move that never was.
        engine.apply(TickBatch(before), now_ns)
    engine.use_window(recipe.window)
    engine.note_history(1, 1)
    return engine


def _limits_of(recipe: ReplayRecipe) -> tuple[Limit, ...]:
    """Return what the limits file said at the last start before the beginning."""
    for row in reversed(recipe.earlier):
        if row.kind in {LIMITS_TAKEN, LIMITS_FILE}:
            return limits_from(row.body)
    return recipe.rules.limits


def _seed(recipe: ReplayRecipe, day_roll: DayRoll) -> NDArray[np.void]:
    """Return the newest ticks so ordered that no mark moves after its first: nothing of it is a course.

    A quote that has lapsed beside a trade says nothing any more; one that has not goes first, and the trade
    after it leaves the mark alone. All belong to the day of the newest, so that no old one begins its day.
    """
    before = recipe.before
    if not len(before):
        return before
    newest_ns = int(before["exchange_time_ns"].max())
    fresh_ns = int(recipe.rules.method.quote_fresh_s * NS_PER_S)
    parts = []
    for number in np.unique(before["instrument"]):
        mine = before[before["instrument"] == number]
        quote, trade = mine[mine["kind"] == QUOTE][-1:], mine[mine["kind"] == TRADE][-1:]
        heard_ns = mine["received_time_ns"].max()
        if len(trade) and len(quote):
            has_lapsed = recipe.begin_ns - int(quote["received_time_ns"][0]) > fresh_ns
            parts += [trade] if has_lapsed else [quote, trade, quote]
        else:
            parts.append(mine[-1:])
        parts[-1] = parts[-1].copy()
        parts[-1]["received_time_ns"] = heard_ns
    seed = np.concatenate(parts)
    day_ns = day_roll.next_after(newest_ns)
    for place, exchange_ns in enumerate(seed["exchange_time_ns"].tolist()):
        if day_roll.next_after(exchange_ns) != day_ns:
            seed["exchange_time_ns"][place] = newest_ns
    return seed
