"""A breach: a limit was crossed, and what became of it.

Its life::

    RAISED ──escalate──▶ ESCALATED ──escalate──▶ ESCALATED (a level higher)
    RAISED, ESCALATED, SNOOZED ──acknowledge──▶ ACKNOWLEDGED
    RAISED, ESCALATED, ACKNOWLEDGED, SNOOZED ──snooze──▶ SNOOZED ──wake──▶ RAISED
    RAISED, ESCALATED, ACKNOWLEDGED, SNOOZED ──override──▶ OVERRIDDEN ──expire──▶ CLOSED (anew if still over)
    any open one ──ease──▶ EASED ──worsen──▶ RAISED
    EASED ──close──▶ CLOSED
    any open one ──supersede──▶ SUPERSEDED (a temporary limit stands in for its own)
    SUPERSEDED ──resume──▶ RAISED (that one ended, not safely under the line) or ──ease──▶ EASED (it is)
    any but a closed one ──withdraw──▶ CLOSED (its limit was removed)
    EASED, CLOSED ──file──▶ as it was (the incident has its cause and its resolution)

Snooze hides the dialog only. An override stays visible and counted, and ends by itself. Only what nobody has
answered escalates. A superseded breach stays in every list but is not counted as broken: the limit in force
is the temporary one, which raises its own. Answers given before do not outlast it: resumed, it asks anew.
"""

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.errors import IllegalTransition
from plimsoll.domain.incident import IncidentCause, Resolution
from plimsoll.domain.limit import Limit


class BreachState(StrEnum):
    """Where a breach stands in its life."""

    RAISED = "raised"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    OVERRIDDEN = "overridden"
    SUPERSEDED = "superseded"
    EASED = "eased"
    CLOSED = "closed"


class BreachStep(StrEnum):
    """What can happen to a breach."""

    ESCALATE = "escalate"
    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    WAKE = "wake"
    OVERRIDE = "override"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"
    RESUME = "resume"
    EASE = "ease"
    WORSEN = "worsen"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    FILE = "file"


_S = BreachState
UNANSWERED_STATES = frozenset({_S.RAISED, _S.ESCALATED})
"""Nobody has answered yet: these ask for a dialog, and escalate."""

OPEN_STATES = UNANSWERED_STATES | {_S.ACKNOWLEDGED, _S.SNOOZED, _S.OVERRIDDEN}
"""The limit counts as broken."""

_FROM: dict[BreachStep, tuple[frozenset[BreachState], BreachState]] = {
    BreachStep.ESCALATE: (UNANSWERED_STATES, _S.ESCALATED),
    BreachStep.ACKNOWLEDGE: (UNANSWERED_STATES | {_S.SNOOZED}, _S.ACKNOWLEDGED),
    BreachStep.SNOOZE: (OPEN_STATES - {_S.OVERRIDDEN}, _S.SNOOZED),
    BreachStep.WAKE: (frozenset({_S.SNOOZED}), _S.RAISED),
    BreachStep.OVERRIDE: (OPEN_STATES - {_S.OVERRIDDEN}, _S.OVERRIDDEN),
    BreachStep.EXPIRE: (frozenset({_S.OVERRIDDEN}), _S.CLOSED),
    BreachStep.SUPERSEDE: (OPEN_STATES, _S.SUPERSEDED),
    BreachStep.RESUME: (frozenset({_S.SUPERSEDED}), _S.RAISED),
    BreachStep.EASE: (OPEN_STATES | {_S.SUPERSEDED}, _S.EASED),
    BreachStep.WORSEN: (frozenset({_S.EASED}), _S.RAISED),
    BreachStep.CLOSE: (frozenset({_S.EASED}), _S.CLOSED),
    BreachStep.WITHDRAW: (OPEN_STATES | {_S.SUPERSEDED, _S.EASED}, _S.CLOSED),
}
TRANSITIONS: dict[tuple[BreachState, BreachStep], BreachState] = {
    **{(state, step): after for step, (states, after) in _FROM.items() for state in states},
    (_S.EASED, BreachStep.FILE): _S.EASED,
    (_S.CLOSED, BreachStep.FILE): _S.CLOSED,
}
"""The one table of a breach's life; what it does not name does not happen."""


