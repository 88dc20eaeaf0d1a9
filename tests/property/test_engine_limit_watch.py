"""A breach under any sequence of events stays in legal states, is written before told, and is told once."""

import json
import math
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from fakes.memory_journal import MemoryJournal
from plimsoll.domain.breach import TRANSITIONS, Breach, BreachState, Evidence
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.errors import DecisionRefused
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.domain.limit import Limit, LimitState, Measure, Scope, ScopeKind, Severity
from plimsoll.domain.person import People, Person, Right
from plimsoll.domain.snapshot import Coverage, PositionState
from plimsoll.engine.decision_rule import RIGHT_FOR
from plimsoll.engine.events import BreachChanged, BreachRaised, Event
from plimsoll.engine.limit_watch import EASE_AFTER_NS, Instant, LimitWatch
from plimsoll.engine.measurement import Groups, Measurement
from plimsoll.engine.ports import JournalUnavailable

S = 1_000_000_000
NAN = float("nan")
LINE = 1_000.0
CODES = ("A", "B")
LIMITS = (
    Limit("book", "Expected shortfall", Measure.ES, LINE, Severity.HIGH, cool_down_s=20.0),
    Limit(
        "each",
        "Position size",
        Measure.POSITION_SIZE,
        LINE,
        Severity.MEDIUM,
        Scope(ScopeKind.INSTRUMENT),
        cool_down_s=20.0,
    ),
    Limit(
        "slow",
        "Expected shortfall, twice",
        Measure.ES,
        LINE,
        Severity.CRITICAL,
        cool_down_s=20.0,
        confirm_updates=2,
        confirm_of=3,
    ),
)
GROUPS = {
    ScopeKind.INSTRUMENT: Groups(
        CODES, np.arange(2, dtype=np.int64), np.arange(2, dtype=np.int64), np.ones(2)
    )
}
PEOPLE = People((Person("M. Kurz"), Person("Ben", frozenset({Right.ACKNOWLEDGE}))))
KEYS = (("book", ""), ("each", "A"), ("each", "B"), ("slow", ""))
WAKES = {BreachState.SNOOZED, BreachState.EASED}
LEGAL = {(state, after) for (state, _), after in TRANSITIONS.items()}


class NoEvidence:
    def for_breach(self, limit: Limit, member: str) -> Evidence:
        return Evidence(nav_base=1e6)


def measured(es: float, sizes: tuple[float, float], *, is_fresh: bool) -> Measurement:
    value = np.array(sizes)
    state = np.full(2, PositionState.PRICED if is_fresh else PositionState.STALE, dtype=np.uint8)
    state[~np.isfinite(value)] = PositionState.UNPRICEABLE
    fresh = 1.0 if is_fresh else 0.0
    return Measurement(
        nav=1e6,
        day_pnl=NAN,
        day_pnl_fx=NAN,
        day_nav=NAN,
        batch_low_nav=1e6,
        var=NAN,
        es=es,
        drawdown=0.0,
        batch_drawdown=0.0,
        value=value,
        unrealised=np.zeros(2),
        worst_unrealised=np.zeros(2),
        state=state,
        coverage=Coverage(1.0, fresh, 1.0, 0.0, 2, 0, 0, 0),
    )


@dataclass
class Desk:
    """A limit watch with a clock, remembering what it was told."""

    journal: MemoryJournal = field(default_factory=MemoryJournal)
    now_ns: int = 1_000 * S
    told: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = LimitWatch(LIMITS, GROUPS, self.journal, PEOPLE)
        for row in self.journal.rows():
            self.watch.restore(row.kind, row.body)

    @property
    def instant(self) -> Instant:
        return Instant(self.now_ns, self.now_ns)

    def see(
        self, es: float, *, a: float = 0.0, b: float = 0.0, fresh: bool = True, has_ticks: bool = True
    ) -> list[Event]:
        events: list[Event] = []
        self.watch.read(measured(es, (a, b), is_fresh=fresh))
        try:
            self.watch.judge(self.instant, NoEvidence(), events.append, has_ticks=has_ticks)
        finally:
            self.told += events
        return events

    def decide(self, kind: DecisionKind, **changed: object) -> list[Event]:
        facts: dict[str, object] = {
            "decision_id": f"D-{self.journal.n_rows}",
            "kind": kind,
            "breach_id": self.watch.breaches[-1].breach_id,
            "person": "M. Kurz",
            "reason": "hedge executes within the hour",
        }
        decision = Decision(**{**facts, **changed})  # type: ignore[arg-type]  keyed by field name
        events = self.watch.decide(decision, self.instant)
        self.told += events
        return events

    def of(self, key: tuple[str, str]) -> Breach | None:
        found = [b for b in self.watch.breaches if (b.limit.limit_id, b.member) == key]
        assert len(found) <= 1
        return found[0] if found else None


