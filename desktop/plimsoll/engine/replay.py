"""A stretch of a desk's past played again by the same engine: its ticks, book, limits and decisions.

The engine is restored from the journal's rows of before, as a restart would have restored it, then given the
newest price of each instrument, and from there on every batch as it was taken, at the time it was taken.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.book import Book
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.desk_request import (
    BookEventAsked,
    DeskRequest,
    LimitChangeAsked,
    LimitChangeConfirmed,
    LimitChangeWithdrawn,
)
from plimsoll.domain.feed_status import MarketClock
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.domain.limit import Limit
from plimsoll.domain.limit_change import ChangeState
from plimsoll.domain.proposal_standing import ProposalStanding
from plimsoll.domain.session import SessionTable
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.tick import QUOTE, TRADE, TickBatch, TickCounts
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.book_entry import BOOK_EVENT, entry_from
from plimsoll.engine.day_roll import DayRoll
from plimsoll.engine.desk_rules import DeskRules
from plimsoll.engine.events import Event, ProposalChanged
from plimsoll.engine.instant import Instant
from plimsoll.engine.limit_keeper import LIMITS_FILE
from plimsoll.engine.limit_record import change_from, limits_from
from plimsoll.engine.limit_register import LIMIT_CHANGE, LIMITS_TAKEN
from plimsoll.engine.limit_watch import LimitWatch
from plimsoll.engine.measurement import Measurement
from plimsoll.engine.memory_journal import MemoryJournal, NoArchive
from plimsoll.engine.ports import Journal, JournalRow, TickArchive
from plimsoll.engine.proposal_past import ProposalPast
from plimsoll.engine.risk_engine import RiskEngine
from plimsoll.engine.scenario_window import PriceWindow
from plimsoll.engine.second_hand import SecondHand, SlowFigures
from plimsoll.engine.universe import Universe

IntArray = NDArray[np.int64]

BEAT_NS = NS_PER_S // 4
HURRIED_BEAT_NS = NS_PER_S
JOINED_NS = NS_PER_S // 2
"""The longest that batches are joined over in a hurry; shorter than `CLOSE_NS`, so across no step."""
MARK_PATIENCE_NS = 2 * NS_PER_S
"""The high-water mark is journalled at most this long after it moved."""
SAME_BATCH_NS = 2_000_000
"""A batch is noted by the archive this long after the time its rows carry, at most."""
HURRIED_LADDER_NS = 20 * NS_PER_S
"""How often what breaks first is worked out anew in a hurry: it costs more than everything else together."""
CLOSE_NS = NS_PER_S * 6 // 10
"""Batches so close to a journalled step of a breach are never joined, in no hurry."""
_STEPS = frozenset({"breach_raised", "breach_changed"})
_PROPOSALS = frozenset({"proposal", "proposal_decision"})
_REPLAYED = frozenset({BOOK_EVENT, "decision", LIMIT_CHANGE}) | _PROPOSALS


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


class Replay:
    """The engine of then, led through a recipe by `advance`; it writes nothing to any disk.

    In a hurry the batches of half a second are joined, but for those near a journalled step of a breach:
    every tick still enters the path of the equity, and the breaches are the same.

    Attributes
    ----------
    recipe : ReplayRecipe
        What is played.
    now_ns : int
        How far it has come, on the desk's clock of then.
    """

    def __init__(self, recipe: ReplayRecipe) -> None:
        self.recipe = recipe
        self._wanted = [row for row in recipe.later if row.kind in _REPLAYED]
        self._next_batch = self._next_row = 0
        self._trades = self._books = TickCounts()
        self._past = ProposalPast()
        for row in recipe.earlier:
            self._past.take(row)
        steps = [row.received_time_ns for row in recipe.later if row.kind in _STEPS]
        self._step_ns = np.array(steps, dtype=np.int64)
        self.now_ns = recipe.begin_ns - 1
        self._beats_ns = _beats(recipe, self._step_ns, BEAT_NS)
        self._next_beat = 0
        self._engine = _engine_of(recipe, self.now_ns)

    @property
    def is_hurried(self) -> bool:
        """Whether batches are joined, and what decides nothing is worked out more seldom."""
        return self._engine.hand.is_hurried

    @is_hurried.setter
    def is_hurried(self, is_hurried: bool) -> None:
        self._engine.hand.is_hurried = is_hurried
        self._beats_ns = _beats(self.recipe, self._step_ns, HURRIED_BEAT_NS if is_hurried else BEAT_NS)
        self._next_beat = int(np.searchsorted(self._beats_ns, self.now_ns, side="right"))

    @property
    def exchange_ns(self) -> int:
        """The exchange time of the newest tick played; before the first, of the first."""
        place = max(self._next_batch - 1, 0)
        return int(self.recipe.rows["exchange_time_ns"][self.recipe.starts[place]])

    @property
    def is_over(self) -> bool:
        """Whether everything has been played."""
        return self._next_batch >= len(self.recipe.starts)

    def advance(self, to_ns: int) -> list[Event]:
        """Play on up to a time of the desk's clock, and return what was told on the way, oldest first."""
        events: list[Event] = []
        while True:
            batch_ns = self._batch_ns()
            row_ns = self._row_ns()
            beat_ns = self._beat_ns()
            next_ns = min(batch_ns, row_ns, beat_ns)
            if next_ns > to_ns or next_ns == _NEVER:
                self.now_ns = max(self.now_ns, min(to_ns, self.recipe.end_ns))
                return events
            self.now_ns = next_ns
            if next_ns == batch_ns:
                events += self._apply(min(row_ns, beat_ns, to_ns + 1, self.now_ns + JOINED_NS))
            elif next_ns == row_ns:
                events += self._repeat(self._wanted[self._next_row])
                self._next_row += 1
            else:
                events += self._engine.beat(next_ns)
                self._next_beat += 1

    def snapshot(self) -> RiskSnapshot:
        """Return every figure of this instant."""
        return self._engine.snapshot(self.now_ns)

    def begin(self) -> list[Event]:
        """Return what stood already when the recipe begins, and no snapshot tells: the proposals."""
        newest = {standing.proposal.breach_id: standing for standing in self._past.standings}
        return [event for standing in newest.values() for event in self._told(standing)]

    @staticmethod
    def _told(standing: ProposalStanding | None) -> list[Event]:
        return [] if standing is None else [ProposalChanged(standing)]

    def _batch_ns(self) -> int:
        return int(self.recipe.applied_ns[self._next_batch]) if not self.is_over else _NEVER

    def _row_ns(self) -> int:
        return self._wanted[self._next_row].received_time_ns if self._next_row < len(self._wanted) else _NEVER

    def _beat_ns(self) -> int:
        return int(self._beats_ns[self._next_beat]) if self._next_beat < len(self._beats_ns) else _NEVER

    def _apply(self, before_ns: int) -> list[Event]:
        """Apply the next batch, or in a hurry all that come before a time, as one."""
        recipe, first = self.recipe, self._next_batch
        self._next_batch += 1
        if self.is_hurried and not self._is_close(self.now_ns):
            last = int(np.searchsorted(recipe.applied_ns, before_ns))
            if last > first + 1 and not self._is_close(int(recipe.applied_ns[last - 1])):
                self._next_batch = last
        self.now_ns = int(recipe.applied_ns[self._next_batch - 1])
        starts, after = recipe.starts, self._next_batch
        end = starts[after] if after < len(starts) else len(recipe.rows)
        rows = recipe.rows[starts[first] : end]
        n_trades = int(np.count_nonzero(rows["kind"] == TRADE))
        self._trades += TickCounts(received=n_trades, applied=n_trades)
        self._books += TickCounts(received=len(rows) - n_trades, applied=len(rows) - n_trades)
        return self._engine.apply(TickBatch(rows, self._trades, self._books), self.now_ns)

    def _is_close(self, now_ns: int) -> bool:
        """Tell whether a step of a breach was journalled near an instant."""
        place = int(np.searchsorted(self._step_ns, now_ns - CLOSE_NS))
        return place < len(self._step_ns) and bool(self._step_ns[place] <= now_ns + CLOSE_NS)

    def _repeat(self, row: JournalRow) -> list[Event]:
        """Let the engine hear again what a person asked for then."""
        if row.kind in _PROPOSALS:
            return self._told(self._past.take(row))
        if row.kind == "decision":
            return self._engine.decide(_decision_from(row), row.received_time_ns)
        request = _request_from(row)
        return self._engine.ask(request, row.received_time_ns) if request is not None else []


