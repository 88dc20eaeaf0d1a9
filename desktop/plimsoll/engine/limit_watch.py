"""Compares measures with their lines and leads each breach through its life, journalled first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from plimsoll.domain.breach import Breach, BreachState, BreachStep, Evidence, state_after
from plimsoll.domain.decision import SHORTEST_REASON, Decision, DecisionKind
from plimsoll.domain.errors import DecisionRefused, IllegalTransition
from plimsoll.domain.limit import Limit, LimitState, ScopeKind
from plimsoll.domain.snapshot import LimitStatus
from plimsoll.domain.units import NS_PER_S
from plimsoll.engine.breach_record import body_of, breach_from
from plimsoll.engine.events import BreachChanged, BreachRaised, Event
from plimsoll.engine.limit_gauge import LimitGauge, LimitReading
from plimsoll.engine.measurement import Groups, Measurement
from plimsoll.engine.ports import Journal

EASE_AFTER_NS = 5 * NS_PER_S
"""How long a measure stays below its reset level before the breach counts as eased."""

Tell = Callable[[Event], None]
"""Told each event as soon as it is in the journal, so that one failing row hides none before it."""

Key = tuple[str, str]
"""A limit's id and the member of its scope."""


@dataclass(frozen=True, slots=True)
class Instant:
    """Both clocks at the tick or beat being judged."""

    exchange_time_ns: int
    received_time_ns: int


class EvidenceMaker(Protocol):
    """Makes what is frozen with a breach."""

    def for_breach(self, limit: Limit, member: str) -> Evidence:
        """Return what is known now about a limit's member."""


@dataclass(slots=True)
class _Watched:
    """An open breach and how long its measure has been below the reset level."""

    breach: Breach
    below_since_ns: int = 0
    eased_ns: int = 0


