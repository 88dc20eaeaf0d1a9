"""Compares measures with their lines and leads each breach through its life, journalled first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plimsoll.domain.breach import Breach, BreachState, BreachStep, Evidence
from plimsoll.domain.decision import Decision
from plimsoll.domain.limit import Limit, ScopeKind
from plimsoll.domain.person import People
from plimsoll.domain.rule_standing import RuleStanding
from plimsoll.domain.snapshot import LimitStatus
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.breach_life import BreachLife, Watched
from plimsoll.engine.confirmation import Confirmation
from plimsoll.engine.decision_rule import refuse_unsigned
from plimsoll.engine.escalation import EscalationPlan
from plimsoll.engine.events import Event
from plimsoll.engine.gauge_board import GaugeBoard
from plimsoll.engine.instant import Instant
from plimsoll.engine.limit_reading import BoardReading, LimitReading
from plimsoll.engine.line_board import Key, LineBoard
from plimsoll.engine.measurement import Groups, Measurement
from plimsoll.engine.ports import Journal
from plimsoll.engine.rule_record import RuleRecord

__all__ = ["EASE_AFTER_NS", "EvidenceMaker", "Instant", "Key", "LimitWatch", "Tell"]

EASE_AFTER_NS = 5 * NS_PER_S
"""How long a measure stays below its reset level before the breach counts as eased."""

LIMIT_REMOVED = "the limit is no longer in force: it was removed, or its time is over"
MEMBER_GONE = "the limit no longer covers it: nothing is held there"

Tell = Callable[[Event], None]
"""Told each event as soon as it is in the journal, so that one failing row hides none before it."""


class EvidenceMaker(Protocol):
    """Makes what is frozen with a breach."""

    def for_breach(self, limit: Limit, member: str) -> Evidence:
        """Return what is known now about a limit's member."""