_NEVER = 1 << 62


def _beats(recipe: ReplayRecipe, step_ns: IntArray, period_ns: int) -> IntArray:
    """Return when time alone is looked at: steadily, but near a journalled step of a breach as it was then.

    When the desk beat is not kept. A step of a breach that no batch brought came with a beat; any other beat
    near it might bring it too early.
    """
    grid = np.arange(recipe.begin_ns + period_ns, recipe.end_ns + 1, period_ns, dtype=np.int64)
    if not len(step_ns):
        return grid
    gap = np.searchsorted(step_ns, grid - CLOSE_NS)
    is_free = (gap == len(step_ns)) | (step_ns[np.minimum(gap, len(step_ns) - 1)] > grid + CLOSE_NS)
    batch = np.minimum(np.searchsorted(recipe.applied_ns, step_ns), len(recipe.applied_ns) - 1)
    of_batch = (recipe.applied_ns[batch] >= step_ns) & (recipe.applied_ns[batch] - step_ns <= SAME_BATCH_NS)
    is_within = (step_ns >= recipe.begin_ns) & (step_ns <= recipe.end_ns)
    return np.union1d(grid[is_free], step_ns[~of_batch & is_within])


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


def _engine_of(recipe: ReplayRecipe, now_ns: int) -> ReplayEngine:
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


def _decision_from(row: JournalRow) -> Decision:
    body = row.body
    until_value = body.get("until_value")
    cause, resolution = body.get("cause"), body.get("resolution")
    return Decision(
        str(body["decision_id"]),
        DecisionKind(str(body["kind"])),
        str(body["breach_id"]),
        row.person,
        str(body.get("reason", "")),
        int(str(body.get("until_ns", 0))),
        float("inf") if until_value is None else float(str(until_value)),
        int(str(body.get("decided_ns", 0))),
        cause=IncidentCause(str(cause)) if cause else None,
        resolution=Resolution(str(resolution)) if resolution else None,
        comment=str(body.get("comment", "")),
    )


def _request_from(row: JournalRow) -> DeskRequest | None:
    """Return what was asked for then; None for what time brought by itself."""
    if row.kind == BOOK_EVENT:
        return BookEventAsked(entry_from(row.body).event)
    change = change_from(row.body)
    match change.state:
        case ChangeState.CONFIRMED:
            return LimitChangeConfirmed(change.change_id, change.second_person)
        case ChangeState.CANCELLED:
            return LimitChangeWithdrawn(change.change_id, change.second_person, change.second_reason)
        case _ if change.decided_ns != change.proposed_ns:
            return None  # a loosening whose time had come
        case _:
            return LimitChangeAsked(
                change.change_id, change.limit_id, change.after, change.person, change.reason
            )
