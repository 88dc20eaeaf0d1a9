"""A change of a limit, and whether it tightens or loosens: tighten now, loosen tomorrow."""

from dataclasses import dataclass, fields, replace
from enum import StrEnum

from plimsoll.domain.limit import Limit, Severity

LOOSENING_DELAY_S = 86_400.0
"""How long a loosening waits unless a second person confirms it."""

_WHAT_IT_IS = ("limit_id", "measure", "scope", "detail", "stands_in_for")
"""Two limits that differ in one of these are different limits: neither is the tighter one."""
_WORDS = ("name", "purpose", "owner", "next_review")
"""What says nothing about when it breaks."""
_SEVERITIES = tuple(Severity)


class ChangeState(StrEnum):
    """Where a change is on its way."""

    ACTED = "acted"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class LimitChange:
    """One change of one limit, as the journal keeps it.

    Attributes
    ----------
    change_id : str
        Unique.
    limit_id : str
        The limit it is about.
    person, reason : str
        Who wants it and why.
    before, after : Limit or None
        None before it was added; None after it was removed.
    at_once : Limit or None
        What stands while a loosening waits: the tightened part of it. Equal to `after` where nothing waits.
    proposed_ns, acts_ns : int
        When it was asked for and when all of it acts, on the desk's clock.
    state : ChangeState
        Pending only while a loosening waits.
    second_person, second_reason : str
        Who confirmed or cancelled it, and why.
    decided_ns : int
        When this state began.
    """

    change_id: str
    limit_id: str
    person: str
    reason: str
    before: Limit | None
    after: Limit | None
    at_once: Limit | None
    proposed_ns: int
    acts_ns: int
    state: ChangeState
    second_person: str = ""
    second_reason: str = ""
    decided_ns: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether a part of it has not acted yet."""
        return self.state is ChangeState.PENDING


def is_relief(stand_in: Limit, official: Limit | None) -> bool:
    """Tell whether a temporary limit allows anything that the official one does not."""
    if official is None:
        return False
    twin = replace(
        stand_in, limit_id=official.limit_id, stands_in_for=official.stands_in_for,
        effective_from=official.effective_from, effective_until=official.effective_until,
    )  # fmt: skip
    return tightened_part(official, twin) != twin


def tightened_part(before: Limit | None, after: Limit | None, official: Limit | None = None) -> Limit | None:
    """Return what of a change tightens or leaves strictness alone: that part may act at once.

    It equals `after` if and only if nothing of the change loosens.

    Parameters
    ----------
    before, after : Limit or None
        None where it does not stand.
    official : Limit or None
        The limit that `before` and `after` stand in for, if they do.
    """
    if before is None:
        return None if after is not None and is_relief(after, official) else after
    if after is None:
        return None if is_relief(before, official) else before
    if any(getattr(before, name) != getattr(after, name) for name in _WHAT_IT_IS):
        return before
    kept = {
        field.name: getattr(before, field.name)
        for field in fields(Limit)
        if field.name not in _FREE and _is_looser(field.name, before, after)
    }
    if _loosens_confirmation(before, after):
        kept |= {"confirm_updates": before.confirm_updates, "confirm_of": before.confirm_of}
    if _loosens_presence(before, after, official):
        kept |= {"effective_from": before.effective_from, "effective_until": before.effective_until}
    return replace(after, **kept)


_FREE = frozenset(
    (*_WHAT_IT_IS, *_WORDS, "confirm_updates", "confirm_of", "effective_from", "effective_until")
)


def _is_looser(name: str, before: Limit, after: Limit) -> bool:
    """Tell whether one figure of a limit moves to the loose side."""
    old, new = getattr(before, name), getattr(after, name)
    if name == "line" and before.measure.is_floor:
        return bool(new < old)
    if name == "severity":
        return _SEVERITIES.index(new) < _SEVERITIES.index(old)
    if name == "response":  # another response is another one: nobody can say that it is no weaker
        return bool(old) and new != old
    # A longer cool-down lets more crossings pass as the same breach.
    return bool(new > old)


def _loosens_confirmation(before: Limit, after: Limit) -> bool:
    """Tell whether more of the updates, or more of fewer, have to be beyond the line before it breaks."""
    if after.confirm_updates == 1:
        return False
    return after.confirm_updates > before.confirm_updates or after.confirm_of < before.confirm_of


def _loosens_presence(before: Limit, after: Limit, official: Limit | None) -> bool:
    """Tell whether a limit stands for less time, or a relief for more."""
    if is_relief(before, official) or is_relief(after, official):
        return after.from_ns < before.from_ns or after.until_ns > before.until_ns
    return after.from_ns > before.from_ns or after.until_ns < before.until_ns