class LimitWatch:
    """All limits of a book, and their breaches.

    Attributes
    ----------
    limits : tuple of Limit
        In the file's order.
    statuses : tuple of LimitStatus
    readings : tuple of LimitReading
        As of the last `read`.
    """

    def __init__(self, limits: tuple[Limit, ...], groups: dict[ScopeKind, Groups], journal: Journal) -> None:
        self.limits = limits
        self.statuses: tuple[LimitStatus, ...] = ()
        self.readings: tuple[LimitReading, ...] = ()
        self._gauges = tuple(LimitGauge(limit, groups) for limit in limits)
        self._journal = journal
        self._open: dict[Key, _Watched] = {}
        self._n_raised = 0
        self._decided: set[str] = set()

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """Those not closed, newest first."""
        rows = [watched.breach for watched in self._open.values()]
        return tuple(sorted(rows, key=lambda breach: breach.breach_id, reverse=True))

    def restore(self, kind: str, body: Mapping[str, object]) -> None:
        """Take one journal row of an earlier session, by the path that wrote it."""
        if kind == "decision":
            self._decided.add(str(body.get("decision_id", "")))
            return
        breach = breach_from(body)
        key = (breach.limit.limit_id, breach.member)
        if kind == "breach_raised":
            self._n_raised += 1
        if breach.state is BreachState.CLOSED:
            self._open.pop(key, None)
        else:
            self._open[key] = _Watched(breach)

    def read(self, measured: Measurement) -> None:
        """Measure every limit; nothing is written, so this holds even while the journal is down."""
        self.readings = tuple(gauge.read(measured) for gauge in self._gauges)
        self.statuses = tuple(map(_status, self.limits, self.readings))

    def judge(self, instant: Instant, evidence: EvidenceMaker, tell: Tell, *, has_ticks: bool) -> None:
        """Compare what was read with the lines and tell what happened, each journalled first.

        Raises
        ------
        JournalUnavailable
            If a row could not be written; what was told before stands, the rest has not happened.
        """
        for limit, reading in zip(self.limits, self.readings, strict=True):
            crossed = np.flatnonzero(reading.worst > limit.line)  # NaN is not
            for place in crossed:
                value = float(reading.worst[place])
                self._over(limit, reading.members[place], value, instant, evidence, tell)
        self._follow_open(instant, tell, has_ticks=has_ticks)

    def day_rolled(self, instant: Instant, tell: Tell) -> None:
        """End every override: it lasts one session at most.

        Raises
        ------
        JournalUnavailable
            As `judge`.
        """
        for watched in list(self._open.values()):
            if watched.breach.state is BreachState.OVERRIDDEN:
                tell(self._step(watched, BreachStep.EXPIRE, instant))

    def decide(self, decision: Decision, instant: Instant) -> list[Event]:
        """Carry out a person's decision, or refuse it with the reason.

        Raises
        ------
        DecisionRefused
            If it may not stand; nothing has happened then.
        """
        watched = self._entitled(decision, instant)
        breach = watched.breach
        changes = {
            DecisionKind.ACKNOWLEDGE: (BreachStep.ACKNOWLEDGE, 0),
            DecisionKind.SNOOZE: (BreachStep.SNOOZE, decision.until_ns),
            DecisionKind.OVERRIDE: (BreachStep.OVERRIDE, decision.until_ns),
        }
        step, until_ns = changes[decision.kind]
        try:
            state = state_after(breach.state, step)
        except IllegalTransition as refusal:
            raise DecisionRefused(f"{breach.breach_id}: {refusal}") from refusal
        changed = replace(
            breach,
            state=state,
            until_ns=until_ns,
            until_value=decision.until_value if decision.kind is DecisionKind.OVERRIDE else float("inf"),
            person=decision.person,
            reason=decision.reason or breach.reason,
        )
        self._write("decision", _decision_body(decision), instant, decision.person)
        event = self._change(watched, changed, instant)
        self._decided.add(decision.decision_id)
        return [event]

    def _entitled(self, decision: Decision, instant: Instant) -> _Watched:
        if decision.decision_id in self._decided:
            raise DecisionRefused("this decision was carried out already; nothing is done twice")
        if not decision.person:
            raise DecisionRefused("nobody signed this decision; set a name in the settings")
        watched = next((w for w in self._open.values() if w.breach.breach_id == decision.breach_id), None)
        if watched is None:
            raise DecisionRefused(f"{decision.breach_id} is closed; there is nothing to decide")
        if decision.kind is DecisionKind.OVERRIDE:
            if len(decision.reason.strip()) < SHORTEST_REASON:
                raise DecisionRefused(
                    f"the reason had {len(decision.reason.strip())} characters, "
                    f"expected at least {SHORTEST_REASON}"
                )
            if not decision.until_value > watched.breach.worst_value:
                raise DecisionRefused("the worse level must lie beyond the worst value so far")
        if (
            decision.kind is not DecisionKind.ACKNOWLEDGE
            and 0 < decision.until_ns <= instant.received_time_ns
        ):
            raise DecisionRefused("the time it should last until has passed already")
        if decision.kind is DecisionKind.SNOOZE and decision.until_ns == 0:
            raise DecisionRefused("a snooze needs an end")
        return watched

    def _over(
        self,
        limit: Limit,
        member: str,
        value: float,
        instant: Instant,
        evidence: EvidenceMaker,
        tell: Tell,
    ) -> None:
        watched = self._open.get((limit.limit_id, member))
        if watched is None:
            tell(self._raise(limit, member, value, instant, evidence))
            return
        watched.below_since_ns = 0
        breach = watched.breach
        if value > breach.worst_value:
            # The worst value alone is no step of its life: it is written with the next one.
            watched.breach = replace(breach, worst_value=value)
        if breach.state is BreachState.EASED:
            tell(self._step(watched, BreachStep.WORSEN, instant))
        elif breach.state is BreachState.OVERRIDDEN and value > breach.until_value:
            tell(self._step(watched, BreachStep.EXPIRE, instant))
            tell(self._raise(limit, member, value, instant, evidence))

    def _raise(
        self, limit: Limit, member: str, value: float, instant: Instant, evidence: EvidenceMaker
    ) -> Event:
        breach = Breach(
            breach_id=f"B-{self._n_raised + 1:04d}",
            limit=limit,
            member=member,
            state=BreachState.RAISED,
            value=value,
            worst_value=value,
            raised_exchange_ns=instant.exchange_time_ns,
            raised_received_ns=instant.received_time_ns,
            evidence=evidence.for_breach(limit, member),
        )
        self._write("breach_raised", body_of(breach), instant)
        self._n_raised += 1
        self._open[(limit.limit_id, member)] = _Watched(breach)
        return BreachRaised(breach, instant.received_time_ns)

    def _follow_open(self, instant: Instant, tell: Tell, *, has_ticks: bool) -> None:
        """Ease, close, wake and expire what is due."""
        now_ns = instant.received_time_ns
        for key, watched in list(self._open.items()):
            if watched.breach.state is BreachState.EASED and not watched.eased_ns:
                watched.eased_ns = now_ns  # restored: the cool-down is served again from here
            if has_ticks or watched.below_since_ns:
                self._time_below(key, watched, now_ns)
            step = self._step_due(watched, now_ns)
            while step is not None:
                tell(self._step(watched, step, instant))
                if step is BreachStep.EASE:
                    watched.eased_ns = now_ns
                step = self._step_due(watched, now_ns)

    def _step_due(self, watched: _Watched, now_ns: int) -> BreachStep | None:
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

    def _time_below(self, key: Key, watched: _Watched, now_ns: int) -> None:
        """Note since when the measure has been below its reset level."""
        if not self._is_below(key):
            watched.below_since_ns = 0
        elif not watched.below_since_ns:
            watched.below_since_ns = now_ns

    def _is_below(self, key: Key) -> bool:
        """Tell whether a measure is known, by fresh prices, to be below the reset level in force now."""
        for limit, reading in zip(self.limits, self.readings, strict=True):
            if limit.limit_id == key[0] and key[1] in reading.members:
                place = reading.members.index(key[1])
                value = float(reading.value[place])
                is_known = bool(np.isfinite(value) and reading.is_trusted[place])
                return is_known and limit.use_of(value) < limit.reset_fraction
        return False

    def _step(self, watched: _Watched, step: BreachStep, instant: Instant) -> Event:
        state = state_after(watched.breach.state, step)
        changed = replace(watched.breach, state=state, until_ns=0, until_value=float("inf"))
        return self._change(watched, changed, instant)

    def _change(self, watched: _Watched, changed: Breach, instant: Instant) -> Event:
        self._write("breach_changed", body_of(changed), instant, changed.person)
        watched.breach = changed
        if changed.state is BreachState.CLOSED:
            self._open.pop((changed.limit.limit_id, changed.member), None)
        return BreachChanged(changed)

    def _write(self, kind: str, body: Mapping[str, object], instant: Instant, person: str = "") -> None:
        self._journal.append(
            kind,
            body,
            exchange_time_ns=instant.exchange_time_ns,
            received_time_ns=instant.received_time_ns,
            person=person,
        )


def _status(limit: Limit, reading: LimitReading) -> LimitStatus:
    """Return where the worst member stands; unknown members outrank fine ones."""
    value = reading.value
    if not len(value):
        return LimitStatus(limit, "", float("nan"), float("nan"), LimitState.UNKNOWN, "nothing is held there")
    known = np.isfinite(value)
    all_known = bool(known.all())
    place = int(np.argmax(value)) if all_known else int(np.nanargmax(value)) if known.any() else 0
    state = limit.state_of(float(value[place]))
    if state is not LimitState.OVER and not (all_known and reading.is_trusted.all()):
        reason = reading.reason or "prices are stale"
        return LimitStatus(
            limit, reading.members[place], float(value[place]), float("nan"), LimitState.UNKNOWN, reason
        )
    use = limit.use_of(float(value[place]))
    return LimitStatus(limit, reading.members[place], float(value[place]), use, state)


def _decision_body(decision: Decision) -> dict[str, object]:
    return {
        "decision_id": decision.decision_id,
        "kind": str(decision.kind),
        "breach_id": decision.breach_id,
        "reason": decision.reason,
        "until_ns": decision.until_ns,
        "until_value": None if decision.until_value == float("inf") else decision.until_value,
        "decided_ns": decision.decided_ns,
    }