def state_after(state: BreachState, step: BreachStep) -> BreachState:
    """Return where `step` leads from `state`.

    Raises
    ------
    IllegalTransition
        If it leads nowhere.
    """
    try:
        return TRANSITIONS[(state, step)]
    except KeyError:
        raise IllegalTransition(f"a breach that is {state} cannot {step}") from None


@dataclass(frozen=True, slots=True)
class Driver:
    """One instrument's part in the change that led to a breach.

    Attributes
    ----------
    code : str
        The instrument.
    change_base : float
        By how much it moved the measure; above zero is towards the line.
    why : str
        In words: ``"price −3.1 %"``.
    """

    code: str
    change_base: float
    why: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the desk knew when the limit was crossed; frozen with the breach.

    Attributes
    ----------
    times_ns, values : tuple
        The measure's course before the breach, by exchange time, oldest first.
    drivers : tuple of Driver
        The largest first.
    nav_base : float
        NAV at the breach.
    n_fresh, n_instruments : int
        How many of the held instruments had fresh prices.
    quality : str
        The quality of the data behind the figure, in words.
    """

    times_ns: tuple[int, ...] = ()
    values: tuple[float, ...] = ()
    drivers: tuple[Driver, ...] = ()
    nav_base: float = float("nan")
    n_fresh: int = 0
    n_instruments: int = 0
    quality: str = ""


@dataclass(frozen=True, slots=True)
class Breach:
    """One crossing of one limit.

    Attributes
    ----------
    breach_id : str
        Unique over the life of the journal, ``"B-0007"``.
    limit : Limit
        The limit as it stood.
    member : str
        Which member of the limit's scope; empty for the book.
    state : BreachState
        Where it stands.
    value : float
        The measure when it was raised, in the limit's unit.
    worst_value : float
        The worst since.
    raised_exchange_ns, raised_received_ns : int
        When, by the market and by the desk's clock.
    evidence : Evidence
        What was known then.
    until_ns : int
        End of a snooze or an override, on the desk's clock; 0 where there is none.
    until_value : float
        A worse level that ends an override early; infinite where there is none.
    person, reason : str
        Who decided last, and why.
    heard_ns : int
        When the crossing tick was received, at the earliest: that of the oldest tick of its batch; 0 unknown.
    asked_ns : int
        Since when it has asked for an answer, on the desk's clock: raised, woken or worsened; 0 in old rows.
    escalation : int
        How many levels it has climbed unanswered.
    cause_id : str
        The storm it belongs to: breaches of one cause share a card and a dialog; empty in rows of old.
    cause, resolution, comment : IncidentCause, Resolution, str
        How its incident was filed; None until then.
    """

    breach_id: str
    limit: Limit
    member: str
    state: BreachState
    value: float
    worst_value: float
    raised_exchange_ns: int
    raised_received_ns: int
    evidence: Evidence = Evidence()
    until_ns: int = 0
    until_value: float = float("inf")
    person: str = ""
    reason: str = ""
    heard_ns: int = 0
    asked_ns: int = 0
    escalation: int = 0
    cause_id: str = ""
    cause: IncidentCause | None = None
    resolution: Resolution | None = None
    comment: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the limit counts as broken now."""
        return self.state in OPEN_STATES

    @property
    def is_unanswered(self) -> bool:
        """Whether it still waits for somebody to decide."""
        return self.state in UNANSWERED_STATES

    @property
    def is_unfiled(self) -> bool:
        """Whether its incident is over and still lacks a cause; rows of old, without a storm, owe none."""
        return self.state is BreachState.CLOSED and bool(self.cause_id) and self.resolution is None

    @property
    def use_fraction(self) -> float:
        """The share of the limit used at the worst."""
        return self.limit.use_of(self.worst_value)

    @property
    def title(self) -> str:
        """The limit's name, and the member where the limit has many."""
        return f"{self.limit.name} · {self.member}" if self.member else self.limit.name