LEVELS = st.sampled_from((NAN, -50.0, 0.0, 940.0, 960.0, 1_000.0, 1_000.1, 1_200.0, 5_000.0))


class BreachLife(RuleBasedStateMachine):
    """Everything that can happen to breaches, in any order, with a journal that may fail at any row."""

    @initialize()
    def begin(self) -> None:
        self.desk = Desk()
        self.before: dict[str, BreachState] = {}
        self.decided: set[str] = set()
        self.n_told = 0
        self.values: tuple[float, float, float] = (NAN, NAN, NAN)
        self.is_fresh = True
        self.was_known_low_since: dict[tuple[str, str], int] = {}
        self._forget_updates()

    def _forget_updates(self) -> None:
        self.updates: list[bool] = []
        self.last_es, self.updated_ns = NAN, 0

    def _note_update(self, es: float) -> bool:
        """Follow the limit that wants two of three updates; return whether it is believed to be broken."""
        if math.isnan(es):
            return False
        if es != self.last_es or self.desk.now_ns - self.updated_ns >= S:
            self.updates = [*self.updates[-2:], es > LINE]
            self.last_es, self.updated_ns = es, self.desk.now_ns
        return es > LINE and sum(self.updates) >= 2

    def _see(self, values: tuple[float, float, float], *, is_fresh: bool, has_ticks: bool) -> None:
        self.values, self.is_fresh = values, is_fresh
        es, a, b = values
        for key, value in zip(KEYS, (*values, es), strict=True):
            is_low = is_fresh and value / LINE < 0.95
            if not is_low:
                self.was_known_low_since.pop(key, None)
            elif has_ticks:
                self.was_known_low_since.setdefault(key, self.desk.now_ns)
        old = {breach.breach_id: breach for breach in self.desk.watch.breaches}
        is_believed = self._note_update(es)
        was_slow_open = self._is_open("slow")
        events = self.desk.see(es, a=a, b=b, fresh=is_fresh, has_ticks=has_ticks)
        assert not is_believed or self._is_open("slow")
        assert is_believed or was_slow_open or not self._is_open("slow"), "an unconfirmed crossing fired"
        now = dict(zip(KEYS, (*values, es), strict=True))
        for event in events:
            if isinstance(event, BreachChanged) and event.breach.state == BreachState.EASED:
                key = (event.breach.limit.limit_id, event.breach.member)
                since = self.was_known_low_since.get(key)
                # Only fresh prices, below the reset level for five seconds, ease a breach.
                assert since is not None
                assert self.desk.now_ns - since >= EASE_AFTER_NS
            if isinstance(event, BreachChanged) and event.breach.state is BreachState.CLOSED:
                was = old[event.breach.breach_id].state
                assert was in {BreachState.EASED, BreachState.OVERRIDDEN}
                if was is BreachState.EASED:
                    value = now[(event.breach.limit.limit_id, event.breach.member)]
                    assert value <= LINE, "a breach was closed while its measure was over or unknown"
            if isinstance(event, BreachChanged) and event.breach.state is BreachState.ESCALATED:
                was_so = old.get(event.breach.breach_id)
                assert was_so is None or was_so.is_unanswered or was_so.state in WAKES
                assert event.breach.escalation > 0

    def _is_open(self, limit_id: str) -> bool:
        breach = self.desk.of((limit_id, ""))
        return breach is not None and breach.is_open

    @rule(es=LEVELS, a=LEVELS, b=LEVELS, is_fresh=st.booleans(), has_ticks=st.booleans())
    def see(self, es: float, a: float, b: float, is_fresh: bool, has_ticks: bool) -> None:
        self._see((es, a, b), is_fresh=is_fresh, has_ticks=has_ticks)

    @rule(seconds=st.sampled_from((0.1, 1.0, 5.0, 20.0, 61.0, 301.0, 2_000.0)))
    def wait(self, seconds: float) -> None:
        self.desk.now_ns += int(seconds * S)
        self._see(self.values, is_fresh=self.is_fresh, has_ticks=True)

    @rule(
        es=LEVELS,
        a=LEVELS,
        fail_at=st.integers(0, 2),
        seconds=st.sampled_from((0.0, 6.0, 21.0)),
        rolls=st.booleans(),
    )
    def see_while_the_journal_fails(
        self, es: float, a: float, fail_at: int, seconds: float, rolls: bool
    ) -> None:
        self.desk.now_ns += int(seconds * S)
        n_left = [fail_at]

        def fails(_kind: str) -> bool:
            n_left[0] -= 1
            return n_left[0] < 0

        self.desk.journal.fails = fails
        n_rows, n_told = self.desk.journal.n_rows, len(self.desk.told)
        self.was_known_low_since.clear()
        self._note_update(es)
        try:
            if rolls:
                self.desk.watch.day_rolled(self.desk.instant, self.desk.told.append)
            self.desk.see(es, a=a, b=0.0)
        except JournalUnavailable:
            pass
        finally:
            self.desk.journal.fails = lambda _kind: False
        # As many told as written: nothing half done.
        assert len(self.desk.told) - n_told == self.desk.journal.n_rows - n_rows
        self.values = (NAN, NAN, NAN)
        self.desk.see(NAN, a=NAN, b=NAN)  # no timer survives what the model does not follow

    @precondition(lambda self: self.desk.watch.breaches or self.desk.watch.unfiled)
    @rule(
        kind=st.sampled_from(DecisionKind),
        place=st.integers(0, 5),
        reason=st.sampled_from(("", "too short", "hedge executes within the hour")),
        lasts_s=st.sampled_from((-5.0, 0.0, 3.0, 600.0)),
        level=st.sampled_from((500.0, 2_000.0, math.inf)),
        decision_id=st.sampled_from(("D-1", "D-2", "D-3", "D-4", "D-5", "D-6")),
        person=st.sampled_from(("", "M. Kurz", "M. Kurz", "Ben", "a stranger")),
        cause=st.sampled_from((None, *IncidentCause)),
        fails=st.sampled_from(("", "", "", "decision", "breach_changed")),
    )
    def decide(
        self,
        kind: DecisionKind,
        place: int,
        reason: str,
        lasts_s: float,
        level: float,
        decision_id: str,
        person: str,
        cause: IncidentCause | None,
        fails: str,
    ) -> None:
        desk = self.desk
        choice = (*desk.watch.breaches, *desk.watch.unfiled)
        breach = choice[place % len(choice)]
        until_ns = 0 if lasts_s == 0.0 else desk.now_ns + int(lasts_s * S)
        decision = Decision(
            decision_id,
            kind,
            breach.breach_id,
            person,
            reason,
            until_ns,
            level,
            cause=cause,
            resolution=Resolution.HEDGED,
            comment=reason,
        )
        before = (desk.watch.breaches, desk.watch.unfiled)
        desk.journal.fails = lambda row: row == fails
        try:
            desk.told += desk.watch.decide(decision, desk.instant)
        except (DecisionRefused, JournalUnavailable):
            assert (desk.watch.breaches, desk.watch.unfiled) == before
            return
        finally:
            desk.journal.fails = lambda _row: False
        assert PEOPLE.of(person).may(RIGHT_FOR[kind]), "somebody decided without the right"
        assert decision_id not in self.decided, "a decision was carried out twice"
        self.decided.add(decision_id)
        if kind in {DecisionKind.SNOOZE, DecisionKind.OVERRIDE}:
            assert lasts_s >= 0.0
        if kind is DecisionKind.OVERRIDE:
            assert len(reason) >= 10
            assert level > breach.worst_value
        if kind is DecisionKind.SNOOZE:
            assert lasts_s > 0
        if kind is DecisionKind.CLOSE_INCIDENT:
            assert breach.state in {BreachState.EASED, BreachState.CLOSED}
            assert cause is not None
            assert len(reason) >= 10
            assert breach not in desk.watch.unfiled
        else:
            assert breach.is_open

    @rule()
    def roll_the_day(self) -> None:
        self.desk.watch.day_rolled(self.desk.instant, self.desk.told.append)
        assert all(b.state is not BreachState.OVERRIDDEN for b in self.desk.watch.breaches)

    @rule()
    def restart(self) -> None:
        open_before = {b.breach_id: b.state for b in self.desk.watch.breaches}
        told = self.desk.told
        self.desk = Desk(self.desk.journal, self.desk.now_ns, told)
        assert {b.breach_id: b.state for b in self.desk.watch.breaches} == open_before
        self.was_known_low_since.clear()
        self._forget_updates()

    @invariant()
    def every_step_is_legal_and_written_before_it_is_told(self) -> None:
        rows = [row for row in self.desk.journal.kept if row.kind in {"breach_raised", "breach_changed"}]
        states: dict[str, BreachState] = {}
        for row in rows:
            breach_id, state = str(row.body["breach_id"]), BreachState(str(row.body["state"]))
            if row.kind == "breach_raised":
                assert breach_id not in states
                assert state is BreachState.RAISED
            else:
                assert (states[breach_id], state) in LEGAL
            states[breach_id] = state
        told = [e for e in self.desk.told if isinstance(e, BreachRaised | BreachChanged)]
        assert len(told) == len(rows)
        for event, row in zip(told, rows, strict=True):
            assert event.breach.breach_id == row.body["breach_id"]
            assert event.breach.state == row.body["state"]
            if event.breach.state is BreachState.ESCALATED:
                assert event.breach.escalation == row.body["escalation"]
        standing = {b.breach_id: b.state for b in self.desk.watch.breaches}
        assert standing == {i: s for i, s in states.items() if s is not BreachState.CLOSED}

    @invariant()
    def the_journal_replayed_is_the_desk_that_lives(self) -> None:
        again = LimitWatch(LIMITS, GROUPS, MemoryJournal(), PEOPLE)
        for row in self.desk.journal.rows():
            again.restore(row.kind, row.body)

        def written(breaches: tuple[Breach, ...]) -> list[Breach]:
            # How bad it became since its last step is written with the next one.
            return [replace(breach, worst_value=breach.value) for breach in breaches]

        assert written(again.breaches) == written(self.desk.watch.breaches)
        assert written(again.unfiled) == written(self.desk.watch.unfiled)
        assert all(breach.is_unfiled for breach in again.unfiled)

    @invariant()
    def one_breach_a_line_and_unknown_is_never_fine(self) -> None:
        for key in KEYS:
            self.desk.of(key)
        for status in self.desk.watch.statuses:
            if math.isnan(status.value):
                assert status.state is LimitState.UNKNOWN


