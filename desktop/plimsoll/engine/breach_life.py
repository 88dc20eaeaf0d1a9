"""The breaches of a book, each led along the one table of its life, journalled before anything is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from plimsoll.domain.breach import Breach, BreachState, BreachStep, Evidence, state_after
from plimsoll.domain.decision import Decision, DecisionKind
from plimsoll.domain.errors import DecisionRefused, IllegalTransition
from plimsoll.domain.limit import Limit
from plimsoll.engine.breach_record import body_of, breach_from, change_of, decision_body
from plimsoll.engine.decision_rule import STEP_OF, refuse_unfit
from plimsoll.engine.events import BreachChanged, BreachRaised
from plimsoll.engine.instant import Instant
from plimsoll.engine.line_board import Key
from plimsoll.engine.ports import Journal
from plimsoll.engine.storm import Storm

ENDLESS = float("inf")
_ASKS_ANEW = frozenset({BreachStep.WAKE, BreachStep.WORSEN, BreachStep.RESUME})


@dataclass(slots=True)
class Watched:
    """A breach that is not closed, and what its next step waits for.

    Attributes
    ----------
    breach : Breach
        As it stands.
    below_since_ns : int
        Since when its measure has been below the reset level, on the desk's clock; 0 while it is not.
    eased_ns : int
        When it eased; 0 for one that has not, or that did in an earlier session.
    looked_after_ns : int
        Until then time alone changes nothing: a storm of open breaches is not looked through every tick.
    """

    breach: Breach
    below_since_ns: int = 0
    eased_ns: int = 0
    looked_after_ns: int = 0


class BreachLife:
    """Raises breaches, takes their steps and carries out decisions on them.

    Attributes
    ----------
    watched : dict of Key to Watched
        The one breach of each key that is not closed.
    """

    def __init__(self, journal: Journal) -> None:
        self.watched: dict[Key, Watched] = {}
        self._journal = journal
        self._storm = Storm()
        self._n_raised = 0
        self._decided: set[str] = set()
        self._unfiled: dict[str, Breach] = {}
        self._newest_first: tuple[Breach, ...] | None = None

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """Those not closed, newest first."""
        if self._newest_first is None:
            rows = [watched.breach for watched in self.watched.values()]
            self._newest_first = tuple(sorted(rows, key=_age, reverse=True))
        return self._newest_first

    @property
    def unfiled(self) -> tuple[Breach, ...]:
        """Those closed whose incident nobody has filed, newest first."""
        return tuple(sorted(self._unfiled.values(), key=_age, reverse=True))

    def restore(self, kind: str, body: Mapping[str, Any]) -> Breach | None:
        """Take one journal row of an earlier session; return the breach if the row raised one."""
        if kind == "decision":
            self._decided.add(str(body.get("decision_id", "")))
            return None
        key = (body["limit"]["limit_id"], body["member"])
        held = self.watched.get(key)
        is_same = held is not None and held.breach.breach_id == body["breach_id"]
        breach = breach_from(body, held.breach.evidence if held is not None and is_same else None)
        self._keep(breach, Watched(breach))
        if kind != "breach_raised":
            return None
        self._n_raised += 1
        return breach

    def raise_breach(
        self, limit: Limit, member: str, value: float, instant: Instant, evidence: Evidence
    ) -> BreachRaised:
        """Raise a breach.

        Raises
        ------
        JournalUnavailable
            If it could not be written; nothing has happened then.
        """
        now_ns = instant.received_time_ns
        breach_id = f"B-{self._n_raised + 1:04d}"
        breach = Breach(
            breach_id=breach_id,
            limit=limit,
            member=member,
            state=BreachState.RAISED,
            value=value,
            worst_value=value,
            raised_exchange_ns=instant.exchange_time_ns,
            raised_received_ns=now_ns,
            evidence=evidence,
            heard_ns=instant.first_heard_ns,
            asked_ns=now_ns,
            cause_id=self._storm.cause_of(breach_id, now_ns),
        )
        self._write("breach_raised", body_of(breach), instant)
        self._storm.note_raised(breach.cause_id, now_ns)
        self._n_raised += 1
        self._keep(breach, Watched(breach))
        return BreachRaised(breach, breach.heard_ns)

    def note_worse(self, watched: Watched, value: float) -> None:
        """Remember the worst value: no step of its life by itself, it is written with the next one."""
        watched.breach = replace(watched.breach, worst_value=value)
        self._newest_first = None

    def escalate(self, watched: Watched, level: int, instant: Instant) -> BreachChanged:
        """Let an unanswered breach climb to a level.

        Raises
        ------
        JournalUnavailable
            As `raise_breach`.
        """
        state = state_after(watched.breach.state, BreachStep.ESCALATE)
        return self._change(watched, replace(watched.breach, state=state, escalation=level), instant)

    def withdraw(self, watched: Watched, reason: str, instant: Instant) -> BreachChanged:
        """Close a breach whose limit or member is no more, with that reason.

        Raises
        ------
        JournalUnavailable
            As `raise_breach`.
        """
        return self._take_away(watched, BreachStep.WITHDRAW, reason, instant)

    def supersede(self, watched: Watched, reason: str, instant: Instant) -> BreachChanged:
        """Lay an open breach aside while a temporary limit stands in for its own, with that reason.

        Raises
        ------
        JournalUnavailable
            As `raise_breach`.
        """
        event = self._take_away(watched, BreachStep.SUPERSEDE, reason, instant)
        watched.below_since_ns = 0  # nobody looks at its line until then
        return event

    def step(self, watched: Watched, step: BreachStep, instant: Instant) -> BreachChanged:
        """Take a step that time or the measure brings.

        Raises
        ------
        JournalUnavailable
            As `raise_breach`.
        """
        state = state_after(watched.breach.state, step)
        changed = replace(watched.breach, state=state, until_ns=0, until_value=ENDLESS)
        if step in _ASKS_ANEW:
            changed = replace(
                changed,
                asked_ns=instant.received_time_ns,
                escalation=0,
                cause=None,
                resolution=None,
                comment="",
            )
        event = self._change(watched, changed, instant)
        if step is BreachStep.EASE:
            watched.eased_ns = instant.received_time_ns
        return event

    def decide(self, decision: Decision, instant: Instant) -> BreachChanged:
        """Carry out a person's decision.

        Raises
        ------
        DecisionRefused
            If it may not stand; nothing has happened then.
        JournalUnavailable
            If it could not be written.
        """
        if decision.decision_id in self._decided:
            raise DecisionRefused("this decision was carried out already; nothing is done twice")
        watched = self._found(decision)
        refuse_unfit(decision, watched.breach, instant.received_time_ns)
        try:
            state = state_after(watched.breach.state, STEP_OF[decision.kind])
        except IllegalTransition as refusal:
            raise DecisionRefused(f"{decision.breach_id}: {refusal}") from refusal
        self._write("decision", decision_body(decision), instant, decision.person)
        event = self._change(watched, _decided(watched.breach, state, decision), instant)
        self._decided.add(decision.decision_id)
        return event

    def _found(self, decision: Decision) -> Watched:
        for watched in self.watched.values():
            if watched.breach.breach_id == decision.breach_id:
                return watched
        unfiled = self._unfiled.get(decision.breach_id)
        if unfiled is not None and decision.kind is DecisionKind.CLOSE_INCIDENT:
            return Watched(unfiled)
        raise DecisionRefused(f"{decision.breach_id} is closed; there is nothing to decide")

    def _take_away(self, watched: Watched, step: BreachStep, reason: str, instant: Instant) -> BreachChanged:
        """Take a step that no person decided because the limit is not in force."""
        state = state_after(watched.breach.state, step)
        changed = replace(
            watched.breach, state=state, until_ns=0, until_value=ENDLESS, person="", reason=reason
        )
        return self._change(watched, changed, instant)

    def _change(self, watched: Watched, changed: Breach, instant: Instant) -> BreachChanged:
        self._write("breach_changed", change_of(changed), instant, changed.person)
        watched.breach = changed
        watched.looked_after_ns = 0
        self._keep(changed, watched)
        return BreachChanged(changed)

    def _keep(self, breach: Breach, watched: Watched) -> None:
        """Hold the breach where its state belongs."""
        self._newest_first = None
        key = (breach.limit.limit_id, breach.member)
        if breach.state is not BreachState.CLOSED:
            self.watched[key] = watched
            return
        held = self.watched.get(key)
        # The incident of a closed breach may be filed while its successor is open.
        if held is not None and held.breach.breach_id == breach.breach_id:
            del self.watched[key]
        if breach.is_unfiled:
            self._unfiled[breach.breach_id] = replace(breach, evidence=Evidence())
        else:
            self._unfiled.pop(breach.breach_id, None)

    def _write(self, kind: str, body: Mapping[str, object], instant: Instant, person: str = "") -> None:
        self._journal.append(
            kind,
            body,
            exchange_time_ns=instant.exchange_time_ns,
            received_time_ns=instant.received_time_ns,
            person=person,
        )


def _age(breach: Breach) -> tuple[int, str]:
    """Return what orders breaches by number, beyond the four digits too."""
    return len(breach.breach_id), breach.breach_id


def _decided(breach: Breach, state: BreachState, decision: Decision) -> Breach:
    """Return the breach as a decision leaves it."""
    if decision.kind is DecisionKind.CLOSE_INCIDENT:
        return replace(
            breach,
            state=state,
            person=decision.person,
            cause=decision.cause,
            resolution=decision.resolution,
            comment=decision.comment.strip(),
        )
    is_acknowledged = decision.kind is DecisionKind.ACKNOWLEDGE
    return replace(
        breach,
        state=state,
        until_ns=0 if is_acknowledged else decision.until_ns,
        until_value=decision.until_value if decision.kind is DecisionKind.OVERRIDE else ENDLESS,
        person=decision.person,
        reason=decision.reason or breach.reason,
    )
