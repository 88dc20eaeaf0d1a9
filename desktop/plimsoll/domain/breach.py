"""A breach: a limit was crossed, and what became of it.

Its life::

    RAISED ──acknowledge──▶ ACKNOWLEDGED
    RAISED, ACKNOWLEDGED ──snooze──▶ SNOOZED ──wake──▶ RAISED
    RAISED, ACKNOWLEDGED, SNOOZED ──override──▶ OVERRIDDEN ──expire──▶ CLOSED (and raised anew if still over)
    any open one ──ease──▶ EASED ──worsen──▶ RAISED
    EASED ──close──▶ CLOSED

Snooze hides the dialog only. An override stays visible and counted, and ends by itself.
"""

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.domain.errors import IllegalTransition
from plimsoll.domain.limit import Limit


class BreachState(StrEnum):
    """Where a breach stands in its life."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    OVERRIDDEN = "overridden"
    EASED = "eased"
    CLOSED = "closed"


class BreachStep(StrEnum):
    """What can happen to a breach."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    WAKE = "wake"
    OVERRIDE = "override"
    EXPIRE = "expire"
    EASE = "ease"
    WORSEN = "worsen"
    CLOSE = "close"


_S = BreachState
TRANSITIONS: dict[tuple[BreachState, BreachStep], BreachState] = {
    (_S.RAISED, BreachStep.ACKNOWLEDGE): _S.ACKNOWLEDGED,
    (_S.SNOOZED, BreachStep.ACKNOWLEDGE): _S.ACKNOWLEDGED,
    (_S.RAISED, BreachStep.SNOOZE): _S.SNOOZED,
    (_S.ACKNOWLEDGED, BreachStep.SNOOZE): _S.SNOOZED,
    (_S.SNOOZED, BreachStep.SNOOZE): _S.SNOOZED,
    (_S.SNOOZED, BreachStep.WAKE): _S.RAISED,
    (_S.RAISED, BreachStep.OVERRIDE): _S.OVERRIDDEN,
    (_S.ACKNOWLEDGED, BreachStep.OVERRIDE): _S.OVERRIDDEN,
    (_S.SNOOZED, BreachStep.OVERRIDE): _S.OVERRIDDEN,
    (_S.OVERRIDDEN, BreachStep.EXPIRE): _S.CLOSED,
    (_S.RAISED, BreachStep.EASE): _S.EASED,
    (_S.ACKNOWLEDGED, BreachStep.EASE): _S.EASED,
    (_S.SNOOZED, BreachStep.EASE): _S.EASED,
    (_S.OVERRIDDEN, BreachStep.EASE): _S.EASED,
    (_S.EASED, BreachStep.WORSEN): _S.RAISED,
    (_S.EASED, BreachStep.CLOSE): _S.CLOSED,
}
OPEN_STATES = frozenset({_S.RAISED, _S.ACKNOWLEDGED, _S.SNOOZED, _S.OVERRIDDEN})


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

    @property
    def is_open(self) -> bool:
        """Whether the limit counts as broken now."""
        return self.state in OPEN_STATES

    @property
    def title(self) -> str:
        """The limit's name, and the member where the limit has many."""
        return f"{self.limit.name} · {self.member}" if self.member else self.limit.name
