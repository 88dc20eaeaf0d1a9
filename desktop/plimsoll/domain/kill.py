"""A kill: what is to be stopped, by whom, and how far it has come."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from plimsoll.domain.order import Order


class KillStep(StrEnum):
    """The steps of a kill, in their order; any of them may end in GIVEN_UP."""

    LATCHED = "latched"
    CANCELLED = "cancelled"
    FLATTENING = "flattening"
    FLAT = "flat"
    GIVEN_UP = "given_up"
    DRILLED = "drilled"
    RELEASED = "released"


ENDS = frozenset({KillStep.CANCELLED, KillStep.FLAT, KillStep.GIVEN_UP, KillStep.DRILLED, KillStep.RELEASED})
"""After these nothing more is done, but for CANCELLED where the kill is to flatten as well."""


@dataclass(frozen=True, slots=True)
class KillScope:
    """Which instruments a kill stops.

    Attributes
    ----------
    words : str
        As a person chose it: "the whole book", "all of equity", "AAPL.US".
    codes : frozenset of str or None
        The instruments; None for everything, known to this desk or not.
    """

    words: str
    codes: frozenset[str] | None = None

    def covers(self, code: str) -> bool:
        """Tell whether an instrument is stopped."""
        return self.codes is None or code in self.codes

    def overlaps(self, other: "KillScope") -> bool:
        """Tell whether both may stop the same instrument."""
        return self.codes is None or other.codes is None or bool(self.codes & other.codes)


WHOLE_BOOK = KillScope("the whole book")


@dataclass(frozen=True, slots=True)
class KillRequest:
    """A person pressed the switch.

    Attributes
    ----------
    kill_id : str
        Unique; the same request is carried out once.
    scope : KillScope
        What is stopped.
    person, reason : str
        Who, and why if they said.
    flattens : bool
        Whether what is held is closed once nothing works any more.
    is_drill : bool
        Whether all is written down and nothing is sent.
    asked_ns : int
        When, by the desk's clock.
    """

    kill_id: str
    scope: KillScope
    person: str
    reason: str
    flattens: bool
    is_drill: bool
    asked_ns: int


@dataclass(frozen=True, slots=True)
class HaltRelease:
    """A person lets orders pass again that a kill had stopped."""

    kill_id: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class KillRow:
    """One step of a kill, on the disk before it is told.

    Attributes
    ----------
    number : int
        Counts from 1 within the kill's own record; 0 where the record could not be written.
    request : KillRequest
        Whose step it is.
    step : KillStep
        What was done.
    words : str
        What a person reads of it.
    at_ns : int
        When, by the desk's clock.
    person : str
        Who did this step: the presser's name, or the releaser's.
    orders : tuple of Order
        Those that FLATTENING sends.
    """

    number: int
    request: KillRequest
    step: KillStep
    words: str
    at_ns: int
    person: str
    orders: tuple[Order, ...] = ()

    @property
    def is_end(self) -> bool:
        """Whether nothing more is done for this kill."""
        goes_on = self.step is KillStep.CANCELLED and self.request.flattens
        return self.step in ENDS and not goes_on


def standing_halts(rows: tuple[KillRow, ...]) -> tuple[KillRow, ...]:
    """Return the LATCHED rows that nobody has released, oldest first."""
    halts: dict[str, KillRow] = {}
    for row in rows:
        if row.step is KillStep.LATCHED and not row.request.is_drill:
            halts[row.request.kill_id] = row
        elif row.step is KillStep.RELEASED:
            halts.pop(row.request.kill_id, None)
    return tuple(halts.values())


def told_quantities(quantities: dict[str, Decimal], at_most: int = 8) -> str:
    """Return codes with their quantities as words; beyond `at_most` they are counted."""
    named = [f"{code} {quantity:+,f}" for code, quantity in sorted(quantities.items())]
    more = f" and {len(named) - at_most} more" if len(named) > at_most else ""
    return ", ".join(named[:at_most]) + more


def interrupted_kills(rows: tuple[KillRow, ...]) -> tuple[KillRequest, ...]:
    """Return the kills, drills aside, that began and have no end in `rows`: the desk died on the way."""
    last: dict[str, KillRow] = {row.request.kill_id: row for row in rows}
    return tuple(row.request for row in last.values() if not row.is_end and not row.request.is_drill)