BreachLife.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestThatABreachUnderAnySequenceOfEventsStaysInLegalStates = BreachLife.TestCase


def raised_of(desk: Desk) -> Counter[str]:
    """Return how many breaches each limit raised."""
    return Counter(event.breach.limit.limit_id for event in desk.told if isinstance(event, BreachRaised))


def test_that_a_measure_crossing_its_line_a_thousand_times_makes_one_breach() -> None:
    desk = Desk()
    for _ in range(1_000):
        desk.see(LINE + 1)
        desk.now_ns += S // 10
        desk.see(LINE - 1)
        desk.now_ns += S // 10
    assert raised_of(desk) == {"book": 1, "slow": 1}
    changed = [event.breach for event in desk.told if isinstance(event, BreachChanged)]
    assert {breach.state for breach in changed} <= {BreachState.ESCALATED}


@pytest.mark.parametrize("pause_s", [0.5, 6.0, 12.0])
def test_that_slow_swings_worsen_the_same_breach_within_its_cool_down(pause_s: float) -> None:
    desk = Desk()
    for _ in range(20):
        desk.see(LINE + 1)
        desk.now_ns += S
        desk.see(LINE / 2)
        desk.now_ns += int(pause_s * S)
        desk.see(LINE / 2)
    assert raised_of(desk)["book"] == 1


def test_that_each_row_is_json_and_comes_back_as_the_same_breach() -> None:
    desk = Desk()
    desk.see(LINE + 1, a=2 * LINE)
    again = Desk(desk.journal)
    assert again.watch.breaches == desk.watch.breaches
    assert json.dumps([row.body for row in desk.journal.kept], allow_nan=False)