class LimitWatch:
    """All limits of a book, and their breaches.

    While a temporary limit stands in for an official one, the official one's open breaches are superseded:
    kept and shown, neither judged nor counted nor escalated; the temporary one raises its own. When it ends,
    they resume as the same breaches and ask anew, unless the measure holds below the reset level: they ease.

    Attributes
    ----------
    limits : tuple of Limit
        In the file's order.
    readings : sequence of LimitReading
        As of the last `read`; empty before the first.
    """

    def __init__(
        self,
        limits: tuple[Limit, ...],
        groups: dict[ScopeKind, Groups],
        journal: Journal,
        people: People,
        plan: EscalationPlan | None = None,
    ) -> None:
        self.readings: Sequence[LimitReading] = ()
        self._groups = groups
        self._people = people
        self._life = BreachLife(journal)
        self._plan = plan or EscalationPlan()
        self._rules = RuleRecord(limits)
        self._board = LineBoard(())
        self._statuses: tuple[LimitStatus, ...] | None = ()
        self._confirmation: Confirmation | None = None
        self.take_limits(limits)

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """Those not closed, newest first."""
        return self._life.breaches

    @property
    def unfiled(self) -> tuple[Breach, ...]:
        """Closed breaches whose incident still lacks a cause and a resolution, newest first."""
        return self._life.unfiled

    @property
    def statuses(self) -> tuple[LimitStatus, ...]:
        """Where each limit stands as of the last `read`; none before the first."""
        if self._statuses is None:
            self._statuses = self._board.statuses() if self.readings else ()
        return self._statuses

    def values(self, kind: ScopeKind) -> Iterator[tuple[Limit, NDArray[np.float64]]]:
        """Yield each limit on a kind of scope and its values, shape (n_members,); none before a read."""
        if isinstance(self.readings, BoardReading):
            yield from self.readings.values(kind)

    def rules(self, now_ns: int) -> tuple[RuleStanding, ...]:
        """Return when each limit was last evaluated and last fired."""
        return self._rules.standings(now_ns)

    def take_limits(self, limits: tuple[Limit, ...]) -> None:
        """Watch these from now on; breaches of those that are gone are closed by the next `judge`."""
        self.limits = limits
        self.readings = ()
        self._statuses = None
        self._gauges = GaugeBoard(limits, self._groups)
        self._board = LineBoard(limits)
        self._rules.take_limits(limits)
        self._confirmation = None
        self._may_have_orphans = True

    def restore(self, kind: str, body: Mapping[str, object]) -> None:
        """Take one journal row of an earlier session, by the path that wrote it."""
        self._may_have_orphans = True
        raised = self._life.restore(kind, body)
        if raised is not None:
            self._rules.note_fired(raised.limit.limit_id, raised.raised_received_ns)

    def read(self, measured: Measurement) -> None:
        """Measure every limit; nothing is written, so this holds even while the journal is down."""
        reading = self._gauges.read(measured)
        self.readings = reading
        self._statuses = None
        if self._board.take(reading) or self._confirmation is None:
            self._confirmation = Confirmation(self.limits, self._board.limit_of)
            self._may_have_orphans = True

    def judge(self, instant: Instant, evidence: EvidenceMaker, tell: Tell, *, has_ticks: bool) -> None:
        """Compare what was read with the lines and tell what happened, each journalled first.

        Raises
        ------
        JournalUnavailable
            If a row could not be written; what was told before stands, the rest has not happened.
        """
        if self._may_have_orphans:
            self._close_orphans(instant, tell)
        board, now_ns = self._board, instant.received_time_ns
        beyond = board.beyond(board.worst)
        believed = beyond
        if self._confirmation is not None:
            is_beyond = board.beyond(board.value)
            believed = self._confirmation.confirmed(board.value, board.worst, is_beyond, beyond, now_ns)
        self._rules.note_evaluated(board.is_known(), now_ns)
        for place in np.flatnonzero(believed).tolist():
            self._over(place, instant, evidence, tell)
        if self._life.watched:
            self._follow_open(instant, tell, beyond, has_ticks=has_ticks)

    def day_rolled(self, instant: Instant, tell: Tell) -> None:
        """End every override: it lasts one session at most.

        Raises
        ------
        JournalUnavailable
            As `judge`.
        """
        for watched in list(self._life.watched.values()):
            if watched.breach.state is BreachState.OVERRIDDEN:
                tell(self._life.step(watched, BreachStep.EXPIRE, instant))

    def decide(self, decision: Decision, instant: Instant) -> list[Event]:
        """Carry out a person's decision, or refuse it with the reason.

        Raises
        ------
        DecisionRefused
            If it may not stand; nothing has happened then.
        """
        refuse_unsigned(decision, self._people)
        return [self._life.decide(decision, instant)]

    def _over(self, place: int, instant: Instant, evidence: EvidenceMaker, tell: Tell) -> None:
        """Take a believed crossing: a new breach, or a worse one."""
        value = float(self._board.worst[place])
        key = self._board.key_at(place)
        watched = self._life.watched.get(key)
        if watched is None:
            tell(self._raise(place, value, instant, evidence))
            return
        breach = watched.breach
        if breach.limit.is_worse(value, breach.worst_value):
            self._life.note_worse(watched, value)
        if breach.state is BreachState.EASED:
            tell(self._life.step(watched, BreachStep.WORSEN, instant))
        elif breach.state is BreachState.OVERRIDDEN and _outruns(value, breach):
            tell(self._life.step(watched, BreachStep.EXPIRE, instant))
            tell(self._raise(place, value, instant, evidence))

    def _raise(self, place: int, value: float, instant: Instant, evidence: EvidenceMaker) -> Event:
        limit = self.limits[int(self._board.limit_of[place])]
        _, member = self._board.key_at(place)
        event = self._life.raise_breach(limit, member, value, instant, evidence.for_breach(limit, member))
        self._rules.note_fired(limit.limit_id, instant.received_time_ns)
        return event

    def _close_orphans(self, instant: Instant, tell: Tell) -> None:
        """Close what no limit watches any more: nothing would ever ease it."""
        limit_ids = {limit.limit_id for limit in self.limits}
        stand_ins = {limit.stands_in_for: limit for limit in self.limits if limit.stands_in_for}
        for key, watched in list(self._life.watched.items()):
            if key in self._board.places:
                continue
            stand_in = stand_ins.get(key[0])
            if stand_in is None or key[0] in limit_ids:
                reason = MEMBER_GONE if key[0] in limit_ids else LIMIT_REMOVED
                tell(self._life.withdraw(watched, reason, instant))
            elif watched.breach.is_open:
                tell(self._life.supersede(watched, superseded_by(stand_in), instant))
        self._may_have_orphans = False

    def _follow_open(
        self, instant: Instant, tell: Tell, beyond: NDArray[np.bool_], *, has_ticks: bool
    ) -> None:
        """Ease, close, wake, expire and escalate what is due."""
        now_ns = instant.received_time_ns
        below = self._board.below()
        for key, watched in list(self._life.watched.items()):
            place = self._board.places.get(key)
            if place is None:  # superseded, or eased before: it waits for the temporary limit to end
                continue
            if watched.breach.state is BreachState.SUPERSEDED and not below[place]:
                tell(self._life.step(watched, BreachStep.RESUME, instant))
            if watched.breach.state is BreachState.EASED and not watched.eased_ns:
                watched.eased_ns = now_ns  # restored: the cool-down is served again from here
            if beyond[place]:
                watched.below_since_ns = 0  # a tick in between was over the line, believed or not
            if not below[place]:
                watched.below_since_ns = 0
            elif has_ticks and not watched.below_since_ns:
                watched.below_since_ns = now_ns
            if watched.below_since_ns or now_ns >= watched.looked_after_ns:
                self._take_due_steps(watched, instant, tell)

    def _take_due_steps(self, watched: Watched, instant: Instant, tell: Tell) -> None:
        step = _step_due(watched, instant.received_time_ns)
        while step is not None:
            tell(self._life.step(watched, step, instant))
            step = _step_due(watched, instant.received_time_ns)
        level = self._plan.level_due(watched.breach, instant.received_time_ns)
        if level > watched.breach.escalation:
            tell(self._life.escalate(watched, level, instant))
        watched.looked_after_ns = self._plan.next_due_ns(watched.breach)


def superseded_by(stand_in: Limit) -> str:
    """Return why a breach of an official limit is laid aside."""
    return f"the temporary limit {stand_in.name!r} stands in for it until {stand_in.effective_until}"


def _outruns(value: float, breach: Breach) -> bool:
    """Tell whether a value is worse than the level that ends an override; an endless one never ends so."""
    return breach.until_value != float("inf") and breach.limit.is_worse(value, breach.until_value)


def _step_due(watched: Watched, now_ns: int) -> BreachStep | None:
    """Return the step that time brings now."""
    breach = watched.breach
    has_run_out = 0 < breach.until_ns <= now_ns
    if has_run_out and breach.state is BreachState.SNOOZED:
        return BreachStep.WAKE
    if has_run_out and breach.state is BreachState.OVERRIDDEN:
        return BreachStep.EXPIRE
    if not watched.below_since_ns or breach.state is BreachState.CLOSED:
        return None
    if breach.state is not BreachState.EASED:
        return BreachStep.EASE if now_ns - watched.below_since_ns >= EASE_AFTER_NS else None
    # The cool-down is served in the eased state: over its line again, the same breach worsens at once.
    has_cooled = now_ns - watched.eased_ns >= breach.limit.cool_down_s * NS_PER_S
    return BreachStep.CLOSE if has_cooled else None
