"""A stretch of a desk's past played again by the same engine: its ticks, book, limits and decisions.

The engine is restored from the journal's rows of before, as a restart would have restored it, then given the
newest price of each instrument, and from there on every batch as it was taken, at the time it was taken.
"""

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.desk_request import (
    BookEventAsked,
    DeskRequest,
    LimitChangeAsked,
    LimitChangeConfirmed,
    LimitChangeWithdrawn,
)
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.domain.limit_change import ChangeState
from plimsoll.domain.proposal_standing import ProposalStanding
from plimsoll.domain.snapshot import RiskSnapshot
from plimsoll.domain.tick import TRADE, TickBatch, TickCounts
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.book_entry import BOOK_EVENT, entry_from
from plimsoll.engine.events import Event, ProposalChanged
from plimsoll.engine.limit_record import change_from
from plimsoll.engine.limit_register import LIMIT_CHANGE
from plimsoll.engine.ports import JournalRow
from plimsoll.engine.proposal_past import ProposalPast
from plimsoll.engine.replay_engine import SAME_BATCH_NS, ReplayRecipe, engine_of

IntArray = NDArray[np.int64]

BEAT_NS = NS_PER_S // 4
HURRIED_BEAT_NS = NS_PER_S
JOINED_NS = NS_PER_S // 2
"""The longest that batches are joined over in a hurry; shorter than `CLOSE_NS`, so across no step."""
CLOSE_NS = NS_PER_S * 6 // 10
"""Batches so close to a journalled step of a breach are never joined, in no hurry."""
_STEPS = frozenset({"breach_raised", "breach_changed"})
_PROPOSALS = frozenset({"proposal", "proposal_decision"})
_REPLAYED = frozenset({BOOK_EVENT, "decision", LIMIT_CHANGE}) | _PROPOSALS


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
        self._engine = engine_of(recipe, self.now_ns)

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
